"""The slow way through a delimited file: one record at a time, by the rules of RFC 4180 as csv.reader reads them.

Beyond them: blanks around a quoted cell belong to nobody. Quotes in a cell that doesn't begin with one are text, as an
inch mark is, unless a pair of them spans a delimiter: there a separator is missing, and the cells behind it may stand
under the right headings by accident. A quoted cell over several lines each of which is a row by itself was never meant
as one cell. A quote that goes wrong is blamed on the line that opened it; reading goes on at the next line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_RECORD = 1 << 20
"""Bytes of one record; a quote that is still open behind them is taken as never closed."""
NARROW = 4
"""Columns below which prose has as many delimiters a line as rows have; what a blank follows is prose there."""
LEAD = rb"(?:[ \t]|\xc2\xa0|\xef\xbb\xbf)"
"""What may stand before a quote that opens a cell, and behind the one that closes it: blanks, the mark of a file that
was joined to another.
"""

PART_OF_LEAD = (b"\xc2", b"\xef", b"\xef\xbb")
"""Bytes of it that a piece of a file may end with, in the middle of a character."""
NEVER = rb"(?!)"
"""What matches nothing, as a pattern."""
FIGURE = rb"(?:[0-9)]|\xc2[\xbc-\xbe]|\xe2\x85[\x90-\x9e])"
SIDE = rb"[HWDLhwdl](?![0-9A-Za-z\x80-\xff])"
"""What an inch mark follows, a figure or a fraction; which side it may say: ``12"H``."""


@dataclass(frozen=True)
class Dialect:
    """How cells are written: what stands between them, around them, and before what is no mark. None: nothing does."""

    delimiter: str
    quote: str | None = '"'
    escape: str | None = None


@dataclass(frozen=True)
class Record:
    """One record of the slow way: its cells, where the next begins, and what is wrong with it.

    ``swallowed``: how many physical lines behind its first one it reaches over.
    """

    cells: list[str]
    end: int
    fault: str | None = None
    swallowed: int = 0


MORE = Record([], -1)
"""A record whose end is not there yet."""


def line_breaks(data: bytes) -> int:
    """How many physical lines end in a piece of a file."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


class Parser:
    """The slow way: one record at a time. ``width``: the cells of a row; 0 where that is not known yet."""

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
        """The record that begins at ``start``; ``end`` is -1 where its end is not in ``data`` yet.

        ``alone``: its line is known to be part of a stretch that an open quote swallowed; no cell reaches beyond it.
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
            found = (self._quoted if quoted else self._bare).match(data, position, limit)
            if quoted and found and not cut and data[found.end() : limit] in PART_OF_LEAD:
                return MORE
            if quoted and (found is None or self._goes_on(data, found.end(), limit)):
                return self._broken(data, start, found.end() if found else limit, cells) if found or cut else MORE
            after = found.end() if found else position
            if after >= limit and not eof and limit == len(data):
                return self._too_long(data, start, cells) if cut else MORE
            raw = (found[1] if quoted else found[0]) if found else b""
            if quoted and found and (b"\n" in raw or b"\r" in raw):
                broken.append((len(cells), *found.span(1)))
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

    def _goes_on(self, data: bytes, after: int, limit: int) -> bool:
        """Whether something stands between a closing quote and the end of its cell."""
        return after < limit and data[after : after + 1] not in (self._delimiter, b"\r", b"\n")

    def _plain(self, raw: bytes, *, quoted: bool) -> bytes:
        """A cell without what protects the marks in it."""
        if self._escaped is None:
            return raw.replace(self._quote * 2, self._quote) if quoted else raw
        if not quoted:
            return self._escaped.sub(rb"\1", raw)
        return self._protected.sub(lambda found: found[1] or found[2], raw)

    def _crosses(self, odd: list[bytes]) -> bool:
        """Whether a quote without a partner in its own cell has one in another; inch marks have none."""
        return len(odd) > 1 and not all(map(self._is_inch, odd, [True] + [False] * (len(odd) - 1)))

    def _is_inch(self, cell: bytes, last: bool) -> bool:
        at = cell.rfind(self._quote) if last else cell.find(self._quote)
        return any(each.start() <= at < each.end() for each in self._inch.finditer(cell))

    def _swallows(self, data: bytes, count: int, broken: list[tuple[int, int, int]]) -> bool:
        """Whether a record over several lines is made of rows: each of its lines has as many cells as a row. Where it
        is no row itself, or within one cell, a single such line tells as much.

        ``count``: its cells; ``broken``: those that hold line breaks, as their number and where they begin and end.
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
        """How many delimiters stand in each physical line of a cell."""
        if self.width < NARROW:
            piece = self._prose.sub(b"", piece)
        return [line.count(self._delimiter) for line in re.split(rb"\r\n|\r|\n", piece)]

    def _broken(self, data: bytes, start: int, until: int, cells: list[str]) -> Record:
        """A quote that goes wrong: the line that opened it is to blame, and what it swallowed is told."""
        end = start + len(self._line(data, start))
        swallowed = line_breaks(data[start:until].rstrip(b"\r\n"))
        return Record(cells, end, "unclosed_quote" if swallowed else "broken_quote", swallowed)

    def _too_long(self, data: bytes, start: int, cells: list[str]) -> Record:
        return Record(cells[:-1], start + len(self._line(data, start)), "record_too_long")
