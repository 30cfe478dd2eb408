"""The shapes of sets: a frame, which stands around the records, and the details, which are one record each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from crossdock.formats.guides.records import Record
from crossdock.formats.shapes.recipes import Recipe

PROOFS = 2
"""How many sets a shape must have read as the guide does."""


Values = Sequence[str]
"""The values of the groups of a pattern."""


@dataclass(eq=False)
class Detail:
    """The segments of one record: its loop. ``at``, ``item``: the places of its segment and of its item's in it.

    ``is_plain``: nothing more is to be done with the cells of such a record, or with those of the header beside it.
    """

    pattern: re.Pattern[str]
    recipe: Recipe
    size: int
    at: int
    item: int
    unused: Counter[str]
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

    def match(self, text: str) -> Matched | None:
        """A set that has this frame and known details, else None."""
        head = self.head.match(text)
        if head is None:
            return None
        place, details, detail = head.end(), [], self._detail(text, head.end())
        while detail is not None:
            details.append(detail)
            place = detail[1].end()
            same = detail[0].pattern.match(text, place)  # most details are like the one before
            detail = (detail[0], same) if same is not None else self._detail(text, place)
        tail = self.tail.fullmatch(text, place)
        return Matched(self, (*head.groups(), *tail.groups()), details) if details and tail is not None else None

    def _detail(self, text: str, place: int) -> tuple[Detail, re.Match[str]] | None:
        for number, each in enumerate(self.details):
            match = each.pattern.match(text, place)
            if match is not None:
                if number:
                    self.details.insert(0, self.details.pop(number))
                return each, match
        return None


@dataclass(slots=True)
class Matched:
    """A set beside its shape; ``values``: of its frame."""

    frame: Frame
    values: Values
    details: Sequence[tuple[Detail, re.Match[str]]]

    @property
    def size(self) -> int:
        """Its segments."""
        return self.frame.before + self.frame.behind + sum([detail.size for detail, _ in self.details])

    @property
    def is_proven(self) -> bool:
        """Whether all of its shape has read enough sets as the guide did."""
        return self.frame.proofs >= PROOFS and all(detail.proofs >= PROOFS for detail, _ in self.details)

    def reading(self, clean: Callable[[Values], Values] | None) -> Reading:
        """What it is; ``clean``: makes text of its values, None where they are text."""
        values = self.values if clean is None else clean(self.values)
        details = []
        for detail, match in self.details:
            own: Values = match.groups()
            if clean is not None:
                own = clean(own)
            if detail.recipe.last >= len(own):  # something of the header is in it
                own = (*own, *values)
            details.append((detail, own))
        return Reading(self.frame, values, details)


@dataclass(slots=True)
class Reading:
    """What a set is by its shape. ``values``: of its header; ``details``: of each record its shape and its values."""

    frame: Frame
    values: Values
    details: Sequence[tuple[Detail, Values]]

    @property
    def head(self) -> Record:
        """The cells of its header."""
        return self.frame.recipe.record(self.values, 1, 0)

    @property
    def records(self) -> list[Record]:
        """Its records, without the cells of the header."""
        records, begin = [], self.frame.before + 1
        for detail, own in self.details:
            records.append(detail.recipe.record(own, begin + detail.at, begin + detail.item))
            begin += detail.size
        return records

    @property
    def unused(self) -> Sequence[Counter[str]]:
        """What of it nobody reads."""
        return [self.frame.unused, *(detail.unused for detail, _ in self.details)]

    @property
    def is_plain(self) -> bool:
        """Whether its records are what stands in it, and nothing is to be counted, numbered or summed up."""
        return all(detail.is_plain for detail, _ in self.details)

    def cell(self, column: str) -> str:
        """A cell of its header, '' where it has none."""
        return self.frame.recipe.cell(column, self.values)
