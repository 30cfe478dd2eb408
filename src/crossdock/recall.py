"""What is stored already of the documents of a batch.

One small question a batch tells which documents exist and with what content; whole rows are fetched only of those
whose content differs. Stored lines are matched to the batch's lines by number, or, in a file without line numbers, as
a bag. What the drop doesn't say is filled in from what is stored, so that checks see the document as it will be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.columns import array, comparable, mask, series, taken
from crossdock.documents.document import Document, Level
from crossdock.feeds import Feed
from crossdock.model import Gathered, Stored

OPEN, CANCELLED = "OPEN", "CANCELLED"
KNOWN = ["content", "state", "partner", "shared", "revision"]


@dataclass(frozen=True)
class Recalled:
    """The stored side of a batch, by number of document.

    ``exists``, ``same`` (stored with this very content), ``cancelled``, ``foreign`` (another partner's): bool.
    ``revision``: int64. ``header``: whole stored rows, ``header_at``: their place for each document or -1. ``lines``:
    whole stored lines, ``line_document``: their document, ``line_at``: the stored line of each of the batch's lines.
    """

    exists: np.ndarray
    same: np.ndarray
    cancelled: np.ndarray
    foreign: np.ndarray
    revision: np.ndarray
    header: pd.DataFrame
    header_at: np.ndarray
    lines: pd.DataFrame
    line_document: np.ndarray
    line_at: np.ndarray


def recall(gathered: Gathered, contents: list[str], stored: Stored, feed: Feed) -> Recalled:
    """Ask the database about the documents of a batch."""
    document = feed.document
    size = gathered.size
    keys = pd.DataFrame(
        {document.header.field(name).column: gathered.key[name].to_numpy(dtype=object) for name in document.key}
    )
    readable = keys.iloc[:, -1].notna().to_numpy() & askable(gathered.key)
    asked = keys[readable].fillna("").drop_duplicates(ignore_index=True)
    found = stored.existing(document.header, asked, KNOWN)
    at = _places(keys.fillna(""), found, list(keys))
    at[~readable] = -1
    exists = at >= 0

    def known(name: str, missing: object) -> np.ndarray:
        values = found[name].to_numpy(dtype=object, na_value=None)
        result = np.full(size, missing, dtype=object)
        result[exists] = values[at[exists]]
        return result

    cancelled = known("state", OPEN) == CANCELLED
    same = exists & (known("content", None) == np.array(contents, dtype=object)) & ~(cancelled & feed.keys.reopen)
    whole = keys[exists & ~same].drop_duplicates(ignore_index=True)
    header = _whole(stored, document, document.header, whole)
    lines = _whole(stored, document, document.line, whole)
    header_at = _places(keys.fillna(""), header, list(keys))
    owner = pd.DataFrame({**{name: keys[name].fillna("") for name in keys}, "document": np.arange(size)})
    owner = owner[exists & ~same].drop_duplicates(list(keys))
    line_document = lines[list(keys)].astype(object).merge(owner, on=list(keys), how="left")["document"].to_numpy()
    foreign = known("partner", feed.partner) != feed.partner
    shared = known("shared", missing=False).astype(bool) & feed.shared
    recalled = Recalled(
        exists=exists,
        same=same,
        cancelled=cancelled,
        foreign=foreign & ~shared,
        revision=known("revision", -1).astype(np.int64),
        header=header,
        header_at=header_at,
        lines=lines,
        line_document=line_document.astype(np.int64),
        line_at=np.full(len(gathered.levels["line"]), -1, dtype=np.int64),
    )
    return replace(recalled, line_at=_matched(gathered, recalled, document)) if len(lines) else recalled


def askable(key: pd.DataFrame) -> np.ndarray:
    """Keys without control characters, which no database is asked for: such a document fails in any case."""
    found = np.ones(len(key), dtype=bool)
    for name in key:
        found &= ~mask(pc.match_substring_regex(array(key[name]), r"[\x00-\x1f]"))
    return found


def _whole(stored: Stored, document: Document, level: Level, keys: pd.DataFrame) -> pd.DataFrame:
    fields = [field.column for field in level.fields if field.stored]
    extra = ["state", "job", "line"]
    if level is document.header:
        extra += ["acknowledged_at", "version", "partner", "shared", "content", "key_fold", "revision"]
    keep = [*keys, *(name for name in fields if name not in keys), *extra]
    if keys.empty:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in keep})
    return stored.existing(level, keys, [name for name in keep if name not in keys])


def _places(keys: pd.DataFrame, rows: pd.DataFrame, on: list[str]) -> np.ndarray:
    """The place among ``rows`` of each key, -1 where there is none."""
    if rows.empty:
        return np.full(len(keys), -1, dtype=np.int64)
    right = rows[on].astype(object).assign(place=np.arange(len(rows)))
    return keys.merge(right, on=on, how="left")["place"].fillna(-1).to_numpy(dtype=np.int64, copy=True)


def _matched(gathered: Gathered, recalled: Recalled, document: Document) -> np.ndarray:
    """The stored line of each line of the batch."""
    line = gathered.levels["line"]
    number = document.numbering
    left = pd.DataFrame({"document": gathered.document["line"]})
    right = pd.DataFrame({"document": recalled.line_document})
    if gathered.positional:
        fields = {
            name: field
            for name, field in document.of(document.line).items()
            if field.stored and name in line and name not in gathered.absent and name != number
        }
        left["said"] = _said([comparable(array(line[name]), field) for name, field in fields.items()], len(left))
        right["said"] = _said(
            [comparable(array(recalled.lines[each.column]), each) for each in fields.values()], len(right)
        )
        right = right[(recalled.lines["state"] == OPEN).to_numpy(dtype=bool)]
        for side in (left, right):
            side["again"] = side.groupby(["document", "said"]).cumcount()
    else:
        left["said"] = line[number].to_numpy(dtype=object)
        right["said"] = recalled.lines[document.line.field(document.line_number).column].to_numpy(dtype=object)
    right["place"] = right.index
    on = [name for name in left if name != "place"]
    merged = left.merge(right.drop_duplicates(on), on=on, how="left")
    return merged["place"].fillna(-1).to_numpy(dtype=np.int64, copy=True)


def _said(columns: list[pa.Array], size: int) -> np.ndarray:
    if not columns:
        return np.full(size, "", dtype=object)
    texts = [pc.fill_null(column.cast(pa.string()), "\x00") for column in columns]
    return np.array(pc.binary_join_element_wise(*texts, "\x1f").to_pylist(), dtype=object)


def renumbered(gathered: Gathered, recalled: Recalled, document: Document) -> Gathered:
    """Lines without numbers keep the number they are stored under; new ones get the next free numbers."""
    if not gathered.positional or not len(recalled.lines):
        return gathered
    number = document.numbering
    column = document.line.field(document.line_number).column
    line = gathered.levels["line"].copy()
    stored = recalled.lines[column].to_numpy(dtype=object)
    highest: dict[int, int] = {}
    for owner, text in zip(recalled.line_document.tolist(), stored.tolist(), strict=True):
        highest[owner] = max(highest.get(owner, 0), int(text) if text.isascii() and text.isdigit() else 0)
    numbers = line[number].to_numpy(dtype=object).copy()
    for place, (owner, at) in enumerate(
        zip(gathered.document["line"].tolist(), recalled.line_at.tolist(), strict=True)
    ):
        if at >= 0:
            numbers[place] = stored[at]
        elif owner in highest:
            highest[owner] += 1
            numbers[place] = str(highest[owner])
    line[number] = series(pa.array(numbers.tolist(), pa.string()), line.index)
    return replace(gathered, levels={**gathered.levels, "line": line})


def filled(gathered: Gathered, recalled: Recalled, feed: Feed, keeps: np.ndarray) -> Gathered:
    """The documents as they will be: what the drop doesn't say is what is stored.

    ``keeps``: documents whose blank cells keep what is stored. A field without a column always does.
    """
    levels = dict(gathered.levels)
    for level, at in ((feed.document.header, recalled.header_at), (feed.document.line, recalled.line_at)):
        if not (at >= 0).any():
            continue
        rows = recalled.header if level is feed.document.header else recalled.lines
        frame = levels[level.title].copy()
        keep_blank = keeps[gathered.document[level.title]]
        for name, field in feed.document.of(level).items():
            if not field.stored or name in feed.document.key:
                continue
            wanted = at >= 0
            if name not in gathered.absent:
                blank = gathered.blank.get(name)
                wanted = wanted & keep_blank & (blank if blank is not None else False)
            if not wanted.any():
                continue
            stored = taken(array(rows[field.column]), np.where(wanted, at, -1))
            own = array(frame[name]) if name in frame else pa.nulls(len(frame), field.arrow)
            frame[name] = series(pc.if_else(pa.array(wanted), stored, own), frame.index)
        levels[level.title] = frame
    return replace(gathered, levels=levels)
