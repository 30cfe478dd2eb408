"""The way of one batch, up to the transaction: translate, gather, parse, recall, check, decide."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from crossdock import formats
from crossdock.against import leaned, moving
from crossdock.assign import assigned
from crossdock.batches import Plan
from crossdock.check import check
from crossdock.content import contents
from crossdock.decide import decide
from crossdock.failures import Failures
from crossdock.feeds import Feed
from crossdock.formats.format import Note
from crossdock.gather import gather
from crossdock.keep import kept
from crossdock.mend import mended, overtaken
from crossdock.model import Batch, Checked, Stored
from crossdock.parse import parse
from crossdock.recall import filled, recall
from crossdock.resolve import resolve
from crossdock.translate import settled, translate
from crossdock.version import versions
from crossdock.words import theirs_of


def check_batch(
    batch: Batch, plan: Plan, feed: Feed, stored: Stored, today: date, job: str, *, withheld: bool
) -> Checked:
    """The way of one batch up to the transaction."""
    objects = formats.nested(plan.written)
    table, foreign = translate(batch, plan.columns, feed, plain_numbers=plan.plain_numbers)
    gathered, disagreeing = gather(batch, table, feed, plan.columns, settled(feed), objects=objects)
    typed, unparsed = parse(gathered, feed)
    typed, numbered_by_us = assigned(typed, feed, stored, today, objects=objects)
    typed, items = resolve(typed, feed, stored)
    typed = replace(typed, version=versions(typed, feed, plan.sequence))
    said = contents(typed, feed)
    numbered, recalled = recall(typed, said, stored, feed)
    keeps = recalled.exists & (not feed.clears) & (typed.actions("header") != "replace")
    whole = filled(numbered, recalled, feed, keeps)
    border = Failures.merge(foreign, disagreeing, unparsed, items, numbered_by_us)
    found = check(whole, recalled, said, feed, stored, today, border)
    behind = overtaken(whole, recalled, stored, feed, plan.mends)
    checked = decide(batch, whole, recalled, said, found, feed, job, behind, withheld=withheld)
    told = with_values(checked.failures, batch, plan.columns, feed)
    return replace(
        checked,
        failures=pd.concat([told, notes_of_file(plan.notes, plan.first, feed)]) if batch.number == 0 else told,
        records=kept(batch, whole, checked, plan.headers),
        mends=mended(batch, whole, checked),
        leaned=leaned(whole, feed, stored),
        moves=moving(whole, recalled, checked.outcomes, feed),
    )


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


def notes_of_file(notes: Iterable[Note], first: int, feed: Feed) -> pd.DataFrame:
    """What is to be said of the file as a whole, as failures; ``first``: the line of its first record."""
    rows = [
        {
            "line": each.line or first,
            "document": first,
            "field": "",
            "code": each.code,
            "severity": feed.severity(each.code),
            "scope": feed.scope(each.code),
            "detail": json.dumps(each.detail) if each.detail else None,
            "line_number": None,
            "value": each.value,
            "times": each.times,
        }
        for each in notes
    ]
    return pd.DataFrame(rows)
