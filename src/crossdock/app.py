"""What a program starts with: settings → partners, site, permissions to post. The only composition root."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from crossdock.database import Database
    from crossdock.delivery.http import Wire
    from crossdock.partners.registry import Partners
    from crossdock.settings import Settings
    from crossdock.site import Site


def read_settings(**flags: object) -> Settings:
    """The settings, with the flags that are not None (``Settings``' fields). Raises pydantic's ``ValidationError``."""
    from crossdock.settings import Settings

    return Settings(**{name: value for name, value in flags.items() if value is not None})  # type: ignore[arg-type]  # pydantic checks them


def environment(settings: Settings) -> dict[str, str]:
    """The settings as variables of the environment, for processes that are started."""
    from crossdock.settings import as_environment

    return as_environment(settings)


def load_partners(settings: Settings) -> Partners:
    """The partners in the settings' folder; those whose TOML has a mistake are ``broken``.

    Raises ``Misconfigured`` where there is no such folder.
    """
    from crossdock.partners.registry import load_each

    return load_each(settings.partners_folder, settings.zone)


@contextmanager
def open_site(settings: Settings) -> Iterator[Site]:
    """The site of the settings; its database is open while the context lasts.

    Raises ``Misused`` or ``Outage`` as ``database.connect`` does, ``Misconfigured`` as ``load_partners`` does.
    """
    from crossdock.database import connect
    from crossdock.site import Site

    if settings.log == "json":
        from crossdock.logs import as_json

        as_json()
    partners = load_partners(settings)
    database = connect(settings.url)
    try:
        _say_if_lost(database, settings.home)
        yield Site(
            database,
            partners,
            settings.home,
            settings.settle_seconds,
            settings.at_once,
            settings.unfinished,
            settings.zone_info,
            settings.shares,
            settings.share_above,
            settings.edi_folder,
        )
    finally:
        database.close()


def _say_if_lost(database: Database, home: Path) -> None:
    """Warn of a database without any job where the archive has files of some: it was lost, moved, or is another one,
    and all that comes would be new. So warn of a home folder without an archive where the database has filed jobs.
    """
    from crossdock.jobs import queries
    from crossdock.logs import LOG

    filed = [folder for folder in (home / "archive", home / "rejected") if next(folder.glob("*/*"), None) is not None]
    latest = queries.recent(database, 1)
    if filed and not latest:
        LOG.warning(
            "the database has no job, and %s has files of earlier ones: if it is not the right one, or was lost, put "
            "it back before anything is imported; what came before is unknown to it",
            filed[0],
        )
    if not filed and any(job.filed_at for job in latest):
        LOG.warning(
            "the database has jobs whose files were filed, and %s has none of them: is it the right home folder, and "
            "is its share mounted?",
            home,
        )


def open_wire(settings: Settings) -> Wire:
    """The wire for posts to the hosts that the settings allow."""
    from crossdock.delivery.http import Wire

    return Wire(settings.post_hosts, str(settings.post_ca) if settings.post_ca else None)
