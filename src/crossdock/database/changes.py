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

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, insert, update

from crossdock.database import Database
from crossdock.database.tables import CHANGES, COUNTER, COUNTERS, HISTORY, as_stored
from crossdock.frames.columns import key_texts
from crossdock.model.decision import Moves, Write


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


def move(database: Database, connection: Connection, moves: Moves, job: str, change: int) -> None:
    """Write what is shipped or received of documents, and their states; note the states before."""
    document, headers = moves.document, moves.headers
    level = document.lines
    if level is None or not headers.num_rows:
        return
    stamped = headers.drop_columns(["before"]).append_column("change", pa.repeat(pa.scalar(change), headers.num_rows))
    writes = (Write(document.header, headers.slice(0, 0), stamped), Write(level, moves.lines.slice(0, 0), moves.lines))
    database.dialect.stage(connection, writes).merge(connection)
    keys = [document.header.field(name).column for name in document.key]
    size = headers.num_rows
    before = pc.dictionary_encode(headers.column("before").combine_chunks())
    states = pa.array([json.dumps({"state": state}) for state in before.dictionary.to_pylist()], pa.string())
    alike = {"change": change, "document": document.name, "level": "header", "row_key": "[]", "what": "moved",
             "job_id": job, "line": 0}  # fmt: skip
    history = {name: pa.repeat(value, size) for name, value in alike.items()} | {
        "key": key_texts({name: headers.column(name).combine_chunks() for name in keys}),
        "before": states.take(before.indices),
    }
    database.dialect.append(connection, HISTORY, pa.table({each.name: history[each.name] for each in HISTORY.c}))


def note(database: Database, connection: Connection, history: pd.DataFrame, change: int, job: str) -> None:
    """Store what an import changes in stored rows: document, key, level, row_key, what, before, line."""
    if len(history):
        rows = history.assign(change=change, job_id=job)
        columns = {each.name: rows[each.name].tolist() for each in HISTORY.c}
        database.dialect.append(connection, HISTORY, as_stored(HISTORY, columns))
