"""Acknowledgements that partners send us: kept as they came, with the job that they name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from crossdock.database import Database
from crossdock.database.tables import JOBS, RECEIVED_ACKS


@dataclass(frozen=True)
class ReceivedAck:
    """An acknowledgement: ``known`` says whether the job that it names is one of that partner's."""

    number: int
    job_id: str
    known: bool
    status: str
    body: str
    received_at: datetime


def receive(database: Database, partner: str, job_id: str, status: str, body: str) -> None:
    """Keep an acknowledgement, whatever job it names."""
    with database.writing() as connection:
        database.dialect.turn(connection, "received_acks")
        mine = select(JOBS.c.job_id).where(JOBS.c.job_id == job_id, JOBS.c.partner == partner)
        row = {
            "number": (connection.execute(select(func.max(RECEIVED_ACKS.c.number))).scalar() or 0) + 1,
            "partner": partner,
            "job_id": job_id,
            "known": connection.execute(mine).first() is not None,
            "status": status,
            "body": body,
            "received_at": database.dialect.clock(connection),
        }
        connection.execute(insert(RECEIVED_ACKS).values(row))


def received(database: Database, partner: str, job_id: str | None, limit: int) -> list[ReceivedAck]:
    """The newest acknowledgements of a partner, of one job or of all."""
    columns = RECEIVED_ACKS.c
    query = select(RECEIVED_ACKS).where(columns.partner == partner)
    if job_id is not None:
        query = query.where(columns.job_id == job_id)
    with database.reading() as connection:
        rows = connection.execute(query.order_by(columns.number.desc()).limit(limit)).all()
    return [ReceivedAck(row.number, row.job_id, row.known, row.status, row.body, row.received_at) for row in rows]
