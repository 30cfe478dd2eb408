"""The failures of single cells: pandera's findings in those that are in doubt, far dates, postal codes that lost a
zero, numbers twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures import glyphs
from crossdock.failures.failures import Failures
from crossdock.frames.columns import mask, or_else, row_codes, rows_at, texts
from crossdock.frames.distinct import by_distinct
from crossdock.learn.names import meant_by
from crossdock.model.batch import Assembled
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.stored_side import chained
from crossdock.pipeline.validate.references import suggested
from crossdock.schema import codes
from crossdock.schema.cell_checks import assert_types, in_doubt
from crossdock.schema.document import Field, Level

if TYPE_CHECKING:
    from crossdock.pipeline.validate.cell_schema import Finding

FAR_YEARS = 5
WITH_ZEROS = {
    **dict.fromkeys(["DE", "FR", "ES", "TR", "MX", "UA", "MY", "KR", "LT", "DZ", "GT"], (5, 1)),
    **dict.fromkeys(["US", "PR", "VI", "IT", "FI", "KE"], (5, 2)),
    **dict.fromkeys(["NO", "AU", "NZ", "ZA", "GE", "AM"], (4, 1)),
    **dict.fromkeys(["RO", "CN", "SG", "KZ", "CO", "EC"], (6, 1)),
}
"""Countries (ISO 3166) whose postal codes are so many digits and may begin with a zero, or with so many."""
UNITED_STATES = ("US", "PR", "VI")
"""Those whose codes may have four digits more, and none of which is lower than 00501."""
_SHORT = r"^[1-9][0-9]{1,4}$"
_SHORT_ZIP = r"^([1-9][0-9]{3}|[5-9][0-9]{2})(?:-?([0-9]{4}))?$"
"""A ZIP code, with the four digits that may follow it, without the one or two zeros with which it begins."""


MEANT = {
    "garbled_text": glyphs.ungarbled, "web_code": glyphs.without_web_codes,
    "wrong_sscc": codes.sscc_meant, "not_a_gtin": codes.gtin_meant, "wrong_check_digit": codes.gtin_hint,
    "label_text": codes.label_hint,
}  # fmt: skip
"""What was probably meant, by the code of what is wrong with a text; '' or the text itself where nobody knows."""


def check_cells(assembled: Assembled, level: Level, feed: Feed, units: frozenset[str]) -> Failures:
    """The failures that pandera finds in the typed cells of one level. ``units``: codes of units from a loaded list."""
    rows = assembled.rows[level.title]
    fields = feed.document.of(level)
    optional = set(feed.keys.optional)
    lacking = [
        feed.failures(rows.lines, name, "missing")
        for name, field in fields.items()
        if field.required and name not in rows.cells and name not in optional
    ]
    assert_types(rows.cells, feed.document, level)
    doubtful = in_doubt(rows.cells, rows.lines, feed.document, level, feed.keys.negative_amounts, units)
    if doubtful.empty:
        return Failures.merge(*lacking)
    from crossdock.pipeline.validate.cell_schema import findings  # pandera takes a third of a second; most need it not

    cases = findings(doubtful, feed.document, level, feed.keys.negative_amounts, units)
    return Failures.merge(*lacking, *(_as_failures(each, doubtful, fields[each.field], feed) for each in cases))


def _as_failures(case: Finding, frame: pd.DataFrame, field: Field, feed: Feed) -> Failures:
    """What pandera has found of one field and code, as failures."""
    name, code, lines = case
    if code == "missing" and (name in feed.keys.optional or name == feed.document.number):
        return Failures.none()  # a blank number has a code of its own
    if code == "wrong_sscc" and feed.keys.sscc == "off":
        return Failures.none()
    values, theirs = frame.loc[lines, name], feed.codes(name)
    details = (_detail(field, code, value, theirs) for value in values)
    return feed.failures(lines, name, code, (_with_ours(each, theirs) for each in details))


def _with_ours(detail: dict[str, object], theirs: Mapping[str, str]) -> dict[str, object]:
    """Details with our code of the suggestion, where that is one of the partner's own words: a setting needs ours."""
    code = theirs.get(str(detail.get("suggestion")))
    return detail | {"ours": code} if code else detail


