"""The flows on a real Prefect server: states, artifacts, retries, and a cron deployment that really gets its runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.local import free_port, server
from tests.helpers import HEADER, csv

ROOT = Path(__file__).parents[2]
GOOD = csv("SO-1,1,AB,5,S1", header=f"{HEADER},shipTo.locationId")
BAD = csv("SO-2,1,AB,5,S1", "SO-3,1,AB,x,S1", header=f"{HEADER},shipTo.locationId")
WORST = csv("SO-3,1,AB,x,S1", header=f"{HEADER},shipTo.locationId")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(tmp_path_factory.mktemp("prefect"), free_port()) as url:
        yield url


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, api: str) -> Path:
    monkeypatch.setenv("CROSSDOCK_SETTLE_SECONDS", "0")
    folder = tmp_path / "home" / "inbox" / "house"
    folder.mkdir(parents=True)
    return folder


def asked(what: str, **body: Any) -> list[dict[str, Any]]:
    """What the server's own API answers."""
    import httpx

    return list(httpx.post(f"{os.environ['PREFECT_API_URL']}/{what}/filter", json=body).raise_for_status().json())


def artifacts(key: str) -> list[dict[str, Any]]:
    return asked("artifacts", artifacts={"key": {"any_": [key]}})


@pytest.mark.parametrize(
    ("drops", "name", "failed"),
    [({"a": GOOD}, "Completed", False), ({"a": GOOD, "b": BAD}, "Partly failed", False), ({"a": WORST, "b": GOOD}, "Failed", True), ({}, "Completed", False)],
)  # fmt: skip
def test_the_state_of_a_run_tells_the_verdict(inbox: Path, drops: dict[str, str], name: str, failed: bool) -> None:
    from flows.import_inbox import import_inbox

    for base, content in drops.items():
        (inbox / f"orders_{base}.csv").write_text(content)
    state = import_inbox(return_state=True)
    assert (state.name, state.is_failed()) == (name, failed)
    assert not list(inbox.iterdir())


def test_a_run_shows_progress_and_a_summary_with_the_failures(inbox: Path) -> None:
    from flows.import_inbox import import_inbox

    (inbox / "orders_shown.csv").write_text(BAD)
    import_inbox(return_state=True)
    (progress,) = artifacts("progress-orders-shown-csv")
    assert progress["data"] == 100.0
    (summary,) = artifacts("report-orders-shown-csv")
    assert "**1 of 2 sales orders are in, 1 are not.**" in summary["data"]
    assert "- **1 ×** quantity 'x' is not a number (write it like 1234.56) (line 3)" in summary["data"]
    assert ".fix.xlsx" in summary["data"]
    (failures,) = artifacts("failures-orders-shown-csv")
    (row,) = json.loads(failures["data"])
    assert (row["times"], row["where"], row["column"]) == (1, "line 3", "quantity")
    assert row["message"] == "quantity 'x' is not a number (write it like 1234.56)"
    row_of_drop = "| orders\\_shown.csv | ⚠ partly failed | 1 | 1 | 2 |"
    assert [row_of_drop in each["data"] for each in artifacts("inbox")].count(True) == 1


def test_the_form_explains_itself_and_offers_the_feeds(api: str) -> None:
    from flows.deployments import deployments

    form = next(each for each in deployments() if each.name == "by-hand")._parameter_openapi_schema.model_dump()
    assert "on the worker's machine" in form["properties"]["path"]["description"]
    offered = form["properties"]["feed"]["enum"]
    assert {"house/sales_order", "nordhandel/sales_order"} < set(offered)
    assert form["properties"]["feed"]["default"] == offered[0] == "the one that claims the file's name"
    assert form["required"] == ["path"]


def test_one_file_by_hand_is_named_after_it(inbox: Path, tmp_path: Path) -> None:
    from prefect.client.orchestration import get_client

    from flows.import_drop import import_drop

    path = tmp_path / "orders_by_hand.csv"
    path.write_text(GOOD)
    state = import_drop(path, return_state=True)
    assert state.is_completed()
    assert path.exists()
    with get_client(sync_client=True) as client:
        assert state.state_details.flow_run_id is not None
        assert client.read_flow_run(state.state_details.flow_run_id).name == "orders_by_hand.csv"


def test_outages_are_retried_and_bad_input_is_not(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crossdock.model import Outage
    from flows import import_inbox

    real, tries = import_inbox.import_claimed, []

    def flaky(*given: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise Outage("the database does not answer")
        return real(*given)

    monkeypatch.setattr(import_inbox, "import_claimed", flaky)
    quick = import_inbox.import_waiting.with_options(retry_delay_seconds=[0.1])
    monkeypatch.setattr(import_inbox, "import_waiting", quick)
    (inbox / "orders_flaky.csv").write_text(WORST)
    state = import_inbox.import_inbox(return_state=True)
    assert (state.name, len(tries)) == ("Failed", 2)


def test_a_cron_deployment_really_gets_its_scheduled_runs_and_runs_them(inbox: Path, tmp_path: Path) -> None:
    """SQLAlchemy 2.1 and fastapi 0.155 break this silently (prefect.md): the pins are proven here."""
    (inbox / "orders_night.csv").write_text(GOOD)
    soon = datetime.now(UTC) + timedelta(seconds=80)  # its minute begins 20 to 80 s from now: time to be deployed
    environment = {**os.environ, "CROSSDOCK_NIGHTLY": f"{soon.minute} {soon.hour} * * *", "CROSSDOCK_ZONE": "UTC"}
    served = subprocess.Popen(
        [sys.executable, "-m", "flows.deployments"], cwd=ROOT, env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 200
        runs: list[dict[str, Any]] = []
        while time.monotonic() < deadline:
            runs = [run for run in asked("flow_runs") if run["auto_scheduled"]]
            if any(run["state_type"] in ("COMPLETED", "FAILED", "CRASHED") for run in runs):
                break
            time.sleep(1)
        assert [run["state_type"] for run in runs].count("COMPLETED") == 1, runs
        assert len(runs) > 1, "the scheduler looks further ahead than one night"
    finally:
        os.killpg(served.pid, signal.SIGTERM)
        try:
            served.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(served.pid, signal.SIGKILL)
            served.wait()
    assert list((tmp_path / "home" / "archive").glob("*/*/orders_night.csv"))
