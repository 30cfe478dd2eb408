"""Lines of fixed width: each column from and to a character, as old systems write them.

Every line that is not blank is a record; its number is the line's. Characters are counted, not bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import Field

from crossdock.formats import headers, text
from crossdock.formats.delimited.tidy import legible
from crossdock.formats.footer import TORN, Footer, FooterOptions
from crossdock.formats.format import Block, Clues, Format, Note, Written, cells_of
from crossdock.formats.lines.places import Fault, Places, layout
from crossdock.formats.lines.text_lines import MAX_LINE, Usual, lines, padded
from crossdock.schema.names import NOTHING, fold

RECORDS = 20_000
"""How many records a block has."""


class FixedOptions(FooterOptions):
    """The options of lines of fixed width."""

    columns_at: Places = Field(
        {},
        description='where each column is, in characters from 1: `{ Order = "1-10", Qty = "11-17" }`; `"61-"` goes to '
        'the end of the line; `""` names what is not read, `"" = ["18-20", "40-52"]`',
    )
    encoding: text.Encoding = None
    header_row: headers.HeaderRow = None


class Fixed(Format[FixedOptions]):
    """Lines of fixed width. A record's line is its physical line."""

    name = "fixed"
    options = FixedOptions
    needs = ("columns_at",)

    def sniff(self, head: bytes, path: Path) -> bool:
        """Always False: nothing marks it, the feed names it."""
        return False

    def reader(self, path: Path, options: FixedOptions, clues: Clues) -> Reader:
        """A reader of one file. Raises ``Refused`` if no column is known or there is no such encoding."""
        return Reader(path, options, clues)

    def place(self, line: int, written: Written) -> str:
        """``line 12``."""
        return f"line {line:,}"

    def span(self, first: int, last: int, written: Written, joined: str) -> str:
        """``lines 4–9``."""
        return f"lines {first:,}{joined}{last:,}"


@dataclass
class Rows:
    """Records that are collected for a block."""

    cells: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: list[Fault | None] = field(default_factory=list)
    blank: int = 0
    ignored: int = 0

    def block(self, names: Sequence[str]) -> Block:
        """The records as a block."""
        columns: list[Sequence[Any]] = list(zip(*self.cells, strict=True)) or [() for _ in names]
        table = {name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}
        return Block(
            cells=cells_of(table, len(self.lines)),
            lines=np.array(self.lines, dtype=np.int64),
            objects=np.zeros(len(self.lines), dtype=np.int64),
            faults=pa.array([each[0] if each else None for each in self.faults], pa.string()),
            details=pa.array([json.dumps(each[1]) if each else None for each in self.faults], pa.string()),
            blank=self.blank,
            ignored=self.ignored,
        )


class Reader:
    """Reads one file of lines of fixed width."""

    plain_numbers = False

    def __init__(self, path: Path, options: FixedOptions, clues: Clues) -> None:
        self._path = path
        self._layout = layout(options.columns_at)
        self._headings = headers.headings(self._layout.names, clues.kinds)
        self._again = list(map(fold, self._layout.names))
        self._above = options.header_row or 0
        self._footer = Footer(options)
        self._look = text.inspect(path, options.encoding)

    @property
    def written(self) -> Written:
        """Format, encoding, and whether the last line has no end."""
        return {"format": Fixed.name, "encoding": self._look.encoding, **text.end_of(self._path)}

    @property
    def notes(self) -> Sequence[Note]:
        """The warnings about the encoding and the footer. Complete after all blocks are read."""
        return [*self._look.notes, *self._headings.notes, *self._footer.notes]

    def blocks(self) -> Iterator[Block]:
        """The records in file order; the rows of the footer are not among them."""
        return self._footer.without(self._blocks())

    def _blocks(self) -> Iterator[Block]:
        usual = padded(self._path, self._look, lambda _: None).get(None, Usual())
        rows = Rows()
        for number, line in lines(self._path, self._look):
            if not line.strip(NOTHING):
                rows.blank += 1
                continue
            cells = self._layout.cells(line)
            if number <= self._above or list(map(fold, cells)) == self._again or headers.is_rule([line]):
                rows.ignored += 1
                continue
            fault = self._layout.fault(line, usual)
            if len(line) > MAX_LINE:
                fault = "record_too_long", {"limit": MAX_LINE}
            elif self._footer.is_said_by(line):  # it has no columns, so its places mean nothing
                cells = [line.strip(NOTHING), *[""] * (len(cells) - 1)]
                fault = TORN, {"found": 1, "expected": len(cells)}
            rows.cells.append(cells)
            rows.lines.append(number)
            rows.faults.append(fault)
            if len(rows.lines) >= RECORDS:
                yield legible(rows.block(self._headings.names), self._look)
                rows = Rows()
        yield legible(rows.block(self._headings.names), self._look)
