"""Failures and differences → a verdict on every document and every record of a batch: the ``Checked``.

This is where holding happens (contract A5) and where the books are kept (A8): each record ends in exactly one bucket,
by its document's fate and its own.
"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd

from crossdock.books import Fate, bucketed, counted, outcomes, seen, stored_lines
from crossdock.columns import given
from crossdock.compare import Differences, Taking, differences, writes
from crossdock.documents.document import Document, Level
from crossdock.failures import Failures
from crossdock.feeds import Feed
from crossdock.guard import refused_changes
from crossdock.identity import outdated
from crossdock.model import Batch, Checked, Gathered
from crossdock.recall import Recalled
from crossdock.trail import history


def decide(
    batch: Batch,
    gathered: Gathered,
    recalled: Recalled,
    contents: list[str],
    failures: Failures,
    feed: Feed,
    job: str,
    behind: np.ndarray,
    *,
    withheld: bool,
) -> Checked:
    """Everything that follows from what was found.

    ``behind``: by document, the job that has stored it behind a fix-workbook's back, or None. ``withheld``: the whole
    file is (hold = "file").
    """
    differing = differences(gathered, recalled, feed)
    told = _told(gathered, recalled, differing, feed)
    failures = Failures.merge(failures, refused_changes(gathered, recalled, differing, feed, behind))
    failures = Failures.merge(_once_a_header(failures.without_torn_cells(), gathered), told)
    fate = _fates(batch, gathered, recalled, failures, feed, withheld=withheld)
    failures = _without_outdated(failures, gathered, recalled, feed)
    bad_records = gathered.records.at(failures.errors.lines)
    good = ~np.isin(gathered.lines, gathered.lines[bad_records])
    taken_rows = {title: _good_rows(gathered, title, good) for title in differing.new}
    for level in feed.document.inner:  # what stands under a row that is left out is left out with it
        if level.under != "header":
            taken_rows[level.title] &= taken_rows[level.under][gathered.parent[level.title]]
    doubled = failures.errors.where(failures.errors.of_code("line_twice")).lines
    failures = _of_what_was_done(failures, gathered, fate.written)
    kept, differing = _shortened(gathered, recalled, differing, contents, bad_records, taken_rows, doubled, feed)
    failures = _without_kept_lines(failures, differing, recalled, gathered, feed)
    taking = Taking(fate.written, taken_rows, kept)
    return Checked(
        writes=writes(gathered, recalled, differing, feed, taking, job),
        seen=seen(gathered, recalled, differing, fate, feed),
        outcomes=outcomes(gathered, recalled, differing, fate, bad_records, feed),
        failures=_told_in_full(failures, gathered, feed.document),
        books=bucketed(gathered, recalled, differing, fate, bad_records),
        counts=counted(gathered, recalled, differing, fate, taken_rows),
        stored_lines=stored_lines(gathered, recalled, feed.document),
        sender_jobs=_sender_jobs(gathered),
        history=history(gathered, recalled, differing, feed, taking),
    )


def _good_rows(gathered: Gathered, title: str, good: np.ndarray) -> np.ndarray:
    """Rows of a level all of whose records are good."""
    rows = gathered.row_of[title]
    found = np.ones(len(gathered.levels[title]), dtype=bool)
    found[rows[(rows >= 0) & ~good]] = False
    return found


def _once_a_header(failures: Failures, gathered: Gathered) -> Failures:
    """What is wrong with a header's cell once a document, under its first row (contract A9)."""
    of_header = failures.of_field(gathered.levels["header"]) & ~failures.of_code("header_conflict")
    document = gathered.records.documents_of(failures.lines)
    again = failures.rows.assign(document=document)[of_header].duplicated(["document", "field", "code"])
    repeated = np.zeros(len(failures), dtype=bool)
    repeated[of_header] = again
    return failures.where(~repeated)


def _fates(
    batch: Batch, gathered: Gathered, recalled: Recalled, failures: Failures, feed: Feed, *, withheld: bool
) -> Fate:
    records = gathered.records
    fails = failures.holding(feed.hold, records)
    duplicate = records.any_at(failures.lines[failures.of_code("duplicate")])
    reason = np.full(gathered.size, "", dtype=object)
    if feed.hold != "line":
        for place, group in enumerate(gathered.groups.tolist()):
            if group in batch.holds and not fails[place]:
                reason[place] = "{} {}".format(*batch.holds[group])
    refused = records.any_at(failures.errors.lines[failures.errors.of_code("stale")])  # so the feed wants it
    stale = outdated(gathered, recalled, feed.document) & ~refused
    fails &= ~stale
    reason[stale] = ""
    if withheld:
        reason[~fails & ~stale & (reason == "")] = "file_held"
    return Fate(~fails & (reason == ""), duplicate & ~fails, stale, reason)


def _without_outdated(failures: Failures, gathered: Gathered, recalled: Recalled, feed: Feed) -> Failures:
    """Nothing is said of a document that is older than the stored one, but that it is (contract A5)."""
    old = outdated(gathered, recalled, feed.document)
    return failures.where(~old[gathered.records.documents_of(failures.lines)] | failures.of_code("stale"))


