"""Typed documents → what is wrong with them.

pandera looks at each cell of each level; rules look across rows; keys, owners and actions are held against what is
stored; references against the lists that are loaded. All failures of a line are found at once. What is found is then
thinned by what the contract forgives: a cancel needs its key only, and a document that is stored with this very
content was complete when it was.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from crossdock.failures.failures import Failures
from crossdock.model.batch import Gathered
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.listed import items
from crossdock.pipeline.lookup.stored_side import Recalled
from crossdock.pipeline.lookup.versions import outdated
from crossdock.pipeline.validate.against_documents import against
from crossdock.pipeline.validate.cells import cells, far_dates, numbers_twice
from crossdock.pipeline.validate.identity import identify
from crossdock.pipeline.validate.references import contacts, refer
from crossdock.pipeline.validate.uniqueness import alike
from crossdock.schema import codes
from crossdock.schema.document import Document
from crossdock.schema.rules import Context


def check(
    gathered: Gathered,
    recalled: Recalled,
    contents: list[str],
    feed: Feed,
    stored: Stored,
    today: date,
    before: Failures,
) -> Failures:
    """Every failure of a batch of typed documents that can be found before it is compared with what is stored.

    ``before``: those that earlier steps have found.
    """
    known = refer(gathered, feed, stored)
    units = stored.units()
    context = Context(
        today=today,
        failures=feed.failures,
        document={title: rows.document for title, rows in gathered.rows.items()},
        parent={title: rows.parent for title, rows in gathered.rows.items()},
        optional=frozenset(feed.keys.optional),
        known_customer=known[1],
        units=codes.units() | units,
        items=lambda: items(gathered, feed, stored),
    )
    frames = {title: rows.cells for title, rows in gathered.rows.items()}
    found = [cells(gathered, level, feed, frozenset(units)) for level in feed.document.levels]
    found += [rule(frames, context) for rule in feed.document.rules]
    found += [far_dates(gathered, feed, today), known[0], alike(gathered, feed, stored, today)]
    found.append(contacts(gathered, feed, stored))
    own = Failures.merge(
        forgiven(Failures.merge(before, *found, numbers_twice(gathered, feed)), gathered, recalled, feed.document),
        identify(gathered, recalled, contents, feed, stored),
    )
    aside = own.holding(feed.hold, gathered.records) | recalled.same | outdated(gathered, recalled, feed.document)
    others = against(gathered, feed, stored, aside, own.errors.lines)
    return Failures.merge(own, forgiven(others, gathered, recalled, feed.document))


def forgiven(failures: Failures, gathered: Gathered, recalled: Recalled, document: Document) -> Failures:
    """Without what a cancel, or a document already stored with this content, need not fulfil (contract A5)."""
    if not len(failures):
        return failures
    cancels = gathered.cancels
    owner = gathered.records.documents_of(failures.lines)
    needless = cancels[owner]
    for level in document.inner:
        cancelled = gathered.rows[level.title].lines[gathered.cancels_rows(level.title)]
        of_line = failures.of_field(document.of(level)) & np.isin(failures.lines, cancelled)
        needless |= of_line & ~failures.of_field([document.numbering])
    unknown = (gathered.actions("header") == "update") & ~recalled.exists  # that is said; what it lacks needn't be
    needless |= (recalled.same | unknown)[owner] & failures.of_code("missing")
    needed = failures.of_field([*gathered.key.columns, "header.action", "action"]) | failures.about("record")
    return failures.where(~needless | needed)
