"""Documents as they will be ↔ as they are stored: what is new, changed, gone.

An unchanged row keeps the job and line of its last real change; all fields but job, line, action and version are
compared (contract A5). Every level below the header is treated alike: a row that a whole document doesn't mention is
gone, and so are the rows below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import joined, mask
from crossdock.frames.rows import LevelChanges, LevelMatch
from crossdock.model.batch import Assembled
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.stored_side import StoredSide, newer
from crossdock.schema.document import Document, Field, Level


@dataclass(frozen=True)
class Differences:
    """What storing the documents of a batch changes.

    Bool, one element per document: ``header`` (a cell of it differs), ``state`` (it is cancelled or opened again).
    ``levels``: by title, the rows of each level below the header.
    """

    header: np.ndarray
    state: np.ndarray
    levels: Mapping[str, LevelChanges]

    @property
    def below(self) -> np.ndarray:
        """Documents in which a row below the header differs."""
        differs = np.zeros(len(self.header), dtype=bool)
        for changes in self.levels.values():
            differs |= changes.documents
        return differs

    @cached_property
    def any(self) -> np.ndarray:
        """Documents in which anything differs."""
        return np.asarray(self.header | self.state | self.below, dtype=bool)


def comes_whole(assembled: Assembled, feed: Feed) -> np.ndarray:
    """Which documents are all that there is of them, bool; the others are changes of what is stored."""
    whole = feed.whole(assembled.extents) & ~assembled.acts("update")
    return np.asarray(whole | assembled.acts("replace"), dtype=bool)


def differences(assembled: Assembled, stored_side: StoredSide, feed: Feed) -> Differences:
    """What storing each document would change, compared with the stored side."""
    document = feed.document
    header = stored_side.levels["header"].any_differs(compared_fields(document, document.header)) & ~assembled.cancels
    reopened = stored_side.cancelled & ~assembled.cancels & _reopens(assembled, stored_side, feed)
    state = stored_side.exists & (reopened | (assembled.cancels & ~stored_side.cancelled))
    levels: dict[str, LevelChanges] = {}
    for level in document.inner:
        levels[level.title] = _level_changes(assembled, stored_side, feed, level, reopened, levels.get(level.under))
    return Differences(header, state, levels)


def _reopens(assembled: Assembled, stored_side: StoredSide, feed: Feed) -> np.ndarray:
    """Cancelled documents that are opened again: the feed allows it, or their version is newer."""
    return newer(assembled, stored_side) | feed.keys.reopen


def compared_fields(document: Document, level: Level) -> dict[str, Field]:
    """The fields of a level in which a row may differ from the stored one."""
    fields = document.of(level).items()
    return {name: field for name, field in fields if field.stored and field.compared and field.name not in level.key}


def _level_changes(
    assembled: Assembled,
    stored_side: StoredSide,
    feed: Feed,
    level: Level,
    reopened: np.ndarray,
    above: LevelChanges | None,
) -> LevelChanges:
    """What storing the documents changes in a level. ``above``: in the level above, if that isn't the header."""
    match = stored_side.levels[level.title]
    rows = match.sent
    row_cancels, row_keeps = assembled.cancels_rows(level.title), assembled.keeps_rows(level.title)
    live = ~rows.of_documents(assembled.cancels)
    closed = rows.of_documents(
        stored_side.cancelled & ~reopened
    )  # its rows are cancelled with it: that is no difference
    cells = match.any_differs(compared_fields(feed.document, level))
    turned = match.both & (match.sent_of(match.stored.is_open) == row_cancels) & ~row_keeps
    fresh = live & ~match.both & ~rows.of_documents(stored_side.same)
    dropped, falling = _dropped(assembled, stored_side, feed, level, above)
    return LevelChanges(
        match=match,
        new=fresh & ~row_cancels & ~row_keeps,
        changed=live & ((cells & ~row_cancels) | (turned & ~closed)),
        idle=fresh & row_cancels,
        lost=row_keeps & live & (fresh | rows.of_documents(reopened)),  # of a cancelled document nothing is open
        dropped=dropped,
        falling=dropped & falling,
    )


def _dropped(
    assembled: Assembled, stored_side: StoredSide, feed: Feed, level: Level, above: LevelChanges | None
) -> tuple[np.ndarray, np.ndarray]:
    """Open stored rows that a whole document doesn't mention or whose row above is dropped; and all rows of the latter
    kind.
    """
    match = stored_side.levels[level.title]
    whole = feed.whole(assembled.extents) | assembled.acts("replace") | assembled.positional
    whole = np.asarray(whole & ~_only_cancels_lines(assembled, feed.document))
    brought = match.sent.count_per_document() > 0
    covered = brought if level.numbered else np.full(assembled.size, _has_columns(assembled, feed.document, level))
    mentioned = match.stored_by(~match.sent.of_documents(assembled.cancels))
    falling = _under_dropped(match, feed.document, level, above)
    unmentioned = match.stored.of_documents(np.asarray(assembled.cancels | (whole & covered), dtype=bool))
    return match.stored.is_open & (unmentioned | falling) & ~mentioned, falling


def _only_cancels_lines(assembled: Assembled, document: Document) -> np.ndarray:
    """Documents all of whose lines are cancelled by their own action: such a file speaks of no other line."""
    if document.lines is None:
        return np.zeros(assembled.size, dtype=bool)
    rows, cancels = assembled.rows[document.lines.title], assembled.cancels_rows(document.lines.title)
    return np.asarray((rows.count_per_document(cancels) > 0) & (rows.count_per_document(~cancels) == 0))


def _has_columns(assembled: Assembled, document: Document, level: Level) -> bool:
    """Whether the drop has a column of that level: without one, the level stays as it is stored (contract A5)."""
    return any(name not in assembled.absent for name in document.of(level))


def _under_dropped(match: LevelMatch, document: Document, level: Level, above: LevelChanges | None) -> np.ndarray:
    """Stored rows whose row above is dropped."""
    if above is None or not above.dropped.any():
        return np.zeros(len(match.stored), dtype=bool)
    on = [each.field(name).column for each in document.chain(above.match.sent.level) for name in each.key]
    below, gone = (joined([pa.array(rows.document), *(rows.cells[name] for name in on)])
                   for rows in (match.stored, above.match.stored))  # fmt: skip
    return mask(pc.is_in(below, value_set=gone.filter(pa.array(above.dropped))))
