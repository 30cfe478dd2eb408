"""The cells of a block: sets that were read by their shape are stacked by shape, and become columns at once.

What of a shape is a copied value is a column of its stack as it is, so that nothing is done cell by cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from crossdock.formats.guides.records import Record, Remark
from crossdock.formats.shapes.frames import Detail, Frame, Reading, Values
from crossdock.formats.shapes.recipes import Made, Recipe

Piece = tuple[np.ndarray, pa.Array]
"""Some cells of a column, and the rows in which they are."""


@dataclass
class _Stack:
    """The rows of one shape, and the values of each."""

    recipe: Recipe
    rows: list[int] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)


class Stacks:
    """Collects the cells of a block, row by row."""

    def __init__(self) -> None:
        self.size = 0
        self._stacks: dict[Frame | Detail, _Stack] = {}
        self._records: list[tuple[int, Record]] = []
        self._remarks: dict[int, dict[str, Remark]] = {}

    def add(self, reading: Reading) -> None:
        """The records of a set whose shape is plain."""
        self._push(reading.frame, self.size, reading.values)
        for detail, values in reading.details:
            self._push(detail, self.size, values)
            self.size += 1

    def _push(self, shape: Frame | Detail, row: int, values: Values) -> None:
        stack = self._stacks.get(shape)
        if stack is None:
            stack = self._stacks[shape] = _Stack(shape.recipe)
        stack.rows.append(row)
        stack.values.append(values)

    def add_records(self, records: Iterable[Record]) -> None:
        """Records as they are."""
        for each in records:
            self._records.append((self.size, each))
            self.size += 1

    def columns(self, names: Sequence[str]) -> dict[str, pa.Array]:
        """Every column: those that there must be, then the others that have a cell."""
        pieces: dict[str, list[Piece]] = defaultdict(list)
        for column, piece in self._pieces():
            pieces[column].append(piece)
        return {name: self._whole(pieces[name]) for name in dict.fromkeys((*names, *pieces))}

    def remarks(self) -> Mapping[int, Mapping[str, Remark]]:
        """By row what is to be said of its cells. Complete after ``columns``."""
        for row, record in self._records:
            if record.remarks:
                self._remarks[row] = record.remarks
        return self._remarks

    def _pieces(self) -> Iterator[tuple[str, Piece]]:
        for stack in self._stacks.values():
            rows, recipe = np.array(stack.rows, dtype=np.int64), stack.recipe
            groups = list(zip(*stack.values, strict=True))
            for column, group in recipe.copied:
                yield column, (rows, pa.array(groups[group], pa.string()))
            for column, text in recipe.joined:
                yield column, (rows, pa.array(map(text.filled, stack.values), pa.string()))
            for each in recipe.made:
                yield each.column, (rows, pa.array(list(self._texts(each, stack)), pa.string()))
        cells: dict[str, tuple[list[int], list[str]]] = defaultdict(lambda: ([], []))
        for row, record in self._records:
            for column, cell in record.cells.items():
                own = cells[column]
                own[0].append(row)
                own[1].append(cell)
        for column, (those, texts) in cells.items():
            yield column, (np.array(those, dtype=np.int64), pa.array(texts, pa.string()))

    def _texts(self, maker: Made, stack: _Stack) -> Iterator[str | None]:
        for row, values in zip(stack.rows, stack.values, strict=True):
            reading = maker.of(values)
            if reading.text and reading.code:
                self._remarks.setdefault(row, {})[maker.column] = (reading.code, reading.details)
            yield reading.text or None

    def _whole(self, pieces: Sequence[Piece]) -> pa.Array:
        if not pieces:
            return pa.nulls(self.size, pa.string())
        rows = np.concatenate([each for each, _ in pieces])
        if len(pieces) == 1 and len(rows) == self.size:
            return pieces[0][1]
        places = np.full(self.size, -1, dtype=np.int64)
        places[rows] = np.arange(len(rows))
        cells = pa.concat_arrays([each for _, each in pieces])
        return cells.take(pa.array(places, mask=places < 0))
