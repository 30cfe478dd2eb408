"""Numbers of interchanges that have not come, and numbers that step back: notes, never faults (contract edi.md §4).

Each pair of a sender and a receiver has a line of numbers. What came late fills its gap. A jump of more than ``MOST``
is no gap: such partners number by the clock, or have begun anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, select

from crossdock.database import Database
from crossdock.database.tables import INTERCHANGES

MOST = 100
"""Numbers that may be missing in one place."""
LAST = 999_999_999
"""The largest number that ISA13 holds; 1 follows."""


@dataclass(frozen=True)
class NumberStep:
    """A step in the numbers of an interchange's line that is not one ahead: from ``before`` to ``number``, which the
    job ``job`` brought. ``missing``: those between them that have not come; none where it steps back.
    """

    job: str
    partner: str
    line: str
    before: int
    number: int
    missing: tuple[int, ...] = ()

    @property
    def sentence(self) -> str:
        """In words."""
        if not self.missing:
            return f"number {self.number} came after {self.before} ({self.line})"
        first, last = self.missing[0], self.missing[-1]
        which = f"number {first} has" if first == last else f"{len(self.missing)} of the numbers {first} to {last} have"
        return f"{which} not come ({self.line})"


def since(database: Database, moment: datetime) -> list[NumberStep]:
    """The steps of the interchanges that were booked since then; the same interchange again is none."""
    own, earlier = INTERCHANGES.c, INTERCHANGES.alias().c
    same = [getattr(earlier, name) == getattr(own, name) for name in (*_LINE, "control", "digest")]
    again = select(earlier.job_id).where(*same, earlier.booked_at < own.booked_at)
    query = select(own.job_id, own.partner, *(own[name] for name in _LINE), own.control)
    query = query.where(own.booked_at >= moment, own.partner != "", ~again.exists())
    with database.reading() as connection:
        rows = connection.execute(query.order_by(*(own[name] for name in _LINE), own.booked_at, own.place)).all()
        numbered = [row for row in rows if row.control.isdecimal()]
        return [
            step
            for key, line in groupby(numbered, lambda row: tuple(getattr(row, name) for name in _LINE))
            for step in _steps(connection, key, list(line), moment)
        ]


_LINE = ("standard", "sender", "receiver")
"""The columns of a line of numbers."""


def _steps(
    connection: Connection, key: tuple[Any, ...], rows: Sequence[Row[Any]], moment: datetime
) -> Iterator[NumberStep]:
    """The steps of one line."""
    own = INTERCHANGES.c
    of_line = and_(*(own[name] == value for name, value in zip(_LINE, key, strict=True)))
    last = select(own.control).where(of_line, own.booked_at < moment).order_by(own.booked_at.desc()).limit(1)
    text = connection.execute(last).scalar() or ""
    before = int(text) if text.isdecimal() else None
    for row in rows:
        number = int(row.control)
        if before is None or number - before in (0, 1) or (before == LAST and number < before):
            before = number
            continue
        between = range(before + 1, number) if number - before <= MOST + 1 else range(0)
        came = _came(connection, of_line, between or [number], row)
        missing = tuple(each for each in between if each not in came)
        is_late = 0 < before - number <= MOST and number not in came
        if missing or (number < before and not is_late):
            yield NumberStep(row.job_id, row.partner, f"{row.sender} to {row.receiver}", before, number, missing)
        before = before if is_late else number


def _came(connection: Connection, of_line: ColumnElement[bool], numbers: Sequence[int], row: Row[Any]) -> set[int]:
    """Those of some numbers that came in other interchanges than this one."""
    own = INTERCHANGES.c
    ways = [text for each in numbers for text in (str(each), str(each).zfill(len(row.control)))]
    others = select(own.control).where(of_line, own.control.in_(ways), own.job_id != row.job_id)
    return {int(each) for each in connection.execute(others).scalars()}
