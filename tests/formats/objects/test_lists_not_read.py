"""What the answer says of a list that nobody reads is followed, word by word, and the lines are in."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.warehouse import Result, Warehouse

KEYS = 'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n[[feed]]\nfiles = "*"\n'
LINES = [{"customerLineNumber": "1", "skuId": "AB", "quantity": 5}, {"customerLineNumber": "2", "skuId": "AC", "quantity": 6}]  # fmt: skip
ORDERS: dict[str, Any] = {
    "another name": {"items": LINES},
    "an object around them": {"items": {"data": LINES}},
    "our name, and an object": {"orderLines": {"data": LINES}},
    "our name, and two objects": {"orderLines": {"page": {"line": LINES, "number": 1}}},
    "our name of all in one": {"orderLines": {"count": 2, "data": LINES}},
    "objects around them": {"parcels": [{"items": LINES[:1]}, {"items": LINES[1:]}]},
}
CARTONS = [{"cartonId": "340123450000000017", "quantity": 5}]
NOTICES: dict[str, Any] = {
    "another name": {"lines": [{"lineNumber": 1, "skuId": "AB", "quantity": 5, "boxes": CARTONS}]},
    "an object around them": {"lines": [{"lineNumber": 1, "skuId": "AB", "quantity": 5, "boxes": {"box": CARTONS}}]},
    "our name, and an object": {"lines": [{"lineNumber": 1, "skuId": "AB", "quantity": 5, "packages": {"box": CARTONS}}]},
    "one line, and cartons": {"lines": {"lineNumber": 1, "skuId": "AB", "quantity": 5, "boxes": CARTONS}},
    "lines in an object": {"lines": {"line": [{"lineNumber": 1, "skuId": "AB", "quantity": 5, "packages": CARTONS}]}},
}  # fmt: skip


def followed(warehouse: Warehouse, document: str, value: dict[str, Any]) -> Result:
    """The import of a file after its feed has what each answer says of a list, until none says anything."""
    keys, columns = f'document = "{document}"\nconstants = {{ businessUnitId = "BU1", "shipTo.locationId" = "S1" }}', {}
    if document != "sales_order":
        keys = keys.replace(', "shipTo.locationId" = "S1"', ', vendorNumber = "V1"')
    for _ in range(3):
        named = "\n".join(f'"{theirs}" = "{ours}"' for theirs, ours in columns.items())
        result = warehouse.run(json.dumps([value]), warehouse.feed(whole=f"{KEYS}{keys}\n[feed.columns]\n{named}"),
                               name="o.json")  # fmt: skip
        advice = [re.search("'([^']+)' = '([^']+)' in the feed's columns", each["message"])
                  for each in result.failures if each["code"] == "list_not_read"]  # fmt: skip
        if not advice:
            return result
        assert advice[-1] is not None
        columns[advice[-1][1]] = advice[-1][2]
    raise AssertionError(result.text)


@pytest.mark.parametrize("shape", list(ORDERS))
def test_an_order_has_its_lines_once_the_advice_is_followed(warehouse: Warehouse, shape: str) -> None:
    result = followed(warehouse, "sales_order", {"customerOrderNumber": "SO-1", **ORDERS[shape]})
    assert result.report.books.loaded == 2, result.text
    assert {number: item for number, (item, *_) in warehouse.lines().items()} == {"1": "AB", "2": "AC"}


@pytest.mark.parametrize("shape", list(NOTICES))
def test_a_notice_has_its_cartons_once_the_advice_is_followed(warehouse: Warehouse, shape: str) -> None:
    result = followed(warehouse, "asn", {"asnNumber": "A-1", **NOTICES[shape]})
    stored = warehouse.rows("SELECT carton_id FROM asn_packages")
    assert stored == [(CARTONS[0]["cartonId"],)], result.text


def test_a_member_that_the_feed_names_otherwise_is_not_read_under_our_name(warehouse: Warehouse) -> None:
    """Beside what is still to be shipped, ``quantity`` is what was ordered: the feed says which one counts."""
    columns = '[feed.columns]\n"items" = "orderLines"\n"items.open" = "quantity"'
    order = {"customerOrderNumber": "SO-1", "items": [{**LINES[0], "open": 3}]}
    result = warehouse.run(json.dumps([order]), warehouse.feed(columns), name="o.json")
    assert [quantity for _, quantity, *_ in warehouse.lines().values()] == [3], result.text
