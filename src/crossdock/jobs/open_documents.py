"""What is outside, over all jobs: documents that were not taken, until a later drop, a replay or a person ends it."""

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
    """The documents that are not in as of now, oldest first.

    ``document``: the number of a document. ``code``: one of its failures' codes. A refused drop is one, its line 0.
    """
    found = OUTCOMES.c
    asked = _with_jobs().where(found.taken.is_(False), found.ended.is_(None))
    for column, value in ((found.partner, partner), (found.job_id, job), (found.number, document)):
        if value is not None:
            asked = asked.where(column == value)
    if code is not None:
        of_document = (FAILURES.c.job_id == found.job_id) & (FAILURES.c.document == found.line)
        asked = asked.where(select(FAILURES.c.code).where(of_document, FAILURES.c.code == code).exists())
    yield from map(document_of, _streamed(database, asked.order_by(JOBS.c.sequence, found.line)))


def numbered(database: Database, number: str) -> list[DocumentOfJob]:
    """Everything that jobs say of documents of that number, newest first."""
    asked = _with_jobs().where(OUTCOMES.c.number == number).order_by(JOBS.c.sequence.desc(), OUTCOMES.c.line)
    with database.reading() as connection:
        return [document_of(row) for row in connection.execute(asked)]


def failures(database: Database, job: str, line: int) -> list[FailureRecord]:
    """The errors of one document of a job."""
    found = FAILURES.c
    asked = select(FAILURES).where(found.job_id == job, found.document == line, found.severity == "error")
    with database.reading() as connection:
        return [failure_of(row) for row in connection.execute(asked.order_by(found.line, found.field))]


def dismiss(database: Database, job: str, number: str, why: str, who: str) -> int:
    """End the wait of a job's documents of that number, or, with an empty one, of those without; how many they were."""
    found = OUTCOMES.c
    mine = update(OUTCOMES).where(
        found.job_id == job, found.number == number, found.ended.is_(None), found.taken.is_(False)
    )
    with database.writing() as connection:
        changed = connection.execute(mine.values(ended=DISMISSED, ended_by=who, ended_at=datetime.now(UTC), why=why))
        return int(changed.rowcount)


def missing_values(database: Database, listed: str) -> Iterator[tuple[DocumentOfJob, set[str]]]:
    """Open documents that lack values of a list and nothing else, each with those values."""
    words = DOCUMENTS[listed].called
    for document in open_documents(database):
        errors = failures(database, document.job_id, document.line) if document.line else []
        lacking = [each for each in errors if each.code == "unknown_reference" and each.detail.get("list") == words]
        if lacking and len(lacking) == len(errors):
            yield document, {each.value for each in lacking if each.value is not None}


def _streamed(database: Database, asked: Any) -> Iterator[Row[Any]]:
    with database.reading() as connection:
        yield from connection.execution_options(stream_results=True, yield_per=5_000).execute(asked)
