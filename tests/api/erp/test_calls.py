"""The ERP's API over HTTP beside the page's examples: paths, keys, limits, what becomes of a call."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from crossdock.api.door import bodies, tries
from crossdock.registers import keys
from tests.api.conftest import NOBODY, Api
from tests.patience import PATIENCE
from tests.warehouse import Warehouse, house, partner

ITEM = {"part_no": "LB", "revision": "A", "uOfMeas": "EACH", "ord_qty": 2, "soDet_Desc": "Loud", "status": "Standard"}


class Erp:
    """The ERP's API, asked with a key of acme."""

    def __init__(self, api: Api) -> None:
        self.api, self.key = api, api.key(kind=keys.ERP)
        self.client = httpx.Client(base_url=api.url, timeout=PATIENCE, verify=NOBODY)

    def ask(
        self, call: str, body: object = None, *, key: str | None = None, root: str = "API", method: str = ""
    ) -> httpx.Response:
        action, _, query = call.partition("?")
        url = f"/{root}/{action}/{key or self.key}" + (f"?{query}" if query else "")
        return self.client.request(method or ("GET" if body is None else "POST"), url, json=body)

    def answer(self, call: str, body: object = None) -> dict[str, Any]:
        response = self.ask(call, body)
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture
def erp(warehouse: Warehouse, request: pytest.FixtureRequest) -> Erp:
    partner(warehouse.home)
    partner(warehouse.home, "other")
    api = request.getfixturevalue("api")
    api.warehouse.run("customerNumber,name,status\n0000000008,E,Active\n", house("customer"), name="customers.csv")
    return Erp(api)


@pytest.mark.slow
def test_an_order_and_its_items_over_http(erp: Erp) -> None:
    assert erp.answer("so/add?SONO=1&custno=8")["Code"] == 200
    for number in ("", "5", ""):
        item = {**ITEM, "SoNo": "1", **({"line_no": number} if number else {})}
        assert erp.answer("SO/ItemADD", item)["Message"] == "Sales Order Item added successfully."
    lines = erp.answer("SO/Get?SoNo=1")["ResponseObject"]["SODETAILList"]
    assert sorted(each["LINE_NO"] for each in lines) == ["0000001", "0000005", "0000006"]
    first = min(lines, key=lambda line: line["LINE_NO"])
    edited = erp.answer("SO/ItemEdit", {"SoNo": "1", "UNIQUELN": first["UNIQUELN"], "eachQty": 1})
    assert edited["Message"] == "Sales Order Item edited successfully."
    assert erp.answer(f"SO/ItemGet?SoNo=1?uniqueln={first['UNIQUELN']}")["ResponseObject"]["EACHQTY"] == 1
    assert erp.answer("SO/ItemDelete?SONO=1?line_no=5")["Message"] == "Sales Order Item deleted successfully."
    assert len(erp.answer("SO/Get?SoNo=1")["ResponseObject"]["SODETAILList"]) == 2


def test_each_write_is_a_drop_with_a_job_and_its_books(erp: Erp) -> None:
    erp.answer("SO/Add?SoNo=1&custNo=8")
    erp.answer("SO/Edit?SoNo=1&FOB=nowhere")
    erp.answer("SO/Get?SoNo=1")
    columns = "partner, verdict, read_, origin, asked"
    jobs = erp.api.warehouse.rows(f"SELECT {columns} FROM jobs WHERE document = 'erp_sales_order' ORDER BY sequence")
    assert [tuple(job[:4]) for job in jobs] == [
        ("acme", "ACCEPTED", 1, "GET /API/SO/Add"),
        ("acme", "REJECTED", 1, "GET /API/SO/Edit"),
    ]
    assert {job[4] for job in jobs} == {"acme/erp_sales_order?businessUnitId=BU1&%40sends=changes"}


@pytest.mark.both(slow=True)
def test_items_added_at_the_same_time_are_all_there(erp: Erp) -> None:
    erp.answer("SO/Add?SoNo=1&custNo=8")
    with ThreadPoolExecutor(3) as pool:
        answers = list(
            pool.map(lambda number: erp.answer("SO/ItemAdd", {**ITEM, "SoNo": "1", "note": str(number)}), range(3))
        )
    added = sum(each["Code"] == 200 for each in answers)
    lines = erp.answer("SO/Get?SoNo=1")["ResponseObject"]["SODETAILList"]
    assert added == len(lines) == len({each["NOTE"] for each in lines}) == 3, answers


NO_ENDPOINT = {
    "SO/Remove/k": "No action was found on the controller 'SO' that matches the name 'Remove'.",
    "so/PriceAdd/k": "No action was found on the controller 'so' that matches the name 'PriceAdd'.",
    "PO/Get/k": "No type was found that matches the controller named 'PO'.",
    "": "No type was found that matches the controller named ''.",
    "SO": "No action was found on the controller 'SO' that matches the name ''.",
    "SO/Get/k/more": "No action was found on the controller 'SO' that matches the request.",
}


def test_what_is_no_endpoint(erp: Erp) -> None:
    for path, detail in NO_ENDPOINT.items():
        answer = erp.client.get(f"/Api/{path}")
        assert (answer.status_code, list(answer.json())) == (404, ["$id", "Message", "MessageDetail"])
        assert answer.json()["MessageDetail"] == detail
        assert answer.json()["Message"].endswith(f"'{erp.client.base_url}/Api/{path}'.")
    answer = erp.ask("SO/Add?SoNo=1?customer=8")
    assert answer.status_code == 404
    assert answer.json()["MessageDetail"] == "No action was found on the controller 'SO' that matches the request."
    for method in ("PUT", "PATCH", "DELETE"):
        assert erp.ask("SO/Get?SoNo=1", method=method).status_code == 405


