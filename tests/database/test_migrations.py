"""What Alembic builds is what the tables say, and how a database is opened."""

from __future__ import annotations

import importlib
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from crossdock import database as package
from crossdock.database import HEAD, Database, connect, open_read_only, parsed, read_documents
from crossdock.database.tables import METADATA
from crossdock.documents import DOCUMENTS
from crossdock.errors import Misused, Outage
from crossdock.jobs import open_documents
from tests.postgres import Postgres
from tests.reports.excel.test_fix_workbook import corrected
from tests.warehouse import HEADER, Warehouse, csv


def by_migrations(folder: Path) -> Database:
    """An empty SQLite database that the migrations made, one after the other."""
    database = Database(parsed(f"sqlite:///{folder / 'migrated.db'}"))
    database.upgrade()
    return database


def relations(database: Database) -> dict[str, tuple[str | None, list[tuple[Any, ...]], set[str]]]:
    """What SQLite knows of each table and index: an index's statement, a table's columns, its names of checks."""
    with database.reading() as connection:
        stored = connection.exec_driver_sql("SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
        return {
            each.name: (
                None if each.type == "table" else each.sql.replace('"', ""),
                sorted(tuple(row)[1:] for row in connection.exec_driver_sql(f"PRAGMA table_xinfo({each.name})")),
                {*re.findall(r"(\w+)\"? CHECK", each.sql), *re.findall("WITHOUT ROWID", each.sql)},
            )
            for each in stored
        }


def test_a_database_that_is_at_once_is_what_the_migrations_make(tmp_path: Path, database_url: str) -> None:
    at_once, migrated = connect(database_url), by_migrations(tmp_path)
    assert relations(at_once) == relations(migrated)
    for name in ("counters", "alembic_version"):
        with at_once.reading() as one, migrated.reading() as other:
            rows = one.exec_driver_sql(f"SELECT * FROM {name}").all()
            assert rows == other.exec_driver_sql(f"SELECT * FROM {name}").all()
            assert len(rows) == 1
    at_once.close()
    migrated.close()


@pytest.fixture
def migrated(database_url: str, tmp_path: Path) -> Database:
    """A database that the migrations made: PostgreSQL's always is."""
    return by_migrations(tmp_path) if database_url.startswith("sqlite") else connect(database_url)


@pytest.mark.both
def test_migrations_make_the_tables(migrated: Database) -> None:
    with migrated.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    migrated.close()


def test_postgres_compares_every_text_by_its_bytes(postgres_url: str) -> None:
    """A migration that adds a column of texts calls ``compare_by_bytes`` of version 0030."""
    query = text("""
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type IN ('text', 'character varying') AND table_name <> 'alembic_version'
            AND collation_name IS DISTINCT FROM 'C'
    """)
    with closing(connect(postgres_url)) as database, database.reading() as connection:
        assert connection.execute(query).all() == []


@pytest.mark.both
def test_check_constraints_are_in_the_migrations(migrated: Database) -> None:
    from sqlalchemy import inspect

    constraints = {each["name"] for each in inspect(migrated.engine).get_check_constraints("jobs")}
    assert {"books_balance", "closed_only_when_read"} <= constraints
    migrated.close()


@pytest.mark.both
def test_what_was_stored_before_is_there_afterwards(database_url: str, tmp_path: Path) -> None:
    """A database of version 0002 with an order and a held one: both continue as if nothing had been."""
    database = connect(database_url)
    warehouse = Warehouse(database, tmp_path)
    content = csv("SO-1,1,AB,5", "SO-2,1,AB,x")
    warehouse.run(content)
    with database.writing() as connection:  # what 0003 to 0011 changed, taken away again
        for statement in BEFORE_0008:
            connection.exec_driver_sql(statement)
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
        connection.exec_driver_sql("ALTER TABLE job_outcomes ADD COLUMN reason TEXT NOT NULL DEFAULT ''")
        connection.exec_driver_sql("ALTER TABLE sales_orders ADD COLUMN acknowledged_at TEXT")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")
    database.upgrade()
    assert warehouse.rows("SELECT filed_at = finished_at FROM jobs") in ([(1,)], [(True,)])
    assert [(row.number, row.partner, row.document) for row in open_documents.open_documents(database)] == [
        ("SO-2", "acme", "sales_order")
    ]
    again = warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,7"))
    assert (again.report.documents.unchanged, again.report.documents.inserted) == (1, 1)
    assert list(open_documents.open_documents(database)) == []
    assert [each["change"] for each in read_documents.listed(database, DOCUMENTS["sales_order"], [])] == [
        0,
        1,
    ]
    database.close()


@pytest.mark.both
def test_why_documents_are_held_and_whose_job_it_was_survive_the_upgrade(database_url: str, tmp_path: Path) -> None:
    """A database of version 0004, where a reason was "code line" and the sender's jobs one text, a line each."""
    database = connect(database_url)
    warehouse = Warehouse(database, tmp_path)
    held = warehouse.run(csv("SO-1,1,AB,5,A", ",9", "SO-2,1,AB,5,B", header=f"{HEADER},jobId"))
    sent = warehouse.run(csv("SO-3,1,AB,5,only one", header=f"{HEADER},jobId"))
    refused = warehouse.run("garbage", name="garbage.csv")
    nobodys = warehouse.run(
        csv("SO-4,1,AB,5,s", "SO-5,1,AB,x,s", header=f"{HEADER},surplus"), warehouse.feed('hold = "file"')
    )
    before = {result.job: (result.row, result.text, result.acks) for result in (held, sent, refused, nobodys)}
    open_before = list(open_documents.open_documents(database))
    scopes = warehouse.rows(SCOPES)
    assert {scope for *_, scope in scopes} == {"cell", "record", "file"}
    with database.writing() as connection:
        for statement in AS_IN_0004:
            connection.exec_driver_sql(statement)
        for job, senders in ((held.job, "A\nB"), (sent.job, "only one")):
            values = {"job": job, "senders": senders}
            connection.execute(text("UPDATE jobs SET sender_job_id = :senders WHERE job_id = :job"), values)
    assert warehouse.rows("SELECT DISTINCT reason FROM job_outcomes ORDER BY 1") == [
        ("",), ("beside_torn_line 3",), ("file_held",), ("refused",)]  # fmt: skip
    database.upgrade()
    assert database.version() == HEAD
    assert warehouse.rows(SCOPES) == scopes
    assert (held.row.sender_jobs, sent.row.sender_jobs, nobodys.row.sender_jobs) == (("A", "B"), ("only one",), ())
    assert list(open_documents.open_documents(database)) == open_before
    assert [(each.number, each.hold_code, each.hold_line) for each in open_before] == [
        ("SO-1", "beside_torn_line", 3), ("", "", None), ("SO-2", "beside_torn_line", 3), ("", "refused", None),
        ("SO-4", "file_held", None), ("SO-5", "", None)]  # fmt: skip
    assert {job: (warehouse.row(job), *values[1:]) for job, values in before.items()} == before
    database.close()


@pytest.mark.both
def test_which_job_fixes_which_survives_the_upgrade(database_url: str, tmp_path: Path) -> None:
    """A database of version 0020, with a file, its fix-workbook and the fix-workbook of that one."""
    database = connect(database_url)
    warehouse = Warehouse(database, tmp_path)
    first = warehouse.run(csv("SO-1,1,AB,x", "SO-2,1,AB,x", "SO-3,1,AB,x"))
    second = warehouse.run(corrected(warehouse.fix(first), (2, "quantity", "5")), name="second.xlsx")
    third = warehouse.run(corrected(warehouse.fix(second), (2, "quantity", "5")), name="third.xlsx")
    before = {result.job: (result.row, result.text) for result in (first, second, third)}
    assert (second.row.fixes, third.row.fixes) == (first.job, second.job)
    assert "2 of 3 documents are in now" in first.text
    with database.writing() as connection:
        for statement in (
            *BEFORE_0025,
            *BEFORE_0024,
            *BEFORE_0023,
            *BEFORE_0022,
            *BEFORE_0021,
            "UPDATE alembic_version SET version_num = '0020'",
        ):
            connection.exec_driver_sql(statement)
    database.upgrade()
    assert {result.job: (result.row, result.text) for result in (first, second, third)} == before
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    database.close()


AT_0009 = (
    """INSERT INTO asn_packages (business_unit_id, vendor_number, asn_number, line_number, carton_id, lot_number,
        serial_number, pallet_id, quantity, state, job, line)
        VALUES ('BU1', 'V', 'A-1', '1', 'C1', '', '', 'P1', '5', 'OPEN', 'J', 2),
            ('BU1', 'V', 'A-1', '1', 'C2', '', '', NULL, '5', 'OPEN', 'J', 3)""",
    """INSERT INTO inventory (business_unit_id, building_id, sku_id, lot_number, quantity_measure, as_of, on_hand, state,
        partner, shared, key_fold, revision, job, line)
        VALUES ('BU1', 'B', 'S', '', 'EA', '2026-11-25T06:00:00.000000Z', '7', 'OPEN', 'house', FALSE, 'b', 1, 'J', 2)""",
    """INSERT INTO document_history (change, document, key, level, row_key, what, before, job_id, line)
        VALUES (1, 'asn', 'BU1\x1fV\x1fA-1', 'package', '["1", "C1", "", ""]', 'updated', '{}', 'J', 2),
            (1, 'inventory', 'BU1\x1fB\x1fS\x1f\x1fEA\x1fT', 'header', '[]', 'updated', '{}', 'J', 2)""",
)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_packages_and_inventories_get_their_pallets_as_keys(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A database of version 0009, where the pallet was no part of a package's key, and an inventory had none."""
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'before.db'}"
    else:
        postgres = request.getfixturevalue("postgres")
        url = postgres.url(postgres.create())
    database = Database(parsed(url))
    _upgrade(database, "0009")
    with database.writing() as connection:
        for statement in AT_0009:
            connection.exec_driver_sql(statement)
    database.upgrade()
    with database.reading() as connection:
        packages = connection.exec_driver_sql("SELECT carton_id, pallet_id FROM asn_packages ORDER BY 1").all()
        assert [tuple(row) for row in packages] == [("C1", "P1"), ("C2", "")]
        stock = connection.exec_driver_sql("SELECT sku_id, pallet_id, location_id, key_fold FROM inventory").all()
        assert [tuple(row) for row in stock] == [("S", "", "", "b\x1f\x1f")]
        history = connection.exec_driver_sql("SELECT key, row_key FROM document_history ORDER BY document").all()
        assert [tuple(row) for row in history] == [
            ("BU1\x1fV\x1fA-1", '["1", "C1", "", "", "P1"]'),
            ("BU1\x1fB\x1fS\x1f\x1fEA\x1fT\x1f\x1f", "[]"),
        ]
    database.close()


def _upgrade(database: Database, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(package.__file__).parent / "migrations"))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)


