"""What the calls do to orders and items, on both databases: each write is an import, each read is of what is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crossdock.api.erp.orders import Orders
from crossdock.model.job import JobRecord
from tests.warehouse import Warehouse, house

ITEM = {
    "part_no": "LB-7",
    "revision": "A",
    "uOfMeas": "EACH",
    "ord_qty": "20",
    "soDet_Desc": "Loud",
    "status": "Standard",
}
Call = Callable[..., dict[str, Any]]


def importing(warehouse: Warehouse) -> Callable[[dict[str, object]], JobRecord]:
    feed = house("erp_sales_order")
    feed = replace(feed, keys=feed.keys.model_copy(update={"sends": "changes"}))

    def imported(body: dict[str, object]) -> JobRecord:
        return warehouse.run(json.dumps({"data": body}), feed, name="erp_sales_order.json").row

    return imported


@pytest.fixture
def call(warehouse: Warehouse) -> Call:
    customers = "customerNumber,name,status,terms\n0000000008,Engines,Active,NET 15\n"
    warehouse.run(customers, house("customer"), name="customers.csv")
    orders = Orders(warehouse.database, "BU1", importing(warehouse), lambda shown: shown.partner == "house")

    def answered(action: str, **values: str) -> dict[str, Any]:
        return orders.answer("so", action, values)

    return answered


def lines(call: Call, number: str = "1") -> dict[str, dict[str, Any]]:
    return {line["LINE_NO"]: line for line in call("get", soNo=number)["ResponseObject"]["SODETAILList"]}


@pytest.mark.both(slow=True)
def test_an_order_and_its_items_from_add_to_delete(call: Call) -> None:
    assert call("add", soNo="1", custNo="8")["Message"] == "Sales Order added successfully."
    for number in ("2", "", "0000007", ""):
        added = call("itemadd", soNo="1", lineNo=number, **ITEM)
        assert (added["Code"], added["Message"]) == (200, "Sales Order Item added successfully.")
    stored = lines(call)
    assert sorted(stored) == ["0000002", "0000003", "0000007", "0000008"]
    keys = [line["UNIQUELN"] for line in stored.values()]
    assert all(re.fullmatch("[0-9A-Z]{10}", key) for key in keys)
    assert keys == sorted(set(keys))

    edited = call("itemedit", soNo="1", UNIQUELN=stored["0000003"]["UNIQUELN"], eachQty="5", note="neu")
    assert edited["Message"] == "Sales Order Item edited successfully."
    assert call("itemedit", soNo="1", lineNo="7", status="priority-1")["Code"] == 200
    after = lines(call)
    assert (after["0000003"]["EACHQTY"], after["0000003"]["NOTE"]) == (5, "neu")
    assert (after["0000003"]["ORD_QTY"], after["0000007"]["STATUS"]) == (20, "PRIORITY-1")
    assert {number: line["UNIQUELN"] for number, line in after.items()} == {
        number: line["UNIQUELN"] for number, line in stored.items()
    }

    shown = call("itemget", soNo="1", lineNo="3", UNIQUELN=after["0000003"]["UNIQUELN"])
    assert (shown["Message"], shown["ResponseObject"]["$id"]) == ("Sales Order Item details:", "2")
    assert {**shown["ResponseObject"], "$id": ""} == {**after["0000003"], "$id": ""}

    assert call("itemdelete", soNo="1", lineNo="2")["Message"] == "Sales Order Item deleted successfully."
    assert sorted(lines(call)) == ["0000003", "0000007", "0000008"]
    again = call("itemdelete", soNo="1", lineNo="2")
    assert (again["Code"], again["Message"]) == (
        403,
        "Sales Order Item delete failed.Sales Order Item does not exists.",
    )
    assert call("edit", soNo="1", FOB="origin-ship")["Message"] == "Sales Order edited successfully."
    assert sorted(lines(call)) == ["0000003", "0000007", "0000008"]
    assert call("get", soNo="1")["ResponseObject"]["FOB"] == "ORIGIN-SHIP "


@pytest.mark.both(slow=True)
def test_two_calls_that_choose_one_line_number_store_two_lines(warehouse: Warehouse, call: Call) -> None:
    """The other call's line is stored after this one has looked, and before it imports: the worst moment."""
    call("add", soNo="1", custNo="8")
    imports, others = importing(warehouse), ["1", "2"]

    def overtaken(body: dict[str, object]) -> JobRecord:
        if others:
            item = {"lineNo": others.pop(0), "UNIQUELN": f"OTHER{len(others)}", **ITEM, "soDet_Desc": "theirs"}
            imports({"action": "update", "soNo": "1", "items": [item]})
        return imports(body)

    late = Orders(warehouse.database, "BU1", overtaken, lambda shown: True)
    assert late.answer("so", "itemadd", {"soNo": "1", **ITEM})["Message"] == "Sales Order Item added successfully."
    described = {number: line["Sodet_Desc"] for number, line in lines(call).items()}
    assert described == {"0000001": "theirs ", "0000002": "theirs ", "0000003": "Loud "}


