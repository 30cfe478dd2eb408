"""The face of crossdock for Python programs: check a file, import a file, read what became of it.

Everything here is imported from the package itself (``import crossdock``); all other modules are private by convention.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from crossdock import app
from crossdock.database import Database
from crossdock.errors import Misused
from crossdock.jobs import queries
from crossdock.model.job import JobRecord
from crossdock.model.report import Report
from crossdock.reports import acknowledgement, detailed, text
from crossdock.site import Site
from crossdock.workers.by_path import check_file as check_by_path
from crossdock.workers.by_path import import_file as import_by_path
from crossdock.workers.work import nobody

FAILURE_COLUMNS = {
    "line": "Int64",
    "place": "str",
    "column": "str",
    "field": "str",
    "value": "str",
    "code": "str",
    "severity": "str",
    "message": "str",
    "hint": "str",
    "setting": "str",
}
"""The columns of ``Job.failures`` and their dtypes."""


@dataclass(frozen=True)
class Job:
    """One import of one file, or one dry run, and everything that can be asked about it."""

    record: JobRecord
    database: Database
    zone: ZoneInfo

    @property
    def report(self) -> Report:
        """How it ended: ``verdict``, ``status``, ``books``, counts of documents and lines."""
        return self.record.report

    def failures(self) -> pd.DataFrame:
        """What is wrong, one row per failure; a warning that was met many times is one row.

        Columns: ``line`` (Int64, the record's place in the file; missing for the file as a whole), ``place`` (that
        place in words), ``column`` (in the partner's own words), ``field`` (our name), ``value`` (as sent), ``code``,
        ``severity`` ("error" or "warning"), ``message``, ``hint`` (what would be right).
        """
        rows = self.as_json()["failures"]
        cells = {name: [row[name] for row in rows] for name in FAILURE_COLUMNS}
        return pd.DataFrame(cells).astype(FAILURE_COLUMNS)

    def acknowledgements(self) -> list[dict[str, Any]]:
        """What the partner is answered, in the shape of ``failedOrders``: one object per business unit."""
        answers = acknowledgement.answers(self.record, self.database)
        return [json.loads("".join(acknowledgement.body(self.record, each, self.database))) for each in answers]

    def as_json(self) -> dict[str, Any]:
        """The detailed report as an object (docs/reports.md)."""
        report: dict[str, Any] = json.loads("".join(detailed.detailed(self.record, self.database)))["data"]
        return report

    def as_text(self) -> str:
        """The report as a person reads it."""
        return "\n".join(text.text(self.record, self.database))

    def write_fix_workbook(self, path: Path | str) -> bool:
        """Write the documents that were not accepted as a workbook to correct; False if there is nothing to correct."""
        from crossdock.delivery.answer_files import write_fix_workbook  # loading openpyxl takes a third of a second

        return write_fix_workbook(self.record, self.database, Path(path), self.zone)


@contextmanager
def open_site(
    home: Path | str | None = None, *, database_url: str | None = None, partners: Path | str | None = None
) -> Iterator[Site]:
    """Where files are imported: a database, partners, a home folder for work, archive and answers.

    What is left out comes from the environment and ``crossdock.toml``, as for the commands (docs/running.md). Raises
    ``Misused`` where the database isn't one, ``Outage`` where it does not answer, ``Misconfigured`` where a partner's
    TOML is wrong.
    """
    flags = {"home": home, "database_url": database_url, "partners": partners}
    with app.open_site(app.read_settings(**flags)) as site:
        yield site


def import_file(site: Site, path: Path | str, feed: str | None = None) -> list[Job]:
    """Import a file; it stays where it is.

    ``feed``: as ``partner/feed``; else the feed that claims the file by its name. Returns the job of the file, then
    those of the members of an archive, and of held documents that a list has brought in. Raises ``FileNotFoundError``
    where there is no file, ``Outage`` where something outside failed: importing the file again continues where it
    stopped.
    """
    others: list[Report] = []
    first = import_by_path(site, Path(path), feed, nobody, others.append)
    return [find_job(site, each.job) for each in (first, *others)]


@contextmanager
def check_file(site: Site, path: Path | str, feed: str | None = None) -> Iterator[Iterator[Job]]:
    """The dry run: the jobs that ``import_file`` would return; nothing is written.

    Each can be asked while the context lasts.
    """
    url = site.database.url.render_as_string(hide_password=False)
    with check_by_path(site.partners, url, Path(path), feed, zone=site.zone) as checked:
        yield (Job(queries.one(checked.books, report.job), checked.books, site.zone) for report in checked.reports)


def find_job(site: Site, job: str) -> Job:
    """A job by its id. Raises ``Misused`` where there is none."""
    record = queries.find(site.database, job)
    if record is None:
        raise Misused(f"there is no job {job}")
    return Job(record, site.database, site.zone)


def recent_jobs(site: Site, limit: int = 20) -> list[Job]:
    """The newest jobs, newest first."""
    return [Job(record, site.database, site.zone) for record in queries.recent(site.database, limit)]


def list_feeds(site: Site) -> pd.DataFrame:
    """The feeds that are known, one row each: ``feed`` (``partner/feed``), ``document``, ``files`` (the names that it
    claims), ``format``, ``zone``; all text.
    """
    known = list(site.partners.feeds())
    return pd.DataFrame(
        {
            "feed": [feed.name for feed in known],
            "document": [feed.document.name for feed in known],
            "files": [" ".join(feed.keys.files) for feed in known],
            "format": [feed.keys.format or "by content" for feed in known],
            "zone": [feed.zone.key for feed in known],
        },
        dtype="str",
    )
