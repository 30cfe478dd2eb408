"""Reads a delimited file quickly, by physical lines, vectorised; the slow parser is used only where it is necessary.

A line whose quotes are all well placed and which has as many cells as its neighbours is a record by itself; pyarrow
parses all of those at once. Both methods return the same cells.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from crossdock.failures.refusals import Refused
from crossdock.formats.delimited.rfc4180 import MAX_RECORD, Dialect, Parser, Record
from crossdock.formats.format import Block
from crossdock.formats.headers import is_rule
from crossdock.schema.names import BLANKS, NOTHING, fold

CR, LF = 13, 10
_DRAWN = r"^\s*[|+:]?[-=_]"
"""How a line begins that is drawn."""
TELLING = 3
"""How many different headings in one row show that it is no data."""
BEFORE_A_QUOTE = (32, 9, 0xA0, 0xBF)
"""Bytes before a quote that may open a cell: blanks, the last byte of a no-break space, of a BOM."""


@dataclass
class _Slow:
    """The records of a block that the slow parser has read."""

    cells: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: list[str | None] = field(default_factory=list)
    details: list[str | None] = field(default_factory=list)
    stretches: list[tuple[int, int]] = field(default_factory=list)
    wide: list[bool] = field(default_factory=list)


class Cutter:
    """Cuts blocks of records from the bytes of a file; ``line``: the number of physical lines that are already read.

    ``headings``: the cells of each row that repeats the header; ``columns``: the names of the columns. ``extra``:
    called once, if a row is wider than the header: how many blank cells most rows of the file have after the last
    heading; ``spare``: the number of rows with such cells. ``tidy``: removes from cells what isn't theirs.
    ``other_headings``: folded headings, by which a row of headings is recognised. ``fills``: a row with too few cells
    ends in blank ones.
    """

    def __init__(
        self,
        dialect: Dialect,
        headings: Sequence[Sequence[str]],
        columns: Sequence[str],
        extra: Callable[[], int] = lambda: 0,
        tidy: Callable[[Block], Block] = lambda block: block,
        other_headings: Collection[str] = (),
        *,
        fills: bool = False,
    ) -> None:
        self.line = 0
        self.spare = 0
        self._dialect = dialect
        self._columns = list(columns)
        self._headings = [(list(map(fold, each)) + [""] * len(columns))[: len(columns)] for each in headings]
        self._fills = fills
        self._known_headings = {*other_headings, *chain(*self._headings)} - {""}
        spelled = {cell.strip(BLANKS).lower() for each in headings for cell in each}
        self._words = pa.array(sorted({*self._known_headings, *spelled}), pa.string())
        self._tidy = tidy
        self._width = len(columns)
        self._extra: int | None = None
        self._ask = extra
        self._parser = Parser(dialect, self._width)
        self._swallowed = 0

    def cut(self, data: bytes, *, eof: bool, blank: int = 0, ignored: int = 0) -> tuple[Block, int]:
        """The records that are whole in ``data``, and the number of its bytes that are used.

        ``eof``: ``data`` is the end of the file. ``blank``, ``ignored``: counts to which the block's own are added.
        """
        sheet = Lines(data, self._dialect, eof=eof)
        if self._extra is None and (sheet.cells > self._width).any():
            self._extra = self._ask()
            self._parser.width = self._width + self._extra
        good = sheet.clean & (sheet.cells == self._width + (self._extra or 0)) & (sheet.length <= MAX_RECORD)
        empty = sheet.length == 0
        slow, used = self._read_slowly(data, sheet, good, empty, eof=eof)
        good, empty = good[: sheet.count], empty[: sheet.count]
        good &= ~empty
        kept = np.flatnonzero(good)
        fast = self._read_quickly(data, sheet, good)
        table = pa.concat_tables([fast, self._table(slow.cells)]) if slow.lines else fast
        lines = np.concatenate([kept + self.line + 1, np.array(slow.lines, dtype=np.int64)])
        block = Block(
            cells=table,
            lines=lines,
            objects=np.zeros(len(lines), dtype=np.int64),
            faults=pa.array([None] * len(kept) + slow.faults, pa.string()),
            details=pa.array([None] * len(kept) + slow.details, pa.string()),
            stretches=tuple(slow.stretches),
            blank=blank + int(empty.sum()),
            ignored=ignored,
        )
        self.line += sheet.count
        block = self._without_extra(block)
        if slow.lines:
            block = block.taken(np.argsort(lines, kind="stable"))
        block = self._records_only(self._tidy(block))
        if self._extra:
            wide = np.isin(block.lines, lines[np.array([True] * len(kept) + slow.wide, dtype=bool)])
            self.spare += int((wide & block.faults.is_null().to_numpy(zero_copy_only=False)).sum())
        return block, used

    def _read_slowly(
        self, data: bytes, sheet: Lines, good: np.ndarray, empty: np.ndarray, *, eof: bool
    ) -> tuple[_Slow, int]:
        """Read the lines that are no record by themselves; returns the records and the number of bytes used.

        Lines that they consumed become False in ``good`` and ``empty``; ``sheet`` is cut before an unfinished record.
        """
        slow = _Slow()
        free = 0
        for i in np.flatnonzero(~good & ~empty):
            if i < free:
                continue
            start, line = int(sheet.starts[i]), self.line + int(i) + 1
            record = self._parser.record(data, start, eof=eof, alone=line < self._swallowed)
            if record.end < 0 or (record.fault == "record_too_long" and record.end >= len(data) and not eof):
                sheet.cut(int(i))
                good[i:], empty[i:] = False, False
                return slow, start
            free = int(np.searchsorted(sheet.starts, record.end)) if record.end < sheet.end else sheet.count
            good[i:free], empty[i:free] = False, False
            self._note(slow, record, line)
        return slow, sheet.end

    def _note(self, slow: _Slow, record: Record, line: int) -> None:
        fault = record.fault
        detail: dict[str, Any] | None = None
        width, extra = len(record.cells), self._extra or 0
        cells = record.cells
        if fault is None and self._is_torn(cells):
            fault, detail = "torn_row", {"found": width, "expected": self._width}
            inside = Parser(self._dialect).record(cells[0].encode(), 0, eof=True).cells if width == 1 else []
            if len(inside) == self._width:
                fault, detail, cells = "row_in_quotes", None, inside
        elif fault == "unclosed_quote":
            detail = {"until": line + record.swallowed}
            slow.stretches.append((line, line + record.swallowed))
            self._swallowed = max(self._swallowed, line + record.swallowed)
        elif fault == "record_too_long":
            detail = {"limit": MAX_RECORD}
        if record.escaped:
            detail = (detail or {}) | {"escape": "\\"}
        whole = self._width + extra
        slow.cells.append((cells + [""] * whole)[:whole])
        slow.lines.append(line)
        slow.wide.append(width > self._width)
        slow.faults.append(fault)
        slow.details.append(json.dumps(detail) if detail else None)

    def _is_torn(self, cells: list[str]) -> bool:
        """Whether a row has a wrong number of cells.

        If rows end in blank cells without a heading, a row with fewer cells that ends in a blank one lacks a cell
        before.
        """
        extra = self._extra or 0
        if len(cells) == self._width + extra or not any(cell.strip(NOTHING) for cell in cells):
            return False
        if self._fills and len(cells) <= self._width:
            return False
        return len(cells) != self._width or not cells[-1].strip(BLANKS)

    def _without_extra(self, block: Block) -> Block:
        """The block without the columns that have no heading; a row with a value in them is torn."""
        if not self._extra:
            return block
        filled = np.zeros(len(block.lines), dtype=bool)
        for column in block.cells.columns[self._width :]:
            filled |= ~_is_blank(column)
        right = pc.is_null(block.faults).to_numpy(zero_copy_only=False)
        torn, detail = filled & right, {"found": self._width + self._extra, "expected": self._width}
        return replace(
            block,
            cells=block.cells.select(self._columns),
            faults=pc.if_else(pa.array(torn), pa.scalar("torn_row"), block.faults),
            details=pc.if_else(pa.array(torn), pa.scalar(json.dumps(detail)), block.details),
        )

    def _records_only(self, block: Block) -> Block:
        """The block without blank rows, repeated rows of headings, in any spelling, and lines that are drawn."""
        right = pc.is_null(block.faults).to_numpy(zero_copy_only=False)
        first = pc.utf8_lower(pc.utf8_trim(block.cells.column(0), characters=BLANKS))
        again = np.zeros(len(block.lines), dtype=bool)
        for place in np.flatnonzero(pc.is_in(first, value_set=self._words).to_numpy() & right).tolist():
            again[place] = self._is_header(
                [fold(column[place].as_py()) for column in block.cells.columns], block, place
            )
        again |= self._drawn(block)
        places = np.arange(len(block.lines))[right]
        for column in block.cells.columns:
            if not len(places):
                break
            places = places[_is_blank(column.take(pa.array(places)))]
        if not len(places) and not again.any():
            return block
        blank = np.zeros(len(block.lines), dtype=bool)
        blank[places] = True
        again &= ~blank
        left = block.taken(np.flatnonzero(~blank & ~again))
        return replace(left, blank=block.blank + int(blank.sum()), ignored=block.ignored + int(again.sum()))

    def _drawn(self, block: Block) -> np.ndarray:
        """Which rows are lines that are drawn below the headings or around a table, torn or not, bool."""
        drawn = np.zeros(len(block.lines), dtype=bool)
        for column in block.cells.columns[: 1 if self._headings[0][0] else 2]:
            for place in np.flatnonzero(pc.match_substring_regex(column, _DRAWN).to_numpy()).tolist():
                drawn[place] = is_rule(each[place].as_py() for each in block.cells.columns)
        return drawn

    def _is_header(self, cells: list[str], block: Block, place: int) -> bool:
        """Whether a row repeats the headings. Raises ``Refused`` if it is other headings: two tables in one file."""
        if cells in self._headings:
            return True
        filled = [cell for cell in cells if cell]
        if len(filled) >= TELLING and len(set(filled)) == len(filled) and self._known_headings.issuperset(filled):
            raise Refused("second_header", line=int(block.lines[place]))
        return False

    def _read_quickly(self, data: bytes, sheet: Lines, good: np.ndarray) -> pa.Table:
        if not good.any():
            return self._table([])
        pieces: Any = memoryview(data)[: sheet.end]
        if not good.all():
            pieces = sheet.data[: sheet.end][np.repeat(good, np.diff(np.append(sheet.starts, sheet.end)))]
        if sheet.lone_cr:
            pieces = bytes(pieces).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if bytes(pieces[:3]) == codecs.BOM_UTF8:  # the parser would leave it out, in the middle of a file, too
            pieces = codecs.BOM_UTF8 + bytes(pieces)
        names = self._names()
        table = csv.read_csv(
            pa.BufferReader(pa.py_buffer(pieces)),
            read_options=csv.ReadOptions(use_threads=False, column_names=names, block_size=len(pieces) + 1),
            parse_options=csv.ParseOptions(
                delimiter=self._dialect.delimiter, quote_char=self._dialect.quote or False, ignore_empty_lines=False
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        if table.num_rows != good.sum():
            raise AssertionError(f"{table.num_rows} records were parsed where {good.sum()} lines are clean")
        return table

    def _names(self) -> list[str]:
        return [*self._columns, *(f"\0{place}" for place in range(self._extra or 0))]

    def _table(self, rows: list[list[str]]) -> pa.Table:
        names = self._names()
        columns = zip(*rows, strict=True) if rows else [[] for _ in names]
        return pa.table([pa.array(column, pa.string()) for column in columns], names=names)


def _is_blank(values: pa.ChunkedArray) -> np.ndarray:
    """Which cells have only what a blank line consists of, bool."""
    return pc.equal(pc.binary_length(pc.utf8_trim(values, characters=NOTHING)), 0).to_numpy()


class Lines:
    """The physical lines of a piece of a file, and which of them are records by themselves.

    A line is clean if its number of quotes is even, each opening one follows the line's beginning, a delimiter or
    another quote, and each closing one is before a delimiter, another quote or the line's end; or if none of its quotes
    can open a cell, and no pair of them spans a delimiter. Line ends in quotes need no special treatment: they leave an
    odd number of quotes on a line, which is not clean.
    """

    def __init__(self, data: bytes, dialect: Dialect, *, eof: bool) -> None:
        self.raw = data
        self.data = np.frombuffer(data, dtype=np.uint8)
        self.lone_cr = False
        breaks = self._breaks(eof=eof)
        self.starts = np.concatenate([[0], breaks + 1])[: len(breaks)].astype(np.int64)
        self.end = int(breaks[-1]) + 1 if len(breaks) else 0
        self.end = min(self.end, len(data))
        self.count = len(breaks)
        ends = breaks.copy()
        if CR in data[:MAX_RECORD] or self.lone_cr:
            before = np.clip(breaks - 1, 0, None)
            inside = breaks < len(self.data)
            crlf = (
                inside
                & (self.data[np.minimum(breaks, len(self.data) - 1)] == LF)
                & (self.data[before] == CR)
                & (breaks > self.starts)
            )
            ends = ends - crlf
        self.length = ends - self.starts
        mark, quote = ord(dialect.delimiter), ord(dialect.quote or "\0")
        self.marks = np.flatnonzero(self.data[: self.end] == mark)
        self.clean = np.ones(self.count, dtype=bool)
        if dialect.quote and quote in data:
            self.marks = self._look_at_quotes(breaks, ends, mark, quote)
        if dialect.escape and ord(dialect.escape) in data:
            escapes = np.flatnonzero(self.data[: self.end] == ord(dialect.escape))
            self.clean[np.searchsorted(breaks, escapes)] = False
        self.cells = np.diff(np.searchsorted(self.marks, np.append(self.starts, self.end))) + 1

    def cut(self, count: int) -> None:
        """Drop the lines from number ``count`` on."""
        self.end = int(self.starts[count])
        self.starts = self.starts[:count]
        self.count = count

    def _breaks(self, *, eof: bool) -> np.ndarray:
        """Where lines end: at LF, at CR LF (its LF), and at a CR by itself."""
        breaks = np.flatnonzero(self.data == LF)
        if CR in self.raw:
            returns = np.flatnonzero(self.data == CR)
            last = returns + 1 >= len(self.data)
            following = self.data[np.minimum(returns + 1, len(self.data) - 1)]
            alone = returns[np.where(last, eof, following != LF)]
            if len(alone):
                self.lone_cr = True
                breaks = np.sort(np.concatenate([breaks, alone]))
        if eof and len(self.data) and (not len(breaks) or breaks[-1] != len(self.data) - 1):
            breaks = np.append(breaks, len(self.data))
        return breaks

    def _look_at_quotes(self, breaks: np.ndarray, ends: np.ndarray, mark: int, quote: int) -> np.ndarray:
        """Set which lines are clean; returns the offsets of the delimiters outside quotes."""
        data, quotes = self.data, np.flatnonzero(self.data[: self.end] == quote)
        line = np.searchsorted(breaks, quotes)
        first = np.searchsorted(quotes, self.starts)
        closing = (np.arange(len(quotes)) - first[line]) % 2 == 1
        before = data[np.clip(quotes - 1, 0, None)]
        after = data[np.minimum(quotes + 1, len(data) - 1)]
        begins = (quotes == self.starts[line]) | (before == mark)
        opens = begins | (before == quote)
        closes = (quotes + 1 >= ends[line]) | (after == mark) | (after == quote)
        wrong = np.where(closing, ~closes, ~opens)
        of_mark = np.searchsorted(breaks, self.marks)
        outside = (np.searchsorted(quotes, self.marks) - first[of_mark]) % 2 == 0
        text = np.bincount(line[begins | np.isin(before, BEFORE_A_QUOTE)], minlength=self.count) == 0
        number = np.bincount(line, minlength=self.count)
        self.clean[line[wrong]] = False
        self.clean[number % 2 == 1] = False
        apart = np.bincount(of_mark[~outside], minlength=self.count)[: self.count] == 0
        self.clean |= text & (apart | (number == 1)) & (number > 0)
        return self.marks[outside | text[of_mark]]
