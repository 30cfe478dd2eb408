"""CSV in any usual delimiter, quoting and line ending, with the right physical line number of every record.

Strategy: a block of bytes is processed as physical lines, vectorised. A line whose quotes are all well placed and which
has as many cells as the header is a record by itself; pyarrow parses all of those at once. Every other line is read
slowly, record by record: line breaks in quotes, torn rows, broken quotes. Both methods return the same cells. A quote
that is never closed is a fault of the line that opened it; reading continues at the next line, and the stretch that it
swallowed is remembered. The widths of rows are counted over the whole file, if a row is wider than the header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from crossdock.failures.refusals import Refused
from crossdock.formats import headers, text
from crossdock.formats.delimited import tidy, widths
from crossdock.formats.delimited.ending import Ending
from crossdock.formats.delimited.marks import DELIMITERS, DOUBLE, NO_QUOTE, MarkOptions
from crossdock.formats.delimited.rfc4180 import MAX_RECORD, Dialect, Parser, line_breaks
from crossdock.formats.delimited.splitter import Cutter
from crossdock.formats.footer import Footer, FooterOptions
from crossdock.formats.format import Block, Clues, Format, Note, Written
from crossdock.schema.names import BLANKS


class DelimitedOptions(headers.HeadedOptions, MarkOptions, FooterOptions):
    """The options of delimited files."""

    encoding: text.Encoding = None


class Delimited(Format[DelimitedOptions]):
    """Delimited files: text that has no mark of another format. A record's line is the one on which it begins."""

    name = "delimited"
    template = ".csv"
    options = DelimitedOptions

    def sniff(self, head: bytes, path: Path) -> bool:
        """Always False: nothing marks it."""
        return False

    def reader(self, path: Path, options: DelimitedOptions, clues: Clues) -> Reader:
        """A reader of one delimited file. Raises ``Refused`` if there is no header or no such encoding."""
        return Reader(path, options, clues)

    def place(self, line: int, written: Written) -> str:
        """``line 12``."""
        return f"line {line:,}"

    def span(self, first: int, last: int, written: Written, joined: str) -> str:
        """``lines 4–9``."""
        return f"lines {first:,}{joined}{last:,}"


class _Row(NamedTuple):
    """One of the first rows: its cells, the offsets of its beginning and of the next row."""

    cells: list[str]
    start: int
    end: int


def _heading_rows(rows: Sequence[_Row], numbers: Sequence[int]) -> list[list[str]]:
    """The cells of rows that are the header together; ``numbers``: from 1."""
    return headers.continued([rows[number - 1].cells for number in numbers])


