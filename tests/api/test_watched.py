"""Health, figures, the OpenAPI, the commands of keys."""

from __future__ import annotations

import json
import re
import resource

import httpx
import pytest
from openapi_spec_validator import validate
from sqlalchemy import text

from crossdock.api.warehouse.resources import BUSINESS_UNITS, RESOURCES
from crossdock.registers import keys
from crossdock.workers import requests
from tests.api.conftest import NOBODY, Api, serving
from tests.api.test_singles import ORDERS, order
from tests.commands import crossdock
from tests.patience import PATIENCE
from tests.warehouse import Warehouse

SEED = """Get SalesOrder List|Create a SalesOrder|Get Sales Order Information|Sales Order Acknowledgement|Bulk Upload SalesOrders
Get Job Status of an Async Bulk Sales Order Import|Get a single SalesOrder|Update SalesOrder|Cancel SalesOrder
Get Shipments for a Sales Order|Get B2B Customers For Business Unit|Sales Order Ship Confirmation
Get Buildings associated to a Business Unit|Remove associated Building from a Business Unit|Associate a Building to a Business Unit
Get Business Unit Detail|Update Business Unit|List Business Units|Create Business Unit|Get Business Unit General Settings
Update Business Unit General Settings|Update Business Unit Amazon SFP Keys|Remove Business Unit Amazon SFP Keys
Get Business Unit Amazon SFP Keys|List Broker Accounts|Create Broker Account|Delete Broker Account|List Inbound ASNs
Create Inbound ASN|Get single Inbound ASN|Update single Inbound ASN|Cancel single Inbound ASN
Get receipt lines for single Inbound ASN|Get receipt lines for single Inbound RMA|Get single Inbound RMA
Update single Inbound RMA|Cancel single Inbound RMA|List Inbound RMAs|Create Inbound RMA
Get receipt lines for single Inbound PO|Get single Inbound PO|Update single Inbound PO|Cancel single Inbound PO
List Inbound POs|Create Inbound PO|Inventory|Inventory Movement"""
"""The rows of the warehouse's page (umguk.apidog.io, 2024-07) but for its headings, Product and TMS."""


@pytest.mark.both(slow=True)
def test_it_says_how_it_is(api: Api) -> None:
    assert api.client.get("/healthz").text == "ok\n"
    assert api.client.get("/readyz").json() == {"ready": True, "wrong": []}
    api.client.post(ORDERS, json=order())
    api.client.post(ORDERS, json=order("SO-2", "x"))
    assert api.client.get("/metrics").status_code == 401
    operator = api.of(keys.add(api.warehouse.database, "", keys.OPERATOR)[1])
    assert operator.get(ORDERS).status_code == 401  # it is no partner's
    figures = operator.get("/metrics").text
    for line in ('crossdock_jobs{verdict="ACCEPTED"} 1.0', 'crossdock_jobs{verdict="REJECTED"} 1.0',
                 'crossdock_documents{what="inserted"} 1.0', 'crossdock_failures_last_day{code="not_a_number"} 1.0',
                 "crossdock_answers_unsent 0.0", "crossdock_oldest_job_seconds 0.0"):  # fmt: skip
        assert line in figures
    assert 'path="/business_units/{bu}/sales_orders",status="201"' in figures


