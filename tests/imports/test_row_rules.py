"""Which rows of a file are meant: ``skip`` and ``only`` (parents beside children, unpaid orders, gift cards, freight)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.pipeline.staging.plan import make_plan
from tests.reports.excel.test_fix_workbook import corrected
from tests.sent import plain
from tests.warehouse import HEADER, Warehouse, csv, drop_of

MAGENTO = f"{HEADER},product_type"
PAID = f"{HEADER},Financial Status,shipTo.name"


def lines_of(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.rows(
        "SELECT customer_order_number, sku_id, CAST(quantity AS INTEGER) FROM sales_order_lines ORDER BY 1, 2"
    )


def test_parents_and_empty_rows_are_no_lines(warehouse: Warehouse) -> None:
    rows = ["S-1,1,PARENT,1,configurable", "S-1,2,CHILD,1,simple", "S-1,3,ZERO,0,simple", "S-1,4,,1,simple",
            "S-2,1,AB,2,Simple"]  # fmt: skip
    rules = 'skip = { product_type = ["CONFIG*"], quantity = "<= 0", skuId = "" }\n'
    result = warehouse.run(csv(*rows, header=MAGENTO), warehouse.feed(rules))
    assert lines_of(warehouse) == [("S-1", "CHILD", 1), ("S-2", "AB", 2)]
    assert (result.report.books.read, result.report.books.ignored, result.errors) == (5, 3, [])
    messages = [each["message"] for each in result.failures if each["code"] == "skipped_rows"]
    assert messages == [
        "1 row was left out by the rule 'skip product_type = CONFIG*', the first at line 2",
        "1 row was left out by the rule 'skip quantity <= 0', the first at line 4",
        "1 row was left out by the rule 'skip skuId = blank', the first at line 5",
    ]


def test_a_status_on_the_first_row_of_an_order_is_that_of_all_its_rows(warehouse: Warehouse) -> None:
    rows = ["S-1,1,A,1,paid,Ann", "S-1,2,B,2,,", "S-2,1,C,1,pending,Bo", "S-2,2,D,2,,", "S-3,1,E,1,PAID,Cy"]
    warehouse.run(csv(*rows, header=PAID), warehouse.feed('only = { "Financial Status" = "paid" }\n'))
    assert lines_of(warehouse) == [("S-1", "A", 1), ("S-1", "B", 2), ("S-3", "E", 1)]


def test_what_a_row_that_is_left_out_says_of_the_order_stays(warehouse: Warehouse) -> None:
    rows = ["S-1,1,GIFT,1,paid,Ann", "S-1,2,B,2,,", "S-1,3,C,3,,"]
    warehouse.run(csv(*rows, header=PAID), warehouse.feed('skip = { skuId = "GIFT" }\n'))
    assert warehouse.rows("SELECT ship_to_name FROM sales_orders") == [("Ann",)]
    assert lines_of(warehouse) == [("S-1", "B", 2), ("S-1", "C", 3)]


def test_a_number_that_stands_on_a_row_that_is_left_out_is_that_of_the_rows_below(warehouse: Warehouse) -> None:
    rows = ["S-1,1,A,1", "S-2,1,GIFT,1", ",2,B,2", ",3,GIFT,2", ",4,C,2"]
    warehouse.run(csv(*rows), warehouse.feed('blank_key = "above"\nskip = { skuId = "GIFT" }\n'))
    assert lines_of(warehouse) == [("S-1", "A", 1), ("S-2", "B", 2), ("S-2", "C", 2)]


def test_objects_whose_first_line_is_left_out_keep_what_stands_beside_their_lines(warehouse: Warehouse) -> None:
    orders = [
        {"customerOrderNumber": "S-1", "state": "paid", "shipTo": {"name": "Ann"},
         "orderLines": [{"customerLineNumber": "1", "skuId": "GIFT", "quantity": 1},
                        {"customerLineNumber": "2", "skuId": "B", "quantity": 2}]},
        {"customerOrderNumber": "S-2", "state": "open", "shipTo": {"name": "Bo"},
         "orderLines": [{"customerLineNumber": "1", "skuId": "C", "quantity": 1},
                        {"customerLineNumber": "2", "skuId": "D", "quantity": 2}]},
    ]  # fmt: skip
    feed = warehouse.feed('skip = { skuId = "GIFT" }\nonly = { state = "paid" }\n')
    result = warehouse.run(json.dumps(orders), feed, name="orders.json")
    assert warehouse.rows("SELECT customer_order_number, ship_to_name FROM sales_orders") == [("S-1", "Ann")]
    assert lines_of(warehouse) == [("S-1", "B", 2)]
    assert result.report.books.ignored == 3


def test_blank_lines_are_counted_once(warehouse: Warehouse) -> None:
    content = csv("S-1,1,A,1", "", "S-1,2,GIFT,1", "", "", "S-2,1,B,1")
    books = warehouse.run(content, warehouse.feed('skip = { skuId = "GIFT" }\n')).report.books
    assert (books.read, books.loaded, books.blank, books.ignored) == (6, 2, 3, 1)


def test_a_torn_row_is_never_left_out(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("S-1,1,GIFT", "S-1,2,B,2"), warehouse.feed('skip = { skuId = "GIFT" }\n'))
    assert result.errors == [(2, "", "torn_row")]
    assert not lines_of(warehouse)


def test_a_file_without_the_column_of_a_rule_is_refused(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("S-1,1,A,2"), warehouse.feed('only = { "Financial Status" = "paid" }\n'))
    assert result.report.refused == (
        "the file has no column 'Financial Status', so nobody knows which rows are meant (only Financial Status = paid)"
    )


def test_a_rows_number_is_read_as_the_feed_writes_it(warehouse: Warehouse) -> None:
    rows = ["S-1;1;A;1.000,5", "S-1;2;B;-2,0", "S-1;3;C;x"]
    keys = 'decimal = ","\nthousands = "."\nskip = { quantity = ["< 0", "> 1000"] }\n'
    result = warehouse.run(csv(*rows, header=HEADER.replace(",", ";")), warehouse.feed(keys))
    assert [(line, code) for line, _, code in result.errors] == [(4, "not_a_number")]
    assert result.report.books.ignored == 2


def test_a_corrected_order_brings_no_row_back_that_is_not_meant(warehouse: Warehouse) -> None:
    feed = warehouse.feed('skip = { skuId = "GIFT" }\n')
    first = warehouse.run(csv("S-1,1,GIFT,1,Ann", "S-1,2,B,x,", header=f"{HEADER},shipTo.name"), feed)
    assert first.errors == [(3, "quantity", "not_a_number")]
    workbook = corrected(warehouse.fix(first), (2, "quantity", "7"))
    warehouse.run(workbook, feed, name="fix.xlsx")
    assert lines_of(warehouse) == [("S-1", "B", 7)]
    assert warehouse.rows("SELECT ship_to_name FROM sales_orders") == [("Ann",)]


@pytest.mark.parametrize("block", [1, 7, 64])
@settings(
    max_examples=3 * settings().max_examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_blocks_change_nothing(block: int, monkeypatch: pytest.MonkeyPatch, warehouse: Warehouse, data: Any) -> None:
    """However a file is cut into blocks, the same rows are meant, with the same values of their order."""
    rows = data.draw(
        st.lists(
            st.tuples(st.integers(1, 3), st.sampled_from(["GIFT", "B"]), st.sampled_from(["", "Ann"])), max_size=12
        )
    )
    content = csv(*(f"S-{n},{at},{sku},1,{name}" for at, (n, sku, name) in enumerate(rows, 1)),
                  header=f"{HEADER},shipTo.name")  # fmt: skip
    feed = warehouse.feed('skip = { skuId = "GIFT" }\n')

    def rows_of() -> list[Any]:
        plan = make_plan(drop_of(warehouse.file(content, "orders.csv"), feed))
        try:
            return [(batch.lines.tolist(), plain(batch.raw)) for batch in plan.batches(0)]
        finally:
            plan.close()

    whole = rows_of()
    with monkeypatch.context() as patch:
        patch.setattr("crossdock.formats.text.CHUNK", 16 * block)
        assert rows_of() == whole
