"""Rows of cells: in which one the headings are, or that there are none because the first row is data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from itertools import islice
from pathlib import Path
from statistics import median

from crossdock import formats
from crossdock.formats import headers, text
from crossdock.formats.delimited.marks import DELIMITERS
from crossdock.formats.delimited.rfc4180 import Dialect, Parser
from crossdock.formats.format import Clues
from crossdock.learn.headless.shape import Shape, is_figure, unnamed
from crossdock.schema.document import Kind
from crossdock.schema.names import BLANKS, fold

LOOKED_AT = 1_000
"""In how many rows headings are searched."""
WIDEST = 200
"""The most columns of a sheet."""
MOSTLY = 0.8
"""The share of a column's cells that are figures, where its heading is none."""
REGULAR = 0.9
"""The share of rows that have as many cells as the others, in a file whose cells have delimiters."""

Rows = Sequence[Sequence[str]]


def rows_of_text(path: Path) -> list[list[str]]:
    """The first rows of a text by the delimiter that fits best; none if no delimiter fits."""
    head = b"".join(islice(text.encoded(path, text.inspect(path, None)), 1))
    tried = [_rows(head, Dialect(each, '"', None)) for each in DELIMITERS]
    best = max(tried, key=_regular)
    return best if _regular(best) > (0, 0) else []


def _rows(head: bytes, dialect: Dialect) -> list[list[str]]:
    parser, position, rows = Parser(dialect), 0, list[list[str]]()
    while position < len(head) and len(rows) < LOOKED_AT:
        record = parser.record(head, position, eof=True)
        rows.append([cell.strip(BLANKS) for cell in record.cells])
        position = record.end
    return rows


def _regular(rows: Rows) -> tuple[float, int]:
    """The share of rows with the usual number of cells, and that number; nothing for one cell."""
    widths = Counter(len(row) for row in rows if any(row))
    several = {width: times for width, times in widths.items() if width > 1}
    if not several:
        return 0, 0
    width = max(several, key=lambda each: (several[each], each))
    return several[width] / widths.total(), width


def is_regular(rows: Rows) -> bool:
    """Whether nearly all rows have the same number of cells, two at least, which may be one decimal comma."""
    return _regular(rows)[0] >= REGULAR


def is_delimited(rows: Rows) -> bool:
    """Whether nearly all rows have the same number of cells, three at least."""
    return is_regular(rows) and _regular(rows)[1] > 2


def rows_of_workbook(path: Path) -> list[list[str]]:
    """The first rows of the only sheet of a workbook. Raises ``Refused`` as its reader does."""
    names = [unnamed(place) for place in range(1, WIDEST + 1)]
    options = formats.options().model_validate({"headings": names})
    clues = Clues({fold(name): Kind.TEXT for name in names})
    rows: list[list[str]] = []
    for block in formats.reader(path, None, options, clues).blocks():
        columns = [block.cells.column(name).to_pylist() for name in block.cells.column_names]
        cells = zip(*columns, strict=True)
        for line, row in zip(block.lines.tolist(), cells, strict=True):
            rows += [[""]] * (line - 1 - len(rows))
            rows.append([(cell or "").strip(BLANKS) for cell in row])
        if len(rows) >= LOOKED_AT:
            break
    width = max((place + 1 for row in rows for place, cell in enumerate(row) if cell), default=0)
    return [row[:width] for row in rows[:LOOKED_AT]]


def shape_of_rows(rows: Rows, known: Container[str]) -> Shape | None:
    """Where the headings are, if no reader finds them by itself; None if one does. ``known``: folded headings."""
    scores = [(headers.score(row, number, known), number) for number, row in enumerate(rows, 1) if not _data(row)]
    best, number = max(scores, default=((0, 0, 0), 0))
    joined = _in_two_rows(rows, known, best[0])
    if joined is not None:
        return joined
    if best[0] > 1 or (best[0] and number <= headers.HEADER_SEARCH):
        return _at(number)
    body = _body(rows)
    if len(body) < 2:
        return None
    first = rows[body[0]]
    below = [[rows[each][place] for each in body[1:]] for place in range(len(first))]
    figures = [sum(map(is_figure, cells)) >= MOSTLY * len(cells) for cells in below]
    named = [cell for cell, numeric in zip(first, figures, strict=True) if numeric]
    if not named or not all(map(is_figure, filter(None, named))) or not any(named):
        return _at(body[0] + 1) if named else None
    names = [unnamed(place) for place in range(1, len(first) + 1)]
    options = {"headings": names} | ({"skip_start": body[0]} if body[0] else {})
    return Shape(options, unnamed=frozenset(names))


def _in_two_rows(rows: Rows, known: Container[str], alone: int) -> Shape | None:
    """The headings are in two rows: together they are more known ones than any row has ``alone``; None if not so."""
    best, number = alone, 0
    for at in range(min(len(rows) - 1, headers.HEADER_SEARCH)):
        pair = rows[at : at + 2]
        if any(map(_data, pair)) or sum(map(bool, pair[0])) < 2:
            continue
        heading = headers.joined(headers.continued(pair))
        count = headers.score(heading, at + 1, known)[0]
        if all(heading) and count > best:
            best, number = count, at + 1
    if not number:
        return None
    why = f"rows {number} and {number + 1} together have {best} known headings, no row alone has more than {alone}"
    return Shape({"header_rows": [number, number + 1]}, evidence=(why,))


def _data(row: Sequence[str]) -> bool:
    """Whether a row is no row of headings: a cell of it is a figure."""
    return any(map(is_figure, row))


def _at(number: int) -> Shape | None:
    """The headings are in this row, from 1: nothing to say if a reader looks there."""
    return Shape({"header_row": number}) if number > headers.HEADER_SEARCH else None


def _body(rows: Rows) -> list[int]:
    """The rows, from 0, that are as wide and about as full as most are: the first has the headings, or is data."""
    width = _regular(rows)[1]
    wide = [place for place, row in enumerate(rows) if len(row) == width and any(row)]
    usual = median([sum(map(bool, rows[place])) for place in wide]) if wide else 0
    return [place for place in wide if sum(map(bool, rows[place])) * 2 > usual]
