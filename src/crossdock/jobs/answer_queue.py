"""The outbox: answers to deliver, written in the transaction that ends a job, delivered afterwards.

A row is one job's answer by one channel (``CHANNELS``). It is delivered at least once, in the order in which the jobs
ended: an answer that can't be delivered holds those of its partner and channel behind it (``delivery.courier`` says how
long). Bodies are not kept: they are made from the job, and are the same at each attempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)

from crossdock.database import Database, storable
from crossdock.database.records import answer_of
from crossdock.database.tables import JOBS, NOW, OUTBOX, Later
from crossdock.model.job import JobRecord, QueuedAnswer, public_id
from crossdock.partners.feed_config import FeedSnapshot


@dataclass(frozen=True)
class Channel:
    """A way on which answers leave; how it delivers is in ``delivery.courier.DELIVERIES``.

    ``name``: as the outbox has it. ``answers``: the words of a feed's ``answer`` that want it when a job ends; one
    without any is queued by others. ``behind``: the channel in whose line its answers wait, '' for its own.
    ``is_answer``: whether a job is answered when it has delivered.
    """

    name: str
    answers: frozenset[str] = frozenset()
    behind: str = ""
    is_answer: bool = False

    @property
    def line(self) -> str:
        """The name of its line."""
        return self.behind or self.name


FILE = Channel("file", frozenset(("file", "envelope")), is_answer=True)
POST = Channel("post", frozenset(("post",)), is_answer=True)
PROGRESS = Channel("progress", behind=POST.name)
EDI = Channel("edi")
CHANNELS = {each.name: each for each in (FILE, POST, PROGRESS, EDI)}
"""Every channel: a file in the outbox, a POST, a POST while the job runs, an acknowledgement of an interchange."""
LINES = tuple(dict.fromkeys(each.line for each in CHANNELS.values()))
"""Each line in which answers wait for each other."""
DELIVERED, GIVEN_UP, OUTDATED = "delivered", "given up", "outdated"
BACKOFF = (10, 30, 60, 120, 300)
"""Seconds before the next attempt; the last value is used for all further ones."""
HELD = timedelta(seconds=180)
"""How long a deliverer has an answer for itself; longer than any post takes."""
LONGEST = timedelta(hours=1)
"""No answer waits longer for its next attempt, also where its partner asks for that, or for its deliverer."""
_LINE = case({each.name: each.behind for each in CHANNELS.values() if each.behind}, value=OUTBOX.c.channel,
             else_=OUTBOX.c.channel)  # fmt: skip
"""The line of an answer: progress and the answer after it are delivered one after the other."""


_OPEN = OUTBOX.c.ended.is_(None) | (OUTBOX.c.ended == GIVEN_UP)


_LATEST = Later(LONGEST.total_seconds())
"""Later than any wait that begins now: what waits until after it waits since before the clock was set back."""
_FREE = OUTBOX.c.claimed_until.is_(None) | ~OUTBOX.c.claimed_until.between(NOW, _LATEST)
_DUE = (OUTBOX.c.next_at <= NOW) | (OUTBOX.c.next_at > _LATEST)
_NUMBERED = update(OUTBOX).where(OUTBOX.c.number == bindparam("of_number"))
_HELD = _NUMBERED.where(OUTBOX.c.claimed_by == bindparam("of_deliverer"))
"""An update of an answer, if the deliverer still has it. Statements that every drop needs are built once."""


def _held(answer: QueuedAnswer, deliverer: str) -> dict[str, Any]:
    """The parameters of ``_HELD``."""
    return {"of_number": answer.number, "of_deliverer": deliverer}


def channels(feed: FeedSnapshot | None) -> list[Channel]:
    """The channels by which a feed is answered; without a known feed, a file."""
    wanted = set(feed.answer if feed else FILE.answers)
    return [each for each in CHANNELS.values() if not wanted.isdisjoint(each.answers)]


def queue(database: Database, connection: Connection, job: JobRecord) -> None:
    """Put the answers of a job that ends into the outbox, in the caller's transaction; waiting progress is outdated."""
    if not (public_id(job.job_id) and job.partner):
        return
    wanted = channels(job.feed)
    for channel in wanted:
        add(database, connection, job.job_id, job.partner, channel)
    if POST in wanted:  # whoever gets no post got none of its progress
        connection.execute(_OUTDATED, {"of_job": job.job_id})


_OUTDATED = (
    update(OUTBOX)
    .where(OUTBOX.c.job_id == bindparam("of_job"), OUTBOX.c.channel == PROGRESS.name, OUTBOX.c.ended.is_(None))
    .values(ended=OUTDATED, ended_at=NOW)
)


def add(database: Database, connection: Connection, job: str, partner: str, channel: Channel) -> int:
    """Put one answer into the outbox; its number there. The outbox is locked until the transaction ends."""
    database.dialect.turn(connection, "outbox")
    number = (connection.execute(_LAST).scalar() or 0) + 1
    connection.execute(_NEW, {"number": number, "job_id": job, "partner": partner, "channel": channel.name})
    return number


_LAST = select(func.max(OUTBOX.c.number))
_NEW = insert(OUTBOX).values(queued_at=NOW, next_at=NOW)


def queue_progress(database: Database, job: str, partner: str, every: timedelta) -> None:
    """Put a post of a running job's progress into the outbox, unless one waits or is younger than ``every``."""
    with database.writing() as connection:
        database.dialect.turn(connection, "outbox")
        newest = select(OUTBOX).where(OUTBOX.c.job_id == job, OUTBOX.c.channel == PROGRESS.name)
        last = connection.execute(newest.order_by(OUTBOX.c.number.desc()).limit(1)).first()
        now = database.dialect.clock(connection)
        if last is None or (last.ended is not None and now - last.queued_at >= every):
            running = select(JOBS.c.job_id).where(JOBS.c.job_id == job, JOBS.c.verdict.is_(None))
            if connection.execute(running).first() is not None:
                add(database, connection, job, partner, PROGRESS)


