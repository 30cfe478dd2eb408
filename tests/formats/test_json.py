"""JSON in every shape the contract names, read strictly."""

from __future__ import annotations

import json

import pytest

from tests.warehouse import HEADER, Warehouse, csv

LINES = [
    {"customerLineNumber": "1", "skuId": "AB", "quantity": 5},
    {"customerLineNumber": "2", "skuId": "AC", "quantity": 2.5, "quantityMeasure": "KG"},
]
NESTED = {
    "customerOrderNumber": "SO-1",
    "shipTo": {"name": "Ada", "locationId": "S1"},
    "notes": "hello",
    "orderLines": LINES,
}
FLAT = [
    {
        "customerOrderNumber": "SO-1",
        "shipTo.name": "Ada",
        "shipTo": {"locationId": "S1"},
        "header.notes": "hello",
        **line,
    }
    for line in LINES
]
SHAPES = {
    "envelope": json.dumps({"data": [NESTED]}),
    "pretty envelope": json.dumps({"other": 1, "data": [NESTED]}, indent=2),
    "one in an envelope": json.dumps({"data": NESTED}),
    "array": json.dumps([NESTED], indent=1),
    "object": json.dumps(NESTED, indent=1),
    "object a line": json.dumps(NESTED) + "\n",
    "flat array": json.dumps(FLAT),
    "flat a line": "\n".join(json.dumps(each) for each in FLAT),
    "flat envelope": json.dumps({"data": FLAT}),
}


@pytest.mark.parametrize("shape", list(SHAPES))
def test_every_shape_stores_the_same(warehouse: Warehouse, shape: str) -> None:
    header = f"{HEADER},quantityMeasure,shipTo.name,shipTo.locationId,header.notes"
    warehouse.run(csv("SO-1,1,AB,5,,Ada,S1,hello", "SO-1,2,AC,2.5,KG,Ada,S1,hello", header=header))
    result = warehouse.run(SHAPES[shape], name="orders.json")
    assert result.report.documents.unchanged == 1, (result.text, warehouse.stored())
    assert result.report.books.read == 2


def test_lines_know_their_place(warehouse: Warehouse) -> None:
    body = {
        "data": [
            NESTED,
            {**NESTED, "customerOrderNumber": "SO-2", "orderLines": [LINES[0], {**LINES[1], "quantity": "x"}]},
        ]
    }
    result = warehouse.run(json.dumps(body), name="o.json")
    (failure,) = [each for each in result.failures if each["severity"] == "error"]
    assert (failure["place"], failure["column"], failure["value"]) == ("/data/1/orderLines/1", "quantity", "x")


def test_ids_keep_their_zeros_and_numbers_stay_exact(warehouse: Warehouse) -> None:
    line = '{"customerLineNumber": 1, "skuId": "007", "quantity": 123456789012.123456, "quantityMeasure": "KG", "unitPrice": 1.5e2}'
    warehouse.run('[{"customerOrderNumber": "0042", "orderLines": [' + line + "]}]", name="o.json")
    assert warehouse.rows("SELECT customer_order_number, sku_id, quantity, unit_price FROM sales_order_lines") == [
        ("0042", "007", "123456789012.123456", "150.0000")
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"data": [{"customerOrderNumber": "A"},]}', "comma"),
        ('{"data": [{"customerOrderNumber": NaN}]}', "NaN"),
        ('[{"customerOrderNumber": "A"}', "expected"),
        ('[{"customerOrderNumber": "A"}] {}', "more follows"),
        ("[" * 100_000, "nested"),
        ("{'customerOrderNumber': 'A'}", "double quotes"),
    ],
)  # fmt: skip
def test_broken_json_is_refused_and_says_where(warehouse: Warehouse, content: str, reason: str) -> None:
    result = warehouse.run(content, name="o.json")
    assert result.report.refused is not None
    assert reason in result.report.refused
    assert "line 1" in result.report.refused


def test_a_broken_line_among_objects_of_one_line_each_is_torn_alone(warehouse: Warehouse) -> None:
    one, two = json.dumps(NESTED), json.dumps({**NESTED, "customerOrderNumber": "SO-2"})
    four = json.dumps({**NESTED, "customerOrderNumber": "SO-4"})
    result = warehouse.run(f"{two}\n{one}\n{one[:40]}\n{four}\n{four.replace('SO-4', 'SO-5')}\n", name="o.ndjson")
    assert [code for _, _, code in result.errors] == ["bad_json"]
    assert result.report.documents.inserted == 2
    assert set(result.failed) == {"SO-1", "", "SO-4"}


def test_a_name_twice_fails_that_object_only(warehouse: Warehouse) -> None:
    twice = json.dumps(NESTED).replace('"notes": "hello"', '"notes": "a", "notes": "b"').replace("SO-1", "SO-9")
    result = warehouse.run(f"[{json.dumps(NESTED)}, {twice}]", name="o.json")
    assert result.failed["SO-9"].startswith("1 of its 2 lines failed")
    assert [(f["code"], f["message"]) for f in result.failures if f["severity"] == "error"] == [
        ("name_twice", "the object names notes twice")
    ]


def test_half_a_character_and_what_is_no_object_fail(warehouse: Warehouse) -> None:
    content = '[{"customerOrderNumber": "A", "notes": "\\ud800", "orderLines": []}, 5, {"customerOrderNumber": "B", "orderLines": [7]}]'
    result = warehouse.run(content, name="o.json")
    assert [code for _, _, code in result.errors] == ["bad_json", "not_an_object", "not_an_object"]
