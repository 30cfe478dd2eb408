"""Many workers, one table: each job once, each partner's in its order, nobody starved, the dead overtaken, the late shut out."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from crossdock.database.tables import JOBS, WORKERS
from crossdock.errors import Outage, Overtaken
from crossdock.jobs import leases, lifecycle
from crossdock.jobs.leases import ATTEMPTS
from crossdock.jobs.overview import UNMOVED, overview
from crossdock.jobs.scheduling import AGED, Limits, choose
from crossdock.model.job import STUCK, UnfiledJob
from crossdock.model.report import Progress
from crossdock.model.status import Verdict
from crossdock.pipeline import import_drop as importing
from crossdock.pipeline import run
from crossdock.workers import by_path, work
from crossdock.workers.work import jobs_waiting, run_job
from crossdock.workers.worker import Worker
from tests.warehouse import Warehouse, csv

pytestmark = pytest.mark.both
NOW = datetime(2026, 11, 26, 6, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)


def job(sequence: int, partner: str = "acme", **values: Any) -> UnfiledJob:
    waits = UnfiledJob(job_id=str(sequence), partner=partner, document="sales_order", stage=2, ranked=f"{sequence:05}", sequence=sequence,
                       verdict=None, lease=None, worker=None, started_at=None, received_at=NOW, not_before=None,
                       parked=None, outages=0)  # fmt: skip
    return replace(waits, **values)


def next_of(
    queued: list[UnfiledJob],
    held: list[UnfiledJob] | None = None,
    limits: Limits | None = None,
    turns: dict[str, datetime] | None = None,
) -> str | None:
    choice = choose(held or [], queued, limits or Limits(), NOW, (turns or {}).get)
    return None if choice is None else choice.job_id


def test_a_partners_drops_come_by_class_then_sequence_then_arrival() -> None:
    drops = [job(1, ranked="b"), job(2, ranked="a"), job(3, stage=0), job(4, ranked="a")]
    order = []
    while drops:
        order.append(next_of(drops))
        drops = [each for each in drops if each.job_id != order[-1]]
    assert order == ["3", "2", "4", "1"]


@given(st.data())
@settings(
    max_examples=3 * settings().max_examples, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_the_candidates_are_enough_to_choose_from(warehouse: Warehouse, data: st.DataObject) -> None:
    """Of many that wait only some are read; the next is the one that all of them would give."""
    blank = st.none()
    rows = data.draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "partner": st.sampled_from(["acme", "beta"]),
                    "document": st.sampled_from(["sku", "sales_order", "asn", ""]),
                    "stage": st.integers(0, 2),
                    "ranked": st.sampled_from(["a", "B", "ä", "_", "Z1"]),
                    "verdict": st.sampled_from([None, None, None, Verdict.ACCEPTED]),
                    "started_at": blank | st.just(NOW),
                    "not_before": blank | st.sampled_from([NOW, SOON]),
                    "parked": st.sampled_from([None, None, "by hand"]),
                    "outages": st.sampled_from([0, STUCK]),
                }
            ),
            max_size=12,
        )
    )
    jobs = [job(number, **row) for number, row in enumerate(rows, 1)]
    limits = Limits(at_once=2, of_partner={"acme": 2})
    with warehouse.database.writing() as connection:
        connection.execute(delete(JOBS))
        for each in jobs:
            values = {field.name: getattr(each, field.name) for field in fields(each)}
            file = {"name": "x", "digest": "x", "size": 1, "withheld": False, "path": "x", "status": "RECEIVED"}
            connection.execute(insert(JOBS).values(values | file))
    with warehouse.database.reading() as connection:
        held, waiting = leases._candidates(connection, limits, NOW)
    chosen = []
    for queue in (waiting, jobs):
        choice = choose(held, list(queue), limits, NOW, lambda _: None)
        chosen.append(choice and choice.job_id)
    assert chosen[0] == chosen[1]


@pytest.mark.parametrize(
    ("queued", "held", "limits", "expected"),
    [
        ([job(2)], [job(1)], Limits(), None),
        ([job(2)], [job(1)], Limits(of_partner={"acme": 2}), "2"),
        ([job(2)], [job(1, stage=0)], Limits(of_partner={"acme": 2}), None),
        ([job(2, stage=0)], [job(1)], Limits(of_partner={"acme": 2}), "2"),
        ([job(2, "beta")], [job(1)], Limits(), "2"),
        ([job(2, "beta")], [job(1)], Limits(at_once=1), None),
        ([job(1), job(2, "beta")], [], Limits(paused=["acme"]), "2"),
        ([job(1, not_before=NOW + timedelta(seconds=1)), job(2)], [], Limits(), None),
        ([job(1, not_before=NOW)], [], Limits(), "1"),
        ([job(1, parked="by hand"), job(2)], [], Limits(), "2"),
        ([job(1, not_before=SOON, outages=STUCK, document="asn"), job(2)], [], Limits(), "2"),
        ([job(1, not_before=SOON, outages=STUCK - 1, document="asn"), job(2)], [], Limits(), None),
        ([job(1, not_before=SOON, outages=STUCK, document="sku"), job(2)], [], Limits(), None),
        ([job(1, not_before=SOON, outages=STUCK), job(2)], [], Limits(), None),
        ([job(1, not_before=SOON, outages=STUCK, document=""), job(2)], [], Limits(), None),
        ([job(1, outages=STUCK, document="asn"), job(2)], [], Limits(), "1"),
        ([job(5), job(9, started_at=NOW)], [], Limits(), "9"),
        ([job(1), job(7, verdict=Verdict.ACCEPTED)], [], Limits(at_once=0), "7"),
    ],
    ids=["one at a time", "two if told", "an earlier class first", "a later class beside", "partners side by side", "the database's limit",
         "paused", "behind an outage", "when it is over", "what is set aside holds nobody up",
         "stuck, and nobody leans on it", "not yet stuck", "stuck, and orders name items", "stuck, of one type", "stuck, of no known type", "stuck, and due", "interrupted first", "filing needs no room"],
)  # fmt: skip
def test_who_comes_next(queued: list[UnfiledJob], held: list[UnfiledJob], limits: Limits, expected: str | None) -> None:
    assert next_of(queued, held, limits) == expected


def test_of_several_partners_the_class_then_the_one_whose_turn_is_longest_ago() -> None:
    drops = [job(1, "acme"), job(2, "beta"), job(3, "gamma", stage=1)]
    assert next_of(drops) == "3"
    assert next_of(drops[:2], turns={"acme": NOW}) == "2", "one that has had no turn"
    assert next_of(drops[:2], turns={"acme": NOW, "beta": NOW - timedelta(1)}) == "2"


def test_a_thousand_drops_of_a_neighbour_starve_nobody() -> None:
    """With one worker for all: a late class waits for ``AGED`` at most, then each partner has its turn."""
    thousand = [job(each, "big") for each in range(1000)]
    late = job(5000, "small", stage=6, received_at=NOW - AGED - timedelta(seconds=1))
    aged = [job(each, "big", received_at=NOW - 2 * AGED) for each in range(1000)]
    assert next_of([*thousand, late], turns={"big": NOW}) == "5000"
    assert next_of([*aged, late], turns={"big": NOW}) == "5000"


@given(st.randoms(use_true_random=False))
def test_however_workers_come_and_go_order_and_limits_hold(chance: random.Random) -> None:
    limits = Limits(at_once=chance.randint(1, 4), of_partner={"b": 2})
    queued = [
        job(each, chance.choice("abc"), stage=chance.randint(0, 3), ranked=chance.choice("xyz")) for each in range(30)
    ]
    held: list[UnfiledJob] = []
    done: list[UnfiledJob] = []
    turns: dict[str, datetime] = {}
    for tick in itertools.count():
        chosen = choose(held, queued, limits, NOW, turns.get)
        if chosen is not None and chance.random() < 0.7:
            earlier = [
                each
                for each in queued
                if each.partner == chosen.partner
                and (each.stage, each.ranked, each.sequence) < (chosen.stage, chosen.ranked, chosen.sequence)
            ]
            assert not earlier
            turns[chosen.partner] = NOW + timedelta(seconds=tick)
            queued.remove(chosen)
            held.append(chosen)
            assert len(held) <= limits.at_once
            assert sum(each.partner == chosen.partner for each in held) <= limits.of_partner.get(chosen.partner, 1)
        elif held:
            done.append(held.pop(chance.randrange(len(held))))
        if not queued and not held:
            break
    assert len(done) == 30


# ---- in the database


def test_workers_side_by_side_take_each_job_once_and_a_partners_in_order(warehouse: Warehouse) -> None:
    for partner in ("acme", "beta", "gamma"):
        warehouse.partner(partner)
        for number in range(1, 9):
            warehouse.drop(f"orders_{number}.csv", csv(f"{partner}-{number},1,AB,5"), partner)
    warehouse.look()
    ended: list[Any] = []

    def shift() -> None:
        site = warehouse.site
        with Worker(warehouse.database, "test") as worker:
            ended.extend(run_job(site, worker, taken) for taken in jobs_waiting(site, worker))

    workers = [threading.Thread(target=shift) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert [each.how for each in ended] == ["done"] * 24
    rows = warehouse.jobs()
    assert len(warehouse.order_numbers()) == 24
    for partner in ("acme", "beta", "gamma"):
        mine = sorted((row for row in rows if row.partner == partner), key=lambda row: row.leased_at)
        assert [row.name for row in mine] == [f"orders_{number}.csv" for number in range(1, 9)]
        assert all(before.finished_at <= after.leased_at for before, after in itertools.pairwise(mine))
    assert leases.workers(warehouse.database) == []


def stopped_at(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, where: str, name: str, call: Callable[[], None]
) -> Any:
    """A worker that has taken a job, and in the middle of it something happens."""
    import importlib

    module = importlib.import_module(where)
    real = getattr(module, name)
    happened: list[int] = []

    def meanwhile(*args: Any, **named: Any) -> Any:
        result = real(*args, **named)
        if not happened:
            happened.append(1)
            call()
        return result

    monkeypatch.setattr(module, name, meanwhile)
    site = warehouse.site
    with Worker(warehouse.database, "late") as worker:
        (taken,) = itertools.islice(jobs_waiting(site, worker), 1)
        return run_job(site, worker, taken)


def opens_jobs(patch: pytest.MonkeyPatch, step: str) -> None:
    """Jobs are opened before their batch, however small they are, where that step is tried."""
    if step == "open_job":
        patch.setattr("crossdock.pipeline.run.SMALL", 0)


@pytest.mark.parametrize(
    ("where", "name"),
    [("crossdock.pipeline.run", "make_plan"), ("crossdock.jobs.lifecycle", "open_job"), ("crossdock.jobs.lifecycle", "opened_by_its_batch"), ("crossdock.pipeline.run", "decide_batch"), ("crossdock.workers.work", "imported"), ("crossdock.workers.work", "file_away")],
)  # fmt: skip
def test_a_worker_that_wakes_up_late_cannot_write(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, where: str, name: str
) -> None:
    """Frozen wherever: its successor does the job meanwhile, from the last committed batch; once."""
    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,5", "SO-2,1,AB,x"))
    opens_jobs(monkeypatch, name)

    def overtaken() -> None:
        warehouse.forget_workers()
        (ended,) = warehouse.work()
        assert ended.how == "done"

    late = stopped_at(warehouse, monkeypatch, where, name, overtaken)
    assert (late.how, late.report) == ("lost", None)
    (row,) = warehouse.jobs()
    assert (row.processed, row.loaded, row.failed, row.lease, row.attempts) == (2, 1, 1, None, row.attempts)
    assert row.filed_at is not None
    assert warehouse.order_numbers() == ["SO-1"]
    with warehouse.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar() == 1
    assert len(list((warehouse.home / "outbox" / "acme").iterdir())) == 2
    assert len([path for path in warehouse.lying() if path.endswith("/orders_1.csv")]) == 1


def test_a_dead_workers_job_goes_on_and_says_whose_it_was(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.drop("orders_1.csv")
    site = warehouse.site
    worker = leases.enter(warehouse.database, "host:1", "drop folder", "a-run")
    work.scan(site)
    assert leases.take(warehouse.database, worker, site.limits) is not None
    with Worker(warehouse.database, "other") as other:
        assert leases.take(warehouse.database, other.id, site.limits) is None, "it lives"
        warehouse.forget_workers()
        leases.beat(warehouse.database, other.id)
        (stalled,) = overview(warehouse.database, NOW, ZoneInfo("UTC")).stalled
        assert (stalled.job.name, stalled.why) == ("orders_1.csv", "host:1 gave no sign of life")
        assert stalled.since is not None
        taken = leases.take(warehouse.database, other.id, site.limits)
    assert taken is not None
    assert (taken.left.name, taken.left.run) == ("host:1", "a-run")


def test_jobs_that_wait_while_nobody_works_are_stalled(warehouse: Warehouse) -> None:
    """No worker is running: the status showed them as waiting, and ended with 0."""
    for name in ("orders_1.csv", "orders_2.csv"):
        warehouse.drop(name)
    warehouse.look()
    zone = ZoneInfo("UTC")
    assert overview(warehouse.database, NOW, zone).stalled == (), "somebody will come"
    with warehouse.database.writing() as connection:
        long_ago = warehouse.database.dialect.clock(connection) - 2 * UNMOVED
        connection.execute(update(JOBS).values(received_at=long_ago))
    with Worker(warehouse.database, leases.BESIDE):
        state = overview(warehouse.database, NOW, zone)
        (stalled,) = state.stalled
        assert (stalled.job.name, stalled.why) == (
            "orders_1.csv",
            "no worker is there to import it, of 2 that wait",
        )
        assert state.needs_somebody
    with Worker(warehouse.database, "drop folder"):
        assert overview(warehouse.database, NOW, zone).stalled == ()


def test_a_worker_lives_also_where_an_older_database_is_put_back(warehouse: Warehouse) -> None:
    """Or where another server takes over and lacks the last seconds: its jobs counted as nobody's."""
    with Worker(warehouse.database, "API") as worker:
        with warehouse.database.writing() as connection:
            connection.execute(delete(WORKERS))
        assert leases.workers(warehouse.database) == []
        worker.beat()
        (known,) = leases.workers(warehouse.database)
        assert (known.worker, known.kind) == (worker.id, "API")
        worker.beat()
    assert leases.workers(warehouse.database) == []


