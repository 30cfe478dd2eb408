"""Which nightly imports have begun: a missed night is imported later, once only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select, update

from crossdock.database import Database
from crossdock.database.tables import NIGHTS


def begin(database: Database, schedule: str, due: datetime, run: str) -> bool:
    """Begin the night that was due at ``due``; false where it has begun already. Without a ``run`` it is only noted."""
    with database.writing() as connection:
        database.dialect.turn(connection, "nights")
        mine = (NIGHTS.c.schedule == schedule, NIGHTS.c.due_at == due)
        before = connection.execute(select(NIGHTS.c.run).where(*mine)).first()
        if before is not None and (before.run or not run):
            return False
        now = database.dialect.clock(connection)
        if before is not None:  # it is noted as due, and no run has it
            connection.execute(update(NIGHTS).where(*mine).values(run=run, begun_at=now))
            return True
        connection.execute(insert(NIGHTS).values(schedule=schedule, due_at=due, begun_at=now, run=run))
        return True


def last(database: Database, schedule: str, now: datetime) -> datetime | None:
    """When the last night that is noted or has begun was due; None where there is none. One that is still to come
    doesn't count: the clock was wrong when it was noted.
    """
    before = (NIGHTS.c.schedule == schedule, NIGHTS.c.due_at <= now)
    with database.reading() as connection:
        return connection.execute(select(func.max(NIGHTS.c.due_at)).where(*before)).scalar()
