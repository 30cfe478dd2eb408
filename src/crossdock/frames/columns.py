"""Small functions on Arrow-backed columns that several steps need."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.schema.document import Field

GTIN_DIGITS = 14
_ESCAPED = r'["\\\x00-\x1f]'
"""What a JSON string must escape."""
KEY_SEPARATOR = "\x1f"
"""Separates the parts of a document's key when they are stored as one text; no key holds a control character."""
MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""How a moment is written as a value of its own: UTC, to the microsecond."""


def texts(values: pa.Array) -> np.ndarray:
    """A column without nulls as an object array of ``str``."""
    return values.cast(pa.string()).to_numpy(zero_copy_only=False)


def array(column: pd.Series) -> pa.Array:
    """An Arrow-backed column as one Arrow array."""
    values = column.array.__arrow_array__()  # chunked, whatever its name says
    return values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()


def series(values: pa.Array, index: pd.Index) -> pd.Series:
    """An Arrow array as an Arrow-backed column of a frame with that index."""
    return pd.Series(pd.arrays.ArrowExtensionArray(values), index=index)


def frame(cells: Mapping[str, pa.Array], index: pd.Index) -> pd.DataFrame:
    """Arrow arrays, by column name, as an Arrow-backed frame with that index; no data is copied."""
    columns = {name: pd.arrays.ArrowExtensionArray(values) for name, values in cells.items()}
    return pd.DataFrame(columns, index=index, copy=False)


def mask(values: pa.Array) -> np.ndarray:
    """A boolean Arrow array as a NumPy bool array; null is False."""
    return pc.fill_null(values, fill_value=False).to_numpy(zero_copy_only=False)


def has_value(frame: pd.DataFrame, name: str) -> np.ndarray:
    """Which rows have a value in an Arrow-backed column, bool; none if the frame has no such column."""
    if name not in frame:
        return np.zeros(len(frame), dtype=bool)
    return mask(pc.is_valid(array(frame[name])))


def comparable(values: pa.Array, field: Field) -> pa.Array:
    """A column in the form in which it is compared: GTINs as 14 digits (contract A2), others unchanged."""
    return pc.utf8_lpad(values, GTIN_DIGITS, "0") if field.codes == "gtin" else values


def differs(one: pa.Array, other: pa.Array) -> np.ndarray:
    """Where two columns of one type differ, bool; two nulls are equal."""
    return mask(pc.not_equal(one, other)) | mask(pc.xor(pc.is_null(one), pc.is_null(other)))


def taken(values: pa.Array, places: np.ndarray) -> pa.Array:
    """The values at those places (int64), null where a place is negative."""
    return values.take(pa.array(places, mask=places < 0))


def json_texts(values: pa.Array) -> pa.Array:
    """Values as JSON, an Arrow array of strings: decimals, days and moments are JSON strings, a null is ``null``."""
    plain = pa.types.is_string(values.type) and not pc.any(pc.match_substring_regex(values, _ESCAPED)).as_py()
    if plain:
        quoted = pc.binary_join_element_wise('"', values, '"', "")
        return pc.fill_null(quoted, "null")
    distinct = pc.dictionary_encode(values, null_encoding="encode")
    shown = [_json(value) for value in distinct.dictionary.to_pylist()]
    return pa.array(shown, pa.string()).take(distinct.indices)


def _json(value: Any) -> str:
    return json.dumps(value if value is None or isinstance(value, bool | int) else str(value), ensure_ascii=False)


def joined(parts: Iterable[pa.Array]) -> pa.Array:
    """Columns without nulls as one text per row: the values in order, joined by ``KEY_SEPARATOR``."""
    return pc.binary_join_element_wise(*(part.cast(pa.string()) for part in parts), KEY_SEPARATOR)


def key_texts(key: pd.DataFrame, parts: Iterable[str] | None = None) -> pa.Array:
    """One text per key: its parts in order, joined by ``KEY_SEPARATOR``, '' for a null.

    ``key``: columns of strings; ``parts``: those that are the key, None: all.
    """
    return joined(pc.fill_null(array(key[name]), "") for name in (key if parts is None else parts))


def key_text(key: pd.DataFrame, parts: Iterable[str] | None = None) -> np.ndarray:
    """``key_texts`` as an object array: the keys as they are stored with jobs and history."""
    return key_texts(key, parts).to_numpy(zero_copy_only=False)


def places(texts: pa.Array, among: pa.Array) -> np.ndarray:
    """The first place of each text in ``among``, or -1; int64."""
    return np.array(pc.fill_null(pc.index_in(texts, value_set=among), -1), dtype=np.int64)


def moment_text(values: pa.Array) -> pa.Array:
    """Moments as texts for keys: UTC, to the microsecond."""
    return pc.strftime(values.cast(pa.timestamp("us")), format="%Y-%m-%dT%H:%M:%SZ")


def plain(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as Python's own values (dtype object), None for null."""
    return rows.astype(object).where(rows.notna(), None)


def unit_of(key: pd.DataFrame) -> np.ndarray:
    """The business unit of each document, an object array; '' if the key has none."""
    if "businessUnitId" not in key:
        return np.full(len(key), "", dtype=object)
    return key["businessUnitId"].fillna("").to_numpy(dtype=object)
