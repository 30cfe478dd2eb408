"""The shapes of sets: a frame stands around the records, a detail is one record; both together are a mould."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from crossdock.formats.guides import goods
from crossdock.formats.guides.readings import of_records
from crossdock.formats.guides.records import Record
from crossdock.formats.shapes.cutting import Cutter
from crossdock.formats.shapes.recipes import Made, Recipe
from crossdock.formats.shapes.templates import clean

PROOFS = 2
"""How many sets a shape must have read as the guide does."""
Values = Sequence[str]
"""The values of the groups of a pattern."""
Each = TypeVar("Each")


@dataclass(eq=False)
class Detail:
    """The segments of one record: its loop. ``at``, ``item``: the places of its segment and of its item's in it.

    ``says``: what it says of the header, which doesn't say it itself.
    ``is_plain``: nothing more is to be done with the cells of such a record, or with those of the header beside it.
    """

    pattern: re.Pattern[str]
    recipe: Recipe
    size: int
    at: int
    item: int
    unused: Counter[str]
    says: Sequence[Made] = ()
    is_plain: bool = False
    proofs: int = 0


@dataclass(eq=False)
class Frame:
    """The segments before the records of a set, and those behind them."""

    head: re.Pattern[str]
    tail: re.Pattern[str]
    recipe: Recipe
    before: int
    behind: int
    unused: Counter[str]
    details: list[Detail] = field(default_factory=list)
    proofs: int = 0

    def match(self, text: str) -> Reading | None:
        """A set that has this frame and known details, else None."""
        head = self.head.match(text)
        if head is None:
            return None
        place, details, values, detail = head.end(), [], [*head.groups()], self._detail(text, head.end())
        while detail is not None:
            details.append(detail[0])
            values += detail[1].groups()
            place = detail[1].end()
            same = detail[0].pattern.match(text, place)  # most details are like the one before
            detail = (detail[0], same) if same is not None else self._detail(text, place)
        tail = self.tail.fullmatch(text, place)
        if not details or tail is None:
            return None
        return Reading(Mould(self, tuple(details)), (*values, *tail.groups()))

    def _detail(self, text: str, place: int) -> tuple[Detail, re.Match[str]] | None:
        for number, each in enumerate(self.details):
            match = each.pattern.match(text, place)
            if match is not None:
                if number:
                    self.details.insert(0, self.details.pop(number))
                return each, match
        return None


@dataclass(eq=False)
class Mould:
    """What sets are alike in from the first to the last segment: a frame, and the details in it one after the other.

    ``cutter``: of one that comes often (``moulds``).
    """

    frame: Frame
    details: tuple[Detail, ...]
    cutter: Cutter | None = None
    _makers: dict[str, tuple[Made, int | None] | None] = field(default_factory=dict)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern of a whole set."""
        inside = "".join(detail.pattern.pattern for detail in self.details)
        return re.compile(self.frame.head.pattern + inside + self.frame.tail.pattern)

    @cached_property
    def from_records(self) -> Sequence[tuple[str, Sequence[Made | None]]]:
        """The columns of the header that its records say, and of each record what makes it of the set's values, None
        where it says nothing.
        """
        makers: dict[str, list[Made | None]] = {}
        start = self.frame.head.groups
        for place, detail in enumerate(self.details):
            for each in detail.says:
                own = makers.setdefault(each.column, [None] * len(self.details))
                own[place] = replace(each, template=each.template.behind(start))
            start += detail.pattern.groups
        return list(makers.items())

    def of_header(self, values: Values) -> Iterator[tuple[str, goods.Reading]]:
        """What the records of a set with such values say of its header, by column."""
        for column, makers in self.from_records:
            yield column, of_records(tuple("" if each is None else each.of(values).text for each in makers))

    def values(self, text: str) -> Values:
        """The values of a set that its pattern matches."""
        match = self.pattern.fullmatch(text)
        return clean(match.groups()) if match is not None else ()

    @property
    def _groups(self) -> int:
        inside = sum(detail.pattern.groups for detail in self.details)
        return self.frame.head.groups + inside + self.frame.tail.groups

    @cached_property
    def size(self) -> int:
        """The segments of a set."""
        return self.frame.before + self.frame.behind + sum([detail.size for detail in self.details])

    @property
    def is_proven(self) -> bool:
        """Whether all of its shape has read enough sets as the guide did."""
        return self.frame.proofs >= PROOFS and all(detail.proofs >= PROOFS for detail in self.details)

    @cached_property
    def is_plain(self) -> bool:
        """Whether its records are what stands in it, and nothing is to be counted, numbered or summed up."""
        return all(detail.is_plain for detail in self.details)

    @cached_property
    def places(self) -> Sequence[tuple[int, int]]:
        """Of each record the places in the set of its segment and of its item's."""
        places, begin = [], self.frame.before + 1
        for detail in self.details:
            places.append((begin + detail.at, begin + detail.item))
            begin += detail.size
        return places

    @cached_property
    def unused(self) -> Counter[str]:
        """What of a set nobody reads."""
        return sum((detail.unused for detail in self.details if detail.unused), self.frame.unused)

    def maker(self, column: str) -> tuple[Made, int | None] | None:
        """What makes a cell of the header of a set, and of which of its values if of one alone; None if it has none."""
        if column not in self._makers:
            maker = self.frame.recipe.maker(column)
            only = None if maker is None else maker.template.only
            group = None if only is None else self.outer(range(self._groups))[only]
            self._makers[column] = None if maker is None else (maker, group)
        return self._makers[column]

    def outer(self, values: Sequence[Each]) -> Sequence[Each]:
        """Those of the frame, of one for each value of a set."""
        return (*values[: self.frame.head.groups], *values[len(values) - self.frame.tail.groups :])

    def inner(self, values: Sequence[Each]) -> Iterator[tuple[Detail, Sequence[Each]]]:
        """Those of each detail; behind them those of the frame, if something of the header is in the record."""
        start, outer = self.frame.head.groups, self.outer(values)
        for detail in self.details:
            end = start + detail.pattern.groups
            own = values[start:end]
            yield detail, own if detail.recipe.last < len(own) else (*own, *outer)
            start = end


@dataclass(slots=True)
class Reading:
    """What a set is by its shape; ``sent``: the values of the groups of its mould, in the order of the set; of a mould
    that comes often the match of its pattern.
    """

    mould: Mould
    sent: Values | re.Match[str]

    @property
    def values(self) -> Values:
        """Its values, with their released characters."""
        return clean(self.sent.groups() if isinstance(self.sent, re.Match) else self.sent)

    @property
    def head(self) -> Record:
        """The cells of its header."""
        values = self.values
        head = self.mould.frame.recipe.record(self.mould.outer(values), 1, 0)
        for column, reading in self.mould.of_header(values):
            head.take(column, reading)
        return head

    @property
    def records(self) -> list[Record]:
        """Its records, without the cells of the header."""
        details = zip(self.mould.inner(self.values), self.mould.places, strict=True)
        return [detail.recipe.record(own, *places) for (detail, own), places in details]

    def cell(self, column: str) -> str:
        """A cell of its header, '' where it has none."""
        known = self.mould.maker(column)
        if known is None:
            of_lines = self.mould.of_header(self.values) if self.mould.from_records else ()
            return next((reading.text for name, reading in of_lines if name == column), "")
        maker, group = known
        if group is None:
            return maker.of(self.mould.outer(self.values)).text
        return maker.make(self.sent[group + 1] if isinstance(self.sent, re.Match) else self.sent[group]).text
