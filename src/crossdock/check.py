"""Typed documents → what is wrong with them.

pandera looks at each cell of each level; rules look across rows; keys, owners and actions are held against what is
stored; references against the lists that are loaded. All failures of a line are found at once. What is found is then
thinned by what the contract forgives: a cancel needs its key only, and a document that is stored with this very
content was complete when it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import pandera.errors
import pyarrow as pa

from crossdock.columns import array, given
from crossdock.documents import codes
from crossdock.documents.document import Document, Field, Level
from crossdock.documents.rules import Context
from crossdock.documents.schema import assert_types, schema
from crossdock.failures import EMPTY, RECORD_CODES, failures, together
from crossdock.feeds import Feed
from crossdock.identity import NEEDS_KEY_ONLY, identify
from crossdock.model import Gathered, Stored
from crossdock.recall import Recalled

FAR_YEARS = 5


def check(
    gathered: Gathered, recalled: Recalled, contents: list[str], feed: Feed, stored: Stored, today: date
) -> pd.DataFrame:
    """Every failure of a batch of typed documents that can be found before it is compared with what is stored."""
    known = _references(gathered, feed, stored)
    context = Context(
        today=today,
        document=gathered.document,
        optional=frozenset(feed.keys.optional),
        known_customer=known[1],
    )
    frames = gathered.levels
    found = [_cells(gathered, level, feed) for level in feed.document.levels]
    found += [rule(frames, context) for rule in feed.document.rules]
    found += [_far_dates(gathered, feed.document, today), known[0]]
    return together(
        forgiven(together(*found, _numbers_twice(gathered, feed)), gathered, recalled, feed.document),
        identify(gathered, recalled, contents, feed, stored),
    )


def forgiven(found: pd.DataFrame, gathered: Gathered, recalled: Recalled, document: Document) -> pd.DataFrame:
    """Without what a cancel, or a document already stored with this content, need not fulfil (contract A5)."""
    if found.empty:
        return found
    cancels = gathered.actions("header") == NEEDS_KEY_ONLY
    lines = pd.Series(gathered.of_record, index=gathered.lines)
    owner = lines.loc[found["line"]].to_numpy()
    line_cancels = gathered.levels["line"].index[gathered.actions("line") == NEEDS_KEY_ONLY]
    of_line = ~found["field"].isin(["", *gathered.levels["header"]]) & found["line"].isin(line_cancels)
    needless = cancels[owner] | (of_line & (found["field"] != document.numbering)).to_numpy()
    needless |= recalled.same[owner] & (found["code"] == "missing").to_numpy()
    kept = found["field"].isin([*gathered.key.columns, "header.action"]) | found["code"].isin(RECORD_CODES)
    return found[~(needless & ~kept)]


def _cells(gathered: Gathered, level: Level, feed: Feed) -> pd.DataFrame:
    """What pandera finds in the cells of one level."""
    frame = gathered.levels[level.title]
    fields = feed.document.of(level)
    optional = set(feed.keys.optional)
    lacking = [
        failures(frame.index, name, "missing")
        for name, field in fields.items()
        if field.required and name not in frame and name not in optional
    ]
    if frame.empty or not len(frame.columns):
        return together(*lacking)
    assert_types(frame, feed.document, level)
    checks = schema(feed.document, level, frozenset(frame), feed.keys.negative_amounts)
    try:
        checks.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return together(*lacking, _cases(errors.failure_cases, frame, fields, feed))
    return together(*lacking)


def _cases(cases: pd.DataFrame, frame: pd.DataFrame, fields: dict[str, Field], feed: Feed) -> pd.DataFrame:
    """pandera's failure cases as failures; one without a place is a bug of ours."""
    if cases["index"].isna().any():
        raise AssertionError(f"pandera found something that is nowhere: {cases[cases['index'].isna()]}")
    found = []
    for (name, check), group in cases.groupby(["column", "check"], sort=True):
        field = fields[name]
        lines = np.sort(group["index"].to_numpy(dtype=np.int64))
        code = "missing" if check == "not_nullable" else str(check)
        if code == "missing" and (name in feed.keys.optional or name == feed.document.number):
            continue  # a blank number has a code of its own
        values = frame.loc[lines, name]
        theirs = feed.keys.values.get(name, {})
        found.append(failures(lines, name, code, (_detail(field, code, value, theirs) for value in values)))
    return together(*found)


