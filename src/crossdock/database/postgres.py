"""PostgreSQL's own way: COPY to staging, then INSERT … SELECT for new rows and UPDATE for known ones.

Everything is streamed to temporary tables before the fence, because no timeout fires while the server waits for COPY
data; after it only statements follow, and a session that goes silent in between is ended by the server, or by its
successor. Needs PostgreSQL 14.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import csv
from sqlalchemy import URL, Connection, Engine, Table, create_engine, text

from crossdock.database.tables import LEVELS, Moment
from crossdock.model import Write

SEPARATOR = "\x1e"
"""Between the keys of a question; no key that is asked for holds a control character (``recall``)."""
TIMEOUTS_MS = {"lock_timeout": 30_000, "statement_timeout": 600_000, "idle_in_transaction_session_timeout": 60_000}


def engine(url: URL) -> Engine:
    """An engine with the psycopg driver and every timeout set."""
    options = " ".join(f"-c {name}={value}" for name, value in TIMEOUTS_MS.items())
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        connect_args={"options": f"{options} -c TimeZone=UTC", "connect_timeout": 10},
    )


def lookup(connection: Connection, table: Table, keys: pd.DataFrame, columns: Sequence[str]) -> list[Sequence[Any]]:
    """The rows of a table whose columns equal a row of ``keys``: the key columns, then ``columns``."""
    return _joined(connection, table, keys, columns, "")


def _joined(
    connection: Connection, table: Table, keys: pd.DataFrame, columns: Sequence[str], suffix: str
) -> list[Sequence[Any]]:
    one = len(keys) == 1  # of an empty text string_to_array makes no element at all
    arrays = ", ".join("ARRAY[%s]" if one else f"string_to_array(%s, '{SEPARATOR}')" for _ in keys)
    names = ", ".join(f"k{place}" for place in range(len(keys.columns)))
    moments = {name for name in keys if isinstance(table.c[name].type, Moment)}
    on = " AND ".join(
        f"t.{name} = " + (f"NULLIF(k.k{place}, '')::timestamptz" if name in moments else f"k.k{place}")
        for place, name in enumerate(keys)
    )
    picked = ", ".join(f"t.{name}" for name in [*keys, *columns])
    sql = f"SELECT {picked} FROM unnest({arrays}) AS k({names}) JOIN {table.name} t ON {on}{suffix}"  # noqa: S608
    asked = tuple(SEPARATOR.join(keys[name].tolist()) for name in keys)
    return list(connection.exec_driver_sql(sql, asked).fetchall())


def typed(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """What PostgreSQL gave, as the column's Arrow type."""
    return pa.array(values, kind)


def append(connection: Connection, table: Table, rows: pa.Table) -> None:
    """Insert rows."""
    _copy(connection, table.name, rows)


def _copy(connection: Connection, name: str, rows: pa.Table) -> None:
    if not rows.num_rows:
        return
    buffer = io.BytesIO()
    csv.write_csv(rows, buffer, csv.WriteOptions(include_header=False))
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {name} ({', '.join(rows.column_names)}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(buffer.getbuffer())


Staged = list[tuple[Table, str | None, list[str], str | None, list[str]]]


def stage(connection: Connection, writes: tuple[Write, ...]) -> Staged:
    """Stream everything to temporary tables, which go with the transaction."""
    staged: Staged = []
    for write in writes:
        table = LEVELS[write.level.table]
        new = _staged(connection, table, "new", write.insert)
        known = _staged(connection, table, "known", write.update)
        staged.append((table, new, write.insert.column_names, known, write.update.column_names))
    return staged


def _staged(connection: Connection, table: Table, kind: str, rows: pa.Table) -> str | None:
    if not rows.num_rows:
        return None
    name = f"stage_{kind}_{table.name}"
    columns = ", ".join(rows.column_names)
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE {name} ON COMMIT DROP AS SELECT {columns} FROM {table.name} LIMIT 0"  # noqa: S608
    )
    _copy(connection, name, rows)
    return name


def merge(connection: Connection, staged: Staged) -> None:
    """Insert the new rows and update the others, in key order. A row that is there already raises IntegrityError."""
    for table, new, new_columns, known, columns in staged:
        key = [column.name for column in table.primary_key]
        if new is not None:
            names = ", ".join(new_columns)
            connection.exec_driver_sql(
                f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {new} ORDER BY {', '.join(key)}"  # noqa: S608
            )
        if known is not None:
            connection.exec_driver_sql(f"ANALYZE {known}")
            sets = ", ".join(f"{name} = s.{name}" for name in columns if name not in key)
            on = " AND ".join(f"t.{name} = s.{name}" for name in key)
            connection.exec_driver_sql(f"UPDATE {table.name} t SET {sets} FROM {known} s WHERE {on}")  # noqa: S608


def lock(connection: Connection, table: Table, keys: pd.DataFrame) -> list[Sequence[Any]]:
    """Lock stored documents, in key order, and give their keys and revisions."""
    order = ", ".join(f"t.{name}" for name in keys)
    return _joined(connection, table, keys, ["revision"], f" ORDER BY {order} FOR UPDATE OF t")


def gate(connection: Connection, moved: list[str], moving: list[str]) -> None:
    """See that documents and those that move them are not written at the same time: neither would see the other.

    ``moved``: types that this transaction writes and others move; ``moving``: types that it moves itself.
    """
    for name in sorted({*moved, *moving}):
        lock = "pg_advisory_xact_lock" if name in moving else "pg_advisory_xact_lock_shared"
        connection.execute(text(f"SELECT {lock}(hashtext(:name))"), {"name": f"crossdock {name}"})


def take_over(connection: Connection, job: str, token: str) -> None:
    """End the session of a job's earlier worker, which may sit on locks."""
    connection.execute(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = :name AND pid <> pg_backend_pid()"
        ),
        {"name": f"crossdock {job} {token}"},
    )


def name_session(connection: Connection, job: str, token: str) -> None:
    """Say whose transaction this is, so that a successor can end it; readers of the same worker are left alone."""
    connection.execute(text("SELECT set_config('application_name', :name, true)"), {"name": f"crossdock {job} {token}"})


def clock(connection: Connection) -> datetime:
    """The database's own time: leases of several machines are told by one clock."""
    return connection.execute(text("SELECT clock_timestamp()")).scalar_one()


def turn(connection: Connection, name: str) -> None:
    """Wait until no other transaction does the same: whoever comes next sees what this one has done."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"crossdock turn {name}"})
