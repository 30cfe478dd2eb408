"""From the drop folder to the filed answer: everything that happens to a file around its import.

A file that was named by hand stays where it is and a copy is filed; a file of the inbox is claimed, imported and put
away. Either way the drop and its reports lie in ``archive/<date>/<job>/`` (``rejected/`` where nothing went in), and
the partner's answer and the fix-workbook in ``outbox/<partner>/``, complete when they appear. A fix-workbook that comes
back is known by its stamp, whatever it is called.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crossdock import acknowledge, formats, listing, receive, report
from crossdock.database import Database, history, jobs
from crossdock.failures import Refused
from crossdock.feeds import Feed
from crossdock.model import Drop, Progress, Report, Verdict
from crossdock.partners import Partners
from crossdock.pipeline import import_drop, rehearse, scratch_books
from crossdock.receive import Claimed
from crossdock.stamp import Stamp

LONGEST_NAME = 150
"""Bytes of a drop's name that the names of its reports keep."""


@dataclass(frozen=True)
class Desk:
    """Where files are imported: the database, the partners, the home folder with its shelves."""

    database: Database
    partners: Partners
    home: Path


def import_file(desk: Desk, path: Path, feed: str | None, watch: Callable[[Progress], None]) -> Report:
    """Import a file named by hand, of the named feed or the one that claims it. The file isn't touched.

    Raises ``FileNotFoundError`` where there is no file.
    """
    identity = receive.identify(path) if path.is_file() else None
    if identity is None:
        raise FileNotFoundError(f"{path} is not a file")
    job = jobs.new_id(datetime.now(UTC))
    found = _imported(desk, path, job, watch, feed, "")
    _file(desk, found, lambda folder: shutil.copy2(path, folder / path.name))
    return found


@contextmanager
def check_file(
    partners: Partners, url: str, path: Path, feed: str | None, watch: Callable[[Progress], None]
) -> Iterator[tuple[Report, Database]]:
    """The dry run of a file, and the scratch database with its failures. Nothing is written, nothing created."""
    identity = receive.identify(path)
    try:
        of_feed, stamp = recognised(partners, path, feed, "")
    except Refused as refused:
        with scratch_books() as books:
            found = jobs.Found(path.name, identity.digest, identity.size, identity.received)
            yield _booked(books, jobs.refuse(books, found, refused.sentence, "")), books
        return
    drop = Drop(path, path.name, of_feed, identity.digest, identity.size, identity.received, stamp)
    with rehearse(drop, url, watch=watch) as rehearsed:
        yield rehearsed


def recognised(partners: Partners, path: Path, feed: str | None, partner: str) -> tuple[Feed, Stamp | None]:
    """The feed that reads a file: its stamp's, the one that was named, or the one that claims its name.

    ``partner``: in whose folder it lay, or ''. Refused where there is no such feed, or the stamp is another partner's.
    """
    if partner and partner not in partners.by_id:
        raise Refused("unknown_partner", partner=repr(partner), known=", ".join(partners.by_id) or "none")
    stamp = formats.stamped(path)
    if stamp is None:
        return partners.named(feed, path.name) if feed else partners.claim(path.name, partner or None), None
    if feed not in (None, stamp.feed) or partner not in ("", stamp.partner):
        raise Refused("foreign_fix", feed=stamp.feed, asked=feed or partner)
    return partners.named(stamp.feed, stamp.name), stamp


def pick_up(desk: Desk, settle_seconds: float) -> Iterator[Claimed]:
    """What waits in the drop folder, claimed one by one; what a dead worker left behind comes first."""
    for partner in desk.partners.by_id:
        (desk.home / "inbox" / partner).mkdir(parents=True, exist_ok=True)
    work = desk.home / "work"
    yield from receive.left_behind(work)
    for path in receive.waiting(desk.home / "inbox", settle_seconds):
        claimed = receive.claim(path, work, jobs.new_id(datetime.now(UTC)))
        if claimed is not None:
            yield claimed


def import_claimed(desk: Desk, claimed: Claimed, watch: Callable[[Progress], None]) -> Report | None:
    """Import a claimed file and put it away; None where another worker is at it, or has done it."""
    with receive.alone(desk.home / "work", claimed.job) as mine:
        if not mine or not claimed.path.exists():
            return None
        done = history.find(desk.database, claimed.job)
        if done is not None and done.verdict is not None:
            found = history.report(done)
        else:
            found = _imported(desk, claimed.path, claimed.job, watch, None, claimed.partner)
        _file(desk, found, lambda folder: receive.put_away(claimed, folder))
        return found


