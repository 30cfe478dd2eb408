"""Report → the body of the partner's answer, exactly as the warehouse API writes it (contract A9, wms.md §3.1).

One answer a drop, one a business unit where the drop is for several. Nothing is kept in memory: documents that were
not taken and their errors come from the database in file order and go out as they come, whatever their number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crossdock.database import Database, history
from crossdock.failures import RECORD_CODES
from crossdock.model import STATUS, Status, Verdict
from crossdock.words import Words, words

SHOWN_LINES = 20
"""Lines that one message names one by one."""


@dataclass(frozen=True)
class Answer:
    """What one business unit is answered: ``unit`` is '' where the drop is for one only."""

    unit: str
    units: frozenset[str] | None
    status: str
    processed: int
    total: int


def answers(row: Any, database: Database) -> list[Answer]:
    """The answers that a job's row calls for, in the order of the business units."""
    told = words(row)
    counted = history.units(database, row.job_id)
    main = next((each.business_unit for each in counted if each.business_unit in told.units), "")
    by_unit: dict[str, list[Any]] = {}
    for each in counted:
        by_unit.setdefault(each.business_unit if each.business_unit in told.units else main, []).append(each)
    if len(by_unit) < 2 or row.refused:
        return [Answer("", None, row.status, row.processed, row.total)]
    finished = row.verdict is not None
    return [
        Answer(
            unit,
            frozenset(each.business_unit for each in parts),
            _status(parts) if finished else row.status,
            sum(each.processed for each in parts),
            sum(each.processed for each in parts),
        )
        for unit, parts in sorted(by_unit.items())
    ]


def _status(parts: list[Any]) -> Status:
    failing = sum(each.failing for each in parts)
    if failing == 0 and not any(each.shortened for each in parts):
        return STATUS[Verdict.ACCEPTED]
    processed = sum(each.processed for each in parts)
    return STATUS[Verdict.REJECTED if failing == processed else Verdict.PARTIAL]


def job_id(row: Any) -> str:
    """The sender's own job where the whole drop carries exactly one, else ours; '' in a dry run."""
    senders = row.sender_job_id.split("\n") if row.sender_job_id and row.job_id else []
    return senders[0] if len(senders) == 1 else str(row.job_id)


def body(row: Any, answer: Answer, database: Database) -> Iterator[str]:
    """The acknowledgement as JSON text, in pieces."""
    told = words(row)
    head = {"jobId": job_id(row), "status": answer.status}
    yield '{"data":' + _json(head)[:-1] + f',"{told.names.documents}":['
    comma = ""
    for entry in failed(row, answer, database):
        yield comma + _json(entry)
        comma = ","
    yield '],"progress":' + _json({"processed": answer.processed, "total": answer.total}) + "}}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def failed(row: Any, answer: Answer, database: Database) -> Iterator[dict[str, Any]]:
    """The documents that were not taken whole, as the acknowledgement lists them."""
    told = words(row)
    names = told.names
    if row.refused:
        yield {names.document: "", "message": row.refused, "lines": []}
        return
    for outcome, errors in by_document(row, database):
        if answer.units is None or outcome.business_unit in answer.units:
            yield entry(outcome, errors, told)


def by_document(row: Any, database: Database, *, every: bool = False) -> Iterator[tuple[Any, list[Any]]]:
    """Each document that was not taken whole, with its errors; both come in file order. ``every``: the others, too,
    where the job has kept them.
    """
    waiting = history.errors(database, row.job_id)
    ahead = next(waiting, None)
    for outcome in history.outcomes(database, row.job_id, every=every):
        own = []
        while ahead is not None and ahead.document <= outcome.line:
            own.append(ahead)
            ahead = next(waiting, None)
        yield outcome, own


def entry(outcome: Any, errors: list[Any], told: Words) -> dict[str, Any]:
    """One document: what is wrong with it, what happened to it, and its failing lines."""
    lined = bool(told.names.line)
    of_line = [each for each in errors if lined and (told.of_line(each.field) or each.code in RECORD_CODES)]
    of_document = [each for each in errors if each not in of_line]
    numberless = not outcome.number
    said = [_with_place(each, told) if numberless or _elsewhere(each, outcome, told) else told.sentence(each)
            for each in of_document]  # fmt: skip
    by_line: dict[int, list[Any]] = {}
    whole: dict[str, int] = {}
    for each in of_line:  # a line that several records fill is one
        line = whole.setdefault(each.line_number, each.line) if told.filled and each.line_number else each.line
        by_line.setdefault(line, []).append(each)
    if by_line and numberless:
        said.append(_lines_in_words(by_line, told))
    elif by_line:
        said.append(_share(len(by_line), outcome.lines))
    if outcome.reason:
        said.append(told.held(outcome.reason))
    if outcome.taken:
        said = [f"taken without {_left_out(by_line, told)}"]
    else:
        said.append("not taken")
    lines = [
        {
            told.names.line: next((each.line_number for each in failures if each.line_number), "") or "",
            "message": _line_message(failures, told),
        }
        for failures in by_line.values()
    ]
    return {told.names.document: outcome.number, "message": "; ".join(dict.fromkeys(said)), "lines": lines}


def _elsewhere(failure: Any, outcome: Any, told: Words) -> bool:
    """Whether it stands in another row than the document begins in: a unit of an item that has several."""
    return not told.names.line and failure.line != outcome.line and told.below(failure.field)


def _share(failing: int, lines: int) -> str:
    if failing == lines:
        return "its only line failed" if lines == 1 else f"all {lines:,} of its lines failed"
    return f"{failing:,} of its {lines:,} lines failed"


def _line_message(failures: list[Any], told: Words) -> str:
    said = "; ".join(told.sentence(each) for each in failures)
    numbered = any(each.line_number for each in failures) and not told.positional
    return said if numbered else f"{told.where(failures[0])}: {said}"


def _with_place(failure: Any, told: Words) -> str:
    return f"{told.where(failure)}: {told.sentence(failure)}"


def _lines_in_words(by_line: dict[int, list[Any]], told: Words) -> str:
    """The file lines of a document that has no number."""
    shown = [told.place(line) for line in list(by_line)[:SHOWN_LINES]]
    rest = len(by_line) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} more" if rest else "") + " failed"


def _left_out(by_line: dict[int, list[Any]], told: Words) -> str:
    numbers, places = [], []
    for line, failures in list(by_line.items())[:SHOWN_LINES]:
        number = next((each.line_number for each in failures if each.line_number), None)
        if number is None or any(each.code == "line_twice" for each in failures):
            places.append(f"the row at {told.place(line)}")
        else:
            numbers.append(number)
    named = [f"line{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"] if numbers else []
    rest = len(by_line) - len(numbers) - len(places)
    return ", ".join([*named, *places]) + (f" and {rest:,} more" if rest else "")
