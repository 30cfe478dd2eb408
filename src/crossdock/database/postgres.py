"""PostgreSQL: new rows by COPY straight into their tables, known ones by COPY to staging and UPDATE.

New rows are encoded before the fence, and sent behind it in one piece: a row is written once, which is what an import
of new documents costs. No timeout applies while the server waits for COPY data, so only a successor ends a session that
becomes silent then; in every other place the server does, too. Many known rows are streamed to temporary tables before
the fence. Names in statements are those of our own tables, values are parameters. Needs PostgreSQL 14.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from crossdock.database.dialect import Dialect, Row, Staged
from crossdock.database.tables import LEVELS, Moment, arrow
from crossdock.errors import Outage
from crossdock.frames.columns import Cells, as_texts, in_order, length, rows_at
from crossdock.model.decision import Write

SEPARATOR = "\x1e"
"""Between the keys of a query; no queried key contains a control character (``stored_side``)."""
TIMEOUTS_MS = {"lock_timeout": 30_000, "statement_timeout": 600_000, "idle_in_transaction_session_timeout": 60_000}
ALWAYS = "-c TimeZone=UTC -c DateStyle=ISO,YMD -c jit=off"
"""How moments are written by a server, and read here. No statement of ours runs so long that compiling it first, with
an expression for each column, would be worth it.
"""
KEPT = {"TimeZone": "UTC", "DateStyle": "ISO, YMD"}
"""What a server says that has heard this: many have UTC by themselves, hardly one has YMD, which changes no output."""
READER_MS = 3_600_000
"""How long a transaction may be idle in which somebody reads rows at leisure: it locks nothing."""
NETWORK = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""How a server is noticed that is gone without a word (its machine, or a firewall between): without these, a process
would wait two hours for an answer.
"""
IDLE_SECONDS = 1.0
"""After how long a connection that nobody used is asked whether it still lives; asking costs as much as a query."""
FEW = 100
"""Up to so many keys are looked up, and rows are updated, by a prepared statement."""
PREPARED = 500
"""How many statements a connection keeps prepared; the driver keeps 100 by itself, about as many as one drop needs."""
NO_POOLER = "is a pooler such as pgbouncer between? crossdock has one of its own: name the server itself"
PASSING = (
    "DeadlockDetected",
    "SerializationFailure",
    "ReadOnlySqlTransaction",
    "InsufficientPrivilege",
    "DataCorrupted",
    "IndexCorrupted",
    "InvalidSqlStatementName",
    "DuplicatePreparedStatement",
)
"""The driver's names of errors that are none of the statement: two transactions were in each other's way; the server is
a standby, or read-only; rights are lost; a file is damaged; a pooler has given the session to another client.
"""


