"""What is stored already of the documents of a batch.

One small query per batch reports which documents exist and with what content; whole rows are fetched only of those
whose content differs. Stored rows are matched with the batch's by key, level by level; lines of a file without line
numbers are matched as a bag. What the drop doesn't say is filled in from what is stored, so checks see the document as
it will be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import (
    Cells,
    array,
    as_texts,
    comparable,
    distinct,
    has_value,
    joined,
    key_texts,
    length,
    mask,
    or_else,
    places,
    rows_at,
    values,
)
from crossdock.frames.rows import LevelMatch, StoredRows
from crossdock.model.batch import Assembled
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.keys import stored_keys
from crossdock.schema.document import Document, Field, Level
from crossdock.schema.relations import CANCELLED, OPEN
from crossdock.schema.roles import Role

KNOWN = ["content", "state", "partner", "shared", "revision", "version", "job"]


@dataclass(frozen=True)
class StoredSide:
    """The stored side of a batch.

    Arrays, one element per document: ``exists``, ``same`` (stored with the same content), ``cancelled``, ``foreign``
    (another partner's), ``short`` (taken without some lines), all bool; ``revision`` int64, -1 where not stored;
    ``version``, ``job`` text or None; ``later``: as ``writers.later_ones`` returns it, of a drop that waited.
    ``levels``: by title, the sent rows beside the stored rows, of documents whose content differs.
    """

    exists: np.ndarray
    same: np.ndarray
    cancelled: np.ndarray
    foreign: np.ndarray
    revision: np.ndarray
    version: np.ndarray
    short: np.ndarray
    job: np.ndarray
    later: np.ndarray
    levels: Mapping[str, LevelMatch]

    @property
    def header(self) -> Cells:
        """The stored headers: columns named as in SQL."""
        return self.levels["header"].stored.cells

    @cached_property
    def overtaken(self) -> np.ndarray:
        """Documents that a later job has stored, bool."""
        return np.array([job is not None for job in self.later], dtype=bool)

    def lineless(self, lines: Level) -> np.ndarray:
        """Documents of which no row of that level is stored, bool."""
        return ~self.same & (self.levels[lines.title].stored.count_per_document() == 0)


def fetch_stored_side(
    assembled: Assembled, contents: list[str], stored: Stored, feed: Feed
) -> tuple[Assembled, StoredSide]:
    """Query the stored side of a batch; lines without numbers get the numbers that they are stored under.

    ``contents``: the content hash of each document. Returns the documents with those numbers, and the stored side.
    """
    document = feed.document
    size = assembled.size
    keys = stored_keys(assembled.key, document)
    readable = has_value(assembled.key, document.number) & askable(assembled.key)
    found_rows = stored.existing(document.header, _each_once(keys, readable), KNOWN)
    texts = key_texts(assembled.key)
    at = places(texts, key_texts(found_rows, keys))
    at[~readable] = -1
    exists = at >= 0

    def of_stored(name: str, missing: object) -> np.ndarray:
        of_document = np.full(size, missing, dtype=object)
        of_document[exists] = values(found_rows[name])[at[exists]]
        return of_document

    cancelled = of_stored("state", OPEN) == CANCELLED
    version, content = of_stored("version", None), of_stored("content", None)
    newer = _newer(assembled, version)
    same = exists & (content == np.array(contents, dtype=object)) & ~(cancelled & feed.keys.reopen) & ~newer
    foreign = of_stored("partner", feed.partner) != feed.partner
    shared = of_stored("shared", missing=False).astype(bool) & feed.shared
    assembled, levels = _levels(assembled, keys, texts, exists & ~same, found_rows, stored, document)
    stored_side = StoredSide(
        exists=exists,
        same=same,
        cancelled=cancelled,
        foreign=foreign & ~shared,
        revision=of_stored("revision", -1).astype(np.int64),
        version=version,
        short=exists & np.array([each is None for each in content], dtype=bool),
        job=of_stored("job", None),
        later=np.full(size, None, dtype=object),
        levels=levels,
    )
    return assembled, stored_side


def _each_once(keys: Cells, documents: np.ndarray) -> Cells:
    """The distinct keys of some documents (a mask)."""
    of_some = rows_at(keys, np.flatnonzero(documents))
    return rows_at(of_some, distinct(of_some))


def _levels(
    assembled: Assembled,
    keys: Cells,
    texts: pa.Array,
    differing: np.ndarray,
    fetched: Cells,
    stored: Stored,
    document: Document,
) -> tuple[Assembled, dict[str, LevelMatch]]:
    """The whole stored rows of documents that differ, level by level, beside those that are sent.

    ``keys``: of each document as they are stored; ``texts``: each key as one text. ``fetched``: the columns ``KNOWN``
    of all stored documents.
    """
    whole = _each_once(keys, differing)
    header = _headers(stored, document, whole, fetched)
    owners = np.flatnonzero(differing)
    of_owners = texts.take(pa.array(owners))
    place = places(texts, key_texts(header, keys))
    document_of_header = np.full(length(header), -1, dtype=np.int64)
    document_of_header[place[place >= 0][::-1]] = np.flatnonzero(place >= 0)[::-1]
    stored_rows = {"header": StoredRows(header, document_of_header, assembled.size)}
    stored_row = {"header": place}
    for level in document.inner:
        cells = _rows(stored, document, level, whole)
        rows = StoredRows(cells, owners[places(key_texts(cells, keys), of_owners)], assembled.size)
        stored_rows[level.title] = rows
        stored_row[level.title] = _matched(assembled, rows, document, level)
        if level.numbered and assembled.positional and len(rows):
            assembled = _renumbered(assembled, rows, stored_row[level.title], document)
    levels = {title: LevelMatch(assembled.rows[title], stored_rows[title], stored_row[title]) for title in stored_row}
    return assembled, levels


def _newer(assembled: Assembled, version: np.ndarray) -> np.ndarray:
    """Documents whose version is newer than the stored one: they are compared even with the same content."""
    if assembled.version is None:
        return np.zeros(assembled.size, dtype=bool)
    pairs = zip(assembled.version, version, strict=True)
    return np.array([(then or "") < (now or "") for now, then in pairs], dtype=bool)


def newer(assembled: Assembled, stored_side: StoredSide) -> np.ndarray:
    """Which documents are stored and have a newer version in this batch, bool per document."""
    return stored_side.exists & _newer(assembled, stored_side.version)


def askable(key: Cells) -> np.ndarray:
    """Which keys have no control characters, bool per key. The others are not queried: such a document fails anyway."""
    clean = np.ones(length(key), dtype=bool)
    for part in key.values():
        clean &= ~mask(pc.match_substring_regex(part, r"[\x00-\x1f]"))
    return clean


def _headers(stored: Stored, document: Document, keys: Cells, fetched: Cells) -> Cells:
    """The whole stored headers of documents; the columns in ``fetched`` are not fetched again."""
    header = document.header
    columns = [
        name for name in [*_columns(document, header), *KNOWN, "key_fold", "change", "changed_from"] if name not in keys
    ]
    if not length(keys):
        return stored.existing(header, keys, list(dict.fromkeys(columns)))
    cells = stored.existing(header, keys, [name for name in columns if name not in KNOWN])
    at = places(key_texts(cells, keys), key_texts(fetched, keys))
    return {**cells, **rows_at({name: fetched[name] for name in KNOWN}, at)}


def _rows(stored: Stored, document: Document, level: Level, keys: Cells) -> Cells:
    """The whole stored rows of a level below the header."""
    return stored.existing(level, keys, [name for name in _columns(document, level) if name not in keys])


def _columns(document: Document, level: Level) -> list[str]:
    fields = [field.column for above in (*document.chain(level)[:-1], level) for field in _own(above, level)]
    moved = [document.moved.column] if level.numbered and document.moved else []
    return list(dict.fromkeys([*fields, "state", "job", "line", *moved]))


def _own(above: Level, level: Level) -> list[Field]:
    if above is level:
        return [field for field in level.fields if field.stored]
    return [above.field(name) for name in above.key]


def chained(assembled: Assembled, document: Document, level: Level) -> dict[str, pa.Array]:
    """The key parts of each row of a level, below the document's own key: SQL column → text array, '' where blank."""
    parts: dict[str, pa.Array] = {}
    at = np.arange(len(assembled.rows[level.title]))
    for each in reversed(document.chain(level)):
        rows = assembled.rows[each.title]
        for name in each.key:
            field = each.field(name)
            qualified = document.qualified(each, field)
            own = rows.cells[qualified] if qualified in rows.cells else pa.nulls(len(rows), pa.string())
            parts[field.column] = pc.fill_null(own.take(pa.array(at)), "")
        at = rows.parent[at]
    return parts


def _matched(assembled: Assembled, stored: StoredRows, document: Document, level: Level) -> np.ndarray:
    """The stored row of each row of a level, or -1."""
    rows = assembled.rows[level.title]
    if not len(stored):
        return np.full(len(rows), -1, dtype=np.int64)
    if assembled.positional and level.numbered:
        sent, kept = _distinguishing(assembled, stored, document, level)
    else:
        keys = chained(assembled, document, level)
        sent, kept = list(keys.values()), [stored.cells[column] for column in keys]
    return places(joined([pa.array(rows.document), *sent]), joined([pa.array(stored.document), *kept]))


def _distinguishing(
    assembled: Assembled, stored: StoredRows, document: Document, level: Level
) -> tuple[list[pa.Array], list[pa.Array]]:
    """What distinguishes lines without numbers, for the sent lines and for the stored ones: how often their document
    has the same line before, and the line's text; null for stored lines that are cancelled.
    """
    rows = assembled.rows[level.title]
    fields = {
        name: field
        for name, field in document.of(level).items()
        if field.stored and name in rows.cells and name not in assembled.absent and name != document.numbering
    }
    sent = _row_texts([comparable(rows.cells[name], field) for name, field in fields.items()], len(rows))
    kept = _row_texts([comparable(stored.cells[each.column], each) for each in fields.values()], len(stored))
    every = np.ones(len(rows), dtype=bool)
    return [_again(rows.document, sent, every), sent], [_again(stored.document, kept, stored.is_open), kept]


def _row_texts(columns: list[pa.Array], size: int) -> pa.Array:
    if not columns:
        return pa.repeat("", size)
    return joined(or_else(as_texts(column), "\x00") for column in columns)


def _again(document: np.ndarray, texts: pa.Array, lines: np.ndarray) -> pa.Array:
    """For each of ``lines``, how many lines before it have the same text in its document; null for the others."""
    rows = pd.DataFrame({"of": lines, "document": document, "text": texts.to_numpy(zero_copy_only=False)})
    return pa.array(rows.groupby(list(rows)).cumcount().to_numpy(), mask=~lines)


def _renumbered(assembled: Assembled, stored: StoredRows, stored_row: np.ndarray, document: Document) -> Assembled:
    """Lines without numbers keep their stored number; new ones get the next free numbers."""
    level = document.lines
    if level is None:
        return assembled
    number, rows = document.numbering, assembled.rows[level.title]
    stored_numbers = stored.values(level.field(level.key[-1]).column)
    highest: dict[int, int] = {}
    for owner, text in zip(stored.document.tolist(), stored_numbers.tolist(), strict=True):
        highest[owner] = max(highest.get(owner, 0), int(text) if text.isascii() and text.isdigit() else 0)
    numbers = rows.values(number).copy()
    for place, (owner, at) in enumerate(zip(rows.document.tolist(), stored_row.tolist(), strict=True)):
        if at >= 0:
            numbers[place] = stored_numbers[at]
        elif owner in highest:
            highest[owner] += 1
            numbers[place] = str(highest[owner]).zfill(level.field(level.key[-1]).pad or 1)
    return assembled.with_cells({level.title: {**rows.cells, number: array(numbers)}})


def fill_from_stored(
    assembled: Assembled, stored_side: StoredSide, feed: Feed, keeps: np.ndarray
) -> tuple[Assembled, StoredSide]:
    """The documents as they will be: what the drop doesn't say is what is stored. And the stored side beside them.

    ``keeps`` (bool, one per document): documents whose blank cells keep what is stored. A field without a column always
    keeps it; in an update also a member that the object doesn't have: it needs the key and what changes (contract A5).
    A line that stays as it is keeps everything; a unit that came with an item counts as sent.
    """
    whole = assembled.with_cells(
        {
            title: _filled(assembled, match, feed, keeps)
            for title, match in stored_side.levels.items()
            if match.both.any()
        }
    )
    levels = {title: replace(match, sent=whole.rows[title]) for title, match in stored_side.levels.items()}
    return whole, replace(stored_side, levels=levels)


def _filled(assembled: Assembled, match: LevelMatch, feed: Feed, keeps: np.ndarray) -> Cells:
    rows = match.sent
    cells = dict(rows.cells)
    keep_blank = rows.of_documents(keeps)
    updates = rows.of_documents(assembled.acts("update"))
    kept = assembled.keeps_rows(rows.level.title)
    nothing = np.zeros(len(rows), dtype=bool)
    for name, field in feed.document.of(rows.level).items():
        if not field.stored or name in feed.document.key or field.name in rows.level.key:
            continue
        wanted = match.both
        if name not in assembled.absent:
            blank = keep_blank & assembled.blank.get(name, nothing)
            if blank.any():  # where nothing is stored either, the feed's constant or default holds
                blank &= mask(pc.is_valid(match.stored_values(field.column)))
            wanted &= kept | blank | (updates & assembled.lacking.get(name, nothing))
            if field.role is Role.ITEM:
                wanted |= keep_blank & _told_otherwise(match, name, feed)
        wanted = wanted & (kept | ~assembled.with_item.get(name, nothing))
        if not wanted.any() or (name not in cells and match.stored.is_empty(field.column)):
            continue
        own = cells[name] if name in cells else pa.nulls(len(rows), field.arrow)
        cells[name] = pc.if_else(pa.array(wanted), match.stored_values(field.column), own)
    return cells


def _told_otherwise(match: LevelMatch, item: str, feed: Feed) -> np.ndarray:
    """Which rows tell their item only by its GTIN, or by what others call it, and the stored row has the same: it is
    that item, whose SKU they don't say.
    """
    same, level, sent = np.zeros(len(match.sent), dtype=bool), match.sent.level, match.sent.cells
    for field in (*level.playing(Role.GTIN), *level.playing(Role.THEIRS)):
        name = feed.document.qualified(level, field)
        if name in sent:
            same |= mask(pc.equal(sent[item], sent[name])) & ~match.differs(name, field)
    return same & match.both
