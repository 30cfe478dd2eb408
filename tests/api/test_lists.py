"""Lists: pages, filters, orders, changes since; and what a partner may see of them."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api, serving
from tests.api.test_singles import ORDERS, order
from tests.warehouse import Warehouse


@pytest.fixture
def stocked(api: Api) -> Api:
    """Five orders, of two carriers."""
    orders = [order(f"SO-{number}", carrierId="UPS" if number % 2 else "DHL")["data"] for number in range(5)]
    taken = api.client.post(f"{ORDERS}/bulk", json={"data": orders})
    assert api.finished(taken.json()["data"]["jobId"])["status"] == "COMPLETED"
    return api


def numbers(api: Api, query: str = "") -> list[str]:
    page = api.client.get(f"{ORDERS}?{query}")
    assert page.status_code == 200, page.text
    return [each["customerOrderNumber"] for each in page.json()["data"]]


@pytest.mark.both(slow=True)
def test_a_list_comes_page_by_page(stocked: Api) -> None:
    first = stocked.client.get(f"{ORDERS}?limit=2&carrierId=").json()
    assert first == {"data": [], "paging": {"limit": 2, "offset": 0, "total": 0, "next": None}}
    path, seen = f"{ORDERS}?limit=2", []
    while path:
        page = stocked.client.get(path).json()
        assert page["paging"]["total"] == 5
        seen += [each["customerOrderNumber"] for each in page["data"]]
        path = page["paging"]["next"]
    assert seen == [f"SO-{number}" for number in range(5)]
    assert numbers(stocked, "carrierId=UPS") == ["SO-1", "SO-3"]
    assert numbers(stocked, "carrierId=UPS&customerOrderNumber=SO-3") == ["SO-3"]
    assert numbers(stocked, "sortField=carrierId&sortDirection=DESC") == ["SO-3", "SO-1", "SO-4", "SO-2", "SO-0"]
    known = max(each["change"] for each in stocked.client.get(ORDERS).json()["data"])
    assert numbers(stocked, f"since={known}") == []
    stocked.client.put(f"{ORDERS}/SO-2", json=order("SO-2", "9"))
    assert numbers(stocked, f"since={known}") == ["SO-2"]
    assert numbers(stocked, "state=OPEN&offset=4") == ["SO-4"]
    of_pages = stocked.client.get("/getSalesOrder/BU1/orders?limit=1&customerOrderNumber=SO-4").json()
    assert [each["customerOrderNumber"] for each in of_pages["data"]] == ["SO-4"]


@pytest.mark.both
@pytest.mark.parametrize(
    ("query", "first"), [("state=OPEN", "SO-0"), ("state=OPEN&sortDirection=DESC", "SO-4"), ("since=0", "SO-0")]
)
def test_nothing_is_skipped_or_comes_twice_while_documents_change(stocked: Api, query: str, first: str) -> None:
    """A program works off what a list shows, and follows ``next``: what it has dealt with leaves the list, or its place."""
    seen: list[str] = []
    path = f"{ORDERS}?{query}&limit=2"
    while path:
        page = stocked.client.get(path).json()
        for each in page["data"]:
            number = each["customerOrderNumber"]
            seen.append(number)
            if len(seen) <= 5:
                assert stocked.client.delete(f"{ORDERS}/{number}").status_code == 200
        path = page["paging"]["next"]
    assert seen[0] == first
    assert sorted(seen[:5]) == [f"SO-{number}" for number in range(5)]
    assert sorted(seen[5:]) == (sorted(seen[:5]) if query == "since=0" else [])


@pytest.mark.both
def test_every_list_has_a_next_page(api: Api) -> None:
    """Also where a key has a moment in it (a snapshot of stock), or several parts."""
    stock = [{"skuId": f"S{n}", "buildingId": "B1", "onHand": n, "asOf": "2026-11-30T10:00:00.5Z"} for n in range(3)]
    path = "/business_units/BU1/inventory"
    taken = api.client.post(f"{path}/bulk", json={"data": stock}, headers={"Prefer": "wait=30"})
    assert taken.json()["data"]["status"] == "COMPLETED", taken.text
    seen = []
    following = f"{path}?limit=1"
    while following:
        page = api.client.get(following)
        assert page.status_code == 200, page.text
        seen += [each["skuId"] for each in page.json()["data"]]
        following = page.json()["paging"]["next"]
    assert seen == ["S0", "S1", "S2"]


@pytest.mark.both
def test_a_filter_is_read_as_the_value_in_a_body_is(warehouse: Warehouse) -> None:
    """Each of these lists was empty, or 400, though the document is there."""
    warehouse.partner(
        keys='api = true\nprefix = { customerOrderNumber = "FR-" }\nvalues = { "shipTo.country" = { Frankreich = "FR" } }'
    )
    ship_to = {"name": "M\u00fcller", "address1": "1", "city": "Lyon", "country": "Frankreich"}
    with serving(warehouse) as url:
        client = Api(warehouse, url).client
        for number, created in (("1001", "2026-11-30T10:00:00+01:00"), ("1002", "2026-11-29")):
            body = order(number, orderCreatedDate=created, shipTo=ship_to)
            assert client.post(ORDERS, json=body).status_code == 201
        for query, count in {
            "customerOrderNumber=1001": 1,
            "customerOrderNumber=FR-1001": 1,
            "customerOrderNumber=%201001": 1,
            "customerOrderNumber=1001&customerOrderNumber=1002": 2,
            "shipTo.name=Mu%CC%88ller": 2,
            "shipTo.country=Frankreich": 2,
            "shipTo.country=FR": 2,
            "orderCreatedDate=2026-11-30T10:00:00+01:00": 1,
            "orderCreatedDate=2026-11-30T10:00:00%2B0100": 1,
            "customerOrderNumber=FR-1003": 0,
        }.items():
            page = client.get(f"{ORDERS}?{query}")
            assert (page.status_code, page.json().get("paging", {}).get("total")) == (200, count), (query, page.text)
        client.close()


@pytest.mark.both
@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=x", "offset=-1", "since=1e3", "sortDirection=up", "sortField=x;DROP", "nothing=1",
     "orderAmount=much", "orderAmount=NaN", "orderAmount=1e999999", "orderAmount=0.00001", "orderAmount=%s" % ("9" * 40),
     "orderCreatedDate=9999-12-31T23:59:59-12:00", "state=open", "state=SHIPED", "limit=%D9%A1", "after=x", "after=[]x", 'after=["BU1"]',
     'sortField=carrierId&after=["UPS","BU1","SO-1"]', 'since=0&after=["x","BU1","SO-1"]', 'after=["BU1","\\u0000"]', "offset=99999999999999999999"],
)  # fmt: skip
def test_what_a_list_does_not_know(api: Api, query: str) -> None:
    answer = api.client.get(f"{ORDERS}?{query}")
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_a_value_that_no_document_can_have_is_told_with_those_that_are_known(api: Api) -> None:
    """An empty list would say that there are none at the moment."""
    detail = api.client.get(f"{ORDERS}?state=open").json()["detail"]
    assert "'open' is no state; there are: OPEN, PARTIALLY_SHIPPED, SHIPPED, CANCELLED" in detail
    movements = ORDERS.replace("sales_orders", "inventory_movements")
    assert api.client.get(f"{movements}?movementType=SHIP").status_code == 200
    unknown = api.client.get(f"{movements}?movementType=ship")
    assert unknown.status_code == 400
    assert "'ship' is no movementType; there are: RECEIPT, SHIP, ADJUST" in unknown.json()["detail"]


@pytest.mark.both(slow=True)
def test_a_partner_sees_its_own_and_what_is_shared(api: Api) -> None:
    """Both may read the business unit; neither sees what the other has stored in it."""
    api.warehouse.partner("other")
    with_other = Api.of(api, api.key("other"))
    assert with_other.get(ORDERS).status_code == 401  # a partner that came after the server's start
    api.client.post(ORDERS, json=order())
    with api.warehouse.database.writing() as connection:
        connection.exec_driver_sql("UPDATE sales_orders SET partner = 'other'")
    assert api.client.get(f"{ORDERS}/SO-1").status_code == 404
    assert numbers(api) == []
    assert api.client.put(f"{ORDERS}/SO-1", json=order(quantity="9")).status_code == 409
    with api.warehouse.database.writing() as connection:
        connection.exec_driver_sql("UPDATE sales_orders SET shared = TRUE")
    assert api.client.get(f"{ORDERS}/SO-1").status_code == 200
    assert numbers(api) == ["SO-1"]
