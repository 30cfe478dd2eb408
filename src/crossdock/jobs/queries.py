"""What the jobs' tables tell: a job, its documents, its failures in file order or grouped.

What may be large is streamed: reports are of any size, memory is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, null, or_, select

from crossdock.database import Database
from crossdock.database.records import failure_of, job_of, kind_of, outcome_of, retained_of, unit_of
from crossdock.database.tables import FAILURES, JOBS, MENDS, OUTCOMES, RECORDS, UNITS
from crossdock.errors import Outage
from crossdock.model.job import DocumentOutcome, FailureKind, FailureRecord, JobRecord, RetainedRecord, UnitCounts


def find(database: Database, job: str) -> JobRecord | None:
    """A job by its id."""
    with database.reading() as connection:
        row = connection.execute(select(JOBS).where(JOBS.c.job_id == job)).first()
    return None if row is None else job_of(row)


def one(database: Database, job: str) -> JobRecord:
    """A job that is known to be there. Raises ``Outage`` where it isn't any more."""
    record = find(database, job)
    if record is None:
        raise Outage(f"job {job} is not in the database any more")
    return record


def recent(database: Database, limit: int) -> list[JobRecord]:
    """The newest jobs, newest first."""
    with database.reading() as connection:
        return [job_of(row) for row in connection.execute(select(JOBS).order_by(JOBS.c.sequence.desc()).limit(limit))]


def units(database: Database, job: str) -> list[UnitCounts]:
    """The business units of a drop with their counts, in order."""
    with database.reading() as connection:
        counts = [unit_of(row) for row in connection.execute(select(UNITS).where(UNITS.c.job_id == job))]
    return sorted(counts, key=lambda each: each.business_unit)


def outcomes(database: Database, job: str, *, every: bool = False) -> Iterator[DocumentOutcome]:
    """The documents that were not taken, or not whole, in file order; or all that the job has kept."""
    which = (OUTCOMES.c.job_id == job, OUTCOMES.c.line > 0) if every else _short(job)
    yield from map(outcome_of, _streamed(database, select(OUTCOMES).where(*which).order_by(OUTCOMES.c.line)))


def _short(job: str) -> tuple[ColumnElement[bool], ...]:
    """A job's documents that were not taken, or not whole; one that is older than the stored one is no failure."""
    found = OUTCOMES.c
    return found.job_id == job, found.line > 0, or_(found.taken.is_(False), found.failing_lines > 0)


def outcomes_count(database: Database, job: str) -> int:
    """How many documents were not taken, or not whole."""
    with database.reading() as connection:
        return connection.execute(select(func.count()).where(*_short(job))).scalar() or 0


def errors(database: Database, job: str) -> Iterator[FailureRecord]:
    """The errors of a job by document and line, in file order."""
    found = FAILURES.c
    asked = select(FAILURES).where(found.job_id == job, found.severity == "error")
    for _, rows in groupby(_streamed(database, asked.order_by(found.document, found.line)), _place):
        yield from map(failure_of, sorted(rows, key=_alike))


def warnings(database: Database, job: str) -> Iterator[FailureRecord]:
    """The warnings of a job, once a distinct value, with how often and where (contract A2)."""
    asked = _alike_in_all_but_place().where(FAILURES.c.job_id == job, FAILURES.c.severity == "warning")
    for _, rows in groupby(_streamed(database, asked), lambda row: row.line):
        yield from map(failure_of, sorted(rows, key=_alike))


def _alike_in_all_but_place() -> Select[Any]:
    """One row for failures that differ in nothing but their place, in the order of the first of each."""
    found = FAILURES.c
    line = func.min(found.line).label("line")
    alike = (found.field, found.code, found.value, found.detail)
    counted = (
        line,
        func.max(found.last_line).label("last_line"),
        func.sum(found.times).label("times"),
        func.min(found.document).label("document"),
        func.min(found.severity).label("severity"),
        func.min(found.scope).label("scope"),
        null().label("line_number"),
    )
    return select(*alike, *counted).group_by(*alike).order_by(line)


