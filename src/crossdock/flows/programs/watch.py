"""``crossdock prefect watch``: looks into the drop folders, starts runs for what is ready, sends answers.

Any number of watchers may run, on any machine that sees the home folder: whatever they do is claimed by one of them.
Nothing depends on a watcher: without one the sweep of the drop folder does its work, later.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound, PrefectException
from watchfiles import watch as changes

from crossdock.app import load_partners, open_site, read_settings
from crossdock.delivery.archive import late_writes
from crossdock.delivery.courier import Courier
from crossdock.errors import Outage
from crossdock.flows import homes, import_inbox, nightly, watching
from crossdock.flows.at_work import posting
from crossdock.flows.deployments import INBOX, NIGHT, Deployed, declared
from crossdock.flows.programs.door import unheard
from crossdock.flows.programs.server import ended_by
from crossdock.flows.programs.set_up import note, offer, tell
from crossdock.flows.schedules import last_due, schedules
from crossdock.intake.drop_folders import adopt, scan
from crossdock.intake.waiting import folders
from crossdock.jobs import leases
from crossdock.logs import LOG, as_text
from crossdock.partners.registry import Misconfigured, Partners
from crossdock.registers import nightly_runs
from crossdock.settings import Settings
from crossdock.site import Site

FORGOTTEN = "the Prefect server lacks deployments of this home, its database may be a new one: they are set up again"
POLL_SECONDS = 2.0
"""Between two looks; polling is the truth, what the system tells of changes only makes it quicker."""
MINUTE = 60.0
GRACE = timedelta(minutes=10)
"""How late Prefect may begin a night before the watcher begins it."""
STARTING = timedelta(seconds=90)
"""How long a run that was started may take to be at work."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
"""Seconds between two starts while runs don't come to work."""


def run(file: Path | None) -> None:
    """Watch until SIGTERM, Ctrl-C or the end of the terminal. ``file``: as in ``deployments.declared``."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    stop = threading.Event()
    ended_by(lambda *_: stop.set())
    watch(stop, file)


def watch(stop: threading.Event, file: Path | None) -> None:
    """Look, start, send, again and again; an outage of database or server is waited out.

    ``file``: as in ``deployments.declared``.
    """
    settings = read_settings()
    if settings.log == "text":
        as_text(settings.zone_info)
    with open_site(settings) as at_first:
        at = at_first
        LOG.info("watching the inbox of %s in %s", ", ".join(at.partners.by_id), at.home)
        courier, starter, reported = Courier(posting(settings)), Starter(settings), _Said()
        forms = Forms(settings, declared(file)(settings, at.partners))
        next_minute = 0.0
        for _ in _moments(at, stop):
            try:
                if time.monotonic() >= next_minute:
                    next_minute = time.monotonic() + MINUTE
                    at = _as_now(settings, at)
                    adopt(at)
                    late_writes(at)
                    make_up(settings, at)
                    forms.offer(at.partners)
                folder_scan = scan(at, watching.picked_up(at.partners))
                sent = courier.round(at)
                starter.start(at)
            except ObjectNotFound:
                reported.say([FORGOTTEN])
                forms.forgotten()
                next_minute = 0.0
                stop.wait(POLL_SECONDS)
            except (httpx.HTTPError, PrefectException) as outage:
                reported.say([f"{unheard(outage)}; it is tried again"])
                stop.wait(POLL_SECONDS)
            except (Outage, OSError, Misconfigured) as outage:
                reported.say([f"{outage}; it is tried again"])
                stop.wait(POLL_SECONDS)
            else:
                unsent = [f"{each.partner}, job {each.job}: {each.said}" for each in sent if not each.delivered]
                reported.say([*folder_scan.odd, *folder_scan.failing, *unsent])
        courier.close()


class Forms:
    """The forms of the deployments, which offer the partners and feeds that there are: also those added later. Where
    the server has lost the deployments, they are made again, as people had switched them.
    """

    def __init__(self, settings: Settings, wanted: list[Deployed]) -> None:
        self._settings = settings
        self._wanted = wanted
        self._offered: list[str] = []
        self._lost = False

    def forgotten(self) -> None:
        """The server doesn't know a deployment: the next offer tells it everything."""
        self._lost = True

    def offer(self, partners: Partners) -> None:
        """Bring the forms up to date where partners or feeds have changed; note what is switched off."""
        if self._lost:
            tell(self._settings, self._wanted, partners)
            self._lost = False
        names = [*partners.by_id, *(feed.name for feed in partners.feeds())]
        with get_client(sync_client=True) as client:
            if names != self._offered:
                offer(client, self._settings, self._wanted, partners)
            note(client, self._settings, self._wanted)
        self._offered = names


