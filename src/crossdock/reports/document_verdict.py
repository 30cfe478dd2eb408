"""What became of a document of a job: its outcome, its errors, and how the acknowledgement lists it (contract A9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from crossdock.database import Database
from crossdock.failures.catalogue import OF_RECORDS
from crossdock.jobs import queries
from crossdock.model.job import CHECKED, DocumentOutcome, FailureRecord, JobRecord
from crossdock.reports.wording import Wording, wording_of
from crossdock.schema.document import Names

SHOWN_LINES = 20
"""How many lines one message names."""


class Entry(NamedTuple):
    """A document as the acknowledgement lists it: its number, what is wrong with it and what happened to it; of its
    failing lines each number and what is wrong.
    """

    number: str
    message: str
    lines: list[tuple[str, str]]

    def members(self, names: Names) -> dict[str, Any]:
        """As a JSON object has it. ``names``: of documents and lines."""
        lines = [{names.line: number, "message": message} for number, message in self.lines]
        return {names.document: self.number, "message": self.message, "lines": lines}


@dataclass(frozen=True)
class DocumentVerdict:
    """What became of a document: its ``outcome``, its ``errors`` in the order of the file. ``wording``: its job's."""

    outcome: DocumentOutcome
    errors: Sequence[FailureRecord]
    wording: Wording

    @property
    def is_short(self) -> bool:
        """Whether it is not taken, or without some of its lines."""
        return not self.outcome.taken or self.outcome.failing_lines > 0

    @cached_property
    def entry(self) -> Entry:
        """The document as the acknowledgement lists it."""
        return _entry(self.outcome, self.errors, self.wording)


def verdicts(
    job: JobRecord, database: Database, first: int = 0, last: int | None = None, *, every: bool = False
) -> Iterator[DocumentVerdict]:
    """Each document that was not taken whole, with its errors, both in file order; those that begin at ``first`` to
    ``last``. ``every``: the others, too, where the job has kept them.
    """
    if job.whole and not every:
        return
    wording = wording_of(job)
    waiting = queries.errors(database, job.job_id, first, last)
    ahead = next(waiting, None)
    for outcome in queries.outcomes(database, job.job_id, first, last, every=every):
        own = []
        while ahead is not None and ahead.document_line <= outcome.line:
            own.append(ahead)
            ahead = next(waiting, None)
        yield DocumentVerdict(outcome, own, wording)


def _entry(outcome: DocumentOutcome, errors: Sequence[FailureRecord], wording: Wording) -> Entry:
    numberless = not outcome.number
    of_document, by_line = _apart(errors, wording)
    parts = [
        _with_place(each, wording) if numberless or _elsewhere(each, outcome, wording) else wording.sentence(each)
        for each in of_document
    ]
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
    lines = [(_number_of(failures), _line_message(failures, wording)) for failures in by_line.values()]
    return Entry(outcome.number, "; ".join(dict.fromkeys(parts)), lines)


def _apart(
    errors: Sequence[FailureRecord], wording: Wording
) -> tuple[list[FailureRecord], dict[int, list[FailureRecord]]]:
    """The failures of the document itself, and those of lines by the line that they are in; a line that several records
    fill is one.
    """
    of_document: list[FailureRecord] = []
    by_line: dict[int, list[FailureRecord]] = {}
    whole: dict[str, int] = {}
    has_lines, filled = bool(wording.names.line), wording.filled
    for each in errors:
        if not has_lines or each.scope not in OF_RECORDS:
            of_document.append(each)
            continue
        line = whole.setdefault(each.line_number, each.line) if filled and each.line_number else each.line
        by_line.setdefault(line, []).append(each)
    return of_document, by_line


def _number_of(failures: Sequence[FailureRecord]) -> str:
    """The number of the line that failures are in, or ''."""
    for each in failures:
        if each.line_number:
            return each.line_number
    return ""


def _elsewhere(failure: FailureRecord, outcome: DocumentOutcome, wording: Wording) -> bool:
    """Whether a failure is in another row than the document's first: a unit of an item that has several."""
    return not wording.names.line and failure.line != outcome.line and wording.below(failure.field)


def _share(failing: int, lines: int) -> str:
    if failing == lines:
        return "its only line failed" if lines == 1 else f"all {lines:,} of its lines failed"
    return f"{failing:,} of its {lines:,} lines failed"


def _line_message(failures: list[FailureRecord], wording: Wording) -> str:
    sentences = "; ".join([wording.sentence(each) for each in failures])
    is_numbered = _number_of(failures) and not wording.positional
    return sentences if is_numbered else f"{wording.where(failures[0])}: {sentences}"


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
        number = _number_of(failures)
        if not number or any(each.code == "line_twice" for each in failures):
            places.append(f"the row at {wording.place(line)}")
        else:
            numbers.append(number)
    named = [f"line{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"] if numbers else []
    rest = len(by_line) - len(numbers) - len(places)
    return ", ".join([*named, *places]) + (f" and {rest:,} more" if rest else "")
