"""Every drop ever seen: who claimed it, how far it is, its books and its failures.

A job is one import of one drop. What a batch did and how far the job is are written in the batch's own transaction,
behind the fence: the one row of the share that must still carry this worker's token and this batch's number. A worker
that was overtaken finds no such row and can't commit. The books are asserted by the table itself.
"""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from crossdock.database import Database
from crossdock.database.tables import HEARTBEATS, JOBS, OUTCOMES, PARTS, SHARES
from crossdock.model import (
    BUCKETS,
    COUNTED,
    STATUS,
    Books,
    Drop,
    Outage,
    Status,
    Verdict,
)

UNFINISHED = (Status.RECEIVED, Status.IN_PROGRESS)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32."""
REFUSED = "refused"
"""The reason of a drop that was refused: it waits until one of its name goes through."""


def new_id(day: datetime) -> str:
    """A job's id: its date and ten random letters, at most 20 characters (contract: id(20))."""
    return f"{day:%y%m%d}-{''.join(secrets.choice(ALPHABET) for _ in range(10))}"


@dataclass(frozen=True)
class Job:
    """A job that this worker holds: its id, its token, and the batch it goes on with."""

    id: str
    token: str
    next_batch: int
    withheld: bool


@dataclass(frozen=True)
class Found:
    """What is known of a file before it is read: its identity and where it is to be booked."""

    name: str
    digest: str
    size: int
    received: datetime
    partner: str = ""


def _row(found: Found | Drop, job: str, sequence: int, repeats: str | None) -> dict[str, Any]:
    return {
        "job_id": job,
        "name": found.name,
        "digest": found.digest,
        "size": found.size,
        "received_at": found.received,
        "sequence": sequence,
        "repeats": repeats,
        "withheld": False,
    }


def _next(connection: Connection, digest: str) -> tuple[int, str | None]:
    """The drop's sequence, and the finished job of the same bytes that it repeats."""
    sequence = (connection.execute(select(func.max(JOBS.c.sequence))).scalar() or 0) + 1
    repeats = connection.execute(
        select(JOBS.c.job_id)
        .where(JOBS.c.digest == digest, JOBS.c.verdict.is_not(None))
        .order_by(JOBS.c.sequence)
        .limit(1)
    ).scalar()
    return sequence, repeats


def open_job(
    database: Database, drop: Drop, plan: str, batches: int, total: int, records: int, aside: Books, job: str
) -> Job:
    """A new job, or the unfinished one of the same bytes: from its last batch, from the start if its feed changed.

    ``aside``: records that no batch holds (blank, ignored), already in the books. ``job``: the id of a new one.
    """
    token = secrets.token_hex(16)
    feed = drop.feed
    with database.writing() as connection:
        unfinished = connection.execute(
            select(JOBS)
            .where(JOBS.c.digest == drop.digest, JOBS.c.status.in_(UNFINISHED))
            .where(JOBS.c.partner == feed.partner, JOBS.c.document == feed.document.name)
            .order_by(JOBS.c.sequence.desc())
            .limit(1)
        ).first()
        if unfinished is None:
            sequence, repeats = _next(connection, drop.digest)
            told = _row(drop, job, sequence, repeats) | {
                "mends": _mended(connection, drop),
                "replays": drop.replays is not None,
                "status": Status.RECEIVED,
            }
            connection.execute(insert(JOBS).values(told))
            return _begin(connection, drop, plan, batches, total, records, aside, job, token)
        earlier = connection.execute(select(SHARES).where(SHARES.c.job_id == unfinished.job_id)).first()
        if earlier is not None:
            database.way.take_over(connection, unfinished.job_id, earlier.token)
        if earlier is None or unfinished.feed_digest != feed.digest or unfinished.plan != plan:
            _forget(connection, unfinished.job_id)
            return _begin(connection, drop, plan, batches, total, records, aside, unfinished.job_id, token)
        connection.execute(update(SHARES).where(SHARES.c.job_id == unfinished.job_id).values(token=token))
        return Job(unfinished.job_id, token, earlier.next_batch, unfinished.withheld)


def _mended(connection: Connection, drop: Drop) -> str | None:
    """The job that a fix-workbook mends, if it is known here and of the same feed."""
    if drop.mends is None:
        return None
    asked = select(JOBS.c.job_id).where(JOBS.c.job_id == drop.mends)
    return connection.execute(
        asked.where(JOBS.c.partner == drop.feed.partner, JOBS.c.document == drop.feed.document.name)
    ).scalar()


def _forget(connection: Connection, job: str) -> None:
    """Take back what a job said of its drop; the documents it wrote stay, and will be found unchanged."""
    for table in PARTS:
        connection.execute(delete(table).where(table.c.job_id == job))


def _begin(
    connection: Connection,
    drop: Drop,
    plan: str,
    batches: int,
    total: int,
    records: int,
    aside: Books,
    job: str,
    token: str,
) -> Job:
    nothing = dict.fromkeys(_counters(), 0)
    connection.execute(
        update(JOBS)
        .where(JOBS.c.job_id == job)
        .values(
            nothing
            | books_row(aside)
            | {
                "partner": drop.feed.partner,
                "document": drop.feed.document.name,
                "feed_digest": drop.feed.digest,
                "feed_text": drop.feed.text,
                "plan": plan,
                "status": Status.IN_PROGRESS,
                "withheld": False,
                "started_at": datetime.now(UTC),
                "total": total,
                "records": records + aside.read,
            }
        )
    )
    connection.execute(insert(SHARES).values(job_id=job, share=0, next_batch=0, batches=batches, token=token))
    connection.execute(insert(HEARTBEATS).values(job_id=job, share=0, seen_at=datetime.now(UTC), worker=worker()))
    return Job(job, token, 0, withheld=False)


