"""What of a file was read by nobody: segments and qualifiers that no column comes from (contract edi.md §8).

What is read of an item is nobody's where it stands elsewhere, such as on a pallet: it is asked by the place in a set,
which is a level of a tree, or one of two, ``TOP`` and ``DETAIL``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from crossdock.formats.edi.interchange import X12
from crossdock.formats.format import Note
from crossdock.formats.guides.goods import NOT_ITEMS
from crossdock.formats.guides.guide import Path, Source, path_of
from crossdock.formats.guides.parties import NAME, PARTY, further
from crossdock.formats.guides.records import QUALIFIED, Mapper
from crossdock.formats.guides.tree import CARTON, GOODS, is_of_other
from crossdock.formats.guides.values import Values
from crossdock.formats.guides.walk import Loop, Placed

SILENT = frozenset(
    ("LX", "HL", "CTT", "SE", "ST", "N1", "N2", "N3", "N4", "PER", "NAD", "CTA", "COM", "UNS", "CNT", "CPS", "LE", "LS")
)
"""Segments that hold others together, or of which only parties that nobody asks for are left."""
SHOWN = 12
"""How many of them a note names."""
WHOLE = ("cartons", "equipment")
"""Ways of a header that read a segment as a whole, which they name."""
TOP, DETAIL = "top", "detail"
"""Before and behind the records of a set, and in them."""


class Used:
    """What is read of the sets of one type, by place."""

    def __init__(self, mapper: Mapper) -> None:
        self._mapper, self._tree = mapper, mapper.guide.tree
        self._known: dict[str, frozenset[str]] = {}

    def at(self, place: str) -> frozenset[str]:
        """The segments, or segments with their qualifier, from which a column comes in a place."""
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = self._read_at(place)
        return known

    def compares(self, party: Placed) -> bool:
        """Whether a party of a line is compared with its document's."""
        return len(party.parts) > 1 and party.parts[1].strip() in self._mapper.compared

    def place_of(self, loop: Loop, outer: str) -> str:
        """The place of a loop that stands in a loop of another place."""
        segment, tree = loop.first, self._tree
        if segment is None:
            return TOP
        if tree and segment.id == tree.get("loop", self._mapper.guide.records):
            level = path_of(tree.get("level", ""))
            return CARTON if level is None else (*segment.parts, *[""] * level.element)[level.element].strip()
        return DETAIL if segment.id in self._outermost else outer

    @cached_property
    def _outermost(self) -> Collection[str]:
        """The segments that begin the outermost loops of records."""
        if self._tree:
            return [self._tree["inside"]] if "inside" in self._tree else []
        guide = self._mapper.guide
        return [each.segment for each in guide.structure if each.holds(guide.records)]

    def _read_at(self, place: str) -> frozenset[str]:
        paths = [
            path
            for each, own in self._sources
            for path in (*each.paths, *each.further)
            if path.text in each.how.get("anywhere", ()) or place in self._places(each, path, own)
        ]
        tops = {TOP, self._tree.get("header", TOP), *([CARTON] if "measured" in self._tree else [])}
        kinds = {each.how[name] for each, _ in self._sources if place in tops for name in WHOLE if name in each.how}
        whole = {path.segment for path in paths if not path.qualifiers or path.but}
        qualified = {f"{path.segment}*{each}" for path in paths if not path.but for each in path.qualifiers}
        loops = {path.loop for path in paths if path.loop} - {key.partition("*")[0] for key in qualified}
        others = {path.segment for path in paths if "*" in path.text}
        split = {self._mapper.places["segment"]} if self._mapper.places else set()
        marks = {*self._tree["labels"]["loops"][-1:]} if "labels" in self._tree else set()
        return frozenset(kinds | whole | qualified | loops | split | marks | {*GOODS} | (others - set(QUALIFIED)))

    @cached_property
    def _sources(self) -> Sequence[tuple[Source, str]]:
        """The columns that come from a path, each with the place of its records."""
        return [*((each, TOP) for each in self._mapper.header), *((each, DETAIL) for each in self._mapper.record)]

    def _places(self, source: Source, path: Path, own: str) -> Collection[str]:
        """The places in which a path is looked for; ``own``: that of its records."""
        tree = self._tree
        if path.level:
            return [path.level, *([tree["item"]] if tree.get("own", {}).get(path.level) == path.segment else [])]
        places = {own, tree.get({TOP: "header", DETAIL: "item"}[own], own)}
        if "packed" in source.how:
            places |= {*tree.get("packed", ())}
        if source.how.keys() & {"lines", "agree"}:
            places.add(DETAIL)
        if source.how.get("beyond"):
            places |= {TOP, tree.get("header", TOP)}
        if own == TOP and path.segment == tree.get("measured", {}).get("segment"):
            places.add(CARTON)
        return places


class Unused:
    """Counts them, set by set."""

    def __init__(self, mappers: Mapping[str, Mapper]) -> None:
        self._used = {name: Used(mapper) for name, mapper in mappers.items()}
        self._counts: Counter[str] = Counter()

    def add(self, type_: str, root: Loop, values: Values) -> None:
        """A set has been read."""
        self.count(unused(root, self._used[type_], values))

    def count(self, counts: Counter[str]) -> None:
        """So many of each were not read."""
        if counts:
            self._counts.update(counts)

    def notes(self) -> list[Note]:
        """One note on all of them, or none."""
        if not self._counts:
            return []
        shown = ", ".join(f"{name} {times:,}" for name, times in self._counts.most_common(SHOWN))
        return [Note("segments_unused", shown, self._counts.total())]


def unused(root: Loop, used: Used, values: Values) -> Counter[str]:
    """What of a set nobody reads: segments, ids of what is no item, and what is said of a party a second time."""
    counts: Counter[str] = Counter()
    loops = [(root, TOP)]
    while loops:
        loop, place = loops.pop()
        known = used.at(place)
        for name, segments in loop.segments.items():
            if place == DETAIL and name in (NAME, PARTY) and name not in known:  # of the header all who count are known
                counts.update(_key(each) for each in segments if each is not loop.first and not used.compares(each))
            if name in GOODS and name not in loop.loops:
                counts.update(key for each in segments for key in _ids(each, known, values))
            if name in known or name in SILENT:
                counts.update(f"{name}*{each.parts[1].strip()}" for each in segments if is_of_other(each))
                continue
            for segment in segments:
                key = _key(segment)
                if (key not in known or values.tells_no_day(segment)) and segment is not loop.first:
                    counts[key] += 1
        if loop.first is not None and loop.first.id in (NAME, PARTY):
            counts.update(each.id for each in further(loop, values))
        loops += [(each, used.place_of(each, place)) for inner in loop.loops.values() for each in inner]
    return counts


def _ids(segment: Placed, known: Collection[str], values: Values) -> Iterator[str]:
    """The ids of a segment with an item that are of something else, a lot or a line, and that nobody reads."""
    none = values.syntax.standard == X12 and NOT_ITEMS.isdisjoint(map(str.strip, segment.parts))  # as most have
    for qualifier, _ in values.qualified(segment) if not none and not is_of_other(segment) else ():
        key = f"{segment.id}*{qualifier}"
        if qualifier in NOT_ITEMS and key not in known:
            yield key


def _key(segment: Placed) -> str:
    if segment.id in (*QUALIFIED, NAME, PARTY) and len(segment.parts) > 1:
        return f"{segment.id}*{segment.parts[1].partition(':')[0]}"
    return segment.id
