"""Several serial numbers, lots, days and labels of one line in interchanges: a package each, or a failure."""

from __future__ import annotations

import json

import pytest

from crossdock.jobs import open_documents
from crossdock.workers.by_path import replay
from tests.interchanges import interchange, message, partner_of
from tests.reports.excel.test_fix_workbook import corrected
from tests.warehouse import Result, Warehouse

ONE, OTHER = "340123450000000017", "340123450000000024"
NOTICE = ("BSN*00*ASN-1*20261119*1200*0001", "HL*1**S", "N1*VN*Factory*92*V1", "N1*ST**92*B1", "HL*2*1*O", "PRF*PO-1")
CARTON = ("HL*3*2*P", f"MAN*GM*{ONE}")
ITEM = ("HL*4*3*I", "LIN*1*BP*AB")
LOOSE = ("HL*3*2*I", "LIN*1*BP*AB")
TRANSFER = ("W06*N*ASN-1*20261120", "N1*WH**92*B1", "N1*ST**92*B1", "N1*VN**92*V1")
SHIPMENT = ("W06*N*SO-1*20261120*SH-1", "N1*WH**92*B1", "LX*1")
RECEIVED = ("W17*F*20261120*R-1**ASN-1", "N1*WH**92*B1", "W07*2*EA**VN*AB")
RETURN = ("BGN*00*RMA-1*20261119", "N1*ST**92*B1", "N1*BY*Me*92*C1", "BLI*VN*AB*1*EA")
DESPATCH = ("BGM+351+ASN-1+9", "DTM+137:20261120:102", "NAD+SU+V1::92", "NAD+DP+B1::92", "CPS+1")
PACKED = ("CPS+2+1", "PAC+1++CT", "PCI+33E", f"GIN+BJ+{ONE}")
LINE = ("LIN+1", "PIA+1+AB:IN")
RECEIPT = ("BGM+632+R-1+9", "DTM+137:20261120:102", "DTM+50:20261120:102", "RFF+AAK:ASN-1", "NAD+DP+B1::92", "CPS+1")
GROUPS = {"856": "SH", "943": "AR", "944": "RE", "945": "SW", "180": "AN"}


def content(type_: str, *segments: str, number: int = 1) -> bytes:
    """An interchange with one set of that type."""
    if type_ in GROUPS:
        return interchange(segments, number=number, type_=type_, group=GROUPS[type_])
    return message(type_, *segments, number=number)


EACH = {
    "856 in a carton": ("856", (*NOTICE, *CARTON, *ITEM, "SN1**3*EA", "REF*SE*S1", "REF*SE*S2", "REF*SE*S3"), ONE),
    "856 loose": ("856", (*NOTICE, *LOOSE, "SN1**3*EA", "REF*SE*S1", "REF*SE*S2", "REF*SE*S3"), ""),
    "856 in LIN": ("856", (*NOTICE, *LOOSE[:1], "LIN*1*BP*AB*SN*S1*SN*S2", "SN1**3*EA", "REF*SE*S3"), ""),
    "856 of the carton": ("856", (*NOTICE, *CARTON, "REF*SE*S1", "REF*SE*S2", "REF*SE*S3", *ITEM, "SN1**3*EA"), ONE),
    "856 of the pallet": ("856", (*NOTICE, "HL*3*2*T", "REF*SE*S1", "REF*SE*S2", "REF*SE*S3", *ITEM, "SN1**3*EA"), ""),
    "943": ("943", (*TRANSFER, "W04*3*EA**VN*AB", "N9*LI*1", "N9*SE*S1", "N9*SE*S2", "N9*SE*S3", "W03*3"), ""),
    "DESADV in a carton": ("DESADV", (*DESPATCH, *PACKED, *LINE, "QTY+12:3:PCE", "GIN+BN+S1+S2", "GIN+SN+S3"), ONE),
    "DESADV loose": ("DESADV", (*DESPATCH, *LINE, "QTY+12:3:PCE", "GIN+BN+S1+S2+S3", "GIN+BN+S3"), ""),
    "DESADV by marks": (
        "DESADV",
        (*DESPATCH, *LINE, "QTY+12:3:PCE", "PCI+17", "GIN+BN+S1+S2", "PCI+17", "GIN+BN+S3"),
        "",
    ),
}  # fmt: skip
"""By what it is: its type, its segments, the carton it is in."""


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("name", EACH)
def test_several_serial_numbers_are_a_package_each(warehouse: Warehouse, name: str) -> None:
    type_, segments, carton = EACH[name]
    warehouse.partner(whole=partner_of(type_, document="asn", keys=""))
    warehouse.drop("a.edi", content(type_, *segments))
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    packages = warehouse.rows("SELECT carton_id, serial_number, CAST(quantity AS INTEGER) FROM asn_packages ORDER BY 2")
    assert packages == [(carton, f"S{each}", 1) for each in (1, 2, 3)]
    assert warehouse.rows("SELECT CAST(quantity AS INTEGER) FROM asn_lines") == [(3,)]


