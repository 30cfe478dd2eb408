"""Which jobs have written what is stored of a batch, and which of them came later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crossdock.pipeline.lookup.versions import outdated
from crossdock.pipeline.lookup.writers import later_ones, writers
from tests.sent import HEADER, Sent, Shelf, sent

NAMED = f"{HEADER},shipTo.locationId"
ORDER = ["customer_order_number,job", "SO-1,J1"]
LINES = ["customer_order_number,customer_line_number,job", "SO-1,1,J1", "SO-1,9,J8"]


def steps(later: dict[str, bool], *rows: str) -> tuple[Sent, Shelf]:
    stored = Shelf(later, sales_orders=ORDER, sales_order_lines=LINES)
    return sent(*rows, header=NAMED, stored=stored), stored


@pytest.mark.parametrize(
    ("later", "by"), [({}, None), ({"J1": False, "J8": False}, None), ({"J1": False, "J8": True}, "J8")]
)
def test_a_document_is_older_than_what_a_later_job_has_stored_of_it(later: dict[str, bool], by: str | None) -> None:
    sent_ones, stored = steps(later, "SO-1,1,AB,5,S1", "SO-2,1,AB,5,S1")
    assembled, side = sent_ones.stored_side
    assert writers(side).sort_values("job")["job"].tolist() == ["J1", "J8"]
    jobs = later_ones(side, stored, "J5", None)
    assert jobs.tolist() == [by, None]
    old = outdated(assembled, replace(side, later=jobs), sent_ones.of.document)
    assert old.tolist() == [by is not None, False]


def test_what_is_not_stored_is_nobodys() -> None:
    sent_ones, stored = steps({"J1": True}, "SO-9,1,AB,5,S1")
    assert later_ones(sent_ones.stored_side[1], stored, "J5", None).tolist() == [None]
