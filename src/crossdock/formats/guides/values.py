"""Values of a set by their paths: ``W0502``, ``DTM*002``, ``N1*ST.N104``; addresses and ids of items.

Everything here reads a ``Loop`` and returns text as sent; what a value means is the pipeline's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crossdock.formats.edi.interchange import X12
from crossdock.formats.edi.syntax import Syntax
from crossdock.formats.guides.dictionary import Segment, Spot
from crossdock.formats.guides.guide import Path
from crossdock.formats.guides.walk import Loop, Placed

DATED = "DTM"
"""The segment that has dates in both standards."""
CENTURY, PERIODS, RANGE = ("101", "201"), ("718", "719"), "RD8"
"""Codes of dates (2379) without a century, of periods from a day to another one; X12's of such (1250)."""
DAYS = frozenset(("", "2", "3", "4", "101", "102", "201", "203", "204", "205", "303", "304", *PERIODS))
"""Codes of dates (2379) that tell a day; every other tells none, such as a month (610) or a week (616)."""
BACKWARDS = {"2": (0, 2), "3": (2, 0)}
"""Codes of days (2379) that end with a year of two digits, and where their day and month stand."""
ZONED = {"303": 12, "304": 14}
"""Codes of moments (2379) with a zone behind so many digits."""
OFFSETS = {"UT": "+0000", "GM": "+0000", "UTC": "+0000", "GMT": "+0000", "Z": "+0000", "ES": "-0500", "ED": "-0400",
           "CS": "-0600", "CD": "-0500", "MS": "-0700", "MD": "-0600", "PS": "-0800", "PD": "-0700", "AS": "-0900",
           "AD": "-0800", "HS": "-1000", "HD": "-0900", "NS": "-0330", "ND": "-0230", "TS": "-0400", "TD": "-0300",
           "EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500", "MST": "-0700", "MDT": "-0600",
           "PST": "-0800", "PDT": "-0700", "CET": "+0100", "MEZ": "+0100",
           **{f"{hours:02}": f"+{hours:02}00" for hours in range(1, 13)},
           **{f"{25 - hours:02}": f"-{hours:02}00" for hours in range(1, 13)}}  # fmt: skip
"""Zones of times (X12 623, EDIFACT) that are an offset from UTC whatever the day."""
PLACES = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
    "AT": "America/Anchorage",
    "HT": "Pacific/Honolulu",
    "NT": "America/St_Johns",
    "TT": "America/Halifax",
}
"""Zones of times (X12 623) whose offset is that of the day, each by a place in it."""
DAY, MINUTE = 8, 12
"""Digits of a day, CCYYMMDD, and of one with hours and minutes."""
SHORT = 6
"""Digits of a date without its century."""
NEAREST = 50
"""Years of two digits up to this one are of this century."""


Span = tuple[str, str]
"""Where numbers begin and end; a single one ends where it begins."""
IN_COMPONENTS, BESIDE = frozenset(("GIN",)), frozenset(("MAN",))
"""Segments with ranges of numbers: begin and end are components of one element, or elements beside each other."""


def _reached(path: Path, loops: Sequence[Loop]) -> Iterator[Loop]:
    """The loops in which a path is looked for: none of the loops beside."""
    inside = ""
    for loop in loops:
        name = path.loop or path.segment
        if inside != name and name in (loop.loops if path.loop else loop.segments):
            yield loop
        inside = loop.first.id if loop.first else ""


def offset_of(zone: str, day: str, time: str) -> str:
    """The offset from UTC that a zone has at a moment; '' if that isn't known, or the moment isn't.

    >>> offset_of("ET", "20261120", "2330"), offset_of("ET", "20260720", "2330"), offset_of("LT", "20261120", "2330")
    ('-0500', '-0400', '')
    """
    if zone not in PLACES:
        return OFFSETS.get(zone, "")
    try:
        wall = datetime.strptime((day + time)[:MINUTE], "%Y%m%d%H%M").replace(tzinfo=ZoneInfo(PLACES[zone]))
    except ValueError:
        return ""
    doubled_or_skipped = wall.utcoffset() != wall.replace(fold=1).utcoffset()
    return "" if doubled_or_skipped else f"{wall:%z}"


