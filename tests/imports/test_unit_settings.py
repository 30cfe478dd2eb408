"""General settings of business units are defaults of their feeds: what a TOML says itself, wins (http.md §2)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.warehouse import HEADER, Warehouse, csv, house

PRICED = f"{HEADER},unitPrice"
TWO_UNITS = 'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1", "BU2"]\n\n[[feed]]\ndocument = "sales_order"\nfiles = "*"\ndefaults = { "shipTo.locationId" = "S1" }\n'


def settings(warehouse: Warehouse, unit: str, **values: Any) -> None:
    """A business unit with these settings, as its master sends it."""
    data = {"data": [{"businessUnitId": unit, "name": f"Unit {unit}", "settings": values}]}
    assert not warehouse.run(json.dumps(data), house("business_unit"), name="business_units.json").errors


@pytest.mark.both(slow=True)
@pytest.mark.parametrize(("keys", "stored"), [("", ["SO-1", "SO-2"]), ('hold = "document"', ["SO-2"])])
def test_what_a_failing_line_holds(warehouse: Warehouse, keys: str, stored: list[str]) -> None:
    settings(warehouse, "BU1", hold="line")
    content = csv("SO-1,1,AB,5", "SO-1,2,AB,x", "SO-2,1,AB,5")
    checked = warehouse.check(content, warehouse.feed(keys))
    result = warehouse.run(content, warehouse.feed(keys))
    assert warehouse.order_numbers() == stored
    assert result.ack["failedOrders"] == checked["failedOrders"]


@pytest.mark.parametrize(("more", "currency"), [("", "GBP"), (', currency = "USD"', "USD")])
def test_the_currency_of_amounts(warehouse: Warehouse, more: str, currency: str) -> None:
    settings(warehouse, "BU1", currency="GBP")
    toml = TWO_UNITS.replace('["BU1", "BU2"]', '["BU1"]').replace(" }", more + " }")
    result = warehouse.run(csv("BU1,SO-1,1,AB,5,2.50", header=f"businessUnitId,{PRICED}"), warehouse.feed(whole=toml))
    assert not result.errors
    assert warehouse.rows("SELECT currency FROM sales_orders") == [(currency,)]


def test_only_settings_on_which_all_units_of_a_feed_agree(warehouse: Warehouse) -> None:
    content = csv("BU1,SO-1,1,AB,5,2.50", "BU2,SO-2,1,AB,5,2.50", header=f"businessUnitId,{PRICED}")
    settings(warehouse, "BU1", currency="GBP")
    first = warehouse.run(content, warehouse.feed(whole=TWO_UNITS))
    assert {code for _, _, code in first.errors} == {"no_currency"}
    settings(warehouse, "BU2", currency="GBP")
    assert not warehouse.run(content, warehouse.feed(whole=TWO_UNITS), name="again.csv").errors


def test_the_zone_of_our_own_names(warehouse: Warehouse) -> None:
    settings(warehouse, "BU1", zone="America/New_York")
    content = csv(
        "BU1,SO-1,1,AB,5,S1,2026-01-05T10:00", header=f"businessUnitId,{HEADER},shipTo.locationId,orderCreatedDate"
    )
    ours = replace(house("sales_order"), business_units=("BU1",))
    assert not warehouse.run(content, ours).errors
    ((at,),) = warehouse.rows("SELECT order_created_date FROM sales_orders")
    assert str(at).startswith("2026-01-05T15:00")


def test_what_is_no_setting_is_no_default(warehouse: Warehouse) -> None:
    settings(warehouse, "BU1", currency="Pfund", hold=7, zone="Nowhere", more={"a": 1})
    result = warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AB,x"))
    assert warehouse.order_numbers() == []
    assert [code for _, _, code in result.errors] == ["not_a_number"]
