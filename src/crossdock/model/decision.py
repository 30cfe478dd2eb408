"""The decision about a batch: what is to be written, what is wrong, what becomes of each record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa

from crossdock.model.report import Books, Counts
from crossdock.model.resent import Resent
from crossdock.schema.document import Level


@dataclass(frozen=True)
class Write:
    """What storing a batch does to the table of one level: whole rows to insert, whole rows to update."""

    level: Level
    insert: pa.Table
    update: pa.Table


@dataclass(frozen=True)
class ComparedWith:
    """Stored documents with which a batch was compared.

    ``document``: the name of their type. ``asked``: the keys of the query; ``revisions``: those of its result, sorted.
    """

    document: str
    asked: pd.DataFrame
    revisions: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Decision:
    """The decision about a batch: what is to be written, what is wrong, and what becomes of each record.

    ``outcomes``: one row per document with business_unit, number, line (of its first record), taken, hold_code and
    hold_line (why not, and the line to blame), what (was done), lines, failing_lines. ``failures``: one row per cell,
    with severity, scope, value as sent, its document and line, and how often a warning occurred. ``records``: those of
    documents that are not taken whole, as sent (document_line, line, nested, cells as JSON). ``fixes``: which documents
    of an earlier job they are (origin, document_line, taken). ``leaned``: the stored documents with which it was
    compared, as they were. ``history``: the changes of stored rows (document, key, level, row_key, what, before, line).
    ``moves``: by type, the documents (business_unit_id, number) whose shipped or received quantities may change.
    ``resent``: what is remembered of its documents, so that they are known when they come again.
    """

    writes: tuple[Write, ...]
    seen: pa.Table
    outcomes: pd.DataFrame
    failures: pd.DataFrame
    books: Books
    counts: dict[str, Counts]
    stored_lines: int = 0
    sender_jobs: frozenset[str] = frozenset()
    records: pd.DataFrame = field(default_factory=pd.DataFrame)
    fixes: pd.DataFrame = field(default_factory=pd.DataFrame)
    leaned: tuple[ComparedWith, ...] = ()
    moves: tuple[tuple[str, pd.DataFrame], ...] = ()
    history: pd.DataFrame = field(default_factory=pd.DataFrame)
    resent: Resent | None = None

    @property
    def changed(self) -> bool:
        """Whether it inserts or updates any row."""
        return any(write.insert.num_rows or write.update.num_rows for write in self.writes)

    @property
    def failing(self) -> int:
        """The number of documents that are not taken."""
        return int((~self.outcomes["taken"]).sum())
