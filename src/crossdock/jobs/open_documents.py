"""Open documents of all jobs: documents that were not taken, until a later drop, a replay or a person ends that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, select, update

from crossdock.database import Database
from crossdock.database.records import document_of, failure_of
from crossdock.database.tables import FAILURES, JOBS, OUTCOMES
from crossdock.documents import DOCUMENTS
from crossdock.model.job import DocumentOfJob, FailureRecord

DISMISSED = "dismissed"
_OF_JOB = (JOBS.c.name, JOBS.c.received_at, JOBS.c.sequence, JOBS.c.refused, JOBS.c.plan, JOBS.c.feed_text)


def _with_jobs() -> Select[Any]:
    return select(OUTCOMES, *_OF_JOB).join(JOBS, JOBS.c.job_id == OUTCOMES.c.job_id)


def open_documents(
    database: Database,
    *,
    partner: str | None = None,
    job: str | None = None,
    document: str | None = None,
    code: str | None = None,
) -> Iterator[DocumentOfJob]:
    """The documents that are not stored now, oldest first; streamed.

    ``document``: a document's number. ``code``: the code of one of its failures. A refused drop counts as one document
    of line 0.
    """
    columns = OUTCOMES.c
    query = _with_jobs().where(columns.taken.is_(False), columns.ended.is_(None))
    for column, value in ((columns.partner, partner), (columns.job_id, job), (columns.number, document)):
        if value is not None:
            query = query.where(column == value)
    if code is not None:
        of_document = (FAILURES.c.job_id == columns.job_id) & (FAILURES.c.document_line == columns.line)
        query = query.where(select(FAILURES.c.code).where(of_document, FAILURES.c.code == code).exists())
    yield from map(document_of, _streamed(database, query.order_by(JOBS.c.sequence, columns.line)))


def numbered(database: Database, number: str) -> list[DocumentOfJob]:
    """The outcomes of all jobs for documents of that number, newest first."""
    query = _with_jobs().where(OUTCOMES.c.number == number).order_by(JOBS.c.sequence.desc(), OUTCOMES.c.line)
    with database.reading() as connection:
        return [document_of(row) for row in connection.execute(query)]


def failures(database: Database, job: str, line: int) -> list[FailureRecord]:
    """The errors of one document of a job; ``line``: of its first record."""
    columns = FAILURES.c
    query = select(FAILURES).where(columns.job_id == job, columns.document_line == line, columns.severity == "error")
    with database.reading() as connection:
        return [failure_of(row) for row in connection.execute(query.order_by(columns.line, columns.field))]


def dismiss(database: Database, job: str, number: str, why: str, who: str) -> int:
    """Dismiss a job's open documents of that number, or, with '', those without a number; returns how many.

    ``why`` and ``who`` are stored with them.
    """
    columns = OUTCOMES.c
    mine = update(OUTCOMES).where(
        columns.job_id == job, columns.number == number, columns.ended.is_(None), columns.taken.is_(False)
    )
    with database.writing() as connection:
        changed = connection.execute(mine.values(ended=DISMISSED, ended_by=who, ended_at=datetime.now(UTC), why=why))
        return int(changed.rowcount)


def missing_values(database: Database, listed: str) -> Iterator[tuple[DocumentOfJob, set[str]]]:
    """Open documents whose only errors are values that a list lacks, each with those values."""
    words = DOCUMENTS[listed].called
    for document in open_documents(database):
        errors = failures(database, document.job_id, document.line) if document.line else []
        lacking = [each for each in errors if each.code == "unknown_reference" and each.detail.get("list") == words]
        if lacking and len(lacking) == len(errors):
            yield document, {each.value for each in lacking if each.value is not None}


def _streamed(database: Database, query: Any) -> Iterator[Row[Any]]:
    with database.reading() as connection:
        yield from connection.execution_options(stream_results=True, yield_per=5_000).execute(query)
