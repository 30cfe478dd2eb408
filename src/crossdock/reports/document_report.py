"""A report of a job that is written document by document, so that several are written in one pass over its failures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring
from typing import Protocol

from crossdock.database import Database
from crossdock.model.job import JobRecord
from crossdock.reports.document_verdict import DocumentVerdict, Entry, verdicts
from crossdock.schema.document import Names


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


class EntryText:
    """How entries are written as JSON. ``comma`` and ``colon``: what is between members, and behind their names."""

    def __init__(self, names: Names, comma: str, colon: str) -> None:
        document, line = (encode_basestring(name).replace("%", "%%") for name in (names.document, names.line))
        self._entry = f'{{{document}{colon}%s{comma}"message"{colon}%s{comma}"lines"{colon}[%s]}}'
        self._line = f'{{{line}{colon}%s{comma}"message"{colon}%s}}'
        self._comma = comma

    def of(self, entry: Entry) -> str:
        """An entry as a JSON object."""
        line, text = self._line, encode_basestring
        lines = self._comma.join([line % (text(number), text(message)) for number, message in entry.lines])
        return self._entry % (text(entry.number), text(entry.message), lines)


def reported(job: JobRecord, database: Database) -> Iterator[DocumentVerdict]:
    """The documents of which a job's reports say something: none where the drop is refused, which they say instead."""
    return iter(()) if job.refused else verdicts(job, database)


def pieces(report: DocumentReport, job: JobRecord, database: Database) -> Iterator[str]:
    """A report as text, in pieces: nothing is kept in memory."""
    yield from report.head()
    for verdict in reported(job, database):
        yield report.document(verdict)
    yield from report.end()
