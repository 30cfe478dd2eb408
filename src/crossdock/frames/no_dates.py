"""Why a text that is written like a date is none: in words, for the hint of its failure.

``31.11.2026`` is a day that November lacks, ``05.13.2026`` has no such month and may be meant the other way round,
``2026-W48`` is a week, ``05.11.26`` has half a year. Only digits are looked at; names of days and months are left to
``dates``.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from functools import cache

ISO = (
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"(?:[T ](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2}))?.*)?"
)
"""How a date of ISO 8601 is written: takes the place of a feed's format."""
FIRST_YEAR = 1000
MONTHS, DAYS, FEBRUARY = 12, 31, 2
_NAMES = {"d": "day", "m": "month", "Y": "year", "H": "hour", "M": "minute", "S": "second"}
_SHORT = frozenset("dmHMSI")
"""Numbers of one or two digits; of two where another one follows at once."""
_SHAPES = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "f": "[0-9]+",
    "z": "(?:Z|[+-][0-9]{2}:?[0-9]{2})",
}
_LIMITS = {
    "hour": (23, "an hour is 0 to 23"),
    "minute": (59, "a minute is 0 to 59"),
    "second": (59, "a second is 0 to 59"),
}
_YEAR = "(?:19|20)[0-9]{2}"
_PERIOD = re.compile(
    rf"(?i)(?:{_YEAR}[-/ .]?)?(?:W|KW|CW|WK|week|woche|semaine|semana)[-. ]?[0-9]{{1,2}}(?:[-/ .](?:20)?[0-9]{{2}})?"
    rf"|[0-9]{{1,2}}[-/. ]{_YEAR}|{_YEAR}[-/. ][0-9]{{1,2}}"
    rf"|Q[1-4][-/ .]?(?:20)?[0-9]{{2}}|{_YEAR}[-/ .]?Q[1-4]"
    rf"|[^\W\d_]{{3,9}}\.? {_YEAR}"
)
_NO_DAY = re.compile(
    r"(?:9999([-./]?)[01][0-9]\1[0-3][0-9]|[0-3]?[0-9]([-./])[0-3]?[0-9]\2(?:9999)|[0-3][0-9]{3}9999"
    r"|0001([-./]?)01\3(?:01)|0?1([-./])0?1\4(?:0001)|01010001)(?:[T ].*)?"
)
"""SQL, SAP and .NET: the last year with four digits, the first day of the first one."""
_ZONE = re.compile(
    r"(?i)[0-9]:[0-9]{2}\b.*?[ \[](?!AM\b|PM\b|UTC\b|GMT\b|UHR\b|HRS\b|HOURS\b)(?:[A-Z]{3,5}|[A-Z]+/[A-Z_]+)\]?$"
)


def means_none(text: str) -> bool:
    """Whether a text is the first or the last day that a program knows, written where there is none.

    >>> means_none("9999-12-31"), means_none("12/31/9999"), means_none("99991231"), means_none("0001-01-01T00:00:00")
    (True, True, True, True)
    >>> means_none("31.12.2099"), means_none("05.11.0026"), means_none("0001-11-05")
    (False, False, False)
    """
    return _NO_DAY.fullmatch(text) is not None


def is_period(text: str) -> bool:
    """Whether a text names a week, a month or a quarter, and no day.

    >>> is_period("2026-W48"), is_period("KW 48/2026"), is_period("11/2026"), is_period("2026-11-30")
    (True, True, True, False)
    """
    return _PERIOD.fullmatch(text) is not None


def names_zone(text: str) -> bool:
    """Whether a moment has the name of its zone: which offset that means, the name alone doesn't say.

    >>> names_zone("2026-11-30 10:00 PST"), names_zone("2026-11-30 10:00 AM"), names_zone("2026-11-30 PST")
    (True, False, False)
    """
    return _ZONE.search(text) is not None


def numbers(text: str, pattern: str) -> dict[str, int]:
    """The numbers of a text that is written like a format (``ISO``, or one of Python's): day, month, year, hour …

    Empty where it is not written so.

    >>> numbers("31.11.2026", "%d.%m.%Y")
    {'day': 31, 'month': 11, 'year': 2026}
    """
    match = re.fullmatch(_regex(pattern), text)
    return {name: int(digits) for name, digits in match.groupdict().items() if digits} if match else {}


def has_short_year(text: str, pattern: str) -> bool:
    """Whether a text is written like a format, but for its year: of two digits, or with zeros in front.

    >>> has_short_year("05.11.26", "%d.%m.%Y"), has_short_year("05.11.0026", "%d.%m.%Y")
    (True, True)
    >>> has_short_year("261105", "%Y%m%d"), has_short_year("2026", "%Y%m%d")
    (True, False)
    """
    if "%Y" not in pattern and pattern != ISO:
        return False
    year = numbers(text, pattern).get("year", FIRST_YEAR)
    return year < FIRST_YEAR or bool(pattern != ISO and re.fullmatch(_regex(pattern.replace("%Y", "%y")), text))


@cache
def _regex(pattern: str) -> str:
    if pattern == ISO:
        return ISO
    written, width = "", "[0-9]{2}" if re.search("%.%", pattern) else "[0-9]{1,2}"
    for token in re.finditer(r"%(.)|\s+|.", pattern):
        own, name = token[1] or "", _NAMES.get(token[1] or "")
        shape = width if own in _SHORT else _SHAPES.get(own, r"[^\W\d_]+\.?")
        if token[1]:
            written += f"(?P<{name}>{shape})" if name and f"<{name}>" not in written else shape
        else:
            written += r"\s+" if token[0].isspace() else re.escape(token[0])
    return written


def reason(of: Mapping[str, int]) -> str:
    """Why there is no such day or time; '' where there is one. ``of``: as ``numbers`` returns them.

    >>> reason({"day": 31, "month": 11, "year": 2026}), reason({"day": 29, "month": 2, "year": 2025})
    ('November has 30 days', 'February has 28 days in 2025')
    >>> reason({"day": 5, "month": 13, "year": 2026})
    'there is no month 13; with day and month the other way round it is 2026-05-13'
    """
    day, month, year = (of.get(each, 1) for each in ("day", "month", "year"))
    if not 1 <= month <= MONTHS:
        turned = 1 <= day <= MONTHS and month <= calendar.monthrange(year, day)[1] if "day" in of and month else False
        other = f"; with day and month the other way round it is {year:04}-{day:02}-{month:02}" if turned else ""
        return f"there is no month {month}{other}"
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        leap = f" in {year}" if month == FEBRUARY else ""
        return f"{calendar.month_name[month]} has {last} days{leap}" if day else "there is no day 0"
    return next((words for each, (most, words) in _LIMITS.items() if of.get(each, 0) > most), "")