LINES = {
    "945": ("ship_confirmation", (*SHIPMENT, "W12*PR*5*3*2*EA**VN*AB", "N9*LI*1", "N9*SE*S1", "N9*SE*S2", "N9*SE*S3", "LX*2", "W12*CC*1*1**EA**VN*CD", "N9*LI*2", "W03*4"),
            "SELECT line_number, serial_number, CAST(quantity_shipped AS INTEGER), CAST(quantity_ordered AS INTEGER), line_status FROM shipment_lines ORDER BY 1",
            [("1", "S1", 1, 3, "SHORT"), ("2", "S2", 1, 1, "SHIPPED"), ("3", "S3", 1, 1, "SHIPPED"), ("4", None, 1, 1, "SHIPPED")]),
    "944": ("receipt", (*RECEIVED, "N9*LI*1", "N9*SE*S1", "N9*SE*S2", "W14*2"),
            "SELECT line_number, serial_number, CAST(quantity_received AS INTEGER), document_line_number FROM receipt_lines ORDER BY 1",
            [("1", "S1", 1, "1"), ("2", "S2", 1, "1")]),
    "180": ("rma", (*RETURN[:-1], "BLI*VN*AB*2*EA", "N9*SE*S1", "N9*SE*S2"),
            "SELECT line_number, serial_number, CAST(quantity AS INTEGER) FROM rma_lines ORDER BY 1", [("1", "S1", 1), ("2", "S2", 1)]),
    "RECADV": ("receipt", (*RECEIPT, *LINE, "QTY+48:2:PCE", "GIN+BN+S1+S2"),
               "SELECT line_number, serial_number, CAST(quantity_received AS INTEGER) FROM receipt_lines ORDER BY 1", [("1", "S1", 1), ("2", "S2", 1)]),
}  # fmt: skip
"""By its type: its document, its segments, what is asked of the database and its answer."""


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("type_", LINES)
def test_several_serial_numbers_are_a_line_each(warehouse: Warehouse, type_: str) -> None:
    """Where a line has one serial number only; what the set adds up to is right for all of them."""
    document, segments, question, lines = LINES[type_]
    warehouse.partner(whole=partner_of(type_, document=document, keys=""))
    warehouse.drop("a.edi", content(type_, *segments))
    errors = warehouse.reports() and warehouse.rows(
        "SELECT code, field, value FROM job_failures WHERE severity = 'error'"
    )
    assert errors == []
    assert [tuple(each or None for each in row) for row in warehouse.rows(question)] == lines


TOP, PART = ("PAC+2++CT", "MEA+PD+AAB+KGM:{}"), ("CPS+2+1", "PAC+1++CT", "MEA+PD+AAB+KGM:7", "PCI+33E", f"GIN+BJ+{ONE}")
ITEMS = (*LINE, "QTY+12:3:PCE")


@pytest.mark.parametrize(
    ("segments", "weight"),
    [
        ((*DESPATCH, *TOP, *PART, *ITEMS), "{}"),
        ((*DESPATCH, *TOP, *ITEMS), "{}"),
        ((*DESPATCH[:2], "MEA+PD+AAB+KGM:99", *DESPATCH[2:], *TOP, *PART, *ITEMS), "99"),
        ((*DESPATCH, *TOP, *TOP, *PART, *ITEMS), None),
        ((*DESPATCH, *PART, *ITEMS), None),
        ((*DESPATCH, *TOP, *ITEMS, "CPS+2", "PAC+1", "LIN+2", *ITEMS[1:]), None),
    ],
    ids=["of the first CPS", "the only CPS", "the header's first", "two packages", "a part's", "two tops"],
)
def test_a_weight_in_the_first_cps_is_that_of_the_whole_shipment(
    warehouse: Warehouse, segments: tuple[str, ...], weight: str | None
) -> None:
    """Also of a set of the same shape; a weight of a part is none of it."""
    warehouse.partner(whole=partner_of("DESADV", document="asn", keys=""))
    for number in (41, 42):
        filled = "~".join(segments).format(*[number] * 2).replace("ASN-1", f"ASN-{number}").replace(ONE, f"{number}")
        filled = filled.replace(f"GIN+BJ+{number}", f"GIN+BJ+{ONE if number == 41 else OTHER}")
        warehouse.drop(f"{number}.edi", content("DESADV", *filled.split("~"), number=number))
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"] * 2
    rows = warehouse.rows("SELECT CAST(total_weight AS INTEGER), weight_uom FROM asns ORDER BY asn_number")
    assert rows == [(None, None) if weight is None else (int(weight.format(each)), "KG") for each in (41, 42)]


