"""The partition of a key: a hash that never changes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import mask, or_else

SEPARATOR = "\x1f"


def joined(parts: list[pa.Array]) -> pa.Array:
    """The parts of keys as one text per record, blanks as ''."""
    return pc.binary_join_element_wise(*[or_else(part, "") for part in parts], SEPARATOR)


class Runs:
    """Stretches of records that have one key, as the rows of a document mostly stand together: what is asked of keys is
    asked once a stretch.
    """

    def __init__(self, key: list[pa.Array]) -> None:
        """``key``: its parts, strings; a blank and '' are one."""
        size = len(key[0])
        begins = np.zeros(size, dtype=bool)
        begins[:1] = True
        for part in key:
            texts = or_else(part, "")
            begins[1:] |= mask(pc.not_equal(texts[1:], texts[:-1]))
        self._first = np.flatnonzero(begins)
        self._sizes = np.diff(self._first, append=size)

    def first_of(self, part: pa.Array) -> pa.Array:
        """Of a column of the records one value a stretch: that of its first record."""
        return part.take(pa.array(self._first))

    def of_rows(self, values: np.ndarray) -> np.ndarray:
        """One value a record, of one value a stretch."""
        return np.repeat(values, self._sizes)


def spread(numbers: np.ndarray) -> np.ndarray:
    """Whole numbers spread over all of uint64 (a multiplicative hash)."""
    return numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)


def hashed(values: pa.Array) -> np.ndarray:
    """The FNV-1a hash of each text, uint64: it must never change, so it is implemented here."""
    offsets = np.frombuffer(values.buffers()[1], dtype=np.int32)[values.offset : values.offset + len(values) + 1]
    size = np.diff(offsets)
    result = np.full(len(values), 0xCBF29CE484222325, dtype=np.uint64)
    if not size.any():
        return result
    data = np.frombuffer(values.buffers()[2], dtype=np.uint8)
    starts = offsets[:-1]
    for place in range(int(size.max())):
        rows = np.flatnonzero(size > place) if place >= size.min() else slice(None)
        result[rows] ^= data[starts[rows] + place]
        result[rows] *= np.uint64(0x100000001B3)
    return result
