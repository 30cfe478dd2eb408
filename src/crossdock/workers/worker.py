"""A working process: its sign of life, from a thread of its own, and how it is stopped."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, Self

from crossdock.database import Database
from crossdock.errors import Outage, Overtaken, Stopped
from crossdock.exits import INTERRUPTED
from crossdock.jobs import leases
from crossdock.jobs.leases import BEAT_SECONDS, LEASE
from crossdock.logs import LOG
from crossdock.model.report import Progress

if TYPE_CHECKING:
    from crossdock.pipeline.shares import Crew

STOP_SECONDS, END_SECONDS = 2.5, 4.5
"""Seconds after a signal until a worker stops amid a batch, and until its process ends because it can't."""


class Worker:
    """A process that takes jobs: the others see its sign of life, which ends with the process.

    ``kind``: its purpose, in words (``by hand``, ``drop folder``). ``run``: its run in Prefect, or ''. ``why_aside``:
    called when it must stop: why its job waits for a person, or None: another worker continues it. ``attended``: a
    person waits for its jobs, and gets their errors; else the log does. ``writes_reports``: beside each drop in the
    archive; else they are written when somebody asks (``crossdock report``).
    ``crew``: who writes the shares of a drop that is divided; None: processes beside this one.
    """

    def __init__(
        self,
        database: Database,
        kind: str,
        run: str = "",
        why_aside: Callable[[], str | None] = lambda: None,
        *,
        attended: bool = False,
        writes_reports: bool = True,
        crew: Crew | None = None,
    ) -> None:
        self.id = ""
        self.stopping = threading.Event()
        self.why_aside = why_aside
        self.attended = attended
        self.writes_reports = writes_reports
        self.crew = crew
        self._database = database
        self._named = (f"{socket.gethostname()}:{os.getpid()}", kind, run)
        self._ended, self._stopped = threading.Event(), threading.Event()
        self._seen = time.monotonic()
        self._owed: deque[Callable[[], None]] = deque()
        self._thread = threading.Thread(target=self._beats, name="crossdock-beat", daemon=True)

    def __enter__(self) -> Self:
        self.id = leases.enter(self._database, *self._named)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        try:
            leases.leave(self._database, self.id)
        except Outage:
            LOG.warning("the worker could not say that it ended: what it held is free after %s", LEASE)

    def _beats(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            try:
                self.beat()
                self._seen = time.monotonic()
            except Exception as error:  # noqa: BLE001  # whatever it is, the next one may succeed
                LOG.warning("no sign of life: %s: %s", type(error).__name__, error)

    def beat(self) -> None:
        """Give a sign of life. A database that is an older one, put back or taken over, doesn't know this worker."""
        if not leases.beat(self._database, self.id):
            leases.enter(self._database, *self._named, self.id)
        while self._owed:
            self._owed[0]()
            self._owed.popleft()

    def gives_back(self, give: Callable[[], None]) -> None:
        """Give a job back: where the database doesn't answer, with the next sign of life that it takes. Else nobody
        could continue the job as long as this worker lives.
        """
        try:
            give()
        except Outage:
            LOG.warning("the job could not be given back yet: it is tried again")
            self._owed.append(give)

    def watching(self, watch: Callable[[Progress], None]) -> Callable[[Progress], None]:
        """``watch``, which between batches also checks whether this worker must stop, or counts as dead.

        It raises ``Stopped`` or ``Overtaken`` then.
        """

        def between(at: Progress) -> None:
            watch(at)
            if self.stopping.is_set() and at.processed < at.total:
                self._stops()
                raise Stopped
            if time.monotonic() - self._seen > LEASE.total_seconds():
                raise Overtaken("the worker could give no sign of life: others may have its job by now")

        return between

    def _stops(self) -> None:
        """It stops in good order: nothing more is needed."""
        if not self._stopped.is_set():
            self._stopped.set()
            signal.setitimer(signal.ITIMER_REAL, 0)

    @contextmanager
    def stopped_by(self, *signals: signal.Signals) -> Iterator[None]:
        """Signals stop the worker while the context lasts; in the main thread only.

        It stops between two batches, or after ``STOP_SECONDS`` wherever it is, by ``Stopped``. Where that can't be
        raised for so long, because one call of a library takes longer, the process ends at once (``END_SECONDS``):
        whatever it did is continued as after a kill. A second signal interrupts it at once.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(_signal: int, _frame: FrameType | None) -> None:
            if self.stopping.is_set():
                raise KeyboardInterrupt
            self.stopping.set()
            signal.setitimer(signal.ITIMER_REAL, STOP_SECONDS)

        def stop_here(_signal: int, _frame: FrameType | None) -> None:
            self._stops()
            raise Stopped

        handlers = dict.fromkeys(signals, stop) | {signal.SIGALRM: stop_here}
        before: dict[signal.Signals, Any] = {each: signal.signal(each, handler) for each, handler in handlers.items()}
        arrivals, wakeup = os.pipe()
        os.set_blocking(wakeup, False)
        woken_before = signal.set_wakeup_fd(wakeup)
        threading.Thread(target=_end_unless, args=(self._stopped, arrivals, signals), daemon=True).start()
        try:
            yield
        finally:
            self._stops()
            signal.set_wakeup_fd(woken_before)
            os.close(wakeup)
            for each, handler in before.items():
                signal.signal(each, handler)


def _end_unless(stopped: threading.Event, arrivals: int, signals: Sequence[signal.Signals]) -> None:
    """End the process ``END_SECONDS`` after one of the signals, unless it has stopped by then.

    Handlers of signals run between two steps of Python, so amid a long call of a library none runs. ``arrivals``: a
    pipe with the numbers of the signals that came; it is closed here.
    """
    with open(arrivals, "rb", buffering=0) as numbers:
        while number := numbers.read(1):
            if number[0] in signals and not stopped.wait(END_SECONDS):
                os._exit(INTERRUPTED)
