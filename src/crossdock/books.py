"""Every record in exactly one bucket, every document with its outcome, every row counted (contract A8)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.columns import array
from crossdock.compare import Differences
from crossdock.feeds import Feed
from crossdock.model import Books, Counts, Gathered
from crossdock.recall import OPEN, Recalled


@dataclass(frozen=True)
class Fate:
    """By document: ``taken``, ``duplicate``, ``reason`` (why not: a code of ``HOLDS`` and the line to blame).

    The reason is '' where the document has failures of its own.
    """

    taken: np.ndarray
    duplicate: np.ndarray
    reason: np.ndarray


def bucketed(
    gathered: Gathered, recalled: Recalled, differing: Differences, fate: Fate, bad_records: np.ndarray
) -> Books:
    """Every record in one bucket."""
    owner = gathered.of_record
    first = np.zeros(len(owner), dtype=bool)
    first[np.searchsorted(gathered.lines, gathered.levels["header"].index.to_numpy())] = True
    moved = np.zeros(len(owner), dtype=bool)
    line_records = np.searchsorted(gathered.lines, gathered.levels["line"].index.to_numpy())
    moved[line_records] = differing.new | differing.changed
    whole = ~recalled.exists | differing.state
    head = differing.header.copy()
    head[recalled.line_document[differing.gone]] = True
    moved |= whole[owner] | (first & head[owner])
    taken, duplicate = fate.taken[owner], fate.duplicate[owner]
    failed = bad_records
    return Books(
        read=len(owner),
        failed=int(failed.sum()),
        held=int((~taken & ~failed).sum()),
        duplicate=int((taken & duplicate & ~failed).sum()),
        loaded=int((taken & ~duplicate & ~failed & moved).sum()),
        unchanged=int((taken & ~duplicate & ~failed & ~moved).sum()),
    )


def counted(
    gathered: Gathered, recalled: Recalled, differing: Differences, fate: Fate, taken_lines: np.ndarray
) -> dict[str, Counts]:
    """By level, how many rows were inserted, updated, left unchanged, cancelled."""
    taken = fate.taken & ~fate.duplicate
    exists = recalled.exists
    cancels = gathered.actions("header") == "cancel"
    cancelled = taken & cancels & differing.state
    updated = taken & exists & differing.any & ~cancels
    owner = gathered.document["line"]
    lines = taken[owner] & taken_lines
    line_cancels = gathered.actions("line") == "cancel"
    gone = int(taken[recalled.line_document[differing.gone]].sum())
    new = int((lines & differing.new).sum())
    changed = int((lines & differing.changed & ~line_cancels).sum())
    dropped = int((lines & differing.changed & line_cancels).sum())
    live = int((lines & ~cancels[owner]).sum())
    return {
        "header": Counts(
            inserted=int((taken & ~exists).sum()),
            updated=int(updated.sum()),
            unchanged=int((taken & exists & ~updated & ~cancelled).sum()),
            cancelled=int(cancelled.sum()),
        ),
        "line": Counts(new, changed, live - new - changed - dropped, dropped + gone),
    }


def seen(gathered: Gathered, recalled: Recalled, differing: Differences, fate: Fate, feed: Feed) -> pa.Table:
    """The stored documents this batch is about to change, by key, at the revision it has seen."""
    places = np.flatnonzero(fate.taken & ~fate.duplicate & recalled.exists & differing.any)
    cells = {
        feed.document.header.field(name).column: pc.fill_null(array(gathered.key[name]).take(pa.array(places)), "")
        for name in feed.document.key
    }
    return pa.table({**cells, "revision": pa.array(recalled.revision[places], pa.int64())})


def outcomes(gathered: Gathered, fate: Fate, bad_records: np.ndarray, feed: Feed) -> pd.DataFrame:
    """A row a document: whose it is, how it is called, and what became of it."""
    size = gathered.size
    key = gathered.key
    return pd.DataFrame(
        {
            "business_unit": key.iloc[:, 0].fillna("").to_numpy(dtype=object),
            "number": key[feed.document.number].fillna("").to_numpy(dtype=object),
            "line": gathered.levels["header"].index.to_numpy(dtype=np.int64),
            "taken": fate.taken,
            "reason": fate.reason,
            "lines": np.bincount(gathered.of_record, minlength=size),
            "failing_lines": np.bincount(gathered.of_record[bad_records], minlength=size),
        }
    )


def stored_lines(gathered: Gathered, recalled: Recalled) -> int:
    """The open stored lines of the batch's documents; one with the same content has as many as it brings."""
    changed = int((recalled.lines["state"] == OPEN).sum()) if len(recalled.lines) else 0
    return changed + int(recalled.same[gathered.document["line"]].sum())
