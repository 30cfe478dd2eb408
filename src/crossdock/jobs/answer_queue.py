"""The outbox: answers that are to go out, written in the transaction that ends a job, delivered afterwards.

A row is one job's answer by one way (``file``, ``post``; ``progress`` while it runs). It goes at least once, in the
order in which the jobs ended: an answer that can't go out holds those of its partner and way behind it. Bodies are not
kept: they are made from the job, and the same at each attempt.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Update, func, insert, select, update

from crossdock.database import Database, storable
from crossdock.database.records import answer_of
from crossdock.database.tables import JOBS, OUTBOX
from crossdock.model.job import JobRecord, QueuedAnswer
from crossdock.partners.feed_config import FeedSnapshot

FILE, POST, PROGRESS = "file", "post", "progress"
DELIVERED, GIVEN_UP, OUTDATED = "delivered", "given up", "outdated"
BACKOFF = (10, 30, 60, 120, 300)
"""Seconds before the next attempt; the last one again and again."""
HELD = timedelta(seconds=180)
"""For so long an answer is its deliverer's alone; longer than any post takes."""
_LINE = func.replace(OUTBOX.c.channel, PROGRESS, POST)
"""Progress and what follows it go one after the other."""


_OPEN = OUTBOX.c.ended.is_(None) | (OUTBOX.c.ended == GIVEN_UP)


def _free(now: datetime) -> ColumnElement[bool]:
    return OUTBOX.c.taken_until.is_(None) | (OUTBOX.c.taken_until < now)


def _held(answer: QueuedAnswer, deliverer: str) -> Update:
    """A change of an answer that is still its deliverer's."""
    return update(OUTBOX).where(OUTBOX.c.number == answer.number, OUTBOX.c.taken_by == deliverer)


def line(channel: str) -> str:
    """The line in which answers of a channel stand."""
    return POST if channel == PROGRESS else channel


def channels(feed: FeedSnapshot | None) -> list[str]:
    """The channels by which a feed is answered; a drop of which no feed is known, as a file."""
    answers = feed.answer if feed else (FILE,)
    return [each for each in (FILE, POST) if each in answers or (each == FILE and "envelope" in answers)]


def queue(database: Database, connection: Connection, job: JobRecord) -> None:
    """Put the answers of a job that ends into the outbox."""
    if not (job.job_id and job.partner):
        return
    for channel in channels(job.feed):
        _add(database, connection, job.job_id, job.partner, channel)
    waiting = (OUTBOX.c.job_id == job.job_id, OUTBOX.c.channel == PROGRESS, OUTBOX.c.ended.is_(None))
    connection.execute(update(OUTBOX).where(*waiting).values(ended=OUTDATED, ended_at=datetime.now(UTC)))


def _add(database: Database, connection: Connection, job: str, partner: str, channel: str) -> None:
    database.dialect.turn(connection, "outbox")
    number = (connection.execute(select(func.max(OUTBOX.c.number))).scalar() or 0) + 1
    now = datetime.now(UTC)
    row = {"number": number, "job_id": job, "partner": partner, "channel": channel, "queued_at": now, "next_at": now}
    connection.execute(insert(OUTBOX).values(row))


def queue_progress(database: Database, job: str, partner: str, every: timedelta) -> None:
    """Put a post of a running job's progress into the outbox, unless one waits or went out less than ``every`` ago."""
    with database.writing() as connection:
        database.dialect.turn(connection, "outbox")
        newest = select(OUTBOX).where(OUTBOX.c.job_id == job, OUTBOX.c.channel == PROGRESS)
        last = connection.execute(newest.order_by(OUTBOX.c.number.desc()).limit(1)).first()
        now = database.dialect.clock(connection)
        if last is None or (last.ended is not None and now - last.queued_at >= every):
            running = select(JOBS.c.job_id).where(JOBS.c.job_id == job, JOBS.c.verdict.is_(None))
            if connection.execute(running).first() is not None:
                _add(database, connection, job, partner, PROGRESS)


