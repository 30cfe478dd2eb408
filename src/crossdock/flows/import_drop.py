"""One file, by hand, from the UI or the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State

from crossdock.flows.at_work import at_work
from crossdock.flows.deployments import BY_NAME
from crossdock.flows.import_inbox import ended_as, work_off
from crossdock.workers.by_path import submit_path

KIND = "by hand"


def _name() -> str:
    return Path(str(runtime.flow_run.parameters["path"])).name


@flow(name="import-drop", flow_run_name=_name)
def import_drop(path: Path, feed: str = BY_NAME) -> State[Any]:
    """Import one file and answer for every line of it.

    Args:
        path: The path of the file on the worker's machine, such as /srv/drops/orders.csv. The file is neither moved nor
            changed. A fix-workbook that a partner has sent back is known by itself.
        feed: How to read the file: a partner's feed of one kind of document.
    """
    with at_work(KIND) as at:
        return ended_as(work_off(at, submit_path(at.site, at.worker, path, None if feed == BY_NAME else feed)), "")
