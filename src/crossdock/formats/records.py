"""The slow way through a delimited file: one record at a time, by the rules of RFC 4180 as csv.reader reads them.

A quote that goes wrong is blamed on the line that opened it; reading goes on at the next line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_RECORD = 1 << 20
"""Bytes of one record; a quote that is still open behind them is taken as never closed."""


@dataclass(frozen=True)
class Record:
    """One record of the slow way: its cells, where the next begins, and what is wrong with it."""

    cells: list[str]
    end: int
    fault: str | None = None
    swallowed: int = 0


def line_breaks(data: bytes) -> int:
    """How many physical lines end in a piece of a file."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


class Parser:
    """The slow way: one record at a time, by the rules of RFC 4180 as csv.reader reads them."""

    def __init__(self, delimiter: str) -> None:
        mark = re.escape(delimiter.encode())
        self._delimiter = delimiter.encode()
        self._bare = re.compile(rb"[^" + mark + rb"\r\n]*+")
        self._quoted = re.compile(rb'"([^"]*+(?:""[^"]*+)*+)"')
        self._physical = re.compile(rb"[^\r\n]*+(?:\r\n|\r|\n)?")

    def record(self, data: bytes, start: int, *, eof: bool) -> Record:
        """The record that begins at ``start``; ``end`` is -1 where its end is not in ``data`` yet."""
        cells: list[str] = []
        position, limit = start, min(len(data), start + MAX_RECORD)
        cut = eof or limit < len(data) or limit - start >= MAX_RECORD
        while True:
            if data[position : position + 1] == b'"':
                found = self._quoted.match(data, position, limit)
                if found is None:
                    return self._broken(data, start, limit, cells) if cut else Record([], -1)
                value, after = found[1].replace(b'""', b'"'), found.end()
                if after < limit and data[after : after + 1] not in (self._delimiter, b"\r", b"\n"):
                    return self._broken(data, start, after, cells)
            else:
                found = self._bare.match(data, position, limit)
                value, after = (found[0], found.end()) if found else (b"", position)
            if after >= limit and not eof and limit == len(data):
                return Record([], -1) if not cut else self._too_long(data, start, cells)
            cells.append(value.decode("utf-8", errors="replace"))
            following = data[after : after + 1]
            if after >= limit and limit < len(data):
                return self._too_long(data, start, cells)
            if following == self._delimiter:
                position = after + 1
                continue
            if following == b"\r":
                if after + 1 == len(data) and not eof:
                    return Record([], -1)
                return Record(cells, after + (2 if data[after + 1 : after + 2] == b"\n" else 1))
            return Record(cells, after + len(following))

    def _broken(self, data: bytes, start: int, until: int, cells: list[str]) -> Record:
        """A quote that goes wrong: the line that opened it is to blame, and what it swallowed is told."""
        line = self._physical.match(data, start)
        end = line.end() if line else until
        swallowed = line_breaks(data[start:until].rstrip(b"\r\n"))
        return Record(cells, end, "unclosed_quote" if swallowed else "broken_quote", swallowed)

    def _too_long(self, data: bytes, start: int, cells: list[str]) -> Record:
        line = self._physical.match(data, start)
        return Record(cells[:-1], line.end() if line else len(data), "record_too_long")