class PostgreSQL(Dialect):
    """A server, for several machines."""

    name = "postgresql"
    schemes = ("postgresql", "postgres")
    example = "postgresql://user@host/name"
    upgrades_itself = False

    def engine(self, url: URL) -> Engine:
        """An engine with the psycopg driver and every timeout set; what the URL says itself comes before.

        A connection that was idle is asked whether it still lives.
        """
        timeouts = " ".join(f"-c {name}={value}" for name, value in TIMEOUTS_MS.items())
        options = f"{timeouts} {_of_url(url, 'options')} {ALWAYS}"
        network = {name: value for name, value in NETWORK.items() if name not in url.query}
        engine = create_engine(url.set(drivername=f"{self.name}+psycopg"), connect_args={"options": options} | network)

        @event.listens_for(engine, "connect")
        def _opened(connection: Any, _record: ConnectionPoolEntry) -> None:
            connection.prepared_max = PREPARED
            if any(connection.info.parameter_status(name) != value for name, value in KEPT.items()):
                raise Outage(f"the session's options are ignored: {NO_POOLER}")

        @event.listens_for(engine, "handle_error")
        def _not_opened(context: ExceptionContext) -> None:
            if "unsupported startup parameter" in str(context.original_exception):
                raise Outage(f"the session's options are refused: {NO_POOLER}") from context.original_exception

        @event.listens_for(engine, "engine_connect")
        def _connected(connection: Connection) -> None:
            if connection.get_execution_options().get("reading", False):  # no BEGIN and no ROLLBACK
                connection.execution_options(isolation_level="AUTOCOMMIT")

        @event.listens_for(engine, "checkin")
        def _returned(_connection: Any, record: ConnectionPoolEntry) -> None:
            record.info["used"] = monotonic()

        @event.listens_for(engine, "checkout")
        def _lives(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
            if monotonic() - record.info.get("used", monotonic()) < IDLE_SECONDS:
                return
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error

        return engine

    def prepare(self, url: URL) -> None:
        """Nothing: the server's administrator creates databases."""

    def exists(self, url: URL) -> bool:
        """Always true: only the server knows."""
        return True

    def passing(self, error: DBAPIError) -> bool:
        """Whether the server ended the transaction for a reason of its own."""
        return type(error.orig).__name__ in PASSING

    def unkept(self, connection: Connection) -> None:
        """The server confirms the commit before it is on the disk. Where the server confirms all of them so, nothing is
        changed.
        """
        with closing(connection.connection.cursor()) as cursor:  # as ``unhurried``
            cursor.execute("SET LOCAL synchronous_commit = off")

    def keep(self, url: URL) -> None:
        """Nothing: each commit waits for the disk, as the server's administrator has set it."""

    def unhurried(self, connection: Connection) -> None:
        """Lengthen what the session may be idle, until the transaction ends."""
        with closing(connection.connection.cursor()) as cursor:  # SQLAlchemy would make a cursor of the server of it
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = {READER_MS}")

    def lookup(
        self, connection: Connection, table: Table, keys: Cells, columns: Sequence[str]
    ) -> tuple[np.ndarray, dict[str, pa.Array]]:
        """The rows of a table that equal a row of ``keys``: which one, and ``columns``.

        Of many keys the server makes columns, which Arrow takes as they are: of rows the driver makes a value of every
        cell, and even COPY sends each row on its own, which takes ten times as long.
        """
        picked = ["k.place - 1", *(f"t.{name}" for name in columns)]
        if length(keys) > FEW:
            places, *of_rows = _in_columns(connection, table, keys, picked, [arrow(table.c[name]) for name in columns])
            return places.to_numpy(), dict(zip(columns, of_rows, strict=True))
        rows = _joined(connection, table, keys, picked, "")
        places, *of_rows = list(zip(*rows, strict=True)) or [()] * len(picked)
        named = zip(columns, of_rows, strict=True)
        return np.array(places, dtype=np.int64), {name: pa.array(row, arrow(table.c[name])) for name, row in named}

    def append(self, connection: Connection, table: Table, rows: pa.Table) -> None:
        """Insert rows by COPY."""
        _copy(connection, table.name, rows)

    def stage(self, connection: Connection, writes: tuple[Write, ...]) -> Staged:
        """Encode new rows; stream many known ones to temporary tables, which are dropped with the transaction."""
        return StagedTables(tuple(_staged(connection, write) for write in writes))

    def lock(self, connection: Connection, table: Table, keys: Cells) -> list[Row]:
        """Lock stored documents, in key order; returns their keys and revisions."""
        order = pc.sort_indices(pa.table(dict(keys)), [(name, "ascending") for name in keys])
        picked = [*(f"t.{name}" for name in keys), "t.revision"]
        return _joined(connection, table, rows_at(keys, order.to_numpy()), picked, " FOR UPDATE OF t")

    def gate(self, connection: Connection, moved: Sequence[str], moving: Sequence[str]) -> None:
        """Advisory locks of the types, in the order of their names: shared for writers, exclusive for movers."""
        for name in sorted({*moved, *moving}):
            connection.execute(_EXCLUSIVE if name in moving else _SHARED, {"name": f"crossdock {name}"})

    def turn(self, connection: Connection, name: str) -> None:
        """Wait for an advisory lock of that name."""
        connection.execute(_EXCLUSIVE, {"name": f"crossdock turn {name}"})

    def name_session(self, connection: Connection, job: str, token: str) -> None:
        """Name the session after the job and token; the name ends with the transaction."""
        connection.execute(_NAMED, {"name": f"crossdock {job} {token}"})

    def take_over(self, connection: Connection, job: str, token: str) -> None:
        """End the session of that name."""
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = :name AND pid <> pg_backend_pid()"
            ),
            {"name": f"crossdock {job} {token}"},
        )

    def clock(self, connection: Connection) -> datetime:
        """The server's own time, as it passes within a transaction.

        It is asked each time: two connections that count on from readings of their own differ by milliseconds, and what
        one has queued is not due for the other.
        """
        return connection.execute(_CLOCK).scalar_one()


_EXCLUSIVE = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
_SHARED = text("SELECT pg_advisory_xact_lock_shared(hashtext(:name))")
_NAMED = text("SELECT set_config('application_name', :name, true)")
_CLOCK = text("SELECT clock_timestamp()")


