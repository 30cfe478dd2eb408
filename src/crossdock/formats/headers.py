"""Which rows are the header, and the names of its columns: for all formats that have a header.

The header is one row, found or named; several rows, whose headings are joined with a dot; or no row at all, because the
feed names the columns by their position.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from crossdock.failures.refusals import Refused
from crossdock.formats.format import Note, Options
from crossdock.schema.names import BLANKS, fold

_RULE = re.compile(r"[|+:]?(?:[-=_][|+: \t]*){3,}")
"""A line that is drawn, or its part in a column: `-----`, `---+---`, `:---:`."""
_PARTS = re.compile(r"[,;|\t^~]")
"""What may stand between headings that are one cell."""
HEADER_SEARCH = 20
"""In how many records the header is searched."""
LAST_ROW = 100_000
"""The last row that a feed may name as the header."""

_Row = Annotated[int, Field(ge=1, le=LAST_ROW)]


HeaderRow = Annotated[
    _Row | None,
    Field(description=f"the row with the headings; else the one of the first {HEADER_SEARCH} that fits best"),
]
"""The option of every format that may have a row of headings."""


class HeadedOptions(Options):
    """The options of every format whose columns are named by rows of headings."""

    header_row: HeaderRow = None
    header_rows: tuple[_Row, ...] = Field(
        (),
        description="the rows that are the headings together, joined with a dot, such as `[1, 2]`; a blank in one "
        "above the last continues the heading on its left",
    )
    headings: tuple[str, ...] = Field(
        (), description='the columns by position, where the file has no headings; `""` for one that is not read'
    )
    skip_start: Annotated[int, Field(ge=0, le=LAST_ROW)] = Field(
        0, description="with `headings`: how many rows, blank ones too, are above the first record"
    )

    @field_validator("header_rows")
    @classmethod
    def _ascending(cls, rows: tuple[int, ...]) -> tuple[int, ...]:
        if list(rows) != sorted(set(rows)):
            raise ValueError("name the rows from the first to the last, each once")
        return rows

    @field_validator("headings")
    @classmethod
    def _apart(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        filled = [name for name in names if name.strip(BLANKS)]
        folded = [fold(name) or name for name in filled]
        twice = next((name for name, each in zip(filled, folded, strict=True) if folded.count(each) > 1), None)
        if twice is not None:
            raise ValueError(f"{twice!r} stands twice")
        if names and not filled:
            raise ValueError("name at least one column")
        return names

    @model_validator(mode="after")
    def _one_header(self) -> Self:
        named = [name for name in ("header_row", "header_rows", "headings") if getattr(self, name)]
        if len(named) > 1:
            raise ValueError(f"{named[0]} and {named[1]} contradict each other: name one of them")
        if self.skip_start and not self.headings:
            raise ValueError("skip_start is for files without headings: name headings, or header_row instead of it")
        return self

    @property
    def header(self) -> tuple[int, ...]:
        """The rows of the header that the feed names, from 1; none if they are to be found, or there are none."""
        return (self.header_row,) if self.header_row is not None else self.header_rows


Score = tuple[int, int, int]


@dataclass(frozen=True)
class Headings:
    """The columns of a file: their names, each once, and the warnings about them."""

    names: list[str]
    notes: tuple[Note, ...] = ()


def score(cells: Sequence[str], number: int, known_names: Container[str]) -> Score:
    """How much a row looks like the header: the number of known columns, its width, then how early it is.

    ``number``: of the row; ``known_names``: folded headings. The greatest score is the header.
    """
    count = sum(name in known_names for name in set(map(fold, cells)))
    return count, len(cells) if count else 0, -number


def must_stand_so(row: Sequence[str], number: int, names: Sequence[str]) -> None:
    """That a row above the records, which a feed that names the columns leaves out, has none of these names over
    another column: then the columns have moved. Raises ``Refused``.

    ``number``: of the row, from 1; ``names``: of the columns, in their order. One name alone may be a word of a title.
    """
    ours = [fold(each) for each in names]
    theirs = [fold(each) for each in row]
    theirs += [""] * (len(ours) - len(theirs))
    moved = [place for place, each in enumerate(theirs) if each and each in ours and ours[place : place + 1] != [each]]
    same = sum(bool(each) and each == theirs[place] for place, each in enumerate(ours))
    if len(moved) > 1 or (moved and same):
        place = moved[0]
        expected = repr(names[place]) if place < len(names) else "none"
        raise Refused("columns_elsewhere", row=number, heading=repr(row[place]), position=place + 1, expected=expected)


def is_rule(cells: Iterable[str]) -> bool:
    """Whether a row is a line that is drawn: all its filled cells are, and there is one.

    >>> is_rule(["----", "", "---:"]), is_rule(["-+-----+-"]), is_rule(["-", "-"]), is_rule(["---", "5"])
    (True, True, False, False)
    """
    any_filled = False
    for cell in cells:
        text = cell.strip(BLANKS)
        if text and not _RULE.fullmatch(text):
            return False
        any_filled |= bool(text)
    return any_filled


def continued(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Several rows of headings, each blank filled that continues the heading on its left: no row above begins another.

    >>> joined(continued([["No", "Ship to", "", "Qty"], ["", "Name", "City", ""]]))
    ['No', 'Ship to.Name', 'Ship to.City', 'Qty']
    """
    width = max(map(len, rows), default=0)
    filled = [[*row, *[""] * (width - len(row))] for row in rows]
    for above, row in enumerate(filled[:-1]):
        for column in range(1, width):
            begins = any(each[column] != each[column - 1] for each in filled[:above])
            if not row[column].strip(BLANKS) and not begins and _any_below(filled, above, column):
                row[column] = row[column - 1]
    return filled


