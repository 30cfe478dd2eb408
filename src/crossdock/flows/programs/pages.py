"""``crossdock serve`` beside Prefect: the pages and the APIs, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from crossdock.flows.programs.server import answers, ended, until_it_answers

NEEDED = "python_multipart"
"""What ``crossdock[api]`` brings and ``crossdock[flows]`` doesn't."""


@contextmanager
def pages(home: Path, port: int) -> Iterator[str]:
    """The pages of the settings on a port, as long as the context lasts: their address, or why there are none.

    Raises ``Outage`` where they don't answer.
    """
    if find_spec(NEEDED) is None:
        yield 'none: pip install "crossdock[api]"'
        return
    if answers(port):
        yield f"none: something else answers on port {port}; another one with --pages-port"
        return
    address = f"http://127.0.0.1:{port}"
    environment = os.environ | {"CROSSDOCK_API_WORKS": "false"}  # what waits is imported by runs, which people see
    command = [sys.executable, "-m", "crossdock", "serve", "--port", str(port)]
    with (home / "serve.log").open("wb") as log:
        running = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)  # noqa: S603  # our own
        with ended(running):
            until_it_answers(running, f"{address}/healthz", home / "serve.log", "the pages")
            yield f"{address}/ui"
