"""The cells of a block: sets that were read by their shape are stacked by mould, and become columns at once.

What of a shape is a copied value is a column of its stack as it is, so that nothing is done cell by cell.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from crossdock.formats.edi.syntax import Syntax
from crossdock.formats.guides import goods
from crossdock.formats.guides.readings import of_records
from crossdock.formats.guides.records import Record, Remark
from crossdock.formats.shapes.columns import Cells, Column, column, joined, placed
from crossdock.formats.shapes.cutting import Cutter, cut
from crossdock.formats.shapes.frames import Detail, Frame, Mould, Reading, Values
from crossdock.formats.shapes.recipes import Made, Recipe

Columns = Sequence[Column]
"""Of each value of a shape those of all rows."""


@dataclass
class _Sets:
    """Sets of one mould that comes often: the rows and the lines at which they begin, and their texts."""

    rows: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


@dataclass
class _Records:
    """Records of one shape: their rows, and the values of each."""

    rows: list[int] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)


class Stacks:
    """Collects the cells of a block, row by row."""

    def __init__(self) -> None:
        self.size = 0
        self._moulds: dict[Mould, _Sets] = defaultdict(_Sets)
        self._shapes: dict[Frame | Detail, _Records] = defaultdict(_Records)
        self._records: list[tuple[int, Record]] = []
        self._alone: list[tuple[int, int, int]] = []
        self._remarks: dict[int, dict[str, Remark]] = {}

    def add(self, reading: Reading, start: int) -> None:
        """The records of a set whose mould is plain; ``start``: the line at which it begins."""
        mould, sent = reading.mould, reading.sent
        if isinstance(sent, re.Match):
            stack = self._moulds[mould]
            stack.rows.append(self.size)
            stack.starts.append(start)
            stack.texts.append(sent.string)
            self.size += len(mould.details)
            return
        self._push(mould, self.size, reading.values)
        self._alone += [(row, start + place, start) for row, (place, _) in enumerate(mould.places, self.size)]
        self.size += len(mould.details)

    def _push(self, mould: Mould, row: int, values: Values) -> None:
        """The values of a set whose records begin at a row."""
        shapes: Iterable[tuple[Frame | Detail, Values]] = mould.inner(values)
        for place, (shape, own) in enumerate(shapes):
            self._shapes[shape].rows.append(row + place)
            self._shapes[shape].values.append(own)
        self._shapes[mould.frame].rows.append(row)
        self._shapes[mould.frame].values.append(mould.outer(values))
        if mould.from_records:
            head = Record(0)
            for column, reading in mould.of_header(values):
                head.take(column, reading)
            self._records.append((row, head))

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
        cells: dict[str, list[Cells]] = defaultdict(list)
        for name, own in self._cells():
            cells[name].append(own)
        return {name: placed(cells[name], self.size) for name in dict.fromkeys((*names, *cells))}

    def remarks(self) -> Mapping[int, Mapping[str, Remark]]:
        """By row what is to be said of its cells. Complete after ``columns``."""
        for row, record in self._records:
            if record.remarks:
                self._remarks.setdefault(row, {}).update(record.remarks)
        return self._remarks

    def _cells(self) -> Iterator[tuple[str, Cells]]:
        by_mould = list(self._cut())
        for mould, columns in by_mould:
            yield from self._of_headers(mould, columns)
        for recipe, rows, columns in self._stacked(by_mould):
            for name, group in recipe.copied:
                yield name, (rows, columns[group])
            for name, text in recipe.joined:
                yield name, (rows, text.all(columns, len(rows)))
            for each in recipe.made:
                yield each.column, (rows, self._read(each, rows, columns))
        cells: dict[str, tuple[list[int], list[str]]] = defaultdict(lambda: ([], []))
        for row, record in self._records:
            for name, cell in record.cells.items():
                own = cells[name]
                own[0].append(row)
                own[1].append(cell)
        for name, (those, texts) in cells.items():
            yield name, (np.array(those, dtype=np.int64), column(texts))

    def _of_headers(self, mould: Mould, columns: Columns) -> Iterator[tuple[str, Cells]]:
        """What the records of sets of a mould that comes often say of their header: cells of the first one."""
        rows = np.array(self._moulds[mould].rows, dtype=np.int64)
        for name, makers in mould.from_records:
            of_records_texts = [_texts(each, columns, len(rows)) for each in makers]
            texts = of_records_texts[0].copy()
            alike = np.logical_and.reduce([each == texts for each in of_records_texts])
            for place in np.flatnonzero(~alike).tolist():
                reading = of_records(tuple(each[place] for each in of_records_texts))
                texts[place] = reading.text
                self._remark(int(rows[place]), name, reading)
            yield name, (rows, column([text or None for text in texts.tolist()]))

    def _remark(self, row: int, name: str, reading: goods.Reading) -> None:
        """Keep what is to be said of a cell, if there is anything."""
        if reading.code:
            self._remarks.setdefault(row, {})[name] = (reading.code, reading.details)

    def _stacked(self, by_mould: Iterable[tuple[Mould, Columns]]) -> Iterator[tuple[Recipe, np.ndarray, Columns]]:
        """What is stacked: a recipe, the rows of which it makes cells, and of each of its groups their values."""
        parts: dict[Frame | Detail, list[tuple[np.ndarray, Columns]]] = defaultdict(list)
        for mould, columns in by_mould:
            rows = np.array(self._moulds[mould].rows, dtype=np.int64)
            parts[mould.frame].append((rows, mould.outer(columns)))
            for place, (detail, own) in enumerate(mould.inner(columns)):
                parts[detail].append((rows + place, own))
        for shape, alike in parts.items():
            rows = np.concatenate([each for each, _ in alike])
            yield shape.recipe, rows, list(map(joined, zip(*(columns for _, columns in alike), strict=True)))
        for shape, stack in self._shapes.items():
            columns = list(map(column, zip(*stack.values, strict=True)))
            yield shape.recipe, np.array(stack.rows, dtype=np.int64), columns

    def _cut(self) -> Iterator[tuple[Mould, Columns]]:
        """The moulds that come often, each with the values of its sets; those of one interchange are cut at once."""
        together: dict[Syntax, list[tuple[Mould, Cutter]]] = defaultdict(list)
        for mould in self._moulds:
            if mould.cutter is not None:
                together[mould.cutter.syntax].append((mould, mould.cutter))
        for syntax, moulds in together.items():
            pieces, ends = cut(syntax, [text for mould, _ in moulds for text in self._moulds[mould].texts])
            sizes = [len(self._moulds[mould].texts) * cutter.size for mould, cutter in moulds]
            if sum(sizes) != len(ends):  # between segments there are terminators, too: blank lines
                for mould, _ in moulds:
                    for row, text in zip(self._moulds[mould].rows, self._moulds[mould].texts, strict=True):
                        self._push(mould, row, mould.values(text))
                continue
            for (mould, cutter), own in zip(moulds, np.split(ends, np.cumsum(sizes)[:-1]), strict=True):
                yield mould, cutter.columns(pieces, own)

    def _read(self, maker: Made, rows: np.ndarray, columns: Columns) -> Column:
        readings, places = maker.all(columns, len(rows))
        if any(each.code for each in readings):
            for row, place in zip(rows.tolist(), places.tolist(), strict=True):
                self._remark(row, maker.column, readings[place])
        return Column(pa.array([each.text or None for each in readings], pa.string()), places)


def _texts(maker: Made | None, columns: Columns, size: int) -> np.ndarray:
    """What is made of a value of each of so many sets: an object array of texts, '' where nothing makes it."""
    if maker is None:
        return np.full(size, "", dtype=object)
    readings, places = maker.all(columns, size)
    return np.array([each.text for each in readings], dtype=object)[places]
