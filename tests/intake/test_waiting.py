"""What waits, and why: what can't be read stays where it is, is named, and keeps nothing else from being imported."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crossdock.intake import drop_folders
from crossdock.intake.search import waiting_files
from crossdock.jobs import arrivals
from crossdock.reports.overview_text import waits
from crossdock.workers import work
from tests.rights import ME, rights_bite
from tests.warehouse import Warehouse, csv

JOB = "261126-AAAAAAAAAA"
MINE = f"it belongs to {ME}, mode"


def sentences(warehouse: Warehouse, zone: str = "UTC") -> list[str]:
    """What waits, as it is shown, without the home folder and the time of day."""
    lines = [waits(each, datetime.now(UTC), ZoneInfo(zone)) for each in arrivals.waiting(warehouse.database)]
    return [re.sub(r"\d\d:\d\d \+", "HH:MM +", each.replace(f"{warehouse.home}/", "")) for each in lines]


def names(warehouse: Warehouse) -> list[str]:
    """The files that one worker imports."""
    return [each.name for each in warehouse.work()]


def test_a_file_that_cannot_be_read_stays_where_it_lies_and_the_others_go_on(warehouse: Warehouse) -> None:
    path = warehouse.drop("orders_1.csv")
    path.chmod(0)
    warehouse.drop("orders_2.csv")
    with rights_bite():
        assert names(warehouse) == ["orders_2.csv"]
        assert warehouse.look().failing == [f"{path} can't be read: {MINE} 000"]
    assert sentences(warehouse) == [f"inbox/acme/orders_1.csv can't be read: {MINE} 000"]
    assert list((warehouse.home / "work").iterdir()) == []
    path.chmod(0o600)
    assert names(warehouse) == ["orders_1.csv"]
    assert sentences(warehouse) == []


def test_what_the_system_cannot_read_is_named_with_its_words(warehouse: Warehouse) -> None:
    """The memory of this process can be opened, and is no file that can be read from its beginning."""
    feeds = '[[feed]]\ndocument = "sales_order"\nfiles = "mem"\nfolder = "/proc/self"\n'
    warehouse.partner("odd", whole=f'id = "odd"\nzone = "UTC"\nbusiness_units = ["BU1"]\n{feeds}')
    warehouse.drop("orders_2.csv")
    assert names(warehouse) == ["orders_2.csv"]
    assert sentences(warehouse) == [f"/proc/self/mem can't be read: Input/output error; {MINE} 600"]


def closed(mode: int) -> Callable[[Path], None]:
    return lambda folder: folder.chmod(mode)


def instead(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        shutil.rmtree(folder)
        make(folder)

    return put


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (closed(0), f"can't be looked into: {MINE} 000"),
        (instead(lambda folder: folder.symlink_to("nowhere")), f"can't be looked into: File exists; {MINE} 777"),
        (instead(lambda folder: folder.symlink_to(folder.name)), f"can't be looked into: .*; {MINE} 777"),
        (instead(Path.touch), f"can't be looked into: .*; {MINE} 644"),
    ],
    ids=["rights", "link to nowhere", "link to itself", "file"],
)
def test_one_folder_that_cannot_be_looked_into_leaves_the_others(
    warehouse: Warehouse, spoil: Callable[[Path], None], reason: str
) -> None:
    folder = warehouse.home / "inbox" / "acme"
    warehouse.partner("beta")
    warehouse.drop("orders_1.csv")
    warehouse.drop("orders_2.csv", partner="beta")
    spoil(folder)
    with rights_bite():
        assert names(warehouse) == ["orders_2.csv"]
        (line,) = sentences(warehouse)
        assert re.fullmatch(f"inbox/acme {reason}", line)
        assert list(waiting_files(warehouse.site.partners, warehouse.home, "orders_1")) == [], "find survives it, too"
    if folder.is_dir():
        folder.chmod(0o755)
        assert names(warehouse) == ["orders_1.csv"]
        assert sentences(warehouse) == []


def test_an_inbox_that_cannot_be_listed_leaves_what_is_within_reach(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv")
    (warehouse.home / "inbox").chmod(0o311)
    with rights_bite():
        assert names(warehouse) == ["orders_1.csv"]
        assert sentences(warehouse) == [f"inbox can't be looked into: {MINE} 311"]
    (warehouse.home / "inbox").chmod(0o755)


def test_files_of_which_nothing_is_known_are_named(warehouse: Warehouse) -> None:
    """A folder whose names can be read, and nothing else of it."""
    warehouse.partner("beta")
    warehouse.drop("orders_1.csv")
    warehouse.drop("orders_2.csv", partner="beta")
    (warehouse.home / "inbox" / "acme").chmod(0o444)
    with rights_bite():
        assert names(warehouse) == ["orders_2.csv"]
    assert sentences(warehouse) == ["inbox/acme/orders_1.csv can't be read: Permission denied"]
    (warehouse.home / "inbox" / "acme").chmod(0o755)
    assert names(warehouse) == ["orders_1.csv"]


def test_a_folder_whose_name_is_no_text_stops_nothing(warehouse: Warehouse) -> None:
    folder = warehouse.home / "inbox" / os.fsdecode(b"acm\xe9")
    folder.mkdir()
    (folder / "orders_1.csv").write_text(csv("SO-1,1,AB,5"))
    warehouse.drop("orders_2.csv")
    assert names(warehouse) == ["orders_2.csv"]
    assert warehouse.look().odd == [f"{folder} is in no partner's folder: it is not imported"]


@pytest.mark.parametrize("key", ["done_file", "manifest"])
def test_a_done_file_or_a_manifest_that_cannot_be_read_leaves_its_file_where_it_lies(
    warehouse: Warehouse, key: str
) -> None:
    warehouse.partner("acme", keys=f'{key} = "{{name}}.x"')
    warehouse.drop("orders_1.csv")
    beside = warehouse.drop("orders_1.csv.x", '{"name": "orders_1.csv"}')
    beside.chmod(0)
    with rights_bite():
        assert names(warehouse) == []
    (line,) = sentences(warehouse)
    reason = f"{beside}: {MINE} 000".replace(f"{warehouse.home}/", "")
    assert line.removesuffix("; it is tried again in 60 s") in (
        f"inbox/acme/orders_1.csv can't be read: {reason}",
        f"inbox/acme/orders_1.csv can't be taken: {reason}",
    )
    assert list(warehouse.home.glob("work/*")) == [], "no attempt leaves anything behind"
    assert beside.exists()


def test_what_was_claimed_and_cannot_be_read_is_named_and_the_others_are_booked(warehouse: Warehouse) -> None:
    jobs = [f"261126-{letter * 10}" for letter in "ABC"]
    for job in jobs:
        folder = warehouse.home / "work" / job / "acme"
        folder.mkdir(parents=True)
        (folder / f"orders_{job[-1]}.csv").write_text(csv(f"SO-{job[-1]},1,AB,5"))
    spoiled = [warehouse.home / "work" / jobs[0] / "acme" / "orders_A.csv", warehouse.home / "work" / jobs[1]]
    for path in spoiled:
        path.chmod(0)
    with rights_bite():
        assert names(warehouse) == ["orders_C.csv"]
        assert sorted(sentences(warehouse)) == [
            f"work/{jobs[0]}/acme/orders_A.csv can't be read: {MINE} 000",
            f"work/{jobs[1]} can't be looked into: {MINE} 000",
        ]
    for path in spoiled:
        path.chmod(0o700)
    assert sorted(names(warehouse)) == ["orders_A.csv", "orders_B.csv"]
    assert sentences(warehouse) == []


def test_a_booked_file_that_cannot_be_read_any_more_is_put_off_with_its_owner(warehouse: Warehouse) -> None:
    warehouse.partner("beta")
    warehouse.drop("orders_1.csv")
    warehouse.drop("orders_2.csv", partner="beta")
    warehouse.look()
    path = warehouse.home / warehouse.jobs()[0].path
    path.chmod(0)
    with rights_bite():
        ended = {each.name: (each.how, each.said) for each in warehouse.work()}
    assert ended == {"orders_1.csv": ("put off", f"{path} can't be read: {MINE} 000"), "orders_2.csv": ("done", "")}


def test_a_claim_on_another_file_system_that_cannot_be_finished_gets_its_name_back(
    warehouse: Warehouse, elsewhere: Path
) -> None:
    warehouse.partner("acme", keys=f'folder = "{elsewhere}"')
    beside = elsewhere / f".crossdock-{JOB}-orders_1.csv"
    beside.write_text(csv("SO-1,1,AB,5"))
    beside.chmod(0)
    with rights_bite():
        assert names(warehouse) == []
    assert sentences(warehouse) == [f"{elsewhere}/orders_1.csv can't be read: {MINE} 000"]
    (elsewhere / "orders_1.csv").chmod(0o600)
    assert names(warehouse) == ["orders_1.csv"]


@pytest.mark.both
@pytest.mark.parametrize("far", [False, True], ids=["here", "elsewhere"])
def test_a_file_whose_rest_cannot_be_read_lies_where_it_lay_and_is_left_alone_for_a_while(
    warehouse: Warehouse, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, far: bool
) -> None:
    """No system here has a file whose first byte can be read and whose last can't."""
    folder = elsewhere if far else warehouse.home / "inbox" / "acme"
    where = f'folder = "{elsewhere}"' if far else ""
    warehouse.partner("acme", keys=f'{where}\ndone_file = "{{name}}.done"')
    for name, content in (("orders_1.csv", csv("SO-1,1,AB,5")), ("orders_1.csv.done", "")):
        (folder / name).write_text(content)
    attempts = []

    def broken(*_: Any, **__: Any) -> Any:
        attempts.append(1)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(drop_folders, "found_of", broken)
        assert [names(warehouse), names(warehouse), len(attempts)] == [[], [], 1]
        (line,) = sentences(warehouse)
        assert "orders_1.csv can't be taken: Input/output error; it belongs to" in line
        assert line.endswith("; it is tried again in 60 s")
    assert sorted(each.name for each in folder.iterdir()) == ["orders_1.csv", "orders_1.csv.done"]
    assert list((warehouse.home / "work").iterdir()) == []
    monkeypatch.setattr(drop_folders, "AGAIN_SECONDS", 0)
    with warehouse.database.writing() as connection:
        connection.exec_driver_sql("UPDATE arrivals SET until = NULL")
    assert names(warehouse) == ["orders_1.csv"]
    kept_beside = ["orders_1.csv"] if far else []
    assert [each.name.rpartition("-")[2] for each in folder.iterdir()] == kept_beside


