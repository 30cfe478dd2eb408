"""Failures and differences → a verdict on every document and every record of a batch: the ``Decision``.

Documents are held here (contract A5), and the books are computed here (A8): each record ends in exactly one bucket, by
its document's fate and its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crossdock.failures.failures import Failures
from crossdock.frames.rows import LevelChanges
from crossdock.model.batch import Assembled, Batch
from crossdock.model.decision import Decision
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.stored_side import StoredSide
from crossdock.pipeline.lookup.versions import outdated
from crossdock.pipeline.reconcile.books import Fate, bucketed, counted, outcomes, seen, sent_numbers, stored_lines
from crossdock.pipeline.reconcile.change_history import change_history
from crossdock.pipeline.reconcile.change_rules import refused_changes
from crossdock.pipeline.reconcile.differences import Differences, differences
from crossdock.pipeline.reconcile.row_writes import Taking, row_writes
from crossdock.schema.document import Document
from crossdock.schema.relations import OPEN

CANCELLED_LINE, NO_OPEN_LINE = "line_cancelled", "no_open_line"
_NO_TEXTS = np.zeros(0, object)
_NONE_PLACED = Failures.none().rows.assign(
    document_line=np.zeros(0, np.int64), number=_NO_TEXTS, line_number=_NO_TEXTS, value=_NO_TEXTS
)
"""Made once: a table without a row costs as much as one with a thousand."""
OF_WHAT_IS_DONE = ("nothing_to_cancel", "item_resolved", "changed_afterwards", "of_another_feed", "other_parts")
"""Warnings of what is done with a document: they are left out where it isn't taken."""


def decide(
    batch: Batch,
    assembled: Assembled,
    stored_side: StoredSide,
    contents: list[str],
    failures: Failures,
    feed: Feed,
    job: str,
    behind: np.ndarray,
    *,
    withheld: bool,
) -> Decision:
    """The decision of a batch: what is written, the failures, the books, the outcomes, the history.

    ``contents``: the content hash of each document. ``failures``: of the steps before. ``job``: id of the job that
    writes. ``behind``: as ``overtaken`` returns it. ``withheld``: the whole file is held (hold = "file").
    """
    differing = differences(assembled, stored_side, feed)
    failures = _all_failures(assembled, stored_side, differing, contents, failures, feed, behind)
    old = outdated(assembled, stored_side, feed.document)
    emptied = _left_without_lines(assembled, stored_side, failures, feed)
    fate = _fates(batch, assembled, old, emptied, failures, feed, withheld=withheld)
    failures = _without_outdated(failures, assembled, old)
    bad_records = assembled.records.at(failures.errors.lines)
    taken_rows = _taken_rows(assembled, bad_records, feed.document)
    left_out = _left_out(assembled, failures, bad_records, feed.document)
    shortened = _shortened(differing, taken_rows, left_out.unsure)
    kept = [None if short else content for content, short in zip(contents, left_out.documents.tolist(), strict=True)]
    taking = Taking(fate.written, taken_rows, kept)
    merged = Failures.merge(
        _of_what_was_done(failures, assembled, fate.written),
        *_cancellations(assembled, shortened, feed, fate.written, severity="warning"),
        _without_open_line(assembled, stored_side, shortened, feed, fate.written, severity="warning"),
    )
    return Decision(
        writes=row_writes(assembled, stored_side, shortened, feed, taking, job),
        seen=seen(assembled, stored_side, shortened, fate, feed),
        outcomes=outcomes(assembled, stored_side, shortened, fate, bad_records, feed),
        failures=_placed(merged, assembled, feed),
        books=bucketed(assembled, stored_side, shortened, fate, bad_records),
        counts=counted(assembled, stored_side, shortened, fate, taken_rows),
        stored_lines=stored_lines(assembled, stored_side, feed.document),
        sender_jobs=_sender_jobs(assembled),
        history=change_history(assembled, stored_side, shortened, feed, taking),
    )


def _all_failures(
    assembled: Assembled,
    stored_side: StoredSide,
    differing: Differences,
    contents: list[str],
    before: Failures,
    feed: Feed,
    behind: np.ndarray,
) -> Failures:
    """The failures of the steps before, and those from the comparison with what is stored."""
    own = ~stored_side.foreign  # of a document of another partner nothing is told but that
    compared = Failures.merge(
        refused_changes(assembled, stored_side, differing, contents, feed, behind),
        *(feed.failures(changes.match.sent.lines[rows], feed.document.numbering, code)
          for changes in differing.levels.values()
          for code, rows in (("nothing_to_cancel", changes.idle), ("nothing_to_keep", changes.lost))),
    )  # fmt: skip
    compared = compared.where(own[assembled.records.documents_of(compared.lines)])
    return Failures.merge(
        _once_a_header(Failures.merge(before, compared).without_torn_cells(), assembled),
        *_cancellations(assembled, differing, feed, own, severity="error"),
        _without_open_line(assembled, stored_side, differing, feed, own, severity="error"),
    )


