"""A check of an uploaded file: its dry run, kept for a day so that its person can read it, and then import the file.

A check is a folder below the home folder: the file, what is known of it, and the scratch database of the dry run's
books. Any process can show it.
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from crossdock.database import Database, in_file
from crossdock.delivery import standard_answers
from crossdock.errors import Outage
from crossdock.intake.files import write_atomically
from crossdock.jobs import queries
from crossdock.logs import LOG
from crossdock.model.job import JobRecord
from crossdock.model.report import Progress
from crossdock.partners.registry import Misconfigured
from crossdock.site import Site
from crossdock.workers.by_path import Checked, check_file
from crossdock.workers.submit import submit

FOLDER = "work/.checks"
"""Where checks are, below the home folder."""
KEPT = timedelta(days=1)
"""For how long a check can be read."""
SILENT = timedelta(minutes=10)
"""A running check that says nothing for so long has ended with its process."""
EVERY = 0.5
"""Seconds between two notes of how far a check is."""
RUNNING, DONE, FAILED = "running", "done", "failed"
_ID = re.compile(r"[0-9a-f]{24}")
_STATE, _BOOKS, _STANDARD = "check.json", "books.db", "{}.edi"


class StandardText(BaseModel):
    """An answer in the standard of an interchange that an import would send: its file's ``name`` and media type."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    kind: str


class Check(BaseModel):
    """What is known of a check. ``partner``: whose file it is, '' for an operator's; ``feed``: the one that was named,
    or None; ``why``: why it failed; ``jobs``: how many its dry run has; ``standard``: the answers in the
    standard of its interchanges.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    check_id: str
    name: str
    partner: str
    feed: str | None = None
    state: str = RUNNING
    why: str = ""
    processed: int = 0
    total: int = 0
    jobs: int = 0
    standard: tuple[StandardText, ...] = ()

    def now(self, **changes: object) -> Check:
        """The same, a step further."""
        return self.model_copy(update=changes)


def new_path(site: Site) -> Path:
    """Where the next uploaded file is written: its folder is that of its check, if it gets one."""
    folder = site.home / FOLDER / secrets.token_hex(12)
    folder.mkdir(parents=True)
    return folder / "file"


def forget(path: Path) -> None:
    """Remove an uploaded file, its check included."""
    shutil.rmtree(path.parent, ignore_errors=True)


def begin(path: Path, name: str, partner: str, feed: str | None) -> Check:
    """The check of the uploaded file at ``path`` (of ``new_path``); it is ``run`` next."""
    check = Check(check_id=path.parent.name, name=name, partner=partner, feed=feed)
    sent = _sent(path.parent, check)
    sent.parent.mkdir()
    path.replace(sent)
    _write(path.parent, check)
    return check


def _sent(folder: Path, check: Check) -> Path:
    """The file of a check, under the name that it was sent with."""
    return folder / "sent" / check.name


def run(site: Site, check: Check) -> None:
    """Check the file; what comes of it is in its folder."""
    folder = site.home / FOLDER / check.check_id
    ended = check.now(state=FAILED, why="it is a fault of ours")  # a bug goes up, and its check has ended
    try:
        jobs, standard = _run(site, folder, check)
        ended = check.now(state=DONE, jobs=jobs, standard=standard)
    except (Outage, Misconfigured, OSError) as error:
        LOG.warning("the check of %s: %s", check.name, error)
        ended = check.now(state=FAILED, why=str(error))
    finally:
        _write(folder, ended)


def _run(site: Site, folder: Path, check: Check) -> tuple[int, tuple[StandardText, ...]]:
    noted = 0.0

    def watch(progress: Progress) -> None:
        nonlocal noted
        if time.monotonic() - noted > EVERY:
            noted = time.monotonic()
            _write(folder, check.now(processed=progress.processed, total=progress.total))

    url = site.database.url.render_as_string(hide_password=False)
    with check_file(
        site.partners, url, _sent(folder, check), check.feed, watch, partner=check.partner, zone=site.zone
    ) as checked:
        jobs = sum(1 for _ in checked.reports)
        standard = _written(checked, folder)
        checked.books.close()
        shutil.copyfile(str(checked.books.url.database), folder / _BOOKS)
    return jobs, standard


def _written(checked: Checked, folder: Path) -> tuple[StandardText, ...]:
    """Write the answers in the standard into the folder of a check, while the members of its file are there."""
    texts = []
    for place, each in enumerate(standard_answers.of_books(checked.books)):
        answer = standard_answers.written(Path(), checked.books, each.answer.outbox, checked.stored)
        with (folder / _STANDARD.format(place)).open("wb") as file:
            file.writelines(answer.pieces)
        texts.append(StandardText(name=answer.name, kind=answer.kind))
    return tuple(texts)


def standard_path(site: Site, check: Check, place: int) -> Path:
    """The file of an answer in the standard, by its place among those of a check."""
    return site.home / FOLDER / check.check_id / _STANDARD.format(place)


def find(site: Site, check_id: str) -> Check | None:
    """A check by its id; None where there is none, or none any more."""
    path = site.home / FOLDER / check_id / _STATE
    if not _ID.fullmatch(check_id) or not path.is_file():
        return None
    check = Check.model_validate_json(path.read_text(encoding="utf-8"))
    if check.state == RUNNING and time.time() - path.stat().st_mtime > SILENT.total_seconds():
        return check.now(state=FAILED, why="it was interrupted; upload the file again")
    return check


@contextmanager
def books_of(site: Site, check: Check) -> Iterator[tuple[Database, list[JobRecord]]]:
    """The books of a check that is done, with its jobs: of its file, then of each member of an archive."""
    books = Database(in_file(site.home / FOLDER / check.check_id / _BOOKS))
    try:
        yield books, queries.recent(books, check.jobs)[::-1]
    finally:
        books.close()


def import_checked(site: Site, check: Check, origin: str) -> str:
    """Submit the file of a check for the next free worker; returns its job's id. Errors are those of ``submit``."""
    with _sent(site.home / FOLDER / check.check_id, check).open("rb") as file:
        return submit(site, file, check.name, partner=check.partner, feed=check.feed, origin=origin)


def clean_up(site: Site) -> None:
    """Remove the checks, and the uploads that came to none, of more than a day ago."""
    folder = site.home / FOLDER
    for each in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # another process does the same
            if time.time() - each.stat().st_mtime > KEPT.total_seconds():
                shutil.rmtree(each, ignore_errors=True)


def _write(folder: Path, check: Check) -> None:
    def write(path: Path) -> bool:
        path.write_text(check.model_dump_json(), encoding="utf-8")
        return True

    write_atomically(folder / _STATE, write)
