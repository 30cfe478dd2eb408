"""A job as a noun: frozen records of what the database stores of it, for all code that needs one.

A job is one import of one drop. It has documents with outcomes, failures, retained records and queued answers, and a
worker while it is processed. Each record here answers one kind of question and has real types. Only
``database.records`` makes it from a row: nobody outside the database sees a row, or the JSON of a column.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from crossdock import formats
from crossdock.formats.text import OPEN_END
from crossdock.model.layout import Layout
from crossdock.model.report import Books, Counts, Progress, Report
from crossdock.model.status import Status, Verdict
from crossdock.partners import asked
from crossdock.partners.feed_config import FeedSnapshot

REFUSED = "refused"
"""The hold code of a drop that was refused as a whole: it waits until a drop of the same name is imported."""
DRY_RUN = "dry-run"
"""What the ids of the jobs of a dry run begin with; that of the file's own job is this."""
CHECKED = "checked"
"""How a document ends of which its sender wants no more than to know what is wrong with it: nobody waits for it."""
STALE = "stale"
"""The hold code of a document that is older than the stored one: it ends no wait."""


def public_id(job: str) -> str:
    """The id of a job, by which people ask for it; '' of a dry run, for which nobody can ask later.

    >>> public_id("261128-AB"), public_id("dry-run-AB")
    ('261128-AB', '')
    """
    return "" if job.startswith(DRY_RUN) else job


LATELY = ("sources", "examples", "steady")
"""Keys of a plan that plans of the last version don't have: they are left out where they say nothing."""


class PlanRecord(BaseModel):
    """What a job stores of its plan, as JSON: how the file was written and what its columns are.

    ``written``: format, encoding and dialect, as the reader reports them; empty if no file was read. ``columns``: our
    qualified name → heading as sent; ``headers``: every heading, in the order of the cells of retained records;
    ``sources``: heading of a column that the feed makes of others → those; ``examples``: heading → values of different
    shapes; ``steady``: members that each document has, where files name them themselves.
    ``plain``: numbers are written as the format writes them. Keys of another version are ignored, missing keys have
    their defaults.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    written: dict[str, Any] = {}
    columns: dict[str, str] = {}
    headers: tuple[str, ...] = ()
    sources: dict[str, tuple[str, ...]] = {}
    examples: dict[str, tuple[str, ...]] = {}
    steady: tuple[str, ...] = ()
    batches: int = 0
    blank: int = 0
    ignored: int = 0
    plain: bool | None = None

    @property
    def text(self) -> str:
        """The plan as the column stores it: equal plans are equal texts, so that an unfinished job continues."""
        lately = {name for name in LATELY if not getattr(self, name)}
        return json.dumps(self.model_dump(exclude=lately), ensure_ascii=False)

    def place(self, heading: str) -> int | None:
        """The place of a heading's cell in a record; of the first column that it is made of; None if it has none."""
        sent = [each for each in (heading, *self.sources.get(heading, ())) if each in self.headers]
        return self.headers.index(sent[0]) if sent else None

    @property
    def is_fix(self) -> bool:
        """Whether the drop is a fix-workbook, also one of a job that is not known here."""
        return "first" in self.written

    @property
    def plain_numbers(self) -> bool:
        """Whether numbers are written as the format writes them; of older plans without the key the format decides."""
        if self.plain is None:
            return bool(self.written) and formats.plain_numbers(self.written)
        return self.plain


STUCK = 3
"""After how many equal outages in a row a job no longer delays jobs that don't depend on it."""


class _TriedAgain:
    """A job that outages may have ended. ``outages``: how often the same outage ended it, in a row."""

    outages: int

    @property
    def stuck(self) -> bool:
        """Whether the same outage has ended it ``STUCK`` times in a row: then only jobs that depend on it wait."""
        return self.outages >= STUCK


@dataclass(frozen=True)
class Age:
    """How new the documents of a job are: those of a fix-workbook, or of a replay, are as old as its file; of two that
    correct one file, the later one is the newer.

    ``file``: the job that has brought the file; ``sequence``: its number in the order of arrivals; ``ranked``: the
    place that the file's name shows among those of its feed, '' for none; ``own``: the number of the job itself.
    """

    file: str
    sequence: int
    ranked: str
    own: int

    def newer_than(self, other: Age) -> bool:
        """Whether this file came later, and its name doesn't show an earlier place: what the other one brings after it,
        resumed or corrected, takes nothing of it back.

        Of a file that comes late, after one with a later place, neither is the newer: what is imported last stays.

        >>> Age("J2", 2, "", 2).newer_than(Age("J1", 1, "7", 1)), Age("J2", 2, "6", 2).newer_than(Age("J1", 1, "7", 1))
        (True, False)
        """
        if self.file == other.file:
            return self.own > other.own
        before = self.ranked and other.ranked and self.ranked < other.ranked
        return self.sequence > other.sequence and not before


