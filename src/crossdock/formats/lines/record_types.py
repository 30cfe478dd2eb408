"""Files whose lines are of several types: ``H`` begins an order, ``D`` is a line of it, ``T`` says how many there were.

Strategy: the first cell, or the first characters, tell a line's type, and the type its columns. ``nesting`` makes
records of the lines. A line of a type that nobody knows may be a header, so it is faulty, and so is the document above
it. A trailer that the feed names must be there and must be right: nothing else shows that a file was cut at a line end.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from crossdock.failures.refusals import Refused
from crossdock.formats import footer, headers, text
from crossdock.formats.delimited.tidy import legible
from crossdock.formats.format import Block, Clues, Format, Note, Written, cells_of
from crossdock.formats.lines.nesting import Nest, Nested, Typed
from crossdock.formats.lines.record_options import RecordsOptions, marks_of
from crossdock.formats.lines.typed_lines import TypedLines

RECORDS = 20_000
"""How many records a block has."""
SHIFT = 28
"""Bits of a record's number for its line below its document's first one."""


class RecordTypes(Format[RecordsOptions]):
    """Lines of several types. A record's line combines the line of its header and its own below it."""

    name = "records"
    options = RecordsOptions
    nested = True
    has_lines = False
    needs = ("records",)

    def sniff(self, head: bytes, path: Path) -> bool:
        """Always False: nothing marks it, the feed names it."""
        return False

    def reader(self, path: Path, options: RecordsOptions, clues: Clues) -> Reader:
        """A reader of one file. Raises ``Refused`` if no column is known or there is no such encoding."""
        return Reader(path, options, clues)

    def place(self, line: int, written: Written) -> str:
        """``line 12``."""
        return f"line {_physical(line):,}"

    def span(self, first: int, last: int, written: Written, joined: str) -> str:
        """``lines 4–9``."""
        return f"lines {_physical(first):,}{joined}{_physical(last):,}"

    def of_document(self, line: int, written: Written) -> int:
        """The line of the document's header."""
        return line >> SHIFT << SHIFT


def _physical(line: int) -> int:
    return (line >> SHIFT) + (line & ((1 << SHIFT) - 1))


def _number(number: int, document: int) -> int:
    """A record's line: that of its document's header, and its own below it."""
    first = document or number
    if number - first >> SHIFT:
        raise Refused("document_too_large", records=number - first, limit=(1 << SHIFT) - 1)
    return first << SHIFT | number - first


@dataclass
class _Records:
    """Records that are collected for a block, and how many lines are none."""

    records: list[Nested] = field(default_factory=list)
    stretches: list[tuple[int, int]] = field(default_factory=list)
    ignored: int = 0

    def block(self, names: Sequence[str], blank: int) -> Block:
        """The records as a block; a cell of another type's column is missing, and not blank."""
        columns = {name: pa.array([each.cells.get(name) for each in self.records], pa.string()) for name in names}
        lines = [_number(each.number, each.document) for each in self.records]
        return Block(
            cells=cells_of(columns, len(lines)),
            lines=np.array(lines, dtype=np.int64),
            objects=np.array([each.document or each.number for each in self.records], dtype=np.int64),
            faults=pa.array([each.fault[0] if each.fault else None for each in self.records], pa.string()),
            details=pa.array(
                [json.dumps(each.fault[1], ensure_ascii=False) if each.fault else None for each in self.records],
                pa.string(),
            ),
            stretches=tuple(self.stretches),
            blank=blank,
            ignored=self.ignored,
        )


class Reader:
    """Reads one file of lines of several types."""

    plain_numbers = False

    def __init__(self, path: Path, options: RecordsOptions, clues: Clues) -> None:
        self._look = text.inspect(path, options.encoding)
        names = dict.fromkeys(name for each in options.names_by_type.values() for name in each)
        self._headings = headers.headings(list(names), clues.kinds)
        self._names = list(names)
        self._typed = TypedLines(path, self._look, options)
        self._counts = options.counted
        self._ignore = options.ignore
        self._nest = Nest(options.nesting, options.shared, clues.inherited)
        self._seen: Counter[str] = Counter()
        self._checked = False
        self._footer: list[Typed] = []

    @property
    def written(self) -> Written:
        """Format, encoding, and the delimiter if there is one."""
        return {"format": RecordTypes.name, "encoding": self._look.encoding} | marks_of(self._typed.dialect)

    @property
    def notes(self) -> Sequence[Note]:
        """The warnings about the encoding and the footer. Complete after all blocks are read."""
        end = self._footer
        below = [footer.note(len(end), _number(end[0].number, 0), " ".join(end[0].text.split()))] if end else []
        return [*self._look.notes, *self._headings.notes, *below]

    def blocks(self) -> Iterator[Block]:
        """The records in file order. Raises ``Refused`` if a trailer is missing, or says that lines are."""
        held = _Records()
        for line in self._lines():
            if line.type in self._counts:
                self._check(line)
                held.ignored += 1
                continue
            self._seen[line.type] += 1
            if line.type in self._ignore:
                held.ignored += 1
                continue
            held.records += self._nest.add(line)
            if len(held.records) >= RECORDS:
                yield self._block(held)
                held = _Records()
        behind = self._seen.total() - sum(self._seen[each] for each in self._ignore)
        if self._counts and (behind or not self._checked):
            raise Refused("no_trailer", which=" or ".join(map(repr, self._counts)))
        held.records += self._nest.end()
        held.ignored += len(self._footer)
        yield self._block(held)

    def _lines(self) -> Iterator[Typed]:
        """The lines that are no footer. What is of no type and reads like the end of a file waits for a line below."""
        above, waiting = 0, list[Typed]()
        for line in self._typed.lines():
            if not line.type and footer.reads_like_end(line.text) and len(waiting) < footer.LONGEST:
                waiting.append(line)
                continue
            yield from (*waiting, line)
            above += len(waiting) + 1
            waiting = []
        if all(footer.is_end(each.text, range(above, above + at + 1)) for at, each in enumerate(waiting)):
            self._footer = waiting
        else:
            yield from waiting

    def _block(self, held: _Records) -> Block:
        held.stretches = [(_number(first, 0), (last + 1 << SHIFT) - 1) for first, last in self._typed.stretches()]
        return legible(held.block(self._names, self._typed.blank()), self._look)

    def _check(self, line: Typed) -> None:
        """That the lines since the last trailer are as many as this one says. Raises ``Refused``."""
        self._checked = True
        self._seen[line.type] += 1
        sums: Mapping[str, Sequence[str]] = self._counts[line.type]
        for name, types in sums.items():
            promised, count = line.cells.get(name, ""), sum(self._seen[each] for each in types)
            if not promised.isdecimal() or int(promised) != count:
                raise Refused("trailer_differs", line=line.number, which=name, promised=promised, found=f"{count:,}")
        self._seen.clear()
