"""What a person starts by hand: the import of a file by its path, a replay of held documents, the dry run of a file.

A file is imported like every drop, from a copy in the work folder: the file stays in its place, and if this process
dies any worker continues. The dry run opens it as the import does, in its place.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from signal import SIGINT, SIGTERM

from crossdock.database import Database
from crossdock.delivery.archive import booked
from crossdock.failures.refusals import Refused
from crossdock.intake import files
from crossdock.intake.recognise import Archive, open_drop
from crossdock.jobs import booking, leases, open_documents, queries
from crossdock.jobs.leases import Acquired, Lease
from crossdock.model.job import DocumentOfJob
from crossdock.model.report import Report
from crossdock.partners.registry import Partners
from crossdock.pipeline.dry_run import rehearse, scratch_books
from crossdock.site import Site
from crossdock.workers.replay import send_again
from crossdock.workers.submit import submit_to
from crossdock.workers.work import Watch, nobody, refuse, run_job
from crossdock.workers.worker import Worker

STOPPED = "stopped by hand"
"""Why a job waits for a person whose import was interrupted."""


def import_file(
    site: Site, path: Path, feed: str | None, watch: Watch, also: Callable[[Report], None] = lambda _: None
) -> Report:
    """Import a file named by hand, with the named feed or the one that claims it; returns its report. The file isn't
    touched.

    ``also`` gets the reports of jobs that come from it: held documents that it lets in, the members of an archive.
    Raises ``FileNotFoundError`` where there is no file, ``Stopped`` where a signal came (the job waits until it is
    resumed), and any other error that ends the job without a verdict.
    """
    with _attended(site, "by hand") as worker, worker.stopped_by(SIGINT, SIGTERM):
        ended = (run_job(site, worker, taken, watch) for taken in submit_path(site, worker, path, feed))
        report = next(ended).result()
        for each in ended:
            also(each.result())
        return report


def _attended(site: Site, kind: str) -> Worker:
    """A worker for a person who waits: an interruption sets its job aside, and that person resumes it."""
    return Worker(site.database, kind, why_aside=lambda: STOPPED, attended=True)


def submit_path(site: Site, worker: Worker, path: Path, feed: str | None) -> Iterator[Acquired]:
    """Submit a file that was named by hand as a job of this worker; yields that job, then those that come from it.

    Raises ``FileNotFoundError`` where there is no file.
    """
    lease = submit_to(site, worker, _file(path), feed=feed)
    yield _taken(site, lease)
    yield from _free(site, worker, booking.come_of(site.database, lease.job))


def _file(path: Path) -> Path:
    """The absolute path of a file, with links resolved."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not a file")
    return path.resolve()


def replay(site: Site, chosen: Iterable[DocumentOfJob], watch: Watch = nobody) -> Iterator[Report]:
    """Send held documents again and import them here; yields the report of each new job."""
    with _attended(site, "replay") as worker:
        for taken in submit_held(site, worker, chosen):
            yield run_job(site, worker, taken, watch).result()


def submit_held(site: Site, worker: Worker, chosen: Iterable[DocumentOfJob]) -> Iterator[Acquired]:
    """Held documents as jobs of a worker, one per drop that they came in, in the order of the drops.

    ``chosen``: as ``open_documents.open_documents`` returns them. Unfinished jobs of an earlier replay come first.
    """
    rows = list(chosen)
    left = booking.replaying(site.database)
    yield from _free(site, worker, left)
    if left:
        still = {(row.job_id, row.line) for row in open_documents.open_documents(site.database)}
        rows = [row for row in rows if (row.job_id, row.line) in still]
    yield from _free(site, worker, send_again(site, rows))


def _free(site: Site, worker: Worker, jobs: Iterable[str]) -> Iterator[Acquired]:
    """Take those of some jobs that no other worker has."""
    for job in jobs:
        taken = leases.take_this(site.database, worker.id, job)
        if taken is not None:
            yield taken


def _taken(site: Site, lease: Lease) -> Acquired:
    return Acquired(lease, queries.one(site.database, lease.job), None)


def check_file(
    partners: Partners, url: str | None, path: Path, feed: str | None, watch: Watch = nobody, *, partner: str = ""
) -> Generator[tuple[Report, Database]]:
    """The dry run of a file: what ``import_file`` would report. Nothing is written or created.

    Yields the report of the file, then those of the members of an archive, each with the scratch database of its
    failures, which exists until the next step. Each member is checked against what is stored now, without the other
    members. ``url``: the database; None or a missing one: nothing is stored. ``partner``: the sender's id, only its
    feeds may claim it; '': every partner's. Raises ``FileNotFoundError`` where there
    is no file.
    """
    yield from _checked(partners, url, _file(path), partner, feed, watch)


def _checked(
    partners: Partners, url: str | None, path: Path, partner: str, feed: str | None, watch: Watch
) -> Generator[tuple[Report, Database]]:
    identity = files.identify(path)
    file = booking.Found(path.name, identity.digest, identity.size, identity.received, partner)
    try:
        opened = open_drop(path, partners, feed=feed, partner=partner, identity=identity)
    except Refused as refused:
        with scratch_books() as scratch:
            yield refuse(scratch, refused, file, ""), scratch
        return
    if isinstance(opened, Archive):
        yield from _checked_members(partners, url, opened, replace(file, partner=opened.partner), watch)
    else:
        with rehearse(opened, url, watch=watch) as rehearsed:
            yield rehearsed


def _checked_members(
    partners: Partners, url: str | None, archive: Archive, file: booking.Found, watch: Watch
) -> Generator[tuple[Report, Database]]:
    """The dry run of an archive, then of each of its members, in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="crossdock-") as folder:
        with scratch_books() as scratch:
            try:
                members = list(archive.members(Path(folder)))
            except Refused as refused:
                yield refuse(scratch, refused, file, ""), scratch
                return
            lease = booking.begin(scratch, file, "", "")
            booking.unpacked(scratch, lease, [], archive.summary(len(members)))
            yield booked(scratch, ""), scratch
        for each in members:
            yield from _checked(partners, url, each, archive.partner, archive.feed, watch)
