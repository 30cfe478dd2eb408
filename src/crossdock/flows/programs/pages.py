"""``crossdock serve`` as a process beside another program: the pages and the APIs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from crossdock.flows.programs.server import Lost, answering, answers, nobody

NEEDED = "fastapi_offline"
"""What ``crossdock[api]`` alone brings."""


@contextmanager
def pages(home: Path, port: int, *, works: bool, lost: Lost = nobody) -> Iterator[str]:
    """The pages of the settings on a port, as long as the context lasts: their address, or why there are none.

    ``works``: they also import what is uploaded; else workers beside them must. Raises ``Outage`` where the pages don't
    answer.
    """
    if find_spec(NEEDED) is None:
        yield 'none: pip install "crossdock[api]"'
        return
    if answers(port):
        yield f"none: something else answers on port {port}; another one with --pages-port"
        return
    address, words = f"http://127.0.0.1:{port}", ("crossdock", "serve", "--port", str(port))
    with answering(words, f"{address}/healthz", home / "serve.log", "the pages", lost, CROSSDOCK_API_WORKS=str(works)):
        yield f"{address}/ui"
