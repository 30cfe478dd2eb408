"""The objects of a JSON file → records: one for each of the innermost lines of an object, or one if it has none.

The first record of an object has the object's own cells, each those that are of lines (an order's number beside the
lines of a notice), and those of the arrays' elements that it is in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from crossdock.formats import text
from crossdock.formats.format import Array, Arrays, Block, Clues, Note, cells_of
from crossdock.formats.objects import paging
from crossdock.formats.objects.alike import Alike
from crossdock.formats.objects.layouts import MOST_UNREAD, Layouts, Part, Run, Stacks
from crossdock.formats.objects.moulds import Moulds
from crossdock.formats.objects.splitting import ALONE, BESIDE, Lines, Splitter, arrays_of, unkeyed
from crossdock.formats.objects.stream import whole
from crossdock.schema.names import ELEMENT, fold

SHIFT = 20
"""Bits of a record's number for its place in an array: 0 is the object itself, else the element's place + 1, below the
number of the array within the object.
"""


DEEP = 2
"""In how many other lists a list stands that nothing reads."""


class Record(NamedTuple):
    """A record: its line, the object that it is part of, its cells from the outermost object in, its fault."""

    line: int
    object: int
    parts: list[Part]
    fault: str | None
    detail: str | None


class _Cut(NamedTuple):
    """How many objects have members that are left out, and the line of the first."""

    times: int = 0
    line: int | None = None


class _Collected:
    """Records that are collected for a block."""

    def __init__(self, decimal: str) -> None:
        self.cells = Stacks(decimal)
        self.lines: list[int] = []
        self.objects: list[int] = []
        self.faults: list[str | None] = []
        self.details: list[str | None] = []

    def add(self, record: Record) -> None:
        """Append a record."""
        self.cells.add(record.parts)
        self.lines.append(record.line)
        self.objects.append(record.object)
        self.faults.append(record.fault)
        self.details.append(record.detail)

    def add_alike(self, lines: np.ndarray, objects: np.ndarray, runs: Sequence[Run]) -> None:
        """Append records without faults."""
        self.cells.add_runs(len(lines), runs)
        self.lines += lines.tolist()
        self.objects += objects.tolist()
        self.faults += [None] * len(lines)
        self.details += [None] * len(lines)

    def block(self) -> Block:
        """The records as a block."""
        columns = self.cells.columns()
        for row in self.cells.halved:
            if self.faults[row] is None:
                reason = json.dumps({"reason": "a text holds half of a character"})
                self.faults[row], self.details[row] = "bad_json", reason
        return Block(
            cells=cells_of(columns, len(self.lines)),
            lines=np.array(self.lines, dtype=np.int64),
            objects=np.array(self.objects, dtype=np.int64),
            faults=pa.array(self.faults, pa.string()),
            details=pa.array(self.details, pa.string()),
        )


class Records:
    """Makes records of the objects of a file, and collects them for a block.

    ``names``: the arrays of lines by depth and number, each as part of a JSON pointer, as the file spells them.
    """

    def __init__(self, clues: Clues) -> None:
        self._clues = clues
        self._arrays, self._around, self._decimal = clues.arrays, clues.around, clues.decimal
        self._depth = max(1, _depth(clues.arrays), _depth(clues.around))
        self.names = _usual(clues.arrays, self._depth)
        self._splitter = Splitter(clues)
        self._layouts = Layouts(self._splitter, clues.inherited)
        self._unread: dict[str, tuple[str, str, int, int]] = {}
        self._cut = _Cut()
        self._collected = _Collected(self._decimal)

    @property
    def notes(self) -> list[Note]:
        """The warnings about members that are not read. Complete after the last object."""
        notes = [
            Note("list_too_deep", name, times, None, line)
            if name.count(ELEMENT) == DEEP
            else Note("list_not_read", name, times, {"member": member, "array": array}, line)
            for name, (member, array, times, line) in self._unread.items()
        ]
        if self._cut.times:
            limit = {"limit": f"{MOST_UNREAD:,}"}
            notes.append(Note("members_left_out", self._layouts.left_out, self._cut.times, limit, self._cut.line))
        return notes

    @property
    def size(self) -> int:
        """How many records are collected."""
        return self._collected.cells.size

    def block(self) -> Block:
        """The records that are collected, which are no longer."""
        collected, self._collected = self._collected, _Collected(self._decimal)
        return collected.block()

    def add(self, number: int, value: Any, fault: str | None, detail: str | None) -> None:
        """Collect the records of an object: its number in the file, itself, its fault as code and details, or None."""
        try:
            taken = self._taken(number, value, fault, detail)
        except RecursionError:
            flat = {name: each for name, each in value.items() if not isinstance(each, dict | list)}
            taken = self._taken(number, flat, "bad_json", json.dumps({"reason": "it is nested too deeply"}))
        for record in taken:
            self._collected.add(record)

    def add_alike(self, number: int, alike: Alike) -> None:
        """Collect the records of objects that are alike; ``number``: of the first."""
        numbers = number + alike.objects
        lines = (numbers << SHIFT * self._depth) | (alike.lines << SHIFT * (self._depth - 1))
        self._collected.add_alike(lines, np.where(alike.lines > 0, numbers, -numbers), alike.runs)
        for each in alike.arrays:
            self._note_name(each, self.names[0])

    def moulds(self, envelope: str) -> Moulds:
        """The moulds of the objects of the file; ``envelope``: the member that leads to its documents."""
        return Moulds(self._layouts, self._clues, envelope)

    def _taken(self, number: int, value: Any, fault: str | None, detail: str | None) -> list[Record]:
        """The records of an object: one for each of its lines, or one."""
        wrong: list[str] = []
        line = number << SHIFT * self._depth
        members = value if isinstance(value, dict) else {}
        arrays = arrays_of(members, self._arrays, self._around)
        head, inside = self._split(members, arrays, "", line, wrong)
        if arrays and not inside:
            self._note_lists(members, "", "", next(iter(arrays.values())), line)
        of = number if inside else -number
        taken = [Record(line + at, of, parts, *own) for at, parts, own in self._elements_of(inside, 1, line, wrong)]
        first = taken[0] if taken else Record(line, of, [], fault, detail)
        first = first._replace(parts=[head, *first.parts])
        of_lines = [(layout, head[1])] if (layout := head[0].of_lines) else []
        if fault:
            first = first._replace(fault=fault, detail=detail)
        elif wrong and first.fault is None:
            reason = json.dumps({"reason": "; ".join(wrong)}, ensure_ascii=False)
            first = first._replace(fault="bad_json", detail=reason)
        elif first.fault is None and (shown := _elsewhere(members, inside)):
            first = first._replace(fault="lines_elsewhere", detail=json.dumps({"shown": shown}, ensure_ascii=False))
        rest = [each._replace(parts=[*of_lines, *each.parts]) for each in taken[1:]] if of_lines else taken[1:]
        return [first, *rest]

    def _split(
        self, value: Mapping[str, Any], arrays: Arrays, prefix: str, line: int, wrong: list[str], depth: int = 0
    ) -> tuple[Part, list[Lines]]:
        """An object's own cells, and its arrays of lines; its mistakes are added to ``wrong``."""
        part, lines, mistakes = self._layouts.split(unkeyed(value, arrays), arrays, prefix, depth)
        wrong += mistakes
        if part[0].is_cut:
            self._cut = _Cut(self._cut.times + 1, line if self._cut.line is None else self._cut.line)
        return part, lines

    def _note_lists(self, value: Mapping[str, Any], prefix: str, above: str, array: Array, line: int) -> None:
        """Remember the lists of objects in an object that has no lines: one of them may be its lines.

        ``above``: how a column names the object, from the one on in which ``array`` is.
        """
        for path in self._splitter.lists(value, prefix):
            if fold(path.rpartition(f"{ELEMENT}.")[2]) in array.inside:  # of its lines, once those are read
                continue
            if path in self._unread or len(self._unread) < MOST_UNREAD:
                own = f"{above}{path.removeprefix(prefix)}"  # an array's name begins at the object that it is in
                member, title, times, first = self._unread.get(path, (own, array.title, 0, line))
                self._unread[path] = (member, title, times + 1, first)

    def _is_line(self, value: Mapping[str, Any], prefix: str) -> bool:
        """Whether an object in the place of an array is a line itself, and has not the lines in it."""
        return any(self._splitter.is_read(f"{prefix}{name}") for name in value)

    @staticmethod
    def _note_name(lines: Lines, names: list[str]) -> None:
        """Remember how the file spells an array, among the names of its depth: those around lines stand behind."""
        name, place = pointer(lines.names), lines.array.beside
        names += [name] * (place + 1 - len(names))
        names[place] = name

    def _elements_of(
        self, inside: list[Lines], depth: int, line: int, wrong: list[str]
    ) -> Iterator[tuple[int, list[Part], tuple[str | None, str | None]]]:
        """The records of an object's arrays: their place in it, their cells, their fault with its details."""
        for lines in inside:
            self._note_name(lines, self.names[depth - 1])
            below, prefix = lines.array.inside, lines.prefix
            for place_in, element in enumerate(lines.elements, 1):
                each = {lines.array.only: element} if isinstance(element, str) and lines.array.only else element
                own_place = ALONE if lines.alone else place_in
                at = ((lines.array.beside << BESIDE) | own_place) << SHIFT * (self._depth - depth)
                if not isinstance(each, dict):
                    yield at, [], ("not_an_object", what(each))
                    continue
                part, inner_lines = self._split(each, below, prefix, line + at, wrong, depth)
                part = self._layouts.moved(part, lines.array.moved)
                if not inner_lines and lines.alone and not self._is_line(each, prefix):
                    self._note_lists(each, prefix, lines.column, lines.array, line + at)
                elif not inner_lines and below:
                    self._note_lists(each, prefix, "", next(iter(below.values())), line + at)
                shown = _elsewhere(each, inner_lines)
                cut = ("lines_elsewhere", json.dumps({"shown": shown}, ensure_ascii=False)) if shown else (None, None)
                empty = True
                for inner, parts, fault in self._elements_of(inner_lines, depth + 1, line + at, wrong):
                    yield at + inner, [part, *parts], cut if empty and fault[0] is None else fault
                    empty = False
                if empty:
                    yield at, [part], (None, None)


