"""One body, imported while the caller waits."""

from __future__ import annotations

from crossdock.api.door.problems import RETRY_SECONDS, Problem
from crossdock.api.door.state import State
from crossdock.jobs import queries
from crossdock.model.job import JobRecord
from crossdock.workers import requests
from crossdock.workers.requests import Body


def imported(state: State, body: Body) -> JobRecord:
    """The finished job of a body. Raises ``Problem`` 503, with the job's id, if it goes on later."""
    ended = requests.import_now(state.site, state.worker, body)
    job = queries.one(state.site.database, ended.job)
    if job.verdict is None:
        later = f"it goes on as job {job.job_id}: ask for it later"
        raise Problem(503, later, {"Retry-After": RETRY_SECONDS}, jobId=job.job_id)
    return job
