"""Typed documents → what is wrong with them.

pandera checks each cell of each level; rules check several rows; keys, owners and actions are compared with what is
stored, references with the loaded lists. All failures of a line are found in one run. Then the failures that the
contract forgives are removed: a cancel needs its key only, and a document that is stored with the same content was
complete then.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from crossdock.failures.catalogue import SYNTAX_CODES
from crossdock.failures.failures import Failures
from crossdock.model.batch import Assembled
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.listed import listed_items
from crossdock.pipeline.lookup.named_documents import NamedDocuments
from crossdock.pipeline.lookup.stored_side import StoredSide
from crossdock.pipeline.lookup.versions import outdated
from crossdock.pipeline.validate.against_documents import check_against_documents
from crossdock.pipeline.validate.announced import check_announced
from crossdock.pipeline.validate.cells import check_cells, check_far_dates, check_numbers_twice, check_postal_codes
from crossdock.pipeline.validate.identity import check_identity
from crossdock.pipeline.validate.line_numbers import check_line_numbers
from crossdock.pipeline.validate.references import check_contacts, check_references
from crossdock.pipeline.validate.uniqueness import check_uniqueness
from crossdock.schema import codes
from crossdock.schema.document import Document
from crossdock.schema.rules import Context


def validate(
    assembled: Assembled,
    stored_side: StoredSide,
    contents: list[str],
    named: tuple[NamedDocuments, ...],
    feed: Feed,
    stored: Stored,
    today: date,
    before: Failures,
) -> Failures:
    """Every failure of a batch of typed documents before ``decide`` compares it with what is stored.

    ``contents``: the content hash of each document. ``named``: the stored documents that its lines name.
    ``before``: the failures of earlier steps; they are in the result.
    """
    unlisted, known_customer = check_references(assembled, feed, stored)
    units = stored.units()
    context = Context(
        today=today,
        failures=feed.failures,
        optional=frozenset(feed.keys.optional),
        known_customer=known_customer,
        units=codes.units() | units,
        items=lambda: listed_items(assembled, feed, stored),
    )
    failures = [check_cells(assembled, level, feed, frozenset(units)) for level in feed.document.levels]
    failures += [rule(assembled.rows, context) for rule in feed.document.rules]
    failures += [check_far_dates(assembled, feed, today), unlisted, check_uniqueness(assembled, feed, stored, today)]
    failures += [check_contacts(assembled, feed, stored), check_postal_codes(assembled, feed)]
    failures.append(check_line_numbers(assembled, stored_side, feed))
    forbidden = before.errors
    rejected = assembled.records.any_at(forbidden.where(forbidden.of_code(*SYNTAX_CODES)).lines)
    own = Failures.merge(
        forgiven(
            Failures.merge(before, *failures, check_numbers_twice(assembled, feed)),
            assembled,
            stored_side,
            feed.document,
        ),
        check_identity(assembled, stored_side, contents, feed, stored, rejected),
    )
    aside = (
        own.holding(feed.hold, assembled.records) | stored_side.same | outdated(assembled, stored_side, feed.document)
    )
    bad, only_checked = own.errors.lines, assembled.only_checked
    others = [check_against_documents(named, assembled, feed, stored, aside | only_checked, bad)]
    if only_checked.any():  # each group counts without the other
        others.append(check_against_documents(named, assembled, feed, stored, aside | ~only_checked, bad))
    others.append(check_announced(assembled, stored_side, feed, stored, aside))
    return Failures.merge(own, forgiven(Failures.merge(*others), assembled, stored_side, feed.document))


def forgiven(failures: Failures, assembled: Assembled, stored_side: StoredSide, document: Document) -> Failures:
    """The failures without those of rules that a cancel, a line that stays as it is, or a document already stored with
    this content, need not fulfil (contract A5).
    """
    if not len(failures):
        return failures
    cancels = assembled.cancels
    owner = assembled.records.documents_of(failures.lines)
    needless = cancels[owner]
    for level in document.inner:
        by_number = assembled.cancels_rows(level.title) | assembled.keeps_rows(level.title)
        lines = assembled.rows[level.title].lines[by_number]
        of_line = failures.of_field(document.of(level)) & np.isin(failures.lines, lines)
        needless |= of_line & ~failures.of_field([document.numbering])
    unknown = assembled.acts("update") & ~stored_side.exists  # it has a failure; what it lacks needs none
    needless |= (stored_side.same | unknown)[owner] & failures.of_code("missing")
    needed = failures.of_field([*assembled.key, "header.action", "action"]) | failures.about("record")
    needed |= failures.of_code(*SYNTAX_CODES)
    return failures.where(~needless | needed)
