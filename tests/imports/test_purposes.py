"""What a set's purpose is: each standard has a list of codes of its own, and what is none of them is refused."""

from __future__ import annotations

import pytest

from tests.interchanges import interchange, message, partner_of
from tests.warehouse import Result, Warehouse

PLACE = ("N1*ST*Ada", "N3*12 Market Street", "N4*Leeds**LS1 4DY*GB")


def of_850(warehouse: Warehouse, purpose: str) -> Result:
    order = (f"BEG*{purpose}*SA*PO-1**20261125", *PLACE, "PO1*1*5*EA*1**VN*AB", "CTT*1")
    content = interchange(order, type_="850", group="PO")
    return warehouse.run(content, warehouse.feed(whole=partner_of("850")), name="x.edi")


def of_orders(warehouse: Warehouse, purpose: str) -> Result:
    head = (f"BGM+220+PO-1+{purpose}", "DTM+137:20261130:102", "NAD+DP+++Ada+12 Market Street+Leeds++LS1 4DY+GB")
    content = message("ORDERS", *head, "LIN+1++AB:SA", "QTY+21:5", "UNS+S")
    return warehouse.run(content, warehouse.feed(whole=partner_of("ORDERS")), name="x.edi")


@pytest.mark.parametrize("code", ["00", "06", "07", "14", "15"])
def test_an_order_of_x12_is_stored(warehouse: Warehouse, code: str) -> None:
    assert of_850(warehouse, code).errors == []
    assert warehouse.order_numbers() == ["PO-1"]


@pytest.mark.parametrize("code", ["9", "6", "7", "35", "42", "43", ""])
def test_an_order_of_edifact_is_stored(warehouse: Warehouse, code: str) -> None:
    assert of_orders(warehouse, code).errors == []
    assert warehouse.order_numbers() == ["PO-1"]


@pytest.mark.parametrize(
    ("code", "stored"),
    [("01", "unknown_to_cancel"), ("03", "unknown_to_cancel"), ("04", "does_not_exist"), ("20", "not_allowed"),
     ("35", "not_allowed"), ("42", "not_allowed"), ("4", "not_allowed"), ("9", "not_allowed"), ("QQ", "not_allowed")],
)  # fmt: skip
def test_a_code_of_edifact_is_none_of_x12(warehouse: Warehouse, code: str, stored: str) -> None:
    assert [each for _, _, each in of_850(warehouse, code).errors] == [stored]


@pytest.mark.parametrize(
    ("code", "stored"),
    [("1", "unknown_to_cancel"), ("4", "does_not_exist"), ("20", "does_not_exist"), ("3", "not_allowed"),
     ("06", "not_allowed"), ("18", "not_allowed"), ("22", "not_allowed"), ("77", "not_allowed")],
)  # fmt: skip
def test_a_code_of_x12_is_none_of_edifact(warehouse: Warehouse, code: str, stored: str) -> None:
    assert [each for _, _, each in of_orders(warehouse, code).errors] == [stored]
