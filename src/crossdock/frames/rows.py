"""The rows of a batch as nouns: its records, the rows of each level, the stored rows beside them, what changes.

A rule is a sentence about documents, but it looks at rows. So each noun answers which documents have a row of some
kind, which rows belong to some documents, and which records are part of some rows. Masks are bool arrays with one value
per row, record or document; a document is its number in the batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import Cells, comparable, differs, has_value, is_blank, mask, taken, texts, values
from crossdock.schema.document import Field, Level
from crossdock.schema.relations import CANCELLED


class _OfDocuments:
    """Rows, or records, that know their document: ``document``, int64, of each; ``documents``, how many there are."""

    document: np.ndarray
    documents: int

    def any_per_document(self, rows: np.ndarray) -> np.ndarray:
        """Which documents have one of those rows (a mask), bool."""
        return np.bincount(self.document[rows], minlength=self.documents) > 0

    def count_per_document(self, rows: np.ndarray | None = None) -> np.ndarray:
        """How many of those rows (a mask), or of all rows, each document has; int64."""
        return np.bincount(self.document if rows is None else self.document[rows], minlength=self.documents)

    def of_documents(self, documents: np.ndarray) -> np.ndarray:
        """Which rows belong to those documents (a mask), bool."""
        return documents[self.document]


@dataclass(frozen=True)
class Records(_OfDocuments):
    """The records of a batch, in file order.

    ``lines``: int64, the place of each in the file, ascending. ``document``: int64, the number of its document, in the
    order of the first records. ``nested``: bool, the format says which document the record is part of. ``documents``:
    the number of documents.
    """

    lines: np.ndarray
    document: np.ndarray
    nested: np.ndarray
    documents: int

    def places(self, lines: np.ndarray) -> np.ndarray:
        """The place among the records of each line, int64. Each line must be a record's."""
        return np.searchsorted(self.lines, lines)

    def documents_of(self, lines: np.ndarray) -> np.ndarray:
        """The number of the document of each line, int64."""
        return self.document[self.places(lines)]

    def at(self, lines: np.ndarray) -> np.ndarray:
        """Which records are at one of those lines, bool."""
        chosen = np.zeros(len(self.lines), dtype=bool)
        chosen[self.places(lines)] = True
        return chosen

    def any_at(self, lines: np.ndarray) -> np.ndarray:
        """Which documents have a record at one of those lines, bool."""
        return np.bincount(self.documents_of(lines), minlength=self.documents) > 0


@dataclass(frozen=True)
class LevelRows(_OfDocuments):
    """The rows of one level of a batch.

    ``cells``: columns under qualified names. ``lines``: int64, the line of each row's first record. ``document``:
    int64, the document of each row; ``parent``: int64, the place of its row in the level above. ``of_record``: int64,
    for each record of the batch the place of its row, or -1. ``documents``: the number of documents of the batch.
    """

    level: Level
    cells: Cells
    lines: np.ndarray
    document: np.ndarray
    parent: np.ndarray
    of_record: np.ndarray
    documents: int

    def __len__(self) -> int:
        return len(self.document)

    def has(self, name: str) -> np.ndarray:
        """Which rows have a value in a column, bool; none if there is no such column."""
        return has_value(self.cells, name) if name in self.cells else np.zeros(len(self), dtype=bool)

    def values(self, name: str) -> np.ndarray:
        """A column as Python's own values, None where there is none."""
        return values(self.cells[name]) if name in self.cells else np.full(len(self), None, dtype=object)

    def of_records(self, records: np.ndarray) -> np.ndarray:
        """Which rows have one of those records (a mask), bool."""
        chosen = np.zeros(len(self), dtype=bool)
        chosen[self.of_record[records & (self.of_record >= 0)]] = True
        return chosen

    def records(self, rows: np.ndarray) -> np.ndarray:
        """Which records are part of one of those rows (a mask), bool."""
        chosen = self.of_record >= 0
        chosen[chosen] = rows[self.of_record[chosen]]
        return chosen


