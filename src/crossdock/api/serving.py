"""The server process: settings → a site, an app, uvicorn."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from crossdock import app as composition
from crossdock.api.door.state import Options
from crossdock.api.door.turns import Loads
from crossdock.api.health import MULTIPROCESS
from crossdock.api.limits import share
from crossdock.api.server import create_app
from crossdock.api.upgrades import Http1
from crossdock.errors import Outage
from crossdock.exits import endings
from crossdock.logs import as_text
from crossdock.registers import sealed
from crossdock.scratch import scratch_folder

if TYPE_CHECKING:
    from crossdock.settings import Settings

LOADS = "bodies"
"""The file of the processes' loads, beside their figures."""
GRACE_SECONDS = 20
"""How long a server that is told to stop waits for open requests: who kills it then has more patience."""


def serve(settings: Settings, host: str, port: int, workers: int, root_path: str) -> None:
    """Answer over HTTP until a signal comes. Raises ``Outage`` where it can't listen there, or its app can't start.

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
    try:
        with suppress(KeyboardInterrupt):
            if workers > 1:
                with composition.open_site(settings):  # what keeps every process from starting is said once
                    _options_of(settings)
                _run_several(config)
            else:
                _run_alone(config)
    except SystemExit:
        raise Outage(f"the server does not start on {host}, port {port}: what is above says why") from None


def _run_alone(config: uvicorn.Config) -> None:
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        raise SystemExit(STARTUP_FAILURE)


def _run_several(config: uvicorn.Config) -> None:
    """Processes that share a socket, and a folder for their figures; they end with this one."""
    with scratch_folder() as figures:
        os.environ[MULTIPROCESS] = str(figures)
        Loads.make(figures / LOADS, config.workers)
        listening = config.bind_socket()
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else an answer waits 40 ms for an ACK
        on_hang_up = _on_hang_up()
        several = Multiprocess(config, sockets=[listening])
        signal.signal(signal.SIGHUP, on_hang_up)  # uvicorn starts the processes anew, without their terminal
        several.run()
    if any(each.exitcode == STARTUP_FAILURE for each in several.processes):
        raise SystemExit(STARTUP_FAILURE)


def _on_hang_up() -> Callable[[int, FrameType | None], None] | signal.Handlers:
    """What a server does when its terminal is closed: what SIGTERM does; under ``nohup`` it goes on."""
    if signal.SIGHUP not in endings():
        return signal.SIG_IGN
    return lambda *_: signal.raise_signal(signal.SIGTERM)


def _end_after(parent: BaseProcess) -> None:
    """End as SIGTERM does once the parent is gone: else nobody could end this process, and the port stayed taken."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _options_of(settings: Settings) -> Options:
    """The settings of the API. Raises ``Misused`` where the sealing key is none."""
    key = settings.api_sealing_key
    sealer = sealed.sealer(key.get_secret_value()) if key else None
    source = (lambda: settings.partners_folder, lambda: composition.load_partners(settings))
    return Options(settings.api_per_minute, sealer, settings.api_works, source)


def _from_environment() -> FastAPI:
    """The app of the settings in the environment; its database is open as long as the process lives."""
    signal.signal(signal.SIGHUP, _on_hang_up())
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()
    settings = composition.read_settings()
    site = ExitStack().enter_context(composition.open_site(settings))
    loads = None if parent is None else Loads(Path(os.environ[MULTIPROCESS]) / LOADS)
    return create_app(site, replace(_options_of(settings), loads=loads))
