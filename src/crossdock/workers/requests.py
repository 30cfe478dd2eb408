"""The body of a request: booked as a job, and imported at once or when its turn comes.

It is on disk before it is booked, in a folder that no worker looks into on its own: a body whose request was never
answered is nobody's, and is removed when the server starts, and as long as it runs. Two requests with the same bytes
are two jobs.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from crossdock.errors import Outage
from crossdock.intake import files
from crossdock.jobs import booking, leases
from crossdock.jobs.booking import Found
from crossdock.logs import LOG
from crossdock.partners.asked import Asked
from crossdock.site import Site
from crossdock.workers.work import LOOK_SECONDS, Ended, run_job
from crossdock.workers.worker import Worker

FOLDER = "work/.requests"
"""Where bodies are, below the home folder, until their job is filed."""

ABANDONED_SECONDS = 600.0
"""A body that nobody has written to for so long, and that is no job, is nobody's."""


@dataclass(frozen=True)
class Body:
    """The body of a request that is on disk, and what was asked with it. ``origin``: for people who look at the job."""

    path: Path
    asked: Asked
    origin: str


def new_path(site: Site) -> Path:
    """Where the next body is written."""
    folder = site.home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{secrets.token_hex(8)}.new"


@contextmanager
def written(site: Site, document: object) -> Iterator[Path]:
    """The body of one document that we write ourselves, as JSON; it is removed afterwards if it isn't booked."""
    path = new_path(site)
    try:
        path.write_text(json.dumps({"data": document}), encoding="utf-8")
        yield path
    finally:
        forget(path)


def forget(path: Path) -> None:
    """Remove a body that is not booked; nothing where it is."""
    path.unlink(missing_ok=True)


def book(site: Site, body: Body) -> str:
    """Book a body as a job for the next free worker; returns its id. It is on disk for good when this returns."""
    job, file = _placed(site, body, durable=True)
    booking.register(site.database, file, job)
    site.database.keep()
    return job


def import_now(site: Site, worker: Worker, body: Body) -> Ended:
    """Book a body and import it here, before all that waits; returns how that ended."""
    job, file = _placed(site, body, durable=False)
    return run_job(site, worker, booking.begin_answered(site.database, file, job, worker.id))


def work(live: Callable[[], Site], worker: Worker, nudged: Event) -> None:
    """Import what is booked, one job after the other, until the worker must stop; look again at once when nudged.

    ``live``: the site as it is when a job begins. The drop folders are left to others. Bodies that could not be booked,
    because the database was gone, are removed now and then.
    """
    cleaned = time.monotonic()
    more = False  # as ``jobs_waiting`` does: only after a job the queue is locked unasked
    while not worker.stopping.is_set():
        nudged.clear()
        site = live()
        try:
            if time.monotonic() - cleaned > ABANDONED_SECONDS:
                cleaned = time.monotonic()
                clean_up(site)
            more = more or leases.ready(site.database, site.limits) > 0
            taken = leases.take(site.database, worker.id, site.limits) if more else None
            more = taken is not None
        except Outage as outage:
            LOG.warning("no job can be taken: %s", outage)
            worker.stopping.wait(LOOK_SECONDS)
            continue
        if taken is not None:
            run_job(site, worker, taken)
        else:
            nudged.wait(LOOK_SECONDS)


def _placed(site: Site, body: Body, *, durable: bool) -> tuple[str, Found]:
    """The id of a new job, and its file, which is under its name."""
    partner, _, document = body.asked.feed.partition("/")
    feed = site.partners.of_request(body.asked)
    job = booking.new_id(datetime.now(UTC))
    target = site.home / FOLDER / job / partner / f"{document}-{job}.json"
    target.parent.mkdir(parents=True)
    body.path.replace(target)
    if durable:
        _synced(target)
    identity = files.identify(target)
    return job, Found(
        target.name,
        identity.digest,
        identity.size,
        identity.received,
        partner,
        document,
        path=str(target.relative_to(site.home)),
        origin=body.origin,
        asked=str(body.asked),
        stage=feed.document.stage,
    )


def _synced(path: Path) -> None:
    """See that a file, and the folders that name it, are on disk."""
    for each in (path, path.parent, path.parent.parent, path.parent.parent.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def clean_up(site: Site) -> None:
    """Remove the bodies of requests that were never booked: of an earlier server that was killed, of an outage.

    What was written to in the last ``ABANDONED_SECONDS`` may be a request that another process is taking.
    """
    folder = site.home / FOLDER
    names = [each.name for each in folder.iterdir()] if folder.is_dir() else []
    booked = booking.booked(site.database, names)
    since = time.time() - ABANDONED_SECONDS
    for name in names:
        if name not in booked and _untouched(folder / name, since):
            shutil.rmtree(folder / name, ignore_errors=True)  # a body that was placed, and could not be booked
            with suppress(OSError):  # one that was not placed is a file
                forget(folder / name)


def _untouched(left: Path, since: float) -> bool:
    """Whether nothing in a folder, or a file, was written after a time, in seconds since 1970; true if it is gone."""
    try:
        return all(path.stat().st_mtime < since for path in [left, *left.rglob("*")] if path.is_file())
    except OSError:
        return True
