"""A working process: its sign of life, from a thread of its own, and how it is stopped."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self

from crossdock.database import Database
from crossdock.errors import Outage, Overtaken, Stopped
from crossdock.jobs import leases
from crossdock.jobs.leases import BEAT_SECONDS, LEASE
from crossdock.logs import LOG
from crossdock.model.report import Progress


class Worker:
    """A process that takes jobs: the others see its sign of life, which ends with the process.

    ``kind``: its purpose, in words (``by hand``, ``drop folder``). ``run``: its run in Prefect, or ''. ``why_aside``:
    called when it must stop: why its job waits for a person, or None: another worker continues it. ``attended``: a
    person waits for its jobs, and gets their errors; else the log does.
    """

    def __init__(
        self,
        database: Database,
        kind: str,
        run: str = "",
        why_aside: Callable[[], str | None] = lambda: None,
        *,
        attended: bool = False,
    ) -> None:
        self.id = ""
        self.stopping = threading.Event()
        self.why_aside = why_aside
        self.attended = attended
        self._database, self._kind, self._run = database, kind, run
        self._ended = threading.Event()
        self._seen = time.monotonic()
        self._thread = threading.Thread(target=self._beats, name="crossdock-beat", daemon=True)

    def __enter__(self) -> Self:
        self.id = leases.enter(self._database, f"{socket.gethostname()}:{os.getpid()}", self._kind, self._run)
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
                leases.beat(self._database, self.id)
                self._seen = time.monotonic()
            except Exception as error:  # noqa: BLE001  # whatever it is, the next one may succeed
                LOG.warning("no sign of life: %s: %s", type(error).__name__, error)

    def watching(self, watch: Callable[[Progress], None]) -> Callable[[Progress], None]:
        """``watch``, which between batches also checks whether this worker must stop, or counts as dead.

        It raises ``Stopped`` or ``Overtaken`` then.
        """

        def between(at: Progress) -> None:
            watch(at)
            if self.stopping.is_set() and at.processed < at.total:
                raise Stopped
            if time.monotonic() - self._seen > LEASE.total_seconds():
                raise Overtaken("the worker could give no sign of life: others may have its job by now")

        return between

    @contextmanager
    def stopped_by(self, *signals: signal.Signals) -> Iterator[None]:
        """Signals stop the worker between batches while the context lasts; in the main thread only.

        A second signal interrupts it at once.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(_signal: int, _frame: FrameType | None) -> None:
            if self.stopping.is_set():
                raise KeyboardInterrupt
            self.stopping.set()

        before: dict[signal.Signals, Any] = {each: signal.signal(each, stop) for each in signals}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
