"""Who works on which job: claims are leases in the jobs table, with a token that every commit checks.

A worker writes a sign of life every few seconds, in a row of its own. A worker without one for ``LEASE`` has lost its
jobs: the next worker that needs work takes them over with its own token, ends the session that may still have locks,
and continues after the last committed batch. One that wakes up late finds another token and can't write.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)

from crossdock.database import Database, storable
from crossdock.database.records import job_of, the_job, unfiled_of, worker_of, write_job
from crossdock.database.tables import BEGUN, JOBS, NOT_FILED, NOW, SHARES, WAITING, WORKERS, Moment
from crossdock.errors import Overtaken
from crossdock.jobs.scheduling import Limits, choose
from crossdock.model.job import JobRecord, UnfiledJob, WorkerRecord

LEASE = timedelta(seconds=60)
"""A worker without a sign of life for this time has lost its jobs."""
BEAT_SECONDS = 10.0
FORGOTTEN = timedelta(days=7)
"""How long the row of a dead worker is kept, to report whose work another continues."""
BESIDE = "API"
"""The kind of a worker whose jobs somebody waits for: they run beside all others and count for no limit."""
ATTEMPTS = 5
"""How often a job may end without progress before it is set aside for a person."""


@dataclass(frozen=True)
class Lease:
    """The right to write what a job writes, as long as the token is the job's. ``unbegun``: nobody had begun the job
    when it was taken.
    """

    job: str
    token: str
    unbegun: bool = False

    @property
    def lost(self) -> str:
        """The sentence that ends a worker that no longer has the job."""
        return f"job {self.job} was taken over by another worker"


@dataclass(frozen=True)
class Acquired:
    """A job that a worker has taken, as it was before: ``left`` is the worker that had it, or None. ``at_once``: as it
    was booked, so no other has come and gone since.
    """

    lease: Lease
    row: JobRecord
    left: WorkerRecord | None
    at_once: bool = False


# ---- workers


def enter(database: Database, name: str, kind: str, run: str, worker: str = "") -> str:
    """Note that a worker has begun; returns its id. ``name``: host and process. ``kind``: its purpose, in words.
    ``run``: its run in Prefect, or ''. ``worker``: its id, where it has begun before.
    """
    worker = worker or secrets.token_hex(16)
    with database.writing() as connection:
        now = database.dialect.clock(connection)
        connection.execute(delete(WORKERS).where(WORKERS.c.seen_at < now - FORGOTTEN))
        connection.execute(
            insert(WORKERS).values(worker=worker, name=name, kind=kind, run=run, started_at=now, seen_at=now)
        )
    return worker


def beat(database: Database, worker: str) -> bool:
    """Write a worker's sign of life: the time of the database's clock; false where nobody knows the worker."""
    with database.noting() as connection:
        known = connection.execute(update(WORKERS).where(WORKERS.c.worker == worker).values(seen_at=NOW))
        return bool(known.rowcount)


def _alive(now: datetime) -> ColumnElement[bool]:
    """The condition: a worker that has given a sign of life. One of a time to come is none: the clock was set back."""
    return WORKERS.c.seen_at.between(now - LEASE, now + LEASE)


def lives(database: Database, worker: str | None) -> bool:
    """Whether a worker has given a sign of life."""
    with database.reading() as connection:
        alive = select(WORKERS.c.worker).where(WORKERS.c.worker == worker, _alive(database.dialect.clock(connection)))
        return connection.execute(alive).first() is not None


def killed(database: Database, worker: str) -> None:
    """Note that a worker's process is gone: others take its jobs as if its lease had ended."""
    with database.writing() as connection:
        long_ago = database.dialect.clock(connection) - 2 * LEASE
        connection.execute(update(WORKERS).where(WORKERS.c.worker == worker).values(seen_at=long_ago))


def leave(database: Database, worker: str) -> None:
    """Note that a worker has ended; any worker can take its jobs at once."""
    with database.writing() as connection:
        held = update(JOBS).where(JOBS.c.worker == worker, JOBS.c.lease.is_not(None))
        connection.execute(held.values(lease=None, worker=None))
        connection.execute(delete(WORKERS).where(WORKERS.c.worker == worker))


