"""Segments of interchanges that stand several times, outside of their loop, or whose loop doesn't begin (contract edi.md §11)."""

from __future__ import annotations

import pytest

from tests.imports.test_first_of_several import BEGIN, ITEM, LINES, ORDERS, RECEIVED, brought
from tests.imports.test_several_numbers import DESPATCH, LINE, NOTICE, RECEIPT, SHIPMENT, SHIPPED, TRANSFER
from tests.interchanges import OPTIONAL, interchange, order, partner_of
from tests.warehouse import Warehouse

GOODS = ("LIN*1*BP*AB", "SN1**5*EA")
BOX = ("HL*3*2*P", "MAN*GM*340123450000000017")
TWICE = {
    "850 in an 850": ("sales_order", "850", (*BEGIN, *LINES, "BEG*00*SA*SO-2**20261101", "PO1*2*7*EA*1**VN*CD"), "customerOrderNumber", "SO-1, SO-2"),
    "945 in a 945": ("ship_confirmation", "945", (*SHIPMENT, *SHIPPED, "W06*N*SO-2*20261120*SH-1", "LX*2", "W12*CC*1*1**EA**VN*AB"), "customerOrderNumber", "SO-1, SO-2"),
    "ORDERS": ("sales_order", "ORDERS", ("BGM+220+SO-1+9", "BGM+220+SO-2+9", *ORDERS[1:], *ITEM, "UNS+S"), "customerOrderNumber", "SO-1, SO-2"),
    "856 quantities": ("asn", "856", (*NOTICE, "HL*3*2*I", *GOODS, "SN1**7*EA"), "line.quantity", "5, 7"),
    "856 quantities in a carton": ("asn", "856", (*NOTICE, *BOX, "HL*4*3*I", *GOODS, "SN1**7*EA"), "package.quantity", "5, 7"),
    "856 orders": ("asn", "856", (*NOTICE, "PRF*PO-2", "HL*3*2*I", *GOODS), "line.purchaseOrderNumber", "PO-1, PO-2"),
}  # fmt: skip
"""By what it is: its document and type, its segments, the field of the segment that may be there once, and its values."""


@pytest.mark.parametrize("name", TWICE)
def test_another_document_or_item_in_a_set_is_a_failure(warehouse: Warehouse, name: str) -> None:
    """Its lines would be stored under the number of the first, or its goods not at all."""
    document, type_, segments, field, values = TWICE[name]
    assert brought(warehouse, document, type_, segments) == "REJECTED"
    failures = warehouse.rows("SELECT field, detail FROM job_failures WHERE code = 'element_twice'")
    assert [each for each, detail in failures if values in detail] == [field]


REPEATED = {
    "other carriers": (("TD5*O*2*UPSN", "TD5*B*2*FDEG"), ["carrierId"]),
    "one carrier": (("TD5*O*2*UPSN", "TD5*B*2*UPSN"), []),
}
"""By what it is: segments of which the standard allows several, and what is said of them."""


@pytest.mark.parametrize("name", REPEATED)
def test_of_a_segment_that_may_stand_several_times_the_first_counts(warehouse: Warehouse, name: str) -> None:
    """Also of the second set, which is read by the shape of the first."""
    segments, fields = REPEATED[name]
    for number in (1, 2):
        assert brought(warehouse, "sales_order", "850", (BEGIN[0], *segments, BEGIN[1], *LINES), number) == "ACCEPTED"
    noted = warehouse.rows("SELECT field FROM job_failures WHERE code = 'first_of_several'")
    assert noted == [(each,) for each in fields] * 2


STRAY = {
    "an order's": (*NOTICE, *GOODS, "HL*3*2*I", *GOODS),
    "a carton's": (*NOTICE, "HL*3*2*I", *GOODS, "HL*4*2*P", *GOODS),
    "of a level that nobody knows": (*NOTICE, "HL*3*2*I", *GOODS, "HL*4*2*N", *GOODS),
    "a second item's": (*NOTICE, "HL*3*2*I", *GOODS, "LIN*1*VN*CD", GOODS[1]),
}
"""By what it is: an 856 with goods that are in no item's loop."""


@pytest.mark.parametrize("name", STRAY)
def test_goods_that_are_in_no_line_are_a_failure(warehouse: Warehouse, name: str) -> None:
    """They would be missing, and the notice be taken."""
    assert brought(warehouse, "asn", "856", STRAY[name]) == "REJECTED"
    assert ("stray_line",) in warehouse.rows("SELECT code FROM job_failures WHERE severity = 'error'")


def test_a_change_with_lines_of_another_set_is_a_failure(warehouse: Warehouse) -> None:
    """It was taken as one without lines, and answered as done."""
    assert brought(warehouse, "sales_order", "850", (*BEGIN, *LINES)) == "ACCEPTED"
    change = interchange(("BCH*04*SA*SO-1***20261102", "PO1*1*3*EA*2.5**VN*AB"), type_="860", group="PC", number=2)
    warehouse.partner(whole=partner_of("860", keys=OPTIONAL))
    warehouse.drop("2.edi", change)
    assert [report.verdict for report in warehouse.reports()] == ["REJECTED"]
    assert ("stray_line",) in warehouse.rows("SELECT code FROM job_failures WHERE severity = 'error'")


