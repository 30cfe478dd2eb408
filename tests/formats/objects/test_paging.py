"""A saved answer of an API is often its first page: the file says that documents, or lines of one, are elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.warehouse import Warehouse

LINE = {"customerLineNumber": 1, "skuId": "AB", "quantity": 5}


def order(number: int, **more: Any) -> dict[str, Any]:
    return {"customerOrderNumber": f"SO-{number}", "orderLines": [LINE], **more}


ORDERS = [order(1), order(2)]


@pytest.mark.parametrize(
    ("path", "answer", "shown"),
    [
        ("value", {"@odata.count": 2, "value": ORDERS, "@odata.nextLink": "https://x/?$skip=2"}, "@odata.nextLink https://x/?$skip=2"),
        ("d.results", {"d": {"results": ORDERS, "__next": "https://x"}}, "__next https://x"),
        ("orders", {"orders": ORDERS, "has_more": True}, "has_more true"),
        ("orders", {"done": False, "orders": ORDERS}, "done false"),
        ("data", {"data": ORDERS, "links": {"next": "/orders?page=2"}}, "next /orders?page=2"),
        ("data", {"data": ORDERS, "meta": {"pagination": {"current_page": 1, "last_page": 13}}}, "current_page 1, last_page 13"),
        ("orders", {"orders": ORDERS, "paging": {"next": {"after": "2"}}}, "next …"),
        ("orders", {"orders": ORDERS, "total_count": 250}, "total_count 250"),
        ("orders", {"orders": ORDERS, "total": 250, "limit": 2}, "total 250"),
        ("data.orders.nodes", {"data": {"orders": {"nodes": ORDERS, "pageInfo": {"hasNextPage": True, "endCursor": "x"}}}}, "hasNextPage true"),
        ("orders", [{"orders": ORDERS[:1], "next": "/2"}, {"orders": ORDERS[1:], "next": "/3"}], "next /3"),
    ],
)  # fmt: skip
def test_a_file_that_is_one_page_of_several_is_said(
    warehouse: Warehouse, path: str, answer: object, shown: str
) -> None:
    result = warehouse.run(json.dumps(answer), warehouse.feed(f'options = {{ path = "{path}" }}'), name="orders.json")
    assert warehouse.order_numbers() == ["SO-1", "SO-2"], result.text
    messages = [each["message"] for each in result.failures if each["code"] == "documents_elsewhere"]
    assert messages == [
        f"the file says that there are more documents than it brings: {shown} (send the other pages, too)"
    ]


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("orders", {"orders": ORDERS, "has_more": False, "next_cursor": "x"}),
        ("orders", {"orders": ORDERS, "next": None, "links": {"next": ""}, "total_count": 2}),
        ("orders", {"orders": ORDERS, "total": "9.50", "page": 13, "pages": 13}),
        ("orders", {"orders": ORDERS, "total": 250, "currency": "EUR"}),
        ("orders", {"orders": ORDERS, "total": 250, "offset": 248}),
        ("orders", [{"orders": ORDERS[:1], "next": "/2", "total_count": 2}, {"orders": ORDERS[1:], "total_count": 2}]),
    ],
)
def test_the_last_page_and_other_members_say_nothing(warehouse: Warehouse, path: str, answer: object) -> None:
    result = warehouse.run(json.dumps(answer), warehouse.feed(f'options = {{ path = "{path}" }}'), name="orders.json")
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]
    assert "documents_elsewhere" not in result.warnings


ERRORS = [
    {"message": "Access denied for shipTo", "path": ["orders", 0, "shipTo"], "extensions": {"code": "ACCESS_DENIED"}}
]


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("data.orders", {"data": {"orders": ORDERS}, "errors": ERRORS}),
        ("data.orders", {"errors": ERRORS, "data": {"orders": ORDERS}}),
        ("data.orders.nodes", [{"data": {"orders": {"nodes": ORDERS[:1]}}, "errors": ERRORS}, {"data": {"orders": {"nodes": ORDERS[1:]}}}]),
        ("body.data.orders", {"body": {"data": {"orders": ORDERS}, "errors": ERRORS}}),
        ("data", {"data": ORDERS, "errors": ERRORS}),
    ],
)  # fmt: skip
def test_an_answer_with_errors_is_not_taken_as_whole(warehouse: Warehouse, path: str, answer: object) -> None:
    """GraphQL writes null where it could not read a field: an order's address was cleared, and the order accepted."""
    keys = f'options = {{ path = "{path}" }}'
    refused = warehouse.run(json.dumps(answer), warehouse.feed(keys), name="orders.json").report.refused
    assert refused is not None
    assert "is an answer with errors" in refused
    assert "Access denied for shipTo" in refused
    lower = warehouse.feed(f'{keys}\nseverity = {{ answer_in_part = "warning" }}')
    assert "answer_in_part" in warehouse.run(json.dumps(answer), lower, name="orders.json").warnings
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]


