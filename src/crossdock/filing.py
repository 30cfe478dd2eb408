"""Where a drop and its reports lie afterwards, and what the partner gets: complete when it appears.

The database is the truth: every file here can be written again from it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from crossdock import acknowledge, envelope, listing, receive, report
from crossdock.database import Database, history, jobs
from crossdock.model import Report, Verdict
from crossdock.partners import Partners

LONGEST_NAME = 150
"""Bytes of a drop's name that the names of its reports keep."""


@dataclass(frozen=True)
class Desk:
    """Where files are imported: the database, the partners, the home folder with its shelves."""

    database: Database
    partners: Partners
    home: Path


def file(desk: Desk, found: Report, put: Callable[[Path], Any]) -> None:
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
        for name, pieces in (*answers(row, desk.database), *envelopes(row, desk.database)):
            _write(outbox / name, pieces)
        jobs.answered(desk.database, row.job_id)
        if fixable:
            complete(outbox / fix.name, lambda path: bool(shutil.copyfile(fix, path)))
    put(folder)


def shelf(home: Path, row: Any) -> Path:
    """The folder in which a job's drop and reports are filed."""
    name = "rejected" if row.verdict == Verdict.REJECTED else "archive"
    return receive.folder_for(home, name, row.job_id, row.received_at.astimezone(UTC).strftime("%Y-%m-%d"))


def shelf_of(home: Path, job: str) -> Path | None:
    """The folder in which a job was filed, if it is there."""
    found = [*home.glob(f"archive/*/{job}"), *home.glob(f"rejected/*/{job}")]
    return found[0] if found else None


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


def envelopes(row: Any, database: Database) -> Iterator[tuple[str, Iterable[str]]]:
    """The answers in the ERP's shape, one envelope a document and line, where the feed asks for them."""
    if envelope.asked(row):
        yield f"{base(row)}.envelopes.jsonl", envelope.answers(row, database)


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


def booked(database: Database, job: str) -> Report:
    """The report of a job that was just written."""
    row = history.find(database, job)
    if row is None:
        raise LookupError(f"job {job} was written and is not there")
    return history.report(row)
