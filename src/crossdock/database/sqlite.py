"""SQLite: one writer, WAL, many rows a statement.

A writing transaction begins IMMEDIATE, so nothing changes between its reads and its writes. In WAL with
synchronous=NORMAL a power cut may lose the last transactions, but never the database; a job is kept (``keep``) before
its file leaves the work folder and anybody is answered, so it is imported again or is done.
Names in statements are those of our own tables, values are parameters.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.util import LRUCache

from crossdock.database.dialect import Dialect, Row, Staged, Value
from crossdock.database.tables import LEVELS, NOW, Later, arrow, as_text
from crossdock.errors import Outage
from crossdock.frames.columns import Cells, is_blank, moment_text, rows_at
from crossdock.model.decision import Write

BUSY_MS = 30_000
"""Milliseconds that a transaction waits for the write lock."""
KEYS = 1_000
"""Keys per query: a column of the result is one text, and SQLite's may have a billion bytes."""
AT_ONCE = 10_240
"""Rows that are Python's own values at a time, which need ten times the memory of the columns that they come from."""
PER_STATEMENT = 1024, 128, 16, 1
"""Rows of one statement. The driver hands the interpreter over for each statement, and gets it back from a thread that
computes in Python only after 5 ms: with a statement a row that is a wait a row. Of many rows it is faster on its own,
too.
"""
VARIABLES = 32_766
"""How many values a statement may have: SQLite's own limit since 3.32."""
NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p")
MEMORY = ":memory:"


class EveryFile(SQLiteDialect_pysqlite):
    """What SQLAlchemy compiles for one file is what it compiles for every other: each dry run has a database of its
    own, and a fifth of it went into the same hundred statements.
    """

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        """Whether the other one compiles alike: both are SQLite's, of one process."""
        return isinstance(other, EveryFile)

    def __hash__(self) -> int:
        """The same for all."""
        return hash(EveryFile)


registry.register("sqlite.every_file", __name__, EveryFile.__name__)
_COMPILED: LRUCache[Any, Any] = LRUCache(1000)
"""The statements of every file, as they are compiled."""


