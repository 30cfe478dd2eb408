"""What the standard forbids in a segment's elements: sizes, types, those that must be there (contract edi.md §11).

A fault here says nothing about what a value means for us; a value that is wrong for a field of ours is a failure of
the pipeline, as for every format. Codes in small letters are read as the standard writes them (``Capitals``), where
something depends on them: a code that nobody knows would be left out without a word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date

from crossdock.formats.edi.interchange import EDIFACT, Fault
from crossdock.formats.guides.dictionary import Element, Segment, Spot
from crossdock.formats.guides.guide import Path, Source, path_of
from crossdock.formats.guides.parties import NAME, PARTY
from crossdock.formats.guides.records import Mapper
from crossdock.formats.guides.values import Values
from crossdock.formats.guides.walk import Placed

_WHOLE = re.compile(r"-?\d+")
_TIME = re.compile(r"([01]\d|2[0-3])[0-5]\d([0-5]\d(\d{1,2})?)?")
_NOT_DIGITS = re.compile(r"\D")
_CONTROL = re.compile(r"[\x00-\x1f]")


class Checker:
    """Checks segments of one release; what was once right, letter by letter, isn't looked at again."""

    def __init__(self, values: Values) -> None:
        self._segments, self._syntax, self._values = values.segments, values.syntax, values
        syntax = values.syntax
        self._marks = syntax.component if syntax.standard != EDIFACT else ""
        self._right: set[tuple[str, ...]] = set()

    def faults(self, placed: Placed, loop: str) -> list[Fault]:
        """What is wrong with a segment's elements, in their order."""
        segment = self._segments.get(placed.id)
        if segment is None or not segment.elements:
            return []
        text = tuple(placed.parts)
        if text in self._right:
            return []
        faults = [
            replace(
                each,
                segment=placed.id,
                position=placed.position,
                loop=loop,
                qualifier=self._values.qualifier_of(placed, Spot(each.element, each.component)),
            )
            for each in self._of(segment, placed)
        ]
        if not faults and len(self._right) < REMEMBERED:
            self._right.add(text)
        return faults

    def _of(self, segment: Segment, placed: Placed) -> Iterator[Fault]:
        parts, defined = placed.parts, segment.elements
        for place, element in enumerate(defined, 1):
            sent = parts[place] if place < len(parts) else ""
            if not sent or not sent.strip():
                if element.must:
                    yield Fault("element_missing", "mandatory", element=place, number=element.number)
            elif self._syntax.repetition and self._syntax.repetition in sent and not _is_text(element):
                text = self._syntax.text(sent)[:99]
                yield Fault("element_repeated", element=place, number=element.number, value=text)
            elif element.parts:
                yield from self._composite(element, place, sent)
            else:
                yield from self._simple(element, place, 0, sent)
        if not segment.open and any(each.strip() for each in parts[len(defined) + 1 :]):
            yield Fault("excess_elements", element=len(defined) + 1, value=parts[len(defined) + 1][:99])
        for kind, places in segment.rules:
            yield from _conditional(kind, places, segment, parts)

    def _composite(self, element: Element, place: int, sent: str) -> Iterator[Fault]:
        components = self._syntax.components(sent)
        for number, part in enumerate(element.parts, 1):
            text = components[number - 1] if number <= len(components) else ""
            if text:
                yield from self._value(part, place, number, text)
            elif part.must:
                yield Fault("element_missing", "mandatory", element=place, component=number, number=part.number)
        if element.number == MEASURE and any(text not in ("", "1") for text in components[1:]):
            text = self._syntax.text(sent)[:99]
            yield Fault("bad_measure", element=place, number=element.number, value=text)
        if len(components) > len(element.parts):
            yield Fault("excess_elements", "component", element=place, component=len(element.parts) + 1)

    def _simple(self, element: Element, place: int, component: int, sent: str) -> Iterator[Fault]:
        if any(mark in sent for mark in (self._marks, self._syntax.repetition) if mark):
            yield Fault("stray_separator", element=place, number=element.number, value=self._syntax.text(sent)[:99])
            return
        if not self._marks and self._syntax.component and self._syntax.component in sent:
            yield Fault("excess_elements", "component", element=place, component=2)
            return
        yield from self._value(element, place, component, self._syntax.text(sent))

    def _value(self, element: Element, place: int, component: int, text: str) -> Iterator[Fault]:
        def fault(code: str, why: str = "") -> Fault:
            return Fault(code, why, element=place, component=component, number=element.number, value=text[:99])

        if _CONTROL.search(text):
            yield fault("control_character")
        kind = element.type
        if kind in _NUMBERS:
            size = len(_NOT_DIGITS.sub("", text))
            if not self._syntax.is_number(text):
                yield fault("not_a_number")
                return
            if self._syntax.standard == EDIFACT and text.lstrip("-")[0] in ".,":
                yield fault("digit_missing")
        elif kind in _TYPES:
            size, wrong = _TYPES[kind](text)
            if wrong:
                yield fault(wrong)
                return
        else:
            size = len(text)
        if size < element.least:
            yield fault("element_size", "short")
        elif size > element.most:
            yield fault("element_size", "long")


MEASURE = "C001"
"""The composite of a unit, its exponent and its multiplier, and of further ones: only a single unit is one of ours."""
TEXTS = frozenset(("3", "19", "93", "166", "352", "364", "933", "3036", "3042", "3124", "3164", "3412", "4440", "7008"))
"""Elements in which people write what they like: a separator of repetitions there is a letter like others."""


