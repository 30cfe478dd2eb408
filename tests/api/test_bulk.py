"""Many documents over HTTP: 202, then the job."""

from __future__ import annotations

import gzip
import json

import pytest

from crossdock.api.door.state import Options
from crossdock.database import Database
from crossdock.errors import Outage
from crossdock.jobs import booking
from crossdock.workers import requests
from tests.api.conftest import Api, serving
from tests.api.test_singles import ORDERS, order
from tests.patience import until
from tests.warehouse import Warehouse


@pytest.mark.both
def test_many_documents_are_a_job(api: Api) -> None:
    body = {"data": [order(f"SO-{number}")["data"] for number in range(3)] + [order("SO-9", "x")["data"]]}
    taken = api.client.post(f"{ORDERS}/bulk", json=body)
    assert taken.status_code == 202, taken.text
    data = taken.json()["data"]
    assert data == {
        "jobId": data["jobId"],
        "status": "RECEIVED",
        "failedOrders": [],
        "progress": {"processed": 0, "total": 0},
    }
    assert taken.headers["Location"] == f"/jobs/{data['jobId']}"
    ended = api.finished(data["jobId"])
    assert ended["progress"] == {"processed": 4, "total": 4}
    assert [each["customerOrderNumber"] for each in ended["failedOrders"]] == ["SO-9"]
    assert api.client.get(f"{ORDERS}/bulk/{data['jobId']}").json()["data"] == ended
    assert api.warehouse.order_numbers() == ["SO-0", "SO-1", "SO-2"]


def test_what_is_taken_is_on_the_disk_before_that_is_said(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body without a job is nobody's, and is removed: a power cut after a 202 lost it."""
    kept = []
    monkeypatch.setattr(Database, "keep", lambda _: kept.append([row.status for row in warehouse.jobs()]))
    with serving(warehouse, Options(works=False)) as url:
        api = Api(warehouse, url)
        assert api.client.post(f"{ORDERS}/bulk", json={"data": [order()["data"]]}).status_code == 202
        api.client.close()
    assert kept == [["RECEIVED"]]


@pytest.mark.both
def test_who_waits_gets_the_end_and_failures_come_page_by_page(api: Api) -> None:
    body = {"data": [order(f"SO-{number}", "x")["data"] for number in range(5)]}
    ended = api.client.post(f"{ORDERS}/bulk", json=body, headers={"Prefer": "respond-async, wait=30"})
    assert (ended.status_code, ended.json()["data"]["status"]) == (200, "FAILED")
    path, seen = f"{ended.headers['Location']}?limit=2", []
    while path:
        page = api.client.get(path).json()
        seen += [each["customerOrderNumber"] for each in page["data"]["failedOrders"]]
        path = page["paging"]["next"]
    assert seen == [f"SO-{number}" for number in range(5)]
    assert "paging" not in api.client.get(ended.headers["Location"]).json()
    assert api.client.get(f"{ended.headers['Location']}?limit=1001").status_code == 400


def test_a_server_that_only_answers_leaves_bulk_to_the_workers_beside_it(warehouse: Warehouse) -> None:
    """So it stands beside Prefect, whose runs import what waits (``CROSSDOCK_API_WORKS=false``)."""
    with serving(warehouse, Options(works=False)) as url:
        api = Api(warehouse, url)
        taken = api.client.post(f"{ORDERS}/bulk", json={"data": [order()["data"]]}, headers={"Prefer": "wait=1"})
        assert (taken.status_code, taken.json()["data"]["status"]) == (202, "RECEIVED")
        assert api.client.post(ORDERS, json=order("SO-2")).status_code == 201
        assert [ended.report.verdict for ended in warehouse.work() if ended.report] == ["ACCEPTED"]
        assert api.client.get(taken.headers["Location"]).json()["data"]["status"] == "COMPLETED"
        api.client.close()


def test_a_body_that_no_outage_let_in_does_not_stay(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was answered 503, and stayed on the disk as long as the server ran."""

    def gone(*_: object) -> None:
        raise Outage("the database does not answer")

    monkeypatch.setattr(requests, "ABANDONED_SECONDS", 1.0)
    with serving(warehouse) as url:
        api = Api(warehouse, url)
        with monkeypatch.context() as away:
            away.setattr(booking, "register", gone)
            answer = api.client.post(f"{ORDERS}/bulk", json={"data": [order()["data"]]})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        folder = warehouse.home / requests.FOLDER
        until(lambda: not list(folder.iterdir()))
        api.client.close()


def test_bodies_that_wait_are_imported_in_the_order_in_which_they_came(warehouse: Warehouse) -> None:
    """Their names are jobs' ids, which are drawn by lot."""
    with serving(warehouse, Options(works=False)) as url:
        api = Api(warehouse, url)
        jobs = []
        for number in range(8):
            body = {"data": [order(f"SO-{number}")["data"]]}
            taken = api.client.post(f"{ORDERS}/bulk", json=body, headers={"Prefer": "respond-async"})
            jobs.append(taken.json()["data"]["jobId"])
        assert [ended.job for ended in warehouse.work()] == jobs
        api.client.close()


def test_a_bulk_body_may_be_packed(api: Api) -> None:
    body = gzip.compress(json.dumps({"data": [order()["data"]]}).encode())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    taken = api.client.post(f"{ORDERS}/bulk", content=body, headers=headers)
    assert api.finished(taken.json()["data"]["jobId"])["status"] == "COMPLETED"