VERSIONS = "crossdock.database.migrations.versions"
SCOPES = "SELECT job_id, line, field, code, scope FROM job_failures ORDER BY job_id, line, field, code"
BEFORE_0029 = tuple(
    statement
    for table in METADATA.tables.values()
    for index in table.indexes
    for *others, last in [[column.name for column in index.columns]]
    if last == "business_unit_id" and others
    for statement in (
        f"DROP INDEX {index.name}",
        f"CREATE INDEX {index.name} ON {table.name} ({', '.join([last, *others])})",
    )
)
"""A database of version 0028."""
BEFORE_0028 = (*BEFORE_0029, "ALTER TABLE idempotency DROP COLUMN worker")
"""A database of version 0027."""
BEFORE_0027 = (
    *BEFORE_0028,
    "DROP INDEX jobs_of_partner",
    "DROP INDEX jobs_name",
    "CREATE INDEX jobs_name ON jobs (partner, name)",
)
"""A database of version 0026."""
BEFORE_0026 = (
    *BEFORE_0027,
    *(
        f"ALTER TABLE {table} DROP COLUMN changed_from"
        for table in importlib.import_module(f"{VERSIONS}.v0026_what_changes_have_changed").HEADERS
    ),
)
"""A database of version 0025."""
BEFORE_0025 = (
    *BEFORE_0026,
    "DROP INDEX jobs_waiting",
    "DROP INDEX jobs_begun",
    "CREATE INDEX jobs_unfiled ON jobs (filed_at, path)",
)
"""A database of version 0024."""
BEFORE_0024 = ("DROP INDEX interchanges_line", "DROP INDEX interchanges_booked")
"""A database of version 0023."""
BEFORE_0023 = ("DROP TABLE edi_confirmations", "DROP INDEX edi_answers_control", "DROP INDEX edi_answers_group")
"""A database of version 0022."""
BEFORE_0022 = (
    "DROP INDEX edi_answers_cause",
    "ALTER TABLE edi_answers DROP COLUMN cause",
    "ALTER TABLE edi_answers DROP COLUMN dismissed",
    "CREATE UNIQUE INDEX edi_answers_job ON edi_answers (job_id, place, kind)",
)
BEFORE_0021 = (
    "DROP INDEX jobs_fixes",
    "DROP INDEX job_fixes_origin",
    "ALTER TABLE jobs RENAME COLUMN fixes TO mends",
    "ALTER TABLE job_fixes RENAME TO job_mends",
    "CREATE INDEX jobs_mends ON jobs (mends)",
    "CREATE INDEX job_mends_origin ON job_mends (job_id, origin)",
)
"""The names of version 0020."""
BEFORE_0008 = (
    *BEFORE_0025,
    *BEFORE_0021,
    *(f"DROP TABLE carrier_{name}" for name in ("zones", "rates", "accessorials")),
    *(f"DROP TABLE {name}" for name in ("api_keys", "idempotency", "sealed_secrets", "received_acks", "web_sessions")),
    "DROP INDEX jobs_feed",
    "DROP TABLE job_stored",
    "DROP TABLE job_sent",
    *(
        f"DROP TABLE {name}"
        for name in (
            "interchanges",
            "interchange_groups",
            "interchange_sets",
            "edi_numbers",
            "edi_answers",
            "edi_confirmations",
        )
    ),
    *(f"ALTER TABLE arrivals DROP COLUMN {name}" for name in ("kind", "said", "until")),
    *(f"DROP INDEX {name}" for name, _, _ in importlib.import_module(f"{VERSIONS}.v0009_nothing_is_quadratic").INDEXES),
    "ALTER TABLE job_failures DROP COLUMN number",
    "DROP INDEX sku_units_gtin",
    *(
        f"ALTER TABLE {table} RENAME COLUMN {after} TO {before}"
        for table, before, after in importlib.import_module(f"{VERSIONS}.v0008_one_word_one_meaning").RENAMED
    ),
)
"""The names of version 0007."""
AS_IN_0004 = (
    *BEFORE_0008,
    "ALTER TABLE job_outcomes ADD COLUMN reason TEXT NOT NULL DEFAULT ''",
    "UPDATE job_outcomes SET reason = hold_code",
    "UPDATE job_outcomes SET reason = hold_code || ' ' || hold_line WHERE hold_line IS NOT NULL",
    "ALTER TABLE job_outcomes DROP COLUMN hold_code",
    "ALTER TABLE job_outcomes DROP COLUMN hold_line",
    "ALTER TABLE job_failures DROP COLUMN scope",
    "ALTER TABLE jobs DROP COLUMN outage",
    "ALTER TABLE jobs DROP COLUMN outages",
    "UPDATE alembic_version SET version_num = '0004'",
)
OLD = {"sales_orders", "sales_order_lines", "jobs", "job_shares", "job_failures", "job_outcomes",
       "job_units", "job_records", "job_mends"}  # fmt: skip
