"""Several values of one qualifier in interchanges where there is room for one: a failure, or the first and a warning."""

from __future__ import annotations

import json

import pytest

from tests.imports.test_several_numbers import (
    DESPATCH,
    GROUPS,
    LINE,
    LOOSE,
    NOTICE,
    RECEIPT,
    SHIPMENT,
    SHIPPED,
    TRANSFER,
)
from tests.interchanges import OPTIONAL, interchange, message, order, partner_of
from tests.warehouse import Warehouse

BEGIN, LINES = ("BEG*00*SA*SO-1**20261101", "N1*ST*Store*92*S1"), ("PO1*1*5*EA*2.5**VN*AB",)
ORDERS = ("BGM+220+SO-1+9", "DTM+137:20261101:102", "NAD+BY+B1::92", "NAD+DP+S1::92++Store", "CUX+2:EUR:9")
CHANGE = ("BGM+230+CH-1+4", "DTM+137:20261101:102")
ITEM, END = ("LIN+1++AB:SA", "QTY+21:5:PCE"), ("UNS+S",)
RECEIVED = ("W17*F*20261120*R-1**ASN-1", "N1*WH**92*B1", "W07*5*CA**VN*AB")
WEIGHED = ("TD1*CTN*5****G*10*LB", "TD1*CTN*3****G*7*LB")
FIRST = {
    "945 bills of lading": ("ship_confirmation", "945", (SHIPMENT[0], "N9*BM*B1", "N9*BM*B2", SHIPMENT[2], *SHIPPED), {"bolNumber": "B1, B2"}),
    "856 bills of lading": ("asn", "856", (*NOTICE[:2], "REF*BM*B1", "REF*BM*B2", *NOTICE[2:], *LOOSE, "SN1**5*EA"), {"bolNumber": "B1, B2"}),
    "856 cartons": ("asn", "856", (*NOTICE[:2], *WEIGHED, *NOTICE[2:], *LOOSE, "SN1**5*EA"), {"totalCartons": "5, 3", "totalWeight": "10, 7"}),
    "856 parcels": ("asn", "856", (*NOTICE[:2], "REF*2I*1Z9", *NOTICE[2:], "HL*3*2*P", "MAN*CP*1Z1", "HL*4*3*I", "LIN*1*BP*AB", "SN1**5*EA"), {"trackingNumber": "1Z9, 1Z1"}),
    "856 the same parcel": ("asn", "856", (*NOTICE[:2], "REF*2I*1Z9", *NOTICE[2:], "HL*3*2*P", "MAN*CP*1Z9", "HL*4*3*I", "LIN*1*BP*AB", "SN1**5*EA"), {}),
    "850 days": ("sales_order", "850", (BEGIN[0], "DTM*002*20270101", "DTM*002*20270102", BEGIN[1], *LINES), {"customerDates.requestedDeliveryDate": "20270101 (DTM*002), 20270102 (DTM*002)"}),
    "850 days of two kinds": ("sales_order", "850", (BEGIN[0], "DTM*106*20270102", "DTM*002*20270101", BEGIN[1], *LINES), {"customerDates.requestedDeliveryDate": "20270101 (DTM*002), 20270102 (DTM*106)"}),
    "850 one day of two kinds": ("sales_order", "850", (BEGIN[0], "DTM*106*20270101", "DTM*002*20270101", BEGIN[1], *LINES), {}),
    "ORDERS days of two kinds": ("sales_order", "ORDERS", (*ORDERS[:2], "DTM+69:20270102:102", "DTM+2:202701010900:203", *ORDERS[2:], *ITEM, *END), {"customerDates.requestedDeliveryDate": "20270101 (DTM*2), 20270102 (DTM*69)"}),
    "940 days": ("sales_order", "940", (*order("SO-1"), "G62*10*20270101", "G62*10*20270102", "LX*1", "W01*5*EA**VN*AB"), {"customerDates.requestedShipDate": "20270101 (G62*10), 20270102 (G62*10)"}),
    "ORDERS days": ("sales_order", "ORDERS", (*ORDERS[:2], "DTM+2:20270101:102", "DTM+2:20270102:102", *ORDERS[2:], *ITEM, *END), {"customerDates.requestedDeliveryDate": "20270101 (DTM*2), 20270102 (DTM*2)"}),
    "ORDERS prices": ("sales_order", "ORDERS", (*ORDERS, *ITEM, "PRI+AAA:2.5", "PRI+AAA:3.5", *END), {"unitPrice": "2.5, 3.5"}),
    "ORDERS prices of two kinds": ("sales_order", "ORDERS", (*ORDERS, *ITEM, "PRI+AAA:2.5", "PRI+AAB:3.5", *END), {}),
    "945 the same twice": ("ship_confirmation", "945", (SHIPMENT[0], "N9*BM*B1", "N9*BM*B1", SHIPMENT[2], *SHIPPED), {}),
}  # fmt: skip
"""By what it is: its document and type, its segments, and the values of which the first counts, by field."""


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("name", FIRST)
def test_of_several_values_the_first_counts_and_a_warning_names_them(warehouse: Warehouse, name: str) -> None:
    """Also of the second set, which is read by the shape of the first."""
    document, type_, segments, named = FIRST[name]
    drop(warehouse, document, type_, segments)
    drop(warehouse, document, type_, segments, number=2)
    noted = warehouse.rows("SELECT field, detail FROM job_failures WHERE code = 'first_of_several' ORDER BY job_id")
    assert [(field, json.loads(detail)["sent"]) for field, detail in noted] == [*named.items()] * 2


