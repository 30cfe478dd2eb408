"""One file, by hand, from the UI or the API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from prefect import flow, runtime
from prefect.client.schemas.objects import State

from crossdock.app import load_partners, read_settings
from crossdock.flows.at_work import at_work
from crossdock.flows.import_inbox import ended_as, work_off
from crossdock.partners.registry import Misconfigured
from crossdock.workers.by_path import submit_path

KIND = "by hand"


def _name() -> str:
    return Path(str(runtime.flow_run.parameters["path"])).name


BY_NAME = "the one that claims the file's name"


def _feeds() -> Any:
    """The feeds as a list to choose from, as the TOML files are when the flow is loaded; else any text."""
    try:
        names = [feed.name for feed in load_partners(read_settings()).feeds()]
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
    with at_work(KIND) as at:
        return ended_as(work_off(at, submit_path(at.site, at.worker, path, None if feed == BY_NAME else feed)), "")
