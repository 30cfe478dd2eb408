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
from crossdock.failures.catalogue import HOLDS, OF_RECORDS
from crossdock.jobs import queries
from crossdock.model.job import CHECKED, DocumentOutcome, FailureRecord, JobRecord, UnitCounts, public_id
from crossdock.model.status import STATUS, Status, Verdict
from crossdock.reports.wording import Wording, wording_of

FILE_HELD = "file_held"
"""Why a document is held that has no failure, in a file of which the feed takes all or nothing."""
SHOWN_LINES = 20
"""How many lines one message names."""


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
    head = {"jobId": job_id(job), "status": answer.status}
    yield '{"data":' + _json(head)[:-1] + f',"{wording_of(job).names.documents}":['
    comma = ""
    for document in failed(job, answer, database):
        yield comma + _json(document)
        comma = ","
    yield '],"progress":' + _json({"processed": answer.processed, "total": answer.total}) + "}}"


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""A value as JSON without blanks; ``json.dumps`` would make an encoder for each."""


def failed(job: JobRecord, answer: Answer, database: Database) -> Iterator[dict[str, Any]]:
    """The documents that were not taken whole, as the acknowledgement lists them.

    Where a feed takes all or nothing, the documents with a failure are listed, then the number of the others.
    """
    wording = wording_of(job)
    if job.refused:
        yield {wording.names.document: "", "message": job.refused, "lines": []}
        return
    others = 0
    for outcome, errors in by_document(job, database):
        if answer.units is not None and outcome.business_unit not in answer.units:
            continue
        if outcome.hold_code == FILE_HELD and not errors:
            others += 1
        else:
            yield entry(outcome, errors, wording)
    if others:
        message = f"{others:,} more documents of the file are right and not taken: {HOLDS[FILE_HELD]}"
        yield {wording.names.document: "", "message": message, "lines": []}


def by_document(
    job: JobRecord, database: Database, first: int = 0, last: int | None = None, *, every: bool = False
) -> Iterator[tuple[DocumentOutcome, list[FailureRecord]]]:
    """Each document that was not taken whole, with its errors, both in file order; those that begin at ``first`` to
    ``last``. ``every``: the others, too, where the job has kept them.
    """
    if job.whole and not every:
        return
    waiting = queries.errors(database, job.job_id, first, last)
    ahead = next(waiting, None)
    for outcome in queries.outcomes(database, job.job_id, first, last, every=every):
        own = []
        while ahead is not None and ahead.document_line <= outcome.line:
            own.append(ahead)
            ahead = next(waiting, None)
        yield outcome, own


def entry(outcome: DocumentOutcome, errors: list[FailureRecord], wording: Wording) -> dict[str, Any]:
    """One document as the acknowledgement lists it: its failures, what happened to it, and its failing lines."""
    names, numberless = wording.names, not outcome.number
    of_document = [each for each in errors if not _is_lines(each, wording)]
    parts = [
        _with_place(each, wording) if numberless or _elsewhere(each, outcome, wording) else wording.sentence(each)
        for each in of_document
    ]
    by_line = _by_line(errors, wording)
    if by_line and numberless:
        parts.append(_lines_in_words(by_line, wording))
    elif by_line:
        parts.append(_share(len(by_line), outcome.lines))
    if outcome.hold_code:
        parts.append(wording.held(outcome))
    if outcome.ended == CHECKED:
        parts.append("only checked")
    elif outcome.taken:
        parts = [f"taken without {_left_out(by_line, wording)}"]
    else:
        parts.append("not taken")
    lines = [
        {
            names.line: next((each.line_number for each in failures if each.line_number), "") or "",
            "message": _line_message(failures, wording),
        }
        for failures in by_line.values()
    ]
    return {names.document: outcome.number, "message": "; ".join(dict.fromkeys(parts)), "lines": lines}


def _is_lines(failure: FailureRecord, wording: Wording) -> bool:
    """Whether a failure is a line's, not the document's."""
    return bool(wording.names.line) and failure.scope in OF_RECORDS


def _by_line(errors: list[FailureRecord], wording: Wording) -> dict[int, list[FailureRecord]]:
    """The failures of lines by the line that they are in; a line that several records fill is one."""
    by_line: dict[int, list[FailureRecord]] = {}
    whole: dict[str, int] = {}
    for each in errors:
        if _is_lines(each, wording):
            line = whole.setdefault(each.line_number, each.line) if wording.filled and each.line_number else each.line
            by_line.setdefault(line, []).append(each)
    return by_line


def _elsewhere(failure: FailureRecord, outcome: DocumentOutcome, wording: Wording) -> bool:
    """Whether a failure is in another row than the document's first: a unit of an item that has several."""
    return not wording.names.line and failure.line != outcome.line and wording.below(failure.field)


def _share(failing: int, lines: int) -> str:
    if failing == lines:
        return "its only line failed" if lines == 1 else f"all {lines:,} of its lines failed"
    return f"{failing:,} of its {lines:,} lines failed"


def _line_message(failures: list[FailureRecord], wording: Wording) -> str:
    sentences = "; ".join(wording.sentence(each) for each in failures)
    numbered = any(each.line_number for each in failures) and not wording.positional
    return sentences if numbered else f"{wording.where(failures[0])}: {sentences}"


def _with_place(failure: FailureRecord, wording: Wording) -> str:
    return f"{wording.where(failure)}: {wording.sentence(failure)}"


def _lines_in_words(by_line: dict[int, list[FailureRecord]], wording: Wording) -> str:
    """The file lines of a document without a number, in words."""
    shown = [wording.place(line) for line in list(by_line)[:SHOWN_LINES]]
    rest = len(by_line) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} more" if rest else "") + " failed"


def _left_out(by_line: dict[int, list[FailureRecord]], wording: Wording) -> str:
    numbers, places = [], []
    for line, failures in list(by_line.items())[:SHOWN_LINES]:
        number = next((each.line_number for each in failures if each.line_number), None)
        if number is None or any(each.code == "line_twice" for each in failures):
            places.append(f"the row at {wording.place(line)}")
        else:
            numbers.append(number)
    named = [f"line{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"] if numbers else []
    rest = len(by_line) - len(numbers) - len(places)
    return ", ".join([*named, *places]) + (f" and {rest:,} more" if rest else "")
