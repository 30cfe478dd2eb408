"""Lines ↔ the lines of the documents that they ship, receive or announce (``against``, ``meant``)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crossdock.failures.failures import Failures
from crossdock.pipeline.validate.against_documents import check_against_documents
from tests.sent import SHIPMENT, Sent, Shelf, brief, details, feed, sent

ORDERS = "customer_order_number,state,revision"
ORDER_LINES = "customer_order_number,customer_line_number,sku_id,quantity,quantity_measure,state,quantity_shipped"
LINES = ("SO-1,1,AB,5,EA,OPEN,0", "SO-1,2,AC,6,EA,OPEN,0", "SO-1,3,AC,6,EA,OPEN,0", "SO-1,4,AD,6,EA,CANCELLED,0")


def shelf(state: str = "OPEN", **more: list[str]) -> Shelf:
    tables = {"sales_orders": [ORDERS, f"SO-1,{state},3"], "sales_order_lines": [ORDER_LINES, *LINES]}
    return Shelf(**(tables | more))


def shipped(*rows: str, stored: Shelf | None = None, header: str = SHIPMENT, **keys: Any) -> Sent:
    """Ship confirmations: shipment, order, line, the order's line, SKU, quantity."""
    sent_rows = [f"{ship},{order},2026-11-20,{rest}" for ship, order, rest in (row.split(",", 2) for row in rows)]
    return sent(*sent_rows, header=header, of=feed("ship_confirmation", **keys), stored=stored or shelf())


def held(steps: Sent, failing: str = "", bad: tuple[int, ...] = ()) -> Failures:
    assembled, _ = steps.stored_side
    masked = np.array([each == "x" for each in failing.ljust(assembled.size, ".")])
    return check_against_documents(
        steps.named, assembled, steps.of, steps.stored, masked, np.array(bad, dtype=np.int64)
    )


@pytest.mark.parametrize(
    ("row", "failure", "detail"),
    [
        ("S1,SO-1,1,1,AB,5", None, {}),
        ("S1,SO-1,1,1,AB,6", ("quantityShipped", "over_shipped"), {"total": "6", "ordered": "5"}),
        ("S1,SO-1,1,1,XX,1", ("skuId", "other_item_noted"), {"other": "'AB'"}),
        ("S1,SO-1,1,9,AB,1", ("customerLineNumber", "no_such_line"), {"number": "SO-1", "which": "line '9'"}),
        ("S1,SO-1,1,,ZZ,1", ("skuId", "no_such_line"), {"number": "SO-1", "which": "item 'ZZ'"}),
        ("S1,SO-1,1,,AB,1", None, {}),
        ("S1,SO-1,1,,AC,1", ("customerOrderNumber", "several_matches"), {}),
        ("S1,SO-1,1,4,AD,1", ("customerLineNumber", "no_such_line"), {}),
        ("S1,SO-9,1,1,AB,1", None, {}),
    ],
)
def test_a_line_finds_its_target_by_number_else_by_item_and_fits_into_it(
    row: str, failure: tuple[str, str] | None, detail: dict[str, str]
) -> None:
    failures = held(shipped(row))
    assert brief(failures) == ([] if failure is None else [(2, *failure)])
    if failure:
        assert detail.items() <= details(failures)[0].items()


@pytest.mark.parametrize(("state", "codes"), [("CANCELLED", ["document_shut"]), ("OPEN", [])])
def test_nothing_comes_for_a_document_that_is_shut(state: str, codes: list[str]) -> None:
    assert [code for _, _, code in brief(held(shipped("S1,SO-1,1,1,AB,1", stored=shelf(state))))] == codes


STANDING = {
    "shipments": ["shipment_id,customer_order_number", "S0,SO-1", "S1,SO-1"],
    "shipment_lines": [
        "shipment_id,line_number,customer_line_number,sku_id,quantity_shipped,quantity_measure,state",
        "S0,1,1,AB,3,EA,OPEN",
        "S0,2,1,AB,9,EA,CANCELLED",
        "S1,1,1,AB,2,EA,OPEN",
    ],
}


def test_what_is_stored_counts_and_what_the_file_sends_anew_counts_once() -> None:
    stored = shelf(**STANDING)
    assert not len(held(shipped("S1,SO-1,1,1,AB,2", stored=stored)))
    assert details(held(shipped("S1,SO-1,1,1,AB,3", stored=stored)))[0]["total"] == "6"
    assert details(held(shipped("S9,SO-1,1,1,AB,1", stored=stored)))[0]["total"] == "6"


def test_of_changes_the_lines_that_are_not_sent_go_on_counting() -> None:
    stored = shelf(**STANDING)
    assert not len(held(shipped("S1,SO-1,2,2,AC,1", stored=stored, sends="changes")))
    assert details(held(shipped("S1,SO-1,2,1,AB,1", stored=stored, sends="changes")))[0]["total"] == "6"


