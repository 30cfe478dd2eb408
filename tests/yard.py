"""A home folder with partners, and what is dropped there: for tests of what happens around an import."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, text, update

from crossdock import partners, pickup
from crossdock.database import Database, leases
from crossdock.database.tables import JOBS, WORKERS
from crossdock.filing import Desk
from crossdock.inbox import Ended
from crossdock.model import Report
from tests.helpers import HEADER, csv, worked_off

PARTNER = """
id = "{name}"
zone = "Europe/Berlin"
business_units = ["BU1"]
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
SKU = "skuId,name,description1,isActive,upc"


@dataclass
class Yard:
    """A desk whose partners are made as tests need them."""

    database: Database
    home: Path
    settle: float = 0.0
    made: dict[str, str] = field(default_factory=dict)

    def partner(self, name: str = "acme", *, top: str = "", keys: str = "", after: str = "") -> None:
        folder = self.home / "partners"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.toml").write_text(PARTNER.format(name=name, top=top, keys=keys) + after)
        (self.home / "inbox" / name).mkdir(parents=True, exist_ok=True)

    @property
    def desk(self) -> Desk:
        return Desk(self.database, partners.load(self.home / "partners", "UTC"), self.home, self.settle)

    def drop(self, name: str, content: str | bytes | None = None, partner: str = "acme") -> Path:
        """A file in a partner's folder; of orders, one whose number is the file's name."""
        told = csv(f"{name.partition('.')[0]},1,AB,5") if content is None else content
        path = self.home / "inbox" / partner / name
        path.write_bytes(told.encode() if isinstance(told, str) else told)
        return path

    def wordy(self, name: str, megabytes: int, partner: str = "acme") -> int:
        """A file of several batches, of few orders that have much to say; gives how many."""
        documents = megabytes * 2_000
        rows = [f"{name}-{number},1,AB,5,{'x' * 480}" for number in range(documents)]
        self.drop(name, csv(*rows, header=f"{HEADER},header.notes"), partner)
        return documents

    def work(self) -> list[Ended]:
        return worked_off(self.desk)

    def reports(self) -> list[Report]:
        return [each.report for each in self.work() if each.report is not None]

    def look(self) -> pickup.Look:
        return pickup.look(self.desk)

    def jobs(self) -> list[Any]:
        with self.database.reading() as connection:
            return list(connection.execute(select(JOBS).order_by(JOBS.c.sequence)))

    def stored(self) -> list[str]:
        with self.database.reading() as connection:
            found = connection.execute(text("SELECT customer_order_number FROM sales_orders ORDER BY 1"))
            return [str(each) for each in found.scalars()]

    def lying(self) -> list[str]:
        """The files anywhere below the home folder but the partners' TOML, without jobs' ids and days."""
        paths = [path for path in self.home.rglob("*") if path.is_file() and "partners" not in path.parts]
        return sorted(str(path.relative_to(self.home)) for path in paths)

    def forget_workers(self) -> None:
        """As if their last sign of life were long ago: they died, or are frozen."""
        with self.database.writing() as connection:
            long_ago = database_now(self.database, connection) - 2 * leases.LEASE
            connection.execute(update(WORKERS).values(seen_at=long_ago))

    def no_waiting(self) -> None:
        """As if every pause after an outage were over."""
        with self.database.writing() as connection:
            connection.execute(update(JOBS).values(not_before=None))


def database_now(database: Database, connection: Any) -> Any:
    return database.dialect.clock(connection) - timedelta()


@contextmanager
def held_open(path: Path) -> Iterator[Any]:
    """A writer that has a file open."""
    with path.open("ab") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
