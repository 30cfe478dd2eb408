"""Writes of a batch → the database, in the caller's transaction.

A check read what is stored and decided what to write. The documents that change are locked and must still be at the
revision that the check read; new documents must not exist; the documents compared with must be unchanged. Otherwise
another import came between: nothing is written, and the batch is checked again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from crossdock.database import Database, changes
from crossdock.database.dialect import Staged
from crossdock.database.lookups import Stored, StoredWithPending
from crossdock.database.tables import LEVELS
from crossdock.documents import DOCUMENTS
from crossdock.frames.columns import MOMENT, Cells, distinct, keys_of, rows_at
from crossdock.model.decision import ComparedWith, Decision, Moves, Write
from crossdock.partners.feed import Feed
from crossdock.pipeline.fulfilment import settled_moves
from crossdock.schema.document import Document


class Raced(Exception):
    """Another import changed one of these documents after they were checked."""


def stamped(writes: tuple[Write, ...], change: int) -> tuple[Write, ...]:
    """The same rows; those of headers have the number of the transaction that writes them (``change``)."""

    def marked(rows: pa.Table) -> pa.Table:
        if not rows.num_rows:
            return rows
        left = rows.drop_columns(["change"]) if "change" in rows.column_names else rows
        return left.append_column("change", pa.repeat(pa.scalar(change, pa.int64()), rows.num_rows))

    header = writes[0]
    return (Write(header.level, marked(header.insert), marked(header.update)), *writes[1:])


def merge(
    database: Database, connection: Connection, staged: Staged, checked: Decision, feed: Feed, job: str, change: int
) -> None:
    """Write the staged rows and what follows from them. Raises ``Raced`` where what is stored has changed since the
    check.
    """
    document = feed.document
    database.dialect.gate(connection, [document.name] if document.moved else [], _moving(checked, document))
    if checked.seen.num_rows:
        expected = {name: checked.seen.column(name).combine_chunks() for name in checked.seen.column_names}
        keys = {name: part for name, part in expected.items() if name != "revision"}
        rows = database.dialect.lock(connection, LEVELS[document.header.table], keys)
        locked = {tuple(map(_as_text, row)) for row in rows}
        if not locked.issuperset(zip(*(column.to_pylist() for column in expected.values()), strict=True)):
            raise Raced
    for each in checked.leaned:
        if _revisions(database, connection, each) != each.revisions:
            raise Raced
    settled = _settled(checked, Stored(database, connection))
    try:
        staged.merge(connection)
    except IntegrityError as error:
        raise Raced from error
    for moves in settled:
        changes.move(database, connection, moves, job, change)
    if checked.changed or settled:
        changes.number(connection, change, job)


def _settled(checked: Decision, stored: Stored) -> list[Moves]:
    """What the batch does to other documents, type by type, computed before its rows are written: they need not be
    read back.
    """
    if not checked.moves:
        return []
    to_come = StoredWithPending(stored)
    to_come.foresee(checked.writes)
    waiting: dict[str, list[Cells]] = {}
    for name, targets in checked.moves:
        waiting.setdefault(name, []).append(targets)
    settled = []
    while waiting:
        name = next(name for name in waiting if not any(_passes(other, name) for other in waiting))
        keys, *others = waiting.pop(name)
        if others:
            both = {each: pa.concat_arrays([keys[each], *(part[each] for part in others)]) for each in keys}
            keys = rows_at(both, distinct(both))
        moves = settled_moves(DOCUMENTS[name], keys, to_come, checked.leaned)
        if moves is not None:
            for further, targets in moves.passed:  # what a document passes on comes after it
                waiting.setdefault(further, []).append(targets)
            settled += [moves] if moves.headers.num_rows else []
    return settled


def _passes(name: str, target: str) -> bool:
    """Whether what is done of documents of a type counts on those of another."""
    return any(relation.passes and relation.document == target for relation in DOCUMENTS[name].against)


def _moving(checked: Decision, document: Document) -> list[str]:
    """The types of other documents that this transaction may move, straight or by documents between."""
    straight = {name for name, _ in checked.moves}
    passed = {relation.document for name in straight for relation in DOCUMENTS[name].against if relation.passes}
    return sorted((straight | passed) - {document.name})


def _as_text(value: Any) -> Any:
    return value.strftime(MOMENT) if isinstance(value, datetime) else value


def _revisions(database: Database, connection: Connection, leaned: ComparedWith) -> list[tuple[Any, ...]]:
    rows = database.dialect.lock(connection, LEVELS[leaned.document.header.table], keys_of(leaned.asked))
    return sorted(tuple(row) for row in rows)