def test_a_document_that_fails_counts_as_it_is_stored() -> None:
    stored = shelf(**STANDING)
    both = shipped("S1,SO-1,1,1,AB,9", "S9,SO-1,1,1,AB,1", stored=stored)
    assert [line for line, *_ in brief(held(both, failing="x."))] == [3]


def test_nothing_is_added_up_of_a_line_with_an_error() -> None:
    assert not len(held(shipped("S1,SO-1,1,1,AB,9"), bad=(2,)))


def test_a_line_that_is_not_taken_leaves_room_for_the_next() -> None:
    rows = ("S1,SO-1,1,1,AB,9", "S2,SO-1,1,1,AB,5")
    assert [line for line, *_ in brief(held(shipped(*rows)))] == [2]
    lenient = shipped(*rows, severity={"over_shipped": "warning"})
    assert [line for line, *_ in brief(held(lenient))] == [2, 3]


def test_other_units_are_converted_where_the_item_tells_the_factor() -> None:
    units = ["sku_id,unit,factor", "AB,CS,5"]
    header = f"{SHIPMENT},quantityMeasure"
    stored = shelf(skus=["sku_id,name", "AB,Band"], sku_units=units)
    assert not len(held(shipped("S1,SO-1,1,1,AB,1,CS", header=header, stored=stored)))
    assert details(held(shipped("S1,SO-1,1,1,AB,2,CS", header=header, stored=stored)))[0]["total"] == "10"
    unknown = held(shipped("S1,SO-1,1,1,AB,2,BX", header=header, stored=stored))
    assert (brief(unknown), details(unknown)) == (
        [(2, "quantityShipped", "units_not_compared")],
        [{"unit": "BX", "other": "EA"}],
    )


NOTICE = "vendorNumber,asnNumber,lineNumber,skuId,quantity,purchaseOrderNumber,purchaseOrderLineNumber"
BOUGHT = {
    "purchase_orders": ["purchase_order_number,vendor_number", "PO-1,V1"],
    "purchase_order_lines": ["purchase_order_number,line_number,sku_id,quantity,quantity_measure", "PO-1,1,AB,10,EA"],
}


def noticed(row: str, stored: Shelf | None = None, **keys: Any) -> list[tuple[int, str, str]]:
    return brief(held(sent(row, header=NOTICE, of=feed("asn", **keys), stored=stored or Shelf(**BOUGHT))))


@pytest.mark.parametrize(
    ("keys", "quantity", "code"),
    [
        ({}, "11", "over_ordered"),
        ({"tolerance": "10 %"}, "11", None),
        ({"over": "fail"}, "11", "over_quantity"),
        ({"tolerance": "10 %", "over": "fail"}, "12", "over_quantity"),
    ],
)
def test_how_much_more_may_be_announced_is_for_the_feed_to_say(
    keys: dict[str, str], quantity: str, code: str | None
) -> None:
    codes = noticed(f"V1,A1,1,AB,{quantity},PO-1,1", **keys)
    assert codes == ([] if code is None else [(2, "line.quantity", code)])


def test_an_announcement_of_another_vendor_or_of_no_line_of_the_order_is_said() -> None:
    assert noticed("V2,A1,1,AB,1,PO-1,1") == [(2, "vendorNumber", "other_party")]
    assert noticed("V1,A1,1,AB,1,PO-1,7") == [(2, "purchaseOrderLineNumber", "not_on_document")]
    assert noticed("V1,A1,1,XX,1,PO-1,1") == [(2, "skuId", "other_item")]


RECEIPT = (
    "receiptNumber,receiptDate,receiptType,buildingId,lineNumber,documentType,documentNumber,skuId,quantityReceived"
)


@pytest.mark.parametrize(
    ("keys", "kind", "code"),
    [
        ({}, "purchase_order", "unknown_reference"),
        ({"references": {"purchase_order": "fail"}}, "purchase_order", "unknown_document"),
        ({"references": {"purchase_order": "off"}}, "purchase_order", None),
        ({}, "asn", None),
    ],
    ids=["warned of", "failing", "not looked for", "no such list"],
)
def test_a_document_that_nobody_knows_is_said_where_its_kind_is_loaded(
    keys: dict[str, Any], kind: str, code: str | None
) -> None:
    row = f"R1,2026-11-20,N,B1,1,{kind},PO-9,AB,1"
    steps = sent(row, header=RECEIPT, of=feed("receipt", **keys), stored=Shelf(**BOUGHT))
    assert brief(held(steps)) == ([] if code is None else [(2, "documentNumber", code)])


def test_a_document_without_lines_is_held_against_nothing() -> None:
    assert not len(held(sent("AB,Band", header="skuId,name", of=feed("sku"))))