@pytest.mark.parametrize("edit", ["unedited", "with another quantity", "replay"])
def test_several_numbers_that_come_back_fail_again(warehouse: Warehouse, edit: str) -> None:
    """In a fix-workbook or by a replay: they are never stored as one number."""
    warehouse.partner(whole=partner_of("856", document="asn", keys=""))
    first = brought(warehouse, "a.edi", content("856", *NOTICE, *LOOSE, "SN1**3*EA", "REF*SE*S1", "REF*SE*S2"))
    if edit == "replay":
        (ended,) = replay(warehouse.site, open_documents.open_documents(warehouse.database))
        again = Result(warehouse.row(ended.job).report, warehouse.database, ended.job)
    else:
        changes = [(2, "line.quantity", "2")] if edit != "unedited" else []
        again = brought(warehouse, "b.xlsx", corrected(warehouse.fix(first), *changes))
    assert first.job != again.job
    assert warehouse.rows("SELECT serial_number FROM asn_packages") == []
    named = "LIN*SN" if edit == "replay" else SERIAL
    assert [(column, code) for _, column, code in again.errors] == [(named, "several_values")]


def brought(warehouse: Warehouse, name: str, file: bytes) -> Result:
    warehouse.drop(name, file)
    (report,) = warehouse.reports()
    return Result(report, warehouse.database, report.job)


def test_a_line_for_several_places_that_comes_back_unedited_fails_again(warehouse: Warehouse) -> None:
    """One address can't be right; a row whose problem is emptied is."""
    warehouse.partner(whole=partner_of("850"))
    order = ("BEG*00*NE*PO-1**20261101", "PO1*1*5*EA*2.5**VN*A", "SDQ*EA*92*0001*3*0002*2")
    first = brought(warehouse, "a.edi", interchange(order, type_="850", group="PO"))
    assert [code for _, _, code in first.errors] == ["split_destinations"]
    again = brought(warehouse, "b.xlsx", corrected(warehouse.fix(first)))
    assert [each[1:] for each in again.errors] == [("quantity", "split_destinations")]
    assert warehouse.order_numbers() == []
    brought(warehouse, "c.xlsx", corrected(warehouse.fix(again), (2, "Problem", "")))
    assert warehouse.order_numbers() == ["PO-1"]


