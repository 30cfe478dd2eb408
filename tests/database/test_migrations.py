"""What Alembic builds is what the tables say, and how a database is opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import crossdock.database
from crossdock.database import HEAD, Database, connect, look, parsed
from crossdock.database.tables import METADATA
from crossdock.model import Misused, Outage


def test_migrations_make_the_tables(url: str) -> None:
    database = connect(url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    database.close()


def test_check_constraints_are_in_the_migrations(url: str) -> None:
    from sqlalchemy import inspect

    database = connect(url)
    found = {each["name"] for each in inspect(database.engine).get_check_constraints("jobs")}
    assert {"books_balance", "closed_only_when_read"} <= found
    database.close()


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


def test_postgres_says_that_it_needs_an_upgrade(postgres: Any) -> None:
    with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE untouched")
    url = str(postgres.get_uri("untouched"))
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