@dataclass(frozen=True)
class JobRecord(_TriedAgain):
    """One job: its drop, its status, its worker, its books and its verdict.

    ``document``: the name of the document type, '' if no feed is known. ``feed``: the feed that read it, None until
    then. ``sender_jobs``: the sender's own jobs in the drop (two are enough to know that it isn't one). Four fields are
    other jobs: ``repeats``, of the same bytes; ``fixes``, whose documents it brings; ``earlier``, of the same name;
    ``parent``, from which it came. The other fields are the columns of ``database.tables.JOBS``.
    """

    job_id: str
    name: str
    digest: str
    size: int
    partner: str
    document: str
    feed: FeedSnapshot | None
    feed_digest: str
    plan: PlanRecord
    status: Status
    verdict: Verdict | None
    refused: str | None
    sender_jobs: tuple[str, ...]
    repeats: str | None
    fixes: str | None
    replays: bool
    earlier: str | None
    parent: str | None
    sequence: int
    withheld: bool
    received_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    answered_at: datetime | None
    filed_at: datetime | None
    path: str
    origin: str
    asked: str
    stage: int
    ranked: str
    lease: str | None
    worker: str | None
    leased_at: datetime | None
    leased_from: int
    progressed_at: datetime | None
    attempts: int
    not_before: datetime | None
    said: str | None
    parked: str | None
    outages: int
    alert: str | None
    rate: float | None
    estimated_end: datetime | None
    processed: int
    total: int
    records: int
    failing: int
    books: Books
    documents: Counts
    lines: Counts

    @property
    def layout(self) -> Layout:
        """The layout of its file."""
        plan = self.plan
        steady = frozenset(plan.steady)
        written = plan.written
        return Layout(self.job_id, str(written.get("format")), plan.headers, plan.examples, steady, OPEN_END in written)

    @property
    def as_old_as(self) -> str:
        """The job as old as which its documents are (``Age``): itself, or the one that it fixes; '' where nobody knows
        that one.
        """
        return self.fixes or ("" if self.plan.is_fix else self.job_id)

    @property
    def whole(self) -> bool:
        """Whether every document was taken, with all of its lines: the job has no errors and no outcomes."""
        return self.verdict == Verdict.ACCEPTED

    @property
    def feed_name(self) -> str:
        """``partner/document``, or '' if no feed is known."""
        return f"{self.partner}/{self.document}" if self.document else ""

    @property
    def reader(self) -> str:
        """What names the feed that reads its records again: that of a request says what the request gave, too."""
        return asked.lasting(self.asked) if self.of_request else self.feed_name

    @property
    def of_request(self) -> bool:
        """Whether it came by a request, which gave a part of what its body says."""
        return asked.read(self.asked) is not None

    @property
    def report(self) -> Report:
        """How its import ended, or its progress."""
        return Report(
            job=self.job_id,
            name=self.name,
            feed=self.feed_name,
            status=self.status,
            verdict=self.verdict,
            progress=Progress(self.processed, self.total),
            books=self.books,
            documents=self.documents,
            lines=self.lines,
            failing=self.failing,
            refused=self.refused,
            said=self.said if self.verdict and not self.document else None,
        )


@dataclass(frozen=True)
class UnfiledJob(_TriedAgain):
    """A job that is not filed yet, with what the choice of the next job needs: partner, class, order."""

    job_id: str
    partner: str
    document: str
    stage: int
    ranked: str
    sequence: int
    verdict: Verdict | None
    lease: str | None
    worker: str | None
    started_at: datetime | None
    received_at: datetime
    not_before: datetime | None
    parked: str | None
    outages: int


@dataclass(frozen=True)
class FiledJob:
    """A job of a drop that is filed: what tells where it is, and how large it was. ``origin``: as ``JobRecord``'s."""

    job_id: str
    name: str
    size: int
    origin: str
    received_at: datetime
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class DocumentOutcome:
    """What became of one document of a job.

    ``line``: of its first record; 0 for a drop that was refused as a whole. ``document``: the name of its type.
    ``taken``: it is stored, perhaps without ``failing_lines`` of its ``lines``. ``hold_code``: why it is held though
    nothing is wrong with it (a code of ``failures.HOLDS``), or ``STALE`` or ``REFUSED``, else ''; ``hold_line``: the
    line to blame. ``what``: what was done with it. ``ended``: how its wait ended, or None; ``ended_by``: the job or
    person that ended it; ``ended_at``: when; ``why``: the reason.
    """

    job_id: str
    line: int
    partner: str
    document: str
    business_unit: str
    number: str
    key: str
    taken: bool
    hold_code: str
    hold_line: int | None
    lines: int
    failing_lines: int
    what: str
    ended: str | None
    ended_by: str | None
    ended_at: datetime | None
    why: str | None