class SQLite(Dialect):
    """A database in a file, for one machine."""

    name = "sqlite"
    schemes = ("sqlite",)
    example = "sqlite:///file.db"
    upgrades_itself = True

    @classmethod
    def url(cls, path: Path) -> URL:
        """The URL of a database in that file."""
        return URL.create(cls.name, database=str(path))

    def engine(self, url: URL) -> Engine:
        """An engine whose transactions take the write lock at once; those marked ``reading`` take none."""
        if url.database and url.database != MEMORY:
            _refuse_network(url.database)
        engine = create_engine(
            url.set(drivername="sqlite+every_file"),
            connect_args={"timeout": BUSY_MS / 1000},
            execution_options={"compiled_cache": _COMPILED},
        )

        @event.listens_for(engine, "connect")
        def _opened(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.create_function(NOW.name, 0, lambda: as_text(datetime.now(UTC)))
            connection.create_function(Later.name, 1, _later)

        @event.listens_for(engine, "begin")
        def _begun(connection: Connection) -> None:
            reading = connection.get_execution_options().get("reading", False)
            begin = "BEGIN" if reading else "BEGIN IMMEDIATE"
            try:
                connection.connection.execute(begin)  # SQLAlchemy's own way takes ten times as long
            except sqlite3.Error as error:
                raise OperationalError(begin, None, error) from error

        return engine

    def prepare(self, url: URL) -> None:
        """Create the folder of the file."""
        if url.database and url.database != MEMORY:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)

    def exists(self, url: URL) -> bool:
        """Whether there is such a file."""
        return bool(url.database) and Path(str(url.database)).exists()

    def passing(self, error: DBAPIError) -> bool:
        """Whether the file is damaged, or is none of SQLite's; a lock wait is an OperationalError anyway."""
        return type(error.orig) is sqlite3.DatabaseError

    def unkept(self, connection: Connection) -> None:
        """Nothing: no commit waits for the disk, but ``keep``."""

    def keep(self, url: URL) -> None:
        """Wait until the disk has the log of what is not in the file yet; SQLite waits for the disk with the rest."""
        if url.database and url.database != MEMORY:
            with suppress(FileNotFoundError), open(f"{url.database}-wal", "rb") as log:  # noqa: PTH123
                os.fsync(log.fileno())

    def unhurried(self, connection: Connection) -> None:
        """Nothing: a reader may take its time."""

    def lookup(
        self, connection: Connection, table: Table, keys: Cells, columns: Sequence[str]
    ) -> tuple[np.ndarray, dict[str, pa.Array]]:
        """The rows of a table that equal a row of ``keys``: which one, and ``columns``.

        Keys are sent as JSON, and columns are returned as JSON, one array each: the driver makes a value of every cell,
        which takes twice as long. The index is named: without statistics SQLite prefers a part of the primary key to
        an index that has all of the keys, and so would read all rows of a business unit for each key.
        """
        on = " AND ".join(f"t.{name} = json_extract(k.value, '$[{place}]')" for place, name in enumerate(keys))
        picked = ", ".join(f"json_group_array({name})" for name in ["k.key + ?", *(f"t.{name}" for name in columns)])
        sql = f"SELECT {picked} FROM json_each(?) k CROSS JOIN {table.name} t{_index(table, tuple(keys))} ON {on}"  # noqa: S608
        arguments = _tuples(keys)
        cells: list[list[Value]] = [[] for _ in range(len(columns) + 1)]
        try:
            with closing(connection.connection.cursor()) as cursor:  # SQLAlchemy's rows would take twice the time
                for first in range(0, len(arguments), KEYS):
                    some = json.dumps(arguments[first : first + KEYS], ensure_ascii=False)
                    for values, text in zip(cells, cursor.execute(sql, (first, some)).fetchone(), strict=True):
                        values.extend(json.loads(text))
        except sqlite3.Error as error:
            raise OperationalError(sql, None, error) from error
        places, *of_rows = cells
        named = zip(columns, of_rows, strict=True)
        return np.array(places, dtype=np.int64), {name: _typed(row, arrow(table.c[name])) for name, row in named}

    def append(self, connection: Connection, table: Table, rows: pa.Table) -> None:
        """Insert rows. A column in which nothing is costs as much as another one, so it is not named."""
        if rows.num_rows:
            blank = {name for name in rows.column_names if is_blank(rows.column(name))}
            rows = rows.drop_columns([name for name in blank if table.c[name].server_default is None])
            _send(connection, f"INSERT INTO {table.name} ({', '.join(rows.column_names)}) {{}}", rows)

    def stage(self, connection: Connection, writes: tuple[Write, ...]) -> Staged:
        """Nothing is sent yet: with one writer there is nothing to prepare."""
        return WaitingRows(self, writes)

    def lock(self, connection: Connection, table: Table, keys: Cells) -> list[Row]:
        """The keys and revisions of stored documents; the transaction has locked all of them already."""
        places, columns = self.lookup(connection, table, keys, ["revision"])
        return _tuples(rows_at(keys, places) | columns)

    def gate(self, connection: Connection, moved: Sequence[str], moving: Sequence[str]) -> None:
        """Nothing: there is one writer."""

    def turn(self, connection: Connection, name: str) -> None:
        """Nothing: there is one writer."""

    def name_session(self, connection: Connection, job: str, token: str) -> None:
        """Nothing: sessions have no names."""

    def take_over(self, connection: Connection, job: str, token: str) -> None:
        """Nothing: a living writer can't be overtaken, it holds the file's lock (docs/running.md)."""

    def clock(self, connection: Connection) -> datetime:
        """This machine's time: there is no other."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class WaitingRows(Staged):
    """A batch's rows, in this process until they are merged."""

    dialect: SQLite
    writes: tuple[Write, ...]

    def merge(self, connection: Connection) -> None:
        """Insert the new rows and update the others."""
        for write in self.writes:
            table = LEVELS[write.level.table]
            self.dialect.append(connection, table, write.insert)
            if write.update.num_rows:
                key = {column.name for column in table.primary_key}
                columns = {name: f"v.column{place}" for place, name in enumerate(write.update.column_names, start=1)}
                sets = ", ".join(f"{name} = {value}" for name, value in columns.items() if name not in key)
                where = " AND ".join(f"{table.name}.{name} = {columns[name]}" for name in sorted(key))
                sql = f"UPDATE {table.name} SET {sets} FROM ({{}}) v WHERE {where}"  # noqa: S608
                _send(connection, sql, write.update)


