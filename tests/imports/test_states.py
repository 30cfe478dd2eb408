"""States and answers: what is said of a cancelled, held or foreign document, and of many at once."""

from __future__ import annotations

import csv as csv_
import io

import pytest

from crossdock.reports.failure_list import failure_list
from tests.imports.test_nights import house, send
from tests.warehouse import HEADER, Warehouse, csv

ACTION = f"{HEADER},header.action,line.action"
CANCEL = "customerOrderNumber,action"


@pytest.mark.both
def test_a_cancel_ends_a_held_copy_and_nothing_else_is_expected_of_it(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,x"))
    cancelled = warehouse.run(csv("SO-1,cancel", header=CANCEL))
    assert (cancelled.report.verdict, cancelled.report.documents.cancelled) == ("ACCEPTED", 1)
    assert warehouse.rows("SELECT ended FROM job_outcomes") == [("superseded",)]


@pytest.mark.both
def test_a_cancel_of_what_nobody_sent_fails_every_night_unless_the_feed_allows_it(warehouse: Warehouse) -> None:
    for _ in range(2):
        unknown = warehouse.run(csv("SO-9,cancel", header=CANCEL))
        assert [code for _, _, code in unknown.errors] == ["unknown_to_cancel"]
    allowed = warehouse.run(
        csv("SO-9,cancel", header=CANCEL), warehouse.feed('severity = { unknown_to_cancel = "warning" }')
    )
    assert allowed.report.verdict == "ACCEPTED"
    assert "unknown_to_cancel" in allowed.warnings
    assert [code for _, _, code in warehouse.run(csv("SO-9,1,AB,5")).errors] == ["cancelled"], "it came too late"


def test_a_cancel_without_a_number_is_meant_for_no_held_copy(warehouse: Warehouse) -> None:
    """Whether that is in an earlier batch or file: it has no number either."""
    content = csv(",1,AB,x,", ",,,,cancel", header=f"{HEADER},header.action")
    whole, parts, again = warehouse.run(content), warehouse.run(content, batch_bytes=1), warehouse.run(content)
    codes = [(2, "blank_key"), (2, "not_a_number"), (3, "unknown_to_cancel"), (3, "blank_key")]
    for each in (whole, parts, again):
        assert [(line, code) for line, _, code in each.errors] == codes


@pytest.mark.both
def test_a_line_that_is_cancelled_alone_takes_no_other_with_it(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3"))
    result = warehouse.run(csv("SO-1,2,,,,cancel", header=ACTION))
    assert result.report.verdict == "ACCEPTED", result.text
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN"), "2": ("AC", 3.0, "CANCELLED")}


RECEIPT = (
    "receiptNumber,receiptDate,receiptType,buildingId,lineNumber,documentType,documentNumber,skuId,quantityReceived"
)


@pytest.mark.both
def test_an_order_without_an_open_line_is_named(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3", "SO-2,1,AB,5"))
    first = warehouse.run(csv("SO-1,2,,,,cancel", header=ACTION))
    assert "no_open_line" not in first.warnings
    last = warehouse.run(csv("SO-1,1,,,,cancel", "SO-2,1,AB,6,,", header=ACTION))
    assert [(each["line"], each["document"]) for each in last.failures if each["code"] == "no_open_line"] == [
        (2, "SO-1")
    ]
    assert "cancel the document, too, if nothing more comes" in last.text
    assert warehouse.rows("SELECT state FROM sales_orders") == [("OPEN",), ("OPEN",)]
    later = warehouse.run(csv("SO-1,3,AB,5"))
    assert later.report.verdict == "ACCEPTED", "more lines may come"
    assert "no_open_line" not in later.warnings
    both = warehouse.run(csv("SO-1,3,,,,cancel", "SO-1,4,AB,2,,", header=ACTION))
    assert "no_open_line" not in both.warnings
    ended = warehouse.run(csv("SO-1,cancel", header=CANCEL))
    assert "no_open_line" not in ended.warnings


@pytest.mark.both
def test_an_order_whose_only_new_line_fails_has_no_open_line(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AB,5"))
    feed = warehouse.feed('hold = "line"\n')
    result = warehouse.run(csv("SO-1,1,,,,cancel", "SO-1,3,AB,x,,", header=ACTION), feed)
    assert result.report.verdict == "PARTIAL"
    assert {"line_cancelled", "no_open_line"} <= set(result.warnings)
    assert {state for _, _, state in warehouse.lines().values()} == {"CANCELLED"}


def test_a_feed_may_refuse_to_cancel_the_last_open_line(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5"))
    feed = warehouse.feed('severity = { no_open_line = "error" }\n')
    refused = warehouse.run(csv("SO-1,1,,,,cancel", header=ACTION), feed)
    assert [code for _, _, code in refused.errors] == ["no_open_line"]
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN")}


def test_a_purchase_order_that_its_sender_closes_waits_for_nothing(warehouse: Warehouse) -> None:
    header = "purchaseOrderNumber,status,lineNumber,skuId,quantity,line.action"
    send(warehouse, "purchase_order", header, "PO-1,O,1,AB,5,", "PO-2,O,1,AB,5,")
    ended = send(warehouse, "purchase_order", header, "PO-1,C,1,,,cancel", "PO-2,O,1,,,cancel")
    assert [each["document"] for each in ended.failures if each["code"] == "no_open_line"] == ["PO-2"]


@pytest.mark.both
def test_forty_orders_that_lose_a_line_are_forty_names(warehouse: Warehouse) -> None:
    orders = [f"SO-{number:02}" for number in range(1, 41)]
    warehouse.run(csv(*(f"{order},{line},AB,5" for order in orders for line in (1, 2))))
    result = warehouse.run(csv(*(f"{order},1,AB,5" for order in orders)))
    assert result.report.verdict == "ACCEPTED"
    named = [each["document"] for each in result.failures if each["code"] == "line_cancelled"]
    assert named == orders
    listed = csv_.DictReader(io.StringIO("".join(failure_list(result.row, warehouse.database)).lstrip("\ufeff")))
    assert [row["document"] for row in listed if row["severity"] == "warning"] == orders
    assert all(order in result.text for order in orders)


def test_another_partner_learns_only_that_a_document_is_not_its_own(warehouse: Warehouse) -> None:
    send(warehouse, "sales_order", "customerOrderNumber,shipTo.locationId,customerLineNumber,skuId,quantity",
         "SO-1,S1,1,AB,5", "SO-1,S1,2,AC,5")  # fmt: skip
    shipment = "shipmentId,customerOrderNumber,shipDate,lineNumber,customerLineNumber,skuId,quantityShipped"
    send(warehouse, "ship_confirmation", shipment, "1,SO-1,2026-11-20,1,1,AB,5")
    other = warehouse.run(csv("SO-1,1,AB,4"))
    assert [code for _, _, code in other.errors] == ["belongs_to_other"]
    assert other.warnings == []


@pytest.mark.both
def test_a_list_that_must_have_the_values_fails_them_on_the_first_night_too(warehouse: Warehouse) -> None:
    strict = warehouse.run(csv("SO-1,1,AB,5"), warehouse.feed('references = { sku = "fail" }'))
    assert [code for _, _, code in strict.errors] == ["unknown_reference"]
    receipt = (
        "receiptNumber,receiptDate,receiptType,buildingId,lineNumber,documentType,documentNumber,skuId,quantityReceived"
    )
    row = "R-1,2026-11-22,N,B1,1,asn,A-1,AB,5"
    content = f"{receipt}\n{row}\n"
    unknown = warehouse.run(content, house("receipt", references={"asn": "fail"}), name="receipt.csv")
    assert [code for _, _, code in unknown.errors] == ["unknown_document"]


@pytest.mark.both
def test_what_was_received_by_its_item_stays_received_when_a_line_of_that_item_is_added(warehouse: Warehouse) -> None:
    """A receipt names the order and the item, as most do; the buyer orders more of it with a second line."""
    header = "purchaseOrderNumber,lineNumber,skuId,quantity"
    send(warehouse, "purchase_order", header, "PO-1,1,AB,5")
    send(warehouse, "receipt", RECEIPT, "R-1,2026-11-20,N,N1,1,purchase_order,PO-1,AB,5")
    assert warehouse.rows("SELECT state FROM purchase_orders") == [("RECEIVED",)]
    send(warehouse, "purchase_order", header, "PO-1,1,AB,5", "PO-1,2,AB,3")
    received = "SELECT line_number, quantity_received FROM purchase_order_lines ORDER BY 1"
    assert [(line, float(count or 0)) for line, count in warehouse.rows(received)] == [("1", 5), ("2", 0)]
    assert warehouse.rows("SELECT state FROM purchase_orders") == [("PARTIALLY_RECEIVED",)]
    more = send(warehouse, "receipt", RECEIPT, "R-2,2026-11-21,N,N1,1,purchase_order,PO-1,AB,3")
    assert [code for _, _, code in more.errors] == ["several_matches"]
    send(warehouse, "receipt", f"{RECEIPT},documentLineNumber", "R-2,2026-11-21,N,N1,1,purchase_order,PO-1,AB,3,2")
    assert [(line, float(count or 0)) for line, count in warehouse.rows(received)] == [("1", 5), ("2", 3)]
    assert warehouse.rows("SELECT state FROM purchase_orders") == [("RECEIVED",)]
    send(warehouse, "receipt", f"{RECEIPT},header.action", "R-1,2026-11-20,N,N1,1,purchase_order,PO-1,AB,5,cancel")
    assert [(line, float(count or 0)) for line, count in warehouse.rows(received)] == [("1", 0), ("2", 3)]


@pytest.mark.both
def test_what_comes_for_a_closed_purchase_order_is_said_and_counts(warehouse: Warehouse) -> None:
    send(warehouse, "purchase_order", "purchaseOrderNumber,status,lineNumber,skuId,quantity", "PO-1,C,1,AB,5")
    result = send(warehouse, "receipt", RECEIPT, "R-1,2026-11-20,N,N1,1,purchase_order,PO-1,AB,5")
    assert result.errors == []
    (sentence,) = [each["message"] for each in result.failures if each["code"] == "document_closed"]
    assert sentence.startswith("the purchase order 'PO-1' is closed; what comes for it counts all the same")
    received = "SELECT quantity_received FROM purchase_order_lines"
    assert [float(count) for (count,) in warehouse.rows(received)] == [5]


SHIPPED = "shipmentId,customerOrderNumber,shipDate,skuId,quantityShipped"


def test_a_feed_may_find_the_lines_that_are_shipped_by_their_items(warehouse: Warehouse) -> None:
    """ShipStation's shipments, and those of most parcel programs, name the order and the item, and no line of it."""
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,3", "SO-2,1,AB,1", "SO-2,2,AB,2"))
    rows = (
        "S-1,SO-1,2026-11-20,AB,5",
        "S-1,SO-1,2026-11-20,AC,3",
        "S-2,SO-2,2026-11-20,AB,1",
        "S-3,SO-1,2026-11-20,ZZ,1",
    )
    plain = send(warehouse, "ship_confirmation", SHIPPED, *rows)
    assert [line for line, _, code in plain.errors if code == "missing"] == [2, 3, 4, 5]
    assert {each["setting"] for each in plain.failures if each["code"] == "missing"} == {
        'optional = ["customerLineNumber"]'
    }
    of = warehouse.feed(
        whole="""
id = "acme"
zone = "UTC"
business_units = ["BU1"]

[[feed]]
document = "ship_confirmation"
files = "*"
constants = { businessUnitId = "BU1" }
optional = ["customerLineNumber"]
"""
    )
    by_item = warehouse.run(csv(*rows, header=SHIPPED), of, name="ships.csv")
    assert by_item.errors == [(4, "customerOrderNumber", "several_matches"), (5, "skuId", "no_such_line")]
    shipped = "SELECT customer_line_number, quantity_shipped FROM sales_order_lines WHERE customer_order_number = 'SO-1' ORDER BY 1"
    assert [(line, float(count)) for line, count in warehouse.rows(shipped)] == [("1", 5), ("2", 3)]
    assert warehouse.rows("SELECT state FROM sales_orders ORDER BY customer_order_number") == [("SHIPPED",), ("OPEN",)]
