"""Turns: which of the waiting jobs comes next.

A partner's drops come one after the other, by class and by the sequence in their names. Partners are imported side by
side: the earlier class comes first, until a drop has waited too long; then the partner whose last turn is longest ago.
Nothing here queries the database.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crossdock.documents import DOCUMENTS
from crossdock.model.job import JobRecord, UnfiledJob

LONGEST_PAUSE = timedelta(minutes=5)
"""No job is told to wait longer: one that seems to be waits since before the clock was set back."""
AGED = timedelta(minutes=10)
"""While a drop has waited longer than this, partners take turns without regard to class."""


@dataclass(frozen=True)
class Limits:
    """How many imports side by side: on this database, and per partner (by id). ``paused`` partners' drops wait."""

    at_once: int = 4
    of_partner: Mapping[str, int] = field(default_factory=dict)
    paused: Collection[str] = ()


def choose(
    held: list[UnfiledJob],
    waiting: list[UnfiledJob],
    limits: Limits,
    now: datetime,
    last_turn: Callable[[str], datetime | None],
) -> UnfiledJob | None:
    """Which of the waiting jobs comes next, beside those that a worker has (``held``); None where none may begin.

    A job that is imported and only has to be filed comes first. Of a partner, its interrupted drop comes first, else
    the first by class, sequence and arrival. While a drop waits for the end of an outage, its partner's later ones wait
    (contract A7); once the same outage has come back often, only those that depend on it wait.

    ``last_turn``: partner → when its last turn was, or None.
    """
    due = [job for job in waiting if not _waits(job, now)]
    filing = [job for job in due if job.verdict is not None]
    if filing:
        return min(filing, key=lambda job: job.sequence)
    importing = [job for job in held if job.verdict is None]
    if len(importing) >= limits.at_once:
        return None
    heads: dict[str, UnfiledJob] = {}
    stuck: dict[str, set[str]] = {}
    for job in sorted(waiting, key=_order):
        if job.verdict is not None or job.parked is not None or job.partner in limits.paused:
            continue
        before = stuck.setdefault(job.partner, set())
        if job.stuck and _waits(job, now):
            before.add(job.document)
        elif not _depends(job.document, before):
            heads.setdefault(job.partner, job)
    free = [job for job in heads.values() if not _waits(job, now) and _has_room(job, importing, limits)]

    if len(free) < 2:
        return next(iter(free), None)  # whose turn it is need not be asked

    aged = any(now - job.received_at > AGED for job in free)

    def turn(job: UnfiledJob) -> tuple[int, bool, datetime, int]:
        last = last_turn(job.partner)
        return 0 if aged else job.stage, last is not None, last or now, job.sequence

    return min(free, key=turn, default=None)


def _depends(document: str, others: Collection[str]) -> bool:
    """Whether a drop of a document waits for drops of others; '' is a document that is not known yet."""
    declared = DOCUMENTS.get(document)
    return any(not other or declared is None or other == document or other in declared.leans_on for other in others)


def is_put_off(job: UnfiledJob | JobRecord, now: datetime) -> bool:
    """Whether a job waits for its next attempt."""
    return job.not_before is not None and now < job.not_before <= now + LONGEST_PAUSE


def _waits(job: UnfiledJob, now: datetime) -> bool:
    return job.parked is not None or is_put_off(job, now)


def _order(job: UnfiledJob) -> tuple[bool, int, str, int]:
    return job.started_at is None, job.stage, job.ranked, job.sequence


def _has_room(job: UnfiledJob, importing: list[UnfiledJob], limits: Limits) -> bool:
    """Whether a partner may have one more running drop: not above its limit, and not beside one of an earlier class."""
    beside = [each.stage for each in importing if each.partner == job.partner]
    return len(beside) < limits.of_partner.get(job.partner, 1) and min(beside, default=job.stage) >= job.stage
