"""The database: it stores documents, jobs, books and failures.

``connect`` opens one by URL. SQLite upgrades itself on open; PostgreSQL reports that it needs an upgrade, because
others may be using it. What a database must be able to do is in ``dialect``; each kind has a file of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, Row, Select, String, Table, insert, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from crossdock.database.dialect import Dialect
from crossdock.database.postgres import PostgreSQL
from crossdock.database.sqlite import SQLite
from crossdock.database.tables import COUNTER, COUNTERS, METADATA
from crossdock.errors import Misused, Outage

HEAD = "0030"
"""The newest migration: what this version of crossdock needs."""
STREAMED = {"reading": True, "stream_results": True}
"""How rows are streamed: in a transaction, because a cursor of the server needs one."""
DIALECTS: dict[str, Dialect] = {each.name: each for each in (SQLite(), PostgreSQL())}
"""Every kind of database by its name."""

_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Alembic's own: the migration that the database is at."""


class Database:
    """An open database and its dialect."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.dialect = _dialect(url)
        self.engine: Engine = self.dialect.engine(url)
        self._readers = self.engine.execution_options(reading=True)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: it commits at the end, or rolls back completely. Raises ``Outage`` as ``_outages`` does."""
        with self._outages(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def noting(self) -> Iterator[Connection]:
        """As ``writing``, for what a worker notes of its own work, and nobody else was told of: the commit doesn't wait
        for the disk. After a power cut it may be undone, with all that came after it.
        """
        with self.writing() as connection:
            self.dialect.unkept(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that takes no write lock. Raises ``Outage`` as ``_outages`` does."""
        with self._outages(), self._readers.connect() as connection:
            yield connection

    def streamed(self, query: Select[Any], rows: int = 5_000, **values: Any) -> Iterator[Row[Any]]:
        """The rows of a query, in flat memory, so many at a time; ``values``: of its parameters. Raises ``Outage`` as
        ``_outages`` does.
        """
        options = STREAMED | {"yield_per": rows}
        with self._outages(), self.engine.connect().execution_options(**options) as connection, connection.begin():
            self.dialect.unhurried(connection)
            yield from connection.execute(query, values)

    @contextmanager
    def _outages(self) -> Iterator[None]:
        """Turn a lost connection, a lock, a full disk, a damaged file or a server that doesn't write now into an
        ``Outage`` with a sentence.
        """
        try:
            yield
        except NoneFree as error:
            raise Outage(f"every connection to the database is in use: {error}") from error
        except OperationalError as error:
            raise Outage(f"the database does not answer: {_first_line(error)}") from error
        except DBAPIError as error:
            if error.connection_invalidated or self.dialect.passing(error):
                raise Outage(f"the database did not continue: {_first_line(error)}") from error
            raise

    def keep(self) -> None:
        """See that what is committed by now survives a power cut."""
        self.dialect.keep(self.url)

    def version(self) -> str | None:
        """The migration of the database, such as ``0007``; None where it is empty."""
        with self.reading() as connection:
            return _version(connection)

    def create(self) -> None:
        """Make the tables of an empty database at once, as the migrations make them one after the other.

        For one that upgrades itself: PostgreSQL's keys have the names that its migrations gave them.
        """
        with self.writing() as connection:
            if _version(connection) is None:  # nobody else came first
                METADATA.create_all(connection, checkfirst=False)
                connection.execute(insert(COUNTERS).values(name=COUNTER, number=0))
                _VERSION.create(connection)
                connection.execute(insert(_VERSION).values(version_num=HEAD))

    def upgrade(self) -> None:
        """Bring the database to ``HEAD``, migration by migration."""
        from alembic import command  # takes a fifth of a second, and most starts don't need it
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(select(_VERSION.c.version_num)).scalar()


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]


def storable(value: Any) -> Any:
    """A value as both databases can store it: PostgreSQL's text can't contain NUL, it becomes U+2400."""
    return value.replace("\x00", "\u2400") if isinstance(value, str) else value


def parsed(url: str) -> URL:
    """A database URL. Raises ``Misused`` where the text is not a URL of a known database."""
    try:
        read = make_url(url)
    except ArgumentError:
        raise Misused(f"{url!r} is not a database URL; write {_examples()}") from None
    return read.set(drivername=_dialect(read).name)


def in_file(path: Path) -> URL:
    """The URL of a database in that one file, for one process."""
    return SQLite.url(path)


def _dialect(url: URL) -> Dialect:
    scheme = url.drivername.partition("+")[0]
    for each in DIALECTS.values():
        if scheme in each.schemes:
            return each
    raise Misused(f"{scheme} databases are not known; use {_examples()}")


def _examples() -> str:
    return " or ".join(each.example for each in DIALECTS.values())


def connect(url: str) -> Database:
    """Open a database for writing; one that upgrades itself is created and upgraded where needed.

    Raises ``Misused`` where the URL is not valid, ``Outage`` where the database doesn't answer or must be upgraded
    first.
    """
    read = parsed(url)
    _dialect(read).prepare(read)
    database = Database(read)
    version = database.version()
    if version != HEAD:
        if database.dialect.upgrades_itself:
            database.create() if version is None else database.upgrade()
        else:
            state = "is empty" if version is None else f"is at version {version}, {HEAD} is needed"
            raise Outage(f"the database {state}: run 'crossdock database upgrade'")
    return database


def open_read_only(url: str) -> Database | None:
    """Open a database for reading, without creating anything; None where there is none yet.

    Raises ``Misused`` where the URL is not valid, ``Outage`` where the database has another version.
    """
    read = parsed(url)
    if not _dialect(read).exists(read):
        return None
    database = Database(read)
    version = database.version()
    if version is None:
        return None
    if version != HEAD:
        raise Outage(f"the database is at version {version}, {HEAD} is needed: run 'crossdock database upgrade'")
    return database
