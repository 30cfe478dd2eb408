"""One body, imported while the caller waits."""

from __future__ import annotations

from crossdock.api.door.answers import UNPROCESSABLE, status_of_failure
from crossdock.api.door.problems import RETRY_SECONDS, Problem
from crossdock.api.door.state import State
from crossdock.database import Database
from crossdock.jobs import open_documents, queries
from crossdock.model.job import JobRecord
from crossdock.workers import requests
from crossdock.workers.requests import Body

ANSWERED = "the answer to its request said so"
"""Why the wait of a document ends with the answer."""


def imported(state: State, body: Body) -> JobRecord:
    """The finished job of a body whose turn it is. Raises ``Problem`` 503, with the job's id, if it continues later."""
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
