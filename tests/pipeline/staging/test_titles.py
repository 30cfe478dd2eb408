"""Titles of sections, and a second row of headings that explains them, fail once, as what they are."""

from __future__ import annotations

import pytest

from tests.formats.test_headings import run
from tests.warehouse import HEADER, Warehouse, csv

DATED = f"{HEADER},orderDropDate,shipTo.name"
EXPLAINED = "The customer's order,Line of the order,Item (30 characters),How many,dd/mm/yyyy,Recipient"
ORDER = "SO-1,1,AB,5,2026-11-30,Ann"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_row_that_explains_the_columns_fails_once(warehouse: Warehouse, kind: str) -> None:
    """As TikTok Shop and Amazon write it below the headings of their templates."""
    rows = [DATED.split(","), EXPLAINED.split(","), ORDER.split(",")]
    result = run(warehouse, rows, kind, "")
    assert result.errors == [(2, "", "no_record")]
    (message,) = [each["message"] for each in result.failures if each["code"] == "no_record"]
    assert (
        message == "the row is a title or explains the columns, and is no record: The customer's order (leave it out)"
    )
    assert warehouse.order_numbers() == ["SO-1"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_title_among_records_fails_once_and_holds_nothing_else(warehouse: Warehouse, kind: str) -> None:
    rows = [DATED.split(","), ["Orders"], ORDER.split(","), ["Retouren"], ["SO-2", *ORDER.split(",")[1:]]]
    whole = [[*each, *[""] * (6 - len(each))] for each in rows]
    result = run(warehouse, whole, kind, "")
    assert result.errors == [(2, "", "no_record"), (4, "", "no_record")]
    assert (result.report.books.loaded, result.report.books.failed) == (2, 2)
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]


def test_a_feed_may_leave_them_out(warehouse: Warehouse) -> None:
    content = csv(EXPLAINED, ORDER, "Retouren,,,,,", header=DATED)
    keys = 'skip = { customerOrderNumber = ["The customer\'s order", "Retouren"] }'
    result = warehouse.run(content, warehouse.feed(keys))
    assert result.report.verdict == "ACCEPTED"
    assert result.report.books.ignored == 2


@pytest.mark.parametrize(
    ("rows", "header", "errors"),
    [
        (["SO-8,1,AB,x,,", ORDER], DATED, [(2, "quantity", "not_a_number")]),  # it has the number of an order
        (["ALPHA,1,AB,n/a,,", ORDER], DATED, [(2, "quantity", "not_a_number")]),
        ([ORDER, "ALPHA,1,AB,many,,"], DATED, [(3, "quantity", "not_a_number")]),  # it is not the first
        (["ALPHA,,,,,", "ALPHA,1,AB,5,,"], DATED, []),  # a row of the header's values only
        ([ORDER, "SO-9,,,,,"], DATED, [(3, "", "no_lines")]),
        (["Total,,,,,", ORDER], DATED, []),
        ([ORDER, ",,Retouren,,,"], DATED, [(3, "customerLineNumber", "missing"), (3, "customerOrderNumber", "blank_key"), (3, "quantity", "missing")]),
    ],
)  # fmt: skip
def test_what_may_be_an_order_is_none(
    warehouse: Warehouse, rows: list[str], header: str, errors: list[tuple[int, str, str]]
) -> None:
    assert sorted(warehouse.run(csv(*rows, header=header)).errors) == errors


def test_the_numbers_alone_of_what_is_cancelled_are_no_titles(warehouse: Warehouse) -> None:
    warehouse.run(csv("ALPHA,1,AB,5,,", header=DATED))
    feed = warehouse.feed('[feed.defaults]\naction = "cancel"\n')
    result = warehouse.run(csv("ALPHA,,,,,", header=DATED), feed)
    assert result.errors == []
