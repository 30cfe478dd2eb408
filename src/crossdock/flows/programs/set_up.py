"""``crossdock prefect set-up``: tell a Prefect server everything it needs to know. May be called again at any time.

The work pool, the deployments with their schedules (a schedule that is no longer declared goes; what was paused in the
UI stays paused), and the automation that marks runs without a sign of life as crashed.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from prefect.automations import Automation
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
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
from crossdock.flows.deployments import ENVIRONMENT, HEARTBEAT_SECONDS, POOL, Deployed, declared
from crossdock.flows.watching import ENDS, PARTLY

ZOMBIES = "crossdock: runs without a sign of life are crashed"
ENDINGS = ("Completed", "Failed", "Cancelled", "Crashed", PARTLY, *ENDS.values(), "Made already")
"""The names of the states in which runs end: after one of them no sign of life is expected."""


def run(file: Path | None) -> None:
    """Set everything up. ``file``: as in ``deployments.declared``."""
    settings = read_settings()
    wanted = declared(file)(settings, load_partners(settings).whole())
    with get_client(sync_client=True) as client:
        _pool(client)
        for each in wanted:
            sys.stdout.write(f"deployed  {_deploy(client, each)}/{each.name}\n")
    _zombies()
    sys.stdout.write(f"work pool {POOL}; runs without a sign of life become Crashed\n")


def _pool(client: SyncPrefectClient) -> None:
    """The pool, as it is where there is one: what was paused in the UI stays so."""
    try:
        client.read_work_pool(POOL)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=template))


def _deploy(client: SyncPrefectClient, each: Deployed) -> str:
    flow = _flow(each)
    paused, switched = _switched(client, f"{flow.name}/{each.name}")
    deployment: RunnerDeployment = flow.to_deployment(  # type: ignore[assignment]  # typed as maybe-coroutine
        name=each.name,
        entrypoint_type=EntrypointType.MODULE_PATH,
        work_pool_name=POOL,
        schedules=[_as_switched(schedule, switched) for schedule in each.schedules],
        paused=paused,
        concurrency_limit=each.at_once,
        description=each.description,
        job_variables={"env": ENVIRONMENT, "stream_output": False},
    )
    deployed = deployment.apply()
    wanted = {schedule.slug for schedule in each.schedules}
    for schedule in client.read_deployment_schedules(deployed):  # type: ignore[arg-type]  # the same
        if schedule.slug not in wanted:
            client.delete_deployment_schedule(deployed, schedule.id)  # type: ignore[arg-type]  # the same
    return flow.name


def _flow(each: Deployed) -> Flow[..., Any]:
    """The flow itself: workers import it from what is installed, or from the folder of its file."""
    if each.folder is None:
        return load_flow_from_entrypoint(each.entrypoint, use_placeholder_flow=False)
    return Flow.from_source(source=str(each.folder.absolute()), entrypoint=each.entrypoint)  # type: ignore[return-value]  # the same


def _switched(client: SyncPrefectClient, name: str) -> tuple[bool, dict[str, bool]]:
    """What was switched in the UI: whether the deployment is paused, and which schedules are on."""
    try:
        deployment = client.read_deployment_by_name(name)
    except ObjectNotFound:
        return False, {}
    return deployment.paused, {each.slug: each.active for each in deployment.schedules if each.slug}


def _as_switched(schedule: Schedule, switched: dict[str, bool]) -> Schedule:
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
