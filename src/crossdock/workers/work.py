"""One booked job after the other: each is imported, filed and answered, independent of the others.

``jobs_waiting`` yields the jobs of a worker as they come; ``run_job`` imports one, from any door: the drop folder, a
file by its path, a replay of held documents. The next worker that takes an unfinished job continues it, so every step
here may happen again.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Literal

from crossdock.database import Database
from crossdock.delivery import answer_files, courier
from crossdock.delivery.archive import file_away, late_writes
from crossdock.errors import Outage, Overtaken, Stopped
from crossdock.failures.refusals import Refused
from crossdock.intake import files
from crossdock.intake.drop_folders import FolderScan, adopt, found_of, scan
from crossdock.intake.files import Identity
from crossdock.intake.interchanges import RefusedInterchange
from crossdock.intake.listing import can_be_read, cannot
from crossdock.intake.recognise import Archive, BrokenPromise, open_drop
from crossdock.jobs import answer_queue, booking, leases, lifecycle, queries
from crossdock.jobs.leases import Acquired, Lease
from crossdock.jobs.scheduling import LONGEST_PAUSE
from crossdock.logs import LOG, of_job
from crossdock.model.job import JobRecord
from crossdock.model.report import Progress, Report
from crossdock.partners.edi_keys import EVERYBODY
from crossdock.pipeline.import_drop import imported
from crossdock.site import Site
from crossdock.workers import interchanges
from crossdock.workers.replay import brought
from crossdock.workers.sharing import import_in_shares
from crossdock.workers.worker import Worker

Watch = Callable[[Progress], None]
LOOK_SECONDS = 2.0
"""Seconds between two looks of an idle worker."""
SELDOM = 9
"""While there are jobs, looks take a tenth of the time: where very many files wait, a look takes seconds."""
PATIENCE = 300.0
"""Seconds that a worker waits for a database that doesn't answer."""
PAUSES = (10.0, 30.0, 60.0, LONGEST_PAUSE.total_seconds())
"""Seconds before a job that ended in an outage, or in a fault of ours, is tried again."""


def nobody(_: Progress) -> None:
    """Watches nothing."""


def jobs_waiting(
    site: Site, worker: Worker, partners: Container[str] | None = None, linger: float = 0
) -> Iterator[Acquired]:
    """Take jobs for a worker and yield them as they come: waiting ones, and files that become complete meanwhile.

    ``partners``: only files of those are booked, None for all. Ends when nothing is left and nothing came for
    ``linger`` seconds. Raises ``Outage`` where the database doesn't answer for ``PATIENCE`` seconds.
    """
    idle_since, away_since, adopted = time.monotonic(), None, False
    until: dict[Path, float] = {}
    scanned, next_look = FolderScan(), 0.0
    more = False  # after a job there usually is another, and only an idle worker asks before it locks the queue
    while not worker.stopping.is_set():
        try:
            if not adopted:
                adopt(site)
                late_writes(site)
                adopted = True
            looks = time.monotonic() >= next_look
            if looks:
                began = time.monotonic()
                scanned = scan(site, partners)
                next_look = time.monotonic() + SELDOM * (time.monotonic() - began)
            more = more or leases.ready(site.database, site.limits) > 0
            taken = leases.take(site.database, worker.id, site.limits) if more else None
            more = taken is not None
        except Stopped:
            return
        except Outage:
            away_since = away_since or time.monotonic()
            if time.monotonic() - away_since > PATIENCE:
                raise
            worker.stopping.wait(PAUSES[0])
            continue
        away_since = None
        if taken is not None:
            yield taken
            idle_since = time.monotonic()
            continue
        if not looks or scanned.more:  # something may have come meanwhile
            next_look = 0.0
            continue
        now = time.monotonic()
        for path, left in scanned.settling.items():
            until.setdefault(path, now + left + LOOK_SECONDS)  # one that changes again and again is not waited for
        settling = [left for path, left in scanned.settling.items() if now < until[path]]
        if now - idle_since >= linger and not settling:
            return
        worker.stopping.wait(min([LOOK_SECONDS, *(max(left, 0.05) for left in settling)]))


@dataclass(frozen=True)
class Ended:
    """How a job ended for the worker that ran it.

    ``done``: it has its verdict, and is filed, as ``record`` says. ``lost``: another worker has it. ``stopped``: this
    worker had to stop. ``put off``: an outage, or a fault of ours; it is tried again. ``said``: the reason; ``error``:
    what was raised.
    """

    job: str
    name: str
    how: Literal["done", "lost", "stopped", "put off"]
    said: str = ""
    record: JobRecord | None = None
    error: Exception | None = None

    @property
    def report(self) -> Report | None:
        """The report; None where it has not ended."""
        return None if self.record is None else self.record.report

    def result(self) -> Report:
        """The report; raises the error that ended the job without one."""
        if self.record is None:
            raise self.error or Outage(self.said)
        return self.record.report


