"""What runs, waits or is stuck: jobs, files and answers, for a person in the morning, and as figures for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, func, or_, select

from crossdock.database import Database, standing
from crossdock.database.records import job_of, worker_of
from crossdock.database.standing import HeldJob, Standing
from crossdock.database.tables import BEGUN, FAILURES, JOBS, OUTBOX, WORKERS
from crossdock.jobs import answer_queue, arrivals, booking, leases
from crossdock.jobs.leases import BESIDE, LEASE
from crossdock.jobs.scheduling import is_put_off
from crossdock.model.job import FAILS, ArrivalRecord, JobRecord, QueuedAnswer, WorkerRecord
from crossdock.model.report import COUNTED
from crossdock.registers import confirmations, control_gaps
from crossdock.registers.confirmations import ConfirmationRecord
from crossdock.registers.control_gaps import NumberStep

OFTEN = 5
"""After so many attempts (four minutes for an answer) a person should look."""
UNMOVED = timedelta(minutes=15)
"""A living job that commits nothing for this time is stalled, and so is one that waits while nobody works."""
LATELY = timedelta(days=1)
"""Failures of jobs that came since then are counted for machines."""

HELD = 20
"""How many jobs with documents on hold, and how many rejected drops, an overview names."""
NUMBERS = 5
"""How many documents on hold it names of a job."""


@dataclass(frozen=True)
class Partner:
    """A partner's counts: where its documents stand, drops that came, wait, run; its last drop and when that came."""

    partner: str
    documents: Standing
    drops: int
    waiting: int
    running: int
    last: str
    last_at: datetime | None


@dataclass(frozen=True)
class Stalled:
    """A job that doesn't get on: why, and since when, if that is known."""

    job: JobRecord
    why: str
    since: datetime | None


@dataclass(frozen=True)
class Overview:
    """The overview since ``since``. ``zone``: whose clocks are shown.

    ``held`` and ``rejected``: the newest jobs that are on hold or rejected now, whenever they came. ``on_hold``: how
    many documents, and how many drops, there are of both. ``confirmations``: what partners said of answers of ours.
    ``steps``: in the numbers of their interchanges.
    """

    now: datetime
    since: datetime
    zone: ZoneInfo
    partners: tuple[Partner, ...]
    held: tuple[HeldJob, ...]
    rejected: tuple[JobRecord, ...]
    on_hold: tuple[int, int]
    running: tuple[JobRecord, ...]
    stalled: tuple[Stalled, ...]
    parked: tuple[JobRecord, ...]
    put_off: tuple[JobRecord, ...]
    stuck: tuple[JobRecord, ...]
    unfiled: tuple[JobRecord, ...]
    alerts: tuple[JobRecord, ...]
    files: tuple[ArrivalRecord, ...]
    unsent: tuple[QueuedAnswer, ...]
    workers: tuple[WorkerRecord, ...]
    confirmations: tuple[ConfirmationRecord, ...] = ()
    steps: tuple[NumberStep, ...] = ()

    @property
    def failing(self) -> tuple[ArrivalRecord, ...]:
        """The files and folders that can't be read, or not be taken."""
        return tuple(file for file in self.files if file.kind == FAILS)

    @property
    def needs_somebody(self) -> bool:
        """Whether something here does not come right by itself, or has been tried again and again."""
        unsent = any(each.ended == answer_queue.GIVEN_UP or each.attempts >= OFTEN for each in self.unsent)
        unfiled = any(job.outages >= OFTEN for job in self.unfiled)
        return bool(self.stalled or self.parked or self.stuck or self.failing) or unsent or unfiled


