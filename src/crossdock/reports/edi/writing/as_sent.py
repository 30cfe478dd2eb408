"""Segments of a partner's set that an answer repeats: as they were sent, without elements that the standard forbids."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crossdock.formats.edi.syntax import Syntax
from crossdock.formats.guides.check import Checker
from crossdock.formats.guides.dictionary import dictionary
from crossdock.formats.guides.values import Values
from crossdock.formats.guides.walk import Placed

Element = str | tuple[str, ...]


class Repeater:
    """Repeats segments of sets of one release, in one syntax."""

    def __init__(self, release: str, syntax: Syntax) -> None:
        defined = dictionary(syntax.standard).of(release)
        self._segments, self._syntax = defined, syntax
        self._checker = Checker(Values(syntax, defined))
        marks = [re.escape(each) for each in (syntax.component, syntax.repetition) if each]
        self._apart = re.compile("|".join(["[^\x00-\x7f]", *marks]))

    def is_right(self, segment: Placed) -> bool:
        """Whether the standard has nothing against a segment."""
        return not self._checker.faults(segment, "")

    def segment(self, segment: Placed, *, known_right: bool = False) -> list[Element]:
        """A segment; elements that are wrong are left out, with those that may not stand without them.

        ``known_right``: none of them is, as whoever read the set has found.
        """
        parts = segment.parts[1:]
        is_simple = not self._apart.search(self._syntax.element.join(parts))
        elements: list[Element] = [segment.id, *map(str.rstrip if is_simple else self._element, parts)]
        if known_right:
            return elements
        wrong = {fault.element for fault in self._checker.faults(segment, "")}
        known = self._segments.get(segment.id) if wrong else None
        for _, together in known.rules if known else ():
            if not wrong.isdisjoint(together):
                wrong.update(together)
        return ["" if place in wrong else each for place, each in enumerate(elements)] if wrong else elements

    def _element(self, part: str) -> Element:
        components = self._syntax.components(self._syntax.repetitions(part)[0])
        return components[0] if len(components) == 1 else tuple(components)


def value_of(elements: Sequence[Element], place: int, component: int = 1) -> str:
    """An element of a segment as text, or one of its components; '' where it is not there."""
    element = elements[place] if place < len(elements) else ""
    parts = (element,) if isinstance(element, str) else element
    return parts[component - 1] if component <= len(parts) else ""
