"""What is deployed, when it runs, how many at once: all of it, in one place. ``flows.set_up`` tells the server."""

from __future__ import annotations

from dataclasses import dataclass

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.schedules import Cron, Schedule

from crossdock.partners.registry import Partners
from crossdock.settings import Settings
from flows.schedules import schedules

POOL = "crossdock"
HEARTBEAT_SECONDS = 30
"""A run's sign of life to Prefect; less is not possible."""
ENVIRONMENT = {
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
    "PREFECT_LOGGING_EXTRA_LOGGERS": "crossdock",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}
SWEEP = "*/10 * * * *"
"""When the drop folders are looked into though no watcher said so."""
INBOX = "import-inbox/drop-folder"
NIGHT = "nightly/nightly"


@dataclass(frozen=True)
class Deployed:
    """One deployment: which flow, its name, when, and how many of its runs at once (more wait).

    The drop folder needs no limit: how many imports are at work is told by the leases.
    """

    entrypoint: str
    name: str
    description: str
    schedules: tuple[Schedule, ...] = ()
    limit: int | None = None

    @property
    def at_once(self) -> ConcurrencyLimitConfig | None:
        """The limit as Prefect takes it."""
        if self.limit is None:
            return None
        return ConcurrencyLimitConfig(limit=self.limit, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)


def deployments(told: Settings, partners: Partners) -> list[Deployed]:
    """The drop folder, the nights, one file by hand, held documents once more, a job that was set aside."""
    nights = tuple(
        Cron(each.cron, timezone=each.zone, slug=each.name, parameters={"schedule": each.name})
        for each in schedules(told, partners)
    )
    return [
        Deployed(
            "flows/import_inbox.py:import_inbox",
            "drop-folder",
            "Files as they become complete; started by the watcher, and every ten minutes.",
            (Cron(SWEEP, timezone="UTC", slug="sweep"),),
        ),
        Deployed(
            "flows/nightly.py:nightly", "nightly", "Everything that waits, and the last day on one page.", nights, 1
        ),
        Deployed("flows/import_drop.py:import_drop", "by-hand", "One file, by its path on the worker's machine."),
        Deployed("flows/replay.py:replay", "replay", "Held documents once more.", limit=1),
        Deployed("flows/replay.py:resume", "resume", "A job that was cancelled or set aside goes on."),
    ]
