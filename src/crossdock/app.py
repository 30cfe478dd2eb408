"""What a program starts with: settings → partners, site, what may be posted. The only composition root."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossdock.delivery.http import Wire
    from crossdock.partners.registry import Partners
    from crossdock.settings import Settings
    from crossdock.site import Desk


def settings(**flags: object) -> Settings:
    """The settings, with the flags that were given."""
    from crossdock.settings import Settings

    return Settings(**{name: value for name, value in flags.items() if value is not None})  # type: ignore[arg-type]  # pydantic checks them


def partners(told: Settings) -> Partners:
    """The partners that are known."""
    from crossdock.partners.registry import load

    return load(told.partners_folder, told.zone)


@contextmanager
def desk(told: Settings) -> Iterator[Desk]:
    """Where files are imported."""
    from crossdock.database import connect
    from crossdock.site import Desk

    if told.log == "json":
        from crossdock.logs import as_json

        as_json()
    known = partners(told)
    database = connect(told.url)
    try:
        yield Desk(database, known, told.home, told.settle_seconds, told.at_once)
    finally:
        database.close()


def wire(told: Settings) -> Wire:
    """What may be posted where."""
    from crossdock.delivery.http import Wire

    return Wire(told.post_hosts, str(told.post_ca) if told.post_ca else None)
