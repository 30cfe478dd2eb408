"""A column is read by its distinct values: what is wrong with one is wrong in all its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Wrong = dict[int, tuple[str, dict[str, Any]]]
"""What is wrong with which distinct value: its place → code and details."""
OfRows = list[tuple[str, np.ndarray, list[dict[str, Any]]]]
"""What is wrong with which rows: a code, the places of its rows, the details of each."""


def by_distinct(values: pa.Array, read: Callable[[pa.Array], tuple[pa.Array, Wrong]]) -> tuple[pa.Array, OfRows]:
    """A column as ``read`` makes it of its distinct values; the failures of its rows, by code. Blanks stay blank."""
    encoded = pc.dictionary_encode(values)
    made, wrong = read(encoded.dictionary)
    return made.take(encoded.indices), _of_rows(encoded, wrong) if wrong else []


def _of_rows(encoded: pa.DictionaryArray, wrong: Wrong) -> OfRows:
    indices = encoded.indices.fill_null(-1).to_numpy()
    places = np.flatnonzero(np.isin(indices, list(wrong)))
    codes = np.array([wrong[index][0] for index in indices[places].tolist()], dtype=object)
    return [
        (code, places[codes == code], [wrong[index][1] for index in indices[places[codes == code]].tolist()])
        for code in sorted(set(codes))
    ]
