"""One document over HTTP: created, shown, replaced, cancelled."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api

ORDERS = "/business_units/BU1/sales_orders"


def order(number: str = "SO-1", quantity: str = "5", **more: Any) -> dict[str, Any]:
    line = {"customerLineNumber": "1", "skuId": "AB", "quantity": quantity}
    ship_to = {"locationId": "S1"}
    return {"data": {"customerOrderNumber": number, "shipTo": ship_to, "orderLines": [line], **more}}


@pytest.mark.both
def test_a_document_lives(api: Api) -> None:
    created = api.client.post(ORDERS, json=order())
    assert created.status_code == 201, created.text
    assert created.headers["Location"] == f"{ORDERS}/SO-1"
    assert created.json()["data"]["orderLines"][0]["quantity"] == 5
    assert api.client.post(ORDERS, json=order()).status_code == 200  # the same again
    exists = api.client.post(ORDERS, json=order(quantity="6"))
    assert exists.status_code == 409
    assert "is stored already" in exists.json()["data"]["failedOrders"][0]["message"]

    shown = api.client.get(f"{ORDERS}/SO-1")
    assert shown.json() == created.json()
    replaced = api.client.put(f"{ORDERS}/SO-1", json=order(quantity="7"))
    assert replaced.status_code == 200, replaced.text
    assert replaced.json()["data"]["orderLines"][0]["quantity"] == 7
    assert replaced.headers["ETag"] != shown.headers["ETag"]

    cancelled = api.client.delete(f"{ORDERS}/SO-1")
    assert cancelled.status_code == 200, cancelled.text
    assert cancelled.json()["data"]["state"] == "CANCELLED"
    assert {job.verdict for job in api.warehouse.jobs()} == {"ACCEPTED", "REJECTED"}


@pytest.mark.both
def test_what_fails_is_answered_as_the_acknowledgement(api: Api) -> None:
    failed = api.client.post(ORDERS, json=order(quantity="5x"))
    assert failed.status_code == 422
    data = failed.json()["data"]
    assert data["status"] == "FAILED"
    assert data["progress"] == {"processed": 1, "total": 1}
    assert data["failedOrders"][0]["customerOrderNumber"] == "SO-1"
    assert "'5x'" in data["failedOrders"][0]["lines"][0]["message"]
    assert api.client.get(f"{ORDERS}/SO-1").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        (ORDERS, order(businessUnitId="BU2"), "businessUnitId is 'BU2' in the body"),
        (f"{ORDERS}/SO-1", order("SO-2"), "customerOrderNumber is 'SO-2' in the body"),
        (ORDERS, order(action="cancel"), "action is 'cancel' in the body"),
        (ORDERS, {"data": [1]}, "one document"),
        (ORDERS, [], "one document"),
    ],
)
def test_a_body_that_says_something_else_than_its_path(api: Api, path: str, body: Any, sentence: str) -> None:
    answer = api.client.request("PUT" if path != ORDERS else "POST", path, json=body)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert sentence in answer.json()["detail"]
    assert api.warehouse.jobs() == []


def test_without_a_key_nothing_is_said(api: Api) -> None:
    for secret in ("none", "cd_wrong"):
        answer = api.of(secret).get(f"{ORDERS}/SO-1")
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "detail" not in answer.json()
    assert (
        api.client.get(f"{ORDERS}/SO-1?api_key={api.secret}", headers={"Authorization": "Basic x"}).status_code == 401
    )
