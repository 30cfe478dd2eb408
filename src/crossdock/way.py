"""The way of one batch, up to the transaction: translate, gather, parse, recall, check, decide."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from crossdock.against import leaned, moving
from crossdock.assign import assigned
from crossdock.batches import Plan
from crossdock.check import check
from crossdock.columns import array
from crossdock.content import contents
from crossdock.decide import decide
from crossdock.failures import together
from crossdock.feeds import Feed, trimmed
from crossdock.gather import gather
from crossdock.keep import kept
from crossdock.mend import mended, overtaken
from crossdock.model import Batch, Checked, Gathered, Note, Stored
from crossdock.parse import parse
from crossdock.recall import filled, recall
from crossdock.resolve import resolve
from crossdock.translate import settled, translate, unknown_columns
from crossdock.version import versions
from crossdock.words import theirs_of


def check_batch(
    batch: Batch, plan: Plan, feed: Feed, stored: Stored, today: date, job: str, *, withheld: bool
) -> Checked:
    """The way of one batch up to the transaction."""
    objects = "json" in (plan.written["format"], plan.written.get("first"))
    table, foreign = translate(batch, plan.columns, feed, plain_numbers=plan.plain_numbers)
    gathered, disagreeing = gather(batch, table, feed, plan.columns, settled(feed), objects=objects)
    typed, unparsed = parse(gathered, feed.document, feed.zone)
    typed, numbered_by_us = assigned(typed, feed, stored, today, objects=objects)
    typed, items = resolve(typed, feed, stored)
    typed = replace(typed, version=versions(typed, feed, plan.sequence))
    said = contents(typed, feed)
    numbered, recalled = recall(typed, said, stored, feed)
    keeps = recalled.exists & (not feed.clears) & (typed.actions("header") != "replace")
    whole = filled(numbered, recalled, feed, keeps)
    border = together(foreign, disagreeing, unparsed, items, numbered_by_us)
    found = check(whole, recalled, said, feed, stored, today, border)
    behind = overtaken(whole, recalled, stored, feed, plan.mends)
    checked = decide(batch, whole, recalled, said, found, feed, job, behind, withheld=withheld)
    notes = _notes(batch, plan, feed, _unnumbered(gathered, feed))
    told = with_values(checked.failures, batch, plan.columns, feed)
    return replace(
        checked,
        failures=pd.concat([told, notes]),
        records=kept(batch, whole, checked, plan.headers),
        mends=mended(batch, whole, checked),
        leaned=leaned(whole, feed, stored),
        moves=moving(whole, recalled, checked.outcomes, feed),
    )


def _unnumbered(gathered: Gathered, feed: Feed) -> pd.Index:
    """The records of lines that have no number of their own."""
    index = gathered.levels[feed.document.lines.title].index if feed.document.lines else pd.Index([])
    return index if gathered.positional else index[:0]


def with_values(found: pd.DataFrame, batch: Batch, columns: Mapping[str, str], feed: Feed) -> pd.DataFrame:
    """Failures with the value of their cell as it was sent.

    A header's value may stand on a later row of the document than the one it is booked under; a column that the file
    lacks may have the feed's constant.
    """
    values = pd.Series([None] * len(found), index=found.index, dtype=object)
    groups = pd.Series(batch.group, index=batch.raw.index)
    for field, part in found[found["code"] != "missing"].groupby("field"):
        theirs = theirs_of(str(field), columns, feed.document)
        if theirs is None or theirs not in batch.raw:
            values.loc[part.index] = feed.keys.constants.get(str(field))
            continue
        values.loc[part.index] = _sent(batch.raw[theirs], part["line"])
        above = _of_document(str(field), columns, feed)
        if above not in batch.raw:
            continue
        column = batch.raw[above]
        for place in part.index[values.loc[part.index].isna()]:
            same = column[(groups == groups.loc[part.loc[place, "line"]]).to_numpy()].dropna()
            filled_in = same[same.str.strip() != ""]
            values.loc[place] = filled_in.iloc[0] if len(filled_in) else None
    return found.assign(value=values)


def _sent(column: pd.Series, lines: pd.Series) -> np.ndarray:
    sent = column.loc[lines].astype(object)
    return sent.where(sent.notna() & (sent.str.strip() != ""), None).to_numpy()


def _of_document(field: str, columns: Mapping[str, str], feed: Feed) -> str | None:
    """The heading of a value that a document says once: a header's own, or the one that its lines have from it."""
    document = feed.document
    if field in document.fields and document.fields[field][0] is document.header:
        return theirs_of(field, columns, document)
    return columns.get(document.stands_for.get(field, ""))


def _notes(batch: Batch, plan: Plan, feed: Feed, unnumbered: pd.Index) -> pd.DataFrame:
    """What the partner should know of the file itself: columns left out or missing, lines numbered by position."""
    index = batch.raw.index
    rows: list[tuple[str, pd.Index, str | None, str | None]] = []
    found = drop_notes(plan.notes, plan.first) if batch.number == 0 else []
    for name in unknown_columns(batch, plan.columns, plan.headers):
        held = trimmed(array(batch.raw[name])).is_valid().to_numpy(zero_copy_only=False)
        rows.append(("unknown_column", index[held], name, None))
    for theirs, ours in feed.keys.columns.items():
        if ours in feed.document.fields and ours not in plan.columns:
            rows.append(("lacking_column", index, theirs, json.dumps({"field": ours})))
    if len(unnumbered):
        rows.append(("numbered_by_position", unnumbered, None, None))
    return pd.DataFrame(
        found + [_note(code, int(lines.min()), value, detail, len(lines)) for code, lines, value, detail in rows]
    )


def drop_notes(notes: Iterable[Note], line: int) -> list[dict[str, Any]]:
    """What a format said of the file as a whole, as failures booked under ``line``."""
    return [
        _note(each.code, line, each.value, json.dumps(each.detail) if each.detail else None, each.times)
        for each in notes
    ]


def _note(code: str, line: int, value: str | None, detail: str | None, times: int) -> dict[str, Any]:
    return {
        "line": line,
        "document": line,
        "field": "",
        "code": code,
        "detail": detail,
        "severity": "warning",
        "line_number": None,
        "value": value,
        "times": times,
    }