@dataclass(frozen=True)
class StoredRows(_OfDocuments):
    """The stored rows of one level of a batch's documents.

    ``cells``: columns named as in SQL. ``document``: int64, the document of each row.
    """

    cells: Cells
    document: np.ndarray
    documents: int

    def __len__(self) -> int:
        return len(self.document)

    @cached_property
    def is_open(self) -> np.ndarray:
        """Which rows are not cancelled, bool."""
        return mask(pc.not_equal(self.cells["state"], CANCELLED))

    def values(self, column: str) -> np.ndarray:
        """A column as Python's own values, None where there is none."""
        return values(self.cells[column])

    def is_empty(self, column: str) -> bool:
        """Whether a column has no value in any row."""
        return is_blank(self.cells[column])

    def texts(self, columns: Sequence[str], places: np.ndarray) -> list[tuple[str, ...]]:
        """For each row at those places, the values of some columns as texts."""
        at = pa.array(places)
        return list(zip(*(texts(self.cells[name].take(at)) for name in columns), strict=True))


@dataclass(frozen=True)
class LevelMatch:
    """The sent rows of a level beside the stored ones.

    ``stored_row``: int64, for each sent row the place of its stored row, or -1.
    """

    sent: LevelRows
    stored: StoredRows
    stored_row: np.ndarray

    @property
    def both(self) -> np.ndarray:
        """Which sent rows are stored, bool."""
        return self.stored_row >= 0

    def stored_by(self, sent: np.ndarray) -> np.ndarray:
        """Which stored rows one of those sent rows (a mask) matches, bool."""
        chosen = np.zeros(len(self.stored), dtype=bool)
        chosen[self.stored_row[sent & self.both]] = True
        return chosen

    def sent_of(self, stored: np.ndarray) -> np.ndarray:
        """Which sent rows match one of those stored rows (a mask), bool."""
        chosen = self.both
        chosen[chosen] = stored[self.stored_row[chosen]]
        return chosen

    def stored_values(self, column: str) -> pa.Array:
        """The stored value of each sent row in a SQL column; null if the row is not stored."""
        return taken(self.stored.cells[column], self.stored_row)

    def differs(self, name: str, field: Field) -> np.ndarray:
        """Which sent rows differ from their stored row in a field (qualified ``name``), bool."""
        sent, stored = self.sent.cells[name], self.stored_values(field.column)
        return differs(comparable(sent, field), comparable(stored, field)) & self.both

    def other_values(self, rows: np.ndarray, name: str, field: Field) -> tuple[np.ndarray, pa.Array, pa.Array]:
        """Of sent rows that are stored (a mask), those with another value in a field (qualified ``name``) than their
        stored row: their places (int64), what is sent, and what is stored; no value is null.
        """
        places = np.flatnonzero(rows)
        sent = self.sent.cells[name].take(pa.array(places))
        stored = self.stored.cells[field.column].take(pa.array(self.stored_row[places]))
        other = mask(pc.not_equal(sent, stored))
        return places[other], sent.filter(pa.array(other)), stored.filter(pa.array(other))

    def any_differs(self, fields: Mapping[str, Field]) -> np.ndarray:
        """Which sent rows differ from their stored row in one of the fields (by qualified name) of the drop, bool."""
        differing = np.zeros(len(self.sent), dtype=bool)
        if self.both.any():
            for name, field in fields.items():
                if name in self.sent.cells:
                    differing |= self.differs(name, field)
        return differing


@dataclass(frozen=True)
class LevelChanges:
    """What storing the documents changes in the rows of a level below the header.

    Masks of sent rows: ``new``, ``changed``, ``idle`` (they cancel a row that isn't stored), ``lost`` (they keep a row
    that isn't). Masks of stored rows: ``dropped`` (to be cancelled), ``falling`` (dropped, and the row above is, too).
    """

    match: LevelMatch
    new: np.ndarray
    changed: np.ndarray
    idle: np.ndarray
    lost: np.ndarray
    dropped: np.ndarray
    falling: np.ndarray

    @property
    def written(self) -> np.ndarray:
        """Which sent rows are new or changed, bool."""
        return np.asarray(self.new | self.changed, dtype=bool)

    @property
    def documents(self) -> np.ndarray:
        """In which documents a row differs, bool."""
        return self.match.sent.any_per_document(self.written) | self.match.stored.any_per_document(self.dropped)

    def of(self, rows: np.ndarray, keeping: np.ndarray) -> LevelChanges:
        """The changes that are left if only those sent rows are taken and stored rows of ``keeping`` documents stay."""
        stay = self.match.stored.of_documents(keeping)
        return LevelChanges(
            self.match,
            self.new & rows,
            self.changed & rows,
            self.idle,
            self.lost,
            self.dropped & ~stay,
            self.falling & ~stay,
        )