def _counters() -> list[str]:
    counts = [f"{level}_{name}" for level in ("documents", "lines") for name in COUNTED]
    return ["processed", "failing", *counts]


def books_row(books: Books) -> dict[str, int]:
    """The books as columns of a job's row."""
    return {("read_" if name == "read" else name): getattr(books, name) for name in BUCKETS}


def worker() -> str:
    """Who is at work: host and process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def withhold(database: Database, job: Job) -> None:
    """Note that nothing of the drop may go in (hold = "file"), before the first batch."""
    with database.writing() as connection:
        connection.execute(update(JOBS).where(JOBS.c.job_id == job.id).values(withheld=True))


def fence(connection: Connection, job: Job, batch: int) -> None:
    """Move on to the next batch, if the job is still this worker's; else an ``Outage``: another took it over."""
    moved = connection.execute(
        update(SHARES)
        .where(SHARES.c.job_id == job.id, SHARES.c.share == 0)
        .where(SHARES.c.token == job.token, SHARES.c.next_batch == batch)
        .values(next_batch=batch + 1)
    )
    if moved.rowcount != 1:
        raise Outage(f"job {job.id} was taken over by another worker")


def close(database: Database, job: Job) -> None:
    """Give the job its verdict; the table refuses it while a record is missing from the books."""
    with database.writing() as connection:
        row = connection.execute(select(JOBS).where(JOBS.c.job_id == job.id)).one()
        if row.verdict is not None:
            return
        verdict = _verdict(row)
        connection.execute(
            update(JOBS)
            .where(JOBS.c.job_id == job.id)
            .values(verdict=verdict, status=STATUS[verdict], finished_at=datetime.now(UTC))
        )
        refused = select(JOBS.c.job_id).where(JOBS.c.name == row.name, JOBS.c.refused.is_not(None))
        ended = {"ended": "superseded", "ended_by": job.id, "ended_at": datetime.now(UTC)}
        waits = (OUTCOMES.c.reason == REFUSED, OUTCOMES.c.ended.is_(None), OUTCOMES.c.partner == row.partner)
        connection.execute(update(OUTCOMES).where(*waits, OUTCOMES.c.job_id.in_(refused)).values(ended))


def answered(database: Database, job: str) -> None:
    """Note when a job's answer went out (contract A6, acknowledgedAt); the first time counts."""
    with database.writing() as connection:
        first = update(JOBS).where(JOBS.c.job_id == job, JOBS.c.answered_at.is_(None))
        connection.execute(first.values(answered_at=datetime.now(UTC)))


def storable(value: Any) -> Any:
    """What was sent, as both databases can keep it: PostgreSQL's text holds no NUL."""
    return value.replace("\x00", "\u2400") if isinstance(value, str) else value


def _verdict(row: Row[Any]) -> Verdict:
    if row.failing == 0 and row.failed == 0:
        return Verdict.ACCEPTED
    return Verdict.REJECTED if row.failing == row.processed else Verdict.PARTIAL


def refuse(database: Database, found: Found | Drop, sentence: str, job: str, held: int = 0) -> str:
    """Book a drop that can't be processed, or may not be; ``held`` of its records were read. Gives the job's id."""
    with database.writing() as connection:
        if isinstance(found, Drop):
            partner, document = found.feed.partner, found.feed.document.name
        else:
            partner, document = found.partner, ""
        sequence, repeats = _next(connection, found.digest)
        connection.execute(
            insert(JOBS).values(
                _row(found, job, sequence, repeats)
                | {
                    "partner": partner,
                    "document": document,
                    "status": Status.FAILED,
                    "verdict": Verdict.REJECTED,
                    "refused": storable(sentence),
                    "records": held,
                    "read_": held,
                    "held": held,
                    "finished_at": datetime.now(UTC),
                }
            )
        )
        _wait(connection, job, partner, document)
    return job


def _wait(connection: Connection, job: str, partner: str, document: str) -> None:
    """A refused drop waits as a whole: nobody knows its documents. It is the row of line 0."""
    told = {
        "business_unit": "",
        "number": "",
        "taken": False,
        "reason": REFUSED,
        "lines": 0,
        "failing_lines": 0,
        "what": "",
    }
    connection.execute(
        insert(OUTCOMES).values(told | {"job_id": job, "line": 0, "partner": partner, "document": document})
    )


def refuse_job(database: Database, job: Job, sentence: str) -> None:
    """Refuse the drop of an open job before its first write: every record is held."""
    with database.writing() as connection:
        row = connection.execute(select(JOBS).where(JOBS.c.job_id == job.id)).one()
        connection.execute(
            update(JOBS)
            .where(JOBS.c.job_id == job.id)
            .values(
                status=Status.FAILED,
                verdict=Verdict.REJECTED,
                refused=sentence,
                held=row.records - row.blank - row.ignored,
                read_=row.records,
                processed=row.total,
                failing=row.total,
                finished_at=datetime.now(UTC),
            )
        )
        _wait(connection, job.id, row.partner, row.document)
