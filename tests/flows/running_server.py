"""What runs by itself, from outside: programs of ours, and a server that is asked as its UI asks it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import httpx

from crossdock.database import Database
from crossdock.flows.programs.server import ended
from crossdock.jobs import queries
from tests.patience import PATIENCE, until
from tests.warehouse import Warehouse

UNMEASURED = {"COVERAGE_PROCESS_CONFIG": ""}
"""A Prefect server, a worker and its runs: tests of flows in this process count towards the coverage, these need not."""
MEASURED = {name: os.environ.get(name, "") for name in UNMEASURED}
"""Other programs count."""


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
        path = f"deployments/{self.deployment(deployment)}/create_flow_run"
        number = self.call("POST", path, parameters=parameters)["id"]

        def over() -> Any:
            run = self.call("GET", f"flow_runs/{number}")
            return run if run["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else None

        return dict(until(over))

    def call(self, method: str, path: str, **body: Any) -> Any:
        """A call of the server's API, as whoever the environment says; a server that is busy is asked again."""
        user, _, password = self.environment.get("PREFECT_API_AUTH_STRING", "").partition(":")
        auth = (user, password) if user else None

        def answered() -> httpx.Response | None:
            url, sent = f"{self.url}/{path}", body if method in ("POST", "PATCH") else None
            response = httpx.request(method, url, json=sent, auth=auth, timeout=PATIENCE)
            return None if response.status_code == 503 else response.raise_for_status()

        answer = until(answered)
        return answer.json() if answer.content else None

    def set_up(self, *words: str) -> None:
        """Tell the server everything, as somebody does who calls the program."""
        with ended(self.program("prefect", "set-up", *words)) as running:
            assert running.wait(PATIENCE) == 0, (self.warehouse.home / "prefect.set-up.log").read_text()

    def program(self, *words: str) -> subprocess.Popen[bytes]:
        """A command of crossdock that continues."""
        counts = UNMEASURED if "work" in words else MEASURED
        return self.started(".".join(words[:2]), "crossdock", *words, **counts)

    def started(self, name: str, module: str, *words: str, **more: str) -> subprocess.Popen[bytes]:
        """A program that continues, in a folder that is no checkout; what it says is in a log of that name."""
        command, here, environment = (
            [sys.executable, "-m", module, *words],
            self.warehouse.home,
            self.environment | more,
        )
        with (here / f"{name}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=here, env=environment, stdout=log, stderr=log, start_new_session=True)


def named(database: Database, name: str) -> Any:
    """The newest job of a file of that name."""
    return next((row for row in queries.recent(database, 500) if row.name == name), None)
