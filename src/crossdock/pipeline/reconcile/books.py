"""Every record in exactly one bucket, every document with its outcome, every row counted (contract A8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from crossdock.frames.columns import filled, key_text, rows_at, unit_of
from crossdock.model.batch import Assembled
from crossdock.model.decision import Outcomes
from crossdock.model.job import CHECKED
from crossdock.model.report import Books, Counts
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.keys import stored_keys, whole_key
from crossdock.pipeline.lookup.stored_side import StoredSide, newer
from crossdock.pipeline.reconcile.differences import Differences
from crossdock.schema.document import Document

STALE = "stale"
"""The hold code of a document that is older than the stored one."""
NAME_KEPT, KEY_KEPT = 255, 600
"""Characters of a document's name, and of its key, that are kept: at four bytes each they fit a PostgreSQL index."""


@dataclass(frozen=True)
class Fate:
    """One element per document: ``taken``, ``duplicate``, ``stale`` (bool); ``hold_code``, a code of ``HOLDS`` or '',
    and ``hold_line``, the line that causes it or 0 (int64); ``only_checked`` (bool).

    The code is '' where the document has failures of its own. A duplicate, stale or only checked document is not
    written; the first two are not held.
    """

    taken: np.ndarray
    duplicate: np.ndarray
    stale: np.ndarray
    hold_code: np.ndarray
    hold_line: np.ndarray
    only_checked: np.ndarray

    @property
    def written(self) -> np.ndarray:
        """Which documents go into the database, or are there already."""
        return self.taken & ~self.duplicate & ~self.stale & ~self.only_checked


def bucketed(
    assembled: Assembled, stored_side: StoredSide, differing: Differences, fate: Fate, bad_records: np.ndarray
) -> Books:
    """The counts of records per bucket; every record is in one bucket (contract A8)."""
    records = assembled.records
    first = records.at(assembled.header_lines)
    head = differing.header.copy()
    changed = (~stored_side.exists | differing.state)[records.document]
    for changes in differing.levels.values():
        changed |= changes.match.sent.records(changes.written)
        head |= changes.match.stored.any_per_document(changes.dropped)
    changed |= first & head[records.document]
    taken, written = fate.taken[records.document], fate.written[records.document]
    duplicate, stale = fate.duplicate[records.document], fate.stale[records.document]
    good = ~bad_records
    return Books(
        read=len(records.lines),
        failed=int(bad_records.sum()),
        held=int((~taken & good).sum()),
        duplicate=int((taken & duplicate & good).sum()),
        stale=int((taken & stale & ~duplicate & good).sum()),
        loaded=int((written & good & changed).sum()),
        unchanged=int((written & good & ~changed).sum()),
        ignored=int((taken & fate.only_checked[records.document] & ~duplicate & ~stale & good).sum()),
    )


def counted(
    assembled: Assembled,
    stored_side: StoredSide,
    differing: Differences,
    fate: Fate,
    taken_rows: Mapping[str, np.ndarray],
) -> dict[str, Counts]:
    """For "header" and "line", how many rows were inserted, updated, left unchanged, cancelled.

    A "line" is a row of any level below the header.
    """
    taken, exists, cancels = fate.written, stored_side.exists, assembled.cancels
    cancelled = taken & cancels & (differing.state | ~exists)
    updated = taken & exists & differing.any & ~cancels
    lines = Counts()
    for title, changes in differing.levels.items():
        sent, stored = changes.match.sent, changes.match.stored
        rows = sent.of_documents(taken) & taken_rows[title]
        row_cancels = assembled.cancels_rows(title)
        inserted = int((rows & changes.new).sum())
        changed = int((rows & changes.changed & ~row_cancels).sum())
        ended = int((rows & changes.changed & row_cancels).sum())
        dropped = int((changes.dropped & stored.of_documents(taken)).sum())
        live = int((rows & ~sent.of_documents(cancels)).sum())
        lines += Counts(inserted, changed, live - inserted - changed - ended, ended + dropped)
    return {
        "header": Counts(
            inserted=int((taken & ~exists & ~cancels).sum()),
            updated=int(updated.sum()),
            unchanged=int((taken & exists & ~updated & ~cancelled).sum()),
            cancelled=int(cancelled.sum()),
        ),
        "line": lines,
    }


