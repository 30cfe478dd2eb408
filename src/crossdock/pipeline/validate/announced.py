"""Lines that are lowered below what is on its way of them: a purchase order's, and the shipping notices that name them.

What is received of a line can't be taken back (``change_rules``). What is only announced can be, and it is said,
because the goods come all the same. One query a batch, and only where lines are lowered.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from crossdock.failures.failures import Failures
from crossdock.failures.sentences import plain_number
from crossdock.frames.columns import NO_TABLE, filled, mask, unit_of
from crossdock.model.batch import Assembled
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.confirmations import OWN, between, standing
from crossdock.pipeline.lookup.stored_side import StoredSide
from crossdock.pipeline.lookup.target_lines import (
    LINE,
    QUANTITY,
    SKU,
    UNIT,
    Counting,
    TargetLines,
    of_numbers,
    stored_documents,
)
from crossdock.schema.document import Document
from crossdock.schema.relations import Against
from crossdock.schema.roles import Role

SHOWN = 3
"""How many documents a sentence names."""


def check_announced(
    assembled: Assembled, stored_side: StoredSide, feed: Feed, stored: Stored, aside: np.ndarray
) -> Failures:
    """Lines of less than the documents between them and their receipts say is on its way. ``aside``: documents (bool)
    that are not written.
    """
    announcing = [*between(feed.document)]
    rows = _lowered(assembled, stored_side, feed.document, aside) if announcing else NO_TABLE
    if rows.empty:
        return Failures.none()
    units = set(rows["unit_id"])
    loaded = [each for each in announcing if any(stored.loaded(each[0].name, unit) for unit in units)]
    return Failures.merge(*(_less(document, relation, rows, feed, stored) for document, relation in loaded))


def _lowered(assembled: Assembled, stored_side: StoredSide, document: Document, aside: np.ndarray) -> pd.DataFrame:
    """The lines whose quantity is less than what is stored, indexed by line: the document that they are of (unit_id,
    number), their line, sku, quantity, unit.
    """
    level = document.lines
    quantity = level.role(Role.QUANTITY) if level else None
    name = document.playing(Role.QUANTITY, level)
    if level is None or quantity is None or name not in assembled.rows[level.title].cells:
        return NO_TABLE
    match = stored_side.levels[level.title]
    less = match.both & mask(pc.less(match.sent.cells[name], match.stored_values(quantity.column)))
    less &= ~(assembled.cancels | aside)[match.sent.document] & ~assembled.cancels_rows(level.title)
    if not less.any():
        return NO_TABLE
    columns = {LINE: document.numbering, SKU: document.playing(Role.ITEM, level), QUANTITY: name,
               UNIT: document.playing(Role.MEASURE, level)}  # fmt: skip
    owner = match.sent.document[less]
    own = {"unit_id": unit_of(assembled.key)[owner], "number": filled(assembled.key, document.number)[owner]}
    cells = {column: match.sent.values(each)[less] for column, each in columns.items()}
    return pd.DataFrame(own | cells, index=match.sent.lines[less])


def _less(document: Document, relation: Against, rows: pd.DataFrame, feed: Feed, stored: Stored) -> Failures:
    """Those of some lines that are less than what documents of a type announce."""
    target, targets = feed.document, rows[OWN].drop_duplicates()
    keys = of_numbers(target, targets.set_axis(["business_unit_id", "number"], axis=1))
    meant = TargetLines(stored_documents(target, keys, stored))
    rows = rows.assign(place=meant.find(rows)[0])
    rows = rows[rows["place"] >= 0]
    others = standing(relation, document, targets, meant, stored)
    count = Counting(meant, pd.concat([rows, others]), stored)
    (own, known), sums = count.counted(rows), count.sums(others)
    place = rows["place"].to_numpy(dtype=np.int64)
    less = np.flatnonzero(known & (own < sums[place]))
    by = others.groupby("place")[document.header.field(document.number).column].agg(lambda of: [*dict.fromkeys(of)])
    details = [
        {
            "total": plain_number(count.in_unit(at, sums[at])),
            "document": document.called,
            "by": ", ".join(by[at][:SHOWN]) + (f" and {len(by[at]) - SHOWN} more" if len(by[at]) > SHOWN else ""),
        }
        for at in place[less].tolist()
    ]
    return feed.failures(rows.index[less], target.playing(Role.QUANTITY, target.lines), "less_than_announced", details)