def heads(database: Database) -> list[QueuedAnswer]:
    """The first answer of each partner and way that has not gone out, where it is due and nobody is at it."""
    of_each = select(func.min(OUTBOX.c.number).label("number")).where(OUTBOX.c.ended.is_(None))
    return _due(database, of_each.group_by(OUTBOX.c.partner, _LINE))


def head(database: Database, partner: str, channel: str) -> QueuedAnswer | None:
    """The first answer of one partner and way that has not gone out, where it is due and nobody is at it."""
    of_line = (OUTBOX.c.ended.is_(None), OUTBOX.c.partner == partner, _LINE.in_([line(channel)]))
    return next(iter(_due(database, select(func.min(OUTBOX.c.number).label("number")).where(*of_line))), None)


def _due(database: Database, numbers: Select[Any]) -> list[QueuedAnswer]:
    first = numbers.subquery()
    with database.reading() as connection:
        now = database.dialect.clock(connection)
        asked = select(OUTBOX).join(first, first.c.number == OUTBOX.c.number).where(OUTBOX.c.next_at <= now, _free(now))
        return [answer_of(row) for row in connection.execute(asked.order_by(OUTBOX.c.number))]


def take(database: Database, number: int, deliverer: str) -> bool:
    """Have an answer for oneself, for as long as an attempt may take; false where another was quicker."""
    with database.writing() as connection:
        now = database.dialect.clock(connection)
        mine = update(OUTBOX).where(OUTBOX.c.number == number, OUTBOX.c.ended.is_(None), _free(now))
        return connection.execute(mine.values(taken_by=deliverer, taken_until=now + HELD)).rowcount == 1


def keep(database: Database, answer: QueuedAnswer, deliverer: str) -> None:
    """Have an answer a little longer: it goes out in several parts."""
    with database.writing() as connection:
        connection.execute(_held(answer, deliverer).values(taken_until=database.dialect.clock(connection) + HELD))


def end(database: Database, answer: QueuedAnswer, deliverer: str, how: str, said: str) -> None:
    """Note that an answer has gone out, or will not; ``said``: what came back. The first one is the job's answer."""
    with database.writing() as connection:
        now = database.dialect.clock(connection)
        ended = {"ended": how, "ended_at": now, "said": storable(said), "taken_until": None}
        connection.execute(_held(answer, deliverer).values(ended | {"attempts": OUTBOX.c.attempts + 1}))
        if how == DELIVERED and answer.channel != PROGRESS:  # contract A6, acknowledgedAt
            first = update(JOBS).where(JOBS.c.job_id == answer.job_id, JOBS.c.answered_at.is_(None))
            connection.execute(first.values(answered_at=now))


def put_off(database: Database, answer: QueuedAnswer, deliverer: str, said: str, *, refusals: int = 0) -> None:
    """Note that an answer could not go out: it is tried again, later each time. ``refusals``: the partner's own."""
    with database.writing() as connection:
        wait = timedelta(seconds=BACKOFF[min(answer.attempts, len(BACKOFF) - 1)])
        connection.execute(
            _held(answer, deliverer).values(
                attempts=answer.attempts + 1,
                refusals=OUTBOX.c.refusals + refusals,
                next_at=database.dialect.clock(connection) + wait,
                taken_by=None,
                taken_until=None,
                said=storable(said),
            )
        )


def again(database: Database, partner: str | None) -> int:
    """Try everything that waits, and what was given up, at once; how many answers that are."""
    with database.writing() as connection:
        mine = update(OUTBOX).where(_OPEN, *([OUTBOX.c.partner == partner] if partner else []))
        changed = connection.execute(
            mine.values(ended=None, ended_at=None, refusals=0, next_at=database.dialect.clock(connection))
        )
        return int(changed.rowcount)


def waiting(database: Database) -> list[QueuedAnswer]:
    """What has not gone out, in its order, with what was given up."""
    with database.reading() as connection:
        return [answer_of(row) for row in connection.execute(select(OUTBOX).where(_OPEN).order_by(OUTBOX.c.number))]
