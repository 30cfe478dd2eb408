"""The slow parser of delimited files: one record at a time, by the rules of RFC 4180 as csv.reader reads them.

Beyond them: blanks around a quoted cell are ignored. Quotes in a cell that doesn't begin with one are text, like an
inch mark, unless a pair of them spans a delimiter: then a separator is missing, and the cells after it may be under the
right headings by accident. A quoted cell over several lines, each of which is a row by itself, was never meant as one
cell. A broken quote is a fault of the line that opened it; reading continues at the next line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_RECORD = 1 << 20
"""The most bytes of one record; a quote that is still open after them counts as never closed."""
NARROW = 4
"""With fewer columns prose has as many delimiters per line as rows; there a delimiter before a blank is prose."""
LEAD = rb"(?:[ \t]|\xc2\xa0|\xef\xbb\xbf)"
"""What may be before a quote that opens a cell, and after the one that closes it: blanks, the BOM of a file that was
appended to another.
"""

PART_OF_LEAD = (b"\xc2", b"\xef", b"\xef\xbb")
"""Bytes of ``LEAD`` with which a piece of a file may end, in the middle of a character."""
NEVER = rb"(?!)"
"""A pattern that matches nothing."""
FIGURE = rb"(?:[0-9)]|\xc2[\xbc-\xbe]|\xe2\x85[\x90-\x9e])"
SIDE = rb"[HWDLhwdl](?![0-9A-Za-z\x80-\xff])"
"""What is before an inch mark, a digit or a fraction; the side that may follow it: ``12"H``."""


@dataclass(frozen=True)
class Dialect:
    """How cells are written: the mark between them, around them, and before a mark that is text; None: no such mark."""

    delimiter: str
    quote: str | None = '"'
    escape: str | None = None


@dataclass(frozen=True)
class Record:
    """One record of the slow parser: its cells, the offset of the next record, and what is wrong with it.

    ``swallowed``: how many physical lines after its first one it covers. ``escaped``: a backslash stands before a quote
    of a line that is broken.
    """

    cells: list[str]
    end: int
    fault: str | None = None
    swallowed: int = 0
    escaped: bool = False


MORE = Record([], -1)
"""A record whose end is not in the data yet."""


