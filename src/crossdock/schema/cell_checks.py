"""The pandera schema of a level: what each cell of a typed column must be.

pandera never coerces here: ``parse`` has made the types. A check's ``error`` is the code of the
failure, so no table is needed to turn a failure case into a failure.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa

from crossdock.schema import codes
from crossdock.schema.document import Document, Field, Kind, Level

TEXTS = (Kind.TEXT, Kind.ID, Kind.CODE)
SHORTENED = (7, 11)
"""The lengths, in digits, of a GTIN that has lost its leading zero."""


def checks(field: Field, *, signed: bool, units: Iterable[str] = ()) -> list[pandera.Check]:
    """The checks of one field; ``signed`` allows a negative number, ``units`` are known besides the shipped ones."""
    field_checks: list[pandera.Check] = []
    if field.kind in TEXTS and field.length is not None:
        field_checks.append(pandera.Check.str_length(max_value=field.most, error="too_long"))
        if field.keep_longer and field.codes is None:
            field_checks.append(pandera.Check.str_length(max_value=field.length, error="longer_than_usual"))
    if field.above is not None:
        field_checks.append(pandera.Check.gt(field.above, error="too_small"))
    if field.least is not None and not signed:
        field_checks.append(pandera.Check.ge(field.least, error="negative"))
    if field.nonzero:
        field_checks.append(pandera.Check.ne(0, error="zero"))
    if field.values:
        field_checks.append(pandera.Check.isin(field.values, error="not_allowed"))
    field_checks += _of_codes(field, units)
    if field.codes == "gln":
        field_checks.append(pandera.Check(_right_gln, error="wrong_check_digit"))
    if field.kind is Kind.ID and field.codes in (None, "gln", "gtin", "sscc"):
        field_checks.append(pandera.Check(_not_scientific, error="scientific_id"))
    return field_checks


def _of_codes(field: Field, units: Iterable[str]) -> list[pandera.Check]:
    """The checks of a field whose values are those of a list, or have a check digit."""
    if field.codes == "gtin":
        shape = pandera.Check(_gtin, error="not_a_gtin")
        return [shape, pandera.Check(_right_check_digit, error="wrong_check_digit")]
    if field.codes == "sscc":
        shape = pandera.Check(
            lambda values: values.str.match(r"^[0-9]{18}$") | ~_not_scientific(values), error="not_an_sscc"
        )
        return [shape, pandera.Check(_right_sscc, error="wrong_sscc")]
    if field.codes == "country":
        wrong = "unknown_code" if field.keep_longer else "not_a_country"
        return [pandera.Check.isin(list(codes.countries()), error=wrong)]
    if field.codes == "currency":
        return [pandera.Check.isin(list(codes.currencies()), error="not_a_currency")]
    if field.codes in codes.LISTS:
        listed = [*codes.LISTS[field.codes](), *(units if field.codes == "unit" else ())]
        return [pandera.Check.isin(listed, error="unknown_code")]
    return []


def _right_check_digit(values: pd.Series) -> pd.Series:
    digits = values.str.match(r"^[0-9]+$") & values.str.len().isin((*codes.GTIN_LENGTHS, *SHORTENED))
    wrong = {value for value in values[digits].unique() if codes.gtin_hint(value)}
    return ~values.isin(wrong)


def _gtin(values: pd.Series) -> pd.Series:
    """8, 12, 13 or 14 digits; one less if just a zero was lost. Scientific notation has its own code."""
    short = values.str.match(r"^[0-9]+$") & values.str.len().isin(SHORTENED)
    lost = {value for value in values[short].unique() if codes.check_digit(value[:-1]) == value[-1]}
    return values.str.match(r"^([0-9]{8}|[0-9]{12,14})$") | values.isin(lost) | ~_not_scientific(values)


def _right_sscc(values: pd.Series) -> pd.Series:
    wrong = {value for value in values[values.str.match(r"^[0-9]{18}$")].unique()
             if codes.check_digit(value[:-1]) != value[-1]}  # fmt: skip
    return ~values.isin(wrong)


def _right_gln(values: pd.Series) -> pd.Series:
    """A party's identifier of 13 digits is a GLN (contract A2)."""
    wrong = {value for value in values[values.str.match(r"^[0-9]{13}$")].unique() if codes.gtin_hint(value)}
    return ~values.isin(wrong)


def _not_scientific(values: pd.Series) -> pd.Series:
    """Spreadsheets write a long number as 1.23E+11 (hostile_inputs.md)."""
    return ~values.str.match(r"^[0-9]+([.,][0-9]+[eE][+-]?|[eE]\+)[0-9]+$")


@cache
def schema(
    document: Document, level: Level, columns: frozenset[str], signed: bool, units: frozenset[str] = frozenset()
) -> pandera.DataFrameSchema:
    """The schema of those columns of a level (qualified names) that a drop has.

    A required column of the drop may have no null. ``signed``: the amounts of lines may be negative (the feed's
    ``negative_amounts``). ``units``: known besides the shipped ones.
    """
    outer = level is document.header
    of_columns: dict[str, Any] = {}
    for name, field in document.of(level).items():
        if name in columns:
            free = signed and field.kind is Kind.MONEY and not outer
            of_columns[name] = pandera.Column(
                dtype=None, checks=checks(field, signed=free, units=units), nullable=not field.required, coerce=False
            )
    return pandera.DataFrameSchema(of_columns)


def assert_types(frame: pd.DataFrame, document: Document, level: Level) -> None:
    """Raise ``TypeError`` if a column hasn't the Arrow dtype of its field.

    That is a bug of ours: pandera would report every row.
    """
    for name, field in document.of(level).items():
        if name in frame and frame[name].dtype != pd.ArrowDtype(field.arrow):
            raise TypeError(f"{name} is {frame[name].dtype}, not {pd.ArrowDtype(field.arrow)}")


def empty(field: Field, index: pd.Index) -> pd.Series:
    """An Arrow-backed column of nulls, of the field's type."""
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.nulls(len(index), field.arrow)), index=index)
