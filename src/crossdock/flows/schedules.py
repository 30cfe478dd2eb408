"""When nights are: one for all partners, one for each that has a time of its own; dated by the scheduler's code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from prefect.server.schemas.schedules import CronSchedule
from prefect.utilities.asyncutils import run_coro_as_sync

from crossdock.partners.partner_config import AT_ONCE, NIGHTLY
from crossdock.partners.registry import Partners
from crossdock.settings import Settings

MAIN = "nightly"
BACK = (timedelta(hours=1), timedelta(days=1), timedelta(days=8))
"""How far back a missed night is looked for, step by step."""
MANY = 1_000
"""Times in that span: an own time may come every quarter of an hour."""


@dataclass(frozen=True)
class Night:
    """A time at which files are picked up: its name, as cron in a zone, and whose files."""

    name: str
    cron: str
    zone: str
    partners: tuple[str, ...]


def schedules(settings: Settings, partners: Partners) -> list[Night]:
    """The nights there are. A partner that has its own is in no other."""
    shared = tuple(each.id for each in partners.by_id.values() if each.pick_up in (AT_ONCE, NIGHTLY))
    own = [each for each in partners.by_id.values() if each.id not in shared]
    return [
        Night(MAIN, settings.nightly, settings.zone, shared),
        *(Night(f"{MAIN}-{each.id}", each.pick_up, settings.zone, (each.id,)) for each in own),
    ]


def dates(night: Night, start: datetime, end: datetime) -> list[datetime]:
    """The times between two, in UTC. A time that the clock skips is an hour later by the wall, one that it doubles
    comes once, the first time.
    """
    schedule = CronSchedule(cron=night.cron, timezone=night.zone)
    margin = timedelta(hours=3)  # the scheduler compares wall clocks
    future = schedule.get_dates(n=MANY, start=start - margin, end=end + margin)
    times = cast("list[datetime]", run_coro_as_sync(future))
    return sorted({at for at in (each.astimezone(UTC) for each in times) if start <= at <= end})


def last_due(night: Night, now: datetime) -> datetime | None:
    """When a night was due last; None where that is long ago."""
    due_times = (dates(night, now - back, now) for back in BACK)
    return next((each[-1] for each in due_times if each), None)
