"""Where a drop and its reports lie afterwards, and what the partner gets: complete when it appears.

The database is the truth: every file here can be written again from it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crossdock import acknowledge, envelope, listing, receive, report
from crossdock.database import Database, booking, history
from crossdock.database.leases import Lease
from crossdock.database.turns import Limits
from crossdock.job import JobRecord
from crossdock.model import Report, Verdict
from crossdock.partners import Partners

LONGEST_NAME = 150
"""Bytes of a drop's name that the names of its reports keep."""
NOBODY = "_"
"""The folder, in a job's work folder, of a file of which no partner is known."""
COPIED = 8 << 20
"""Bytes copied at a time."""


@dataclass(frozen=True)
class Desk:
    """Where files are imported: the database, the partners, the home folder with its shelves.

    ``settle``: seconds that a file must not change before it is complete, where its feed says nothing. ``at_once``:
    imports side by side on this database.
    """

    database: Database
    partners: Partners
    home: Path
    settle: float = 60.0
    at_once: int = 4

    @property
    def limits(self) -> Limits:
        """How many imports may be at work, and whose files wait."""
        known = self.partners.by_id.values()
        return Limits(
            self.at_once, {each.id: each.at_once for each in known}, frozenset(each.id for each in known if each.paused)
        )


def file(desk: Desk, lease: Lease) -> str | None:
    """Put a drop that is done, and its reports, on their shelf; gives what was odd about the file, or None.

    May be done again at any time: what is there is written over, what was moved is not looked for.
    """
    job = history.find(desk.database, lease.job)
    if job is None:
        return None
    folder = shelf(desk.home, job)
    for name, pieces in reports(job, desk.database):
        write_pieces(folder / name, pieces)
    if job.verdict != Verdict.ACCEPTED:
        complete(folder / f"{base(job)}.fix.xlsx", lambda path: write_fix_workbook(job, desk.database, path))
    return _put_away(desk, job, folder)


def answer(desk: Desk, job: JobRecord) -> Path:
    """Put what a partner gets into its outbox folder, each file complete when it appears; gives the folder."""
    partner = desk.partners.by_id.get(job.partner)
    folder = desk.home / (partner.outbox if partner and partner.outbox else Path("outbox") / job.partner)
    folder.mkdir(parents=True, exist_ok=True)
    for name, pieces in (*answers(job, desk.database), *envelopes(job, desk.database)):
        write_pieces(folder / name, pieces)
    if job.verdict != Verdict.ACCEPTED:
        made = shelf(desk.home, job) / f"{base(job)}.fix.xlsx"

        def write(path: Path) -> bool:
            return bool(shutil.copyfile(made, path)) if made.exists() else write_fix_workbook(job, desk.database, path)

        complete(folder / made.name, write)
    return folder


def _put_away(desk: Desk, job: JobRecord, folder: Path) -> str | None:
    """Move a drop, and what lay beside it, out of the work folder, if it is still as it was when it was claimed."""
    if not job.place:
        return None
    path, alert = desk.home / job.place, None
    left = receive.beside_of(Path(job.origin), job.job_id) if job.origin else path
    written = [each for each in (left, path) if receive.there(each) and not _is(job, each)]
    if written:
        alert = _written_on(desk, job, path, written[0], folder)
    elif path.exists():
        receive.move(path, folder / path.name)
    if not written and left != path and receive.there(left):
        left.unlink(missing_ok=True)
    if path.parent.is_dir():
        for beside, _ in receive.regular(path.parent):
            receive.move(beside, folder / beside.name)
        receive.forget(path)
    return alert


def _is(job: JobRecord, path: Path) -> bool:
    found = receive.identify(path)
    return (found.digest, found.size) == (job.digest, job.size)