# ---- what waits, and for what


@pytest.mark.both
def test_everything_that_waits_is_named_with_its_reason(warehouse: Warehouse) -> None:
    warehouse.settle = 60
    warehouse.partner("acme", keys='done_file = "{name}.done"')
    warehouse.partner("calm", top='mode = "paused"')
    warehouse.partner("nights", top='pick_up = "nightly"')
    warehouse.partner("early", top='pick_up = "30 2 * * *"')
    warehouse.partner("wrong", top="zonk = 1")
    for name, partner in (
        ("orders_7.csv", "acme"), ("orders_9.csv.DONE", "acme"), ("sku_1.csv", "acme"), ("orders_1.csv", "calm"),
        ("orders_2.csv", "nights"), ("orders_3.csv", "early"), ("orders_4.csv", "wrong"),
    ):  # fmt: skip
        warehouse.drop(name, partner=partner)
    drop_folders.scan(warehouse.site, ["acme"])
    assert "inbox/nights/orders_2.csv settles for 60 s more" in sentences(warehouse)
    warehouse.steady_for(timedelta(seconds=48))
    drop_folders.scan(warehouse.site, ["acme"])
    assert "inbox/acme/sku_1.csv settles for 12 s more" in sentences(warehouse)
    warehouse.steady_for(timedelta(seconds=12))
    assert len(drop_folders.scan(warehouse.site, ["acme"]).booked) == 1
    assert sorted(sentences(warehouse, "Europe/Berlin")) == [
        "inbox/acme/orders_7.csv waits for orders_7.csv.done since HH:MM +01:00",
        "inbox/acme/orders_9.csv.DONE waits for its file since HH:MM +01:00",
        "inbox/calm/orders_1.csv waits for calm, which is paused, since HH:MM +01:00",
        "inbox/early/orders_3.csv waits for the time of early (30 2 * * *) since HH:MM +01:00",
        "inbox/nights/orders_2.csv waits for the night since HH:MM +01:00",
        "inbox/wrong/orders_4.csv waits for wrong, whose TOML has a mistake, since HH:MM +01:00",
    ]  # fmt: skip
    warehouse.drop("orders_9.csv")
    warehouse.look()
    assert not [line for line in sentences(warehouse) if "orders_9" in line], "it has come"


