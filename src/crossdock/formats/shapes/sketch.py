"""A set is drawn: walked through with markers in place of its values, so that what comes out is a recipe for all of its
like. A value that something depends on (a qualifier, the basis of a price) stays as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace

from crossdock.formats.edi.interchange import X12
from crossdock.formats.edi.syntax import BETWEEN, Syntax
from crossdock.formats.guides import goods
from crossdock.formats.guides.check import spots_of_codes
from crossdock.formats.guides.dictionary import Spot
from crossdock.formats.guides.guide import Guide, Node, Path, Source, path_of
from crossdock.formats.guides.parties import NAME, PARTY, address, doubles
from crossdock.formats.guides.readings import (
    ALIKE,
    OF_ONE,
    Context,
    differing,
    is_in_lines,
    is_of_one,
    read,
    repeated,
    way_of,
)
from crossdock.formats.guides.records import QUALIFIED, Mapper, applicable
from crossdock.formats.guides.tree import MORE_IDS, Chain, tree_of
from crossdock.formats.guides.unused import Used, unused
from crossdock.formats.guides.values import DATED, Values
from crossdock.formats.guides.walk import Loop, Placed, Structure, Walk
from crossdock.formats.shapes.frames import Detail, Frame
from crossdock.formats.shapes.patterns import GAP, Outline, outline
from crossdock.formats.shapes.recipes import Made, Recipe, making
from crossdock.formats.shapes.templates import Unlike, template

SERVICE = ("ST", "SE", "UNH", "UNT")
"""Segments around a set, which no guide has."""


Segments = Sequence[Sequence[str]]


def cut(text: str, syntax: Syntax, guide: Guide, node: Node) -> tuple[Segments, Sequence[Segments], Segments]:
    """The segments before the records of a set, those of each record, and those behind them. Raises ``Unlike``."""
    pieces = [each.lstrip(BETWEEN) for each in text.split(syntax.terminator)]
    parts = [each.split(syntax.element) for each in pieces if each]
    starts = [place for place, each in enumerate(parts) if each[0] == node.segment]
    behind = {each.segment for each in guide.structure[guide.structure.index(node) + 1 :]} | set(SERVICE)
    end = next((place for place in range(starts[-1], len(parts)) if parts[place][0] in behind), 0) if starts else 0
    inside = {each[0] for each in parts[starts[0] : end]} if end else set()
    if not end or not behind.isdisjoint(inside) or parts[end][0] in _inside(node):
        raise Unlike("it has no records, or no end of them")
    bounds = zip(starts, [*starts[1:], end], strict=True)
    return parts[: starts[0]], [parts[start:stop] for start, stop in bounds], parts[end:]


def _inside(node: Node) -> Set[str]:
    return {each.segment for each in node.inner}.union(*(_inside(each) for each in node.inner))


class Sketch:
    """Draws the shape of a set: walks through it with markers in place of its values."""

    def __init__(self, mapper: Mapper, structure: Structure, values: Values, telling: Mapping[str, Set[Spot]]) -> None:
        self._mapper, self._structure, self._values, self._telling = mapper, structure, values, telling
        self._used, self._codes = Used(mapper), spots_of_codes(mapper)

    def frame(self, before: Segments, own: Segments, behind: Segments) -> Frame:
        """The frame of a set, from it with one of its records. Raises ``Unlike``."""
        around, inside, after = self._outlines(before, own, behind)
        root, chain = self._walked([*around, *inside, *after])
        if next(doubles([root], self._values), None) is not None:
            raise Unlike("of two parties of one role it is compared what they say")
        context = Context(self._values, [root], root, self._structure.guide.standard, others=[chain.loops])
        left = unused(root, self._used, self._values)
        left.subtract(self._unused(chain))
        values = range(sum(each.groups for each in (*around, *after)))
        return Frame(
            head=self._pattern(around, behind=own[0][0]),
            tail=self._pattern(after),
            recipe=self._recipe(self._mapper.header, context, values),
            before=len(before),
            behind=len(behind),
            unused=+left,
        )

    def detail(self, before: Segments, own: Segments, behind: Segments) -> Detail:
        """One of the records, from the set with no other. Raises ``Unlike``."""
        around, inside, after = self._outlines(before, own, behind)
        root, chain = self._walked([*around, *inside, *after])
        context = Context(self._values, chain.loops, root, self._structure.guide.standard, chain)
        outer = sum(each.groups for each in (*around, *after))
        values = range(outer, outer + sum(each.groups for each in inside))
        says = list(self._says(replace(context, chain=None), values))
        return Detail(
            pattern=self._pattern(inside, behind="|".join(dict.fromkeys((own[0][0], behind[0][0])))),
            recipe=self._recipe(self._mapper.record, context, values, range(outer), chain),
            size=len(own),
            at=chain.position - len(before) - 1,
            item=chain.loops[0].position - len(before) - 1,
            unused=self._unused(chain),
            says=says,
        )

    def _says(self, context: Context, values: range) -> Iterator[Made]:
        """What a record says of the header, which doesn't say it itself. Raises ``Unlike``."""
        for source in self._mapper.header:
            if not is_in_lines(source, context.loops):
                continue
            if read(source, replace(context, loops=[context.root])).text:
                if read(source, context).text or context.first(source.paths):
                    raise Unlike(f"{source.column} is compared with what the header says")
                continue
            if differing(source, context) or repeated(source, context)[1] or way_of(source) not in ("", *OF_ONE):
                raise Unlike(f"{source.column} depends on values of a record")
            sent = context.first(source.paths)
            if sent:
                yield Made(source.column, template(sent, values), making(source, context))

    def _outlines(
        self, before: Segments, own: Segments, behind: Segments
    ) -> tuple[list[Outline], list[Outline], list[Outline]]:
        """The outlines of segments; the values of the frame are numbered before those of the record."""
        number, drawn = 0, []
        for part in (before, behind, own):
            outlines = []
            for parts in part:
                outlines.append(self._outline(parts, number))
                number += outlines[-1].groups
            drawn.append(outlines)
        return drawn[0], drawn[2], drawn[1]

    def _outline(self, parts: Sequence[str], number: int) -> Outline:
        syntax, name = self._values.syntax, parts[0]
        if name in SERVICE:
            return Outline(re.escape(name + syntax.element) + f"[^{re.escape(syntax.terminator)}]*", parts, 0)
        telling = self._telling.get(name, frozenset())
        codes = self._codes.get(name, frozenset())
        return outline(parts, self._values.segments.get(name), telling, codes, syntax, number)

    def _pattern(self, outlines: Sequence[Outline], behind: str = "") -> re.Pattern[str]:
        """The pattern of segments one after the other; ``behind``: which segments may follow."""
        syntax = self._values.syntax
        end = re.escape(syntax.terminator) + GAP
        text = "".join(each.pattern + end for each in outlines)
        return re.compile(text + (f"(?=(?:{behind}){re.escape(syntax.element)})" if behind else ""))

    def _walked(self, outlines: Sequence[Outline]) -> tuple[Loop, Chain]:
        walk = Walk(self._structure)
        for position, each in enumerate(outlines, 1):
            if each.parts[0] not in SERVICE:
                walk.add(Placed(position, each.parts))
        walk.end(len(outlines))
        chains = tree_of(walk.root, self._structure.guide, self._values).chains
        if walk.faults or len(chains) != 1:
            raise Unlike("it is not one record")
        return walk.root, replace(chains[0], place=1)

    def _unused(self, chain: Chain) -> Counter[str]:
        """What of a record nobody reads; its first segment stands in the set, too."""
        outermost = chain.loops[-1]
        alone = Loop(None)
        if outermost.first is not None:
            alone.add(outermost.first)
            alone.loops[outermost.first.id] = [outermost]
        return unused(alone, self._used, self._values)

    def _recipe(
        self,
        sources: Sequence[Source],
        context: Context,
        values: range,
        around: range = range(0),
        chain: Chain | None = None,
    ) -> Recipe:
        texts: list[tuple[str, str]] = []
        of_one: list[Made] = []
        for source in applicable(sources, context.loops):
            if chain is None and "lines" in source.how:  # what its records say is theirs: ``Detail.says``
                context = replace(context, others=())
            if is_of_one(source) and read(source, context).code:
                raise Unlike(f"{source.column} has several values, which may be alike")
            if differing(source, context) or repeated(source, context)[1]:
                raise Unlike(f"{source.column} has several values, which may differ")
            if "party" in source.how:
                parties = (address(source.column, source.how["party"], loop, self._values) for loop in context.loops)
                texts += next((each for each in parties if each), {}).items()
            elif "counted" in source.how and not goods.is_basis(context.first(_named([source.how["basis"]]))):
                raise Unlike("a price may depend on the unit of its quantity")
            elif way_of(source) in OF_ONE:
                sent = replace(context, loops=_loops(source, context)).first(source.paths)
                if sent:
                    of_one.append(Made(source.column, template(sent, values, around), making(source, context)))
            elif way_of(source) in ALIKE and source.how.get("unique", "") in ("", self._structure.guide.records):
                reading = read(source, context)
                if reading.code:
                    raise Unlike(f"{source.column} is remarked on")
                texts.append((source.column, reading.text))
            else:
                raise Unlike(f"{source.column} depends on values")
        remarks = self._mapper.remarks_of(chain, context.root, self._values) if chain is not None else {}
        texts += self._items(chain) if chain is not None else ()
        columns = [column for column, text in texts if text] + [each.column for each in of_one]
        if len(columns) != len(set(columns)) or remarks:
            raise Unlike("a column comes from two places, or is remarked on")
        templates = [(column, template(text, values, around)) for column, text in texts if text]
        copied = [(column, each.only) for column, each in templates if each.only is not None]
        joined = [(column, each) for column, each in templates if each.only is None]
        return Recipe(copied, joined, of_one)

    def _items(self, chain: Chain) -> Iterator[tuple[str, str]]:
        """The ids of the item of a record. Raises ``Unlike`` if one of them depends on its digits."""
        pairs = [pair for segment in chain.goods() for pair in self._values.qualified(segment)]
        for column, wanted in self._mapper.items.items():
            digits = any(not name or name in goods.WITHOUT_CHECK_DIGIT for name, _ in pairs)
            if digits and "gtin" in wanted:
                raise Unlike("an id depends on its digits")
            reading = goods.item(pairs, wanted)
            if reading.code:
                raise Unlike("there are several ids, which may be alike")
            yield column, reading.text


