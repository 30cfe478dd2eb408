"""Quantities of one item in interchanges: one of each kind, all in one unit; and elements that are repeated."""

from __future__ import annotations

import pytest

from crossdock.jobs import queries
from crossdock.reports import text
from tests.imports.test_first_of_several import BEGIN, LINES, ORDERS, brought
from tests.imports.test_several_numbers import DESPATCH, LINE, NOTICE, RECEIPT
from tests.interchanges import OPTIONAL, interchange, message, partner_of
from tests.warehouse import Warehouse

STOCK = ("BIA*00*SI*E*20261120*0900", "N1*WH**92*B1", "LIN**VN*AB")
REPORT = ("BGM+35+I-1+9", "DTM+137:20261120:102", "DTM+366:20261119:102", "NAD+GM+B1::92", "LIN+1++AB:SA")
QUANTITIES = {
    "RECADV one": ("receipt", "RECADV", (*RECEIPT, *LINE, "QTY+48:9:PCE", "QTY+124:1:EA", "QTY+12:3:CT"), ""),
    "RECADV the same twice": ("receipt", "RECADV", (*RECEIPT, *LINE, "QTY+48:9:PCE", "QTY+48:9:PCE"), ""),
    "RECADV taken and not": ("receipt", "RECADV", (*RECEIPT, *LINE, "QTY+194:8:PCE", "QTY+195:1:PCE"), ""),
    "RECADV received twice": ("receipt", "RECADV", (*RECEIPT, *LINE, "QTY+48:3:PCE", "QTY+48:4:PCE"), "quantityReceived"),
    "RECADV taken twice": ("receipt", "RECADV", (*RECEIPT, *LINE, "QTY+194:3:PCE", "QTY+194:4:PCE", "QTY+195:1:PCE"), "quantityReceived"),
    "RECADV damaged twice": ("receipt", "RECADV", (*RECEIPT, *LINE, "QTY+48:9:PCE", "QTY+124:3:PCE", "QTY+124:1:PCE"), "quantityDamaged"),
    "RECADV units": ("receipt", "RECADV", (*RECEIPT, *LINE, "QTY+194:8:PCE", "QTY+195:1:CT"), "quantityMeasure"),
    "RECADV damaged in cartons": ("receipt", "RECADV", (*RECEIPT, *LINE, "QTY+48:9:PCE", "QTY+124:1:CT"), "quantityMeasure"),
    "INVRPT one": ("inventory", "INVRPT", (*REPORT, "QTY+145:7:PCE", "QTY+66:1:EA", "QTY+11:1:CT"), ""),
    "INVRPT good twice": ("inventory", "INVRPT", (*REPORT, "QTY+145:7:PCE", "QTY+145:8:PCE"), "onHand"),
    "INVRPT reserved twice": ("inventory", "INVRPT", (*REPORT, "QTY+145:7:PCE", "QTY+66:1:PCE", "QTY+66:2:PCE"), "allocated"),
    "INVRPT units": ("inventory", "INVRPT", (*REPORT, "QTY+145:7:PCE", "QTY+66:1:CT"), "quantityMeasure"),
    "846 one": ("inventory", "846", (*STOCK, "QTY*17*5*EA", "QTY*33*4*EA", "QTY*63*1*CA"), ""),
    "846 units": ("inventory", "846", (*STOCK, "QTY*17*5*EA", "QTY*33*2*CA"), "quantityMeasure"),
    "846 units of UIT": ("inventory", "846", (*STOCK, "QTY*17*5", "UIT*EA", "QTY*33*2", "UIT*CA"), "quantityMeasure"),
    "DESADV": ("asn", "DESADV", (*DESPATCH, *LINE, "QTY+12:3:PCE", "QTY+12:4:PCE"), "line.quantity"),
}  # fmt: skip
"""By what it is: its document and type, its segments, and the field that fails."""


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("name", QUANTITIES)
def test_quantities_of_a_kind_are_not_added_up_and_have_one_unit(warehouse: Warehouse, name: str) -> None:
    """A sum would be goods that nobody has, and so would cases that are counted as pieces."""
    document, type_, segments, field = QUANTITIES[name]
    assert brought(warehouse, document, type_, segments) == ("REJECTED" if field else "ACCEPTED")
    failures = warehouse.rows("SELECT code, field FROM job_failures WHERE severity = 'error'")
    assert failures == ([("several_values", field)] if field else [])


