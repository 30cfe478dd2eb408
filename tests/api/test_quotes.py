"""Quotes over HTTP: the hand-calculated ones, what is wrong with a request, and who may ask."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.api.conftest import NOBODY, Api
from tests.api.test_singles import ORDERS, order
from tests.patience import PATIENCE
from tests.quotes.cases import CASES, REQUEST
from tests.quotes.test_quotation import carded

QUOTE = "/organizations/BU1/sales_orders/SO-1/tms_quote"


@pytest.fixture
def ordered(api: Api) -> Api:
    assert api.client.post(ORDERS, json=order()).status_code == 201
    return api


def quoted(api: Api, request: object, path: str = QUOTE) -> httpx.Response:
    return api.client.post(path, json={"data": request})


def test_quotes_over_http_are_what_was_calculated_by_hand(ordered: Api) -> None:
    carded(ordered.warehouse)
    for case in CASES[::5]:
        answer = quoted(ordered, case.request)
        assert answer.status_code == 200, (case.name, answer.text)
        data = answer.json()["data"]
        rows = [tuple(each[name] for name in ("rateId", "linehaul", "fuel", "total", "deliveryDate"))
                for each in data["quotes"]]  # fmt: skip
        reasons = {each["carrierCode"]: each["reason"] for each in data["notQuoted"]}
        assert (rows, reasons) == (case.quotes, case.reasons), case.name


def test_without_a_rate_card_the_empty_lists_are_named(ordered: Api) -> None:
    answer = quoted(ordered, REQUEST)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert answer.json()["emptyLists"] == ["carrier_zone", "carrier_rate"]
    assert answer.json()["detail"] == "the lists carrier_zone, carrier_rate are empty: there is no rate card"


def test_what_is_wrong_with_a_request_is_said_at_once(ordered: Api) -> None:
    answer = quoted(ordered, {**REQUEST, "origin": {}, "containers": [{"weight": "x"}]})
    assert answer.status_code == 422
    assert answer.json()["failures"] == [
        {"pointer": "/data/containers/0/weight", "message": "is not a number"},
        {"pointer": "/data/origin/countryCode", "message": "is missing"},
    ]
    assert ordered.client.post(QUOTE, json=[]).status_code == 400


@pytest.mark.both(slow=True)
def test_odd_texts_and_orders_that_are_not_there_are_answered(ordered: Api) -> None:
    carded(ordered.warehouse)
    for odd in ("\x00", "\ud83d", "9" * 5_000, "'", "%", "\u0661"):
        place = {"countryCode": "GB", "postalCode": odd}
        for request in (
            {"origin": place},
            {"carrierCodes": [odd]},
            {"accesorials": [{"code": odd}]},
            {"weightUom": odd},
        ):
            body = json.dumps({"data": {**REQUEST, **request}})
            answer = ordered.client.post(QUOTE, content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code in (200, 422), (odd, request, answer.text)
    for path in (QUOTE.replace("SO-1", "SO-2"), QUOTE.replace("BU1", "BU3"), QUOTE.replace("BU1", "BU2")):
        assert quoted(ordered, REQUEST, path).status_code == 404
    for number, status in (("%00", 400), ("SO-1%00", 400), ("%ED%A0%80", 400)):
        assert quoted(ordered, REQUEST, QUOTE.replace("SO-1", number)).status_code == status


def test_a_quote_needs_a_key_and_no_right_to_write(ordered: Api) -> None:
    carded(ordered.warehouse)
    body: dict[str, Any] = {"data": REQUEST}
    assert httpx.post(ordered.url + QUOTE, json=body, timeout=PATIENCE, verify=NOBODY).status_code == 401
    assert ordered.of(ordered.key(read_only=True)).post(QUOTE, json=body).status_code == 200


def test_the_request_is_described(api: Api) -> None:
    paths = api.client.get("/openapi.json").json()["paths"]
    body = paths["/organizations/{orgId}/sales_orders/{salesOrderNumber}/tms_quote"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]["properties"]["data"]
    assert set(schema["required"]) <= set(REQUEST)
    assert {name for name in paths if name.startswith("/API/SO/")} == {
        f"/API/SO/{action}/{{api_key}}"
        for action in ("Add", "Edit", "Get", "ItemAdd", "ItemEdit", "ItemGet", "ItemDelete")
    }
    posted = paths["/API/SO/Add/{api_key}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert all(member["description"] for member in posted["properties"].values())
