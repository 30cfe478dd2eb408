"""How a day or a moment is written → how we write it: ISO 8601.

A feed's ``dates`` are Python's formats, and counts that have a name (``COUNTS``); ISO and ``/Date(…)/`` are
unambiguous and always accepted. A count from 1970 is a moment in UTC; if a day is meant, it is the day whose midnight
the moment is, in UTC or in the feed's zone. A date of zeros only is no date. The hint is written with the feed's own
first format.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures import glyphs
from crossdock.frames import no_dates
from crossdock.frames.columns import all_match, mask
from crossdock.frames.distinct import Wrong

DIRECTIVES = "dmYyHIMSpfbBaAz"
"""The directives that a date format may have."""
SERIAL, EPOCH, EPOCH_MS = "serial", "epoch", "epoch_ms"


@dataclass(frozen=True)
class Count:
    """Dates as a count since 1970: its ``shape`` (a regex for the full text) and how many units are one second.

    The shape fixes the number of digits: a count in another unit, or a day written without marks, never fits it.
    """

    shape: str
    per_second: int
    example: str


COUNTS = {
    EPOCH: Count(r"[1-9][0-9]{8,9}(?:[.,][0-9]{1,6})?", 1, "1798675200"),
    EPOCH_MS: Count(r"[1-9][0-9]{11,12}(?:[.,]0+)?", 1_000, "1798675200000"),
}
"""Counts from 1970, in UTC, by their name in a feed: of the years 1973 to 2286."""
NAMES = (SERIAL, *COUNTS)
"""The names that ``dates`` may have besides formats."""
DAY, MOMENT = r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}", r"T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
"""How most write a day, and what is behind it in a moment."""
ISO = (
    rf"^{DAY}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,6}0*)?)?( ?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9]))?)?$"
)
AS_OURS = rf"^{DAY}({MOMENT})?$"
"""Texts that are what is read of them."""
_NEAR_ISO = rf"^{DAY}[T Z+-]"
_ISO_BESIDE = re.compile(
    r"(?P<moment>[12][0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,6})?)?)"
    r"((?<=[.,][0-9]{6})[0-9]{1,3}0*)? ?(?P<zone>(?i:UTC|GMT)|Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)?"
)
"""Moments as databases and programs write them: with an offset of hours, or ``UTC``; with seven digits of a second
(.NET) or nine (Java, Go), of which six are stored.
"""
_ZONED_DAY = re.compile(r"([12][0-9]{3}-[0-9]{2}-[0-9]{2})(Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])")
"""A day with a zone, as XML Schema's ``date``: the moment in which it begins there (part 2 §3.3.9)."""
JSON_DATE = r"^\\?/Date\((-?[0-9]{1,15})([+-][0-9]{4})?\)\\?/$"
"""Milliseconds since 1970, in UTC whatever the offset after them, as .NET and OData write them."""
ZEROS = (
    r"^(0|0{6}|0{8}|0{14}|0{1,4}([-./ ])0{1,2}[-./ ]0{1,4}|0{8}[T ]0{6}"
    r"|0{1,4}[-./]0{1,2}[-./]0{1,4}[T ] ?0{1,2}(:00){1,2}([.,]0+)?( ?(Z|[+-]00:?00))?)$"
)
"""What programs write if there is no date."""
WEEKDAYS = (
    "monday mon montag mo lundi lun lunes lunedì maandag ma",
    "tuesday tues tue dienstag di mardi mar martes martedì dinsdag",
    "wednesday wed mittwoch mi mercredi mer miércoles mié mercoledì woensdag wo",
    "thursday thurs thur thu donnerstag do jeudi jeu jueves jue giovedì gio donderdag",
    "friday fri freitag fr vendredi ven viernes vie venerdì vrijdag vr",
    "saturday sat samstag sonnabend sa samedi sam sábado sáb sabato sab zaterdag za",
    "sunday sun sonntag so dimanche dim domingo dom domenica zondag zo",
)
"""The names of the days, Monday first: in English, German, French, Spanish, Italian, Dutch."""
_WEEKDAY = {name: day for day, names in enumerate(WEEKDAYS) for name in names.split()}
_SERIAL = re.compile(r"[1-9][0-9]{4}([.,][0-9]+)?")
"""A spreadsheet's number of days, of the years 1927 to 2173."""
_NUMERIC = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{2}|\d{4})(\D.*)?$")
_DIGITS = dict.fromkeys("dmyHIMS", "[0-9]{2}") | {"Y": "[0-9]{4}", "f": "[0-9]{1,6}"}
"""What directives of digits are in full."""
_TOUCHING = re.compile(f"(?:%[{''.join(_DIGITS)}]){{2,}}")
"""Such directives with no mark between them: only their widths part them."""
_OFFSET = r"^.*(?P<offset>[+-][0-9]{2}:?[0-9]{2})"
_FIRST, _LAST = 1000, 2999
"""The contract's dates begin with 1 or 2."""
_SAMPLE = pd.Timestamp(2026, 12, 31)
_PROBES = (pd.Timestamp("2011-02-03 04:05:06Z"), pd.Timestamp("2012-10-11 10:11:12Z"))
"""Moments whose day, month and year may each be taken for another."""


