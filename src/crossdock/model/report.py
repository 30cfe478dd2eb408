"""How an import ended, for the one who started it: books, counts, progress, report."""

from __future__ import annotations

from dataclasses import dataclass

from crossdock.model.status import EXIT_CODE, OUTAGE_EXIT_CODE, Status, Verdict


@dataclass(frozen=True)
class Counts:
    """What a batch did, or would do, at one level: rows inserted, updated, unchanged, cancelled."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    cancelled: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in COUNTED))

    @property
    def all(self) -> int:
        """The number of rows that are stored as sent: neither failing, nor stale, nor duplicates."""
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
        """Whether the other buckets add up to ``read``."""
        return self.read == sum(getattr(self, name) for name in BUCKETS if name != "read")


BUCKETS = ("read", "loaded", "unchanged", "duplicate", "stale", "failed", "held", "blank", "ignored")


@dataclass(frozen=True)
class Progress:
    """How far a job is, in documents."""

    processed: int
    total: int


@dataclass(frozen=True)
class Report:
    """How an import ended, for the one who started it; the details are in the tables of the job."""

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
