"""What runs, what waits, what is stuck: jobs, files and answers, as somebody wants to see them at six."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, or_, select

from crossdock.database import Database, arrivals, booking, leases, outbox
from crossdock.database.leases import LEASE
from crossdock.database.tables import JOBS, WORKERS

UNMOVED = timedelta(minutes=15)
"""A job that lives and commits nothing for so long is stalled."""


@dataclass(frozen=True)
class Partner:
    """A partner's share: documents in and failed, drops that wait and run, its last drop and when that came."""

    partner: str
    documents: int
    failed: int
    drops: int
    rejected: int
    waiting: int
    running: int
    last: str
    last_at: datetime | None


@dataclass(frozen=True)
class Overview:
    """Everything at a glance. Rows are those of the tables; ``stalled``: (row of the job, why)."""

    now: datetime
    since: datetime
    partners: tuple[Partner, ...]
    running: tuple[Row[Any], ...]
    stalled: tuple[tuple[Row[Any], str], ...]
    parked: tuple[Row[Any], ...]
    put_off: tuple[Row[Any], ...]
    unfiled: tuple[Row[Any], ...]
    alerts: tuple[Row[Any], ...]
    files: tuple[Row[Any], ...]
    unsent: tuple[Row[Any], ...]
    workers: tuple[Row[Any], ...]


def overview(database: Database, since: datetime) -> Overview:
    """What came since then, and how things stand now."""
    unfinished = JOBS.c.status.in_(booking.UNFINISHED)
    with database.reading() as connection:
        now = database.dialect.clock(connection)
        rows = connection.execute(
            select(JOBS).where(or_(JOBS.c.received_at >= since, JOBS.c.finished_at >= since, unfinished))
        ).all()
        unfiled = connection.execute(
            select(JOBS).where(JOBS.c.filed_at.is_(None), JOBS.c.place != "", JOBS.c.verdict.is_not(None))
        ).all()
        seen = {row.worker: row for row in connection.execute(select(WORKERS))}
        last = connection.execute(
            select(JOBS.c.partner, func.max(JOBS.c.sequence)).where(JOBS.c.partner != "").group_by(JOBS.c.partner)
        ).all()
        named = select(JOBS.c.partner, JOBS.c.name, JOBS.c.received_at).where(
            JOBS.c.sequence.in_([sequence for _, sequence in last])
        )
        lasts = {row.partner: row for row in connection.execute(named)}
    open_ = [row for row in rows if row.verdict is None]
    running = [row for row in open_ if row.lease is not None and _alive(seen.get(row.worker), now)]
    return Overview(
        now,
        since,
        tuple(_partners(rows, running, lasts, since)),
        tuple(sorted(running, key=lambda row: row.sequence)),
        tuple(_stalled(open_, running, seen, now)),
        tuple(row for row in open_ if row.parked is not None),
        tuple(row for row in open_ if row.not_before is not None and row.not_before > now and row.parked is None),
        tuple(row for row in unfiled if row.lease is None or not _alive(seen.get(row.worker), now)),
        tuple(row for row in rows if row.alert is not None),
        tuple(arrivals.waiting(database)),
        tuple(outbox.waiting(database)),
        tuple(leases.workers(database)),
    )


def _alive(worker: Row[Any] | None, now: datetime) -> bool:
    return worker is not None and now - worker.seen_at <= LEASE


def _partners(
    rows: list[Row[Any]] | Any, running: list[Row[Any]], lasts: dict[str, Row[Any]], since: datetime
) -> list[Partner]:
    names = sorted({row.partner for row in rows} | set(lasts))
    held = {row.job_id for row in running}
    made = []
    for name in names:
        mine = [row for row in rows if row.partner == name]
        today = [row for row in mine if row.received_at >= since or (row.finished_at and row.finished_at >= since)]
        waiting = sum(row.verdict is None and row.job_id not in held for row in mine)
        last = lasts.get(name)
        made.append(
            Partner(
                name,
                sum(row.processed - row.failing for row in today),
                sum(row.failing for row in today),
                len(today),
                sum(row.refused is not None for row in today),
                waiting,
                sum(row.job_id in held for row in mine),
                last.name if last else "",
                last.received_at if last else None,
            )
        )
    return made


def _stalled(
    open_: list[Row[Any]], running: list[Row[Any]], seen: dict[str, Row[Any]], now: datetime
) -> list[tuple[Row[Any], str]]:
    held = {row.job_id for row in running}
    found = []
    for row in open_:
        worker = seen.get(row.worker) if row.worker else None
        if row.lease is not None and row.job_id not in held and row.place:
            when = f" since {worker.seen_at:%H:%M:%S}Z" if worker else ""
            found.append((row, f"{worker.name if worker else 'its worker'} gave no sign of life{when}"))
        elif row.job_id in held and now - (row.moved_at or row.taken_at) > UNMOVED:
            found.append((row, f"nothing committed since {row.moved_at or row.taken_at:%H:%M}Z"))
    return found
