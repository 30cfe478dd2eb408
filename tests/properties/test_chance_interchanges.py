"""Interchanges by chance, and a CSV of the same documents, become the same rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.database.tables import LEVELS
from crossdock.documents import DOCUMENTS
from crossdock.formats.guides.guide import guides
from tests.interchanges import OPTIONAL, partner_of
from tests.properties.chance_interchanges import interchanges, named_guides
from tests.samples import thinned
from tests.warehouse import Result, Warehouse

LEFT_OUT = {"business_unit_id", "key_fold", "revision", "change", "job", "line", "content", "version"}
"""Columns of rows that tell the two imports apart."""
NUMBERS = count(1)
CSV = """
[[feed]]
document = "{document}"
files = "*.csv"
constants = {{ businessUnitId = "BU2"{currency} }}
{keys}
"""


def partner_with_both(name: str, document: str) -> str:
    """A partner who sends the set for BU1, and the document as CSV for BU2."""
    is_order = document == "sales_order"
    keys = OPTIONAL if is_order else ""
    toml = partner_of(guides()[name].type, document=document, keys=keys).replace('["BU1"]', '["BU1", "BU2"]')
    currency = ', currency = "USD"' if is_order else ""
    return toml.replace('files = "*"', 'files = "*.edi"') + CSV.format(document=document, currency=currency, keys=keys)


def stored(warehouse: Warehouse, document: str, unit: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of a document's tables for one business unit, without who brought them and when."""
    rows = {}
    for table in (level.table for level in DOCUMENTS[document].levels):
        columns = ", ".join(each.name for each in LEVELS[table].c if each.name not in LEFT_OUT)
        keys = ", ".join(each.name for each in LEVELS[table].primary_key if each.name in columns.split(", "))
        rows[table] = warehouse.rows(f"SELECT {columns} FROM {table} WHERE business_unit_id = '{unit}' ORDER BY {keys}")
    return rows


def as_csv(records: Sequence[dict[str, str]]) -> str:
    names = list(dict.fromkeys(name for each in records for name in each))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


@pytest.mark.parametrize(("name", "document"), thinned(*named_guides(), every=4))
@settings(deadline=None, max_examples=6, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_interchange_becomes_the_rows_of_the_csv(
    warehouse: Warehouse, name: str, document: str, data: st.DataObject
) -> None:
    number = next(NUMBERS)
    drawn = data.draw(interchanges(name, document, number))
    warehouse.partner(whole=partner_with_both(name, document))
    warehouse.drop(f"{number}.edi", drawn.content)
    warehouse.drop(f"{number}.csv", as_csv(drawn.records))
    for report in warehouse.reports():
        assert report.verdict == "ACCEPTED", Result(report, warehouse.database, report.job).text
    assert stored(warehouse, document, "BU1") == stored(warehouse, document, "BU2")
