"""All of it on one machine: a real server, what ``crossdock prefect set-up`` tells it, a worker, a watcher; files are dropped, nobody does anything."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from crossdock.database import connect
from crossdock.flows.deployments import INBOX, declared, deployments
from crossdock.flows.homes import pool
from crossdock.flows.programs.server import ended, free_port, server
from crossdock.flows.switches import noted
from crossdock.jobs import leases, queries
from crossdock.partners.registry import Partners
from crossdock.settings import Settings
from tests.flows.running_server import UNMEASURED, RunningServer, named
from tests.patience import PATIENCE, until
from tests.warehouse import Warehouse, csv

NIGHT, REPLAY = "nightly/nightly", "replay/replay"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    home = tmp_path_factory.mktemp("home")
    database = connect(f"sqlite:///{home / 'crossdock.db'}")
    warehouse = Warehouse(database, home, settle=1)
    warehouse.partner("acme")
    with ExitStack() as stack:
        url = stack.enter_context(server(home / "prefect", free_port(), **UNMEASURED))
        environment = {
            **os.environ,
            "CROSSDOCK_HOME": str(home),
            "CROSSDOCK_SETTLE_SECONDS": "1",
            "CROSSDOCK_NIGHTLY": "* * * * *",
        }
        running = RunningServer(url, warehouse, environment)
        running.set_up()
        running.call("POST", f"deployments/{running.deployment(NIGHT)}/pause_deployment")
        running.set_up()  # it may be told again
        stack.enter_context(ended(running.program("prefect", "work", "--limit", "3")))
        stack.enter_context(ended(running.program("prefect", "watch")))
        yield running
    database.close()


@pytest.mark.slow
def test_a_dropped_file_is_imported_and_answered_by_itself(running_server: RunningServer) -> None:
    warehouse = running_server.warehouse
    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,5", "SO-2,1,AB,x"))
    until(lambda: (row := named(warehouse.database, "orders_1.csv")) and row.answered_at and row.filed_at)
    assert warehouse.order_numbers() == ["SO-1"]
    run = until(
        lambda: next(
            (each for each in running_server.runs("import-inbox/drop-folder") if each["state_name"] == "Partly failed"),
            None,
        )
    )
    assert run["state_type"] == "COMPLETED"
    assert "orders_1.csv" in run["state"]["message"]
    logs = running_server.call("POST", "logs/filter", logs={"level": {"ge_": logging.WARNING}}, limit=100)
    assert [each["message"] for each in logs if each["flow_run_id"] == run["id"]] == []
    assert "WARNING" not in (warehouse.home / "prefect.watch.log").read_text()


@pytest.mark.slow
def test_cancel_sets_the_job_aside_and_resume_goes_on_after_its_last_batch(running_server: RunningServer) -> None:
    warehouse = running_server.warehouse
    documents = warehouse.wordy("orders_long.csv", 60)

    def under_way() -> Any:
        row = named(warehouse.database, "orders_long.csv")
        return row if row is not None and row.processed else None

    job = until(under_way).job_id
    run = next(each.run for each in leases.workers(warehouse.database) if each.job_id == job)
    running = running_server.call("GET", f"flow_runs/{run}")
    cancelling = {"type": "CANCELLING", "name": "Cancelling"}
    running_server.call("POST", f"flow_runs/{running['id']}/set_state", state=cancelling)
    row = until(lambda: (record := queries.find(warehouse.database, job)) and record.parked and record)
    assert row.parked == f"cancelled in Prefect, run {running['name']}"
    assert 0 < row.processed < documents
    until(lambda: running_server.call("GET", f"flow_runs/{running['id']}")["state_name"] == "Cancelled")
    warehouse.drop("orders_after.csv", csv("SO-5,1,AB,5"))
    until(lambda: named(warehouse.database, "orders_after.csv") and "SO-5" in warehouse.order_numbers())
    assert queries.find(warehouse.database, job).verdict is None, "it stays where it is"
    run = running_server.run("resume/resume", job=job)
    assert run["state_name"] == "Completed"
    row = queries.find(warehouse.database, job)
    assert (row.processed, row.documents.unchanged) == (documents, 0)


@pytest.mark.slow
def test_one_file_by_hand_from_the_form(running_server: RunningServer, tmp_path: Path) -> None:
    path = tmp_path / "whatever.csv"
    path.write_text(csv("SO-9,1,AB,5"))
    run = running_server.run("import-drop/by-hand", path=str(path), feed="acme/sales_order")
    assert (run["state_name"], run["name"]) == ("Completed", "acme: whatever.csv")
    assert "SO-9" in running_server.warehouse.order_numbers()
    assert (
        running_server.run("replay/replay", document="SO-77")["state"]["message"]
        == "nothing is on hold that could be sent again"
    )


@pytest.mark.slow
def test_a_machine_that_shuts_down_lets_go_at_once(running_server: RunningServer) -> None:
    """``crossdock prefect work`` stops gently: the batch is finished, the lease is free, the run says how it ended."""
    warehouse = running_server.warehouse
    with ended(running_server.program("prefect", "work", "--limit", "1")) as second:
        workers = f"work_pools/{pool(Settings(home=warehouse.home))}/workers/filter"
        until(lambda: len(running_server.call("POST", workers)) == 2)
        warehouse.wordy("orders_shut.csv", 100)
        until(lambda: (row := named(warehouse.database, "orders_shut.csv")) and row.processed)
        second.send_signal(signal.SIGTERM)
        second.wait(PATIENCE)
    until(lambda: (row := named(warehouse.database, "orders_shut.csv")) and row.verdict)
    runs = running_server.runs(INBOX)
    assert all(each["state_type"] != "CRASHED" for each in runs)
    assert all(each["state_type"] == "COMPLETED" for each in runs if each["state_name"] == "Stopped")


@pytest.mark.slow
def test_the_cron_deployment_really_gets_its_run(running_server: RunningServer) -> None:
    """Versions that don't go together break this silently (docs/running.md): the pins are proven here."""
    warehouse, night = running_server.warehouse, running_server.deployment(NIGHT)
    warehouse.drop("orders_day.csv")
    until(lambda: (row := named(warehouse.database, "orders_day.csv")) and row.verdict)
    running_server.call("POST", f"deployments/{night}/resume_deployment")
    over = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
    run = until(lambda: next((each for each in running_server.runs(NIGHT) if each["state_type"] in over), None))
    assert (run["state_type"], run["auto_scheduled"], run["parameters"]) == ("COMPLETED", True, {"schedule": "nightly"})
    wanted = {"key": {"any_": ["night"]}, "flow_run_id": {"any_": [run["id"]]}}
    (page,) = running_server.call("POST", "artifacts/filter", artifacts=wanted)
    assert "| acme | " in page["data"]

    def ahead() -> bool:
        """The scheduler looks further ahead than one night."""
        of_night = {"id": {"any_": [night]}}
        runs = running_server.call("POST", "flow_runs/filter", deployments=of_night, sort="EXPECTED_START_TIME_ASC")
        return sum(each["state_type"] == "SCHEDULED" for each in runs) > 1

    until(ahead)