def drop(warehouse: Warehouse, document: str, type_: str, segments: tuple[str, ...], number: int = 1) -> None:
    """Import a set, which is accepted; ``number``: of its document, too."""
    assert brought(warehouse, document, type_, segments, number) == "ACCEPTED"


def brought(warehouse: Warehouse, document: str, type_: str, segments: tuple[str, ...], number: int = 1) -> str:
    """What becomes of a set."""
    warehouse.partner(whole=partner_of(type_, document=document, keys=OPTIONAL if document == "sales_order" else ""))
    own = tuple(each.replace("-1", f"-{number}") for each in segments)
    group = {**GROUPS, "850": "PO", "940": "OW", "860": "PC", "944": "RE", "846": "IB"}.get(type_)
    content = (
        interchange(own, number=number, type_=type_, group=group) if group else message(type_, *own, number=number)
    )
    warehouse.drop(f"{number}.edi", content)
    (report,) = warehouse.reports()
    return str(report.verdict)


FAIL = {
    "945 lines": ("ship_confirmation", "945", (*SHIPMENT, *SHIPPED, "N9*LI*2"), "customerLineNumber", "1, 2"),
    "940 lines": ("sales_order", "940", (*order("SO-1", "5 EA AB"), "N9*LI*10", "N9*LI*20"), "customerLineNumber", "10, 20"),
    "943 lines": ("asn", "943", (*TRANSFER, "W04*3*EA**VN*AB", "N9*LI*1", "N9*LI*2", "W03*3"), "lineNumber", "1, 2"),
    "944 lines": ("receipt", "944", (*RECEIVED, "N9*LI*1", "N9*LI*2", "W14*5"), "documentLineNumber", "1, 2"),
    "ORDERS quantities": ("sales_order", "ORDERS", (*ORDERS, *ITEM, "QTY+21:7:PCE", *END), "quantity", "5, 7"),
    "ORDCHG orders": ("sales_order", "ORDCHG", (*CHANGE, "RFF+ON:SO-1", "RFF+ON:SO-9", *ORDERS[2:], *ITEM, *END), "customerOrderNumber", "SO-1, SO-9"),
    "DESADV quantities": ("asn", "DESADV", (*DESPATCH, *LINE, "QTY+12:3:PCE", "QTY+12:4:PCE"), "line.quantity", "3, 4"),
    "DESADV orders of a line": ("asn", "DESADV", (*DESPATCH, *LINE, "QTY+12:3:PCE", "RFF+ON:PO-1", "RFF+ON:PO-9"), "line.purchaseOrderNumber", "PO-1, PO-9"),
    "RECADV notices": ("receipt", "RECADV", (*RECEIPT[:4], "RFF+AAK:ASN-9", *RECEIPT[4:], *LINE, "QTY+48:3"), "documentNumber", "ASN-1, ASN-9"),
}  # fmt: skip
"""By what it is: its document and type, its segments, the field and what is sent of it."""


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("name", FAIL)
def test_several_lines_quantities_or_documents_are_a_failure(warehouse: Warehouse, name: str) -> None:
    """One of them would be counted against another order, or count too little."""
    document, type_, segments, field, sent = FAIL[name]
    assert brought(warehouse, document, type_, segments) == "REJECTED"
    failures = warehouse.rows("SELECT code, field, value FROM job_failures WHERE severity = 'error'")
    assert ("several_values", field, sent) in failures


@pytest.mark.both(slow=True)
def test_several_orders_of_a_despatch_are_none_of_its_lines(warehouse: Warehouse) -> None:
    """A line that names no order of its own would be counted against the first."""
    orders = ("RFF+ON:PO-1", "RFF+ON:PO-2", *DESPATCH[2:])
    drop(warehouse, "asn", "DESADV", (*DESPATCH[:2], *orders, *LINE, "QTY+12:3:PCE"))
    assert warehouse.rows("SELECT purchase_order_number FROM asn_lines") == [(None,)]
    noted = warehouse.rows("SELECT code, field FROM job_failures WHERE code = 'none_of_several'")
    assert noted == [("none_of_several", "header.purchaseOrderNumber")]


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("unit", ["CA", "EA"])
def test_what_is_damaged_in_another_unit_is_not_counted_as_it_stands(warehouse: Warehouse, unit: str) -> None:
    verdict = brought(warehouse, "receipt", "944", (*RECEIVED, f"W13*2*{unit}*01", "W14*5"))
    assert verdict == ("ACCEPTED" if unit == "CA" else "REJECTED")
    failures = warehouse.rows("SELECT code, field, value FROM job_failures WHERE severity = 'error'")
    assert failures == ([] if unit == "CA" else [("unit_beside", "quantityDamaged", "2 EA")])


