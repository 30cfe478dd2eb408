"""One inbound and one outbound night, end to end, on both databases (issue 4, "Shown")."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crossdock import bundled
from crossdock.partners import registry
from crossdock.partners.feed import Feed
from tests.warehouse import Result, Warehouse

ASN = "vendorNumber,asnNumber,purchaseOrderNumber,shipmentDate,lineNumber,skuId,quantity,cartonId"
RECEIPT = "receiptNumber,receiptDate,receiptType,buildingId,lineNumber,documentType,documentNumber,documentLineNumber,skuId,quantityReceived"
SHIPMENT = "shipmentId,customerOrderNumber,shipDate,lineNumber,customerLineNumber,skuId,quantityShipped"
CARTONS = ("340123450000000017", "00340123450000000024")


def house(document: str, **keys: Any) -> Feed:
    feed = registry.load(bundled.folder("partners"), "UTC").named(f"house/{document}")
    return Feed(**{**feed.__dict__, "keys": feed.keys.model_copy(update=keys)}) if keys else feed


def send(warehouse: Warehouse, document: str, header: str, *rows: str, **keys: Any) -> Result:
    content = "\n".join([header, *rows]) + "\n"
    return warehouse.run(content, house(document, **keys), name=f"{document}.csv")


def states(warehouse: Warehouse, table: str, number: str) -> list[tuple[Any, ...]]:
    return warehouse.rows(f"SELECT {number}, state FROM {table} ORDER BY 1, 2")


def amounts(warehouse: Warehouse, table: str, number: str, moved: str) -> dict[str, float]:
    rows = warehouse.rows(f"SELECT {number}, {moved} FROM {table} ORDER BY 1")
    return {row[0]: float(row[1] or 0) for row in rows}


@pytest.fixture
def ordered(warehouse: Warehouse) -> Warehouse:
    """A purchase order of 100 pieces, and its item."""
    sku = send(warehouse, "sku", "skuId,name,description1,isActive,upc", "AB-100,Band,Blue band,Y,4006381333931")
    assert sku.report.verdict == "ACCEPTED", sku.text
    order = send(
        warehouse,
        "purchase_order",
        "purchaseOrderNumber,vendorNumber,lineNumber,skuId,quantity",
        "PO-1,V1,1,AB-100,100",
    )
    assert order.warnings == [], order.text
    return warehouse


FIRST = (f"V1,ASN-1,PO-1,2026-11-20,1,AB-100,40,{CARTONS[0]}", f"V1,ASN-1,PO-1,2026-11-20,1,AB-100,20,{CARTONS[1]}")


@pytest.mark.both
def test_an_inbound_night(ordered: Warehouse) -> None:
    first = send(ordered, "asn", ASN, *FIRST)
    assert (first.report.verdict, first.warnings) == ("ACCEPTED", []), first.text
    assert ordered.rows("SELECT line_number FROM asn_lines") == [("1",)]
    assert amounts(ordered, "asn_lines", "line_number", "quantity") == {"1": 60}
    cartons = amounts(ordered, "asn_packages", "carton_id", "quantity")
    assert cartons == {"340123450000000017": 40, "340123450000000024": 20}

    other = send(ordered, "asn", ASN, "V2,ASN-1,,2026-11-20,1,AB-100,5,")
    assert other.report.verdict == "ACCEPTED", other.text
    assert states(ordered, "asns", "vendor_number") == [("V1", "OPEN"), ("V2", "OPEN")]

    again = send(ordered, "asn", ASN, *FIRST)
    assert (again.report.documents.unchanged, again.report.books.unchanged, again.warnings) == (1, 2, [])

    late = ("V1,ASN-2,PO-1,2026-11-21,1,AB-100,50,",)
    strict = send(ordered, "asn", ASN, *late, over="fail")
    assert [code for _, _, code in strict.errors] == ["over_quantity"]
    warned = send(ordered, "asn", ASN, *late)
    assert (warned.report.verdict, warned.warnings) == ("ACCEPTED", ["over_ordered"])
    assert "makes 110 in all, more than the 100 of the purchase order" in warned.text

    receipt = send(ordered, "receipt", RECEIPT, "R-1,2026-11-22,N,NVRN1,1,asn,ASN-2,1,AB-100,20")
    assert receipt.report.verdict == "ACCEPTED", receipt.text
    assert states(ordered, "asns", "asn_number || vendor_number") == [
        ("ASN-1V1", "OPEN"), ("ASN-1V2", "OPEN"), ("ASN-2V1", "PARTIALLY_RECEIVED")]  # fmt: skip
    rest = send(ordered, "receipt", RECEIPT, "R-2,2026-11-23,N,NVRN1,1,asn,ASN-2,,AB-100,30")
    assert rest.report.verdict == "ACCEPTED", rest.text
    assert states(ordered, "asns", "asn_number || vendor_number")[2] == ("ASN-2V1", "RECEIVED")
    changed = send(ordered, "asn", ASN, "V1,ASN-2,PO-1,2026-11-21,1,AB-100,40,")
    assert [code for _, _, code in changed.errors] == ["less_than_received"]
    assert "quantity '40' is less than what is received, 50 of 50" in changed.text
    cancelled = send(ordered, "asn", ASN.replace("lineNumber", "action,lineNumber"), "V1,ASN-2,,,cancel,,,,")
    assert [code for _, _, code in cancelled.errors] == ["already_received"]
    vague = send(ordered, "receipt", RECEIPT, "R-3,2026-11-23,N,NVRN1,1,asn,ASN-1,,AB-100,30")
    assert [code for _, _, code in vague.errors] == ["several_matches"]


def received(warehouse: Warehouse) -> tuple[str, float]:
    """The state of the purchase order, and what is received of its line."""
    ((state, quantity),) = warehouse.rows(
        "SELECT h.state, l.quantity_received FROM purchase_orders h JOIN purchase_order_lines l "
        "ON l.purchase_order_number = h.purchase_order_number"
    )
    return state, float(quantity or 0)


NAMED = "vendorNumber,asnNumber,purchaseOrderNumber,purchaseOrderLineNumber,lineNumber,skuId,quantity,quantityMeasure"
OF_ASN, OF_ORDER = "2026-11-22,N,NVRN1,1,asn,{},1,AB-100,{}", "2026-11-22,N,NVRN1,1,purchase_order,PO-1,1,AB-100,{}"


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("asn_first", [True, False], ids=["the notice comes first", "the receipt comes first"])
def test_what_is_received_of_a_notice_counts_on_the_order_that_its_line_names(
    ordered: Warehouse, *, asn_first: bool
) -> None:
    """Once, together with what is received straight; either document may be the later one (issue 14, point 8)."""
    asn = ("asn", NAMED, "V1,ASN-1,PO-1,1,1,AB-100,60,EA")
    receipt = ("receipt", RECEIPT, f"R-1,{OF_ASN.format('ASN-1', 60)}")
    for each in (asn, receipt) if asn_first else (receipt, asn):
        assert send(ordered, *each).report.failing == 0
    assert received(ordered) == ("PARTIALLY_RECEIVED", 60)
    send(ordered, *receipt)
    assert received(ordered) == ("PARTIALLY_RECEIVED", 60)
    straight = send(ordered, "receipt", RECEIPT, f"R-2,{OF_ORDER.format(40)}")
    assert (straight.warnings, received(ordered)) == ([], ("RECEIVED", 100))
    lowered = send(
        ordered, "purchase_order", "purchaseOrderNumber,vendorNumber,lineNumber,skuId,quantity", "PO-1,V1,1,AB-100,99"
    )
    assert [code for _, _, code in lowered.errors] == ["less_than_received"]
    send(ordered, "receipt", RECEIPT.replace("receiptDate", "action,receiptDate"), f"R-1,cancel{',' * 9}")
    assert received(ordered) == ("PARTIALLY_RECEIVED", 40)


@pytest.mark.both
def test_one_receipt_moves_an_order_straight_and_another_by_a_notice(ordered: Warehouse) -> None:
    """Orders are moved twice in one transaction then."""
    send(ordered, "purchase_order", "purchaseOrderNumber,vendorNumber,lineNumber,skuId,quantity", "PO-2,V1,1,AB-100,30")
    send(ordered, "asn", NAMED, "V1,ASN-1,PO-1,1,1,AB-100,60,EA")
    straight = OF_ORDER.replace("NVRN1,1,", "NVRN1,2,").replace("PO-1", "PO-2").format(30)
    assert send(ordered, "receipt", RECEIPT, f"R-1,{OF_ASN.format('ASN-1', 60)}", f"R-1,{straight}").errors == []
    assert states(ordered, "purchase_orders", "purchase_order_number") == [
        ("PO-1", "PARTIALLY_RECEIVED"),
        ("PO-2", "RECEIVED"),
    ]


@pytest.mark.both(slow=True)
def test_more_than_ordered_is_told_whatever_it_is_received_by(ordered: Warehouse) -> None:
    send(ordered, "asn", NAMED, "V1,ASN-1,PO-1,1,1,AB-100,60,EA", "V1,ASN-2,PO-1,1,1,AB-100,60,EA")
    assert send(ordered, "receipt", RECEIPT, f"R-1,{OF_ASN.format('ASN-1', 60)}").warnings == []
    second = send(ordered, "receipt", RECEIPT, f"R-2,{OF_ASN.format('ASN-2', 41)}")
    assert second.warnings == ["over_received"]
    assert "makes 101 in all, more than the 100 of the purchase order" in second.text
    again = send(ordered, "receipt", RECEIPT, f"R-2,{OF_ASN.format('ASN-2', 40)}")
    assert (again.warnings, received(ordered)) == ([], ("RECEIVED", 100))
    straight = send(ordered, "receipt", RECEIPT, f"R-3,{OF_ORDER.format(1)}")
    assert straight.warnings == ["over_received"]


@pytest.mark.both(slow=True)
def test_what_passes_through_a_notice_in_other_units_stays_exact(ordered: Warehouse) -> None:
    units = "skuId,name,description1,isActive,upc,unit,factor"
    send(ordered, "sku", units, "AB-100,Band,Blue band,Y,4006381333931,BX,3")
    send(ordered, "asn", NAMED, "V1,ASN-1,PO-1,1,1,AB-100,20,BX", "V1,ASN-2,PO-1,1,1,AB-100,20,BX")
    measured = f"{RECEIPT},quantityMeasure"
    send(ordered, "receipt", measured, f"R-1,{OF_ASN.format('ASN-1', 50)},EA", f"R-2,{OF_ASN.format('ASN-2', 50)},EA")
    assert received(ordered) == ("RECEIVED", 100)
    boxes = amounts(ordered, "asn_lines", "asn_number", "quantity_received")
    assert boxes == {"ASN-1": 16.666667, "ASN-2": 16.666667}


@pytest.mark.both(slow=True)
def test_a_receipt_for_a_notice_that_nobody_knows_fails_where_the_list_is_strict(ordered: Warehouse) -> None:
    row = "R-1,2026-11-22,N,NVRN1,1,asn,ASN-9,1,AB-100,5"
    send(ordered, "asn", ASN, *FIRST)
    assert "unknown_reference" in send(ordered, "receipt", RECEIPT, row).warnings
    strict = send(ordered, "receipt", RECEIPT, row.replace("R-1", "R-2"), references={"asn": "fail"})
    assert [code for _, _, code in strict.errors] == ["unknown_document"]


@pytest.mark.both(slow=True)
def test_a_carton_with_a_tolerated_check_digit_counts(ordered: Warehouse) -> None:
    wrong = CARTONS[0][:-1] + "1"
    row = f"V1,ASN-1,PO-1,2026-11-20,1,AB-100,140,{wrong}"
    warned = send(ordered, "asn", ASN, row, sscc="warn")
    assert warned.warnings == ["wrong_sscc", "over_ordered"], warned.text
    assert "in the feed" not in warned.text, "it is set already"
    strict = send(ordered, "asn", ASN, row.replace("ASN-1", "ASN-2"), sscc="warn", over="fail")
    assert [code for _, _, code in strict.errors] == ["over_quantity"]


ORDER = "customerOrderNumber,shipTo.locationId,customerLineNumber,skuId,quantity"


@pytest.mark.both(slow=True)
def test_what_fails_by_a_strict_list_is_not_counted(warehouse: Warehouse) -> None:
    send(warehouse, "building", "buildingId,name,isActive", "B1,One,Y")
    send(warehouse, "sales_order", ORDER, "SO-1,S1,1,AB-100,10")
    rows = ("S-1,SO-1,2026-11-21,1,1,AB-100,10,XX", "S-2,SO-1,2026-11-21,1,1,AB-100,10,B1")
    result = send(warehouse, "ship_confirmation", f"{SHIPMENT},buildingId", *rows, references={"building": "fail"})
    assert [(line, code) for line, _, code in result.errors] == [(2, "unknown_reference")]
    assert states(warehouse, "sales_orders", "customer_order_number") == [("SO-1", "SHIPPED")]


@pytest.mark.both
def test_an_outbound_night(warehouse: Warehouse) -> None:
    order = "SO-1,S1,1,AB-100,10"
    assert send(warehouse, "sales_order", ORDER, order).report.verdict == "ACCEPTED"

    def shipped_now() -> tuple[str, dict[str, float]]:
        state = warehouse.rows("SELECT state FROM sales_orders")[0][0]
        return state, amounts(warehouse, "sales_order_lines", "customer_line_number", "quantity_shipped")

    one = send(warehouse, "ship_confirmation", SHIPMENT, "S-1,SO-1,2026-11-21,1,1,AB-100,4")
    assert (one.report.verdict, one.warnings) == ("ACCEPTED", []), one.text
    assert shipped_now() == ("PARTIALLY_SHIPPED", {"1": 4})
    two = send(warehouse, "ship_confirmation", SHIPMENT, "S-2,SO-1,2026-11-22,1,1,AB-100,6")
    assert two.report.verdict == "ACCEPTED", two.text
    assert shipped_now() == ("SHIPPED", {"1": 10})

    again = send(warehouse, "sales_order", ORDER, order)
    assert (again.report.documents.unchanged, again.report.verdict) == (1, "ACCEPTED")
    assert shipped_now() == ("SHIPPED", {"1": 10})
    changed = send(warehouse, "sales_order", ORDER, "SO-1,S1,1,AB-100,12")
    assert [code for _, _, code in changed.errors] == ["changed_when_shipped"]
    assert "quantity '12' can't be changed any more, it was 10: it is shipped, at least in part" in changed.text

    more = send(warehouse, "ship_confirmation", SHIPMENT, "S-3,SO-1,2026-11-22,1,1,AB-100,1")
    assert [code for _, _, code in more.errors] == ["over_shipped"]
    nothing = send(warehouse, "ship_confirmation", SHIPMENT, "S-3,SO-1,2026-11-22,1,9,AB-100,1")
    assert [code for _, _, code in nothing.errors] == ["no_such_line"]

    back = send(warehouse, "ship_confirmation", f"{SHIPMENT},action", "S-2,SO-1,,,,,,cancel")
    assert back.report.documents.cancelled == 1, back.text
    assert shipped_now() == ("PARTIALLY_SHIPPED", {"1": 4})
    raised = send(warehouse, "sales_order", ORDER, "SO-1,S1,1,AB-100,12", "SO-1,S1,2,AB-100,1")
    assert raised.report.verdict == "ACCEPTED", raised.text
    lowered = send(warehouse, "sales_order", ORDER, "SO-1,S1,1,AB-100,2", "SO-1,S1,2,AB-100,1")
    assert [code for _, _, code in lowered.errors] == ["less_than_shipped"]
    assert "quantity '2' is less than what is shipped, 4 of 12" in lowered.text
    lowered = send(warehouse, "sales_order", ORDER, "SO-1,S1,1,AB-100,4", "SO-1,S1,2,AB-100,1")
    assert lowered.report.verdict == "ACCEPTED", lowered.text
    raised = send(warehouse, "sales_order", ORDER, "SO-1,S1,1,AB-100,12", "SO-1,S1,2,AB-100,1")
    assert [code for _, _, code in raised.errors] == ["changed_when_shipped"]
    gone = send(warehouse, "sales_order", ORDER, "SO-1,S1,2,AB-100,1")
    assert [code for _, _, code in gone.errors] == ["already_shipped"]


@pytest.mark.both(slow=True)
def test_a_shipment_that_came_before_its_order_ships_it_all_the_same(warehouse: Warehouse) -> None:
    early = send(warehouse, "ship_confirmation", SHIPMENT, "S-1,SO-1,2026-11-21,1,1,AB-100,4")
    assert early.report.verdict == "ACCEPTED", early.text
    send(warehouse, "sales_order", ORDER, "SO-1,S1,1,AB-100,4")
    assert states(warehouse, "sales_orders", "customer_order_number") == [("SO-1", "SHIPPED")]


@pytest.mark.both(slow=True)
def test_json_nests_as_the_api_nests(warehouse: Warehouse) -> None:
    notice = {
        "asnNumber": "A-1",
        "vendorNumber": "V1",
        "lines": [
            {"lineNumber": "1", "skuId": "AB", "quantity": 60, "packages": [
                {"cartonId": CARTONS[0], "quantity": 40}, {"cartonId": CARTONS[1], "quantity": 20}]},
            {"lineNumber": "2", "skuId": "AC", "quantity": 5},
        ],
    }  # fmt: skip
    result = warehouse.run(json.dumps({"data": [notice]}), house("asn"), name="asn.json")
    assert result.report.verdict == "ACCEPTED", result.text
    assert amounts(warehouse, "asn_lines", "line_number", "quantity") == {"1": 60, "2": 5}
    assert len(warehouse.rows("SELECT * FROM asn_packages")) == 2
    flat = send(
        warehouse, "asn", ASN, f"V1,A-1,,,1,AB,40,{CARTONS[0]}", f"V1,A-1,,,1,AB,20,{CARTONS[1]}", "V1,A-1,,,2,AC,5,"
    )
    assert flat.report.documents.unchanged == 1, flat.text
    notice["lines"][0]["packages"][1]["quantity"] = "x"  # type: ignore[index]  # it is a list of objects
    wrong = warehouse.run(json.dumps({"data": [notice]}), house("asn"), name="asn.json")
    assert [(each["place"], each["code"]) for each in wrong.failures] == [
        ("/data/0/lines/0/packages/1", "not_a_number")
    ]


@pytest.mark.both(slow=True)
def test_a_failing_document_neither_frees_nor_takes_a_quantity(warehouse: Warehouse) -> None:
    send(warehouse, "sales_order", ORDER, "SO-1,S1,1,AB-100,10")
    send(warehouse, "ship_confirmation", SHIPMENT, "S-1,SO-1,2026-11-21,1,1,AB-100,4")
    header = f"{SHIPMENT},isFinal"
    again = send(warehouse, "ship_confirmation", header, "S-1,SO-1,2026-11-21,1,1,AB-100,4,maybe",
                 "S-2,SO-1,2026-11-21,1,1,AB-100,7,", "S-3,SO-1,2026-11-21,1,1,AB-100,6,")  # fmt: skip
    assert [code for _, _, code in again.errors] == ["not_a_flag", "over_shipped"], again.text
    assert states(warehouse, "sales_orders", "customer_order_number") == [("SO-1", "SHIPPED")]


@pytest.mark.both(slow=True)
def test_an_unchanged_confirmation_counts_first_and_a_stale_one_as_it_is_stored(warehouse: Warehouse) -> None:
    send(warehouse, "sales_order", ORDER, "SO-1,S1,1,AB,10")
    send(warehouse, "ship_confirmation", SHIPMENT, "S-2,SO-1,2026-11-21,1,1,AB,10")
    again = send(
        warehouse, "ship_confirmation", SHIPMENT, "S-1,SO-1,2026-11-21,1,1,AB,10", "S-2,SO-1,2026-11-21,1,1,AB,10"
    )
    assert {each["shipmentId"] for each in again.ack["failedShipments"]} == {"S-1"}
    assert amounts(warehouse, "sales_order_lines", "customer_line_number", "quantity_shipped") == {"1": 10}


@pytest.mark.both(slow=True)
def test_lines_that_are_taken_alone_are_added_up_too(warehouse: Warehouse) -> None:
    send(warehouse, "sales_order", ORDER, "SO-1,S1,1,AB,10")
    rows = ("S-1,SO-1,2026-11-21,1,1,AB,x", "S-1,SO-1,2026-11-21,2,1,AB,10", "S-1,SO-1,2026-11-21,3,1,AB,5")
    result = send(warehouse, "ship_confirmation", SHIPMENT, *rows, hold="line")
    assert [code for _, _, code in result.errors] == ["not_a_number", "over_shipped"]
    assert amounts(warehouse, "sales_order_lines", "customer_line_number", "quantity_shipped") == {"1": 10}


@pytest.mark.both(slow=True)
def test_a_cancelled_line_gives_back_what_was_shipped_of_it(warehouse: Warehouse) -> None:
    send(warehouse, "sales_order", ORDER, "SO-1,S1,1,AB,10", "SO-1,S1,2,AB,3")
    send(warehouse, "ship_confirmation", SHIPMENT, "S-1,SO-1,2026-11-21,1,1,AB,4")
    send(warehouse, "sales_order", f"{ORDER},line.action", "SO-1,S1,1,AB,10,cancel", "SO-1,S1,2,AB,3,")
    assert states(warehouse, "sales_orders", "customer_order_number") == [("SO-1", "PARTIALLY_SHIPPED")]
    send(warehouse, "ship_confirmation", f"{SHIPMENT},action", "S-1,SO-1,,,,,,cancel")
    assert amounts(warehouse, "sales_order_lines", "customer_line_number", "quantity_shipped") == {"1": 0, "2": 0}
    gone = send(warehouse, "sales_order", "customerOrderNumber,action", "SO-1,cancel")
    assert gone.report.documents.cancelled == 1, gone.text


def test_a_carton_never_goes_in_without_its_line(warehouse: Warehouse) -> None:
    result = send(warehouse, "asn", ASN, f"V1,A-1,,2026-11-20,1,AB,40,{CARTONS[0]}", f"V1,A-1,,2026-11-20,1,AB,xx,{CARTONS[1]}",
                  "V1,A-1,,2026-11-20,2,AB,5,", hold="line")  # fmt: skip
    assert result.report.books.balanced
    assert warehouse.rows("SELECT line_number FROM asn_lines") == [("2",)]
    assert warehouse.rows("SELECT * FROM asn_packages") == []
