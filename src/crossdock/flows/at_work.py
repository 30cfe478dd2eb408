"""What every flow needs: the settings, the site, a worker that a cancel in the UI stops, and who it is in Prefect."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from signal import SIGTERM
from typing import TYPE_CHECKING, cast
from uuid import UUID

import httpx
from prefect import runtime
from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.exceptions import PrefectException

from crossdock.app import open_site, open_wire, read_settings
from crossdock.delivery.http import NotSent, Wire, of_environment
from crossdock.logs import LOG
from crossdock.settings import Settings
from crossdock.site import Site
from crossdock.times import dated
from crossdock.workers.worker import Worker

if TYPE_CHECKING:
    from crossdock.pipeline.shares import Crew


@dataclass(frozen=True)
class AtWork:
    """A flow's run at work. ``partners``: those whose files it has begun, in that order."""

    settings: Settings
    site: Site
    worker: Worker
    wire: Wire
    partners: list[str] = field(default_factory=list)


@contextmanager
def at_work(kind: str) -> Iterator[AtWork]:
    """A worker as long as the flow runs; SIGTERM (a cancel, a machine that shuts down) stops it between two batches."""
    settings = read_settings()
    LOG.setLevel(logging.INFO)
    with (
        open_site(settings) as site,
        Worker(site.database, kind, run_id(), why_aside, crew=_crew(settings)) as worker,
        worker.stopped_by(SIGTERM),
    ):
        yield AtWork(settings, site, worker, posting(settings))


def _crew(settings: Settings) -> Crew | None:
    """Who writes the shares of a large drop: the Dask cluster of the settings; None: processes of this machine."""
    if settings.dask is None:
        return None
    from crossdock.flows.shares import Cluster

    return Cluster(settings.dask)


def posting(settings: Settings) -> Wire:
    """What may be posted where; secrets from the environment or from Prefect's blocks."""
    wire = open_wire(settings)
    return Wire(wire.hosts, wire.ca, _secret)


def _secret(name: str) -> str:
    kind, _, key = name.partition(":")
    if kind != "block":
        return of_environment(name)
    try:
        block = cast("Secret[str]", Secret.load(key))
    except (ValueError, PrefectException, httpx.HTTPError) as error:
        raise NotSent(f"Prefect has no Secret block {key}: {error}") from error
    return str(block.get())


def run_id() -> str:
    """The id of the run that this is in Prefect, or ''."""
    return str(runtime.flow_run.id or "")


def this_run() -> FlowRun | None:
    """The run that this is in Prefect, as it was when it began; None where there is none."""
    context = FlowRunContext.get()
    return context.flow_run if context else None


def begins() -> str:
    """When a run begins, now, for its name."""
    return dated(datetime.now(UTC), read_settings().zone_info)


def cancelled(run: FlowRun) -> str | None:
    """Why the job of a run is to wait for a person: somebody cancelled it; else None."""
    stopped = run.state is not None and (run.state.is_cancelling() or run.state.is_cancelled())
    return f"cancelled in Prefect, run {run.name}" if stopped else None


def why_aside() -> str | None:
    """Why the job of this run, which was told to stop, is to wait for a person, or None."""
    if not run_id():
        return None
    try:
        with get_client(sync_client=True) as client:
            return cancelled(client.read_flow_run(UUID(run_id())))
    except (httpx.HTTPError, PrefectException):
        return None  # then it continues
