"""What a document may not do to the one that is stored: overwrite a newer one, change what is cancelled or shipped.

Contract A5 (actions, versions) and A6 (states). What is found here was decided against the revision that the writing
transaction looks at again, so nothing can slip in between.
"""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from crossdock.failures.failures import Failures
from crossdock.frames.columns import array, differs, mask
from crossdock.frames.rows import LevelMatch
from crossdock.model.batch import Assembled
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.stored_side import StoredSide
from crossdock.pipeline.lookup.versions import outdated
from crossdock.pipeline.reconcile.differences import Differences
from crossdock.schema.document import Document
from crossdock.schema.relations import Moved
from crossdock.schema.roles import Role


def refused_changes(
    assembled: Assembled, stored_side: StoredSide, differing: Differences, feed: Feed, behind: np.ndarray
) -> Failures:
    """An insert of what is there with other content; other content for what is cancelled, shipped, of the same version,
    appended, or not a fix-workbook's.
    """
    lines = assembled.header_lines
    differs = stored_side.exists & differing.any
    inserts = (assembled.actions("header") == "insert") & differs & (assembled.version is None)
    appended = differs & (feed.document.mode == "append")
    closed = stored_side.cancelled & ~assembled.cancels & differing.any & ~differing.state & ~inserts
    strange = np.array([job is not None for job in behind], dtype=bool) & differing.any
    again = _same_version(assembled, stored_side) & differing.any & ~closed
    return Failures.merge(
        feed.failures(lines[inserts], "", "already_exists"),
        feed.failures(lines[appended], "", "append_only", [{"job": job} for job in stored_side.job[appended]]),
        feed.failures(lines[closed & ~again], "", "cancelled"),
        feed.failures(lines[strange], "", "not_of_this_fix", [{"job": job} for job in behind[strange]]),
        feed.failures(lines[again], "", "version_again", [{"job": job} for job in stored_side.job[again]]),
        _stale(assembled, stored_side, feed),
        _moved(assembled, stored_side, differing, feed),
    )


def _same_version(assembled: Assembled, stored_side: StoredSide) -> np.ndarray:
    if assembled.version is None:
        return np.zeros(assembled.size, dtype=bool)
    pairs = zip(assembled.version, stored_side.version, strict=True)
    again = np.array([now is not None and now == then for now, then in pairs], dtype=bool)
    return stored_side.exists & again & ~stored_side.short  # what was taken without lines may be completed


def _stale(assembled: Assembled, stored_side: StoredSide, feed: Feed) -> Failures:
    stale = outdated(assembled, stored_side, feed.document)
    known = (f"that of job {job}" if job else "a later one of this file" for job in stored_side.job[stale])
    return feed.failures(assembled.header_lines[stale], "", "stale", ({"known": each} for each in known))


def _moved(assembled: Assembled, stored_side: StoredSide, differing: Differences, feed: Feed) -> Failures:
    """Changes to what is shipped or received: adding lines and raising open ones is all that is allowed (A6)."""
    moved, level = feed.document.moved, feed.document.lines
    if moved is None or level is None or not len(stored_side.levels[level.title].stored):
        return Failures.none()
    changes = differing.levels[level.title]
    match, stored, lines = changes.match, changes.match.stored, assembled.header_lines
    some_done = mask(pc.greater(pc.fill_null(array(stored.cells[moved.column]), 0), 0))
    cancels = assembled.cancels & stored.any_per_document(some_done) & ~stored_side.cancelled
    header = stored_side.levels["header"]
    finished = header.sent_of(header.stored.values("state") == moved.done) & differing.header
    dropped = changes.dropped & some_done & ~stored.of_documents(assembled.cancels)
    numbers = stored.values(level.field(level.key[-1]).column)[dropped]
    changed = changes.changed & match.sent_of(some_done) & ~assembled.cancels_rows(level.title)
    if changed.any():
        changed &= ~_only_raised(match, feed.document, moved)
    what = ({"what": f"line {number!r} is not in the file"} for number in numbers)
    return Failures.merge(
        feed.failures(lines[cancels], "", moved.code, {"what": "the document can't be cancelled any more"}),
        feed.failures(lines[finished], "", moved.code, {"what": "the document can't be changed any more"}),
        feed.failures(lines[stored.document[dropped]], "", moved.code, what),
        feed.failures(match.sent.lines[changed], feed.document.playing(Role.QUANTITY, feed.document.lines), moved.code,
                      {"what": "a line may only be raised, while it is open"}),
    )  # fmt: skip


def _only_raised(match: LevelMatch, document: Document, moved: Moved) -> np.ndarray:
    """Lines of which only the quantity differs, is more than before, and that were still open."""
    rows, field = match.sent, match.sent.level.role(Role.QUANTITY)
    name = document.playing(Role.QUANTITY, rows.level)
    if field is None or name not in rows.cells:
        return np.zeros(len(rows), dtype=bool)
    stored, done = match.stored_values(field.column), pc.fill_null(match.stored_values(moved.column), 0)
    raised = mask(pc.greater(array(rows.cells[name]), stored)) & mask(pc.less(done, stored))
    for other, beside in document.of(rows.level).items():
        compared = beside.stored and beside.compared and beside.name not in rows.level.key
        if compared and other in rows.cells and other != name:
            raised &= ~differs(array(rows.cells[other]), match.stored_values(beside.column))
    return raised