REPORTED = {
    ("943", "K"): ("asn", TRANSFER, ("W04*3*EA**VN*AB", "N9*LI*1", "W03*3"), "ACCEPTED"),
    ("944", "K"): ("receipt", RECEIVED, (), "ACCEPTED"),
    ("944", "A"): ("receipt", RECEIVED, (), "REJECTED"),
    ("944", "X"): ("receipt", RECEIVED, (), "REJECTED"),
    ("945", "K"): ("ship_confirmation", SHIPMENT, SHIPPED, "ACCEPTED"),
    ("945", "X"): ("ship_confirmation", SHIPMENT, SHIPPED, "REJECTED"),
}
"""By type and what it says that it reports (514): its document, its segments, and the verdict."""


@pytest.mark.parametrize("which", REPORTED, ids=" ".join)
def test_an_exercise_an_inventory_and_exceptions_alone_are_not_stored(
    warehouse: Warehouse, which: tuple[str, str]
) -> None:
    """They were taken as what has come, or was shipped."""
    type_, code = which
    document, begin, lines, verdict = REPORTED[which]
    name, _, rest = begin[0].split("*", 2)
    assert brought(warehouse, document, type_, (f"{name}*{code}*{rest}", *begin[1:], *lines)) == verdict
    for table in ("asns", "receipts", "shipments"):
        assert warehouse.rows(f"SELECT * FROM {table}") == []


def test_a_second_shipment_in_a_notice_is_a_failure(warehouse: Warehouse) -> None:
    """Its goods would be stored as on the way to the first one's place."""
    other = ("HL*4**S", "N1*ST**92*B2", "HL*5*4*O", "PRF*PO-2", "HL*6*5*I", *GOODS)
    assert brought(warehouse, "asn", "856", (*NOTICE, "HL*3*2*I", *GOODS, *other)) == "REJECTED"
    assert ("shipment_twice",) in warehouse.rows("SELECT code FROM job_failures WHERE severity = 'error'")


def test_parts_of_an_item_and_a_sum_of_a_carton_are_no_lines(warehouse: Warehouse) -> None:
    part = ("HL*5*4*F", "LIN*1*BP*PART", "SN1**2*EA")
    assert brought(warehouse, "asn", "856", (*NOTICE, *BOX, *GOODS, "HL*4*3*I", *GOODS, *part)) == "ACCEPTED"
    assert warehouse.rows("SELECT sku_id, CAST(quantity AS INTEGER) FROM asn_lines") == [("AB", 5)]


ASSUMED = {
    "DESADV": ("asn", "DESADV", (*DESPATCH[:-1], *LINE, "QTY+12:3:PCE", "LIN+2", "PIA+1+CD:IN", "QTY+12:4:PCE"), "CPS", "asn_lines"),
    "RECADV": ("receipt", "RECADV", (*RECEIPT[:-1], *LINE, "QTY+48:3:PCE", "LIN+2", "PIA+1+CD:IN", "QTY+48:4:PCE"), "CPS", "receipt_lines"),
    "940": ("sales_order", "940", (*order("SO-1"), "W01*3*EA**VN*AB", "W01*4*EA**VN*CD"), "LX", "sales_order_lines"),
    "945": ("ship_confirmation", "945", (*SHIPMENT[:-1], "W12*CC*3*3**EA**VN*AB", "N9*LI*1", "W12*CC*4*4**EA**VN*CD", "N9*LI*2"), "LX", "shipment_lines"),
}  # fmt: skip
"""By its type: a set without the segments that its lines' loops begin with, which one, and the table of its lines."""


@pytest.mark.parametrize("name", ASSUMED)
def test_lines_without_the_segment_that_holds_them_are_read_and_it_is_said(warehouse: Warehouse, name: str) -> None:
    """A DESADV without CPS is what many generators write; it had no lines."""
    document, type_, segments, missing, table = ASSUMED[name]
    assert brought(warehouse, document, type_, segments) == "ACCEPTED"
    assert warehouse.rows(f"SELECT sku_id FROM {table} ORDER BY 1") == [("AB",), ("CD",)]
    ((detail,),) = warehouse.rows("SELECT detail FROM job_failures WHERE code = 'loop_missing'")
    assert f'"{missing}"' in detail


def test_two_stocks_of_one_item_are_a_failure(warehouse: Warehouse) -> None:
    """The second place was stored with what the first one has."""
    places = ("N1*WH**92*B1", "LIN**VN*AB", "QTY*17*5*EA", "N1*WH**92*B2", "QTY*17*6*EA")
    assert brought(warehouse, "inventory", "846", ("BIA*00*SI*E*20261120*0900", *places)) == "REJECTED"
    assert ("several_values", "onHand") in warehouse.rows("SELECT code, field FROM job_failures")
