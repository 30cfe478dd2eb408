"""A job is run alike, whatever door it came through; what ends it without a verdict gives it back."""

from __future__ import annotations

import logging
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from crossdock.database import Database, connect
from crossdock.database.tables import JOBS
from crossdock.errors import Outage, Overtaken
from crossdock.intake import drop_folders
from crossdock.jobs import leases, lifecycle, open_documents, queries
from crossdock.workers import by_path, work
from crossdock.workers.by_path import check_file, import_file
from crossdock.workers.submit import submit
from crossdock.workers.work import jobs_waiting, nobody, run_job
from crossdock.workers.worker import Worker
from tests.warehouse import HEADER, Warehouse, csv
from tests.workbooks import zipped

GOOD = csv("SO-1,1,AB,5")


def interrupted(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt


def broken_by(patch: pytest.MonkeyPatch, error: BaseException) -> None:
    def raising(*_: Any, **__: Any) -> Any:
        raise error

    patch.setattr(work, "imported", raising)


@pytest.mark.parametrize("attended", [False, True])
@pytest.mark.parametrize(
    ("error", "how", "note", "attempts", "later"),
    [
        (Outage("the share is away"), "put off", "the share is away", 0, True),
        (OSError("the disk is full"), "put off", "the disk is full", 0, True),
        (ZeroDivisionError("a fault"), "put off", "ZeroDivisionError: a fault", 1, True),
        (Overtaken("given up for dead"), "lost", "given up for dead", 1, True),
        (KeyboardInterrupt(), "", None, 0, False),
    ],
    ids=["outage", "disk", "fault", "overtaken", "interrupted"],
)  # fmt: skip
def test_a_job_that_ends_without_a_verdict_is_given_back_alike_by_every_door(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, attended: bool,
    error: BaseException, how: str, note: str | None, attempts: int, later: bool,
) -> None:  # fmt: skip
    """Who waits is told by what is raised; a loop tells the log. Only a person's interruption sets the job aside."""
    site = warehouse.site
    caplog.set_level(logging.WARNING, "crossdock")
    with monkeypatch.context() as patch:
        broken_by(patch, error)
        if attended:
            path = tmp_path / "orders_1.csv"
            path.write_text(GOOD)
            with pytest.raises(type(error)) as raised:
                import_file(site, path, None, nobody)
            assert raised.value is error
        else:
            warehouse.drop("orders_1.csv", GOOD)
            with Worker(warehouse.database, "test") as worker:
                taken = next(jobs_waiting(site, worker))
                if how:
                    ended = run_job(site, worker, taken)
                    assert (ended.how, ended.said, ended.report, ended.error) == (how, note, None, error)
                else:
                    with pytest.raises(type(error)):
                        run_job(site, worker, taken)
    assert bool(caplog.messages) == (bool(how) and not attended)
    (row,) = warehouse.jobs()
    assert (row.lease, row.worker, row.attempts, row.said) == (None, None, attempts, note)
    assert (row.not_before is not None) == later
    assert row.parked == (by_path.STOPPED if attended and not how else None)
    warehouse.no_waiting()
    leases.resume(warehouse.database, row.job_id)
    assert [each.how for each in warehouse.work()] == ["done"]
    assert warehouse.order_numbers() == ["SO-1"]


@pytest.mark.both
def test_a_job_whose_worker_is_killed_before_it_is_filed_is_filed_when_the_file_is_imported_again(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It still had the lease of a worker that is dead; while that one lives, it files it, and the file is another job."""
    path = tmp_path / "orders_1.csv"
    path.write_text(csv("SO-1,1,AB,5", "SO-2,1,AB,x"))
    with monkeypatch.context() as patch:
        patch.setattr(work, "file_away", interrupted)
        with pytest.raises(KeyboardInterrupt):
            import_file(warehouse.site, path, None, nobody)
    (row,) = warehouse.jobs()
    other = leases.enter(warehouse.database, "elsewhere 1", "inbox", "")
    assert leases.take_this(warehouse.database, other, row.job_id) is not None
    again = import_file(warehouse.site, path, None, nobody)
    assert again.job != row.job_id
    leases.killed(warehouse.database, other)
    assert import_file(warehouse.site, path, None, nobody).job == row.job_id
    assert [each.filed_at is not None for each in warehouse.jobs()] == [True, True]


@pytest.mark.both
@pytest.mark.parametrize("changed", [False, True])
def test_a_job_that_a_person_stops_before_it_is_filed_is_filed_when_the_file_is_imported_again(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, changed: bool
) -> None:
    """Its documents are stored: it was set aside for ever, and the same file became another job, without reports for
    the first. Where the feed has changed meanwhile, it is another job.
    """
    path = tmp_path / "orders_1.csv"
    path.write_text(csv("SO-1,1,AB,5", "SO-2,1,AB,x"))

    with monkeypatch.context() as patch:
        patch.setattr(work, "file_away", interrupted)
        with pytest.raises(KeyboardInterrupt):
            import_file(warehouse.site, path, None, nobody)
    (row,) = warehouse.jobs()
    assert (row.verdict, row.parked, row.filed_at) == ("PARTIAL", by_path.STOPPED, None)
    if changed:
        toml = warehouse.home / "partners" / "acme.toml"
        toml.write_text(toml.read_text().replace('"S1"', '"S2"'))
    report = import_file(warehouse.site, path, None, nobody)
    first, *others = warehouse.jobs()
    assert (report.job == first.job_id, len(others)) == ((False, 1) if changed else (True, 0))
    assert (first.filed_at is not None, first.parked) == ((False, by_path.STOPPED) if changed else (True, None))
    assert not [each for each in warehouse.lying() if each.startswith("work/") and not changed]


def test_a_job_that_another_has_is_left_to_it(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand, too: what the successor did stands, and whoever asked hears what ended it here."""
    path = tmp_path / "orders_1.csv"
    path.write_text(GOOD)
    real = lifecycle.opened_by_its_batch

    def meanwhile(*args: Any, **named: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(lifecycle, "opened_by_its_batch", real)
            warehouse.forget_workers()
            assert [each.how for each in warehouse.work()] == ["done"]
        return real(*args, **named)

    monkeypatch.setattr(lifecycle, "opened_by_its_batch", meanwhile)
    with pytest.raises(Overtaken):
        import_file(warehouse.site, path, None, nobody)
    (row,) = warehouse.jobs()
    assert (row.verdict, row.not_before, row.lease) == ("ACCEPTED", None, None)


MEMBERS = {
    "so_2.csv": csv("SO-1,1,AB,2"),
    "so_10.csv": csv("SO-1,1,AB,10"),
    "list_b.csv": csv("AB,Band,Band,Y,", header="skuId,name,description1,isActive,upc"),
    "so_1.csv": csv("SO-1,1,AB,1"),
}
"""The members of an archive, in its order."""
TURNS = ["list_b.csv", "so_1.csv", "so_2.csv", "so_10.csv"]
TWO_FEEDS = """
id = "acme"
zone = "Europe/Berlin"
business_units = ["BU1"]
[[feed]]
document = "sales_order"
files = "so*"
constants = { businessUnitId = "BU1", currency = "EUR", "shipTo.locationId" = "S1" }
[[feed]]
document = "sku"
files = "list*"
constants = { businessUnitId = "BU1" }
"""


@pytest.mark.parametrize("door", ["by hand", "handed in", "drop folder", "check"])
def test_members_of_an_archive_are_taken_in_the_order_of_files_by_every_door(
    warehouse: Warehouse, tmp_path: Path, door: str
) -> None:
    warehouse.feed(whole=TWO_FEEDS)
    path = tmp_path / "night.zip"
    path.write_bytes(zipped(MEMBERS))
    names: list[str] = []
    if door == "by hand":
        import_file(warehouse.site, path, None, nobody, lambda report: names.append(report.name))
    elif door == "check":
        url = warehouse.database.url.render_as_string(hide_password=False)
        with check_file(warehouse.site.partners, url, path, None) as checked:
            names = [each.name for each in checked.reports][1:]
    else:
        if door == "handed in":
            submit(warehouse.site, path, path.name, partner="acme")
        else:
            warehouse.drop(path.name, path.read_bytes())
        names = [each.name for each in warehouse.work()][1:]
    assert names == TURNS
    assert warehouse.lines() == ({} if door == "check" else {"1": ("AB", 10.0, "OPEN")})


def test_archives_take_their_turn_by_the_dates_in_their_names(warehouse: Warehouse) -> None:
    warehouse.feed()
    for day, quantity in (("02022026", 2), ("31012026", 31)):
        warehouse.drop(f"night_{day}.zip", zipped({"orders.csv": csv(f"SO-1,1,AB,{quantity}")}))
    assert [each.name for each in warehouse.work()][:2] == ["night_31012026.zip", "night_02022026.zip"]
    assert warehouse.lines() == {"1": ("AB", 2.0, "OPEN")}


@pytest.mark.both
def test_a_job_whose_file_was_filed_since_its_database_was_backed_up_goes_on(warehouse: Warehouse) -> None:
    """An older database is put back: the file is in the archive, and was waited for for ever."""
    warehouse.drop("orders_1.csv", GOOD)
    assert len(warehouse.reports()) == 1
    (row,) = warehouse.jobs()
    path = f"work/{row.job_id}/acme/orders_1.csv"
    as_before = {"verdict": None, "status": "RECEIVED", "filed_at": None, "finished_at": None, "path": path}
    with warehouse.database.writing() as connection:
        connection.execute(update(JOBS).values(as_before))
    (filed,) = warehouse.home.glob("archive/*/*/orders_1.csv")
    changed = filed.read_bytes()
    filed.write_bytes(b"another file\n")
    assert [each.how for each in warehouse.work()] == ["put off"]
    filed.write_bytes(changed)
    warehouse.no_waiting()
    assert [(each.job, each.verdict) for each in warehouse.reports()] == [(row.job_id, "ACCEPTED")]
    assert filed.read_bytes() == changed
    assert not (warehouse.home / path).exists()


@pytest.mark.both
def test_a_job_whose_file_is_lost_is_given_up_by_a_person_and_answered(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv", GOOD)
    warehouse.drop("orders_2.csv", csv("SO-2,1,AB,5"))
    warehouse.look()
    first, _ = warehouse.jobs()
    (warehouse.home / first.path).unlink()
    (ended,) = warehouse.work()
    assert ended.said.endswith(f"if it is lost, crossdock dismiss {first.job_id} '' --why WHY ends its job")
    with Worker(warehouse.database, "test") as worker:
        assert work.give_up(warehouse.site, worker, first.job_id, "a disk broke")
        assert not work.give_up(warehouse.site, worker, first.job_id, "a disk broke"), "once"
        assert not work.give_up(warehouse.site, worker, "nothing", "a disk broke")
    first, second = warehouse.jobs()
    assert (first.verdict, second.verdict) == ("REJECTED", None)
    assert first.refused == "the file was given up before it was imported, send it again: a disk broke"
    (answer,) = (warehouse.home / "outbox" / "acme").iterdir()
    assert "a disk broke" in answer.read_text()
    assert [each.how for each in warehouse.work()] == ["done"], "the next one of the partner waits no longer"


def test_what_a_person_gives_up_is_what_nobody_works_on(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv", GOOD)
    warehouse.look()
    (row,) = warehouse.jobs()
    with Worker(warehouse.database, "test") as worker:
        assert not work.give_up(warehouse.site, worker, row.job_id, "why not")
        taken = leases.take(warehouse.database, worker.id, warehouse.site.limits)
        assert taken is not None
        leases.park(warehouse.database, taken.lease, "it failed five times")
        assert work.give_up(warehouse.site, worker, row.job_id, "why not")
    (filed,) = warehouse.home.glob("rejected/*/*/orders_1.csv")
    assert filed.read_text() == GOOD


@pytest.mark.both
def test_a_partner_whose_toml_is_missing_waits_and_nothing_is_refused(warehouse: Warehouse) -> None:
    """Somebody copies the folder of partners anew, or it is not mounted yet."""
    warehouse.partner("beta")
    for partner in ("acme", "beta"):
        warehouse.drop("orders_1.csv", GOOD if partner == "acme" else csv("SO-9,1,AB,5"), partner)
    warehouse.look()
    (warehouse.home / "partners" / "acme.toml").unlink()
    waiting = warehouse.drop("orders_2.csv")
    assert sorted((each.how, each.said) for each in warehouse.work()) == [
        ("done", ""),
        ("put off", "there is no partner 'acme'; there are: beta"),
    ]
    assert warehouse.look().failing == [f"{waiting} can't be taken: there is no partner 'acme'; there are: beta"]
    warehouse.partner()
    warehouse.no_waiting()
    assert [each.verdict for each in warehouse.reports()] == ["ACCEPTED", "ACCEPTED"]


def test_a_power_cut_after_a_file_is_filed_loses_nothing_of_sqlites(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not written through to the disk is gone then; the file is in the archive all the same."""
    real_sync, real_file = os.fsync, work.file_away
    path = Path(str(warehouse.database.url.database))
    written_through = 0

    def synced(file: int) -> None:
        nonlocal written_through
        if str(Path(f"/proc/self/fd/{file}").readlink()) == f"{path}-wal":
            written_through = os.fstat(file).st_size
        real_sync(file)

    def filed(*arguments: Any, **named: Any) -> Any:
        shutil.copy(path, tmp_path / "after.db")
        (tmp_path / "after.db-wal").write_bytes(Path(f"{path}-wal").read_bytes()[:written_through])
        return real_file(*arguments, **named)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(work, "file_away", filed)
    warehouse.drop("orders_1.csv", GOOD)
    warehouse.work()
    after = connect(f"sqlite:///{tmp_path / 'after.db'}")
    assert [row.verdict for row in queries.recent(after, 9)] == ["ACCEPTED"]
    after.close()


def test_looks_that_take_long_hold_up_no_job(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where fifty thousand files wait for the night, a look takes seconds; there was one before each job."""
    looks = 0

    def slowly(*arguments: Any) -> drop_folders.FolderScan:
        nonlocal looks
        looks += 1
        time.sleep(0.2)
        return drop_folders.scan(*arguments)

    monkeypatch.setattr(work, "scan", slowly)
    for number in range(6):
        warehouse.drop(f"orders_{number}.csv")
    with Worker(warehouse.database, "test") as worker:
        for number, taken in enumerate(jobs_waiting(warehouse.site, worker)):
            if number == 0:
                warehouse.drop("orders_late.csv")
            run_job(warehouse.site, worker, taken)
    assert [row.verdict for row in warehouse.jobs()] == ["ACCEPTED"] * 7, "what comes meanwhile is seen before the end"
    assert looks <= 4


def test_of_very_many_files_bounded_work_is_done_to_the_end(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drop_folders, "BOOKING_SECONDS", 0)
    for number in range(4):
        warehouse.drop(f"orders_{number}.csv")
    assert len(warehouse.reports()) == 4


@pytest.mark.both
def test_a_job_that_can_not_be_given_back_in_an_outage_is_when_it_is_over(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that lives for weeks kept it for ever, and the partner's later files waited."""
    warehouse.drop("orders_1.csv", GOOD)
    with Worker(warehouse.database, "API, bulk") as worker:
        taken = next(jobs_waiting(warehouse.site, worker))

        def away(*_: Any, **__: Any) -> Any:
            raise Outage("the database does not answer")

        with monkeypatch.context() as patch:
            patch.setattr(Database, "writing", away)
            patch.setattr(Database, "reading", away)
            assert run_job(warehouse.site, worker, taken).how == "put off"
            with pytest.raises(Outage):
                worker.beat()
        assert [row.worker for row in warehouse.jobs()] == [worker.id]
        for _ in range(2):
            worker.beat()
            assert [(row.worker, row.lease, row.said) for row in warehouse.jobs()] == [
                (None, None, "the database does not answer")
            ]
        warehouse.no_waiting()
        assert leases.take(warehouse.database, worker.id, warehouse.site.limits) is not None


def set_aside(warehouse: Warehouse, name: str, content: str) -> str:
    """A file whose job a person has stopped before its first batch; the job."""
    warehouse.drop(name, content)
    with Worker(warehouse.database, "test") as worker:
        taken = next(jobs_waiting(warehouse.site, worker))
        leases.park(warehouse.database, taken.lease, "stopped")
    return taken.lease.job


@pytest.mark.both
def test_a_file_that_was_set_aside_takes_back_nothing_that_came_after_it(warehouse: Warehouse) -> None:
    """Resumed, it wrote its old values over those of the next file, and what that one had on hold was open no more."""
    warehouse.partner()
    old = set_aside(warehouse, "orders_1.csv", csv("SO-1,1,AB,5", "SO-2,1,AB,5", "SO-3,1,AB,5"))
    warehouse.drop("orders_2.csv", csv("SO-1,1,AB,9", "SO-2,1,AB,y"))
    (newer,) = warehouse.reports()
    assert leases.resume(warehouse.database, old)
    (resumed,) = warehouse.reports()
    assert (resumed.job, resumed.books.stale, resumed.documents.inserted) == (old, 1, 2)
    assert [warehouse.lines(each)["1"][1] for each in ("SO-1", "SO-2", "SO-3")] == [9.0, 5.0, 5.0]
    waits = [(each.job_id, each.number) for each in open_documents.open_documents(warehouse.database)]
    assert waits == [(newer.job, "SO-2")]


@pytest.mark.both
def test_a_file_that_waits_takes_back_nothing_that_was_imported_before_its_turn(warehouse: Warehouse) -> None:
    """A newer file that somebody has imported at once, or a request: the older one, which waited, was stored over it."""
    warehouse.partner()
    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,1"))
    warehouse.drop("orders_2.csv", csv("SO-1,1,AB,2", "SO-2,1,AB,2"))
    with Worker(warehouse.database, "test") as worker:
        waiting = jobs_waiting(warehouse.site, worker)
        run_job(warehouse.site, worker, next(waiting))
        at_once = warehouse.file(csv("SO-1,1,AB,3"), "orders_3.csv")
        assert import_file(warehouse.site, at_once, None, lambda _: None).verdict == "ACCEPTED"
        (late,) = [run_job(warehouse.site, worker, each).report for each in waiting]
    assert late is not None
    assert (late.name, late.books.stale, late.documents.inserted) == ("orders_2.csv", 1, 1)
    assert [warehouse.lines(each)["1"][1] for each in ("SO-1", "SO-2")] == [3.0, 2.0]


@pytest.mark.parametrize(
    ("keys", "first", "second", "wins"),
    [
        ('order = "name"', "orders_2.csv", "orders_1.csv", 5.0),
        ('order = "name"', "orders_1.csv", "orders_2.csv", 9.0),
        ('version = ["header.notes"]', "orders_b.csv", "orders_a.csv", 5.0),
    ],
    ids=["by the later number", "by the earlier number", "by version"],
)
def test_a_file_that_was_set_aside_is_as_new_as_it_says(
    warehouse: Warehouse, keys: str, first: str, second: str, wins: float
) -> None:
    """By the place in its name, or by the version of each document; by its arrival where it says nothing."""
    warehouse.partner(keys=keys)
    header = f"{HEADER},header.notes"
    old = set_aside(warehouse, first, csv("SO-1,1,AB,5,8", header=header))
    warehouse.drop(second, csv("SO-1,1,AB,9,7", header=header))
    warehouse.work()
    assert leases.resume(warehouse.database, old)
    warehouse.work()
    assert warehouse.lines() == {"1": ("AB", wins, "OPEN")}


@pytest.mark.both
def test_of_each_order_that_is_on_hold_one_copy_is_open_the_newest(warehouse: Warehouse) -> None:
    """The wait of an older copy that came behind a file which was set aside went on beside that one's own; and the
    older file's own copy beside the newer one's.
    """
    warehouse.partner()
    newer = set_aside(warehouse, "orders_2.csv", csv("SO-1,1,AB,x"))
    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,y"))
    (older,) = warehouse.reports()
    assert leases.resume(warehouse.database, newer)
    warehouse.work()
    assert [each.job_id for each in open_documents.open_documents(warehouse.database)] == [newer]
    oldest = set_aside(warehouse, "orders_0.csv", csv("SO-1,1,AB,z"))
    warehouse.drop("orders_3.csv", csv("SO-1,1,AB,x"))
    (newest,) = warehouse.reports()
    assert leases.resume(warehouse.database, oldest)
    warehouse.work()
    assert [each.job_id for each in open_documents.open_documents(warehouse.database)] == [newest.job]
    copies = {each.job_id: each.ended_by for each in open_documents.numbered(warehouse.database, "SO-1")}
    assert copies == {older.job: newer, newer: newest.job, oldest: newest.job, newest.job: None}


@pytest.mark.both
def test_a_wait_ends_beside_several_of_another_order(warehouse: Warehouse) -> None:
    """Only as many open rows were read as the file has orders, and one more; several of one order hid the other's."""
    warehouse.partner()
    older = [set_aside(warehouse, f"orders_{each}.csv", csv(f"SO-1,1,AB,{each}")) for each in (1, 2, 3)]
    warehouse.drop("orders_4.csv", csv("SO-1,1,AB,4", "SO-2,1,AB,x"))
    warehouse.work()
    for each in older:  # stale: of SO-1 each has a row of its own
        assert leases.resume(warehouse.database, each)
        warehouse.work()
    warehouse.drop("orders_5.csv", csv("SO-1,1,AB,5", "SO-2,1,AB,5"))
    warehouse.work()
    assert not list(open_documents.open_documents(warehouse.database))


def test_a_file_that_is_resumed_does_not_end_the_wait_of_a_later_one_of_its_name_that_was_refused(
    warehouse: Warehouse,
) -> None:
    """What the partner has sent since could not be read, and was on no list any more."""
    warehouse.partner()
    old = set_aside(warehouse, "orders.csv", GOOD)
    warehouse.drop("orders.csv", "nothing that is known")
    (refused,) = warehouse.reports()
    assert leases.resume(warehouse.database, old)
    warehouse.work()
    assert [each.job_id for each in open_documents.refused_drops(warehouse.database)] == [refused.job]
    warehouse.drop("orders.csv", csv("SO-2,1,AB,5"))
    warehouse.work()
    assert not list(open_documents.refused_drops(warehouse.database))