def _send(connection: Connection, sql: str, rows: pa.Table) -> None:
    """Execute a statement for all rows, many at a time; ``{}`` in it stands for their values."""
    width = rows.num_columns
    marks = f"({', '.join('?' * width)})"
    sizes = [size for size in PER_STATEMENT if size * width <= VARIABLES]
    for start in range(0, rows.num_rows, AT_ONCE):
        some = rows.slice(start, AT_ONCE)
        cells: list[Value] = [None] * (some.num_rows * width)
        for place, column in enumerate(some.columns):
            cells[place::width] = _plain(column)
        sent = 0
        for size in sizes:
            full = len(cells) - (len(cells) - sent) % (size * width)
            if sent < full:
                blocks = [tuple(cells[first : first + size * width]) for first in range(sent, full, size * width)]
                connection.exec_driver_sql(sql.format(f"VALUES {', '.join([marks] * size)}"), blocks)
                sent = full


@cache
def _index(table: Table, keys: tuple[str, ...]) -> str:
    """The clause that names the index of those columns; '' where they begin the primary key, or no index has them."""
    wanted, primary = set(keys), [column.name for column in table.primary_key]
    if set(primary[: len(wanted)]) == wanted:
        return ""
    fitting = (each.name for each in table.indexes if {column.name for column in each.columns[: len(wanted)]} == wanted)
    name = min((str(each) for each in fitting), default=None)
    return f" INDEXED BY {name}" if name else ""


def _refuse_network(database: str) -> None:
    """Raise ``Outage`` where the database is on a network file system: WAL and locks need a local disk."""
    try:
        with open("/proc/mounts", encoding="utf-8") as file:  # noqa: PTH123  # not a file of ours, and only on Linux
            mounts = [line.split()[1:3] for line in file]
    except OSError:
        return
    under = [(place, kind) for place, kind in mounts if database.startswith(place.rstrip("/") + "/")]
    kind = max(under, default=("", ""))[1]
    if kind in NETWORK:
        raise Outage(f"{database} is on a network file system ({kind}), where SQLite can't lock; use PostgreSQL")


def _tuples(cells: Cells) -> list[Row]:
    return list(zip(*(part.to_pylist() for part in cells.values()), strict=True))


def _typed(values: list[Value], kind: pa.DataType) -> pa.Array:
    """SQLite's values as the column's Arrow type: it has no moments, no decimals and no booleans."""
    if pa.types.is_timestamp(kind):
        moments = [value.removesuffix("Z") if isinstance(value, str) and value else None for value in values]
        return pa.array(moments, pa.string()).cast(pa.timestamp("us")).cast(kind)
    if pa.types.is_decimal(kind) or pa.types.is_date(kind):
        return pa.array(values, pa.string()).cast(kind)
    if pa.types.is_boolean(kind):
        return pa.array([None if value is None else bool(value) for value in values], kind)
    return pa.array(values, kind)


def _plain(values: pa.ChunkedArray) -> list[Any]:
    kind = values.type
    if pa.types.is_timestamp(kind):
        return moment_text(values).to_pylist()
    if pa.types.is_decimal(kind) or pa.types.is_date(kind):
        return values.cast(pa.string()).to_pylist()
    return values.to_pylist()


def _later(seconds: float) -> str:
    return as_text(datetime.now(UTC) + timedelta(seconds=seconds))
