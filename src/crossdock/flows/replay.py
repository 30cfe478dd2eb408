"""Held documents once more, and jobs that were set aside: what an operator starts from the UI."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from crossdock.flows.at_work import at_work
from crossdock.flows.deployments import EVERY_PARTNER
from crossdock.flows.import_inbox import ended_as, work_off
from crossdock.jobs import leases, open_documents
from crossdock.workers.by_path import submit_held

KIND = "replay"


@flow(name="replay", flow_run_name="replay")
def replay(
    job: str | None = None, code: str | None = None, document: str | None = None, partner: str = EVERY_PARTNER
) -> State[Any]:
    """Send held documents through today's feed again, never over a later import: a new job each, answered again.

    Args:
        job: Those of one job.
        code: Those that failed with this code, such as unknown_reference.
        document: Those of this number.
        partner: Those of this partner.
    """
    with at_work(KIND) as at:
        of = None if partner == EVERY_PARTNER else partner
        chosen = open_documents.open_documents(at.site.database, partner=of, job=job, document=document, code=code)
        coming = submit_held(at.site, at.worker, chosen)
        return ended_as(work_off(at, coming), "nothing is on hold that could be sent again")


@flow(name="resume", flow_run_name="resume {job}")
def resume(job: str) -> State[Any]:
    """Go on with a job that was cancelled, or set aside, or waits after an outage, from its last committed batch.

    Args:
        job: The job's id.
    """
    with at_work(KIND) as at:
        leases.resume(at.site.database, job)
        nothing = f"{job} does not wait: there is no such job, it is done, or another worker has it"
        taken = leases.take_this(at.site.database, at.worker.id, job)
        return ended_as(work_off(at, [taken] if taken else []), nothing)
