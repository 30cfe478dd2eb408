"""What is deployed, when it runs, how many at once: all of it, in one place. ``programs.set_up`` tells the server.

The flows are named by their modules, so that a worker finds them wherever crossdock is installed. A file of somebody's
own may declare more (``flows/deployments.py`` of a checkout is one).
"""

from __future__ import annotations

import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.schedules import Cron, Schedule

from crossdock.errors import Misused
from crossdock.flows.schedules import schedules
from crossdock.partners.registry import Partners
from crossdock.settings import Settings

HEARTBEAT_SECONDS = 30
"""A run's sign of life to Prefect; less is not possible."""
ENVIRONMENT = {
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
    "PREFECT_LOGGING_EXTRA_LOGGERS": "crossdock",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}
SWEEP_MINUTES = 10
SWEEP = f"*/{SWEEP_MINUTES} * * * *"
"""When the drop folders are looked into though no watcher said so."""
INBOX = "import-inbox/drop-folder"
NIGHT = "nightly/nightly"


EVERY_PARTNER = "every partner"
BY_NAME = "the one that claims the file's name"
Choices = Callable[[Partners], list[str]]
"""What a field of a form offers: by the partners that there are."""


def _feeds_to_choose(partners: Partners) -> list[str]:
    """The feeds of a form, first the one that is found by the file's name."""
    return [BY_NAME, *dict.fromkeys(feed.name for feed in partners.feeds())]


def _partners_to_choose(partners: Partners) -> list[str]:
    """The partners of a form, first all of them."""
    return [EVERY_PARTNER, *partners.by_id]


@dataclass(frozen=True)
class Deployed:
    """One deployment: which flow, its name, when, and how many of its runs at once (more wait).

    The entrypoint is ``package.module.flow`` of what is installed where workers run; or ``file.py:flow`` with the
    folder that the file is in, the same on every machine. The drop folder needs no limit: how many imports are at
    work is told by the leases. ``choices``: what the fields of its form offer, by parameter; the watcher keeps it true.
    """

    entrypoint: str
    name: str
    description: str
    schedules: tuple[Schedule, ...] = ()
    limit: int | None = None
    folder: Path | None = None
    choices: Mapping[str, Choices] = field(default_factory=dict)

    @property
    def at_once(self) -> ConcurrencyLimitConfig | None:
        """The limit as Prefect takes it."""
        if self.limit is None:
            return None
        return ConcurrencyLimitConfig(limit=self.limit, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)


def deployments(settings: Settings, partners: Partners) -> list[Deployed]:
    """The drop folder, the nights, one file by hand, held documents once more, a job that was set aside."""
    nights = tuple(
        Cron(each.cron, timezone=each.zone, slug=each.name, parameters={"schedule": each.name})
        for each in schedules(settings, partners)
    )
    return [
        Deployed(
            "crossdock.flows.import_inbox.import_inbox",
            "drop-folder",
            "Files as they become complete; started by the watcher, and every ten minutes.",
            (Cron(SWEEP, timezone="UTC", slug="sweep"),),
            choices={"partners": lambda partners: list(partners.by_id)},
        ),
        Deployed(
            "crossdock.flows.nightly.nightly",
            "nightly",
            "Everything that waits, and the last day on one page.",
            nights,
            1,
        ),
        Deployed(
            "crossdock.flows.import_drop.import_drop",
            "by-hand",
            "One file, by its path on the worker's machine.",
            choices={"feed": _feeds_to_choose},
        ),
        Deployed(
            "crossdock.flows.replay.replay",
            "replay",
            "Documents on hold once more.",
            limit=1,
            choices={"partner": _partners_to_choose},
        ),
        Deployed("crossdock.flows.replay.resume", "resume", "A job that was cancelled or set aside continues."),
    ]


Declared = Callable[[Settings, Partners], list[Deployed]]
"""What ``deployments`` is: by the settings and the partners, everything that is deployed."""


def declared(file: Path | None) -> Declared:
    """What is deployed: the function ``deployments`` of a file, else the one here. Raises ``Misused`` without one."""
    if file is None:
        return deployments
    if not file.is_file():
        raise Misused(f"{file} is not there: nothing was deployed")
    function: Declared | None = runpy.run_path(str(file)).get("deployments")
    if function is None:
        raise Misused(f"{file} has no function 'deployments(settings, partners)': nothing was deployed")
    return function
