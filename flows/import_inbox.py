"""Every file that waits in the drop folder: the nightly flow, and on demand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Failed

from crossdock.cli.saying import desk, line, settings
from crossdock.cli.saying import stray as saying_stray
from crossdock.inbox import import_claimed, pick_up
from crossdock.model import Report
from crossdock.receive import Claimed, strays
from flows import watching
from flows.import_drop import RETRIES, RETRY_SECONDS, is_outage


@task(
    task_run_name="{claimed.path.name}",
    retries=RETRIES,
    retry_delay_seconds=RETRY_SECONDS,
    retry_condition_fn=is_outage,
    cache_policy=NO_CACHE,
)
def import_waiting(claimed: Claimed) -> Report | None:
    """Import one claimed file and put it away; None where another worker does."""
    with desk(settings()) as at:
        brought = get_run_logger().info
        found = import_claimed(at, claimed, watching.progress(claimed.path.name), lambda each: brought(line(each)))
        if found is not None:
            watching.summary(found, at.database, at.home)
    return found


@flow(name="import-inbox", flow_run_name=lambda: f"inbox {datetime.now(UTC):%Y-%m-%d %H:%M}Z")
def import_inbox() -> State[Any]:
    """Import everything that waits, in its order: a bad file lets the next go, an outage stops the run."""
    told = settings()
    log = get_run_logger()
    reports: list[Report] = []
    outages: list[str] = []
    with desk(told) as at:
        for claimed in pick_up(at, told.settle_seconds):
            ended = import_waiting(claimed, return_state=True)
            if not ended.is_completed():
                outages.append(f"{claimed.path.name}: {ended.message}")
                log.error(outages[-1])
                if is_outage(None, None, ended):
                    break  # what comes next may need what this one brings
                continue
            found = ended.result()
            if found is not None:
                reports.append(found)
                log.info(line(found))
    for stray in strays(told.home / "inbox"):
        log.warning(saying_stray(stray))
    watching.overview(reports, outages)
    said = "\n".join([*outages, *(line(found) for found in reports)]) or f"nothing waits in {told.home / 'inbox'}"
    return Failed(message=said) if outages else watching.state(reports, said)
