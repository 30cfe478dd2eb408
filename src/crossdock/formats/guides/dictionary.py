"""The dictionaries of both standards: what a segment's elements are, their sizes, and which of them tells what.

They are data (``data/guides/x12.toml``, ``edifact.toml``); a partner's releases differ in sizes only.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, NamedTuple

from crossdock import bundled

FOLDER = "guides"
_TIMES = re.compile(r"(\d+)x(.+)")


@dataclass(frozen=True)
class Element:
    """A data element: its number ('' where it isn't known), type, sizes; ``parts``: of a composite.

    ``type``: ``ID``, ``AN``, ``R``, ``N0``…, ``DT``, ``TM`` of X12, ``a``, ``an``, ``n`` of EDIFACT; '' of a composite.
    """

    number: str
    type: str = ""
    least: int = 0
    most: int = 0
    must: bool = False
    parts: tuple[Element, ...] = ()


@dataclass(frozen=True)
class Spot:
    """A place in a segment: an element, and a component of it, 0 for the whole element."""

    element: int
    component: int = 0


class Pair(NamedTuple):
    """Where an element stands that tells what another one is, and where that stands."""

    tells: Spot
    about: Spot


@dataclass(frozen=True)
class Segment:
    """A segment: its elements in their order.

    ``open``: what stands behind them is not looked into. ``conditions``: X12's, such as ``P0304``. ``pairs``: places of
    the element that tells, and of the one that it is about; ``goes_on``: the last pair is repeated to the end.
    """

    id: str
    elements: tuple[Element, ...] = ()
    open: bool = True
    conditions: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    goes_on: bool = False

    @cached_property
    def rules(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Its conditions, each as its letter and the places of elements."""
        return tuple(
            (text[0], tuple(int(text[at : at + 2]) for at in range(1, len(text), 2))) for text in self.conditions
        )

    def pairs_of(self, size: int) -> Iterator[Pair]:
        """The pairs of places in a segment with so many elements, its id counted."""
        yield from self.pairs
        if self.goes_on and self.pairs:
            count = len(range(self._step, size, self._step))
            yield from self._further[:count]
            yield from (self._repeated(times) for times in range(USUAL + 1, count + 1))

    @cached_property
    def _further(self) -> tuple[Pair, ...]:
        """The pairs that repeat the last one, as many as segments usually have: they are asked for very often."""
        return tuple(self._repeated(times) for times in range(1, USUAL + 1))

    @cached_property
    def _step(self) -> int:
        """How many elements behind the last pair the next one is."""
        tells, about = self.pairs[-1]
        return 1 if tells.element == about.element else 2

    def _repeated(self, times: int) -> Pair:
        """The last pair, so many times behind."""
        tells, about = self.pairs[-1]
        more = times * self._step
        return Pair(replace(tells, element=tells.element + more), replace(about, element=about.element + more))


USUAL = 30
"""So many pairs of a segment are remembered."""


@dataclass(frozen=True)
class Dictionary:
    """A standard's segments; ``releases``: names of those with sizes of their own."""

    standard: str
    segments: Mapping[str, Segment]
    known: frozenset[str]
    releases: Mapping[str, Mapping[str, Segment]] = field(default_factory=dict)

    def of(self, release: str) -> Mapping[str, Segment]:
        """The segments of a release; the newest's if it has no sizes of its own."""
        return self.releases.get(release, self.segments)

    def knows(self, segment: str) -> bool:
        """Whether a segment is one of the standard's, as far as this is known here."""
        return segment in self.segments or segment in self.known


@cache
def dictionary(standard: str) -> Dictionary:
    """The dictionary of a standard."""
    with (bundled.folder(FOLDER) / f"{standard}.toml").open("rb") as file:
        fields = tomllib.load(file)
    newest = _Parser(fields, fields["elements"])
    releases = {
        name.removeprefix("elements_"): _Parser(fields, fields["elements"] | own).segments()
        for name, own in fields.items()
        if name.startswith("elements_")
    }
    known = frozenset(fields.get("also", {}).get("known", "").split())
    return Dictionary(standard, newest.segments(), known, releases)


class _Parser:
    """Reads the notation of the dictionaries (see the head of ``x12.toml``)."""

    def __init__(self, fields: Mapping[str, Any], elements: Mapping[str, str]) -> None:
        self._fields, self._elements = fields, elements

    def segments(self) -> dict[str, Segment]:
        """Every segment by its id."""
        return {name: self._segment(name, text) for name, text in self._fields["segments"].items()}

    def _segment(self, name: str, text: str) -> Segment:
        words = text.split()
        pairs, goes_on = _pairs(self._fields.get("qualifiers", {}).get(name, ""))
        return Segment(
            id=name,
            elements=tuple(each for word in words if word != "*" for each in self._expanded(word)),
            open=not words or "*" in words,
            conditions=tuple(self._fields.get("conditions", {}).get(name, ())),
            pairs=pairs,
            goes_on=goes_on,
        )

    def _expanded(self, word: str) -> Iterator[Element]:
        times = _TIMES.fullmatch(word)
        if times is None:
            yield self._element(word)
            return
        for _ in range(int(times[1])):
            yield from (self._element(each) for each in times[2].split(","))

    def _element(self, word: str) -> Element:
        name, must = word.rstrip("!"), word.endswith("!")
        number, _, own = name.partition("=")
        if not own and ":" in number:
            number, own = "", number
        composite = self._fields.get("composites", {}).get(number)
        if composite is not None:
            parts = tuple(each for part in composite.split() if part != "*" for each in self._expanded(part))
            return Element(number, must=must, parts=parts)
        kind, least, most = own.split(":") if own else self._elements[number].split()
        return replace(Element(number, kind, int(least), int(most)), must=must)


def _pairs(text: str) -> tuple[tuple[Pair, ...], bool]:
    """``4>5 6>7..``, ``1-1>1-2`` as pairs of places, and whether the last continues."""
    words = [word.rstrip(".").partition(">") for word in text.split()]
    return tuple(Pair(_spot(tells), _spot(about)) for tells, _, about in words), text.endswith("..")


def _spot(text: str) -> Spot:
    element, _, component = text.partition("-")
    return Spot(int(element), int(component or 0))
