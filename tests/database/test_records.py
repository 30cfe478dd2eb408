"""Rows in, records out: types are real, JSON is read once, what is packed is apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Table, create_engine, insert, select

from crossdock.database import records
from crossdock.database.tables import ARRIVALS, FAILURES, JOBS, METADATA, OUTBOX, OUTCOMES, RECORDS, UNITS, WORKERS
from crossdock.model.job import (
    ArrivalRecord,
    DocumentOutcome,
    FailureKind,
    FailureRecord,
    JobRecord,
    Mistake,
    PlanRecord,
    QueuedAnswer,
    RetainedRecord,
    UnfiledJob,
    UnitCounts,
    WorkerRecord,
)
from crossdock.model.report import Books, Counts
from crossdock.model.status import Status, Verdict

SIX = datetime(2026, 11, 26, 6, tzinfo=UTC)
JOB = {"job_id": "J1", "name": "orders.csv", "digest": "d", "size": 7, "status": "RECEIVED", "sequence": 1,
       "withheld": False, "received_at": SIX}  # fmt: skip
OUTCOME = {"job_id": "J1", "line": 2, "business_unit": "BU1", "number": "SO-1", "taken": False, "lines": 1,
           "failing_lines": 0}  # fmt: skip
FAILURE = {"job_id": "J1", "document_line": 2, "line": 3, "last_line": 3, "times": 1, "field": "quantity",
           "code": "not_a_number", "severity": "error", "scope": "cell"}  # fmt: skip


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def stored(connection: Connection, table: Table, **values: Any) -> Any:
    """A row as the database gives it back."""
    connection.execute(insert(table).values(values))
    return connection.execute(select(table)).one()


def test_a_job_that_was_only_booked(connection: Connection) -> None:
    job = records.job_of(stored(connection, JOBS, **JOB))
    assert (job.job_id, job.name, job.size, job.received_at) == ("J1", "orders.csv", 7, SIX)
    assert (job.status, job.verdict, job.feed, job.feed_name) == (Status.RECEIVED, None, None, "")
    assert (job.plan, job.sender_jobs, job.started_at) == (PlanRecord(), (), None)
    assert (job.books, job.documents, job.lines) == (Books(), Counts(), Counts())


def test_a_job_that_is_done(connection: Connection) -> None:
    values = JOB | {
        "partner": "acme", "document": "sales_order", "status": "COMPLETED_WITH_ERRORS", "verdict": "PARTIAL",
        "feed_text": '{"partner": "acme", "feed": {"hold": "line"}}', "plan": '{"headers": ["a"]}',
        "sender_job_id": '["A", "B"]', "finished_at": SIX, "rate": 1.5, "processed": 2, "total": 2, "records": 3,
        "failing": 1, "read_": 3, "loaded": 1, "failed": 2, "documents_inserted": 1, "lines_cancelled": 4,
    }  # fmt: skip
    job = records.job_of(stored(connection, JOBS, **values))
    assert isinstance(job.status, Status)
    assert job.verdict is Verdict.PARTIAL
    assert job.feed is not None
    assert (job.feed.hold, job.plan.headers, job.sender_jobs) == ("line", ("a",), ("A", "B"))
    assert (job.books, job.documents) == (Books(read=3, loaded=1, failed=2), Counts(inserted=1))
    assert job.lines == Counts(cancelled=4)
    assert (job.finished_at, job.rate) == (SIX, 1.5)
    report = job.report
    assert (report.feed, report.status, report.verdict) == ("acme/sales_order", job.status, job.verdict)
    assert (report.progress.processed, report.books, report.failing, report.said) == (2, job.books, 1, None)


def test_what_an_archive_came_to_is_in_its_report(connection: Connection) -> None:
    done = JOB | {"status": "COMPLETED", "verdict": "ACCEPTED", "said": "unpacked: 2 files"}
    assert records.job_of(stored(connection, JOBS, **done)).report.said == "unpacked: 2 files"


def test_what_an_outage_said_is_not_in_the_report(connection: Connection) -> None:
    assert records.job_of(stored(connection, JOBS, **JOB, said="the database is away")).report.said is None


def test_a_job_that_waits(connection: Connection) -> None:
    job = records.unfiled_of(stored(connection, JOBS, **JOB, verdict="ACCEPTED", partner="acme", stage=2, ranked="x"))
    assert job == UnfiledJob("J1", "acme", "", 2, "x", 1, Verdict.ACCEPTED, None, None, None, SIX, None, None, 0)


def test_an_outcome_that_is_held(connection: Connection) -> None:
    (outcome,) = records.outcomes_of([stored(connection, OUTCOMES, **OUTCOME, hold_code="swallowed", hold_line=9)])
    assert (outcome.hold_code, outcome.hold_line, outcome.taken, outcome.ended) == ("swallowed", 9, False, None)


def test_an_outcome_without_a_reason_of_its_own(connection: Connection) -> None:
    (outcome,) = records.outcomes_of([stored(connection, OUTCOMES, **OUTCOME)])
    assert (outcome.hold_code, outcome.hold_line, outcome.partner, outcome.key) == ("", None, "", "")


def test_an_outcome_with_its_job(connection: Connection) -> None:
    job = records.job_of(stored(connection, JOBS, **JOB, plan='{"headers": ["a"]}', refused="it is damaged"))
    document = records.document_of(stored(connection, OUTCOMES, **OUTCOME), job)
    assert isinstance(document, DocumentOutcome)
    assert (document.number, document.name, document.received_at) == ("SO-1", "orders.csv", SIX)
    assert (document.refused, document.plan.headers, document.feed) == ("it is damaged", ("a",), None)


@pytest.mark.parametrize(
    ("detail", "parsed", "fault"),
    [
        (None, {}, ("torn_row", None)),
        ('{"columns": "4", "found": "é"}', {"columns": "4", "found": "é"}, ("torn_row", '{"columns": "4", "found": "é"}')),
    ],
    ids=["nothing to say besides", "details"],
)  # fmt: skip
def test_a_failures_details_are_read_once(
    connection: Connection, detail: str | None, parsed: dict[str, str], fault: tuple[str, str | None]
) -> None:
    values = FAILURE | {"code": "torn_row", "detail": detail, "value": "x", "number": "SO-1"}
    (failure,) = records.failures_of([stored(connection, FAILURES, **values)])
    assert failure == FailureRecord(failure.mistake, 1, 3, 3, 2, "SO-1", None)
    assert (failure.severity, failure.scope, failure.field, failure.code) == ("error", "cell", "quantity", "torn_row")
    assert (failure.value, failure.detail, failure.fault) == ("x", parsed, fault)


def test_a_kind_of_failure(connection: Connection) -> None:
    kind = records.kind_of(stored(connection, FAILURES, **FAILURE | {"times": 12, "last_line": 40}))
    assert kind == FailureKind("error", "cell", "quantity", "not_a_number", 12, 3, 40)


def test_a_retained_record(connection: Connection) -> None:
    row = stored(connection, RECORDS, job_id="J1", line=3, document_line=2, nested=True, cells='["a", null, "ü"]')
    assert records.retained_of(row) == RetainedRecord(3, 2, nested=True, cells=("a", None, "ü"))


def test_counts_of_a_business_unit(connection: Connection) -> None:
    row = stored(connection, UNITS, job_id="J1", business_unit="BU1", processed=3, failing=2, shortened=1)
    assert records.unit_of(row) == UnitCounts("BU1", 3, 2, 1)


def test_a_worker_with_and_without_a_job(connection: Connection) -> None:
    values = {"worker": "w", "name": "host:1", "kind": "inbox", "run": "", "started_at": SIX, "seen_at": SIX}
    row = stored(connection, WORKERS, **values)
    assert records.worker_of(row) == WorkerRecord("w", "host:1", "inbox", "", SIX, SIX)
    assert records.worker_of(row, "J1", "orders.csv").drop == "orders.csv"


def test_a_file_that_lies_there(connection: Connection) -> None:
    row = stored(connection, ARRIVALS, path="/in/a.csv", partner="acme", size=7, mtime_ns=1, inode="1",
                 first_seen_at=SIX, steady_since=SIX)  # fmt: skip
    arrival = records.arrival_of(row)
    assert isinstance(arrival, ArrivalRecord)
    assert (str(arrival.path), arrival.partner, arrival.size, arrival.first_seen_at) == ("/in/a.csv", "acme", 7, SIX)


def test_an_answer_that_is_queued(connection: Connection) -> None:
    row = stored(connection, OUTBOX, number=1, job_id="J1", partner="acme", channel="post", queued_at=SIX, next_at=SIX)
    assert records.answer_of(row) == QueuedAnswer(1, "J1", "acme", "post", SIX, 0, 0, SIX, None, None, None)


@pytest.mark.parametrize(
    ("record", "table", "combined"),
    [
        (JobRecord, JOBS, {"feed", "sender_jobs", "books", "documents", "lines"}),
        (UnfiledJob, JOBS, set()),
        (DocumentOutcome, OUTCOMES, set()),
        (FailureRecord, FAILURES, {"mistake"}),
        (Mistake, FAILURES, set()),
        (RetainedRecord, RECORDS, set()),
        (UnitCounts, UNITS, set()),
        (WorkerRecord, WORKERS, {"job_id", "drop"}),
        (ArrivalRecord, ARRIVALS, set()),
        (QueuedAnswer, OUTBOX, set()),
    ],
)
def test_a_field_is_a_column_or_made_of_several(record: type, table: Table, combined: set[str]) -> None:
    assert {each.name for each in fields(record)} - set(table.c.keys()) == combined
