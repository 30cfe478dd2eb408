"""The quick way through a delimited file: physical lines, vectorised, and the slow way only where it must be.

A line whose quotes are all well placed and which has as many cells as the header is a record by itself; pyarrow
parses all of those at once. Both ways give the same cells.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from crossdock.formats.format import Block
from crossdock.formats.records import MAX_RECORD, Parser, Record

QUOTE, CR, LF = 34, 13, 10


@dataclass
class _Slow:
    """What the slow way found in a block."""

    cells: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: list[str | None] = field(default_factory=list)
    details: list[str | None] = field(default_factory=list)
    stretches: list[tuple[int, int]] = field(default_factory=list)
    blank: int = 0


class Cutter:
    """Cuts blocks of records out of the bytes of a file; ``line`` is how many physical lines lie behind it."""

    def __init__(self, delimiter: str, columns: list[str], width: int, header: bytes) -> None:
        self.line = 0
        self._mark = ord(delimiter)
        self._columns = columns
        self._width = width
        self._header = header
        self._parser = Parser(delimiter)

    def cut(self, data: bytes, *, eof: bool, blank: int, ignored: int) -> tuple[Block, int]:
        """The records that lie whole in ``data``, and how many of its bytes they take."""
        sheet = _Lines(data, self._mark, eof=eof)
        good = sheet.clean & (sheet.cells == self._width) & (sheet.length <= MAX_RECORD)
        empty = sheet.length == 0
        dull = np.flatnonzero(good & (sheet.length <= 4 * self._width))
        empty[[i for i in dull if self._blank(sheet.bytes(int(i)))]] = True
        alike = np.flatnonzero(good & (sheet.length == len(self._header)))
        again = np.zeros(sheet.count, dtype=bool)
        again[[i for i in alike if sheet.bytes(int(i)) == self._header]] = True
        slow, used = self._slow_way(data, sheet, good, empty, eof=eof)
        good, empty, again = good[: sheet.count], empty[: sheet.count], again[: sheet.count] & good[: sheet.count]
        good &= ~empty & ~again
        kept = np.flatnonzero(good)
        fast = self._fast_way(data, sheet, good)
        lines = np.concatenate([kept + self.line + 1, np.array(slow.lines, dtype=np.int64)])
        table = pa.concat_tables([fast, self._table(slow.cells)]) if slow.lines else fast
        faults = [None] * len(kept) + slow.faults
        details = [None] * len(kept) + slow.details
        order = np.argsort(lines, kind="stable")
        block = Block(
            cells=table.take(order) if slow.lines else table,
            lines=lines[order],
            objects=np.zeros(len(lines), dtype=np.int64),
            faults=pa.array(faults, pa.string()).take(pa.array(order)),
            details=pa.array(details, pa.string()).take(pa.array(order)),
            stretches=tuple(slow.stretches),
            blank=blank + slow.blank + int(empty.sum()),
            ignored=ignored + int(again.sum()),
        )
        self.line += sheet.count
        return block, used

    def _blank(self, line: bytes) -> bool:
        """Whether a line has cells and nothing in them."""
        if line.strip(b' \t"' + bytes([self._mark])):
            return False
        return not any(cell.strip() for cell in self._parser.record(line, 0, eof=True).cells)

    def _slow_way(
        self, data: bytes, sheet: _Lines, good: np.ndarray, empty: np.ndarray, *, eof: bool
    ) -> tuple[_Slow, int]:
        """Read what is no record by itself. Marks in ``good`` and ``empty`` what it consumed, and cuts ``sheet``."""
        found = _Slow()
        free = 0
        for i in np.flatnonzero(~good & ~empty):
            if i < free:
                continue
            start = int(sheet.starts[i])
            record = self._parser.record(data, start, eof=eof)
            if record.end < 0 or (record.fault == "record_too_long" and record.end >= len(data) and not eof):
                sheet.cut(int(i))
                good[i:], empty[i:] = False, False
                return found, start
            free = int(np.searchsorted(sheet.starts, record.end)) if record.end < sheet.end else sheet.count
            good[i:free], empty[i:free] = False, False
            self._note(found, record, self.line + int(i) + 1)
        return found, sheet.end

    def _note(self, found: _Slow, record: Record, line: int) -> None:
        cells, fault, detail = record.cells, record.fault, None
        if fault is None:
            if not any(cell.strip() for cell in cells):
                found.blank += 1
                return
            extra = [cell for cell in cells[self._width :] if cell.strip()]
            if len(cells) < self._width or extra:
                fault = "torn_row"
                detail = {"found": len(cells), "expected": self._width}
        elif fault == "unclosed_quote":
            detail = {"until": line + record.swallowed}
            found.stretches.append((line, line + record.swallowed))
        elif fault == "record_too_long":
            detail = {"limit": MAX_RECORD}
        found.cells.append((cells + [""] * self._width)[: self._width])
        found.lines.append(line)
        found.faults.append(fault)
        found.details.append(json.dumps(detail) if detail else None)

    def _fast_way(self, data: bytes, sheet: _Lines, good: np.ndarray) -> pa.Table:
        if not good.any():
            return self._table([])
        taken: Any = memoryview(data)[: sheet.end]
        if not good.all():
            taken = sheet.data[: sheet.end][np.repeat(good, np.diff(np.append(sheet.starts, sheet.end)))]
        if sheet.lone_cr:
            taken = bytes(taken).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        table = csv.read_csv(
            pa.BufferReader(pa.py_buffer(taken)),
            read_options=csv.ReadOptions(use_threads=False, column_names=self._columns, block_size=len(taken) + 1),
            parse_options=csv.ParseOptions(delimiter=chr(self._mark), ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(self._columns, pa.string()), strings_can_be_null=False
            ),
        )
        if table.num_rows != good.sum():
            raise AssertionError(f"{table.num_rows} records were parsed where {good.sum()} lines are clean")
        return table

    def _table(self, rows: list[list[str]]) -> pa.Table:
        columns = zip(*rows, strict=True) if rows else [[] for _ in self._columns]
        return pa.table([pa.array(column, pa.string()) for column in columns], names=self._columns)


class _Lines:
    """The physical lines of a piece of a file, and which of them are records by themselves.

    A line is clean when its quotes are even in number, each opening one follows the line's beginning, a delimiter or
    a quote, and each closing one precedes a delimiter, a quote or the line's end.
    """

    def __init__(self, data: bytes, mark: int, *, eof: bool) -> None:
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
        self._ends = ends
        self.length = ends - self.starts
        marks = np.flatnonzero(self.data[: self.end] == mark)
        self.clean = np.ones(self.count, dtype=bool)
        if QUOTE in data:
            marks = self._look_at_quotes(breaks, ends, marks, mark)
        self.cells = np.diff(np.searchsorted(marks, np.append(self.starts, self.end))) + 1

    def bytes(self, i: int) -> bytes:
        """The content of one line."""
        return self.raw[self.starts[i] : self._ends[i]]

    def cut(self, count: int) -> None:
        """Forget the lines from number ``count`` on."""
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

    def _look_at_quotes(self, breaks: np.ndarray, ends: np.ndarray, marks: np.ndarray, mark: int) -> np.ndarray:
        """Say which lines are clean; give the delimiters that lie outside quotes."""
        data, quotes = self.data, np.flatnonzero(self.data[: self.end] == QUOTE)
        line = np.searchsorted(breaks, quotes)
        first = np.searchsorted(quotes, self.starts)
        closing = (np.arange(len(quotes)) - first[line]) % 2 == 1
        before = data[np.clip(quotes - 1, 0, None)]
        after = data[np.minimum(quotes + 1, len(data) - 1)]
        opens = (quotes == self.starts[line]) | (before == mark) | (before == QUOTE)
        closes = (quotes + 1 >= ends[line]) | (after == mark) | (after == QUOTE)
        wrong = np.where(closing, ~closes, ~opens)
        self.clean[line[wrong]] = False
        self.clean[np.bincount(line, minlength=self.count) % 2 == 1] = False
        of_mark = np.searchsorted(breaks, marks)
        outside = (np.searchsorted(quotes, marks) - first[of_mark]) % 2 == 0
        return marks[outside]
