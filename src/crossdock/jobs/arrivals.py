"""The files in the drop folders, look by look: a file is steady since the last look that found a change.

They are stored in the database, so looks of several processes, and before and after a restart, count together. Times
are the database's; a file's own time is compared, never trusted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from crossdock.database import Database
from crossdock.database.records import arrival_of
from crossdock.database.tables import ARRIVALS
from crossdock.model.job import ArrivalRecord

KEPT = timedelta(days=30)
"""How long a taken file that could not be moved away stays noted: its share may be unmounted meanwhile."""


@dataclass(frozen=True)
class Lying:
    """A file in a drop folder: its partner, and what a look at it shows (``size`` in bytes, ``mtime_ns``)."""

    path: Path
    partner: str
    size: int
    mtime_ns: int
    inode: str


@dataclass(frozen=True)
class Seen:
    """What the looks so far show of a file: how many seconds it is steady, and which job took it, if it is stuck."""

    steady: float
    job: str | None


def note_arrivals(database: Database, lying: Collection[Lying], away: Iterable[Path]) -> dict[Path, Seen]:
    """Note the files that are there; returns what the looks show of each, by path.

    Files that are gone are forgotten, except those in folders that are ``away``.
    """
    with database.reading() as connection:
        before = _rows(connection)
        now = database.dialect.clock(connection)
    kept = {str(folder) for folder in away}
    present = {str(each.path) for each in lying}
    gone = [path for path, row in before.items() if path not in present and str(Path(path).parent) not in kept
            and (row.job_id is None or now - row.first_seen_at > KEPT)]  # fmt: skip
    changed = [each for each in lying if str(each.path) not in before or _differs(before[str(each.path)], each)]
    if gone or changed:
        with database.writing() as connection:
            database.dialect.turn(connection, "arrivals")
            before, now = _rows(connection), database.dialect.clock(connection)
            _write(connection, before, changed, gone, now)
            before = _rows(connection)
    return {
        each.path: Seen(
            (now - before[str(each.path)].steady_since).total_seconds(),
            before[str(each.path)].job_id,
        )
        for each in lying
        if str(each.path) in before
    }


def _rows(connection: Connection) -> dict[str, Row[Any]]:
    return {row.path: row for row in connection.execute(select(ARRIVALS))}


def _differs(row: Row[Any], each: Lying) -> bool:
    same = (row.size, row.mtime_ns) == (each.size, each.mtime_ns)
    return not same or (
        row.job_id is None and row.inode != each.inode
    )  # a share that was mounted again has other inodes


def _write(
    connection: Connection, before: dict[str, Row[Any]], changed: list[Lying], gone: list[str], now: datetime
) -> None:
    for each in changed:
        path = str(each.path)
        state = {"size": each.size, "mtime_ns": each.mtime_ns, "inode": each.inode, "steady_since": now, "job_id": None}
        if path not in before:
            connection.execute(
                insert(ARRIVALS).values(state | {"path": path, "partner": each.partner, "first_seen_at": now})
            )
        elif _differs(before[path], each):
            connection.execute(update(ARRIVALS).where(ARRIVALS.c.path == path).values(state))
    for path in gone:
        connection.execute(delete(ARRIVALS).where(ARRIVALS.c.path == path))


def stuck(connection: Connection, lying: Lying, job: str) -> bool:
    """Note that ``job`` took a file that can't be moved away; false where another worker has taken it, or it has
    changed.
    """
    mine = update(ARRIVALS).where(
        ARRIVALS.c.path == str(lying.path),
        ARRIVALS.c.job_id.is_(None),
        ARRIVALS.c.size == lying.size,
        ARRIVALS.c.mtime_ns == lying.mtime_ns,
    )
    return connection.execute(mine.values(job_id=job)).rowcount == 1


def waiting(database: Database) -> list[ArrivalRecord]:
    """The files in the drop folders that are not taken, the oldest first."""
    query = select(ARRIVALS).where(ARRIVALS.c.job_id.is_(None)).order_by(ARRIVALS.c.first_seen_at)
    with database.reading() as connection:
        return [arrival_of(row) for row in connection.execute(query)]
