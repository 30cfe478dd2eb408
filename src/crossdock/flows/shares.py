"""The shares of a large drop, written by the workers of a Dask cluster: each share is a task of a run of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.context import TaskRunContext

from crossdock.app import open_site, read_settings
from crossdock.errors import Misused, Outage
from crossdock.pipeline.shares import LOOK_SECONDS, ShareWork, write_share


@task(name="write-share", task_run_name="share {work.number}", cache_policy=NO_CACHE)
def _write_share(work: ShareWork) -> None:
    """Write a share on a machine of the cluster, which has the settings of crossdock in its own environment."""
    with open_site(read_settings()) as site:
        write_share(site.database, work)


@dataclass(frozen=True)
class Cluster:
    """A crew: the workers of a Dask cluster. Where one is gone, Dask gives its share to another.

    ``scheduler``: its address, such as ``tcp://dask:8786``.
    """

    scheduler: str

    def __call__(self, shares: Sequence[ShareWork], look: Callable[[], None]) -> None:
        """Write the shares side by side. Raises what a share raises, ``Outage`` where the cluster is gone, ``Misused``
        where prefect-dask isn't installed.
        """
        try:
            from distributed.client import FutureCancelledError
            from distributed.scheduler import KilledWorker
            from prefect_dask.task_runners import DaskTaskRunner
        except ImportError as error:
            raise Misused("the setting dask needs more: pip install 'crossdock[dask]'") from error

        here = _Here(shares, look)

        @flow(name="write-shares", task_runner=DaskTaskRunner(address=self.scheduler))
        def write_shares() -> None:
            left: list[Any] = [_write_share.submit(each) for each in here.shares]
            while left:
                left[0].wait(LOOK_SECONDS)
                done = [each for each in left if each.wrapped_future.done()]
                for each in done:
                    each.result()
                left = [each for each in left if each not in done]
                here.look()

        # the task of the drop would go to the cluster as well, and what it holds can't: an open database
        without_the_task = copy_context()
        without_the_task.run(TaskRunContext.__var__.set, None)  # type: ignore[arg-type]  # as TaskRunContext.get has it
        try:
            without_the_task.run(write_shares)
        except (FutureCancelledError, KilledWorker) as error:  # its scheduler has ended, or a worker after the other
            raise Outage(f"the Dask cluster at {self.scheduler} is gone: {error}") from error


class _Here:
    """What a flow has on this machine only: Prefect sends the flow along with each task, and this stays behind."""

    def __init__(self, shares: Sequence[ShareWork] = (), look: Callable[[], None] = lambda: None) -> None:
        self.shares, self.look = shares, look

    def __reduce__(self) -> tuple[type[_Here], tuple[()]]:
        return _Here, ()
