"""The drop folder: whatever is complete and waits, one job after the other, as long as something comes.

Runs of it are started by the watcher (``programs.watch``), as many as there is work for; one each few minutes catches
what a watcher missed. Each takes the next job from the database, so any number of them works side by side.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed

from crossdock.delivery import courier
from crossdock.flows import watching
from crossdock.flows.at_work import AtWork, at_work, begins, run_id, this_run
from crossdock.flows.deployments import SWEEP_MINUTES
from crossdock.jobs import leases
from crossdock.jobs.leases import Acquired
from crossdock.model.report import Report
from crossdock.reports.text import line
from crossdock.workers.work import Ended, jobs_waiting, run_job

KIND = "drop folder"
SHIFT = 100
"""Jobs of one run: its page stays readable, and another one continues."""
PERIOD = timedelta(minutes=SWEEP_MINUTES)
LINGER = 20.0
"""Seconds that a run waits for more: a start costs as much as some hundred small files."""


NAMED, NOBODYS = "{taken.row.partner}: {taken.row.name}", "{taken.row.name}"
"""A task is named by partner and file; by its file alone where no partner's feed claims it."""


@task(name="import-one", task_run_name=NAMED, cache_policy=NO_CACHE)
def _import_one(at: AtWork, taken: Acquired, kept: list[Ended]) -> State[Any]:
    """Import one job, file it, answer it; its state tells what became of it."""
    name = taken.row.name
    aside = None
    with watching.unhindered():
        aside = watching.goes_on(taken, run_id(), at.site.zone)
    if aside:
        leases.park(at.site.database, taken.lease, aside)
        return Cancelled(message=aside)
    ended = run_job(at.site, at.worker, taken, watching.progress(at.site, taken.lease.job, name))
    kept.append(ended)
    if ended.report is None:
        get_run_logger().log(logging.INFO if ended.how == "stopped" else logging.WARNING, "%s: %s", name, ended.said)
        return watching.unfinished(ended.how, ended.said)
    with watching.unhindered():
        watching.summary(ended.report, at.site.database, at.site.home)
    message = line(ended.report)
    get_run_logger().info(message)
    return watching.state([ended.report], message)


def work_off(at: AtWork, coming: Iterable[Acquired]) -> list[Ended]:
    """The jobs as they come, each a task; then the answers that are due."""
    kept: list[Ended] = []
    for taken in coming:
        before, partner = len(kept), taken.row.partner
        if partner and partner not in at.partners:
            at.partners.append(partner)
            with watching.unhindered():
                watching.name_run(at.partners)
        of = _import_one.with_options(tags=[partner]) if partner else _import_one.with_options(task_run_name=NOBODYS)
        of(at, taken, kept, return_state=True)
        if len(kept) == before:  # it was not even tried
            leases.release(at.site.database, taken.lease)
        elif kept[-1].how == "lost":
            break  # this process stood still for a while: another one continues
    if not at.worker.stopping.is_set():
        courier.deliver(at.site, at.wire)
    return kept


def ended_as(kept: list[Ended], nothing: str) -> State[Any]:
    """The state of a run by how its jobs ended: what was put off outweighs a verdict."""
    reports: list[Report] = [each.report for each in kept if each.report is not None]
    message = "\n".join([*(f"{each.name}: {each.said}" for each in kept if each.said), *map(line, reports)]) or nothing
    ends = {each.how for each in kept}
    for how in watching.ENDS:
        if how in ends:
            return watching.unfinished(how, message)
    return watching.state(reports, message) if reports else Completed(message=message)


def _too_late() -> str:
    """Why a sweep has nothing to do: it is late by more than its period, so a newer one is due; '' for any other run.

    A sweep is what Prefect's scheduler has made, without parameters. The watcher's runs and those by hand are none.
    """
    run = this_run()
    if run is None or not run.auto_scheduled or run.parameters or run.expected_start_time is None:
        return ""
    late = datetime.now(UTC) - run.expected_start_time
    if late <= PERIOD:
        return ""
    return f"this sweep is late by {late.total_seconds() // 60:,.0f} minutes: a newer one looks into the drop folders"


@flow(name="import-inbox", flow_run_name=lambda: f"drop folder {begins()}")
def import_inbox(partners: list[str] | None = None, linger: float = LINGER) -> State[Any]:
    """Import what waits in the drop folders, as it becomes complete.

    Args:
        partners: Only the files of these partners are picked up; else those of every partner that is picked up at once.
        linger: Seconds to wait for more when nothing is left.
    """
    late = _too_late()
    if late:
        return Completed(name="Late", message=late)
    with at_work(KIND) as at:
        mine = partners or watching.picked_up(at.site.partners)
        kept = work_off(at, islice(jobs_waiting(at.site, at.worker, mine, linger), SHIFT))
        watching.overview([each.report for each in kept if each.report], [each.said for each in kept if each.said])
        return ended_as(kept, f"nothing waits in {at.settings.home / 'inbox'}")
