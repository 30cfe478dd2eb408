"""The files in the drop folders, look by look: a file is steady since the last look that found a change.

Each has the reason why it is not taken, so whoever shows what waits need not look into the folders, perhaps with other
rights. They are stored in the database, so looks of several processes, and before and after a restart, count together.
Times are the database's; a file's own time is compared, never trusted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from crossdock.database import Database
from crossdock.database.records import arrival_of
from crossdock.database.tables import ARRIVALS
from crossdock.model.job import ArrivalRecord

SAME_SECONDS = 2.0
"""Two times that differ by less are the same: a reason that stays is written once."""
KEPT = timedelta(days=30)
"""How long a taken file that could not be moved away stays noted: its share may be unmounted meanwhile."""
ELSEWHERE = timedelta(days=1)
"""How long a file stays noted in a folder into which this look does not look: another machine may have the home folder
in another place, and notes it again; or the home folder was moved.
"""


@dataclass(frozen=True)
class Lying:
    """A file in a drop folder: its partner, and what a look at it shows (``size`` in bytes, ``mtime_ns``).

    ``inode``: '' of what can't be looked at, a folder for example; what was noted of it before stays.
    """

    path: Path
    partner: str
    size: int = 0
    mtime_ns: int = 0
    inode: str = ""


@dataclass(frozen=True)
class Looked:
    """Where a look was: in the ``home`` folder and in ``folders``, but for those that are ``away``, of which nothing is
    known now.
    """

    home: Path
    folders: Collection[Path]
    away: Collection[Path]

    def misses(self, path: Path) -> bool:
        """Whether nothing is known of a path now."""
        return not set(self.away).isdisjoint(path.parents)

    def covers(self, path: Path) -> bool:
        """Whether a path would have been seen if it were still there."""
        return not {self.home, *self.folders}.isdisjoint({path, *path.parents})


@dataclass(frozen=True)
class Reason:
    """Why a file is not taken: ``kind`` and ``said`` as of an ``ArrivalRecord``; ``seconds`` until its ``until``."""

    kind: str
    said: str = ""
    seconds: float | None = None


@dataclass(frozen=True)
class Seen:
    """What the looks so far show of a file: how many seconds it is steady, which job took it, if it is stuck, and why
    it was not taken.
    """

    steady: float
    job: str | None
    reason: Reason


def note_arrivals(database: Database, lying: Collection[Lying], looked: Looked) -> dict[Path, Seen]:
    """Note the files that are there; returns what the looks show of each, by path.

    Files that are gone are forgotten, those in other places when they are old.
    """
    with database.reading() as connection:
        before = _rows(connection)
        now = database.dialect.clock(connection)
    present = {str(each.path) for each in lying}

    def is_gone(path: Path, row: Row[Any]) -> bool:
        if looked.misses(path):
            return False
        if row.job_id is None and looked.covers(path):
            return True
        return now - row.first_seen_at > (ELSEWHERE if row.job_id is None else KEPT)

    gone = [path for path, row in before.items() if path not in present and is_gone(Path(path), row)]
    changed = [each for each in lying if str(each.path) not in before or _differs(before[str(each.path)], each, now)]
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
            _reason_of(before[str(each.path)], now),
        )
        for each in lying
        if str(each.path) in before
    }


_ALL = select(ARRIVALS)
_NEW = insert(ARRIVALS)
_GONE = delete(ARRIVALS).where(ARRIVALS.c.path == bindparam("of_path"))
_MOVED = _GONE.where(ARRIVALS.c.job_id.is_(None))


def _rows(connection: Connection) -> dict[str, Row[Any]]:
    return {row.path: row for row in connection.execute(_ALL)}


def _reason_of(row: Row[Any], now: datetime) -> Reason:
    return Reason(row.kind, row.said, None if row.until is None else (row.until - now).total_seconds())


def _differs(row: Row[Any], each: Lying, now: datetime) -> bool:
    """Whether a file is another one than it was, or is noted at a time to come: the clock was set back."""
    if not each.inode:
        return False
    if row.job_id is not None:  # a share that was mounted again has other inodes
        return (row.size, row.mtime_ns) != (each.size, each.mtime_ns)
    return row.steady_since > now or (row.size, row.mtime_ns, row.inode) != (each.size, each.mtime_ns, each.inode)


def _write(
    connection: Connection, before: dict[str, Row[Any]], changed: list[Lying], gone: list[str], now: datetime
) -> None:
    new = []
    for each in changed:
        path = str(each.path)
        state = {"size": each.size, "mtime_ns": each.mtime_ns, "inode": each.inode, "steady_since": now}
        state |= {"job_id": None, "kind": "", "said": "", "until": None}
        if path not in before:
            new.append(state | {"path": path, "partner": each.partner, "first_seen_at": now})
        elif _differs(before[path], each, now):
            connection.execute(update(ARRIVALS).where(ARRIVALS.c.path == path).values(state))
    if new:
        connection.execute(_NEW, new)
    if gone:
        connection.execute(_GONE, [{"of_path": path} for path in gone])


def explain(
    database: Database, before: Mapping[Path, Seen], reasons: Mapping[Path, Reason], taken: Collection[Path]
) -> None:
    """Store why files that were noted are not taken, and forget those that are ``taken``.

    ``before``: what ``note_arrivals`` returned; a reason that is stored already is not written again.
    """
    changed = {path: each for path, each in reasons.items() if path in before and _is_new(each, before[path].reason)}
    if not changed and not taken:
        return
    with database.writing() as connection:
        database.dialect.turn(connection, "arrivals")
        _write_reasons(connection, changed, database.dialect.clock(connection))
        if taken:
            connection.execute(_MOVED, [{"of_path": str(path)} for path in taken])


def _is_new(reason: Reason, before: Reason) -> bool:
    """Whether a reason is another one, or of another time, but for what passes between two readings of the clock."""
    if (reason.kind, reason.said) != (before.kind, before.said):
        return True
    if reason.seconds is None or before.seconds is None:
        return reason.seconds is not before.seconds
    return abs(reason.seconds - before.seconds) > SAME_SECONDS


def _write_reasons(connection: Connection, reasons: Mapping[Path, Reason], now: datetime) -> None:
    mine = update(ARRIVALS).where(ARRIVALS.c.path == bindparam("of"), ARRIVALS.c.job_id.is_(None))
    rows = [
        {
            "of": str(path),
            "kind": each.kind,
            "said": each.said,
            "until": None if each.seconds is None else now + timedelta(seconds=each.seconds),
        }
        for path, each in reasons.items()
    ]
    if rows:
        connection.execute(mine, rows)


def note_failing(database: Database, below: Path, failing: Mapping[Lying, Reason]) -> None:
    """Note what is below a folder that ``note_arrivals`` does not look into, and why it is not taken; nothing else
    there is noted any more.
    """
    with database.reading() as connection:
        before, now = _rows(connection), database.dialect.clock(connection)
    mine = {path: row for path, row in before.items() if below in Path(path).parents}
    gone = sorted(set(mine) - {str(each.path) for each in failing})
    changed = {
        lying: reason
        for lying, reason in failing.items()
        if str(lying.path) not in mine or _is_new(reason, _reason_of(mine[str(lying.path)], now))
    }
    if not gone and not changed:
        return
    with database.writing() as connection:
        database.dialect.turn(connection, "arrivals")
        before, now = _rows(connection), database.dialect.clock(connection)
        _write(connection, before, list(changed), gone, now)
        _write_reasons(connection, {lying.path: reason for lying, reason in changed.items()}, now)


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
    """What is in the drop folders and is not taken, the oldest first."""
    query = select(ARRIVALS).where(ARRIVALS.c.job_id.is_(None)).order_by(ARRIVALS.c.first_seen_at)
    with database.reading() as connection:
        return [arrival_of(row) for row in connection.execute(query)]