class _Said:
    """What went wrong, and was said at the last look, is not said again."""

    def __init__(self) -> None:
        self._before: set[str] = set()

    def say(self, sentences: list[str]) -> None:
        """Log what is new."""
        for each in sentences:
            if each not in self._before:
                LOG.warning("%s", each)
        self._before = set(sentences)


def _as_now(settings: Settings, at: Site) -> Site:
    """The partners as their TOML files are now. Raises ``Misconfigured``: the next look tries again."""
    return replace(at, partners=load_partners(settings))


def _moments(at: Site, stop: threading.Event) -> Iterator[object]:
    """When to look: at once where the system tells of a change, every few seconds anyway."""
    scan(at, ())  # makes the folders, takes nothing
    here = [folder for folder, _ in folders(at.partners, at.home, at.edi_folder) if os.path.isdir(folder)]  # noqa: PTH112  # Path.is_dir raises where the rights forbid it
    try:
        yield from changes(
            *here, stop_event=stop, rust_timeout=int(POLL_SECONDS * 1000), yield_on_timeout=True, raise_interrupt=False
        )
    except (OSError, RuntimeError) as error:  # no such service here, a folder is gone
        LOG.warning("the system tells of no changes (%s): looking every %s s", error, POLL_SECONDS)
    while not stop.wait(POLL_SECONDS):
        yield None


class Starter:
    """Starts as many runs of the drop folder as there is work for beyond those that are at it.

    Where runs that it started don't come to work (a worker is missing, a TOML is wrong on its machine), it waits longer
    each time before it starts more.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._not_before = 0.0
        self._pause = FIRST_PAUSE
        self._started: set[str] = set()

    def start(self, at: Site) -> int:
        """Start runs; returns how many."""
        ready = leases.ready(at.database, at.limits)
        kinds = (import_inbox.KIND, nightly.KIND)
        at_it = [worker for worker in leases.workers(at.database) if worker.kind in kinds]
        if self._started & {worker.run for worker in at_it}:
            self._pause = FIRST_PAUSE
        if not ready or time.monotonic() < self._not_before:
            return 0
        idle = sum(worker.job_id is None for worker in at_it)
        name = _deployment(self._settings, INBOX)
        missing = min(ready - idle, at.at_once - len(at_it)) - _coming(name, {worker.run for worker in at_it})
        if missing <= 0:
            return 0
        for _ in range(missing):
            run = cast("FlowRun", run_deployment(name, timeout=0, as_subflow=False))
            self._started.add(str(run.id))
        LOG.info("started %s of %s for %s jobs that are ready", missing, name, ready)
        self._not_before = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        return missing


def _deployment(settings: Settings, name: str) -> str:
    """The name of this home's deployment."""
    with get_client(sync_client=True) as client:
        return homes.deployment_name(client, settings, name)


def _coming(name: str, at_it: set[str]) -> int:
    """Runs of the drop folder that were started and are not at work yet. One that is late waits for a worker."""
    with get_client(sync_client=True) as client:
        deployed = client.read_deployment_by_name(name)
        kinds = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING]
        runs = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                deployment_id=FlowRunFilterDeploymentId(any_=[deployed.id]),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=kinds)),
            ),
            sort=FlowRunSort.EXPECTED_START_TIME_ASC,
            limit=200,
        )
    now = datetime.now(UTC)

    def comes(run: FlowRun) -> bool:
        due = run.expected_start_time
        if str(run.id) in at_it or due is None or due > now + timedelta(seconds=1):
            return False
        waits = run.state is not None and run.state.is_scheduled()
        return waits or due > now - STARTING  # one that runs and is not at work by then is dead

    return sum(map(comes, runs))


def make_up(settings: Settings, at: Site) -> list[UUID]:
    """Begin the nights that were missed, the last one of each schedule; a schedule that is new has missed none."""
    begun = []
    now = datetime.now(UTC)
    for each in schedules(settings, at.partners):
        try:
            due, last = last_due(each, now), nightly_runs.last(at.database, each.name, now)
        except ValueError as error:  # cron of a partner's that is none
            LOG.error("%s: %s", each.name, error)
            continue
        if due is None or (last is not None and last >= due):
            continue
        if last is None:
            nightly_runs.begin(at.database, each.name, due, "")
        elif now - due > GRACE:
            run = cast(
                "FlowRun",
                run_deployment(
                    _deployment(settings, NIGHT),
                    parameters={"schedule": each.name},
                    timeout=0,
                    as_subflow=False,
                    tags=[nightly.MADE_UP],
                    idempotency_key=f"{each.name} {due.isoformat()} {now:%dT%H}",  # an hour later again if it died
                ),
            )
            begun.append(run.id)
    return begun
