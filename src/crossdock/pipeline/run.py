"""One pass over a drop: batch by batch, checked, written, booked; while one is written the next is checked.

What must be known of the whole drop (hold = "file", refuse_above) is checked as a whole before the first write.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from crossdock.database import Database
from crossdock.database.lookups import Questions, StoredWithPending
from crossdock.errors import Outage
from crossdock.failures.refusals import Refused
from crossdock.jobs import batch_log, lifecycle, queries
from crossdock.jobs.leases import Lease
from crossdock.jobs.lifecycle import OwnedJob, Share
from crossdock.model.batch import Batch
from crossdock.model.decision import Decision
from crossdock.model.drop import Drop
from crossdock.model.job import JobRecord
from crossdock.model.report import Books, Progress
from crossdock.partners.feed import Feed
from crossdock.pipeline.batch import decide_batch, notes_of_file
from crossdock.pipeline.load import Raced
from crossdock.pipeline.staging.plan import BATCH_BYTES, Plan, make_plan
from crossdock.registers.unit_settings import units_of, with_settings

RACES = 20
"""How often a batch is checked again because another import came between."""
SMALL = 1_000
"""Records of a drop that is written in a moment, so that nobody watches its progress."""
PATIENCE = 0.05
"""Seconds: each further attempt may wait this much longer."""


@dataclass(frozen=True)
class Terms:
    """What an import gets from outside, so that tests and golden files can choose it.

    ``batch_bytes``: bytes of the file per batch. ``scratch``: the folder of the spool, None for the system's.
    """

    today: date
    batch_bytes: int = BATCH_BYTES
    scratch: Path | None = None


def terms() -> Terms:
    """The terms of today (UTC)."""
    return Terms(today=datetime.now(UTC).date())


Watch = Callable[[Progress], None]


def as_its_units_say(drop: Drop, stored: Questions) -> Drop:
    """The drop, whose feed takes the general settings of its business units as defaults."""
    return replace(drop, feed=with_settings(drop.feed, stored.settings(units_of(drop.feed))))


def plan_of(drop: Drop, database: Database | None, inputs: Terms) -> Plan:
    """The plan of a drop. Raises ``Refused`` where it can't be read, or is a fix-workbook whose job was read with
    another notation.
    """
    job = queries.find(database, drop.stamp.job) if drop.stamp and database else None
    if job is not None and job.feed is not None:
        changed = drop.feed.rereads(job.feed, plain=job.plan.plain_numbers)
        if changed is not None:
            key, was, now = changed
            raise Refused("notation_changed", job=job.job_id, key=key, was=was, now=now)
    last = queries.last_layout(database, drop.feed, drop.digest) if database and drop.is_compared else None
    return make_plan(drop, inputs.batch_bytes, inputs.scratch, last)


def open_job(
    plan: Plan, drop: Drop, database: Database, job: str, lease: Lease | None = None, shares: int = 1
) -> OwnedJob:
    """Open the job of a plan, in so many shares, or the unfinished one that it continues."""
    aside = Books(read=plan.blank + plan.ignored, blank=plan.blank, ignored=plan.ignored)
    described = plan.describe()
    if lease is not None and lease.unbegun and _is_opened_by_its_batch(plan, drop):
        return lifecycle.opened_by_its_batch(drop, described, plan.total, plan.records, aside, lease)
    return lifecycle.open_job(database, drop, described, plan.size, plan.total, plan.records, aside, job, lease, shares)


def _is_opened_by_its_batch(plan: Plan, drop: Drop) -> bool:
    """Whether a job needs no transaction before its batch: the drop is small, and nothing is noted before."""
    return plan.size == 1 and plan.records <= SMALL and drop.fixes is None and not _is_looked_at_first(plan, drop.feed)


def _is_looked_at_first(plan: Plan, feed: Feed) -> bool:
    """Whether a drop is checked as a whole before its first write; many documents of a fix-workbook may fail."""
    return feed.keys.hold == "file" or bool(feed.keys.refuse_above and plan.fixes is None)


def in_turn(plan: Plan, feed: Feed) -> bool:
    """Whether a batch must know what the one before it has stored: versions of a document, sums against others."""
    return plan.ordered or bool(feed.document.against)


Write = Callable[[Connection, Decision, Share, int], None]
"""Writes a checked batch of a share: its number."""


@dataclass(frozen=True)
class Run:
    """One pass over a drop: what it is checked against (``stored``), how a batch is written.

    ``job_database``: where its job is booked.
    """

    plan: Plan
    feed: Feed
    job: OwnedJob
    stored: Questions
    job_database: Database
    write: Write
    inputs: Terms

    def check(self, batch: Batch) -> Decision:
        """A batch, decided."""
        withheld = self.job.withheld
        with self.stored.of_batch() as stored:
            return decide_batch(batch, self.plan, self.feed, stored, self.inputs.today, self.job.id, withheld=withheld)

    def booked(self) -> JobRecord:
        """The job as it is booked so far."""
        return queries.one(self.job_database, self.job.id)


def rehearsed_run(
    plan: Plan, feed: Feed, job: OwnedJob, stored: StoredWithPending, job_database: Database, inputs: Terms
) -> Run:
    """The run that books what an import would do, and stores no document."""

    def write(connection: Connection, checked: Decision, share: Share, number: int) -> None:
        lifecycle.fence(connection, job, share, number)
        if in_turn(plan, feed):
            stored.foresee(checked.writes)

    return Run(plan, feed, job, stored, job_database, write, inputs)


Elsewhere = Callable[[Run, Watch], None]
"""Has the shares of a run's job written by other processes, to their ends; the progress goes to the watch."""


