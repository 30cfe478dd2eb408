"""Documents as they will be ↔ as they are stored: what is new, changed, gone.

The rows to write are made here, whole, so that writing them is dumb: insert these, update those. An unchanged row
keeps the job and line of its last real change; compared are all fields but job, line, action and version (contract
A5). Every level below the header is treated alike: what a whole document doesn't mention is gone, and what stood under
a row that is gone goes with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.columns import array
from crossdock.documents.document import Document, Field, Level
from crossdock.documents.effects import CANCELLED, OPEN
from crossdock.feeds import Feed
from crossdock.identity import folded
from crossdock.model import Gathered, Write
from crossdock.recall import Recalled, chained, newer
from crossdock.rows import LevelChanges, LevelMatch


@dataclass(frozen=True)
class Differences:
    """What storing the documents of a batch changes.

    By document: ``header`` (a cell of it differs), ``state`` (it is cancelled or opened again). ``levels``: by title,
    the rows of each level below the header.
    """

    header: np.ndarray
    state: np.ndarray
    levels: Mapping[str, LevelChanges]

    @property
    def below(self) -> np.ndarray:
        """Documents in which a row below the header differs."""
        found = np.zeros(len(self.header), dtype=bool)
        for changes in self.levels.values():
            found |= changes.documents
        return found

    @cached_property
    def any(self) -> np.ndarray:
        """Documents in which anything differs."""
        return np.asarray(self.header | self.state | self.below, dtype=bool)


def differences(gathered: Gathered, recalled: Recalled, feed: Feed) -> Differences:
    """What storing each document would change."""
    document = feed.document
    header = recalled.levels["header"].any_differs(_compared(document, document.header)) & ~gathered.cancels
    reopened = recalled.cancelled & ~gathered.cancels & _reopens(gathered, recalled, feed)
    state = recalled.exists & (reopened | (gathered.cancels & ~recalled.cancelled))
    levels: dict[str, LevelChanges] = {}
    for level in document.inner:
        levels[level.title] = _level_changes(gathered, recalled, feed, level, reopened, levels.get(level.under))
    return Differences(header, state, levels)


def _reopens(gathered: Gathered, recalled: Recalled, feed: Feed) -> np.ndarray:
    """Cancelled documents that come back: the feed says so, or their version is newer."""
    return newer(gathered, recalled) | feed.keys.reopen


def _compared(document: Document, level: Level) -> dict[str, Field]:
    """The fields of a level in which a row may differ from the stored one."""
    fields = document.of(level).items()
    return {name: field for name, field in fields if field.stored and field.compared and field.name not in level.key}


def _level_changes(
    gathered: Gathered,
    recalled: Recalled,
    feed: Feed,
    level: Level,
    reopened: np.ndarray,
    above: LevelChanges | None,
) -> LevelChanges:
    """What storing the documents changes in a level. ``above``: in the level above, if that isn't the header."""
    match = recalled.levels[level.title]
    rows = match.sent
    row_cancels = gathered.cancels_rows(level.title)
    live = ~rows.of_documents(gathered.cancels)
    closed = rows.of_documents(recalled.cancelled & ~reopened)  # its rows are cancelled with it: that is no difference
    cells = match.any_differs(_compared(feed.document, level))
    turned = match.both & (match.sent_of(match.stored.is_open) == row_cancels)
    fresh = live & ~match.both & ~rows.of_documents(recalled.same)
    dropped, falling = _dropped(gathered, recalled, feed, level, above)
    return LevelChanges(
        match=match,
        new=fresh & ~row_cancels,
        changed=live & ((cells & ~row_cancels) | (turned & ~closed)),
        idle=fresh & row_cancels,
        dropped=dropped,
        falling=dropped & falling,
    )


def _dropped(
    gathered: Gathered, recalled: Recalled, feed: Feed, level: Level, above: LevelChanges | None
) -> tuple[np.ndarray, np.ndarray]:
    """Open stored rows that a whole document doesn't mention, or that fall with what they stand under; and those that
    would fall so.
    """
    match = recalled.levels[level.title]
    action = gathered.actions("header")
    whole = (feed.sends == "whole") | (action == "replace") | gathered.positional
    brought = match.sent.count_per_document() > 0
    said = brought if level.numbered else np.full(gathered.size, _has_columns(gathered, feed.document, level))
    mentioned = match.stored_by(~match.sent.of_documents(gathered.cancels))
    falling = _under_dropped(match, feed.document, level, above)
    unmentioned = match.stored.of_documents(np.asarray(gathered.cancels | (whole & said), dtype=bool))
    return match.stored.is_open & (unmentioned | falling) & ~mentioned, falling


def _has_columns(gathered: Gathered, document: Document, level: Level) -> bool:
    """Whether the drop has a column of that level: what it has no column for is left as it is stored (contract A5)."""
    return any(name not in gathered.absent for name in document.of(level))


def _under_dropped(match: LevelMatch, document: Document, level: Level, above: LevelChanges | None) -> np.ndarray:
    """Stored rows whose row above is dropped."""
    if above is None or not above.dropped.any():
        return np.zeros(len(match.stored), dtype=bool)
    on = [each.field(name).column for each in document.chain(above.match.sent.level) for name in each.key]
    keys, gone = (rows.cells[on].astype(object).assign(**{"@document": rows.document})
                  for rows in (match.stored, above.match.stored))  # fmt: skip
    found = keys.merge(gone[above.dropped], on=[*on, "@document"], how="left", indicator=True)["_merge"]
    return np.asarray((found == "both").to_numpy(dtype=bool))


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
