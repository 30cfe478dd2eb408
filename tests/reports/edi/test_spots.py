"""Where a failure of an interchange is: in the text with our field, in JSON with the set, the segment and the element."""

from __future__ import annotations

from typing import Any

from tests.interchanges import interchange, message, partner_of
from tests.warehouse import Result, Warehouse

WRONG = (
    "BEG*00*SA*PO-1**20261125", "DTM*002*2026", "N1*ST*Ada", "N3*12 Market Street", "N4*Leeds**LS1 4DY*GB",
    "PO1*1*x*EA*1**VN*AB", "PO1*2*1*EA*1**VN", "PO1*3*1*EA*1**VN*CD", "CTT*3",
)  # fmt: skip
MEMBERS = ("set", "control", "segment", "position", "element", "component", "qualifier")


def spots(result: Result) -> dict[str, list[Any]]:
    """Where each failure is, by its code."""
    return {each["code"]: [each[name] for name in MEMBERS] for each in result.failures if each["severity"] == "error"}


def brought(warehouse: Warehouse, content: bytes, type_: str) -> Result:
    return warehouse.run(content, warehouse.feed(whole=partner_of(type_)), name="x.edi")


def test_json_names_the_set_the_segment_and_the_element(warehouse: Warehouse) -> None:
    right = ("BEG*00*SA*PO-0**20261125", *WRONG[2:5], "PO1*1*1*EA*1**VN*AB", "CTT*1")
    result = brought(warehouse, interchange(right, WRONG, type_="850", group="PO"), "850")
    assert spots(result) == {
        "not_a_date": [2, "0002", "DTM", None, None, None, "002"],
        "not_a_number": [2, "0002", "PO1", 7, 2, None, None],
        "element_missing": [2, "0002", "PO1", 8, 7, None, None],
        "missing": [2, "0002", "PO1", 8, None, None, "VN"],
    }


def test_a_component_is_named(warehouse: Warehouse) -> None:
    head = ("BGM+220+PO-1+9", "DTM+137:20261130:102", "NAD+DP+++Ada+12 Market Street+Leeds++LS1 4DY+GB")
    content = message("ORDERS", *head, "LIN+1++AB:SA", "QTY+21:5", "QTY+9:x", "UNS+S")
    assert spots(brought(warehouse, content, "ORDERS")) == {"bad_element": [1, "1", "QTY", 7, 1, 2, None]}


def test_the_text_says_our_field_and_the_partner_hears_his_own_words(warehouse: Warehouse) -> None:
    result = brought(warehouse, interchange(WRONG, type_="850", group="PO"), "850")
    assert "PO102 (quantity) 'x' is not a number" in " ".join(result.text.split())
    assert "DTM*002 (requestedDeliveryDate) '2026' is not a date" in " ".join(result.text.split())
    messages = {each["code"]: each["message"] for each in result.failures}
    assert messages["not_a_number"] == "PO102 'x' is not a number (write it like 1234.56)"


def test_other_files_have_no_such_members(warehouse: Warehouse) -> None:
    header = "customerOrderNumber,customerLineNumber,skuId,quantity"
    result = warehouse.run(f"{header}\nSO-1,1,AB,x\n")
    assert all(name not in each for each in result.failures for name in MEMBERS)
    assert "quantity 'x' is not a number" in result.text
