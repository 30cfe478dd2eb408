"""What the operator can set in a partner's TOML so that a failure does not come again.

The catalogue says with what key (``Code.setting``); here its gaps are filled: the field, the value as sent, and the
notation that would read it, found by reading it so. What can't be filled is left out: a key that would not help is no
advice. Partners never see it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from crossdock import formats
from crossdock.documents import DOCUMENTS
from crossdock.failures.catalogue import CODES
from crossdock.frames import dates
from crossdock.frames.numerals import SIGNS, Spelling, signs_of
from crossdock.model.job import FailureRecord, PlanRecord
from crossdock.partners import as_toml
from crossdock.partners.feed_config import FeedSnapshot
from crossdock.schema.codes import currencies
from crossdock.schema.document import Document, Kind

OR = " or "
"""Between settings of which one is enough."""
AND = " and "
"""Between settings that are needed together."""
OPEN = "…"
"""What only the operator knows."""
NOTATIONS: tuple[dict[str, Any], ...] = (
    {"thousands": ","},
    {"decimal": ","},
    {"decimal": ",", "thousands": "."},
    {"thousands": " "},
    {"decimal": ",", "thousands": " "},
    {"thousands": "'"},
    {"thousands": ",", "grouping": "indian"},
    {"parentheses": True},
    {"percent": "hundredths"},
    {"percent": "number"},
)
"""How numbers may be written besides."""
AROUND = frozenset(("parentheses", "percent"))
"""Notations that also hold where the format has marks of its own."""
DAYS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%y",
        "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", dates.SERIAL, dates.EPOCH,
        dates.EPOCH_MS)  # fmt: skip
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p")
"""How days and times may be written besides."""
ITEMS = "sku"
"""A list of which no entry is meant by every row."""
UNKNOWN = ("utf-8", "ascii")
"""In what a file is read that is not in it: the cells fail that have more."""
CACHED = 4_096
"""How many values' advice is kept: a file repeats few of them very often."""
FEWEST_DIGITS = 4
"""A text with fewer digits is no date in any format: 1.1.26 has four."""
MOST = 2
"""How many notations are named."""
_LOOKS_LIKE = re.compile(r"looks like ([\w-]+)")
_GAP = re.compile(r"<(\w+)>")


def settings(failure: FailureRecord, document: Document | None, plan: PlanRecord, feed: FeedSnapshot | None) -> str:
    """The settings of which one settles a failure, as TOML; '' where none does."""
    if document is None or feed is None:
        return ""
    every = (_filled(template, failure, document, plan, feed) for template in CODES[failure.code].setting.split(OR))
    return OR.join(dict.fromkeys(each for settings_of_one in every for each in settings_of_one if each))


def _filled(
    template: str, failure: FailureRecord, document: Document, plan: PlanRecord, feed: FeedSnapshot
) -> Iterator[str]:
    """The settings that a template becomes; none where one of its gaps can't be filled."""
    names = _GAP.findall(template)
    if names and names[0] in SEVERAL:
        yield from SEVERAL[names[0]](failure, document, plan, feed)
        return
    fillings = {name: _SINGLE[name](failure, document, plan, feed) for name in names}
    if all(fillings.values()):
        yield _GAP.sub(lambda gap: fillings[gap[1]], template)


def _field(failure: FailureRecord, document: Document, *_: object) -> str:
    return as_toml.key(failure.field) if failure.field in document.fields else ""


def _value(failure: FailureRecord, *_: object) -> str:
    return "" if failure.value is None else as_toml.text(failure.value)


def _heading(failure: FailureRecord, _document: Document, plan: PlanRecord, _: FeedSnapshot) -> str:
    """A column that the feed can name; a member inside an object has the object's name."""
    nested = "." in (failure.value or "") and not formats.has_lines(plan.written)
    return "" if nested else _value(failure)


def _encoding(failure: FailureRecord, _document: Document, plan: PlanRecord, _: FeedSnapshot) -> str:
    """The encoding that the file looks like, else the one that it was read in; it is not the one that it isn't."""
    looks = _LOOKS_LIKE.search(str(failure.detail.get("other", "")))
    read = str(plan.written.get("encoding", OPEN))
    return as_toml.text(looks[1] if looks else OPEN if read in UNKNOWN else read)


def _meant(failure: FailureRecord, *_: object) -> str:
    """What was probably meant, as ours, else what the operator knows."""
    detail = failure.detail
    return as_toml.text(str(detail.get("ours") or detail.get("suggestion") or OPEN))


