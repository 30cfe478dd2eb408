"""What a line of an interchange is about: its item, the place it goes to, the order it is of, the line it is a part of."""

from __future__ import annotations

import pytest

from tests.imports.test_first_of_several import BEGIN, CHANGE, ITEM, ORDERS, brought
from tests.imports.test_several_numbers import DESPATCH, LINE, NOTICE, RECEIPT
from tests.warehouse import Warehouse

PO1, END = "PO1*1*5*EA*2.5", ("UNS+S",)
PART = "LIN+2++CD:SA+1:1"
FAIL = {
    "place by its name": ("sales_order", "850", (*BEGIN, f"{PO1}**VN*AB", "N1*ST*Other store", "N3*Far Street 2"), "split_destinations"),
    "place by its id": ("sales_order", "850", (*BEGIN, f"{PO1}**VN*AB", "N1*ST*Store*92*S2"), "split_destinations"),
    "place of a change": ("sales_order", "860", ("BCH*04*NE*SO-1***20261101", "N1*ST*Store*92*S1", "POC*1*QI*5*5*EA*2.5**VN*AB", "N1*ST*Other*92*S2"), "split_destinations"),
    "place in EDIFACT by its name": ("sales_order", "ORDERS", (*ORDERS, *ITEM, "NAD+DP+++Other store+Far Street 2", *END), "split_destinations"),
    "place in EDIFACT of another role": ("sales_order", "ORDERS", (*ORDERS, *ITEM, "NAD+ST+S2::92", *END), "split_destinations"),
    "part of a line": ("sales_order", "ORDERS", (*ORDERS, *ITEM, PART, "QTY+21:9:PCE", *END), "part_of_line"),
    "part of a line of a change": ("sales_order", "ORDCHG", (*CHANGE, "RFF+ON:SO-1", *ORDERS[2:], *ITEM, PART, "QTY+21:9:PCE", *END), "part_of_line"),
    "part of a despatched line": ("asn", "DESADV", (*DESPATCH, *LINE, "QTY+12:3:PCE", PART, "QTY+12:9:PCE"), "part_of_line"),
    "part of a received line": ("receipt", "RECADV", (*RECEIPT, *LINE, "QTY+48:3:PCE", PART, "QTY+48:9:PCE"), "part_of_line"),
    "items of several LIN": ("sales_order", "850", (*BEGIN, PO1, "LIN*1*VN*AB", "LIN*2*BP*CD"), "several_values"),
    "id before its qualifier": ("sales_order", "850", (*BEGIN, f"{PO1}**SKU-1*VN"), "missing"),
}  # fmt: skip
"""By what a line says that is wrong: its document and type, its segments, the code of the failure."""


@pytest.mark.parametrize("name", FAIL)
def test_what_is_not_said_of_a_line_alone_is_not_stored(warehouse: Warehouse, name: str) -> None:
    document, type_, segments, code = FAIL[name]
    assert brought(warehouse, document, type_, segments) == "REJECTED"
    assert code in [each for (each,) in warehouse.rows("SELECT code FROM job_failures WHERE severity = 'error'")]


def test_the_place_of_the_order_may_be_said_again(warehouse: Warehouse) -> None:
    """Also in words; other parties of a line are said to be left out."""
    place = ("N1*ST*Store", "N3*Street 1")
    segments = (BEGIN[0], *place, f"{PO1}**VN*AB", *place, "N1*Z7*Counter 3", "PO1*2*5*EA*2.5**VN*CD", *place)
    assert brought(warehouse, "sales_order", "850", segments) == "ACCEPTED"
    assert warehouse.rows("SELECT value FROM job_failures WHERE code = 'segments_unused'") == [("N1*Z7 1",)]


def test_the_item_of_a_line_may_stand_in_a_segment_behind_it(warehouse: Warehouse) -> None:
    segments = (*BEGIN, PO1, "LIN**VN*AB", "PO1*2*7*EA*2.5", "LIN**VN*CD")
    assert brought(warehouse, "sales_order", "850", segments) == "ACCEPTED"
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN"), "2": ("CD", 7.0, "OPEN")}


OF_ORDERS = {
    "REF*PO of the order": (("HL*2*1*O", "REF*PO*PO-7"), "", "PO-7", 0),
    "REF*PO of the item": (("HL*2*1*O",), "REF*PO*PO-7", "PO-7", 0),
    "PRF": (("HL*2*1*O", "PRF*PO-7*2", "REF*PO*PO-7"), "", "PO-7-2", 0),
    "PRF of the item": (("HL*2*1*O",), "PRF*PO-7*2", "PO-7-2", 0),
    "another PRF of the item": (("HL*2*1*O", "PRF*PO-1*4"), "PRF*PO-7", "PO-7", 0),
    "another than PRF's": (("HL*2*1*O", "PRF*PO-1", "REF*PO*PO-7"), "", "PO-1", 1),
}
"""By where an 856 names the order of a line: its HL, a segment of the item, the order, and how many warnings there are."""


@pytest.mark.parametrize("name", OF_ORDERS)
def test_the_order_of_a_line_is_where_partners_write_it(warehouse: Warehouse, name: str) -> None:
    order, item, number, warnings = OF_ORDERS[name]
    segments = (*NOTICE[:4], *order, "HL*3*2*I", "LIN*1*BP*AB", "SN1**5*EA", *([item] if item else []))
    assert brought(warehouse, "asn", "856", segments) == "ACCEPTED"
    assert warehouse.rows("SELECT purchase_order_number FROM asn_lines") == [(number,)]
    assert len(warehouse.rows("SELECT code FROM job_failures WHERE code = 'first_of_several'")) == warnings


def test_the_order_of_a_line_may_be_an_id_of_its_item(warehouse: Warehouse) -> None:
    segments = (*NOTICE[:4], "HL*2*1*I", "LIN*1*BP*AB*PO*PO-7", "SN1**5*EA")
    assert brought(warehouse, "asn", "856", segments) == "ACCEPTED"
    assert warehouse.rows("SELECT purchase_order_number FROM asn_lines") == [("PO-7",)]
