"""Everything about a job as JSON."""

from __future__ import annotations

import json
from codecs import iterdecode
from collections.abc import Iterator
from datetime import datetime
from json.encoder import encode_basestring
from typing import Any

from crossdock.database import Database
from crossdock.jobs import queries
from crossdock.model.job import FailureRecord, JobRecord, public_id
from crossdock.model.report import BUCKETS, COUNTED, Counts
from crossdock.reports import acknowledgement
from crossdock.reports.document_report import EntryText, Members, pieces
from crossdock.reports.document_verdict import DocumentVerdict
from crossdock.reports.wording import Wording, wording_of
from crossdock.scratch import new_spool, pieces_of


def detailed(job: JobRecord, database: Database) -> Iterator[str]:
    """The detailed report as JSON text, in pieces: the acknowledgement's members and all details."""
    return pieces(DetailedReport(job, database), job, database)


class DetailedReport:
    """The detailed report (``DocumentReport``). Its failures stand behind all documents: until then they are in a file
    without a name where they are many.
    """

    def __init__(self, job: JobRecord, database: Database) -> None:
        self._job, self._database, self._wording = job, database, wording_of(job)
        whole = acknowledgement.Answer("", None, job.status, job.processed, job.total)
        self._listed, self._documents = acknowledgement.Listed(job, whole), Members("\n")
        self._text = EntryText(self._wording.names, ", ", ": ")
        self._failures, self._spool = Members("\n"), new_spool()

    def head(self) -> Iterator[str]:
        """The job, its books and its counts."""
        head = json.dumps(_facts(self._job, self._database), ensure_ascii=False)
        yield f'{{"data":{head[:-1]}, "{self._wording.names.documents}": ['

    def document(self, verdict: DocumentVerdict) -> str:
        """The entry of a document; its failures come later."""
        failures = self._failures.of(f"{{{_members(each, verdict.wording)}}}" for each in verdict.errors)
        self._spool.write(failures.encode())
        return self._documents.of(map(self._text.of, self._listed.entries(verdict)))

    def end(self) -> Iterator[str]:
        """What stands behind all documents, and the failures: errors, then warnings."""
        yield self._documents.of(map(self._text.of, self._listed.rest()))
        yield '], "failures": ['
        self._spool.seek(0)
        yield from iterdecode(pieces_of(self._spool), "utf-8")
        for each in queries.warnings(self._database, self._job.job_id):
            counted = f'"lastLine": {each.last_line}, "times": {each.times}'
            yield self._failures.of([f"{{{_members(each, self._wording)}, {counted}}}"])
        yield "]}}\n"


_json = json.JSONEncoder(ensure_ascii=False).encode
"""A value as JSON; ``json.dumps`` would make an encoder for each."""


def _facts(job: JobRecord, database: Database) -> dict[str, Any]:
    """What the detailed report says of a job as a whole."""
    return {
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


def _members(failure: FailureRecord, wording: Wording) -> str:
    """The members of a failure: its code, its place, what is wrong, and its place in the terms of its standard."""
    before, behind = wording.once(_around, failure)
    place = wording.where(failure) if failure.line else None
    spot = wording.spot(failure)
    return (
        f'{before}, "line": {failure.line}, "place": {_text(place)}, "document": {_text(failure.number or None)}, '
        f'"lineNumber": {_text(failure.line_number)}, {behind}'
    ) + (f", {_json(spot)[1:-1]}" if spot else "")


def _around(wording: Wording, failure: FailureRecord) -> tuple[str, str]:
    """The members before those of a failure's place, and those behind."""
    before = {"code": failure.code, "severity": failure.severity}
    behind = {
        "field": failure.field or None,
        "column": wording.column(failure.field, failure.line) if failure.field else None,
        "value": failure.value,
        "message": wording.sentence(failure),
        "hint": wording.hint(failure) or None,
        "setting": wording.setting(failure) or None,
    }
    return _json(before)[1:-1], _json(behind)[1:-1]


def _text(value: str | None) -> str:
    return "null" if value is None else encode_basestring(value)


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