def workers(database: Database) -> list[WorkerRecord]:
    """The living workers, the oldest first, each with its job, if it has one."""
    with database.reading() as connection:
        query = (
            select(WORKERS, JOBS.c.job_id, JOBS.c.name.label("drop"))
            .outerjoin(JOBS, (JOBS.c.worker == WORKERS.c.worker) & JOBS.c.lease.is_not(None))
            .where(_alive(database.dialect.clock(connection)))
            .order_by(WORKERS.c.started_at)
        )
        return [worker_of(row, row.job_id, row.drop) for row in connection.execute(query)]


# ---- jobs


_WORKER = select(WORKERS).where(WORKERS.c.worker == bindparam("of_worker"))


def take(database: Database, worker: str, limits: Limits) -> Acquired | None:
    """Take the next job for this worker; None where no job may begin."""
    with database.noting() as connection:
        database.dialect.turn(connection, "jobs")
        now = database.dialect.clock(connection)
        while (job := _next(connection, limits, now)) is not None:
            before = None if job.worker is None else connection.execute(_WORKER, {"of_worker": job.worker}).first()
            if job.attempts < ATTEMPTS or job.verdict is not None:
                lease = _assigned(database, connection, job, worker, now)
                return Acquired(lease, job, None if before is None else worker_of(before))
            why = f"it ended {job.attempts} times without getting on" + (f": {job.said}" if job.said else "")
            write_job(connection, job.job_id, {"parked": why, "lease": None, "worker": None})
    return None


def take_this(database: Database, worker: str, job: str) -> Acquired | None:
    """Take one job for a worker, before its turn; None where another has it, or it needs no worker."""
    with database.writing() as connection:
        database.dialect.turn(connection, "jobs")
        now = database.dialect.clock(connection)
        waiting = select(JOBS).where(JOBS.c.job_id == job, *NOT_FILED)
        row = connection.execute(waiting.where(nobodys(now))).first()
        if row is None:
            return None
        record = job_of(row)
        return Acquired(_assigned(database, connection, record, worker, now), record, None)


def nobodys(now: datetime) -> ColumnElement[bool]:
    """The condition: a job that no living worker has. ``now``: of the database's clock."""
    living = select(WORKERS.c.worker).where(_alive(now))
    return or_(JOBS.c.lease.is_(None), JOBS.c.worker.is_(None), JOBS.c.worker.not_in(living))


def seize(database: Database, connection: Connection, job: str, worker: str | None) -> Lease:
    """Take a job from its worker, if it has one: it was named by hand."""
    return _assigned(database, connection, the_job(connection, job), worker, database.dialect.clock(connection))


def _assigned(database: Database, connection: Connection, job: JobRecord, worker: str | None, now: datetime) -> Lease:
    """A lease of a job for a worker: the sessions of the earlier one end, and its tokens are no longer valid."""
    if job.lease is not None:
        shares = connection.execute(_TOKENS, {"of_job": job.job_id}).scalars()
        for earlier in {job.lease, *shares}:
            database.dialect.take_over(connection, job.job_id, earlier)
    lease = new(job.job_id, unbegun=job.feed_digest == "")
    if job.started_at is not None:  # in the order in which a batch locks them, so that neither waits for the other
        connection.execute(_TOKEN, {"of_job": lease.job, "token": lease.token})
    assigned = {"lease": lease.token, "worker": worker, "leased_at": now, "now": now}
    connection.execute(_ASSIGNED, {"of_job": lease.job, **assigned})
    return lease


def new(job: str, *, unbegun: bool) -> Lease:
    """A lease of a job."""
    return Lease(job, secrets.token_hex(16), unbegun)


