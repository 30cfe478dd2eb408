"""Segments of a set's header among its lines: what follows them is still of the line; and lines of one number in several lots."""

from __future__ import annotations

import pytest

from tests.imports.test_first_of_several import brought
from tests.imports.test_several_numbers import DESPATCH, LINE, NOTICE, TRANSFER
from tests.interchanges import interchange, order, partner_of
from tests.warehouse import Warehouse

RECEIVED = ("W17*F*20261120*R-1**ASN-1", "N1*WH**92*B1")
BEHIND = {
    "944": ("receipt", (*RECEIVED, "W07*9*CA**VN*AB", "W08*M*X", "N9*LI*1", "N9*LT*L1", "W13*5*CA*01", "W14*9"),
            "SELECT document_line_number, lot_number, CAST(quantity_damaged AS INTEGER) FROM receipt_lines", [("1", "L1", 5)]),
    "943": ("asn", (*TRANSFER, "W04*9*CA**VN*AB", "N9*LI*7", "W27*M*UPSN", "N9*LT*L1", "W03*9"),
            "SELECT line_number, lot_number, CAST(quantity AS INTEGER) FROM asn_packages", [("7", "L1", 9)]),
    "940": ("sales_order", (*order("SO-1"), "LX*1", "W01*5*EA**VN*AB", "W66*M*X", "N9*LI*7", "LX*2", "W01*6*EA**VN*AC", "N9*LI*8"),
            "SELECT customer_line_number, CAST(quantity AS INTEGER) FROM sales_order_lines ORDER BY 1", [("7", 5), ("8", 6)]),
}  # fmt: skip
"""By its type: its document, its segments with one of the header in a line, what is asked of the database, its answer."""


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("type_", BEHIND)
def test_a_segment_of_the_header_does_not_end_the_line(warehouse: Warehouse, type_: str) -> None:
    """Goods that are damaged, lots and numbers behind it were lost, or the header's."""
    document, segments, question, rows = BEHIND[type_]
    assert brought(warehouse, document, type_, segments) == "ACCEPTED"
    assert warehouse.rows(question) == rows
    assert warehouse.rows("SELECT times FROM job_failures WHERE code = 'misplaced_segment'") == [(1,)]


@pytest.mark.both(slow=True)
def test_lots_of_one_line_are_packages_of_it(warehouse: Warehouse) -> None:
    lots = ("W04*100*CA**VN*AB", "N9*LI*1", "N9*LT*L1", "W04*50*CA**VN*AB", "N9*LI*1", "N9*LT*L2")
    assert brought(warehouse, "asn", "943", (*TRANSFER, *lots, "W03*150")) == "ACCEPTED"
    assert warehouse.rows("SELECT line_number, CAST(quantity AS INTEGER) FROM asn_lines") == [("1", 150)]
    packages = warehouse.rows("SELECT CAST(quantity AS INTEGER) FROM asn_packages ORDER BY 1")
    assert packages == [(50,), (100,)]


def test_a_date_of_a_line_is_not_the_headers(warehouse: Warehouse) -> None:
    segments = (*TRANSFER, "G62*17*20261125", "W04*9*CA**VN*AB", "N9*LI*1", "G62*17*20261231", "W03*9")
    assert brought(warehouse, "asn", "943", segments) == "ACCEPTED"
    assert warehouse.rows("SELECT expected_delivery_date FROM asns") == [("2026-11-25",)]
    assert warehouse.rows("SELECT value FROM job_failures WHERE code = 'segments_unused'") == [("G62*17 1",)]


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("purpose", ["00", "01"])
def test_a_movement_that_is_taken_back_is_no_movement(warehouse: Warehouse, purpose: str) -> None:
    """It was stored like the one that it takes back."""
    warehouse.partner(whole=partner_of("947", document="inventory_movement", keys=""))
    segments = (f"W15*20261120*A-1**{purpose}", "N1*WH**92*B1", "W19*01*5*EA**VN*AB")
    warehouse.drop("1.edi", interchange(segments, type_="947", group="AW"))
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED" if purpose == "00" else "REJECTED"]


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("sent", ["6,25", "6.25"])
def test_a_quantity_of_a_despatch_has_either_decimal_mark(warehouse: Warehouse, sent: str) -> None:
    assert brought(warehouse, "asn", "DESADV", (*DESPATCH, *LINE, f"QTY+12:{sent}:KGM")) == "ACCEPTED"
    assert [float(each) for (each,) in warehouse.rows("SELECT quantity FROM asn_lines")] == [6.25]