@pytest.mark.parametrize("answer", [{"errors": ERRORS, "data": None}, {"errors": ERRORS}])
def test_an_answer_of_nothing_but_errors_is_called_so(warehouse: Warehouse, answer: object) -> None:
    refused = warehouse.run(json.dumps(answer), name="orders.json").report.refused
    assert refused == "the file can't be read: it is an answer that failed: Access denied for shipTo"


@pytest.mark.parametrize("answer", [{"data": ORDERS, "errors": []}, {"data": ORDERS, "errors": None, "error": ""}])
def test_an_answer_without_errors_is_taken(warehouse: Warehouse, answer: object) -> None:
    warehouse.run(json.dumps(answer), name="orders.json")
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]


@pytest.mark.parametrize("others", [0, 3])
@pytest.mark.parametrize(
    ("array", "lines", "shown"),
    [
        ("items.nodes", {"items": {"nodes": [LINE, LINE | {"customerLineNumber": 2}], "pageInfo": {"hasNextPage": True}}}, "hasNextPage true"),
        ("items.data", {"items": {"object": "list", "data": [LINE], "has_more": True}}, "has_more true"),
        ("items.results", {"items": {"results": [LINE], "__next": "https://x"}}, "__next https://x"),
        ("items", {"items": [LINE], "items@odata.nextLink": "https://x"}, "items@odata.nextLink https://x"),
    ],
)  # fmt: skip
def test_an_order_of_whose_lines_a_page_is_there_is_held(
    warehouse: Warehouse, array: str, lines: dict[str, Any], shown: str, others: int
) -> None:
    """Alone, and among objects that look alike and are whole."""
    members = {"customerLineNumber", "skuId", "quantity"}
    columns = {array: "orderLines", **{f"{array}.{each}": each for each in members}}
    keys = (
        f"columns = {{ {', '.join(f'{json.dumps(theirs)} = {json.dumps(ours)}' for theirs, ours in columns.items())} }}"
    )
    whole = json.loads(json.dumps(lines).replace("true", "false").replace("https://x", ""))
    orders = [{"customerOrderNumber": "SO-1", **lines}]
    orders += [{"customerOrderNumber": f"SO-{number}", **whole} for number in range(2, 2 + others)]
    result = warehouse.run(json.dumps(orders), warehouse.feed(keys), name="orders.json")
    assert {code for _, _, code in result.errors} == {"lines_elsewhere"}
    assert f"the document has more lines than the file brings: {shown}" in result.text.replace("\n    ", " ")
    assert warehouse.order_numbers() == [f"SO-{number}" for number in range(2, 2 + others)]


def test_cartons_of_which_a_page_is_there_hold_their_notice(warehouse: Warehouse) -> None:
    keys = """
[[feed]]
document = "asn"
files = "asn*"
constants = { businessUnitId = "BU1" }
columns = { "boxes.data" = "packages" }
"""
    line = {"lineNumber": 1, "skuId": "AB", "quantity": 5}
    boxes = {"boxes": {"data": [{"cartonId": "106141411234567897", "quantity": 5}], "has_more": True}}
    notice = {"asnNumber": "A-1", "lines": [line | boxes]}
    top = 'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n'
    result = warehouse.run(json.dumps([notice]), warehouse.feed(whole=top + keys), name="asn.json")
    assert {code for _, _, code in result.errors} == {"lines_elsewhere"}, result.text


def test_what_says_that_there_are_more_lines_may_hold_half_of_a_character(warehouse: Warehouse) -> None:
    """Once the whole file failed of it, as an outage."""
    order = {"customerOrderNumber": "SO-1", "orderLines": [LINE], "orderLines@odata.nextLink": "https://\ud800"}
    result = warehouse.run(json.dumps([order]), name="orders.json")
    assert {code for _, _, code in result.errors} == {"lines_elsewhere"}
