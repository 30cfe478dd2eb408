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
from crossdock.failures import EMPTY, RECORD_CODES, failures, together
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
    found: pd.DataFrame,
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
    found = _without_torn_cells(together(found, refused_changes(gathered, recalled, differing, feed, behind)))
    found = together(_once_a_header(found, gathered), told)
    errors = feed.severities(found) == "error"
    bad_records = _records_with(found[errors], gathered)
    fate = _fates(batch, gathered, recalled, found, errors, bad_records, feed, withheld=withheld)
    found, errors, bad_records = _without_stale(found, errors, gathered, fate)
    good = ~np.isin(gathered.lines, gathered.lines[bad_records])
    taken_rows = {title: _good_rows(gathered, title, good) for title in differing.new}
    for level in feed.document.inner:  # what stands under a row that is left out is left out with it
        if level.under != "header":
            taken_rows[level.title] &= taken_rows[level.under][gathered.parent[level.title]]
    doubled = found.loc[errors & (found["code"] == "line_twice").to_numpy(dtype=bool), "line"].to_numpy()
    found = _of_what_was_done(found, gathered, fate.written, feed)
    kept, differing = _shortened(gathered, recalled, differing, contents, bad_records, taken_rows, doubled, feed)
    found = _without_kept_lines(found, differing, recalled, gathered, feed)
    taking = Taking(fate.written, taken_rows, kept)
    return Checked(
        writes=writes(gathered, recalled, differing, feed, taking, job),
        seen=seen(gathered, recalled, differing, fate, feed),
        outcomes=outcomes(gathered, recalled, differing, fate, bad_records, feed),
        failures=_told_in_full(found, gathered, feed),
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


def _once_a_header(found: pd.DataFrame, gathered: Gathered) -> pd.DataFrame:
    """What is wrong with a header's cell once a document, under its first row (contract A9)."""
    if found.empty:
        return found
    of_header = found["field"].isin(list(gathered.levels["header"])) & (found["code"] != "header_conflict")
    document = pd.Series(gathered.of_record, index=gathered.lines).loc[found["line"]].to_numpy()
    again = found.assign(document=document)[of_header].duplicated(["document", "field", "code"])
    return found.drop(index=again[again].index).reset_index(drop=True)


def _records_with(found: pd.DataFrame, gathered: Gathered) -> np.ndarray:
    return np.isin(gathered.lines, found["line"].to_numpy())


def _fates(
    batch: Batch,
    gathered: Gathered,
    recalled: Recalled,
    found: pd.DataFrame,
    errors: np.ndarray,
    bad_records: np.ndarray,
    feed: Feed,
    *,
    withheld: bool,
) -> Fate:
    size = gathered.size
    owner = pd.Series(gathered.of_record, index=gathered.lines)
    of_failure = owner.loc[found["line"]].to_numpy() if len(found) else np.zeros(0, dtype=np.int64)
    fails = np.zeros(size, dtype=bool)
    fails[of_failure[errors]] = True
    duplicate = np.zeros(size, dtype=bool)
    duplicate[of_failure[(found["code"] == "duplicate").to_numpy(dtype=bool)]] = True
    reason = np.full(size, "", dtype=object)
    if feed.keys.hold == "line" and feed.document.lines is not None:
        of_object = found["line"].isin(gathered.lines[batch.nested])
        of_document = found["field"].isin(["", *gathered.levels["header"]]) & (~_torn(found) | of_object)
        whole = errors & of_document.to_numpy(dtype=bool)
        fails = np.zeros(size, dtype=bool)
        fails[of_failure[whole]] = True
        good = np.bincount(gathered.of_record[~bad_records], minlength=size)
        fails |= good == 0
    else:
        for place, group in enumerate(gathered.groups.tolist()):
            if group in batch.holds and not fails[place]:
                reason[place] = "{} {}".format(*batch.holds[group])
    stale = outdated(gathered, recalled, feed.document)
    fails &= ~stale
    reason[stale] = ""
    if withheld:
        reason[~fails & ~stale & (reason == "")] = "file_held"
    return Fate(~fails & (reason == ""), duplicate & ~fails, stale, reason)


def _without_stale(
    found: pd.DataFrame, errors: np.ndarray, gathered: Gathered, fate: Fate
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Nothing is said of a document that is older than the stored one, but that it is (contract A5)."""
    if not fate.stale.any():
        return found, errors, _records_with(found[errors], gathered)
    owner = pd.Series(gathered.of_record, index=gathered.lines)
    of_stale = fate.stale[owner.loc[found["line"]].to_numpy()] & ~found["code"].isin(("stale",)).to_numpy(dtype=bool)
    left, kept = found[~of_stale].reset_index(drop=True), errors[~of_stale]
    return left, kept, _records_with(left[kept], gathered)


def _torn(found: pd.DataFrame) -> pd.Series:
    return found["code"].isin(RECORD_CODES)


def _without_torn_cells(found: pd.DataFrame) -> pd.DataFrame:
    """Nothing is said of the cells of a record that is torn."""
    torn = _torn(found)
    return found[torn | ~found["line"].isin(found["line"][torn])].reset_index(drop=True)


def _told(gathered: Gathered, recalled: Recalled, differing: Differences, feed: Feed) -> pd.DataFrame:
    """What the partner should know of what is done: lines that are cancelled, or were to be and aren't there."""
    header = gathered.levels["header"].index
    cancels = gathered.actions("header") == "cancel"
    found = []
    for title, gone in differing.gone.items():
        level = feed.document.by_title[title]
        if not len(gone) or (level.under != "header" and not _alone(differing, level)):
            continue
        owner = recalled.owner[title]
        for place in gone[~cancels[owner[gone]]].tolist():
            details = [{"value": _named(recalled, level, place)}]
            found.append(failures([header[owner[place]]], "", "line_cancelled", details))
    for title, idle in differing.idle.items():
        if idle.any():
            line = gathered.levels[title]
            found.append(failures(line.index[idle], feed.document.numbering, "nothing_to_cancel"))
    return pd.concat(found, ignore_index=True) if found else EMPTY


def _alone(differing: Differences, level: Level) -> bool:
    """Whether rows of a level are gone though what they stood under may stay."""
    return not len(differing.gone[level.under])


def _named(recalled: Recalled, level: Level, place: int) -> str:
    """A stored row as a sentence names it: by its own part of the key."""
    row = recalled.rows[level.title].iloc[place]
    parts = [str(row[level.field(name).column]) for name in level.key]
    return " ".join(repr(part) for part in parts if part)


def _of_what_was_done(found: pd.DataFrame, gathered: Gathered, taken: np.ndarray, feed: Feed) -> pd.DataFrame:
    """Without warnings of what would have been done to documents that are not taken."""
    if found.empty:
        return found
    document = pd.Series(gathered.of_record, index=gathered.lines).loc[found["line"]].to_numpy()
    told = ("line_cancelled", "nothing_to_cancel", "item_resolved")
    done = found["code"].isin(told) & (feed.severities(found) == "warning")
    return found[~(done & ~taken[document])].reset_index(drop=True)


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
    found: pd.DataFrame, differing: Differences, recalled: Recalled, gathered: Gathered, feed: Feed
) -> pd.DataFrame:
    """Without the warnings of stored lines that were to be cancelled and are not."""
    if not (found["code"] == "line_cancelled").any():
        return found
    header = gathered.levels["header"].index
    done = {
        (int(header[recalled.owner[title][place]]),
         json.dumps({"value": _named(recalled, feed.document.by_title[title], place)}, ensure_ascii=False))
        for title, gone in differing.gone.items()
        for place in gone.tolist()
    }  # fmt: skip
    told = [
        code != "line_cancelled" or (line, detail) in done
        for line, code, detail in zip(found["line"], found["code"], found["detail"], strict=True)
    ]
    return found[np.array(told, dtype=bool)].reset_index(drop=True)


def _told_in_full(found: pd.DataFrame, gathered: Gathered, feed: Feed) -> pd.DataFrame:
    """Failures with severity, the value as sent, and the document and line they belong to."""
    if found.empty:
        return found.assign(severity="", document=0, line_number=None)
    owner = pd.Series(gathered.of_record, index=gathered.lines)
    header_lines = gathered.levels["header"].index.to_numpy(dtype=np.int64)
    return found.assign(
        severity=feed.severities(found),
        document=header_lines[owner.loc[found["line"]].to_numpy()],
        line_number=_line_numbers(found, gathered, feed.document),
    )


def _line_numbers(found: pd.DataFrame, gathered: Gathered, document: Document) -> np.ndarray:
    """The number of the line that each failure stands in, or None."""
    numbers = np.full(len(found), None, dtype=object)
    if document.lines is None or not len(gathered.levels[document.lines.title]):
        return numbers
    title = document.lines.title
    known = gathered.levels[title][document.numbering].to_numpy(dtype=object, na_value=None)
    rows = gathered.row_of[title][np.searchsorted(gathered.lines, found["line"].to_numpy())]
    of_line = ~found["field"].isin(["", *gathered.levels["header"]]) | found["code"].isin(RECORD_CODES)
    rows = np.where(of_line, rows, -1)  # a header's fault is no line's
    numbers[rows >= 0] = known[rows[rows >= 0]]
    return numbers


def _sender_jobs(gathered: Gathered) -> frozenset[str]:
    header = gathered.levels["header"]
    return frozenset(header["jobId"].dropna().unique()) if "jobId" in header else frozenset()
