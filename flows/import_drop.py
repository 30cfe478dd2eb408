"""One file, by hand, from the UI or the API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from prefect import flow, get_run_logger, runtime, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from crossdock.cli.saying import desk, line, partners, settings
from crossdock.inbox import import_file
from crossdock.model import Outage, Report
from crossdock.partners import Misconfigured
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
        watching.summary(found, at.database, at.home)
    return found


def _name() -> str:
    return Path(str(runtime.flow_run.parameters["path"])).name


BY_NAME = "the one that claims the file's name"


def _feeds() -> Any:
    """The feeds as a list to choose from, as the TOML files are when the flow is loaded; else any text."""
    try:
        names = [feed.name for feed in partners(settings()).feeds()]
    except Misconfigured:  # the run will say so
        return str
    return Literal[(BY_NAME, *dict.fromkeys(names))]


if TYPE_CHECKING:
    FeedName = str
else:
    FeedName = _feeds()


@flow(name="import-drop", flow_run_name=_name)
def import_drop(path: Path, feed: FeedName = BY_NAME) -> State[Any]:
    """Import one file and answer for every line of it.

    Args:
        path: The path of the file on the worker's machine, such as /srv/drops/orders.csv. The file is neither moved nor
            changed. A fix-workbook that a partner has sent back is known by itself.
        feed: How to read the file: a partner's feed of one kind of document.
    """
    found = import_one(path, path.name, None if feed == BY_NAME else feed)
    said = line(found)
    get_run_logger().info(said)
    return watching.state([found], said)
