"""pandera's schema of a level: which check fails in which of the cells that are in doubt.

pandera makes a table of its failure cases, and a summary beside it, of each column and then of all of them once more.
Of a few wrong cells that is two thirds of what it takes, so its findings are taken as it has collected them.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
from pandera.backends.pandas.components import ColumnBackend
from pandera.backends.pandas.container import DataFrameSchemaBackend
from pandera.errors import FailureCaseMetadata, SchemaError, SchemaErrors

from crossdock.schema.cell_checks import CellCheck, checks_of
from crossdock.schema.document import Document, Level


class Finding(NamedTuple):
    """A check that fails: the field (qualified name), the code, the lines of the cells."""

    field: str
    code: str
    lines: np.ndarray


def findings(
    doubtful: pd.DataFrame, document: Document, level: Level, signed: bool, units: frozenset[str]
) -> list[Finding]:
    """What pandera finds in cells of which a check fails, by field and code; arguments as of ``in_doubt``, whose result
    ``doubtful`` is.
    """
    try:
        schema(document, level, frozenset(doubtful), signed, units).validate(doubtful, lazy=True)
    except SchemaErrors as errors:
        return sorted(map(_finding, errors.schema_errors), key=lambda each: each[:2])
    raise AssertionError(f"pandera finds nothing in cells of which a check fails: {list(doubtful)}")


def _finding(error: SchemaError) -> Finding:
    """One of pandera's errors; a case without a place is a bug of ours."""
    cases = error.failure_cases
    if not isinstance(cases, pd.DataFrame) or cases["index"].isna().any():
        raise AssertionError(f"pandera found something that is nowhere: {error}")
    code = "missing" if error.check == "not_nullable" else str(error.check.error)
    return Finding(error.column_name, code, np.sort(cases["index"].to_numpy(dtype=np.int64)))


class _AsCollected:
    """A backend of pandera that makes no tables of what it has collected."""

    def failure_cases_metadata(self, schema_name: str, schema_errors: list[SchemaError]) -> FailureCaseMetadata:
        """Nothing: ``findings`` reads the errors."""
        return FailureCaseMetadata(failure_cases=None, message={}, error_counts={})


class _ColumnBackend(_AsCollected, ColumnBackend):  # type: ignore[misc]  # pandera has no types, as far as mypy knows
    """Of one column."""


class _FrameBackend(_AsCollected, DataFrameSchemaBackend):  # type: ignore[misc]
    """Of the columns of a level."""


class _Column(pandera.Column):  # type: ignore[misc]
    """A column whose backend is ours."""


class _Frame(pandera.DataFrameSchema):  # type: ignore[misc]
    """A schema whose backend is ours."""


_Column.register_backend(pd.DataFrame, _ColumnBackend)
_Frame.register_backend(pd.DataFrame, _FrameBackend)


@cache
def schema(document: Document, level: Level, columns: frozenset[str], signed: bool, units: frozenset[str]) -> _Frame:
    """The schema of those columns of a level (qualified names); other arguments as of ``in_doubt``."""
    fields, of_level = document.of(level), checks_of(document, level, signed, units)

    def as_pandera(check: CellCheck) -> Any:
        return pandera.Check(lambda column: pd.Series(~check.fails(_arrow(column)), column.index), error=check.code)

    of_columns = {
        name: _Column(
            dtype=None,
            checks=[as_pandera(check) for check in of_level[name].checks],
            nullable=not fields[name].required,
            coerce=False,
        )
        for name in columns
    }
    return _Frame(of_columns)


def _arrow(column: pd.Series) -> pa.Array:
    return pa.chunked_array(column.array.__arrow_array__()).combine_chunks()
