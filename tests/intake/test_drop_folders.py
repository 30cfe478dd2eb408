"""Which files are drops, when they are complete, and how each becomes one job, whatever the folder does."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import itertools
import json
import os
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from crossdock.database.tables import ARRIVALS, JOBS
from crossdock.delivery.archive import LATE, late_writes
from crossdock.failures.refusals import REFUSALS
from crossdock.intake import archives, completeness, drop_folders, files
from crossdock.jobs import arrivals
from tests.warehouse import Warehouse, csv, held_open

GOOD = csv("SO-1,1,AB,5")


def unmovable(path: Path, target: Path, job: str) -> bool:
    raise files.Unmovable(str(path))


def refused(code: str, **details: object) -> str:
    return REFUSALS[code].format(**details)


@pytest.mark.both
def test_a_file_is_taken_when_two_looks_show_the_same(warehouse: Warehouse) -> None:
    day = timedelta(days=1)
    warehouse.settle = day.total_seconds()
    path = warehouse.drop("orders_1.csv", GOOD)
    os.utime(path, (0, 0))  # a copy that keeps its time: age counts from the first look
    assert warehouse.look().booked == []
    with held_open(path) as writer:
        warehouse.steady_for(day)
        writer.write(b"SO-2,1,AB,5\n")
    assert warehouse.look().booked == [], "it has grown: the waiting begins anew"
    warehouse.steady_for(day / 2)
    scan = warehouse.look()
    assert scan.booked == []
    assert 0 < scan.settling[path] <= day.total_seconds() / 2
    warehouse.steady_for(day / 2)
    assert len(warehouse.look().booked) == 1
    assert [each.progress.processed for each in warehouse.reports()] == [2]


@pytest.mark.both
def test_a_clock_that_was_set_back_keeps_no_file(warehouse: Warehouse) -> None:
    """The clock of a machine that starts may be hours, or years, ahead until it is set."""
    year = timedelta(days=365)
    warehouse.settle = 60
    path = warehouse.drop("orders_1.csv")
    warehouse.look()
    warehouse.steady_for(-year)
    assert warehouse.look().settling[path] <= 60
    warehouse.steady_for(timedelta(seconds=60))
    assert len(warehouse.look().booked) == 1


@pytest.mark.both
def test_a_file_that_was_taken_where_it_stays_is_not_taken_again_when_the_clock_is_set_back(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "claim", unmovable)
    warehouse.drop("orders_1.csv")
    assert len(warehouse.look().booked) == 1
    warehouse.steady_for(-timedelta(days=365))
    assert warehouse.look().booked == []


def test_of_very_many_files_each_partners_first_ones_are_booked_first(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty thousand files of one partner took minutes to book, and those of the others came after them."""
    warehouse.partner("beta")
    for name in ("orders_10.csv", "orders_9.csv", "sku_1.csv", "what.csv"):
        warehouse.drop(name)
    warehouse.drop("orders_1.csv", partner="beta")
    clock = itertools.count(0, 0.6 * drop_folders.BOOKING_SECONDS)  # a file takes so long
    monkeypatch.setattr(drop_folders, "time", SimpleNamespace(monotonic=clock.__next__))
    looks = [warehouse.look() for _ in range(3)]
    assert [(len(each.booked), each.more) for each in looks] == [(2, True), (2, True), (1, False)]
    names = [(row.partner, row.name) for row in warehouse.jobs()]
    assert names == [
        ("acme", "sku_1.csv"),
        ("beta", "orders_1.csv"),
        ("acme", "orders_9.csv"),
        ("acme", "orders_10.csv"),
        ("acme", "what.csv"),
    ]


@pytest.mark.both
def test_two_homes_on_one_database_keep_nobodys_files_from_settling(warehouse: Warehouse, tmp_path: Path) -> None:
    """A machine has the home folder in another place, or somebody has given two houses one database."""
    other = Warehouse(warehouse.database, tmp_path / "other", settle=60)
    other.partner()
    warehouse.settle = 60
    paths = warehouse.drop("orders_1.csv"), other.drop("orders_2.csv")
    for _ in range(2):
        for each, path in zip((warehouse, other), paths, strict=True):
            assert path in each.look().settling
    warehouse.steady_for(timedelta(seconds=60))
    assert [len(each.look().booked) for each in (warehouse, other)] == [1, 1]


