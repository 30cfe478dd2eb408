"""Answers by POST to the partner, and posts of the progress of jobs that run."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from crossdock.delivery.http import NotSent, Wire
from crossdock.jobs import answer_queue, leases, queries
from crossdock.model.job import JobRecord, QueuedAnswer
from crossdock.reports import acknowledgement
from crossdock.scratch import spooled
from crossdock.site import Site


def deliver(site: Site, wire: Wire, answer: QueuedAnswer, deliverer: str) -> str:
    """Post the answers of a job, one per business unit; '' where its progress is outdated, or nobody's any more."""
    partner = site.partners.by_id.get(answer.partner)
    post = partner.post if partner else None
    job = queries.one(site.database, answer.job_id)
    if answer.channel == answer_queue.PROGRESS.name and (job.verdict is not None or post is None):
        return ""
    if post is None:
        raise NotSent(f"the partner {answer.partner} has no [post] any more")
    reply = ""
    for of_unit in acknowledgement.answers(job, site.database):
        with spooled(each.encode() for each in acknowledgement.body(job, of_unit, site.database)) as body:
            answer_queue.keep(site.database, answer, deliverer)
            reply = wire.send(post, body, _key(answer, job, of_unit.unit))
    return reply


def is_file(site: Site, partner: str) -> bool:
    """A post leaves the machine."""
    return False


def _key(answer: QueuedAnswer, job: JobRecord, unit: str) -> str:
    """The idempotency key: the same for the same body at every attempt; progress has another body each time."""
    parts = [
        answer.job_id,
        str(answer.number),
        *([str(job.processed)] if answer.channel == answer_queue.PROGRESS.name else []),
    ]
    return ".".join([*parts, *([quote(unit, safe="")] if unit else [])])


def queue_progress(site: Site) -> None:
    """Put posts of the progress of running jobs into the outbox, for partners that want them (``post.progress``)."""
    asking = {each.id: each.post.progress for each in site.partners.by_id.values() if each.post and each.post.progress}
    if not asking:
        return
    for job in leases.running(site.database):
        seconds = asking.get(job.partner)
        if seconds and answer_queue.POST in answer_queue.channels(job.feed):
            answer_queue.queue_progress(site.database, job.job_id, job.partner, timedelta(seconds=seconds))
