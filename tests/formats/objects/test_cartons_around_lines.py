"""Cartons that stand around the lines that they hold, in JSON, mean what the rows of a flat file mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crossdock.partners.registry import Misconfigured
from tests.warehouse import Warehouse, csv

FIRST, SECOND = "340123450000000017", "340123450000000024"
ROWS = csv(
    f"A-1,V-1,1,AB,5,{FIRST},L1",
    f"A-1,V-1,2,AC,7,{FIRST},",
    f"A-1,V-1,1,AB,3,{SECOND},L2",
    header="asnNumber,vendorNumber,lineNumber,skuId,quantity,cartonId,lotNumber",
)
KEYS = 'id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n[[feed]]\nfiles = "*"\n'
PLAIN = 'document = "asn"\nconstants = { businessUnitId = "BU1" }\n'
OWN = """constants = {{ businessUnitId = "BU1" }}
[feed.columns]
"{around}" = "{ours}"
"{path}.no" = "lineNumber"
"{path}.sku" = "skuId"
"{path}.qty" = "line.quantity"
"{path}.lot" = "lotNumber"
"cartons.label" = "cartonId"
"""
SHIPPED = """document = "ship_confirmation"
constants = { businessUnitId = "BU1" }
[feed.columns]
"cartons[].items" = "lines"
"cartons[].label" = "cartonId"
"cartons[].tracking" = "line.trackingNumber"
"cartons[].items[].line" = "customerLineNumber"
"cartons[].items[].sku" = "skuId"
"cartons[].items[].qty" = "quantityShipped"
"""


def notice(packages: str, lines: str, *names: str) -> dict[str, Any]:
    """The notice of ``ROWS`` whose cartons hold lines. ``names``: of a carton's number, of a line's members."""
    carton, number, sku, quantity, lot = names
    first = [{number: "1", sku: "AB", quantity: 5, lot: "L1"}, {number: "2", sku: "AC", quantity: 7}]
    second = [{number: "1", sku: "AB", quantity: 3, lot: "L2"}]
    cartons = [{carton: FIRST, lines: first}, {carton: SECOND, lines: second}]
    return {"asnNumber": "A-1", "vendorNumber": "V-1", packages: cartons}


OURS = notice("packages", "lines", "cartonId", "lineNumber", "skuId", "quantity", "lotNumber")
THEIRS = notice("cartons", "items", "label", "no", "sku", "qty", "lot")
SHAPES = {
    "our names": (OURS, None),
    "names of the arrays": (
        THEIRS,
        OWN.format(around="cartons", ours="packages", path="items") + '"items" = "lines"\n',
    ),
    "a path": (THEIRS, OWN.format(around="cartons[].items", ours="lines", path="cartons[].items[]")),
    "a plain path": (THEIRS, OWN.format(around="cartons[].items", ours="lines", path="cartons.items")),
}


@pytest.mark.parametrize("shape", list(SHAPES))
def test_cartons_that_hold_their_lines_are_those_of_a_flat_file(warehouse: Warehouse, shape: str) -> None:
    value, keys = SHAPES[shape]
    warehouse.run(ROWS, warehouse.feed(whole=KEYS + PLAIN))
    of = warehouse.feed(whole=KEYS + (PLAIN if keys is None else f'document = "asn"\n{keys}'))
    result = warehouse.run(json.dumps(value), of, name="a.json")
    assert result.report.documents.unchanged == 1, result.text


def test_the_place_of_a_line_in_a_carton_is_named(warehouse: Warehouse) -> None:
    of = warehouse.feed(whole=KEYS + PLAIN)
    flat = {"asnNumber": "A-2", "lines": [{"lineNumber": 1, "skuId": "AB", "quantity": "x"}]}
    broken = json.loads(json.dumps(OURS))
    broken["packages"][1]["lines"][0]["quantity"] = "x"
    result = warehouse.run(json.dumps([flat, broken]), of, name="a.json")
    assert [each["place"] for each in result.failures if each["severity"] == "error"] == [
        "/0/lines/0",
        "/1/packages/1/lines/0",
    ]


def test_cartons_beside_the_lines_are_left_out_with_a_warning(warehouse: Warehouse) -> None:
    of = warehouse.feed(whole=KEYS + PLAIN)
    lines = [{"lineNumber": 1, "skuId": "AB", "quantity": 8}]
    result = warehouse.run(json.dumps([OURS | {"lines": lines}]), of, name="a.json")
    assert warehouse.rows("SELECT count(*) FROM asn_lines") == [(1,)]
    assert warehouse.rows("SELECT count(*) FROM asn_packages") == [(0,)]
    assert "unknown_column" in result.warnings


def test_a_line_may_name_its_one_carton_itself(warehouse: Warehouse) -> None:
    of = warehouse.feed(whole=KEYS + PLAIN)
    line = {"lineNumber": 1, "skuId": "AB", "quantity": 8, "cartonId": FIRST, "lotNumber": "L1"}
    result = warehouse.run(json.dumps([{"asnNumber": "A-1", "lines": [line]}]), of, name="a.json")
    stored = warehouse.rows("SELECT carton_id, lot_number FROM asn_packages")
    assert stored == [(FIRST, "L1")], result.text


def test_shipped_cartons_hold_lines_of_a_confirmation(warehouse: Warehouse) -> None:
    of = warehouse.feed(whole=KEYS + SHIPPED)
    cartons = [
        {
            "label": FIRST,
            "tracking": "T1",
            "items": [{"line": 1, "sku": "AB", "qty": 5}, {"line": 2, "sku": "AC", "qty": 7}],
        },
        {"label": SECOND, "tracking": "T2", "items": [{"line": 1, "sku": "AB", "qty": 3}]},
    ]
    shipment = {"shipmentId": "S-1", "customerOrderNumber": "SO-1", "shipDate": "2026-11-20T10:00Z", "cartons": cartons}
    result = warehouse.run(json.dumps([shipment]), of, name="s.json")
    stored = warehouse.rows("SELECT carton_id, tracking_number, sku_id FROM shipment_lines ORDER BY line_number")
    assert stored == [(FIRST, "T1", "AB"), (FIRST, "T1", "AC"), (SECOND, "T2", "AB")], result.text


def test_pallets_around_cartons_around_lines_are_said_to_be_too_deep(warehouse: Warehouse) -> None:
    """Each of the columns that the answer named led to another answer, and none to the lines."""
    value = {"asnNumber": "A-1", "vendorNumber": "V-1", "pallets": [{"palletId": FIRST, "cartons": THEIRS["cartons"]}]}
    result = warehouse.run(json.dumps([value]), warehouse.feed(whole=KEYS + PLAIN), name="a.json")
    messages = [each["message"] for each in result.failures if each["code"] in ("list_too_deep", "list_not_read")]
    assert messages == [
        (
            "the member 'pallets[].cartons[].items' is a list in a list in a list, and those are not read "
            "(send the objects of the middle lists in one, each with what the outermost says of it)"
        )
    ]
    with pytest.raises(Misconfigured, match=r"'pallets\[\]\.cartons\[\]\.items' stands in two others"):
        warehouse.feed(whole=f'{KEYS}{PLAIN}[feed.columns]\n"pallets[].cartons[].items" = "lines"\n')
    sent = {**OURS, "packages": [{**each, "palletId": FIRST} for each in OURS["packages"]]}
    warehouse.run(json.dumps([sent]), warehouse.feed(whole=KEYS + PLAIN), name="a.json")
    assert warehouse.rows("SELECT DISTINCT pallet_id FROM asn_packages") == [(FIRST,)]


def test_a_list_that_holds_lists_says_how_those_are_read_as_lines(warehouse: Warehouse) -> None:
    of = warehouse.feed(whole=f'{KEYS}document = "ship_confirmation"\nconstants = {{ businessUnitId = "BU1" }}')
    shipment = {"shipmentId": "S-1", "cartons": [{"label": FIRST, "items": [{"sku": "AB"}]}]}
    result = warehouse.run(json.dumps([shipment]), of, name="s.json")
    messages = [each["message"] for each in result.failures if each["code"] == "list_not_read"]
    assert len(messages) == 2
    assert "'cartons[].items' = 'lines'" in messages[1]
