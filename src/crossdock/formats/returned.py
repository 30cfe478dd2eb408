"""A fix-workbook comes back: its rows under what their marks say of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from crossdock.model import Block
from crossdock.stamp import Mark, Stamp, fingerprint, mark_of


class Returned:
    """What a fix-workbook's rows were."""

    def __init__(self, stamp: Stamp) -> None:
        self._stamp = stamp
        self._object = 0

    def block(self, block: Block, marks: Sequence[str]) -> Block:
        """The same records: those that nobody touched have the faults that their cells don't show."""
        known = [mark_of(text) for text in marks]
        rows = list(zip(*(column.to_pylist() for column in block.cells.columns), strict=True))
        faults, details = block.faults.to_pylist(), block.details.to_pylist()
        stretches = []
        for place, mark in enumerate(known):
            if mark is None or not mark.problem or mark.was != fingerprint(rows[place]):
                continue
            faults[place] = "not_mended"
            details[place] = json.dumps({"problem": mark.problem}, ensure_ascii=False)
            if mark.until:
                inside = [at for at, other in enumerate(known) if other and mark.line <= other.line <= mark.until]
                stretches.append((int(block.lines[place]), int(block.lines[inside[-1]])))
        return replace(
            block,
            objects=self._objects(known) if self._stamp.format == "json" else block.objects,
            faults=pa.array(faults, pa.string()),
            details=pa.array(details, pa.string()),
            stretches=tuple(stretches),
            origins=np.array([mark.document if mark else 0 for mark in known], dtype=np.int64),
        )

    def _objects(self, marks: Sequence[Mark | None]) -> np.ndarray:
        """Which rows were one object of a JSON file; a row that was put in is part of the one above it."""
        objects = []
        for mark in marks:
            if mark is not None:
                self._object = mark.document if mark.nested else -mark.document
            objects.append(self._object)
        return np.array(objects, dtype=np.int64)
