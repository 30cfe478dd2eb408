"""Whether points of numbers are decimal marks, as they are read where the feed names no mark, or group thousands.

``1.000`` beside ``12`` is a thousand for whoever groups digits; whoever writes three decimals would write ``12.000``,
and whoever writes what is needed ``1``. So a column is in doubt where its points may group in every number, some have
none or several, and one ends in a zero that no decimal needs, or several have three decimals and none has one or two;
but not where another column of the file has decimals behind a point. The whole file is looked at; it is said, not
decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from crossdock.formats.format import Block, Note
from crossdock.partners.feed import Feed
from crossdock.schema.document import NUMBERS
from crossdock.schema.names import fold

_NUMBER = r"^[-+]?[0-9.]+$"
_GROUPED = r"^[-+]?([0-9]{1,3}|[1-9][0-9]{0,2}(\.[0-9]{3})+)$"
"""What a number looks like whose points, if it has any, group thousands."""
_NO_DECIMALS = r"^[-+]?([0-9]+|.+\..+\..+)$"
_NEEDLESS = r"^[-+]?[0-9]{1,3}\.[0-9]{2}0$"
_OF_THREE = r"^[-+]?[1-9][0-9]{0,2}\.[0-9]{3}$"
SEVERAL = 3
"""How many different numbers with three decimals, and none with fewer, are no accident."""


@dataclass
class _Column:
    """What the numbers of a column are like: the first that has no decimals, whatever its points mean; the first that
    would have decimals which end in a needless zero; '' for none. ``threes``: the first that would have three decimals,
    at most ``SEVERAL``. ``other``: one that is not grouped, '' for none.
    """

    whole: str = ""
    needless: str = ""
    other: str = ""
    threes: list[str] = field(default_factory=list)

    def add(self, values: pa.Array) -> None:
        """Add the cells of a block."""
        numbers = values.filter(pc.match_substring_regex(values, _NUMBER)).unique()
        grouped = pc.match_substring_regex(numbers, _GROUPED)
        self.other = self.other or _first(numbers.filter(pc.invert(grouped)))
        self.whole = self.whole or _first(numbers, _NO_DECIMALS)
        self.needless = self.needless or _first(numbers, _NEEDLESS)
        if len(self.threes) < SEVERAL:
            threes = numbers.filter(pc.match_substring_regex(numbers, _OF_THREE))[:SEVERAL].to_pylist()
            self.threes = [*dict.fromkeys((*self.threes, *threes))][:SEVERAL]

    @property
    def in_doubt(self) -> bool:
        """Whether its points may group."""
        return not self.other and bool(self.whole) and bool(self.needless or len(self.threes) == SEVERAL)

    @property
    def example(self) -> str:
        """A number whose point may group."""
        return self.needless or self.threes[0]


class Points:
    """Looks at the numbers of a file as its blocks pass, unless the feed or the format says how they are written."""

    def __init__(self, feed: Feed, *, plain: bool) -> None:
        says = plain or {"decimal", "thousands"} & feed.keys.model_fields_set
        kinds = {} if says else feed.kinds
        self._numbers = {heading for heading, kind in kinds.items() if kind in NUMBERS}
        self._columns: dict[str, _Column] = {}

    def watch(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The same blocks."""
        for block in blocks:
            for name in block.cells.column_names if self._numbers else ():
                if fold(name) in self._numbers and not self._columns.setdefault(name, _Column()).other:
                    self._columns[name].add(block.trimmed(name))
            yield block

    @property
    def notes(self) -> list[Note]:
        """A note on each column in doubt."""
        if any("." in each.other for each in self._columns.values()):
            return []
        return [
            Note("point_in_doubt", name, 1, {"whole": each.whole, "example": each.example})
            for name, each in self._columns.items()
            if each.in_doubt
        ]


def _first(texts: pa.Array, pattern: str = "") -> str:
    fitting = texts.filter(pc.match_substring_regex(texts, pattern))
    return str(fitting[0].as_py()) if len(fitting) else ""
