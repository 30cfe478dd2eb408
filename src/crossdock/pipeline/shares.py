"""One large drop, written by several processes: each has a share of its batches, of whole documents.

The process that has the job reads and spools the drop, opens the job in shares, and closes it when all of them are
written; a share is written by whoever takes it (``write_share``): a process beside this one, or one of a cluster that
sees the same folder of the spool and the same database. A share has its own progress and its own fence, so whoever
takes it again, because the first one was killed, continues after the last committed batch of the share.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace

import cloudpickle

from crossdock.database import Database, connect
from crossdock.documents import DOCUMENTS
from crossdock.errors import Outage
from crossdock.jobs import lifecycle
from crossdock.pipeline.import_drop import stored_run
from crossdock.pipeline.run import Run, Watch, run_share

LOOK_SECONDS = 0.5
"""Seconds between two looks at the progress of the shares."""
LIVES = 3
"""How many processes a share may lose before its job is put off."""


@dataclass(frozen=True)
class ShareWork:
    """What a process needs to write a share: ``content`` is the rest of the run, for ``write_share``.

    It may be read by processes of the same version of crossdock only, which see the spool under the same path.
    """

    number: int
    content: bytes


Crew = Callable[[Sequence[ShareWork], Callable[[], None]], None]
"""Has each share written to its end, by ``write_share``. It calls its second argument about twice a second, and ends
where that raises. Raises ``Outage`` where a share can't be written.
"""


@dataclass(frozen=True)
class Sharing:
    """Into how many shares a drop is divided, and who writes them."""

    number: int
    crew: Crew

    def run(self, run: Run, watch: Watch) -> None:
        """Have the shares of a run's job written; no other process writes any more when this ends, however it ends."""
        content = cloudpickle.dumps((run.plan, run.feed, run.job, run.inputs))
        left = [ShareWork(each.number, content) for each in run.job.shares if each.next_batch < each.end]
        try:
            self.crew(left, lambda: watch(run.booked().report.progress))
        except BaseException:
            with suppress(Outage):
                lifecycle.stop_shares(run.job_database, run.job)
            raise
        watch(run.booked().report.progress)


def write_share(database: Database, work: ShareWork) -> None:
    """Take a share and write what is left of it.

    Raises ``Overtaken`` where another process has the share or another worker the job, ``Outage`` where something
    outside failed.
    """
    plan, feed, job, inputs = pickle.loads(work.content)  # noqa: S301  # of this crossdock, from Sharing.run
    feed = replace(feed, document=DOCUMENTS[feed.document.name])
    share = lifecycle.take_share(database, job, work.number)
    run_share(stored_run(plan, feed, job, database, inputs), share, lambda _: None)


@dataclass(frozen=True)
class Processes:
    """A crew of processes of this machine, one for each share; one that is killed is replaced.

    ``url``: the database's.
    """

    url: str

    def __call__(self, shares: Sequence[ShareWork], look: Callable[[], None]) -> None:
        """Write the shares side by side. Raises what a share raises."""
        with ExitStack() as open_pools:
            running = {self._started(each, open_pools): each for each in shares}
            lost = 0
            while running:
                done, _ = wait(running, LOOK_SECONDS, "FIRST_COMPLETED")
                for each in done:
                    work = running.pop(each)
                    try:
                        each.result()
                    except BrokenProcessPool as error:
                        lost += 1
                        if lost > LIVES * len(shares):
                            raise Outage("the processes that write the shares of the drop are killed") from error
                        running[self._started(work, open_pools)] = work
                look()

    def _started(self, work: ShareWork, open_pools: ExitStack) -> Future[None]:
        pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _uninterrupted)
        open_pools.callback(pool.shutdown, wait=False)
        return pool.submit(_written, self.url, work)


def _uninterrupted() -> None:
    """Ctrl-C is for the process that has the job: it lets this one end with its batch."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _written(url: str, work: ShareWork) -> None:
    database = connect(url)
    try:
        write_share(database, work)
    finally:
        database.close()