def heads(database: Database) -> list[QueuedAnswer]:
    """The first undelivered answer of each partner and channel, where it is due and no deliverer has it."""
    return _due(database, _HEADS)


def heads_of(database: Database, partner: str) -> dict[str, QueuedAnswer]:
    """The first undelivered answer in each line of a partner, where it is due and no deliverer has it."""
    return {CHANNELS[each.channel].line: each for each in _due(database, _HEADS_OF, of_partner=partner)}


def behind(database: Database, answer: QueuedAnswer) -> QueuedAnswer | None:
    """The undelivered answer that waits behind one in its line, due or not; None where none does."""
    own = {"of_partner": answer.partner, "of_line": CHANNELS[answer.channel].line, "of_number": answer.number}
    with database.reading() as connection:
        row = connection.execute(_BEHIND, own).first()
        return None if row is None else answer_of(row)


def _due(database: Database, query: Select[Any], **values: str) -> list[QueuedAnswer]:
    with database.reading() as connection:
        return [answer_of(row) for row in connection.execute(query, values)]


def _due_of(numbers: Select[Any]) -> Select[Any]:
    """The answers of those numbers that are due ``now`` and free; built once, because every drop asks for its line."""
    first = numbers.subquery()
    query = select(OUTBOX).join(first, first.c.number == OUTBOX.c.number).where(_DUE, _FREE)
    return query.order_by(OUTBOX.c.number)


_OF_PARTNER = OUTBOX.c.partner == bindparam("of_partner")
_BEHIND = (
    select(OUTBOX)
    .where(_OF_PARTNER, bindparam("of_line") == _LINE, OUTBOX.c.ended.is_(None))
    .where(OUTBOX.c.number > bindparam("of_number"))
    .order_by(OUTBOX.c.number)
    .limit(1)
)
_FIRST = select(func.min(OUTBOX.c.number).label("number")).where(OUTBOX.c.ended.is_(None))
_HEADS = _due_of(_FIRST.group_by(OUTBOX.c.partner, _LINE))
_HEADS_OF = _due_of(_FIRST.where(_OF_PARTNER).group_by(_LINE))


def take(database: Database, number: int, deliverer: str) -> bool:
    """Take an answer for one attempt (``HELD``); false where another deliverer has it or it is delivered."""
    with database.noting() as connection:
        return connection.execute(_TAKEN, {"of_number": number, "claimed_by": deliverer}).rowcount == 1


_UNTIL = Later(HELD.total_seconds())
_TAKEN = _NUMBERED.where(OUTBOX.c.ended.is_(None), _FREE).values(claimed_until=_UNTIL)


def keep(database: Database, answer: QueuedAnswer, deliverer: str) -> None:
    """Keep an answer for another ``HELD``: it is delivered in several parts."""
    with database.noting() as connection:
        connection.execute(_KEPT, _held(answer, deliverer))


_KEPT = _HELD.values(claimed_until=_UNTIL)


def end(database: Database, answer: QueuedAnswer, deliverer: str, how: str, response: str) -> None:
    """Note that an answer was delivered, or never will be (``how``). ``response``: the reply, or why not.

    The first delivery by file or post sets the job's ``answered_at``.
    """
    with database.writing() as connection:
        ended = {"ended": how, "said": storable(response), "claimed_until": None}
        connection.execute(_ENDED, _held(answer, deliverer) | ended)
        if how == DELIVERED and CHANNELS[answer.channel].is_answer:  # contract A6, acknowledgedAt
            connection.execute(_ANSWERED, {"of_job": answer.job_id})


_ENDED = _HELD.values(attempts=OUTBOX.c.attempts + 1, ended_at=NOW)
_ANSWERED = (
    update(JOBS).where(JOBS.c.job_id == bindparam("of_job"), JOBS.c.answered_at.is_(None)).values(answered_at=NOW)
)


def put_off(
    database: Database, answer: QueuedAnswer, deliverer: str, reason: str, *, refusals: int = 0, after: float = 0
) -> None:
    """Note that an answer could not be delivered: it is tried again after a longer wait each time (``BACKOFF``).

    ``reason``: a sentence. ``refusals``: how many times the partner itself refused it. ``after``: the seconds
    that it asks to wait.
    """
    with database.writing() as connection:
        seconds = max(BACKOFF[min(answer.attempts, len(BACKOFF) - 1)], after)
        changed = _HELD.values(
            attempts=answer.attempts + 1,
            refusals=OUTBOX.c.refusals + refusals,
            next_at=Later(min(seconds, LONGEST.total_seconds())),
            claimed_by=None,
            claimed_until=None,
            said=storable(reason),
        )
        connection.execute(changed, _held(answer, deliverer))


def again(database: Database, partner: str | None) -> int:
    """Make every waiting answer, and every one that was given up, due at once; returns how many these are."""
    with database.writing() as connection:
        mine = update(OUTBOX).where(_OPEN, *([OUTBOX.c.partner == partner] if partner else []))
        changed = connection.execute(mine.values(ended=None, ended_at=None, refusals=0, next_at=NOW))
        return int(changed.rowcount)


def waiting(database: Database) -> list[QueuedAnswer]:
    """The undelivered answers in their order, with those that were given up."""
    with database.reading() as connection:
        return [answer_of(row) for row in connection.execute(select(OUTBOX).where(_OPEN).order_by(OUTBOX.c.number))]