def run_job(site: Site, worker: Worker, taken: Acquired, on_progress: Watch = nobody) -> Ended:
    """Import a job that a worker has taken, file it, answer it; return it to the queue where that can't be done now.

    No error of a job is raised, it is in the result: one bad file must not stop the next. ``worker`` decides how an
    interruption is set aside (``why_aside``) and who gets a failure (``attended``). Only ``KeyboardInterrupt`` is
    raised.
    """
    job, name = taken.lease.job, taken.row.name
    with of_job(job):
        if taken.left is not None:
            LOG.warning("continues with what %s left", taken.left.name)
        try:
            record = _import_and_file(site, worker, taken, worker.watching(on_progress))
        except KeyboardInterrupt:
            _let_go(site, worker, taken, worker.why_aside())
            raise
        except Stopped as error:
            why = worker.why_aside()
            _let_go(site, worker, taken, why)
            reason = f"stopped between two batches: {why or 'it continues elsewhere'}"
            return Ended(job, name, "stopped", reason, error=error)
        except Exception as error:  # noqa: BLE001  # the drop loop's door
            return _returned(site, worker, taken, error)
        return Ended(job, name, "done", "", record)


def _returned(site: Site, worker: Worker, taken: Acquired, error: Exception) -> Ended:
    """Return a job that can't be finished now: because of an outage, a fault of ours, or another worker that has it."""
    job, name = taken.lease.job, taken.row.name
    if isinstance(error, Overtaken):
        _log(worker, logging.WARNING, str(error))
        # this worker counted as dead, and perhaps no other has taken the job yet
        _failed(site, worker, taken, str(error))
        return Ended(job, name, "lost", str(error), error=error)
    expected = isinstance(error, Outage | OSError)
    reason = str(error) if expected else f"{type(error).__name__}: {error}"
    if expected and _is_lost(site, taken):  # its successor has ended its session
        return Ended(job, name, "lost", taken.lease.lost, error=error)
    _log(worker, logging.WARNING if expected else logging.ERROR, f"put off: {reason}", None if expected else error)
    if expected:
        _return_after_outage(site, worker, taken, reason)
    else:
        _failed(site, worker, taken, reason)
    return Ended(job, name, "put off", reason, error=error)


def _log(worker: Worker, level: int, sentence: str, error: Exception | None = None) -> None:
    """Log why a job was returned, unless a person waits for it and gets the reason."""
    if not worker.attended:
        LOG.log(level, "%s", sentence, exc_info=error)


def _is_lost(site: Site, taken: Acquired) -> bool:
    try:
        return not leases.mine(site.database, taken.lease)
    except Outage:
        return False


def _let_go(site: Site, worker: Worker, taken: Acquired, aside: str | None) -> None:
    """Return a job, to the next worker, or, with a reason, to a person. Nothing where another worker has it."""
    if aside:
        worker.gives_back(partial(leases.park, site.database, taken.lease, aside))
    else:
        worker.gives_back(partial(leases.release, site.database, taken.lease))


def _return_after_outage(site: Site, worker: Worker, taken: Acquired, reason: str) -> None:
    """Return a job that an outage has ended; it waits for a while."""
    worker.gives_back(partial(leases.put_off, site.database, taken.lease, reason, _pause(taken.row.outages)))


def _failed(site: Site, worker: Worker, taken: Acquired, reason: str) -> None:
    """Return a job that a fault of ours has ended; it waits for a while."""
    worker.gives_back(partial(leases.failed, site.database, taken.lease, reason, _pause(taken.row.attempts)))


def _pause(before: int) -> timedelta:
    """How long a job waits that has ended this way ``before`` times."""
    return timedelta(seconds=PAUSES[min(before, len(PAUSES) - 1)])


def _import_and_file(site: Site, worker: Worker, taken: Acquired, watch: Watch) -> JobRecord:
    """Import a job that was taken, unless it has its verdict; file it; answer it. Returns it as it is then; raises any
    error in between.
    """
    if taken.row.verdict is None:
        job = _imported(site, worker, taken, watch)
        LOG.info("%s: %s", job.name, job.verdict)
    else:
        job = queries.one(site.database, taken.lease.job)
    site.database.keep()  # before its file is moved, and anybody is told
    alert = file_away(site, job, with_reports=worker.writes_reports)
    if alert:
        LOG.warning("%s: %s", job.name, alert)
    if not job.of_request or answer_queue.channels(job.feed):  # else its response is all of its answer
        courier.deliver_files(site, job.partner)
    brought(site, job.report)
    return lifecycle.filed(site.database, job, taken.lease, alert)