def _detail(field: Field, code: str, value: object, theirs: Mapping[str, str]) -> dict[str, object]:
    """What the sentence of a cell's failure needs besides column and value. ``theirs``: the partner's own codes."""
    text = "" if value is None or value is pd.NA else str(value)
    if code in ("too_long", "longer_than_usual"):
        return {"length": len(text), "limit": field.most if code == "too_long" else field.length}
    if code == "too_small":
        return {"limit": str(field.above)}
    if code == "not_allowed":
        words = [word for word, ours in theirs.items() if ours]  # the partner's own first
        allowed = list(dict.fromkeys([*words, *field.values]))
        return _meant({"allowed": ", ".join(allowed)}, field, text, theirs, field.values)
    if code == "not_a_currency":
        return suggested({}, text, [*theirs, *codes.currencies()])
    if field.codes == "country":
        own = codes.nearest(text, list(theirs)) if theirs else None
        meant = own or codes.country_meant(text)
        return {"suggestion": meant} if meant else {}
    if code == "not_an_sscc":
        return {"length": len(text)}
    if code == "unknown_code" and field.codes:
        return _meant({}, field, text, theirs, codes.LISTS[field.codes]())
    if code == "look_alike":
        seen = glyphs.strange(text)
        meant = "".join(seen.get(place, each) for place, each in enumerate(text))
        return {"characters": glyphs.described(text, seen), "suggestion": meant}
    meant = MEANT[code](text) if code in MEANT else ""
    return {"suggestion": meant} if meant and meant != text else {}


def _meant(
    detail: dict[str, object], field: Field, text: str, theirs: Mapping[str, str], ours: Collection[str]
) -> dict[str, object]:
    """Details of a failure with the value that was probably meant, in the partner's own word where it has one: what
    partners write for one of ``ours`` comes before what merely looks like another.
    """
    usual = meant_by(field).get(text.casefold())
    if usual in ours:
        return detail | {"suggestion": next((word for word, code in theirs.items() if code == usual), usual)}
    return suggested(detail, text, [*(word for word, code in theirs.items() if code), *ours])


def check_far_dates(assembled: Assembled, feed: Feed, today: date) -> Failures:
    """Dates more than 5 years before or after ``today`` are warnings (contract A2)."""
    failures = []
    low, high = _far(today)
    for level in feed.document.levels:
        rows = assembled.rows[level.title]
        for name, column in rows.cells.items():
            if not pa.types.is_temporal(column.type):
                continue
            days = column.cast(pa.timestamp("us")).to_numpy(zero_copy_only=False).astype("datetime64[D]")
            far = (days < low) | (days > high)
            failures.append(feed.failures(rows.lines[far & ~np.isnat(days)], name, "far_date"))
    return Failures.merge(*failures)


@cache
def _far(today: date) -> tuple[np.datetime64, np.datetime64]:
    """The first and the last day that are not far from ``today``."""
    years = pd.DateOffset(years=FAR_YEARS)
    low, high = (np.datetime64((pd.Timestamp(today) + sign * years).date()) for sign in (-1, 1))
    return low, high


def check_postal_codes(assembled: Assembled, feed: Feed) -> Failures:
    """A warning for each postal code that has lost its leading zeros; where none begins so, fewer digits are right."""
    failures = []
    for level in feed.document.levels:
        rows = assembled.rows[level.title]
        for name in [each for each in rows.cells if each.endswith(".postalCode")]:
            country = f"{name.removesuffix('postalCode')}country"
            short = mask(pc.match_substring_regex(rows.cells[name], f"{_SHORT}|{_SHORT_ZIP}"))
            if country not in rows.cells or not short.any():
                continue
            short &= _not_whole(rows.cells[name], rows.cells[country])
            written = rows_at({each: or_else(rows.cells[each], "") for each in (name, country)}, np.flatnonzero(short))
            alike = row_codes(written.values())
            pairs = rows_at(written, np.unique(alike, return_index=True)[1])
            whole = [_whole_code(text, _country(of)) for text, of in zip(*map(texts, pairs.values()), strict=True)]
            suggestions = np.array(whole, dtype=object)[alike]
            wrong = suggestions != ""
            details = ({"suggestion": each} for each in suggestions[wrong])
            failures.append(feed.failures(rows.lines[short][wrong], name, "lost_zero", details))
    return Failures.merge(*failures)


