"""Failures and differences → a verdict on every document and record."""

from __future__ import annotations

from typing import Any

from crossdock.model.decision import Decision
from crossdock.model.report import Books
from tests.sent import HEADER, Sent, Shelf, feed, plain, sent

NAMED = f"{HEADER},shipTo.locationId"
GOOD, BAD = "SO-1,1,AB,5,S1", "SO-2,1,AB,x,S1"
ORDERS = "customer_order_number,ship_to_location_id,state"
LINES = "customer_order_number,customer_line_number,sku_id,quantity,quantity_measure"
TWO = Shelf(
    sales_orders=[ORDERS, "SO-1,S1,OPEN"], sales_order_lines=[LINES, "SO-1,1,AB,5,EA", "SO-1,2,AC,6,EA"]
)  # fmt: skip


def order(*rows: str, header: str = NAMED, **more: Any) -> Sent:
    return sent(*rows, header=header, **more)


def outcomes(checked: Decision, *names: str) -> list[tuple[Any, ...]]:
    return plain(checked.outcomes.cells, "number", *names)


def failures_of(checked: Decision) -> list[tuple[int, str]]:
    return list(zip(checked.failures["line"].tolist(), checked.failures["code"].tolist(), strict=True))


def test_a_failing_line_holds_its_document_and_no_other() -> None:
    checked = order(GOOD, BAD, "SO-2,2,AB,5,S1").decided
    assert outcomes(checked, "taken", "what", "lines", "failing_lines") == [
        ("SO-1", True, "inserted", 1, 0),
        ("SO-2", False, "", 2, 1),
    ]
    assert checked.books == Books(read=3, loaded=1, failed=1, held=1)
    assert [each.insert.num_rows for each in checked.writes] == [1, 1]
    assert (checked.failing, checked.changed) == (1, True)


def test_a_failing_line_is_left_out_where_the_feed_holds_lines_only() -> None:
    checked = order(BAD, "SO-2,2,AB,5,S1", of=feed(hold="line")).decided
    assert outcomes(checked, "taken", "what", "lines", "failing_lines") == [("SO-2", True, "inserted", 2, 1)]
    assert checked.books == Books(read=2, loaded=1, failed=1)
    assert checked.writes[0].insert.column("content").to_pylist() == [None], "it is not what was sent"


def test_a_file_that_is_withheld_is_held_whole() -> None:
    checked = order(GOOD, BAD).decide(withheld=True)
    assert outcomes(checked, "taken", "hold_code") == [("SO-1", False, "file_held"), ("SO-2", False, "")]
    assert not checked.changed


def test_a_document_beside_a_torn_row_is_held_and_names_its_line() -> None:
    holds = {"SO-1": ("beside_torn_line", 3)}
    checked = order(GOOD, holds=holds).decided
    assert outcomes(checked, "taken", "hold_code", "hold_line") == [("SO-1", False, "beside_torn_line", 3)]
    assert checked.books == Books(read=1, held=1)
    assert outcomes(order(BAD, holds={"SO-2": ("swallowed", 9)}).decided, "hold_code") == [("SO-2", "")]
    assert outcomes(order(GOOD, holds=holds, of=feed(hold="line")).decided, "taken") == [("SO-1", True)]


def test_what_is_cancelled_because_it_is_not_mentioned_is_said_once_it_is_done() -> None:
    done = order("SO-1,1,AB,5,S1", stored=TWO).decided
    assert failures_of(done) == [(2, "line_cancelled")]
    assert done.counts["line"].cancelled == 1
    held = order("SO-1,1,AB,x,S1", stored=TWO).decided
    assert failures_of(held) == [(2, "not_a_number")]


def test_a_cancellation_that_the_feed_makes_an_error_keeps_the_document_out() -> None:
    checked = order("SO-1,1,AB,5,S1", stored=TWO, of=feed(severity={"line_cancelled": "error"})).decided
    assert (failures_of(checked), outcomes(checked, "taken")) == ([(2, "line_cancelled")], [("SO-1", False)])


