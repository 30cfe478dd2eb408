"""In a file without line numbers nothing tells a block of rows that was written twice from an order of twice as much."""

from __future__ import annotations

import json

import pytest

from tests.warehouse import Warehouse, csv

HEADER = "customerOrderNumber,skuId,quantity"
TWICE = ("SO-1,AB,5", "SO-1,AC,6", "SO-1,AB,5", "SO-1,AC,6")


def test_an_order_whose_rows_stand_twice_is_not_taken(warehouse: Warehouse) -> None:
    result = warehouse.run(csv(*TWICE, "SO-2,AB,1", "SO-2,AB,1", header=HEADER))
    assert warehouse.order_numbers() == ["SO-2"]
    assert result.errors == [(4, "customerOrderNumber", "rows_again")]
    assert "from here on they are those from line 2 on once more" in " ".join(result.text.split())


def test_a_feed_may_take_it(warehouse: Warehouse) -> None:
    of = warehouse.feed('severity = { rows_again = "warning" }')
    assert "rows_again" in warehouse.run(csv(*TWICE, header=HEADER), of).warnings
    assert len(warehouse.lines()) == 4


def test_so_is_one_whose_header_is_on_its_first_row_only(warehouse: Warehouse) -> None:
    rows = [f"{row},{city}" for row, city in zip(TWICE, ["York", "", "", ""], strict=True)]
    warehouse.run(csv(*rows, header=f"{HEADER},shipTo.city"))
    assert warehouse.order_numbers() == []


def test_so_are_objects(warehouse: Warehouse) -> None:
    lines = [{"skuId": "AB", "quantity": 5}, {"skuId": "AC", "quantity": 6}]
    orders = [{"customerOrderNumber": "SO-1", "orderLines": lines * 2}, {"customerOrderNumber": "SO-2", "orderLines": lines}]  # fmt: skip
    warehouse.run(json.dumps(orders), name="orders.json")
    assert warehouse.order_numbers() == ["SO-2"]


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (HEADER, ["SO-1,AB,1"] * 4),
        (HEADER, ["SO-1,AB,5", "SO-1,AC,6", "SO-1,AB,5", "SO-1,AC,7"]),
        (HEADER, ["SO-1,AB,5", "SO-1,AC,6", "SO-1,AB,5"]),
        (f"{HEADER},Lot", ["SO-1,AB,5,L1", "SO-1,AC,6,L1", "SO-1,AB,5,L2", "SO-1,AC,6,L2"]),
        (f"{HEADER},customerLineNumber", ["SO-1,AB,5,1", "SO-1,AC,6,2", "SO-1,AB,5,3", "SO-1,AC,6,4"]),
    ],
)
def test_rows_that_may_be_meant_are_taken(warehouse: Warehouse, header: str, rows: list[str]) -> None:
    result = warehouse.run(csv(*rows, header=header))
    assert len(warehouse.lines()) == len(rows), result.text
