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
from crossdock.compare import Differences, differences, writes
from crossdock.failures import CODES, EMPTY, RECORD_CODES, failures, together
from crossdock.feeds import Feed
from crossdock.model import Batch, Checked, Gathered
from crossdock.recall import Recalled


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
    found = _without_torn_cells(together(found, _refused_changes(gathered, recalled, differing, behind)))
    found = together(_once_a_header(found, gathered), told)
    errors = _severity(found, feed) == "error"
    bad_records = _records_with(found[errors], gathered)
    fate = _fates(batch, gathered, found, errors, bad_records, feed, withheld=withheld)
    taken_lines = ~np.isin(gathered.levels["line"].index.to_numpy(), gathered.lines[bad_records])
    doubled = found.loc[errors & (found["code"] == "line_twice").to_numpy(dtype=bool), "line"].to_numpy()
    found = _of_what_was_done(found, gathered, fate.taken, feed)
    kept, differing = _shortened(gathered, recalled, differing, contents, bad_records, taken_lines, doubled, feed)
    found = _without_kept_lines(found, differing, recalled, gathered, feed)
    books = bucketed(gathered, recalled, differing, fate, bad_records)
    return Checked(
        writes=writes(gathered, recalled, differing, kept, feed, fate.taken & ~fate.duplicate, taken_lines, job),
        seen=seen(gathered, recalled, differing, fate, feed),
        outcomes=outcomes(gathered, fate, bad_records, feed),
        failures=_told_in_full(found, gathered, feed),
        books=books,
        counts=counted(gathered, recalled, differing, fate, taken_lines),
        stored_lines=stored_lines(gathered, recalled),
        sender_jobs=_sender_jobs(gathered),
    )


def _refused_changes(
    gathered: Gathered, recalled: Recalled, differing: Differences, behind: np.ndarray
) -> pd.DataFrame:
    """An insert of what is there with other content, other content for what is cancelled or not a fix-workbook's."""
    index = gathered.levels["header"].index
    action = gathered.actions("header")
    inserts = (action == "insert") & recalled.exists & differing.any
    closed = recalled.cancelled & (action != "cancel") & differing.any & ~differing.state & ~inserts
    strange = np.array([job is not None for job in behind], dtype=bool) & differing.any
    return together(
        failures(index[inserts], "", "already_exists"),
        failures(index[closed], "", "cancelled"),
        failures(index[strange], "", "not_of_this_fix", [{"job": job} for job in behind[strange]]),
    )


def _severity(found: pd.DataFrame, feed: Feed) -> np.ndarray:
    """The severity of each failure: the catalogue's, changed per feed and code, or per feed and list."""
    told = {code: feed.keys.severity.get(code, CODES[code].severity) for code in set(found["code"])}
    severities = found["code"].map(told).to_numpy(dtype=object)
    strict = {
        name
        for name, (_, field) in feed.document.fields.items()
        if field.refers and feed.keys.references.get(field.refers) == "fail"
    }
    unknown = (found["code"] == "unknown_reference") & found["field"].isin(strict)
    severities[unknown.to_numpy(dtype=bool)] = "error"
    return severities


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
    if feed.keys.hold == "line":
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
    if withheld:
        reason[~fails & (reason == "")] = "file_held"
    return Fate(~fails & (reason == ""), duplicate & ~fails, reason)


def _torn(found: pd.DataFrame) -> pd.Series:
    return found["code"].isin(RECORD_CODES)


def _without_torn_cells(found: pd.DataFrame) -> pd.DataFrame:
    """Nothing is said of the cells of a record that is torn."""
    torn = _torn(found)
    return found[torn | ~found["line"].isin(found["line"][torn])].reset_index(drop=True)


def _told(gathered: Gathered, recalled: Recalled, differing: Differences, feed: Feed) -> pd.DataFrame:
    """What the partner should know of what is done: lines that are cancelled, or were to be and aren't there."""
    number = feed.document.line.field(feed.document.line_number).column
    header = gathered.levels["header"].index
    cancels = gathered.actions("header") == "cancel"
    found = []
    gone = differing.gone[~cancels[recalled.line_document[differing.gone]]]
    for place in gone.tolist():
        line = [header[recalled.line_document[place]]]
        found.append(failures(line, "", "line_cancelled", [{"value": repr(recalled.lines[number].iloc[place])}]))
    line = gathered.levels["line"]
    if differing.idle.any():
        name = feed.document.numbering
        found.append(failures(line.index[differing.idle], name, "nothing_to_cancel"))
    return pd.concat(found, ignore_index=True) if found else EMPTY


def _of_what_was_done(found: pd.DataFrame, gathered: Gathered, taken: np.ndarray, feed: Feed) -> pd.DataFrame:
    """Without warnings of what would have been done to documents that are not taken."""
    if found.empty:
        return found
    document = pd.Series(gathered.of_record, index=gathered.lines).loc[found["line"]].to_numpy()
    done = found["code"].isin(("line_cancelled", "nothing_to_cancel")) & (_severity(found, feed) == "warning")
    return found[~(done & ~taken[document])].reset_index(drop=True)


def _shortened(
    gathered: Gathered,
    recalled: Recalled,
    differing: Differences,
    contents: list[str],
    bad_records: np.ndarray,
    taken_lines: np.ndarray,
    doubled: np.ndarray,
    feed: Feed,
) -> tuple[list[str | None], Differences]:
    """What differs once failing lines are left out; no content hash then: sent again whole, it must be compared.

    Where a failing line's number is not known nobody knows which stored line it means, so none is cancelled.
    """
    lines = gathered.levels["line"]
    numbered = lines.index[given(lines, feed.document.numbering) & (not gathered.positional)]
    known = np.isin(gathered.lines, numbered) & ~np.isin(gathered.lines, doubled)
    short, unsure = np.zeros(gathered.size, dtype=bool), np.zeros(gathered.size, dtype=bool)
    short[gathered.of_record[bad_records]] = True
    unsure[gathered.of_record[bad_records & ~known]] = True
    kept = [None if left_out else said for said, left_out in zip(contents, short.tolist(), strict=True)]
    gone = differing.gone[~unsure[recalled.line_document[differing.gone]]]
    new, changed = differing.new & taken_lines, differing.changed & taken_lines
    touched = differing.header | differing.state
    np.logical_or.at(touched, gathered.document["line"], new | changed)
    np.logical_or.at(touched, recalled.line_document[gone], True)
    return kept, replace(differing, gone=gone, new=new, changed=changed, any=touched)


def _without_kept_lines(
    found: pd.DataFrame, differing: Differences, recalled: Recalled, gathered: Gathered, feed: Feed
) -> pd.DataFrame:
    """Without the warnings of stored lines that were to be cancelled and are not."""
    column = feed.document.line.field(feed.document.line_number).column
    header = gathered.levels["header"].index
    done = {
        (int(header[recalled.line_document[place]]), json.dumps({"value": repr(recalled.lines[column].iloc[place])}))
        for place in differing.gone.tolist()
    }
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
    line = gathered.levels["line"]
    numbers = line[feed.document.numbering]
    header_lines = gathered.levels["header"].index.to_numpy(dtype=np.int64)
    return found.assign(
        severity=_severity(found, feed),
        document=header_lines[owner.loc[found["line"]].to_numpy()],
        line_number=numbers.reindex(found["line"]).astype(object).where(lambda each: each.notna(), None).to_numpy(),
    )


def _sender_jobs(gathered: Gathered) -> frozenset[str]:
    header = gathered.levels["header"]
    return frozenset(header["jobId"].dropna().unique()) if "jobId" in header else frozenset()
