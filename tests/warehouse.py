"""A home folder, its database and its partners: where tests bring files in, and read what became of them.

There are two entries. ``run`` imports a text, or a file, at once and on its own: for what an import does. ``drop`` puts
a file into the folder of a partner, and ``work`` lets one worker import whatever waits there: for what happens around
an import. Both use the same database; ``rows``, ``lines``, ``stored`` and ``jobs`` read it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text, update

from crossdock import bundled
from crossdock.database import Database
from crossdock.database.tables import ARRIVALS, JOBS, LEVELS, WORKERS
from crossdock.intake import drop_folders
from crossdock.intake.recognise import open_drop
from crossdock.jobs import leases, queries
from crossdock.model.drop import Drop
from crossdock.model.job import JobRecord
from crossdock.model.report import Report
from crossdock.partners import registry
from crossdock.partners.feed import Feed
from crossdock.pipeline.dry_run import rehearse
from crossdock.pipeline.import_drop import import_drop
from crossdock.pipeline.run import Terms
from crossdock.pipeline.staging.plan import BATCH_BYTES
from crossdock.reports import acknowledgement, detailed
from crossdock.reports import text as full
from crossdock.reports.excel.fix_workbook import write_fix_workbook
from crossdock.site import Site
from crossdock.workers.work import Ended, jobs_waiting, run_job
from crossdock.workers.worker import Worker

TODAY = date(2026, 11, 22)
PARTNER = """
id = "{name}"
zone = "Europe/Berlin"
business_units = ["BU1", "BU2"]
{top}
[[feed]]
document = "sales_order"
files = "orders*"
constants = {{ businessUnitId = "BU1", currency = "EUR", "shipTo.locationId" = "S1" }}
{keys}
[[feed]]
document = "sku"
files = "sku*"
constants = {{ businessUnitId = "BU1" }}
"""
HEADER = "customerOrderNumber,customerLineNumber,skuId,quantity"
SKU = "skuId,name,description1,isActive,upc"


def csv(*rows: str, header: str = HEADER) -> str:
    """A file of those rows."""
    return "\n".join([header, *rows]) + "\n"


def partner(
    home: Path, name: str = "acme", *, top: str = "", keys: str = "", after: str = "", whole: str | None = None
) -> None:
    """Write the TOML of a partner: its own lines, those of its first feed, tables behind all; or the whole TOML."""
    folder = home / "partners"
    folder.mkdir(parents=True, exist_ok=True)
    toml = PARTNER.format(name=name, top=top, keys=keys) + after if whole is None else whole
    (folder / f"{name}.toml").write_text(toml, encoding="utf-8")


def feed(home: Path, keys: str = "", top: str = "", whole: str | None = None) -> Feed:
    """The first feed of the partner acme, whose TOML is written as ``partner`` does."""
    partner(home, keys=keys, top=top, whole=whole)
    return next(registry.load(home / "partners", "UTC").feeds())


def house(document: str) -> Feed:
    """The feed of the shipped partner ``house`` for a document: our own names."""
    return registry.load(bundled.folder("partners"), "UTC").named(f"house/{document}")


def worked_off(site: Site) -> list[Ended]:
    """Everything that waits in the drop folders, imported by one worker; how each ended."""
    with Worker(site.database, "test") as worker:
        return [run_job(site, worker, taken) for taken in jobs_waiting(site, worker)]


def drop_of(path: Path, of: Feed) -> Drop:
    """The drop that a file is, read by that feed."""
    drop = open_drop(path, registry.Partners({of.partner: registry.Partner(of.partner, "", (of,))}), feed=of.name)
    assert isinstance(drop, Drop)
    return drop


@dataclass
class Result:
    """An import and what can be read of it afterwards."""

    report: Report
    database: Database
    job: str

    @property
    def row(self) -> JobRecord:
        return queries.one(self.database, self.job)

    @property
    def acks(self) -> list[dict[str, Any]]:
        answers = acknowledgement.answers(self.row, self.database)
        return [json.loads("".join(acknowledgement.body(self.row, each, self.database)))["data"] for each in answers]

    @property
    def ack(self) -> dict[str, Any]:
        assert len(self.acks) == 1
        return self.acks[0]

    @property
    def failed(self) -> dict[str, str]:
        return {each["customerOrderNumber"]: each["message"] for each in self.ack["failedOrders"]}

    @property
    def failures(self) -> list[dict[str, Any]]:
        return list(json.loads("".join(detailed.detailed(self.row, self.database)))["data"]["failures"])

    @property
    def errors(self) -> list[tuple[int, str, str]]:
        """(line, column, code) of each error."""
        return [(f["line"], f["column"] or "", f["code"]) for f in self.failures if f["severity"] == "error"]

    @property
    def warnings(self) -> list[str]:
        return [each["code"] for each in self.failures if each["severity"] == "warning"]

    @property
    def text(self) -> str:
        return "\n".join(full.text(self.row, self.database))


@dataclass
class Warehouse:
    """A home folder and its database; its partners are made as tests need them."""

    database: Database
    home: Path
    settle: float = 0.0

    # ---- a text or a file, imported on its own

    def feed(self, keys: str = "", top: str = "", whole: str | None = None) -> Feed:
        return feed(self.home, keys, top, whole)

    def run(
        self,
        content: str | bytes | Path,
        of: Feed | None = None,
        *,
        name: str = "orders.csv",
        batch_bytes: int = BATCH_BYTES,
    ) -> Result:
        path = self.file(content, name)
        terms = Terms(TODAY, batch_bytes)
        report = import_drop(drop_of(path, of or self.feed()), self.database, inputs=terms)
        assert report.books.balanced
        if report.verdict is not None and report.refused is None:
            assert report.books.read == self.row(report.job).records
        return Result(report, self.database, report.job)

    def load(self, document: str, *rows: str) -> Result:
        """A list, as the house sends it: SKUs of key, unit and whether they are active."""
        header = "skuId,businessUnitId,isActive,name,description1,upc"
        content = csv(*(f"{row},Thing,A thing,4006381333931" for row in rows), header=header)
        return self.run(content, house(document), name=f"{document}.csv")

    def fix(self, result: Result) -> bytes:
        """The fix-workbook of a job."""
        assert self.has_fix(result)
        return (self.home / "fix.xlsx").read_bytes()

    def has_fix(self, result: Result) -> bool:
        """Whether a job has a fix-workbook; it is in the home folder then."""
        return write_fix_workbook(result.row, self.database, self.home / "fix.xlsx", "failures.csv", ZoneInfo("UTC"))

    def check(
        self,
        content: str | bytes | Path,
        of: Feed | None = None,
        *,
        name: str = "orders.csv",
        batch_bytes: int = BATCH_BYTES,
    ) -> dict[str, Any]:
        """The acknowledgement of a dry run against this database."""
        drop = drop_of(self.file(content, name), of or self.feed())
        url = self.database.url.render_as_string(hide_password=False)
        with rehearse(drop, url, inputs=Terms(TODAY, batch_bytes)) as (report, books):
            result = Result(report, books, report.job)
            return result.ack | {"counts": report.documents, "lines": report.lines}

    def file(self, content: str | bytes | Path, name: str) -> Path:
        if isinstance(content, Path):
            return content
        path = self.home / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    # ---- files in the folders of partners, imported by workers

    def partner(
        self, name: str = "acme", *, top: str = "", keys: str = "", after: str = "", whole: str | None = None
    ) -> None:
        partner(self.home, name, top=top, keys=keys, after=after, whole=whole)
        (self.home / "inbox" / name).mkdir(parents=True, exist_ok=True)

    @property
    def site(self) -> Site:
        return Site(self.database, registry.load_each(self.home / "partners", "UTC"), self.home, self.settle)

    def drop(self, name: str, content: str | bytes | None = None, partner: str = "acme") -> Path:
        """A file in a partner's folder; of orders, one whose number is the file's name."""
        body = csv(f"{name.partition('.')[0]},1,AB,5") if content is None else content
        path = self.home / "inbox" / partner / name
        path.write_bytes(body.encode() if isinstance(body, str) else body)
        return path

    def wordy(self, name: str, megabytes: int, partner: str = "acme") -> int:
        """A file of several batches, of few orders that have much to say; gives how many."""
        documents = megabytes * 2_000
        rows = [f"{name}-{number},1,AB,5,{'x' * 480}" for number in range(documents)]
        half = self.drop(f"{name}.part", csv(*rows, header=f"{HEADER},header.notes"), partner)
        half.rename(half.with_name(name))
        return documents

    def work(self) -> list[Ended]:
        return worked_off(self.site)

    def reports(self) -> list[Report]:
        return [each.report for each in self.work() if each.report is not None]

    def look(self) -> drop_folders.FolderScan:
        return drop_folders.scan(self.site)

    def lying(self) -> list[str]:
        """The files anywhere below the home folder but the partners' TOML and the database, without jobs' ids and days."""
        paths = [path for path in self.home.rglob("*") if path.is_file() and "partners" not in path.parts]
        return sorted(str(path.relative_to(self.home)) for path in paths if not path.name.startswith("crossdock.db"))

    def steady_for(self, span: timedelta) -> None:
        """As if the files that wait had been seen unchanged for so much longer."""
        with self.database.writing() as connection:
            for row in connection.execute(select(ARRIVALS)).all():
                earlier = update(ARRIVALS).where(ARRIVALS.c.path == row.path)
                connection.execute(earlier.values(steady_since=row.steady_since - span))

    def forget_workers(self) -> None:
        """As if their last sign of life were long ago: they died, or are frozen."""
        with self.database.writing() as connection:
            long_ago = self.database.dialect.clock(connection) - 2 * leases.LEASE
            connection.execute(update(WORKERS).values(seen_at=long_ago))

    def no_waiting(self) -> None:
        """As if every pause after an outage were over."""
        with self.database.writing() as connection:
            connection.execute(update(JOBS).values(not_before=None))

    # ---- what the database holds

    def row(self, job: str) -> JobRecord:
        return queries.one(self.database, job)

    def jobs(self) -> list[Any]:
        with self.database.reading() as connection:
            return list(connection.execute(select(JOBS).order_by(JOBS.c.sequence)))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def stored(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Every document and line that is stored, without who wrote it when."""
        left_out = {"key_fold", "revision", "change", "job", "line"}
        levels = []
        for name in ("sales_orders", "sales_order_lines"):
            columns = ", ".join(each.name for each in LEVELS[name].c if each.name not in left_out)
            keys = ", ".join(each.name for each in LEVELS[name].primary_key)
            levels.append(self.rows(f"SELECT {columns} FROM {name} ORDER BY {keys}"))
        return levels[0], levels[1]

    def order_numbers(self) -> list[str]:
        return [str(number) for (number,) in self.rows("SELECT customer_order_number FROM sales_orders ORDER BY 1")]

    def lines(self, number: str = "SO-1") -> dict[str, tuple[Any, ...]]:
        rows = self.rows(
            "SELECT customer_line_number, sku_id, quantity, state FROM sales_order_lines "
            f"WHERE customer_order_number = '{number}' ORDER BY customer_line_number"
        )
        return {row[0]: (row[1], float(row[2]), row[3]) for row in rows}


@contextmanager
def held_open(path: Path) -> Iterator[Any]:
    """A writer that has a file open."""
    with path.open("ab") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
