"""The steps of one batch, up to the transaction: translate, assemble, parse, look up, validate, decide."""

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
from crossdock.model.decision import Decision
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.items import resolve_items
from crossdock.pipeline.lookup.named_documents import moved_ones, moving, named_documents
from crossdock.pipeline.lookup.numbering import assign_numbers
from crossdock.pipeline.lookup.stored_side import fetch_stored_side, fill_from_stored
from crossdock.pipeline.lookup.versions import versions
from crossdock.pipeline.lookup.writers import later_ones
from crossdock.pipeline.normalize.assemble import assemble
from crossdock.pipeline.normalize.cancelling import cancelled
from crossdock.pipeline.normalize.content_hash import content_hashes
from crossdock.pipeline.normalize.parse import parse
from crossdock.pipeline.normalize.translate import defaults_of, translate
from crossdock.pipeline.reconcile.disposition import decide
from crossdock.pipeline.reconcile.fix_documents import fixed_documents, newer_on_hold, overtaken
from crossdock.pipeline.reconcile.retained import retained_records
from crossdock.pipeline.resent import Known, known_of, remembered_of
from crossdock.pipeline.sent_values import with_values
from crossdock.pipeline.staging.plan import Plan
from crossdock.pipeline.validate.order_parts import check_order_parts
from crossdock.pipeline.validate.run import validate


def decide_batch(
    batch: Batch, plan: Plan, feed: Feed, stored: Stored, today: date, job: str, *, withheld: bool
) -> Decision:
    """One batch of raw text → the ``Decision``: what to write, the failures, the books and the outcomes.

    ``today``: the day that date checks and defaults use. ``job``: id of the job that writes the rows. ``withheld``: the
    whole file is held (hold = "file"). It reads the database through ``stored`` and writes nothing.
    """
    known = None if withheld else known_of(batch, plan, feed, stored, today)
    if known is None:
        return _decided(batch, plan, feed, stored, today, job, None, withheld=withheld)
    rest = known.rest(batch) if known.again.any() else batch
    checked = _decided(rest, plan, feed, stored, today, job, known, withheld=withheld)
    return known.among(checked, batch, feed.document)


def _decided(
    batch: Batch, plan: Plan, feed: Feed, stored: Stored, today: date, job: str, known: Known | None, *, withheld: bool
) -> Decision:
    """The decision of the documents of a batch that must be checked."""
    objects = formats.nested(plan.written)
    table, foreign = translate(batch, plan.columns, feed, plain_numbers=plan.plain_numbers)
    assembled, disagreeing = assemble(batch, table, feed, plan.columns, defaults_of(feed), objects=objects)
    typed, unparsed = parse(assembled, feed)
    typed = cancelled(typed, batch, feed)
    typed, numbered_by_us = assign_numbers(typed, feed, stored, today, objects=objects)
    typed, items = resolve_items(typed, feed, stored)
    typed = replace(typed, version=versions(typed, feed, plan.sequence))
    contents = content_hashes(typed, feed)
    numbered, stored_side = fetch_stored_side(typed, contents, stored, feed)
    if plan.waited:
        stored_side = replace(stored_side, later=later_ones(stored_side, stored, job, plan.fixes))
    keeps = stored_side.exists & ~feed.clears(typed.extents) & ~typed.acts("replace")
    whole, stored_side = fill_from_stored(numbered, stored_side, feed, keeps)
    border = Failures.merge(foreign, disagreeing, unparsed, items, numbered_by_us)
    border = Failures.merge(border, newer_on_hold(whole, stored_side, stored, feed, job, plan.fixes))
    if plan.fixes is None:  # which brings some of the parts only
        border = Failures.merge(border, check_order_parts(whole, stored_side, feed, stored))
    named = named_documents(whole, feed, stored)
    failures = validate(whole, stored_side, contents, named, feed, stored, today, border)
    behind = overtaken(whole, stored_side, stored, feed, plan.fixes)
    checked = decide(batch, whole, stored_side, contents, failures, feed, job, behind, withheld=withheld)
    with_sent = with_values(checked.failures, batch, whole.records, plan.columns, feed)
    return replace(
        checked,
        failures=pd.concat([with_sent, notes_of_file(plan.notes, plan.first, feed)])
        if batch.number == 0 and plan.notes
        else with_sent,
        records=retained_records(batch, whole, checked, plan.headers),
        fixes=fixed_documents(batch, whole, checked),
        leaned=moved_ones(named),
        moves=moving(named, whole, stored_side, checked.outcomes, feed),
        passed={key: job for key, job in zip(checked.outcomes.key, behind, strict=True) if job is not None},
        resent=None
        if known is None
        else remembered_of(known, whole, contents, stored_side.same, checked, feed.document, today),
    )


def notes_of_file(notes: Iterable[Note], first: int, feed: Feed) -> pd.DataFrame:
    """The notes on the file as a whole, as rows of failures: the columns of ``Decision.failures``, one row per note.

    ``first``: the line of the file's first record, used for notes without a line.
    """
    rows = [
        {
            "line": each.line or first,
            "document_line": first,
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
