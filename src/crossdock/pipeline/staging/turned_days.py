"""Whether days and months of a file's dates are turned round: read as one, and meant as the other.

``30/11/2026`` in a column that is read with the month first is a failure; ``12/11/2026`` beside it is read without a
word, and was written by the same hand. And a spreadsheet that opens a text file in another country makes dates of those
that it can read its own way, and leaves the others as text: then every date that it made has a day up to 12, and every
text a day above. The whole file is looked at; it is said, not decided.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures import glyphs
from crossdock.formats.format import Block, Note
from crossdock.frames import dates
from crossdock.partners.feed import Feed
from crossdock.schema.document import Kind
from crossdock.schema.names import fold

TIMES = (Kind.DATE, Kind.TIMESTAMP)
_NUMERIC = r"^(?P<first>[0-9]{1,2})[./-](?P<second>[0-9]{1,2})[./-](?:[0-9]{4}|[0-9]{2})(?:[ T,].*)?$"
"""A day and a month in front of the year, in either order."""
_OF_CELLS = r"^[12][0-9]{3}-(?P<first>[0-9]{2})-(?P<second>[0-9]{2})(?:[T ].*)?$"
_OF_PROGRAMS = r"^[12][0-9]{3}-(?P<first>[0-9]{2})-(?P<second>[0-9]{2})[T ]00:00:00$"
"""A cell of a date in a workbook, and in a text file what programs write of one: nobody writes a midnight."""
_BEGINNING = len("2026-11-30")
"""Characters that have a day and a month, however the date is written."""
_MONTHS, _DAYS = 12, 31


@dataclass
class _Column:
    """The first date of each kind in a column, '' for none. ``numeric``: dates with the year behind, by which of their
    first two numbers can be no month: ``day`` the first, ``month`` the second, ``either`` none of them.
    ``made``: a spreadsheet's date that may be read both ways; ``certain``: one that may not.
    """

    numeric: dict[str, str] = field(default_factory=dict)
    made: str = ""
    certain: str = ""

    def add(self, values: pa.Array, cell: str) -> None:
        """Add the cells of a block. ``cell``: how dates that a spreadsheet has made are written."""
        distinct = glyphs.plain(values.drop_null().unique())
        for kind, text in _sorted(distinct, _NUMERIC):
            self.numeric.setdefault(kind, text)
        for kind, text in _sorted(distinct, cell):
            self.made = self.made or (text[:10] if kind == "either" else "")
            self.certain = self.certain or (text[:10] if kind != "either" else "")


class TurnedDays:
    """Looks at the dates of a file as its blocks pass. ``cells``: they may be date cells (``formats.typed``)."""

    def __init__(self, feed: Feed, *, cells: bool) -> None:
        self._feed, self._made = feed, _OF_CELLS if cells else _OF_PROGRAMS
        self._dates = {heading for heading, kind in feed.kinds.items() if kind in TIMES}
        self._columns: dict[str, _Column] = {}

    def watch(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The same blocks."""
        for block in blocks:
            for name in block.cells.column_names if self._dates else ():
                if fold(name) in self._dates:
                    values = block.trimmed(name)
                    self._columns.setdefault(name, _Column()).add(values, self._made)
            yield block

    @property
    def notes(self) -> list[Note]:
        """A note on each column in doubt."""
        return [note for name, each in self._columns.items() for note in self._of(name, each)]

    def _of(self, name: str, column: _Column) -> Iterator[Note]:
        order = _order(self._feed.dates)
        either = column.numeric.get("either", "")
        contrary = column.numeric.get({"day": "month", "month": "day"}.get(order, ""), "")
        if either and contrary:
            read, _ = dates.read(pa.array([either]), self._feed.dates, self._feed.zone, days=False)
            if read[0].as_py():
                detail = {"contrary": contrary, "example": either, "reading": read[0].as_py()[:10]}
                yield Note("days_in_doubt", name, 1, detail)
        texts = [text for kind, text in column.numeric.items() if kind != "either"]
        if column.made and texts and not either and not column.certain:
            yield Note("days_turned", name, 1, {"contrary": texts[0], "example": column.made})


def _sorted(texts: pa.Array, pattern: str) -> Iterator[tuple[str, str]]:
    """The dates among some texts, each with its kind. One whose day is its month tells nothing."""
    fitting = texts.filter(pc.match_substring_regex(texts, pattern))
    for text in _one_a_day(fitting).to_pylist():
        match = re.match(pattern, text)
        first, second = (int(match[each]) for each in ("first", "second")) if match else (0, 0)
        if _MONTHS < max(first, second) <= _DAYS:
            yield "day" if first > _MONTHS else "month", text
        elif first != second and max(first, second) <= _MONTHS:
            yield "either", text


def _one_a_day(texts: pa.Array) -> pa.Array:
    """The first text of each day: moments may all differ, and no more than their beginning is looked at."""
    days = pc.utf8_slice_codeunits(texts, 0, _BEGINNING).dictionary_encode().indices.to_numpy()
    return texts.take(np.sort(np.unique(days, return_index=True)[1]))


def _order(patterns: Sequence[str]) -> str:
    """What stands first in a feed's dates with the year behind: ``day``, ``month``; '' for none of these, or both."""
    orders = {
        "day" if each.index("%d") < each.index("%m") else "month"
        for each in patterns
        if "%d" in each and "%m" in each and re.search("%[dm].*%[dm].*%[yY]", each)
    }
    return orders.pop() if len(orders) == 1 else ""