@pytest.mark.parametrize("sent", ["311226:2", "123126:3", "31122026:4", "20261231:102", "261231:101"])
def test_days_are_read_however_they_are_written(warehouse: Warehouse, sent: str) -> None:
    segments = (*DESPATCH[:2], f"DTM+17:{sent}", *DESPATCH[2:], *LINE, "QTY+12:3:PCE")
    assert brought(warehouse, "asn", "DESADV", segments) == "ACCEPTED"
    assert warehouse.rows("SELECT expected_delivery_date FROM asns") == [("2026-12-31",)]


def test_quantities_of_a_report_that_nobody_reads_are_named(warehouse: Warehouse) -> None:
    report = ("BGM+35+I-1+9", "DTM+137:20261120:102", "DTM+366:20261119:102", "NAD+GM+B1::92", "LIN+1++AB:SA")
    assert brought(warehouse, "inventory", "INVRPT", (*report, "QTY+145:7:PCE", "QTY+156:2:PCE")) == "ACCEPTED"
    assert warehouse.rows("SELECT value FROM job_failures WHERE code = 'segments_unused'") == [("QTY*156 1",)]


def chained(depth: int) -> tuple[str, ...]:
    """A notice whose cartons stand in each other."""
    inside = [f"HL*{level}*{level - 1}*P" for level in range(3, depth)]
    item = (f"HL*{depth}*{depth - 1}*I", "LIN*1*BP*AB", "SN1**5*EA")
    return (*NOTICE[:4], "HL*2*1*O", "PRF*PO-1", *inside, *item)


@pytest.mark.parametrize(("depth", "verdict"), [(12, "ACCEPTED"), (60, "REJECTED")])
def test_levels_are_not_nested_without_end(warehouse: Warehouse, depth: int, verdict: str) -> None:
    """Each item asks all levels above it: 500 of them took minutes."""
    assert brought(warehouse, "asn", "856", chained(depth)) == verdict
    wrong = warehouse.rows("SELECT code FROM job_failures WHERE severity = 'error'")
    assert (("too_deep",) in wrong) is (verdict == "REJECTED")


def test_an_item_without_a_parent_is_in_the_nearest_level_that_holds_it(warehouse: Warehouse) -> None:
    loops = ("HL*3**P", "MAN*GM*340123450000000017", "HL*4**I", "LIN*1*BP*AB", "SN1**5*EA", "HL*5**I", "LIN*2*BP*AC", "SN1**6*EA",
             "HL*6**P", "MAN*GM*340123450000000024", "HL*7**I", "LIN*3*BP*AD", "SN1**7*EA")  # fmt: skip
    segments = (*NOTICE[:4], "HL*2**O", "PRF*PO-1", *loops)
    assert brought(warehouse, "asn", "856", segments) == "ACCEPTED"
    packed = warehouse.rows("SELECT carton_id, CAST(quantity AS INTEGER) FROM asn_packages ORDER BY 2")
    assert packed == [("340123450000000017", 5), ("340123450000000017", 6), ("340123450000000024", 7)]


def test_sets_in_cut_lines_are_read_like_others(warehouse: Warehouse) -> None:
    """Also by their shape: each text where it stands, whatever was cut."""
    numbers = [f"SO-{number}" for number in range(10, 50)]
    content = interchange(*(order(each, f"{each[-2:]} EA ITEM-{each}", "7 EA Z") for each in numbers)).replace(
        b"\n", b""
    )
    warehouse.partner(whole=partner_of("940"))
    warehouse.drop("1.edi", b"\r\n".join(content[at : at + 80] for at in range(0, len(content), 80)))
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    lines = warehouse.rows(
        "SELECT sku_id, CAST(quantity AS INTEGER) FROM sales_order_lines WHERE sku_id <> 'Z' ORDER BY 1"
    )
    assert lines == [(f"ITEM-{each}", int(each[-2:])) for each in numbers]
    assert warehouse.rows("SELECT DISTINCT ship_to_name, ship_to_city FROM sales_orders") == [("Ada Lovelace", "Leeds")]