@dataclass(frozen=True, slots=True)
class DocumentOfJob(DocumentOutcome):
    """The outcome of a document, with the facts of its drop that reports need."""

    name: str
    received_at: datetime
    sequence: int
    refused: str | None
    plan: PlanRecord
    feed: FeedSnapshot | None


@dataclass(frozen=True)
class FailureKind:
    """Failures of one code in one field: how many (``times``), and the lines of the first and the last.

    ``scope``: what they are about (``failures.Scope``).
    """

    severity: str
    scope: str
    field: str
    code: str
    times: int
    line: int
    last_line: int


@dataclass(frozen=True, eq=False, slots=True)
class Mistake:
    """What is wrong, wherever it is: the failures of one mistake are said in the same words, and a file may repeat it
    very often. Equal ones are one object while it is kept (``database.records``), so it is known by itself.

    ``scope``: what it is about (``failures.Scope``). ``field``: our qualified name, or ''. ``value``: the cell as sent.
    ``detail``: what its sentence needs besides, by name.
    """

    severity: str
    scope: str
    field: str
    code: str
    value: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FailureRecord:
    """One failure at one place, or several that differ only in their place (``times``).

    ``document_line``: the line of the first record of its document; ``number``: the number of that document, '' if
    it has none or if these are failures of several. ``line_number``: the number of the document's line that it is in.
    """

    mistake: Mistake
    times: int
    line: int
    last_line: int
    document_line: int
    number: str
    line_number: str | None

    @property
    def severity(self) -> str:
        """Whether it is an error or a warning."""
        return self.mistake.severity

    @property
    def scope(self) -> str:
        """What it is about (``failures.Scope``)."""
        return self.mistake.scope

    @property
    def field(self) -> str:
        """Our qualified name of the field, or ''."""
        return self.mistake.field

    @property
    def code(self) -> str:
        """Its code in the catalogue."""
        return self.mistake.code

    @property
    def value(self) -> str | None:
        """The cell as sent."""
        return self.mistake.value

    @property
    def detail(self) -> Mapping[str, Any]:
        """What its sentence needs besides, by name."""
        return self.mistake.detail

    @property
    def fault(self) -> tuple[str, str | None]:
        """Code and details (JSON or None) of a torn record, as a fix-workbook or a replay contains them."""
        return self.code, json.dumps(dict(self.detail), ensure_ascii=False) if self.detail else None


Placed = FailureKind | FailureRecord
"""Failures and where they are: of one code in one field, or of one mistake."""


@dataclass(frozen=True)
class RetainedRecord:
    """A record of a document that was not taken whole, as sent: its cells under the plan's headers.

    ``document_line``: the line of the first record of its document. ``nested``: the format said of which document it
    is.
    """

    line: int
    document_line: int
    nested: bool
    cells: tuple[str | None, ...]


@dataclass(frozen=True)
class UnitCounts:
    """The documents of one business unit in a drop, counted.

    ``processed``: all; ``failing``: not taken; ``shortened``: taken without some of their lines.
    """

    business_unit: str
    processed: int
    failing: int
    shortened: int


@dataclass(frozen=True)
class WorkerRecord:
    """A process that imports. ``run``: its run in Prefect, or ''. ``drop``: the name of its job's file."""

    worker: str
    name: str
    kind: str
    run: str
    started_at: datetime
    seen_at: datetime
    job_id: str | None = None
    drop: str | None = None


SETTLES, WAITS, FAILS, STRAYS = "settles", "waits", "fails", "strays"
"""Why a file is not taken: it may still change; something else must come first; it can't be read, or not be taken; it
lies where no file is taken, or is no file.
"""


@dataclass(frozen=True)
class ArrivalRecord:
    """What is in a drop folder and is not taken yet: a file, or a folder that can't be looked into.

    ``kind``: ``SETTLES``, ``WAITS``, ``FAILS``, ``STRAYS``, or '' before the reason is known. ``said``: the reason, as
    it follows the path. ``until``: when it has settled, or is tried again.
    """

    path: Path
    partner: str
    size: int
    first_seen_at: datetime
    kind: str = ""
    said: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class QueuedAnswer:
    """An answer to be delivered by one channel. ``refusals``: how many of its ``attempts`` the partner refused.

    ``ended``: how its delivery ended, or None. ``said``: the last response.
    """

    number: int
    job_id: str
    partner: str
    channel: str
    queued_at: datetime
    attempts: int
    refusals: int
    next_at: datetime
    ended: str | None
    ended_at: datetime | None
    said: str | None
