"""``crossdock prefect work``: a worker of the home's pool that stops gently; else the same as ``prefect worker start``.

Prefect's own worker kills its runs when it is told to stop. This one takes no new ones, lets those that run come to the
end of their batch and say in which state they end, and then goes. What they leave, other workers continue with at once.
Runs work in folders of their own, so a worker tells them its settings, however it has come by them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from crossdock.app import read_settings
from crossdock.flows import homes
from crossdock.flows.programs.server import ended_by, ends_with_its_parent
from crossdock.settings import as_environment

GENTLE_SECONDS = 25.0
"""For so long runs may take to come to the end of their batch."""
QUERY_SECONDS = "3"
"""How often the server is asked for runs."""


def run(limit: int | None) -> None:
    """Work until SIGTERM, Ctrl-C or the end of the terminal. ``limit``: so many runs at once."""
    stop = threading.Event()
    ended_by(lambda *_: stop.set())
    with worker(*(() if limit is None else ("--limit", str(limit)))) as running:
        while running.poll() is None and not stop.wait(1.0):
            pass


@contextmanager
def worker(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of the home's pool as long as the context lasts. ``arguments``: more of ``prefect worker start``."""
    settings = read_settings()
    environment = {"PREFECT_WORKER_QUERY_SECONDS": QUERY_SECONDS, **os.environ, **as_environment(settings)}
    options = ["--pool", homes.pool(settings), "--type", "process", *arguments]
    command = [sys.executable, "-m", "prefect", "worker", "start", *options]
    running = subprocess.Popen(command, env=environment, start_new_session=True,  # noqa: S603  # our own
                               preexec_fn=ends_with_its_parent)  # fmt: skip  # noqa: PLW1509  # one call of the kernel
    try:
        yield running
    finally:
        if running.poll() is None:
            _stop(psutil.Process(running.pid))
        running.wait()


def _stop(running: psutil.Process) -> None:
    """No new runs, then a word to those that run, then the end."""
    with suppress(psutil.Error):
        _runs_first(running)
    for each in [*_children(running), running]:
        with suppress(psutil.Error):
            each.kill()


def _children(running: psutil.Process) -> list[psutil.Process]:
    try:
        return running.children(recursive=True)
    except psutil.Error:
        return []


def _runs_first(running: psutil.Process) -> None:
    running.suspend()
    runs = [each for each in running.children(recursive=True) if "prefect.engine" in " ".join(_command(each))]
    for each in runs:
        with suppress(psutil.Error):
            each.terminate()
    until = time.monotonic() + GENTLE_SECONDS
    while time.monotonic() < until and not all(map(_gone, runs)):
        time.sleep(0.1)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _gone(process: psutil.Process) -> bool:
    """Whether a run has ended: its parent sleeps and doesn't hear of it."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True
