"""The nouns that travel between the steps. All are frozen; frames have one row a record, indexed by ``line``.

``line`` is one whole number a record, unique in the drop, in file order; the format that made it turns it back into
words (``formats.place``). How a file is read, block by block, stands in ``formats.format``. The frames' names tell the
stage: ``raw`` (their names, text), ``table`` (our names, text), ``rows`` (typed), ``good`` (what may be loaded).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.columns import array, mask
from crossdock.documents.document import Document, Level
from crossdock.documents.roles import ItemWay
from crossdock.feeds import Feed
from crossdock.rows import LevelRows, Records
from crossdock.stamp import Stamp


class Verdict(StrEnum):
    """What became of a drop (X12 AK9 A, P, R)."""

    ACCEPTED = "ACCEPTED"
    PARTIAL = "PARTIAL"
    REJECTED = "REJECTED"


class Status(StrEnum):
    """Where a job stands (contract A9)."""

    RECEIVED = "RECEIVED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    COMPLETED_WITH_ERRORS = "COMPLETED_WITH_ERRORS"
    FAILED = "FAILED"


STATUS = {
    Verdict.ACCEPTED: Status.COMPLETED,
    Verdict.PARTIAL: Status.COMPLETED_WITH_ERRORS,
    Verdict.REJECTED: Status.FAILED,
}
EXIT_CODE = {Verdict.ACCEPTED: 0, Verdict.PARTIAL: 3, Verdict.REJECTED: 4}
OUTAGE_EXIT_CODE = 1
"""Exit codes by verdict; an outage outweighs them all (design §4)."""


class Misused(Exception):
    """What was asked for can't be: wrong usage, not an outage."""


class Outage(Exception):
    """Something outside is not as it must be (a lock, a lost lease, an old database): try again, or mend it."""


class Overtaken(Outage):
    """Another worker holds the job now: whatever this one still has of it, it can't write."""


class Stopped(Exception):
    """Somebody asked the worker to stop: the job goes on from its last committed batch, here or elsewhere."""


@dataclass(frozen=True)
class Drop:
    """One file that arrived. Its identity is taken once, when it is claimed.

    ``stamp``: it is a fix-workbook. ``replays``: it holds records that were kept of that job. ``expected``: how many
    records its manifest promises.
    """

    path: Path
    name: str
    feed: Feed
    digest: str
    size: int
    received: datetime
    stamp: Stamp | None = None
    replays: str | None = None
    expected: int | None = None

    @property
    def mends(self) -> str | None:
        """The job whose documents that were not taken it brings."""
        return self.stamp.job if self.stamp else self.replays


@dataclass(frozen=True)
class Batch:
    """Some whole documents on their way together.

    ``raw``: text under the headers as sent. ``key``: the canonical parts of the document's key. ``group``: which
    records are one document (uint64). ``record``: the record's place among the records. ``nested``: its format says
    which document it is part of. ``fault`` and ``detail``: what is wrong with the record itself, or None; ``spoiled``:
    with single cells of it (as in ``Block``). ``origin``: of which document of an earlier job it was part, or 0.
    ``holds``: group → (why it is held, the line that is to blame). All in file order, as long as ``raw``.
    """

    number: int
    raw: pd.DataFrame
    key: pd.DataFrame
    group: np.ndarray
    record: np.ndarray
    nested: np.ndarray
    fault: np.ndarray
    detail: np.ndarray
    spoiled: np.ndarray
    origin: np.ndarray
    holds: Mapping[int, tuple[str, int]]


@dataclass(frozen=True)
class Settled:
    """A feed's constants and defaults by qualified name, in our notation."""

    constants: Mapping[str, str]
    defaults: Mapping[str, str]


@dataclass(frozen=True)
class Gathered:
    """The documents of a batch, taken apart by level.

    ``rows``: by title, the rows of each level; row i of the header's is document i, under the line of its first record.
    ``key``: the canonical parts of each document's key. ``positional``: the file has no line numbers. ``absent``:
    fields that the drop has no column for. ``blank``: by field, cells that were blank as sent, where a blank doesn't
    clear; ``lacking``: members that a JSON object doesn't have, which leave what is stored in an update. ``groups``:
    of each document, what its records were spooled under. ``version``: of each document, as text that sorts as
    versions do; None where the feed has none. ``numberless``: documents that came without a number and were given one.
    """

    records: Records
    rows: Mapping[str, LevelRows]
    key: pd.DataFrame
    positional: bool
    absent: frozenset[str]
    blank: Mapping[str, np.ndarray]
    groups: np.ndarray
    lacking: Mapping[str, np.ndarray] = field(default_factory=dict)
    version: list[str | None] | None = None
    numberless: np.ndarray | None = None

    @property
    def size(self) -> int:
        """How many documents."""
        return self.records.documents

    @property
    def header(self) -> pd.DataFrame:
        """The cells of the headers."""
        return self.rows["header"].cells

    @property
    def header_lines(self) -> np.ndarray:
        """The line of each document's first record, int64."""
        return self.rows["header"].lines

    def with_cells(self, cells: Mapping[str, pd.DataFrame]) -> Gathered:
        """The same documents with other cells at some levels (by title)."""
        changed = {title: replace(self.rows[title], cells=frame) for title, frame in cells.items()}
        return replace(self, rows={**self.rows, **changed})

    def actions(self, title: str) -> np.ndarray:
        """The action of each row of a level."""
        rows, name = self.rows[title], self._action(title)
        return rows.values(name) if name else np.full(len(rows), "upsert", dtype=object)

    def cancels_rows(self, title: str) -> np.ndarray:
        """Which rows of a level are to be cancelled by an action of their own (header: which documents)."""
        rows, name = self.rows[title], self._action(title)
        return mask(pc.equal(array(rows.cells[name]), "cancel")) if name else np.zeros(len(rows), dtype=bool)

    def _action(self, title: str) -> str | None:
        """The column that holds the actions of a level's rows; None where the drop has none."""
        return next((each for each in (f"{title}.action", "action") if each in self.rows[title].cells), None)

    @cached_property
    def cancels(self) -> np.ndarray:
        """Which documents are to be cancelled: they need their key only."""
        return self.cancels_rows("header")


