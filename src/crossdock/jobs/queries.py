"""Queries on the jobs' tables: a job, its documents, its failures in file order or grouped.

Large results are streamed: a report may have any size, memory may not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, case, func, null, or_, select

from crossdock.database import Database
from crossdock.database.records import (
    as_json,
    failures_of,
    filed_of,
    job_of,
    kind_of,
    outcomes_of,
    read_job,
    retained_of,
    unit_of,
)
from crossdock.database.tables import FAILURES, FIXES, JOBS, OUTCOMES, RECORDS, UNITS
from crossdock.errors import Outage
from crossdock.model.job import (
    DocumentOutcome,
    FailureKind,
    FailureRecord,
    FiledJob,
    JobRecord,
    RetainedRecord,
    UnitCounts,
)
from crossdock.model.layout import Layout
from crossdock.model.status import Verdict
from crossdock.partners.feed import Feed

LATEST = 20
"""Among how many of a partner's latest files of a document the last one of a feed is sought, which were stored."""
SOUGHT = 200
"""Among how many of its files of a document those are sought."""


def find(database: Database, job: str) -> JobRecord | None:
    """A job by its id; None where it isn't stored."""
    with database.reading() as connection:
        return read_job(connection, job)


def last_layout(database: Database, feed: Feed, digest: str) -> Layout | None:
    """The layout of the last file of a feed of which something was stored; None if there is none, or it has none.

    ``digest``: the SHA-256 of the file that is compared; the same file is another one's last. It is sought among the
    latest ``SOUGHT`` files only: a partner may have very many that were rejected.
    """
    columns = JOBS.c
    own = (columns.partner == feed.partner, columns.document == feed.document.name)
    beyond = select(columns.sequence).where(*own).order_by(columns.sequence.desc()).offset(SOUGHT).limit(1)
    stored = (columns.verdict.in_((Verdict.ACCEPTED, Verdict.PARTIAL)), columns.fixes.is_(None))
    among = select(JOBS).where(*own, *stored, columns.digest != digest).order_by(columns.sequence.desc())
    with database.reading() as connection:
        last_beyond = connection.execute(beyond).scalar()
        query = among if last_beyond is None else among.where(columns.sequence > last_beyond)
        jobs = [job_of(row) for row in connection.execute(query.limit(LATEST))]
    last = next((each for each in jobs if not feed.is_of_another(each.name)), None)
    return None if last is None or not last.plan.examples else last.layout


def of_feed(database: Database, feed: Feed, since: datetime) -> list[JobRecord]:
    """The finished jobs of a feed's files that arrived since a moment, in their order; no fix-workbooks and replays."""
    columns = JOBS.c
    own = (columns.partner == feed.partner, columns.document == feed.document.name, columns.fixes.is_(None))
    when = (columns.received_at >= since, columns.verdict.is_not(None))
    with database.reading() as connection:
        rows = connection.execute(select(JOBS).where(*own, *when).order_by(columns.sequence))
        return [job for row in rows if not feed.is_of_another((job := job_of(row)).name)]


def filed_since(database: Database, span: timedelta) -> list[FiledJob]:
    """The filed jobs of files that arrived within a span until now."""
    with database.reading() as connection:
        since = database.dialect.clock(connection) - span
        columns = [JOBS.c[each.name] for each in fields(FiledJob)]
        filed = select(*columns).where(JOBS.c.received_at >= since, JOBS.c.filed_at.is_not(None))
        return [filed_of(row) for row in connection.execute(filed)]


def one(database: Database, job: str) -> JobRecord:
    """A job that must be stored. Raises ``Outage`` where it is not there any more."""
    record = find(database, job)
    if record is None:
        raise Outage(f"job {job} is not in the database any more")
    return record


@dataclass(frozen=True)
class Wanted:
    """Which jobs are listed: None and '' are any. ``result``: a verdict, or ``UNFINISHED``; ``words``: within the
    file's name, or the id's beginning; ``parent``: the job that they come from.
    """

    partner: str | None = None
    document: str = ""
    result: str = ""
    words: str = ""
    parent: str = ""


UNFINISHED = "unfinished"
"""The result of a job that has none yet."""


