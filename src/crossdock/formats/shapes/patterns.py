"""A segment that is right → a regular expression of its like: the same elements are there, and each is right.

Used to read by shape (``shapes``): what a pattern matches has nothing that the standard forbids in it. A pattern may
refuse what is right, such as a February 29; it never takes what ``guides.check`` would not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from crossdock.formats.edi.interchange import EDIFACT
from crossdock.formats.edi.syntax import BETWEEN, Syntax
from crossdock.formats.guides.dictionary import Element, Segment, Spot
from crossdock.formats.shapes.templates import Unlike, marker

_DAY = r"[12][0-9]{3}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)"
_TIMES = {4: "(?:[01][0-9]|2[0-3])[0-5][0-9]", 6: "(?:[01][0-9]|2[0-3])(?:[0-5][0-9]){2}"}
GAP = f"[{re.escape(BETWEEN)}]*"


@dataclass(frozen=True)
class Outline:
    """A segment's pattern, with a group for each value that may be another one; ``parts``: itself, with a marker for
    each of them; ``groups``: how many they are.
    """

    pattern: str
    parts: Sequence[str]
    groups: int


def outline(
    parts: Sequence[str], defined: Segment | None, telling: Set[Spot], codes: Set[Spot], syntax: Syntax, first: int
) -> Outline:
    """The outline of a segment. ``telling``: the places whose value stays as it is; ``codes``: those whose value has no
    small letters; ``first``: the next group.
    """
    drawing = _Drawing(syntax, first)
    pattern, symbolic = [re.escape(parts[0])], [parts[0]]
    elements = defined.elements if defined else ()
    for place, sent in enumerate(parts[1:], 1):
        element = elements[place - 1] if place <= len(elements) else None
        whole = Spot(place) in telling
        if syntax.component not in sent and not (element and element.parts):
            fixed = whole or Spot(place, 1) in telling
            is_code = not codes.isdisjoint((Spot(place), Spot(place, 1)))
            pieces = [drawing.piece(sent, element, fixed=fixed, is_code=is_code)]
        else:
            inner = element.parts if element else ()
            pieces = [
                drawing.piece(
                    text,
                    inner[number - 1] if number <= len(inner) else None,
                    fixed=whole or Spot(place, number) in telling,
                    is_code=not codes.isdisjoint((Spot(place), Spot(place, number))),
                )
                for number, text in enumerate(sent.split(syntax.component), 1)
            ]
        pattern.append(re.escape(syntax.component).join(each[0] for each in pieces))
        symbolic.append(syntax.component.join(each[1] for each in pieces))
    return Outline(re.escape(syntax.element).join(pattern), symbolic, drawing.next - first)


class _Drawing:
    """Draws the values of one segment; ``next``: the number of the next group."""

    def __init__(self, syntax: Syntax, first: int) -> None:
        marks = {syntax.element, syntax.component, syntax.repetition, syntax.terminator, syntax.release} - {""}
        self._letter = f"[^{re.escape(''.join(sorted(marks)))}\x00-\x1f]"
        is_edifact = syntax.standard == EDIFACT
        self._mark = f"[{syntax.decimal or '.,'}]" if is_edifact else "[.]"
        self._ahead = "+" if is_edifact else "*"
        self.next = first

    def piece(self, text: str, element: Element | None, *, fixed: bool, is_code: bool) -> tuple[str, str]:
        """The pattern of a value, and what stands for it."""
        if not text:
            return "", ""
        if fixed:
            if not text.isascii():
                raise Unlike("a code is no ASCII")
            return re.escape(text), text
        number, self.next = self.next, self.next + 1
        capitals = f"(?!{self._letter}*[a-z])"
        right = "|".join(self._right(element))
        return f"({capitals}(?:{right}))" if is_code else f"({right})", marker(number)

    def _right(self, element: Element | None) -> Iterator[str]:
        """Patterns of what is right for an element."""
        if element is None:
            yield rf"(?!\s){self._letter}+(?<!\s)"
            return
        sizes = f"{{{max(element.least, 1)},{element.most}}}"
        if element.type in ("R", "n"):
            yield rf"[0-9]{sizes}(?![0-9.,])"  # as most are: what follows takes five times as long
            yield rf"-?(?=(?:{self._mark}?[0-9]){sizes}[^0-9.,])[0-9]{self._ahead}{self._mark}?[0-9]*"
        elif element.type.startswith("N") and element.type[1:].isdigit():
            yield f"-?[0-9]{sizes}"
        elif element.type == "DT":
            yield _DAY if element.least <= 8 <= element.most else "(?!)"
        elif element.type == "TM":
            yield from [each for size, each in _TIMES.items() if element.least <= size <= element.most] or ["(?!)"]
        else:
            yield rf"(?!\s){self._letter}{sizes}(?<!\s)"