def _imported(site: Site, worker: Worker, taken: Acquired, watch: Watch) -> JobRecord:
    """The job once its file is imported, or refused, where no feed takes it, or unpacked, if it is an archive."""
    row, lease = taken.row, taken.lease
    _must_be_known(site, row.partner)
    path = _at(site, lease, row)
    identity = Identity(row.digest, row.size, row.received_at)
    try:
        opened = open_drop(path, site.partners, feed=row.asked or None, partner=row.partner, name=row.name,
                           identity=identity, replays=row.replays)  # fmt: skip
        if isinstance(opened, Archive):
            return _unpacked(site, taken, opened)
        opened = replace(opened, waited=not taken.at_once)
    except Refused as refused:
        partner = "" if row.partner == EVERYBODY else row.partner
        if isinstance(refused, RefusedInterchange):
            interchanges.book_refused(_desk(site, taken), refused)
            partner = refused.opened.partner
        file = booking.Found(row.name, row.digest, row.size, row.received_at, partner, row.document)
        return refuse(site.database, refused, file, lease.job, lease)
    twice = interchanges.book_alone(_desk(site, taken), opened.box, opened.path) if opened.box is not None else None
    if twice is not None:
        return queries.one(site.database, lifecycle.refuse(site.database, opened, twice.sentence, lease.job, lease))
    if site.shares > 1 and opened.size >= site.share_above:
        return import_in_shares(site, opened, lease, watch, worker.crew)
    return imported(opened, site.database, lease=lease, watch=watch)


def _desk(site: Site, taken: Acquired) -> interchanges.Desk:
    """Where the interchanges of a job's file are booked."""
    row, database = taken.row, site.database
    return interchanges.Desk(row.job_id, row.digest, database, database, site.partners, site.zone)


def refuse(
    database: Database, refused: Refused, file: booking.Found, job: str, lease: Lease | None = None
) -> JobRecord:
    """Book a file that can't be opened as refused: as a drop of its feed, if that is known, else as ``file``.

    It is the job of the lease, else a new one with the id ``job``. Returns it.
    """
    drop = refused.drop if isinstance(refused, BrokenPromise | RefusedInterchange) else None
    return queries.one(database, lifecycle.refuse(database, drop or file, refused.sentence, job, lease))


def _must_be_known(site: Site, partner: str) -> None:
    """That nobody's files are refused because a TOML is missing for a moment. Raises ``Outage``."""
    if partner not in ("", EVERYBODY) and not site.partners.knows(partner):
        raise Outage(site.partners.unknown(partner))


def _at(site: Site, lease: Lease, job: JobRecord) -> Path:
    """The path of a job's file. Raises ``Overtaken`` or ``Outage`` where it is missing."""
    path = site.home / job.path
    if not files.completed(path, job.size):
        if not leases.mine(site.database, lease):
            raise Overtaken(f"job {lease.job} was done by another worker")
        if not _back_from_shelf(site, job, path):
            lost = f"if it is lost, crossdock dismiss {job.job_id} '' --why WHY ends its job"
            raise Outage(f"{path} is not there: do all workers see the same home folder? {lost}")
    try:
        can_be_read(path)
    except OSError as error:
        raise Outage(f"{path} {cannot('read', path, error)}") from error
    return path


def _back_from_shelf(site: Site, job: JobRecord, path: Path) -> bool:
    """Bring a job's file back from its shelf, if it is there: the database is an older one that was put back."""
    shelf = answer_files.shelf_of(site.home, job.job_id)
    filed = shelf / job.name if shelf else None
    if filed is None or not filed.is_file() or files.identify(filed).digest != job.digest:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    files.copied(filed, path).replace(path)
    return True


def give_up(site: Site, worker: Worker, job: str, why: str) -> bool:
    """Refuse a job that is set aside or waits, and answer it; false where there is no such job. ``why``: a sentence.

    Raises whatever filing it raises.
    """
    row = queries.find(site.database, job)
    if row is None or row.verdict is not None or (row.parked is None and row.not_before is None):
        return False
    taken = leases.take_this(site.database, worker.id, job)
    if taken is None:
        return False
    stored = f"; {row.processed:,} of its documents were dealt with before" if row.processed else ""
    file = booking.Found(row.name, row.digest, row.size, row.received_at, row.partner, row.document)
    refuse(site.database, Refused("given_up", why=f"{why}{stored}"), file, job, taken.lease)
    run_job(site, worker, replace(taken, row=queries.one(site.database, job))).result()
    return True


def _unpacked(site: Site, taken: Acquired, archive: Archive) -> JobRecord:
    """Book each member of an archive as a drop of its own, once all are unpacked, in the order of files.

    Raises ``RefusedInterchange`` where every interchange in it is refused.
    """
    row, desk = taken.row, _desk(site, taken)
    archive, twice = interchanges.not_twice(desk, archive)
    into = site.home / "work" / f".unpacked-{row.job_id}"
    members: list[tuple[str, booking.Found]] = []
    try:
        for number, each in enumerate(list(archive.members(into))):
            job = booking.id_of_member(row.job_id, number)
            target = site.home / "work" / job / archive.path.parent.name / each.name
            target.parent.mkdir(parents=True, exist_ok=True)
            each.replace(target)
            origin = f"{row.origin or row.name}!{each.name}"
            member = found_of(site, target, archive.partner, origin, feed=archive.feed)
            members.append((job, replace(member, parent=row.job_id)))
    finally:
        shutil.rmtree(into, ignore_errors=True)
    jobs = [job for job, _ in members]
    records = interchanges.records_of(desk, archive.box, jobs, twice) if archive.box else []
    booking.unpacked(site.database, taken.lease, members, archive.summary(len(members)), records)
    return queries.one(site.database, row.job_id)
