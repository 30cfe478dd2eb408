"""What a document may not do to the one that is stored."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crossdock.failures.failures import Failures
from crossdock.pipeline.reconcile.change_rules import refused_changes
from tests.sent import HEADER, Sent, Shelf, brief, details, feed, sent

NAMED = f"{HEADER},shipTo.name"
ACTION = f"{NAMED},header.action"
ORDERS = "customer_order_number,ship_to_name,state"
LINES = "customer_order_number,customer_line_number,sku_id,quantity,quantity_measure,quantity_shipped"
VERSIONED = f"{NAMED},salesChannelOrderInfo.lastUpdateDate"


def shelf(*lines: str, order: str = "SO-1,Ada,OPEN", header: str = ORDERS) -> Shelf:
    return Shelf(sales_orders=[header, order], sales_order_lines=[LINES, *(lines or ["SO-1,1,AB,5,EA,0"])])


def refused(steps: Sent, behind: str | None = None) -> Failures:
    """``behind``: the job that has stored each document behind a fix-workbook's back."""
    assembled, stored_side = steps.stored_side
    jobs = np.full(assembled.size, behind, dtype=object)
    return refused_changes(assembled, stored_side, steps.differing, steps.contents, steps.of, jobs)


def codes(*rows: str, header: str = NAMED, stored: Shelf | None = None, **more: Any) -> list[str]:
    return [code for _, _, code in brief(refused(sent(*rows, header=header, stored=stored or shelf(), **more)))]


@pytest.mark.parametrize(
    ("row", "refuses"), [("SO-1,1,AB,6,Ada", True), ("SO-1,1,AB,5,Ada", False), ("SO-2,1,AB,6,Ada", False)]
)
def test_an_insert_of_other_content_than_what_is_there_is_refused(row: str, refuses: bool) -> None:
    assert codes(f"{row},insert", header=ACTION) == ["already_exists"] * refuses


@pytest.mark.parametrize(
    ("row", "refuses"),
    [
        ("SO-1,1,AB,5,Bob,", True),
        ("SO-1,1,AB,5,Ada,", True),
        ("SO-1,1,AB,5,Ada,cancel", False),
        ("SO-1,2,AB,5,Ada,", True),
    ],
)
def test_nothing_more_comes_for_a_cancelled_document(row: str, refuses: bool) -> None:
    assert codes(row, header=ACTION, stored=shelf(order="SO-1,Ada,CANCELLED")) == ["cancelled"] * refuses


def test_a_cancelled_document_that_may_come_back_is_changed() -> None:
    stored = shelf(order="SO-1,Ada,CANCELLED")
    assert codes("SO-1,1,AB,6,Bob,", header=ACTION, stored=stored, of=feed(reopen=True)) == []


def test_what_is_only_appended_is_never_changed() -> None:
    of = feed("inventory_movement", constants={"businessUnitId": "BU1"})
    fields = of.document.fields
    assert of.document.mode == "append"
    key = dict.fromkeys(of.document.key, "K1") | {"businessUnitId": "BU1"}
    header = ",".join([*key, "quantity"])
    columns = [fields[name][1].column for name in [*key, "quantity"]]
    values = ",".join(key.values())
    stored = Shelf(**{of.document.header.table: [",".join(columns), f"{values},5"]})
    other = sent(f"{values},6", header=header, of=of, stored=stored)
    assert brief(refused(other)) == [(2, "", "append_only")]
    assert details(refused(other)) == [{"job": "J0"}]
    assert brief(refused(sent(f"{values},5", header=header, of=of, stored=stored))) == []


def test_a_fix_workbook_does_not_change_what_came_in_behind_its_back() -> None:
    steps = sent("SO-1,1,AB,6,Ada", header=NAMED, stored=shelf())
    failures = refused(steps, behind="J7")
    assert (brief(failures), details(failures)) == ([(2, "", "not_of_this_fix")], [{"job": "J7"}])
    assert not len(refused(sent("SO-1,1,AB,5,Ada", header=NAMED, stored=shelf()), behind="J7"))


def version(day: str) -> str:
    return "-".join(part.rjust(20, "0") for part in day.split("-"))


@pytest.mark.parametrize(
    ("day", "quantity", "content", "refuses"),
    [
        ("2026-11-20", "6", "another", ["version_again"]),
        ("2026-11-20", "5", "another", []),
        ("2026-11-20", "6", "", []),
        ("2026-11-19", "6", "another", ["stale"]),
        ("2026-11-21", "6", "another", []),
    ],
    ids=["same version", "same content", "taken without some lines", "older", "newer"],
)
def test_a_version_is_stored_once_and_never_overwritten_by_an_older_one(
    day: str, quantity: str, content: str, refuses: list[str]
) -> None:
    updated = "sales_channel_order_info_last_update_date"
    order = f"SO-1,Ada,OPEN,{version('2026-11-20')},{content},2026-11-20"
    stored = shelf(order=order, header=f"{ORDERS},version,content,{updated}")
    of = feed(version=["salesChannelOrderInfo.lastUpdateDate"])
    assert codes(f"SO-1,1,AB,{quantity},Ada,{day}", header=VERSIONED, stored=stored, of=of) == refuses


def test_what_is_older_than_another_of_the_file_says_so() -> None:
    of = feed(version=["salesChannelOrderInfo.lastUpdateDate"])
    rows = [f"SO-1,1,AB,5,Ada,2026-11-{day}" for day in (20, 21)]
    failures = refused(sent(*rows, header=VERSIONED, of=of, groups=[1, 2], nested=True))
    assert (brief(failures), details(failures)) == ([(2, "", "stale")], [{"known": "a later one of this file"}])