def _detail(field: Field, code: str, value: object, theirs: Mapping[str, str]) -> dict[str, object]:
    """What the sentence of a cell's failure needs besides column and value; ``theirs``: the partner's own codes."""
    text = "" if value is None or value is pd.NA else str(value)
    if code in ("too_long", "longer_than_usual"):
        return {"length": len(text), "limit": field.length}
    if code == "too_small":
        return {"limit": str(field.above)}
    if code == "not_allowed":
        return _suggested({"allowed": ", ".join(field.values)}, text, [*theirs, *field.values])
    if code == "not_a_currency":
        return _suggested({}, text, [*theirs, *codes.currencies()])
    if code == "unknown_code" and field.codes:
        return _suggested({}, text, [*theirs, *codes.LISTS[field.codes]()])
    if code == "wrong_check_digit":
        return {"suggestion": codes.gtin_hint(text)}
    return {}


def _suggested(detail: dict[str, object], value: str, known: list[str]) -> dict[str, object]:
    near = codes.nearest(value, known)
    return detail | ({"suggestion": near} if near else {})


def _far_dates(gathered: Gathered, document: Document, today: date) -> pd.DataFrame:
    """A date before 5 years ago or after 5 years ahead is a warning (contract A2)."""
    found = []
    years = pd.DateOffset(years=FAR_YEARS)
    low, high = (np.datetime64((pd.Timestamp(today) + way * years).date()) for way in (-1, 1))
    for level in document.levels:
        frame = gathered.levels[level.title]
        for name in frame:
            kind = frame[name].dtype.pyarrow_dtype
            if not pa.types.is_temporal(kind):
                continue
            days = array(frame[name]).cast(pa.timestamp("us")).to_numpy(zero_copy_only=False).astype("datetime64[D]")
            far = (days < low) | (days > high)
            found.append(failures(frame.index[far & ~np.isnat(days)], name, "far_date"))
    return together(*found)


def _numbers_twice(gathered: Gathered, feed: Feed) -> pd.DataFrame:
    """Two lines of a document with one number."""
    line = gathered.levels["line"]
    name = feed.document.numbering
    if gathered.positional or not len(line):
        return EMPTY
    numbers = pd.DataFrame({"document": gathered.document["line"], "number": line[name].to_numpy(dtype=object)})
    again = (numbers.duplicated() & numbers["number"].notna()).to_numpy()
    first = numbers.assign(line=line.index).groupby(["document", "number"])["line"].transform("first")
    return failures(line.index[again], name, "line_twice", ({"line": int(at)} for at in first[again]))


def _references(gathered: Gathered, feed: Feed, stored: Stored) -> tuple[pd.DataFrame, np.ndarray]:
    """Values that no loaded list knows; and which documents have a customer that one knows (A7)."""
    found = []
    known_customer = np.zeros(gathered.size, dtype=bool)
    units = gathered.levels["header"]["businessUnitId"].to_numpy(dtype=object)
    for level in feed.document.levels:
        frame = gathered.levels[level.title]
        owner = units[gathered.document[level.title]]
        for name, field in feed.document.of(level).items():
            mode = feed.keys.references.get(field.refers or "", "warn")
            if field.refers is None or name not in frame or mode == "off":
                continue
            for unit in sorted({each for each in owner if isinstance(each, str)}):
                if not stored.loaded(field.refers, unit):
                    continue
                values = frame[name].to_numpy(dtype=object)
                here = (owner == unit) & given(frame, name)
                active = stored.known(field.refers, unit, sorted(set(values[here])))
                unknown = here & ~np.isin(values, list(active))
                idle = here & np.isin(values, [value for value, alive in active.items() if not alive])
                found += _unlisted(frame, name, field.refers, values, unknown, idle, stored, unit)
                if field.refers == "customer":
                    known_customer |= here & ~unknown
    return together(*found), known_customer


def _unlisted(
    frame: pd.DataFrame,
    name: str,
    listed: str,
    values: np.ndarray,
    unknown: np.ndarray,
    idle: np.ndarray,
    stored: Stored,
    unit: str,
) -> list[pd.DataFrame]:
    words = listed.replace("_", " ")
    suggestions = stored.suggestions(listed, unit) if unknown.any() else []
    hints = {value: _suggested({"list": words}, value, suggestions) for value in set(values[unknown])}
    return [
        failures(frame.index[unknown], name, "unknown_reference", (hints[value] for value in values[unknown])),
        failures(frame.index[idle], name, "inactive_reference", [{"list": words}] * int(idle.sum())),
    ]
