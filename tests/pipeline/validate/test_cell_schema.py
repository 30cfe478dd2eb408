"""What pandera finds in the cells that are in doubt, taken as it has collected it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pytest

from crossdock.documents import DOCUMENTS
from crossdock.pipeline.validate import cell_schema
from crossdock.schema.document import Document, Level

ORDER = DOCUMENTS["sales_order"]
LINE = ORDER.levels[1]
NO_UNITS: frozenset[str] = frozenset()


def doubtful(document: Document, level: Level, **columns: Iterable[Any]) -> pd.DataFrame:
    """Typed columns of a level, whose records begin in line 2."""
    typed = {name: pa.array(values, document.of(level)[name].arrow) for name, values in columns.items()}
    size = len(next(iter(typed.values())))
    lines = pd.Index(range(2, 2 + size), name="line")
    return pd.DataFrame({name: pd.Series(pd.arrays.ArrowExtensionArray(each), lines) for name, each in typed.items()})


def test_its_findings_are_those_of_its_table() -> None:
    frame = doubtful(
        ORDER,
        LINE,
        skuId=["AB", None, "nan", "#REF!", "1.2E+11", "nan"],
        quantity=[Decimal(5), Decimal(0), Decimal(-1), None, Decimal(1), Decimal(0)],
        unitPrice=[Decimal(1), None, Decimal(-3), Decimal(2), None, Decimal(1)],
    )
    ours = cell_schema.schema(ORDER, LINE, frozenset(frame), False, NO_UNITS)
    columns = {
        name: pandera.Column(dtype=None, checks=each.checks, nullable=each.nullable)
        for name, each in ours.columns.items()
    }
    with pytest.raises(pandera.errors.SchemaErrors) as error:
        pandera.DataFrameSchema(columns).validate(frame, lazy=True)
    table = error.value.failure_cases
    cases = zip(table["column"], table["check"].replace("not_nullable", "missing"), table["index"], strict=True)
    findings = cell_schema.findings(frame, ORDER, LINE, False, NO_UNITS)
    assert [(each.field, each.code, line) for each in findings for line in each.lines] == sorted(cases)
    assert {each.code for each in findings} > {"missing", "means_nothing", "error_cell", "scientific_id", "negative"}


def test_where_nothing_fails_nothing_was_in_doubt() -> None:
    with pytest.raises(AssertionError, match="finds nothing"):
        cell_schema.findings(doubtful(ORDER, LINE, skuId=["AB"]), ORDER, LINE, False, NO_UNITS)


def test_what_fails_nowhere_is_a_bug_of_ours() -> None:
    """A check that raises is no failure of a cell."""
    numbers = pd.DataFrame({"skuId": pd.Series([1], pd.Index([2], name="line"))})
    with pytest.raises(AssertionError, match="nowhere"):
        cell_schema.findings(numbers, ORDER, LINE, False, NO_UNITS)
