"""One body, imported while the caller waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from crossdock.api.door.answers import UNPROCESSABLE, status_of_failure
from crossdock.api.door.problems import RETRY_SECONDS, Problem
from crossdock.api.door.state import State
from crossdock.database import Database
from crossdock.jobs import open_documents, queries
from crossdock.model.job import JobRecord
from crossdock.workers import requests
from crossdock.workers.requests import Body

PATIENCE_SECONDS = 1.0
"""So long a body waits for its turn; then it goes in all the same: the other one may wait for a lock."""
ANSWERED = "the answer to its request said so"
"""Why the wait of a document ends with the answer."""


class Turns:
    """A process imports one body after the other: two take the interpreter from each other, and need half as much time
    again. Who has more cores starts more workers.
    """

    def __init__(self) -> None:
        self._turn = Lock()
        self._waiting: set[object] = set()

    @property
    def awaited(self) -> bool:
        """Whether a body waits here for another one."""
        return bool(self._waiting)

    @contextmanager
    def next(self) -> Iterator[None]:
        """Wait for the turn of a body; it lasts as long as the context."""
        body = object()
        self._waiting.add(body)
        in_turn = self._turn.acquire(timeout=PATIENCE_SECONDS)
        self._waiting.remove(body)
        try:
            yield
        finally:
            if in_turn:
                self._turn.release()


TURNS = Turns()
"""Those of this process."""


def imported(state: State, body: Body) -> JobRecord:
    """The finished job of a body. Raises ``Problem`` 503, with the job's id, if it continues later."""
    with TURNS.next():
        ended = requests.import_now(state.site, state.worker, body)
    database = state.site.database
    job = ended.record or queries.one(database, ended.job)
    if job.verdict is None:
        later = f"it continues as job {job.job_id}: ask for it later"
        raise Problem(503, later, {"Retry-After": RETRY_SECONDS}, jobId=job.job_id)
    _end(database, job)
    return job


def _end(database: Database, job: JobRecord) -> None:
    """End the wait of what was not taken and no replay would bring in, because what is stored keeps it out, or it has
    no number by which a later one could be told to be the same: its sender has the answer.
    """
    if job.refused is not None or job.failing or job.books.stale:
        kept_out = job.refused is None and status_of_failure(database, job) != UNPROCESSABLE
        open_documents.dismiss(database, job.job_id, None if kept_out else "", ANSWERED, job.partner)
