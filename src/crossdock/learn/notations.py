"""How a file writes dates and numbers, proved over all its values.

A way to write is proved if every value fits it and no other candidate that fits all reads another value anywhere.
The readings are those of the import itself (``frames.dates``, ``frames.numerals``), so what is proved here is read so
there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import pyarrow as pa

from crossdock.frames import dates
from crossdock.frames.numerals import SIGNS, Spelling

ISO = ""
"""The format of dates that needs no key."""
_DAYS = tuple(
    day.replace("-", mark)
    for day in ("%d-%m-%Y", "%m-%d-%Y", "%Y-%m-%d", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d")
    for mark in (".", "/", "-", " ")
    if not (mark == "." and day.startswith("%m"))  # nobody writes the month first with points
)
_NAMED = (
    *("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d/%b/%Y", "%b %d, %Y", "%b %d %Y", "%b-%d-%y", "%b-%d-%Y", "%d. %b %Y"),
    *("%d %B %Y", "%B %d, %Y", "%d. %B %Y", "%d%b%Y", "%d-%B-%Y", "%d.%b.%Y"),
)
_TIMES = (
    "",
    " %H:%M",
    " %H:%M:%S",
    " %H:%M:%S.%f",
    " %I:%M %p",
    " %I:%M:%S %p",
    " %H:%M %z",
    " %H:%M:%S %z",
    "T%H:%M:%S",
)
PATTERNS = (
    *(f"{day}{time}" for day in (*_DAYS, *_NAMED) for time in _TIMES),
    *(f"%a {day}" for day in _DAYS),
    *("%Y%m%d", "%d%m%Y", "%m%d%Y", "%y%m%d", "%Y%m%d%H%M%S", "%Y%m%d %H%M%S", dates.EPOCH, dates.EPOCH_MS),
)
"""The formats of dates that are tried, the usual ones first."""
FIRST, LAST = "1980", "2099"
"""The years of business: a format that reads others is none that was meant."""
NO_DATE = re.compile(r"(?<!\d)(9999|1753|1899|1900)(?!\d)|^(9999|1753|1900)\d{4}$")
"""The years that programs write where there is no date."""
_DATE_SHAPE = re.compile(r"\d")
MARKS = tuple(
    (decimal, thousands) for decimal in (".", ",") for thousands in ("", ",", ".", " ", "'") if decimal != thousands
)
"""Decimal mark and grouping mark, the plainest first."""
_UTC = ZoneInfo("UTC")
_MONEY_WORDS = re.compile(r"[^\d\s.,'’+\-−()%]{1,4}")


@dataclass(frozen=True)
class Dates:
    """The formats that fit all dates of a column: each with its readings; ``times``: some is no midnight."""

    readings: dict[str, tuple[str, ...]]

    @property
    def proved(self) -> str | None:
        """The format; ``ISO`` if none is needed; None if more than one reading is possible."""
        distinct = set(self.readings.values())
        return next(iter(self.readings)) if len(distinct) == 1 else None

    @property
    def times(self) -> bool:
        """Whether the readings have a time of day."""
        return any(len(value) > 10 for value in next(iter(self.readings.values())))


def dates_of(values: Sequence[str]) -> Dates | None:
    """The formats that fit all these texts; None if there is none."""
    values = [each for each in values if not NO_DATE.search(each)]
    if not values or not all(_DATE_SHAPE.search(each) for each in values[:50]):
        return None
    if max(map(len, values)) > 40:
        return None
    texts = pa.array(values, pa.string())
    clean, wrong = dates.read(texts, (), _UTC, days=False)
    if not wrong and clean.null_count < len(clean):
        return Dates({ISO: tuple(each or "" for each in clean.to_pylist())})
    first = pa.array(values[:20], pa.string())
    readings: dict[str, tuple[str, ...]] = {}
    for pattern in _possible(values[0]):
        if dates.read(first, (pattern,), _UTC, days=False)[1]:
            continue
        clean, wrong = dates.read(texts, (pattern,), _UTC, days=False)
        read = tuple(each or "" for each in clean.to_pylist())
        if not wrong and any(read) and all(FIRST <= each[:4] <= LAST for each in read if each):
            readings[pattern] = read
    return Dates(readings) if readings else None


def _possible(value: str) -> list[str]:
    """The formats that a value may have by the marks between its digits."""
    shape = _marks(value)
    return [pattern for pattern, marks in _marked() if marks == shape]


@cache
def _marked() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (pattern, () if pattern in dates.NAMES else _marks(re.sub("%p", "AM", _sample(pattern))))
        for pattern in PATTERNS
    )


def _sample(pattern: str) -> str:
    return datetime(2026, 5, 12, 10, 30, 15, tzinfo=UTC).strftime(pattern)


def _marks(value: str) -> tuple[str, ...]:
    return tuple(mark for mark in re.findall(r"[^\w\s]|\s+", value) if mark not in ("+", "-") or value.count(mark) > 1)


def spelling(marks: tuple[str, str], *, parentheses: bool, percent: bool, currency: str) -> Spelling:
    """How numbers are written, as the import reads them."""
    return Spelling(
        decimal=marks[0],
        thousands=marks[1],
        parentheses=parentheses,
        percent="number" if percent else "",
        currency=currency,
    )


@dataclass(frozen=True)
class Numbers:
    """What fits all numbers of a column: readings by marks, and what it needs besides."""

    readings: dict[tuple[str, str], tuple[str, ...]]
    parentheses: bool = False
    percent: bool = False
    currencies: tuple[str, ...] = ()

    @property
    def values(self) -> list[float]:
        """The values by the plainest marks."""
        return [float(each) for each in next(iter(self.readings.values())) if each]


def numbers_of(values: Sequence[str]) -> Numbers | None:
    """The marks that fit all these texts; None if they are no numbers."""
    if not values or not all(any(letter.isdigit() for letter in each) for each in values[:50]):
        return None
    if max(map(len, values)) > 30:
        return None
    parentheses = any(each.startswith("(") and each.endswith(")") for each in values)
    percent = any("%" in each for each in values)
    words = {word for each in values for word in _MONEY_WORDS.findall(each)}
    currencies = _currencies(words) if words else ("",)
    texts = pa.array(values, pa.string())
    readings: dict[tuple[str, str], tuple[str, ...]] = {}
    fitting = []
    for currency in currencies:
        fits = {}
        for marks in MARKS:
            clean, wrong = spelling(marks, parentheses=parentheses, percent=percent, currency=currency).read(texts)
            if not wrong and not clean.null_count:
                fits[marks] = tuple(clean.to_pylist())
        if fits:
            readings = readings or fits
            fitting.append(currency)
    if not readings:
        return None
    return Numbers(readings, parentheses, percent, tuple(each for each in fitting if each))


def _currencies(words: set[str]) -> tuple[str, ...]:
    """The currencies that have all these signs or codes."""
    signs = {code: {code, *each} for code, each in SIGNS.items()}
    folded = {word.strip(".").casefold() for word in words}
    return tuple(code for code, each in signs.items() if folded <= {sign.strip(".").casefold() for sign in each})


def marks_of(columns: Sequence[Numbers]) -> tuple[tuple[str, str] | None, bool]:
    """The marks that fit all columns and mean one value each, and whether they are proved; None if none fits all."""
    fitting = [marks for marks in MARKS if all(marks in each.readings for each in columns)]
    if not fitting:
        return None, False
    plainest = fitting[0]
    same = all(each.readings[marks] == each.readings[plainest] for each in columns for marks in fitting)
    return plainest, same
