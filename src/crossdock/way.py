"""The way of one batch, up to the transaction: translate, gather, parse, recall, check, decide."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock import formats
from crossdock.against import leaned, moving
from crossdock.assign import assigned
from crossdock.batches import Plan
from crossdock.check import check
from crossdock.columns import array
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
from crossdock.rows import Records
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
    whole, recalled = filled(numbered, recalled, feed, keeps)
    border = Failures.merge(foreign, disagreeing, unparsed, items, numbered_by_us)
    found = check(whole, recalled, said, feed, stored, today, border)
    behind = overtaken(whole, recalled, stored, feed, plan.mends)
    checked = decide(batch, whole, recalled, said, found, feed, job, behind, withheld=withheld)
    told = with_values(checked.failures, batch, whole.records, plan.columns, feed)
    return replace(
        checked,
        failures=pd.concat([told, notes_of_file(plan.notes, plan.first, feed)]) if batch.number == 0 else told,
        records=kept(batch, whole, checked, plan.headers),
        mends=mended(batch, whole, checked),
        leaned=leaned(whole, feed, stored),
        moves=moving(whole, recalled, checked.outcomes, feed),
    )


def with_values(
    failures: pd.DataFrame, batch: Batch, records: Records, columns: Mapping[str, str], feed: Feed
) -> pd.DataFrame:
    """Failures with the value of their cell as it was sent, None where it was blank.

    A header's value may stand on a later row of the document than the one it is booked under: it is the first that
    isn't blank. A column that the file lacks may have the feed's constant.
    """
    values = np.full(len(failures), None, dtype=object)
    lines, fields = failures["line"].to_numpy(dtype=np.int64), failures["field"].to_numpy(dtype=object)
    present = (failures["code"] != "missing").to_numpy(dtype=bool)
    for field in sorted(set(fields[present])):
        rows = present & (fields == field)
        theirs = theirs_of(field, columns, feed.document)
        if theirs is None or theirs not in batch.raw:
            values[rows] = feed.keys.constants.get(field)
            continue
        sent = _sent(batch.raw[theirs])[records.places(lines[rows])]
        above = _of_document(field, columns, feed)
        if above in batch.raw:
            of_document = _first_of_each(_sent(batch.raw[above]), records)
            sent = np.where(pd.isna(sent), of_document[records.documents_of(lines[rows])], sent)
        values[rows] = sent
    return failures.assign(value=values)


def _sent(column: pd.Series) -> np.ndarray:
    """A column as it was sent, None where it was blank."""
    values = array(column)
    blank = pc.equal(pc.utf8_trim_whitespace(values), "")
    return pc.if_else(blank, pa.scalar(None, pa.string()), values).to_numpy(zero_copy_only=False)


def _first_of_each(values: np.ndarray, records: Records) -> np.ndarray:
    """By document, the first of its records' values that isn't None."""
    first = np.full(records.documents, None, dtype=object)
    given = np.flatnonzero(pd.notna(values))
    first[records.document[given[::-1]]] = values[given[::-1]]
    return first


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