FAILING = [
    ("add", {"soNo": "2", "custNo": "9"}, "Sales Order add failed.Customer does not exists."),
    ("add", {"soNo": "2", "custNo": "9", "FOB": "X", "SOAMTDSCT": "y"},
     ("Sales Order add failed.Customer does not exists. FOB 'X' is none of ORIGIN-CUST P/U, ORIGIN-SHIP, DESTINATION; "
      "SOAMTDSCT 'y' is not a number (write it like 1234.56)")),
    ("add", {"soNo": "1", "custNo": "8", "PoNo": "P"},
     "Sales Order add failed.the document is stored already with other content, and the action is insert"),
    ("add", {"custNo": "8"}, "Sales Order add failed.PoNo is missing, and the order has no number of its own"),
    ("add", {"soNo": "00000000011", "custNo": "8"},
     "Sales Order add failed.soNo '00000000011' has 11 characters, at most 10 are allowed"),
    ("edit", {"soNo": "2", "custNo": "8"}, "Sales Order edit failed.Object reference not set to an instance of an object."),
    ("edit", {"custNo": "8"}, "Sales Order edit failed.SoNo not provided."),
    ("get", {}, "Sales Order details failed.SoNo not provided."),
    ("get", {"soNo": "2"}, "Sales Order does not exists."),
    ("itemadd", {"soNo": "2", **ITEM}, "Sales Order Item add failed.Sales Order does not exists."),
    ("itemadd", {"soNo": "1", "lineNo": "1", **ITEM},
     "Sales Order Item add failed.Sales Order Item with line_no:'0000001' exists in SO:'0000000001'."),
    ("itemadd", {"soNo": "1", **ITEM, "ord_qty": "0", "eachQty": "-1"},
     "Sales Order Item add failed.eachQty '-1' must be more than 0; ord_qty '0' must be more than 0"),
    ("itemedit", {"soNo": "1", "lineNo": "9"}, "Sales Order Item edit failed.Sales Order Item does not exists."),
    ("itemedit", {"soNo": "1", "ord_qty": "3"}, "Sales Order Item edit failed.line_no or UNIQUELN not provided."),
    ("itemget", {"soNo": "1", "UNIQUELN": "NOBODYS"}, "Sales Order Item details failed.Sales Order Item does not exists."),
]  # fmt: skip


def test_what_fails_says_why(call: Call) -> None:
    call("add", soNo="1", custNo="8")
    call("itemadd", soNo="1", lineNo="1", **ITEM)
    for action, values, message in FAILING:
        answer = call(action, **values)
        assert (answer["Message"], answer["Code"], answer["IsValidUser"]) == (message, 403, True), action
        assert answer["ResponseObject"] is None
        assert (answer["SessionId"] is None) == (action not in ("get", "itemget"))
    assert call("get", soNo="1")["ResponseObject"]["PONO"] == " "


def test_what_was_stored_already_is_added_again_without_harm(call: Call) -> None:
    assert [call("add", soNo="1", custNo="8")["Message"] for _ in range(2)] == ["Sales Order added successfully."] * 2


def test_an_order_of_another_partner_is_not_there(warehouse: Warehouse, call: Call) -> None:
    call("add", soNo="1", custNo="8")
    stranger = Orders(warehouse.database, "BU1", importing(warehouse), lambda shown: False)
    assert stranger.answer("so", "get", {"soNo": "1"})["Message"] == "Sales Order does not exists."
    elsewhere = Orders(warehouse.database, "BU2", importing(warehouse), lambda shown: True)
    assert elsewhere.answer("so", "itemget", {"soNo": "1", "lineNo": "1"})["Message"] == (
        "Sales Order Item details failed.Sales Order does not exists."
    )
