"""A column is read by its distinct values: what is wrong with one is wrong in all its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import is_blank

Wrong = dict[int, tuple[str, dict[str, Any]]]
"""Failures of distinct values: the place of a value → code and details."""
OfRows = list[tuple[str, np.ndarray, list[dict[str, Any]]]]
"""Failures of rows, by code: the code, the places of its rows (int64), the details of each row."""


def by_distinct(values: pa.Array, read: Callable[[pa.Array], tuple[pa.Array, Wrong]]) -> tuple[pa.Array, OfRows]:
    """A column read by its distinct values (strings without nulls), and the failures of its rows, by code.

    ``read`` returns the values in the same order and what is wrong, by place. Nulls stay null.
    """
    if is_blank(values):
        return pa.nulls(len(values), read(pa.array([], pa.string()))[0].type), []
    encoded = pc.dictionary_encode(values)
    converted, wrong = read(encoded.dictionary)
    return converted.take(encoded.indices), _of_rows(encoded, wrong) if wrong else []


def _of_rows(encoded: pa.DictionaryArray, wrong: Wrong) -> OfRows:
    indices = encoded.indices.fill_null(-1).to_numpy()
    places = np.flatnonzero(np.isin(indices, list(wrong)))
    codes = np.array([wrong[index][0] for index in indices[places].tolist()], dtype=object)
    return [
        (code, places[codes == code], [wrong[index][1] for index in indices[places[codes == code]].tolist()])
        for code in sorted(set(codes))
    ]
