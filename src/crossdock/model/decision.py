"""The decision about a batch: what is to be written, what is wrong, what becomes of each record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crossdock.frames.columns import Cells
from crossdock.model.report import Books, Counts
from crossdock.model.resent import Resent
from crossdock.schema.document import Document, Level


@dataclass(frozen=True)
class Write:
    """What storing a batch does to the table of one level: whole rows to insert, whole rows to update."""

    level: Level
    insert: pa.Table
    update: pa.Table


@dataclass(frozen=True)
class Moves:
    """What changes in the documents of one type because others are stored (contract A6).

    ``lines``: key columns and the moved quantity. ``headers``: key columns, ``state`` and ``revision`` as they become,
    and the state ``before``. Columns are named and typed as in the tables. ``passed``: the documents
    (business_unit_id, number) to which these pass on what is done of them, by type.
    """

    document: Document
    lines: pa.Table
    headers: pa.Table
    passed: tuple[tuple[str, Cells], ...]


@dataclass(frozen=True)
class Outcomes:
    """What becomes of each document of a batch, in the order of their lines; arrays with one element per document.

    ``business_unit``, ``number``, ``key``: texts, '' where there is none. ``line``: of its first record, int64.
    ``taken``: bool. ``hold_code`` and ``hold_line``: why it is held, or '', and the line to blame, or 0. ``what``: was
    done with it, or ''. ``lines``, ``failing_lines``: int64. ``ended``: how it ends
    at once, so that nobody waits for it, or None.
    """

    business_unit: np.ndarray
    number: np.ndarray
    key: np.ndarray
    line: np.ndarray
    taken: np.ndarray
    hold_code: np.ndarray
    hold_line: np.ndarray
    what: np.ndarray
    lines: np.ndarray
    failing_lines: np.ndarray
    ended: np.ndarray

    def __len__(self) -> int:
        return len(self.line)

    @property
    def whole(self) -> np.ndarray:
        """Which documents are taken with all of their lines, bool."""
        return np.asarray(self.taken & (self.failing_lines == 0))

    @property
    def meant(self) -> np.ndarray:
        """Which documents are to be stored, not only checked, bool."""
        return np.asarray(pd.isna(self.ended), dtype=bool)

    @property
    def cells(self) -> Cells:
        """As columns; ``hold_line`` is null where there is none."""
        columns = {each.name: pa.array(getattr(self, each.name)) for each in fields(self)}
        return columns | {"hold_line": pa.array(self.hold_line, mask=self.hold_line == 0)}

    def at(self, places: np.ndarray) -> Outcomes:
        """Those at these places (int64), in that order."""
        return Outcomes(**{each.name: getattr(self, each.name)[places] for each in fields(self)})

    def beside(self, others: Outcomes) -> Outcomes:
        """These and others, in the order of their lines."""
        names = [each.name for each in fields(self)]
        both = {name: np.concatenate([getattr(self, name), getattr(others, name)]) for name in names}
        return Outcomes(**both).at(np.argsort(both["line"], kind="stable"))


@dataclass(frozen=True)
class ComparedWith:
    """Stored documents with which a batch was compared, as they were.

    ``asked``: the keys of the query, text, named as in SQL. ``heads`` and ``lines``, cancelled ones among them, are
    frames of Python's own values, named as ``target_lines`` names them.
    """

    document: Document
    asked: pd.DataFrame
    heads: pd.DataFrame
    lines: pd.DataFrame

    @property
    def revisions(self) -> list[tuple[Any, ...]]:
        """Business unit, number and revision of each, sorted."""
        return sorted(self.heads[["unit_id", "number", "revision"]].itertuples(index=False, name=None))

    def of(self, wanted: pd.DataFrame) -> ComparedWith:
        """The documents of some of the keys."""
        if len(wanted) == len(self.asked):
            return self
        keys = pd.MultiIndex.from_frame(wanted)
        heads, lines = (
            rows[pd.MultiIndex.from_frame(rows[["unit_id", "number"]]).isin(keys)].reset_index(drop=True)
            for rows in (self.heads, self.lines)
        )
        return ComparedWith(self.document, wanted, heads, lines)


@dataclass(frozen=True)
class Decision:
    """The decision about a batch: what is to be written, what is wrong, and what becomes of each record.

    ``failures``: one row per cell, with severity, scope, value as sent, its document and line, and how often a warning
    occurred. ``records``: those of documents that are not taken whole, as sent (document_line, line, nested, cells as
    JSON). ``fixes``: which documents of an earlier job they are (origin, document_line, taken), or no columns.
    ``leaned``: the stored documents with which it was compared, as they were. ``history``: the changes of stored rows
    (document, key, level, row_key, what, before, line). ``moves``: by type, the documents (business_unit_id, number)
    whose shipped or received quantities may change. ``resent``: what is remembered of its documents, so that they are
    known when they come again. ``passed``: of a fix-workbook, the keys of documents that others have stored since → by
    which job.
    """

    writes: tuple[Write, ...]
    seen: pa.Table
    outcomes: Outcomes
    failures: pd.DataFrame
    books: Books
    counts: dict[str, Counts]
    stored_lines: int = 0
    sender_jobs: frozenset[str] = frozenset()
    records: Cells = field(default_factory=dict)
    fixes: Cells = field(default_factory=dict)
    leaned: tuple[ComparedWith, ...] = ()
    moves: tuple[tuple[str, Cells], ...] = ()
    history: pd.DataFrame = field(default_factory=pd.DataFrame)
    resent: Resent | None = None
    passed: Mapping[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether it inserts or updates any row."""
        return any(write.insert.num_rows or write.update.num_rows for write in self.writes)

    @property
    def failing(self) -> int:
        """The number of documents that are not taken."""
        return int((~self.outcomes.taken).sum())
