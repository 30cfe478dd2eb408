"""Every change of a stored document, numbered in the order of the commits, with the values before.

Rows have the id of the transaction that wrote them. Its number is taken last, under a lock that is held until the
commit. So a reader that has read up to number N and then reads the changes after N never skips one that was committed
later.
"""

from __future__ import annotations

import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, bindparam, insert, update

from crossdock.database import Database
from crossdock.database.tables import CHANGES, COUNTERS, HISTORY, LEVELS
from crossdock.frames.columns import KEY_SEPARATOR
from crossdock.schema.document import Document

COUNTER = "changes"


def new() -> int:
    """The id of a transaction that changes documents; later ones are larger, so their rows are stored together."""
    return (time.time_ns() // 1_000 << 8) | secrets.randbits(8)


def number(connection: Connection, change: int, job: str) -> None:
    """Give a change the next number; other transactions wait for theirs until this one has ended."""
    last = connection.execute(_BUMPED).scalar_one()
    connection.execute(_CHANGE, {"change": change, "number": last, "job_id": job, "at": datetime.now(UTC)})


_BUMPED = (
    update(COUNTERS).where(COUNTERS.c.name == COUNTER).values(number=COUNTERS.c.number + 1).returning(COUNTERS.c.number)
)
_CHANGE = insert(CHANGES)


def move(
    connection: Connection,
    document: Document,
    lines: list[dict[str, Any]],
    headers: list[dict[str, Any]],
    job: str,
    change: int,
) -> None:
    """Write what is shipped or received of documents, and their states; note the states before.

    ``lines``: rows of key columns and the moved quantity. ``headers``: rows of key columns, ``before`` and ``state``.
    """
    moved, level = document.moved, document.lines
    if moved is None or level is None or not headers:
        return
    table = LEVELS[level.table]
    if lines:
        keys = [name for name in lines[0] if name != moved.column]
        connection.execute(
            update(table)
            .where(*(table.c[name] == bindparam(f"key_{name}") for name in keys))
            .values({moved.column: bindparam("moved")}),
            [{f"key_{name}": row[name] for name in keys} | {"moved": row[moved.column]} for row in lines],
        )
    head = LEVELS[document.header.table]
    names = [name for name in headers[0] if name not in ("before", "state")]
    connection.execute(
        update(head)
        .where(*(head.c[name] == bindparam(f"key_{name}") for name in names))
        .values(state=bindparam("to"), revision=head.c.revision + 1, change=change),
        [{f"key_{name}": row[name] for name in names} | {"to": row["state"]} for row in headers],
    )
    order = [document.header.field(name).column for name in document.key]
    connection.execute(
        insert(HISTORY),
        [
            {
                "change": change,
                "document": document.name,
                "key": KEY_SEPARATOR.join(row[name] for name in order),
                "level": "header",
                "row_key": "[]",
                "what": "moved",
                "before": json.dumps({"state": row["before"]}),
                "job_id": job,
                "line": 0,
            }
            for row in headers
        ],
    )


def note(database: Database, connection: Connection, history: pd.DataFrame, change: int, job: str) -> None:
    """Store what an import changes in stored rows: document, key, level, row_key, what, before, line."""
    if len(history):
        rows = history.assign(change=change, job_id=job)
        database.dialect.append(connection, HISTORY, _table(rows))


def _table(rows: pd.DataFrame) -> pa.Table:
    return pa.table({column.name: pa.array(rows[column.name].tolist()) for column in HISTORY.c})
