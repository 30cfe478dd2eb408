"""What runs by itself, from outside: programs of ours, and a server that is asked as its UI asks it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from crossdock.database import Database
from crossdock.jobs import queries
from tests.patience import PATIENCE, until
from tests.warehouse import Warehouse

ROOT = Path(__file__).parents[2]
UNMEASURED = {"COVERAGE_PROCESS_CONFIG": ""}
"""A Prefect server and what it starts: tests of flows in this process count towards the coverage, these need not."""


@dataclass
class RunningServer:
    """What runs, and how to ask the server about it."""

    url: str
    warehouse: Warehouse
    environment: dict[str, str]

    def runs(self, deployment: str | None = None) -> list[dict[str, Any]]:
        """The runs that have begun, newest first."""
        ids = {} if deployment is None else {"deployment_id": {"any_": [self.deployment(deployment)]}}
        begun = {"state": {"type": {"not_any_": ["SCHEDULED"]}}} | ids
        return list(self.call("POST", "flow_runs/filter", sort="START_TIME_DESC", limit=100, flow_runs=begun))

    def deployment(self, name: str) -> str:
        return str(self.call("GET", f"deployments/name/{name}")["id"])

    def run(self, deployment: str, **parameters: Any) -> dict[str, Any]:
        """Start a run as the form in the UI does; how it ended."""
        asked = f"deployments/{self.deployment(deployment)}/create_flow_run"
        number = self.call("POST", asked, parameters=parameters)["id"]

        def over() -> Any:
            run = self.call("GET", f"flow_runs/{number}")
            return run if run["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else None

        return dict(until(over))

    def call(self, method: str, path: str, **body: Any) -> Any:
        """A call of the server's API, as whoever the environment says; a server that is busy is asked again."""
        user, _, password = self.environment.get("PREFECT_API_AUTH_STRING", "").partition(":")
        auth = (user, password) if user else None

        def answered() -> httpx.Response | None:
            url, sent = f"{self.url}/{path}", body if method == "POST" else None
            found = httpx.request(method, url, json=sent, auth=auth, timeout=PATIENCE)
            return None if found.status_code == 503 else found.raise_for_status()

        found = until(answered)
        return found.json() if found.content else None

    def set_up(self) -> None:
        """Tell the server everything, as somebody does who calls the program."""
        command = [sys.executable, "-m", "flows.set_up"]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def program(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.warehouse.home / f"{module}.log").open("ab")
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True)


def named(database: Database, name: str) -> Any:
    """The newest job of a file of that name."""
    return next((row for row in queries.recent(database, 500) if row.name == name), None)
