"""``cancel`` of a feed: a status that means that an order, or a line of it, is cancelled."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reports.excel.test_fix_workbook import corrected
from tests.warehouse import HEADER, Warehouse, csv

STATE = f"{HEADER},state"
RULE = 'cancel = { state = ["voided", "refund*"] }\n'
NIGHTS = itertools.count(100)
FIRST = ["S-1,1,A,1,paid", "S-1,2,B,2,paid", "S-2,1,C,3,paid"]


def standing(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.rows(
        "SELECT customer_order_number, sales_orders.state, customer_line_number, sales_order_lines.state "
        "FROM sales_orders JOIN sales_order_lines USING (business_unit_id, customer_order_number) ORDER BY 1, 3"
    )


def lines(warehouse: Warehouse) -> dict[str, str]:
    """Number/line → the line's state; a document's where it is cancelled."""
    return {
        f"{number}/{line.lstrip('0')}": of_line if state != "CANCELLED" else state
        for number, state, line, of_line in standing(warehouse)
    }


def test_an_order_is_cancelled_if_each_of_its_lines_says_so_else_the_lines_that_say_it(warehouse: Warehouse) -> None:
    feed = warehouse.feed(RULE)
    warehouse.run(csv(*FIRST, header=STATE), feed)
    result = warehouse.run(
        csv("S-1,1,A,1,Refunded", "S-1,2,B,2,paid", "S-2,1,C,3,voided", header=STATE), feed, name="orders_2.csv"
    )
    assert result.errors == []
    assert lines(warehouse) == {"S-1/1": "CANCELLED", "S-1/2": "OPEN", "S-2/1": "CANCELLED"}
    assert [each[1] for each in standing(warehouse)] == ["OPEN", "OPEN", "CANCELLED"]
    assert (result.report.books.read, result.report.books.ignored) == (3, 0)
    assert result.report.documents.cancelled == 1


def test_a_status_on_the_first_row_cancels_the_order_even_if_only_names_other_orders(warehouse: Warehouse) -> None:
    feed = warehouse.feed(f'{RULE}only = {{ state = "paid" }}\n')
    warehouse.run(csv(*FIRST, header=STATE), feed)
    rows = ["S-1,1,A,1,voided", "S-1,2,B,2,", "S-2,1,C,3,pending"]
    result = warehouse.run(csv(*rows, header=STATE), feed, name="orders_2.csv")
    assert lines(warehouse) == {"S-1/1": "CANCELLED", "S-1/2": "CANCELLED", "S-2/1": "OPEN"}, "S-2 stays as it is"
    assert result.report.books.ignored == 1


def test_a_row_that_skip_names_does_not_count(warehouse: Warehouse) -> None:
    feed = warehouse.feed(f'{RULE}skip = {{ skuId = "GIFT" }}\n')
    warehouse.run(csv(*FIRST, header=STATE), feed)
    rows = ["S-2,1,C,3,voided", "S-2,2,GIFT,1,paid"]
    warehouse.run(csv(*rows, header=STATE), feed, name="orders_2.csv")
    assert lines(warehouse)["S-2/1"] == "CANCELLED"


def test_a_row_with_values_of_the_header_only_is_no_line(warehouse: Warehouse) -> None:
    feed = warehouse.feed(RULE)
    warehouse.run(csv(*FIRST, header=STATE), feed)
    result = warehouse.run(csv("S-2,,,,paid", "S-2,1,C,3,voided", header=STATE), feed, name="orders_2.csv")
    assert (result.errors, lines(warehouse)["S-2/1"]) == ([], "CANCELLED")


@pytest.mark.parametrize(
    ("state", "of_lines", "cancelled"),
    [("voided", ["x", "x"], ["S-1/1", "S-1/2"]), ("open", ["voided", "x"], ["S-1/1"]),
     ("open", ["voided", "voided"], ["S-1/1", "S-1/2"]), ("open", ["x", "x"], [])],
)  # fmt: skip
def test_objects(warehouse: Warehouse, state: str, of_lines: list[str], cancelled: list[str]) -> None:
    feed = warehouse.feed('cancel = { state = "voided", "orderLines.state" = "voided" }\n')

    def order(state: str, of_lines: list[str]) -> str:
        inside = [
            {"customerLineNumber": str(number), "skuId": "A", "quantity": 1, "state": each}
            for number, each in enumerate(of_lines, 1)
        ]
        return json.dumps([{"customerOrderNumber": "S-1", "state": state, "orderLines": inside}])

    warehouse.run(order("open", ["x", "x"]), feed, name="orders.json")
    assert not warehouse.run(order(state, of_lines), feed, name="orders_2.json").errors
    assert [name for name, each in lines(warehouse).items() if each == "CANCELLED"] == cancelled


def test_what_was_never_stored_is_a_failure_that_the_feed_may_lower(warehouse: Warehouse) -> None:
    content = csv("S-9,1,A,1,voided", header=STATE)
    assert warehouse.run(content, warehouse.feed(RULE)).errors == [(2, "", "unknown_to_cancel")]
    lowered = warehouse.feed(f'{RULE}severity = {{ unknown_to_cancel = "warning" }}\n')
    assert warehouse.run(content, lowered, name="orders_2.csv").errors == []


def test_a_fix_workbook_cancels_by_the_same_rule(warehouse: Warehouse) -> None:
    feed = warehouse.feed(RULE)
    warehouse.run(csv(*FIRST, header=STATE), feed)
    content = csv("S-1,1,A,x,paid", "S-1,2,B,2,refunded", header=STATE)
    failed = warehouse.run(content, feed, name="orders_2.csv")
    assert failed.errors == [(2, "quantity", "not_a_number")]
    warehouse.run(corrected(warehouse.fix(failed), (2, "quantity", "1")), feed, name="fix.xlsx")
    assert lines(warehouse) == {"S-1/1": "OPEN", "S-1/2": "CANCELLED", "S-2/1": "OPEN"}


def test_a_file_without_the_column_is_refused(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("S-1,1,A,2"), warehouse.feed(RULE))
    assert result.report.refused is not None
    assert "'state'" in result.report.refused


@pytest.mark.parametrize("block", [1, 5, 64])
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["S-1", "S-2"]), st.sampled_from(["paid", "voided"])), min_size=1))
def test_blocks_and_the_order_of_rows_change_nothing(
    warehouse: Warehouse, block: int, rows: list[tuple[str, str]]
) -> None:
    """However a file is cut into blocks, and wherever an order's rows are, the same lines are cancelled."""
    feed, night = warehouse.feed(RULE), next(NIGHTS)
    numbered = [(f"{number}-{night}", place, state) for place, (number, state) in enumerate(rows, 1)]
    warehouse.run(csv(*(f"{n},{p},A,1,paid" for n, p, _ in numbered), header=STATE), feed, name=f"{night}_1.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crossdock.formats.text.CHUNK", 16 * block)
        second = csv(*(f"{n},{p},A,1,{state}" for n, p, state in numbered), header=STATE)
        warehouse.run(second, feed, name=f"{night}_2.csv")
    now = {name: state for name, state in lines(warehouse).items() if f"-{night}/" in name}
    assert now == {f"{n}/{p}": "CANCELLED" if s == "voided" else "OPEN" for n, p, s in numbered}


