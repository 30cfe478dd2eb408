"""The way of one batch up to the transaction, and what is told of its failures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from crossdock.formats.format import Note
from crossdock.model.decision import Decision
from crossdock.model.report import Books
from crossdock.pipeline.batch import decide_batch, notes_of_file
from crossdock.pipeline.sent_values import with_values
from crossdock.pipeline.staging.plan import Plan
from tests.sent import HEADER, SHIPMENT, Sent, Shelf, feed, plain, sent
from tests.warehouse import TODAY

NAMED = f"{HEADER},shipTo.locationId"


def planned(steps: Sent, **more: Any) -> Plan:
    """The plan of a CSV file that is this one batch."""
    plan = Plan(
        folder=Path(),
        written={"format": "delimited"},
        columns=steps.columns,
        headers=list(steps.batch.raw),
        sources={},
        examples={},
        key=list(steps.batch.key),
        plain_numbers=False,
        notes=(),
        fixes=None,
        sequence=steps.sequence,
        first=2,
        total=steps.stored_side[0].size,
        ordered=False,
        records=len(steps.batch.lines),
        blank=0,
        ignored=0,
        partitions=[[]],
        holds={},
    )
    return replace(plan, **more)


def checked(steps: Sent, **more: Any) -> Decision:
    return decide_batch(steps.batch, planned(steps, **more), steps.of, steps.stored, TODAY, "J1", withheld=False)


def test_a_batch_is_decided_with_what_is_wrong_as_it_was_sent() -> None:
    decision = checked(sent("SO-1,1,AB,5,S1", "SO-2,1,AB, five ,S1", header=NAMED))
    assert decision.books == Books(read=2, loaded=1, failed=1)
    assert plain(decision.failures, "line", "field", "code", "value") == [(3, "quantity", "not_a_number", " five ")]
    assert plain(decision.records, "line", "cells") == [(3, '["SO-2", "1", "AB", " five ", "S1"]')]


def test_a_later_version_of_the_file_is_newer() -> None:
    stored = Shelf(sales_orders=["customer_order_number,version,ship_to_location_id", f"SO-1,~{'9'.rjust(20, '0')},S1"])
    of = feed(version=["drop"])
    steps = sent("SO-1,1,AB,5,S1", header=NAMED, of=of, stored=stored)
    assert checked(steps, sequence="8".rjust(20, "0")).books.stale == 1
    assert checked(steps, sequence="10".rjust(20, "0")).books.loaded == 1


def test_what_a_batch_leans_on_and_moves_goes_with_it() -> None:
    orders = Shelf(
        sales_orders=["customer_order_number", "SO-1"],
        sales_order_lines=["customer_order_number,customer_line_number,sku_id,quantity", "SO-1,1,AB,5"],
    )
    steps = sent("S1,SO-1,2026-11-20,1,1,AB,1", header=SHIPMENT, of=feed("ship_confirmation"), stored=orders)
    decision = checked(steps)
    assert [each.document.name for each in decision.leaned] == ["sales_order"]
    assert [name for name, _ in decision.moves] == ["sales_order"]


def test_a_line_that_changes_keeps_what_is_shipped_of_it() -> None:
    stored = Shelf(
        sales_orders=["customer_order_number,content", "SO-1,x"],
        sales_order_lines=[
            "customer_order_number,customer_line_number,sku_id,quantity,quantity_measure,quantity_shipped",
            "SO-1,1,AB,5,EA,2",
        ],
    )
    writes = checked(sent("SO-1,1,AB,6,S1", header=NAMED, stored=stored)).writes
    assert plain(writes[1].update, "quantity", "quantity_shipped") == [(6, 2)]


def test_the_notes_of_the_file_stand_in_its_first_batch_only() -> None:
    steps = sent("SO-1,1,AB,5,S1", header=NAMED)
    notes = (Note("unknown_column", "colour", 7, None, 4), Note("no_records", detail={"a": 1}))
    assert plain(checked(steps, notes=notes).failures, "line", "code", "value", "times", "scope") == [
        (4, "unknown_column", "colour", 7, "file"),
        (2, "no_records", None, 1, "file"),
    ]
    later = replace(steps, batch=replace(steps.batch, number=1))
    assert checked(later, notes=notes).failures.empty


def test_notes_are_as_bad_as_the_feed_says() -> None:
    failures = notes_of_file([Note("no_records", detail={"a": 1})], 2, feed(severity={"no_records": "error"}))
    assert plain(failures, "severity", "detail", "document_line") == [("error", '{"a": 1}', 2)]


def values(steps: Sent) -> list[tuple[Any, ...]]:
    """line, field and value of each failure."""
    failures = with_values(steps.decided.failures, steps.batch, steps.stored_side[0].records, steps.columns, steps.of)
    return plain(failures, "line", "field", "value")


def test_the_value_of_a_header_may_stand_on_a_later_row_of_its_document() -> None:
    steps = sent("SO-1,1,AB,5,S1,", "SO-1,2,AB,5,S1,soon", header=f"{NAMED},orderCreatedDate")
    assert values(steps) == [(3, "orderCreatedDate", "soon")]


def test_the_value_of_a_column_that_the_file_lacks_is_the_feeds_constant() -> None:
    of = feed(constants={"businessUnitId": "BU1", "quantity": "many"})
    steps = sent("SO-1,1,AB,S1", header="customerOrderNumber,customerLineNumber,skuId,shipTo.locationId", of=of)
    assert values(steps) == [(2, "quantity", "many")]


def test_what_is_missing_has_no_value() -> None:
    assert values(sent("SO-1,1,AB, ,S1", header=NAMED)) == [(2, "quantity", None)]


def test_a_line_that_has_its_headers_value_shows_it() -> None:
    header = "vendorNumber,asnNumber,lineNumber,skuId,quantity,purchaseOrderNumber"
    bought = Shelf(purchase_orders=["purchase_order_number,vendor_number,state", "PO-1,V1,CANCELLED"])
    steps = sent("V1,A1,1,AB,1,PO-1", "V1,A1,2,AB,1,", header=header, of=feed("asn"), stored=bought)
    shut = [value for _, field, value in values(steps) if field == "line.purchaseOrderNumber"]
    assert shut == ["PO-1", "PO-1"]
