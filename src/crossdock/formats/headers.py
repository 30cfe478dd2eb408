"""Which row is the header, and the names of its columns: for all formats that have a header."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from crossdock.failures.refusals import Refused
from crossdock.formats.format import Note
from crossdock.schema.names import BLANKS, fold

HEADER_SEARCH = 20
"""In how many records the header is searched."""

HeaderRow = Annotated[
    Annotated[int, Field(ge=1)] | None,
    Field(description=f"the row with the headings; else the one of the first {HEADER_SEARCH} that fits best"),
]
"""The option of every format that has a row of headings."""

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


def headings(cells: Sequence[str], known_names: Container[str]) -> Headings:
    """The header's cells as columns.

    Raises ``Refused`` if none is known, before any other check, or if two that are read have one name. Of two unread
    columns of one name the second is named by its position, with a warning.
    """
    if not any(fold(cell) in known_names for cell in cells):
        raise Refused("no_header", header=", ".join(cells)[:200])
    names: list[str] = []
    notes: list[Note] = []
    first_of: dict[str, str] = {}
    for position, cell in enumerate(cells, 1):
        name = cell.strip(BLANKS) or f"column {position}"
        folded = fold(name) or name
        shown = f"{name!r} (position {position})"
        if folded in first_of and folded in known_names:
            raise Refused("header_twice", first=first_of[folded], second=shown, column=name)
        if folded in first_of:
            notes.append(Note("heading_twice", name, 1, {"first": first_of[folded], "second": shown}))
            name = shown
        first_of.setdefault(folded, shown)
        names.append(name)
    return Headings(names, tuple(notes))


def two_in_one(cells: Sequence[str], known_names: Container[str], least: int = 2) -> str | None:
    """The heading that looks like two in one: it is unknown, but ``least`` of its halves are known; else None."""
    for cell in (cell.strip(BLANKS) for cell in cells if fold(cell) not in known_names):
        halves = ((cell[:at], cell[at:]) for at in range(1, len(cell)))
        if any(sum(fold(half.strip(BLANKS + JOINTS)) in known_names for half in pair) >= least for pair in halves):
            return cell
    return None


JOINTS = ",;|/\"'"
"""What may be between two headings that became one."""
