"""The rows that are written for the documents that are taken: to insert, to update, whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import rows_at
from crossdock.frames.rows import LevelChanges, LevelMatch
from crossdock.model.batch import Assembled
from crossdock.model.decision import Write
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.keys import folded, stored_keys, whole_key
from crossdock.pipeline.lookup.stored_side import StoredSide, chained, newer
from crossdock.pipeline.reconcile.differences import Differences, comes_whole
from crossdock.schema.document import Level
from crossdock.schema.relations import CANCELLED, OPEN


@dataclass(frozen=True)
class Taking:
    """What is taken of a batch: which documents, and by level title which rows (bool); the content hashes to store."""

    documents: np.ndarray
    rows: dict[str, np.ndarray]
    contents: list[str | None]


def row_writes(
    assembled: Assembled, stored_side: StoredSide, differing: Differences, feed: Feed, taking: Taking, job: str
) -> tuple[Write, ...]:
    """The rows to insert and to update for the taken documents and rows, header first; columns named as in SQL."""
    document = feed.document
    fresh = np.flatnonzero(taking.documents & ~stored_side.exists)
    touched = np.flatnonzero(taking.documents & stored_side.exists & (differing.any | newer(assembled, stored_side)))
    header = Write(
        document.header,
        _header_inserts(assembled, feed, taking, fresh, job),
        _header_updates(assembled, stored_side, differing, feed, taking, touched, job),
    )
    return (header, *(_level_writes(assembled, changes, feed, taking, job) for changes in differing.levels.values()))


def _header_inserts(assembled: Assembled, feed: Feed, taking: Taking, fresh: np.ndarray, job: str) -> pa.Table:
    document, size = feed.document, len(fresh)
    own = _rows(assembled, feed, document.header, fresh, job)
    versions = assembled.version or [None] * assembled.size
    cancels = assembled.cancels[fresh]
    if cancels.any():  # of a document that is new and cancelled only the cancellation is stored
        keys = {document.header.field(name).column for name in document.key} | {"job", "line"}
        own = {name: values if name in keys else pc.if_else(pa.array(cancels), pa.scalar(None, values.type), values)
               for name, values in own.items()}  # fmt: skip
    own |= {
        "state": pa.array(np.where(cancels, CANCELLED, OPEN).tolist(), pa.string()),
        "partner": pa.repeat(feed.partner, size),
        "shared": pa.repeat(feed.shared, size),
        "content": pa.array([taking.contents[place] for place in fresh.tolist()], pa.string()),
        "version": pa.array([versions[place] for place in fresh.tolist()], pa.string()),
        "key_fold": folded(whole_key(assembled, feed), document).take(pa.array(fresh)),
        "revision": pa.repeat(pa.scalar(1, pa.int64()), size),
    }
    return pa.table(own)


def _level_writes(assembled: Assembled, changes: LevelChanges, feed: Feed, taking: Taking, job: str) -> Write:
    rows, stored = changes.match.sent, changes.match.stored
    taken = taking.rows[rows.level.title] & rows.of_documents(taking.documents)
    new = np.flatnonzero(changes.new & taken)
    inserts = _rows(assembled, feed, rows.level, new, job) | {"state": pa.repeat(OPEN, len(new))}
    changed = np.flatnonzero(changes.changed & taken)
    dropped = np.flatnonzero(changes.dropped & stored.of_documents(taking.documents))
    return Write(rows.level, pa.table(inserts), _row_updates(assembled, changes.match, feed, changed, dropped, job))


def _rows(assembled: Assembled, feed: Feed, level: Level, places: np.ndarray, job: str) -> dict[str, pa.Array]:
    """The SQL columns of rows of a level, key first."""
    document, rows = feed.document, assembled.rows[level.title]
    at = pa.array(places)
    cells = rows_at(stored_keys(assembled.key, document), rows.document[places])
    cells |= {name: values.take(at) for name, values in chained(assembled, document, level).items()}
    for name, field in document.of(level).items():
        if field.stored and name in rows.cells and field.column not in cells:
            cells[field.column] = rows.cells[name].take(at)
    return cells | {"job": pa.repeat(job, len(places)), "line": pa.array(rows.lines[places])}


def _header_updates(
    assembled: Assembled,
    stored_side: StoredSide,
    differing: Differences,
    feed: Feed,
    taking: Taking,
    places: np.ndarray,
    job: str,
) -> pa.Table:
    if not len(places):
        return pa.table({})
    at = pa.array(stored_side.levels["header"].stored_row[places])
    rows = {name: column.take(at) for name, column in stored_side.header.items()}
    cancels = assembled.cancels[places]
    own = _rows(assembled, feed, feed.document.header, places, job)
    changed = pa.array(differing.header[places] & ~cancels)
    written = pa.array((differing.header | differing.state)[places])
    keys = {feed.document.header.field(name).column for name in feed.document.key}
    for name, values in own.items():
        if name not in keys:
            rows[name] = pc.if_else(written if name in ("job", "line") else changed, values, rows[name])
    state = np.where(cancels, CANCELLED, np.where(differing.state[places], OPEN, rows["state"].to_pylist()))
    content = [taking.contents[place] for place in places.tolist()]
    before = pc.coalesce(rows["changed_from"], rows["content"])
    changed_from = pc.if_else(pa.array(comes_whole(assembled, feed)[places]), None, before)
    rows["changed_from"] = pc.if_else(pa.array(cancels), rows["changed_from"], changed_from)
    rows["state"] = pa.array(state.tolist(), pa.string())
    rows["content"] = pc.if_else(pa.array(cancels), rows["content"], pa.array(content, pa.string()))
    rows["revision"] = pc.add(rows["revision"], 1)
    if assembled.version:
        rows["version"] = pa.array([assembled.version[place] for place in places.tolist()], pa.string())
    return pa.table(rows)


def _row_updates(
    assembled: Assembled, match: LevelMatch, feed: Feed, changed: np.ndarray, dropped: np.ndarray, job: str
) -> pa.Table:
    """Whole rows: those that change as they are sent, then those that are dropped as they are stored."""
    if not len(changed) + len(dropped):
        return pa.table({})
    level, stored_cells = match.sent.level, match.stored.cells
    places = pa.array(np.concatenate([match.stored_row[changed], dropped]))
    own = _rows(assembled, feed, level, changed, job)
    rows = {name: column.take(places) for name, column in stored_cells.items()}
    cancels = assembled.cancels_rows(level.title)[changed]
    keep = pa.array(cancels)
    header_lines = assembled.header_lines[match.stored.document[dropped]]
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
