"""Open documents of all jobs: documents that were not taken, until a later drop, a replay or a person ends that.

There may be very many: each question is one query, its rows are streamed, and what belongs to them (their jobs, their
failures) is fetched for many of them at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_, update

from crossdock.database import Database
from crossdock.database.records import document_of, failures_of, job_of, listed_value_of
from crossdock.database.standing import DISMISSED, ON_HOLD
from crossdock.database.tables import FAILURES, JOBS, OUTCOMES
from crossdock.documents import DOCUMENTS
from crossdock.jobs import edi_answers
from crossdock.model.job import DocumentOfJob, FailureRecord, JobRecord
from crossdock.schema.codes import zero_spellings

Each = TypeVar("Each")
TOGETHER = 500
"""Documents whose jobs, or failures, are fetched at once."""
_ERRORS_OF = (
    (FAILURES.c.job_id == OUTCOMES.c.job_id)
    & (FAILURES.c.document_line == OUTCOMES.c.line)
    & (FAILURES.c.severity == "error")
)
"""The join of a document with its errors."""
_WITH_SEQUENCE = select(OUTCOMES).join(JOBS, JOBS.c.job_id == OUTCOMES.c.job_id)


def open_documents(
    database: Database,
    *,
    partner: str | None = None,
    job: str | None = None,
    document: str | None = None,
    code: str | None = None,
    line: int | None = None,
) -> Iterator[DocumentOfJob]:
    """The documents that are not stored now, oldest first; streamed.

    ``document``: a document's number, with or without leading zeros. ``code``: the code of one of its failures.
    ``line``: where it begins. A refused drop counts as one document of line 0.
    """
    query = _WITH_SEQUENCE.where(*_chosen(partner, job, document, code, line))
    return _documents(database, query.order_by(JOBS.c.sequence, OUTCOMES.c.line))


def refused_drops(database: Database) -> Iterator[DocumentOfJob]:
    """The drops that were refused as a whole and have not come in since, oldest first; streamed."""
    return _documents(database, _WITH_SEQUENCE.where(*ON_HOLD, OUTCOMES.c.line == 0).order_by(JOBS.c.sequence))


def newest(database: Database, limit: int, offset: int = 0, *, partner: str | None = None) -> Iterator[DocumentOfJob]:
    """As ``open_documents``, but the newest first, and at most ``limit``, from ``offset``."""
    query = _WITH_SEQUENCE.where(*_chosen(partner))
    return _documents(database, query.order_by(JOBS.c.sequence.desc(), OUTCOMES.c.line).limit(limit).offset(offset))


def count(database: Database, *, partner: str | None = None, job: str | None = None) -> int:
    """How many documents are not stored now; ``job``: only those that it brought."""
    with database.reading() as connection:
        return (
            connection.execute(select(func.count()).select_from(OUTCOMES).where(*_chosen(partner, job))).scalar() or 0
        )


def _chosen(
    partner: str | None,
    job: str | None = None,
    document: str | None = None,
    code: str | None = None,
    line: int | None = None,
) -> Iterator[ColumnElement[bool]]:
    columns = OUTCOMES.c
    yield from ON_HOLD
    if partner is not None:
        yield columns.partner == partner
    if job is not None:
        yield columns.job_id == job
    if document is not None:
        yield columns.number.in_(zero_spellings(document))
    if line is not None:
        yield columns.line == line
    if code is not None:
        yield select(FAILURES.c.code).where(_ERRORS_OF, FAILURES.c.code == code).exists()


def numbered(database: Database, number: str) -> Iterator[DocumentOfJob]:
    """The outcomes of all jobs for documents of that number, with or without leading zeros; newest first."""
    query = _WITH_SEQUENCE.where(OUTCOMES.c.number.in_(zero_spellings(number)))
    return _documents(database, query.order_by(JOBS.c.sequence.desc(), OUTCOMES.c.line))


def with_failures(
    database: Database, documents: Iterable[DocumentOfJob]
) -> Iterator[tuple[DocumentOfJob, list[FailureRecord]]]:
    """Each document with its errors, in the order of their lines."""
    for some in _together(documents):
        columns = FAILURES.c
        of_some = tuple_(columns.job_id, columns.document_line).in_([(each.job_id, each.line) for each in some])
        query = select(FAILURES).where(of_some, columns.severity == "error").order_by(columns.line, columns.field)
        errors: dict[tuple[str, int], list[FailureRecord]] = {}
        with database.reading() as connection:
            rows = connection.execute(query).all()
        for row, error in zip(rows, failures_of(rows), strict=True):
            errors.setdefault((row.job_id, row.document_line), []).append(error)
        yield from ((each, errors.get((each.job_id, each.line), [])) for each in some)


def dismiss(
    database: Database, job: str, number: str | None, why: str, who: str, lines: Collection[int] | None = None
) -> int:
    """Dismiss a job's open documents of that number, or, with '', those without a number, with None all; how many.

    ``why`` and ``who`` are stored with them. ``lines``: of those, the ones that begin there; None for all: an order
    that its feed splits is several documents of one number.
    """
    columns = OUTCOMES.c
    chosen = [] if number is None else [columns.number == number]
    chosen += [] if lines is None else [columns.line.in_(lines)]
    mine = update(OUTCOMES).where(columns.job_id == job, *chosen, *ON_HOLD)
    with database.writing() as connection:
        changed = connection.execute(mine.values(ended=DISMISSED, ended_by=who, ended_at=datetime.now(UTC), why=why))
        if changed.rowcount and number is not None:
            edi_answers.queue_of_dismissal(database, connection, job, number)
        return int(changed.rowcount)


def missing_values(database: Database, listed: str) -> dict[str, set[str]]:
    """The values that a list lacks and open documents wait for, by business unit."""
    missing: dict[str, set[str]] = {}
    with database.reading() as connection:
        for unit, text, detail in connection.execute(_lacking(listed, OUTCOMES.c.business_unit).distinct()):
            missing.setdefault(unit, set()).add(listed_value_of(text, detail))
    return missing


def waiting_only_for(database: Database, listed: str, known: dict[str, set[str]]) -> Iterator[DocumentOfJob]:
    """The open documents whose only errors are values that a list lacked, all of which are ``known`` now, oldest first.

    ``known``: business unit → values.
    """
    of_document = select(func.count()).select_from(FAILURES).where(_ERRORS_OF).correlate(OUTCOMES).scalar_subquery()
    query = _lacking(listed, OUTCOMES.c.job_id, OUTCOMES.c.line, OUTCOMES.c.business_unit, of_document.label("errors"))
    lets_in: list[tuple[str, int]] = []
    for place, rows in groupby(database.streamed(query.order_by(OUTCOMES.c.job_id, OUTCOMES.c.line)), _place):
        lacking = list(rows)
        values = {listed_value_of(row.value, row.detail) for row in lacking}
        if len(lacking) == lacking[0].errors and values <= known.get(lacking[0].business_unit, set()):
            lets_in.append(place)
    for some in _together(lets_in):
        query = _WITH_SEQUENCE.where(*ON_HOLD, tuple_(OUTCOMES.c.job_id, OUTCOMES.c.line).in_(some))
        yield from _documents(database, query.order_by(JOBS.c.sequence, OUTCOMES.c.line))


def _lacking(listed: str, *columns: Any) -> Select[Any]:
    """The errors of open documents that are values which a list lacks: ``columns``, value, detail."""
    of_list = FAILURES.c.detail.contains(f'"list": "{DOCUMENTS[listed].called}"', autoescape=True)
    query = select(*columns, FAILURES.c.value, FAILURES.c.detail).select_from(OUTCOMES).join(FAILURES, _ERRORS_OF)
    return query.where(*ON_HOLD, FAILURES.c.code == "unknown_reference", of_list)


def _place(row: Row[Any]) -> tuple[str, int]:
    return row.job_id, row.line


def _documents(database: Database, query: Select[Any]) -> Iterator[DocumentOfJob]:
    """The rows of the outcomes, with the facts of their jobs."""
    jobs: dict[str, JobRecord] = {}
    for some in _together(database.streamed(query)):
        ids = {row.job_id for row in some}
        jobs = {job: record for job, record in jobs.items() if job in ids}
        with database.reading() as connection:
            of_some = select(JOBS).where(JOBS.c.job_id.in_(ids - set(jobs)))
            jobs |= {row.job_id: job_of(row) for row in connection.execute(of_some)}
        yield from (document_of(row, jobs[row.job_id]) for row in some if row.job_id in jobs)


def _together(each: Iterable[Each]) -> Iterator[list[Each]]:
    rest = iter(each)
    while some := list(islice(rest, TOGETHER)):
        yield some