SERIAL, LOT, DAY, LABEL = "serialNumber", "lotNumber", "expirationDate", "cartonId"
SHIPPED = ("W12*CC*1*1**EA**VN*AB", "N9*LI*1")
TOO_MANY = {
    "856 serials": ("asn", "856", (*NOTICE, *LOOSE, "SN1**3*EA", "REF*SE*S1", "REF*SE*S2"), SERIAL, "S1, S2"),
    "856 one piece": ("asn", "856", (*NOTICE, *LOOSE, "SN1**1*EA", "REF*SE*S1", "REF*SE*S2"), SERIAL, "S1, S2"),
    "856 lots": ("asn", "856", (*NOTICE, LOOSE[0], "LIN*1*BP*AB*LT*L1", "SN1**2*EA", "REF*LT*L2"), LOT, "L1, L2"),
    "856 days": ("asn", "856", (*NOTICE, *LOOSE, "SN1**2*EA", "DTM*036*20270101", "DTM*036*20270102"), DAY, "20270101, 20270102"),
    "856 labels": ("asn", "856", (*NOTICE, *CARTON, f"MAN*GM*{OTHER}", *ITEM, "SN1**2*EA"), LABEL, f"{ONE}, {OTHER}"),
    "945 serials": ("ship_confirmation", "945", (*SHIPMENT, *SHIPPED, "N9*SE*S1", "N9*SE*S2"), SERIAL, "S1, S2"),
    "945 lots": ("ship_confirmation", "945", (*SHIPMENT, *SHIPPED, "N9*LT*L1", "N9*LT*L2"), LOT, "L1, L2"),
    "180 serials": ("rma", "180", (*RETURN, "N9*SE*S1", "N9*SE*S2"), SERIAL, "S1, S2"),
    "945 fewer serials": ("ship_confirmation", "945", (*SHIPMENT, "W12*CC*3*3**EA**VN*AB", "N9*LI*1", "N9*SE*S1", "N9*SE*S2"), SERIAL, "S1, S2"),
    "944 damaged": ("receipt", "944", (*RECEIVED, "N9*LI*1", "N9*SE*S1", "N9*SE*S2", "W13*1*EA*01", "W14*2"), SERIAL, "S1, S2"),
    "DESADV serials": ("asn", "DESADV", (*DESPATCH, *LINE, "QTY+12:3:PCE", "GIN+BN+S1+S2"), SERIAL, "S1, S2"),
    "DESADV lots": ("asn", "DESADV", (*DESPATCH, *LINE, "QTY+12:2:PCE", "GIN+BX+L1+L2"), LOT, "L1, L2"),
    "DESADV days": ("asn", "DESADV", (*DESPATCH, *LINE, "QTY+12:2:PCE", "DTM+361:20270101:102", "DTM+361:20270102:102"), DAY, "20270101, 20270102"),
    "RECADV serials": ("receipt", "RECADV", (*RECEIPT, *LINE, "QTY+48:3:PCE", "GIN+BN+S1+S2"), SERIAL, "S1, S2"),
    "RECADV lots": ("receipt", "RECADV", (*RECEIPT, *LINE, "QTY+48:2:PCE", "GIN+BX+L1", "RFF+BT:L2"), LOT, "L1, L2"),
}  # fmt: skip
"""By what it is: its document and type, its segments, the field and what is sent of it."""


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("name", TOO_MANY)
def test_several_values_where_there_is_room_for_one_are_a_failure(warehouse: Warehouse, name: str) -> None:
    document, type_, segments, field, sent = TOO_MANY[name]
    warehouse.partner(whole=partner_of(type_, document=document, keys=""))
    warehouse.drop("a.edi", content(type_, *segments))
    assert [report.verdict for report in warehouse.reports()] == ["REJECTED"]
    failures = warehouse.rows("SELECT code, field, value FROM job_failures WHERE severity = 'error'")
    assert failures == [("several_values", field, sent)]


@pytest.mark.both(slow=True)
def test_a_serial_number_of_an_item_in_several_packages_is_said(warehouse: Warehouse) -> None:
    """It would be in each of them."""
    labels = (*DESPATCH, *PACKED[:-1], f"GIN+BJ+{ONE}+{OTHER}", *LINE, "QTY+12:1:PCE", "GIN+BN+S1")
    warehouse.partner(whole=partner_of("DESADV", document="asn", keys=""))
    warehouse.drop("a.edi", content("DESADV", *labels))
    assert [report.verdict for report in warehouse.reports()] == ["REJECTED"]
    failures = warehouse.rows("SELECT DISTINCT code, field, value FROM job_failures WHERE severity = 'error'")
    assert failures == [("several_values", SERIAL, "S1")]


@pytest.mark.both(slow=True)
def test_sets_of_one_shape_differ_in_whether_their_numbers_do(warehouse: Warehouse) -> None:
    """A number that is sent twice is one; the others are read by the shape of the first."""
    warehouse.partner(whole=partner_of("945", document="ship_confirmation", keys=""))
    for number, lots in enumerate((("L1", "L1"), ("L2", "L2"), ("L1", "L2")), 1):
        head = [each.replace("-1", f"-{number}") for each in SHIPMENT]
        own = (*head, *SHIPPED, *(f"N9*LT*{each}" for each in lots))
        warehouse.drop(f"{number}.edi", content("945", *own, number=number))
        (report,) = warehouse.reports()
        assert report.verdict == ("ACCEPTED" if len({*lots}) == 1 else "REJECTED")
    assert warehouse.rows("SELECT lot_number FROM shipment_lines ORDER BY 1") == [("L1",), ("L2",)]


