"""The way of one batch, up to the transaction: translate, assemble, parse, look up, validate, decide."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pandas as pd

from crossdock import formats
from crossdock.failures.failures import Failures
from crossdock.formats.format import Note
from crossdock.model.batch import Batch
from crossdock.model.decision import Checked
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.items import resolve
from crossdock.pipeline.lookup.numbering import assigned
from crossdock.pipeline.lookup.stored_side import filled, recall
from crossdock.pipeline.lookup.versions import versions
from crossdock.pipeline.normalize.assemble import gather
from crossdock.pipeline.normalize.content_hash import contents
from crossdock.pipeline.normalize.parse import parse
from crossdock.pipeline.normalize.translate import settled, translate
from crossdock.pipeline.reconcile.disposition import decide
from crossdock.pipeline.reconcile.fix_documents import mended, overtaken
from crossdock.pipeline.reconcile.retained import kept
from crossdock.pipeline.sent_values import with_values
from crossdock.pipeline.staging.plan import Plan
from crossdock.pipeline.validate.against_documents import leaned, moving
from crossdock.pipeline.validate.run import check


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