def _lacking(failure: FailureRecord, document: Document, plan: PlanRecord, _: FeedSnapshot) -> str:
    """The key for what a file may never say, because it is always the same: a word of a list, an entry of a list."""
    entry = document.fields.get(failure.field)
    if entry is None or failure.field in (*document.key[1:], document.number):
        return ""
    field = entry[1]
    listed = field.refers is not None and field.refers != ITEMS and DOCUMENTS[field.refers].is_list
    if not listed and field.kind not in (Kind.CODE, Kind.ENUM, Kind.FLAG) and field.codes is None:
        return ""
    return "defaults" if failure.field in plan.columns else "constants"


def _optional(failure: FailureRecord, document: Document, *_: object) -> str:
    entry = document.fields.get(failure.field)
    may = entry is not None and (not entry[1].required or failure.field in document.found_by_item)
    return as_toml.text(failure.field) if may else ""


def _list(failure: FailureRecord, document: Document, *_: object) -> str:
    """The list that a value is not in, where the feed decides whether it must be."""
    entry = document.fields.get(failure.field)
    if failure.severity != "error" or entry is None or entry[1].must:
        return ""
    others = [each.document for each in document.against if each.refers]
    named = [each for each in others if DOCUMENTS[each].called == failure.detail.get("list")]
    return entry[1].refers or (named[0] if named else "")


def _negative(failure: FailureRecord, document: Document, *_: object) -> str:
    entry = document.fields.get(failure.field)
    return "true" if entry and entry[0] is not document.header and entry[1].kind is Kind.MONEY else ""


def _zero(failure: FailureRecord, document: Document, *_: object) -> str:
    """A line of 0 pieces, which may mean that it is cancelled."""
    names, digits = document.zero_cancels, (failure.value or "").strip("+-0.,")
    return '"cancel"' if names and names[0] == failure.field and failure.value and not digits else ""


def _width(failure: FailureRecord, *_: object) -> str:
    """The width at which an id has the zeros that the stored one has."""
    sent, stored = failure.value or "", str(failure.detail.get("other", "")).strip("'")
    return str(len(stored)) if sent.isdigit() and stored.isdigit() and len(stored) > len(sent) else ""


def _tolerance(failure: FailureRecord, *_: object) -> str:
    """How much more must be allowed, in whole per cent."""
    try:
        total, ordered = (
            Decimal(str(failure.detail[name]).split()[0].replace(",", "")) for name in ("total", "ordered")
        )
    except (KeyError, InvalidOperation, IndexError):
        return ""
    percent = math.ceil((total / ordered - 1) * 100) if ordered else 1000
    return as_toml.text(f"{percent} %") if percent < 1000 else ""


def _of_rows(plan: PlanRecord, key: str) -> str:
    """What only means something where documents are rows below each other."""
    return as_toml.text(key) if formats.has_lines(plan.written) else ""


def _units(failure: FailureRecord, document: Document, plan: PlanRecord, feed: FeedSnapshot) -> str:
    more = [failure.value] if failure.value else []
    return ", ".join(map(as_toml.text, [*feed.business_units, *more])) if more else ""


def _ignored(failure: FailureRecord, _document: Document, _plan: PlanRecord, feed: FeedSnapshot) -> str:
    """The types of lines that the feed leaves out, and one more."""
    options: dict[str, Any] = getattr(feed.feed, "options", {})
    return ", ".join(map(as_toml.text, [*options.get("ignore", ()), str(failure.detail["type"])]))


def _quoting(failure: FailureRecord, *_: object) -> Iterator[str]:
    """What protects a quote that is text: a backslash that stands before it; else quotes are no marks at all."""
    escape = failure.detail.get("escape")
    yield f"options = {{ escape = {as_toml.text(escape)} }}" if escape else 'options = { quote = "none" }'


def _footer(failure: FailureRecord, _document: Document, _plan: PlanRecord, feed: FeedSnapshot) -> str:
    """What the feed says of a footer, and one row more: of a row below the last record that seems to be none."""
    options: dict[str, Any] = getattr(feed.feed, "options", {})
    footer = failure.detail.get("footer")
    return ", ".join(map(as_toml.text, [*options.get("footer", ()), footer])) if footer else ""


def _title(failure: FailureRecord, _document: Document, _plan: PlanRecord, feed: FeedSnapshot) -> str:
    """The rows that the feed leaves out by their number, and one more."""
    heading, rules = str(failure.detail["heading"]), getattr(feed.feed, "skip", {})
    texts = [*rules.get(heading, ()), str(failure.detail["shown"])]
    return f"{as_toml.key(heading)} = {as_toml.value(texts)}"


