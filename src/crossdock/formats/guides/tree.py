"""Which loops a record stands in: nested ones, or a tree whose levels name the one above (X12 HL, EDIFACT CPS).

In a tree an item may stand inside of its cartons (pick and pack), or hold them (standard): a record is an item in
one of them. A loop that names nobody above it belongs to the nearest one before it that may hold it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crossdock.formats.edi.interchange import Fault
from crossdock.formats.guides.dictionary import Spot
from crossdock.formats.guides.guide import Guide, path_of
from crossdock.formats.guides.values import Values
from crossdock.formats.guides.walk import Loop, Placed
from crossdock.schema import codes

GOODS = ("PO1", "POC", "LIN", "PIA", "W01", "W04", "W07", "W12", "W19", "BLI")
"""Segments that hold ids of items."""


DEEPEST = 40
"""A loop of a tree has no more above it: goods are packed in a few levels, and each asks all above it."""
MORE_IDS, SUBSTITUTES = "PIA", ("2", "3", "4")
"""A segment with further ids, and what it says (4347) where they are of an item that is sent or was ordered instead."""


def is_of_other(segment: Placed) -> bool:
    """Whether a segment has ids of another item than that of its line."""
    return segment.id == MORE_IDS and len(segment.parts) > 1 and segment.parts[1].strip() in SUBSTITUTES


@dataclass(frozen=True)
class Chain:
    """The loops of a record, the innermost first.

    ``levels``: of a tree, the loops around it by their level, the nearest first. ``package``: the loop of the package
    that it is in; ``holds``: that one is inside of the item, so the item's quantity is not the package's. ``shared``:
    ids of loops around it that hold other records, too. ``place``: its number among the records of the set.
    """

    position: int
    loops: Sequence[Loop]
    levels: Mapping[str, Sequence[Loop]] = field(default_factory=dict)
    package: Loop | None = None
    holds: bool = False
    shared: frozenset[int] = frozenset()
    place: int = 0

    def at(self, level: str) -> Sequence[Loop]:
        """The loops of a level, the nearest first."""
        return self.levels.get(level, ())

    def goods(self) -> Iterator[Placed]:
        """The segments with ids of the item."""
        for name in GOODS:
            yield from (each for each in self.loops[0].segments.get(name, ()) if not is_of_other(each))


@dataclass(eq=False)
class _Branch:
    """A loop of a tree: its level, the one above it, those below; ``depth``: how many are above it."""

    loop: Loop
    level: str
    above: _Branch | None = None
    below: list[_Branch] = field(default_factory=list)
    depth: int = 0

    def upwards(self) -> Iterator[_Branch]:
        branch: _Branch | None = self
        while branch is not None:
            yield branch
            branch = branch.above

    def downwards(self) -> Iterator[_Branch]:
        for branch in self.below:
            yield branch
            yield from branch.downwards()


@dataclass(frozen=True)
class Tree:
    """The loops of a set as its guide reads them: its records, its header's loops, and loops that name none above.

    ``is_unclear``: its last record has what may be one of the set's sums, if nothing separates them. ``guessed``: how
    many loops name none above them, and stand in the nearest before them.
    """

    chains: Sequence[Chain]
    header: Sequence[Loop]
    faults: Sequence[Fault] = ()
    is_unclear: bool = False
    guessed: int = 0


def tree_of(root: Loop, guide: Guide, values: Values) -> Tree:
    """The loops of a set; records are in the order of the file."""
    if not guide.tree:
        chains = [Chain(loop.position, list(loop.around())) for loop in _loops(root, guide.records)]
        chains.sort(key=lambda chain: chain.position)
        sums = [path for text in guide.sums if (path := path_of(text)) is not None]
        return Tree(chains, [root], is_unclear=bool(chains) and values.first(sums, chains[-1].loops[:1]) != "")
    if "inside" in guide.tree:
        return _labelled(root, guide, values)
    branches, faults, guessed = _branches(root, guide, values)
    rules = guide.tree
    heads = [each.loop for each in branches if each.level == rules["header"]]
    items = [each for each in branches if each.level == rules["item"]]
    chains = _sharing([chain for item in items for chain in _of_item(item, rules)])
    lost = [_stray(each) for each in branches if _is_lost(each, rules)]
    more = [_another(loop) for loop in heads[1:]]
    in_order = sorted(chains, key=lambda chain: chain.position)
    return Tree(in_order, [*heads, root], [*faults, *lost, *more], guessed=guessed)


def _loops(loop: Loop, segment: str) -> Iterator[Loop]:
    """Every loop that a segment begins, at any depth."""
    yield from loop.loops.get(segment, ())
    for name, inner in loop.loops.items():
        if name != segment:
            for each in inner:
                yield from _loops(each, segment)


def _branches(root: Loop, guide: Guide, values: Values) -> tuple[list[_Branch], list[Fault], int]:
    """The loops of a tree, what is wrong with what they say of their place, and how many name none above them."""
    rules = guide.tree
    identity, parent, level = (
        _element(loop_path, values) for loop_path in (rules["id"], rules["parent"], rules.get("level", ""))
    )
    by = path_of(rules["by"]) if "by" in rules else None
    kind = values.first([by], [root]) if by else ""
    order = rules.get("orders", {}).get(kind, rules.get("order", ()))
    branches: list[_Branch] = []
    by_id: dict[str, _Branch] = {}
    latest: dict[str, tuple[int, _Branch]] = {}
    faults: list[Fault] = []
    guessed = 0
    segment = rules.get("loop", guide.records)
    loops = root.loops.get(segment, ())
    nowhere = parent(loops[0]) if loops else ""  # what the first one names: real ones have 0 there, or no CPS 1
    is_top = nowhere and all(identity(each) != nowhere for each in loops)
    for loop in loops:
        branch = _Branch(loop, level(loop))
        above = parent(loop)
        if is_top and above == nowhere:
            faults += [] if branches else [_orphan("parent_nowhere", loop, segment, rules["parent"], above)]
        elif above:
            branch.above = by_id.get(above)
            if branch.above is None:
                faults.append(_orphan("bad_parent", loop, segment, rules["parent"], above))
        else:
            before = [place for place in latest.values() if _may_hold(place[1], branch, order)]
            branch.above = max(before, key=lambda place: place[0])[1] if before else None
            guessed += branch.above is not None
        if branch.above is not None and branch.above.depth >= DEEPEST:
            faults.append(Fault("too_deep", segment=segment, position=loop.position, element=_place(rules["parent"])))
            branch.above = None
        if branch.above is not None:
            branch.depth = branch.above.depth + 1
            branch.above.below.append(branch)
        latest[branch.level] = len(branches), branch
        branches.append(branch)
        by_id.setdefault(identity(loop), branch)
    return branches, faults, guessed


def _is_lost(branch: _Branch, rules: Mapping[str, Any]) -> bool:
    """Whether a loop has goods, and neither is an item, nor stands in one, nor is a package around one."""
    loop, item = branch.loop, rules["item"]
    if rules["goods"] not in loop.segments or not any(each in loop.segments for each in GOODS):
        return False
    is_around = branch.level in rules["packed"] and any(each.level == item for each in branch.downwards())
    return not is_around and all(each.level != item for each in branch.upwards())


def _stray(branch: _Branch) -> Fault:
    """A loop has goods that are in no record."""
    first = next(each for name in GOODS for each in branch.loop.segments.get(name, ()))
    return Fault("stray_line", segment=first.id, position=first.position)


def _another(head: Loop) -> Fault:
    """A second shipment begins, with places and papers of its own."""
    return Fault("shipment_twice", segment=head.first.id if head.first else "", position=head.position)


def _orphan(code: str, loop: Loop, segment: str, text: str, above: str) -> Fault:
    """A loop names one above it that isn't there."""
    return Fault(code, segment=segment, position=loop.position, element=_place(text), value=above)