def test_a_server_whose_imports_have_ended_is_not_ready(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answered 202, and nothing was imported any more."""
    monkeypatch.setattr(requests, "work", lambda *_: None)
    with serving(warehouse) as url:
        answer = httpx.get(f"{url}/readyz", timeout=PATIENCE, verify=NOBODY)
    assert (answer.status_code, answer.json()["wrong"]) == (
        503,
        ["what waits is imported no more: the log says why, start it again"],
    )


def test_a_server_that_can_write_nothing_is_not_ready(api: Api) -> None:
    """A full disk has a folder that may be written, and answered that it was ready."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))  # each file of this process is full
    try:
        answer = api.client.get("/readyz")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert (answer.status_code, answer.json()) == (
        503,
        {"ready": False, "wrong": ["the home folder can't be written: File too large"]},
    )


def test_a_server_beside_a_database_of_another_version_is_not_ready(api: Api) -> None:
    with api.warehouse.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = api.client.get("/readyz")
    assert (answer.status_code, answer.json()["wrong"]) == (503, ["the database is of another version"])


def test_the_openapi_is_valid_and_has_every_row_of_the_seed(api: Api) -> None:
    described = api.client.get("/openapi.json").json()
    validate(described)
    operations = {each["summary"] for path in described["paths"].values() for each in path.values()}
    assert set(SEED.replace("\n", "|").split("|")) <= operations
    assert {title for each in (*RESOURCES, BUSINESS_UNITS) for title in each.titles.values()} <= operations
    fields = described["components"]["schemas"]["sales_order"]["properties"]
    assert fields["customerOrderNumber"].pop("description")
    assert fields["customerOrderNumber"] == {"type": "string", "maxLength": 30}
    assert fields["shipTo"]["properties"]["city"]["type"] == "string"
    assert fields["orderLines"]["items"]["properties"]["quantity"]["description"].endswith("More than 0.")
    assert api.client.get("/docs").status_code == 200


def test_the_openapi_says_of_each_request_what_it_may_have(api: Api) -> None:
    """Who has only ``/docs`` can send it from there: its body with an example, its headers, which answers there are."""
    described = api.client.get("/openapi.json").json()
    assert "HTTPValidationError" not in str(described)
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            name, places = operation["operationId"], {each["name"] for each in operation.get("parameters", [])}
            if method in ("post", "put", "patch") and not name.startswith(("associate_buildings", "erp_")):
                (content,) = operation["requestBody"]["content"].values()
                assert content["example"], name
            if method not in ("get", "head") and not name.startswith("erp_") and "quote" not in path:
                assert "Idempotency-Key" in places, name
            if method in ("put", "patch", "delete") and path.endswith("{number}"):
                assert {"If-Match", "If-None-Match"} <= places, name
            if path.endswith("/bulk/{job}") or path == "/jobs/{job}":
                assert {"limit", "offset"} <= places, name
            if operation.get("security") != []:
                assert "401" in operation["responses"], name
    (asn,) = [each for each in described["paths"]["/business_units/{bu}/asns/{number}"]["get"]["parameters"]
              if each["name"] == "vendorNumber"]  # fmt: skip
    assert asn["in"] == "query"


def test_the_examples_of_paths_beside_the_documents_are_taken_as_they_stand(api: Api) -> None:
    described = api.client.get("/openapi.json").json()["paths"]

    def example(path: str, method: str = "post") -> object:
        return described[path][method]["requestBody"]["content"]["application/json"]["example"]

    for path, status in (
        ("/business_units/createPO/{bu}/createPO", 201),
        ("/business_units/{bu}/asns", 201),
        ("/ups/inbound/receiptconfirm", 201),
        ("/salesOrderAck", 200),
    ):
        answer = api.client.post(path.format(bu="BU1"), json=example(path))
        assert answer.status_code == status, (path, answer.text)
    quote = "/organizations/{orgId}/sales_orders/{salesOrderNumber}/tms_quote"
    api.client.post(ORDERS, json=order()).raise_for_status()
    quoted = api.client.post(quote.format(orgId="BU1", salesOrderNumber="SO-1"), json=example(quote))
    assert "there is no rate card" in quoted.json()["detail"]


def test_the_commands_of_keys(api: Api) -> None:
    added = crossdock("keys", "add", "acme", "--unit", "BU1", "--read-only", "--name", "their shop")
    assert added.returncode == 0, added.stderr
    with api.of(added.stdout.strip()) as client:
        assert client.get(ORDERS).status_code == 200
        listed = json.loads(crossdock("keys", "list", "--json").stdout)
        (row,) = [each for each in listed if each["name"] == "their shop"]
        assert (row["units"], row["read_only"], row["kind"]) == (["BU1"], True, "api")
        assert "their shop" in crossdock("keys", "list").stdout
        assert crossdock("keys", "revoke", row["key_id"]).returncode == 0
        assert client.get(ORDERS).status_code == 401
    expired = crossdock("keys", "add", "acme", "--expires", "2020-01-01").stdout.strip()
    with api.of(expired) as client:
        assert client.get(ORDERS).status_code == 401
    assert len(crossdock("keys", "add", "acme", "--erp").stdout.strip()) == 10
    for words in (("add", "nobody"), ("add", "acme", "--unit", "BU9"), ("revoke", "none"),
                  ("add", "acme", "--erp", "--operator")):  # fmt: skip
        assert crossdock("keys", *words).returncode == 2


def test_its_own_documentation_needs_no_internet(api: Api) -> None:
    page = httpx.get(f"{api.url}/docs", timeout=PATIENCE, verify=NOBODY)
    assert page.status_code == 200
    assert re.findall(r'(?:src|href)="(?!/)[^"]*', page.text) == []
    for path in re.findall(r'(?:src|href)="(/[^"]*)', page.text):
        assert httpx.get(f"{api.url}{path}", timeout=PATIENCE, verify=NOBODY).status_code == 200


def test_a_proxy_may_leave_the_prefix_that_it_has_it_under(warehouse: Warehouse) -> None:
    with serving(warehouse, root_path="/crossdock") as url:
        api = Api(warehouse, f"{url}/crossdock")
        line = {"customerLineNumber": "1", "skuId": "AB", "quantity": 5}
        order = {"customerOrderNumber": "SO/1 ü", "shipTo": {"locationId": "S1"}, "orderLines": [line]}
        created = api.client.post("/business_units/BU1/sales_orders", json={"data": order})
        assert created.headers["Location"] == "/crossdock/business_units/BU1/sales_orders/SO%2F1%20%C3%BC"
        for before in ("", "/crossdock"):
            here = f"{url}{before}"
            assert httpx.get(f"{here}/ui/sign-in", timeout=PATIENCE, verify=NOBODY).status_code == 200
            first = httpx.get(f"{here}/ui", timeout=PATIENCE, verify=NOBODY)
            assert (first.status_code, first.headers["Location"]) == (307, "/crossdock/ui/")
        shown = httpx.get(f"{url}{created.headers['Location']}", headers=api.client.headers, timeout=PATIENCE,
                          verify=NOBODY)  # fmt: skip
        assert shown.json()["data"]["customerOrderNumber"] == "SO/1 ü"
        api.client.close()


def test_behind_a_proxy_that_takes_a_prefix_off_every_address_has_it(warehouse: Warehouse) -> None:
    with serving(warehouse, root_path="/crossdock") as url:
        api = Api(warehouse, url)
        line = {"customerLineNumber": "1", "skuId": "AB", "quantity": 5}
        order = {"customerOrderNumber": "SO-1", "shipTo": {"locationId": "S1"}, "orderLines": [line]}
        created = api.client.post("/business_units/BU1/sales_orders", json={"data": order})
        assert created.headers["Location"] == "/crossdock/business_units/BU1/sales_orders/SO-1"
        booked = api.client.post("/business_units/BU1/sales_orders/bulk", json={"data": [order]})
        assert booked.headers["Location"].startswith("/crossdock/jobs/")
        assert api.client.post(
            "/business_units/BU1/sales_orders", json={"data": order | {"customerOrderNumber": "SO-2"}}
        ).is_success
        following = api.client.get("/business_units/BU1/sales_orders?limit=1").json()["paging"]["next"]
        assert following.startswith("/crossdock/business_units/BU1/sales_orders?")
        assert {"url": "/crossdock"} in httpx.get(f"{url}/openapi.json", timeout=PATIENCE, verify=NOBODY).json()[
            "servers"
        ]
        page = httpx.get(f"{url}/ui/sign-in", timeout=PATIENCE, verify=NOBODY)
        assert page.status_code == 200
        assert all(each.startswith("/crossdock/ui") for each in re.findall(r'(?:src|href|action)="(/[^"]*)', page.text))
        listing = httpx.get(f"{url}/ui/jobs", timeout=PATIENCE, verify=NOBODY)
        assert listing.headers["Location"].startswith("/crossdock/ui/sign-in")
        api.client.close()