def _imported(
    desk: Desk, path: Path, job: str, watch: Callable[[Progress], None], feed: str | None, partner: str
) -> Report:
    """The report of an import; of a refusal, where no feed takes the file."""
    identity = receive.identify(path)
    try:
        of_feed, stamp = recognised(desk.partners, path, feed, partner)
    except Refused as refused:
        known = jobs.Found(path.name, identity.digest, identity.size, identity.received, partner)
        return _booked(desk.database, jobs.refuse(desk.database, known, refused.sentence, job))
    drop = Drop(path, path.name, of_feed, identity.digest, identity.size, identity.received, stamp)
    return import_drop(drop, desk.database, job=job, watch=watch)


def _booked(database: Database, job: str) -> Report:
    row = history.find(database, job)
    if row is None:
        raise LookupError(f"job {job} was written and is not there")
    return history.report(row)


def _file(desk: Desk, found: Report, put: Callable[[Path], Any]) -> None:
    """Put the drop and its reports on their shelf, and what the partner gets into its outbox."""
    row = history.find(desk.database, found.job)
    if row is None:
        return
    folder = shelf(desk.home, row)
    for name, pieces in reports(row, desk.database):
        _write(folder / name, pieces)
    fix = folder / f"{base(row)}.fix.xlsx"
    fixable = row.verdict != Verdict.ACCEPTED and complete(fix, lambda path: fix_workbook(row, desk.database, path))
    if row.partner:
        outbox = desk.home / "outbox" / row.partner
        outbox.mkdir(parents=True, exist_ok=True)
        for name, pieces in answers(row, desk.database):
            _write(outbox / name, pieces)
        if fixable:
            complete(outbox / fix.name, lambda path: bool(shutil.copyfile(fix, path)))
    put(folder)


def shelf(home: Path, row: Any) -> Path:
    """The folder in which a job's drop and reports are filed."""
    name = "rejected" if row.verdict == Verdict.REJECTED else "archive"
    return receive.folder_for(home, name, row.job_id, row.received_at.astimezone(UTC).strftime("%Y-%m-%d"))


def fix_workbook(row: Any, database: Database, path: Path) -> bool:
    """Write the fix-workbook of a job; false where there is nothing to mend."""
    from crossdock.office import fix  # what writes workbooks takes a third of a second to load

    return fix.fix_workbook(row, database, path, f"{base(row)}.failures.csv")


def base(row: Any) -> str:
    """What the names of a job's reports begin with: its drop's name and its id."""
    name = str(row.name)
    if row.mends:  # not a.csv.JOB1.fix.xlsx.JOB2.fix.xlsx
        name = name.removesuffix(f".{row.mends}.fix.xlsx")
    cut = name.encode()[:LONGEST_NAME].decode(errors="ignore")
    return f"{cut}.{row.job_id}"


def answers(row: Any, database: Database) -> Iterator[tuple[str, Iterable[str]]]:
    """The acknowledgements of a job with the names of their files: one, or one a business unit."""
    for answer in acknowledge.answers(row, database):
        name = f"{base(row)}.{_safe(answer.unit)}.ack.json" if answer.unit else f"{base(row)}.ack.json"
        yield name, acknowledge.body(row, answer, database)


def reports(row: Any, database: Database) -> Iterator[tuple[str, Iterable[str]]]:
    """What is filed beside a drop: its acknowledgements, the detailed report, the text, the list of failures."""
    yield from answers(row, database)
    yield f"{base(row)}.report.json", report.detailed(row, database)
    yield f"{base(row)}.report.txt", (line + "\n" for line in report.text(row, database))
    if row.verdict != Verdict.ACCEPTED:
        yield f"{base(row)}.failures.csv", listing.listing(row, database)


def _safe(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)


def _write(path: Path, pieces: Iterable[str]) -> None:
    def write(unfinished: Path) -> bool:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        return True

    complete(path, write)


def complete(path: Path, write: Callable[[Path], bool]) -> bool:
    """Write a file so that it is complete when it appears; ``write`` says whether there is one."""
    unfinished = path.with_name(path.name + ".part")
    if not write(unfinished):
        return False
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)
    return True
