"""The command that answers over HTTP: serve."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock import app, exits
from crossdock.cli.importing import Url


def serve(
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")] = 8080,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that answer.")] = 1,
    root_path: Annotated[
        str, typer.Option("--root-path", help="The prefix under which a proxy has it, such as /crossdock.")
    ] = "",
    database: Url = None,
) -> None:
    """Answer over HTTP: the APIs and the pages, until it is stopped. What comes in bulk is imported here, too."""
    settings = app.read_settings(database_url=database)
    try:
        from crossdock.api.serving import serve as run
    except ModuleNotFoundError as missing:
        raise exits.Usage(f"{missing.name} is not installed: pip install 'crossdock[api]'") from None
    run(settings, host, port, workers, root_path.rstrip("/"))