def _told(gathered: Gathered, recalled: Recalled, differing: Differences, feed: Feed) -> Failures:
    """What the partner should know of what is done: lines that are cancelled, or were to be and aren't there."""
    header = gathered.levels["header"].index
    cancels = gathered.actions("header") == "cancel"
    parts = []
    for title, gone in differing.gone.items():
        level = feed.document.by_title[title]
        if not len(gone) or (level.under != "header" and not _alone(differing, level)):
            continue
        owner = recalled.owner[title]
        for place in gone[~cancels[owner[gone]]].tolist():
            details = [{"value": _named(recalled, level, place)}]
            parts.append(feed.failures([header[owner[place]]], "", "line_cancelled", details))
    for title, idle in differing.idle.items():
        if idle.any():
            line = gathered.levels[title]
            parts.append(feed.failures(line.index[idle], feed.document.numbering, "nothing_to_cancel"))
    return Failures.merge(*parts)


def _alone(differing: Differences, level: Level) -> bool:
    """Whether rows of a level are gone though what they stood under may stay."""
    return not len(differing.gone[level.under])


def _named(recalled: Recalled, level: Level, place: int) -> str:
    """A stored row as a sentence names it: by its own part of the key."""
    row = recalled.rows[level.title].iloc[place]
    parts = [str(row[level.field(name).column]) for name in level.key]
    return " ".join(repr(part) for part in parts if part)


def _of_what_was_done(failures: Failures, gathered: Gathered, written: np.ndarray) -> Failures:
    """Without warnings of what would have been done to documents that are not taken."""
    done = failures.of_code("line_cancelled", "nothing_to_cancel", "item_resolved") & ~failures.is_error
    return failures.where(~done | written[gathered.records.documents_of(failures.lines)])


def _shortened(
    gathered: Gathered,
    recalled: Recalled,
    differing: Differences,
    contents: list[str],
    bad_records: np.ndarray,
    taken_rows: dict[str, np.ndarray],
    doubled: np.ndarray,
    feed: Feed,
) -> tuple[list[str | None], Differences]:
    """What differs once failing lines are left out; no content hash then: sent again whole, it must be compared.

    Where a failing line's number is not known nobody knows which stored line it means, so none is cancelled.
    """
    known = _numbered_records(gathered, feed) & ~np.isin(gathered.lines, doubled)
    short, unsure = np.zeros(gathered.size, dtype=bool), np.zeros(gathered.size, dtype=bool)
    short[gathered.of_record[bad_records]] = True
    unsure[gathered.of_record[bad_records & ~known]] = True
    kept = [None if left_out else said for said, left_out in zip(contents, short.tolist(), strict=True)]
    gone = {title: each[~unsure[recalled.owner[title][each]]] for title, each in differing.gone.items()}
    new = {title: each & taken_rows[title] for title, each in differing.new.items()}
    changed = {title: each & taken_rows[title] for title, each in differing.changed.items()}
    left = replace(differing, gone=gone, new=new, changed=changed)
    return kept, replace(left, any=differing.header | differing.state | left.below(gathered, recalled))


def _numbered_records(gathered: Gathered, feed: Feed) -> np.ndarray:
    """Records whose line's number is known."""
    if feed.document.lines is None:
        return np.ones(len(gathered.lines), dtype=bool)
    title = feed.document.lines.title
    lines = gathered.levels[title]
    numbered = given(lines, feed.document.numbering) & (not gathered.positional)
    rows = gathered.row_of[title]
    return (rows >= 0) & (numbered[rows] if len(numbered) else False)


def _without_kept_lines(
    failures: Failures, differing: Differences, recalled: Recalled, gathered: Gathered, feed: Feed
) -> Failures:
    """Without the warnings of stored lines that were to be cancelled and are not."""
    if not failures.of_code("line_cancelled").any():
        return failures
    header = gathered.levels["header"].index
    done = {
        (int(header[recalled.owner[title][place]]),
         json.dumps({"value": _named(recalled, feed.document.by_title[title], place)}, ensure_ascii=False))
        for title, gone in differing.gone.items()
        for place in gone.tolist()
    }  # fmt: skip
    rows = failures.rows
    told = [
        code != "line_cancelled" or (line, detail) in done
        for line, code, detail in zip(rows["line"], rows["code"], rows["detail"], strict=True)
    ]
    return failures.where(np.array(told, dtype=bool))


def _told_in_full(failures: Failures, gathered: Gathered, document: Document) -> pd.DataFrame:
    """Failures with the document and the line that they belong to."""
    header_lines = gathered.levels["header"].index.to_numpy(dtype=np.int64)
    return failures.rows.assign(
        document=header_lines[gathered.records.documents_of(failures.lines)],
        line_number=_line_numbers(failures, gathered, document),
    )


def _line_numbers(failures: Failures, gathered: Gathered, document: Document) -> np.ndarray:
    """The number of the line that each failure stands in, or None."""
    numbers = np.full(len(failures), None, dtype=object)
    if document.lines is None or not len(gathered.levels[document.lines.title]):
        return numbers
    title = document.lines.title
    known = gathered.levels[title][document.numbering].to_numpy(dtype=object, na_value=None)
    rows = gathered.row_of[title][gathered.records.places(failures.lines)]
    rows = np.where(failures.about("document"), -1, rows)  # a header's fault is no line's
    numbers[rows >= 0] = known[rows[rows >= 0]]
    return numbers


def _sender_jobs(gathered: Gathered) -> frozenset[str]:
    header = gathered.levels["header"]
    return frozenset(header["jobId"].dropna().unique()) if "jobId" in header else frozenset()
