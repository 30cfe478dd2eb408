"""A Prefect server on this machine: for ``crossdock prefect``, the demo and the tests."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from crossdock.errors import Outage
from crossdock.exits import endings

START_SECONDS = 180
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING",
}


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether something on this machine answers on a port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
"""Of ``prctl``: the signal that a process gets when its parent ends (``linux/prctl.h``)."""
Lost = Callable[[str], None]
"""What is told where a program ends before its time: a sentence."""


def nobody(_: str) -> None:
    """Who needn't know."""


def ended_by(handler: Callable[[int, FrameType | None], None]) -> None:
    """Let a handler answer what asks a program to end.

    The programs that this process starts have sessions of their own: only this process ends them.
    """
    for each in endings():
        signal.signal(each, handler)


def ends_with_its_parent() -> None:
    """Have this process told to end (SIGTERM) when what has started it is killed: else nobody would, and a port that it
    has stays taken. For a program that is about to start; the thread that starts it must last as long. On Linux.
    """
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


@contextmanager
def server(home: Path, port: int, lost: Lost = nobody, **more: str) -> Iterator[str]:
    """A Prefect server whose history is under ``home``; yields its API's URL and ends the server afterwards.

    While it runs, this process and its children talk to it (``PREFECT_API_URL``). ``more``: settings of Prefect.
    """
    home.mkdir(parents=True, exist_ok=True)
    url = f"http://127.0.0.1:{port}/api"
    own = QUIET | {"PREFECT_HOME": str(home), "PREFECT_API_URL": url} | more
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    words = ("prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port))
    try:
        with answering(words, f"{url}/health", home / "server.log", "the Prefect server", lost):
            try:
                yield url
            finally:
                _send_logs()
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def answering(
    words: Sequence[str], url: str, log: Path, called: str, lost: Lost = nobody, **more: str
) -> Iterator[None]:
    """A program of this Python (``python -m …``) that answers at a URL, as long as the context lasts.

    ``log``: where its output goes; ``called``: what people call it; ``more``: of its environment. Raises ``Outage``
    where it ends at once, or takes too long.
    """
    with log.open("wb") as file:
        command, environment = [sys.executable, "-m", *words], os.environ | more
        running = subprocess.Popen(command, env=environment, stdout=file, stderr=file, start_new_session=True,  # noqa: S603  # our own
                                   preexec_fn=ends_with_its_parent)  # fmt: skip  # noqa: PLW1509  # one call of the kernel
        with ended(running):
            _await(running, url, log, called)
            with watched(running, f"{called} has ended; see {log}", lost):
                yield


@contextmanager
def watched(running: subprocess.Popen[Any], sentence: str, lost: Lost) -> Iterator[None]:
    """Tell where a process ends while the context lasts."""
    over = threading.Event()

    def wait() -> None:
        running.wait()
        if not over.is_set():
            lost(sentence)

    threading.Thread(target=wait, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _send_logs() -> None:
    """What flows logged in this process, while the server is still there to take it."""
    if "prefect" in sys.modules:
        from prefect.logging.handlers import APILogHandler  # only where a flow ran

        APILogHandler().flush()


def _await(running: subprocess.Popen[bytes], url: str, log: Path, called: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if running.poll() is not None:
            raise Outage(f"{called} ended at once; see {log}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # our own server
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise Outage(f"{called} did not answer within {START_SECONDS} s; see {log}")


@contextmanager
def ended(running: subprocess.Popen[Any]) -> Iterator[subprocess.Popen[Any]]:
    """A process that leads a session of its own: it and whatever it started end with the context."""
    try:
        yield running
    finally:
        try:
            os.killpg(running.pid, signal.SIGTERM)
            running.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
        except ProcessLookupError:
            pass
