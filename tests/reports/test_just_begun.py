"""A job of which the record was read before its file was: a small drop opens it in the transaction of its batch."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from crossdock.api.pages.answer import Chosen, answer_of
from crossdock.jobs import queries
from crossdock.reports import acknowledgement, failure_list, text
from crossdock.workers.work import jobs_waiting, run_job
from crossdock.workers.worker import Worker
from tests.warehouse import Warehouse, csv


@pytest.mark.both
def test_what_fails_between_two_looks_is_told_by_its_line(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,1", "SO-2,1,AB,x", "SO-3,1,AB,x", "SO-4,1,,5"))
    with Worker(warehouse.database, "test") as worker:
        taken = next(jobs_waiting(warehouse.site, worker))
        before = queries.one(warehouse.database, taken.lease.job)
        run_job(warehouse.site, worker, taken)
    assert (before.feed, before.plan.written) == (None, {})
    answer = answer_of(warehouse.database, before, Chosen("", "", 1, operator=False), ZoneInfo("UTC"))
    assert [each.place for each in answer.groups] == ["lines 3 and 4", "line 5"]
    assert "lines 3 and 4" in "\n".join(text.text(before, warehouse.database))
    assert "SO-4" in "".join(failure_list.failure_list(before, warehouse.database))
    (whole,) = acknowledgement.answers(before, warehouse.database)
    assert "SO-2" in "".join(acknowledgement.body(before, whole, warehouse.database))
