"""Every drop is booked as a job before anything is done with it: what it is, its partner, where its file is.

A job is one import of one drop. The transaction that books it also determines its number in the order of arrivals, the
job that it repeats, and the earlier job of the same name.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, insert, not_, or_, select, update

from crossdock.database import Database
from crossdock.database.records import job_of
from crossdock.database.tables import JOBS, NOT_FILED, NOW
from crossdock.jobs import arrivals, edi_answers, interchanges, leases
from crossdock.jobs.arrivals import Lying
from crossdock.jobs.leases import Acquired, Lease, owned, seize
from crossdock.model.drop import Drop
from crossdock.model.interchange import InterchangeRecord
from crossdock.model.status import STATUS, Status, Verdict
from crossdock.partners.feed import Feed

UNFINISHED = (Status.RECEIVED, Status.IN_PROGRESS)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32."""
LONGEST = 20
"""The most characters of a job's id."""
LAST = 9
"""The class of files without a feed: they are answered last."""


def new_id(day: datetime) -> str:
    """A job's id: its date and ten random letters, at most 20 characters (contract: id(20))."""
    return f"{day:%y%m%d}-{''.join(secrets.choice(ALPHABET) for _ in range(10))}"


def id_of_member(job: str, number: int) -> str:
    """The id of the job of a member of an archive, always the same: the archive's and two letters; where that is too
    long, or has too many members, a digest of both.
    """
    if number < len(ALPHABET) ** 2 and len(job) + 3 <= LONGEST:
        return f"{job}-{ALPHABET[number // 32]}{ALPHABET[number % 32]}"
    digest = int.from_bytes(blake2b(f"{job}-{number}".encode(), digest_size=8).digest())
    return job[:7] + "".join(ALPHABET[digest >> 5 * place & 31] for place in range(10))


@dataclass(frozen=True)
class Found:
    """What is known of a file before it is read: its identity (``digest``: SHA-256; ``size`` in bytes), its partner,
    and where it is.

    ``path``: below the home folder, where any worker finds it; '' where only its sender knows. ``origin``: where it
    was found. ``asked``: the feed that was named by hand. ``stage``: its class; ``ranked``: its place within it, '' for
    that of its arrival. ``parent``: the job that it comes from, an archive or a list that lets it in.
    ``replays``: the job whose held records it sends again.
    """

    name: str
    digest: str
    size: int
    received: datetime
    partner: str = ""
    document: str = ""
    path: str = ""
    origin: str = ""
    asked: str = ""
    stage: int = LAST
    ranked: str = ""
    parent: str | None = None
    replays: str | None = None


_REPLAYS = (JOBS.c.replays.is_(True), JOBS.c.status.in_(UNFINISHED))
"""The condition: an unfinished job that replays held documents."""


_BOOKED = select(JOBS.c.job_id).where(JOBS.c.job_id == bindparam("of_job"))


def register(database: Database, file: Found, job: str, left: Lying | None = None) -> bool:
    """Book a file that is ready to be imported; false where another worker has.

    ``left``: the file in its drop folder, where it can't be moved away; it is booked only once. Only one job at a time
    replays the held documents of a job.
    """
    with database.writing() as connection:
        database.dialect.turn(connection, "sequence")
        if connection.execute(_BOOKED, {"of_job": job}).first() is not None:
            return False
        if left is not None and not arrivals.stuck(connection, left, job):
            return False
        if file.replays is not None and _is_replayed(connection, file.replays):
            return False
        insert_row(database, connection, file, job)
        return True


def begin(database: Database, file: Found, job: str, worker: str) -> Acquired:
    """Book a file that was named by hand; the worker has the job at once."""
    with database.writing() as connection:
        return _held(database, connection, file, job, worker)


def begin_answered(database: Database, file: Found, job: str, worker: str) -> Acquired:
    """As ``begin``, of a file that its sender sends again if it isn't answered, and that is nobody's unless it is
    booked: a note is enough.
    """
    with database.noting() as connection:
        return _held(database, connection, file, job, worker)


