"""What a file cancels without an action of its own: by a status (``cancel``), by a quantity of 0 (``zero = "cancel"``).

A document each of whose lines says so is cancelled, else the lines that say it. A row with values of the header only is
no line: it counts where its document has no lines at all. What has an action of its own keeps it.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import mask
from crossdock.model.batch import Assembled, Batch
from crossdock.partners.feed import CANCELS, Feed


def cancelled(assembled: Assembled, batch: Batch, feed: Feed) -> Assembled:
    """The same documents with the actions that the feed makes of their rows. ``assembled``: typed."""
    return _by_status(_by_zero(assembled, feed), batch, feed)


def _by_status(assembled: Assembled, batch: Batch, feed: Feed) -> Assembled:
    """``cancel`` of a feed: the records that cancel are marked since the file was read."""
    if not feed.keys.cancel or CANCELS not in batch.raw:
        return assembled
    document, records = feed.document, assembled.records
    says = mask(pc.is_valid(batch.raw[CANCELS]))
    whole = records.any_per_document(says)
    lines = assembled.rows[document.lines.title] if document.lines else None
    if lines is not None:
        saying = lines.of_records(says)
        whole &= ~lines.any_per_document(~saying)
        assembled = _with_cancels(assembled, feed, lines.level.title, saying & ~lines.of_documents(whole))
    return _with_cancels(assembled, feed, document.header.title, whole)


def _by_zero(assembled: Assembled, feed: Feed) -> Assembled:
    """``zero = "cancel"``: a shop's ERP sends a line with a quantity of 0 where it cancels it."""
    names, line = feed.document.zero_cancels, feed.document.lines
    if feed.keys.zero != "cancel" or names is None or line is None:
        return assembled
    cells = assembled.rows[line.title].cells
    if names[0] not in cells:
        return assembled
    zeros = pc.fill_null(pc.equal(cells[names[0]], 0), False)
    return _with_cancels(assembled, feed, line.title, mask(zeros))


def _with_cancels(assembled: Assembled, feed: Feed, title: str, cancels: np.ndarray) -> Assembled:
    """The documents in which those rows of a level (bool) are cancelled, unless they have another action."""
    level = assembled.rows[title]
    action, cells = feed.document.spelled("action", level.level), level.cells
    upsert = pa.repeat(pa.scalar("upsert"), len(level))
    before = pc.fill_null(cells[action], "upsert") if action in cells else upsert
    actions = pc.if_else(pc.and_(pa.array(cancels, pa.bool_()), pc.equal(before, "upsert")), "cancel", before)
    return assembled.with_cells({title: {**cells, action: actions}})
