"""The way to a Prefect server: which one it is, and that it doesn't answer, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from prefect.exceptions import PrefectException
from prefect.settings import PREFECT_API_URL

from crossdock.errors import Outage
from crossdock.exits import Usage

NO_SERVER = (
    "which Prefect server? set PREFECT_API_URL, such as http://127.0.0.1:4200/api "
    "('crossdock prefect' starts one on this machine)"
)


@contextmanager
def server_named() -> Iterator[None]:
    """Talk to the server that the settings name: ``Usage`` where they name none, ``Outage`` where it doesn't answer."""
    if not PREFECT_API_URL.value():
        raise Usage(NO_SERVER)
    try:
        yield
    except (httpx.HTTPError, PrefectException) as error:
        raise Outage(unheard(error)) from error


def unheard(error: Exception) -> str:
    """What is said of a Prefect server that doesn't answer as it should."""
    return f"the Prefect server at {PREFECT_API_URL.value()}: {type(error).__name__}: {error}"