def _held(database: Database, connection: Connection, file: Found, job: str, worker: str) -> Acquired:
    lease = leases.new(job, unbegun=True)
    held = {"lease": lease.token, "worker": worker, "attempts": 1}
    row = _first_row(database, connection, file, job)
    return Acquired(lease, job_of(connection.execute(_NEW_AND_HELD, row | held).one()), None, at_once=True)


def go_on(database: Database, job: str, worker: str, path: str) -> Lease:
    """Take an unfinished job from its worker: its file was named by hand again, and is at ``path``."""
    with database.writing() as connection:
        lease = seize(database, connection, job, worker)  # first: its worker may have locked its row
        connection.execute(update(JOBS).where(JOBS.c.job_id == job).values(path=path))
        return lease


def insert_row(database: Database, connection: Connection, file: Found, job: str) -> None:
    """Insert the row of a new job, which waits for a worker."""
    connection.execute(_NEW_JOB, _first_row(database, connection, file, job))


def _first_row(database: Database, connection: Connection, file: Found, job: str) -> dict[str, Any]:
    """A job's first row: received, its number in the order of arrivals, the job that it repeats, and the earlier
    job of its name. No other job is booked until this transaction ends.
    """
    database.dialect.turn(connection, "sequence")
    own = {"of_digest": file.digest, "of_partner": file.partner, "of_name": file.name}
    before = connection.execute(_BEFORE, own).one()
    return {
        "job_id": job,
        "name": file.name,
        "digest": file.digest,
        "size": file.size,
        "received_at": file.received,
        "sequence": (before.sequence or 0) + 1,
        "repeats": before.repeats,
        "earlier": before.earlier,
        "withheld": False,
        "status": Status.RECEIVED,
        "partner": file.partner,
        "document": file.document,
        "path": file.path,
        "origin": file.origin,
        "asked": file.asked,
        "stage": file.stage,
        "ranked": file.ranked,
        "parent": file.parent,
        "fixes": file.replays,
        "replays": file.replays is not None,
    }


_OF_BYTES = JOBS.c.digest == bindparam("of_digest")
_REPEATS = select(JOBS.c.job_id).where(_OF_BYTES, JOBS.c.verdict.is_not(None)).order_by(JOBS.c.sequence).limit(1)
_OF_NAME = (JOBS.c.partner == bindparam("of_partner"), JOBS.c.name == bindparam("of_name"), not_(_OF_BYTES))
_EARLIER = select(JOBS.c.job_id).where(*_OF_NAME).order_by(JOBS.c.sequence.desc()).limit(1)
_BEFORE = select(
    select(func.max(JOBS.c.sequence)).scalar_subquery().label("sequence"),
    _REPEATS.scalar_subquery().label("repeats"),
    _EARLIER.scalar_subquery().label("earlier"),
)
"""What a new job must know of those before it: the last number, the first of the same bytes, the last of its name."""
_NEW_JOB = insert(JOBS)
_NEW_AND_HELD = _NEW_JOB.values(leased_at=NOW, started_at=NOW).returning(JOBS)


def known_of(drop: Drop) -> Found:
    """What the first row of a drop's job needs."""
    return Found(
        drop.name,
        drop.digest,
        drop.size,
        drop.received,
        drop.feed.partner,
        drop.feed.document.name,
        stage=drop.feed.document.stage,
        ranked=drop.sequence or "",
        replays=drop.replays,
    )


