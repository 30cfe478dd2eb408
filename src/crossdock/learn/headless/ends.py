"""Rows that lack cells at their end, and rows below the last record: the options with which a file's ends are read.

A row with fewer cells than the header may have lost one in its middle. That only its end is missing is proved where no
row of full width ends blank, and where no other place of the gap leaves each cell in a column of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import translate

from crossdock.formats.footer import glob_of
from crossdock.learn.headless.shape import Shape, is_figure
from crossdock.schema.names import TOTALS

FEWEST_SHORT = 2
"""With fewer short rows, one may only be cut off."""
LONGEST_FOOTER = 10
"""The most rows of a footer that is proposed."""
MOSTLY = 0.9
"""The share of the cells of a column that are figures, where it is one of figures."""
_FOOTER = re.compile(
    r"\W*((end|ende|fin|einde) (of|du|de|des|der|van|del) |(printed|generated|created|exported|gedruckt|erstellt"
    r"|exportiert|imprimé|généré|exporté|impreso|generado|afgedrukt)\b"
    r"|(report|page|seite|pagina|página|bericht|rapport) )",
    re.IGNORECASE,
)
"""What programs write below a list, and no record begins with."""
Columns = Mapping[str, Sequence[str | None]]


@dataclass(frozen=True)
class Rows:
    """The records of a file as it is read without options. ``short``: the place of each row that has fewer cells than
    the header → how many it has."""

    columns: Columns
    count: int
    short: Mapping[int, int]

    def cells(self, place: int) -> list[str]:
        """The cells of a row, '' where blank."""
        return [values[place] or "" for values in self.columns.values()]

    def text(self, place: int) -> str:
        """The text of a row: its cells with a blank between them."""
        return " ".join(" ".join(cell.split()) for cell in self.cells(place) if cell)


def with_ends(shape: Shape, rows: Rows, *, whole: bool) -> Shape:
    """The shape with ``footer`` and ``short_rows``, where the rows prove them. ``whole``: the file's end is there."""
    end = _footer(rows) if whole else rows.count
    if end < rows.count:
        globs = list(dict.fromkeys(glob_of(rows.text(place)) for place in range(end, rows.count)))
        why = f"text of no record: the last {rows.count - end} of {rows.count:,} rows"
        shape = _with(shape, {"footer": globs}, why)
    short = {place: cells for place, cells in rows.short.items() if place < end}
    full = [place for place in range(end) if place not in rows.short]
    last = list(rows.columns.values())[-1]
    if len(short) < FEWEST_SHORT or any(not last[place] for place in full):
        return shape
    kinds = _kinds(rows, full)
    sent = [rows.cells(place)[:cells] for place, cells in short.items()]
    of_all = f"{len(short):,} of {end:,} rows have fewer cells than the header"
    if not all(_at_end(cells, kinds) for cells in sent):
        return shape
    if full and not any(_elsewhere(cells, kinds) for cells in sent):
        return _with(shape, {"short_rows": "blank"}, f"{of_all}, each only at its end, and no other row ends blank")
    question = f'{of_all}: if it is their end that is missing, add short_rows = "blank" to options'
    return replace(shape, remarks=(*shape.remarks, question))


def _with(shape: Shape, options: Mapping[str, object], why: str) -> Shape:
    return replace(shape, options={**shape.options, **options}, evidence=(*shape.evidence, why))


def _footer(rows: Rows) -> int:
    """The place from which on rows are the footer; the number of rows if there is none.

    Each row of it begins with words of a footer, and lacks a figure where all rows above have one.
    """
    begin = rows.count
    while begin > 1 and _FOOTER.match(rows.text(begin - 1)) and not _is_total(rows.cells(begin - 1)):
        begin -= 1
    if begin == rows.count:
        return begin
    above = [place for place in range(begin) if place not in rows.short]
    kinds = _kinds(rows, above)
    footer = [rows.cells(place) for place in range(begin, rows.count)]
    lacks = (any(kind and not is_figure(cell) for cell, kind in zip(row, kinds, strict=True)) for row in footer)
    globs = "|".join(translate(glob_of(rows.text(place))) for place in range(begin, rows.count))
    if not above or len(footer) > LONGEST_FOOTER or not all(lacks) or re.match(globs, rows.text(begin - 1)):
        return rows.count
    return begin


def _is_total(cells: Sequence[str]) -> bool:
    return any(cell.strip(" :*").casefold() in TOTALS for cell in cells)


def _kinds(rows: Rows, full: Sequence[int]) -> list[bool | None]:
    """Of each column, whether its cells are figures, by the rows of full width; None if it has both, or nothing."""
    kinds: list[bool | None] = []
    for values in rows.columns.values():
        filled = [is_figure(values[place] or "") for place in full if values[place]]
        share = sum(filled) / len(filled) if filled else 0.5
        kinds.append(True if share >= MOSTLY else False if share == 0 else None)
    return kinds


def _at_end(cells: Sequence[str], kinds: Sequence[bool | None]) -> bool:
    """Whether each cell of a short row is of the kind of its column, so that only the end may be missing."""
    return all(_fits(cell, kind) for cell, kind in zip(cells, kinds, strict=False))


def _elsewhere(cells: Sequence[str], kinds: Sequence[bool | None]) -> bool:
    """Whether a short row may have lost cells before its last one: each cell behind the gap is of the moved kind."""
    return any(
        _at_end(cells[gap:], kinds[gap + moved :])
        for moved in range(1, len(kinds) - len(cells) + 1)
        for gap in range(len(cells))
        if _at_end(cells[:gap], kinds)
    )


def _fits(cell: str, kind: bool | None) -> bool:
    return not cell or kind is None or is_figure(cell) is kind