def line_breaks(data: bytes) -> int:
    """The number of physical lines that end in a piece of a file."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


class Parser:
    """The slow parser: one record at a time. ``width``: the cells of a row; 0 if it is not known yet."""

    def __init__(self, dialect: Dialect, width: int = 0) -> None:
        self.width = width
        self._delimiter = dialect.delimiter.encode()
        self._quote = (dialect.quote or "").encode()
        mark, quote, escape = map(re.escape, (self._delimiter, self._quote, (dialect.escape or "").encode()))
        lead = rb"(?:(?!" + mark + rb")" + LEAD + rb")*+"
        bare = rb"[^" + mark + rb"\r\n" + escape + rb"]*+"
        inside = rb"[^" + (quote + escape or rb"\r") + rb"]*+"
        protected = rb"\r\n|[\r\n" + mark + quote + escape + rb"]"
        one = quote or NEVER
        if escape:
            bare += rb"(?:" + escape + rb"(?:" + protected + rb")?" + bare + rb")*+"
            inside += rb"(?:(?:" + escape + rb"(?:" + protected + rb")?|" + one * 2 + rb")" + inside + rb")*+"
        else:
            inside += rb"(?:" + one * 2 + inside + rb")*+"
        self._bare = re.compile(bare)
        self._opens = re.compile(lead + one)
        self._quoted = re.compile(lead + one + rb"(" + inside + rb")" + one + lead)
        self._escaped = re.compile(escape + rb"(" + protected + rb")") if escape else None
        self._protected = re.compile(escape + rb"(" + protected + rb")|" + one + rb"(" + one + rb")")
        self._physical = re.compile(rb"[^\r\n]*+(?:\r\n|\r|\n)?")
        self._inch = re.compile(FIGURE + rb" ?" + one + rb"(?:(?![0-9A-Za-z\x80-\xff])|[xX](?=[0-9 ])|" + SIDE + rb")")
        self._prose = re.compile(mark + rb"(?= )")

    def record(self, data: bytes, start: int, *, eof: bool, alone: bool = False) -> Record:
        """The record that begins at offset ``start``; its ``end`` is -1 if that is not in ``data`` yet.

        ``alone``: its line is part of a stretch that an open quote swallowed, so no cell continues after the line.
        """
        cells: list[str] = []
        odd: list[bytes] = []
        broken: list[tuple[int, int, int]] = []
        position, limit = start, min(len(data), start + MAX_RECORD)
        if alone:
            limit = min(limit, start + len(self._line(data, start).rstrip(b"\r\n")))
        cut = eof or alone or limit < len(data) or limit - start >= MAX_RECORD
        while True:
            quoted = self._opens.match(data, position, limit) is not None
            match = (self._quoted if quoted else self._bare).match(data, position, limit)
            if quoted and match and not cut and data[match.end() : limit] in PART_OF_LEAD:
                return MORE
            if quoted and (match is None or self._continues(data, match.end(), limit)):
                return self._broken(data, start, match.end() if match else limit, cells) if match or cut else MORE
            after = match.end() if match else position
            if after >= limit and not eof and limit == len(data):
                return self._too_long(data, start, cells) if cut else MORE
            raw = (match[1] if quoted else match[0]) if match else b""
            if quoted and match and (b"\n" in raw or b"\r" in raw):
                broken.append((len(cells), *match.span(1)))
            elif not quoted and self._quote and raw.count(self._quote) % 2:
                odd.append(raw)
            cells.append(self._plain(raw, quoted=quoted).decode("utf-8", errors="replace"))
            following = data[after : after + 1]
            if after >= limit and limit < len(data) and not (alone and following in (b"\r", b"\n")):
                return self._too_long(data, start, cells)
            if following == self._delimiter:
                position = after + 1
                continue
            if following == b"\r" and after + 1 == len(data) and not eof:
                return MORE
            end = after + (2 if data[after : after + 2] == b"\r\n" else len(following))
            if broken and self._swallows(data, len(cells), broken):
                return self._broken(data, start, after, cells[: broken[0][0]])
            return Record(cells, end, "quote_across_cells" if self._crosses(odd) else None)

    def _line(self, data: bytes, start: int) -> bytes:
        """The physical line that begins at ``start``."""
        line = self._physical.match(data, start)
        return line[0] if line else b""

    def _continues(self, data: bytes, after: int, limit: int) -> bool:
        """Whether something is between a closing quote and the end of its cell."""
        return after < limit and data[after : after + 1] not in (self._delimiter, b"\r", b"\n")

    def _plain(self, raw: bytes, *, quoted: bool) -> bytes:
        """A cell without the characters that protect the marks in it."""
        if self._escaped is None:
            return raw.replace(self._quote * 2, self._quote) if quoted else raw
        if not quoted:
            return self._escaped.sub(rb"\1", raw)
        return self._protected.sub(lambda match: match[1] or match[2], raw)

    def _crosses(self, odd: list[bytes]) -> bool:
        """Whether a quote without a partner in its own cell has one in another cell; inch marks have none."""
        return len(odd) > 1 and not all(map(self._is_inch, odd, [True] + [False] * (len(odd) - 1)))

    def _is_inch(self, cell: bytes, last: bool) -> bool:
        at = cell.rfind(self._quote) if last else cell.find(self._quote)
        return any(each.start() <= at < each.end() for each in self._inch.finditer(cell))

    def _swallows(self, data: bytes, count: int, broken: list[tuple[int, int, int]]) -> bool:
        """Whether a record over several lines consists of rows: each of its lines has as many cells as a row.

        If it is no row itself, or within one cell, a single such line is enough.

        ``count``: the number of its cells; ``broken``: those with line breaks, as their number, beginning and end.
        """
        between = self.width - 1
        if between < 1:
            return False
        lines, inner, here, at = list[int](), list[int](), 0, 0
        for place, begin, until in broken:
            first, *whole, last = self._delimiters(data[begin:until])
            lines += [here + place - at + first, *whole]
            inner += whole
            here, at = last, place
        lines.append(here + count - 1 - at)
        if count != self.width:
            return between in lines[1:]
        return all(each == between for each in lines) or (self.width >= NARROW and between in inner)

    def _delimiters(self, piece: bytes) -> list[int]:
        """How many delimiters each physical line of a cell has."""
        if self.width < NARROW:
            piece = self._prose.sub(b"", piece)
        return [line.count(self._delimiter) for line in re.split(rb"\r\n|\r|\n", piece)]

    def _broken(self, data: bytes, start: int, until: int, cells: list[str]) -> Record:
        """The record of a broken quote: a fault of the line that opened it, with the number of swallowed lines."""
        line = self._line(data, start)
        swallowed = line_breaks(data[start:until].rstrip(b"\r\n"))
        escaped = b"\\" + self._quote in line and self._escaped is None
        fault = "unclosed_quote" if swallowed else "broken_quote"
        return Record(cells, start + len(line), fault, swallowed, escaped)

    def _too_long(self, data: bytes, start: int, cells: list[str]) -> Record:
        return Record(cells[:-1], start + len(self._line(data, start)), "record_too_long")