def today(zone: ZoneInfo) -> datetime:
    """The moment at which today has begun in a zone."""
    return datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def overview(database: Database, since: datetime, zone: ZoneInfo) -> Overview:
    """What came since ``since``, and the state of all jobs, files, answers and workers now; times as in ``zone``."""
    unfinished = JOBS.c.status.in_(booking.UNFINISHED)
    lately = or_(JOBS.c.received_at >= since, JOBS.c.finished_at >= since)
    named = select(JOBS).where(or_(unfinished, and_(lately, JOBS.c.alert.is_not(None))))
    imported = select(JOBS).where(BEGUN, JOBS.c.verdict.is_not(None))
    with database.reading() as connection:
        now = database.dialect.clock(connection)
        jobs = [job_of(row) for row in connection.execute(named)]
        unfiled = [job_of(row) for row in connection.execute(imported)]
        workers = {row.worker: worker_of(row) for row in connection.execute(select(WORKERS))}
        lasts, drops = _last_drops(connection), _drops(connection, since)
    open_ = [job for job in jobs if job.verdict is None]
    running = [job for job in open_ if job.lease is not None and _alive(job, workers, now)]
    put_off = [job for job in open_ if job.parked is None and is_put_off(job, now)]
    return Overview(
        now,
        since,
        zone,
        tuple(_partners(open_, running, lasts, drops, standing.standings(database, since))),
        tuple(standing.held_jobs(database, HELD, NUMBERS)),
        tuple(standing.rejected_jobs(database, HELD)),
        standing.totals(database),
        tuple(sorted(running, key=lambda job: job.sequence)),
        tuple(_stalled(open_, running, workers, now)),
        tuple(job for job in open_ if job.parked is not None),
        tuple(job for job in put_off if not job.stuck),
        tuple(job for job in put_off if job.stuck),
        tuple(job for job in unfiled if job.lease is None or not _alive(job, workers, now)),
        tuple(job for job in jobs if job.alert is not None),
        tuple(arrivals.waiting(database)),
        tuple(answer_queue.waiting(database)),
        tuple(leases.workers(database)),
        tuple(confirmations.since(database, since)),
        tuple(control_gaps.since(database, since)),
    )


def _last_drops(connection: Connection) -> dict[str, tuple[str, datetime]]:
    """The last drop of each partner, and when it came."""
    of_each = select(func.max(JOBS.c.sequence)).where(JOBS.c.partner != "").group_by(JOBS.c.partner)
    newest = list(connection.execute(of_each).scalars())
    named = select(JOBS.c.partner, JOBS.c.name, JOBS.c.received_at).where(JOBS.c.sequence.in_(newest))
    return {row.partner: (row.name, row.received_at) for row in connection.execute(named)}


def _drops(connection: Connection, since: datetime) -> Counter[str]:
    """How many drops came since then, by partner. Counted here: to group them, SQLite would read all that ever came."""
    came = select(JOBS.c.partner).where(JOBS.c.received_at >= since, JOBS.c.replays.is_(False))
    return Counter(connection.execute(came).scalars())


def _alive(job: JobRecord, workers: Mapping[str, WorkerRecord], now: datetime) -> bool:
    """Whether the worker of a job lives."""
    worker = workers.get(job.worker or "")
    return worker is not None and _lives(worker, now)


def _lives(worker: WorkerRecord, now: datetime) -> bool:
    return abs(now - worker.seen_at) <= LEASE


def _partners(
    open_: Sequence[JobRecord],
    running: Sequence[JobRecord],
    lasts: Mapping[str, tuple[str, datetime]],
    drops: Counter[str],
    documents: Mapping[str, Standing],
) -> list[Partner]:
    at_work = Counter(job.partner for job in running)
    unfinished = Counter(job.partner for job in open_)
    return [
        Partner(
            name,
            documents.get(name, Standing()),
            drops[name],
            unfinished[name] - at_work[name],
            at_work[name],
            *lasts.get(name, ("", None)),
        )
        for name in sorted({*unfinished, *drops, *lasts})
    ]


