"""The whole story: a drop becomes rows, and every line that could not go in gets an answer.

``import_drop`` is the import; ``rehearse`` is the dry run: the same way up to the transaction, against the same stored
documents, with a scratch database for its books. What is checked twice (hold = "file", refuse_above) is checked as a
whole before the first write.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection

from crossdock.batches import BATCH_BYTES, Plan, make_plan
from crossdock.database import Database, booking, changes, history, in_file, jobs, ledger, look
from crossdock.database.jobs import Job
from crossdock.database.leases import Lease
from crossdock.database.stored import EmptyStore, Questions, StoredWithPending
from crossdock.database.stored import Stored as StoredIn
from crossdock.database.tables import METADATA
from crossdock.failures import Refused
from crossdock.feeds import Feed
from crossdock.load import Raced, merge, stamped
from crossdock.model import Batch, Books, Checked, Drop, Outage, Progress, Report
from crossdock.way import check_batch, notes_of_file

RACES = 20
"""How often a batch is checked again because another import came between."""
PATIENCE = 0.05
"""Seconds that each further attempt may wait."""


@dataclass(frozen=True)
class Terms:
    """What an import is given from outside, so that tests and golden files can decide it."""

    today: date
    batch_bytes: int = BATCH_BYTES
    scratch: Path | None = None


def terms() -> Terms:
    """Today's."""
    return Terms(today=datetime.now(UTC).date())


Watch = Callable[[Progress], None]


def import_drop(
    drop: Drop,
    database: Database,
    *,
    lease: Lease | None = None,
    watch: Watch = lambda _: None,
    given: Terms | None = None,
) -> Report:
    """Import a drop: every document that is right goes in, every line that can't is answered for.

    ``lease``: the job that a worker has taken for it; without one an unfinished job of the same bytes is continued,
    else a new one begins. Raises ``Outage`` where something outside failed (``Overtaken`` where another worker has the
    job now); importing the file again goes on where this stopped, as does whoever takes the job next.
    """
    given = given or terms()
    job = booking.new_id(datetime.now(UTC))
    try:
        plan = plan_of(drop, database, given)
    except Refused as refused:
        return report_of(database, jobs.refuse(database, drop, refused.sentence, job, lease))
    try:
        held = open_job(plan, drop, database, job, lease)

        def write(connection: Connection, checked: Checked, number: int) -> None:
            change = changes.new()
            database.dialect.name_session(connection, held.id, held.token)
            staged = database.dialect.stage(connection, stamped(checked.writes, change))
            changes.note(database, connection, checked.history, change, held.id)
            jobs.fence(connection, held, number)
            merge(database, connection, staged, checked, drop.feed, held.id, change)

        return run_batches(Run(plan, drop.feed, held, StoredIn(database), database, write, given), watch)
    finally:
        plan.close()


@contextmanager
def rehearse(
    drop: Drop, url: str | None, *, watch: Watch = lambda _: None, given: Terms | None = None
) -> Iterator[tuple[Report, Database]]:
    """The dry run: what ``import_drop`` would report, and the scratch database that holds its books and failures as
    long as the context lasts. Nothing is written and nothing created.

    ``url``: of the database to check against; None, or one that isn't there yet: nothing is stored.
    """
    given = given or terms()
    with scratch_books() as books:
        database = look(url) if url else None
        try:
            yield _rehearsed(drop, database, books, watch, given), books
        finally:
            if database is not None:
                database.close()


def _rehearsed(drop: Drop, database: Database | None, books: Database, watch: Watch, given: Terms) -> Report:
    try:
        plan = plan_of(drop, database, given)
    except Refused as refused:
        return report_of(books, jobs.refuse(books, drop, refused.sentence, ""))
    try:
        held = open_job(plan, drop, books, "")
        stored = StoredWithPending(StoredIn(database) if database else EmptyStore())

        def write(connection: Connection, checked: Checked, number: int) -> None:
            jobs.fence(connection, held, number)
            if in_turn(plan, drop.feed):
                stored.foresee(checked.writes)

        return run_batches(Run(plan, drop.feed, held, stored, books, write, given), watch)
    finally:
        plan.close()


@contextmanager
def scratch_books() -> Iterator[Database]:
    """A database for the books of a drop that leaves no trace."""
    with tempfile.TemporaryDirectory(prefix="crossdock-") as folder:
        books = Database(in_file(Path(folder, "books.db")))
        try:
            METADATA.create_all(books.engine)
            yield books
        finally:
            books.close()


def plan_of(drop: Drop, database: Database | None, given: Terms) -> Plan:
    """The plan of a drop. Refused where it can't be read, or is a fix-workbook that its job read otherwise."""
    job = history.find(database, drop.stamp.job) if drop.stamp and database else None
    if job is not None and job.feed is not None:
        changed = drop.feed.rereads(job.feed, plain=job.plan.plain_numbers)
        if changed is not None:
            key, was, now = changed
            raise Refused("notation_changed", job=job.job_id, key=key, was=was, now=now)
    return make_plan(drop, given.batch_bytes, given.scratch)


