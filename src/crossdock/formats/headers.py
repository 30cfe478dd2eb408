"""Which row is the header, and what its columns are called: shared by the formats that have one."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from crossdock.failures.refusals import Refused
from crossdock.formats.format import Note
from crossdock.schema.names import BLANKS, fold

HEADER_SEARCH = 20
"""Records among which the header is looked for."""

HeaderRow = Annotated[
    Annotated[int, Field(ge=1)] | None,
    Field(description=f"the row with the headings; else the one of the first {HEADER_SEARCH} that fits best"),
]
"""The option of every format that has a row of headings."""

Score = tuple[int, int, int]


@dataclass(frozen=True)
class Headings:
    """The columns of a file: their names, each once, and what is to be said of them."""

    names: list[str]
    notes: tuple[Note, ...] = ()


def score(cells: Sequence[str], number: int, known: Container[str]) -> Score:
    """How much a row looks like the header: different columns that are known, its width, then how early it comes."""
    count = sum(name in known for name in set(map(fold, cells)))
    return count, len(cells) if count else 0, -number


def headings(cells: Sequence[str], known: Container[str]) -> Headings:
    """The header's cells as columns.

    Refused where none is known, and that before anything else is said of them; and where two that are read have one
    name. Of two that nobody reads the second gets its position, and it is said.
    """
    if not any(fold(cell) in known for cell in cells):
        raise Refused("no_header", header=", ".join(cells)[:200])
    names: list[str] = []
    notes: list[Note] = []
    seen: dict[str, str] = {}
    for position, cell in enumerate(cells, 1):
        name = cell.strip(BLANKS) or f"column {position}"
        folded = fold(name) or name
        shown = f"{name!r} (position {position})"
        if folded in seen and folded in known:
            raise Refused("header_twice", first=seen[folded], second=shown, column=name)
        if folded in seen:
            notes.append(Note("heading_twice", name, 1, {"first": seen[folded], "second": shown}))
            name = shown
        seen.setdefault(folded, shown)
        names.append(name)
    return Headings(names, tuple(notes))


def two_in_one(cells: Sequence[str], known: Container[str], least: int = 2) -> str | None:
    """The heading that looks like two: ``least`` of its halves are known, and it isn't."""
    for cell in (cell.strip(BLANKS) for cell in cells if fold(cell) not in known):
        halves = ((cell[:at], cell[at:]) for at in range(1, len(cell)))
        if any(sum(fold(half.strip(BLANKS + JOINTS)) in known for half in pair) >= least for pair in halves):
            return cell
    return None


JOINTS = ",;|/\"'"
"""What may stand between two headings that became one."""
