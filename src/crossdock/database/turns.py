"""Whose turn it is: of the jobs that wait, the one that comes next.

A partner's drops come one after the other, by class and by the sequence in their names; partners are side by side, and
of several the one with the earlier class has the turn, until something has waited too long: then the one whose last
turn is longest ago. Nothing here asks the database; rows are those of the jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

AGED = timedelta(minutes=10)
"""While a drop has waited so long, partners take turns whatever the class of what they sent."""


@dataclass(frozen=True)
class Limits:
    """How many imports side by side: on this database, and of each partner. ``paused`` partners' drops wait."""

    at_once: int = 4
    of_partner: Mapping[str, int] = field(default_factory=dict)
    paused: Collection[str] = ()


def choose(
    held: list[Any], waiting: list[Any], limits: Limits, now: datetime, last_turn: Callable[[str], datetime | None]
) -> Any | None:
    """Which of the jobs that wait comes next, beside those that are held; None where none may.

    What is imported and only has to be filed comes first. Of a partner its interrupted drop, else the first by class,
    sequence and arrival; behind a drop that waits for the end of an outage its later ones wait, too (contract A7).
    """
    due = [row for row in waiting if not _waits(row, now)]
    filing = [row for row in due if row.verdict is not None]
    if filing:
        return min(filing, key=lambda row: row.sequence)
    importing = [row for row in held if row.verdict is None]
    if len(importing) >= limits.at_once:
        return None
    heads: dict[str, Any] = {}
    for row in sorted(waiting, key=_order):
        if row.verdict is None and row.parked is None and row.partner not in limits.paused:
            heads.setdefault(row.partner, row)
    free = [row for row in heads.values() if not _waits(row, now) and _has_room(row, importing, limits)]

    aged = any(now - row.received_at > AGED for row in free)

    def turn(row: Any) -> tuple[Any, ...]:
        last = last_turn(row.partner)
        return 0 if aged else row.stage, last is not None, last or now, row.sequence

    return min(free, key=turn, default=None)


def _waits(row: Any, now: datetime) -> bool:
    return row.parked is not None or (row.not_before is not None and row.not_before > now)


def _order(row: Any) -> tuple[Any, ...]:
    return row.started_at is None, row.stage, row.ranked, row.sequence


def _has_room(row: Any, importing: list[Any], limits: Limits) -> bool:
    """Whether a partner may have one more drop at work: not beyond its limit, nor beside one of an earlier class."""
    beside = [each.stage for each in importing if each.partner == row.partner]
    return len(beside) < limits.of_partner.get(row.partner, 1) and min(beside, default=row.stage) >= row.stage