def joined(rows: Sequence[Sequence[str]]) -> list[str]:
    """Several rows of headings as one: ``Ship to`` above ``City`` is ``Ship to.City``, the same twice is one."""
    columns = zip_longest(*rows, fillvalue="")
    return [".".join(dict.fromkeys(each.strip(BLANKS) for each in names if each.strip(BLANKS))) for names in columns]


def _any_below(rows: Sequence[Sequence[str]], above: int, column: int) -> bool:
    return any(row[column].strip(BLANKS) for row in rows[above + 1 :])


def headings(cells: Sequence[str], known_names: Container[str]) -> Headings:
    """The header's cells as columns.

    The second column of one name is ``Name (2)`` if that is known. Raises ``Refused`` if none is known, before any
    other check, or if two that are read have one name. Of two unread columns of one name the second is named by its
    position, with a warning.
    """
    stripped = [cell.strip(BLANKS) for cell in cells]
    if not any(fold(cell) in known_names for cell in _numbered(stripped)):
        one = next((cell for cell in stripped if _are_known(_PARTS.split(cell), known_names)), None)
        raise (
            Refused("headings_in_one", header=one[:200]) if one else Refused("no_header", header=", ".join(cells)[:200])
        )
    names: list[str] = []
    notes: list[Note] = []
    first_of: dict[str, str] = {}
    for position, (cell, numbered) in enumerate(zip(stripped, _numbered(stripped), strict=True), 1):
        name = numbered if numbered != cell and fold(numbered) in known_names else cell or f"column {position}"
        folded = fold(name) or name
        shown = f"{name!r} (position {position})"
        if folded in first_of and folded in known_names:
            raise Refused("header_twice", first=first_of[folded], second=shown, column=name, advice=_advice(numbered))
        if folded in first_of:
            notes.append(Note("heading_twice", name, 1, {"first": first_of[folded], "second": shown}))
            name = shown
        first_of.setdefault(folded, shown)
        names.append(name)
    return Headings(names, tuple(notes))


def _are_known(cells: Sequence[str], known_names: Container[str]) -> bool:
    """Whether more than one of some headings is known."""
    return sum(fold(cell) in known_names for cell in cells) > 1


def _advice(numbered: str) -> str:
    return f"in the feed's columns the second is named {numbered!r}"


def _numbered(cells: Sequence[str]) -> list[str]:
    """Headings, of which the second of one name is ``Name (2)``, the third ``Name (3)``."""
    times: dict[str, int] = {}
    numbered = []
    for cell in cells:
        times[fold(cell)] = count = times.get(fold(cell), 0) + 1
        numbered.append(f"{cell} ({count})" if cell and count > 1 else cell)
    return numbered


def two_in_one(cells: Sequence[str], known_names: Container[str], least: int = 2) -> str | None:
    """The heading that looks like two in one: it is unknown, but ``least`` of its halves are known; else None."""
    for cell in (cell.strip(BLANKS) for cell in cells if fold(cell) not in known_names):
        halves = ((cell[:at], cell[at:]) for at in range(1, len(cell)))
        if any(sum(fold(half.strip(BLANKS + JOINTS)) in known_names for half in pair) >= least for pair in halves):
            return cell
    return None


JOINTS = ",;|/\"'"
"""What may be between two headings that became one."""