def run_batches(run: Run, watch: Watch, elsewhere: Elsewhere | None = None) -> JobRecord:
    """Check, write and book each batch; then the verdict. Returns the job as it is then.

    ``elsewhere``: where the shares of the job are written, if it has several and not this process writes them.
    """
    plan = run.plan
    begun = run.job.processed > 0
    if not begun and not run.job.withheld and _is_looked_at_first(plan, run.feed):
        try:
            if _look_first(run):
                lifecycle.withhold(run.job_database, run.job)
                run = replace(run, job=replace(run.job, withheld=True))
        except Refused as refused:
            lifecycle.refuse_job(run.job_database, run.job, refused.sentence)
            return run.booked()
    watch(Progress(run.job.processed, plan.total))
    job = None
    if elsewhere is not None and len(run.job.shares) > 1:
        elsewhere(run, watch)
    else:
        for share in run.job.shares:
            job = run_share(run, share, watch)
    if plan.records == 0 and not begun:
        with run.job_database.writing() as connection:
            batch_log.note(run.job_database, connection, run.job.id, notes_of_file(plan.notes, 0, run.feed))
    if job is None or job.verdict is None:
        job = lifecycle.close(run.job_database, run.job)
    return job


def run_share(run: Run, share: Share, watch: Watch) -> JobRecord | None:
    """Check, write and book what is left of a share; while one batch is written the next is checked. Returns the job as
    the last of them leaves it, None where nothing is left.
    """
    plan, job = run.plan, None
    with ThreadPoolExecutor(1, "crossdock-check") as ahead:

        def prepare(batch: Batch | None) -> Callable[[], Decision] | None:
            if batch is None:
                return None
            return ahead.submit(run.check, batch).result if plan.size > 1 else partial(run.check, batch)

        coming = plan.batches(share.next_batch, share.end)
        batch = next(coming, None)
        prepared = prepare(batch)
        while batch is not None and prepared is not None:
            checked = prepared()
            following = next(coming, None)
            prepared = None if in_turn(plan, run.feed) else prepare(following)
            job = _write(run, share, batch, checked)
            watch(Progress(job.processed, plan.total))
            batch, prepared = following, prepared or prepare(following)
    return job


def _write(run: Run, share: Share, batch: Batch, checked: Decision) -> JobRecord:
    """Write a checked batch; check it once more where another import changed its documents meanwhile. Returns the job
    with this batch counted, and ended if it was the last one.
    """
    for attempt in range(RACES):
        try:
            with run.job_database.writing() as connection:
                run.write(connection, checked, share, batch.number)
                job = batch_log.advance(run.job_database, connection, run.job, checked, batch.number)
                if run.job.ends_with(share, batch.number):
                    job = lifecycle.end(run.job_database, connection, job)
        except Raced as raced:
            if attempt == RACES - 1:
                raise Outage("other imports change the same documents again and again") from raced
            time.sleep(random.uniform(0, PATIENCE * (attempt + 1)))  # noqa: S311  # so that they don't meet again
            checked = run.check(batch)
        else:
            return job
    raise AssertionError("the last attempt returns or raises")


def _look_first(run: Run) -> bool:
    """Check the whole drop before the first write. Raises ``Refused`` above the feed's limit; true if it must be
    withheld.
    """
    failing = cancelled = lines = 0
    foreseen = StoredWithPending(run.stored)
    run = replace(run, stored=foreseen)
    for batch in run.plan.batches(0):
        checked = run.check(batch)
        if in_turn(run.plan, run.feed):
            foreseen.foresee(checked.writes)
        failing += int((~checked.outcomes.taken & checked.outcomes.meant).sum())
        cancelled += checked.counts["line"].cancelled
        lines += checked.stored_lines
    limit, total = run.feed.keys.refuse_above if run.plan.fixes is None else None, run.plan.total
    if limit is not None:
        share = float(limit.rstrip("% ")) / 100
        if failing > share * total:
            raise Refused("too_many_failing", failing=f"{failing:,}", total=f"{total:,}", limit=limit)
        if lines and cancelled > share * lines:
            raise Refused("too_many_cancelled", cancelled=f"{cancelled:,}", total=f"{lines:,}", limit=limit)
    return run.feed.keys.hold == "file" and failing > 0
