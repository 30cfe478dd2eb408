"""Ids behind qualifiers in lines of interchanges that are of no item: read where a field is theirs, else named."""

from __future__ import annotations

import pytest

from crossdock.jobs import queries
from crossdock.reports import text
from tests.imports.test_first_of_several import BEGIN, ITEM, LINES, ORDERS, brought
from tests.imports.test_several_numbers import DESPATCH, LOOSE, NOTICE, RECEIPT, RETURN, TRANSFER
from tests.interchanges import OPTIONAL, interchange, order, partner_of
from tests.warehouse import Warehouse

PARTY = (*BEGIN, "N3*1 Main", "N4*Leeds**LS1 4DY*GB")
LEFT = {
    "850": ("sales_order", "850", (*BEGIN, "PO1*1*5*EA*2.5**VN*AB*LT*L1*SN*S1*PL*3*SZ*XL"), "PO1*LT 1, PO1*SN 1, PO1*PL 1, PO1*SZ 1"),
    "850 of an item": ("sales_order", "850", (*BEGIN, "PO1*1*5*EA*2.5**VN*AB*UP*012345678905*ZZ*X"), ""),
    "850 LIN": ("sales_order", "850", (*BEGIN, "PO1*1*5*EA*2.5**VN*AB", "LIN**LT*L1"), "LIN*LT 1"),
    "940": ("sales_order", "940", (*order("SO-1"), "LX*1", "W01*5*EA**VN*AB*LT*L1"), "W01*LT 1"),
    "846": ("inventory", "846", ("BIA*00*SI*E*20261120*0900", "N1*WH**92*B1", "LIN**VN*AB*SN*S1", "QTY*17*5*EA"), "LIN*SN 1"),
    "856": ("asn", "856", (*NOTICE, LOOSE[0], "LIN*1*BP*AB*PO*PO-1*CM*07", "SN1**3*EA"), "LIN*CM 1"),
    "ORDERS": ("sales_order", "ORDERS", (*ORDERS, ITEM[0], "PIA+1+L1:NB+S1:SN", ITEM[1], "UNS+S"), "PIA*NB 1, PIA*SN 1"),
    "DESADV": ("asn", "DESADV", (*DESPATCH, "LIN+1++AB:IN", "PIA+1+L1:NB+9:PL", "QTY+12:3:PCE"), "PIA*PL 1"),
    "another town": ("sales_order", "850", (*PARTY, "N4*Paris**75001*FR", *LINES), "N4 1"),
    "the same town": ("sales_order", "850", (*PARTY, PARTY[-1], *LINES), ""),
    "another contact": ("sales_order", "850", (*PARTY, "PER*DC*Ann*TE*1", "PER*DC*Bob*TE*2", *LINES), "PER 1"),
    "another contact of a message": ("sales_order", "ORDERS", (*ORDERS[:4], "CTA+OC+:Ann", "COM+1:TE", "CTA+DL+:Bob", "COM+2:TE", ORDERS[4], *ITEM, "UNS+S"), "CTA 1"),
}  # fmt: skip
"""By what it is: its document and type, its segments, and what is said to be left out."""


@pytest.mark.parametrize("name", LEFT)
def test_what_nobody_reads_is_named(warehouse: Warehouse, name: str) -> None:
    """Also of the second set, which is read by the shape of the first; other ids of the item are not left out."""
    document, type_, segments, named = LEFT[name]
    for number in (1, 2):
        assert brought(warehouse, document, type_, segments, number) == "ACCEPTED"
    noted = warehouse.rows("SELECT value FROM job_failures WHERE code = 'segments_unused'")
    assert [value for (value,) in noted] == [named] * 2 * bool(named)


GOODS = ("W07*1*EA**VN*AB*SN*S1***LT*L1", "N9*LI*1", "W14*1")
READ = {
    "943": ("asn", (*TRANSFER, "W04*1*EA**VN*AB*LT*L1*******SN*S1", "W03*1"), "asn_packages"),
    "944": ("receipt", ("W17*F*20261120*R-1**ASN-1", "N1*WH**92*B1", *GOODS), "receipt_lines"),
    "180": ("rma", (*RETURN[:-1], "BLI*VN*AB*1*EA****SN*S1*LT*L1"), "rma_lines"),
    "RECADV": ("receipt", (*RECEIPT, "LIN+1++AB:IN", "PIA+1+L1:NB+S1:SN", "QTY+48:1:PCE"), "receipt_lines"),
    "DESADV": ("asn", (*DESPATCH, "LIN+1++AB:IN", "PIA+1+L1:NB+S1:SN", "QTY+12:1:PCE"), "asn_packages"),
}
"""By its type: its document, its segments with a lot and a serial number among the ids, the table that has both."""


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("type_", READ)
def test_lots_and_serial_numbers_among_the_ids_are_read(warehouse: Warehouse, type_: str) -> None:
    document, segments, table = READ[type_]
    assert brought(warehouse, document, type_, segments) == "ACCEPTED"
    assert warehouse.rows(f"SELECT lot_number, serial_number FROM {table}") == [("L1", "S1")]


@pytest.mark.parametrize(("ids", "number", "named"), [("LIN**BP*AB*PL*7", "7", 0), ("LIN*1*BP*AB*PL*7", "1", 1)])
def test_the_line_of_an_order_is_told_by_its_id_where_no_other_is(
    warehouse: Warehouse, ids: str, number: str, named: int
) -> None:
    """Where LIN01 says another one, it counts, and both are named."""
    assert brought(warehouse, "asn", "856", (*NOTICE, LOOSE[0], ids, "SN1**3*EA")) == "ACCEPTED"
    assert warehouse.rows("SELECT purchase_order_line_number FROM asn_lines") == [(number,)]
    noted = warehouse.rows("SELECT field FROM job_failures WHERE code = 'first_of_several'")
    assert noted == [("purchaseOrderLineNumber",)] * named


def test_an_id_without_its_check_digit_is_named_as_it_was_sent(warehouse: Warehouse) -> None:
    """UI has eleven digits (edi.md §5): the sentence said that the twelve are taken as the twelve."""
    warehouse.partner(whole=partner_of("850", keys=OPTIONAL))
    body = ("BEG*00*SA*SO-1**20261101", "N1*ST*Store*92*S1", "PO1*1*5*EA*1**VN*A*UI*12345678901")
    warehouse.drop("1.edi", interchange(body, type_="850", group="PO"))
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    (job,) = (each.job_id for each in warehouse.jobs())
    words = " ".join(" ".join(text.text(queries.one(warehouse.database, job), warehouse.database)).split())
    assert "PO1 gtin (upc) '12345678901' is taken as 123456789012" in words
