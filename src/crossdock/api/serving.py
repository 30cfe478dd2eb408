"""The server process: settings → a site, an app, uvicorn."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from crossdock import app as composition
from crossdock.api.door.state import Options
from crossdock.api.health import MULTIPROCESS
from crossdock.api.limits import share
from crossdock.api.server import create_app
from crossdock.api.upgrades import Http1
from crossdock.logs import as_text
from crossdock.registers import sealed
from crossdock.scratch import scratch_folder

if TYPE_CHECKING:
    from crossdock.settings import Settings

GRACE_SECONDS = 20
"""How long a server that is told to stop waits for open requests: who kills it then has more patience."""


def serve(settings: Settings, host: str, port: int, workers: int, root_path: str) -> None:
    """Answer over HTTP until a signal comes. Raises ``SystemExit`` where it can't listen there.

    ``root_path``: the prefix under which a proxy has it, and which it takes off or leaves.
    """
    if settings.log == "text":
        as_text(settings.zone_info)
    of_each = settings.model_copy(update={"api_per_minute": share(settings.api_per_minute, workers)})
    os.environ.update(composition.environment(of_each))
    config = uvicorn.Config(
        f"{__name__}:{_from_environment.__name__}",
        factory=True,
        http=Http1,
        host=host,
        port=port,
        workers=workers,
        root_path=root_path,
        access_log=False,
        server_header=False,
        log_level="info" if settings.log == "text" else "warning",  # info says at which address it answers
        h11_max_incomplete_event_size=64 << 10,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    with suppress(KeyboardInterrupt):
        if workers > 1:
            _run_several(config)
        else:
            _run_alone(config)


def _run_alone(config: uvicorn.Config) -> None:
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        raise SystemExit(STARTUP_FAILURE)


def _run_several(config: uvicorn.Config) -> None:
    """Processes that share a socket, and a folder for their figures."""
    with scratch_folder() as figures:
        os.environ[MULTIPROCESS] = str(figures)
        listening = config.bind_socket()
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else an answer waits 40 ms for an ACK
        Multiprocess(config, sockets=[listening]).run()


def _options_of(settings: Settings) -> Options:
    """The settings of the API. Raises ``Misused`` where the sealing key is none."""
    key = settings.api_sealing_key
    sealer = sealed.sealer(key.get_secret_value()) if key else None
    source = (lambda: settings.partners_folder, lambda: composition.load_partners(settings))
    return Options(settings.api_per_minute, sealer, settings.api_works, source)


def _from_environment() -> FastAPI:
    """The app of the settings in the environment; its database is open as long as the process lives."""
    settings = composition.read_settings()
    site = ExitStack().enter_context(composition.open_site(settings))
    return create_app(site, _options_of(settings))