def test_a_reason_that_stays_is_written_once(warehouse: Warehouse) -> None:
    warehouse.settle = 10**6
    warehouse.partner("acme", keys='done_file = "{name}.done"')
    for name in ("orders_1.csv", "orders_2.csv.done", "sku_1.csv", "orders_3.csv"):
        warehouse.drop(name)
    (warehouse.home / "inbox" / "acme" / "orders_3.csv").chmod(0)
    warehouse.drop("orders_3.csv.done")
    with rights_bite():
        warehouse.look()
        database = Path(str(warehouse.database.url.database))
        with sqlite3.connect(database) as connection:
            before = connection.execute("PRAGMA data_version").fetchone()
            assert warehouse.look().booked == []
            assert connection.execute("PRAGMA data_version").fetchone() == before
    connection.close()
    assert len(sentences(warehouse)) == 4


def test_what_cannot_be_read_is_named_before_the_night_that_it_waits_for(warehouse: Warehouse) -> None:
    warehouse.partner("nights", top='pick_up = "nightly"')
    path = warehouse.drop("orders_1.csv", partner="nights")
    path.chmod(0)
    with rights_bite():
        assert drop_folders.scan(warehouse.site, ["acme"]).failing == [f"{path} can't be read: {MINE} 000"]
        path.chmod(0o600)
        assert [each.said for each in drop_folders.scan(warehouse.site, ["acme"]).waits.values()] == [
            "waits for the night"
        ]


def test_names_of_files_that_are_still_written_are_ones_own_too(warehouse: Warehouse) -> None:
    for name in ("orders_1.csv.tmp1", "NEW_orders_2.csv", "orders_3.csv"):
        warehouse.drop(name)
    site = replace(warehouse.site, unfinished=("*.TMP1", "new_*"))
    scanned = drop_folders.scan(site)
    assert [row.name for row in warehouse.jobs()] == ["orders_3.csv"]
    assert (len(scanned.booked), scanned.waits, scanned.odd) == (1, {}, [])


def test_a_worker_waits_as_long_as_it_says_and_not_for_what_never_settles(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "LOOK_SECONDS", 0.1)
    warehouse.settle = 3
    warehouse.drop("orders_1.csv")
    growing, stop = warehouse.drop("orders_2.csv"), threading.Event()

    def write() -> None:
        with growing.open("a") as file:
            while not stop.wait(0.05):
                file.write("SO-2,2,AB,5\n")
                file.flush()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert names(warehouse) == ["orders_1.csv"]
        assert re.fullmatch(r"inbox/acme/orders_2.csv settles for \d s more", sentences(warehouse)[-1])
    finally:
        stop.set()
        writer.join()