def open_job(plan: Plan, drop: Drop, database: Database, job: str, lease: Lease | None = None) -> Job:
    """Open the job of a plan, or the unfinished one that it goes on with."""
    aside = Books(read=plan.blank + plan.ignored, blank=plan.blank, ignored=plan.ignored)
    return jobs.open_job(database, drop, plan.describe(), plan.size, plan.total, plan.records, aside, job, lease)


def in_turn(plan: Plan, feed: Feed) -> bool:
    """Whether a batch must know what the one before it has stored: versions of a document, sums against others."""
    return plan.ordered or bool(feed.document.against)


Write = Callable[[Connection, Checked, int], None]


@dataclass(frozen=True)
class Run:
    """One pass over a drop: what it is checked against (``stored``), where it is booked, how a batch is written."""

    plan: Plan
    feed: Feed
    job: Job
    stored: Questions
    books: Database
    write: Write
    given: Terms

    def check(self, batch: Batch) -> Checked:
        """A batch, decided."""
        withheld = self.job.withheld
        return check_batch(batch, self.plan, self.feed, self.stored, self.given.today, self.job.id, withheld=withheld)

    def report(self) -> Report:
        """How far it is."""
        return report_of(self.books, self.job.id)


def run_batches(run: Run, watch: Watch) -> Report:
    """Batch by batch: check, write, book; then the verdict. While one is written the next is checked."""
    plan, keys = run.plan, run.feed.keys
    looks = keys.hold == "file" or (keys.refuse_above and plan.mends is None)  # of a fix-workbook much may fail again
    if run.job.next_batch == 0 and not run.job.withheld and looks:
        try:
            if _look_first(run):
                jobs.withhold(run.books, run.job)
                run = replace(run, job=replace(run.job, withheld=True))
        except Refused as refused:
            jobs.refuse_job(run.books, run.job, refused.sentence)
            return run.report()
    watch(run.report().progress)
    with ThreadPoolExecutor(1, "crossdock-check") as ahead:

        def prepare(batch: Batch | None) -> Future[Checked] | None:
            return None if batch is None else ahead.submit(run.check, batch)

        coming = plan.batches(run.job.next_batch)
        batch = next(coming, None)
        prepared = prepare(batch)
        while batch is not None and prepared is not None:
            checked = prepared.result()
            following = next(coming, None)
            prepared = None if in_turn(plan, run.feed) else prepare(following)
            _write(run, batch, checked)
            watch(run.report().progress)
            batch, prepared = following, prepared or prepare(following)
    if plan.records == 0 and run.job.next_batch == 0:
        with run.books.writing() as connection:
            ledger.note(run.books, connection, run.job.id, notes_of_file(plan.notes, 0, run.feed))
    jobs.close(run.books, run.job)
    return run.report()


def _write(run: Run, batch: Batch, checked: Checked) -> None:
    """Write a checked batch; check it once more where another import changed its documents meanwhile."""
    for attempt in range(RACES):
        try:
            with run.books.writing() as connection:
                run.write(connection, checked, batch.number)
                ledger.advance(run.books, connection, run.job, checked)
        except Raced as raced:
            if attempt == RACES - 1:
                raise Outage("other imports change the same documents again and again") from raced
            time.sleep(random.uniform(0, PATIENCE * (attempt + 1)))  # noqa: S311  # so that they don't meet again
            checked = run.check(batch)
        else:
            return


def _look_first(run: Run) -> bool:
    """Check the whole drop before the first write. Refused above the feed's limit; true if it must be withheld."""
    failing = cancelled = lines = 0
    foreseen = StoredWithPending(run.stored)
    run = replace(run, stored=foreseen)
    for batch in run.plan.batches(0):
        checked = run.check(batch)
        if in_turn(run.plan, run.feed):
            foreseen.foresee(checked.writes)
        failing += checked.failing
        cancelled += checked.counts["line"].cancelled
        lines += checked.stored_lines
    limit, total = run.feed.keys.refuse_above if run.plan.mends is None else None, run.plan.total
    if limit is not None:
        share = float(limit.rstrip("% ")) / 100
        if failing > share * total:
            raise Refused("too_many_failing", failing=f"{failing:,}", total=f"{total:,}", limit=limit)
        if lines and cancelled > share * lines:
            raise Refused("too_many_cancelled", cancelled=f"{cancelled:,}", total=f"{lines:,}", limit=limit)
    return run.feed.keys.hold == "file" and failing > 0


def report_of(database: Database, job: str) -> Report:
    """The report of a job, as far as it is."""
    return history.one(database, job).report
