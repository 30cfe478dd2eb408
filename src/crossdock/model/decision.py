"""A batch, decided: what would be written, what is wrong, where each record ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa

from crossdock.model.report import Books, Counts
from crossdock.schema.document import Level


@dataclass(frozen=True)
class Write:
    """What storing a batch does to the table of one level: rows to insert, rows to update (whole rows both)."""

    level: Level
    insert: pa.Table
    update: pa.Table


@dataclass(frozen=True)
class ComparedWith:
    """Stored documents that a batch was held against: what was asked, and the revisions that were found, in order."""

    document: str
    asked: pd.DataFrame
    revisions: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Decision:
    """A batch, decided: what would be written, what is wrong, and where every record ends.

    ``outcomes``: a row per document with business_unit, number, line (of its first record), taken, hold_code and
    hold_line (why not, and the line that is to blame), what (was done), lines, failing_lines. ``failures``: one per
    cell, with severity, scope, value as sent, the document and line that they are part of, and how often a warning was
    met. ``records``: those of documents that are not taken whole, as sent (document, line, nested, cells as JSON).
    ``mends``: which documents of an earlier job they are (origin, document, taken). ``leaned``: the documents that it
    was held against, as they were. ``history``: what it changes of stored rows (document, key, level, row_key, what,
    before, line). ``moves``: by type, the documents (business_unit_id, number) whose shipped or received quantities may
    change.
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
    mends: pd.DataFrame = field(default_factory=pd.DataFrame)
    leaned: tuple[ComparedWith, ...] = ()
    moves: tuple[tuple[str, pd.DataFrame], ...] = ()
    history: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def changed(self) -> bool:
        """Whether it writes anything."""
        return any(write.insert.num_rows or write.update.num_rows for write in self.writes)

    @property
    def failing(self) -> int:
        """How many documents are not taken."""
        return int((~self.outcomes["taken"]).sum())