def _once_a_header(failures: Failures, assembled: Assembled) -> Failures:
    """The failures with those of a header's cell once per document, under its first row (contract A9)."""
    if not len(failures):
        return failures
    of_header = failures.of_field(assembled.header.cells) & ~failures.of_code("header_conflict")
    document = assembled.records.documents_of(failures.lines)
    repeated = np.zeros(len(failures), dtype=bool)
    repeated[of_header] = failures.where(of_header).again(document[of_header])
    return failures.where(~repeated)


def _left_without_lines(assembled: Assembled, stored_side: StoredSide, failures: Failures, feed: Feed) -> np.ndarray:
    """Documents all of whose lines fail or cancel, and that have none stored: no line would be left (contract A5)."""
    level = feed.document.lines
    if feed.hold != "line" or level is None or not feed.document.needs_lines:
        return np.zeros(assembled.size, dtype=bool)
    rows = assembled.rows[level.title]
    live = ~assembled.cancels_rows(level.title)
    left = live & ~rows.of_records(assembled.records.at(failures.errors.lines))
    emptied = (rows.count_per_document(live) > 0) & (rows.count_per_document(left) == 0)
    return np.asarray(emptied & stored_side.lineless(level) & ~assembled.cancels, dtype=bool)


def _fates(
    batch: Batch,
    assembled: Assembled,
    old: np.ndarray,
    emptied: np.ndarray,
    failures: Failures,
    feed: Feed,
    *,
    withheld: bool,
) -> Fate:
    """The fate of each document. ``old``: those older than the stored one; ``emptied``: those without a line."""
    records, errors = assembled.records, failures.errors
    refused = records.any_at(errors.lines[errors.of_code("stale")])  # the feed treats it as an error
    stale = old & ~refused
    fails = (failures.holding(feed.hold, records) | emptied) & ~stale
    duplicate = records.any_at(failures.lines[failures.of_code("duplicate")]) & ~fails
    hold_code, hold_line = np.full(assembled.size, "", dtype=object), np.zeros(assembled.size, dtype=np.int64)
    beside = {} if feed.hold == "line" else batch.holds
    for place in np.flatnonzero(np.isin(assembled.groups, np.fromiter(beside, np.uint64, len(beside)))).tolist():
        if not fails[place] and not stale[place]:
            hold_code[place], hold_line[place] = beside[int(assembled.groups[place])]
    if withheld:
        hold_code[~fails & ~stale & (hold_code == "")] = "file_held"
    return Fate(~fails & (hold_code == ""), duplicate, stale, hold_code, hold_line, assembled.only_checked)


def _without_outdated(failures: Failures, assembled: Assembled, old: np.ndarray) -> Failures:
    """Of a document that is older than the stored one only the failure ``stale`` stays (contract A5)."""
    return failures.where(~old[assembled.records.documents_of(failures.lines)] | failures.of_code("stale"))


def _taken_rows(assembled: Assembled, bad_records: np.ndarray, document: Document) -> dict[str, np.ndarray]:
    """For each level below the header, the rows all of whose records are good; a row below a left-out row is left out
    with it.
    """
    taken: dict[str, np.ndarray] = {}
    for level in document.inner:
        rows = assembled.rows[level.title]
        good = ~rows.of_records(bad_records)
        taken[level.title] = good if level.under == "header" else good & taken[level.under][rows.parent]
    return taken


@dataclass(frozen=True)
class _LeftOut:
    """Documents that are stored without some records; for ``unsure`` ones the stored lines of these are unknown."""

    documents: np.ndarray
    unsure: np.ndarray


def _left_out(assembled: Assembled, failures: Failures, bad_records: np.ndarray, document: Document) -> _LeftOut:
    errors = failures.errors
    doubled = errors.where(errors.of_code("line_twice"))
    numbered = np.ones(len(bad_records), dtype=bool)
    if document.lines is not None:
        lines = assembled.rows[document.lines.title]
        numbered = lines.records(lines.has(document.numbering) & (not assembled.positional))
    unknown = bad_records & (~numbered | assembled.records.at(doubled.lines))
    return _LeftOut(assembled.records.any_per_document(bad_records), assembled.records.any_per_document(unknown))