def _wanted(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    columns = JOBS.c
    if wanted.partner is not None:
        yield columns.partner == wanted.partner
    if wanted.document:
        yield columns.document == wanted.document
    if wanted.result:
        yield columns.verdict.is_(None) if wanted.result == UNFINISHED else columns.verdict == wanted.result
    if wanted.parent:
        yield columns.parent == wanted.parent
    if wanted.words:
        in_name = columns.name.icontains(wanted.words, autoescape=True)
        yield or_(in_name, columns.job_id.istartswith(wanted.words, autoescape=True))


def listed(database: Database, wanted: Wanted, limit: int, offset: int = 0) -> list[JobRecord]:
    """Those of the jobs, newest first, a page of ``limit`` from ``offset``."""
    query = select(JOBS).where(*_wanted(wanted)).order_by(JOBS.c.sequence.desc())
    with database.reading() as connection:
        return [job_of(row) for row in connection.execute(query.limit(limit).offset(offset))]


def listed_count(database: Database, wanted: Wanted) -> int:
    """How many jobs ``listed`` has in all."""
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(JOBS).where(*_wanted(wanted))).scalar() or 0


def recent(database: Database, limit: int) -> list[JobRecord]:
    """The newest jobs, newest first."""
    with database.reading() as connection:
        return [job_of(row) for row in connection.execute(select(JOBS).order_by(JOBS.c.sequence.desc()).limit(limit))]


_OF_UNITS = select(UNITS).where(UNITS.c.job_id == bindparam("of_job"))


def units(database: Database, job: str) -> list[UnitCounts]:
    """The business units of a drop with their counts, sorted by name."""
    with database.reading() as connection:
        counts = [unit_of(row) for row in connection.execute(_OF_UNITS, {"of_job": job})]
    return sorted(counts, key=lambda each: each.business_unit)


def outcomes(
    database: Database, job: str, first: int = 0, last: int | None = None, *, every: bool = False
) -> Iterator[DocumentOutcome]:
    """The documents that were not taken, or not whole, in file order; with ``every`` all that the job has kept; those
    that begin at ``first`` to ``last``.
    """
    line = OUTCOMES.c.line
    which = (OUTCOMES.c.job_id == job, line > 0) if every else _short(job)
    query = select(OUTCOMES).where(*which, line >= first).order_by(line)
    yield from outcomes_of(database.streamed(query if last is None else query.where(line <= last)))


def _short(job: str) -> tuple[ColumnElement[bool], ...]:
    """The condition: a job's documents that were not taken, or not whole. A stale document counts as taken."""
    columns = OUTCOMES.c
    return columns.job_id == job, columns.line > 0, or_(columns.taken.is_(False), columns.failing_lines > 0)


def outcomes_count(database: Database, job: str) -> int:
    """How many documents were not taken, or not whole."""
    return outcomes_counted(database, job).documents


@dataclass(frozen=True)
class Short:
    """How many documents were not taken, or not whole: all, their lines, and those of which the rest is taken."""

    documents: int
    lines: int
    taken: int


def outcomes_counted(database: Database, job: str) -> Short:
    """The documents that were not taken, or not whole, in numbers."""
    columns = OUTCOMES.c
    taken = func.count().filter(columns.taken.is_(True))
    query = select(func.count(), func.coalesce(func.sum(columns.lines), 0), taken).where(*_short(job))
    with database.reading() as connection:
        return Short(*map(int, connection.execute(query).one()))


def errors(database: Database, job: str, first: int = 0, last: int | None = None) -> Iterator[FailureRecord]:
    """The errors of a job by document and line, in file order; of the documents that begin at ``first`` to ``last``."""
    columns = FAILURES.c
    query = select(FAILURES).where(columns.job_id == job, columns.severity == "error", columns.document_line >= first)
    if last is not None:
        query = query.where(columns.document_line <= last)
    rows = database.streamed(query.order_by(columns.document_line, columns.line))
    yield from _ordered(rows, attrgetter("document_line", "line"))


def errors_at(database: Database, job: str, first: int, last: int) -> Iterator[FailureRecord]:
    """The errors of a job that stand at ``first`` to ``last``, in the order of their lines, whatever their document."""
    columns = FAILURES.c
    query = select(FAILURES).where(
        columns.job_id == job, columns.severity == "error", columns.line.between(first, last)
    )
    yield from _ordered(database.streamed(query.order_by(columns.line)), attrgetter("line"))


