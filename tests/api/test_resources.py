"""Each document of the table, over HTTP: what it can do there, it does; what it can't is 405."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from crossdock.api.warehouse.resources import (
    BULK,
    CANCEL,
    CREATE,
    LIST,
    REPLACE,
    RESOURCES,
    SHOW,
    UPDATE,
    Resource,
)
from tests.api.conftest import Api
from tests.api.documents import base, body
from tests.samples import thinned


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("resource", thinned(*RESOURCES), ids=lambda each: each.path)
def test_what_a_document_can_do(api: Api, resource: Resource) -> None:
    client, path = api.client, base(resource)
    number = "N/1 ä"
    if resource.path in ("ship_confirmations", "receipts"):
        _ordered(api)
    one = f"{path}/{quote(number, safe='')}"
    if CREATE in resource.titles:
        created = client.post(path, json=body(resource, number))
        assert created.status_code == 201, created.text
        assert created.headers["Location"] == one
        assert client.post(path, json=body(resource, number)).status_code == 200
        stored = created.json()["data"]
        assert stored[resource.number] == number
        assert "origin" not in created.text
        if SHOW in resource.titles:
            shown = client.get(one)
            assert shown.json() == created.json()
            assert client.get(one, headers={"If-None-Match": shown.headers["ETag"]}).status_code == 304
    elif BULK in resource.titles:
        taken = client.post(f"{path}/bulk", json={"data": [body(resource)["data"]]})
        assert api.finished(taken.json()["data"]["jobId"])["status"] == "COMPLETED", api.finished
    if LIST in resource.titles:
        page = client.get(path, params={"limit": 1}).json()
        filled = resource.path != "customers"
        assert page["paging"] == {"limit": 1, "offset": 0, "total": int(filled), "next": None}
        assert len(page["data"]) == int(filled)
    missing = 405 if SHOW in resource.titles else 404
    for operation, method in ((REPLACE, "PUT"), (UPDATE, "PATCH")):
        answer = client.request(method, one, json=body(resource, number))
        assert answer.status_code == (200 if operation in resource.titles else missing), answer.text
    cancelled = client.delete(one)
    assert cancelled.status_code == (200 if CANCEL in resource.titles else missing), cancelled.text
    if CANCEL in resource.titles:
        assert cancelled.json()["data"]["state"] == "CANCELLED"


def _ordered(api: Api) -> None:
    """The order that the example of a ship confirmation ships, the purchase order that that of a receipt receives."""
    for path in ("sales_orders", "purchase_orders"):
        resource = next(each for each in RESOURCES if each.path == path)
        assert api.client.post(base(resource), json=body(resource)).status_code == 201
