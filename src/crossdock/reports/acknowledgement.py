"""Report → the body of the partner's answer, exactly as the warehouse API writes it (contract A9, wms.md §3.1).

One answer per drop, or one per business unit where the drop is for several. Nothing is kept in memory: documents that
were not taken and their errors are read from the database in file order and written one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crossdock.database import Database
from crossdock.failures.catalogue import HOLDS
from crossdock.jobs import queries
from crossdock.model.job import JobRecord, UnitCounts, public_id
from crossdock.model.status import STATUS, Status, Verdict
from crossdock.reports.document_report import EntryText, Members, pieces, reported
from crossdock.reports.document_verdict import DocumentVerdict, Entry
from crossdock.reports.wording import wording_of

FILE_HELD = "file_held"
"""Why a document is held that has no failure, in a file of which the feed takes all or nothing."""


@dataclass(frozen=True)
class Answer:
    """The answer to one business unit: ``unit`` is '' where the drop is for one only.

    ``units``: the units whose documents are in it, None for all. ``processed``, ``total``: documents.
    """

    unit: str
    units: frozenset[str] | None
    status: str
    processed: int
    total: int


def answers(job: JobRecord, database: Database) -> list[Answer]:
    """The answers of a job, in the order of the business units."""
    whole = [Answer("", None, job.status, job.processed, job.total)]
    own = wording_of(job).units
    if len(own) < 2 or job.refused:
        return whole
    counted = queries.units(database, job.job_id)
    main = next((each.business_unit for each in counted if each.business_unit in own), "")
    by_unit: dict[str, list[UnitCounts]] = {}
    for each in counted:
        by_unit.setdefault(each.business_unit if each.business_unit in own else main, []).append(each)
    if len(by_unit) < 2:
        return whole
    finished = job.verdict is not None
    return [
        Answer(
            unit,
            frozenset(each.business_unit for each in parts),
            _status(parts) if finished else job.status,
            sum(each.processed for each in parts),
            sum(each.processed for each in parts),
        )
        for unit, parts in sorted(by_unit.items())
    ]


def _status(parts: list[UnitCounts]) -> Status:
    failing = sum(each.failing for each in parts)
    if failing == 0 and not any(each.shortened for each in parts):
        return STATUS[Verdict.ACCEPTED]
    processed = sum(each.processed for each in parts)
    return STATUS[Verdict.REJECTED if failing == processed else Verdict.PARTIAL]


def job_id(job: JobRecord) -> str:
    """The sender's own job id where the whole drop has exactly one, else ours; '' in a dry run."""
    own = public_id(job.job_id)
    return job.sender_jobs[0] if len(job.sender_jobs) == 1 and own else own


def body(job: JobRecord, answer: Answer, database: Database) -> Iterator[str]:
    """The acknowledgement as JSON text, in pieces (contract A9)."""
    return pieces(Acknowledgement(job, answer), job, database)


def failed(job: JobRecord, answer: Answer, database: Database) -> Iterator[dict[str, Any]]:
    """The documents that were not taken whole, as the acknowledgement lists them."""
    listed, names = Listed(job, answer), wording_of(job).names
    for verdict in reported(job, database):
        yield from (each.members(names) for each in listed.entries(verdict))
    yield from (each.members(names) for each in listed.rest())


class Listed:
    """The documents that were not taken whole, as the acknowledgement lists them, one after the other.

    Where a feed takes all or nothing, the documents with a failure are listed, then the number of the others.
    """

    def __init__(self, job: JobRecord, answer: Answer) -> None:
        self._job, self._units, self._others = job, answer.units, 0

    def entries(self, verdict: DocumentVerdict) -> list[Entry]:
        """The entry of a document; none where it is of another answer, or only counted."""
        outcome = verdict.outcome
        if self._units is not None and outcome.business_unit not in self._units:
            return []
        if outcome.hold_code == FILE_HELD and not verdict.errors:
            self._others += 1
            return []
        return [verdict.entry]

    def rest(self) -> list[Entry]:
        """What stands behind all documents: that the drop is refused, or how many are only counted."""
        message = self._job.refused
        if not message and self._others:
            message = f"{self._others:,} more documents of the file are right and not taken: {HOLDS[FILE_HELD]}"
        return [Entry("", message, [])] if message else []


class Acknowledgement:
    """The acknowledgement as JSON text (``DocumentReport``)."""

    def __init__(self, job: JobRecord, answer: Answer) -> None:
        self._job, self._answer, self._listed = job, answer, Listed(job, answer)
        self._members, self._text = Members(""), EntryText(wording_of(job).names, ",", ":")

    def head(self) -> Iterator[str]:
        """The job."""
        head = _json({"jobId": job_id(self._job), "status": self._answer.status})
        yield f'{{"data":{head[:-1]},"{wording_of(self._job).names.documents}":['

    def document(self, verdict: DocumentVerdict) -> str:
        """The entry of a document."""
        return self._members.of(map(self._text.of, self._listed.entries(verdict)))

    def end(self) -> Iterator[str]:
        """What stands behind all documents, and the progress."""
        yield self._members.of(map(self._text.of, self._listed.rest()))
        progress = {"processed": self._answer.processed, "total": self._answer.total}
        yield '],"progress":' + _json(progress) + "}}"


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""A value as JSON without blanks; ``json.dumps`` would make an encoder for each."""
