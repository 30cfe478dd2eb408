"""The flows on a real Prefect server: states, artifacts, forms, the night."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crossdock.flows.programs.server import free_port, server
from tests.flows.running_server import UNMEASURED
from tests.patience import PATIENCE
from tests.samples import thinned
from tests.warehouse import HEADER, Warehouse, csv, partner

GOOD = csv("SO-1,1,AB,5,S1", header=f"{HEADER},shipTo.locationId")
BAD = csv("SO-2,1,AB,5,S1", "SO-3,1,AB,x,S1", header=f"{HEADER},shipTo.locationId")
WORST = csv("SO-3,1,AB,x,S1", header=f"{HEADER},shipTo.locationId")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that this process talks to, also where an earlier test has imported Prefect: it reads its settings once."""
    from prefect.context import refresh_global_settings_context

    with server(tmp_path_factory.mktemp("prefect"), free_port(), **UNMEASURED) as url:
        refresh_global_settings_context()
        yield url
    refresh_global_settings_context()


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, api: str) -> Path:
    monkeypatch.setenv("CROSSDOCK_SETTLE_SECONDS", "0")
    folder = tmp_path / "home" / "inbox" / "house"
    folder.mkdir(parents=True)
    return folder


def entries(what: str, **body: Any) -> list[dict[str, Any]]:
    """What the server's own API answers."""
    import httpx

    return list(
        httpx.post(f"{os.environ['PREFECT_API_URL']}/{what}/filter", json=body, timeout=PATIENCE)
        .raise_for_status()
        .json()
    )


def artifacts(key: str) -> list[dict[str, Any]]:
    """The artifacts of a key, the oldest first; the server sorts them by their ids, which are random."""
    return sorted(entries("artifacts", artifacts={"key": {"any_": [key]}}), key=lambda each: each["created"])


@pytest.mark.parametrize(
    ("drops", "name", "failed"),
    thinned(({"a": WORST, "b": GOOD}, "Partly failed", False), ({"a": GOOD}, "Completed", False), ({"a": GOOD, "b": BAD}, "Partly failed", False), ({"a": WORST}, "Failed", True), ({}, "Completed", False)),
)  # fmt: skip
def test_the_state_of_a_run_tells_the_verdict(inbox: Path, drops: dict[str, str], name: str, failed: bool) -> None:
    from crossdock.flows.import_inbox import import_inbox

    for base, content in drops.items():
        (inbox / f"orders_{base}.csv").write_text(content)
    state = import_inbox(linger=0, return_state=True)
    assert (state.name, state.is_failed()) == (name, failed)
    assert not list(inbox.iterdir())
    run = {"id": {"any_": [str(state.state_details.flow_run_id)]}}
    tasks = {each["name"]: each for each in entries("task_runs", flow_runs=run)}
    assert set(tasks) == {f"house: orders_{base}.csv" for base in drops}
    assert all(each["tags"] == ["house"] for each in tasks.values())
    failed_tasks = {name for name, each in tasks.items() if each["state_type"] == "FAILED"}
    assert failed_tasks == {f"house: orders_{base}.csv" for base, content in drops.items() if content == WORST}
    (shown,) = entries("flow_runs", flow_runs=run)
    assert shown["name"].startswith("house: drop folder 2" if drops else "drop folder 2")
    assert shown["name"].endswith(" +00:00")
    assert shown["tags"] == (["house"] if drops else [])


