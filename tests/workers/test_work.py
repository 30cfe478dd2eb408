"""A job is run alike, whatever door it came through; what ends it without a verdict gives it back."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from crossdock.errors import Outage, Overtaken
from crossdock.jobs import leases, lifecycle
from crossdock.workers import by_path, work
from crossdock.workers.by_path import check_file, import_file
from crossdock.workers.submit import submit
from crossdock.workers.work import jobs_waiting, nobody, run_job
from crossdock.workers.worker import Worker
from tests.warehouse import Warehouse, csv
from tests.workbooks import zipped

GOOD = csv("SO-1,1,AB,5")


def broken_by(patch: pytest.MonkeyPatch, error: BaseException) -> None:
    def raising(*_: Any, **__: Any) -> Any:
        raise error

    patch.setattr(work, "import_drop", raising)


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


def test_a_job_that_another_has_is_left_to_it(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand, too: what the successor did stands, and whoever asked hears what ended it here."""
    path = tmp_path / "orders_1.csv"
    path.write_text(GOOD)
    real = lifecycle.open_job

    def meanwhile(*args: Any, **named: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(lifecycle, "open_job", real)
            warehouse.forget_workers()
            assert [each.how for each in warehouse.work()] == ["done"]
        return real(*args, **named)

    monkeypatch.setattr(lifecycle, "open_job", meanwhile)
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