def _is_text(element: Element) -> bool:
    return element.number in TEXTS or any(each.number in TEXTS for each in element.parts)


REMEMBERED = 100_000
"""Segments that are remembered as right."""
Measured = tuple[int, str]
"""The size of a value as its type counts it, and the code of what is wrong with it, or ''."""


def _whole(text: str) -> Measured:
    return len(_NOT_DIGITS.sub("", text)), "" if _WHOLE.fullmatch(text) else "not_a_number"


def _date(text: str) -> Measured:
    if not text.isdigit() or len(text) not in (6, 8):
        return len(text), "" if text.isdigit() else "not_a_date"
    year = int(text[:4]) if len(text) == 8 else 2000 + int(text[:2])
    try:
        date(year, int(text[-4:-2]), int(text[-2:]))
    except ValueError:
        return len(text), "no_such_date"
    return len(text), ""


def _time(text: str) -> Measured:
    return len(text), "" if _TIME.fullmatch(text) else "bad_time"


_NUMBERS = frozenset(("R", "n"))
"""Types of numbers with a decimal mark of their own."""
_TYPES: dict[str, Callable[[str], Measured]] = {
    "DT": _date,
    "TM": _time,
    **{f"N{places}": _whole for places in range(7)},
}


def _conditional(kind: str, places: Sequence[int], segment: Segment, parts: Sequence[str]) -> Iterator[Fault]:
    """A condition of X12: ``R`` at least one, ``P`` all or none, ``C`` the first needs all others."""
    there = [place < len(parts) and bool(parts[place].strip()) for place in places]
    if all(there):
        return
    lacking = {
        "R": places[:1] if not any(there) else [],
        "P": [place for place, is_there in zip(places, there, strict=True) if not is_there] if any(there) else [],
        "C": [place for place, is_there in zip(places, there, strict=True) if not is_there] if there[0] else [],
    }.get(kind, [])
    for place in lacking:
        yield Fault("element_missing", "conditional", element=place, number=segment.elements[place - 1].number)


CODED = {NAME: (Spot(1),), PARTY: (Spot(1),), "HL": (Spot(3),), "TD1": (Spot(1),), "TD3": (Spot(1),)}
"""Elements that no dictionary says of that they tell what others are."""


class Capitals:
    """Writes the codes of the sets of one type in capital letters."""

    def __init__(self, mapper: Mapper, values: Values) -> None:
        self._syntax, self._segments = values.syntax, values.segments
        self._spots: dict[tuple[str, int], Sequence[Spot]] = {}
        self._made = spots_of_codes(mapper)
        self._known = {each for source in mapper.sources() for each in source.how.get("values", ())}

    def faults(self, segment: Placed) -> Sequence[Fault]:
        """The codes of a segment that were in small letters; they are in capital ones now."""
        kind = segment.id, len(segment.parts)
        spots = self._spots.get(kind)
        if spots is None:
            spots = self._spots[kind] = tuple(self._spots_of(*kind))
        for spot in spots:
            if segment.parts[spot.element].upper() != segment.parts[spot.element]:
                return self._written_anew(segment, spots)
        return ()

    def _written_anew(self, segment: Placed, spots: Sequence[Spot]) -> list[Fault]:
        """The segment has its codes in capital letters now; those that it had not."""
        parts, faults = segment.parts, []
        for spot in spots:
            sent, whole = self._written(parts[spot.element], spot.component)
            if whole != parts[spot.element] and whole.isascii() and sent not in self._known:  # some partners have such
                parts = [*parts[: spot.element], whole, *parts[spot.element + 1 :]]
                fault = Fault("small_code", segment=segment.id, position=segment.position, value=sent)
                faults.append(replace(fault, element=spot.element, component=spot.component))
        segment.parts = parts
        return faults

    def _spots_of(self, name: str, size: int) -> Iterator[Spot]:
        """Where the codes of a segment with so many parts stand."""
        defined = self._segments.get(name)
        pairs = (pair.tells for pair in (defined.pairs_of(size) if defined else ()))
        spots = dict.fromkeys((*pairs, *CODED.get(name, ()), *self._made.get(name, ())))
        yield from (spot for spot in spots if spot.element < size)

    def _written(self, part: str, component: int) -> tuple[str, str]:
        """A code as sent, and the element with it in capital letters."""
        if not component:
            return part.strip(), part.upper()
        pieces = part.split(self._syntax.component) if self._syntax.component else [part]
        if component > len(pieces):
            return "", part
        sent, pieces[component - 1] = pieces[component - 1], pieces[component - 1].upper()
        return sent, self._syntax.component.join(pieces)


def spots_of_codes(mapper: Mapper) -> Mapping[str, Set[Spot]]:
    """By segment the places of codes of which something is made by a table."""
    spots: dict[str, set[Spot]] = defaultdict(set)
    for path in (path for source in mapper.sources() for path in _deciding(source)):
        spots[path.segment].add(path.spot)
    return spots


def _deciding(source: Source) -> Iterator[Path]:
    """The elements of whose codes a source makes something by a table."""
    how = source.how
    texts = [how[name] for name in ("agree", "why") if name in how]
    texts += [text for name in ("where", "minus", "demanded") for text in how.get(name, ())]
    paths = [*(source.paths if "values" in how else ()), *map(path_of, texts)]
    yield from (path for path in paths if path is not None and path.element)
