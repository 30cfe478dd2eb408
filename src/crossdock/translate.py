"""Their names, codes, dates and decimals → ours: the only border.

Behind it every partner looks the same: columns under our qualified names, text trimmed and in NFC, numbers with a
point and no grouping, dates in ISO, yes and no as true and false. What can't be translated becomes null and a
failure, so that nothing behind the border can mistake one partner's ``1.234`` for another's. Only distinct values are
looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.columns import array, series
from crossdock.documents.document import TEXTS, Kind
from crossdock.failures import CODES, Failures
from crossdock.feeds import SERIAL, Feed
from crossdock.model import Batch, Settled

NUMBERS = (Kind.QUANTITY, Kind.MONEY, Kind.WHOLE)
TIMES = (Kind.DATE, Kind.TIMESTAMP)
FLAGS = {
    **dict.fromkeys(("true", "y", "yes", "1"), "true"),
    **dict.fromkeys(("false", "n", "no", "0"), "false"),
}
_PLAIN = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$"
_EXPONENT = re.compile(r"^-?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]{1,2}$")
_ISO = (
    r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,6}0*)?)?( ?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9]))?)?$"
)
_SERIAL = re.compile(r"^[1-9][0-9]{4}([.,][0-9]+)?$")
"""A spreadsheet's number of days, of the years 1927 to 2173."""
_NUMERIC_DATE = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{2}|\d{4})(\D.*)?$")

Found = tuple[pa.Array, Mapping[int, tuple[str, dict[str, Any]]]]
"""Translated distinct values, and what is wrong with which: place → code, details."""


def translate(
    batch: Batch, columns: Mapping[str, str], feed: Feed, *, plain_numbers: bool
) -> tuple[pd.DataFrame, Failures]:
    """The batch's ``table``: text columns under our names, indexed by line; and the failures of the border.

    ``columns``: ours → theirs. ``plain_numbers``: the format writes numbers its own way (JSON), whatever the feed says.
    """
    made: dict[str, pd.Series] = {}
    found = [_spoiled(batch, columns, feed)]
    fields = feed.document.fields
    for ours, theirs in columns.items():
        if theirs not in batch.raw or (ours in batch.key and fields[ours][1].kind in TEXTS):
            continue
        values = array(batch.raw[theirs])
        kind = fields[ours][1].kind if ours in fields else Kind.ENUM
        if kind in NUMBERS or kind in TIMES or kind is Kind.FLAG:
            clean, wrong = by_distinct(feed.canonical(ours, values), kind, feed, plain_numbers=plain_numbers)
            found += [
                feed.failures(batch.raw.index[places], ours, code, details) for code, places, details in wrong
            ]  # fmt: skip
        else:
            clean = feed.canonical(ours, values)
        made[ours] = series(clean, batch.raw.index)
    for name in batch.key:
        made.setdefault(name, batch.key[name])
    return pd.DataFrame(made, index=batch.raw.index), Failures.merge(*found)


def _spoiled(batch: Batch, columns: Mapping[str, str], feed: Feed) -> Failures:
    """The failures of single cells that the format itself has found."""
    ours = {theirs: name for name, theirs in columns.items()}
    found: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = {}
    for place in np.flatnonzero([each is not None for each in batch.spoiled]).tolist():
        for theirs, (code, details) in json.loads(batch.spoiled[place]).items():
            if theirs in ours and code in CODES:
                found.setdefault((ours[theirs], code), []).append((batch.raw.index[place], details))
    return Failures.merge(
        *(feed.failures([line for line, _ in rows], field, code, [each for _, each in rows])
          for (field, code), rows in found.items())
    )  # fmt: skip


def settled(feed: Feed) -> Settled:
    """The feed's constants and defaults in our notation; what can't be translated stays and fails."""

    def translated(values: Mapping[str, str]) -> dict[str, str]:
        made = {}
        for name, value in values.items():
            clean = feed.canonical(name, pa.array([value]))
            kind = feed.document.fields[name][1].kind
            if kind in NUMBERS or kind in TIMES or kind is Kind.FLAG:
                clean, _ = by_distinct(clean, kind, feed, plain_numbers=False)
            made[name] = clean[0].as_py() or value
        return made

    return Settled(translated(feed.keys.constants), translated(feed.keys.defaults))