def _century(year: str) -> str:
    """The century of a year of two digits: the one that is nearest."""
    return "20" if year <= f"{NEAREST:02}" else "19"


@dataclass(frozen=True)
class Values:
    """The values of one interchange's sets: its separators and the segments of its release."""

    syntax: Syntax
    segments: Mapping[str, Segment]

    def of(self, path: Path, loop: Loop) -> Iterator[str]:
        """Every value of a path in a loop, in the order of the file; blanks are left out."""
        for segment in self._segments(path, loop):
            yield from self._in(path, segment)

    def _segments(self, path: Path, loop: Loop) -> Iterator[Placed]:
        """The segments in which a path may have a value."""
        if not path.loop:
            yield from loop.segments.get(path.segment, ())
            return
        for each in loop.loops.get(path.loop, ()):
            if not path.of or self.at(each.first, Spot(1)) == path.of:
                yield from each.segments.get(path.segment, ())

    def around(self, path: Path, loops: Sequence[Loop]) -> Iterator[str]:
        """Every value of a path in some loops, from the innermost outwards, and none of the loops beside."""
        for loop in _reached(path, loops):
            yield from self.of(path, loop)

    def by_loop(self, path: Path, loops: Sequence[Loop]) -> Iterator[list[str]]:
        """The values of a path in each of the loops that ``around`` looks into."""
        for loop in _reached(path, loops):
            yield list(self.of(path, loop))

    def numbers(self, paths: Sequence[Path], loops: Sequence[Loop]) -> list[Span]:
        """The different numbers of some paths in the innermost loop that has one."""
        for loop in loops:
            spans = (
                span
                for path in paths
                if any(each is loop for each in _reached(path, loops))
                for segment in self._segments(path, loop)
                for span in self._spans(path, segment)
            )
            different = list(dict.fromkeys(spans))
            if different:
                return different
        return []

    def _spans(self, path: Path, segment: Placed) -> Iterator[Span]:
        """The numbers of a segment, each as where it begins and ends."""
        for spot in self._meant(path, segment):
            begin, end = spot, None
            if segment.id in IN_COMPONENTS:
                begin, end = Spot(spot.element, 1), Spot(spot.element, 2)
            elif segment.id in BESIDE:
                end = Spot(spot.element + 1)
            period = self._period(segment)
            first = self._dated(segment, self.at(segment, begin))
            if period:
                yield period
            elif first:
                yield first, (self.at(segment, end) if end else "") or first

    def periods(self, path: Path, loops: Sequence[Loop]) -> Iterator[Span]:
        """The periods that stand where a path means a day: their first and last day."""
        for loop in _reached(path, loops):
            for segment in self._segments(path, loop):
                period = self._period(segment) if any(self._meant(path, segment)) else None
                if period:
                    yield period

    def _period(self, segment: Placed) -> Span | None:
        """The first and the last day of a period; None if a segment has none."""
        if segment.id != DATED:
            return None
        kind, spot = (Spot(5), Spot(6)) if self.syntax.standard == X12 else (Spot(1, 3), Spot(1, 2))
        if self.at(segment, kind) not in (*PERIODS, RANGE):
            return None
        digits = "".join(filter(str.isdigit, self.at(segment, spot)))
        half = len(digits) // 2
        return (digits[:DAY], digits[half:][:DAY]) if half >= DAY else None

    def first(self, paths: Sequence[Path], loops: Sequence[Loop]) -> str:
        """The first value that isn't blank, by path and then from the innermost loop outwards; '' if there is none."""
        for path in paths:
            for value in self.around(path, loops):
                return value
        return ""

    def _in(self, path: Path, segment: Placed) -> Iterator[str]:
        for spot in self._meant(path, segment):
            value = self.at(segment, spot)
            if not value and segment.id == DATED:
                value, _ = self._period(segment) or ("", "")
            value = value if path.element else self._dated(segment, value)
            if value:
                yield value

    def _meant(self, path: Path, segment: Placed) -> Iterator[Spot]:
        """The places of a segment that a path means."""
        if path.element:
            yield path.spot
            return
        for qualifier, spot in self._spots(segment):
            if not path.qualifiers or (qualifier in path.qualifiers) is not path.but:
                yield self.beside(spot, path.beside) if path.beside else spot

    def beside(self, spot: Spot, beside: int) -> Spot:
        """Another component of the element, in EDIFACT; in X12 another element of the segment."""
        return Spot(beside, 1) if self.syntax.standard == X12 else Spot(spot.element, beside)

    def qualified(self, segment: Placed) -> Iterator[tuple[str, str]]:
        """The values of a segment that another element tells of: what that says, and the value."""
        for qualifier, spot in self._spots(segment):
            value = self.at(segment, spot)
            if value:
                yield qualifier, value

    def qualifier_of(self, segment: Placed, spot: Spot) -> str:
        """What another element says that the one at a place is; '' if none does."""
        return next((qualifier for qualifier, about in self._spots(segment) if about == spot), "")

    def _spots(self, segment: Placed) -> Iterator[tuple[str, Spot]]:
        """What each element says that tells what another one is, and where that stands."""
        defined = self.segments.get(segment.id)
        for pair in defined.pairs_of(len(segment.parts)) if defined else ():
            yield self.at(segment, pair.tells), pair.about

    def tells_no_day(self, segment: Placed) -> bool:
        """Whether a segment of dates has one of a kind that is no day."""
        return segment.id == DATED and self.syntax.standard != X12 and self.at(segment, Spot(1, 3)) not in DAYS

    def _dated(self, segment: Placed, value: str) -> str:
        """A date as CCYYMMDD, with a time of day behind it where it has one; of a period its first day; '' if none."""
        if segment.id != DATED or self.syntax.standard == X12:
            return value
        kind = self.at(segment, Spot(1, 3))
        if kind not in DAYS:
            return ""
        if kind in CENTURY:
            return _century(value[:2]) + value
        if kind in BACKWARDS and len(value) == SHORT:
            day, month = (value[at : at + 2] for at in BACKWARDS[kind])
            return _century(value[4:]) + value[4:] + month + day
        if kind == "4":
            return value[4:] + value[2:4] + value[:2]
        if kind in ZONED:
            return value[: ZONED[kind]] + OFFSETS.get(value[ZONED[kind] :].strip(), value[ZONED[kind] :])
        return value[:DAY] if kind in PERIODS else value

    def at(self, segment: Placed | None, spot: Spot) -> str:
        """The text at a place of a segment; '' if there is none. Dates of six digits get their century."""
        if segment is None or spot.element >= len(segment.parts):
            return ""
        part = segment.parts[spot.element]
        if not part:
            return ""
        if spot.component == 0:
            if self.syntax.standard != X12:
                return self._whole(part)
            text = self.syntax.text(part).strip()
            return self._with_century(segment, spot, text) if len(text) == SHORT and text.isdigit() else text
        components = self.syntax.components(part)
        return components[spot.component - 1].strip() if spot.component <= len(components) else ""

    def _with_century(self, segment: Placed, spot: Spot, text: str) -> str:
        """A date of six digits with its century; another text as it is."""
        defined = self.segments.get(segment.id)
        elements = defined.elements if defined else ()
        is_date = spot.element <= len(elements) and elements[spot.element - 1].type == "DT"
        return _century(text[:2]) + text if is_date else text

    def _whole(self, part: str) -> str:
        """An element of EDIFACT as one text: its components, a blank between them."""
        return " ".join(each.strip() for each in self.syntax.components(part) if each.strip())

    def number(self, text: str) -> str:
        """A number with a point as its decimal mark; what is none, or may be another, so that it is none of ours."""
        return self.syntax.number(text)
