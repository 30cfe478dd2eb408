"""Rows → records: the one place where a row of the jobs' tables, or the JSON of one of its columns, is read.

Every query for a job, its failures or its outcomes maps each row here, one by one, so streams stay streams.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from itertools import starmap, tee
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, select, update

from crossdock.database.tables import FAILURES, JOBS, OUTBOX, OUTCOMES, UNITS, WORKERS
from crossdock.formats.edi.interchange import SetRecord, SetRecords, group_of, interchange_of, set_of
from crossdock.model.edi_answer import AnswerTerms, EdiAnswer
from crossdock.model.interchange import InterchangeRecord, PartRecord
from crossdock.model.job import (
    ArrivalRecord,
    DocumentOfJob,
    DocumentOutcome,
    FailureKind,
    FailureRecord,
    FiledJob,
    JobRecord,
    Mistake,
    PlanRecord,
    QueuedAnswer,
    RetainedRecord,
    UnfiledJob,
    UnitCounts,
    WorkerRecord,
)
from crossdock.model.report import BUCKETS, COUNTED, Books, Counts
from crossdock.model.status import Status, Verdict
from crossdock.partners.feed_config import FeedSnapshot


def object_of(text: str | None) -> dict[str, Any]:
    """A column of ``Kind.OBJECT`` as an object; {} where it is blank."""
    return dict(json.loads(text)) if text else {}


class _AsTheyAre:
    """The fields of a record that are a column of the same name and type, without those that are ``read``."""

    def __init__(self, record: type, table: Table, read: Container[str] = ()) -> None:
        self._names = tuple(each.name for each in fields(record) if each.name in table.c and each.name not in read)
        self._values: dict[tuple[str, ...], Callable[[Row[Any]], tuple[Any, ...]]] = {}

    def __call__(self, row: Row[Any]) -> dict[str, Any]:
        """These fields of a row, by name."""
        (values,) = self.of_each([row])
        return dict(zip(self._names, values, strict=True))

    def of_each(self, rows: Iterable[Row[Any]]) -> Iterator[tuple[Any, ...]]:
        """These fields of each row of one result, in the order of the record. By place: a column by its name takes
        fifty times as long, what the columns are called ten times, and a record by the names of its fields four times.
        """
        values = None
        for row in rows:
            values = values or self._by_place(row._fields)
            yield values(row)

    def _by_place(self, columns: tuple[str, ...]) -> Callable[[Row[Any]], tuple[Any, ...]]:
        if columns not in self._values:
            self._values[columns] = itemgetter(*map(columns.index, self._names))
        return self._values[columns]


_JOB = _AsTheyAre(JobRecord, JOBS, ("plan", "status", "verdict"))
_THE_JOB = select(JOBS).where(JOBS.c.job_id == bindparam("of_job"))
_OF_JOB = update(JOBS).where(JOBS.c.job_id == bindparam("of_job"))
"""Statements that every drop needs are built once: building one takes several times as long as its execution."""
_UNFILED = _AsTheyAre(UnfiledJob, JOBS, ("verdict",))
_FILED = _AsTheyAre(FiledJob, JOBS, ("verdict",))
_OUTCOME = _AsTheyAre(DocumentOutcome, OUTCOMES)
_FAILURE = _AsTheyAre(FailureRecord, FAILURES)
_MISTAKE = _AsTheyAre(Mistake, FAILURES)
_KIND = _AsTheyAre(FailureKind, FAILURES)
_UNIT = _AsTheyAre(UnitCounts, UNITS)
_WORKER = _AsTheyAre(WorkerRecord, WORKERS)
_ANSWER = _AsTheyAre(QueuedAnswer, OUTBOX)


def from_json(text: str | None) -> Any:
    """The JSON value of a column; None where it is empty."""
    return json.loads(text) if text else None


def as_json(value: object) -> str:
    """A value as the JSON of a column."""
    return json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=64)  # the documents of one job come one after the other
def feed_of(text: str) -> FeedSnapshot | None:
    """The feed that a job has stored; None where no feed has read its file."""
    return FeedSnapshot.model_validate_json(text) if text else None


@lru_cache(maxsize=64)
def plan_of(text: str) -> PlanRecord:
    """The plan that a job has stored."""
    return PlanRecord.model_validate_json(text)


def _sender_jobs_of(text: str | None) -> tuple[str, ...]:
    """The sender's own jobs in a drop."""
    return tuple(from_json(text) or ())


def job_of(row: Row[Any]) -> JobRecord:
    """A row of the jobs, with every column."""
    return JobRecord(
        **_JOB(row),
        feed=feed_of(row.feed_text),
        plan=plan_of(row.plan),
        status=Status(row.status),
        verdict=_verdict(row),
        sender_jobs=_sender_jobs_of(row.sender_job_id),
        books=Books(*(getattr(row, "read_" if name == "read" else name) for name in BUCKETS)),
        documents=Counts(*(getattr(row, f"documents_{name}") for name in COUNTED)),
        lines=Counts(*(getattr(row, f"lines_{name}") for name in COUNTED)),
    )


