"""Columns of one length by name, and small functions on them that several steps need.

Rows on their way through a batch are Arrow arrays, not frames: a frame of ten rows costs more than what is done with
them. pandas joins what must be joined (``plain``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.schema.document import Field
from crossdock.schema.names import BLANKS

Cells = Mapping[str, pa.Array]
"""Columns of one length, by name."""
AT_ONCE = 16_384
"""Rows that are Python's own values at a time, where there may be very many."""
GTIN_DIGITS = 14
_ESCAPED = r'["\\\x00-\x1f]'
"""What a JSON string must escape."""
KEY_SEPARATOR = "\x1f"
"""Separates the parts of a document's key when they are stored as one text; no key holds a control character."""
NO_TABLE = pd.DataFrame()
"""What stands for a table where there is nothing to put into it: to make one takes as long as with a thousand rows."""
_BEYOND_ASCII = 128
MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""How a moment is written as a value of its own: UTC, to the microsecond."""


def texts(values: pa.Array) -> np.ndarray:
    """A column without nulls as an object array of ``str``."""
    return values.cast(pa.string()).to_numpy(zero_copy_only=False)


def trimmed(values: pa.Array) -> pa.Array:
    """Strings in NFC without blanks and invisible characters at their ends, null where nothing is left."""
    if is_blank(values) or _are_trim(values):
        return values
    clean = pc.utf8_trim_whitespace(values)
    if not pc.all(pc.string_is_ascii(clean)).as_py():
        clean = pc.utf8_normalize(pc.utf8_trim(clean, characters=BLANKS), form="NFC")
    return pc.if_else(pc.equal(clean, ""), pa.scalar(None, pa.string()), clean)


def trimmed_text(text: str) -> str:
    """One text as ``trimmed`` returns it, '' where nothing is left."""
    return trimmed(pa.array([text], pa.string()))[0].as_py() or ""


def _are_trim(values: pa.Array) -> bool:
    """Whether strings are as ``trimmed`` returns them, by a look at their bytes: ASCII, without a blank at an end, as
    nearly all are.
    """
    _, offsets, data = values.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int32)[values.offset : values.offset + len(values) + 1]
    begins, ends = bounds[:-1], bounds[1:]
    if values.null_count:
        filled = values.is_valid().to_numpy(zero_copy_only=False)
        begins, ends = begins[filled], ends[filled]
    if not (begins < ends).all():
        return False
    letters = np.frombuffer(data, dtype=np.uint8)
    outermost = min(letters[begins].min(), letters[ends - 1].min())
    return bool(outermost > ord(" ") and letters[begins[0] : ends[-1]].max() < _BEYOND_ASCII)


def as_texts(column: pa.Array) -> pa.Array:
    """A column as Arrow writes it as text; a moment (UTC) without a look at its zone, which takes thirty times as long.

    >>> as_texts(pa.array([0], pa.timestamp("us", "UTC")))[0].as_py()
    '1970-01-01 00:00:00.000000Z'
    """
    if pa.types.is_timestamp(column.type):
        return pc.binary_join_element_wise(column.cast(pa.timestamp("us")).cast(pa.string()), "Z", "")
    return column.cast(pa.string())


def values(column: pa.Array) -> np.ndarray:
    """A column as Python's own values, an object array; None for null. Numbers and days are made once a distinct one:
    each takes a hundred times as long as a text.
    """
    if pa.types.is_string(column.type):
        return column.to_numpy(zero_copy_only=False)
    once = pc.dictionary_encode(column, null_encoding="encode")
    objects = np.empty(len(once.dictionary), dtype=object)
    objects[:] = once.dictionary.to_pylist()
    return objects.take(once.indices.to_numpy())


def array(column: pd.Series | np.ndarray) -> pa.Array:
    """A column of texts, None or NaN where there is none, as an Arrow array."""
    return pa.array(np.asarray(column, dtype=object), pa.string(), from_pandas=True)


def length(cells: Cells) -> int:
    """The number of rows; 0 without columns."""
    return len(next(iter(cells.values()), ()))


def rows_at(cells: Cells, places: np.ndarray) -> dict[str, pa.Array]:
    """The rows at those places (int64)."""
    at = pa.array(places, pa.int64())
    return {name: column.take(at) for name, column in cells.items()}


def distinct(cells: Cells) -> np.ndarray:
    """The place of the first of each distinct row of text columns without nulls, ascending; int64."""
    if length(cells) < 2:
        return np.arange(length(cells))
    _, first = np.unique(row_codes(cells.values()), return_index=True)
    return np.sort(first)


def in_order(parts: Sequence[pa.Array]) -> bool:
    """Whether the rows of columns ascend, by the first column, then by the next; equal ones may follow each other."""
    size = max(len(parts[0]) - 1, 0)
    less, equal = np.zeros(size, dtype=bool), np.ones(size, dtype=bool)
    for part in parts:
        before, behind = part[:-1], part[1:]
        less |= equal & mask(pc.less(before, behind))
        equal &= mask(pc.equal(before, behind))
    return bool((less | equal).all())


def row_codes(parts: Iterable[pa.Array]) -> np.ndarray:
    """A number for each row of columns without nulls, in the order in which they come first: equal rows have one."""
    return pc.dictionary_encode(joined(parts)).indices.to_numpy()


def repeated(codes: np.ndarray) -> np.ndarray:
    """Which rows have a number (``row_codes``) that another one has, bool."""
    return np.asarray(np.bincount(codes)[codes] > 1)


def mask(values: pa.Array) -> np.ndarray:
    """A boolean Arrow array as a NumPy bool array; null is False."""
    return or_else(values, False).to_numpy(zero_copy_only=False)


def or_else(values: pa.Array, instead: object) -> pa.Array:
    """A column in which ``instead`` stands for each null; most have none, which costs a small batch nothing then."""
    return pc.fill_null(values, instead) if values.null_count else values


def has_value(cells: Cells, name: str) -> np.ndarray:
    """Which rows have a value in a column, bool; none if there is no such column."""
    if name not in cells:
        return np.zeros(length(cells), dtype=bool)
    return cells[name].is_valid().to_numpy(zero_copy_only=False)


def all_match(texts: pa.Array, pattern: str) -> bool:
    """Whether all texts match a pattern, nulls aside: one question, where each that is wrong needs several."""
    return pc.all(pc.match_substring_regex(texts, pattern)).as_py() is not False


def is_blank(values: pa.Array) -> bool:
    """Whether a column has no value, as many have of the columns that a format or a template may have."""
    return bool(values.null_count == len(values))


def comparable(values: pa.Array, field: Field) -> pa.Array:
    """A column in the form in which it is compared: GTINs as 14 digits (contract A2), others unchanged."""
    return pc.utf8_lpad(values, GTIN_DIGITS, "0") if field.codes == "gtin" else values


def differs(one: pa.Array, other: pa.Array) -> np.ndarray:
    """Where two columns of one type differ, bool; two nulls are equal."""
    return mask(pc.not_equal(one, other)) | mask(pc.xor(pc.is_null(one), pc.is_null(other)))


def taken(values: pa.Array, places: np.ndarray) -> pa.Array:
    """The values at those places (int64), null where a place is negative."""
    return values.take(pa.array(places, mask=places < 0))


def placed(pieces: Sequence[tuple[np.ndarray, pa.Array]], size: int) -> pa.Array:
    """A column of so many rows, strings, from pieces of it: the rows of each (int64) and their cells, strings.

    Of several cells of a row the last counts; null where there is none.
    """
    if not pieces:
        return pa.nulls(size, pa.string())
    rows = np.concatenate([each for each, _ in pieces])
    if len(pieces) == 1 and len(rows) == size:
        return pieces[0][1]
    places = np.full(size, -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    return taken(pa.concat_arrays([cells for _, cells in pieces]), places)


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
    return pc.binary_join_element_wise(*(as_texts(part) for part in parts), KEY_SEPARATOR)


def key_texts(key: Cells, parts: Iterable[str] | None = None) -> pa.Array:
    """One text per key: its parts in order, joined by ``KEY_SEPARATOR``, '' for a null.

    ``key``: columns of strings; ``parts``: those that are the key, None: all.
    """
    return joined(or_else(key[name], "") for name in (key if parts is None else parts))


def key_text(key: Cells, parts: Iterable[str] | None = None) -> np.ndarray:
    """``key_texts`` as an object array: the keys as they are stored with jobs and history."""
    return key_texts(key, parts).to_numpy(zero_copy_only=False)


def places(texts: pa.Array, among: pa.Array) -> np.ndarray:
    """The first place of each text in ``among``, or -1; int64."""
    return np.array(pc.fill_null(pc.index_in(texts, value_set=among), -1), dtype=np.int64)


def pairs(texts: pa.Array, among: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Each pair of a text and an equal one in ``among``, in their orders: the places of both, int64.

    No text is null.
    """
    codes = pc.dictionary_encode(pa.concat_arrays([among, texts])).indices.to_numpy()
    theirs, own = codes[: len(among)], codes[len(among) :]
    times = np.bincount(theirs, minlength=codes.max(initial=-1) + 1)
    begins, often = np.cumsum(times) - times, times[own]
    row = np.repeat(np.arange(len(own)), often)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(often) - often, often)
    return row, np.argsort(theirs, kind="stable")[begins[own[row]] + nth]


def moment_text(values: pa.Array) -> pa.Array:
    """Moments as texts for keys: UTC, to the microsecond (``MOMENT``)."""
    return pc.replace_substring(as_texts(values), " ", "T")


def plain(cells: Cells) -> pd.DataFrame:
    """Rows as a frame of Python's own values (dtype object), None for null."""
    return pd.DataFrame({name: values(column) for name, column in cells.items()}, dtype=object)


def keys_of(rows: pd.DataFrame) -> dict[str, pa.Array]:
    """A frame of texts as columns."""
    return {str(name): array(rows[name]) for name in rows}


def frame_texts(rows: pd.DataFrame, columns: Sequence[str]) -> pa.Array:
    """Columns of texts of a frame as one text per row, as ``joined``; null where one is missing."""
    return joined(array(rows[name]) for name in columns)


def filled(cells: Cells, name: str) -> np.ndarray:
    """A column of texts as an object array, '' where there is none, or no such column."""
    if name not in cells:
        return np.full(length(cells), "", dtype=object)
    return or_else(cells[name], "").to_numpy(zero_copy_only=False)


def unit_of(key: Cells) -> np.ndarray:
    """The business unit of each document, an object array; '' if the key has none."""
    return filled(key, "businessUnitId")