def _place(row: Row[Any]) -> tuple[int, int]:
    return row.document, row.line


def _alike(row: Row[Any]) -> tuple[str, ...]:
    """A total order within a line that is the same whatever a database's collation."""
    return row.field, row.code, row.value or "", row.detail or ""


def records(database: Database, job: str, last: int) -> Iterator[RetainedRecord]:
    """The records as sent of documents not taken whole, up to the document that begins at line ``last``."""
    found = RECORDS.c
    asked = select(RECORDS).where(found.job_id == job, found.document <= last)
    yield from map(retained_of, _streamed(database, asked.order_by(found.line)))


def _mending(database: Database, job: str) -> list[str]:
    """The finished jobs of fix-workbooks of a job, oldest first."""
    asked = select(JOBS.c.job_id).where(JOBS.c.mends == job, JOBS.c.verdict.is_not(None)).order_by(JOBS.c.sequence)
    with database.reading() as connection:
        return list(connection.execute(asked).scalars())


def became(database: Database, job: str) -> dict[int, tuple[str, bool]]:
    """What became of a job's documents that were not taken: line of the document → last job, whether it is in.

    A fix-workbook may have a fix-workbook of its own. The first job that has brought a document in is named.
    """
    found: dict[int, tuple[str, bool]] = {}
    for mender in _mending(database, job):
        later = became(database, mender)
        of_mender: dict[int, tuple[str, bool]] = {}
        for row in _streamed(database, select(MENDS).where(MENDS.c.job_id == mender)):
            now = (mender, True) if row.taken else later.get(row.document, (mender, False))
            if row.origin not in of_mender or of_mender[row.origin][1]:  # one that was split is in when all of it is
                of_mender[row.origin] = now
        found |= {origin: now for origin, now in of_mender.items() if not (origin in found and found[origin][1])}
    return found


def kinds(database: Database, job: str, severity: str, limit: int) -> list[FailureKind]:
    """The failures of a job by field and code, the most frequent first: how many, where from and to."""
    found = FAILURES.c
    times = func.sum(found.times).label("times")
    first, last = func.min(found.line).label("line"), func.max(found.last_line).label("last_line")
    asked = (
        select(found.severity, found.scope, found.field, found.code, times, first, last)
        .where(found.job_id == job, found.severity == severity)
        .group_by(found.severity, found.scope, found.field, found.code)
        .order_by(found.severity, times.desc(), first)
        .limit(limit)
    )
    with database.reading() as connection:
        counted = [kind_of(row) for row in connection.execute(asked)]
    return sorted(counted, key=lambda kind: (kind.severity, -kind.times, kind.line, kind.field, kind.code))


def examples(database: Database, job: str, kind: FailureKind, limit: int) -> list[FailureRecord]:
    """The first failures of a kind: one for each distinct value, with how often and where it was met."""
    found = FAILURES.c
    asked = _alike_in_all_but_place().where(found.job_id == job, found.field == kind.field, found.code == kind.code)
    with database.reading() as connection:
        return [failure_of(row) for row in connection.execute(asked.limit(limit))]


def totals(database: Database, job: str) -> dict[str, int]:
    """How many failures: errors one by one, warnings once a distinct value (contract A2)."""
    found = FAILURES.c
    alike = select(found.severity, func.count().label("times")).where(found.job_id == job)
    with database.reading() as connection:
        errors = connection.execute(alike.where(found.severity == "error").group_by(found.severity)).all()
        distinct = select(found.field, found.code, found.value, found.detail).where(found.job_id == job)
        warnings = distinct.where(found.severity == "warning").distinct().subquery()
        count = connection.execute(select(func.count()).select_from(warnings)).scalar() or 0
    return {row.severity: int(row.times) for row in errors} | ({"warning": count} if count else {})


def _streamed(database: Database, asked: Any) -> Iterator[Row[Any]]:
    with database.reading() as connection:
        yield from connection.execution_options(stream_results=True, yield_per=5_000).execute(asked)
