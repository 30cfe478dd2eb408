"""The door of the programs here: what was not foreseen ends in a sentence, as on the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable

import httpx
from prefect.exceptions import PrefectException
from prefect.settings import PREFECT_API_URL

from crossdock.exits import fail


def through(main: Callable[[], None]) -> None:
    """Run a program; a server or database that is away, or a mistake in the settings, is told in one line."""
    try:
        main()
    except (httpx.HTTPError, PrefectException) as error:
        sys.stderr.write(f"crossdock: {unheard(error)}\n")
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  # the door
        fail(error)


def unheard(error: Exception) -> str:
    """What is said of a Prefect server that doesn't answer as it should."""
    return f"the Prefect server at {PREFECT_API_URL.value() or '(no PREFECT_API_URL)'}: {type(error).__name__}: {error}"