def unpacked(
    database: Database,
    lease: Lease,
    members: list[tuple[str, Found]],
    sentence: str,
    records: Sequence[InterchangeRecord] = (),
) -> list[str]:
    """Book the members of an archive (job id, file) as jobs of their own and end the archive's, in one transaction.
    Returns the jobs in the order in which they are imported, which is that of the files of a drop folder.

    ``sentence``: what is reported of the archive. ``records``: the interchanges of which the members are parts; where
    one of them is refused, the archive has not failed as a whole, and its job says so, for nothing else does. Raises
    ``Overtaken`` where another worker has the job.
    """
    ordered = sorted(members, key=lambda member: (member[1].stage, member[1].ranked))
    with database.writing() as connection:
        owned(database, connection, lease)
        if records:
            digest = connection.execute(select(JOBS.c.digest).where(JOBS.c.job_id == lease.job)).scalar_one()
            interchanges.book(connection, records, digest)
            edi_answers.queue_of_envelopes(database, connection, records)
        for job, member in ordered:
            insert_row(database, connection, member, job)
        some_refused = any(each.refused for each in records)
        verdict = Verdict.PARTIAL if some_refused else Verdict.ACCEPTED
        done = {"verdict": verdict, "status": STATUS[verdict], "finished_at": datetime.now(UTC)}
        done |= {"document": "", "said": sentence} | ({"alert": sentence} if some_refused else {})
        connection.execute(update(JOBS).where(JOBS.c.job_id == lease.job).values(done))
    return [job for job, _ in ordered]


def unfinished(database: Database, digest: str, feed: Feed) -> str | None:
    """The unfinished job of the same bytes (``digest``), read by the same feed, or one that nobody files, because its
    worker was stopped or killed: a new import continues it.
    """
    with database.reading() as connection:
        unfiled = and_(*NOT_FILED, leases.nobodys(database.dialect.clock(connection)))
        return _last_of(connection, digest, feed, or_(_UNFINISHED, unfiled))


def unfinished_of(connection: Connection, digest: str, feed: Feed) -> str | None:
    """As ``unfinished``, in the caller's transaction, of jobs without a verdict."""
    return _last_of(connection, digest, feed, _UNFINISHED)


_UNFINISHED = JOBS.c.status.in_(UNFINISHED)


def _last_of(connection: Connection, digest: str, feed: Feed, wanted: ColumnElement[bool]) -> str | None:
    query = (
        select(JOBS.c.job_id)
        .where(JOBS.c.digest == digest, wanted)
        .where(JOBS.c.partner == feed.partner, JOBS.c.document == feed.document.name)
    )
    return connection.execute(query.order_by(JOBS.c.sequence.desc()).limit(1)).scalar()


def come_of(database: Database, job: str) -> list[str]:
    """The unfinished jobs that come from a job (``parent``), in their order."""
    query = select(JOBS.c.job_id).where(JOBS.c.parent == job, JOBS.c.verdict.is_(None)).order_by(JOBS.c.sequence)
    with database.reading() as connection:
        return list(connection.execute(query).scalars())


def replaying(database: Database) -> dict[str, str]:
    """The unfinished jobs that replay held documents, in their order → the job of these documents."""
    query = select(JOBS.c.job_id, JOBS.c.fixes).where(*_REPLAYS).order_by(JOBS.c.sequence)
    with database.reading() as connection:
        return {row.job_id: row.fixes or "" for row in connection.execute(query)}


def _is_replayed(connection: Connection, job: str) -> bool:
    """Whether an unfinished job replays held documents of a job."""
    return connection.execute(select(JOBS.c.job_id).where(JOBS.c.fixes == job, *_REPLAYS)).first() is not None


def booked(database: Database, jobs: list[str]) -> dict[str, str]:
    """Those of some jobs that are booked → the path of their file."""
    with database.reading() as connection:
        rows = connection.execute(select(JOBS.c.job_id, JOBS.c.path).where(JOBS.c.job_id.in_(jobs)))
        return {row.job_id: row.path for row in rows}


def set_path(database: Database, job: str, path: str) -> None:
    """Store the path of an unfiled job's file, so that any worker can continue it; nothing where it has one."""
    with database.writing() as connection:
        nowhere = update(JOBS).where(JOBS.c.job_id == job, JOBS.c.path == "", JOBS.c.filed_at.is_(None))
        connection.execute(nowhere.values(path=path))
