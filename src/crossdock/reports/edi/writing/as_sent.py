"""Segments of a partner's set that an answer repeats: as they were sent, without elements that the standard forbids."""

from __future__ import annotations

from crossdock.formats.edi.sets import SentSet
from crossdock.formats.guides.check import Checker
from crossdock.formats.guides.dictionary import dictionary
from crossdock.formats.guides.walk import Placed

Element = str | tuple[str, ...]


class Repeater:
    """Repeats segments of one set."""

    def __init__(self, sent: SentSet) -> None:
        defined = dictionary(sent.syntax.standard).of(sent.release)
        self._segments, self._syntax = defined, sent.syntax
        self._checker = Checker(defined, sent.syntax)

    def is_right(self, segment: Placed) -> bool:
        """Whether the standard has nothing against a segment."""
        return not self._checker.faults(segment, "")

    def value(self, segment: Placed, place: int, component: int = 1) -> str:
        """An element as text, or one of its components; '' where it is not there, or wrong."""
        elements = self.segment(segment)
        element = elements[place] if place < len(elements) else ""
        parts = (element,) if isinstance(element, str) else element
        return parts[component - 1] if component <= len(parts) else ""

    def segment(self, segment: Placed) -> list[Element]:
        """A segment; elements that are wrong are left out, with those that may not stand without them."""
        wrong = {fault.element for fault in self._checker.faults(segment, "")}
        known = self._segments.get(segment.id)
        for _, together in known.rules if known else ():
            if not wrong.isdisjoint(together):
                wrong.update(together)
        elements: list[Element] = [segment.id]
        for place, part in enumerate(segment.parts[1:], 1):
            components = self._syntax.components(self._syntax.repetitions(part)[0])
            element: Element = components[0] if len(components) == 1 else tuple(components)
            elements.append("" if place in wrong else element)
        return elements