def warnings(database: Database, job: str) -> Iterator[FailureRecord]:
    """The warnings of a job, one per distinct value, with their count and places (contract A2)."""
    yield from _ordered(database.streamed(_WARNED, of_job=job), attrgetter("line"))


def first_warnings(database: Database, job: str, most: int) -> list[FailureRecord]:
    """The first of ``warnings``, at most so many: as one statement, where a stream is five."""
    with database.reading() as connection:
        rows = connection.execute(_WARNED_FIRST, {"of_job": job, "most": most})
        return list(_ordered(iter(rows), attrgetter("line")))


def _ordered(rows: Iterator[Row[Any]], place: Callable[[FailureRecord], object]) -> Iterator[FailureRecord]:
    """The failures of rows that come in the order of their places; those of one place in an order of their own."""
    for _, of_place in groupby(failures_of(rows), place):
        several = list(of_place)
        yield from several if len(several) == 1 else sorted(several, key=_alike)


def _alike_in_all_but_place() -> Select[Any]:
    """One row per group of failures that differ only in their place, in the order of the first of each."""
    columns = FAILURES.c
    line = func.min(columns.line).label("line")
    alike = (columns.field, columns.code, columns.value, columns.detail)
    first, last = func.min(columns.number), func.max(columns.number)
    counted = (
        line,
        func.max(columns.last_line).label("last_line"),
        func.sum(columns.times).label("times"),
        func.min(columns.document_line).label("document_line"),
        func.min(columns.severity).label("severity"),
        func.min(columns.scope).label("scope"),
        case((first == last, first), else_="").label("number"),
        null().label("line_number"),
    )
    return select(*alike, *counted).group_by(*alike, _OF_DOCUMENT).order_by(line)


_OF_DOCUMENT = case(((FAILURES.c.scope == "document") & (FAILURES.c.field == ""), FAILURES.c.document_line), else_=-1)
"""What a warning about a document as a whole has besides: it is never one with that about another document."""
_OF_JOB = FAILURES.c.job_id == bindparam("of_job")
_WARNED = _alike_in_all_but_place().where(_OF_JOB, FAILURES.c.severity == "warning")
_WARNED_FIRST = _WARNED.limit(bindparam("most"))


def _alike(failure: FailureRecord) -> tuple[str, ...]:
    """A total order within a line, independent of the database's collation."""
    return failure.field, failure.code, failure.value or "", as_json(failure.detail)


def records(database: Database, job: str, first: int, last: int) -> Iterator[RetainedRecord]:
    """The records as sent of documents that were not taken whole: of those that begin at line ``first`` to ``last``."""
    columns = RECORDS.c
    of_documents = (columns.document_line >= first, columns.document_line <= last)
    query = select(RECORDS).where(columns.job_id == job, columns.line >= first, *of_documents)
    yield from map(retained_of, database.streamed(query.order_by(columns.line)))


def fixing_jobs(connection: Connection, job: str) -> list[str]:
    """The finished jobs that bring documents of a job again, by a fix-workbook or a replay, oldest first."""
    query = select(JOBS.c.job_id).where(JOBS.c.fixes == job, JOBS.c.verdict.is_not(None)).order_by(JOBS.c.sequence)
    return list(connection.execute(query).scalars())


def became(database: Database, job: str) -> dict[int, tuple[str, bool]]:
    """What happened to a job's documents that were not taken: line of the document → last job, whether it is stored.

    A fix-workbook may have a fix-workbook of its own. The job is the first that has stored the document.
    """
    results: dict[int, tuple[str, bool]] = {}
    with database.reading() as connection:
        jobs = fixing_jobs(connection, job)
    for fixing in jobs:
        later = became(database, fixing)
        of_fixing: dict[int, tuple[str, bool]] = {}
        for row in database.streamed(select(FIXES).where(FIXES.c.job_id == fixing)):
            now = (fixing, True) if row.taken else later.get(row.document_line, (fixing, False))
            if row.origin not in of_fixing or of_fixing[row.origin][1]:  # a split document is stored when all parts are
                of_fixing[row.origin] = now
        results |= {origin: now for origin, now in of_fixing.items() if not (origin in results and results[origin][1])}
    return results


