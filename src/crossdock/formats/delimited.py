"""CSV in any usual delimiter, quoting and line ending, with the right physical line number of every record.

Strategy: a block of bytes is looked at as physical lines, vectorised. A line whose quotes are all well placed and
which has as many cells as the header is a record by itself; pyarrow parses all of those at once. Every other line
goes the slow way, record by record: line breaks in quotes, torn rows, broken quotes. Both ways give the same cells. A
quote that is never closed is blamed on the line that opened it; reading goes on at the next line, and the stretch it
swallowed is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from crossdock.failures import Refused
from crossdock.formats import headers, text
from crossdock.formats.cutter import Cutter
from crossdock.formats.format import Block, Clues, Format, Note, Options, Written
from crossdock.formats.records import MAX_RECORD, Parser, line_breaks

DELIMITERS = (",", ";", "\t", "|")


class DelimitedOptions(Options):
    """The options of delimited files."""

    delimiter: Annotated[str, StringConstraints(pattern=r"^[ !#-~\t]$")] | None = Field(
        None, description="what stands between cells; else found among `,` `;` tab `|`"
    )
    encoding: text.Encoding = None
    header_row: headers.HeaderRow = None


class Delimited(Format[DelimitedOptions]):
    """Delimited files: text that bears no mark of another format. A record's line is the one on which it begins."""

    name = "delimited"
    options = DelimitedOptions

    def sniff(self, head: bytes, path: Path) -> bool:
        """Nothing marks it."""
        return False

    def reader(self, path: Path, options: DelimitedOptions, clues: Clues) -> Reader:
        """Reads one delimited file. Raises ``Refused`` where no row can be the header, or bytes are no text."""
        return Reader(path, options, clues)

    def place(self, line: int, written: Written) -> str:
        """``line 12``."""
        return f"line {line:,}"

    def span(self, first: int, last: int, written: Written, joined: str) -> str:
        """``lines 4–9``."""
        return f"lines {first:,}{joined}{last:,}"


class Reader:
    """Reads one delimited file. By the headers that are known the header row and the delimiter are found."""

    plain_numbers = False
    notes: Sequence[Note] = ()

    def __init__(self, path: Path, options: DelimitedOptions, clues: Clues) -> None:
        self._path = path
        self._known = clues.kinds
        self.encoding = text.establish(path, options.encoding)
        self._find_header(options)

    @property
    def written(self) -> Written:
        """Format, encoding and delimiter."""
        return {"format": Delimited.name, "encoding": self.encoding, "delimiter": self.delimiter}

    def _find_header(self, options: DelimitedOptions) -> None:
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
