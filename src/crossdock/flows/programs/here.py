"""``crossdock prefect``: a Prefect server with its UI, a worker, a watcher and the pages here, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from crossdock.app import read_settings
from crossdock.errors import Outage
from crossdock.exits import Usage
from crossdock.flows.programs.server import answers, ended_by, server, watched


def run(port: int, file: Path | None, pages_port: int) -> None:
    """Start the server, deploy to it, start a worker and the pages, watch. ``file``: as in ``deployments.declared``.

    Raises ``Usage`` where another server answers on the port, ``Outage`` where one of them ends too soon: whoever
    started this can start it again.
    """
    settings = read_settings()
    if answers(port):
        raise Usage(f"another server answers on port {port}: end it, or choose another port with --port (make: PORT=…)")
    _say("starting a Prefect server …")
    stop, ends = threading.Event(), list[str]()

    def lost(sentence: str) -> None:
        ends.append(sentence)
        stop.set()

    ended_by(signal.default_int_handler)  # what has been started ends with this
    with server(settings.home / "prefect", port, lost):
        from crossdock.flows.programs import door, set_up, watch  # only now they know their server
        from crossdock.flows.programs.pages import pages
        from crossdock.flows.programs.work import worker

        with door.server_named():
            set_up.run(file)
        with (
            worker() as running,
            watched(running, "the Prefect worker has ended", lost),
            pages(settings.home, pages_port, works=False, lost=lost) as address,  # runs import, and people see them
        ):
            ended_by(lambda *_: stop.set())
            _say(
                f"the UI: http://127.0.0.1:{port}\n"
                f"the pages: {address} (sign in with a key: crossdock keys add --operator -)\n"
                f"drop files into {settings.home / 'inbox'}/<partner>/: they are imported once they have not changed "
                f"for {settings.settle_seconds:.0f} s\nCtrl-C ends it all"
            )
            watch.watch(stop, file)
    if ends:
        raise Outage(ends[0])


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
