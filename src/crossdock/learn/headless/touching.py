"""Columns of fixed width that touch: no blank is between them, and only their values can part them.

A cut is proved where every line shows it: a day between other characters, a number with zeros in front before a day or
a word, a unit or a currency behind a number, a number with zeros behind a text that is shorter in some line. What only
looks like two columns stays one: a day may be the beginning of an order's number, and letters the end of an item's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, pairwise

from crossdock.schema.codes import currencies, is_gtin, units

FEWEST_LINES = 3
"""With fewer lines values show nothing."""
LOOKED_AT = 200
"""Lines in which a cut is searched, before all of them prove it."""
DAY = 8
"""Digits of a day without marks."""
LONGEST_NUMBER = 12
"""The most digits that are certainly one number."""
YEARS = range(1980, 2100)
"""The years of business: digits that are days of others are something else."""
_MARKED_DAYS = {
    r"\d\d\.\d\d\.\d{4}": ("%d.%m.%Y",),
    r"\d\d/\d\d/\d{4}": ("%d/%m/%Y", "%m/%d/%Y"),
    r"\d{4}-\d\d-\d\d": ("%Y-%m-%d",),
    r"\d{4}/\d\d/\d\d": ("%Y/%m/%d",),
}
_BARE_DAYS = ("%Y%m%d", "%d%m%Y", "%m%d%Y")
_TIME = re.compile(r"[ T]\d\d:\d\d")
_PADDED = re.compile(r"00\d{3,}")
_MEASURED = re.compile(r" *(\d[\d.,]*-?)([A-Z]{2,3})(?![A-Z])")
_DECIMALS = re.compile(r"\d[.,]\d+-?$")
_WORD_BEHIND = re.compile(r"(00\d{3,})(?=[^\W\d_])([^\W\d_]{3})?")
_NUMBER_BEHIND = re.compile(r"(?<=[^\d.,-])0\d{3,}(?=[A-Z]{0,3}$)")


def cuts(cells: Sequence[str]) -> list[int]:
    """Where the texts of a column are certainly cut, in characters from their beginning; none where nothing is proved.

    ``cells``: with their blanks, one per line.
    """
    width = max(map(len, cells), default=0)
    padded = [cell.ljust(width) for cell in cells if cell.strip()]
    if len(padded) < FEWEST_LINES or width < 2:
        return []
    places = _places(padded[:LOOKED_AT])
    if places and len(padded) > LOOKED_AT:
        places &= _places(padded)
    places -= {0, width}
    spans = list(pairwise((0, *sorted(places), width))) if places else []
    inside = [start + place for start, end in spans for place in cuts([cell[start:end] for cell in padded])]
    return sorted((*places, *inside))


def _places(cells: Sequence[str]) -> set[int]:
    return set(chain.from_iterable(chain(_marked_days(cells), _days(cells), _codes(cells), _words(cells))))


def may_be_several(cells: Sequence[str]) -> bool:
    """Whether the texts of a column may be those of several, though nothing proves where they are cut.

    Their digits are more than a number has, or letters follow digits at one place of all.
    """
    texts = [cell.strip() for cell in cells if cell.strip()]
    if len(texts) < FEWEST_LINES or len({len(each) for each in texts}) > 1 or all(map(is_gtin, texts)):
        return False
    long = all(re.search(rf"\d{{{LONGEST_NUMBER + 1}}}", each) for each in texts)
    places = range(1, len(texts[0]))
    return long or any(all(each[at - 1].isdigit() and each[at].isalpha() for each in texts) for at in places)


def _marked_days(cells: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The spans of days with marks that all cells have at one place; a time behind one is part of it."""
    for pattern, formats in _MARKED_DAYS.items():
        for match in re.finditer(pattern, cells[0]):
            start, end = match.span()
            if _are_days((cell[start:end] for cell in cells), formats) and not any(_TIME.match(e[end:]) for e in cells):
                yield (start, end)


def _days(cells: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The only span of eight digits that are a day in all cells, behind a number with zeros or a text that ends."""
    starts = range(1, len(cells[0]) - DAY + 1)
    spans = [(start, start + DAY) for start in starts if all(each[start : start + DAY].isdigit() for each in cells)]
    fitting = [(start, end) for start, end in spans if _are_days((each[start:end] for each in cells), _BARE_DAYS)]
    if len(fitting) != 1:
        return
    before = [cell[: fitting[0][0]] for cell in cells]
    number = all(_PADDED.search(each) and each[-1].isdigit() for each in before)
    apart = any(each[-1] == " " for each in before) and not any(each[-1].isdigit() for each in before)
    if number or apart:
        yield fitting[0]


def _are_days(texts: Iterable[str], formats: Sequence[str]) -> bool:
    """Whether texts are days by one of these formats, and not always the same."""
    days = set(texts)
    return len(days) > 1 and any(all(_is_day(day, each) for day in days) for each in formats)


def _is_day(text: str, form: str) -> bool:
    try:
        return datetime.strptime(text, form).year in YEARS  # noqa: DTZ007
    except ValueError:
        return False


def _codes(cells: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The spans of codes behind a number: units and currencies, and any behind a number with decimals."""
    behind = 0
    while matches := [match for cell in cells if (match := _MEASURED.match(cell, behind))]:
        starts, numbers = {each.start(2) for each in matches}, {each[1] for each in matches}
        codes = {each[2] for each in matches}
        known = codes <= units().keys() or codes <= currencies().keys() or all(map(_DECIMALS.search, numbers))
        if len(matches) < len(cells) or len(starts) > 1 or len(numbers) < 2 or not known:
            return
        ends = {each.end(2) for each in matches}
        yield (min(starts), min(starts))
        if len(ends) > 1 or not all(cell[min(ends) : min(ends) + 1].isdigit() for cell in cells):
            return
        behind = min(ends)
        yield (behind, behind)


def _words(cells: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Numbers with zeros before words, and behind texts that are shorter in some cell."""
    matches = [match for cell in cells if (match := _WORD_BEHIND.match(cell))]
    ends = {match.end(1) for match in matches}
    if len(matches) == len(cells) and len(ends) == 1:
        end = ends.pop()
        if all(match[2] for match in matches) or _independent((cell[:end], cell[end:]) for cell in cells):
            yield (end, end)
    starts = {match.start() if (match := _NUMBER_BEHIND.search(cell.rstrip())) else 0 for cell in cells}
    if len(starts) == 1 and (start := starts.pop()) and any(cell[start - 1] == " " for cell in cells):
        yield (start, start)


def _independent(pairs: Iterable[tuple[str, str]]) -> bool:
    """Whether neither part of two says the other: one text has several neighbours, on either side."""
    distinct = set(pairs)
    return all(len({pair[side] for pair in distinct}) < len(distinct) for side in (0, 1))
