"""The stored documents that lines name, and those that they may move (``named_documents``)."""

from __future__ import annotations

from crossdock.pipeline.lookup.named_documents import moved_ones, moving
from tests.pipeline.validate.test_against_documents import RECEIPT, shelf, shipped
from tests.sent import Shelf, feed, plain, sent


def test_a_document_without_lines_names_none_and_moves_nothing() -> None:
    steps = sent("AB,Band", header="skuId,name", of=feed("sku"))
    assert steps.named == ()
    assert moving(steps.named, *steps.stored_side, steps.decided.outcomes, steps.of) == ()


def test_the_documents_that_were_looked_at_are_remembered_with_their_revisions() -> None:
    steps = shipped("S1,SO-1,1,1,AB,1", "S2,SO-9,1,1,AB,1")
    (each,) = moved_ones(steps.named)
    assert each.document.name == "sales_order"
    assert plain(each.asked) == [("BU1", "SO-1"), ("BU1", "SO-9")]
    assert each.revisions == [("BU1", "SO-1", 3)]


def test_what_is_shipped_may_change_of_the_orders_that_are_named_and_were_named() -> None:
    stored = shelf(shipments=["shipment_id,customer_order_number", "S1,SO-7"])
    steps = shipped("S3,SO-1,1,1,AB,1", "S2,SO-2,1,1,AB,x", "S1,SO-7,1,1,AB,1", stored=stored)
    ((name, orders),) = moving(steps.named, *steps.stored_side, steps.decided.outcomes, steps.of)
    assert (name, plain(orders)) == ("sales_order", [("BU1", "SO-1"), ("BU1", "SO-7")])


def test_a_shipment_that_names_another_order_than_before_moves_nothing() -> None:
    stored = shelf(shipments=["shipment_id,customer_order_number", "S1,SO-7"])
    steps = shipped("S1,SO-1,1,1,AB,1", stored=stored)
    ((_, orders),) = moving(steps.named, *steps.stored_side, steps.decided.outcomes, steps.of)
    assert plain(orders) == [("BU1", "SO-7")], "nothing is taken of it"


def test_of_a_receipt_each_kind_of_document_moves_by_itself() -> None:
    stored = Shelf(
        receipts=["receipt_number", "R1", "R2"],
        receipt_lines=["receipt_number,line_number,document_type,document_number", "R1,1,asn,A7", "R2,1,rma,M7"],
    )
    rows = [
        f"{number},2026-11-20,{kind},B1,{line},{of},AB,1"
        for number, kind, line, of in (
            ("R1", "N", 1, "asn,A7"),
            ("R1", "N", 2, "purchase_order,P1"),
            ("R1", "N", 3, "asn,A1"),
            ("R2", "R", 1, "rma,M7"),
        )
    ]
    steps = sent(*rows, header=RECEIPT, of=feed("receipt"), stored=stored)
    targets = {
        name: plain(table) for name, table in moving(steps.named, *steps.stored_side, steps.decided.outcomes, steps.of)
    }
    assert targets == {"asn": [("BU1", "A7"), ("BU1", "A1")], "purchase_order": [("BU1", "P1")], "rma": [("BU1", "M7")]}
