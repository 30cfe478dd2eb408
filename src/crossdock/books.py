"""Every record in exactly one bucket, every document with its outcome, every row counted (contract A8)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.columns import array, key_text, unit_of
from crossdock.compare import Differences
from crossdock.documents.document import Document
from crossdock.feeds import Feed
from crossdock.model import Books, Counts, Gathered
from crossdock.recall import Recalled, newer

STALE = "stale"
"""The reason of a document that is older than the stored one."""


@dataclass(frozen=True)
class Fate:
    """By document: ``taken``, ``duplicate``, ``stale``, ``reason`` (why not: a code of ``HOLDS``, the line to blame).

    The reason is '' where the document has failures of its own. What is a duplicate or stale is neither held nor
    written.
    """

    taken: np.ndarray
    duplicate: np.ndarray
    stale: np.ndarray
    reason: np.ndarray

    @property
    def written(self) -> np.ndarray:
        """The documents that go into the database, or are there already."""
        return self.taken & ~self.duplicate & ~self.stale


def bucketed(
    gathered: Gathered, recalled: Recalled, differing: Differences, fate: Fate, bad_records: np.ndarray
) -> Books:
    """Every record in one bucket."""
    owner = gathered.of_record
    first = np.zeros(len(owner), dtype=bool)
    first[np.searchsorted(gathered.lines, gathered.levels["header"].index.to_numpy())] = True
    moved = np.zeros(len(owner), dtype=bool)
    head = differing.header.copy()
    for title, new in differing.new.items():
        rows = gathered.row_of[title]
        moved |= (rows >= 0) & (new | differing.changed[title])[rows] if len(new) else False
        head[recalled.owner[title][differing.gone[title]]] = True
    whole = ~recalled.exists | differing.state
    moved |= whole[owner] | (first & head[owner])
    taken, written = fate.taken[owner], fate.written[owner]
    failed = bad_records
    return Books(
        read=len(owner),
        failed=int(failed.sum()),
        held=int((~taken & ~failed).sum()),
        duplicate=int((taken & fate.duplicate[owner] & ~failed).sum()),
        stale=int((taken & fate.stale[owner] & ~fate.duplicate[owner] & ~failed).sum()),
        loaded=int((written & ~failed & moved).sum()),
        unchanged=int((written & ~failed & ~moved).sum()),
    )


def counted(
    gathered: Gathered, recalled: Recalled, differing: Differences, fate: Fate, taken_rows: dict[str, np.ndarray]
) -> dict[str, Counts]:
    """By "header" and "line", how many rows were inserted, updated, left unchanged, cancelled.

    A "line" is a row of any level below the header.
    """
    taken = fate.written
    exists = recalled.exists
    cancels = gathered.actions("header") == "cancel"
    cancelled = taken & cancels & (differing.state | ~exists)
    updated = taken & exists & differing.any & ~cancels
    lines = Counts()
    for title, new in differing.new.items():
        owner = gathered.document[title]
        rows = taken[owner] & taken_rows[title]
        row_cancels = gathered.actions(title) == "cancel"
        gone = int(taken[recalled.owner[title][differing.gone[title]]].sum())
        inserted = int((rows & new).sum())
        changed = int((rows & differing.changed[title] & ~row_cancels).sum())
        dropped = int((rows & differing.changed[title] & row_cancels).sum())
        live = int((rows & ~cancels[owner]).sum())
        lines += Counts(inserted, changed, live - inserted - changed - dropped, dropped + gone)
    return {
        "header": Counts(
            inserted=int((taken & ~exists & ~cancels).sum()),
            updated=int(updated.sum()),
            unchanged=int((taken & exists & ~updated & ~cancelled).sum()),
            cancelled=int(cancelled.sum()),
        ),
        "line": lines,
    }


def seen(gathered: Gathered, recalled: Recalled, differing: Differences, fate: Fate, feed: Feed) -> pa.Table:
    """The stored documents this batch is about to change, by key, at the revision it has seen."""
    places = np.flatnonzero(fate.written & recalled.exists & (differing.any | newer(gathered, recalled)))
    cells = {
        feed.document.header.field(name).column: pc.fill_null(array(gathered.key[name]).take(pa.array(places)), "")
        for name in feed.document.key
    }
    return pa.table({**cells, "revision": pa.array(recalled.revision[places], pa.int64())})


def outcomes(
    gathered: Gathered, recalled: Recalled, differing: Differences, fate: Fate, bad_records: np.ndarray, feed: Feed
) -> pd.DataFrame:
    """A row a document: whose it is, how it is called, and what became of it."""
    key = gathered.key
    number = key[feed.document.number].fillna("").to_numpy(dtype=object)
    keys = key_text(key)
    if gathered.numberless is not None:  # the number that it would have got is another's now
        lost = gathered.numberless & ~fate.taken
        number, keys = np.where(lost, "", number), np.where(lost, "", keys)
    return pd.DataFrame(
        {
            "business_unit": unit_of(key),
            "number": number,
            "key": keys,
            "line": gathered.levels["header"].index.to_numpy(dtype=np.int64),
            "taken": fate.taken,
            "reason": np.where(fate.taken & fate.stale & ~fate.duplicate, STALE, fate.reason),
            "what": _done(gathered, recalled, differing, fate),
            "lines": _lines(gathered, feed.document, np.ones(len(bad_records), dtype=bool)),
            "failing_lines": _lines(gathered, feed.document, bad_records),
        }
    )


def _lines(gathered: Gathered, document: Document, records: np.ndarray) -> np.ndarray:
    """By document, how many lines those records are part of; records where they are no lines."""
    level = document.lines
    rows = gathered.row_of[level.title] if level else np.full(len(records), -1)
    alone = records & (rows < 0)
    counted = np.bincount(gathered.of_record[alone], minlength=gathered.size)
    if level is None:
        return counted
    owner = gathered.document[level.title][np.unique(rows[records & (rows >= 0)])]
    return counted + np.bincount(owner, minlength=gathered.size)


def _done(gathered: Gathered, recalled: Recalled, differing: Differences, fate: Fate) -> np.ndarray:
    """What was done with each document: inserted, updated, unchanged, cancelled, or nothing."""
    cancels = (gathered.actions("header") == "cancel") & (differing.state | ~recalled.exists)
    done = np.where(~recalled.exists, "inserted", np.where(differing.any, "updated", "unchanged"))
    return np.where(fate.written, np.where(cancels, "cancelled", done), "").astype(object)


def stored_lines(gathered: Gathered, recalled: Recalled, document: Document) -> int:
    """The open stored lines of the batch's documents; one with the same content has as many as it brings."""
    if document.lines is None:
        return 0
    title = document.lines.title
    changed = int(recalled.is_open(title).sum()) if len(recalled.rows[title]) else 0
    return changed + int(recalled.same[gathered.document[title]].sum())
