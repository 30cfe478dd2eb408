"""One document over HTTP: created, shown, replaced, cancelled."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.conftest import Api, serving
from tests.warehouse import Warehouse

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
    assert shown.json()["data"] == created.json()["data"]
    replaced = api.client.put(f"{ORDERS}/SO-1", json=order(quantity="7"))
    assert replaced.status_code == 200, replaced.text
    assert replaced.json()["data"]["orderLines"][0]["quantity"] == 7
    assert replaced.headers["ETag"] != shown.headers["ETag"]

    cancelled = api.client.delete(f"{ORDERS}/SO-1")
    assert cancelled.status_code == 200, cancelled.text
    assert cancelled.json()["data"]["state"] == "CANCELLED"
    assert "warnings" not in cancelled.json()  # of lines that nobody has sent
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


@pytest.mark.both
def test_what_is_null_or_blank_in_a_body_is_said_by_the_path(api: Api) -> None:
    """Clients that are generated send null for what nobody has filled in."""
    unsaid = {"businessUnitId": None, "customerOrderNumber": "", "action": " "}
    created = api.client.put(f"{ORDERS}/SO-1", json={"data": order()["data"] | unsaid})
    assert created.status_code == 201, created.text
    assert api.client.post(ORDERS, json={"data": order("SO-2")["data"] | {"businessUnitId": None}}).status_code == 201
    assert api.warehouse.order_numbers() == ["SO-1", "SO-2"]


@pytest.mark.parametrize("number", ["SO-1\u200b", "\u00a0SO-1", "SO-1\ufeff ", "SO-1\u00ad"])
def test_what_nobody_sees_at_the_end_of_a_number_is_no_part_of_it(api: Api, number: str) -> None:
    created = api.client.post(ORDERS, json=order(number))
    assert (created.status_code, created.headers["Location"]) == (201, f"{ORDERS}/SO-1")
    assert api.client.put(f"{ORDERS}/SO-1", json=order(number, quantity="6")).status_code == 200
    assert api.client.get(f"{ORDERS}/{quote(number)}").status_code == 200


@pytest.mark.parametrize(
    ("value", "number"),
    [(True, "true"), (["SO-1"], "SO-1"), (12345678901234567890, "12345678901234567890"), (815.0, "815")],
)
def test_a_number_that_is_no_text_is_the_one_that_is_stored(api: Api, value: object, number: str) -> None:
    """The order was stored, and its sender got neither the document nor its place."""
    created = api.client.post(ORDERS, json={"data": {**order()["data"], "customerOrderNumber": value}})
    assert (created.status_code, created.headers.get("Location")) == (201, f"{ORDERS}/{number}"), created.text
    again = api.client.put(
        created.headers["Location"], json={"data": {**order()["data"], "customerOrderNumber": value}}
    )
    assert again.status_code == 200, again.text


@pytest.mark.both
def test_a_number_that_is_stored_with_a_prefix_is_reached_with_it_and_without(warehouse: Warehouse) -> None:
    """What a list shows can be sent again, and is no other document: it was one whose number had the prefix twice."""
    warehouse.partner(keys='api = true\nprefix = { customerOrderNumber = "FR-" }')
    with serving(warehouse) as url:
        client = Api(warehouse, url).client
        created = client.post(ORDERS, json=order("1001"))
        assert (created.status_code, created.headers["Location"]) == (201, f"{ORDERS}/FR-1001")
        for number in ("1001", "FR-1001"):
            shown = client.get(f"{ORDERS}/{number}")
            assert shown.json() == client.get(created.headers["Location"]).json()
            assert client.put(f"{ORDERS}/{number}", json=shown.json()).status_code == 200
            for other in ("1001", "FR-1001"):
                tag = {"If-Match": client.get(f"{ORDERS}/{number}").headers["ETag"]}
                changed = client.put(f"{ORDERS}/{number}", json=order(other, notes=number + other), headers=tag)
                assert (changed.status_code, changed.json()["data"]["customerOrderNumber"]) == (200, "FR-1001")
        assert client.put(f"{ORDERS}/1001", json=order("1002")).status_code == 400
        assert client.delete(f"{ORDERS}/FR-1001").json()["data"]["state"] == "CANCELLED"
        client.close()
    assert warehouse.order_numbers() == ["FR-1001"]


@pytest.mark.both
def test_what_was_taken_and_not_read_is_said(api: Api) -> None:
    """A member that is misspelled is lost: who sends it has no other place to see that."""
    data = order()["data"]
    line = data["orderLines"][0] | {"skuld": "AB", "unitPrice": {"amount": 5}}
    created = api.client.post(ORDERS, json={"data": data | {"note": "leave at door", "orderLines": [line]}})
    assert created.status_code == 201
    warnings = " ".join(created.json()["warnings"])
    for member in ("note", "orderLines.skuld", "orderLines.unitPrice.amount"):
        assert f"'{member}'" in warnings
    assert "warnings" not in api.client.get(f"{ORDERS}/SO-1").json()
    many = api.client.post(f"{ORDERS}/bulk", json={"data": [data | {"note": "x"}]}, headers={"Prefer": "wait=30"})
    assert "'note'" in " ".join(api.client.get(many.headers["Location"]).json()["warnings"])


@pytest.mark.both
def test_an_order_that_is_split_is_shown_by_its_parts(warehouse: Warehouse) -> None:
    warehouse.partner(keys='split_by = ["shipTo.name"]\nprefix = { customerOrderNumber = "FR-" }')
    header = "customerOrderNumber,customerLineNumber,skuId,quantity,shipTo.name"
    warehouse.drop("orders_1.csv", f"{header}\n7,1,AB,5,NORTH\n7,2,AB,5,SOUTH\n")
    warehouse.work()
    with serving(warehouse) as url:
        api = Api(warehouse, url)
        part = order("7", shipTo={"name": "NORTH"})
        for method, path in (("GET", "7"), ("GET", "FR-7"), ("GET", "7/shipments"), ("PUT", "7"), ("DELETE", "7")):
            answer = api.client.request(method, f"{ORDERS}/{path}", json=part if method == "PUT" else None)
            assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/problem+json")
            numbers = [each["customerOrderNumber"] for each in answer.json()["documents"]]
            assert numbers == ["FR-7/NORTH", "FR-7/SOUTH"]
        assert api.client.get(f"{ORDERS}/FR-7%2FSOUTH").status_code == 200
        assert api.client.delete(f"{ORDERS}/FR-7%2FNORTH").json()["data"]["state"] == "CANCELLED"
        assert api.client.get(f"{ORDERS}/9").status_code == 404
