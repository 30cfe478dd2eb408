"""First answers: the same ``Idempotency-Key`` of the same partner is answered as it was at first.

Source: draft-ietf-httpapi-idempotency-key-header, and contracts/http.md §1: seven days, the same request, else 422.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from crossdock.database import Database
from crossdock.database.records import as_json, from_json
from crossdock.database.tables import IDEMPOTENCY

KEPT = timedelta(days=7)
"""How long a first answer is known."""
LOST = timedelta(minutes=2)
"""A request without an answer for so long has died with its server; the same again is answered anew."""


@dataclass(frozen=True)
class First:
    """What is known of a key: the ``request`` that it came with (SHA-256), its answer, or None while it has none."""

    request: str
    answer: Answer | None


@dataclass(frozen=True)
class Answer:
    """An answer as it went out."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def begin(database: Database, partner: str, key: str, request: str) -> First | None:
    """Note that a request begins; None where it is the first of its key, else what is known of the first."""
    mine = (IDEMPOTENCY.c.partner == partner, IDEMPOTENCY.c.key == key)
    try:
        with database.writing() as connection:
            now = database.dialect.clock(connection)
            connection.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.begun_at < now - KEPT))
            lost = delete(IDEMPOTENCY).where(IDEMPOTENCY.c.begun_at < now - LOST, IDEMPOTENCY.c.status.is_(None))
            connection.execute(lost.where(*mine))
            row = connection.execute(select(IDEMPOTENCY).where(*mine)).first()
            if row is None:
                first = {"partner": partner, "key": key, "request": request, "begun_at": now}
                connection.execute(insert(IDEMPOTENCY).values(first))
                return None
    except IntegrityError:  # another request with the key has begun in between
        return First(request, None)
    if row.status is None:
        return First(row.request, None)
    return First(row.request, Answer(row.status, from_json(row.headers), bytes(row.body or b"")))


def finish(database: Database, partner: str, key: str, answer: Answer) -> None:
    """Keep the first answer of a key."""
    values = {"status": answer.status, "headers": as_json(dict(answer.headers)), "body": answer.body}
    with database.writing() as connection:
        mine = update(IDEMPOTENCY).where(IDEMPOTENCY.c.partner == partner, IDEMPOTENCY.c.key == key)
        connection.execute(mine.values(values))


def forget(database: Database, partner: str, key: str) -> None:
    """The request of a key came to nothing: the same again is answered anew."""
    with database.writing() as connection:
        mine = delete(IDEMPOTENCY).where(IDEMPOTENCY.c.partner == partner, IDEMPOTENCY.c.key == key)
        connection.execute(mine.where(IDEMPOTENCY.c.status.is_(None)))
