"""Whose a document is and which: keys, units, owners, actions, doubles."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.failures.failures import Failures
from crossdock.pipeline.lookup.versions import outdated
from crossdock.pipeline.validate.identity import check_identity
from tests.sent import HEADER, Sent, Shelf, brief, details, feed, sent

ACTION = f"{HEADER},header.action"
VERSIONED = f"{HEADER},salesChannelOrderInfo.lastUpdateDate"


def identified(steps: Sent) -> Failures:
    return check_identity(*steps.stored_side, steps.contents, steps.of, steps.stored)


def orders(*rows: str, header: str = "customer_order_number") -> Shelf:
    return Shelf(sales_orders=[header, *rows])


def test_a_blank_number_is_a_failure_of_each_of_its_rows() -> None:
    assert brief(identified(sent(",1,AB,5", ",2,AB,5", "SO-1,1,AB,5"))) == [
        (2, "customerOrderNumber", "blank_key"),
        (3, "customerOrderNumber", "blank_key"),
    ]


def test_a_document_of_a_unit_that_is_not_the_partners_fails() -> None:
    steps = sent("SO-1,1,AB,5,BU2", "SO-2,1,AB,5,BU3", header=f"{HEADER},businessUnitId", of=feed(constants={}))
    failures = identified(steps)
    assert brief(failures) == [(3, "businessUnitId", "foreign_unit")]
    assert details(failures) == [{"allowed": "BU1, BU2"}]


def test_another_partners_document_fails() -> None:
    stored = orders("SO-1,beta", "SO-2,acme", header="customer_order_number,partner")
    assert brief(identified(sent("SO-1,1,AB,5", "SO-2,1,AB,5", stored=stored))) == [(2, "", "belongs_to_other")]


@pytest.mark.parametrize(
    ("action", "stored", "codes"),
    [
        ("update", "SO-2", ["does_not_exist"]),
        ("cancel", "SO-2", ["unknown_to_cancel"]),
        ("update", "SO-1", []),
        ("cancel", "SO-1", []),
        ("insert", "SO-2", []),
        ("replace", "SO-2", []),
    ],
)
def test_what_is_changed_or_cancelled_must_exist(action: str, stored: str, codes: list[str]) -> None:
    failures = identified(sent(f"SO-1,1,AB,5,{action}", header=ACTION, stored=orders(stored)))
    assert [code for _, _, code in brief(failures)] == codes


@pytest.mark.parametrize(
    ("row", "stored", "codes"),
    [
        ("SO-1,,,,", "SO-2", ["no_lines"]),
        ("SO-1,,,,", "SO-1", ["no_lines"]),
        ("SO-1,,,,update", "SO-1", []),
        ("SO-1,,,,cancel", "SO-1", []),
    ],
)
def test_a_document_has_lines_unless_it_changes_or_cancels_another(row: str, stored: str, codes: list[str]) -> None:
    failures = identified(sent(row, header=ACTION, stored=orders(stored)))
    assert [code for _, _, code in brief(failures)] == codes


@pytest.mark.parametrize(
    ("stored", "lines", "codes"), [("SO-2", "SO-2,1", ["no_lines"]), ("SO-1", "SO-1,1", []), ("SO-1", "", ["no_lines"])]
)
def test_a_document_has_a_line_that_is_not_cancelled_or_has_one_stored(
    stored: str, lines: str, codes: list[str]
) -> None:
    """The last is a cancel of a copy that was on hold: nothing but its number is stored."""
    own = ["customer_order_number,customer_line_number", *([lines] if lines else [])]
    shelf = Shelf(sales_orders=["customer_order_number,state", f"{stored},OPEN"], sales_order_lines=own)
    steps = sent("SO-1,1,AB,5,cancel", header=f"{HEADER},line.action", stored=shelf)
    assert [code for _, _, code in brief(identified(steps))] == codes


def test_a_document_without_a_version_fails_where_the_feed_has_versions() -> None:
    of = feed(version=["salesChannelOrderInfo.lastUpdateDate"])
    steps = sent("SO-1,1,AB,5,2026-11-20", "SO-2,1,AB,5,", header=VERSIONED, of=of)
    assert brief(identified(steps)) == [(3, "", "no_version")]


def objects(*rows: str, header: str = HEADER, of: Any = None) -> Sent:
    """Each row an object, and so a document of its own."""
    return sent(*rows, header=header, of=of, groups=list(range(1, len(rows) + 1)), nested=True)


def test_the_same_document_again_is_a_duplicate_of_the_first() -> None:
    failures = identified(objects("SO-1,1,AB,5", "SO-2,1,AB,5", "SO-1,1,AB,5", "SO-1,1,AB,5"))
    assert brief(failures) == [(4, "", "duplicate"), (5, "", "duplicate")]
    assert details(failures) == [{"line": 2}, {"line": 2}]


def test_documents_of_one_number_that_say_different_things_contradict_one_another() -> None:
    failures = identified(objects("SO-1,1,AB,5", "SO-1,1,AB,5", "SO-1,1,AB,6"))
    assert brief(failures) == [(line, "", "document_twice") for line in (2, 3, 4)]
    assert details(failures) == [{"line": 3}, {"line": 2}, {"line": 2}]


def test_documents_of_one_number_and_several_versions_are_neither() -> None:
    of = feed(version=["salesChannelOrderInfo.lastUpdateDate"])
    assert not len(identified(objects("SO-1,1,AB,5,2026-11-20", "SO-1,1,AB,6,2026-11-21", header=VERSIONED, of=of)))


@pytest.mark.parametrize(
    ("stored", "number", "code"),
    [
        ("0012", "12", "similar_key"),
        ("12", "0012", "similar_key"),
        ("so-12", "SO-12", "similar_spelling"),
        ("SO 12", "SO12", "similar_spelling"),
        ("12", "12", None),
        ("13", "12", None),
    ],
)
def test_a_new_number_that_is_too_like_a_stored_one_is_said(stored: str, number: str, code: str | None) -> None:
    fold = stored.lower().replace(" ", "").lstrip("0")
    shelf = orders(f"{stored},{fold}", header="customer_order_number,key_fold")
    failures = identified(sent(f"{number},1,AB,5", stored=shelf))
    assert brief(failures) == ([] if code is None else [(2, "customerOrderNumber", code)])
    assert details(failures) == ([] if code is None else [{"other": repr(stored), "known": "which is stored"}])


def test_a_number_that_is_too_like_an_earlier_one_of_the_file_is_said_of_the_later_only() -> None:
    failures = identified(sent("0012,1,AB,5", "12,1,AB,5", "ab,1,AB,5", "AB,1,AB,5", "0012,2,AB,5"))
    assert brief(failures) == [
        (3, "customerOrderNumber", "similar_key"),
        (5, "customerOrderNumber", "similar_spelling"),
    ]
    assert [each["known"] for each in details(failures)] == ["which stands earlier in this file"] * 2


def test_keys_that_differ_in_another_part_than_the_number_name_that_part() -> None:
    header = "vendorNumber,asnNumber,lineNumber,skuId,quantity"
    failures = identified(sent("V1,A1,1,AB,5", "v1,A1,1,AB,5", header=header, of=feed("asn")))
    assert brief(failures) == [(3, "vendorNumber", "similar_spelling")]


@pytest.mark.parametrize(
    ("stored", "days", "old"),
    [
        ("2026-11-21", ["20"], [True]),
        ("2026-11-20", ["20"], [False]),
        ("2026-11-19", ["20"], [False]),
        ("2026-11-19", ["20", "21"], [True, False]),
        ("2026-11-19", [""], [False]),
    ],
)
def test_what_is_older_than_the_stored_or_than_another_of_the_file_is_outdated(
    stored: str, days: list[str], old: list[bool]
) -> None:
    of = feed(version=["salesChannelOrderInfo.lastUpdateDate"])
    rows = [f"SO-1,1,AB,5,{day and f'2026-11-{day}'}" for day in days]
    steps = objects(*rows, header=VERSIONED, of=of)
    year, month, day = (each.rjust(20, "0") for each in stored.split("-"))
    shelf = orders(f"SO-1,{year}-{month}-{day}", header="customer_order_number,version")
    steps = Sent(steps.of, steps.batch, steps.columns, shelf, objects=True)
    assert outdated(*steps.stored_side, of.document).tolist() == old


def test_without_versions_nothing_is_outdated() -> None:
    steps = objects("SO-1,1,AB,5", "SO-1,1,AB,6")
    assert outdated(*steps.stored_side, steps.of.document).tolist() == [False, False]