def _written_on(desk: Desk, job: JobRecord, path: Path, written: Path, folder: Path) -> str:
    """A writer still held the file: what was imported is filed, the file as it is now is a drop of its own.

    It goes back to where it was found, with what lay beside it, and is looked at like any other; whole, because lines
    behind the end of what was imported may be part of a document of which the first lines are in.
    """
    if receive.identify(path, first=job.size).digest == job.digest:
        complete(folder / path.name, lambda target: _first(path, job.size, target))
    back = Path(job.origin) if job.origin else desk.home / "inbox" / job.partner / path.name
    if not back.parent.is_dir():
        back = desk.home / "inbox" / job.partner / path.name
        back.parent.mkdir(parents=True, exist_ok=True)
    for beside, _ in receive.regular(path.parent):
        if beside != path:
            receive.give_back(beside, back.with_name(beside.name))
    if not receive.give_back(written, back):  # the next file of that name: this one is booked from the work folder
        back = desk.home / "work" / booking.new_id(datetime.now(UTC)) / (job.partner or NOBODY) / path.name
        back.parent.mkdir(parents=True)
        receive.move(written, back)
    path.unlink(missing_ok=True)
    return f"it was still being written when it was taken: the whole of it lies in {back} again, as a drop of its own"


def _first(path: Path, size: int, target: Path) -> bool:
    with path.open("rb") as source, target.open("wb") as copy:
        while size and (chunk := source.read(min(size, COPIED))):
            copy.write(chunk)
            size -= len(chunk)
    return True


def shelf(home: Path, job: JobRecord) -> Path:
    """The folder in which a job's drop and reports are filed."""
    name = "rejected" if job.verdict == Verdict.REJECTED else "archive"
    return receive.folder_for(home, name, job.job_id, job.received_at.astimezone(UTC).strftime("%Y-%m-%d"))


def shelf_of(home: Path, job: str) -> Path | None:
    """The folder in which a job was filed, if it is there."""
    found = [*home.glob(f"archive/*/{job}"), *home.glob(f"rejected/*/{job}")]
    return found[0] if found else None


def write_fix_workbook(job: JobRecord, database: Database, path: Path) -> bool:
    """Write the fix-workbook of a job; false where there is nothing to mend."""
    from crossdock.office import fix  # what writes workbooks takes a third of a second to load

    return fix.fix_workbook(job, database, path, f"{base(job)}.failures.csv")


def base(job: JobRecord) -> str:
    """What the names of a job's reports begin with: its drop's name and its id."""
    name = job.name
    if job.mends:  # not a.csv.JOB1.fix.xlsx.JOB2.fix.xlsx
        name = name.removesuffix(f".{job.mends}.fix.xlsx")
    cut = name.encode()[:LONGEST_NAME].decode(errors="ignore")
    return f"{cut}.{job.job_id}"


def answers(job: JobRecord, database: Database) -> Iterator[tuple[str, Iterable[str]]]:
    """The acknowledgements of a job with the names of their files: one, or one a business unit."""
    for answer in acknowledge.answers(job, database):
        name = f"{base(job)}.{_safe(answer.unit)}.ack.json" if answer.unit else f"{base(job)}.ack.json"
        yield name, acknowledge.body(job, answer, database)


def envelopes(job: JobRecord, database: Database) -> Iterator[tuple[str, Iterable[str]]]:
    """The answers in the ERP's shape, one envelope a document and line, where the feed asks for them."""
    if envelope.asked(job):
        yield f"{base(job)}.envelopes.jsonl", envelope.answers(job, database)


def reports(job: JobRecord, database: Database) -> Iterator[tuple[str, Iterable[str]]]:
    """What is filed beside a drop: its acknowledgements, the detailed report, the text, the list of failures."""
    yield from answers(job, database)
    yield f"{base(job)}.report.json", report.detailed(job, database)
    yield f"{base(job)}.report.txt", (line + "\n" for line in report.text(job, database))
    if job.verdict != Verdict.ACCEPTED:
        yield f"{base(job)}.failures.csv", listing.listing(job, database)


def _safe(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)


def write_pieces(path: Path, pieces: Iterable[str]) -> None:
    """Write a text in pieces, complete when it appears."""

    def write(unfinished: Path) -> bool:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        return True

    complete(path, write)


def complete(path: Path, write: Callable[[Path], bool]) -> bool:
    """Write a file so that it is complete when it appears; ``write`` says whether there is one."""
    unfinished = receive.unfinished(path)
    try:
        if not write(unfinished):
            return False
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:  # what is half there only fills the disk further
        unfinished.unlink(missing_ok=True)
    return True


def booked(database: Database, job: str) -> Report:
    """The report of a job that was just written."""
    return history.one(database, job).report
