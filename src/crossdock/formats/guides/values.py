"""Values of a set by their paths: ``W0502``, ``DTM*002``, ``N1*ST.N104``; addresses and ids of items.

Everything here reads a ``Loop`` and returns text as sent; what a value means is the pipeline's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crossdock.formats.edi.interchange import X12
from crossdock.formats.edi.syntax import Syntax
from crossdock.formats.guides.dictionary import Segment, Spot
from crossdock.formats.guides.guide import Path
from crossdock.formats.guides.walk import Loop, Placed

DATED = "DTM"
"""The segment that has dates in both standards."""


@dataclass(frozen=True)
class Values:
    """The values of one interchange's sets: its separators and the segments of its release."""

    syntax: Syntax
    segments: Mapping[str, Segment]

    def of(self, path: Path, loop: Loop) -> Iterator[str]:
        """Every value of a path in a loop, in the order of the file; blanks are left out."""
        if not path.loop:
            for segment in loop.segments.get(path.segment, ()):
                yield from self._in(path, segment)
            return
        for each in loop.loops.get(path.loop, ()):
            if not path.of or self.at(each.first, Spot(1)) == path.of:
                for segment in each.segments.get(path.segment, ()):
                    yield from self._in(path, segment)

    def first(self, paths: Sequence[Path], loops: Sequence[Loop]) -> str:
        """The first value that isn't blank, by path and then from the innermost loop outwards; '' if there is none."""
        for path in paths:
            for loop in loops:
                for value in self.of(path, loop):
                    return value
        return ""

    def _in(self, path: Path, segment: Placed) -> Iterator[str]:
        if path.element:
            value = self.at(segment, Spot(path.element, path.component))
            if value:
                yield value
            return
        for qualifier, value in self.qualified(segment):
            if not path.qualifiers or (qualifier in path.qualifiers) is not path.but:
                yield value

    def qualified(self, segment: Placed) -> Iterator[tuple[str, str]]:
        """The values of a segment that another element tells of: what that says, and the value."""
        defined = self.segments.get(segment.id)
        if defined is None:
            return
        for pair in defined.pairs_of(len(segment.parts)):
            value = self.at(segment, pair.about)
            if value:
                yield self.at(segment, pair.tells), value

    def at(self, segment: Placed | None, spot: Spot) -> str:
        """The text at a place of a segment; '' if there is none. Dates of six digits get their century."""
        if segment is None or spot.element >= len(segment.parts):
            return ""
        part = segment.parts[spot.element]
        if not part:
            return ""
        if spot.component == 0:
            return self.syntax.text(part).strip() if self.syntax.standard == X12 else self._whole(part)
        components = self.syntax.components(part)
        return components[spot.component - 1].strip() if spot.component <= len(components) else ""

    def _whole(self, part: str) -> str:
        """An element of EDIFACT as one text: its components, a blank between them."""
        return " ".join(each.strip() for each in self.syntax.components(part) if each.strip())

    def number(self, text: str) -> str:
        """A number with a point as its decimal mark."""
        return text.replace(",", ".", 1) if text.count(",") == 1 else text