def test_a_clock_that_was_set_back_keeps_no_job(warehouse: Warehouse) -> None:
    """Neither by a sign of life nor by a pause of a time that is still to come."""
    warehouse.drop("orders_1.csv")
    site = warehouse.site
    dead = leases.enter(warehouse.database, "host:1", "drop folder", "")
    work.scan(site)
    taken = leases.take(warehouse.database, dead, site.limits)
    assert taken is not None
    with warehouse.database.writing() as connection:
        year = warehouse.database.dialect.clock(connection) + timedelta(days=365)
        connection.execute(update(WORKERS).values(seen_at=year))
        connection.execute(update(JOBS).values(not_before=year))
    assert leases.workers(warehouse.database) == []
    assert leases.running(warehouse.database) == []
    state = overview(warehouse.database, NOW, ZoneInfo("UTC"))
    assert [each.job.name for each in state.stalled] == ["orders_1.csv"]
    assert (state.put_off, state.stuck) == ((), ())
    assert leases.ready(warehouse.database, site.limits) == 1
    with Worker(warehouse.database, "other") as other:
        assert leases.take(warehouse.database, other.id, site.limits) is not None


def test_what_ends_again_and_again_without_getting_on_is_set_aside_and_resumed(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.drop("orders_1.csv")
    warehouse.drop("orders_2.csv")
    with monkeypatch.context() as patch:
        real = work.open_drop

        def broken(path: Any, *args: Any, **named: Any) -> Any:
            if path.name == "orders_1.csv":
                raise ZeroDivisionError("a fault of ours")
            return real(path, *args, **named)

        patch.setattr(work, "open_drop", broken)
        for _ in range(ATTEMPTS):
            (ended,) = warehouse.work()
            assert (ended.how, ended.said) == ("put off", "ZeroDivisionError: a fault of ours")
            assert warehouse.order_numbers() == [], "what comes behind it may need what it brings"
            warehouse.no_waiting()
        (ended,) = warehouse.work()
        assert ended.name == "orders_2.csv"
    row = warehouse.jobs()[0]
    assert row.parked == f"it ended {ATTEMPTS} times without getting on: ZeroDivisionError: a fault of ours"
    assert leases.resume(warehouse.database, row.job_id)
    assert [each.how for each in warehouse.work()] == ["done"]
    assert not leases.resume(warehouse.database, row.job_id)


def test_a_worker_that_is_told_to_stop_stops_between_batches(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shut down, another continues at once; cancelled, it waits for somebody. Either way from the last committed batch."""
    monkeypatch.setattr("crossdock.pipeline.run.BATCH_BYTES", 100)
    monkeypatch.setattr("crossdock.pipeline.run.Terms.batch_bytes", 100, raising=False)

    monkeypatch.setattr(importing, "terms", lambda: run.Terms(NOW.date(), 100))
    warehouse.drop("orders_1.csv", csv(*(f"SO-{number},1,AB,5" for number in range(60))))
    site = warehouse.site
    for why, parked in ((None, None), ("cancelled in Prefect", "cancelled in Prefect")):
        with Worker(warehouse.database, "test", why_aside=lambda why=why: why) as worker:
            (taken,) = itertools.islice(jobs_waiting(site, worker), 1)
            before = taken.row.processed

            def stop(at: Progress, worker: Worker = worker, before: int = before) -> None:
                if at.processed > before:
                    worker.stopping.set()

            ended = run_job(site, worker, taken, stop)
        (row,) = warehouse.jobs()
        assert (ended.how, row.parked, row.lease) == ("stopped", parked, None)
        assert before < row.processed < 60
    assert warehouse.work() == []
    leases.resume(warehouse.database, row.job_id)
    (ended,) = warehouse.work()
    assert ended.report is not None
    assert (ended.report.documents.inserted, ended.report.documents.unchanged) == (60, 0)


def test_progress_has_a_rate_and_an_end_and_a_worker_a_sign_of_life(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr(importing, "terms", lambda: run.Terms(NOW.date(), 100))
    warehouse.drop("orders_1.csv", csv(*(f"SO-{number},1,AB,5" for number in range(60))))
    seen: list[Any] = []
    site = warehouse.site
    with Worker(warehouse.database, "test") as worker:
        (taken,) = itertools.islice(jobs_waiting(site, worker), 1)
        run_job(
            site, worker, taken, lambda _: seen.append((warehouse.jobs()[0], leases.workers(warehouse.database)[0]))
        )
    row, alive = seen[3]
    assert 0 < row.processed < row.total
    assert row.rate > 0
    assert row.estimated_end > row.leased_at
    assert (alive.job_id, alive.drop) == (row.job_id, "orders_1.csv")


def test_a_file_by_hand_that_a_worker_left_is_finished_by_another(
    warehouse: Warehouse, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "whatever.csv"
    path.write_text(csv("SO-1,1,AB,5"))
    with monkeypatch.context() as patch:
        patch.setattr(lifecycle, "opened_by_its_batch", lambda *_: (_ for _ in ()).throw(Outage("gone")))
        with pytest.raises(Outage):
            by_path.import_file(warehouse.site, path, "acme/sales_order", work.nobody)
    warehouse.no_waiting()
    assert [each.how for each in warehouse.work()] == ["done"]
    (row,) = warehouse.jobs()
    assert (row.asked, row.origin) == ("acme/sales_order", str(path))
    assert path.exists()


def test_the_same_file_by_hand_takes_the_job_over(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,5"))
    site = warehouse.site
    with Worker(warehouse.database, "test") as worker:
        (taken,) = itertools.islice(jobs_waiting(site, worker), 1)
        report = by_path.import_file(site, site.home / taken.row.path, None, work.nobody)
        late = run_job(site, worker, taken)
        assert isinstance(late.error, Overtaken)
    assert report.job == taken.lease.job
    assert [row.verdict for row in warehouse.jobs()] == ["ACCEPTED"]


def test_a_paused_partners_files_wait(warehouse: Warehouse) -> None:
    warehouse.partner("acme", top='mode = "paused"')
    path = warehouse.drop("orders_1.csv")
    assert warehouse.work() == []
    assert path.exists()
    warehouse.partner("acme")
    assert len(warehouse.work()) == 1


# ---- killed anywhere


STEPS = [
    ("crossdock.intake.files", "claim"), ("crossdock.jobs.booking", "register"), ("crossdock.jobs.leases", "take"), ("crossdock.pipeline.run", "make_plan"),
    ("crossdock.jobs.lifecycle", "open_job"), ("crossdock.jobs.lifecycle", "opened_by_its_batch"), ("crossdock.jobs.lifecycle", "fence"), ("crossdock.pipeline.import_drop", "merge"), ("crossdock.jobs.batch_log", "advance"), ("crossdock.jobs.lifecycle", "end"),
    ("crossdock.workers.work", "file_away"), ("crossdock.intake.files", "move"), ("crossdock.delivery.answer_files", "_write_together"), ("crossdock.delivery.answer_files", "write_atomically"), ("crossdock.jobs.answer_queue", "take"),
    ("crossdock.delivery.answer_files", "answer"), ("crossdock.jobs.answer_queue", "end"), ("crossdock.jobs.lifecycle", "filed"),
]  # fmt: skip


class Killed(BaseException):
    """Nobody catches it: the process is gone."""


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("where", "name"), STEPS, ids=[f"{where.rpartition('.')[2]}.{name}" for where, name in STEPS])
def test_killed_at_any_step_nothing_is_lost_and_nothing_is_done_twice(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, where: str, name: str, when: str
) -> None:
    import importlib

    module = importlib.import_module(where)
    real = getattr(module, name)

    def dies(*args: Any, **named: Any) -> Any:
        if when == "after":
            real(*args, **named)
        raise Killed

    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,5", "SO-2,1,AB,x"))
    warehouse.drop("orders_2.csv", csv("SO-3,1,AB,5"))
    opens_jobs(monkeypatch, name)
    with monkeypatch.context() as patch:
        patch.setattr(module, name, dies)
        patch.setattr(leases, "leave", lambda *_: None)
        for other in (work, lifecycle):  # names imported from the module
            if getattr(other, name, None) is real:
                patch.setattr(other, name, dies)
        with pytest.raises(Killed):
            warehouse.work()
    warehouse.forget_workers()
    with warehouse.database.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET claimed_until = NULL")
    warehouse.work()
    from crossdock.delivery import courier
    from crossdock.delivery.http import Wire

    courier.deliver(warehouse.site, Wire())
    first, second = warehouse.jobs()
    assert (first.loaded, first.failed, second.loaded) == (1, 1, 1)
    assert all(row.filed_at is not None and row.answered_at is not None for row in (first, second))
    assert warehouse.order_numbers() == ["SO-1", "SO-3"]
    lying = warehouse.lying()
    assert not [path for path in lying if path.startswith(("inbox/", "work/"))], lying
    answers = sorted(path.rpartition("/")[2] for path in lying if path.startswith("outbox/"))
    assert answers == sorted(
        [
            f"orders_1.csv.{first.job_id}.ack.json",
            f"orders_1.csv.{first.job_id}.fix.xlsx",
            f"orders_2.csv.{second.job_id}.ack.json",
        ]
    )
    with warehouse.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sales_order_lines").scalar() == 2
        assert connection.exec_driver_sql("SELECT count(*) FROM job_outcomes WHERE taken").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*), count(ended) FROM outbox").fetchone() == (2, 2)


def test_a_job_that_was_left_behind_its_last_batch_gets_its_verdict(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a job in shares is, where its worker is killed when they are written, and as earlier versions left one."""

    def dies(*_: Any) -> None:
        raise Killed

    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,5", "SO-2,1,AB,x"))
    with monkeypatch.context() as patch:
        patch.setattr(lifecycle, "end", lambda _database, _connection, job: job)
        patch.setattr(lifecycle, "close", dies)
        patch.setattr(leases, "leave", lambda *_: None)
        with pytest.raises(Killed):
            warehouse.work()
    (left,) = warehouse.jobs()
    assert (left.processed, left.verdict) == (2, None)
    warehouse.forget_workers()
    warehouse.work()
    (job,) = warehouse.jobs()
    assert (job.processed, job.loaded, job.failed, job.verdict) == (2, 1, 1, "PARTIAL")
    assert job.answered_at is not None


def test_an_outage_is_no_attempt_and_sets_nothing_aside(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse.drop("orders_1.csv")
    warehouse.drop("orders_2.csv")
    with monkeypatch.context() as patch:
        patch.setattr(work, "imported", lambda *_, **__: (_ for _ in ()).throw(Outage("the share is away")))
        for _ in range(2 * ATTEMPTS):
            (ended,) = warehouse.work()
            assert (ended.name, ended.how) == ("orders_1.csv", "put off")
            warehouse.no_waiting()
    assert [each.name for each in warehouse.work()] == ["orders_1.csv", "orders_2.csv"]


def test_an_outage_that_comes_back_the_same_way_holds_up_only_what_depends_on_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.drop("sku_1.csv", content="not read\n")
    warehouse.drop("orders_2.csv")
    real = work.imported

    def broken(drop: Any, *args: Any, **named: Any) -> Any:
        if drop.name == "sku_1.csv":
            raise Outage("this one again")
        return real(drop, *args, **named)

    with monkeypatch.context() as patch:
        patch.setattr(work, "imported", broken)
        for _ in range(STUCK):
            assert [(each.name, each.how) for each in warehouse.work()] == [("sku_1.csv", "put off")]
            warehouse.no_waiting()
        assert [(each.name, each.how) for each in warehouse.work()] == [("sku_1.csv", "put off")]  # once more, and then
    (stuck,) = overview(warehouse.database, NOW, ZoneInfo("UTC")).stuck
    assert (stuck.name, stuck.outages, stuck.said) == ("sku_1.csv", STUCK + 1, "this one again")


def test_held_documents_are_on_their_way_once_at_a_time(warehouse: Warehouse) -> None:
    from crossdock.jobs import open_documents
    from crossdock.workers.replay import send_again

    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,x"))
    warehouse.work()
    chosen = list(open_documents.open_documents(warehouse.database))
    (first,) = send_again(warehouse.site, chosen)
    assert list(send_again(warehouse.site, chosen)) == []
    assert [each.job for each in warehouse.work()] == [first]
    assert not list((warehouse.home / "work").glob("*/*/*"))


def test_a_worker_whose_session_its_successor_has_ended_is_overtaken(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it sees of that is an outage of the database; it is no news that the job is tried again."""
    warehouse.drop("orders_1.csv")

    def ended(*_: Any, **__: Any) -> Any:
        warehouse.forget_workers()
        warehouse.work()
        raise Outage("terminating connection due to administrator command")

    site = warehouse.site
    with Worker(warehouse.database, "late") as worker:
        (taken,) = itertools.islice(jobs_waiting(site, worker), 1)
        with monkeypatch.context() as patch:
            patch.setattr(work, "open_drop", lambda *_, **__: patch.undo() or ended())
            late = run_job(site, worker, taken)
    assert (late.how, late.said) == ("lost", f"job {late.job} was taken over by another worker")
    assert warehouse.order_numbers() == ["orders_1"]
