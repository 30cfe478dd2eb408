"""What a document may not do to the one that is stored: overwrite a newer one, change what is cancelled or shipped.

Contract A5 (actions, versions) and A6 (states). What is found here was decided against the revision that the writing
transaction looks at again, so nothing can slip in between.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.columns import array, differs, mask, taken
from crossdock.compare import Differences
from crossdock.documents.document import Document
from crossdock.documents.effects import Moved
from crossdock.failures import Failures
from crossdock.feeds import Feed
from crossdock.identity import outdated
from crossdock.model import Gathered
from crossdock.recall import Recalled


def refused_changes(
    gathered: Gathered, recalled: Recalled, differing: Differences, feed: Feed, behind: np.ndarray
) -> Failures:
    """An insert of what is there with other content; other content for what is cancelled, shipped, of the same version,
    appended, or not a fix-workbook's.
    """
    index = gathered.levels["header"].index
    action = gathered.actions("header")
    versioned = gathered.version is not None
    inserts = (action == "insert") & recalled.exists & differing.any & (not versioned)
    appended = recalled.exists & differing.any & (feed.document.mode == "append")
    closed = recalled.cancelled & (action != "cancel") & differing.any & ~differing.state & ~inserts
    strange = np.array([job is not None for job in behind], dtype=bool) & differing.any
    again = _same_version(gathered, recalled) & differing.any & ~closed
    return Failures.merge(
        feed.failures(index[inserts], "", "already_exists"),
        feed.failures(index[appended], "", "append_only", [{"job": job} for job in recalled.job[appended]]),
        feed.failures(index[closed & ~again], "", "cancelled"),
        feed.failures(index[strange], "", "not_of_this_fix", [{"job": job} for job in behind[strange]]),
        feed.failures(index[again], "", "version_again", [{"job": job} for job in recalled.job[again]]),
        _stale(gathered, recalled, feed),
        _moved(gathered, recalled, differing, feed),
    )


def _same_version(gathered: Gathered, recalled: Recalled) -> np.ndarray:
    if gathered.version is None:
        return np.zeros(gathered.size, dtype=bool)
    pairs = zip(gathered.version, recalled.version, strict=True)
    again = np.array([now is not None and now == then for now, then in pairs], dtype=bool)
    return recalled.exists & again & ~recalled.short  # what was taken without lines may be completed


def _stale(gathered: Gathered, recalled: Recalled, feed: Feed) -> Failures:
    stale = outdated(gathered, recalled, feed.document)
    if not stale.any():
        return Failures.none()
    known = [f"that of job {job}" if job else "a later one of this file" for job in recalled.job[stale]]
    return feed.failures(gathered.levels["header"].index[stale], "", "stale", [{"known": each} for each in known])


def _moved(gathered: Gathered, recalled: Recalled, differing: Differences, feed: Feed) -> Failures:
    """Changes to what is shipped or received: adding lines and raising open ones is all that is allowed (A6)."""
    document = feed.document
    moved, level = document.moved, document.lines
    if moved is None or level is None or not len(recalled.rows[level.title]):
        return Failures.none()
    title, index = level.title, gathered.levels["header"].index
    rows, owner, at = recalled.rows[title], recalled.owner[title], recalled.at[title]
    done = pc.fill_null(array(rows[moved.column]), 0)
    some = mask(pc.greater(done, 0))
    any_moved = np.zeros(gathered.size, dtype=bool)
    any_moved[owner[some]] = True
    cancels = (gathered.actions("header") == "cancel") & any_moved & ~recalled.cancelled
    finished = np.zeros(gathered.size, dtype=bool)
    known = recalled.at["header"] >= 0
    states = recalled.header["state"].to_numpy(dtype=object)
    finished[known] = states[recalled.at["header"][known]] == moved.done
    header = finished & differing.header
    fallen = differing.gone[title][some[differing.gone[title]]]
    fallen = fallen[~cancels[owner[fallen]] & (gathered.actions("header") != "cancel")[owner[fallen]]]
    numbers = rows[level.field(level.key[-1]).column].to_numpy(dtype=object)
    changed = differing.changed[title] & (at >= 0) & (gathered.actions(title) != "cancel")
    changed &= some[np.where(at >= 0, at, 0)] & (at >= 0)
    changed &= ~_only_raised(gathered, recalled, document, done)
    return Failures.merge(
        _already(feed, moved, index[cancels], "", ["the document can't be cancelled any more"] * int(cancels.sum())),
        _already(feed, moved, index[header], "", ["the document can't be changed any more"] * int(header.sum())),
        _already(feed, moved, index[owner[fallen]], "",
                 [f"line {numbers[each]!r} is not in the file" for each in fallen]),
        _already(feed, moved, gathered.levels[title].index[changed], _quantity(document),
                 ["a line may only be raised, while it is open"] * int(changed.sum())),
    )  # fmt: skip


def _already(feed: Feed, moved: Moved, lines: pd.Index, field: str, what: list[str]) -> Failures:
    return feed.failures(lines, field, moved.code, [{"what": each} for each in what])


def _quantity(document: Document) -> str:
    """The qualified name of a line's quantity."""
    level = document.lines
    return document.qualified(level, level.field("quantity")) if level else ""


def _only_raised(gathered: Gathered, recalled: Recalled, document: Document, done: pa.Array) -> np.ndarray:
    """Lines of which only the quantity differs, is more than before, and that were still open."""
    level = document.lines
    if level is None:
        return np.zeros(0, dtype=bool)
    lines, rows, at = gathered.levels[level.title], recalled.rows[level.title], recalled.at[level.title]
    name = _quantity(document)
    raised = np.zeros(len(lines), dtype=bool)
    if name not in lines:
        return raised
    stored = taken(array(rows["quantity"]), at)
    raised = mask(pc.greater(array(lines[name]), stored)) & mask(pc.less(taken(done, at), stored))
    for other, field in document.of(level).items():
        if field.stored and field.compared and other in lines and other != name and field.name not in level.key:
            raised &= ~differs(array(lines[other]), taken(array(rows[field.column]), at))
    return raised