@pytest.mark.parametrize(
    ("minutes", "scheduled", "parameters", "ends"),
    thinned(
        (11, True, {}, "Late"),
        (9, True, {}, "Completed"),
        (11, False, {}, "Completed"),
        (11, True, {"linger": 0.0}, "Completed"),
        every=4,
    ),
)
def test_a_sweep_that_is_late_by_more_than_its_period_ends_at_once(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, minutes: int, scheduled: bool, parameters: dict[str, Any], ends: str
) -> None:
    """A night without a worker leaves a heap of sweeps: the newest does all the work."""
    from prefect.client.orchestration import get_client
    from prefect.flow_engine import run_flow
    from prefect.states import Scheduled

    from crossdock.flows import import_inbox as inboxes

    monkeypatch.setattr(inboxes.import_inbox.fn, "__defaults__", (None, 0.0))
    (inbox / "orders_swept.csv").write_text(GOOD)
    due = datetime.now(UTC) - timedelta(minutes=minutes)
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(inboxes.import_inbox, parameters=parameters, state=Scheduled(scheduled_time=due))
    with sqlite3.connect(Path(os.environ["PREFECT_HOME"]) / "prefect.db", timeout=60) as server_own:
        made_by = "UPDATE flow_run SET auto_scheduled = ? WHERE id = ?"  # only its scheduler may set it, not the API
        assert server_own.execute(made_by, (scheduled, str(run.id))).rowcount == 1
    state: Any = run_flow(inboxes.import_inbox, flow_run=run, parameters=parameters, return_type="state")
    assert (state.name, state.is_completed()) == (ends, True)
    assert [each.name for each in inbox.iterdir()] == (["orders_swept.csv"] if ends == "Late" else [])
    if ends == "Late":
        assert state.message == "this sweep is late by 11 minutes: a newer one looks into the drop folders"


def test_a_run_shows_progress_and_a_summary_with_the_failures(inbox: Path) -> None:
    from crossdock.flows.import_inbox import import_inbox

    (inbox / "orders_shown.csv").write_text(BAD)
    import_inbox(linger=0, return_state=True)
    (progress,) = artifacts("progress-orders-shown-csv")
    assert progress["data"] == 100.0
    (summary,) = artifacts("report-orders-shown-csv")
    assert "**1 of 2 sales orders are imported, 1 are on hold.**" in summary["data"]
    assert "- **1 ×** quantity 'x' is not a number (write it like 1234.56) (line 3, SO-3)" in summary["data"]
    assert ".fix.xlsx" in summary["data"]
    (failures,) = artifacts("failures-orders-shown-csv")
    (row,) = json.loads(failures["data"])
    assert (row["times"], row["document"], row["where"], row["column"]) == (1, "SO-3", "line 3, SO-3", "quantity")
    assert row["message"] == "quantity 'x' is not a number (write it like 1234.56)"
    row_of_drop = "| orders\\_shown.csv | ⚠ partly failed | 1 | 1 | 2 |"
    assert [row_of_drop in each["data"] for each in artifacts("inbox")].count(True) == 1


def form(deployment: str) -> dict[str, Any]:
    """The parameters of a deployment as its form shows them."""
    import httpx

    asked_for = f"{os.environ['PREFECT_API_URL']}/deployments/name/{deployment}"
    return dict(
        httpx.get(asked_for, timeout=PATIENCE).raise_for_status().json()["parameter_openapi_schema"]["properties"]
    )


def test_a_form_explains_itself_and_offers_what_there_is_also_a_partner_that_is_added_later(
    api: str, warehouse: Warehouse
) -> None:
    from crossdock.flows.deployments import deployments
    from crossdock.flows.programs import set_up
    from crossdock.flows.programs.watch import Forms
    from crossdock.settings import Settings

    set_up.run(None)
    by_hand = form("import-drop/by-hand")
    assert "on the worker's machine" in by_hand["path"]["description"]
    assert by_hand["feed"]["enum"] == ["the one that claims the file's name", "acme/sales_order", "acme/sku"]
    assert by_hand["feed"]["default"] == by_hand["feed"]["enum"][0]
    assert form("replay/replay")["partner"]["enum"] == ["every partner", "acme"]
    settings = Settings()
    forms = Forms(settings, deployments(settings, warehouse.site.partners))
    warehouse.partner("later")
    forms.offer(warehouse.site.partners)
    assert form("import-drop/by-hand")["feed"]["enum"][-2:] == ["later/sales_order", "later/sku"]
    assert "on the worker's machine" in form("import-drop/by-hand")["path"]["description"], "the rest stays"
    assert form("replay/replay")["partner"]["enum"] == ["every partner", "acme", "later"]
    assert form("import-inbox/drop-folder")["partners"]["anyOf"][0]["items"]["enum"] == ["acme", "later"]