def _stalled(
    open_: Sequence[JobRecord], running: Sequence[JobRecord], workers: Mapping[str, WorkerRecord], now: datetime
) -> list[Stalled]:
    held = {job.job_id for job in running}
    stalled = []
    for job in open_:
        worker = workers.get(job.worker or "")
        got_on = job.progressed_at or job.leased_at
        if job.lease is not None and job.job_id not in held and job.path:
            why = f"{worker.name if worker else 'its worker'} gave no sign of life"
            stalled.append(Stalled(job, why, worker.seen_at if worker else None))
        elif job.job_id in held and got_on is not None and now - got_on > UNMOVED:
            stalled.append(Stalled(job, "nothing committed", got_on))
    at_it = [each for each in workers.values() if each.kind != BESIDE and _lives(each, now)]
    left = [job for job in open_ if job.lease is None and job.parked is None and not is_put_off(job, now) and job.path]
    oldest = min(left, key=lambda job: job.received_at, default=None)
    if oldest is not None and not at_it and now - oldest.received_at > UNMOVED:
        stalled.append(
            Stalled(oldest, f"no worker is there to import it, of {len(left):,} that wait", oldest.received_at)
        )
    return stalled


@dataclass(frozen=True)
class Ended:
    """The jobs that ended until a moment (None: none): how many by verdict, and their documents by what was done."""

    until: datetime | None = None
    jobs: Mapping[str, int] = field(default_factory=dict)
    documents: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Gauges:
    """Figures of what was imported, what failed, what waits.

    ``jobs``: by verdict, '' where it has none yet; ``documents``: by what was done; ``failures``: errors of the last
    day by code. ``oldest_seconds``: how long the oldest unfinished job waits; ``unsent``: answers to deliver.
    ``ended``: what need not be counted the next time.
    """

    jobs: Mapping[str, int]
    documents: Mapping[str, int]
    failures: dict[str, int]
    oldest_seconds: float
    unsent: int
    ended: Ended


SETTLED = timedelta(hours=1)
"""A job that ended so long ago is committed: how it ended is counted once, however many there are."""


def gauges(database: Database, ended: Ended = Ended()) -> Gauges:
    """The figures as of now. ``ended``: what was counted before."""
    with database.reading() as connection:
        now = database.dialect.clock(connection)
        settled = _counted(connection, ended, now - SETTLED)
        every = _counted(connection, settled, now)
        open_ = select(func.count(), func.min(JOBS.c.received_at)).where(JOBS.c.status.in_(booking.UNFINISHED))
        waiting, since = connection.execute(open_).one()
        recent = select(JOBS.c.job_id).where(JOBS.c.received_at >= now - LATELY)
        of_code = select(FAILURES.c.code, func.sum(FAILURES.c.times).label("times"))
        lately = of_code.where(FAILURES.c.severity == "error", FAILURES.c.job_id.in_(recent))
        failures = {row.code: int(row.times) for row in connection.execute(lately.group_by(FAILURES.c.code))}
        unsent = connection.execute(select(func.count()).where(OUTBOX.c.ended.is_(None))).scalar() or 0
    return Gauges(
        {**every.jobs, **({"": waiting} if waiting else {})},
        every.documents,
        failures,
        (now - since).total_seconds() if since else 0.0,
        unsent,
        settled,
    )


def _counted(connection: Connection, ended: Ended, until: datetime) -> Ended:
    """What ended until a moment: what is counted already, and what ended since."""
    sums = [func.coalesce(func.sum(JOBS.c[f"documents_{name}"]), 0).label(name) for name in COUNTED]
    since = () if ended.until is None else (JOBS.c.finished_at > ended.until,)
    of_verdict = select(JOBS.c.verdict, func.count().label("jobs"), *sums).where(JOBS.c.finished_at <= until, *since)
    rows = connection.execute(of_verdict.group_by(JOBS.c.verdict)).all()
    jobs = Counter(ended.jobs) + Counter({row.verdict: row.jobs for row in rows})
    documents = {name: ended.documents.get(name, 0) + sum(int(getattr(row, name)) for row in rows) for name in COUNTED}
    return Ended(until, jobs, documents)
