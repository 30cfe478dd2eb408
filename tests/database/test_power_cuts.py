"""What a PostgreSQL that went down in the middle still has."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from crossdock.database import Database, parsed
from tests import postgres
from tests.postgres import Postgres

SETTINGS = {"fsync": "on", "synchronous_commit": "on", "wal_writer_delay": "10s"}
"""Commits wait for the disk, and what doesn't wait is not there by itself in the next seconds."""


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server of this test alone."""
    with tempfile.TemporaryDirectory(prefix="crossdock-") as parent:  # a short path: the socket is in it
        Path(parent).chmod(0o755)  # it runs as a user of its own
        own = Postgres(Path(parent) / "pg")
        postgres.create(own.folder)
        postgres.start(own.folder, SETTINGS)
        yield own
        postgres.cut_off(own.folder)


def _opened(server: Postgres) -> Database:
    return Database(parsed(server.url()))


def _after_a_cut(server: Postgres) -> list[str]:
    postgres.cut_off(server.folder)
    postgres.start(server.folder, SETTINGS)
    with closing(_opened(server)) as database, database.reading() as connection:
        return list(connection.execute(text("SELECT name FROM noted ORDER BY name")).scalars())


WAITS = text("SHOW synchronous_commit")
NEW = text("INSERT INTO noted VALUES (:name)")


def test_a_power_cut_leaves_out_no_note_that_something_kept_came_after(server: Postgres) -> None:
    with closing(_opened(server)) as database:
        with database.writing() as connection:
            connection.execute(text("CREATE TABLE noted (name text)"))
        with database.noting() as connection:
            assert connection.execute(WAITS).scalar() == "off"
            connection.execute(NEW, {"name": "1 noted"})
        with database.writing() as connection:  # of the same session: the setting is the transaction's
            assert connection.execute(WAITS).scalar() == "on"
            connection.execute(NEW, {"name": "2 written"})
        with database.noting() as connection:
            connection.execute(NEW, {"name": "3 noted"})  # it may be there or not
    assert _after_a_cut(server)[:2] == ["1 noted", "2 written"]
