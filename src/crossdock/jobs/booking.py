"""Every drop ever seen is booked as a job before anything is done with it: what it is, whose, where its file lies.

A job is one import of one drop. Its number in the order of arrivals, what it repeats and what bore its name before are
established in the transaction that books it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select, update

from crossdock.database import Database
from crossdock.database.tables import JOBS
from crossdock.jobs import arrivals
from crossdock.jobs.arrivals import Lying
from crossdock.jobs.leases import Lease, owned, seize
from crossdock.model.drop import Drop
from crossdock.model.natural_order import natural
from crossdock.model.status import Status, Verdict
from crossdock.partners.feed import Feed

UNFINISHED = (Status.RECEIVED, Status.IN_PROGRESS)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32."""
LAST = 9
"""The class of files that no feed claims: they are answered last."""


def new_id(day: datetime) -> str:
    """A job's id: its date and ten random letters, at most 20 characters (contract: id(20))."""
    return f"{day:%y%m%d}-{''.join(secrets.choice(ALPHABET) for _ in range(10))}"


@dataclass(frozen=True)
class Found:
    """What is known of a file before it is read: its identity, whose it is, and where it lies.

    ``place``: below the home folder, where any worker finds it; '' where only its sender knows. ``origin``: where it
    was found. ``asked``: the feed that was named by hand. ``stage``: its class. ``parent``: the job that it came of,
    an archive or a list that lets it in. ``replays``: the job whose held records it brings once more.
    """

    name: str
    digest: str
    size: int
    received: datetime
    partner: str = ""
    document: str = ""
    place: str = ""
    origin: str = ""
    asked: str = ""
    stage: int = LAST
    parent: str | None = None
    replays: str | None = None


def register(database: Database, found: Found, job: str, left: Lying | None = None) -> bool:
    """Book a file that is ready to be imported; false where another worker has.

    ``left``: how the file still lies, because it can't be moved away; it is booked once all the same. Held documents of
    a job are on their way once at a time.
    """
    with database.writing() as connection:
        database.dialect.turn(connection, "sequence")
        if connection.execute(select(JOBS.c.job_id).where(JOBS.c.job_id == job)).first() is not None:
            return False
        if left is not None and not arrivals.stuck(connection, left, job):
            return False
        if found.replays is not None and found.replays in _replaying(connection).values():
            return False
        insert_row(database, connection, found, job)
        return True


def begin(database: Database, found: Found, job: str, worker: str) -> Lease:
    """Book a file that was named by hand, as that worker's at once."""
    with database.writing() as connection:
        insert_row(database, connection, found, job)
        return seize(database, connection, job, worker)


def go_on(database: Database, job: str, worker: str, place: str) -> Lease:
    """Take an unfinished job from whoever has it: its file was named by hand once more, and lies at ``place``."""
    with database.writing() as connection:
        lease = seize(database, connection, job, worker)  # first: whoever has it may sit on its row
        connection.execute(update(JOBS).where(JOBS.c.job_id == job).values(place=place))
        return lease


def insert_row(database: Database, connection: Connection, found: Found, job: str) -> None:
    """A job's first row: received, its place in the order of arrivals, what it repeats, what bore its name before."""
    database.dialect.turn(connection, "sequence")
    sequence = (connection.execute(select(func.max(JOBS.c.sequence))).scalar() or 0) + 1
    of_bytes = select(JOBS.c.job_id).where(JOBS.c.digest == found.digest, JOBS.c.verdict.is_not(None))
    repeats = connection.execute(of_bytes.order_by(JOBS.c.sequence).limit(1)).scalar()
    of_name = select(JOBS.c.job_id).where(JOBS.c.partner == found.partner, JOBS.c.name == found.name)
    earlier = of_name.where(JOBS.c.digest != found.digest).order_by(JOBS.c.sequence.desc()).limit(1)
    row = {
        "job_id": job,
        "name": found.name,
        "digest": found.digest,
        "size": found.size,
        "received_at": found.received,
        "sequence": sequence,
        "repeats": repeats,
        "earlier": connection.execute(earlier).scalar(),
        "withheld": False,
        "status": Status.RECEIVED,
        "partner": found.partner,
        "document": found.document,
        "place": found.place,
        "origin": found.origin,
        "asked": found.asked,
        "stage": found.stage,
        "ranked": natural(found.name),
        "parent": found.parent,
        "mends": found.replays,
        "replays": found.replays is not None,
    }
    connection.execute(insert(JOBS).values(row))


def known_of(drop: Drop) -> Found:
    """What a job's first row says of a drop."""
    return Found(
        drop.name,
        drop.digest,
        drop.size,
        drop.received,
        drop.feed.partner,
        drop.feed.document.name,
        stage=drop.feed.document.stage,
        replays=drop.replays,
    )


def unpacked(database: Database, lease: Lease, members: list[tuple[str, Found]], said: str) -> None:
    """Book the members of an archive as jobs of their own and end the archive's, in one transaction."""
    with database.writing() as connection:
        owned(database, connection, lease)
        for job, found in members:
            insert_row(database, connection, found, job)
        done = {"verdict": Verdict.ACCEPTED, "status": Status.COMPLETED, "finished_at": datetime.now(UTC)}
        done |= {"document": "", "said": said}
        connection.execute(update(JOBS).where(JOBS.c.job_id == lease.job).values(done))


def unfinished(database: Database, digest: str, feed: Feed) -> str | None:
    """The unfinished job of the same bytes, read by the same feed: importing them again goes on with it."""
    with database.reading() as connection:
        return unfinished_of(connection, digest, feed)


def unfinished_of(connection: Connection, digest: str, feed: Feed) -> str | None:
    """The same, in the caller's transaction."""
    asked = (
        select(JOBS.c.job_id)
        .where(JOBS.c.digest == digest, JOBS.c.status.in_(UNFINISHED))
        .where(JOBS.c.partner == feed.partner, JOBS.c.document == feed.document.name)
    )
    return connection.execute(asked.order_by(JOBS.c.sequence.desc()).limit(1)).scalar()


def come_of(database: Database, job: str) -> list[str]:
    """The unfinished jobs that came of a job, in their order."""
    asked = select(JOBS.c.job_id).where(JOBS.c.parent == job, JOBS.c.verdict.is_(None)).order_by(JOBS.c.sequence)
    with database.reading() as connection:
        return list(connection.execute(asked).scalars())


def replaying(database: Database) -> dict[str, str]:
    """The unfinished jobs that bring held documents once more, in their order, each with the job these are of."""
    with database.reading() as connection:
        return _replaying(connection)


def _replaying(connection: Connection) -> dict[str, str]:
    asked = select(JOBS.c.job_id, JOBS.c.mends).where(JOBS.c.replays.is_(True), JOBS.c.verdict.is_(None))
    return {row.job_id: row.mends or "" for row in connection.execute(asked.order_by(JOBS.c.sequence))}


def booked(database: Database, jobs: list[str]) -> dict[str, str]:
    """Those of some jobs that are booked, each with the place of its file."""
    with database.reading() as connection:
        rows = connection.execute(select(JOBS.c.job_id, JOBS.c.place).where(JOBS.c.job_id.in_(jobs)))
        return {row.job_id: row.place for row in rows}


def place(database: Database, job: str, where: str) -> None:
    """Tell where the file of an unfiled job lies, so that any worker goes on with it."""
    with database.writing() as connection:
        nowhere = update(JOBS).where(JOBS.c.job_id == job, JOBS.c.place == "", JOBS.c.filed_at.is_(None))
        connection.execute(nowhere.values(place=where))