@pytest.mark.slow
def test_a_server_that_has_lost_its_deployments_gets_them_again(running_server: RunningServer) -> None:
    """Its database was deleted: the watcher said ``ObjectNotFound: None``, and nothing was imported ever after; then, what
    people had paused ran again.
    """
    warehouse = running_server.warehouse
    for name in (NIGHT, REPLAY):
        running_server.call("POST", f"deployments/{running_server.deployment(name)}/pause_deployment")
    seen = Settings(home=warehouse.home)
    until(lambda: noted(seen)[NIGHT].paused and noted(seen)[REPLAY].paused)  # by the watcher
    for name in ("import-inbox/drop-folder", NIGHT, REPLAY):
        running_server.call("DELETE", f"deployments/{running_server.deployment(name)}")
    until(lambda: not leases.workers(warehouse.database))  # a run that still lingers would take the file
    warehouse.drop("orders_lost.csv")
    until(lambda: (row := named(warehouse.database, "orders_lost.csv")) and row.filed_at)
    for name in ("import-inbox/drop-folder", NIGHT, REPLAY):
        deployment = running_server.call("GET", f"deployments/name/{name}")
        assert deployment["paused"] == (name in (NIGHT, REPLAY)), name
    running_server.call("POST", f"deployments/{running_server.deployment(REPLAY)}/resume_deployment")
    assert "they are set up again" in (warehouse.home / "prefect.watch.log").read_text()