def _of_url(url: URL, name: str) -> str:
    """A parameter of a URL as text; several are one after the other."""
    value = url.query.get(name, "")
    return value if isinstance(value, str) else " ".join(value)


@dataclass(frozen=True)
class StagedTable:
    """The rows to store in one table: the new rows as CSV in key order, and those to update."""

    table: Table
    new: pa.Buffer | None
    new_columns: list[str]
    known: FewRows | ManyRows | None


@dataclass(frozen=True)
class FewRows:
    """Rows that are updated by their keys: to make a temporary table, and to drop it, costs more, and with it the
    connection's prepared statements.
    """

    table: Table
    rows: pa.Table

    def update(self, connection: Connection) -> None:
        """Update them. Every value goes as text, so that it is one statement whatever is null."""
        sets, of_key = _assigned(self.table, self.rows.column_names, "%({})s")
        sql = f"UPDATE {self.table.name} t SET {sets} WHERE {of_key}"  # noqa: S608  # names of ours
        written = pa.table(list(map(as_texts, self.rows.columns)), names=self.rows.column_names)
        connection.exec_driver_sql(sql, written.to_pylist())


@dataclass(frozen=True)
class ManyRows:
    """Rows in a temporary table: ``name``, ``columns``."""

    table: Table
    name: str
    columns: list[str]

    def update(self, connection: Connection) -> None:
        """Update them with one statement."""
        sets, of_key = _assigned(self.table, self.columns, "s.{}")
        sql = f"UPDATE {self.table.name} t SET {sets} FROM {self.name} s WHERE {of_key}"  # noqa: S608  # names of ours
        with _by_index(connection):
            connection.exec_driver_sql(sql)
        connection.exec_driver_sql(f"DROP TABLE {self.name}")  # a table may be moved twice in a transaction


def _assigned(table: Table, columns: Sequence[str], value: str) -> tuple[str, str]:
    """What an update of a table ``t`` sets, and of which row. ``value``: the new one of a column, ``{}`` its name."""
    key = _key(table)
    sets = ", ".join(f"{name} = {value.format(name)}" for name in columns if name not in key)
    return sets, " AND ".join(f"t.{name} = {value.format(name)}" for name in key)


@dataclass(frozen=True)
class StagedTables(Staged):
    """A batch's rows, as far as they can be sent before the fence."""

    tables: tuple[StagedTable, ...]

    def merge(self, connection: Connection) -> None:
        """Insert the new rows and update the others, in key order."""
        for staged in self.tables:
            if staged.new is not None:
                _send(connection, staged.table.name, staged.new_columns, staged.new)
            if staged.known is not None:
                staged.known.update(connection)


def _joined(connection: Connection, table: Table, keys: Cells, picked: Sequence[str], suffix: str) -> list[Row]:
    """The ``picked`` columns of the rows ``t`` of a table that equal a row ``k`` of ``keys``; places count from 1."""
    sql, arguments = _join(table, keys, picked)
    return list(connection.exec_driver_sql(sql + suffix, arguments).fetchall())


def _in_columns(
    connection: Connection, table: Table, keys: Cells, picked: Sequence[str], kinds: Sequence[pa.DataType]
) -> list[pa.Array]:
    """As ``_joined``, as columns: the place (int64), and others of those ``kinds``.

    A column comes as two values: its texts, one after the other, and how many bytes each has, -1 for null.
    """
    encoded = [f"convert_to(({each})::text, 'UTF8') AS c{place}" for place, each in enumerate(picked)]
    both = (
        f"string_agg(c{place}, ''), string_agg(int4send(coalesce(octet_length(c{place}), -1)), '')"
        for place in range(len(picked))
    )
    query, arguments = _join(table, keys, encoded)
    sql = f"SELECT {', '.join(both)} FROM ({query} OFFSET 0) AS r"  # noqa: S608  # OFFSET: a cell is encoded once
    (row,) = connection.exec_driver_sql(sql, arguments).fetchall()
    pairs = zip(row[::2], row[1::2], strict=True)
    texts = (_texts(content or b"", sizes or b"") for content, sizes in pairs)
    return [each.cast(kind) for each, kind in zip(texts, [pa.int64(), *kinds], strict=True)]


def _texts(content: bytes, sizes: bytes) -> pa.Array:
    """Texts that stand one after the other; ``sizes``: how many bytes each has, -1 for null, as the server writes
    numbers.
    """
    lengths = np.frombuffer(sizes, ">i4")
    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(np.maximum(lengths, 0), out=offsets[1:])
    valid = pa.array(lengths >= 0).buffers()[1]
    return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(offsets), pa.py_buffer(content), valid)