def _loops(source: Source, context: Context) -> Sequence[Loop]:
    return [*context.loops, context.root] if source.how.get("beyond") else context.loops


def telling(mapper: Mapper, values: Values) -> Mapping[str, Set[Spot]]:
    """By segment the places whose value decides what others mean."""
    spots: dict[str, set[Spot]] = {}
    for name, segment in values.segments.items():
        spots[name] = {pair.tells for pair in segment.pairs_of(MOST)}
    for name in (
        *QUALIFIED,
        NAME,
        PARTY,
        MORE_IDS,
        *(path.loop for each in mapper.sources() for path in each.paths if path.of),
    ):
        spots.setdefault(name, set()).add(Spot(1, 1))
    if values.syntax.standard != X12:
        spots[DATED].add(Spot(1, 3))
    for path in (path for each in mapper.sources() for path in _deciding(each)):
        spots.setdefault(path.segment, set()).update(_spots(path, values))
    return spots


MOST = 60
"""The most elements of a segment in which qualifiers are looked for."""


def _deciding(source: Source) -> Iterator[Path]:
    """Paths of a source whose value decides what is made of it."""
    if "compose" in source.how:
        yield from source.paths[1:]
    yield from _named(source.how[name] for name in ("basis", "pack") if name in source.how)
    yield from _named([*source.how.get("per", ()), *source.how.get("demanded", ())])


def _named(texts: Iterable[str]) -> list[Path]:
    return [path for text in texts if (path := path_of(text)) is not None]


def _spots(path: Path, values: Values) -> Iterator[Spot]:
    if path.element:
        yield path.spot
    elif path.segment in values.segments:
        for pair in values.segments[path.segment].pairs_of(MOST):
            yield values.beside(pair.about, path.beside) if path.beside else pair.about
