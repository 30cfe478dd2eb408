"""Every record in one bucket, every document with its outcome, every row counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from crossdock.model.report import Books, Counts
from crossdock.pipeline.reconcile.books import Fate, bucketed, counted, outcomes, seen, stored_lines
from tests.sent import HEADER, Sent, Shelf, feed, plain, sent

NAMED = f"{HEADER},shipTo.name,header.action,line.action"
STORED = Shelf(
    sales_orders=["customer_order_number,ship_to_name,revision", "SO-1,Ada,3", "SO-2,Ada,4", "SO-3,Ada,5"],
    sales_order_lines=[
        "customer_order_number,customer_line_number,sku_id,quantity,quantity_measure,state",
        "SO-1,1,AB,5,EA,OPEN",
        "SO-2,1,AB,5,EA,OPEN",
        "SO-2,2,AC,6,EA,OPEN",
        "SO-2,3,AC,6,EA,CANCELLED",
        "SO-3,1,AB,5,EA,OPEN",
    ],
)
NIGHT = sent(
    "SO-1,1,AB,5,Ada,,",  # as it is stored
    "SO-2,1,AB,7,Ada,,",  # another quantity, and its second line is not mentioned
    "SO-3,1,AB,5,Ada,cancel,",
    "SO-4,1,AB,5,Ada,,",  # new
    "SO-4,2,AC,5,Ada,,",
    header=NAMED,
    stored=STORED,
)


def fate(
    taken: str = "xxxx",
    duplicate: str = "....",
    stale: str = "....",
    code: str = "",
    line: int = 0,
    checked: str = "....",
) -> Fate:
    """Of four documents; where one is not taken it is held for ``code``."""
    masks = [np.array([each == "x" for each in text]) for text in (taken, duplicate, stale, checked)]
    codes = np.array([code if each == "." else "" for each in taken], dtype=object)
    return Fate(*masks[:3], codes, np.array([line if each else 0 for each in codes], dtype=np.int64), masks[3])


def bad(records: str) -> np.ndarray:
    return np.array([each == "x" for each in records])


def books(of: Fate, bad_records: str = ".....") -> Books:
    assembled, stored_side = NIGHT.stored_side
    return bucketed(assembled, stored_side, NIGHT.differing, of, bad(bad_records))


def test_every_record_ends_in_one_bucket() -> None:
    assert books(fate()) == Books(read=5, loaded=4, unchanged=1)
    assert books(fate("xx.x")) == Books(read=5, loaded=3, unchanged=1, held=1)
    assert books(fate("xxx."), "...x.") == Books(read=5, loaded=2, unchanged=1, failed=1, held=1)
    assert books(fate(duplicate="x...", stale=".x..")) == Books(read=5, loaded=3, duplicate=1, stale=1)
    assert books(fate(duplicate="x...", stale="x...")) == Books(read=5, loaded=4, duplicate=1)
    assert books(fate("x.xx", "x...", checked="xx.x"), "....x") == Books(
        read=5, loaded=1, duplicate=1, held=1, failed=1, ignored=1
    )


def counts(of: Fate, rows: str = "xxxxx") -> dict[str, Counts]:
    assembled, stored_side = NIGHT.stored_side
    return counted(assembled, stored_side, NIGHT.differing, of, {"line": bad(rows)})


def test_documents_and_lines_are_counted_by_what_is_done_with_them() -> None:
    assert counts(fate()) == {
        "header": Counts(inserted=1, updated=1, unchanged=1, cancelled=1),
        "line": Counts(inserted=2, updated=1, unchanged=1, cancelled=2),
    }


def test_what_is_not_taken_is_not_counted() -> None:
    assert counts(fate("x.x."))["header"] == Counts(unchanged=1, cancelled=1)
    assert counts(fate(), rows="xxxx.")["line"] == Counts(inserted=1, updated=1, unchanged=1, cancelled=2)


def test_lines_that_cancel_themselves_are_counted_as_cancelled() -> None:
    steps = sent("SO-2,1,AB,5,Ada,,", "SO-2,2,AC,6,Ada,,cancel", header=NAMED, stored=STORED)
    assembled, stored_side = steps.stored_side
    one = Fate(
        *(bad(each) for each in ("x", ".", ".")), np.array([""], dtype=object), np.zeros(1, dtype=np.int64), bad(".")
    )
    counts = counted(assembled, stored_side, steps.differing, one, {"line": bad("xx")})
    assert counts["line"] == Counts(unchanged=1, cancelled=1)


def test_what_is_about_to_change_was_seen_at_its_revision() -> None:
    assembled, stored_side = NIGHT.stored_side
    revisions = seen(assembled, stored_side, NIGHT.differing, fate("xxx."), NIGHT.of)
    assert revisions.to_pylist() == [
        {"business_unit_id": "BU1", "customer_order_number": "SO-2", "revision": 4},
        {"business_unit_id": "BU1", "customer_order_number": "SO-3", "revision": 5},
    ]


def outcomes_of(of: Fate, bad_records: str, *names: str, steps: Sent = NIGHT) -> list[tuple[Any, ...]]:
    assembled, stored_side = steps.stored_side
    return plain(outcomes(assembled, stored_side, steps.differing, of, bad(bad_records), steps.of).cells, *names)


def test_each_document_has_its_outcome() -> None:
    of = fate("xxx.", code="swallowed", line=9)
    assert outcomes_of(
        of, "....x", "number", "line", "taken", "what", "hold_code", "hold_line", "lines", "failing_lines"
    ) == [
        ("SO-1", 2, True, "unchanged", "", None, 1, 0),
        ("SO-2", 3, True, "updated", "", None, 1, 0),
        ("SO-3", 4, True, "cancelled", "", None, 1, 0),
        ("SO-4", 5, False, "", "swallowed", 9, 2, 1),
    ]
    assert outcomes_of(of, ".....", "business_unit", "key")[0] == ("BU1", "BU1\x1fSO-1")


def test_what_is_stale_or_a_duplicate_is_taken_and_nothing_is_done_with_it() -> None:
    assert outcomes_of(fate(duplicate="x...", stale=".x.."), ".....", "taken", "what", "hold_code")[:2] == [
        (True, "", ""),
        (True, "", "stale"),
    ]


def test_nobody_waits_for_what_is_only_checked() -> None:
    names = "number", "taken", "what", "ended"
    assert outcomes_of(fate("x.xx", checked="xx.."), ".....", *names)[:3] == [
        ("SO-1", True, "", "checked"),
        ("SO-2", False, "", "checked"),
        ("SO-3", True, "cancelled", None),
    ]


def test_a_number_that_we_would_have_given_is_not_told_of_a_document_that_is_not_taken() -> None:
    assembled, stored_side = NIGHT.stored_side
    numbered = replace(assembled, numberless=bad("x..x"))
    rows = outcomes(numbered, stored_side, NIGHT.differing, fate("xxx."), bad("....."), NIGHT.of)
    assert plain(rows.cells, "number", "key")[::3] == [("SO-1", "BU1\x1fSO-1"), ("", "")]
    rows = outcomes(numbered, stored_side, NIGHT.differing, fate(checked="...x"), bad("....."), NIGHT.of)
    assert plain(rows.cells, "number")[::3] == [("SO-1",), ("",)]


def test_records_of_a_list_are_its_lines_and_a_torn_record_is_one_of_its_own() -> None:
    units = sent("AB,Band,BX", "AB,Band,CS", header="skuId,name,unit", of=feed("sku"))
    assembled, stored_side = units.stored_side
    one = Fate(
        *(bad(each) for each in ("x", ".", ".")), np.array([""], dtype=object), np.zeros(1, dtype=np.int64), bad(".")
    )
    rows = outcomes(assembled, stored_side, units.differing, one, bad(".x"), units.of)
    assert plain(rows.cells, "lines", "failing_lines") == [(2, 1)]
    torn = sent("SO-4,1,AB,5", "SO-4,,,", faults={3: ("torn_row", {"found": 1, "expected": 4})})
    assembled, stored_side = torn.stored_side
    rows = outcomes(assembled, stored_side, torn.differing, one, bad(".x"), torn.of)
    assert plain(rows.cells, "lines", "failing_lines") == [(2, 1)]


def test_stored_lines_are_the_open_ones_and_those_of_documents_that_say_the_same() -> None:
    assembled, stored_side = NIGHT.stored_side
    assert stored_lines(assembled, stored_side, NIGHT.of.document) == 4
    same = Shelf(sales_orders=["customer_order_number,content", f"SO-4,{NIGHT.contents[3]}"])
    steps = Sent(NIGHT.of, NIGHT.batch, NIGHT.columns, same)
    assert stored_lines(*steps.stored_side, steps.of.document) == 2
    lists = sent("AB,Band", header="skuId,name", of=feed("sku"))
    assert stored_lines(*lists.stored_side, lists.of.document) == 0