def _join(table: Table, keys: Cells, picked: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The query of the ``picked`` columns of the rows ``t`` of a table that equal a row ``k`` of ``keys``, and its
    arguments; places count from 1.

    The rows are looked up key by key, in that order: of a table that is being filled the server has no statistics; it
    takes it for small, and would read all of it for each batch.
    """
    one = length(keys) == 1  # string_to_array returns no element for an empty text
    arrays = ", ".join("ARRAY[%s]" if one else f"string_to_array(%s, '{SEPARATOR}')" for _ in keys)
    names = ", ".join(f"k{place}" for place in range(len(keys)))
    moments = {name for name in keys if isinstance(table.c[name].type, Moment)}
    on = " AND ".join(
        f"t.{name} = " + (f"NULLIF(k.k{place}, '')::timestamptz" if name in moments else f"k.k{place}")
        for place, name in enumerate(keys)
    )
    rows = f"unnest({arrays}) WITH ORDINALITY AS k({names}, place)"
    of_key = f"LATERAL (SELECT * FROM {table.name} t WHERE {on} OFFSET 0) AS t"  # noqa: S608  # names of ours
    sql = f"SELECT {', '.join(picked)} FROM {rows} CROSS JOIN {of_key}"  # noqa: S608
    return sql, tuple(SEPARATOR.join(part.to_pylist()) for part in keys.values())


@contextmanager
def _by_index(connection: Connection) -> Iterator[None]:
    """A join there looks up row by row, for the reason of ``_join``."""
    others = ("enable_hashjoin", "enable_mergejoin", "enable_seqscan")
    connection.exec_driver_sql("; ".join(f"SET LOCAL {each} = off" for each in others))
    yield
    connection.exec_driver_sql("; ".join(f"SET LOCAL {each} TO DEFAULT" for each in others))


def _key(table: Table) -> list[str]:
    return [column.name for column in table.primary_key]


def _copy(connection: Connection, name: str, rows: pa.Table) -> None:
    if rows.num_rows:
        _send(connection, name, rows.column_names, _encoded(rows))


def _in_key_order(table: Table, rows: pa.Table) -> pa.Buffer:
    """Rows as CSV, sorted: two transactions that insert the same ones wait for each other in one order."""
    key = _key(table)
    if not in_order([rows.column(name).combine_chunks() for name in key]):
        rows = rows.sort_by([(name, "ascending") for name in key])
    return _encoded(rows)


def _encoded(rows: pa.Table) -> pa.Buffer:
    """Rows as CSV."""
    sink = pa.BufferOutputStream()
    for place, column in enumerate(rows.columns):
        if pa.types.is_timestamp(column.type):
            rows = rows.set_column(place, rows.column_names[place], as_texts(column))
    csv.write_csv(rows, sink, csv.WriteOptions(include_header=False))
    return sink.getvalue()


def _send(connection: Connection, name: str, columns: Sequence[str], rows: pa.Buffer) -> None:
    """COPY rows, encoded as CSV, to a table."""
    with _copying(connection, f"COPY {name} ({', '.join(columns)}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(memoryview(rows))


@contextmanager
def _copying(connection: Connection, sql: str) -> Iterator[Any]:
    """The driver's COPY. SQLAlchemy has none, so its errors are raised here like those of SQLAlchemy's statements."""
    driver: Any = connection.dialect.loaded_dbapi
    cursor: Any = connection.connection.cursor()
    try:
        with cursor.copy(sql) as copy:
            yield copy
    except driver.Error as error:
        lost = cursor.connection.closed
        raise DBAPIError.instance(sql, None, error, driver.Error, connection_invalidated=lost) from error


def _staged(connection: Connection, write: Write) -> StagedTable:
    table = LEVELS[write.level.table]
    return StagedTable(
        table,
        _in_key_order(table, write.insert) if write.insert.num_rows else None,
        write.insert.column_names,
        _known(connection, table, write.update),
    )


def _known(connection: Connection, table: Table, rows: pa.Table) -> FewRows | ManyRows | None:
    if rows.num_rows <= FEW:
        return FewRows(table, rows) if rows.num_rows else None
    name = f"stage_{table.name}"
    columns = ", ".join(rows.column_names)
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE {name} ON COMMIT DROP AS SELECT {columns} FROM {table.name} LIMIT 0"  # noqa: S608
    )
    _copy(connection, name, rows)
    return ManyRows(table, name, rows.column_names)
