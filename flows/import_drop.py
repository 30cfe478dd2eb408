"""One file, by hand, from the UI or the API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from prefect import flow, get_run_logger, runtime, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from pydantic import Field

from crossdock.cli.saying import desk, line, settings
from crossdock.inbox import import_file
from crossdock.model import Outage, Report
from flows import watching

RETRIES = 3
RETRY_SECONDS: list[float] = [10, 60, 300]


def is_outage(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Retry what may be gone in a minute (a lock, a lost connection), never bad input: that has its answer."""
    ended = state.result(raise_on_failure=False)
    return isinstance(ended, Outage | OSError) and not isinstance(ended, FileNotFoundError)


@task(
    task_run_name="{name}",
    retries=RETRIES,
    retry_delay_seconds=RETRY_SECONDS,
    retry_condition_fn=is_outage,
    cache_policy=NO_CACHE,
)
def import_one(path: Path, name: str, feed: str | None) -> Report:
    """Import one file that was named by hand."""
    with desk(settings()) as at:
        found = import_file(at, path, feed, watching.progress(name))
        watching.summary(found, at.database)
    return found


def _name() -> str:
    return Path(str(runtime.flow_run.parameters["path"])).name


@flow(name="import-drop", flow_run_name=_name)
def import_drop(
    path: Annotated[Path, Field(description="The file on the worker's machine. It is neither moved nor changed.")],
    feed: Annotated[str | None, Field(description="PARTNER/DOCUMENT; empty: the feed that claims the name.")] = None,
) -> State[Any]:
    """Import one file and answer for every line of it."""
    found = import_one(path, path.name, feed or None)
    said = line(found)
    get_run_logger().info(said)
    return watching.state([found], said)