class Reader:
    """Reads one delimited file. The known headers show the header row and the delimiter."""

    plain_numbers = False

    def __init__(self, path: Path, options: DelimitedOptions, clues: Clues) -> None:
        self._path = path
        self._kinds = clues.kinds
        self._footer = Footer(options)
        self._look = text.inspect(path, options.encoding)
        self._ended = text.end_of(path)
        self._tidy = tidy.Tidy(clues.kinds, self._look, quotes=options.quote == DOUBLE)
        self._find_header(options)
        self._cutter = Cutter(
            self._dialect,
            [self._heading, *self._heading_rows],
            self.columns,
            self._extra,
            self._tidy,
            clues.kinds,
            fills=options.short_rows == "blank",
        )

    @property
    def written(self) -> Written:
        """Format, encoding and the marks between, around and in cells; quote and escape only if they are unusual, and
        whether the last line has no end.
        """
        own = {"quote": self._dialect.quote or NO_QUOTE, "escape": self._dialect.escape}
        usual = {"quote": DOUBLE, "escape": None}
        unusual = {name: value for name, value in own.items() if value != usual[name]}
        return {
            "format": Delimited.name,
            "encoding": self._look.encoding,
            "delimiter": self._dialect.delimiter,
            **self._ended,
        } | unusual

    @property
    def notes(self) -> Sequence[Note]:
        """The warnings about the file. Complete after all blocks are read."""
        spare = self._cutter.spare
        wide = [Note("blank_cells_behind", None, spare, {"count": f"{spare:,}"})] if spare else []
        return [*self._look.notes, *self._headings.notes, *wide, *self._tidy.notes, *self._footer.notes]

    def _find_header(self, options: DelimitedOptions) -> None:
        last = max((*options.header, options.skip_start + headers.HEADER_SEARCH))
        head = self._head(last)
        first = re.match(rb'"?sep=([ !#-~\t])"?(?:\r\n?|\n|$)', head[:16], re.IGNORECASE)
        named = options.delimiter or (first[1].decode("latin-1") if first else None)
        quote = None if options.quote == NO_QUOTE else options.quote
        dialects = [Dialect(each, quote, options.escape) for each in ((named,) if named else DELIMITERS)]
        dialects = [each for each in dialects if each.delimiter not in (quote, options.escape)]
        absent = [each for each in dialects if each.delimiter.encode() not in head]
        dialects = [each for each in dialects if each not in absent[1:]]  # they all see one cell a row
        if options.headings:
            self._take_headings(options, dialects, head, first.end() if first else 0)
        else:
            self._choose_header(options.header, dialects, head, last)
        self._spaced = self._dialect.delimiter.encode() + b" " in self._sample
        self._behind = line_breaks(head[: self._body])
        self._without_blank_headings()
        self._headings = headers.headings(self._heading, self._kinds)
        self.columns = self._headings.names
        blank = [not heading.strip(BLANKS) for heading in self._heading]
        pairs = zip(self.columns, blank, strict=True) if options.headings else ()
        self._unread = [name for name, unnamed in pairs if unnamed]

    def _head(self, rows: int) -> bytes:
        """The beginning of the file, with at least so many rows."""
        head = b""
        for chunk in text.encoded(self._path, self._look):
            head += chunk
            if len(head) > MAX_RECORD and line_breaks(head) > rows:
                break
        return head

    def _take_headings(
        self, options: headers.HeadedOptions, dialects: Sequence[Dialect], head: bytes, start: int
    ) -> None:
        """Name the columns as the feed does; of the dialects that one counts in which most rows are as wide."""
        names, above = options.headings, options.skip_start
        start = 0 if above else start

        def fitting(dialect: Dialect) -> int:
            rows = self._first_records(head[start:], dialect, above + headers.HEADER_SEARCH)
            return sum(len(row.cells) == len(names) for row in rows[above:])

        self._dialect = max(dialects, key=fitting)
        self._heading, self._heading_rows = list(names), [list(names)]
        rows = self._first_records(head[start:], self._dialect, above + 1)
        if len(rows) <= above:
            raise Refused("no_such_row", row=above + 1)
        for number, row in enumerate(rows[:above], 1):
            headers.must_stand_so(row.cells, number, names)
        self._preamble = [*self._first_records(head[:start], self._dialect, 1), *rows[:above]]
        self._sample, self._body = head[start + rows[above].start : start + rows[above].end], start + rows[above].start

    def _choose_header(self, named: tuple[int, ...], dialects: Sequence[Dialect], head: bytes, count: int) -> None:
        """Find the header among so many first rows, or take the rows that the feed names (from 1)."""
        best: tuple[headers.Score, Dialect, tuple[int, ...], list[_Row]] | None = None
        for dialect in dialects:
            rows = self._first_records(head, dialect, count)
            for numbers in [named] if named else [(number,) for number in range(1, len(rows) + 1)]:
                if best is not None and not named and len(rows[numbers[0] - 1].cells) <= best[0][0]:
                    continue  # it has no more cells than the best one has known names
                heading = headers.joined(_heading_rows(rows, numbers)) if numbers[-1] <= len(rows) else []
                if not any(heading):
                    continue
                score = headers.score(heading, numbers[-1], self._kinds)
                if best is None or score > best[0]:
                    best = (score, dialect, numbers, rows)
        if best is None:
            raise Refused("no_such_row", row=named[-1]) if named else Refused("no_header", header="nothing")
        self._dialect, numbers, rows = best[1:]
        rows = rows[: numbers[-1]]
        self._preamble = [row for number, row in enumerate(rows, 1) if number not in numbers]
        self._heading_rows = [rows[number - 1].cells for number in numbers]
        self._heading = headers.joined(_heading_rows(rows, numbers)) if len(numbers) > 1 else rows[-1].cells
        self._sample, self._body = head[rows[-1].start : rows[-1].end], rows[-1].end

    def _first_records(self, head: bytes, dialect: Dialect, count: int) -> list[_Row]:
        rows: list[_Row] = []
        position, parser = 0, Parser(dialect)
        while position < len(head) and len(rows) < count:
            record = parser.record(head, position, eof=True)
            rows.append(_Row([tidy.bare(text.shown(cell), None) for cell in record.cells], position, record.end))
            position = record.end
        return rows

    def _without_blank_headings(self) -> None:
        """Cut blank headings at the end of the header, to the usual width of rows."""
        named = len(self._heading)
        while named and not self._heading[named - 1].strip(BLANKS):
            named -= 1
        if named < len(self._heading):
            usual = self._widths(named).usual
            self._heading = self._heading[: usual if named <= usual < len(self._heading) else None]

    def _widths(self, width: int) -> widths.Widths:
        return widths.counted(self._body_of_file(), self._dialect, width, spaced=self._spaced)

    def _extra(self) -> int:
        """How many blank cells most rows have after the last heading. Raises ``Refused`` if the header lacks one."""
        counts, width = self._widths(len(self._heading)), len(self._heading)
        most = counts.most(counts.rows)
        doubled = headers.two_in_one(self._heading, self._kinds)
        if most > width and (doubled or counts.most(counts.filled)):
            doubled = doubled or headers.two_in_one(self._heading, self._kinds, least=1)
            which = f"{doubled!r} looks like two headings in one" if doubled else "a heading is missing"
            raise Refused("header_too_short", found=width, expected=most, which=which)
        return max(counts.most(counts.spare) - width, 0)

    def _body_of_file(self) -> Iterator[bytes]:
        """The file after its header."""
        skip = self._body
        for chunk in text.encoded(self._path, self._look):
            yield chunk[skip:]
            skip -= min(skip, len(chunk))

    def blocks(self) -> Iterator[Block]:
        """The records in file order; the rows of the header and the footer are not among them."""
        blocks = self._footer.without(self._blocks())
        return Ending(self._kinds, self._cutter, self.columns).checked(blocks) if self._ended else blocks

    def _blocks(self) -> Iterator[Block]:
        blank = sum(not any(cell.strip(BLANKS) for cell in row.cells) for row in self._preamble)
        counted = {"blank": blank, "ignored": len(self._preamble) - blank}
        cutter, rest = self._cutter, b""
        cutter.line = self._behind
        for chunk in chain(self._body_of_file(), (None,)):
            rest += chunk or b""
            block, used = cutter.cut(rest, eof=chunk is None, **counted)
            rest, counted = rest[used:], {}
            yield replace(block, cells=block.cells.drop_columns(self._unread)) if self._unread else block
