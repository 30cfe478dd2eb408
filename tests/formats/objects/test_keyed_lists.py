"""Lists as PHP writes them: objects by id or place; and lists of texts where objects with one member belong.

PHP's ``json_encode`` writes an array whose keys are not 0, 1, 2 … as an object (the manual's example "Sequential versus
non-sequential array"); Magento's and WooCommerce's plugins and Shopware's exports send orders and items by their ids.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.warehouse import Result, Warehouse, house

LINES = {"17": {"customerLineNumber": "1", "skuId": "AB", "quantity": 5},
         "18": {"customerLineNumber": "2", "skuId": "CD", "quantity": 7}}  # fmt: skip
STORED = {"1": ("AB", 5.0, "OPEN"), "2": ("CD", 7.0, "OPEN")}


def run(warehouse: Warehouse, content: Any, keys: str = "") -> Result:
    return warehouse.run(json.dumps(content), warehouse.feed(keys), name="orders.json")


@pytest.mark.parametrize(
    "content",
    [
        [{"customerOrderNumber": "SO-1", "orderLines": LINES}],
        {"customerOrderNumber": "SO-1", "orderLines": LINES},
        {"data": {"1001": {"customerOrderNumber": "SO-1", "orderLines": LINES}}},
        {"1001": {"customerOrderNumber": "SO-1", "orderLines": LINES}},
        {"data": [{"customerOrderNumber": "SO-1", "orderLines": [*LINES.values()]}]},
    ],
)
def test_a_list_may_be_an_object_of_its_elements_by_id(warehouse: Warehouse, content: Any) -> None:
    result = run(warehouse, content)
    assert (result.errors, result.warnings) == ([], [])
    assert warehouse.lines() == STORED


def test_so_may_one_inside_of_an_object_and_with_other_names(warehouse: Warehouse) -> None:
    items = {"3": {"pos": "1", "sku": "AB", "qty": 5}, "1": {"pos": "2", "sku": "CD", "qty": 7}}
    keys = ('[feed.columns]\nnumber = "customerOrderNumber"\n"cart.items" = "orderLines"\n"cart.items.pos" = '
            '"customerLineNumber"\n"cart.items.sku" = "skuId"\n"cart.items.qty" = "quantity"\n')  # fmt: skip
    assert run(warehouse, [{"number": "SO-1", "cart": {"count": 2, "items": items}}], keys).errors == []
    assert warehouse.lines() == STORED


def test_several_documents_by_id_are_several(warehouse: Warehouse) -> None:
    orders = {str(place): {"customerOrderNumber": f"SO-{place}", "orderLines": LINES} for place in (7, 9, 12)}
    assert run(warehouse, {"data": orders}).report.documents.inserted == 3
    assert warehouse.order_numbers() == ["SO-12", "SO-7", "SO-9"]


def test_one_line_may_still_stand_where_a_list_belongs(warehouse: Warehouse) -> None:
    assert run(warehouse, [{"customerOrderNumber": "SO-1", "orderLines": LINES["17"]}]).errors == []
    assert warehouse.lines() == {"1": STORED["1"]}


@pytest.mark.parametrize("lines", [{"17": "AB", "18": "CD"}, {"17": [], "18": []}, {"a": {"skuId": "AB"}}])
def test_what_is_no_list_of_objects_is_none(warehouse: Warehouse, lines: Any) -> None:
    assert run(warehouse, [{"customerOrderNumber": "SO-1", "orderLines": lines}]).report.documents.inserted == 0


def test_a_text_stands_for_an_object_that_has_one_member(warehouse: Warehouse) -> None:
    sku = {"businessUnitId": "BU1", "skuId": "AB", "name": "Mug", "description1": "A mug", "isActive": True,
           "upc": "4006381333931", "aliases": ["X1", {"alias": "X2"}, 4711]}  # fmt: skip
    result = warehouse.run(json.dumps([sku]), house("sku"), name="sku.json")
    assert result.errors == []
    assert warehouse.rows("SELECT alias FROM sku_aliases ORDER BY 1") == [("4711",), ("X1",), ("X2",)]


@pytest.mark.parametrize(
    ("alone", "stored"), [("X1", ["X1"]), (4711, ["4711"]), ("", []), (None, []), ({"alias": "X1"}, ["X1"])]
)
def test_a_text_alone_is_a_list_of_one(warehouse: Warehouse, alone: object, stored: list[str]) -> None:
    """As converters from XML write a list of one; among items that have lists."""
    items = [
        {"businessUnitId": "BU1", "skuId": f"AB-{place}", "name": "Band", "description1": "Band", "isActive": "Y", "upc": "4006381333931", "aliases": each}
        for place, each in enumerate((alone, ["Y1"], alone))
    ]  # fmt: skip
    result = warehouse.run(json.dumps(items), house("sku"), name="sku.json")
    rows = warehouse.rows("SELECT alias FROM sku_aliases WHERE sku_id <> 'AB-1' ORDER BY sku_id")
    assert [alias for (alias,) in rows] == [*stored, *stored], result.text
