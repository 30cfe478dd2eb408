"""Which loops a record stands in: nested ones, or a tree whose levels name the one above (X12 HL, EDIFACT CPS)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from crossdock.formats.guides.guide import Guide
from crossdock.formats.guides.values import Values
from crossdock.formats.guides.walk import Loop, Placed

GOODS = ("PO1", "POC", "LIN", "PIA", "W01", "W04", "W07", "W12", "W19", "BLI")
"""Segments that hold ids of items."""


@dataclass(frozen=True)
class Chain:
    """The loops of a record, the innermost first; ``levels``: of a tree, by their letter."""

    position: int
    loops: Sequence[Loop]
    levels: dict[str, list[Loop]] = field(default_factory=dict)

    def at(self, level: str) -> Sequence[Loop]:
        """The loops of a level, the nearest first."""
        return self.levels.get(level, ())

    def goods(self) -> Iterator[Placed]:
        """The segments with ids of the item."""
        for name in GOODS:
            yield from self.loops[0].segments.get(name, ())


def chains(root: Loop, guide: Guide, values: Values) -> list[Chain]:
    """The records of a set, in the order of the file."""
    return [Chain(loop.position, list(loop.around())) for loop in _loops(root, guide.records)]


def header_of(root: Loop, guide: Guide, values: Values) -> list[Loop]:
    """The loops of a set's header."""
    return [root]


def _loops(loop: Loop, segment: str) -> Iterator[Loop]:
    """Every loop that a segment begins, at any depth, in the order of the file."""
    yield from loop.loops.get(segment, ())
    for name, inner in loop.loops.items():
        if name != segment:
            for each in inner:
                yield from _loops(each, segment)
