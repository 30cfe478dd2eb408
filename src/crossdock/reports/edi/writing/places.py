"""Where a failure stands in a segment, by what the standard calls its column."""

from __future__ import annotations

import re
from dataclasses import dataclass

DETAILS = frozenset(("PO1", "POC", "LIN", "W01", "W04", "W07", "W12", "W19", "BLI", "SN1"))
"""Segments that begin a record, so that its place is theirs (contract edi.md §1)."""
_ELEMENT = re.compile(r"(?:[A-Z0-9*]+\.)?([A-Z][A-Z0-9]{1,2})(\d\d)(?:-(\d+))?")


@dataclass(frozen=True)
class Place:
    """An element of a segment; ``component``: of it, or 0."""

    segment: str
    place: int
    component: int

    @property
    def begins_record(self) -> bool:
        """Whether its segment is the one at which its record stands."""
        return self.segment in DETAILS


def element_of(column: str) -> Place | None:
    """The element that a column is; None if it is none.

    >>> element_of("PO103"), element_of("N1*ST.N104").segment, element_of("LIN UP")
    (Place(segment='PO1', place=3, component=0), 'N1', None)
    """
    match = _ELEMENT.fullmatch(column)
    return Place(match[1], int(match[2]), int(match[3] or 0)) if match else None