def by_distinct(
    values: pa.Array, kind: Kind, feed: Feed, *, plain_numbers: bool
) -> tuple[pa.Array, Iterator[tuple[str, np.ndarray, list[dict[str, Any]]]]]:
    """Translate the distinct values of a column; the failures by code, with the places of their rows."""
    encoded = pc.dictionary_encode(values)
    if kind in NUMBERS:
        clean, wrong = _numbers(encoded.dictionary, feed, plain_numbers)
    elif kind in TIMES:
        clean, wrong = _times(encoded.dictionary, feed)
    else:
        clean, wrong = _flags(encoded.dictionary)
    taken = clean.take(encoded.indices)
    return taken, _rows(encoded, wrong)


def _rows(
    encoded: pa.DictionaryArray, wrong: Mapping[int, tuple[str, dict[str, Any]]]
) -> Iterator[tuple[str, np.ndarray, list[dict[str, Any]]]]:
    if not wrong:
        return
    indices = encoded.indices.fill_null(-1).to_numpy()
    places = np.flatnonzero(np.isin(indices, list(wrong)))
    codes = np.array([wrong[index][0] for index in indices[places].tolist()], dtype=object)
    for code in sorted(set(codes)):
        of_code = places[codes == code]
        yield code, of_code, [wrong[index][1] for index in indices[of_code].tolist()]


def _numbers(values: pa.Array, feed: Feed, plain: bool) -> Found:
    point = "." if plain else feed.keys.decimal
    group = "" if plain else feed.keys.thousands
    texts = values
    if plain:
        expanded = [_expanded(each) for each in texts.to_pylist()]
        texts = pa.array(expanded, pa.string())
    if group:
        mark, dot = re.escape(group), re.escape(point)
        grouped = pc.match_substring_regex(texts, rf"^[+-]?[1-9][0-9]{{0,2}}({mark}[0-9]{{3}})+({dot}[0-9]*)?$")
        texts = pc.if_else(grouped, pc.replace_substring(texts, group, ""), texts)
    if point != ".":
        foreign = pc.match_substring(texts, ".")
        texts = pc.if_else(foreign, pa.scalar("?"), pc.replace_substring(texts, point, "."))
    good = pc.match_substring_regex(texts, _PLAIN)
    wrong = {
        place: _wrong_number(values[place].as_py(), feed, plain)
        for place in np.flatnonzero(~good.to_numpy(zero_copy_only=False)).tolist()
    }
    texts = pc.if_else(good, texts, pa.scalar(None, pa.string()))
    texts = pc.replace_substring_regex(texts, r"^\+", "")
    texts = pc.replace_substring_regex(texts, r"^(-?)0*([0-9]*)\.?$", r"\1\2")
    texts = pc.replace_substring_regex(texts, r"^(-?)0*([0-9]*)(\.[0-9]*?)0*$", r"\1\2\3")
    texts = pc.replace_substring_regex(texts, r"\.$", "")
    texts = pc.replace_substring_regex(texts, r"^(-?)(\.|$)", r"\g<1>0\2".replace(r"\g<1>", r"\1"))
    return pc.replace_substring_regex(texts, "^-0$", "0"), wrong


def _expanded(value: str) -> str:
    """A number with an exponent, as JSON may write it, without one."""
    if not _EXPONENT.match(value):
        return value
    mantissa, exponent = re.split("[eE]", value)
    sign, digits = ("-", mantissa[1:]) if mantissa.startswith("-") else ("", mantissa)
    whole, _, part = digits.partition(".")
    shift = len(whole) + int(exponent)
    figures = whole + part
    if shift <= 0:
        return f"{sign}0.{'0' * -shift}{figures}"
    figures = figures.ljust(shift, "0")
    return f"{sign}{figures[:shift]}.{figures[shift:]}" if figures[shift:] else sign + figures


