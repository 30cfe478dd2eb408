"""Commands about Prefect: all of it on this machine; a server that is told, a worker, a watcher.

They alone need Prefect, and import it when they are called.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from crossdock import exits

PORT = 4200
PAGES_PORT = 8080
Deployments = Annotated[
    Path | None,
    typer.Option("--deployments", help="A Python file of your own that says what is deployed (docs/running.md)."),
]


def prefect(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Where the server and its UI answer.")] = PORT,
    pages_port: Annotated[
        int, typer.Option("--pages-port", min=1, max=65535, help="Where the pages and the APIs answer.")
    ] = PAGES_PORT,
    deployments: Deployments = None,
) -> None:
    """A Prefect server with its UI, a worker, a watcher and the pages on this machine, until Ctrl-C; or one of these
    alone.
    """
    if context.invoked_subcommand is not None:
        return
    _installed()
    from crossdock.flows.programs import here

    here.run(port, deployments, pages_port)


def set_up(deployments: Deployments = None) -> None:
    """Tell the Prefect server what is deployed; again after each change of the settings or of a partner's pick_up."""
    with _server():
        from crossdock.flows.programs import set_up

        set_up.run(deployments)


def work(limit: Annotated[int | None, typer.Option("--limit", min=1, help="So many runs at once.")] = None) -> None:
    """A worker: it does what the server has to be done, and stops gently."""
    with _server():
        from crossdock.flows.programs import work

        work.run(limit)


def watch(deployments: Deployments = None) -> None:
    """A watcher: it looks into the drop folders, starts runs for what is ready, sends answers, keeps the forms true."""
    with _server():
        from crossdock.flows.programs import watch

        watch.run(deployments)


@contextmanager
def _server() -> Iterator[None]:
    """The Prefect server that the settings name; what goes wrong with it is a sentence."""
    _installed()
    from crossdock.flows.programs import door

    with door.server_named():
        yield


def _installed() -> None:
    package = find_spec("prefect")
    if package is None or package.origin is None:  # what pip leaves of a package that is gone has no origin
        raise exits.Usage('Prefect is not installed: pip install "crossdock[flows]"')
