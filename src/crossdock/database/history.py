"""What the jobs' tables tell: a job's row, its report, its failures in file order or grouped.

What may be large is streamed: reports are of any size, memory is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, func, null, or_, select

from crossdock.database import Database
from crossdock.database.tables import FAILURES, JOBS, MENDS, OUTCOMES, RECORDS, UNITS
from crossdock.model import BUCKETS, COUNTED, Books, Counts, Progress, Report, Status, Verdict


def progress(row: Row[Any]) -> Progress:
    """How far a job is."""
    return Progress(row.processed, row.total)


def find(database: Database, job: str) -> Row[Any] | None:
    """A job's row by its id."""
    with database.reading() as connection:
        return connection.execute(select(JOBS).where(JOBS.c.job_id == job)).first()


def recent(database: Database, limit: int) -> list[Row[Any]]:
    """The newest jobs, newest first."""
    with database.reading() as connection:
        return list(connection.execute(select(JOBS).order_by(JOBS.c.sequence.desc()).limit(limit)))


def report(row: Row[Any]) -> Report:
    """A job's row as the report of its import."""

    def counts(level: str) -> Counts:
        return Counts(*(getattr(row, f"{level}_{name}") for name in COUNTED))

    return Report(
        job=row.job_id,
        name=row.name,
        feed=f"{row.partner}/{row.document}" if row.document else "",
        status=Status(row.status),
        verdict=Verdict(row.verdict) if row.verdict else None,
        progress=progress(row),
        books=Books(*(getattr(row, "read_" if name == "read" else name) for name in BUCKETS)),
        documents=counts("documents"),
        lines=counts("lines"),
        failing=row.failing,
        refused=row.refused,
        said=row.said if row.verdict and not row.document else None,
    )


def units(database: Database, job: str) -> list[Row[Any]]:
    """The business units of a drop with their counts, in order."""
    with database.reading() as connection:
        rows = connection.execute(select(UNITS).where(UNITS.c.job_id == job))
        return sorted(rows, key=lambda row: row.business_unit)


def outcomes(database: Database, job: str, *, every: bool = False) -> Iterator[Row[Any]]:
    """The documents that were not taken, or not whole, in file order; or all that the job has kept."""
    which = (OUTCOMES.c.job_id == job, OUTCOMES.c.line > 0) if every else _short(job)
    yield from _streamed(database, select(OUTCOMES).where(*which).order_by(OUTCOMES.c.line))


def _short(job: str) -> tuple[ColumnElement[bool], ...]:
    """A job's documents that were not taken, or not whole; one that is older than the stored one is no failure."""
    found = OUTCOMES.c
    return found.job_id == job, found.line > 0, or_(found.taken.is_(False), found.failing_lines > 0)


def outcomes_count(database: Database, job: str) -> int:
    """How many documents were not taken, or not whole."""
    with database.reading() as connection:
        return connection.execute(select(func.count()).where(*_short(job))).scalar() or 0


def errors(database: Database, job: str) -> Iterator[Row[Any]]:
    """The errors of a job by document and line, in file order."""
    found = FAILURES.c
    asked = select(FAILURES).where(found.job_id == job, found.severity == "error")
    for _, rows in groupby(_streamed(database, asked.order_by(found.document, found.line)), _place):
        yield from sorted(rows, key=_alike)


def warnings(database: Database, job: str) -> Iterator[Row[Any]]:
    """The warnings of a job, once a distinct value, with how often and where (contract A2)."""
    found = FAILURES.c
    line = func.min(found.line).label("line")
    alike = (found.field, found.code, found.value, found.detail)
    asked = (
        select(
            *alike,
            line,
            func.max(found.last_line).label("last_line"),
            func.sum(found.times).label("times"),
            func.min(found.document).label("document"),
            func.min(found.severity).label("severity"),
            null().label("line_number"),
        )
        .where(found.job_id == job, found.severity == "warning")
        .group_by(*alike)
        .order_by(line)
    )
    for _, rows in groupby(_streamed(database, asked), lambda row: row.line):
        yield from sorted(rows, key=_alike)


def _place(row: Row[Any]) -> tuple[int, int]:
    return row.document, row.line


def _alike(row: Row[Any]) -> tuple[str, ...]:
    """A total order within a line that is the same whatever a database's collation."""
    return row.field, row.code, row.value or "", row.detail or ""


def records(database: Database, job: str, last: int) -> Iterator[Row[Any]]:
    """The records as sent of documents not taken whole, up to the document that begins at line ``last``."""
    found = RECORDS.c
    asked = select(RECORDS).where(found.job_id == job, found.document <= last)
    yield from _streamed(database, asked.order_by(found.line))


def mending(database: Database, job: str) -> list[Row[Any]]:
    """The finished jobs of fix-workbooks of a job, oldest first."""
    asked = select(JOBS).where(JOBS.c.mends == job, JOBS.c.verdict.is_not(None)).order_by(JOBS.c.sequence)
    with database.reading() as connection:
        return list(connection.execute(asked))


def became(database: Database, job: str) -> dict[int, tuple[str, bool]]:
    """What became of a job's documents that were not taken: line of the document → last job, whether it is in.

    A fix-workbook may have a fix-workbook of its own. The first job that has brought a document in is named.
    """
    found: dict[int, tuple[str, bool]] = {}
    for mender in mending(database, job):
        later = became(database, mender.job_id)
        of_mender: dict[int, tuple[str, bool]] = {}
        for row in _streamed(database, select(MENDS).where(MENDS.c.job_id == mender.job_id)):
            now = (mender.job_id, True) if row.taken else later.get(row.document, (mender.job_id, False))
            if row.origin not in of_mender or of_mender[row.origin][1]:  # one that was split is in when all of it is
                of_mender[row.origin] = now
        found |= {origin: now for origin, now in of_mender.items() if not (origin in found and found[origin][1])}
    return found


def kinds(database: Database, job: str, severity: str, limit: int) -> list[Row[Any]]:
    """The failures of a job by field and code, the most frequent first: how many, where from and to."""
    found = FAILURES.c
    times = func.sum(found.times).label("times")
    first, last = func.min(found.line).label("line"), func.max(found.last_line).label("last_line")
    asked = (
        select(found.severity, found.field, found.code, times, first, last)
        .where(found.job_id == job, found.severity == severity)
        .group_by(found.severity, found.field, found.code)
        .order_by(found.severity, times.desc(), first)
        .limit(limit)
    )
    with database.reading() as connection:
        rows = connection.execute(asked)
        return sorted(rows, key=lambda row: (row.severity, -row.times, row.line, row.field, row.code))


def examples(database: Database, job: str, field: str, code: str, limit: int) -> list[Row[Any]]:
    """The first failures of one code in one field, a row a distinct value, with how often it was met."""
    found = FAILURES.c
    line = func.min(found.line).label("line")
    asked = (
        select(found.value, found.detail, func.sum(found.times).label("times"), line)
        .where(found.job_id == job, found.field == field, found.code == code)
        .group_by(found.value, found.detail)
        .order_by(line)
        .limit(limit)
    )
    with database.reading() as connection:
        return list(connection.execute(asked))


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
