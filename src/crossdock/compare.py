"""Documents as they will be ↔ as they are stored: what is new, changed, gone.

The rows to write are made here, whole, so that writing them is dumb: insert these, update those. An unchanged row
keeps the job and line of its last real change; compared are all fields but job, line, action and version (contract
A5). Every level below the header is treated alike: what a whole document doesn't mention is gone, and what stood under
a row that is gone goes with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.columns import array, comparable, differs, taken
from crossdock.documents.document import Document, Level
from crossdock.documents.effects import CANCELLED, OPEN
from crossdock.feeds import Feed
from crossdock.identity import folded
from crossdock.model import Gathered, Write
from crossdock.recall import Recalled, chained, newer


@dataclass(frozen=True)
class Differences:
    """By document: ``header``, ``state`` (it is cancelled or opened again), ``any`` (anything differs).

    By level title, a value a row: ``new``, ``changed``, ``idle`` (rows that cancel what isn't stored); ``gone``: places
    of stored rows that are to be cancelled.
    """

    header: np.ndarray
    state: np.ndarray
    new: dict[str, np.ndarray]
    changed: dict[str, np.ndarray]
    idle: dict[str, np.ndarray]
    gone: dict[str, np.ndarray]
    any: np.ndarray

    def below(
        self, gathered: Gathered, recalled: Recalled, taken_rows: dict[str, np.ndarray] | None = None
    ) -> np.ndarray:
        """Documents in which a row below the header differs, counting only rows that are taken."""
        found = np.zeros(len(self.header), dtype=bool)
        for title, new in self.new.items():
            moved = new | self.changed[title]
            moved = moved if taken_rows is None else moved & taken_rows[title]
            np.logical_or.at(found, gathered.document[title], moved)
            np.logical_or.at(found, recalled.owner[title][self.gone[title]], True)
        return found


def differences(gathered: Gathered, recalled: Recalled, feed: Feed) -> Differences:
    """What storing each document would change."""
    document = feed.document
    action = gathered.actions("header")
    cancels = action == "cancel"
    compared = recalled.at["header"] >= 0
    header = compared & ~cancels & _row_differs(gathered, recalled, document.header, document)
    reopened = recalled.cancelled & ~cancels & _reopens(gathered, recalled, feed)
    state = recalled.exists & (reopened | (cancels & ~recalled.cancelled))
    found = Differences(header, state, {}, {}, {}, {}, header | state)
    for level in document.inner:
        _level_differs(found, gathered, recalled, feed, level, reopened)
    return Differences(header, state, found.new, found.changed, found.idle, found.gone,
                       header | state | found.below(gathered, recalled))  # fmt: skip


def _reopens(gathered: Gathered, recalled: Recalled, feed: Feed) -> np.ndarray:
    """Cancelled documents that come back: the feed says so, or their version is newer."""
    return newer(gathered, recalled) | feed.keys.reopen


def _level_differs(
    found: Differences, gathered: Gathered, recalled: Recalled, feed: Feed, level: Level, reopened: np.ndarray
) -> None:
    title = level.title
    owner, at = gathered.document[title], recalled.at[title]
    cancels = gathered.actions("header") == "cancel"
    matched = at >= 0
    row_cancels = gathered.actions(title) == "cancel"
    stored_state = np.full(len(owner), OPEN, dtype=object)
    states = recalled.rows[title]["state"].to_numpy(dtype=object)
    stored_state[matched] = states[at[matched]]
    cells = _row_differs(gathered, recalled, level, feed.document)
    wanted = np.where(row_cancels, CANCELLED, OPEN)
    live = ~cancels[owner]
    closed = (recalled.cancelled & ~reopened)[owner]  # its rows are cancelled with it: that is no difference
    changed = live & matched & ((cells & ~row_cancels) | ((stored_state != wanted) & ~closed))
    fresh = live & ~matched & ~recalled.same[owner]
    found.new[title], found.changed[title] = fresh & ~row_cancels, changed
    found.idle[title] = fresh & row_cancels
    found.gone[title] = _gone(found, gathered, recalled, feed, level)


def _row_differs(gathered: Gathered, recalled: Recalled, level: Level, document: Document) -> np.ndarray:
    """Where a row of the batch differs from its stored row."""
    frame, at = gathered.levels[level.title], recalled.at[level.title]
    found = np.zeros(len(frame), dtype=bool)
    if not (at >= 0).any():
        return found
    rows = recalled.rows[level.title]
    for name, field in document.of(level).items():
        if field.stored and field.compared and name in frame and field.name not in level.key:
            stored = taken(array(rows[field.column]), at)
            found |= differs(comparable(array(frame[name]), field), comparable(stored, field))
    return found & (at >= 0)


def _gone(found: Differences, gathered: Gathered, recalled: Recalled, feed: Feed, level: Level) -> np.ndarray:
    """Places of open stored rows that a whole document doesn't mention, or that fall with what they stand under."""
    rows = recalled.rows[level.title]
    if not len(rows):
        return np.zeros(0, dtype=np.int64)
    action = gathered.actions("header")
    owner = gathered.document[level.title]
    lines = np.bincount(owner, minlength=gathered.size) > 0
    whole = (feed.sends == "whole") | (action == "replace") | gathered.positional
    said = lines if level.numbered else np.full(gathered.size, _has_columns(gathered, feed.document, level))
    falls = (action == "cancel") | (whole & said)
    mentioned = np.zeros(len(rows), dtype=bool)
    live = (action != "cancel")[owner]
    at = recalled.at[level.title]
    mentioned[at[(at >= 0) & live]] = True
    fallen = falls[recalled.owner[level.title]] | _under_gone(found, recalled, feed.document, level)
    return np.flatnonzero(recalled.is_open(level.title) & fallen & ~mentioned)


def _has_columns(gathered: Gathered, document: Document, level: Level) -> bool:
    """Whether the drop has a column of that level: what it has no column for is left as it is stored (contract A5)."""
    return any(name not in gathered.absent for name in document.of(level))


def _under_gone(found: Differences, recalled: Recalled, document: Document, level: Level) -> np.ndarray:
    """Stored rows whose row above is gone."""
    rows, above = recalled.rows[level.title], document.by_title[level.under]
    if above is document.header or not len(found.gone[above.title]):
        return np.zeros(len(rows), dtype=bool)
    on = [each.field(name).column for each in document.chain(above) for name in each.key]
    gone = recalled.rows[above.title].loc[found.gone[above.title], on].astype(object)
    gone["@owner"] = recalled.owner[above.title][found.gone[above.title]]
    own = rows[on].astype(object).assign(**{"@owner": recalled.owner[level.title]})
    return (own.merge(gone, on=[*on, "@owner"], how="left", indicator=True)["_merge"] == "both").to_numpy(dtype=bool)


@dataclass(frozen=True)
class Taking:
    """What is taken of a batch: documents, and by level title which rows; the hashes and versions to store."""

    documents: np.ndarray
    rows: dict[str, np.ndarray]
    contents: list[str | None]


def writes(
    gathered: Gathered, recalled: Recalled, found: Differences, feed: Feed, taking: Taking, job: str
) -> tuple[Write, ...]:
    """The rows to insert and to update, of the documents and rows that are taken."""
    document, header = feed.document, feed.document.header
    fresh = taking.documents & ~recalled.exists
    touched = taking.documents & recalled.exists & (found.any | newer(gathered, recalled))
    own = _rows(gathered, feed, header, np.flatnonzero(fresh), job)
    size = int(fresh.sum())
    versions = gathered.version or [None] * gathered.size
    cancels = gathered.actions("header")[fresh] == "cancel"
    if cancels.any():  # nothing is stored of a document that is cancelled before it came, but that it is
        keys = {header.field(name).column for name in document.key} | {"job", "line"}
        own = {name: values if name in keys else pc.if_else(pa.array(cancels), pa.scalar(None, values.type), values)
               for name, values in own.items()}  # fmt: skip
    own |= {
        "state": pa.array(np.where(cancels, CANCELLED, OPEN).tolist(), pa.string()),
        "partner": pa.repeat(feed.partner, size),
        "shared": pa.repeat(feed.shared, size),
        "content": pa.array([taking.contents[place] for place in np.flatnonzero(fresh).tolist()], pa.string()),
        "version": pa.array([versions[place] for place in np.flatnonzero(fresh).tolist()], pa.string()),
        "key_fold": pa.array(folded(gathered.key, document)[fresh].tolist(), pa.string()),
        "revision": pa.repeat(pa.scalar(1, pa.int64()), size),
    }
    made = [Write(header, pa.table(own), _header_updates(gathered, recalled, found, feed, taking, touched, job))]
    for level in document.inner:
        title = level.title
        taken_rows = taking.rows[title] & taking.documents[gathered.document[title]]
        new = np.flatnonzero(found.new[title] & taken_rows)
        rows = _rows(gathered, feed, level, new, job) | {"state": pa.repeat(OPEN, len(new))}
        changed = np.flatnonzero(found.changed[title] & taken_rows)
        gone = found.gone[title][taking.documents[recalled.owner[title][found.gone[title]]]]
        made.append(Write(level, pa.table(rows), _row_updates(gathered, recalled, feed, level, changed, gone, job)))
    return tuple(made)


def _rows(gathered: Gathered, feed: Feed, level: Level, places: np.ndarray, job: str) -> dict[str, pa.Array]:
    """The SQL columns of rows of a level, key first."""
    document = feed.document
    frame = gathered.levels[level.title]
    at = pa.array(places)
    owner = gathered.document[level.title][places]
    cells = {
        document.header.field(name).column: pc.fill_null(array(gathered.key[name]).take(pa.array(owner)), "")
        for name in document.key
    }
    cells |= {name: values.take(at) for name, values in chained(gathered, document, level).items()}
    for name, field in document.of(level).items():
        if field.stored and name in frame and field.column not in cells:
            cells[field.column] = array(frame[name]).take(at)
    line = pa.array(frame.index.to_numpy(dtype=np.int64)[places])
    return cells | {"job": pa.repeat(job, len(places)), "line": line}


def _header_updates(
    gathered: Gathered,
    recalled: Recalled,
    found: Differences,
    feed: Feed,
    taking: Taking,
    touched: np.ndarray,
    job: str,
) -> pa.Table:
    places = np.flatnonzero(touched)
    at = recalled.at["header"][places]
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
    content = [taking.contents[place] for place in places.tolist()]
    rows["state"] = pa.array(state.tolist(), pa.string())
    rows["content"] = pc.if_else(pa.array(cancels), rows["content"], pa.array(content, pa.string()))
    rows["revision"] = pc.add(rows["revision"], 1)
    if gathered.version:
        rows["version"] = pa.array([gathered.version[place] for place in places.tolist()], pa.string())
    return pa.table(rows)


def _row_updates(
    gathered: Gathered, recalled: Recalled, feed: Feed, level: Level, changed: np.ndarray, gone: np.ndarray, job: str
) -> pa.Table:
    if not len(changed) + len(gone):
        return pa.table({})
    title = level.title
    places = np.concatenate([recalled.at[title][changed], gone])
    kept = recalled.rows[title]
    own = _rows(gathered, feed, level, changed, job)
    moved = feed.document.moved.column if level.numbered and feed.document.moved else None
    rows = {name: array(kept[name]).take(pa.array(places)) for name in kept if name != moved}
    cancels = (gathered.actions(title) == "cancel")[changed]
    keep = pa.array(cancels)
    header_lines = gathered.levels["header"].index.to_numpy(dtype=np.int64)[recalled.owner[title][gone]]
    for name, values in own.items():
        if name == "line":
            rows[name] = pa.concat_arrays([values, pa.array(header_lines)])
        elif name == "job":
            rows[name] = pa.repeat(job, len(places))
        else:
            stored = rows[name]
            of_changed = pc.if_else(keep, stored.slice(0, len(changed)), values)
            rows[name] = pa.concat_arrays([of_changed, stored.slice(len(changed))])
    states = np.concatenate([np.where(cancels, CANCELLED, OPEN), np.full(len(gone), CANCELLED)])
    rows["state"] = pa.array(states.tolist(), pa.string())
    return pa.table(rows)
