"""Objects that look alike: which member goes to which column is found once, by the rules of ``splitting``.

Strategy: of an object that has new names, or values of other types, one with a marker in place of each value is split;
where the markers come out is its layout. An object whose parts depend on values (a list that columns tell apart, an
object that is one cell), or with which something is wrong, has none and is split itself. The cells of a block are
collected by layout and become columns at once, so that nothing is done cell by cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.formats.format import Array, Arrays
from crossdock.formats.objects.splitting import ALONE, Lines, Splitter, digits, number
from crossdock.formats.objects.stream import Number, whole
from crossdock.frames.columns import placed
from crossdock.schema.names import fold

MOST_UNREAD = 500
"""How many members that the feed doesn't read become columns: a file may name one for each of its objects."""
KEPT = 1_000
"""How many layouts of one kind of object are learned: in a file with more, objects are alike too seldom."""


class _Column(NamedTuple):
    """A cell of each object: its column, the place of its value among those of the object, or its ``text``.

    ``is_number``: it is to be rewritten in the feed's notation; ``is_id``: it is a number where an id belongs.
    """

    name: str
    place: int | None
    text: str = ""
    is_number: bool = False
    is_id: bool = False


@dataclass(eq=False)
class Layout:
    """Where the values of an object go. ``depth``: of the object; what is farther in overrules what is around it.

    ``lines``: the names and kinds of its arrays of lines, and their places among its values. ``is_cut``: some of its
    members are left out. ``inherited``: the columns that count for each of its lines.
    """

    depth: int
    columns: Sequence[_Column]
    lines: Sequence[tuple[tuple[str, ...], Array, int]] = ()
    is_flat: bool = True
    is_cut: bool = False
    inherited: Sequence[_Column] = ()

    @cached_property
    def of_lines(self) -> Layout | None:
        """The layout of what it says of each of its lines; None if that is nothing."""
        return Layout(self.depth, self.inherited) if self.inherited else None

    def holds(self, values: Sequence[Any]) -> bool:
        """Whether no array of lines of an object with those values is too long."""
        return not self.lines or all(len(values[place]) < ALONE for *_, place in self.lines)

    def lines_in(self, values: Sequence[Any]) -> list[Lines]:
        """The arrays of lines of an object with those values."""
        return [Lines(names, values[place], array, alone=False) for names, array, place in self.lines]

    def texts_in(self, values: Sequence[Any]) -> Sequence[Any]:
        """Those values without the objects and arrays among them, which are not to be kept."""
        return values if self.is_flat else tuple([None if type(each) in (dict, list) else each for each in values])


Part = tuple[Layout, Sequence[Any]]
"""The cells of one object, or what it gives to a record: their layout, and its values."""


