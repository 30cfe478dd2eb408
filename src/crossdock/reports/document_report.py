"""A report of a job that is written document by document, so that several are written in one pass over its failures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from crossdock.database import Database
from crossdock.model.job import JobRecord
from crossdock.reports.document_verdict import DocumentVerdict, verdicts


class DocumentReport(Protocol):
    """A report as pieces of text: its head, what it says of each document that was not taken whole, in file order, and
    its end. Each is asked for once, and read to its end before the next.
    """

    def head(self) -> Iterable[str]:
        """What stands before the documents."""

    def document(self, verdict: DocumentVerdict) -> str:
        """What it says of a document, or ''."""

    def end(self) -> Iterable[str]:
        """What stands behind the documents."""


class Members:
    """The members of a list in JSON, as they come: a comma before each but the first, ``begins`` before each."""

    def __init__(self, begins: str) -> None:
        self._before, self._next = begins, f",{begins}"

    def of(self, members: Iterable[str]) -> str:
        """Members, none of them '', as they stand in the list."""
        text = self._next.join(members)
        if not text:
            return ""
        before, self._before = self._before, self._next
        return before + text


def reported(job: JobRecord, database: Database) -> Iterator[DocumentVerdict]:
    """The documents of which a job's reports say something: none where the drop is refused, which they say instead."""
    return iter(()) if job.refused else verdicts(job, database)


def pieces(report: DocumentReport, job: JobRecord, database: Database) -> Iterator[str]:
    """A report as text, in pieces: nothing is kept in memory."""
    yield from report.head()
    for verdict in reported(job, database):
        yield report.document(verdict)
    yield from report.end()
