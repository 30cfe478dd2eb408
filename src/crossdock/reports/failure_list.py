"""The list of a drop's failures as CSV: one row per failure, without a limit, safe in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

from crossdock.database import Database
from crossdock.jobs import queries
from crossdock.model.job import FailureRecord, JobRecord
from crossdock.reports.document_report import pieces
from crossdock.reports.document_verdict import DocumentVerdict
from crossdock.reports.wording import Wording, wording_of

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet may read as the beginning of a formula."""
INNER = re.compile(r"([;\t|])([=+\-@])")
NUMBER = re.compile(r"^[+-]?[0-9][0-9.,' ]*$")
PLAIN = re.compile(r"(?:\w[\w ./-]*+)?+(?:,(?:\w[\w ./-]*+)?+)*+")
"""Cells that need neither quotes nor an apostrophe, as those of most places."""
END = "\r\n"
LISTED = ("fileLine", "document", "lineNumber", "column", "value", "code", "message", "severity")
"""The columns of the list of failures."""


def failure_list(job: JobRecord, database: Database) -> Iterator[str]:
    """The failures as CSV text, line by line (``LISTED``): one row per error and per held document, in file order; then
    the warnings, one row per distinct value, or per document where they are about documents.
    """
    return pieces(FailureList(job, database), job, database)


class FailureList:
    """The list of failures (``DocumentReport``)."""

    def __init__(self, job: JobRecord, database: Database) -> None:
        self._job, self._database = job, database

    def head(self) -> Iterator[str]:
        """The headings."""
        yield "\ufeff" + csv_row(LISTED)

    def document(self, verdict: DocumentVerdict) -> str:
        """The errors of a document, and why it is held."""
        outcome, wording = verdict.outcome, verdict.wording
        errors = "".join([_row(each, wording) for each in verdict.errors])
        if not outcome.hold_code:
            return errors
        line, held = wording.file_line(outcome.line), wording.held(outcome)
        return errors + csv_row((line, outcome.number, "", "", "", outcome.hold_code, held, "error"))

    def end(self) -> Iterator[str]:
        """The warnings, or that the drop is refused."""
        if self._job.refused:
            yield csv_row(("", "", "", "", "", "refused", self._job.refused, "error"))
            return
        wording = wording_of(self._job)
        for warning in queries.warnings(self._database, self._job.job_id):
            yield _row(warning, wording)


def _row(failure: FailureRecord, wording: Wording) -> str:
    place = (wording.file_line(failure.line) if failure.line else "", failure.number, failure.line_number)
    return f"{csv_row(place).removesuffix(END)},{wording.once(_mistake, failure)}"


def _mistake(wording: Wording, failure: FailureRecord) -> str:
    """The cells of a row behind those of its place."""
    column = wording.column(failure.field, failure.line) if failure.field else ""
    return csv_row((column, failure.value, failure.code, wording.sentence(failure), failure.severity))


class _Lines:
    """A file that returns what is written to it: the lines of a ``csv.writer``."""

    def write(self, line: str) -> str:
        """The line."""
        return line


_WRITER = csv.writer(_Lines(), lineterminator=END)


def csv_row(cells: Iterable[str | None]) -> str:
    """A row of CSV that is safe to open in a spreadsheet."""
    texts = [each or "" for each in cells]
    row = ",".join(texts)
    if PLAIN.fullmatch(row) and row.count(",") == len(texts) - 1:
        return row + END
    return str(_WRITER.writerow(map(guarded, texts)))


def guarded(value: str) -> str:
    """Text that no spreadsheet runs as a formula: an apostrophe is put before what begins like one and is no number.

    In a spreadsheet of another country ``;`` ends a cell, so the text after it is a beginning, too.

    >>> guarded("=1+1"), guarded("-3"), guarded("AB"), guarded("a;=1+1")
    ("'=1+1", '-3', 'AB', "a;'=1+1")
    """
    if value.isalnum():  # most values are, and need no other look
        return value
    value = INNER.sub(r"\1'\2", value)
    return f"'{value}" if value[:1] in FORMULA and not NUMBER.match(value) else value
