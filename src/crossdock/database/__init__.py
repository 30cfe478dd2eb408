"""The database: where documents, jobs, books and failures are kept.

``connect`` opens one by URL. SQLite upgrades itself on open; PostgreSQL says that it needs to be upgraded, because
there somebody else may be at work. Everything in which the two differ is in ``sqlite`` and ``postgres``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from crossdock.database import postgres, sqlite
from crossdock.model import Misused, Outage

HEAD = "0005"
"""The newest migration: what this version of crossdock needs."""
DIALECTS: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgres}


class Database:
    """An open database; ``way`` is the dialect's module."""

    def __init__(self, url: URL) -> None:
        self.url = url
        backend = url.drivername
        if backend not in DIALECTS:
            raise Misused(f"{backend} databases are not known; use sqlite:///file.db or postgresql://…")
        self.way = DIALECTS[backend]
        self.engine: Engine = self.way.engine(url)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: it commits at the end, or rolls back whole."""
        with outages(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that takes no write lock."""
        with outages(), self.engine.connect().execution_options(reading=True) as connection:
            yield connection

    def version(self) -> str | None:
        """The migration the database is at; None where it is empty."""
        with self.reading() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def upgrade(self) -> None:
        """Bring the database to ``HEAD``."""
        from alembic import command  # a fifth of a second that most starts don't need
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Give up every connection."""
        self.engine.dispose()


@contextmanager
def outages() -> Iterator[None]:
    """Say a lost connection, a lock or a full disk as an ``Outage``, in a sentence."""
    try:
        yield
    except OperationalError as error:
        raise Outage(f"the database does not answer: {_first_line(error)}") from error
    except DBAPIError as error:
        if error.connection_invalidated or type(error.orig).__name__ in ("DeadlockDetected", "SerializationFailure"):
            raise Outage(f"the database did not go on: {_first_line(error)}") from error
        raise


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]


def storable(value: Any) -> Any:
    """What was sent, as both databases can keep it: PostgreSQL's text holds no NUL."""
    return value.replace("\x00", "\u2400") if isinstance(value, str) else value


def parsed(url: str) -> URL:
    """A database URL; ``Misused`` where it can't be one."""
    try:
        read = make_url(url)
    except ArgumentError:
        raise Misused(
            f"{url!r} is not a database URL; write sqlite:///file.db or postgresql://user@host/name"
        ) from None
    backend = "postgresql" if read.drivername.startswith("postgres") else read.drivername.partition("+")[0]
    return read.set(drivername=backend)


def connect(url: str) -> Database:
    """Open a database, ready to write to. SQLite is made and upgraded where needed; PostgreSQL must be upgraded."""
    read = parsed(url)
    if read.drivername == "sqlite" and read.database and read.database != ":memory:":
        Path(read.database).parent.mkdir(parents=True, exist_ok=True)
    database = Database(read)
    version = database.version()
    if version != HEAD:
        if database.way is sqlite:
            database.upgrade()
        else:
            state = "is empty" if version is None else f"is at version {version}, {HEAD} is needed"
            raise Outage(f"the database {state}: run 'crossdock database upgrade'")
    return database


def look(url: str) -> Database | None:
    """Open a database to read from, creating nothing; None where there is none yet."""
    read = parsed(url)
    if read.drivername == "sqlite" and not (read.database and Path(read.database).exists()):
        return None
    database = Database(read)
    version = database.version()
    if version is None:
        return None
    if version != HEAD:
        raise Outage(f"the database is at version {version}, {HEAD} is needed: run 'crossdock database upgrade'")
    return database
