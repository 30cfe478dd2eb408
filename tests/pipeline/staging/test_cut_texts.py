"""Torn rows that are the rest of a text, and torn rows that are rows."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from crossdock.formats.format import Block
from crossdock.pipeline.staging.cut_texts import TORN, CutTexts

WIDTH = 3


def block(*rows: str, fault: str = TORN, nested: bool = False) -> Block:
    """Rows of three columns; one of another width has that fault."""
    cells = [row.split(",") for row in rows]
    padded = [(row + [None] * WIDTH)[:WIDTH] for row in [[each or None for each in row] for row in cells]]
    torn = [len(row) != WIDTH for row in cells]
    return Block(
        cells=pa.table({str(at): pa.array([row[at] for row in padded], pa.string()) for at in range(WIDTH)}),
        lines=np.arange(len(rows)),
        objects=np.full(len(rows), int(nested)),
        faults=pa.array([fault if each else None for each in torn], pa.string()),
        details=pa.array(
            [json.dumps({"found": len(row), "expected": WIDTH}) if each else None
             for row, each in zip(cells, torn, strict=True)], pa.string()
        ),
    )  # fmt: skip


def rests(of: Block, cut_texts: CutTexts | None = None) -> list[int]:
    torn = np.array([each is not None for each in of.faults.to_pylist()], dtype=bool)
    return np.flatnonzero((cut_texts or CutTexts()).rests(of, of.cells.column(0).combine_chunks(), torn)).tolist()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("SO-1,a,leave it", "back door", "SO-2,a,b"), [1]),
        (("SO-1,a,leave it", "at the back,left", "SO-2,a,b"), [1]),  # a number with blanks among others without
        (("SO-1,a,", "at the back,left", "SO-2,a,b"), []),  # above it nothing is cut
        (("SO-1,a,b", "SO-2,a", "SO-3,a,b"), []),  # its number looks like theirs
        (("SO-1,a,b", "at the back,left,c,d", "SO-2,a,b"), []),  # it has more cells
        (("SO-1,a,b", "SO-2,a,b"), []),
        ((), []),
    ],
)
def test_what_is_the_rest_of_a_text(rows: tuple[str, ...], expected: list[int]) -> None:
    assert rests(block(*rows)) == expected


def test_the_row_above_may_be_in_the_block_before() -> None:
    cut_texts = CutTexts()
    assert rests(block("SO-1,a,leave it"), cut_texts) == []
    assert rests(block("at the back,left", "SO-2,a,b"), cut_texts) == [0]


def test_only_torn_rows_of_a_table_are_looked_at() -> None:
    rows = ("SO-1,a,leave it", "at the back,left", "SO-2,a,b")
    assert rests(block(*rows, fault="line_too_long")) == []
    assert rests(block(*rows, nested=True)) == []