_TOKENS = select(SHARES.c.token).where(SHARES.c.job_id == bindparam("of_job"))
_TOKEN = update(SHARES).where(SHARES.c.job_id == bindparam("of_job")).values(token=bindparam("token"))
_ASSIGNED = (
    update(JOBS)
    .where(JOBS.c.job_id == bindparam("of_job"))
    .values(
        lease=bindparam("lease"),
        worker=bindparam("worker"),
        leased_at=bindparam("leased_at"),
        started_at=func.coalesce(JOBS.c.started_at, bindparam("now", type_=Moment())),
        leased_from=JOBS.c.processed,
        progressed_at=None,
        attempts=JOBS.c.attempts + 1,
        not_before=None,
        said=None,
        parked=None,
        estimated_end=None,
    )
)


def _of(lease: Lease) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The condition: the job of a lease, if this worker still has it."""
    return JOBS.c.job_id == lease.job, JOBS.c.lease == lease.token


_OF_LEASE = update(JOBS).where(JOBS.c.job_id == bindparam("of_job"), JOBS.c.lease == bindparam("of_lease"))
_OWNED = _OF_LEASE.values(lease=bindparam("of_lease")).returning(JOBS)
_UNBEGUN = _OF_LEASE.where(JOBS.c.feed_digest == "")


def owned(database: Database, connection: Connection, lease: Lease) -> JobRecord:
    """The job of a lease, locked until the commit. Raises ``Overtaken`` where this worker no longer has it.

    The session has the job's name from here on, so a successor can end it.
    """
    database.dialect.name_session(connection, lease.job, lease.token)
    row = connection.execute(_OWNED, {"of_job": lease.job, "of_lease": lease.token}).first()
    if row is None:
        raise Overtaken(lease.lost)
    return job_of(row)


def begins(connection: Connection, lease: Lease, values: Mapping[str, Any]) -> bool:
    """Set columns of the job of a lease to values, and lock it as ``owned`` does, if nobody has begun it; false where
    somebody has, or this worker no longer has it. The session has its name.
    """
    own = {"of_job": lease.job, "of_lease": lease.token}
    return connection.execute(_UNBEGUN, {**own, **values}).rowcount == 1


def write_owned(connection: Connection, lease: Lease, values: Mapping[str, Any]) -> None:
    """Set columns of the job of a lease to values. Raises ``Overtaken`` where this worker no longer has it."""
    written = connection.execute(_OF_LEASE, {"of_job": lease.job, "of_lease": lease.token, **values})
    if written.rowcount != 1:
        raise Overtaken(lease.lost)


def mine(database: Database, lease: Lease) -> bool:
    """Whether this worker still has a job; another may take it in the next moment."""
    with database.reading() as connection:
        return connection.execute(select(JOBS.c.job_id).where(*_of(lease))).first() is not None


def release(database: Database, lease: Lease) -> None:
    """Return a job to the queue, for the next worker; nothing where another worker has it."""
    _give_back(database, lease, {"attempts": JOBS.c.attempts - 1})


def put_off(database: Database, lease: Lease, reason: str, after: timedelta) -> None:
    """Return a job that an outage has ended: that is not counted as an attempt, and the job waits for ``after``.

    ``reason``: a sentence.
    """
    text = storable(reason)
    outages = case((JOBS.c.outage == text, JOBS.c.outages + 1), else_=1)
    changes = {"attempts": JOBS.c.attempts - 1, "said": text, "outage": text, "outages": outages}
    _give_back(database, lease, changes, after)


def failed(database: Database, lease: Lease, reason: str, after: timedelta) -> None:
    """Return a job that a fault of ours has ended: it waits for ``after``, at most ``ATTEMPTS`` times."""
    _give_back(database, lease, {"said": storable(reason)}, after)


def _give_back(database: Database, lease: Lease, changes: dict[str, Any], after: timedelta = timedelta()) -> None:
    with database.writing() as connection:
        not_before = database.dialect.clock(connection) + after if after else None
        values = {"lease": None, "worker": None, "not_before": not_before} | changes
        connection.execute(update(JOBS).where(*_of(lease)).values(values))


def park(database: Database, lease: Lease, why: str) -> None:
    """Set a job aside: it waits until a person resumes it. ``why``: a sentence."""
    _give_back(database, lease, {"parked": why, "attempts": 0})


def resume(database: Database, job: str) -> bool:
    """Let a job that was set aside, or that waits after an outage, continue now; false where it does neither."""
    with database.writing() as connection:
        waits = JOBS.c.parked.is_not(None) | JOBS.c.not_before.is_not(None)
        mine = update(JOBS).where(JOBS.c.job_id == job, JOBS.c.filed_at.is_(None), waits)
        changed = connection.execute(
            mine.values(parked=None, not_before=None, attempts=0, outages=0, outage=None, said=None)
        )
        return bool(changed.rowcount)


_COLUMNS = [JOBS.c[each.name] for each in fields(UnfiledJob)]


_ALIVE = select(WORKERS.c.worker, WORKERS.c.kind).where(
    WORKERS.c.seen_at.between(bindparam("since", type_=Moment()), bindparam("until", type_=Moment()))
)
"""As ``_alive``, built once: it is asked for each job."""


def _candidates(connection: Connection, limits: Limits, now: datetime) -> tuple[list[UnfiledJob], list[UnfiledJob]]:
    """The unfiled jobs that a living worker has, and those that wait and may be next.

    Of jobs that nobody has begun, only the first few per partner and type of document are read: there may be very many,
    and the others can't be next.
    """
    unfiled = connection.execute(_BEGUN_OR_FIRST, {"at_once": limits.at_once})
    jobs = [unfiled_of(row) for row in unfiled]
    rows = connection.execute(_ALIVE, {"since": now - LEASE, "until": now + LEASE})
    alive = {row.worker: row.kind for row in rows}
    held = [job for job in jobs if job.lease is not None and alive.get(job.worker or "", BESIDE) != BESIDE]
    return held, [job for job in jobs if job.lease is None or job.worker not in alive]


def _begun_or_first() -> CompoundSelect[Any]:
    """The jobs that are begun, and of the others the first ``at_once`` of each partner and type of document."""
    order = (JOBS.c.stage, JOBS.c.ranked, JOBS.c.sequence)
    turn = func.row_number().over(partition_by=(JOBS.c.partner, JOBS.c.document), order_by=order).label("turn")
    waiting = select(JOBS.c.job_id, turn).where(WAITING).subquery()
    first = select(waiting.c.job_id).where(waiting.c.turn <= bindparam("at_once"))
    return union_all(select(*_COLUMNS).where(BEGUN), select(*_COLUMNS).where(JOBS.c.job_id.in_(first)))


_BEGUN_OR_FIRST = _begun_or_first()


def _next(connection: Connection, limits: Limits, now: datetime) -> JobRecord | None:
    held, waiting = _candidates(connection, limits, now)
    chosen = choose(held, waiting, limits, now, lambda partner: _last_turn(connection, partner))
    if chosen is None:
        return None
    return the_job(connection, chosen.job_id)


_LAST_TURN = select(func.max(JOBS.c.leased_at)).where(JOBS.c.partner == bindparam("of_partner"))


def _last_turn(connection: Connection, partner: str) -> datetime | None:
    return connection.execute(_LAST_TURN, {"of_partner": partner}).scalar()


def ready(database: Database, limits: Limits) -> int:
    """How many jobs could begin now with enough workers."""
    with database.reading() as connection:
        now = database.dialect.clock(connection)
        held, waiting = _candidates(connection, limits, now)
        count = 0
        while (chosen := choose(held, waiting, limits, now, lambda _: None)) is not None:
            count += 1
            held, waiting = [*held, chosen], [job for job in waiting if job is not chosen]
        return count


def running(database: Database) -> list[JobRecord]:
    """The jobs that a living worker is importing, the oldest first."""
    with database.reading() as connection:
        query = select(JOBS).join(WORKERS, WORKERS.c.worker == JOBS.c.worker)
        lives = _alive(database.dialect.clock(connection))
        alive = query.where(JOBS.c.verdict.is_(None), JOBS.c.lease.is_not(None), lives)
        return [job_of(row) for row in connection.execute(alive.order_by(JOBS.c.sequence))]