def _wrong_number(value: str, feed: Feed, plain: bool) -> tuple[str, dict[str, Any]]:
    point = "." if plain else feed.keys.decimal
    other = "," if point == "." else "."
    doubtful = re.match(rf"^[+-]?\d{{1,3}}{re.escape(other)}\d{{3}}$", value)
    if doubtful and not feed.keys.thousands:
        return "ambiguous_number", {
            "one": value.replace(other, ""),
            "other": value.replace(other, "."),
            "example": f"1234{point}56",
        }
    return "not_a_number", {"example": f"1{feed.keys.thousands}234{point}56"}


def _times(values: pa.Array, feed: Feed) -> Found:
    iso = pc.match_substring_regex(values, _ISO).to_numpy(zero_copy_only=False)
    texts = np.array(values.to_pylist(), dtype=object)
    wrong: dict[int, tuple[str, dict[str, Any]]] = {}
    left = np.flatnonzero(~iso)
    for pattern in feed.dates:
        if not len(left):
            break
        if pattern == SERIAL:
            days = np.array([_SERIAL.match(texts[place]) is not None for place in left])
            texts[left[days]] = [_serial(text) for text in texts[left[days]]]
            left = left[~days]
            continue
        read = pd.to_datetime(pd.Series(texts[left], dtype="str"), format=pattern, errors="coerce").to_numpy()
        years = read.astype("datetime64[Y]").astype(np.int64) + 1970
        fits = ~np.isnat(read) & (years >= 1000) & (years < 3000)  # the contract's dates begin with 1 or 2
        timed = re.search(r"%[HIMScXT]", pattern) is not None
        for place, moment in zip(left[fits].tolist(), read[fits], strict=True):
            texts[place] = str(np.datetime64(moment, "us" if timed else "D"))
        left = left[~fits]
    for place in left.tolist():
        wrong[place] = _wrong_time(texts[place], feed)
        texts[place] = None
    clean = pa.array(texts.tolist(), pa.string())
    return pc.replace_substring_regex(clean, r"[T ]00:00(:00([.,]0+)?)?$", ""), wrong


def _wrong_time(value: str, feed: Feed) -> tuple[str, dict[str, Any]]:
    written = [pattern for pattern in feed.dates if pattern != SERIAL]
    example = {"example": pd.Timestamp(2026, 12, 31).strftime(written[0]) if written else "2026-12-31"}
    if _SERIAL.match(value):
        return "serial_date", example | {"reading": _serial(value)[:10]}
    numeric = _NUMERIC_DATE.match(value)
    if numeric is None:
        return "not_a_date", example
    first, second, year = int(numeric[1]), int(numeric[2]), numeric[3]
    if written:
        shapes = {re.sub(r"\d+", "0", pd.Timestamp(2026, 12, 31).strftime(each)) for each in written}
        shaped = re.sub(r"\d+", "0", value) in shapes
        impossible = first > 12 or second > 12 or first == 0 or second == 0
        return ("no_such_date" if shaped and impossible and len(year) == 4 else "not_a_date"), example
    readings = [
        f"{year if len(year) == 4 else '20' + year}-{month:02}-{day:02}"
        for day, month in ((first, second), (second, first))
        if month <= 12 and day <= 31
    ]
    if len(readings) == 2 and readings[0] != readings[1]:
        return "ambiguous_date", {"one": readings[0], "other": readings[1]}
    return "not_a_date", example


def _serial(value: str) -> str:
    """A spreadsheet's number of days as a date: 1 is the first day of 1900 (ECMA-376 part 1 §18.17.4.1)."""
    moment = pd.Timestamp("1899-12-30") + pd.Timedelta(days=float(value.replace(",", ".")))
    return str(np.datetime64(moment.round("s").to_datetime64(), "s"))


def _flags(values: pa.Array) -> Found:
    place = pc.index_in(pc.utf8_lower(values), value_set=pa.array(list(FLAGS)))
    clean = pc.take(pa.array(list(FLAGS.values())), place)
    wrong: dict[int, tuple[str, dict[str, Any]]] = {
        at: ("not_a_flag", {}) for at in np.flatnonzero(pc.is_null(place).to_numpy(zero_copy_only=False)).tolist()
    }
    return clean, wrong
