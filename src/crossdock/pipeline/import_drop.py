"""The import of a drop: every correct document is stored, every other line is reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from crossdock.database import Database, changes
from crossdock.database.lookups import Stored as StoredIn
from crossdock.database.lookups import StoredWithPending
from crossdock.failures.refusals import Refused
from crossdock.jobs import booking, interchanges, lifecycle, queries
from crossdock.jobs.leases import Lease
from crossdock.jobs.lifecycle import OwnedJob, Share
from crossdock.model.decision import Decision
from crossdock.model.drop import Drop
from crossdock.model.job import JobRecord
from crossdock.model.report import Report
from crossdock.partners.feed import Feed
from crossdock.pipeline.load import merge, stamped
from crossdock.pipeline.run import (
    Run,
    Terms,
    Watch,
    as_its_units_say,
    in_turn,
    open_job,
    plan_of,
    rehearsed_run,
    run_batches,
    terms,
)
from crossdock.pipeline.staging.plan import Plan

if TYPE_CHECKING:
    from crossdock.pipeline.shares import Sharing


def import_drop(
    drop: Drop,
    database: Database,
    *,
    watch: Watch = lambda _: None,
    inputs: Terms | None = None,
    sharing: Sharing | None = None,
) -> Report:
    """The report of a drop that no worker has taken, and that is ``imported``: it continues the unfinished job of the
    same bytes, else a new one begins.
    """
    return imported(drop, database, watch=watch, inputs=inputs, sharing=sharing).report


def imported(
    drop: Drop,
    database: Database,
    *,
    lease: Lease | None = None,
    watch: Watch = lambda _: None,
    inputs: Terms | None = None,
    sharing: Sharing | None = None,
) -> JobRecord:
    """Import a drop: every correct document is stored, every other line is reported. Returns the job as it is then.

    ``lease``: the job that a worker has taken for it; without one an unfinished job of the same bytes is continued,
    else a new one begins. ``watch`` gets the progress after each batch. ``sharing``: the drop is divided into
    shares, if its documents don't lean on each other, which other processes write. A refused drop raises nothing, its
    job has the sentence. Raises ``Outage`` where something outside failed (``Overtaken`` where another worker has
    the job now); importing the file again continues where this stopped, and so does the next worker that takes the job.
    """
    inputs = inputs or terms()
    drop = as_its_units_say(drop, StoredIn(database))
    job = booking.new_id(datetime.now(UTC))
    try:
        plan = plan_of(drop, database, inputs)
    except Refused as refused:
        return queries.one(database, lifecycle.refuse(database, drop, refused.sentence, job, lease))
    try:
        shares = 1 if sharing is None or drop.rehearsed or in_turn(plan, drop.feed) else sharing.number
        held = open_job(plan, drop, database, job, lease, shares)
        if plan.sets:
            interchanges.keep_sets(database, held.id, plan.sets)

        if drop.rehearsed:
            return _rehearsed(drop, plan, database, held, watch, inputs)

        run = stored_run(plan, drop.feed, held, database, inputs)
        return run_batches(run, watch, None if sharing is None else sharing.run)
    finally:
        plan.close()


def stored_run(plan: Plan, feed: Feed, job: OwnedJob, database: Database, inputs: Terms) -> Run:
    """The run that stores the documents of a drop."""

    def write(connection: Connection, checked: Decision, share: Share, number: int) -> None:
        change = changes.new()
        database.dialect.name_session(connection, job.id, share.token)
        staged = database.dialect.stage(connection, stamped(checked.writes, change))
        changes.note(database, connection, checked.history, change, job.id)
        lifecycle.fence(connection, job, share, number)
        merge(database, connection, staged, checked, feed, job.id, change)

    return Run(plan, feed, job, StoredIn(database), database, write, inputs)


def _rehearsed(drop: Drop, plan: Plan, database: Database, held: OwnedJob, watch: Watch, inputs: Terms) -> JobRecord:
    """Check a test as if it were real: it has its books and its answer, and nothing of it is stored."""
    stored = StoredWithPending(StoredIn(database))
    return run_batches(rehearsed_run(plan, drop.feed, replace(held, rehearsed=True), stored, database, inputs), watch)
