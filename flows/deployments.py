"""What is deployed, and when it runs. ``python -m flows.deployments`` serves all of it until it is stopped."""

from __future__ import annotations

from typing import Any, cast

from prefect import serve
from prefect.schedules import Cron

from crossdock.cli.saying import settings
from flows.import_drop import import_drop
from flows.import_inbox import import_inbox

AT_ONCE = 4
"""Runs that one machine carries out side by side."""


def deployments() -> list[Any]:
    """The nightly import of the inbox, also to be started at any time, and the import of one file."""
    told = settings()
    nightly = Cron(told.nightly, timezone=told.zone)
    made = [
        import_inbox.to_deployment(
            "nightly", schedule=nightly, description="Everything that waits in the drop folder."
        ),
        import_drop.to_deployment("by-hand", description="One file, by its path on the worker's machine."),
    ]
    return cast("list[Any]", made)


if __name__ == "__main__":
    serve(*deployments(), limit=AT_ONCE)