@dataclass(frozen=True)
class Write:
    """What storing a batch does to the table of one level: rows to insert, rows to update (whole rows both)."""

    level: Level
    insert: pa.Table
    update: pa.Table


@dataclass(frozen=True)
class Counts:
    """What a batch did, or would do, per level: rows inserted, updated, unchanged, cancelled."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    cancelled: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in COUNTED))

    @property
    def all(self) -> int:
        """How many are as they were sent: neither failing, nor stale, nor sent twice."""
        return sum(getattr(self, name) for name in COUNTED)


COUNTED = ("inserted", "updated", "unchanged", "cancelled")


@dataclass(frozen=True)
class Books:
    """Every record of a drop in exactly one bucket (contract A8)."""

    read: int = 0
    loaded: int = 0
    unchanged: int = 0
    duplicate: int = 0
    stale: int = 0
    failed: int = 0
    held: int = 0
    blank: int = 0
    ignored: int = 0

    def __add__(self, other: Books) -> Books:
        return Books(*(getattr(self, name) + getattr(other, name) for name in BUCKETS))

    @property
    def balanced(self) -> bool:
        """Whether the buckets add up to what was read."""
        return self.read == sum(getattr(self, name) for name in BUCKETS if name != "read")


BUCKETS = ("read", "loaded", "unchanged", "duplicate", "stale", "failed", "held", "blank", "ignored")


@dataclass(frozen=True)
class Leaned:
    """Stored documents that a batch was held against: what was asked, and the revisions that were found, in order."""

    document: str
    asked: pd.DataFrame
    revisions: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Checked:
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
    leaned: tuple[Leaned, ...] = ()
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


@dataclass(frozen=True)
class Progress:
    """How far a job is, in documents."""

    processed: int
    total: int


class DocumentQueries(Protocol):
    """What a check may ask of the documents that are stored and of the jobs that brought them."""

    def existing(self, level: Level, keys: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        """The stored rows of a level with those values.

        ``keys``: distinct rows of text, columns named as in SQL. Gives the columns of ``keys``, then ``columns``, both
        Arrow-backed, named as in SQL; moments are text in the former, moments in the latter.
        """

    def similar(self, document: Document, folds: pd.DataFrame, partner: str) -> pd.DataFrame:
        """A partner's stored documents whose folded key is among ``folds`` (unit, key_fold): these, number, key."""

    def highest(self, document: Document, business_unit: str) -> int:
        """The highest number of a stored document that counts as one given (``Document.numbers_below``); 0 if none."""

    def foreign_jobs(self, job: str, others: list[str]) -> dict[str, bool]:
        """Of some jobs, those that are no fix-workbooks of the same file; whether they came later."""

    def short(self, job: str, numbers: list[str]) -> set[tuple[str, str]]:
        """Business unit and number of documents that the file of a fix-workbook did not bring in whole."""


class ListQueries(Protocol):
    """What a check may ask of the lists that everybody refers to."""

    def loaded(self, name: str, business_unit: str) -> bool:
        """Whether a list, or a type of document, has any value of that business unit."""

    def known(self, name: str, business_unit: str, values: list[str]) -> dict[str, bool]:
        """Which of the values are in a list of that business unit, and whether they are active."""

    def suggestions(self, name: str, business_unit: str) -> list[str]:
        """Some values of a list of that business unit, in order, to suggest from."""

    def units(self) -> dict[str, int]:
        """Units that a list brought: code → decimals."""

    def item_ways(self, business_unit: str) -> list[tuple[Document, ItemWay]]:
        """In which ways items can be found there (``documents.ITEM_WAYS``), each with its list."""

    def items(
        self, listed: Document, way: ItemWay, business_unit: str, partner: str, names: list[str]
    ) -> dict[str, list[str]]:
        """Which items those names may mean, that way; GTINs are named with all of their digits."""


class Stored(DocumentQueries, ListQueries, Protocol):
    """What a check may ask of the database; one query a batch each. The dry run asks the same, read-only."""


@dataclass(frozen=True)
class Report:
    """How an import ended, for the one who started it; the details are in the job's tables."""

    job: str
    name: str
    feed: str
    status: Status
    verdict: Verdict | None
    progress: Progress
    books: Books = Books()
    documents: Counts = Counts()
    lines: Counts = Counts()
    failing: int = 0
    refused: str | None = None
    said: str | None = None

    @property
    def exit_code(self) -> int:
        """The process' exit code for this drop."""
        return OUTAGE_EXIT_CODE if self.verdict is None else EXIT_CODE[self.verdict]
