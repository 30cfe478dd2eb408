"""The shapes of sets: a frame, which stands around the records, and the details, which are one record each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from crossdock.formats.guides.records import Record
from crossdock.formats.shapes.recipes import Recipe


@dataclass(frozen=True)
class Reading:
    """What a set is by its shape: the cells of its header, its records, and what of it nobody reads."""

    head: Record
    records: list[Record]
    unused: Sequence[Counter[str]]


@dataclass(eq=False)
class Detail:
    """The segments of one record: its loop. ``at``, ``item``: the places of its segment and of its item's in it."""

    pattern: re.Pattern[str]
    recipe: Recipe
    size: int
    at: int
    item: int
    unused: Counter[str]
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
        place, details = head.end(), []
        while (detail := self._detail(text, place)) is not None:
            details.append(detail)
            place = detail[1].end()
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


@dataclass(frozen=True)
class Matched:
    """A set beside its shape; ``groups``: the values of its frame."""

    frame: Frame
    groups: tuple[str, ...]
    details: Sequence[tuple[Detail, re.Match[str]]]

    @property
    def size(self) -> int:
        """Its segments."""
        return self.frame.before + self.frame.behind + sum(detail.size for detail, _ in self.details)

    def reading(self, clean: Callable[[Sequence[str]], Sequence[str]]) -> Reading:
        """What it is; ``clean``: makes text of its values."""
        frame, groups, begin = self.frame, clean(self.groups), self.frame.before + 1
        records, left = [], [frame.unused]
        for detail, match in self.details:
            own = (*clean(match.groups()), *groups)
            records.append(detail.recipe.record(own, begin + detail.at, begin + detail.item))
            begin += detail.size
            left.append(detail.unused)
        return Reading(frame.recipe.record(groups, 1, 0), records, left)
