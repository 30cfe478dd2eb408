"""The import of a drop: every document that is right goes in, every line that can't is answered for."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection

from crossdock.database import Database, changes
from crossdock.database.lookups import Stored as StoredIn
from crossdock.failures.refusals import Refused
from crossdock.jobs import booking, lifecycle
from crossdock.jobs.leases import Lease
from crossdock.model.decision import Decision
from crossdock.model.drop import Drop
from crossdock.model.report import Report
from crossdock.pipeline.load import merge, stamped
from crossdock.pipeline.run import Run, Terms, Watch, open_job, plan_of, report_of, run_batches, terms


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
        return report_of(database, lifecycle.refuse(database, drop, refused.sentence, job, lease))
    try:
        held = open_job(plan, drop, database, job, lease)

        def write(connection: Connection, checked: Decision, number: int) -> None:
            change = changes.new()
            database.dialect.name_session(connection, held.id, held.token)
            staged = database.dialect.stage(connection, stamped(checked.writes, change))
            changes.note(database, connection, checked.history, change, held.id)
            lifecycle.fence(connection, held, number)
            merge(database, connection, staged, checked, drop.feed, held.id, change)

        return run_batches(Run(plan, drop.feed, held, StoredIn(database), database, write, given), watch)
    finally:
        plan.close()
