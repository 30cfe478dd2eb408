"""A fix-workbook's documents: what they were, and whether others have come in under their numbers."""

from __future__ import annotations

import pytest

from crossdock.pipeline.reconcile.fix_documents import fixed_documents, overtaken
from tests.sent import HEADER, Shelf, feed, plain, sent

NAMED = f"{HEADER},shipTo.locationId"


@pytest.mark.parametrize(
    ("later", "lacking", "by"),
    [
        ({}, set(), None),
        ({"J7": True}, {("BU1", "SO-1")}, "J7"),
        ({"J7": False}, {("BU1", "SO-1")}, None),
        ({"J7": False}, {("BU1", "SO-2")}, "J7"),
    ],
    ids=["of its own line", "a later file", "an earlier file, and it is its own", "an earlier file's"],
)
def test_a_document_that_another_file_has_stored_is_overtaken(
    later: dict[str, bool], lacking: set[tuple[str, str]], by: str | None
) -> None:
    stored = Shelf(later, lacking, sales_orders=["customer_order_number,job", "SO-1,J7"])
    steps = sent("SO-1,1,AB,5,S1", "SO-2,1,AB,5,S1", header=NAMED, stored=stored)
    assert overtaken(*steps.stored_side, stored, steps.of, "J1").tolist() == [by, None]


def test_a_line_that_another_file_has_changed_overtakes_its_document() -> None:
    stored = Shelf(
        {"J8": True},
        sales_orders=["customer_order_number,job", "SO-1,J1"],
        sales_order_lines=["customer_order_number,customer_line_number,job", "SO-1,1,J1", "SO-1,9,J8"],
    )
    steps = sent("SO-1,1,AB,5,S1", header=NAMED, stored=stored)
    assert overtaken(*steps.stored_side, stored, steps.of, "J1").tolist() == ["J8"]


def test_a_file_that_fixes_nothing_is_overtaken_by_nothing() -> None:
    stored = Shelf({"J7": True}, sales_orders=["customer_order_number,job", "SO-1,J7"])
    steps = sent("SO-1,1,AB,5,S1", header=NAMED, stored=stored)
    assert overtaken(*steps.stored_side, stored, steps.of, None).tolist() == [None]
    new = sent("SO-9,1,AB,5,S1", header=NAMED, stored=stored)
    assert overtaken(*new.stored_side, stored, new.of, "J1").tolist() == [None]


def test_each_document_of_the_fixed_job_is_told_what_became_of_it() -> None:
    rows = ("SO-1,1,AB,5,S1", "SO-1,2,AB,5,S1", "SO-2,1,AB,x,S1", "SO-3,1,AB,5,S1")
    steps = sent(*rows, header=NAMED, origins=[5, 6, 9, 0], of=feed())
    assert plain(
        fixed_documents(steps.batch, steps.stored_side[0], steps.decided), "origin", "document_line", "taken"
    ) == [
        (5, 2, True),
        (6, 2, True),
        (9, 4, False),
    ]
