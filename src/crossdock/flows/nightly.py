"""The night: everything that waits is imported, every answer sent that can go, and the last day told on one page.

A night is begun once, whatever Prefect makes of it: a run that comes late makes it up, and those of earlier nights that
come with it have nothing to do.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed

from crossdock.database import Database
from crossdock.delivery.morning import morning
from crossdock.flows import watching
from crossdock.flows.at_work import at_work, begins, run_id, this_run
from crossdock.flows.import_inbox import ended_as, work_off
from crossdock.flows.schedules import MAIN, last_due, schedules
from crossdock.jobs import leases
from crossdock.registers import nightly_runs
from crossdock.times import dated
from crossdock.workers.work import LOOK_SECONDS, jobs_waiting

KIND = "nightly"
DAY = timedelta(hours=24)
MADE_UP = "made up"
"""The tag of a run that makes up a missed night."""


def _scheduled() -> bool:
    """Whether Prefect's scheduler made this run, or the watcher in its place; not somebody who wants it now."""
    run = this_run()
    return run is not None and (run.auto_scheduled or MADE_UP in (run.tags or []))


def _now() -> datetime:
    """Now, or when the run was to begin: a run may begin a moment early."""
    run = this_run()
    expected = run.expected_start_time if run else None
    return max(datetime.now(UTC), expected) if expected else datetime.now(UTC)


def _others(database: Database, begun: datetime) -> bool:
    """Whether others still import what came before the night began."""
    return any(job.received_at <= begun for job in leases.running(database))


@flow(name="nightly", flow_run_name=lambda: f"night of {begins()}")
def nightly(schedule: str = MAIN) -> State[Any]:
    """Import everything that waits, and tell the last day.

    Args:
        schedule: Which night: "nightly" for all partners, or "nightly-<partner>" for one that has a time of its own.
    """
    with at_work(KIND) as at:
        mine = {each.name: each for each in schedules(at.settings, at.site.partners)}[schedule]
        if _scheduled():
            due = last_due(mine, _now())
            when = dated(due, at.site.zone) if due else "no time"
            if due is None or not nightly_runs.begin(at.site.database, schedule, due, run_id()):
                return Completed(name="Made already", message=f"the night that was due at {when} has been made")
            get_run_logger().info("the night that was due at %s", when)
        begun = datetime.now(UTC)
        kept = work_off(at, jobs_waiting(at.site, at.worker, mine.partners))
        while _others(at.site.database, begun) and not at.worker.stopping.wait(LOOK_SECONDS):
            kept += work_off(at, jobs_waiting(at.site, at.worker, mine.partners))
        site = at.site
        watching.night(morning(site.database, site.partners, site.home, datetime.now(UTC) - DAY, site.zone))
        return ended_as(kept, "nothing waited")
