"""Which rows of a block are meant."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.failures.refusals import Refused
from crossdock.formats.format import Block
from crossdock.pipeline.staging.row_selection import RowSelection
from tests.pipeline.staging.test_grouping import block
from tests.sent import HEADER, feed


def meant(*blocks: Block, **keys: Any) -> list[int]:
    """The lines of the rows that stay."""
    return [
        line for each in RowSelection(feed(**keys), plain=False).meant(iter(blocks)) for line in each.lines.tolist()
    ]


@pytest.mark.parametrize(
    ("keys", "lines"),
    [
        ({"skip": {"skuId": "ab"}}, [3, 4, 5]),
        ({"skip": {"skuId": "A*"}}, [4, 5]),
        ({"skip": {"skuId": ""}}, [2, 3, 4]),
        ({"skip": {"skuId": "?B", "quantity": "> 7"}}, [3, 5]),
        ({"only": {"skuId": ["AB", "AC"]}}, [2, 3]),
        ({"only": {"skuId": "A*", "quantity": "!= 5"}}, [3]),
        ({"skip": {"quantity": ["< 1", "= 8"]}}, [2, 3]),
        ({"only": {"skuId": "A*"}, "skip": {"quantity": "<= 5"}}, [3]),
        ({}, [2, 3, 4, 5]),
    ],
)
def test_rules_leave_rows_out(keys: dict[str, Any], lines: list[int]) -> None:
    rows = block("SO-1,1,AB,5", "SO-2,1,AC,6", "SO-3,1,BB,8", "SO-4,1,,0")
    assert meant(rows, **keys) == lines


def test_a_rule_needs_its_column() -> None:
    with pytest.raises(Refused, match="no column 'state'"):
        meant(block("SO-1,1,AB,5"), only={"state": "paid"})


def test_a_documents_rows_stay_together() -> None:
    header = f"{HEADER},state"
    first, second = (
        block("SO-1,1,AB,5,paid", header=header),
        block("SO-1,2,AB,5,", "SO-2,1,AB,5,", first=3, header=header),
    )
    assert meant(first, second, only={"state": "paid"}) == [2, 3]


def test_two_blocks_are_one_and_a_part_is_a_part() -> None:
    one = block("SO-1,1,AB,5", spoiled={0: {"skuId": ("date_in_id", {})}}, held=((0, "beside_torn_line", 9),))
    other = block("SO-2,1,AC,6", "SO-3,1,AC,6", first=3, torn=".x", held=((1, "beside_torn_line", 9),), blank=2)
    whole = one.followed_by(other)
    assert (whole.lines.tolist(), whole.blank, whole.held) == (
        [2, 3, 4], 2, ((0, "beside_torn_line", 9), (2, "beside_torn_line", 9)),
    )  # fmt: skip
    assert whole.spoiled_codes("skuId") == {0: "date_in_id"}
    last = whole.taken(whole.lines[2:] - 2)
    assert (last.lines.tolist(), last.faults.to_pylist(), last.held) == (
        [4],
        ["torn_row"],
        ((0, "beside_torn_line", 9),),
    )
    before, behind = whole.cut(1)
    assert (before.lines.tolist(), before.blank, before.held) == ([2], 2, ((0, "beside_torn_line", 9),))
    assert (behind.lines.tolist(), behind.blank, behind.held) == ([3, 4], 0, ((1, "beside_torn_line", 9),))


def test_what_a_block_counts_is_counted_once() -> None:
    blocks = [
        block("SO-1,1,AB,5", "SO-2,1,AB,5", blank=2),
        block("SO-2,2,GIFT,5", "SO-3,1,AB,5", first=4, blank=3, ignored=1),
    ]
    selected = list(RowSelection(feed(skip={"skuId": "GIFT"}), plain=False).meant(iter(blocks)))
    assert [sum(each) for each in zip(*((block.blank, block.ignored) for block in selected), strict=True)] == [5, 2]
    assert [line for each in selected for line in each.lines.tolist()] == [2, 3, 5]
