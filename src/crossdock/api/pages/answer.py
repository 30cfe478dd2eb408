"""The answer to a file, as its page shows it: the verdict, the books as a bar, what is wrong in words, the failures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request

from crossdock.api.pages.paging import Page, page_of
from crossdock.database import Database
from crossdock.delivery import standard_answers
from crossdock.delivery.standard_answers import StandardAnswer
from crossdock.jobs import open_documents, queries
from crossdock.jobs.queries import Among
from crossdock.model.job import FailureKind, FailureRecord, JobRecord, Placed, public_id
from crossdock.model.report import BUCKETS, Books
from crossdock.model.status import Verdict
from crossdock.reports import acknowledgement
from crossdock.reports.detailed import fixed_since
from crossdock.reports.document_verdict import verdicts
from crossdock.reports.kinds import Kinds
from crossdock.reports.overview_text import pace
from crossdock.reports.text import KINDS, document_in_words, headline, summary
from crossdock.reports.wording import Wording, wording_of

FAILURES = 100
"""Failures on a page."""
DOCUMENTS = 50
"""Documents that are named as on hold."""
WIDE = 1000.0
"""The units of the bar's whole length."""
LEAST = 6.0
"""The units of its thinnest part: one failing line of a million is seen."""
BUCKET_WORDS = {
    "loaded": "stored",
    "unchanged": "unchanged",
    "duplicate": "duplicate",
    "stale": "older than what is stored",
    "failed": "failed",
    "held": "held with them",
    "blank": "blank",
    "ignored": "left out",
}
"""The buckets of the books (contract A8), as the legend of the bar names them."""
RESULTS = {Verdict.ACCEPTED: "good", Verdict.PARTIAL: "part", Verdict.REJECTED: "bad", None: "wait"}
"""Verdict → the style of its words."""


@dataclass(frozen=True)
class Chosen:
    """Which failures are shown: of one group (``field|code``), with these words, which page.

    ``operator``: also the settings that would help.
    """

    group: str
    words: str
    page: int
    operator: bool

    @classmethod
    def of(cls, request: Request, *, operator: bool) -> Chosen:
        """What the query of a request asks for."""
        query = request.query_params
        return cls(query.get("group", ""), query.get("words", "").strip(), page_of(query.get("page")), operator)

    @property
    def among(self) -> Among:
        """The same, for the question."""
        field, _, code = self.group.partition("|")
        return Among(field if code else None, code, self.words)


@dataclass(frozen=True)
class Part:
    """A part of the bar: a bucket of the books, its records, where it begins and how long it is."""

    bucket: str
    words: str
    records: int
    start: float
    length: float


@dataclass(frozen=True)
class Group:
    """Failures of one kind in words. ``key``: what asks for them; ``setting``: what would help, for operators."""

    key: str
    severity: str
    place: str
    column: str
    sentence: str
    times: int
    setting: str


@dataclass(frozen=True)
class Answer:
    """All that the page of a job shows. ``on_hold``: the first documents with why; ``held``: how many there are;
    ``open``: how many wait still.
    """

    job: JobRecord
    headline: str
    style: str
    counts: str
    parts: list[Part]
    groups: list[Group]
    totals: dict[str, int]
    chosen: Chosen
    failures: list[dict[str, Any]]
    page: Page
    on_hold: list[tuple[str, str]]
    held: int
    open: int
    fixed_since: dict[str, Any] | None
    progress: str
    units: list[str]
    standard: list[StandardAnswer]


def answer_of(database: Database, job: JobRecord, chosen: Chosen, zone: ZoneInfo) -> Answer:
    """The answer of a job, or how far it is."""
    wording, job_id = wording_of(job), job.job_id
    totals = queries.totals(database, job_id)
    page = Page(chosen.page, queries.failures_count(database, job_id, chosen.among), FAILURES)
    shown = queries.failures(database, job_id, chosen.among, FAILURES, page.offset)
    became = queries.became(database, job_id) if public_id(job_id) else {}
    return Answer(
        job,
        headline(job.report),
        RESULTS[job.verdict],
        summary(job.documents),
        bar(job.books),
        _groups(database, job, wording, chosen),
        totals,
        chosen,
        [_row(each, wording) for each in shown],
        page,
        [
            (each.outcome.number, document_in_words(each, became.get(each.outcome.line)))
            for each in islice(verdicts(job, database), DOCUMENTS)
        ],
        queries.outcomes_count(database, job_id),
        open_documents.count(database, job=job_id),
        fixed_since(job, database, became),
        progress_of(job, zone),
        [each.unit for each in acknowledgement.answers(job, database)] if job.verdict else [],
        standard_answers.of_job(database, job_id) if public_id(job_id) else [],
    )


def progress_of(job: JobRecord, zone: ZoneInfo) -> str:
    """How far a job is, in words; '' once it has ended."""
    if job.verdict is not None:
        return ""
    if job.parked:
        return f"set aside: {job.parked}"
    if job.lease is None:
        return f"{job.said}; it is tried again" if job.said else "waits for its turn"
    return pace(job, datetime.now(UTC), zone)


def bar(books: Books) -> list[Part]:
    """The books as parts of a bar, each long enough to be seen; none where nothing was read.

    >>> [(part.bucket, part.records, part.start, part.length) for part in bar(Books(read=4, loaded=3, failed=1))]
    [('loaded', 3, 0.0, 750.0), ('failed', 1, 750.0, 250.0)]
    """
    counts = {name: getattr(books, name) for name in BUCKETS[1:] if getattr(books, name)}
    some_thin = any(WIDE * records / books.read < LEAST for records in counts.values())
    least = LEAST if some_thin else 0
    free = WIDE - least * len(counts)
    parts, start = [], 0.0
    for name, records in counts.items():
        length = least + free * records / books.read
        parts.append(Part(name, BUCKET_WORDS[name], records, round(start, 2), round(length, 2)))
        start += length
    return parts


def _groups(database: Database, job: JobRecord, wording: Wording, chosen: Chosen) -> list[Group]:
    kinds = Kinds(job, database)
    shown = [each for severity in ("error", "warning") for each in kinds.of(severity)[:KINDS]]
    return [_group(kinds, wording, each, chosen) for each in shown]


def _group(kinds: Kinds, wording: Wording, kind: FailureKind, chosen: Chosen) -> Group:
    _, sentence, first = kinds.grouped(kind)
    setting = wording.setting(first) if chosen.operator else ""
    column = wording.column(kind.field, kind.line) if kind.field else ""
    return Group(
        f"{kind.field}|{kind.code}", kind.severity, _place(kind, wording), column, sentence, kind.times, setting
    )


def _place(kind: Placed, wording: Wording) -> str:
    """Where failures are: one place, or the first and the last."""
    if kind.scope == "file" or not kind.line:
        return "the file"
    return wording.where(kind) if kind.line == kind.last_line else wording.reach(kind)


def _row(failure: FailureRecord, wording: Wording) -> dict[str, Any]:
    return {
        "place": _place(failure, wording),
        "number": failure.number,
        "line_number": failure.line_number or "",
        "column": wording.column(failure.field, failure.line) if failure.field else "",
        "value": failure.value,
        "sentence": wording.explained(failure),
        "severity": failure.severity,
        "code": failure.code,
    }
