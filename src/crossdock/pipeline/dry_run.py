"""The dry run: what ``import_drop`` would report.

It uses the same steps up to the transaction and the same stored documents. Its books are in a scratch database, so the
same code writes every report.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from crossdock.database import Database, in_file, open_read_only
from crossdock.database.lookups import EmptyStore, StoredWithPending
from crossdock.database.lookups import Stored as StoredIn
from crossdock.database.tables import LEVELS, METADATA
from crossdock.failures.refusals import Refused
from crossdock.jobs import interchanges, lifecycle, queries
from crossdock.jobs.leases import Lease
from crossdock.model.drop import Drop
from crossdock.model.job import DRY_RUN
from crossdock.model.report import Report
from crossdock.pipeline.run import (
    Terms,
    Watch,
    as_its_units_say,
    open_job,
    plan_of,
    rehearsed_run,
    run_batches,
    terms,
)
from crossdock.scratch import scratch_folder

_OF_JOBS = [table for table in METADATA.tables.values() if table.name not in LEVELS]
"""The tables of books; those of documents stay empty in a dry run."""


@contextmanager
def rehearse(
    drop: Drop, url: str | None, *, watch: Watch = lambda _: None, inputs: Terms | None = None
) -> Iterator[tuple[Report, Database]]:
    """The dry run: what ``import_drop`` would report, and the scratch database with its books and failures. That exists
    while the context lasts; nothing else is written or created.

    ``url``: the database to check against; with None, or a database that doesn't exist yet, nothing is stored.
    ``watch`` gets the progress after each batch. Raises ``Outage`` where something outside failed; a refused drop
    raises nothing, its report has the sentence.
    """
    with scratch_books() as scratch, stored_at(url) as database:
        yield rehearse_in(scratch, drop, database, watch=watch, inputs=inputs), scratch


@contextmanager
def stored_at(url: str | None) -> Iterator[Database | None]:
    """The database to check against, read only; None where there is none yet."""
    database = open_read_only(url) if url else None
    try:
        yield database
    finally:
        if database is not None:
            database.close()


def rehearse_in(
    scratch: Database,
    drop: Drop,
    database: Database | None,
    *,
    lease: Lease | None = None,
    watch: Watch = lambda _: None,
    inputs: Terms | None = None,
) -> Report:
    """As ``rehearse``, with its books in a scratch database of the caller. ``database``: to check against, or None.

    ``lease``: the job that was booked there for the drop; without one it is a new one, ``DRY_RUN``.
    """
    inputs = inputs or terms()
    stored = StoredWithPending(StoredIn(database) if database else EmptyStore())
    drop = as_its_units_say(drop, stored)
    try:
        plan = plan_of(drop, database, inputs)
    except Refused as refused:
        return queries.one(scratch, lifecycle.refuse(scratch, drop, refused.sentence, DRY_RUN, lease)).report
    try:
        held = open_job(plan, drop, scratch, DRY_RUN, lease)
        if plan.sets:
            interchanges.keep_sets(scratch, held.id, plan.sets)
        return run_batches(rehearsed_run(plan, drop.feed, held, stored, scratch, inputs), watch).report
    finally:
        plan.close()


@contextmanager
def scratch_books() -> Iterator[Database]:
    """An empty database for the books of a drop; it is deleted at the end."""
    with scratch_folder() as folder:
        scratch = Database(in_file(folder / "books.db"))
        try:
            METADATA.create_all(scratch.engine, _OF_JOBS, checkfirst=False)
            yield scratch
        finally:
            scratch.close()
