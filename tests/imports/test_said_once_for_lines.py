"""A field of lines that an object, or a header line, says once: it counts for each line that says nothing else."""

from __future__ import annotations

import json

import pytest

from crossdock.partners import registry
from tests.warehouse import Warehouse, partner

FEED = """
id = "acme"
zone = "Europe/Berlin"
business_units = ["BU1"]

[[feed]]
document = "asn"
files = "*"
constants = {{ businessUnitId = "BU1" }}
{keys}
[feed.columns]
"asn" = "asnNumber"
"po" = "line.purchaseOrderNumber"
"made" = "countryOfOrigin"
{columns}
"""
OF_OBJECTS = '"lines.n" = "lineNumber"\n"lines.sku" = "skuId"\n"lines.q" = "quantity"\n'
OF_LINES = '"n" = "lineNumber"\n"sku" = "skuId"\n"q" = "quantity"\n'
RECORDS = 'format = "records"\noptions = { records = { H = ["asn", "po", "made"], D = ["n", "sku", "q"] } }'
LINES = [{"n": n, "sku": "A", "q": 1} for n in (1, 2)]


@pytest.mark.both
@pytest.mark.parametrize(
    ("keys", "columns", "content"),
    [
        ("", OF_OBJECTS, json.dumps([{"asn": "A1", "po": "PO-1", "made": "CN", "lines": LINES}])),
        ("", OF_OBJECTS, json.dumps([{"asn": "A1", "lines": LINES, "po": "PO-1", "made": "CN"}, {"asn": "A2", "lines": LINES}])),
        (RECORDS, OF_LINES, "H|A1|PO-1|CN\nD|1|A|1\nD|2|A|1\nH|A2||\nD|1|A|1\nD|2|A|1\n"),
    ],
)  # fmt: skip
def test_what_the_header_says_of_lines_counts_for_each(
    warehouse: Warehouse, keys: str, columns: str, content: str
) -> None:
    partner(warehouse.home, "acme", whole=FEED.format(keys=keys, columns=columns))
    of = registry.load(warehouse.home / "partners", "UTC").named("acme/asn")
    assert warehouse.run(content, of, name="asn.txt").report.verdict == "ACCEPTED"
    rows = warehouse.rows("SELECT asn_number, purchase_order_number, country_of_origin FROM asn_lines ORDER BY 1, line")
    assert rows[:2] == [("A1", "PO-1", "CN")] * 2
    assert set(rows[2:]) <= {("A2", None, None)}


def test_a_number_of_the_header_is_no_quantity_of_each_line(warehouse: Warehouse) -> None:
    columns = OF_OBJECTS.replace('"lines.q"', '"q"')
    partner(warehouse.home, "acme", whole=FEED.format(keys="", columns=columns))
    of = registry.load(warehouse.home / "partners", "UTC").named("acme/asn")
    lines = [{"n": n, "sku": "A"} for n in (1, 2)]
    result = warehouse.run(json.dumps([{"asn": "A1", "q": 5, "lines": lines}]), of, name="asn.json")
    assert [code for _, _, code in result.errors] == ["missing"]
