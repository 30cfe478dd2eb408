"""Each set becomes the same rows as a CSV of the same documents; what is wrong in one is said where it stands.

Files: ``x12_945.edi`` and the same documents as ``x12_945.csv`` under our names; ``x12_945_bad.edi`` and, in
``x12_945_bad.txt``, its failures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crossdock.database.tables import LEVELS
from crossdock.documents import DOCUMENTS
from tests.interchanges import partner_of
from tests.warehouse import Result, Warehouse

SETS = Path(__file__).parents[1] / "formats" / "guides" / "sets"
DOCUMENT = {
    "x12_945": "ship_confirmation",
    "x12_943": "asn",
    "x12_944": "receipt",
    "x12_846": "inventory",
    "x12_947": "inventory_movement",
    "x12_180": "rma",
    "x12_832": "sku",
    "edifact_recadv": "receipt",
}
LEFT_OUT = {"business_unit_id", "key_fold", "revision", "change", "job", "line", "content", "version"}
"""Columns of rows that tell the two imports apart."""
CSV = """
[[feed]]
document = "{document}"
files = "*.csv"
constants = {{ businessUnitId = "BU2" }}
"""


def partner_with_both(name: str) -> str:
    """A partner who sends the set for BU1, and the document as CSV for BU2."""
    document, set_ = DOCUMENT[name], name.partition("_")[2].upper()
    toml = partner_of(set_, document=document, keys="").replace('["BU1"]', '["BU1", "BU2"]')
    return toml.replace('files = "*"', 'files = "*.edi"') + CSV.format(document=document)


def stored(warehouse: Warehouse, name: str, unit: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of a document's tables for one business unit, without who brought them and when."""
    rows = {}
    for table in (level.table for level in DOCUMENTS[DOCUMENT[name]].levels):
        columns = ", ".join(each.name for each in LEVELS[table].c if each.name not in LEFT_OUT)
        keys = ", ".join(each.name for each in LEVELS[table].primary_key if each.name in columns.split(", "))
        rows[table] = warehouse.rows(f"SELECT {columns} FROM {table} WHERE business_unit_id = '{unit}' ORDER BY {keys}")
    return rows


@pytest.mark.parametrize("name", DOCUMENT)
def test_a_set_becomes_the_rows_of_the_csv(warehouse: Warehouse, name: str) -> None:
    warehouse.partner(whole=partner_with_both(name))
    warehouse.drop("a.edi", (SETS / f"{name}.edi").read_bytes())
    warehouse.drop("b.csv", (SETS / f"{name}.csv").read_bytes())
    for report in warehouse.reports():
        assert report.verdict == "ACCEPTED", Result(report, warehouse.database, report.job).text
    of_set, of_csv = stored(warehouse, name, "BU1"), stored(warehouse, name, "BU2")
    assert all(of_csv[table] for table in list(of_csv)[:1])
    for table, rows in of_csv.items():
        assert of_set[table] == rows


@pytest.mark.parametrize("name", DOCUMENT)
def test_what_is_wrong_in_a_set_is_said_where_it_stands(warehouse: Warehouse, name: str) -> None:
    warehouse.partner(whole=partner_with_both(name))
    warehouse.drop("a.edi", (SETS / f"{name}_bad.edi").read_bytes())
    (report,) = warehouse.reports()
    text = Result(report, warehouse.database, report.job).text.replace(report.job, "JOB")
    assert text == (SETS / f"{name}_bad.txt").read_text(encoding="utf-8")