@pytest.mark.both
def test_a_feeds_folder_that_is_not_there_is_named(warehouse: Warehouse, tmp_path: Path) -> None:
    """Its share is not mounted: nothing came, and nobody was told."""
    share = tmp_path / "share"
    warehouse.partner("beta", keys=f'folder = "{share}"')
    warehouse.drop("orders_1.csv")
    scan = warehouse.look()
    assert (len(scan.booked), scan.failing) == (1, [f"{share} can't be looked into: No such file or directory"])
    assert [each.path for each in arrivals.waiting(warehouse.database)] == [share]
    share.mkdir()
    assert warehouse.look().failing == []
    assert arrivals.waiting(warehouse.database) == []


@pytest.mark.both
def test_a_folder_that_nobody_looks_into_any_more_is_forgotten_at_last(warehouse: Warehouse, tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    warehouse.settle = 60
    warehouse.partner(keys=f'folder = "{share}"')
    (share / "orders_1.csv").write_text(GOOD)
    warehouse.look()
    warehouse.partner()
    warehouse.look()
    assert len(arrivals.waiting(warehouse.database)) == 1
    with warehouse.database.writing() as connection:
        before = warehouse.database.dialect.clock(connection) - arrivals.ELSEWHERE
        connection.execute(update(ARRIVALS).values(first_seen_at=before))
    warehouse.look()
    assert arrivals.waiting(warehouse.database) == []


@pytest.mark.both
def test_looks_are_remembered_across_processes_and_a_feed_has_its_own_patience(warehouse: Warehouse) -> None:
    warehouse.settle = 60
    warehouse.partner("acme", keys="settle = 30")
    warehouse.drop("orders_1.csv")
    warehouse.drop("sku_1.csv")
    warehouse.look()
    warehouse.steady_for(timedelta(days=1))
    warehouse.settle = 10**10
    assert [each.name for each in map(Path, (row.origin for row in warehouse.jobs()))] == []
    assert len(warehouse.look().booked) == 1
    assert [row.name for row in warehouse.jobs()] == ["orders_1.csv"]


@pytest.mark.parametrize(
    "name",
    [
        "a.part",
        "a.TMP",
        "a.partial",
        "a.csv.UPLOADING",
        "a.inprogress",
        "a.filepart",
        "~$a.xlsx",
        "a.crdownload",
        ".hidden.csv",
        ".~lock.a.xlsx#",
        "Thumbs.db",
    ],
)
def test_temporary_names_are_left_alone(warehouse: Warehouse, name: str) -> None:
    path = warehouse.drop(name, GOOD)
    assert warehouse.look().booked == []
    assert path.exists()


def test_links_pipes_and_folders_are_no_drops(warehouse: Warehouse, tmp_path: Path) -> None:
    inbox = warehouse.home / "inbox" / "acme"
    (tmp_path / "secret.csv").write_text(GOOD)
    (inbox / "orders_link.csv").symlink_to(tmp_path / "secret.csv")
    os.mkfifo(inbox / "orders_pipe.csv")
    (inbox / "orders_folder.csv").mkdir()
    (warehouse.home / "inbox" / "nobodys.csv").write_text(GOOD)
    (inbox / os.fsdecode(b"orders_\xff.csv")).write_text(GOOD)
    scan = warehouse.look()
    assert scan.booked == []
    sentences = "\n".join(scan.odd)
    for what in (
        "orders_link.csv is a link",
        "orders_folder.csv is a folder",
        "orders_pipe.csv is no file but a pipe",
        "nobodys.csv is in no partner's folder",
        "not UTF-8",
    ):
        assert what in sentences
    assert warehouse.work() == []


def test_a_done_file_makes_it_complete_at_once_and_goes_with_it(warehouse: Warehouse) -> None:
    warehouse.settle = 10**6
    warehouse.partner("acme", keys='done_file = "{stem}.ok"')
    path = warehouse.drop("orders_1.csv")
    assert {waiting: why.said for waiting, why in warehouse.look().waits.items()} == {path: "waits for orders_1.ok"}
    warehouse.drop("orders_1.ok", b"")
    warehouse.drop("orders_9.ok", b"")  # of a file that has not come yet
    (ended,) = warehouse.work()
    assert ended.report is not None
    assert ended.report.documents.inserted == 1
    (folder,) = (warehouse.home / "archive").glob("*/*")
    assert {"orders_1.csv", "orders_1.ok"} <= {each.name for each in folder.iterdir()}
    assert [each.name for each in (warehouse.home / "inbox" / "acme").iterdir()] == ["orders_9.ok"]


@pytest.mark.parametrize(("keys", "beside"), [('done_file = "{stem}.ok"', b""), ('manifest = "{stem}.ok"', None)])
def test_what_lies_beside_is_found_whatever_its_case(warehouse: Warehouse, keys: str, beside: bytes | None) -> None:
    """A sender on Windows writes ORDERS_8.CSV and ORDERS_8.OK (``files`` has no regard to case either)."""
    warehouse.settle = 10**6
    warehouse.partner("acme", keys=keys)
    content = csv("SO-8,1,AB,5")
    warehouse.drop("ORDERS_8.CSV", content)
    assert [each.said for each in warehouse.look().waits.values()] == ["waits for ORDERS_8.ok"]
    warehouse.drop("ORDERS_8.OK", manifest(content, name="ORDERS_8.CSV") if beside is None else beside)
    (ended,) = warehouse.work()
    assert ended.report is not None
    assert (ended.report.documents.inserted, ended.report.refused) == (1, None)
    assert list((warehouse.home / "inbox" / "acme").iterdir()) == []


def test_a_manifest_of_another_case_is_held_to_its_word(warehouse: Warehouse) -> None:
    warehouse.partner("acme", keys='manifest = "{stem}.ok"')
    content = csv("SO-8,1,AB,5")
    warehouse.drop("ORDERS_8.OK", manifest(content, name="ORDERS_8.CSV", count=7))
    warehouse.drop("ORDERS_8.CSV", content)
    (ended,) = warehouse.work()
    assert ended.report is not None
    assert "7" in (ended.report.refused or "")


def manifest(content: str, **facts: object) -> bytes:
    entry = {
        "name": "orders_1.csv",
        "size": len(content),
        "sha256": hashlib.sha256(content.encode()).hexdigest(),
        "count": 1,
    }
    return json.dumps(entry | facts).encode()


@pytest.mark.parametrize("form", ["object", "list", "csv"])
def test_a_manifest_makes_it_complete_when_it_is_as_it_says(warehouse: Warehouse, form: str) -> None:
    warehouse.settle = 10**6
    warehouse.partner("acme", keys='manifest = "{name}.manifest"')
    path = warehouse.drop("orders_1.csv", GOOD[:-5])
    warehouse.look()
    text = manifest(GOOD)
    if form == "list":
        text = json.dumps({"files": [json.loads(text), {"name": "another.csv", "size": 1}]}).encode()
    if form == "csv":
        entry = json.loads(text)
        text = (",".join(entry) + "\n" + ",".join(map(str, entry.values())) + "\n").encode()
    warehouse.drop("orders_1.csv.manifest", text)
    assert warehouse.look().booked == [], "it is shorter than its manifest says"
    path.write_text(GOOD)
    assert [each.documents.inserted for each in warehouse.reports()] == [1]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"size": 999}, refused("manifest_size", promised="999", found=str(len(GOOD)))),
        ({"sha256": "00"}, refused("manifest_digest", promised="00", found=hashlib.sha256(GOOD.encode()).hexdigest())),
        ({"count": 7}, refused("manifest_count", promised="7", found="1")),
        ({"name": "other.csv"}, refused("bad_manifest", name="orders_1.csv.manifest", reason="it says nothing of orders_1.csv")),
        ({"count": "many"}, refused("bad_manifest", name="orders_1.csv.manifest", reason="size and count must be whole numbers")),
    ],
)  # fmt: skip
def test_a_file_that_is_not_as_its_manifest_says_is_refused(
    warehouse: Warehouse, facts: dict[str, Any], sentence: str
) -> None:
    warehouse.partner("acme", keys='manifest = "{name}.manifest"')
    warehouse.drop("orders_1.csv", GOOD)
    warehouse.drop("orders_1.csv.manifest", manifest(GOOD, **facts))
    assert [each.refused for each in warehouse.reports()] == [sentence]
    assert warehouse.order_numbers() == []


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"[1]",
        b"\xff\xfe",
        b"name,size\n",
        b"name,size\rorders_1.csv,1",
        b'{"name": "orders_1.csv", "size": Infinity}',
        b"[" * 100_000,
    ],
)
def test_a_manifest_that_cannot_be_read_is_said(warehouse: Warehouse, text: bytes) -> None:
    warehouse.partner("acme", keys='manifest = "{name}.manifest"')
    warehouse.drop("orders_1.csv", GOOD)
    warehouse.drop("orders_1.csv.manifest", text)
    (report,) = warehouse.reports()
    assert report.refused is not None
    assert report.refused.startswith("the manifest orders_1.csv.manifest can't be read: ")