def _place(text: str) -> int:
    """The place of the element that a path means."""
    path = path_of(text)
    return path.element if path else 0


def _element(text: str, values: Values) -> Any:
    """What reads the first value of a path in a loop."""
    path = path_of(text)
    return lambda loop: values.first([path], [loop]) if path else ""


def _may_hold(one: _Branch, other: _Branch, order: Sequence[str]) -> bool:
    known = one.level in order and other.level in order
    return known and order.index(one.level) < order.index(other.level)


def _of_item(item: _Branch, rules: Mapping[str, Any]) -> Iterator[Chain]:
    """The records of an item: one for each package that it holds, else one, in the packages around it."""
    levels: dict[str, list[Loop]] = {}
    for branch in item.upwards():
        levels.setdefault(branch.level, []).append(branch.loop)
    own_levels = (level for level, segment in rules.get("own", {}).items() if item.loop.segments.get(segment))
    levels |= {level: [item.loop] for level in own_levels}
    inside = [each for each in item.below if each.level in rules["packed"]]
    for each in inside:
        own = {each.level: [each.loop, *levels.get(each.level, [])]}
        yield Chain(each.loop.position, [item.loop], {**levels, **own}, each.loop, holds=True)
    if not inside:
        around = next((loop for level in rules["packed"] for loop in levels.get(level, ())), None)
        yield Chain(item.loop.position, [item.loop], levels, around)


def _sharing(chains: list[Chain]) -> list[Chain]:
    """Records that know which of the loops around them hold other records, too."""
    around = ({id(loop) for loops in chain.levels.values() for loop in loops} for chain in chains)
    counts = Counter(loop for loops in around for loop in loops)
    shared = frozenset(loop for loop, count in counts.items() if count > 1)
    return [replace(chain, shared=shared) for chain in chains]