REPEATED = {
    "a number": (("BEG*00*SA*SO-1^SO-9**20261101", BEGIN[1], *LINES), "REJECTED"),
    "an item": ((*BEGIN, "PO1*1*5*EA*2.5**VN*AB^AC"), "REJECTED"),
    "a quantity": ((*BEGIN, "PO1*1*5^6*EA*2.5**VN*AB"), "REJECTED"),
    "a text": ((BEGIN[0], "N1*ST*Store^1*92*S1", *LINES, "MSG*a^b"), "ACCEPTED"),
    "none": ((*BEGIN, *LINES), "ACCEPTED"),
}
"""By what it is: an 850 whose element is repeated, and what becomes of it."""


@pytest.mark.parametrize("separator", ["^", "U"])
@pytest.mark.parametrize("name", REPEATED)
def test_an_element_that_is_repeated_is_no_single_value(warehouse: Warehouse, name: str, separator: str) -> None:
    """Where ISA11 is no separator a circumflex is a letter; a text keeps it. Also behind sets of the same shape."""
    segments, verdict = REPEATED[name]
    warehouse.partner(whole=partner_of("850", keys=OPTIONAL))
    sets = [tuple(each.replace("SO-1", f"SO-{place}") for each in (*BEGIN, *LINES)) for place in (2, 3)]
    content = interchange(*sets, segments, type_="850", group="PO", version="005010")
    warehouse.drop("1.edi", content.replace(b"*U*00401*", f"*{separator}*00501*".encode()))
    (report,) = warehouse.reports()
    fails = separator == "^" and verdict == "REJECTED"
    wrong = warehouse.rows("SELECT code FROM job_failures WHERE severity = 'error'")
    if separator == "^":
        assert report.verdict == ("PARTIAL" if fails else "ACCEPTED")
        assert (("element_repeated",) in wrong) is fails
    else:
        assert ("element_repeated",) not in wrong


def test_a_component_that_is_repeated_is_no_single_value(warehouse: Warehouse) -> None:
    """From syntax 4 on an asterisk repeats; before it is a letter, here of a qualifier that nobody knows."""
    segments = (*ORDERS, "LIN+1++AB:SA*AC:SA", "QTY+21:5:PCE", "UNS+S")
    warehouse.partner(whole=partner_of("ORDERS", keys=OPTIONAL))
    for number, version in ((1, "4"), (2, "3")):
        content = message("ORDERS", *(each.replace("-1", f"-{number}") for each in segments), number=number)
        warehouse.drop(f"{number}.edi", content.replace(b"UNOC:3", f"UNOC:{version}".encode()))
    assert [report.verdict for report in warehouse.reports()] == ["REJECTED", "REJECTED"]
    noted = warehouse.rows("SELECT number FROM job_failures WHERE code = 'element_repeated'")
    assert noted == [("SO-1",)]


def test_a_notice_with_a_repeated_reference_is_answered(warehouse: Warehouse) -> None:
    segments = (*NOTICE, "HL*3*2*I", "LIN*1*BP*AB", "SN1**2*EA", "REF*SE*S1^S2")
    warehouse.partner(whole=partner_of("856", document="asn", keys=""))
    content = interchange(segments, type_="856", group="SH", version="005010").replace(b"*U*00401*", b"*^*00501*")
    warehouse.drop("1.edi", content)
    assert [report.verdict for report in warehouse.reports()] == ["REJECTED"]


@pytest.mark.parametrize(
    ("type_", "content", "places"),
    [
        (
            "846",
            interchange((*STOCK, "QTY*17*5*EA", "LIN**VN*AB", "QTY*17*6*EA"), type_="846", group="IB"),
            ("set 1 (ST 0001), segment 4", "set 1 (ST 0001), segment 6"),
        ),
        (
            "INVRPT",
            message("INVRPT", *REPORT, "QTY+145:5:PCE", "LIN+2++AB:SA", "QTY+145:6:PCE"),
            ("message 1 (UNH 1), segment 6", "message 1 (UNH 1), segment 8"),
        ),
    ],
)
def test_an_item_in_two_lines_of_a_stock_names_both(
    warehouse: Warehouse, type_: str, content: bytes, places: tuple[str, str]
) -> None:
    """A document is a LIN there, so its place is that segment, not the set, which has all of them."""
    warehouse.partner(whole=partner_of(type_, document="inventory", keys=""))
    warehouse.drop("1.edi", content)
    assert [report.verdict for report in warehouse.reports()] == ["REJECTED"]
    (job,) = (each.job_id for each in warehouse.jobs())
    words = " ".join(" ".join(text.text(queries.one(warehouse.database, job), warehouse.database)).split())
    for one, other in (places, places[::-1]):
        assert f"{one}, AB the document stands in this file twice with different content, also at {other}" in words
