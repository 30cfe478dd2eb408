"""The standard acknowledgements of a job: which there are, how far each is, and its text (contract edi.md §10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crossdock.database import Database
from crossdock.delivery import answer_files
from crossdock.jobs import edi_answers
from crossdock.model.edi_answer import EdiAnswer
from crossdock.model.interchange import InterchangeRecord
from crossdock.model.job import JobRecord, QueuedAnswer
from crossdock.reports.edi.answered_orders import FileGone
from crossdock.reports.edi.rendering import Rendered, file_name, rendered


@dataclass(frozen=True)
class StandardAnswer:
    """A standard acknowledgement: the ``name`` of its file, and how far its delivery is."""

    answer: EdiAnswer
    delivery: QueuedAnswer
    name: str

    @property
    def kind(self) -> str:
        """``997``, ``855`` …"""
        return self.answer.kind

    @property
    def state(self) -> str:
        """How far its delivery is, in one word or two."""
        return self.delivery.ended or "waits"

    @property
    def remark(self) -> str:
        """What the last attempt has met, or where it went: for us, not for the partner."""
        return f": {self.delivery.said}" if self.delivery.said else ""


def of_job(database: Database, job: str) -> list[StandardAnswer]:
    """The acknowledgements of a job's interchanges, of the one of which it imports a part, and those that it caused; in
    the order in which they were made.
    """
    return _named(edi_answers.of_job(database, job))


def of_books(books: Database) -> list[StandardAnswer]:
    """All acknowledgements of a dry run, in their order; their number is 0."""
    return _named(edi_answers.of_all(books))


def _named(answers: Iterable[tuple[EdiAnswer, QueuedAnswer, InterchangeRecord]]) -> list[StandardAnswer]:
    return [
        StandardAnswer(answer, delivery, file_name(record.interchange, answer)) for answer, delivery, record in answers
    ]


def written(home: Path, database: Database, number: int, stored: Database | None = None) -> Rendered:
    """A standard acknowledgement by its number in the outbox; its pieces raise ``FileGone`` if its file is removed.

    ``stored``: of a dry run, whose books ``database`` is, the database that it was checked against.
    """

    def file_of(job: JobRecord) -> Path:
        path = answer_files.file_of(home, job)
        if path is None:
            raise FileGone(f"the file of job {job.job_id} is not in the archive any more")
        return path

    return rendered(edi_answers.of_outbox(database, number), database, file_of, stored)
