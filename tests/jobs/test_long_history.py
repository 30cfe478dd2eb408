"""What came in a year makes nothing slower: counted in SQLite's own steps, not in seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, event, insert, select, update

from crossdock.database.tables import JOBS, OUTCOMES
from crossdock.delivery import archive
from crossdock.jobs import leases, overview, queries
from crossdock.jobs.overview import Ended
from crossdock.jobs.queries import Wanted
from tests.warehouse import Warehouse, csv

STEP = 100
"""So many instructions of SQLite's machine are a step."""
EARLIER = 4_000
"""How many jobs came before: a minute apart, all of one partner."""


class Steps:
    """How many steps the database takes."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.taken = 0
        event.listen(warehouse.database.engine, "checkout", self._count)

    def _count(self, connection: Any, *_: Any) -> None:
        connection.set_progress_handler(self._step, STEP)

    def _step(self) -> int:
        self.taken += 1
        return 0

    def of(self, work: Callable[[], object]) -> int:
        before = self.taken
        work()
        return self.taken - before


def earlier(warehouse: Warehouse, number: int) -> None:
    """As if so many files had come before, each with the content of the first job's."""
    now = datetime.now(UTC)
    with warehouse.database.writing() as connection:
        row = dict(connection.execute(select(JOBS).order_by(JOBS.c.sequence).limit(1)).one()._mapping)
        jobs = []
        for each in range(number):
            then = now - timedelta(days=2, minutes=each)
            own = {"job_id": f"J{each}", "sequence": -each, "digest": f"d{each}", "name": f"orders_e{each}.csv"}
            jobs.append(row | own | {"received_at": then, "finished_at": then})
        connection.execute(insert(JOBS), jobs)


def on_hold(warehouse: Warehouse, number: int) -> None:
    """As if a document of each of so many earlier jobs were on hold."""
    with warehouse.database.writing() as connection:
        row = dict(connection.execute(select(OUTCOMES).limit(1)).one()._mapping)
        connection.execute(insert(OUTCOMES), [row | {"job_id": f"J{each}"} for each in range(number)])


def test_a_long_history_makes_nothing_slower(warehouse: Warehouse) -> None:
    counted, numbers = [Ended()], count(1)

    def figures() -> None:
        counted[0] = overview.gauges(warehouse.database, counted[0]).ended

    def a_drop() -> None:
        warehouse.drop(f"orders_{next(numbers)}.csv")
        assert len(warehouse.work()) == 1

    today = datetime.now(UTC) - timedelta(hours=12)
    steps = Steps(warehouse)
    works: dict[str, Callable[[], object]] = {
        "a drop": a_drop,
        "ready": lambda: leases.ready(warehouse.database, warehouse.site.limits),
        "late writes": lambda: archive.late_writes(warehouse.site),
        "figures": figures,
        "recent": lambda: queries.recent(warehouse.database, 20),
        "a partner's list": lambda: queries.listed(warehouse.database, Wanted(partner="acme"), 20),
    }
    for _ in range(25):
        a_drop()
    few = {name: steps.of(work) for name, work in works.items()}
    status = steps.of(lambda: overview.overview(warehouse.database, today, ZoneInfo("UTC")))
    earlier(warehouse, EARLIER)
    figures()
    many = {name: steps.of(work) for name, work in works.items()}
    dearer = {name: (few[name], many[name]) for name in works if many[name] > 1.5 * few[name] + 5}
    assert not dearer
    of_each_job = steps.of(lambda: overview.overview(warehouse.database, today, ZoneInfo("UTC"))) - status
    assert of_each_job < EARLIER / 5, "status looks for each partner's last job, in an index"


def test_documents_on_hold_make_no_drop_slower(warehouse: Warehouse) -> None:
    numbers = count(1)

    def a_drop() -> None:
        number = next(numbers)
        warehouse.drop(f"orders_{number}.csv", csv(f"SO-{number},1,AB,x", f"OK-{number},1,AB,5"))
        assert len(warehouse.work()) == 1

    steps = Steps(warehouse)
    for _ in range(5):
        a_drop()
    few = steps.of(a_drop)
    earlier(warehouse, EARLIER)
    on_hold(warehouse, EARLIER)
    assert steps.of(a_drop) <= 1.5 * few + 5


def test_the_last_layout_is_sought_among_few_files_where_very_many_were_rejected(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv")
    assert len(warehouse.work()) == 1
    steps, feed = Steps(warehouse), next(iter(warehouse.site.partners.feeds()))
    taken = []
    for many in (queries.SOUGHT, EARLIER):
        with warehouse.database.writing() as connection:
            connection.execute(delete(JOBS).where(JOBS.c.job_id.like("J%")))
        earlier(warehouse, many)
        with warehouse.database.writing() as connection:
            connection.execute(update(JOBS).where(JOBS.c.job_id.like("J%")).values(verdict="REJECTED"))
        taken.append(steps.of(lambda: queries.last_layout(warehouse.database, feed, "another")))
    assert queries.last_layout(warehouse.database, feed, "another") is not None
    assert taken[1] <= 1.5 * taken[0] + 5
