"""What belongs to a document, other paths of the same endpoints, and acknowledgements that come to us."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.api.conftest import Api
from tests.api.documents import BY_PATH, base, body


@pytest.mark.both(slow=True)
def test_shipments_and_receipt_lines(api: Api) -> None:
    orders, shipments = BY_PATH["sales_orders"], BY_PATH["ship_confirmations"]
    for resource in (orders, BY_PATH["purchase_orders"], BY_PATH["asns"]):
        assert api.client.post(base(resource), json=body(resource)).status_code == 201
    number = body(orders)["data"]["customerOrderNumber"]
    assert api.client.get(f"{base(orders)}/{number}/shipments").json() == {"data": []}
    before = api.client.get(f"{base(orders)}/{number}").headers["ETag"]
    confirmed = api.client.post(base(shipments), json=body(shipments))
    assert confirmed.status_code == 201, confirmed.text
    (line,) = api.client.get(f"{base(orders)}/{number}/shipments").json()["data"]
    assert line["shipmentId"] == confirmed.json()["data"]["shipmentId"]
    after = api.client.get(f"{base(orders)}/{number}")
    assert after.headers["ETag"] != before  # its state, and what is shipped, are part of it
    assert after.json()["data"]["state"] in ("PARTIALLY_SHIPPED", "SHIPPED")
    assert api.client.get(f"{base(orders)}/none/shipments").status_code == 404

    receipt = body(BY_PATH["receipts"])
    doms = {"receipt": [{**receipt["data"], "businessUnit": "BU1"}]}
    received = api.client.post("/ups/inbound/receiptconfirm", json=doms)
    assert received.status_code == 201, received.text
    announced = body(BY_PATH["asns"])["data"]["asnNumber"]
    lines = api.client.get(f"{base(BY_PATH['asns'])}/{announced}/receipt_lines").json()["data"]
    assert [each["receiptNumber"] for each in lines] == [receipt["data"]["receiptNumber"]]
    assert api.client.post("/ups/inbound/receiptconfirm", json={"receipt": []}).status_code == 400
    foreign = {"receipt": [{**receipt["data"], "businessUnit": "BU9"}]}
    assert api.client.post("/ups/inbound/receiptconfirm", json=foreign).status_code == 403


def test_a_purchase_order_by_its_path_in_the_pages(api: Api) -> None:
    resource = BY_PATH["purchase_orders"]
    created = api.client.post("/business_units/createPO/BU1/createPO", json=body(resource, "PO-9"))
    assert created.headers["Location"] == f"{base(resource)}/PO-9"


@pytest.mark.both(slow=True)
def test_an_asn_number_of_two_vendors(api: Api) -> None:
    resource = BY_PATH["asns"]
    for vendor in ("V1", "V2"):
        assert api.client.post(base(resource), json=body(resource, "A-1", vendorNumber=vendor)).status_code == 201
    both = api.client.get(f"{base(resource)}/A-1")
    assert both.status_code == 409
    assert both.json()["documents"] == [{"vendorNumber": "V1"}, {"vendorNumber": "V2"}]
    assert api.client.delete(f"{base(resource)}/A-1").status_code == 409
    one = api.client.get(f"{base(resource)}/A-1?vendorNumber=V2")
    assert one.json()["data"]["vendorNumber"] == "V2"
    gone = api.client.delete(f"{base(resource)}/A-1?vendorNumber=V2")
    assert (gone.status_code, gone.json()["data"]["vendorNumber"]) == (200, "V2")
    assert api.client.get(f"{base(resource)}/A-1?vendorNumber=V1").json()["data"]["state"] == "OPEN"


@pytest.mark.both(slow=True)
def test_an_acknowledgement_comes_to_us(api: Api) -> None:
    from tests.api.test_singles import ORDERS, order

    job = api.client.post(f"{ORDERS}/bulk", json={"data": [order()["data"]]}).json()["data"]["jobId"]
    for named in (job, "of-nobody"):
        ack = {
            "data": {
                "jobId": named,
                "status": "COMPLETED",
                "failedOrders": [],
                "progress": {"processed": 1, "total": 1},
            }
        }
        answer = api.client.post("/salesOrderAck", json=ack)
        assert (answer.status_code, answer.json()) == (200, {})
    rows = api.client.get("/salesOrderAck").json()["data"]
    assert [(each["jobId"], each["known"]) for each in rows] == [("of-nobody", False), (job, True)]
    assert [each["jobId"] for each in api.client.get(f"/salesOrderAck?jobId={job}").json()["data"]] == [job]
    assert api.client.post("/salesOrderAck", json={"data": {"jobId": 5}}).status_code == 422


@pytest.mark.parametrize("number", [".", ".."])
def test_a_number_of_dots_is_reached_by_the_list(api: Api, number: str) -> None:
    """Clients ask for the folder above instead: the answer was 404."""
    orders, at = BY_PATH["sales_orders"], base(BY_PATH["sales_orders"])
    created = api.client.post(at, json=body(orders, number))
    assert created.status_code == 201, created.text
    shown = api.client.get(created.headers["Location"]).json()["data"]
    assert [each["customerOrderNumber"] for each in shown] == [number]


@pytest.mark.parametrize(
    "number",
    [
        "A/shipments",
        "bulk/A",
        "A/B/shipments",
        "shipments",
        "2026/001",
        "#7?x=1&y",
        "100%",
        "A%2Fshipments",
        "bulk%2f7",
    ],
)
def test_a_number_with_a_slash_is_reached_with_the_slash_encoded(api: Api, number: str) -> None:
    orders, at = BY_PATH["sales_orders"], base(BY_PATH["sales_orders"])
    assert api.client.post(at, json=body(orders, "A")).status_code == 201
    created = api.client.post(at, json=body(orders, number))
    assert created.status_code == 201, created.text
    path = created.headers["Location"]
    assert path == f"{at}/{quote(number, safe='')}"
    shown = api.client.get(path)
    assert (shown.status_code, shown.json()["data"]["customerOrderNumber"]) == (200, number)
    assert api.client.get(path, headers={"If-None-Match": shown.headers["ETag"]}).status_code == 304
    assert api.client.get(f"{path}/shipments").json() == {"data": []}
    assert api.client.get(f"{at}/A/shipments").json() == {"data": []}
    assert api.client.get(f"{at}/A%2Fnone").status_code == 404
    assert api.client.delete(path).status_code == 200
    assert api.client.get(path).json()["data"]["state"] == "CANCELLED"
    quoted = api.client.post(f"/organizations/BU1/sales_orders/{quote(number, safe='')}/tms_quote", json={"data": {}})
    assert quoted.status_code == 422, quoted.text


@pytest.mark.parametrize("name", ["sales_orders", "asns", "purchase_orders"])
@pytest.mark.parametrize("address", ["{}/A/", "{}//A", "{}/A//B", "{}/bulk/", "{}/A%2F/", "/{}/A", "{}/", "{}/%20"])
def test_a_slash_too_many_makes_no_other_number(api: Api, name: str, address: str) -> None:
    """A client's library puts one behind each address, and a base address with one before: PUT stored "A/"."""
    resource = BY_PATH[name]
    document = body(resource, "A")
    del document["data"][resource.number]
    path = api.url + address.format(base(resource))
    for method in ("PUT", "DELETE", "GET"):
        answer = api.client.request(method, path, json=None if method == "GET" else document)
        assert answer.status_code == 404, answer.text
        assert answer.json()["detail"].startswith("no endpoint has this address")
        assert ("leave out the slash" in answer.json()["detail"]) == (address != "{}/%20")
    assert api.warehouse.jobs() == []


def test_a_number_in_a_path_is_read_as_one_in_a_body(api: Api) -> None:
    """PUT stored it with the blanks at its ends, or with its accents apart, beside the document that was meant."""
    resource = BY_PATH["asns"]
    at, document = base(resource), body(resource, "ü1")
    assert api.client.post(at, json=document).status_code == 201
    vendor = document["data"].pop("vendorNumber")
    del document["data"][resource.number]
    for number in ("%20%C3%BC1%20", "u%CC%881", "%C2%A0u%CC%881%E2%80%8B"):
        put = api.client.put(f"{at}/{number}", params={"vendorNumber": f" {vendor} "}, json=document)
        assert (put.status_code, put.json()["data"][resource.number]) == (200, "ü1"), put.text
        assert api.client.get(f"{at}/{number}").status_code == 200
    new = api.client.put(f"{at}/%20N2%20", params={"vendorNumber": " V 9 "}, json=document)
    assert (new.status_code, new.json()["data"][resource.number]) == (201, "N2")
    assert (new.headers["Location"], new.json()["data"]["vendorNumber"]) == (f"{at}/N2", "V 9")