def test_which_keys_open(erp: Erp) -> None:
    api, database = erp.api, erp.api.warehouse.database
    assert len(erp.key) == 10
    assert erp.ask("SO/Get?SoNo=1").headers["Cache-Control"] == "no-store"
    new_key, revoked = keys.add(database, "acme", keys.ERP)
    keys.revoke(database, new_key.key_id)
    for key in ("%20", "123456789", api.key(), revoked, keys.add(database, "gone", keys.ERP)[1]):
        answer = erp.ask("SO/Get?SoNo=1", key=key)
        assert (answer.status_code, answer.json()["Message"], answer.json()["IsValidUser"]) == (
            200,
            "Invalid API Key.",
            False,
        )
    assert erp.client.get("/api/SO/Get?SoNo=1").json()["Message"] == "Invalid API Key."
    assert api.of(erp.key).get("/business_units/BU1/sales_orders/1").status_code == 401

    erp.answer("SO/Add?SoNo=1&custNo=8")
    erp.key = keys.add(database, "acme", keys.ERP, read_only=True)[1]
    assert erp.answer("SO/Edit?SoNo=1&FOB=DESTINATION")["Message"] == "Sales Order edit failed.This key may only read."
    assert erp.answer("SO/Get?SoNo=1")["ResponseObject"]["FOB"] == " "


def test_partners_and_business_units_do_not_see_each_other(erp: Erp) -> None:
    erp.answer("SO/Add?SoNo=1&custNo=8")
    database = erp.api.warehouse.database
    for key in (keys.add(database, "other", keys.ERP)[1], keys.add(database, "acme", keys.ERP, units=("BU2",))[1]):
        answer = erp.ask("SO/Get?SoNo=1", key=key).json()
        assert (answer["Message"], answer["ResponseObject"]) == ("Sales Order does not exists.", None)


def test_who_tries_too_many_keys_has_to_wait(erp: Erp) -> None:
    for _ in range(tries.MOST):
        assert erp.ask("SO/Get?SoNo=1", key="wrong").json()["Message"] == "Invalid API Key."
    answer = erp.ask("SO/Get?SoNo=1")
    assert (answer.status_code, answer.json()["Message"]) == (429, "Too many wrong API Keys. Try again later.")
    assert 0 < int(answer.headers["Retry-After"]) <= tries.SECONDS


def test_head_changes_nothing(erp: Erp) -> None:
    """Programs that look whether a link lives ask so: an order was stored."""
    for method, status in (("HEAD", 405), ("GET", 200)):
        answer = erp.ask("SO/Add?SoNo=1&custNo=8", method=method)
        assert (answer.status_code, answer.headers.get("Allow")) == (status, "GET, POST" if status == 405 else None)
    assert erp.ask("SO/Get?SoNo=1", method="HEAD").status_code == 200
    assert len(erp.api.warehouse.jobs()) == 2  # the customer, and the order of the GET


def test_parameters_that_do_not_come_are_not_waited_for(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.2)
    host, port = str(erp.client.base_url).removeprefix("http://").strip("/").split(":")
    with socket.create_connection((host, int(port)), PATIENCE) as connection:
        connection.sendall(b"POST /API/SO/Get/KEY HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_tries_are_forgotten_after_a_while() -> None:
    now = [100.0]
    seen = tries.Tries(lambda: now[0])
    for _ in range(tries.MOST):
        assert seen.wait("a") == 0
        seen.note("a")
    assert (seen.wait("a"), seen.wait("b")) == (60, 0)
    now[0] += 59.5
    assert seen.wait("a") == 1
    now[0] += 1
    assert seen.wait("a") == 0
    for number in range(tries.ADDRESSES + 1):
        seen.note(str(number))
    assert len(seen._wrong) == tries.ADDRESSES


def test_what_a_value_says_stays_text(erp: Erp) -> None:
    note = "'; DROP TABLE erp_sales_orders -- <script>\u2028\\ \u0661 \U0001f600"
    erp.answer("SO/Add?SoNo=1&custNo=8")
    assert erp.answer("SO/Edit", {"SoNo": "1", "SONote": note})["Code"] == 200
    assert erp.answer("SO/Get?SoNo=1")["ResponseObject"]["SONOTE"] == note
    assert erp.ask("SO/Edit", {"SoNo": "1", "SONote": "x" * (1 << 20)}).status_code == 413


@pytest.mark.both(slow=True)
def test_odd_numbers_are_answered(erp: Erp) -> None:
    for number in ("%00", "%ED%A0%80", "%FF", "9" * 5000, "%D9%A1", "'", "%E2%80%A8", "1%2F2", "%F0%9F%98%80"):
        for call in (f"SO/Get?SoNo={number}", f"SO/ItemGet?SoNo={number}&line_no=1", f"SO/ItemEdit?SoNo={number}"):
            answer = erp.ask(call)
            assert answer.status_code == 200, (call, answer.text)
            assert answer.json()["Code"] == 403, (call, answer.text)
    for call in ("Add?SoNo=%00", "Add?SoNo=%D9%A1", "Edit?SoNo=1&custNo=%E2%80%A8", "Add?SoNo=1&custNo=%F0%9F%98%80"):
        assert erp.answer(f"SO/{call}")["Code"] == 403, call