def test_one_file_by_hand_is_named_after_it(inbox: Path, tmp_path: Path) -> None:
    from prefect.client.orchestration import get_client

    from crossdock.flows.import_drop import import_drop

    path = tmp_path / "orders_by_hand.csv"
    path.write_text(GOOD)
    state = import_drop(path, return_state=True)
    assert state.is_completed()
    assert path.exists()
    with get_client(sync_client=True) as client:
        assert state.state_details.flow_run_id is not None
        assert client.read_flow_run(state.state_details.flow_run_id).name == "house: orders_by_hand.csv"


def test_a_file_that_no_partner_claims_is_named_by_itself(api: str, warehouse: Warehouse, tmp_path: Path) -> None:
    from crossdock.flows.import_drop import import_drop

    path = tmp_path / "nobodys.txt"
    path.write_text("x")
    state = import_drop(path, return_state=True)
    assert state.is_failed()
    run = {"id": {"any_": [str(state.state_details.flow_run_id)]}}
    assert [(each["name"], each["tags"]) for each in entries("task_runs", flow_runs=run)] == [("nobodys.txt", [])]
    assert [(each["name"], each["tags"]) for each in entries("flow_runs", flow_runs=run)] == [("nobodys.txt", [])]


@pytest.mark.parametrize("aside", [None, "cancelled in Prefect, run calm-otter"])
def test_a_run_whose_worker_stops_is_cancelled_only_if_somebody_cancelled_it(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, aside: str | None
) -> None:
    from crossdock.flows import import_inbox as flow
    from crossdock.flows import watching
    from crossdock.workers.work import Ended

    monkeypatch.setattr(
        flow, "run_job", lambda site, worker, taken, watch: Ended("J", "orders_a.csv", "stopped", "stops")
    )
    monkeypatch.setattr(watching, "why_aside", lambda: aside)
    (inbox / "orders_a.csv").write_text(GOOD)
    state = flow.import_inbox(linger=0, return_state=True)
    run = {"id": {"any_": [str(state.state_details.flow_run_id)]}}
    (task,) = entries("task_runs", flow_runs=run)
    ends = ("Cancelled", "CANCELLED") if aside else ("Stopped", "COMPLETED")
    assert (state.name, state.type.value) == (task["state_name"], task["state_type"]) == ends
    assert state.message == "orders_a.csv: stops"


