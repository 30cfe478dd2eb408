"""The rows that are written for the documents that are taken: to insert, to update, whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import array
from crossdock.frames.rows import LevelChanges, LevelMatch
from crossdock.model.batch import Gathered
from crossdock.model.decision import Write
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.keys import folded
from crossdock.pipeline.lookup.stored_side import Recalled, chained, newer
from crossdock.pipeline.reconcile.differences import Differences
from crossdock.schema.document import Level
from crossdock.schema.relations import CANCELLED, OPEN


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
    document = feed.document
    fresh = np.flatnonzero(taking.documents & ~recalled.exists)
    touched = np.flatnonzero(taking.documents & recalled.exists & (found.any | newer(gathered, recalled)))
    header = Write(
        document.header,
        _header_inserts(gathered, feed, taking, fresh, job),
        _header_updates(gathered, recalled, found, feed, taking, touched, job),
    )
    return (header, *(_level_writes(gathered, changes, feed, taking, job) for changes in found.levels.values()))


def _header_inserts(gathered: Gathered, feed: Feed, taking: Taking, fresh: np.ndarray, job: str) -> pa.Table:
    document, size = feed.document, len(fresh)
    own = _rows(gathered, feed, document.header, fresh, job)
    versions = gathered.version or [None] * gathered.size
    cancels = gathered.cancels[fresh]
    if cancels.any():  # nothing is stored of a document that is cancelled before it came, but that it is
        keys = {document.header.field(name).column for name in document.key} | {"job", "line"}
        own = {name: values if name in keys else pc.if_else(pa.array(cancels), pa.scalar(None, values.type), values)
               for name, values in own.items()}  # fmt: skip
    own |= {
        "state": pa.array(np.where(cancels, CANCELLED, OPEN).tolist(), pa.string()),
        "partner": pa.repeat(feed.partner, size),
        "shared": pa.repeat(feed.shared, size),
        "content": pa.array([taking.contents[place] for place in fresh.tolist()], pa.string()),
        "version": pa.array([versions[place] for place in fresh.tolist()], pa.string()),
        "key_fold": pa.array(folded(gathered.key, document).to_numpy(dtype=object)[fresh].tolist(), pa.string()),
        "revision": pa.repeat(pa.scalar(1, pa.int64()), size),
    }
    return pa.table(own)


def _level_writes(gathered: Gathered, changes: LevelChanges, feed: Feed, taking: Taking, job: str) -> Write:
    rows, stored = changes.match.sent, changes.match.stored
    taken = taking.rows[rows.level.title] & rows.of_documents(taking.documents)
    new = np.flatnonzero(changes.new & taken)
    inserts = _rows(gathered, feed, rows.level, new, job) | {"state": pa.repeat(OPEN, len(new))}
    changed = np.flatnonzero(changes.changed & taken)
    dropped = np.flatnonzero(changes.dropped & stored.of_documents(taking.documents))
    return Write(rows.level, pa.table(inserts), _row_updates(gathered, changes.match, feed, changed, dropped, job))


def _rows(gathered: Gathered, feed: Feed, level: Level, places: np.ndarray, job: str) -> dict[str, pa.Array]:
    """The SQL columns of rows of a level, key first."""
    document, rows = feed.document, gathered.rows[level.title]
    at, owner = pa.array(places), pa.array(rows.document[places])
    cells = {
        document.header.field(name).column: pc.fill_null(array(gathered.key[name]).take(owner), "")
        for name in document.key
    }
    cells |= {name: values.take(at) for name, values in chained(gathered, document, level).items()}
    for name, field in document.of(level).items():
        if field.stored and name in rows.cells and field.column not in cells:
            cells[field.column] = array(rows.cells[name]).take(at)
    return cells | {"job": pa.repeat(job, len(places)), "line": pa.array(rows.lines[places])}


def _header_updates(
    gathered: Gathered,
    recalled: Recalled,
    found: Differences,
    feed: Feed,
    taking: Taking,
    places: np.ndarray,
    job: str,
) -> pa.Table:
    if not len(places):
        return pa.table({})
    at = pa.array(recalled.levels["header"].stored_row[places])
    rows = {name: array(recalled.header[name]).take(at) for name in recalled.header}
    cancels = gathered.cancels[places]
    own = _rows(gathered, feed, feed.document.header, places, job)
    changed = pa.array(found.header[places] & ~cancels)
    written = pa.array((found.header | found.state)[places])
    keys = {feed.document.header.field(name).column for name in feed.document.key}
    for name, values in own.items():
        if name not in keys:
            rows[name] = pc.if_else(written if name in ("job", "line") else changed, values, rows[name])
    state = np.where(cancels, CANCELLED, np.where(found.state[places], OPEN, rows["state"].to_pylist()))
    content = [taking.contents[place] for place in places.tolist()]
    rows["state"] = pa.array(state.tolist(), pa.string())
    rows["content"] = pc.if_else(pa.array(cancels), rows["content"], pa.array(content, pa.string()))
    rows["revision"] = pc.add(rows["revision"], 1)
    if gathered.version:
        rows["version"] = pa.array([gathered.version[place] for place in places.tolist()], pa.string())
    return pa.table(rows)


def _row_updates(
    gathered: Gathered, match: LevelMatch, feed: Feed, changed: np.ndarray, dropped: np.ndarray, job: str
) -> pa.Table:
    """Whole rows: those that change as they are sent, then those that are dropped as they are stored."""
    if not len(changed) + len(dropped):
        return pa.table({})
    level, stored_cells = match.sent.level, match.stored.cells
    places = pa.array(np.concatenate([match.stored_row[changed], dropped]))
    own = _rows(gathered, feed, level, changed, job)
    moved = feed.document.moved.column if level.numbered and feed.document.moved else None
    rows = {name: array(stored_cells[name]).take(places) for name in stored_cells if name != moved}
    cancels = gathered.cancels_rows(level.title)[changed]
    keep = pa.array(cancels)
    header_lines = gathered.header_lines[match.stored.document[dropped]]
    for name, values in own.items():
        if name == "line":
            rows[name] = pa.concat_arrays([values, pa.array(header_lines)])
        elif name == "job":
            rows[name] = pa.repeat(job, len(places))
        else:
            stored = rows[name]
            of_changed = pc.if_else(keep, stored.slice(0, len(changed)), values)
            rows[name] = pa.concat_arrays([of_changed, stored.slice(len(changed))])
    states = np.concatenate([np.where(cancels, CANCELLED, OPEN), np.full(len(dropped), CANCELLED)])
    rows["state"] = pa.array(states.tolist(), pa.string())
    return pa.table(rows)
