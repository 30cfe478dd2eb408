"""``make prefect``: a Prefect server with its UI, a worker and a watcher on this machine, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading

from crossdock.app import read_settings
from flows.local import server

PORT = 4200


def main() -> None:
    """Start the server, tell it what is deployed, start a worker, watch."""
    told = read_settings()
    _say("starting a Prefect server …")
    stop = threading.Event()
    with server(told.home / "prefect", PORT):
        from flows import set_up, watch  # only now they know their server
        from flows.work import worker

        set_up.main()
        with worker():
            for each in (signal.SIGTERM, signal.SIGINT):
                signal.signal(each, lambda *_: stop.set())
            _say(
                f"the UI: http://127.0.0.1:{PORT}\n"
                f"drop files into {told.home / 'inbox'}/<partner>/: they are imported once they have not changed for "
                f"{told.settle_seconds:.0f} s\nCtrl-C ends it all"
            )
            watch.watch(stop)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
