"""Points that may group thousands are said, where the feed doesn't tell what they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.formats.format import Block, Note
from crossdock.formats.lines.fixed import Rows
from crossdock.partners.feed import Feed
from crossdock.pipeline.staging.points import SEVERAL, Points
from tests.formats.test_headings import run
from tests.warehouse import HEADER, Warehouse, csv, house

PRICED = f"{HEADER},unitPrice"


def numbered(warehouse: Warehouse, quantities: list[str], keys: str = "", price: str = "1") -> list[str]:
    """What an import of orders of those quantities says of points."""
    rows = [f"SO-{place},1,AB,{each},{price}" for place, each in enumerate(quantities)]
    result = warehouse.run(csv(*rows, header=PRICED), warehouse.feed(keys))
    return [each["message"] for each in result.failures if each["code"] == "point_in_doubt"]


def test_a_thousand_that_is_read_as_one_is_said(warehouse: Warehouse) -> None:
    (sentence,) = numbered(warehouse, ["12", "1.000"])
    assert sentence.startswith(
        "the column 'quantity' has numbers such as 12 and 1.000: its points were read as decimal"
    )
    assert numbered(warehouse, ["1.000.000", "1.000"]) != []
    (sentence,) = numbered(warehouse, ["12", "1.234", "2.375", "48", "1.125"])
    assert "such as 12 and 1.234" in sentence


@pytest.mark.parametrize(
    ("quantities", "keys", "price"),
    [
        (["12.000", "1.000"], "", "1"),  # always three decimals
        (["12", "1.125"], "", "1"),  # as many decimals as are needed
        (["12", "1.234", "2.375", "1.234"], "", "1"),
        (["12", "1.234", "2.375", "1.125", "1.5"], "", "1"),
        (["1234", "1.000"], "", "1"),  # who groups digits, groups these
        (["0.250", "1.000", "3"], "", "1"),
        (["12", "1.000"], "", "1.5"),  # the file has decimals
        (["12", "1.000"], 'decimal = "."', "1"),
        (["12", "1.000"], 'decimal = ","\nthousands = "."', "1"),
    ],
)
def test_where_points_are_what_they_are_read_as_nothing_is_said(
    warehouse: Warehouse, quantities: list[str], keys: str, price: str
) -> None:
    assert numbered(warehouse, quantities, keys, price) == []


def test_number_cells_of_a_sheet_have_no_doubtful_points(warehouse: Warehouse) -> None:
    rows = [HEADER.split(","), ["SO-1", 1, "AB", 12], ["SO-2", 1, "AB", 1000.0]]
    assert "point_in_doubt" not in run(warehouse, rows, "xlsx", "").warnings


def test_a_feed_may_refuse_such_a_file(warehouse: Warehouse) -> None:
    of = warehouse.feed('severity = { point_in_doubt = "error" }')
    assert "may group thousands" in str(warehouse.run(csv("A,1,AB,1", "B,1,AB,1.000"), of).report.refused)


def noted(of: Feed, *blocks: list[str]) -> list[Note]:
    """What is said of a file of one column of quantities, which comes in those blocks."""
    points = Points(of, plain=False)
    sent = [block_of(rows) for rows in blocks]
    assert list(points.watch(sent)) == sent
    return points.notes


def block_of(rows: list[str]) -> Block:
    """Records of one column of quantities."""
    records = Rows()
    records.cells, records.lines, records.faults = [[row] for row in rows], list(range(len(rows))), [None] * len(rows)
    return records.block(["quantity"])


@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=30), st.integers(1, 7))
def test_of_groups_in_a_file_the_same_is_said_wherever_blocks_are_cut(numbers: list[int], size: int) -> None:
    texts = [f"{each:,}".replace(",", ".") for each in numbers]
    of = house("sales_order")
    whole = noted(of, texts)
    assert noted(of, *(texts[at : at + size] for at in range(0, len(texts), size))) == whole
    zeros = any(each >= 1_000 and each % 10 == 0 for each in numbers)
    several = len({each for each in numbers if each >= 1_000}) >= SEVERAL
    assert bool(whole) == ((zeros or several) and min(numbers) < 1_000)
