"""The segments of a set → a tree of loops, by the guide's structure; and the segments that stand where none may.

Strategy: a segment is looked for from where the last one stood on, first in the innermost loop, then around it. One
that stands too early or too late is taken where it may stand, with a fault; one that nobody knows is kept where it
is, so that a partner's own segment can be a column. Faults never move what follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from crossdock.formats.edi.interchange import Fault
from crossdock.formats.guides.guide import Guide, Node

SEPARATOR = "UNS"
"""The segment between the lines and the sums of a message, which says nothing else."""


@dataclass(slots=True, eq=False)  # there are very many: a frozen one takes three times as long to make
class Placed:
    """A segment of a set: its place (ST, UNH is 1) and its parts as they stand, the id first."""

    position: int
    parts: Sequence[str]

    @property
    def id(self) -> str:
        """Its id."""
        return self.parts[0]


@dataclass(slots=True, eq=False)
class Loop:
    """One occurrence of a loop, or the set itself.

    ``segments``: by id, those in it and the first of each loop in it. ``loops``: by the id of their first segment.
    """

    first: Placed | None
    above: Loop | None = None
    segments: dict[str, list[Placed]] = field(default_factory=dict)
    loops: dict[str, list[Loop]] = field(default_factory=dict)

    def add(self, segment: Placed) -> None:
        """Put a segment in it."""
        self.segments.setdefault(segment.id, []).append(segment)

    @property
    def position(self) -> int:
        """Where it begins."""
        return self.first.position if self.first else 1

    def around(self) -> Iterator[Loop]:
        """Itself and the loops around it, without the set."""
        loop: Loop | None = self
        while loop is not None and loop.first is not None:
            yield loop
            loop = loop.above

    def within(self) -> Iterator[Loop]:
        """Itself and every loop in it, at any depth."""
        yield self
        for loops in self.loops.values():
            for loop in loops:
                yield from loop.within()


@dataclass(slots=True, eq=False)
class _Frame:
    """A loop that is open: which of its nodes the last segment was, and how often each was there."""

    nodes: tuple[Node, ...]
    loop: Loop
    at: int = 0
    counts: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Structure:
    """A guide's structure, ready to be walked; it remembers where a segment is found from each place."""

    guide: Guide
    _found: dict[tuple[int, int, str], int] = field(default_factory=dict)

    @cached_property
    def all(self) -> frozenset[str]:
        """The ids of its segments."""
        return frozenset(each.segment for node in self.guide.structure for each in node.all())

    def ahead(self, nodes: tuple[Node, ...], at: int, segment: str) -> int:
        """The place of a segment among nodes from a place on, -1 if there is none."""
        key = (id(nodes), at, segment)
        place = self._found.get(key)
        if place is None:
            numbered = range(at, len(nodes))
            place = next((number for number in numbered if nodes[number].segment == segment), -1)
            self._found[key] = place
        return place


class Walk:
    """One set while its segments go by: ``root`` is its tree, ``faults`` what stands where it may not."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self.root = Loop(None)
        self.faults: list[Fault] = []
        self._frames = [_Frame(structure.guide.structure, self.root)]

    def add(self, segment: Placed) -> Loop | None:
        """Take the next segment; the loop that it begins, None if it begins none."""
        frames, name = self._frames, segment.id
        for depth in range(len(frames) - 1, -1, -1):
            frame = frames[depth]
            place = self._structure.ahead(frame.nodes, frame.at, name)
            if place >= 0:
                while len(frames) - 1 > depth:
                    self._close(frames.pop(), segment.position)
                return self._enter(frame, place, segment)
        return self._assumed(segment) or self._astray(segment)

    def end(self, position: int) -> None:
        """The set is over; ``position``: of its last segment."""
        while self._frames:
            self._close(self._frames.pop(), position)

    def _enter(self, frame: _Frame, place: int, segment: Placed) -> Loop | None:
        node = frame.nodes[place]
        frame.at = place
        count = frame.counts[place] = frame.counts.get(place, 0) + 1
        if node.most is not None and count == node.most + 1:
            why = "loop" if node.inner else "segment"
            self.faults.append(self._fault("too_many_of", segment, why))
        frame.loop.add(segment)
        if not node.inner:
            return None
        loop = Loop(segment, frame.loop)
        loop.add(segment)
        frame.loop.loops.setdefault(segment.id, []).append(loop)
        self._frames.append(_Frame(node.inner, loop))
        return loop

    def _assumed(self, segment: Placed) -> Loop | None:
        """The loop that a segment begins in one whose own segment is missing, and read as if it were there."""
        for frame in reversed(self._frames):
            for place in range(frame.at, len(frame.nodes)):
                node = frame.nodes[place]
                if node.assumed and any(each.segment == segment.id and each.inner for each in node.inner):
                    self.faults.append(replace(self._fault("loop_missing", segment, ""), segment=node.segment))
                    while self._frames[-1] is not frame:
                        self._close(self._frames.pop(), segment.position)
                    self._enter(frame, place, Placed(segment.position, [node.segment]))
                    return self.add(segment)
        return None

    def _astray(self, segment: Placed) -> Loop | None:
        """A segment that may not stand here."""
        frames, name = self._frames, segment.id
        for depth in range(len(frames) - 1, -1, -1):
            place = self._structure.ahead(frames[depth].nodes, 0, name)
            if place >= 0:
                self.faults.append(self._fault("misplaced_segment", segment, "order"))
                if not frames[depth].nodes[place].inner and self._is_record(frames[depth + 1 :]):
                    frames[depth].loop.add(segment)  # the record goes on behind it
                    return None
                while len(frames) - 1 > depth:
                    self._close(frames.pop(), segment.position)
                return self._enter(frames[depth], place, segment)
        known = name in self._structure.all or self._structure.guide.dictionary.knows(name)
        why = "elsewhere" if name in self._structure.all else "unexpected" if known else "unknown"
        code = "misplaced_segment" if why == "elsewhere" else "unknown_segment"
        self.faults.append(self._fault(code, segment, why))
        loops = list(frames[-1].loop.around()) or [self.root]
        for loop in loops:
            loop.add(segment)
        return None

    def _is_record(self, frames: Sequence[_Frame]) -> bool:
        """Whether one of some open loops is a record's."""
        name = self._structure.guide.records
        return any(each.loop.first is not None and each.loop.first.id == name for each in frames)

    def _close(self, frame: _Frame, position: int) -> None:
        for place, node in enumerate(frame.nodes):
            if node.must and place not in frame.counts:
                at = self._behind(frame, place) or position
                code = "separator_missing" if node.segment == SEPARATOR else "segment_missing"
                self.faults.append(Fault(code, segment=node.segment, position=at, loop=_name(frame.loop)))

    def _behind(self, frame: _Frame, place: int) -> int:
        """Where the first segment stands that may only follow a node of a frame, 0 if there is none (contract §9)."""
        segments = frame.loop.segments
        later = ((node.segment, frame.counts.get(at, 0)) for at, node in enumerate(frame.nodes) if at > place)
        return min((segments[name][-count].position for name, count in later if count), default=0)

    def _fault(self, code: str, segment: Placed, why: str) -> Fault:
        return Fault(code, why, segment.id, segment.position, loop=_name(self._frames[-1].loop))


def _name(loop: Loop) -> str:
    return loop.first.id if loop.first else ""
