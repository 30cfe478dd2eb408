"""Ids that a program has written as JSON numbers are their digits, as they are in a workbook."""

from __future__ import annotations

import json

import pytest

from tests.warehouse import Warehouse


def order(number: str, item: str) -> str:
    lines = f'[{{"customerLineNumber": 1.0, "skuId": {item}, "quantity": 5}}]'
    return f'{{"customerOrderNumber": {number}, "orderLines": {lines}}}'


@pytest.mark.parametrize("others", [0, 3])
@pytest.mark.parametrize(
    ("written", "stored"),
    [("815.0", "815"), ("8.15e2", "815"), ("4.006381333931E12", "4006381333931"), ("1e5", "100000"), ("815", "815"), ("-0.0", "0"),
     ("12345678901234567", "12345678901234567"), ("81.5", "81.5"), ('"815.0"', "815.0"), ('"8E2"', "8E2")],
)  # fmt: skip
def test_a_number_that_is_an_id_is_its_digits(warehouse: Warehouse, written: str, stored: str, others: int) -> None:
    """Alone, and among objects that look alike."""
    orders = [order(f"{number}.0", written) for number in range(1, 2 + others)]
    result = warehouse.run(f"[{', '.join(orders)}]", name="orders.json")
    assert warehouse.order_numbers() == [str(number) for number in range(1, 2 + others)], result.text
    assert {row[0] for row in warehouse.lines("1").values()} == {stored}


@pytest.mark.parametrize("written", ["1.2345678901234567e+18", "12345678901234567.0", "1e18"])
def test_a_number_that_has_lost_digits_is_no_id(warehouse: Warehouse, written: str) -> None:
    result = warehouse.run(f"[{order('1', written)}]", name="orders.json")
    assert [each["code"] for each in result.failures if each["severity"] == "error"] == ["scientific_id"]


def test_an_id_in_a_list_of_one_is_its_digits(warehouse: Warehouse) -> None:
    line = {"customerLineNumber": 1, "skuId": [815.0], "quantity": 5}
    warehouse.run(json.dumps([{"customerOrderNumber": "SO-1", "orderLines": [line]}]), name="orders.json")
    assert warehouse.lines() == {"1": ("815", 5.0, "OPEN")}