def read_job(connection: Connection, job: str) -> JobRecord | None:
    """A job by its id; None where it isn't stored."""
    row = connection.execute(_THE_JOB, {"of_job": job}).first()
    return None if row is None else job_of(row)


def the_job(connection: Connection, job: str) -> JobRecord:
    """A job by its id. Raises ``NoResultFound`` where it isn't stored."""
    return job_of(connection.execute(_THE_JOB, {"of_job": job}).one())


def write_job(connection: Connection, job: str, values: Mapping[str, Any]) -> None:
    """Set columns of a job to values."""
    connection.execute(_OF_JOB, {"of_job": job, **values})


def unfiled_of(row: Row[Any]) -> UnfiledJob:
    """A row of the jobs that are not filed."""
    return UnfiledJob(**_UNFILED(row), verdict=_verdict(row))


def filed_of(row: Row[Any]) -> FiledJob:
    """A row of the jobs whose drop is filed."""
    return FiledJob(**_FILED(row), verdict=_verdict(row))


def outcomes_of(rows: Iterable[Row[Any]]) -> Iterator[DocumentOutcome]:
    """Rows of the outcomes, of one result."""
    return starmap(DocumentOutcome, _OUTCOME.of_each(rows))


def document_of(row: Row[Any], job: JobRecord) -> DocumentOfJob:
    """A row of the outcomes, with its job."""
    return DocumentOfJob(
        **_OUTCOME(row),
        name=job.name,
        received_at=job.received_at,
        sequence=job.sequence,
        refused=job.refused,
        plan=job.plan,
        feed=job.feed,
    )


def failures_of(rows: Iterable[Row[Any]]) -> Iterator[FailureRecord]:
    """Rows of the failures, of one result; each may stand for several equal ones."""
    rows, again = tee(rows)
    for what, (times, *place) in zip(_MISTAKE.of_each(rows), _FAILURE.of_each(again), strict=True):
        yield FailureRecord(_mistake_of(*what), int(times), *place)


@lru_cache(maxsize=10_000)  # very many failures are of the same
def _mistake_of(severity: str, scope: str, field: str, code: str, value: str | None, detail: str | None) -> Mistake:
    return Mistake(severity, scope, field, code, value, _detail_of(detail))


@lru_cache(maxsize=4096)  # so have very many mistakes
def _detail_of(text: str | None) -> Mapping[str, Any]:
    return object_of(text)


def listed_value_of(value: str | None, detail: str | None) -> str:
    """The value that a list lacks, of a failure's value as sent and its details: as it was looked up."""
    return str(_detail_of(detail).get("meant", value))


def kind_of(row: Row[Any]) -> FailureKind:
    """Failures that were counted by field and code."""
    values = _KIND(row)
    values["times"] = int(values["times"])
    return FailureKind(**values)


def retained_of(row: Row[Any]) -> RetainedRecord:
    """A row of the records that were kept."""
    return RetainedRecord(row.line, row.document_line, row.nested, tuple(from_json(row.cells)))


def unit_of(row: Row[Any]) -> UnitCounts:
    """A row of the counts by business unit."""
    return UnitCounts(**_UNIT(row))


def worker_of(row: Row[Any], job_id: str | None = None, drop: str | None = None) -> WorkerRecord:
    """A row of the workers, with the id and the drop's name of its job."""
    return WorkerRecord(**_WORKER(row), job_id=job_id, drop=drop)


def arrival_of(row: Row[Any]) -> ArrivalRecord:
    """A row of the arrivals."""
    return ArrivalRecord(Path(row.path), row.partner, row.size, row.first_seen_at, row.kind, row.said, row.until)


def answer_of(row: Row[Any]) -> QueuedAnswer:
    """A row of the outbox."""
    return QueuedAnswer(**_ANSWER(row))


def _verdict(row: Row[Any]) -> Verdict | None:
    return None if row.verdict is None else Verdict(row.verdict)


def sets_of(row: Row[Any]) -> list[SetRecord]:
    """The sets of a part that a row has, in their order."""
    return list(map(set_of, json.loads(row.body)))


def interchange_record(row: Row[Any], parts: Sequence[Row[Any]], sets: Iterable[Row[Any]]) -> InterchangeRecord:
    """An interchange with its groups; ``parts``: the rows of these in their order; ``sets``: of the jobs of them."""
    by_job: dict[str, SetRecords] = defaultdict(SetRecords)
    for each in sets:
        by_job[each.job_id].add_json(json.loads(each.body))
    groups = [group_of(json.loads(each.body), by_job[each.part_job]) for each in parts]
    return InterchangeRecord(
        job=row.job_id,
        place=row.place,
        partner=row.partner,
        booked_at=row.booked_at,
        interchange=interchange_of(json.loads(row.body), groups),
        parts=tuple(PartRecord(each.part, each.part_job, each.refused) for each in parts),
        refused=row.refused,
        twice=row.twice,
        terms=AnswerTerms(**json.loads(row.terms)),
    )


def edi_answer_of(row: Row[Any]) -> EdiAnswer:
    """A row of the standard acknowledgements."""
    return EdiAnswer(
        row.outbox, row.job_id, row.place, row.kind, row.control, row.group_control, row.made_at, row.cause,
        row.dismissed,
    )  # fmt: skip
