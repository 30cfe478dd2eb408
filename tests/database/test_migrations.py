"""What Alembic builds is what the tables say, and how a database is opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import crossdock.database
from crossdock.database import HEAD, Database, connect, look, parsed, reading, waiting
from crossdock.database.tables import METADATA
from crossdock.documents import DOCUMENTS
from crossdock.model import Misused, Outage
from tests.postgres import Postgres
from tests.warehouse import Warehouse, csv


@pytest.mark.both
def test_migrations_make_the_tables(database_url: str) -> None:
    database = connect(database_url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    database.close()


@pytest.mark.both
def test_check_constraints_are_in_the_migrations(database_url: str) -> None:
    from sqlalchemy import inspect

    database = connect(database_url)
    found = {each["name"] for each in inspect(database.engine).get_check_constraints("jobs")}
    assert {"books_balance", "closed_only_when_read"} <= found
    database.close()


@pytest.mark.both
def test_what_was_stored_before_is_there_afterwards(database_url: str, tmp_path: Path) -> None:
    """A database of version 0002 with an order and a held one: both go on as if nothing had been."""
    database = connect(database_url)
    warehouse = Warehouse(database, tmp_path)
    content = csv("SO-1,1,AB,5", "SO-2,1,AB,x")
    warehouse.run(content)
    with database.writing() as connection:  # what 0003 and 0004 added, taken away again
        for name in (
            *(table for table in METADATA.tables if table not in OLD),
            "counters",
            "changes",
            "document_history",
        ):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
        for name in ("buildings", "business_units", "customers", "skus"):
            connection.exec_driver_sql(f"CREATE TABLE {name} (is_active BOOLEAN)")
        connection.exec_driver_sql("CREATE TABLE job_heartbeats (job_id TEXT)")
        for index in ("sales_orders_change", "job_outcomes_open", "job_outcomes_number", "jobs_unfiled",
                      "jobs_partner", "jobs_sequence", "jobs_received"):  # fmt: skip
            connection.exec_driver_sql(f"DROP INDEX {index}")
        for table, column in ADDED:
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.exec_driver_sql("ALTER TABLE sales_orders ADD COLUMN acknowledged_at TEXT")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")
    database.upgrade()
    assert warehouse.rows("SELECT filed_at = finished_at FROM jobs") in ([(1,)], [(True,)])
    assert [(row.number, row.partner, row.document) for row in waiting.open_documents(database)] == [
        ("SO-2", "acme", "sales_order")
    ]
    again = warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,7"))
    assert (again.report.documents.unchanged, again.report.documents.inserted) == (1, 1)
    assert list(waiting.open_documents(database)) == []
    assert [each["change"] for each in reading.listed(database, DOCUMENTS["sales_order"], [], None, None)] == [0, 1]
    database.close()


OLD = {"sales_orders", "sales_order_lines", "jobs", "job_shares", "job_failures", "job_outcomes",
       "job_units", "job_records", "job_mends"}  # fmt: skip
ADDED = [
    *(("job_outcomes", name) for name in ("partner", "document", "key", "what", "ended", "ended_by", "ended_at", "why")),
    ("jobs", "replays"), ("jobs", "answered_at"), ("sales_order_lines", "quantity_shipped"), ("sales_orders", "change"),
    *(("jobs", name) for name in ("filed_at", "place", "origin", "asked", "stage", "ranked", "earlier", "parent", "lease",
        "worker", "taken_at", "taken_from", "moved_at", "attempts", "not_before", "said", "parked", "alert", "rate", "estimated_end")),
]  # fmt: skip


def test_head_is_the_newest_migration() -> None:
    folder = Path(crossdock.database.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD


def test_sqlite_upgrades_itself_and_looking_creates_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'orders.db'}"
    assert look(url) is None
    assert not (tmp_path / "new").exists()
    connect(url).close()
    found = look(url)
    assert found is not None
    assert found.version() == HEAD
    found.close()


def test_postgres_says_that_it_needs_an_upgrade(postgres: Postgres) -> None:
    url = postgres.url(postgres.create())
    with pytest.raises(Outage, match="the database is empty: run 'crossdock database upgrade'"):
        connect(url)
    assert look(url) is None
    database = Database(parsed(url))
    database.upgrade()
    database.close()
    connect(url).close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "mssql+what://x"])
def test_what_is_no_database_is_said_in_a_sentence(url: str) -> None:
    with pytest.raises(Misused):
        connect(url)


def test_a_database_that_is_away_is_an_outage() -> None:
    with pytest.raises(Outage, match="does not answer"):
        connect("postgresql://nobody@127.0.0.1:1/none")
