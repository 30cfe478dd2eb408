"""Documents as they will be ↔ as they are stored: what is new, changed, gone.

The rows to write are made here, whole, so that writing them is dumb: insert these, update those. An unchanged row
keeps the job and line of its last real change; compared are all fields but job, line, action and version (contract
A5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.columns import array, comparable, differs, taken
from crossdock.documents.document import Document, Level
from crossdock.feeds import Feed
from crossdock.identity import folded
from crossdock.model import Gathered, Write
from crossdock.recall import CANCELLED, OPEN, Recalled


@dataclass(frozen=True)
class Differences:
    """By document: ``header``, ``state`` (it is cancelled or opened again). By line: ``new``, ``changed``, ``idle``.

    ``idle`` lines cancel what isn't stored. ``gone``: places of stored lines that are to be cancelled. ``any``:
    documents in which anything differs.
    """

    header: np.ndarray
    state: np.ndarray
    new: np.ndarray
    changed: np.ndarray
    idle: np.ndarray
    gone: np.ndarray
    any: np.ndarray


def differences(gathered: Gathered, recalled: Recalled, feed: Feed) -> Differences:
    """What storing each document would change."""
    document = feed.document
    action = gathered.actions("header")
    cancels = action == "cancel"
    compared = recalled.header_at >= 0
    header = compared & ~cancels & _row_differs(gathered, recalled, document.header, recalled.header_at, document)
    reopened = recalled.cancelled & ~cancels & feed.keys.reopen
    state = recalled.exists & (reopened | (cancels & ~recalled.cancelled))
    owner = gathered.document["line"]
    matched = recalled.line_at >= 0
    line_cancels = gathered.actions("line") == "cancel"
    stored_state = np.full(len(owner), OPEN, dtype=object)
    states = recalled.lines["state"].to_numpy(dtype=object)
    stored_state[matched] = states[recalled.line_at[matched]]
    cells = _row_differs(gathered, recalled, document.line, recalled.line_at, document)
    wanted_state = np.where(line_cancels, CANCELLED, OPEN)
    live = ~cancels[owner]
    closed = (recalled.cancelled & ~reopened)[owner]  # its lines are cancelled with it: that is no difference
    changed = live & matched & ((cells & ~line_cancels) | ((stored_state != wanted_state) & ~closed))
    fresh = live & ~matched & ~recalled.same[owner]
    idle = fresh & line_cancels
    new = fresh & ~line_cancels
    gone = _gone(gathered, recalled, feed, action)
    touched = header | state
    np.logical_or.at(touched, owner, changed | new)
    np.logical_or.at(touched, recalled.line_document[gone], True)
    return Differences(header, state, new, changed, idle, gone, touched)


def _row_differs(
    gathered: Gathered, recalled: Recalled, level: Level, at: np.ndarray, document: Document
) -> np.ndarray:
    """Where a row of the batch differs from the stored row at ``at``."""
    frame = gathered.levels[level.title]
    found = np.zeros(len(frame), dtype=bool)
    if not (at >= 0).any():
        return found
    rows = recalled.header if level is document.header else recalled.lines
    for name, field in document.of(level).items():
        if field.stored and field.compared and name in frame and name not in document.key:
            stored = taken(array(rows[field.column]), at)
            found |= differs(comparable(array(frame[name]), field), comparable(stored, field))
    return found & (at >= 0)


def _gone(gathered: Gathered, recalled: Recalled, feed: Feed, action: np.ndarray) -> np.ndarray:
    """Places of open stored lines that a whole document doesn't mention, or that fall with their document."""
    if not len(recalled.lines):
        return np.zeros(0, dtype=np.int64)
    owner = gathered.document["line"]
    lines = np.bincount(owner, minlength=gathered.size) > 0
    whole = (feed.keys.sends == "whole") | (action == "replace") | gathered.positional
    falls = (action == "cancel") | (whole & lines)
    mentioned = np.zeros(len(recalled.lines), dtype=bool)
    live = (action != "cancel")[owner]
    mentioned[recalled.line_at[(recalled.line_at >= 0) & live]] = True
    is_open = recalled.lines["state"].to_numpy(dtype=object) == OPEN
    return np.flatnonzero(is_open & falls[recalled.line_document] & ~mentioned)