def _shortened(differing: Differences, taken_rows: Mapping[str, np.ndarray], unsure: np.ndarray) -> Differences:
    """What differs without the failing rows.

    Where a failing line's number is unknown, its stored line is unknown, too, so no line is cancelled.
    """
    levels = {title: changes.of(taken_rows[title], unsure) for title, changes in differing.levels.items()}
    return replace(differing, levels=levels)


def _cancellations(
    assembled: Assembled, differing: Differences, feed: Feed, documents: np.ndarray, *, severity: str
) -> list[Failures]:
    """Stored lines of those documents that are cancelled because a whole document doesn't mention them.

    As an error it keeps the document out, so it is added before the decision; as a warning of what is done, after it.
    """
    if feed.severity(CANCELLED_LINE) != severity:
        return []
    chosen = documents & ~assembled.cancels
    return [_dropped(assembled, changes, feed, chosen) for changes in differing.levels.values()]


def _dropped(assembled: Assembled, changes: LevelChanges, feed: Feed, documents: np.ndarray) -> Failures:
    stored, level = changes.match.stored, changes.match.sent.level
    rows = np.flatnonzero(changes.dropped & ~changes.falling & stored.of_documents(documents))
    names = stored.texts([level.field(name).column for name in level.key], rows)
    details = {parts: {"value": " ".join(repr(part) for part in parts if part)} for parts in set(names)}
    lines = assembled.header_lines[stored.document[rows]]
    return feed.failures(lines, "", CANCELLED_LINE, (details[parts] for parts in names))


def _without_open_line(
    assembled: Assembled,
    stored_side: StoredSide,
    differing: Differences,
    feed: Feed,
    documents: np.ndarray,
    *,
    severity: str,
) -> Failures:
    """Those documents whose last open line is cancelled while the document is not: it takes more lines (contract A5: a
    cancelled one takes none), and who is to ship or receive it waits until somebody cancels it.

    ``severity``: as for ``_cancellations``.
    """
    level = feed.document.lines
    if feed.document.moved is None or level is None or feed.severity(NO_OPEN_LINE) != severity:
        return Failures.none()
    changes, cancels = differing.levels[level.title], assembled.cancels_rows(level.title)
    sent, stored = changes.match.sent, changes.match.stored
    was_open = changes.match.sent_of(stored.is_open)
    ended = sent.count_per_document(changes.changed & cancels & was_open) + stored.count_per_document(changes.dropped)
    opened = sent.count_per_document(changes.new | (changes.changed & ~cancels & ~was_open))
    empty = (ended > 0) & (stored.count_per_document(stored.is_open) + opened == ended)
    if not empty.any():
        return Failures.none()
    header = stored_side.levels["header"]
    stays = (header.stored_values("state").to_numpy(zero_copy_only=False) == OPEN) | differing.state
    if feed.document.closed:
        stays &= assembled.header.values(feed.document.closed[0]) != feed.document.closed[1]
    return feed.failures(assembled.header_lines[documents & ~assembled.cancels & stays & empty], "", NO_OPEN_LINE)


def _of_what_was_done(failures: Failures, assembled: Assembled, written: np.ndarray) -> Failures:
    """The failures without warnings of what would have been done to documents that are not taken."""
    done = failures.of_code(*OF_WHAT_IS_DONE) & ~failures.is_error
    return failures.where(~done | written[assembled.records.documents_of(failures.lines)])


def _placed(failures: Failures, assembled: Assembled, feed: Feed) -> pd.DataFrame:
    """Failures with the document (its first line, its number) and the line number that they belong to; if there is
    none, with ``value`` (``sent_values``) too.
    """
    if not len(failures):
        return _NONE_PLACED
    of = assembled.records.documents_of(failures.lines)
    placed = {
        "document_line": assembled.header_lines[of],
        "number": sent_numbers(assembled, feed)[of],
        "line_number": _line_numbers(failures, assembled, feed.document),
    }
    return pd.DataFrame(failures.columns | placed)


def _line_numbers(failures: Failures, assembled: Assembled, document: Document) -> np.ndarray:
    """The number of the line that each failure is in, or None."""
    numbers = np.full(len(failures), None, dtype=object)
    if document.lines is not None and len(assembled.rows[document.lines.title]):
        lines = assembled.rows[document.lines.title]
        row = lines.of_record[assembled.records.places(failures.lines)]
        of_line = (row >= 0) & ~failures.about("document")  # a header's failure is not a line's
        numbers[of_line] = lines.values(document.numbering)[row[of_line]]
    return numbers


def _sender_jobs(assembled: Assembled) -> frozenset[str]:
    return frozenset(assembled.header.values("jobId")) - {None}
