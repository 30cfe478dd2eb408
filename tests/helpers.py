"""What most tests need: a feed from a few lines of TOML, an import from a text, and what came of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text

from crossdock import acknowledge, partners
from crossdock import report as full
from crossdock.batches import BATCH_BYTES
from crossdock.database import Database, history
from crossdock.database.tables import LEVELS
from crossdock.feeds import Feed
from crossdock.filing import Desk
from crossdock.inbox import Ended, jobs_waiting, run_job
from crossdock.job import JobRecord
from crossdock.model import Drop, Report
from crossdock.office.fix import fix_workbook
from crossdock.pipeline import Terms, import_drop, rehearse
from crossdock.recognise import open_drop
from crossdock.worker import Worker

TODAY = date(2026, 11, 22)
PARTNER = """
id = "acme"
zone = "Europe/Berlin"
business_units = ["BU1", "BU2"]
{top}
[[feed]]
document = "sales_order"
files = "*"
constants = {{ businessUnitId = "BU1", currency = "EUR", "shipTo.locationId" = "S1" }}
{keys}
"""
HEADER = "customerOrderNumber,customerLineNumber,skuId,quantity"


def feed(folder: Path, keys: str = "", top: str = "", whole: str | None = None) -> Feed:
    """A feed of the partner acme; ``keys`` are lines of its TOML, ``whole`` replaces the TOML."""
    folder = folder / "partners"
    folder.mkdir(exist_ok=True)
    (folder / "acme.toml").write_text(whole or PARTNER.format(keys=keys, top=top), encoding="utf-8")
    return next(partners.load(folder, "UTC").feeds())


def drop_of(path: Path, of: Feed) -> Drop:
    """The drop that a file is, read by that feed."""
    drop = open_drop(path, partners.Partners({of.partner: partners.Partner(of.partner, "", (of,))}), feed=of.name)
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
        return history.one(self.database, self.job)

    @property
    def acks(self) -> list[dict[str, Any]]:
        found = acknowledge.answers(self.row, self.database)
        return [json.loads("".join(acknowledge.body(self.row, each, self.database)))["data"] for each in found]

    @property
    def ack(self) -> dict[str, Any]:
        assert len(self.acks) == 1
        return self.acks[0]

    @property
    def failed(self) -> dict[str, str]:
        return {each["customerOrderNumber"]: each["message"] for each in self.ack["failedOrders"]}

    @property
    def failures(self) -> list[dict[str, Any]]:
        return list(json.loads("".join(full.detailed(self.row, self.database)))["data"]["failures"])

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
class Bench:
    """A database and a folder to import in."""

    database: Database
    folder: Path

    def feed(self, keys: str = "", top: str = "", whole: str | None = None) -> Feed:
        return feed(self.folder, keys, top, whole)

    def run(
        self,
        content: str | bytes | Path,
        of: Feed | None = None,
        *,
        name: str = "orders.csv",
        batch_bytes: int = BATCH_BYTES,
    ) -> Result:
        path = self.file(content, name)
        given = Terms(TODAY, batch_bytes)
        report = import_drop(drop_of(path, of or self.feed()), self.database, given=given)
        assert report.books.balanced
        if report.verdict is not None and report.refused is None:
            assert report.books.read == self.row(report.job).records
        return Result(report, self.database, report.job)

    def load(self, document: str, *rows: str) -> Result:
        """A list, as the house sends it: SKUs of key, unit and whether they are active."""
        from crossdock import shipped

        house = partners.load(shipped.folder("partners"), "UTC").named(f"house/{document}")
        header = "skuId,businessUnitId,isActive,name,description1,upc"
        content = csv(*(f"{row},Thing,A thing,4006381333931" for row in rows), header=header)
        return self.run(content, house, name=f"{document}.csv")

    def fix(self, result: Result) -> bytes:
        """The fix-workbook of a job."""
        path = self.folder / "fix.xlsx"
        assert fix_workbook(result.row, self.database, path, "failures.csv")
        return path.read_bytes()

    def check(self, content: str | bytes | Path, of: Feed | None = None, *, name: str = "orders.csv") -> dict[str, Any]:
        """The acknowledgement of a dry run against this database."""
        drop = drop_of(self.file(content, name), of or self.feed())
        url = self.database.url.render_as_string(hide_password=False)
        with rehearse(drop, url, given=Terms(TODAY)) as (report, books):
            result = Result(report, books, report.job)
            return result.ack | {"counts": report.documents, "lines": report.lines}

    def file(self, content: str | bytes | Path, name: str) -> Path:
        if isinstance(content, Path):
            return content
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def row(self, job: str) -> JobRecord:
        return history.one(self.database, job)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def stored(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Every document and line that is stored, without who wrote it when."""
        left_out = {"key_fold", "revision", "change", "job", "line"}
        found = []
        for name in ("sales_orders", "sales_order_lines"):
            columns = ", ".join(each.name for each in LEVELS[name].c if each.name not in left_out)
            keys = ", ".join(each.name for each in LEVELS[name].primary_key)
            found.append(self.rows(f"SELECT {columns} FROM {name} ORDER BY {keys}"))
        return found[0], found[1]

    def lines(self, number: str = "SO-1") -> dict[str, tuple[Any, ...]]:
        found = self.rows(
            "SELECT customer_line_number, sku_id, quantity, state FROM sales_order_lines "
            f"WHERE customer_order_number = '{number}' ORDER BY customer_line_number"
        )
        return {row[0]: (row[1], float(row[2]), row[3]) for row in found}


def worked_off(desk: Desk) -> list[Ended]:
    """Everything that waits in the drop folders, imported by one worker; how each ended."""
    with Worker(desk.database, "test") as worker:
        return [run_job(desk, worker, taken) for taken in jobs_waiting(desk, worker)]


def csv(*rows: str, header: str = HEADER) -> str:
    """A file of those rows."""
    return "\n".join([header, *rows]) + "\n"