def writes(
    gathered: Gathered,
    recalled: Recalled,
    found: Differences,
    contents: list[str | None],
    feed: Feed,
    taken_documents: np.ndarray,
    taken_lines: np.ndarray,
    job: str,
) -> tuple[Write, ...]:
    """The rows to insert and to update, of the documents and lines that are taken."""
    header = feed.document.header
    lines = feed.document.line
    owner = gathered.document["line"]
    fresh = taken_documents & ~recalled.exists
    touched = taken_documents & recalled.exists & found.any
    own = _rows(gathered, feed, header, np.flatnonzero(fresh), job)
    size = int(fresh.sum())
    own |= {
        "state": pa.repeat(OPEN, size),
        "partner": pa.repeat(feed.partner, size),
        "shared": pa.repeat(feed.shared, size),
        "content": pa.array([contents[place] for place in np.flatnonzero(fresh).tolist()], pa.string()),
        "key_fold": pa.array(folded(gathered.key)[fresh].tolist(), pa.string()),
        "revision": pa.repeat(pa.scalar(1, pa.int64()), size),
    }
    new_lines = np.flatnonzero(found.new & taken_lines & taken_documents[owner])
    line_rows = _rows(gathered, feed, lines, new_lines, job) | {"state": pa.repeat(OPEN, len(new_lines))}
    changed_lines = np.flatnonzero(found.changed & taken_lines & taken_documents[owner])
    gone = found.gone[taken_documents[recalled.line_document[found.gone]]]
    return (
        Write(header, pa.table(own), _header_updates(gathered, recalled, found, contents, feed, touched, job)),
        Write(lines, pa.table(line_rows), _line_updates(gathered, recalled, feed, changed_lines, gone, job)),
    )


def _rows(gathered: Gathered, feed: Feed, level: Level, places: np.ndarray, job: str) -> dict[str, pa.Array]:
    """The SQL columns of rows of a level, key first."""
    frame = gathered.levels[level.title]
    at = pa.array(places)
    owner = gathered.document[level.title][places]
    cells = {
        feed.document.header.field(name).column: pc.fill_null(array(gathered.key[name]).take(pa.array(owner)), "")
        for name in feed.document.key
    }
    for name, field in feed.document.of(level).items():
        if field.stored and name in frame and field.column not in cells:
            cells[field.column] = array(frame[name]).take(at)
    line = pa.array(frame.index.to_numpy(dtype=np.int64)[places])
    return cells | {"job": pa.repeat(job, len(places)), "line": line}


def _header_updates(
    gathered: Gathered,
    recalled: Recalled,
    found: Differences,
    contents: list[str | None],
    feed: Feed,
    touched: np.ndarray,
    job: str,
) -> pa.Table:
    places = np.flatnonzero(touched)
    at = recalled.header_at[places]
    rows = {name: array(recalled.header[name]).take(pa.array(at)) for name in recalled.header} if len(places) else {}
    if not rows:
        return pa.table({})
    cancels = (gathered.actions("header") == "cancel")[places]
    own = _rows(gathered, feed, feed.document.header, places, job)
    changed = pa.array(found.header[places] & ~cancels)
    moved = pa.array((found.header | found.state)[places])
    keys = {feed.document.header.field(name).column for name in feed.document.key}
    for name, values in own.items():
        if name not in keys:
            rows[name] = pc.if_else(moved if name in ("job", "line") else changed, values, rows[name])
    state = np.where(cancels, CANCELLED, np.where(found.state[places], OPEN, rows["state"].to_pylist()))
    content = [contents[place] for place in places.tolist()]
    rows["state"] = pa.array(state.tolist(), pa.string())
    rows["content"] = pc.if_else(pa.array(cancels), rows["content"], pa.array(content, pa.string()))
    rows["revision"] = pc.add(rows["revision"], 1)
    return pa.table(rows)


def _line_updates(
    gathered: Gathered, recalled: Recalled, feed: Feed, changed: np.ndarray, gone: np.ndarray, job: str
) -> pa.Table:
    if not len(changed) + len(gone):
        return pa.table({})
    places = np.concatenate([recalled.line_at[changed], gone])
    rows = {name: array(recalled.lines[name]).take(pa.array(places)) for name in recalled.lines}
    own = _rows(gathered, feed, feed.document.line, changed, job)
    cancels = (gathered.actions("line") == "cancel")[changed]
    keep = pa.array(cancels)
    header_lines = gathered.levels["header"].index.to_numpy(dtype=np.int64)[recalled.line_document[gone]]
    for name, values in own.items():
        if name == "line":
            rows[name] = pa.concat_arrays([values, pa.array(header_lines)])
        elif name == "job":
            rows[name] = pa.repeat(job, len(places))
        else:
            stored = rows[name]
            kept = pc.if_else(keep, stored.slice(0, len(changed)), values)
            rows[name] = pa.concat_arrays([kept, stored.slice(len(changed))])
    states = np.concatenate([np.where(cancels, CANCELLED, OPEN), np.full(len(gone), CANCELLED)])
    rows["state"] = pa.array(states.tolist(), pa.string())
    return pa.table(rows)