def _elsewhere(value: Mapping[str, Any], inside: Sequence[Lines]) -> str | None:
    """What says that an object has more lines than its arrays bring."""
    return next((shown for lines in inside if (shown := paging.of_lines(value, lines.names))), None)


def _depth(arrays: Arrays) -> int:
    return max((1 + _depth(each.inside) for each in arrays.values()), default=0)


def _usual(arrays: Arrays, depth: int) -> list[list[str]]:
    """The names of the arrays by depth and number, until the file shows how it spells them."""
    names: list[list[str]] = []
    level = [arrays]
    for _ in range(depth):
        usual = {array.beside: name for each in level for name, array in reversed(list(each.items()))}
        names.append([usual[beside] for beside in sorted(usual)] or ["lines"])
        level = [array.inside for each in level for array in each.values()]
    return names


def pointer(names: Sequence[str]) -> str:
    """A member of members as part of a JSON pointer."""
    return "/".join(name.replace("~", "~0").replace("/", "~1") for name in names)


def what(value: Any) -> str:
    """The details, as JSON, of a value that is no object where one is expected."""
    try:
        what = text.shown(whole(json.dumps(value, ensure_ascii=False)[:40]))
        return json.dumps({"what": what}, ensure_ascii=False)
    except RecursionError:
        return json.dumps({"what": "an array of arrays"})
