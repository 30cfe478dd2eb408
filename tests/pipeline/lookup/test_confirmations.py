"""What counts against the lines of a purchase order: straight, or by the ASN that names them."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from crossdock.documents import DOCUMENTS
from crossdock.pipeline.lookup.confirmations import confirming, passed_documents, passed_on
from crossdock.pipeline.lookup.target_lines import TargetLines, stored_documents
from tests.sent import Shelf

ORDER, NOTICE = DOCUMENTS["purchase_order"], DOCUMENTS["asn"]
RECEIPT_LINES = "receipt_number,line_number,document_type,document_number,document_line_number,sku_id,quantity_received"
OF_NOTICE, OF_ORDER = "R1,1,asn,A1,1,AB,60", "R1,2,purchase_order,P1,1,AB,5"


def shelf(*received: str, names: str = "P1,1") -> Shelf:
    """Order P1 of 100, notice A1 of 60 of its line, and receipt lines."""
    return Shelf(
        purchase_orders=["purchase_order_number", "P1"],
        purchase_order_lines=["purchase_order_number,line_number,sku_id,quantity", "P1,1,AB,100"],
        asns=["vendor_number,asn_number", "V1,A1"],
        asn_lines=[
            "vendor_number,asn_number,line_number,purchase_order_number,purchase_order_line_number,sku_id,quantity",
            f"V1,A1,1,{names},AB,60",
        ],
        receipts=["receipt_number", "R1"],
        receipt_lines=[RECEIPT_LINES, *received],
    )


def counted(stored: Shelf) -> list[tuple[str, int, Decimal]]:
    """The receipt lines that count on the lines of P1: number, place of the line, quantity."""
    keys = pd.DataFrame({"business_unit_id": ["BU1"], "purchase_order_number": ["P1"]}, dtype=object)
    meant = TargetLines(stored_documents(ORDER, keys, stored), every=True)
    rows = confirming(ORDER, pd.DataFrame({"unit_id": ["BU1"], "number": ["P1"]}, dtype=object), meant, stored)
    return [
        (own, place, Decimal(each))
        for own, place, each in zip(rows["own"], rows["place"], rows["quantity"], strict=True)
    ]


def test_what_is_received_counts_once_straight_and_by_a_notice() -> None:
    assert sorted(counted(shelf(OF_NOTICE, OF_ORDER))) == [("1", 0, 60), ("2", 0, 5)]


def test_a_notice_that_names_no_order_or_another_passes_nothing_on() -> None:
    assert counted(shelf(OF_NOTICE, names=",")) == []
    assert counted(shelf(OF_NOTICE, names="P2,1")) == []


def test_rows_against_a_notice_are_rows_against_the_order_that_it_names() -> None:
    stored = shelf()
    keys = pd.DataFrame({"business_unit_id": ["BU1"], "asn_number": ["A1"]}, dtype=object)
    rows = pd.DataFrame({"unit_id": ["BU1"], "number": ["A1"], "place": [0]})
    meant = TargetLines(stored_documents(NOTICE, keys, stored), every=True)
    named = {
        "purchase_order": stored_documents(
            ORDER, pd.DataFrame({"business_unit_id": ["BU1"], "purchase_order_number": ["P1"]}), stored
        )
    }
    ((further, passed),) = passed_on(rows, meant, named)
    assert (further.target.name, passed["number"].tolist(), passed["place"].tolist()) == ("purchase_order", ["P1"], [0])
    ((name, documents),) = passed_documents(meant)
    assert (name, documents.to_dict("records")) == ("purchase_order", [{"business_unit_id": "BU1", "number": "P1"}])
