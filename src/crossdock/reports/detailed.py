"""Everything about a job as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from crossdock.database import Database
from crossdock.jobs import queries
from crossdock.model.job import FailureRecord, JobRecord, public_id
from crossdock.model.report import BUCKETS, COUNTED, Counts
from crossdock.reports import acknowledgement
from crossdock.reports.wording import Wording, wording_of


def detailed(job: JobRecord, database: Database) -> Iterator[str]:
    """The detailed report as JSON text, in pieces: the acknowledgement's members and all details."""
    wording = wording_of(job)
    whole = acknowledgement.Answer("", None, job.status, job.processed, job.total)
    head = {
        "jobId": acknowledgement.job_id(job),
        "crossdockJobId": public_id(job.job_id),
        "senderJobId": "\n".join(job.sender_jobs) or None,
        "status": job.status,
        "verdict": job.verdict,
        "name": job.name,
        "digest": job.digest,
        "feed": job.feed_name or None,
        "refused": job.refused,
        "repeats": job.repeats,
        "fixes": job.fixes,
        "fixedSince": None if job.whole else fixed_since(job, database, queries.became(database, job.job_id)),
        "receivedAt": _iso(job.received_at),
        "startedAt": _iso(job.started_at),
        "finishedAt": _iso(job.finished_at),
        "written": job.plan.written or None,
        "progress": {"processed": job.processed, "total": job.total},
        "books": {name: getattr(job.books, name) for name in BUCKETS},
        "documents": _counts(job.documents) | {"failing": job.failing},
        "lines": _counts(job.lines),
    }
    yield '{"data":' + json.dumps(head, ensure_ascii=False)[:-1]
    yield f', "{wording.names.documents}": ['
    yield from _joined(acknowledgement.failed(job, whole, database))
    yield '], "failures": ['
    yield from _joined(_failures(job, database, wording))
    yield "]}}\n"


def _joined(items: Iterator[dict[str, Any]]) -> Iterator[str]:
    comma, as_json = "\n", json.JSONEncoder(ensure_ascii=False).encode
    for item in items:
        yield comma + as_json(item)
        comma = ",\n"


def _failures(job: JobRecord, database: Database, wording: Wording) -> Iterator[dict[str, Any]]:
    for error in () if job.whole else queries.errors(database, job.job_id):
        yield _failure(error, wording)
    for warning in queries.warnings(database, job.job_id):
        yield _failure(warning, wording) | {"lastLine": warning.last_line, "times": warning.times}


def _failure(failure: FailureRecord, wording: Wording) -> dict[str, Any]:
    return {
        "code": failure.code,
        "severity": failure.severity,
        "line": failure.line,
        "place": wording.where(failure) if failure.line else None,
        "document": failure.number or None,
        "lineNumber": failure.line_number,
        "field": failure.field or None,
        "column": wording.column(failure.field, failure.line) if failure.field else None,
        "value": failure.value,
        "message": wording.sentence(failure),
        "hint": wording.hint(failure) or None,
        "setting": wording.setting(failure) or None,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _counts(counts: Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in COUNTED}


def fixed_since(job: JobRecord, database: Database, became: dict[int, tuple[str, bool]]) -> dict[str, Any] | None:
    """What happened to documents that were not taken whole: how many are stored now, by which jobs; None without any.

    ``became``: as ``queries.became`` returns it.
    """
    if not became:
        return None
    now_in = [by for by, taken in became.values() if taken]
    every = queries.outcomes_count(database, job.job_id)
    return {"in": len(now_in), "open": every - len(now_in), "jobs": sorted(set(now_in))}