class Layouts:
    """The layouts of the objects of a file. ``left_out``: the first member that is no column, '' if each is.
    ``inherited``: as of ``Clues``.
    """

    def __init__(self, splitter: Splitter, inherited: Container[str] = ()) -> None:
        self._splitter, self._inherited = splitter, inherited
        self._known: dict[tuple[int, str], dict[tuple[Any, ...], Layout | None]] = defaultdict(dict)
        self._plain: dict[tuple[Any, ...], Layout] = {}
        self._moved: dict[Layout, Layout] = {}
        self._unread: set[str] = set()
        self.left_out = ""

    def split(
        self, value: Mapping[str, Any], arrays: Arrays, prefix: str, depth: int
    ) -> tuple[Part, list[Lines], list[str]]:
        """The cells of an object, its arrays of lines, and what is wrong with it, as ``Splitter.split`` has them.

        ``arrays``: those that it may have, which must outlive this; ``depth``: how many arrays it is in.
        """
        known = self._known[id(arrays), prefix]
        look, values = _looked_at(value)
        layout = known.get(look)
        if layout is None and look not in known and len(known) < KEPT:
            layout = known[look] = self._learned(value, values, arrays, prefix, depth)
        if layout is not None and layout.holds(values):
            return (layout, layout.texts_in(values)), layout.lines_in(values), []
        parts = self._splitter.split(value, arrays, prefix)
        return self._as_they_are(depth, parts.cells), parts.lines, parts.wrong

    def met(self, value: Mapping[str, Any], arrays: Arrays, prefix: str) -> Layout | None:
        """The layout of objects that look like one; None if they have none, or none was ``split`` yet: which members
        are left out depends on the order in which they come.
        """
        look, _ = _looked_at(value)
        return self._known[id(arrays), prefix].get(look)

    def moved(self, part: Part, names: Mapping[str, str]) -> Part:
        """The cells of an object, those of ``names`` (of an ``Array``) under their new names."""
        layout, values = part
        if not names:
            return part
        if layout not in self._moved:
            if len(self._moved) >= KEPT:
                self._moved.clear()
            columns = [each._replace(name=names.get(fold(each.name), each.name)) for each in layout.columns]
            self._moved[layout] = replace(layout, columns=columns)
        return self._moved[layout], values

    def _learned(
        self, value: Mapping[str, Any], values: Sequence[Any], arrays: Arrays, prefix: str, depth: int
    ) -> Layout | None:
        """The layout of objects that look like one; None if they have none."""
        marked, marks = _marked(value)
        parts = self._splitter.split(marked, arrays, prefix)
        if parts.wrong or len(marks) != len(values) or any(each.alone for each in parts.lines):
            return None
        places = {mark: place for place, mark in enumerate(marks) if isinstance(mark, str)}
        lists = {id(mark): place for place, mark in enumerate(marks) if isinstance(mark, list)}
        constants = [mark for mark in marks if _is_constant(mark)]
        columns = []
        for name, text in parts.cells.items():
            place = places.pop(text, None)
            is_id = place is not None and isinstance(marks[place], Number) and self._splitter.is_id(name)
            constant = "" if place is not None else text
            columns.append(_Column(name, place, constant, self._splitter.is_number(name), is_id))
        lines = [(each.names, each.array, lists.pop(id(each.elements))) for each in parts.lines]
        is_whole = not places and not lists and len(constants) == sum(each.place is None for each in columns)
        is_flat = not any(isinstance(mark, dict | list) for mark in marks)
        kept = [each for each in columns if self._is_kept(each.name)] if is_whole else []
        return Layout(depth, kept, lines, is_flat, len(kept) < len(columns), self._of_lines(kept)) if is_whole else None

    def _of_lines(self, columns: Sequence[_Column]) -> list[_Column]:
        return [each for each in columns if fold(each.name) in self._inherited]

    def _as_they_are(self, depth: int, cells: Mapping[str, str]) -> Part:
        """Cells that are text already."""
        kept = {name: text for name, text in cells.items() if self._is_kept(name)}
        is_cut = len(kept) < len(cells)
        names = (depth, is_cut, *kept)
        layout = self._plain.get(names)
        if layout is None:
            if len(self._plain) >= KEPT:
                self._plain.clear()
            columns = [_Column(name, place) for place, name in enumerate(kept)]
            layout = self._plain[names] = Layout(depth, columns, is_cut=is_cut, inherited=self._of_lines(columns))
        return layout, tuple(kept.values())

    def _is_kept(self, name: str) -> bool:
        """Whether a member becomes a column: all that are read, and the first of the others."""
        if name in self._unread or self._splitter.is_read(name):
            return True
        if len(self._unread) < MOST_UNREAD:
            self._unread.add(name)
            return True
        self.left_out = self.left_out or name
        return False