def _cancels(failure: FailureRecord, *_: object) -> str:
    """The column that cancels, with its word."""
    return f"{as_toml.key(str(failure.value))} = {as_toml.value([str(failure.detail['glob'])])}"


def _notations(failure: FailureRecord, document: Document, plan: PlanRecord, feed: FeedSnapshot) -> Iterator[str]:
    """The keys with which a number can be read, the first ones that fit."""
    keys = feed.feed
    own = {name: getattr(keys, name, None) for name in ("decimal", "thousands", "grouping", "parentheses", "percent")}
    now = {name: value for name, value in own.items() if value is not None}
    if failure.value is not None:
        like = re.sub("[1-9]", "1", failure.value.strip())  # which digits they are makes no difference
        yield from _reading(like, tuple(now.items()), plan.plain_numbers)


@lru_cache(CACHED)
def _reading(number: str, now: tuple[tuple[str, Any], ...], plain_numbers: bool) -> tuple[str, ...]:
    """The first keys with which a number can be read. ``now``: those that there are."""
    values, keys = pa.array([number], pa.string()), dict(now)
    fitting: list[str] = []
    for more in NOTATIONS if any(map(str.isdigit, number)) else ():
        changed = keys | more
        own_marks = plain_numbers and AROUND.isdisjoint(more)
        if own_marks or changed == keys or changed["decimal"] == changed["thousands"] or len(fitting) == MOST:
            continue
        spelled = {name: value for name, value in changed.items() if not plain_numbers or name in AROUND}
        if not Spelling(**spelled, bare=plain_numbers).read(values)[1]:
            new = {name: value for name, value in more.items() if keys.get(name) != value}
            fitting.append(AND.join(f"{name} = {as_toml.value(value)}" for name, value in new.items()))
    return tuple(fitting)


def _dates(failure: FailureRecord, document: Document, plan: PlanRecord, feed: FeedSnapshot) -> Iterator[str]:
    """The formats with which a date can be read, the first ones that fit, behind those that there are."""
    entry = document.fields.get(failure.field)
    if entry is None or failure.value is None:
        return
    now, zone = tuple(feed.feed.dates or document.dates), feed.zone or "UTC"
    yield from _formats(failure.value.strip(), now, zone, days=entry[1].kind is Kind.DATE)


@lru_cache(CACHED)
def _formats(date: str, now: tuple[str, ...], zone: str, *, days: bool) -> tuple[str, ...]:
    """The first formats with which a date can be read. ``now``: those that there are."""
    values = pa.array([date], pa.string())
    fitting: list[str] = []
    clocks = ("",) if days else CLOCKS
    formats_of_all = [day + clock for day in DAYS for clock in (clocks if "%" in day else ("",))]
    for each in formats_of_all if sum(map(str.isdigit, date)) >= FEWEST_DIGITS else ():
        wider = [*now, each]
        if len(fitting) == MOST or dates.read(values, wider, ZoneInfo(zone), days=days)[1]:
            continue
        if dates.contradiction(wider) is None:
            fitting.append(f"dates = {as_toml.value(wider)}")
    return tuple(fitting)


def _currency(failure: FailureRecord, *_: object) -> str:
    """The currency that an amount names, where only one is written so; the dollar is the one of most files."""
    named = (failure.value or "").strip("+-() .,'0123456789").casefold()
    fitting = {code for code in (*currencies(), *SIGNS) if named in map(str.casefold, signs_of(code))}
    return as_toml.text("USD" if "USD" in fitting else min(fitting)) if len(fitting) == 1 or "USD" in fitting else ""


_SINGLE: dict[str, Callable[[FailureRecord, Document, PlanRecord, FeedSnapshot], str]] = {
    "field": _field, "value": _value, "meant": _meant, "encoding": _encoding, "heading": _heading,
    "lacking": _lacking, "optional": _optional, "list": _list,
    "negative": _negative, "zero": _zero, "width": _width, "tolerance": _tolerance, "units": _units,
    "ignored": _ignored, "currency": _currency,
    "footer": _footer, "title": _title, "cancels": _cancels,
    "above": lambda _failure, _document, plan, _feed: _of_rows(plan, "above"),
    "end": lambda _failure, _document, plan, _feed: _of_rows(plan, "end"),
}  # fmt: skip
"""The gaps of a setting that have one filling."""
SEVERAL: dict[str, Callable[[FailureRecord, Document, PlanRecord, FeedSnapshot], Iterator[str]]] = {
    "notation": _notations, "dates": _dates, "quoting": _quoting,
}  # fmt: skip
"""The gaps that are a setting as a whole, and may have several."""