def read(values: pa.Array, patterns: Sequence[str], zone: ZoneInfo, *, days: bool) -> tuple[pa.Array, Wrong]:
    """Texts of dates as ISO 8601 strings, and what is wrong, by place.

    ``values``: strings without nulls. The result is null where a text is no date, or means that there is none.
    ``patterns``: a feed's ``dates``, of which the first that fits counts. ``days``: a day is meant, else a moment.
    """
    if all_match(values, AS_OURS):
        return values, {}
    plain = glyphs.plain(values)
    texts = np.array(plain.to_pylist(), dtype=object)
    none = mask(pc.match_substring_regex(plain, ZEROS))
    if not COUNTS.keys().isdisjoint(patterns):
        none &= texts != "0"  # it may be the first second of 1970
    texts[none] = None
    left = np.flatnonzero(~none & ~mask(pc.match_substring_regex(plain, ISO)))
    if len(left) and mask(pc.match_substring_regex(plain.take(pa.array(left)), _NEAR_ISO)).any():
        left = _put_dates(texts, left, [_iso(text) for text in texts[left]])
    if mask(pc.match_substring(plain, "/Date(")).any():
        left = _put_dates(texts, left, _json_dates(texts[left], zone, days=days))
    wrong: Wrong = {}
    for pattern in patterns:
        if len(left):
            left = _put_dates(texts, left, _fitting(texts[left], pattern, zone, days=days))
    for place in left.tolist():
        wrong[place] = _wrong(texts[place], patterns)
        texts[place] = None
    clean = pa.array(texts.tolist(), pa.string())
    return pc.replace_substring_regex(clean, r"[T ]00:00(:00([.,]0+)?)?$", ""), wrong


def _iso(text: str) -> str | None:
    """A date that is nearly written as ``ISO`` is, so; None where it is not.

    >>> _iso("2026-11-30 10:00:00 UTC"), _iso("2026-11-30 10:00:00+01"), _iso("2026-11-30 10:001")
    ('2026-11-30 10:00:00Z', '2026-11-30 10:00:00+01:00', None)
    >>> _iso("2026-11-30T10:00:00.1234567Z"), _iso("2026-11-30+01:00"), _iso("2026-11-30-05")
    ('2026-11-30T10:00:00.123456Z', '2026-11-30T00:00+01:00', None)
    """
    if day := _ZONED_DAY.fullmatch(text):
        return f"{day[1]}T00:00{day[2]}"
    match = _ISO_BESIDE.fullmatch(text)
    if match is None:
        return None
    zone = match["zone"] or ""
    if zone.startswith(("+", "-")):
        return match["moment"] + (zone if len(zone) > len("+01") else f"{zone}:00")
    return match["moment"] + ("Z" if zone else "")


@dataclass(frozen=True)
class _Contradiction:
    """A text that two formats read as different days; an ``earlier`` of None is ISO, which is always taken."""

    text: str
    earlier: str | None
    later: str

    def __str__(self) -> str:
        one = "ISO, which is always taken," if self.earlier is None else repr(self.earlier)
        return f"{one} and {self.later!r} read {self.text} as two days"


def contradiction(patterns: Sequence[str]) -> _Contradiction | None:
    """The first format of a feed whose dates an earlier one may read as other days; None where there is none.

    The first format that fits a text counts, so each text that both fit would be read without a word as the earlier
    one means it: ``03/04/2026`` as March 4 beside ``13/04/2026`` as April 13.
    """
    for place, later in enumerate(patterns):
        for earlier in (None, *patterns[:place]):
            clash = _clash(earlier, later)
            if clash is not None:
                return clash
    return None


