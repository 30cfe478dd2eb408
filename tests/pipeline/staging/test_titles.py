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
        message
        == "the row is a title, a total or an explanation of the columns, and no record: The customer's order (leave it out)"
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
        ([ORDER, ",,AB-7,,,"], DATED, [(3, "customerLineNumber", "missing"), (3, "customerOrderNumber", "blank_key"), (3, "quantity", "missing")]),
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


POSITIONAL = "customerOrderNumber,skuId,quantity,shipTo.name"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("word", ["Total", "Summe:", "Subtotal", "Razem", "合計"])
def test_a_total_in_the_column_of_items_is_no_line(warehouse: Warehouse, word: str, kind: str) -> None:
    """Without numbers of lines it was one more line, and the goods were ordered twice."""
    rows = [POSITIONAL, "SO-1,A,5,Ann", "SO-1,B,6,", f"SO-1,{word},11,Ann", "SO-2,C,6,Bo", f"SO-2,{word},6.00,"]
    result = run(warehouse, [each.split(",") for each in rows], kind, "")
    assert result.errors == [(4, "", "no_record"), (6, "", "no_record")]
    (setting,) = {each["setting"] for each in result.failures if each["code"] == "no_record"}
    assert setting == f'skip.skuId = ["{word}"]'
    feed = warehouse.feed(f'skip = {{ skuId = ["{word}"] }}')
    assert warehouse.run(csv(*rows[1:], header=POSITIONAL), feed, name="again.csv").report.verdict == "ACCEPTED"
    assert [line[0] for line in warehouse.lines("SO-1").values()] == ["A", "B"]


@pytest.mark.parametrize("keys", ["", 'blank_key = "above"'])
def test_a_total_in_the_column_of_items_without_a_number_is_left_out(warehouse: Warehouse, keys: str) -> None:
    rows = ["SO-1,A,5,Ann", "SO-1,B,6,", ",Total,11,", "SO-2,C,6,Bo", ",Total,6,"]
    result = warehouse.run(csv(*rows, header=POSITIONAL), warehouse.feed(keys))
    assert (result.errors, result.report.books.ignored) == ([], 2), result.text
    assert [line[0] for line in warehouse.lines("SO-1").values()] == ["A", "B"]


def test_an_item_that_is_called_so_is_a_line_where_it_is_no_sum(warehouse: Warehouse) -> None:
    rows = ["SO-1,A,5,Ann", "SO-1,Total,3,Ann", "SO-2,Total,6,Bo"]
    assert warehouse.run(csv(*rows, header=POSITIONAL)).errors == []
    assert [line[0] for line in warehouse.lines("SO-1").values()] == ["A", "Total"]


@pytest.mark.parametrize("title", [",,Restposten,", ",,,Rest of the week", ",Zweite Lieferung,,"])
def test_a_title_below_another_heading_than_the_first_fails_once(warehouse: Warehouse, title: str) -> None:
    """It was a blank number, a missing line number and a missing quantity."""
    content = csv("SO-1,1,AB,5", title, "SO-2,1,AC,6")
    result = warehouse.run(content)
    assert result.errors == [(3, "", "no_record")]
    assert warehouse.order_numbers() == ["SO-2"], "the row may be a part of SO-1"
    (setting,) = {each["setting"] for each in result.failures if each["code"] == "no_record"}
    warehouse.run(content, warehouse.feed(setting))
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]


def test_a_text_below_a_number_is_no_title_where_the_feed_says_what_that_means(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("SO-1,1,AB,5", ",,Widget,"), warehouse.feed('blank_key = "above"'))
    assert "no_record" not in [code for _, _, code in result.errors]
