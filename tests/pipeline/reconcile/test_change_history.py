"""What an import changes of stored rows, for the history."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from crossdock.pipeline.reconcile.change_history import change_history
from crossdock.pipeline.reconcile.row_writes import Taking
from tests.sent import HEADER, Sent, Shelf, feed, notice, sent

NAMED = f"{HEADER},shipTo.name,header.action,line.action"
STORED = Shelf(
    sales_orders=["customer_order_number,ship_to_name,state,job,line", "SO-1,Ada,OPEN,J0,7", "SO-2,Ada,CANCELLED,J0,9"],
    sales_order_lines=[
        "customer_order_number,customer_line_number,sku_id,quantity,quantity_measure,upc",
        "SO-1,1,AB,5,EA,",
        "SO-1,2,AC,6.5,EA,4006381333931",
    ],
)


def history_of(steps: Sent, taken: str = "x", rows: str | None = None) -> list[tuple[Any, ...]]:
    """level, row_key, what, before, line of each entry."""
    assembled, stored_side = steps.stored_side
    every = {title: np.ones(len(of), dtype=bool) for title, of in assembled.rows.items()}
    if rows is not None:
        every["line"] = np.array([each == "x" for each in rows])
    taking = Taking(np.array([each == "x" for each in taken]), every, list(steps.contents))
    history = change_history(assembled, stored_side, steps.differing, steps.of, taking)
    if history.empty:
        return []
    assert set(history["document"]) == {steps.of.document.name}
    names = ("level", "row_key", "what", "before", "line")
    return [(*row[:3], json.loads(row[3]), row[4]) for row in zip(*(history[each] for each in names), strict=True)]


def order(*rows: str, **more: Any) -> Sent:
    return sent(*rows, header=NAMED, stored=STORED, **more)


def test_of_what_is_new_or_unchanged_nothing_is_kept() -> None:
    assert history_of(order("SO-9,1,AB,5,Ada,,")) == []
    assert history_of(order("SO-1,1,AB,5,Ada,,", "SO-1,2,AC,6.5,Ada,,")) == []


def test_of_a_changed_header_is_kept_what_differed_and_who_wrote_it_where() -> None:
    assert history_of(order("SO-1,1,AB,5,Bob,,", "SO-1,2,AC,6.5,Bob,,")) == [
        ("header", "[]", "changed", {"shipTo.name": "Ada", "@job": "J0", "@line": 7}, 2)
    ]


def test_of_lines_is_kept_what_is_changed_added_and_dropped() -> None:
    assert history_of(order("SO-1,1,AD,5,Ada,,", "SO-1,3,AC,6,Ada,,")) == [
        ("line", '["1"]', "changed", {"skuId": "AB"}, 2),
        ("line", '["3"]', "added", {}, 3),
        ("line", '["2"]', "cancelled", {}, 2),
    ]


def test_a_line_that_is_cancelled_by_its_own_action_keeps_what_it_was() -> None:
    assert history_of(order("SO-1,1,AB,5,Ada,,", "SO-1,2,XX,9,Ada,,cancel")) == [("line", '["2"]', "cancelled", {}, 3)]


def test_a_line_that_is_cancelled_beside_one_that_changes_keeps_the_rows_apart() -> None:
    """Found by the fuzzer: Arrow leaves out a row of which nothing is kept."""
    assert history_of(order("SO-1,1,AD,5,Ada,,", "SO-1,2,XX,9,Ada,,cancel")) == [
        ("line", '["1"]', "changed", {"skuId": "AB"}, 2),
        ("line", '["2"]', "cancelled", {}, 3),
    ]


def test_a_document_that_is_cancelled_or_comes_back_says_what_state_it_was_in() -> None:
    mark = {"@job": "J0", "@line": 7, "state": "OPEN"}
    assert history_of(order("SO-1,,,,,cancel,"))[0] == ("header", "[]", "cancelled", mark, 2)
    mark = {"@job": "J0", "@line": 9, "state": "CANCELLED"}
    back = order("SO-2,1,AB,5,Ada,,", of=feed(reopen=True))
    assert history_of(back) == [("header", "[]", "reopened", mark, 2), ("line", '["1"]', "added", {}, 2)]


def test_of_what_is_not_taken_nothing_is_kept() -> None:
    steps = order("SO-1,1,AD,5,Bob,,", "SO-1,3,AC,6,Bob,,")
    assert history_of(steps, taken=".") == []
    assert [what for _, _, what, *_ in history_of(steps, rows=".x")] == ["changed", "added", "cancelled"]


def test_a_package_is_named_by_its_line_and_its_own_key() -> None:
    stored = notice("1,,L1")
    header = "vendorNumber,asnNumber,lineNumber,skuId,line.quantity,lotNumber"
    steps = sent("V1,A1,1,AB,1,L2", header=header, of=feed("asn"), stored=stored)
    assert [(row_key, what) for level, row_key, what, *_ in history_of(steps) if level == "package"] == [
        ('["1", "", "L2", "", ""]', "added"),
        ('["1", "", "L1", "", ""]', "cancelled"),
    ]
