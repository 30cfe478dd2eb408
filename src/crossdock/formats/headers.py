"""Which row is the header, and what its columns are called: shared by the formats that have one."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Annotated

from pydantic import Field

from crossdock.documents.names import fold
from crossdock.failures import Refused

HEADER_SEARCH = 20
"""Records among which the header is looked for."""

HeaderRow = Annotated[
    Annotated[int, Field(ge=1)] | None,
    Field(description=f"the row with the headings; else the one of the first {HEADER_SEARCH} that fits best"),
]
"""The option of every format that has a row of headings."""

Score = tuple[int, int, int]


def score(cells: Sequence[str], number: int, known: Container[str]) -> Score:
    """How much a row looks like the header: different columns that are known, its width, then how early it comes."""
    count = sum(name in known for name in set(map(fold, cells)))
    return count, len(cells) if count else 0, -number


def named(cells: Sequence[str]) -> list[str]:
    """The header's cells as unique column names; refused where two columns have one name."""
    names: list[str] = []
    seen: dict[str, str] = {}
    for position, cell in enumerate(cells, 1):
        name = cell.strip() or f"column {position}"
        folded = fold(name) or name
        if folded in seen:
            raise Refused("header_twice", first=seen[folded], second=f"{name!r} (position {position})", column=name)
        seen[folded] = f"{name!r} (position {names.index(name) + 1 if name in names else position})"
        names.append(name)
    return names