def _labelled(root: Loop, guide: Guide, values: Values) -> Tree:
    """A tree of packages that are told by their labels, with the items inside of them (EDIFACT CPS, PAC, GIN, LIN).

    A package is a pallet where its kind says so, else a carton. Several labels on one item are a record each, and so is
    a range of them, unless the item says what each package holds (contract edi.md §7).
    """
    branches, faults, guessed = _branches(root, guide, values)
    rules = guide.tree
    labels = {id(each): _labels(each.loop, rules["labels"], values) for each in branches}
    quantities = [path for text in rules["each"] if (path := path_of(text)) is not None]
    levels = {id(each): _level(each.loop, rules["pallets"], values) for each in branches}
    chains = []
    for branch in branches:
        around: dict[str, list[Loop]] = {}
        for each in branch.upwards():
            if each is branch or len(labels[id(each)]) == 1:  # which of several it is in, nobody says
                around.setdefault(levels[id(each)], []).extend(labels[id(each)])
        package = next(iter(labels[id(branch)]), None) or next(iter(around.get(CARTON, around.get(PALLET, ()))), None)
        for item in branch.loop.loops.get(rules["inside"], ()):
            own = labels[id(branch)]
            if not values.first(quantities, [item]):
                own = [each for label in own for each in _each_of(label, values)]
            if len(own) < 2:
                chains.append(Chain(item.position, [item], around, package))
            several = own if len(own) > 1 else ()
            chains += [
                Chain(item.position, [item], {**around, levels[id(branch)]: [label]}, label, holds=True)
                for label in several
            ]
    tops = [each.loop for each in branches if each.above is None]
    whole = _of_shipment(tops[0], rules, root) if len(tops) == 1 else []
    return Tree(_apart(chains), [root, *whole], faults, guessed=guessed)


def _of_shipment(top: Loop, rules: Mapping[str, Any], root: Loop) -> list[Loop]:
    """The packages that count and measure the whole shipment (GS1 EANCOM DESADV: the first CPS, the tree's only top,
    is the shipment): those without a label, and the only one with measures, where the header measures nothing.
    """
    if "measured" not in rules:
        return []
    loop, segment = rules["measured"]["loop"], rules["measured"]["segment"]
    *_, marks = rules["labels"]["loops"]
    packages = top.loops.get(loop, [])
    measured = [each for each in packages if segment in each.segments]
    if len(measured) != 1 or segment in root.segments:
        return [each for each in packages if each not in measured and marks not in each.loops]
    return [each for each in packages if each in measured or marks not in each.loops]


def _apart(chains: list[Chain]) -> list[Chain]:
    """Records in the order of the file, each with a place of its own: the next one, where several are of one."""
    last, placed = 0, []
    for chain in sorted(chains, key=lambda each: each.position):
        last = max(last + 1, chain.position)
        placed.append(replace(chain, position=last))
    return placed


CARTON, PALLET = "P", "T"


def _level(loop: Loop, rules: Mapping[str, Any], values: Values) -> str:
    path = path_of(rules["path"])
    return PALLET if path and values.first([path], [loop]) in rules["values"] else CARTON


def _each_of(label: Loop, values: Values) -> list[Loop]:
    """The labels that one is, if it is a range of them; itself if it is none, or one that can't be taken apart."""
    segment = next(each for own in label.segments.values() for each in own)
    numbers = _between(*values.syntax.components(segment.parts[2])[:2])
    return [_label(segment, number) for number in numbers] or [label]


def _between(first: str, last: str = "") -> list[str]:
    """The SSCCs from one to another: their serial references count up, each has its check digit; [] if they don't."""
    right = (each.isdecimal() and codes.check_digit(each[:-1]) == each[-1] for each in (first, last))
    if {len(first), len(last)} not in ({18}, {20}) or not all(right):
        return []
    begin, end = int(first[:-1]), int(last[:-1])
    if end - begin + 1 >= MOST_LABELS:
        return []
    bare = (str(number).zfill(len(first) - 1) for number in range(begin, end + 1))
    return [each + codes.check_digit(each) for each in bare]


MOST_LABELS = 1_000
"""A range of fewer labels is taken apart."""


def _label(segment: Placed, part: str) -> Loop:
    """A label as a loop of its own."""
    label = Loop(Placed(segment.position, segment.parts))
    label.add(Placed(segment.position, [*segment.parts[:2], part]))
    return label


def _labels(loop: Loop, rules: Mapping[str, Any], values: Values) -> list[Loop]:
    """The labels of a package, each as a loop of its own; they stand in loops inside of it."""
    inside = [loop]
    for name in rules["loops"]:
        inside = [each for outer in inside for each in outer.loops.get(name, ())]
    labels = []
    for each in inside:
        for segment in each.segments.get(rules["segment"], ()):
            if values.at(segment, Spot(1)) in rules["qualifiers"]:
                labels += [_label(segment, part) for part in segment.parts[2:]]
    return labels
