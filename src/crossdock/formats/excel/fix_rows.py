"""A fix-workbook comes back: its rows under what their marks say of them.

A row is known by what it says before it is known by the mark beside it, so that rows which were sorted without their
marks keep the faults that their cells don't show.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from crossdock.failures.catalogue import HOLDS, RECORD_CODES
from crossdock.formats.fix_stamp import Mark, Stamp, fingerprint, mark_of
from crossdock.formats.format import Block


def returned(block: Block, marks: Sequence[str], problems: Sequence[str], stamp: Stamp, *, nested: bool) -> Block:
    """The same records, with the faults that their cells don't show and nobody mended.

    ``problems``: what stands in the column that says what is wrong; whoever empties it says that a row is right.
    ``nested``: the very first file had objects that say by themselves which rows belong together.
    """
    columns = {name: block.cells.column(name).to_pylist() for name in block.cells.column_names}
    rows = [{name: columns[name][place] for name in columns} for place in range(len(block.lines))]
    prints = [fingerprint(row.get(name) for name in stamp.headings) for row in rows]
    known = _own([mark_of(text) for text in marks], prints)
    faults, details = block.faults.to_pylist(), block.details.to_pylist()
    spoiled = [json.loads(each) if each else {} for each in _texts(block.spoiled, len(rows))]
    blamed: dict[int, int] = {}
    for place, mark in enumerate(known):
        if mark is None:
            continue
        said_right = problems[place].strip() == ""
        untouched = mark.was == prints[place] and not said_right
        spoiled[place] |= {} if said_right else mark.hidden(rows[place], untouched=untouched)
        if mark.fault and untouched and mark.fault[0] in RECORD_CODES:
            faults[place], details[place] = mark.fault
        if faults[place] or stamp.number in spoiled[place] or not (rows[place].get(stamp.number) or "").strip():
            blamed[mark.line] = int(block.lines[place])
    return replace(
        block,
        objects=_objects(known, [row.get(stamp.number) for row in rows]) if nested else block.objects,
        faults=pa.array(faults, pa.string()),
        details=pa.array(details, pa.string()),
        spoiled=pa.array([json.dumps(each, ensure_ascii=False) if each else None for each in spoiled], pa.string()),
        origins=np.array([mark.document if mark else 0 for mark in known], dtype=np.int64),
        held=tuple(
            (place, mark.held[0], blamed[mark.held[1]])
            for place, mark in enumerate(known)
            if mark and mark.held and mark.held[0] in HOLDS and mark.held[1] in blamed
        ),
    )


def _texts(column: pa.Array | None, size: int) -> list[str | None]:
    found: list[str | None] = [None] * size if column is None else column.to_pylist()
    return found


def _own(marks: list[Mark | None], prints: list[str]) -> list[Mark | None]:
    """The mark of each row: of the row that said the same, else the one beside it."""
    by_print = {mark.was: mark for mark in marks if mark is not None}
    return [
        mark if mark is not None and mark.was == said else by_print.get(said, mark)
        for mark, said in zip(marks, prints, strict=True)
    ]


def _objects(marks: Sequence[Mark | None], numbers: Sequence[str | None]) -> np.ndarray:
    """Which rows were one object of the very first file; a row that was put in is part of the one above it.

    A row that bears another number than its object's first row is a row of its own number.
    """
    first: dict[int, str] = {}
    objects, last = [], 0
    for mark, given in zip(marks, numbers, strict=True):
        number = (given or "").strip()
        if mark is not None:
            last = mark.document if mark.nested else -mark.document
        own = first.setdefault(last, number)
        objects.append(0 if number and number != own else last)
    return np.array(objects, dtype=np.int64)
