"""CSV in any usual delimiter, quoting and line ending, with the right physical line number of every record.

Strategy: a block of bytes is looked at as physical lines, vectorised. A line whose quotes are all well placed and
which has as many cells as the header is a record by itself; pyarrow parses all of those at once. Every other line
goes the slow way, record by record: line breaks in quotes, torn rows, broken quotes. Both ways give the same cells. A
quote that is never closed is blamed on the line that opened it; reading goes on at the next line, and the stretch it
swallowed is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from crossdock.failures import Refused
from crossdock.feeds import Options
from crossdock.formats import headers, text
from crossdock.formats.cutter import Cutter
from crossdock.formats.records import MAX_RECORD, Parser, line_breaks
from crossdock.model import Block, Clues, Note

DELIMITERS = (",", ";", "\t", "|")


def place(line: int, written: Mapping[str, Any]) -> str:
    """``line 12``: the physical line on which the record begins."""
    return f"line {line:,}"


def span(first: int, last: int, written: Mapping[str, Any], joined: str) -> str:
    """``lines 4–9``."""
    return f"lines {first:,}{joined}{last:,}"


class Delimited:
    """Reads one delimited file. By the headers that are known the header row and the delimiter are found."""

    plain_numbers = False
    notes: Sequence[Note] = ()

    def __init__(self, path: Path, options: Options, clues: Clues) -> None:
        self._path = path
        self._known = clues.kinds
        self.encoding = text.establish(path, options.encoding)
        self._find_header(options)

    @property
    def written(self) -> Mapping[str, Any]:
        """Format, encoding and delimiter."""
        return {"format": "delimited", "encoding": self.encoding, "delimiter": self.delimiter}

    def _find_header(self, options: Options) -> None:
        head = b""
        for chunk in text.encoded(self._path, self.encoding):
            head += chunk
            if len(head) > MAX_RECORD:
                break
        first = re.match(rb'"?sep=([ !#-~\t])"?\r?\n?', head[:16], re.IGNORECASE)
        told = options.delimiter or (first[1].decode("latin-1") if first else None)
        best: tuple[headers.Score, str, int] | None = None
        for delimiter in (told,) if told else DELIMITERS:
            rows = self._first_records(head, delimiter)
            for number, (cells, _, _) in enumerate(rows, 1):
                if options.header_row not in (None, number) or not any(cell.strip() for cell in cells):
                    continue
                found = headers.score(cells, number, self._known)
                if best is None or found > best[0]:
                    best = (found, delimiter, number - 1)
        if best is None:
            raise Refused("no_header", header="nothing")
        self.delimiter = best[1]
        rows = self._first_records(head, self.delimiter)
        self._preamble = rows[: best[2]]
        cells, start, self._body = rows[best[2]]
        self._header_bytes = head[start : self._body].rstrip(b"\r\n")
        self.columns = headers.named(cells)
        self.width = len(cells)

    def _first_records(self, head: bytes, delimiter: str) -> list[tuple[list[str], int, int]]:
        rows: list[tuple[list[str], int, int]] = []
        position, parser = 0, Parser(delimiter)
        while position < len(head) and len(rows) < headers.HEADER_SEARCH:
            record = parser.record(head, position, eof=True)
            rows.append((record.cells, position, record.end))
            position = record.end
        return rows

    def blocks(self) -> Iterator[Block]:
        """The records in file order; the header row is not one of them."""
        blank = sum(not any(cell.strip() for cell in cells) for cells, _, _ in self._preamble)
        cutter = Cutter(self.delimiter, self.columns, self.width, self._header_bytes)
        rest, skip = b"", self._body
        counted = {"blank": blank, "ignored": len(self._preamble) - blank}
        for chunk in _with_end(text.encoded(self._path, self.encoding)):
            rest += chunk or b""
            if skip:
                if len(rest) < skip:
                    continue
                cutter.line += line_breaks(rest[:skip])
                rest, skip = rest[skip:], 0
            block, used = cutter.cut(rest, eof=chunk is None, **counted)
            rest, counted = rest[used:], {"blank": 0, "ignored": 0}
            yield block


def _with_end(chunks: Iterator[bytes]) -> Iterator[bytes | None]:
    yield from chunks
    yield None
