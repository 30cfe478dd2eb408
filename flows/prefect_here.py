"""``make prefect``: a local Prefect server with its UI, serving the deployments until Ctrl-C."""

from __future__ import annotations

import sys

from crossdock.cli.saying import settings
from flows.local import server

PORT = 4200


def main() -> None:
    """Start the server, then serve."""
    home = settings().home
    sys.stdout.write("starting a Prefect server …\n")
    sys.stdout.flush()
    with server(home / "prefect", PORT):
        from prefect import serve  # only now it knows its server

        from flows.deployments import AT_ONCE, deployments

        inbox = home / "inbox"
        sys.stdout.write(
            f"the UI: http://127.0.0.1:{PORT}\ndrop files into {inbox}/<partner>/: they are imported nightly, "
            "or when you run import-inbox/nightly in the UI\nCtrl-C ends it all\n"
        )
        sys.stdout.flush()
        serve(*deployments(), limit=AT_ONCE)


if __name__ == "__main__":
    main()