PARTLY = shelf("SO-1,1,AB,5,EA,2", "SO-1,2,AC,6,EA,0")
OVER = shelf("SO-1,1,AB,5,EA,7", order="SO-1,Ada,SHIPPED")
WHOLE = shelf("SO-1,1,AB,5,EA,5", order="SO-1,Ada,SHIPPED")


@pytest.mark.parametrize(
    ("rows", "stored", "failures"),
    [
        (("SO-1,1,AB,7,Ada,", "SO-1,2,AC,6,Ada,"), PARTLY, []),
        (("SO-1,1,AB,5,Ada,", "SO-1,2,AD,9,Ada,"), PARTLY, []),
        (("SO-1,1,AB,2,Ada,", "SO-1,2,AC,6,Ada,"), PARTLY, []),
        (("SO-1,1,AB,1,Ada,", "SO-1,2,AC,6,Ada,"), PARTLY, [(2, "quantity", "less_than_shipped")]),
        (("SO-1,1,AD,7,Ada,", "SO-1,2,AC,6,Ada,"), PARTLY, [(2, "skuId", "changed_when_shipped")]),
        (("SO-1,2,AC,6,Ada,",), PARTLY, [(2, "", "already_shipped")]),
        (("SO-1,1,AB,5,Ada,",), PARTLY, []),
        (("SO-1,1,AB,5,Ada,cancel",), PARTLY, [(2, "", "already_shipped")]),
        (("SO-1,1,AB,5,Bob,", "SO-1,2,AC,6,Bob,"), PARTLY, []),
        (("SO-1,1,AB,5,Bob,",), WHOLE, [(2, "shipTo.name", "changed_when_shipped")]),
        (("SO-1,1,AB,6,Ada,",), WHOLE, [(2, "quantity", "changed_when_shipped")]),
        (("SO-1,1,AB,7,Ada,",), OVER, []),
        (("SO-1,1,AB,8,Ada,",), OVER, [(2, "quantity", "changed_when_shipped")]),
    ],
    ids=["raised", "another line", "lowered to what is shipped", "lowered below", "another item", "left out", "an open line left out", "cancelled",
         "header of an open one", "header of a shipped one", "raised when shipped", "raised to what is shipped", "raised above it"],
)  # fmt: skip
def test_what_is_shipped_is_raised_while_it_is_open_and_lowered_to_what_is_shipped(
    rows: tuple[str, ...], stored: Shelf, failures: list[tuple[int, str, str]]
) -> None:
    refusals = refused(sent(*rows, header=ACTION, stored=stored))
    assert brief(refusals) == failures


def test_what_is_no_goods_may_change_and_a_warning_says_what_it_was() -> None:
    header = "customerOrderNumber,customerLineNumber,skuId,quantity,shipTo.name,header.notes"
    failures = refused(sent("SO-1,1,AB,5,Ada,label printed", header=header, stored=WHOLE))
    assert brief(failures) == [(2, "header.notes", "changed_afterwards")]
    assert (details(failures), failures.is_error.any()) == ([{"was": "(blank)"}], False)


def test_less_than_is_shipped_says_the_three_numbers() -> None:
    failures = refused(sent("SO-1,1,AB,1,Ada,", "SO-1,2,AC,6,Ada,", header=ACTION, stored=PARTLY))
    assert details(failures) == [{"was": "5", "done": "2"}]


def test_what_is_shipped_names_the_line_that_is_not_in_the_file() -> None:
    failures = refused(sent("SO-1,2,AC,6,Ada,", header=ACTION, stored=PARTLY))
    assert details(failures) == [{"what": "line '1' is not in the file"}]


def test_a_file_that_says_no_quantity_may_change_nothing_of_a_shipped_line() -> None:
    header = "customerOrderNumber,customerLineNumber,skuId,shipTo.name"
    assert codes("SO-1,1,AD,Ada", "SO-1,2,AC,Ada", header=header, stored=PARTLY) == ["changed_when_shipped"]


@pytest.mark.parametrize(
    ("row", "before", "keys", "jobs"),
    [
        ("SO-1,1,AB,5,Ada", "", {}, ["J7"]),
        ("SO-1,1,AB,5,Ada", "other", {}, []),
        ("SO-1,1,AB,5,Ada", None, {}, []),
        ("SO-1,1,AB,6,Ada", "", {}, []),
        ("SO-1,1,AB,5,Ada", "", {"sends": "changes"}, []),
    ],
)
def test_a_whole_document_with_the_content_before_its_changes_takes_these_back(
    row: str, before: str | None, keys: dict[str, str], jobs: list[str]
) -> None:
    """``before``: the content from which changes have made 6 of 5; '' is that of the row. As it is now it changes nothing."""
    of = feed(**keys)
    own = sent(row, header=NAMED, of=of).contents[0]
    orders = [f"{ORDERS},changed_from,job", f"SO-1,Ada,OPEN,{own if before == '' else before or ''},J1"]
    stored = Shelf(sales_orders=orders, sales_order_lines=[f"{LINES},job", "SO-1,1,AB,6,EA,0,J7"])
    failures = refused(sent(row, header=NAMED, of=of, stored=stored))
    assert [each for each in brief(failures) if each[2] == "change_reverted"] == [(2, "", "change_reverted")] * len(
        jobs
    )
    assert [each["jobs"] for each in details(failures) if "jobs" in each] == jobs
