"""Where a failure stands in a segment, by what the standard calls its column."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crossdock.formats.edi.interchange import X12
from crossdock.formats.edi.sets import SentSet
from crossdock.formats.guides.dictionary import Element, Spot, dictionary
from crossdock.formats.guides.guide import path_of
from crossdock.formats.guides.values import Values

DETAILS = frozenset(("PO1", "POC", "LIN", "W01", "W04", "W07", "W12", "W19", "BLI", "SN1"))
"""Segments that begin a record, so that its place is theirs (contract edi.md §1)."""
CODE = 3
"""The most letters of a code of EDIFACT."""
_ELEMENT = re.compile(r"(?:[A-Z0-9*]+\.)?([A-Z][A-Z0-9]{1,2})(\d\d)(?:-(\d+))?")


@dataclass(frozen=True)
class Place:
    """An element of a segment; ``component``: of it, or 0. ``tells``: where another one says which it is, and what."""

    segment: str
    place: int
    component: int
    tells: tuple[Spot, tuple[str, ...]] | None = None

    @property
    def begins_record(self) -> bool:
        """Whether its segment is the one at which its record stands."""
        return self.segment in DETAILS

    def element(self, standard: str) -> Element | None:
        """What the standard says of it, if that is known."""
        defined = dictionary(standard).segments.get(self.segment)
        elements = defined.elements if defined else ()
        element = elements[self.place - 1] if self.place <= len(elements) else None
        if element is None or not element.parts:
            return element
        return element.parts[max(self.component, 1) - 1] if self.component <= len(element.parts) else None

    def is_coded(self, standard: str) -> bool:
        """Whether the standard lists its values: an ``ID`` of X12, a code of EDIFACT (one to three letters)."""
        element = self.element(standard)
        if element is None:
            return False
        return element.type == "ID" if standard == X12 else (element.type, element.most) == ("an", CODE)

    def position(self, sent: SentSet, value: str, start: int) -> int:
        """The first segment of a set from a place on that has this value there, 0 if none has."""
        values = Values(sent.syntax, dictionary(sent.syntax.standard).of(sent.release))
        spot = Spot(self.place, self.component)
        own = (each for each in sent.segments if each.id == self.segment and each.position >= start)
        if self.tells is not None:
            tells, codes = self.tells
            own = (each for each in own if values.at(each, tells) in codes)
        return next((each.position for each in own if values.at(each, spot) == value), 0)


def element_of(column: str) -> Place | None:
    """The element that a column is; None if it is none.

    >>> element_of("PO103").place, element_of("N1*ST.N104").segment, element_of("LIN UP")
    (3, 'N1', None)
    """
    match = _ELEMENT.fullmatch(column)
    return Place(match[1], int(match[2]), int(match[3] or 0)) if match else None


def qualified(column: str, standard: str) -> Place | None:
    """The element that a column is by what another one says, such as ``DTM*2``; None if it is none."""
    path = path_of(column)
    segment = dictionary(standard).segments.get(path.segment) if path is not None else None
    if path is None or segment is None or path.level or path.but or not (path.qualifiers and segment.pairs):
        return None
    pair = segment.pairs[0]
    about = pair.about if not path.beside else Spot(pair.about.element, path.beside)
    if path.beside and standard == X12:
        about = Spot(path.beside, 1)
    return Place(path.segment, about.element, about.component, (pair.tells, path.qualifiers))