@pytest.mark.parametrize(
    ("heading", "words", "setting"),
    [
        ("Status", ("Cancelled", "Open"), 'cancel.Status = ["Cancelled"]'), ("Zustand", ("Open", "storniert"), 'cancel.Zustand = ["storniert"]'),
        ("Cancelled at", ("", "2026-01-05 10:00"), 'cancel."Cancelled at" = ["?*"]'), ("isCanceled", ("false", "true"), 'cancel.isCanceled = ["true"]'),
    ],
)  # fmt: skip
def test_a_status_that_cancels_and_that_nobody_reads_is_said(
    warehouse: Warehouse, heading: str, words: tuple[str, str], setting: str
) -> None:
    rows = [f"SO-{number},1,AB,5,{word}" for number, word in enumerate(words)]
    for content, name in (
        (csv(*rows, header=f"{HEADER},{heading}"), "orders.csv"),
        (
            json.dumps([dict(zip([*HEADER.split(","), heading], row.split(","), strict=True)) for row in rows]),
            "orders.json",
        ),
    ):
        result = warehouse.run(content, name=name)
        assert [each["setting"] for each in result.failures if each["code"] == "cancels_unread"] == [setting], (
            result.text
        )


@pytest.mark.parametrize(
    ("heading", "words", "keys"),
    [
        ("Status", ("Cancelled", "Open"), 'cancel = { Status = "Cancelled" }\nseverity = { unknown_to_cancel = "warning" }'),
        ("Status", ("Cancelled", "Open"), 'skip = { Status = "Cancelled" }'), ("Status", ("Open", "Paid"), ""),
        ("isCanceled", ("false", "no"), ""), ("Cancelled at", ("", ""), ""), ("Cancel after", ("2026-12-01", ""), ""),
    ],
)  # fmt: skip
def test_a_status_that_is_read_or_that_cancels_nothing_is_not(
    warehouse: Warehouse, heading: str, words: tuple[str, str], keys: str
) -> None:
    rows = [f"SO-{number},1,AB,5,{word}" for number, word in enumerate(words)]
    result = warehouse.run(csv(*rows, header=f"{HEADER},{heading}"), warehouse.feed(keys))
    assert "cancels_unread" not in [each["code"] for each in result.failures], result.text