@lru_cache(1024)
def _clash(earlier: str | None, later: str) -> _Contradiction | None:
    """The contradiction of two formats, None where there is none. Kept, because many feeds write the same ones."""
    written = earlier if later in NAMES else later  # of a count and a format, no text may fit both
    if written is None or written in NAMES or written == later == earlier:
        return None
    for probe in _PROBES:
        text = probe.strftime(written)
        one = _day(text, earlier)
        if one is not None and _day(text, later) not in (None, one):
            return _Contradiction(text, earlier, later)
    return None


def _day(text: str, pattern: str | None) -> str | None:
    """The day that a text is by a format (None: ISO); None where it doesn't fit."""
    if pattern is None:
        return text[:10] if re.match(ISO, text) else None
    (read_as,) = _fitting(np.array([text], dtype=object), pattern, ZoneInfo("UTC"), days=False)
    return None if read_as is None else read_as[:10]


def _put_dates(texts: np.ndarray, left: np.ndarray, dates: list[str | None]) -> np.ndarray:
    """Write the dates that were read into ``texts``; returns the places of those that were not (None)."""
    fits = np.array([each is not None for each in dates], dtype=bool)
    texts[left[fits]] = [each for each in dates if each is not None]
    return left[~fits]


def _fitting(texts: np.ndarray, pattern: str, zone: ZoneInfo, *, days: bool) -> list[str | None]:
    """The texts as read by one pattern, None where a text doesn't fit it."""
    if pattern == SERIAL:
        return [serial(text) if _SERIAL.fullmatch(text) else None for text in texts]
    if pattern in COUNTS:
        return [_counted(text, COUNTS[pattern], zone, days=days) for text in texts]
    zoned = "%z" in pattern
    fixed = _of_full_width(texts, pattern)
    weekdays = None
    if re.search("%[aA]", pattern):
        texts, pattern, weekdays = _without_weekday(texts, pattern)
    moments = pd.to_datetime(pd.Series(texts, dtype="str"), format=pattern, errors="coerce", utc=zoned)
    offsets = _offsets(texts) if zoned else np.full(len(texts), "", dtype=object)
    if zoned:
        moments = moments.dt.tz_localize(None) + pd.Series([_length(each) for each in offsets])
    fits = (moments.notna() & moments.dt.year.between(_FIRST, _LAST)).to_numpy(copy=True) & fixed
    if weekdays is not None:  # a date whose name of the day differs is another day
        fits &= (moments.dt.day_of_week == weekdays).to_numpy()
    walls = moments.to_numpy().astype("datetime64[us]" if re.search(r"%[HIMSpfz]", pattern) else "datetime64[D]")
    return [f"{wall}{offset}" if fit else None for fit, wall, offset in zip(fits, walls, offsets, strict=True)]


def _of_full_width(texts: np.ndarray, pattern: str) -> np.ndarray:
    """Which texts have digits that touch in full, bool: else 20261132 is the first of January, at 3:02."""
    runs = [each.span() for each in _TOUCHING.finditer(pattern)]
    if not runs:
        return np.ones(len(texts), dtype=bool)
    shape = ""
    for token in re.finditer(r"%(.)|\s+|.", pattern):
        touches = any(start <= token.start() < end for start, end in runs)
        if token[1]:
            shape += _DIGITS[token[1]] if touches else ".+"
        else:
            shape += r"\s+" if token[0].isspace() else re.escape(token[0])
    return mask(pc.match_substring_regex(pa.array(texts.tolist(), pa.string()), f"(?i)^\\s*{shape}\\s*$"))


def _without_weekday(texts: np.ndarray, pattern: str) -> tuple[np.ndarray, str, np.ndarray]:
    """Texts and pattern without the name of a day and the point after it; the day of each text (Monday is 0), or -1.

    If the pattern has the month's name first, the day is the last such word of the text, else the first.
    """
    word = re.compile(r"([^\W\d_]+)" + ("" if re.search(r"%[aA]\.", pattern) else r"\.?"))
    at = -1 if re.search("%[bB].*%[aA]", pattern) else 0
    bare, days = [], []
    for text in texts:
        names = [each for each in word.finditer(text) if each[1].casefold() in _WEEKDAY]
        days.append(_WEEKDAY[names[at][1].casefold()] if names else -1)
        bare.append(text[: names[at].start()] + text[names[at].end() :] if names else text)
    return np.array(bare, dtype=object), re.sub("%[aA]", "", pattern), np.array(days)