ADDED = [
    *(("job_outcomes", name) for name in ("partner", "document", "key", "what", "ended", "ended_by", "ended_at", "why")),
    ("job_outcomes", "hold_code"), ("job_outcomes", "hold_line"), ("job_failures", "scope"),
    ("jobs", "replays"), ("jobs", "answered_at"), ("sales_order_lines", "quantity_shipped"), ("sales_orders", "change"),
    *(("jobs", name) for name in ("filed_at", "place", "origin", "asked", "stage", "ranked", "earlier", "parent", "lease",
        "worker", "taken_at", "taken_from", "moved_at", "attempts", "not_before", "said", "parked", "alert", "rate", "estimated_end", "outage", "outages")),
]  # fmt: skip


def test_head_is_the_newest_migration() -> None:
    folder = Path(package.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD


def test_sqlite_upgrades_itself_and_looking_creates_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'orders.db'}"
    assert open_read_only(url) is None
    assert not (tmp_path / "new").exists()
    connect(url).close()
    database = open_read_only(url)
    assert database is not None
    assert database.version() == HEAD
    database.close()


def test_postgres_says_that_it_needs_an_upgrade(postgres: Postgres) -> None:
    url = postgres.url(postgres.create())
    with pytest.raises(Outage, match="the database is empty: run 'crossdock database upgrade'"):
        connect(url)
    assert open_read_only(url) is None
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
