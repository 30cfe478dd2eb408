"""Lines of no quantity: a shop's ERP sends a line with 0 where it cancels it (``zero = "cancel"``)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import array, series
from crossdock.model.batch import Assembled
from crossdock.partners.feed import Feed


def cancel_zeros(assembled: Assembled, feed: Feed) -> Assembled:
    """The same documents, in which a line with a quantity of 0 is one to be cancelled, if the feed says so.

    ``assembled``: typed. A line that has an action of its own keeps it.
    """
    names = feed.document.zero_cancels
    line = feed.document.lines
    if feed.keys.zero != "cancel" or names is None or line is None:
        return assembled
    quantity, action = names
    cells = assembled.rows[line.title].cells
    if quantity not in cells:
        return assembled
    upsert = pa.repeat(pa.scalar("upsert"), len(cells))
    before = pc.fill_null(array(cells[action]), "upsert") if action in cells else upsert
    cancelled = pc.and_(pc.fill_null(pc.equal(array(cells[quantity]), 0), False), pc.equal(before, "upsert"))
    actions = pc.if_else(cancelled, "cancel", before)
    return assembled.with_cells({line.title: cells.assign(**{action: series(actions, cells.index)})})