IDS = {
    "850": ("sales_order", "850", (BEGIN[0], BEGIN[1], "PO1*1*5*EA*2.5**VN*AB*VN*{}")),
    "850 LIN": ("sales_order", "850", (BEGIN[0], BEGIN[1], "PO1*1*5*EA*2.5**VN*AB", "LIN**VN*{}")),
    "940": ("sales_order", "940", (*order("SO-1"), "LX*1", "W01*5*EA**VN*AB*VN*{}")),
    "945": ("ship_confirmation", "945", (*SHIPMENT, "W12*CC*1*1**EA**SK*AB*************SK*{}", "N9*LI*1")),
    "856": ("asn", "856", (*NOTICE, LOOSE[0], "LIN*1*BP*AB*BP*{}", "SN1**5*EA")),
    "ORDERS": ("sales_order", "ORDERS", (*ORDERS, "LIN+1", "PIA+5+AB:SA", "PIA+1+{}:SA", "QTY+21:5:PCE", *END)),
    "ORDERS of LIN": ("sales_order", "ORDERS", (*ORDERS, "LIN+1++AB:SA", "PIA+1+{}:SA", "QTY+21:5:PCE", *END)),
    "DESADV": ("asn", "DESADV", (*DESPATCH, "LIN+1", "PIA+5+AB:IN+{}:IN", "QTY+12:3:PCE")),
}  # fmt: skip
"""By what it is: its document and type, and its segments, with a second id of the item."""


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("name", IDS)
def test_two_items_of_one_line_are_a_failure(warehouse: Warehouse, name: str) -> None:
    """One of them would be another item; the same id twice is one."""
    document, type_, segments = IDS[name]
    drop(warehouse, document, type_, tuple(each.format("AB") for each in segments))
    verdict = brought(warehouse, document, type_, tuple(each.format("AC") for each in segments), number=2)
    assert verdict == "REJECTED"
    failures = warehouse.rows("SELECT code, field, value FROM job_failures WHERE severity = 'error'")
    assert failures == [("several_values", "skuId", "AB, AC")]


def test_two_ids_of_the_customer_are_said(warehouse: Warehouse) -> None:
    drop(warehouse, "sales_order", "850", (*BEGIN, "PO1*1*5*EA*2.5**VN*AB*BP*X1*BP*X2"))
    noted = warehouse.rows("SELECT field, detail FROM job_failures WHERE code = 'first_of_several'")
    assert [(field, json.loads(detail)["sent"]) for field, detail in noted] == [("customerSku", "X1, X2")]


@pytest.mark.both(slow=True)
def test_an_item_that_was_ordered_instead_is_not_that_of_its_line(warehouse: Warehouse) -> None:
    """Also of the second message, which is read by the shape of the first."""
    for number in (1, 2):
        instead = ("LIN+1", "PIA+4+OLD:SA", "PIA+5+AB:SA", "QTY+21:5:PCE")
        drop(warehouse, "sales_order", "ORDERS", (*ORDERS, *instead, *END), number=number)
    assert warehouse.rows("SELECT sku_id FROM sales_order_lines") == [("AB",)] * 2
    noted = warehouse.rows("SELECT value FROM job_failures WHERE code = 'segments_unused'")
    assert noted == [("PIA*4 1",)] * 2


@pytest.mark.parametrize(
    ("ids", "name", "sent"),
    [
        (
            ("PID*F*75***RED", "PID*F*08***Loom band", "PID*F*91***L"),
            "Loom band",
            "Loom band (PID*08), RED (PID*F), L (PID*F)",
        ),
        (("PID*F*08***Loom band",), "Loom band", ""),
        (("PID*F****Loom band",), "Loom band", ""),
        (("PID*F****Loom band", "PID*F*75***RED"), "Loom band", "Loom band (PID*F), RED (PID*F)"),
    ],
)
def test_an_item_has_the_name_of_the_product_not_its_colour(
    warehouse: Warehouse, ids: tuple[str, ...], name: str, sent: str
) -> None:
    """PID02 says of what a text is: 08 is the product, 75 the buyer's colour, 91 his size."""
    warehouse.partner(whole=partner_of("832", document="sku", keys=""))
    warehouse.drop("1.edi", interchange(("BCT*PC", "LIN**SK*A1*UP*012345678905", *ids), type_="832", group="SC"))
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    assert warehouse.rows("SELECT name, description1 FROM skus") == [(name, name)]
    details = warehouse.rows("SELECT detail FROM job_failures WHERE code = 'first_of_several'")
    assert [json.loads(detail)["sent"] for (detail,) in details] == [sent] * bool(sent)
