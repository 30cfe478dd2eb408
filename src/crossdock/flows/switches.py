"""What people have switched off in Prefect: deployments, their schedules, the work pool. It is noted under the home
folder, so that a server that has lost its database, or a new one, doesn't switch it on again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.responses import DeploymentResponse
from pydantic import BaseModel, TypeAdapter, ValidationError

from crossdock.flows import homes
from crossdock.intake.files import complete_at_end
from crossdock.settings import Settings

NOTE = "prefect.switches.json"
"""The note's name in the home folder."""


class Switches(BaseModel):
    """Whether a deployment, or the work pool, is paused; ``schedules``: whether each of its own is on, by its slug."""

    paused: bool = False
    schedules: dict[str, bool] = {}


_NOTED = TypeAdapter(dict[str, Switches])


def of(deployment: DeploymentResponse) -> Switches:
    """The switches of a deployment as the server has it."""
    schedules = {each.slug: each.active for each in deployment.schedules if each.slug}
    return Switches(paused=deployment.paused, schedules=schedules)


def noted(settings: Settings) -> dict[str, Switches]:
    """The note: ``flow/deployment``, or the name of the work pool → its switches; without one, nothing is switched."""
    try:
        return _NOTED.validate_json((settings.home / NOTE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return {}


def note(client: SyncPrefectClient, settings: Settings, names: Iterable[str]) -> None:
    """Note the switches of the work pool and of these deployments (``flow/deployment``); of what the server doesn't
    know the note stays. Where it has lost all of them, the pool that it has is one that a worker has made anew.
    """
    before = noted(settings)
    every = {name: homes.known(client, homes.deployment_name(client, settings, name)) for name in names}
    deployed = {name: of(each) for name, each in every.items() if each is not None}
    now = before | deployed
    if deployed:
        pool = client.read_work_pool(homes.pool(settings))
        now[pool.name] = Switches(paused=pool.is_paused)
    if now != before:
        text = json.dumps({name: each.model_dump() for name, each in sorted(now.items())}, indent=1)
        with complete_at_end(settings.home / NOTE) as half:
            half.write_text(text, encoding="utf-8")
