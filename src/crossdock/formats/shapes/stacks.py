"""The cells of a block: sets that were read by their shape are stacked by mould, and become columns at once.

What of a shape is a copied value is a column of its stack as it is, so that nothing is done cell by cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from crossdock.formats.guides.records import Record, Remark
from crossdock.formats.shapes.frames import Detail, Frame, Mould, Reading, Values
from crossdock.formats.shapes.recipes import Made, Recipe
from crossdock.frames.columns import placed

Piece = tuple[np.ndarray, pa.Array]
"""Some cells of a column, and the rows in which they are."""


Columns = Sequence[Values]
"""Of each value of a shape those of all rows."""


@dataclass
class _Stack:
    """Sets of one mould, or records of one shape: the rows at which they begin, and the values of each.

    ``starts``: of sets, the lines at which they begin.
    """

    rows: list[int] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    @property
    def columns(self) -> Columns:
        """Its values by group."""
        return list(zip(*self.values, strict=True))


class Stacks:
    """Collects the cells of a block, row by row."""

    def __init__(self) -> None:
        self.size = 0
        self._moulds: dict[Mould, _Stack] = defaultdict(_Stack)
        self._shapes: dict[Frame | Detail, _Stack] = defaultdict(_Stack)
        self._records: list[tuple[int, Record]] = []
        self._alone: list[tuple[int, int, int]] = []
        self._remarks: dict[int, dict[str, Remark]] = {}

    def add(self, reading: Reading, start: int) -> None:
        """The records of a set whose mould is plain; ``start``: the line at which it begins."""
        mould = reading.mould
        if mould.is_kept:
            stack = self._moulds[mould]
            self._push(stack, self.size, reading.values)
            stack.starts.append(start)
            self.size += len(mould.details)
            return
        self._push(self._shapes[mould.frame], self.size, mould.outer(reading.values))
        for (detail, values), (place, _) in zip(mould.inner(reading.values), mould.places, strict=True):
            self._push(self._shapes[detail], self.size, values)
            self._alone.append((self.size, start + place, start))
            self.size += 1

    def _push(self, stack: _Stack, row: int, values: Values) -> None:
        stack.rows.append(row)
        stack.values.append(values)

    def add_records(self, records: Iterable[Record], lines: Iterable[tuple[int, int]]) -> None:
        """Records as they are; ``lines``: of each its own, and the one at which its object begins."""
        for each, (line, start) in zip(records, lines, strict=True):
            self._records.append((self.size, each))
            self._alone.append((self.size, line, start))
            self.size += 1

    def lines(self) -> tuple[np.ndarray, np.ndarray]:
        """Of each row its line, and the one at which its object begins (int64)."""
        lines, objects = np.zeros((2, self.size), dtype=np.int64)
        if self._alone:
            rows, lines_alone, starts_alone = np.array(self._alone, dtype=np.int64).T
            lines[rows], objects[rows] = lines_alone, starts_alone
        for mould, stack in self._moulds.items():
            rows, starts = (np.array(each, dtype=np.int64) for each in (stack.rows, stack.starts))
            for number, (place, _) in enumerate(mould.places):
                lines[rows + number], objects[rows + number] = starts + place, starts
        return lines, objects

    def columns(self, names: Sequence[str]) -> dict[str, pa.Array]:
        """Every column: those that there must be, then the others that have a cell."""
        pieces: dict[str, list[Piece]] = defaultdict(list)
        for column, piece in self._pieces():
            pieces[column].append(piece)
        return {name: placed(pieces[name], self.size) for name in dict.fromkeys((*names, *pieces))}

    def remarks(self) -> Mapping[int, Mapping[str, Remark]]:
        """By row what is to be said of its cells. Complete after ``columns``."""
        for row, record in self._records:
            if record.remarks:
                self._remarks[row] = record.remarks
        return self._remarks

    def _pieces(self) -> Iterator[tuple[str, Piece]]:
        for recipe, rows, columns in self._stacked():
            for column, group in recipe.copied:
                yield column, (rows, pa.array(columns[group], pa.string()))
            for column, text in recipe.joined:
                yield column, (rows, pa.array(text.all(columns, len(rows)), pa.string()))
            for each in recipe.made:
                yield each.column, (rows, pa.array(self._texts(each, rows, columns), pa.string()))
        cells: dict[str, tuple[list[int], list[str]]] = defaultdict(lambda: ([], []))
        for row, record in self._records:
            for column, cell in record.cells.items():
                own = cells[column]
                own[0].append(row)
                own[1].append(cell)
        for column, (those, texts) in cells.items():
            yield column, (np.array(those, dtype=np.int64), pa.array(texts, pa.string()))

    def _stacked(self) -> Iterator[tuple[Recipe, np.ndarray, Columns]]:
        """What is stacked: a recipe, the rows of which it makes cells, and of each of its groups their values."""
        for shape, stack in self._shapes.items():
            yield shape.recipe, np.array(stack.rows, dtype=np.int64), stack.columns
        for mould, stack in self._moulds.items():
            rows, columns = np.array(stack.rows, dtype=np.int64), stack.columns
            yield mould.frame.recipe, rows, mould.outer(columns)
            for place, (detail, own) in enumerate(mould.inner(columns)):
                yield detail.recipe, rows + place, own

    def _texts(self, maker: Made, rows: np.ndarray, columns: Columns) -> list[str | None]:
        readings = list(maker.all(columns, len(rows)))
        for row, reading in zip(rows.tolist(), readings, strict=True):
            if reading.code:
                self._remarks.setdefault(row, {})[maker.column] = (reading.code, reading.details)
        return [each.text or None for each in readings]
