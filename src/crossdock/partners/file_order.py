"""The order of a partner's files: by the date in their names, by their numbers, or as they arrive; never by words.

A date in a name sorts as a date however it is written. Day and month are told apart by the number that is more than 12;
where both may be either, by the feed's first format of dates, else by the partner's country.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from importlib.resources import files
from zoneinfo import ZoneInfo

from crossdock.frames.natural_order import numbers

NAME, ARRIVAL = "name", "arrival"
"""The orders that are no format of a date."""
MONTH_FIRST = ("US", "AS", "GU", "MP", "PR", "VI", "PH", "FM", "MH", "PW")
"""The countries (ISO 3166) that write the month before the day in numbers: the United States and those near to them."""
SHAPES = {
    "d": r"\d{2}",
    "m": r"\d{2}",
    "Y": r"\d{4}",
    "y": r"\d{2}",
    "H": r"\d{2}",
    "I": r"\d{2}",
    "M": r"\d{2}",
    "S": r"\d{2}",
    "b": r"[^\W\d_]{3,}",
    "B": r"[^\W\d_]{3,}",
    "p": r"[AaPp][Mm]",
}
"""What each directive of a format is in a name, as a regular expression."""
_DAY = re.compile(r"(?<!\d)(\d{1,2})([-._ ]?)(\d{1,2})\2(20\d{2})(?!\d)")
"""A day, a month and a year of this century, in that order or with the month first."""
_ISO_DAY = re.compile(r"(?<!\d)(20\d{2})([-._ ])(\d{1,2})\2(\d{1,2})(?!\d)")
"""A year, a month and a day, with marks between them."""


@dataclass(frozen=True)
class FileOrder:
    """The order of the files of one feed. ``order``: ``NAME``, ``ARRIVAL``, a format of the date in a name, or None:
    the date that a name shows, else its numbers. ``dates``, ``zone``: the feed's.
    """

    order: str | None
    dates: Sequence[str]
    zone: ZoneInfo

    def sequence(self, name: str) -> str | None:
        """A text that sorts a file among those of its feed: the numbers of its name, the first one first; '' where
        there is none, None where the name lacks the date that ``order`` wants.

        Words do not matter: ``late_11.csv`` comes before ``orders_12.csv``. A number more is the later one: a browser
        that saves once more calls it ``orders_10 (1).csv``. Equal texts: the files count in the order in which they
        arrive.
        """
        if self.order == ARRIVAL:
            return ""
        if self.order == NAME:
            return numbers(name)
        if self.order is None:
            return numbers(_DAY.sub(self._as_iso, _ISO_DAY.sub(_unmarked, name)))
        moment = _moment(name, self.order)
        return None if moment is None else numbers(f"{moment.isoformat()} {name}")

    def _as_iso(self, date: re.Match[str]) -> str:
        """The date in a name as ISO writes it; as it is where it is none."""
        text, (first, mark, second, year) = date[0], date.groups()
        if not mark and len(first + second) < 4:
            return text
        month, day = (first, second) if self._is_month_first(int(first), int(second)) else (second, first)
        return _written(year, month, day, text)

    def _is_month_first(self, first: int, second: int) -> bool:
        return second > 12 if max(first, second) > 12 else self._writes_month_first

    @cached_property
    def _writes_month_first(self) -> bool:
        for pattern in self.dates:
            if "%d" in pattern and "%m" in pattern:
                return pattern.index("%m") < pattern.index("%d")
        return _country(self.zone.key) in MONTH_FIRST


def _unmarked(date: re.Match[str]) -> str:
    """A date in ISO's order without its marks, so that it sorts among others; as it is where it is none."""
    return _written(date[1], date[3], date[4], date[0])


def _written(year: str, month: str, day: str, text: str) -> str:
    exists = 1 <= int(month) <= 12 and 1 <= int(day) <= 31
    return f"{year}{int(month):02}{int(day):02}" if exists else text


def _pattern_of(order: str) -> str:
    """A format of a date as a regular expression. Raises ``KeyError`` with a directive that no name has."""
    parts = re.split(r"(%.)", order)
    return "".join(SHAPES[each[1]] if re.fullmatch("%.", each) else re.escape(each) for each in parts)


def _moment(name: str, order: str) -> datetime | None:
    """The first date of that format in a name."""
    for text in re.finditer(rf"(?=({_pattern_of(order)}))", name, re.IGNORECASE):
        try:
            return datetime.strptime(text[1], order)  # noqa: DTZ007  # it only sorts
        except ValueError:
            continue
    return None


@cache
def _country(zone: str) -> str:
    """The country (ISO 3166) of a time zone; '' if there is none, such as of ``UTC``."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return next((row[0] for row in rows if row[2] == zone), "US" if zone.startswith("US/") else "")
