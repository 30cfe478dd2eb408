"""The partition of a key: a hash that never changes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import or_else

SEPARATOR = "\x1f"


def joined(parts: list[pa.Array]) -> pa.Array:
    """The parts of keys as one text per record, blanks as ''."""
    return pc.binary_join_element_wise(*[or_else(part, "") for part in parts], SEPARATOR)


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