def test_companions_are_known_by_their_pattern() -> None:
    assert completeness.is_companion("{name}.done", "a.csv.done")
    assert completeness.is_companion("ok_{stem}.txt", "ok_a.txt")
    assert not completeness.is_companion("{name}.done", "a.csv.DONE.csv")


@pytest.mark.both
def test_the_same_name_with_other_content_is_linked_to_the_earlier_job(warehouse: Warehouse) -> None:
    for content in (GOOD, GOOD, csv("SO-1,1,AB,6")):
        warehouse.drop("orders.csv", content)
        warehouse.work()
    first, again, other = warehouse.jobs()
    assert (again.repeats, again.earlier) == (first.job_id, None)
    assert (other.repeats, other.earlier) == (None, again.job_id)


def test_a_feeds_own_folder_gives_only_what_it_claims(warehouse: Warehouse, tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    warehouse.partner("acme", keys=f'folder = "{share}"')
    (share / "orders_1.csv").write_text(GOOD)
    (share / "orders.docx.tmp").write_text("x")
    (share / "letter.txt").write_text("x")
    (share / "sku_1.csv").write_text("x")  # of another feed, which looks elsewhere
    assert [each.name for each in warehouse.reports()] == ["orders_1.csv"]
    assert sorted(each.name for each in share.iterdir()) == ["letter.txt", "orders.docx.tmp", "sku_1.csv"]
    assert warehouse.jobs()[0].origin == str(share / "orders_1.csv")


def kept_beside(folder: Path) -> list[str]:
    """The names of the files that are kept beside themselves, and of whatever else is in a folder."""
    return sorted(re.sub(r"^\.crossdock-\d{6}-[0-9A-Z]{10}-", "", each.name) for each in folder.iterdir())


def test_a_folder_on_another_file_system(warehouse: Warehouse, elsewhere: Path) -> None:
    warehouse.partner("acme", keys=f'folder = "{elsewhere}"\ndone_file = "{{name}}.done"')
    (elsewhere / "orders_1.csv").write_text(GOOD)
    (elsewhere / "orders_1.csv.done").write_text("")
    assert [each.documents.inserted for each in warehouse.reports()] == [1]
    assert kept_beside(elsewhere) == ["orders_1.csv"]
    archived = {each.name for each in (warehouse.home / "archive").glob("*/*/*")}
    assert {"orders_1.csv", "orders_1.csv.done"} <= archived


def test_a_claim_on_another_file_system_that_was_broken_off_is_finished(warehouse: Warehouse, elsewhere: Path) -> None:
    warehouse.partner("acme", keys=f'folder = "{elsewhere}"')
    (elsewhere / ".crossdock-261126-AAAAAAAAAA-orders_1.csv").write_text(GOOD)
    assert [each.job for each in warehouse.work()] == ["261126-AAAAAAAAAA"]
    assert warehouse.order_numbers() == ["SO-1"]
    assert kept_beside(elsewhere) == ["orders_1.csv"]
    assert warehouse.reports() == []


@pytest.mark.both
@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_share_that_nothing_can_be_moved_from_gives_each_file_once(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    warehouse.partner("acme", keys=f'folder = "{share}"\ndone_file = "{{name}}.done"')
    path = share / "orders_1.csv"
    path.write_text(GOOD)
    (share / "orders_1.csv.done").write_text("")
    real = Path.rename

    def read_only(self: Path, target: Path) -> Path:
        if self.parent == share:
            raise OSError(code, os.strerror(code), str(self))
        return real(self, target)

    monkeypatch.setattr(Path, "rename", read_only)
    assert len(warehouse.reports()) == 1
    assert warehouse.reports() == [], "it still is there, and is known"
    assert path.exists()
    path.write_text(csv("SO-1,1,AB,7", "SO-2,1,AB,7"))
    assert [(each.documents.updated, each.documents.inserted) for each in warehouse.reports()] == [(1, 1)]


@pytest.mark.both
def test_what_was_claimed_and_not_booked_is_booked(warehouse: Warehouse) -> None:
    folder = warehouse.home / "work" / "261126-AAAAAAAAAA" / "acme"
    folder.mkdir(parents=True)
    (folder / "orders_1.csv").write_text(GOOD)
    (folder / "orders_2.csv.123.part").write_text("half")
    assert [(each.job, each.how) for each in warehouse.work()] == [("261126-AAAAAAAAAA", "done")]
    assert warehouse.order_numbers() == ["SO-1"]


def test_two_watchers_take_each_file_once(warehouse: Warehouse) -> None:
    """One looks, then another takes the file away, then the first claims: it gets nothing."""
    path = warehouse.drop("orders_1.csv")
    target = warehouse.home / "work" / "261126-BBBBBBBBBB" / "acme" / path.name
    assert len(warehouse.look().booked) == 1
    assert not files.claim(path, target, "261126-BBBBBBBBBB")
    assert not target.parent.parent.exists()


# ---- a writer that still held the file


def goes_on_writing(
    monkeypatch: pytest.MonkeyPatch, step: str, writer: Any, text: bytes, then: Callable[[], object] = lambda: None
) -> None:
    """A writer that comes back when an import reaches a step, and then something else happens."""
    from crossdock.workers import work as importing

    real = getattr(importing, step)

    def meanwhile(*args: Any, **named: Any) -> Any:
        if not writer.closed:
            writer.write(text)
            writer.close()
            then()
        return real(*args, **named)

    monkeypatch.setattr(importing, step, meanwhile)


@pytest.mark.both
@pytest.mark.parametrize("when", ["before it is read", "after it was read"])
def test_a_late_writer_is_an_alert_and_the_whole_file_a_drop_of_its_own(
    warehouse: Warehouse, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = warehouse.drop("orders_1.csv", csv("SO-1,1,AB,5", "SO-1,2,AC,5"))
    with path.open("ab") as writer:
        assert len(warehouse.look().booked) == 1
        step = "open_drop" if when == "before it is read" else "file_away"
        goes_on_writing(monkeypatch, step, writer, b"SO-1,3,AD,5\nSO-2,1,AB,5\n")
        first, second = warehouse.work()
    assert first.report is not None
    assert second.report is not None
    job, again = warehouse.jobs()
    assert "still being written" in job.alert
    assert again.alert is None
    assert (again.earlier, second.report.name) == (job.job_id, "orders_1.csv")
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]
    with warehouse.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sales_order_lines WHERE state = 'OPEN'").scalar() == 4
    archived = {p.parent.name: p.read_text() for p in warehouse.home.glob("*/*/*/orders_1.csv")}
    assert archived[again.job_id].count("\n") == 5
    assert archived[job.job_id].count("\n") == 3, "the drop as it was when it was taken"
    assert list((warehouse.home / "inbox" / "acme").iterdir()) == []


def test_a_late_writer_whose_name_is_taken_again(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    path = warehouse.drop("orders_1.csv")
    with path.open("ab") as writer:
        warehouse.look()
        again = partial(warehouse.drop, "orders_1.csv", csv("SO-3,1,AB,5"))
        goes_on_writing(monkeypatch, "file_away", writer, b"SO-2,1,AB,5\n", again)
        assert len(warehouse.work() + warehouse.work()) == 3
    assert warehouse.order_numbers() == ["SO-2", "SO-3", "orders_1"]


@pytest.mark.both
def test_an_upload_that_stood_still_and_goes_on_after_its_import_is_a_drop_again(warehouse: Warehouse) -> None:
    """What came later was in the archived file, and in no database; the first part had been accepted."""
    path = warehouse.drop("orders_1.csv", csv("SO-1,1,AB,5"))
    with path.open("ab", buffering=0) as writer:
        (first,) = warehouse.reports()
        writer.write(b"SO-1,2,AC,5\n")
        waiting = warehouse.drop("orders_1.csv", csv("SO-9,1,AB,5"))  # its place is taken
        assert [each.documents.inserted for each in warehouse.reports()] == [1]
        assert not waiting.exists()
        (second,) = warehouse.reports()
        writer.write(b"SO-2,1,AB,5\n")
        (third,) = warehouse.reports()
    assert (second.documents.updated, third.documents.inserted) == (1, 1)
    assert warehouse.reports() == []
    archived = {p.parent.name: p.read_text().count("\n") for p in warehouse.home.glob("archive/*/*/orders_1.csv")}
    assert [archived[each.job] for each in (first, second, third)] == [2, 3, 4], "each as it was imported"
    assert [bool(row.alert) for row in warehouse.jobs()] == [True, False, True, False]
    assert warehouse.order_numbers() == ["SO-1", "SO-2", "SO-9"]


def test_an_archived_file_that_somebody_has_changed_is_left_alone(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv")
    warehouse.work()
    (filed,) = warehouse.home.glob("archive/*/*/orders_1.csv")
    filed.write_text(csv("SO-7,1,AB,5", "SO-8,1,AB,5", "SO-9,1,AB,5"))
    assert warehouse.work() == []
    assert warehouse.order_numbers() == ["orders_1"]


# ---- archives


def zipped(**members: str | bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return sink.getvalue()


@pytest.mark.both
def test_each_member_of_a_zip_is_a_drop_of_its_own(warehouse: Warehouse) -> None:
    members = {
        "orders_2.csv": csv("SO-2,1,AB,x"),
        "sub__orders_1.csv": GOOD,
        "sub__nobody.csv": "x",
        "__MACOSX/._orders_1.csv".replace("/", "__"): "x",
    }
    warehouse.drop("orders_night.zip", zipped(**members))
    ended = warehouse.work()
    assert [each.name for each in ended] == ["orders_night.zip", "orders_1.csv", "orders_2.csv", "nobody.csv"]
    archive, *others = warehouse.jobs()
    assert (archive.verdict, archive.said) == ("ACCEPTED", "unpacked: 3 files")
    assert {row.parent for row in others} == {archive.job_id}
    assert sorted(row.verdict for row in others) == ["ACCEPTED", "REJECTED", "REJECTED"]
    assert len({row.job_id for row in others}) == 3
    assert all(len(row.job_id) <= 20 for row in others)
    assert list((warehouse.home / "archive").glob(f"*/{archive.job_id}/orders_night.zip"))
    assert warehouse.order_numbers() == ["SO-1"]
    assert not any(path.startswith("work/") for path in warehouse.lying())


def test_a_gzip_file_is_its_content(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv.gz", gzip.compress(GOOD.encode()))
    assert [each.name for each in warehouse.work()] == ["orders_1.csv.gz", "orders_1.csv"]
    assert warehouse.order_numbers() == ["SO-1"]


def encrypted() -> bytes:
    archive = bytearray(zipped(a="x"))
    for at in (archive.find(b"PK\x03\x04") + 6, archive.find(b"PK\x01\x02") + 8):
        archive[at] |= 1
    return bytes(archive)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (encrypted(), "a is encrypted"),
        (zipped(**{"inner.zip": zipped(a="x")}), "inner.zip in it is an archive itself"),
        (zipped(empty__=""), "there is no file in it"),
        (gzip.compress(GOOD.encode())[:-6], "it is damaged or cut off"),
    ],
    ids=["encrypted", "nested", "empty", "cut off"],
)  # fmt: skip
def test_an_archive_that_cannot_be_unpacked_is_refused_whole(warehouse: Warehouse, content: bytes, reason: str) -> None:
    warehouse.drop("orders_1.zip", content)
    assert [each.refused for each in warehouse.reports()] == [refused("bad_archive", reason=reason)]
    assert list(warehouse.home.glob("rejected/*/*/orders_1.zip"))
    assert list((warehouse.home / "work").iterdir()) == []


def test_what_grows_beyond_limits_is_refused(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "RATIO_FLOOR", 1 << 20)
    monkeypatch.setattr(archives, "MEMBERS", 3)
    warehouse.drop("orders_1.zip", zipped(a=b"0" * (4 << 20)))
    warehouse.drop("orders_2.zip", zipped(a="1", b="2", c="3", d="4"))
    first, second = (each.refused or "" for each in warehouse.reports())
    assert "a grows beyond what is unpacked" in first
    assert "it has 4 members, more than 3" in second


def test_an_archive_whose_worker_dies_is_unpacked_once(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    from crossdock.jobs import booking

    warehouse.drop("orders_1.zip", zipped(**{"orders_a.csv": GOOD, "orders_b.csv": csv("SO-2,1,AB,5")}))
    with monkeypatch.context() as patch:
        patch.setattr(booking, "unpacked", lambda *_: (_ for _ in ()).throw(OSError("died")))
        assert [each.how for each in warehouse.work()] == ["put off"]
    warehouse.no_waiting()
    assert [each.how for each in warehouse.work()] == ["done"] * 3
    assert len(warehouse.jobs()) == 3


# ---- what a stranger's eye found


def test_a_folder_that_cannot_be_looked_into_is_named_and_forgets_nothing(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share that is away: the file that was taken and can't be moved is still known when it is back."""
    share = tmp_path / "share"
    share.mkdir()
    warehouse.partner("acme", keys=f'folder = "{share}"')
    (share / "orders_1.csv").write_text(GOOD)
    real, scan = Path.rename, os.scandir
    with monkeypatch.context() as patch:
        patch.setattr(
            Path,
            "rename",
            lambda self, target: (
                (_ for _ in ()).throw(PermissionError(13, "")) if self.parent == share else real(self, target)
            ),
        )
        assert len(warehouse.reports()) == 1
        patch.setattr(
            os,
            "scandir",
            lambda folder: (
                (_ for _ in ()).throw(OSError(116, "Stale file handle")) if folder == share else scan(folder)
            ),
        )
        warehouse.drop("orders_2.csv", csv("SO-2,1,AB,5"))
        assert [(each.name, each.how, each.said) for each in warehouse.work()] == [("orders_2.csv", "done", "")]
        assert (
            warehouse.look().failing[0].startswith(f"{share} can't be looked into: Stale file handle; it belongs to ")
        )
        patch.setattr(os, "scandir", scan)
        hidden = share.rename(tmp_path / "away")
        share.mkdir()  # a mount point without its share
        assert warehouse.reports() == []
        share.rmdir()
        hidden.rename(share)
        assert warehouse.reports() == []


def test_a_job_of_an_earlier_version_is_known_by_its_folder(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv")
    (job,) = warehouse.look().booked
    with warehouse.database.writing() as connection:
        connection.exec_driver_sql("UPDATE jobs SET path = ''")
    assert [each.job for each in warehouse.work()] == [job]


@pytest.mark.both
def test_what_is_booked_twice_at_once_is_booked_once(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another adopts a file between its claim and its booking, and is done with it before the first one comes back."""
    warehouse.drop("orders_1.csv")
    real = drop_folders.found_of

    def meanwhile(*args: Any, **named: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(drop_folders, "found_of", real)
            warehouse.work()
        return real(*args, **named)

    with monkeypatch.context() as patch:
        patch.setattr(drop_folders, "found_of", meanwhile)
        assert warehouse.look().booked == []
    assert len(warehouse.jobs()) == 1
    assert warehouse.order_numbers() == ["orders_1"]


def test_an_archive_comes_before_what_may_need_it(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv")
    warehouse.drop(
        "a.zip", zipped(**{"sku_1.csv": "skuId,name,description1,isActive,upc\nAB,Band,Band,Y,4006381333931\n"})
    )
    assert [each.name for each in warehouse.work()] == ["a.zip", "sku_1.csv", "orders_1.csv"]


def test_very_long_names(warehouse: Warehouse, tmp_path: Path) -> None:
    from crossdock.workers.by_path import import_file
    from crossdock.workers.work import nobody

    path = tmp_path / ("orders_" + "ü" * 120 + ".csv")
    path.write_text(GOOD)
    assert import_file(warehouse.site, path, None, nobody).documents.inserted == 1


def test_a_file_that_two_partners_claim_is_nobodys_until_somebody_says(warehouse: Warehouse, tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    for name in ("acme", "beta"):
        warehouse.partner(name, keys=f'folder = "{share}"')
    (share / "orders_1.csv").write_text(GOOD)
    warehouse.drop("orders_2.csv")
    assert [each.name for each in warehouse.work()] == ["orders_2.csv"]
    (sentence,) = warehouse.look().odd
    assert sentence == f"{share}/orders_1.csv is claimed by feeds of acme and beta: it is not imported"


def test_a_writer_that_goes_on_writing_on_another_file_system(warehouse: Warehouse, elsewhere: Path) -> None:
    warehouse.partner("acme", keys=f'folder = "{elsewhere}"')
    path = elsewhere / "orders_1.csv"
    path.write_text(GOOD)
    with path.open("ab") as writer:
        assert len(warehouse.look().booked) == 1
        writer.write(b"SO-2,1,AB,5\n")
        writer.flush()
        first, second = warehouse.work()
    assert (first.how, second.how) == ("done", "done")
    assert "still being written" in warehouse.jobs()[0].alert
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]
    assert kept_beside(elsewhere) == ["orders_1.csv"]


def test_an_upload_to_another_file_system_that_goes_on_when_it_is_filed_is_a_drop_again(
    warehouse: Warehouse, elsewhere: Path
) -> None:
    warehouse.partner("acme", keys=f'folder = "{elsewhere}"')
    path = elsewhere / "orders_1.csv"
    path.write_text(GOOD)
    with path.open("ab") as writer:
        assert [each.documents.inserted for each in warehouse.reports()] == [1]
        assert late_writes(warehouse.site) == []
        writer.write(b"SO-2,1,AB,5\n")
        writer.flush()
        path.write_text("the next file of that name")
        assert late_writes(warehouse.site) == []
        path.unlink()
        assert late_writes(warehouse.site) == [warehouse.jobs()[0].job_id]
        writer.write(b"SO-3,1,AB,5\n")
    assert "its writer went on" in warehouse.jobs()[0].alert
    assert [each.documents.inserted for each in warehouse.reports()] == [2]
    assert warehouse.order_numbers() == ["SO-1", "SO-2", "SO-3"]


def test_a_file_of_another_file_system_is_removed_a_day_after_it_is_filed(
    warehouse: Warehouse, elsewhere: Path
) -> None:
    warehouse.partner("acme", keys=f'folder = "{elsewhere}"')
    for name in ("orders_1.csv", "orders_2.csv"):
        (elsewhere / name).write_text(GOOD)
    assert len(warehouse.reports()) == 2
    grown = next(each for each in elsewhere.iterdir() if each.name.endswith("orders_2.csv"))
    with grown.open("a") as writer:
        writer.write("SO-2,1,AB,5\n")
    with warehouse.database.writing() as connection:
        for row in connection.execute(select(JOBS)).all():
            connection.execute(
                update(JOBS).where(JOBS.c.job_id == row.job_id).values(received_at=row.received_at - LATE)
            )
    assert len(late_writes(warehouse.site)) == 1
    assert [each.name for each in elsewhere.iterdir()] == ["orders_2.csv"], "what nobody has imported comes back"


def test_a_late_writer_keeps_what_lay_beside_its_file(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a done-file the whole file counts as complete once more."""
    warehouse.partner("acme", keys='done_file = "{name}.done"')
    path = warehouse.drop("orders_1.csv", GOOD)
    warehouse.drop("orders_1.csv.done", b"")
    with path.open("ab") as writer:
        warehouse.look()
        goes_on_writing(monkeypatch, "file_away", writer, b"SO-2,1,AB,5\n")
        assert [each.how for each in warehouse.work()] == ["done", "done"]
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]
    assert list((warehouse.home / "inbox" / "acme").iterdir()) == []


@pytest.mark.both
def test_a_file_that_is_replaced_while_it_is_copied_is_not_taken_for_the_first(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    warehouse.partner("acme", keys=f'folder = "{share}"')
    path = share / "orders_1.csv"
    path.write_text(GOOD)
    real, copied = Path.rename, files.copied

    def replaced(source: Path, target: Path) -> Path:
        stability = copied(source, target)
        if source == path and path.read_text() == GOOD:
            path.write_text(csv("SO-1,1,AB,7", "SO-2,1,AB,7"))
            warehouse.look()
        return stability

    monkeypatch.setattr(
        Path,
        "rename",
        lambda self, target: (
            (_ for _ in ()).throw(PermissionError(13, "")) if self.parent == share else real(self, target)
        ),
    )
    monkeypatch.setattr(files, "copied", replaced)
    warehouse.work()
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]
    assert warehouse.reports() == []


def test_a_half_copy_is_never_taken_for_the_file(warehouse: Warehouse) -> None:
    warehouse.drop("orders_1.csv", GOOD)
    (job,) = warehouse.look().booked
    place = warehouse.home / warehouse.jobs()[0].path
    place.rename(place.with_name("orders_1.csv.aaaa.part"))
    place.with_name("orders_1.csv.bbbb.part").write_text(GOOD[:20])
    assert [(each.job, each.how) for each in warehouse.work()] == [(job, "done")]
    assert warehouse.order_numbers() == ["SO-1"]