LABELS = (f"MAN*GM*{ONE}", "MAN*CP*1Z1", f"MAN*GM*{OTHER}", "MAN*CP*1Z2")
CARTONS = ("HL*3*2*P", f"MAN*GM*{ONE}**CP*1Z1", "HL*4*3*I", "LIN*1*BP*AB", "SN1**1*EA")
MORE = ("HL*5*2*P", f"MAN*GM*{OTHER}", "MAN*08*{}", "HL*6*5*I", "LIN*1*BP*AB", "SN1**1*EA")
PARCELS = {
    "945 cartons of a line": ("945", (*SHIPMENT, *LABELS, *SHIPPED), {"cartonId": f"{ONE}, {OTHER}", "line.trackingNumber": "1Z1, 1Z2"}),
    "945 in one segment": ("945", (*SHIPMENT, "MAN*CP*1Z1**CP*1Z2", *SHIPPED), {"line.trackingNumber": "1Z1, 1Z2"}),
    "945 a range": ("945", (*SHIPMENT, f"MAN*GM*{ONE}*{OTHER}", *SHIPPED), {"cartonId": f"{ONE}:{OTHER}"}),
    "945 the header's": ("945", (SHIPMENT[0], "N9*2I*1Z1", "N9*2I*1Z2", *SHIPMENT[1:], *SHIPPED), {"header.trackingNumber": "1Z1, 1Z2"}),
    "945 the same twice": ("945", (*SHIPMENT, "MAN*CP*1Z1", "MAN*CP*1Z1", *SHIPPED), "1Z1"),
    "945 one a carton": ("945", (*SHIPMENT, *LABELS[:2], *SHIPPED), "1Z1"),
    "856 by carton": ("856", (*NOTICE, *CARTONS, *(each.format("1Z2") for each in MORE)), {"trackingNumber": "1Z1, 1Z2"}),
    "856 one parcel": ("856", (*NOTICE, *CARTONS, *(each.format("1Z1") for each in MORE)), "1Z1"),
    "856 of a package": ("856", (*NOTICE, "HL*3*2*P", "REF*2I*1Z1", "HL*4*3*I", "LIN*1*BP*AB", "SN1**1*EA"), "1Z1"),
    "856 the header's": ("856", (*NOTICE[:2], "REF*2I*1Z9", *NOTICE[2:], *CARTONS), "1Z9"),
    "943": ("943", (*TRANSFER, "N9*2I*1Z1", "N9*2I*1Z2", "W04*3*EA**VN*AB", "N9*LI*1", "W03*3"), {"trackingNumber": "1Z1, 1Z2"}),
    "180": ("180", (RETURN[0], "N9*2I*1Z1", "N9*2I*1Z2", *RETURN[1:]), {"trackingNumber": "1Z1, 1Z2"}),
    "DESADV": ("DESADV", (*DESPATCH[:2], "RFF+SRN:1Z1", "RFF+SRN:1Z2", *DESPATCH[2:], *LINE, "QTY+12:3:PCE"), {"trackingNumber": "1Z1, 1Z2"}),
}  # fmt: skip
"""By what it is: its type, its segments, and what is left out by field, or the one number of all parcels."""
DOCUMENT = {"945": ("ship_confirmation", "shipment_lines"), "180": ("rma", "rmas")}


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("name", PARCELS)
def test_the_parcels_of_a_line_are_none_of_it_unless_they_are_alike(warehouse: Warehouse, name: str) -> None:
    """What each holds, nobody says; a warning names them, and the goods are in."""
    type_, segments, parcels = PARCELS[name]
    document, table = DOCUMENT.get(type_, ("asn", "asns"))
    warehouse.partner(whole=partner_of(type_, document=document, keys=""))
    warehouse.drop("a.edi", content(type_, *segments))
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    noted = warehouse.rows("SELECT field, detail FROM job_failures WHERE code = 'none_of_several'")
    assert {field: json.loads(detail)["sent"] for field, detail in noted} == (
        parcels if isinstance(parcels, dict) else {}
    )
    stored = parcels if isinstance(parcels, str) else None
    assert warehouse.rows(f"SELECT tracking_number FROM {table}") == [(stored,)]
    if type_ == "945":
        carton = ONE if name == "945 one a carton" else None
        assert warehouse.rows("SELECT carton_id FROM shipment_lines") == [(carton,)]


PIECE = ("REF*SE*S1", "REF*LT*L1", f"MAN*GM*{ONE}", "DTM*036*20271231")
SECOND = ("HL*5*3*P", "SN1**1*EA", "REF*SE*S2", "REF*LT*L2", f"MAN*GM*{OTHER}")


