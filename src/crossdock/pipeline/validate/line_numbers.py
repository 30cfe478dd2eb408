"""Line numbers of one document that differ only in how they are written: ``1``, ``01`` and ``1.0``.

Ids are never numbers (contract A2), so they are several lines: a partner whose program writes them in several ways
orders the goods several times.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures.failures import Failures
from crossdock.frames.columns import row_codes, values
from crossdock.model.batch import Assembled
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.stored_side import StoredSide

_ODD = r"^0.|[^0-9]"
"""Numbers that may be written in another way, too; plain ones differ from each other in nothing but their digits."""


def check_line_numbers(assembled: Assembled, stored_side: StoredSide, feed: Feed) -> Failures:
    """Lines whose number is like that of an earlier line of their document, and new ones whose number is like that of a
    stored one that stays beside them.
    """
    level, name = feed.document.lines, feed.document.numbering
    if level is None or not level.numbered or assembled.positional or name not in assembled.rows[level.title].cells:
        return Failures.none()
    match = stored_side.levels[level.title]
    rows, stored = match.sent, match.stored
    whole = feed.whole(assembled.extents) | assembled.acts("replace")
    stays = stored.is_open & ~stored.of_documents(np.asarray(whole, dtype=bool)) & ~match.stored_by(match.both)
    kept = np.flatnonzero(stays)
    sent = np.flatnonzero(rows.has(name))
    numbers = pa.concat_arrays(
        [
            stored.cells[level.field(level.key[-1]).column].cast(pa.string()).take(pa.array(kept)),
            rows.cells[name].cast(pa.string()).take(pa.array(sent)),
        ]
    )
    if not pc.any(pc.match_substring_regex(numbers, _ODD)).as_py():
        return Failures.none()
    document = pa.array(np.concatenate([stored.document[kept], rows.document[sent]]))
    alike, own = row_codes([document, _folded(numbers)]), row_codes([document, numbers])
    _, first, of_row = np.unique(alike, return_index=True, return_inverse=True)
    other = first[of_row]
    known = np.concatenate([np.ones(len(kept), dtype=bool), match.both[sent]])  # of two stored ones nothing is new
    places = np.flatnonzero((own != own[other]) & ~(known & (other < len(kept))))
    if not len(places):
        return Failures.none()
    texts = values(numbers)
    details = (
        {
            "other": repr(texts[other[place]]),
            "known": "which is stored" if other[place] < len(kept) else "which stands earlier in this file",
        }
        for place in places.tolist()
    )
    return feed.failures(rows.lines[sent[places - len(kept)]], name, "similar_line", details)


def _folded(numbers: pa.Array) -> pa.Array:
    """Numbers without case, blanks, leading zeros and decimals that are none."""
    bare = pc.utf8_lower(pc.replace_substring_regex(numbers, r"\s", ""))
    return pc.utf8_ltrim(pc.replace_substring_regex(bare, r"[.,]0+$", ""), "0")