@pytest.mark.slow
def test_on_a_new_server_stays_paused_what_was_paused_on_the_old_one(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Its database is gone, and with it who has paused what: the deployment, one schedule, the work pool."""
    warehouse = Warehouse(connect(f"sqlite:///{tmp_path / 'crossdock.db'}"), tmp_path)
    warehouse.partner("late", top='pick_up = "15 5 * * *"')
    work_pool = pool(Settings(home=tmp_path))
    seen = []
    for paused in (True, False):
        with server(tmp_path_factory.mktemp("prefect"), free_port(), **UNMEASURED) as url:
            running = RunningServer(url, warehouse, {**os.environ, "CROSSDOCK_HOME": str(tmp_path)})
            if not paused:  # by a worker that runs on
                running.call("POST", "work_pools/", name=work_pool, type="process")
            running.set_up()
            if paused:
                night = running.call("GET", f"deployments/name/{NIGHT}")
                (late,) = [each["id"] for each in night["schedules"] if each["slug"] == "nightly-late"]
                running.call("PATCH", f"deployments/{night['id']}/schedules/{late}", active=False)
                running.call("POST", f"deployments/{running.deployment(REPLAY)}/pause_deployment")
                running.call("PATCH", f"work_pools/{work_pool}", is_paused=True)
                running.set_up()
            night = running.call("GET", f"deployments/name/{NIGHT}")
            switched = {each["slug"]: each["active"] for each in night["schedules"]}
            replay = running.call("GET", f"deployments/name/{REPLAY}")["paused"]
            seen.append((switched, replay, running.call("GET", f"work_pools/{work_pool}")["is_paused"]))
    warehouse.database.close()
    assert seen == 2 * [({"nightly": True, "nightly-late": False}, True, True)]


@pytest.mark.slow
def test_what_is_no_longer_declared_goes_and_what_was_paused_stays_paused(running_server: RunningServer) -> None:
    number = running_server.deployment(NIGHT)
    running_server.call("POST", f"deployments/{number}/pause_deployment")
    running_server.warehouse.partner("late", top='pick_up = "15 5 * * *"')
    running_server.set_up()
    deployment = running_server.call("GET", f"deployments/{number}")
    assert sorted(each["slug"] for each in deployment["schedules"]) == ["nightly", "nightly-late"]
    assert deployment["paused"]
    (running_server.warehouse.home / "partners" / "late.toml").unlink()
    running_server.set_up()
    deployment = running_server.call("GET", f"deployments/{number}")
    assert [each["slug"] for each in deployment["schedules"]] == ["nightly"]
    automations = running_server.call("POST", "automations/filter")
    assert [each["name"] for each in automations] == ["crossdock: runs without a sign of life are crashed"]


@pytest.mark.slow
def test_a_flow_of_ones_own_is_deployed_from_its_file(running_server: RunningServer) -> None:
    """As ``flows/deployments.py`` says."""
    own = running_server.warehouse.home / "deployments.py"
    own.write_text(
        "from pathlib import Path\n"
        "from crossdock.flows.deployments import Deployed\n"
        "def deployments(settings, partners):\n"
        f"    return [Deployed('flows/outside.py:outside', 'weekly', 'What is outside.', folder=Path({str(ROOT)!r}))]\n"
    )
    running_server.set_up("--deployments", str(own))
    run = running_server.run("outside/weekly", partner="acme")
    assert run["state_name"] == "Completed", run["state"]
    (page,) = running_server.call("POST", "artifacts/filter", artifacts={"flow_run_id": {"any_": [run["id"]]}})
    assert "documents are outside" in page["data"]


@pytest.mark.slow
def test_another_home_on_the_same_server_has_deployments_and_a_pool_of_its_own(
    running_server: RunningServer, tmp_path: Path
) -> None:
    """Its runs know their home from the deployment, whatever the environment of a worker of its pool says."""
    home = tmp_path / "other"
    home.mkdir()
    database = connect(f"sqlite:///{home / 'crossdock.db'}")
    other = Warehouse(database, home, settle=1)
    other.partner("acme")
    environment = running_server.environment | {"CROSSDOCK_HOME": str(home), "PREFECT_WORKER_QUERY_SECONDS": "3"}
    second = RunningServer(running_server.url, other, environment)
    second.set_up()
    first_home = str(running_server.warehouse.home)
    plain = running_server.call("GET", f"deployments/{running_server.deployment(INBOX)}")
    assert plain["job_variables"]["env"]["CROSSDOCK_HOME"] == first_home
    own = pool(Settings(home=home))
    command = ("worker", "start", "--pool", own, "--type", "process")
    with (
        ended(second.started("worker", "prefect", *command, CROSSDOCK_HOME=str(tmp_path / "elsewhere"))),
        ended(second.program("prefect", "watch")),
    ):
        other.drop("orders_other.csv", csv("SO-OTHER,1,AB,5"))
        until(lambda: (row := named(database, "orders_other.csv")) and row.filed_at)
    assert named(running_server.warehouse.database, "orders_other.csv") is None
    label = own.removeprefix("crossdock")
    assert [each["work_pool_name"] for each in second.runs(INBOX + label)] == [own]
    second.set_up()
    assert second.deployment(INBOX + label), "it keeps its name"
    database.close()


def test_what_is_deployed_from_a_checkout_is_at_least_what_crossdock_deploys() -> None:
    settings, partners = Settings(), Partners({})
    house = [each.name for each in deployments(settings, partners)]
    assert len(house) == 5
    file = ROOT / "flows" / "deployments.py"
    assert [each.name for each in declared(file)(settings, partners)] == house
    assert declared(None) is deployments
