"""What somebody asks for here and now: a file by its path, held documents once more, the dry run of a file.

A file goes the way of every drop, from a copy in the work folder: it stays where it is, and if this process dies any
worker goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import Any

from crossdock import receive
from crossdock.database import Database, booking, history, jobs, leases, waiting
from crossdock.database.leases import Lease, Taken
from crossdock.failures import Refused
from crossdock.filing import NOBODY, Desk, booked
from crossdock.inbox import Watch, nobody, run_job
from crossdock.model import Drop, Outage, Report
from crossdock.partners import Partners
from crossdock.pickup import found_of, recognised
from crossdock.pipeline import rehearse, scratch_books
from crossdock.replay import send_again
from crossdock.worker import Worker

STOPPED = "stopped by hand"
"""Why a job waits for a person whose import was interrupted."""


def import_file(
    desk: Desk, path: Path, feed: str | None, watch: Watch, also: Callable[[Report], None] = lambda _: None
) -> Report:
    """Import a file named by hand, of the named feed or the one that claims it. The file isn't touched.

    ``also`` is told of what comes of it besides: held documents that it brings in, the members of an archive. Raises
    ``FileNotFoundError`` where there is no file, ``Stopped`` where a signal came: the job waits until it is resumed;
    and whatever else ends the job without a verdict.
    """
    with _attended(desk, "by hand") as worker, worker.stopped_by(SIGINT, SIGTERM):
        ended = (run_job(desk, worker, taken, watch) for taken in by_hand(desk, worker, path, feed))
        report = next(ended).result()
        for each in ended:
            also(each.result())
        return report


def _attended(desk: Desk, kind: str) -> Worker:
    """A worker for somebody who waits: an interruption sets its job aside, for that person to resume."""
    return Worker(desk.database, kind, why_aside=lambda: STOPPED, attended=True)


def by_hand(desk: Desk, worker: Worker, path: Path, feed: str | None) -> Iterator[Taken]:
    """A file that was named by hand as a job of this worker's, then what comes of it: one after the other.

    Raises ``FileNotFoundError`` where there is no file.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not a file")
    lease = _begun(desk, worker, path.resolve(), feed)
    yield _taken(desk, lease)
    yield from _free(desk, worker, booking.come_of(desk.database, lease.job))


def _begun(desk: Desk, worker: Worker, path: Path, feed: str | None) -> Lease:
    """The job of a file named by hand: the unfinished one of the same bytes, else a new one, with a copy of it."""
    job = booking.new_id(datetime.now(UTC))
    try:
        of_feed, _ = recognised(desk.partners, path, feed, "")
        partner = of_feed.partner
        unfinished = booking.unfinished(desk.database, receive.identify(path).digest, of_feed)
    except Refused:
        partner, unfinished = "", None
    before = history.find(desk.database, unfinished) if unfinished else None
    if before is not None and before.place and (desk.home / before.place).exists():
        return booking.go_on(desk.database, before.job_id, worker.id, before.place)
    target = desk.home / "work" / (unfinished or job) / (partner or NOBODY) / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    copy = receive.copied(path, target)
    if unfinished is not None:
        copy.replace(target)
        return booking.go_on(desk.database, unfinished, worker.id, str(target.relative_to(desk.home)))
    lease = booking.begin(desk.database, found_of(desk, target, partner, str(path), copy, asked=feed), job, worker.id)
    copy.replace(target)  # only now: an unbooked file would be booked as the partner's own
    return lease


def replay(desk: Desk, chosen: Iterable[Any], watch: Watch = nobody) -> Iterator[Report]:
    """Send held documents again, as ``held_again`` says, here and now."""
    with _attended(desk, "replay") as worker:
        for taken in held_again(desk, worker, chosen):
            yield run_job(desk, worker, taken, watch).result()


def held_again(desk: Desk, worker: Worker, chosen: Iterable[Any]) -> Iterator[Taken]:
    """Held documents as jobs of a worker's, one for each drop that they came in, in the order of the drops.

    ``chosen``: rows of ``waiting.open_documents``. What an earlier replay left unfinished comes first.
    """
    rows = list(chosen)
    left = booking.replaying(desk.database)
    yield from _free(desk, worker, left)
    if left:
        still = {(row.job_id, row.line) for row in waiting.open_documents(desk.database)}
        rows = [row for row in rows if (row.job_id, row.line) in still]
    yield from _free(desk, worker, send_again(desk, rows))


def _free(desk: Desk, worker: Worker, jobs: Iterable[str]) -> Iterator[Taken]:
    """Those of some jobs that nobody else has."""
    for job in jobs:
        taken = leases.take_this(desk.database, worker.id, job)
        if taken is not None:
            yield taken


def _taken(desk: Desk, lease: Lease) -> Taken:
    row = history.find(desk.database, lease.job)
    if row is None:
        raise Outage(f"job {lease.job} is not in the database any more")
    return Taken(lease, row, None)


@contextmanager
def check_file(
    partners: Partners, url: str, path: Path, feed: str | None, watch: Watch
) -> Iterator[tuple[Report, Database]]:
    """The dry run of a file, and the scratch database with its failures. Nothing is written, nothing created."""
    identity = receive.identify(path)
    try:
        of_feed, stamp = recognised(partners, path, feed, "")
    except Refused as refused:
        with scratch_books() as books:
            found = booking.Found(path.name, identity.digest, identity.size, identity.received)
            yield booked(books, jobs.refuse(books, found, refused.sentence, "")), books
        return
    drop = Drop(path, path.name, of_feed, identity.digest, identity.size, identity.received, stamp)
    with rehearse(drop, url, watch=watch) as rehearsed:
        yield rehearsed
