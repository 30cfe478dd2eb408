"""Answers as files in the partner's outbox."""

from __future__ import annotations

from crossdock.delivery import answer_files
from crossdock.delivery.http import Wire
from crossdock.jobs import queries
from crossdock.model.job import QueuedAnswer
from crossdock.site import Site


def deliver(site: Site, wire: Wire, answer: QueuedAnswer, deliverer: str) -> str:
    """Write the answers of a job; returns where they are."""
    return f"in {answer_files.answer(site, queries.one(site.database, answer.job_id))}"


def is_file(site: Site, partner: str) -> bool:
    """A partner's outbox is a folder here."""
    return True
