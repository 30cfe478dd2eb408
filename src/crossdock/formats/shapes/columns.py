"""Columns on their way into a block: which of some texts each cell is, so that a text is copied once, at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from crossdock.frames.columns import taken


class Column(NamedTuple):
    """The values of a group in some sets or records: of each which one of the ``pieces`` it is (int64)."""

    pieces: pa.Array
    places: np.ndarray

    @property
    def texts(self) -> pa.Array:
        """The values themselves."""
        return self.pieces.take(pa.array(self.places))


def column(texts: Sequence[str | None]) -> Column:
    """A column of values as they are."""
    return Column(pa.array(texts, pa.string()), np.arange(len(texts)))


def joined(columns: Sequence[Column]) -> Column:
    """Columns of the same pieces one after the other."""
    return Column(columns[0].pieces, np.concatenate([each.places for each in columns]))


Cells = tuple[np.ndarray, Column]
"""Some cells of a column, and the rows in which they are (int64)."""


def placed(cells: Sequence[Cells], size: int) -> pa.Array:
    """A column of so many rows from some of its cells: null where there is none."""
    if not cells:
        return pa.nulls(size, pa.string())
    places, before = np.full(size, -1, dtype=np.int64), 0
    pieces: dict[int, tuple[int, pa.Array]] = {}
    for rows, own in cells:
        if id(own.pieces) not in pieces:
            pieces[id(own.pieces)] = before, own.pieces
            before += len(own.pieces)
        places[rows] = own.places + pieces[id(own.pieces)][0]
    sources = [each for _, each in pieces.values()]
    return taken(sources[0] if len(sources) == 1 else pa.concat_arrays(sources), places)