def _not_whole(postal_codes: pa.Array, countries: pa.Array) -> np.ndarray:
    """Which postal codes are not as long as the whole ones of their country, if these may begin with a zero; bool."""
    digits, _ = by_distinct(countries, lambda each: (pa.array(map(_digits, texts(each)), pa.int32()), {}))
    return mask(pc.and_(pc.greater(digits, 0), pc.not_equal(pc.utf8_length(postal_codes), digits)))


def _digits(country: str) -> int:
    return WITH_ZEROS.get(_country(country), (0, 0))[0]


def _country(written: str) -> str:
    """The code of a country of ``WITH_ZEROS`` as people write it; '' of any other."""
    return _with_zeros().get(written.casefold(), "")


@cache
def _with_zeros() -> dict[str, str]:
    return {each: code for code in WITH_ZEROS for each in codes.countries()[code]}


def _whole_code(text: str, country: str) -> str:
    """A postal code with the zeros that it has lost; '' where it has lost none.

    >>> _whole_code("1067", "DE"), _whole_code("184", "IT"), _whole_code("6011234", "US")
    ('01067', '00184', '00601-1234')
    >>> _whole_code("184", "DE"), _whole_code("10115", "DE"), _whole_code("1010", "")
    ('', '', '')
    """
    digits, zeros = WITH_ZEROS.get(country, (0, 0))
    if country in UNITED_STATES:
        match = re.match(_SHORT_ZIP, text)
        code, more = match.groups() if match else (text, None)
        return code.zfill(digits) + (f"-{more}" if more else "") if match else ""
    return text.zfill(digits) if 0 < digits - len(text) <= zeros and re.match(_SHORT, text) else ""


def check_numbers_twice(assembled: Assembled, feed: Feed) -> Failures:
    """Failures for two rows of a document with one number, or one carton, lot, serial and pallet.

    The first part of the key that the row has is named, else the first that the file has, else the line's number.
    """
    document = feed.document
    failures = []
    for level in document.inner:
        rows = assembled.rows[level.title]
        if (assembled.positional and level.numbered) or not len(rows):
            continue
        names = [document.qualified(level, level.field(each)) for each in level.key]
        parts = list(chained(assembled, document, level).values())
        if len(parts) == 1 and _count_up(rows.document, parts[0]):
            continue
        codes_of_rows = row_codes([pa.array(rows.document), *parts])
        if codes_of_rows.max() == len(rows) - 1:
            continue
        _, first, of_row = np.unique(codes_of_rows, return_index=True, return_inverse=True)
        again = (first[of_row] != np.arange(len(rows))) & (rows.has(names[0]) | (not level.numbered))
        first_lines = rows.lines[first[of_row]]
        code = "line_twice" if level.numbered else "row_twice"
        known = [name for name in names if name not in assembled.absent] or [document.numbering]
        named = np.select([rows.has(name) for name in known], known, default=known[0])
        for name in known:
            of_name = again & (named == name)
            details = ({"line": int(at)} for at in first_lines[of_name])
            failures.append(feed.failures(rows.lines[of_name], name, code, details))
    return Failures.merge(*failures)


def _count_up(document: np.ndarray, numbers: pa.Array) -> bool:
    """Whether the rows of each document stand together, and their numbers rise, as most count: then none is there
    twice. A longer one is greater.
    """
    before, behind = document[:-1], document[1:]
    if (behind < before).any():
        return False
    digits = pc.binary_length(numbers).to_numpy()
    greater = mask(pc.greater(numbers[1:], numbers[:-1])) & (digits[1:] == digits[:-1])
    return bool(((behind > before) | greater | (digits[1:] > digits[:-1])).all())
