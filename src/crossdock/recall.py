"""What is stored already of the documents of a batch.

One small question a batch tells which documents exist and with what content; whole rows are fetched only of those
whose content differs. Stored rows are matched to the batch's by key, level by level, or, lines of a file without line
numbers, as a bag. What the drop doesn't say is filled in from what is stored, so that checks see the document as it
will be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.columns import array, comparable, mask, series, taken
from crossdock.documents.document import Document, Field, Level
from crossdock.documents.effects import CANCELLED, OPEN
from crossdock.feeds import Feed
from crossdock.model import Gathered, Stored

KNOWN = ["content", "state", "partner", "shared", "revision", "version", "job"]


@dataclass(frozen=True)
class Recalled:
    """The stored side of a batch.

    By number of document: ``exists``, ``same`` (stored with this very content), ``cancelled``, ``foreign`` (another
    partner's), ``short`` (taken without some lines), all bool; ``revision`` int64; ``version``, ``job`` text or None.
    By level title: ``rows``, whole stored rows; ``owner``, the document of each; ``at``, the stored place of each of
    the batch's rows, or -1.
    """

    exists: np.ndarray
    same: np.ndarray
    cancelled: np.ndarray
    foreign: np.ndarray
    revision: np.ndarray
    version: np.ndarray
    short: np.ndarray
    job: np.ndarray
    rows: dict[str, pd.DataFrame]
    owner: dict[str, np.ndarray]
    at: dict[str, np.ndarray]

    @property
    def header(self) -> pd.DataFrame:
        """The stored headers."""
        return self.rows["header"]

    def is_open(self, title: str) -> np.ndarray:
        """Which stored rows of a level are not cancelled."""
        return np.asarray(self.rows[title]["state"].to_numpy(dtype=object) != CANCELLED, dtype=bool)


def recall(gathered: Gathered, contents: list[str], stored: Stored, feed: Feed) -> tuple[Gathered, Recalled]:
    """Ask the database about the documents of a batch; lines without numbers get those that they are stored under."""
    document = feed.document
    size = gathered.size
    keys = pd.DataFrame(
        {document.header.field(name).column: gathered.key[name].to_numpy(dtype=object) for name in document.key}
    )
    readable = gathered.key[document.number].notna().to_numpy(dtype=bool) & askable(gathered.key)
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
    version, content = known("version", None), known("content", None)
    newer = _newer(gathered, version)
    same = exists & (content == np.array(contents, dtype=object)) & ~(cancelled & feed.keys.reopen) & ~newer
    foreign = known("partner", feed.partner) != feed.partner
    shared = known("shared", missing=False).astype(bool) & feed.shared
    whole = keys[exists & ~same].fillna("").drop_duplicates(ignore_index=True)
    header = _whole(stored, document, document.header, whole)
    recalled = Recalled(
        exists=exists,
        same=same,
        cancelled=cancelled,
        foreign=foreign & ~shared,
        revision=known("revision", -1).astype(np.int64),
        version=version,
        short=exists & np.array([each is None for each in content], dtype=bool),
        job=known("job", None),
        rows={"header": header},
        owner={"header": np.arange(size)},
        at={"header": _places(keys.fillna(""), header, list(keys))},
    )
    owners = pd.DataFrame({**{name: keys[name].fillna("") for name in keys}, "document": np.arange(size)})
    owners = owners[exists & ~same].drop_duplicates(list(keys))
    for level in document.inner:
        rows = _whole(stored, document, level, whole)
        merged = rows[list(keys)].astype(object).merge(owners, on=list(keys), how="left")["document"]
        recalled.rows[level.title] = rows
        recalled.owner[level.title] = merged.to_numpy().astype(np.int64)
        recalled.at[level.title] = np.full(len(gathered.levels[level.title]), -1, dtype=np.int64)
        if len(rows):
            recalled.at[level.title] = _matched(gathered, recalled, document, level)
        if level.numbered and gathered.positional and len(rows):
            gathered = _renumbered(gathered, recalled, document)
    return gathered, recalled


def _newer(gathered: Gathered, version: np.ndarray) -> np.ndarray:
    """Documents whose version is newer than the stored one: they are looked at whatever they say."""
    if gathered.version is None:
        return np.zeros(gathered.size, dtype=bool)
    pairs = zip(gathered.version, version, strict=True)
    return np.array([(then or "") < (now or "") for now, then in pairs], dtype=bool)


def newer(gathered: Gathered, recalled: Recalled) -> np.ndarray:
    """Stored documents that this batch brings in a newer version."""
    return recalled.exists & _newer(gathered, recalled.version)


def askable(key: pd.DataFrame) -> np.ndarray:
    """Keys without control characters, which no database is asked for: such a document fails in any case."""
    found = np.ones(len(key), dtype=bool)
    for name in key:
        found &= ~mask(pc.match_substring_regex(array(key[name]), r"[\x00-\x1f]"))
    return found


def _whole(stored: Stored, document: Document, level: Level, keys: pd.DataFrame) -> pd.DataFrame:
    fields = [field.column for above in (*document.chain(level)[:-1], level) for field in _own(above, level)]
    extra = ["state", "job", "line"]
    if level is document.header:
        extra += ["version", "partner", "shared", "content", "key_fold", "revision", "change"]
    if level.numbered and document.moved:
        extra.append(document.moved.column)
    return stored.existing(level, keys, [name for name in dict.fromkeys([*fields, *extra]) if name not in keys])


def _own(above: Level, level: Level) -> list[Field]:
    if above is level:
        return [field for field in level.fields if field.stored]
    return [above.field(name) for name in above.key]


def _places(keys: pd.DataFrame, rows: pd.DataFrame, on: list[str]) -> np.ndarray:
    """For each key the place of its row, or -1."""
    if rows.empty:
        return np.full(len(keys), -1, dtype=np.int64)
    right = rows[on].astype(object).assign(place=np.arange(len(rows)))
    return keys.merge(right, on=on, how="left")["place"].fillna(-1).to_numpy(dtype=np.int64, copy=True)


def chained(gathered: Gathered, document: Document, level: Level) -> dict[str, pa.Array]:
    """The parts of the key of each row of a level below the document's own: SQL column → text, '' where blank."""
    made: dict[str, pa.Array] = {}
    at = np.arange(len(gathered.levels[level.title]))
    for each in reversed(document.chain(level)):
        rows = gathered.levels[each.title]
        for name in each.key:
            field = each.field(name)
            qualified = document.qualified(each, field)
            values = array(rows[qualified]) if qualified in rows else pa.nulls(len(rows), pa.string())
            made[field.column] = pc.fill_null(values.take(pa.array(at)), "")
        at = gathered.parent[each.title][at]
    return made


def _matched(gathered: Gathered, recalled: Recalled, document: Document, level: Level) -> np.ndarray:
    """The stored row of each row of a level."""
    rows, stored = gathered.levels[level.title], recalled.rows[level.title]
    left = pd.DataFrame({"document": gathered.document[level.title]})
    right = pd.DataFrame({"document": recalled.owner[level.title]})
    if gathered.positional and level.numbered:
        fields = {
            name: field
            for name, field in document.of(level).items()
            if field.stored and name in rows and name not in gathered.absent and name != document.numbering
        }
        left["said"] = _said([comparable(array(rows[name]), field) for name, field in fields.items()], len(left))
        right["said"] = _said([comparable(array(stored[each.column]), each) for each in fields.values()], len(right))
        right = right[recalled.is_open(level.title)]
        for side in (left, right):
            side["again"] = side.groupby(["document", "said"]).cumcount()
    else:
        for name, values in chained(gathered, document, level).items():
            left[name] = values.to_numpy(zero_copy_only=False)
            right[name] = stored[name].to_numpy(dtype=object)
    right["place"] = right.index
    on = [name for name in left if name != "place"]
    merged = left.merge(right.drop_duplicates(on), on=on, how="left")
    return merged["place"].fillna(-1).to_numpy(dtype=np.int64, copy=True)


def _said(columns: list[pa.Array], size: int) -> np.ndarray:
    if not columns:
        return np.full(size, "", dtype=object)
    texts = [pc.fill_null(column.cast(pa.string()), "\x00") for column in columns]
    return np.array(pc.binary_join_element_wise(*texts, "\x1f").to_pylist(), dtype=object)


def _renumbered(gathered: Gathered, recalled: Recalled, document: Document) -> Gathered:
    """Lines without numbers keep the number they are stored under; new ones get the next free numbers."""
    level = document.lines
    if level is None:
        return gathered
    number = document.numbering
    line = gathered.levels[level.title].copy()
    stored = recalled.rows[level.title][level.field(level.key[-1]).column].to_numpy(dtype=object)
    highest: dict[int, int] = {}
    for owner, text in zip(recalled.owner[level.title].tolist(), stored.tolist(), strict=True):
        highest[owner] = max(highest.get(owner, 0), int(text) if text.isascii() and text.isdigit() else 0)
    numbers = line[number].to_numpy(dtype=object).copy()
    pairs = zip(gathered.document[level.title].tolist(), recalled.at[level.title].tolist(), strict=True)
    for place, (owner, at) in enumerate(pairs):
        if at >= 0:
            numbers[place] = stored[at]
        elif owner in highest:
            highest[owner] += 1
            numbers[place] = str(highest[owner]).zfill(level.field(level.key[-1]).pad or 1)
    line[number] = series(pa.array(numbers.tolist(), pa.string()), line.index)
    return replace(gathered, levels={**gathered.levels, level.title: line})


def filled(gathered: Gathered, recalled: Recalled, feed: Feed, keeps: np.ndarray) -> Gathered:
    """The documents as they will be: what the drop doesn't say is what is stored.

    ``keeps``: documents whose blank cells keep what is stored. A field without a column always does; in an update what
    its object doesn't name: it needs the key and what changes (contract A5).
    """
    levels = dict(gathered.levels)
    for level in feed.document.levels:
        at = recalled.at[level.title]
        if not (at >= 0).any():
            continue
        rows = recalled.rows[level.title]
        frame = levels[level.title].copy()
        keep_blank = keeps[gathered.document[level.title]]
        updates = (gathered.actions("header") == "update")[gathered.document[level.title]]
        for name, field in feed.document.of(level).items():
            if not field.stored or name in feed.document.key or field.name in level.key:
                continue
            wanted = at >= 0
            if name not in gathered.absent:
                nothing = np.zeros(len(at), dtype=bool)
                kept = keep_blank & gathered.blank.get(name, nothing)
                wanted = wanted & (kept | (updates & gathered.lacking.get(name, nothing)))
            if not wanted.any():
                continue
            stored = taken(array(rows[field.column]), np.where(wanted, at, -1))
            own = array(frame[name]) if name in frame else pa.nulls(len(frame), field.arrow)
            frame[name] = series(pc.if_else(pa.array(wanted), stored, own), frame.index)
        levels[level.title] = frame
    return replace(gathered, levels=levels)
