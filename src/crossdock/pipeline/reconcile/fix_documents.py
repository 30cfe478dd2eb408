"""A fix-workbook's documents: what they were, and whether other imports have stored their numbers meanwhile.

A fix-workbook is as old as its file. Of that file's failing documents it may write those that no later import has
changed, and those that it or another fix-workbook of the file brought in. The number of another stored order is not its
own, for whatever reason: written over that order, it would cancel lines that nobody meant.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from crossdock.failures.failures import Failures
from crossdock.frames.columns import Cells, key_text, length, unit_of
from crossdock.model.batch import Assembled, Batch
from crossdock.model.decision import Decision
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.stored_side import StoredSide
from crossdock.pipeline.lookup.writers import writers
from crossdock.pipeline.reconcile.books import sent_numbers


def overtaken(assembled: Assembled, stored_side: StoredSide, stored: Stored, feed: Feed, job: str | None) -> np.ndarray:
    """For each document, the other job that has stored its number since the fix-workbook's file, or None.

    ``job``: id of the job whose fix-workbook the drop is, None for every other drop.
    """
    overtakers = np.full(assembled.size, None, dtype=object)
    if job is None or not length(stored_side.header):
        return overtakers
    by = writers(stored_side)
    foreign = stored.foreign_jobs(job, sorted(by["job"].unique()))
    units = unit_of(assembled.key)
    numbers = sent_numbers(assembled, feed)
    own = stored.short(job, [numbers[place] for place in by["document"].unique().tolist()])
    for place, of_job in by[by["job"].isin(list(foreign))].itertuples(index=False):
        mine = (units[place], numbers[place]) in own
        if foreign[of_job] or not mine:
            overtakers[place] = of_job
    return overtakers


def newer_on_hold(
    assembled: Assembled, stored_side: StoredSide, stored: Stored, feed: Feed, job: str, fixes: str | None
) -> Failures:
    """The failures of documents of which a later file, or a later fix-workbook of this one, has brought a copy that is
    on hold: stored now, they would take its place.

    ``job``: who brings them; ``fixes``: the job whose fix-workbook the drop is, None for every other drop. What is
    stored already as it comes changes nothing.
    """
    numbered = assembled.header.has(feed.document.number) & ~stored_side.same
    if fixes is None or not numbered.any():
        return Failures.none()
    keys = key_text(assembled.key)
    newer = stored.newer_copies(feed.document, feed.partner, job, fixes, sorted(set(keys[numbered])))
    behind = numbered & np.isin(keys, list(newer))
    details = [{"job": newer[key]} for key in keys[behind]]
    return feed.failures(assembled.header_lines[behind], "", "newer_on_hold", details)


def fixed_documents(batch: Batch, assembled: Assembled, checked: Decision) -> Cells:
    """Which documents of the fixed job are which of this one: origin, document_line (first lines), taken (bool); no
    columns where it is none.
    """
    places = np.flatnonzero(batch.origin > 0)
    if not len(places):
        return {}
    document = assembled.records.document[places]
    pairs, first = np.unique(np.column_stack([batch.origin[places], document]), axis=0, return_index=True)
    document = pairs[np.argsort(first), 1]
    return {
        "origin": pa.array(pairs[np.argsort(first), 0]),
        "document_line": pa.array(checked.outcomes.line[document]),
        "taken": pa.array(checked.outcomes.whole[document]),
    }
