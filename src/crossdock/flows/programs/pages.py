"""``crossdock serve`` beside Prefect: the pages and the APIs, as a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from crossdock.flows.programs.server import answering, answers

NEEDED = "fastapi_offline"
"""What ``crossdock[api]`` alone brings."""


@contextmanager
def pages(home: Path, port: int) -> Iterator[str]:
    """The pages of the settings on a port, as long as the context lasts: their address, or why there are none.

    What waits is imported by runs, which people see. Raises ``Outage`` where the pages don't answer.
    """
    if find_spec(NEEDED) is None:
        yield 'none: pip install "crossdock[api]"'
        return
    if answers(port):
        yield f"none: something else answers on port {port}; another one with --pages-port"
        return
    address, words = f"http://127.0.0.1:{port}", ("crossdock", "serve", "--port", str(port))
    with answering(words, f"{address}/healthz", home / "serve.log", "the pages", CROSSDOCK_API_WORKS="false"):
        yield f"{address}/ui"