def _looked_at(value: Mapping[str, Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """What an object looks like: its names, the types of its values, which of them are true, and the same of each
    object in it; and the values, those of inner objects behind its own.
    """
    values = tuple(value.values())  # of texts alone, which the garbage collector then leaves alone
    types = tuple(map(type, values))
    look = (*value, *types)
    if bool in types:
        look += tuple([each for each in values if type(each) is bool])
    if dict in types:
        for inner in [each for each in values if type(each) is dict]:
            of_inner, own = _looked_at(inner)
            look += of_inner
            values += own
    return look, values


def _marked(value: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """An object with a marker in place of each text, number and list; its values, in the order of ``_looked_at``."""
    number = iter(range(10_000_000, 20_000_000))

    def marks_of(value: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        marked = {name: _mark(each, next(number)) for name, each in value.items() if not isinstance(each, dict)}
        inner = {name: marks_of(each) for name, each in value.items() if isinstance(each, dict)}
        whole = {name: inner[name][0] if name in inner else marked[name] for name in value}
        return whole, [*whole.values(), *(mark for _, marks in inner.values() for mark in marks)]

    return marks_of(value)


def _mark(value: Any, number: int) -> Any:
    """What stands for a value: a number or a text of its own, itself if it is a constant, else a list."""
    if isinstance(value, Number):
        return Number(number)
    if isinstance(value, str):
        return f"\x01{number}\x02"
    return value if _is_constant(value) else [{"\x01": number}]


def _is_constant(value: Any) -> bool:
    """Whether all that looks like a value is it: null, true, false."""
    return value is None or isinstance(value, bool)


class Run(NamedTuple):
    """Parts of one layout as columns: the rows that they are in (int64), and by the place of a value those of all of
    them. ``numbers``: the places of those that are numbers.
    """

    layout: Layout
    rows: np.ndarray
    texts: Mapping[int, pa.Array]
    numbers: Container[int]


@dataclass
class _Stack:
    """Parts of one layout: the rows that they are in, and the values of each; and those that are columns already."""

    rows: list[int] = field(default_factory=list)
    values: list[Sequence[Any]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)


class Stacks:
    """Collects the cells of a block, record by record. ``decimal``: the decimal mark of the feed's numbers."""

    def __init__(self, decimal: str) -> None:
        self.size = 0
        self.halved: set[int] = set()
        """The rows with a text that holds half of a character. Complete after ``columns``."""
        self._decimal = decimal
        self._stacks: dict[Layout, _Stack] = defaultdict(_Stack)

    def add(self, parts: Sequence[Part]) -> None:
        """Add a record: the cells of objects, each in the one before it."""
        for layout, values in parts:
            stack = self._stacks[layout]
            stack.rows.append(self.size)
            stack.values.append(values)
        self.size += 1

    def add_runs(self, size: int, runs: Sequence[Run]) -> None:
        """Add so many records: their parts in the order in which they would be met one by one; the first row is 0."""
        for run in runs:
            self._stacks[run.layout].runs.append(run._replace(rows=run.rows + self.size))
        self.size += size

    def columns(self) -> dict[str, pa.Array]:
        """The columns, strings, in the order in which they were met; null where an object has no such member."""
        pieces: dict[str, list[tuple[np.ndarray, pa.Array]]] = {
            each.name: [] for layout in self._stacks for each in layout.columns
        }
        for layout, stack in sorted(self._stacks.items(), key=lambda each: each[0].depth):
            rows = np.array(stack.rows, dtype=np.int64)
            for name, texts in self._texts(layout, stack) if stack.rows else ():
                pieces[name].append((rows, self._array(stack.rows, texts)))
            for run in stack.runs:
                for column in layout.columns:
                    pieces[column.name].append((run.rows, self._column(column, run)))
        return {name: placed(of_column, self.size) for name, of_column in pieces.items()}

    def _texts(self, layout: Layout, stack: _Stack) -> Iterator[tuple[str, Sequence[str]]]:
        columns = list(zip(*stack.values, strict=True))
        for each in layout.columns:
            texts = [*repeat(each.text, len(stack.rows))] if each.place is None else columns[each.place]
            if each.is_id:
                yield each.name, texts if "".join(texts).isdecimal() else [*map(digits, texts)]
            else:
                yield each.name, self._in_notation(texts) if each.is_number else texts

    def _column(self, column: _Column, run: Run) -> pa.Array:
        """A column of parts of one layout, as ``_texts`` has it."""
        if column.place is None:
            return pa.repeat(pa.scalar(column.text, pa.string()), len(run.rows))
        texts = run.texts[column.place]
        if column.is_id and not pc.all(pc.ascii_is_decimal(texts)).as_py():
            return _rewritten(texts, digits)
        is_number = column.place in run.numbers
        if column.is_number and pc.any(pc.match_substring_regex(texts, "[eE]")).as_py():
            return _rewritten(texts, lambda each: number(Number(each) if is_number else each, self._decimal))
        if column.is_number and is_number and self._decimal != ".":
            return pc.replace_substring(texts, ".", self._decimal)
        return texts

    def _in_notation(self, texts: Sequence[str]) -> Sequence[str]:
        together = "".join(texts)
        if self._decimal == "." and "e" not in together and "E" not in together:
            return texts
        return [number(each, self._decimal) if each else "" for each in texts]

    def _array(self, rows: Sequence[int], texts: Sequence[str]) -> pa.Array:
        try:
            return pa.array(texts, pa.string())
        except UnicodeEncodeError:
            self.halved.update(row for row, text in zip(rows, texts, strict=True) if whole(text) != text)
            return pa.array(map(whole, texts), pa.string())


def _rewritten(texts: pa.Array, rewrite: Callable[[str], str]) -> pa.Array:
    """A column of which each distinct text is rewritten."""
    distinct = pc.dictionary_encode(texts)
    return pa.array(map(rewrite, distinct.dictionary.to_pylist()), pa.string()).take(distinct.indices)