def _offsets(texts: np.ndarray) -> np.ndarray:
    """The offset of each text, ``Z`` if it has none in digits."""
    match = pc.extract_regex(pa.array(texts.tolist(), pa.string()), _OFFSET)
    return np.array(pc.fill_null(pc.struct_field(match, "offset"), "Z").to_pylist(), dtype=object)


def _length(offset: str) -> timedelta:
    if offset == "Z":
        return timedelta()
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return timedelta(minutes=-minutes if offset[0] == "-" else minutes)


def _json_dates(texts: np.ndarray, zone: ZoneInfo, *, days: bool) -> list[str | None]:
    matches = (re.fullmatch(JSON_DATE, text) for text in texts)
    return [_moment(int(each[1]) * 1_000, zone, days=days) if each else None for each in matches]


def _counted(text: str, count: Count, zone: ZoneInfo, *, days: bool) -> str | None:
    if not re.fullmatch(count.shape, text):
        return None
    whole, _, part = text.replace(",", ".").partition(".")
    return _moment(int(whole) * 1_000_000 // count.per_second + int(part[:6].ljust(6, "0")), zone, days=days)


def _moment(microseconds: int, zone: ZoneInfo, *, days: bool) -> str | None:
    """Microseconds since 1970 as a moment in UTC; as a day, if a day is meant and the moment is midnight."""
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
        walls = [moment, moment.astimezone(zone)]
    except OverflowError:
        return None
    if not _FIRST <= moment.year <= _LAST:
        return None
    for wall in walls if days else ():
        if wall.time() == datetime.min.time():
            return wall.date().isoformat()
    return moment.isoformat().replace("+00:00", "Z")


def serial(text: str) -> str:
    """A text of a spreadsheet's number of days as ISO date and time.

    1 is the first day of 1900 (ECMA-376 part 1 §18.17.4.1).
    """
    moment = pd.Timestamp("1899-12-30") + pd.Timedelta(days=float(text.replace(",", ".")))
    return str(np.datetime64(moment.round("s").to_datetime64(), "s"))


def _wrong(text: str, patterns: Sequence[str]) -> tuple[str, dict[str, Any]]:
    example = {"example": _example(patterns)}
    if _SERIAL.fullmatch(text):
        return "serial_date", example | {"reading": serial(text)[:10]}
    if no_dates.means_none(text):
        return "means_no_date", {}
    written = [pattern for pattern in patterns if pattern not in NAMES]
    for pattern in written:
        why = no_dates.reason(no_dates.numbers(text, pattern))
        if why:
            return "no_such_date", example | {"why": why}
    if any(no_dates.has_short_year(text, pattern) for pattern in (no_dates.ISO, *written)):
        return "short_year", example
    if no_dates.is_period(text):
        return "no_day", example
    if no_dates.names_zone(text):
        return "zone_by_name", {"example": f"{_SAMPLE:%Y-%m-%dT%H:%M}-08:00"}
    numeric = _NUMERIC.match(text)
    if numeric is None or written:
        return "not_a_date", example
    first, second, year = int(numeric[1]), int(numeric[2]), numeric[3]
    readings = [
        f"{year if len(year) == 4 else '20' + year}-{month:02}-{day:02}"
        for day, month in ((first, second), (second, first))
        if month <= 12 and day <= 31
    ]
    if len(readings) == 2 and readings[0] != readings[1]:
        return "ambiguous_date", {"one": readings[0], "other": readings[1]}
    return "not_a_date", example


def _sample(pattern: str) -> str:
    return _SAMPLE.tz_localize(UTC).strftime(pattern)


def _example(patterns: Sequence[str]) -> str:
    """An example of a right date: by the feed's first format, else by its first count from 1970, else ISO."""
    formats = [_sample(pattern) for pattern in patterns if pattern not in NAMES]
    counts = [COUNTS[pattern].example for pattern in patterns if pattern in COUNTS]
    return [*formats, *counts, f"{_SAMPLE:%Y-%m-%d}"][0]
