"""``crossdock prefect set-up``: tell a Prefect server everything it needs to know. May be called again at any time.

The home's work pool, its deployments with their schedules (a schedule that is no longer declared goes; what was paused
in the UI stays paused, also on a server that has lost it) and what their forms offer; the automation that marks runs
without a sign of life as crashed.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from prefect.automations import Automation
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentUpdate, WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.objects import StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.exceptions import ObjectNotFound
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.schedules import Schedule
from prefect.types.entrypoint import EntrypointType
from prefect.workers.process import ProcessWorker

from crossdock.app import load_partners, read_settings
from crossdock.flows import homes, switches
from crossdock.flows.deployments import ENVIRONMENT, HEARTBEAT_SECONDS, Deployed, declared
from crossdock.flows.switches import Switches
from crossdock.flows.watching import ENDS, PARTLY
from crossdock.partners.registry import Partners
from crossdock.settings import Settings

ZOMBIES = "crossdock: runs without a sign of life are crashed"
ENDINGS = ("Completed", "Failed", "Cancelled", "Crashed", PARTLY, *ENDS.values(), "Made already")
"""The names of the states in which runs end: after one of them no sign of life is expected."""


def run(file: Path | None) -> None:
    """Set everything up. ``file``: as in ``deployments.declared``."""
    settings = read_settings()
    partners = load_partners(settings).whole()
    for name in tell(settings, declared(file)(settings, partners), partners):
        sys.stdout.write(f"deployed  {name}\n")
    sys.stdout.write(f"work pool {homes.pool(settings)}; runs without a sign of life become Crashed\n")


def tell(settings: Settings, wanted: list[Deployed], partners: Partners) -> list[str]:
    """Tell the server everything; returns the names of the deployments."""
    with get_client(sync_client=True) as client:
        as_noted = switches.noted(settings)
        _pool(client, homes.pool(settings))
        places = [homes.deployment_name(client, settings, _name(each)) for each in wanted]
        if not any(homes.known(client, place) for place in places):
            _pause_again(client, homes.pool(settings), as_noted)
        names = [_deploy(client, settings, each, as_noted) for each in wanted]
        offer(client, settings, wanted, partners)
        note(client, settings, wanted)
    _zombies()
    return names


def note(client: SyncPrefectClient, settings: Settings, wanted: list[Deployed]) -> None:
    """Note what people have switched off, for a server that loses it."""
    switches.note(client, settings, map(_name, wanted))


def offer(client: SyncPrefectClient, settings: Settings, wanted: list[Deployed], partners: Partners) -> None:
    """Let the forms of deployments offer what there is to choose from; one that isn't deployed is left out.

    ``partners``: those of which a form offers names and feeds.
    """
    for each in wanted:
        name = homes.deployment_name(client, settings, _name(each)) if each.choices else ""
        deployment = homes.known(client, name) if name else None
        if deployment is None or deployment.parameter_openapi_schema is None:
            continue
        schema = deepcopy(deployment.parameter_openapi_schema)
        for parameter, choices in each.choices.items():
            _choosable(schema["properties"][parameter])["enum"] = choices(partners)
        if schema != deployment.parameter_openapi_schema:
            client.update_deployment(deployment.id, DeploymentUpdate(parameter_openapi_schema=schema))


def _choosable(of_parameter: dict[str, Any]) -> dict[str, Any]:
    """The part of a parameter's schema that a choice fills: of ``list[str] | None`` an item."""
    filled = [each for each in of_parameter.get("anyOf", []) if each.get("type") != "null"] or [of_parameter]
    chosen: dict[str, Any] = filled[0].get("items", filled[0])
    return chosen


def _pool(client: SyncPrefectClient, name: str) -> None:
    """The pool, as it is where there is one: what was paused in the UI stays so."""
    try:
        client.read_work_pool(name)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        client.create_work_pool(WorkPoolCreate(name=name, type="process", base_job_template=template))


def _pause_again(client: SyncPrefectClient, name: str, as_noted: Mapping[str, Switches]) -> None:
    """Pause the pool of a server that has lost everything, if it was: it is made anew, by us or by a worker."""
    if as_noted.get(name, Switches()).paused:
        client.update_work_pool(name, WorkPoolUpdate(is_paused=True))


def _deploy(client: SyncPrefectClient, settings: Settings, each: Deployed, as_noted: Mapping[str, Switches]) -> str:
    flow = _flow(each)
    name = homes.deployment_name(client, settings, _name(each))
    known = homes.known(client, name)
    switched = as_noted.get(_name(each), Switches()) if known is None else switches.of(known)
    deployment: RunnerDeployment = flow.to_deployment(  # type: ignore[assignment]  # typed as maybe-coroutine
        name=name.partition("/")[2],
        entrypoint_type=EntrypointType.MODULE_PATH,
        work_pool_name=homes.pool(settings),
        schedules=[_as_switched(schedule, switched.schedules) for schedule in each.schedules],
        paused=switched.paused,
        concurrency_limit=each.at_once,
        description=each.description,
        job_variables={"env": ENVIRONMENT | homes.carried(settings), "stream_output": False},
    )
    deployed = deployment.apply()
    wanted = {schedule.slug for schedule in each.schedules}
    for schedule in client.read_deployment_schedules(deployed):  # type: ignore[arg-type]  # the same
        if schedule.slug not in wanted:
            client.delete_deployment_schedule(deployed, schedule.id)  # type: ignore[arg-type]  # the same
    return name


def _flow(each: Deployed) -> Flow[..., Any]:
    """The flow itself: workers import it from what is installed, or from the folder of its file."""
    if each.folder is None:
        return load_flow_from_entrypoint(each.entrypoint, use_placeholder_flow=False)
    return Flow.from_source(source=str(each.folder.absolute()), entrypoint=each.entrypoint)  # type: ignore[return-value]  # the same


def _name(each: Deployed) -> str:
    """``flow/deployment``, as it is declared."""
    return f"{_flow(each).name}/{each.name}"


def _as_switched(schedule: Schedule, switched: Mapping[str, bool]) -> Schedule:
    return replace(schedule, active=switched.get(schedule.slug or "", True))


def _zombies() -> None:
    """Runs whose heartbeat stops become Crashed: three beats late, so that none that completes is taken for dead."""
    wanted = Automation(
        name=ZOMBIES,
        trigger=EventTrigger(
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=3 * HEARTBEAT_SECONDS + 10),
            match={"prefect.resource.id": "prefect.flow-run.*"},
            for_each={"prefect.resource.id"},
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.heartbeat", *(f"prefect.flow-run.{each}" for each in ENDINGS)},
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, name="Crashed", message="no sign of life")],
    )
    try:
        known = cast("Automation", Automation.read(name=ZOMBIES)).id
    except ValueError:
        wanted.create()
    else:
        wanted.id = known
        wanted.update()
