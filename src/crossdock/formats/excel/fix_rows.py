"""The rows of a fix-workbook that comes back, with the faults in their marks.

A row is recognised by its cells first, and by the mark beside it only then: so rows that were sorted without their
marks keep the faults that their cells don't show.
"""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from crossdock.failures.catalogue import HOLDS, RECORD_CODES
from crossdock.formats.fix_stamp import Mark, Stamp, fingerprint, mark_of
from crossdock.formats.format import Block, cells_of

STRANGE = "row_of_another_fix"
"""The fault of a row that was copied out of another fix-workbook: its mark means another file's record."""


def returned(
    block: Block,
    marks: Sequence[str],
    problems: Sequence[str],
    numbers: Sequence[Container[str]],
    stamp: Stamp,
    *,
    nested: bool,
) -> Block:
    """The same records, with the faults that their cells don't show and nobody has corrected.

    ``marks``, ``problems``: the texts of our two columns, one per record; an emptied problem means that the row is
    right. ``numbers``: of each record, the headings of ids that are numbers in the sheet. ``nested``: the first file
    had objects that show by themselves which rows belong together.
    """
    columns = {name: block.cells.column(name).to_pylist() for name in block.cells.column_names}
    rows = [{name: columns[name][place] for name in columns} for place in range(len(block.lines))]
    prints = [fingerprint(row.get(name) for name in stamp.headings) for row in rows]
    own_marks = _row_marks([mark_of(text) for text in marks], prints)
    faults, details = block.faults.to_pylist(), block.details.to_pylist()
    for place, mark in enumerate(own_marks):
        if mark is not None and mark.job not in ("", stamp.job):
            faults[place], details[place] = STRANGE, json.dumps({"job": mark.job})
            own_marks[place] = None
    spoiled = [json.loads(each) if each else {} for each in _texts(block.spoiled, len(rows))]
    blamed: dict[int, int] = {}
    for place, mark in enumerate(own_marks):
        if mark is None:
            continue
        for heading, text in mark.without_zeros(rows[place], numbers[place]).items():
            spoiled[place].setdefault(heading, ("zeros_put_back", {"number": rows[place][heading]}))
            rows[place][heading] = columns[heading][place] = text
        cleared = problems[place].strip() == ""
        untouched = mark.was == prints[place] and not cleared
        spoiled[place] |= {} if cleared else mark.hidden(rows[place], untouched=untouched)
        if mark.fault and untouched and mark.fault[0] in RECORD_CODES:
            faults[place], details[place] = mark.fault
        if faults[place] or stamp.number in spoiled[place] or not (rows[place].get(stamp.number) or "").strip():
            blamed[mark.line] = int(block.lines[place])
    return replace(
        block,
        cells=cells_of({name: pa.array(column, pa.string()) for name, column in columns.items()}, len(rows)),
        objects=_objects(own_marks, [row.get(stamp.number) for row in rows]) if nested else block.objects,
        faults=pa.array(faults, pa.string()),
        details=pa.array(details, pa.string()),
        spoiled=pa.array([json.dumps(each, ensure_ascii=False) if each else None for each in spoiled], pa.string()),
        origins=np.array([mark.document if mark else 0 for mark in own_marks], dtype=np.int64),
        held=tuple(
            (place, mark.held[0], blamed[mark.held[1]])
            for place, mark in enumerate(own_marks)
            if mark and mark.held and mark.held[0] in HOLDS and mark.held[1] in blamed
        ),
    )


def _texts(column: pa.Array | None, size: int) -> list[str | None]:
    texts: list[str | None] = [None] * size if column is None else column.to_pylist()
    return texts


def _row_marks(marks: list[Mark | None], prints: list[str]) -> list[Mark | None]:
    """The mark of each row: that of a row with the same cells, else the one beside it. ``prints``: fingerprints."""
    by_print = {mark.was: mark for mark in marks if mark is not None}
    return [
        mark if mark is not None and mark.was == own else by_print.get(own, mark)
        for mark, own in zip(marks, prints, strict=True)
    ]


def _objects(marks: Sequence[Mark | None], numbers: Sequence[str | None]) -> np.ndarray:
    """The object of the first file of each row, int64; an inserted row is part of the object above it.

    A row with another number than its object's first row is part of no object (0).
    """
    first: dict[int, str] = {}
    objects, last = [], 0
    for mark, cell in zip(marks, numbers, strict=True):
        number = (cell or "").strip()
        if mark is not None:
            last = mark.document if mark.nested else -mark.document
        own = first.setdefault(last, number)
        objects.append(0 if number and number != own else last)
    return np.array(objects, dtype=np.int64)