def seen(assembled: Assembled, stored_side: StoredSide, differing: Differences, fate: Fate, feed: Feed) -> pa.Table:
    """The stored documents that this batch changes: their key (SQL columns), and the ``revision`` that it read."""
    places = np.flatnonzero(fate.written & stored_side.exists & (differing.any | newer(assembled, stored_side)))
    keys = rows_at(stored_keys(assembled.key, feed.document), places)
    return pa.table({**keys, "revision": pa.array(stored_side.revision[places], pa.int64())})


def outcomes(
    assembled: Assembled,
    stored_side: StoredSide,
    differing: Differences,
    fate: Fate,
    bad_records: np.ndarray,
    feed: Feed,
) -> Outcomes:
    """What becomes of each document."""
    key = assembled.key
    number = sent_numbers(assembled, feed)
    keys = key_text(key)
    if assembled.numberless is not None:  # another document has its number now
        lost = assembled.numberless & ~(fate.taken & ~fate.only_checked)
        number, keys = np.where(lost, "", number), np.where(lost, "", keys)
    return Outcomes(
        business_unit=_indexed(unit_of(key), NAME_KEPT),
        number=_indexed(number, NAME_KEPT),
        key=_indexed(keys, KEY_KEPT),
        line=assembled.header_lines,
        taken=fate.taken,
        hold_code=np.where(fate.taken & fate.stale & ~fate.duplicate, STALE, fate.hold_code),
        hold_line=fate.hold_line,
        what=_done(assembled, stored_side, differing, fate),
        lines=_lines(assembled, feed.document, np.ones(len(bad_records), dtype=bool)),
        failing_lines=_lines(assembled, feed.document, bad_records),
        ended=np.array([CHECKED if each else None for each in fate.only_checked.tolist()], dtype=object),
    )


def sent_numbers(assembled: Assembled, feed: Feed) -> np.ndarray:
    """The number of each document as its partner calls it, '' where it has none; an object array."""
    numbers = filled(whole_key(assembled, feed), feed.document.number)
    prefix = feed.number_prefix
    return np.array([each.removeprefix(prefix) for each in numbers.tolist()], dtype=object) if prefix else numbers


def _indexed(names: np.ndarray, most: int) -> np.ndarray:
    """Names that fit into an index; of one that is longer than any correct name the beginning is kept."""
    texts = names.tolist()
    if max(map(len, texts), default=0) <= most:
        return names
    return np.array([name if len(name) <= most else f"{name[: most - 1]}…" for name in texts], dtype=object)


def _lines(assembled: Assembled, document: Document, records: np.ndarray) -> np.ndarray:
    """For each document, how many lines those records are part of; where they are no lines, how many records."""
    owner = assembled.records.document
    if document.lines is None:
        return np.bincount(owner[records], minlength=assembled.size)
    rows = assembled.rows[document.lines.title]
    alone = np.bincount(owner[records & (rows.of_record < 0)], minlength=assembled.size)
    return alone + rows.count_per_document(rows.of_records(records))


def _done(assembled: Assembled, stored_side: StoredSide, differing: Differences, fate: Fate) -> np.ndarray:
    """What was done with each document: inserted, updated, unchanged, cancelled, or nothing."""
    cancels = assembled.cancels & (differing.state | ~stored_side.exists)
    done = np.where(~stored_side.exists, "inserted", np.where(differing.any, "updated", "unchanged"))
    return np.where(fate.written, np.where(cancels, "cancelled", done), "").astype(object)


def stored_lines(assembled: Assembled, stored_side: StoredSide, document: Document) -> int:
    """How many open stored lines the batch's documents have; one with the same content has as many as it brings."""
    if document.lines is None:
        return 0
    match = stored_side.levels[document.lines.title]
    return int(match.stored.is_open.sum()) + int(match.sent.of_documents(stored_side.same).sum())