def test_an_outage_puts_a_job_off_and_bad_input_does_not(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crossdock.database import connect
    from crossdock.errors import Outage
    from crossdock.flows.import_inbox import import_inbox
    from crossdock.flows.replay import resume
    from crossdock.jobs import leases, queries
    from crossdock.workers import work as one_by_one

    (inbox / "orders_flaky.csv").write_text(WORST)
    with monkeypatch.context() as patch:
        patch.setattr(one_by_one, "imported", lambda *_, **__: (_ for _ in ()).throw(Outage("the database is away")))
        state = import_inbox(linger=0, return_state=True)
    assert (state.name, state.is_failed(), state.message) == ("Put off", True, "orders_flaky.csv: the database is away")
    books = connect(f"sqlite:///{inbox.parents[1] / 'crossdock.db'}")
    (row,) = queries.recent(books, 5)
    assert (row.verdict, row.said) == (None, "the database is away")
    assert import_inbox(linger=0, return_state=True).name == "Completed", "not before its pause is over"
    assert resume(row.job_id, return_state=True).name == "Failed"
    assert leases.workers(books) == []
    books.close()


def test_the_night_is_made_once_and_told_on_one_page(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crossdock.flows import nightly as night

    (inbox / "orders_night.csv").write_text(BAD)
    monkeypatch.setattr(night, "_scheduled", lambda: True)
    assert night.nightly(return_state=True).name == "Partly failed"
    page = artifacts("night")[-1]["data"]
    assert page.startswith("# 1 of 2 documents are in, 1 are on hold")
    assert re.search(r"Since \d{4}-\d\d-\d\d \d\d:\d\d \+00:00, as of now\.", page)
    assert "| house | 2 | 1 | 1 | 1 | 0 | 0 | 0 | orders\\_night.csv, " in page
    assert night.nightly(return_state=True).name == "Made already"
    monkeypatch.setattr(night, "_scheduled", lambda: False)
    assert night.nightly(return_state=True).name == "Completed", "by hand whenever somebody wants"
    with pytest.raises(KeyError):
        night.nightly("nightly-nobody")


def test_the_nights_page_names_what_waits_and_what_cannot_be_read(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same words as ``crossdock status``, with times in the settings' zone."""
    from crossdock.flows.nightly import nightly
    from tests.rights import ME, rights_bite

    monkeypatch.setenv("CROSSDOCK_ZONE", "Asia/Kathmandu")
    monkeypatch.setenv("CROSSDOCK_PARTNERS", str(inbox.parents[1] / "partners"))
    partner(inbox.parents[1], keys='done_file = "{name}.done"')
    acme = inbox.parent / "acme"
    acme.mkdir()
    for name in ("orders_page.csv", "sku_page.csv"):
        (acme / name).write_text(GOOD)
    (acme / "sku_page.csv").chmod(0)
    with rights_bite():
        assert nightly(return_state=True).name == "Completed"
    page = re.sub(r"\d\d:\d\d \+", "HH:MM +", artifacts("night")[-1]["data"]).replace("\\", "")
    assert f"- {acme}/orders_page.csv waits for orders_page.csv.done since HH:MM +05:45" in page
    assert f"- {acme}/sku_page.csv can't be read: it belongs to {ME}, mode 000" in page


def test_secrets_may_be_blocks_of_prefect(api: str) -> None:
    from prefect.blocks.system import Secret

    from crossdock.delivery.http import NotSent
    from crossdock.flows.at_work import posting
    from crossdock.settings import Settings

    Secret(value="s3cret").save("acme-token", overwrite=True)
    wire = posting(Settings(post_hosts=("acme.example",)))
    assert wire.hosts == ("acme.example",)
    assert wire.secret("block:acme-token") == "s3cret"
    for name, sentence in (
        ("block:none", "Prefect has no Secret block none"),
        ("env:NONE", "the environment has no NONE"),
    ):
        with pytest.raises(NotSent, match=sentence):
            wire.secret(name)


def test_held_documents_are_sent_again_from_the_form(inbox: Path) -> None:
    from crossdock.flows.import_inbox import import_inbox
    from crossdock.flows.replay import replay

    (inbox / "orders_held.csv").write_text(BAD)
    import_inbox(linger=0, return_state=True)
    again = replay(document="SO-3", return_state=True)
    assert (again.name, "orders_held.csv" in again.message) == ("Failed", True), "it is as wrong as it was"
    assert replay(document="SO-77", return_state=True).message == "nothing is on hold that could be sent again"


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_dead_runs_job_goes_on_and_both_say_so_or_waits_where_it_was_cancelled(
    api: str, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, cancelled: bool
) -> None:
    from prefect import flow
    from prefect.client.orchestration import get_client
    from prefect.states import Cancelling, Running

    from crossdock.flows.import_inbox import import_inbox
    from crossdock.intake.drop_folders import scan
    from crossdock.jobs import leases, queries

    @flow
    def dead() -> None:
        """Its process is gone."""

    monkeypatch.setenv("CROSSDOCK_SETTLE_SECONDS", "0")
    database, name = warehouse.database, f"orders_left_{cancelled}.csv".lower()
    with get_client(sync_client=True) as client:
        before = client.create_flow_run(dead, state=Cancelling() if cancelled else Running())
        warehouse.drop(name)
        scan(warehouse.site)
        worker = leases.enter(database, "host:1", "drop folder", str(before.id))
        taken = leases.take(database, worker, warehouse.site.limits)
        assert taken is not None
        warehouse.forget_workers()
        ended = import_inbox(linger=0, return_state=True)
        left = client.read_flow_run(before.id).state
    row, links = queries.find(database, taken.lease.job), artifacts(f"goes-on-orders-left-{cancelled}-csv".lower())
    assert (left is not None, row is not None, ended.name) == (True, True, "Completed")
    if cancelled:
        assert (left.name, row.verdict, row.parked) == ("Cancelled", None, f"cancelled in Prefect, run {before.name}")
        assert links == []
    else:
        assert left.is_crashed()
        assert left.message.startswith("no sign of life since ")
        assert (row.verdict is not None, len(links)) == (True, 1)
        assert before.name in links[0]["description"]