@pytest.mark.both(slow=True)
def test_numbers_of_a_carton_are_of_what_it_holds(warehouse: Warehouse) -> None:
    """Of cartons inside of an item, each with its own; the other standard order of levels is above."""
    warehouse.partner(whole=partner_of("856", document="asn", keys=""))
    warehouse.drop("a.edi", content("856", *NOTICE, *LOOSE, "SN1**2*EA", "HL*4*3*P", "SN1**1*EA", *PIECE, *SECOND))
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    query = "SELECT carton_id, serial_number, lot_number, expiration_date FROM asn_packages ORDER BY 2"
    packages = [(*row[:3], str(row[3]) if row[3] else None) for row in warehouse.rows(query)]
    assert packages == [(ONE, "S1", "L1", "2027-12-31"), (OTHER, "S2", "L2", None)]


@pytest.mark.both(slow=True)
def test_numbers_of_a_carton_with_several_items_are_said_and_not_stored(warehouse: Warehouse) -> None:
    """Which of them they are about, nobody knows."""
    items = ("HL*5*4*I", "LIN*1*BP*AB", "SN1**1*EA", "HL*6*4*I", "LIN*2*BP*CD", "SN1**1*EA", "REF*SE*S9")
    warehouse.partner(whole=partner_of("856", document="asn", keys=""))
    warehouse.drop("a.edi", content("856", *NOTICE, "HL*3*2*T", "HL*4*3*P", *PIECE, *items))
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    stored = warehouse.rows("SELECT serial_number, lot_number, expiration_date FROM asn_packages ORDER BY 1")
    assert stored == [("", "", None), ("S9", "", None)]
    query = "SELECT field, times, detail FROM job_failures WHERE code = 'none_of_several' ORDER BY field"
    noted = [(field, times, json.loads(detail)["sent"]) for field, times, detail in warehouse.rows(query)]
    assert noted == [(DAY, 2, "20271231"), (LOT, 2, "L1"), (SERIAL, 1, "S1")]


UNREAD = {
    "856 of an order": ("asn", "856", (*NOTICE, "REF*SE*S1", "REF*LT*L1", *LOOSE, "SN1**1*EA"), "REF*SE 1, REF*LT 1"),
    "856 a label of an item": ("asn", "856", (*NOTICE, *LOOSE, "SN1**1*EA", f"MAN*GM*{ONE}"), "MAN*GM 1"),
    "856 of parts": ("asn", "856", (*NOTICE, *LOOSE, "SN1**1*EA", "SLN*1**I*1*EA****SN*S1"), "SLN 1"),
    "856 read": ("asn", "856", (*NOTICE, *CARTON, "REF*SE*S1", *ITEM, "SN1**1*EA", "REF*LT*L1"), None),
    "943 of the header": ("asn", "943", (*TRANSFER, "N9*LT*L1", "W04*3*EA**VN*AB", "N9*LI*1", "W03*3"), "N9*LT 1"),
    "945 of the header": ("ship_confirmation", "945", (SHIPMENT[0], "N9*SE*S1", *SHIPMENT[1:], *SHIPPED), "N9*SE 1"),
    "945 of the line": ("ship_confirmation", "945", (*SHIPMENT, *SHIPPED, "N9*BM*B1"), "N9*BM 1"),
    "DESADV of a package": ("asn", "DESADV", (*DESPATCH, *PACKED, "GIN+BN+S1", *LINE, "QTY+12:1:PCE"), "GIN*BN 1"),
    "DESADV a label of an item": ("asn", "DESADV", (*DESPATCH, *LINE, "QTY+12:1:PCE", "PCI+33E", f"GIN+BJ+{ONE}"), "GIN*BJ 1"),
}  # fmt: skip
"""By what it is: its document and type, its segments, and what of them is said to be unread."""


@pytest.mark.parametrize("name", UNREAD)
def test_a_number_where_nobody_reads_it_is_said(warehouse: Warehouse, name: str) -> None:
    """Also of the second set, which is read by the shape of the first."""
    document, type_, segments, noted = UNREAD[name]
    warehouse.partner(whole=partner_of(type_, document=document, keys=""))
    for number in (1, 2):
        own = [each.replace("-1", f"-{number}") for each in segments]
        warehouse.drop(f"{number}.edi", content(type_, *own, number=number))
        assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    notes = [value for (value,) in warehouse.rows("SELECT value FROM job_failures WHERE code = 'segments_unused'")]
    unread = [", ".join(each for each in value.split(", ") if not each.startswith(("PAC", "PCI"))) for value in notes]
    assert [each for each in unread if each] == ([noted] * 2 if noted else [])
