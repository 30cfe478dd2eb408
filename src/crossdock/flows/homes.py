"""What of a Prefect server belongs to which home: several homes may share one, and none runs what another one has.

A home has a work pool of its own, named after its folder; its deployments tell their runs which home they work for. A
deployment has its plain name, or, where another home has that one, the name with the home's label behind it.
"""

from __future__ import annotations

import hashlib
import re

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound

from crossdock.database import parsed
from crossdock.settings import Settings, as_environment

HOME = "CROSSDOCK_HOME"
DATABASE = "CROSSDOCK_DATABASE_URL"
PLACES = (HOME, DATABASE, "CROSSDOCK_PARTNERS")
"""The settings that say where a run works; all others are those of the worker."""
FOLDERS = 2
"""Folders of a home's path that its label shows, from the last one up."""


def pool(settings: Settings) -> str:
    """The name of a home's work pool."""
    return f"crossdock-{_label(settings)}"


def _label(settings: Settings) -> str:
    """A home in a few letters: its last folders, and a digest that no other path has."""
    home = settings.home.absolute()
    folders = re.sub(r"[^a-z0-9]+", "-", "-".join(home.parts[-FOLDERS:]).lower()).strip("-")
    return f"{folders}-{hashlib.sha256(str(home).encode()).hexdigest()[:6]}"


def carried(settings: Settings) -> dict[str, str]:
    """The environment that a deployment carries: where its runs work. No password: the UI shows it to everybody."""
    url = parsed(settings.url)
    secret = url.password is not None or "password" in url.query
    environment = as_environment(settings)
    return {name: environment[name] for name in PLACES if name in environment and not (name == DATABASE and secret)}


def deployment_name(client: SyncPrefectClient, settings: Settings, name: str) -> str:
    """The name under which the server has, or gets, a deployment of this home. ``name``: ``flow/deployment``."""
    own = f"{name}-{_label(settings)}"
    if known(client, own) is not None:
        return own
    plain = known(client, name)
    free = plain is None or _home_of(plain) in (None, str(settings.home.absolute()))
    return name if free else own


def known(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    """A deployment of that very name, or None."""
    try:
        return client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None


def _home_of(deployment: DeploymentResponse) -> str | None:
    """The home that a deployment works for; None where it doesn't say (one of an earlier version)."""
    home: str | None = (deployment.job_variables or {}).get("env", {}).get(HOME)
    return home