def test_a_failing_line_without_a_number_cancels_no_stored_line() -> None:
    of = feed(hold="line")
    unsure = order("SO-1,1,AB,7,S1", "SO-1,,AC,6,S1", stored=TWO, of=of).decided
    assert unsure.counts["line"].cancelled == 0
    sure = order("SO-1,1,AB,7,S1", "SO-1,3,AC,x,S1", stored=TWO, of=of).decided
    assert sure.counts["line"].cancelled == 1


def test_a_line_that_cancels_nothing_is_said_where_its_document_is_taken() -> None:
    header = f"{NAMED},line.action"
    assert failures_of(order("SO-1,1,AB,5,S1,", "SO-1,2,AC,6,S1,", "SO-1,9,AB,1,S1,cancel", header=header, stored=TWO).decided) == [
        (4, "nothing_to_cancel")
    ]  # fmt: skip
    assert failures_of(order("SO-1,1,AB,x,S1,", "SO-1,9,AB,1,S1,cancel", header=header, stored=TWO).decided) == [
        (2, "not_a_number")
    ]


def test_what_is_wrong_with_a_header_is_said_once_a_document() -> None:
    rows = [f"SO-1,{line},AB,5,S1,soon" for line in (1, 2)]
    checked = order(*rows, header=f"{NAMED},orderCreatedDate").decided
    assert failures_of(checked) == [(2, "not_a_date")]
    assert plain(checked.failures, "document_line", "line_number", "scope") == [(2, None, "document")]


def test_a_failure_knows_its_document_and_its_line() -> None:
    checked = order(GOOD, "SO-1,7,AB,x,S1").decided
    assert plain(checked.failures, "line", "document_line", "line_number", "scope") == [(3, 2, "7", "cell")]


def test_of_a_torn_record_nothing_else_is_said() -> None:
    torn = {3: ("torn_row", {"found": 3, "expected": 5})}
    checked = order(GOOD, "SO-1,2,AB,x,", faults=torn).decided
    assert failures_of(checked) == [(3, "torn_row")]
    assert checked.books == Books(read=2, failed=1, held=1)


def test_the_same_document_again_is_a_duplicate_and_written_once() -> None:
    checked = order(GOOD, GOOD, groups=[1, 2], nested=True).decided
    assert checked.books == Books(read=2, loaded=1, duplicate=1)
    assert outcomes(checked, "taken", "what") == [("SO-1", True, "inserted"), ("SO-1", True, "")]


DAYS = f"{NAMED},salesChannelOrderInfo.lastUpdateDate"


def test_nothing_is_said_of_what_is_older_but_that_it_is() -> None:
    of = feed(version=["salesChannelOrderInfo.lastUpdateDate"])
    rows = [f"SO-1,1,AB,{quantity},S1,2026-11-{day}" for quantity, day in (("x", 20), (5, 21))]
    checked = order(*rows, header=DAYS, of=of, groups=[1, 2], nested=True).decided
    assert failures_of(checked) == [(2, "stale")]
    assert outcomes(checked, "taken", "hold_code", "what") == [
        ("SO-1", True, "stale", ""),
        ("SO-1", True, "", "inserted"),
    ]
    assert checked.books.stale == 1


def test_what_is_older_fails_where_the_feed_says_so() -> None:
    of = feed(version=["salesChannelOrderInfo.lastUpdateDate"], severity={"stale": "error"})
    rows = [f"SO-1,1,AB,5,S1,2026-11-{day}" for day in (20, 21)]
    checked = order(*rows, header=DAYS, of=of, groups=[1, 2], nested=True).decided
    assert (outcomes(checked, "taken")[0], checked.books.failed) == (("SO-1", False), 1)


def test_packages_under_a_line_that_is_left_out_are_left_out_with_it() -> None:
    header = "vendorNumber,asnNumber,lineNumber,skuId,quantity,lotNumber"
    rows = ["V1,A1,1,AB,x,L1", "V1,A1,1,AB,1,L2", "V1,A1,2,AB,1,L1"]
    checked = sent(*rows, header=header, of=feed("asn", hold="line")).decided
    assert [each.insert.num_rows for each in checked.writes] == [1, 1, 1]


def test_the_senders_own_jobs_are_known() -> None:
    checked = order(f"{GOOD},77", "SO-3,1,AB,5,S1,", header=f"{NAMED},jobId").decided
    assert checked.sender_jobs == {"77"}
    assert order(GOOD).decided.sender_jobs == frozenset()