def kinds(database: Database, job: str, severity: str, limit: int) -> list[FailureKind]:
    """The failures of a job grouped by field and code, the most frequent first: how many, first and last line."""
    columns = FAILURES.c
    times = func.sum(columns.times).label("times")
    first, last = func.min(columns.line).label("line"), func.max(columns.last_line).label("last_line")
    query = (
        select(columns.severity, columns.scope, columns.field, columns.code, times, first, last)
        .where(columns.job_id == job, columns.severity == severity)
        .group_by(columns.severity, columns.scope, columns.field, columns.code)
        .order_by(columns.severity, times.desc(), first)
        .limit(limit)
    )
    with database.reading() as connection:
        counted = [kind_of(row) for row in connection.execute(query)]
    return sorted(counted, key=lambda kind: (kind.severity, -kind.times, kind.line, kind.field, kind.code))


@dataclass(frozen=True)
class Among:
    """Which failures of a job are shown: None and '' are any. ``words``: within the document's number or the value."""

    field: str | None = None
    code: str = ""
    words: str = ""


def _among(job: str, among: Among) -> Iterator[ColumnElement[bool]]:
    columns = FAILURES.c
    yield columns.job_id == job
    if among.field is not None:
        yield columns.field == among.field
    if among.code:
        yield columns.code == among.code
    if among.words:
        words = among.words
        yield or_(columns.number.icontains(words, autoescape=True), columns.value.icontains(words, autoescape=True))


def failures(database: Database, job: str, among: Among, limit: int, offset: int = 0) -> list[FailureRecord]:
    """Those of the failures of a job, each at its own place, in file order, a page of ``limit`` from ``offset``."""
    columns = FAILURES.c
    query = select(FAILURES).where(*_among(job, among)).order_by(columns.line, columns.field, columns.code)
    with database.reading() as connection:
        return list(failures_of(connection.execute(query.limit(limit).offset(offset))))


def failures_count(database: Database, job: str, among: Among) -> int:
    """How many failures ``failures`` has in all."""
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(FAILURES).where(*_among(job, among))).scalar() or 0


def examples(database: Database, job: str, kind: FailureKind, limit: int) -> list[FailureRecord]:
    """The first failures of a kind: one per distinct value, with its count and places."""
    columns = FAILURES.c
    query = _alike_in_all_but_place().where(
        columns.job_id == job, columns.field == kind.field, columns.code == kind.code
    )
    with database.reading() as connection:
        return list(failures_of(connection.execute(query.limit(limit))))


def numbers(database: Database, job: str, kind: FailureKind, limit: int) -> list[str]:
    """The numbers of the documents that have a failure of a kind, in the order of the file, at most so many."""
    columns = FAILURES.c
    of_kind = (columns.job_id == job, columns.field == kind.field, columns.code == kind.code, columns.number != "")
    first = func.min(columns.document_line).label("first")
    query = select(columns.number, first).where(*of_kind).group_by(columns.number).order_by(first).limit(limit)
    with database.reading() as connection:
        return [row.number for row in connection.execute(query)]


def totals(database: Database, job: str) -> dict[str, int]:
    """Severity → how many failures: each error counts, a warning counts once per distinct value (contract A2)."""
    with database.reading() as connection:
        counts = {
            "error": connection.execute(_ERRORS_COUNTED, {"of_job": job}).scalar() or 0,
            "warning": connection.execute(_WARNINGS_COUNTED, {"of_job": job}).scalar() or 0,
        }
    return {severity: int(count) for severity, count in counts.items() if count}


_ERRORS_COUNTED = select(func.count()).select_from(FAILURES).where(_OF_JOB, FAILURES.c.severity == "error")
_ALIKE_IN = (*(FAILURES.c[name] for name in ("field", "code", "value", "detail")), _OF_DOCUMENT.label("of_document"))
_WARNINGS = select(*_ALIKE_IN).where(_OF_JOB, FAILURES.c.severity == "warning").distinct().subquery()
_WARNINGS_COUNTED = select(func.count()).select_from(_WARNINGS)
