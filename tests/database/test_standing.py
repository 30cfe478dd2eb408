"""Documents as of now: each counts once, however often it came, under whatever job."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crossdock.database import standing
from crossdock.database.standing import Standing
from crossdock.jobs import open_documents
from crossdock.jobs.overview import overview
from crossdock.reports.overview_text import remarks
from crossdock.workers.replay import send_again
from tests.jobs.test_open_documents import statements
from tests.reports.excel.test_fix_workbook import corrected
from tests.warehouse import Result, Warehouse, csv

pytestmark = pytest.mark.both
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def now(warehouse: Warehouse, partner: str = "acme") -> tuple[int, int, int, int]:
    """Sent, in, on hold, rejected."""
    each = standing.standings(warehouse.database, LONG_AGO).get(partner, Standing())
    assert each.sent >= each.imported + each.on_hold
    return each.sent, each.imported, each.on_hold, each.rejected


def back(warehouse: Warehouse, result: Result, heading: str, value: str) -> Result:
    """A fix-workbook that comes back with one cell of its first row changed."""
    return warehouse.run(corrected(warehouse.fix(result), (2, heading, value)), name="corrected.xlsx")


def test_a_file_that_comes_twice_counts_once(warehouse: Warehouse) -> None:
    for name in ("orders_1.csv", "orders_1.csv", "orders_2.csv"):
        warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,x", ",1,AB,5"), name=name)
        assert now(warehouse) == (3, 1, 2, 0)
        assert open_documents.count(warehouse.database) == 2
    (held,) = standing.held_jobs(warehouse.database, 5, 5)
    assert (held.documents, held.numbers) == (2, ("SO-2", ""))
    assert warehouse.run(csv("SO-1,1,AB,6", "SO-3,1,AB,5"), name="orders_3.csv")
    assert now(warehouse) == (4, 2, 2, 0)


def test_what_comes_in_by_its_fix_workbook_counts_once(warehouse: Warehouse) -> None:
    first = warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,x"))
    assert now(warehouse) == (2, 1, 1, 0)
    again = back(warehouse, first, "quantity", "y")
    assert now(warehouse) == (2, 1, 1, 0)
    assert [each.job.job_id for each in standing.held_jobs(warehouse.database, 5, 5)] == [again.job]
    back(warehouse, again, "quantity", "7")
    assert now(warehouse) == (2, 2, 0, 0)


def test_a_document_that_gets_another_number_in_its_fix_workbook_counts_once(warehouse: Warehouse) -> None:
    first = warehouse.run(csv(",1,AB,5"))
    assert now(warehouse) == (1, 0, 1, 0)
    back(warehouse, first, "customerOrderNumber", "SO-9")
    assert now(warehouse) == (1, 1, 0, 0)


def test_a_replay_counts_once(warehouse: Warehouse) -> None:
    warehouse.partner(keys='references = { sku = "fail" }')
    warehouse.load("sku", "XY,BU1,Y")
    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,5", "SO-2,1,XY,5"))
    warehouse.work()
    assert now(warehouse) == (2, 1, 1, 0)
    assert list(send_again(warehouse.site, open_documents.open_documents(warehouse.database)))
    warehouse.work()
    assert now(warehouse) == (2, 1, 1, 0)
    warehouse.load("sku", "AB,BU1,Y")
    assert list(send_again(warehouse.site, open_documents.open_documents(warehouse.database)))
    warehouse.work()
    assert now(warehouse) == (2, 2, 0, 0)
    assert overview(warehouse.database, LONG_AGO, ZoneInfo("UTC")).partners[0].drops == 1


def test_a_newer_order_overtakes_the_one_on_hold(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,x"), name="orders_1.csv")
    warehouse.run(csv("SO-1,1,AB,5"), name="orders_2.csv")
    assert now(warehouse) == (1, 1, 0, 0)
    warehouse.run(csv("SO-1,1,AB,y"), name="orders_3.csv")
    assert now(warehouse) == (1, 0, 1, 0), "what was sent last is not in"


def test_a_rejected_drop_that_is_sent_again_whole_is_none(warehouse: Warehouse) -> None:
    for _ in range(2):
        warehouse.run("nonsense\n", name="orders_1.csv")
    assert now(warehouse) == (0, 0, 0, 1)
    assert len(standing.rejected_jobs(warehouse.database, 5)) == 1
    assert standing.totals(warehouse.database) == (0, 1)
    warehouse.run(csv("SO-1,1,AB,5"), name="orders_1.csv")
    assert now(warehouse) == (1, 1, 0, 0)
    assert standing.rejected_jobs(warehouse.database, 5) == []


def test_what_a_person_dismisses_was_sent(warehouse: Warehouse) -> None:
    held = warehouse.run(csv("SO-2,1,AB,5", "SO-1,1,AB,x", ",1,AB,5"))
    assert open_documents.dismiss(warehouse.database, held.job, "SO-1", "a test", "me") == 1
    assert open_documents.dismiss(warehouse.database, held.job, "", "a test", "me") == 1
    assert now(warehouse) == (3, 1, 0, 0)


def test_only_what_came_since_is_counted_and_everything_on_hold_is_named(warehouse: Warehouse) -> None:
    warehouse.run(csv(*(f"SO-{number},1,AB,x" for number in range(9)), ",1,AB,5"))
    later = datetime.now(UTC) + timedelta(hours=1)
    assert standing.standings(warehouse.database, later) == {}
    state = overview(warehouse.database, later, ZoneInfo("UTC"))
    job = state.held[0].job.job_id
    of_job = f"  {job}  acme, orders.csv: SO-0, SO-1, SO-2, SO-3, SO-4 and 5 more; ".strip()
    assert dict(remarks(state))["On hold (10), the newest first"] == [f"{of_job} 'crossdock report {job}' says why"]
    told_of = dict(remarks(state, (), {job: "archive/x.fix.xlsx"}))
    assert told_of["On hold (10), the newest first"] == [f"{of_job} fix-workbook: archive/x.fix.xlsx"]


def test_beside_many_there_are_as_many_statements_as_beside_few(warehouse: Warehouse) -> None:
    def number() -> int:
        with statements(warehouse.database) as sent:
            standing.standings(warehouse.database, LONG_AGO)
            standing.held_jobs(warehouse.database, 1, 5)
            standing.rejected_jobs(warehouse.database, 1)
            standing.totals(warehouse.database)
        return len(sent)

    warehouse.run(csv("SO-1,1,AB,x"), name="orders_1.csv")
    few = number()
    warehouse.run(csv(*(f"SO-{each},1,AB,{'x' if each % 2 else 5}" for each in range(2, 402))), name="orders_2.csv")
    assert number() == few
    assert now(warehouse) == (401, 200, 201, 0)
