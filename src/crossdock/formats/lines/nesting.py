"""Lines of several types → records: a line of an order with what its header says.

A line of the first level begins a document, one of the next level a line of it, and so on. A line of any other type
adds its cells to the one above it. What stands on a document's header goes with its first record, as in nested JSON, or
with each, if it is of lines; what stands on a level between goes with each record below. A faulty line is a record of
its own in its document.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crossdock.formats.lines.places import Fault
from crossdock.schema.names import fold

Cells = dict[str, str]


@dataclass(frozen=True)
class Typed:
    """A physical line: its number, its type, its cells by their headings, and what is wrong with it. ``text``: all of
    it, if nobody knows its type.
    """

    number: int
    type: str
    cells: Cells
    fault: Fault | None = None
    text: str = ""


@dataclass(frozen=True)
class Nested:
    """A record: the number of its line and of its document's first one (0: of no document), its cells, its fault."""

    number: int
    document: int
    cells: Cells
    fault: Fault | None = None


@dataclass
class _Open:
    """A line that may get more cells, or lines below it. ``fault``: only of a header."""

    number: int
    cells: Cells
    fault: Fault | None = None


class Nest:
    """Makes records of lines in the order of the file.

    ``levels``: the types that nest, the outermost first. ``shared``: the folded headings that several types have;
    ``inherited``: those of lines that count for each line below a header.
    """

    def __init__(self, levels: Sequence[str], shared: Container[str] = (), inherited: Container[str] = ()) -> None:
        self._shared, self._inherited = shared, inherited
        self._depth: Mapping[str, int] = {name: depth for depth, name in enumerate(levels)}
        self._levels = levels
        self._open: list[_Open] = []
        self._faulty: list[Typed] = []
        self._document = 0
        self._head: Cells = {}

    def add(self, line: Typed) -> Iterator[Nested]:
        """The records that are whole now that this line is here."""
        depth = self._depth.get(line.type)
        if depth == 0:
            yield from self.end()
            self._document, self._head = line.number, dict(line.cells)
            self._open = [_Open(line.number, self._head, line.fault)]
            return
        fault = line.fault or self._misplaced(line, depth)
        if not self._open:
            yield Nested(line.number, 0, line.cells, fault)
            return
        cells = self._own(line.cells)
        if fault is not None:
            self._faulty.append(replace(line, cells=cells, fault=fault))
        elif depth is None:
            innermost = self._open[-1].cells
            innermost.update({name: value for name, value in cells.items() if value or name not in innermost})
        else:
            yield from self._close(depth)
            self._open.append(_Open(line.number, cells))

    def end(self) -> Iterator[Nested]:
        """The records that wait for more lines; the document is whole."""
        yield from self._close(0)

    def _misplaced(self, line: Typed, depth: int | None) -> Fault | None:
        """Whether the line that it needs is not above it, or a cell differs from the same column's above it.

        Then it may be of another document, whose header is lost.
        """
        if len(self._open) < (depth or 1):
            return "no_line_above", {"type": line.type, "above": self._levels[len(self._open)]}
        shared = [name for name, value in line.cells.items() if value and fold(name) in self._shared]
        if not shared:
            return None
        above = {fold(name): value for each in self._open[:depth] for name, value in each.cells.items()}
        for name in shared:
            value, other = line.cells[name], above.get(fold(name), "")
            if other and value != other:
                return "not_of_line_above", {"heading": name, "cell": value, "other": other}
        return None

    def _own(self, cells: Cells) -> Cells:
        """The cells of a line without those that its header has: a record is of the document of its header."""
        shared = {fold(name) for name in cells if fold(name) in self._shared}
        if not shared:
            return cells
        head = {fold(name) for name, value in self._open[0].cells.items() if value}
        return {name: value for name, value in cells.items() if fold(name) not in head}

    def _close(self, depth: int) -> Iterator[Nested]:
        """Close the open lines from a level on: the records that are whole now.

        A line that has lines below it is no record, unless it is faulty.
        """
        innermost = self._open[-1:]
        for each in innermost:
            if len(self._open) > depth or each.fault is not None:
                yield self._record(each.number, self._with_above(), each.fault)
                each.fault = None
        for line in self._faulty:
            yield self._record(line.number, line.cells, line.fault)
        self._faulty = []
        del self._open[depth:]

    def _with_above(self) -> Cells:
        """The cells of the innermost open line with those of the lines between it and the header."""
        return {name: value for each in self._open[1:] for name, value in each.cells.items()}

    def _record(self, number: int, cells: Cells, fault: Fault | None) -> Nested:
        """A record; the first of a document has the header's cells, each those of lines."""
        head = self._head
        self._head = {name: cell for name, cell in head.items() if fold(name) in self._inherited}
        return Nested(number, self._document, head | cells, fault)
