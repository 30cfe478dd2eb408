"""First answers: the same ``Idempotency-Key`` of the same partner is answered as it was at first.

Source: draft-ietf-httpapi-idempotency-key-header, and contracts/http.md §1: seven days, the same request, else 422.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from crossdock.database import Database
from crossdock.database.records import as_json, from_json
from crossdock.database.tables import IDEMPOTENCY

KEPT = timedelta(days=7)
"""How long a first answer is known."""


@dataclass(frozen=True)
class Claim:
    """A request that is to be done once: the key of a partner, what it asks for (SHA-256), the worker that is at it."""

    partner: str
    key: str
    request: str
    worker: str


@dataclass(frozen=True)
class First:
    """What is known of a key: the ``request`` that it came with, its answer, or None while ``worker`` owes it."""

    request: str
    answer: Answer | None
    worker: str | None


@dataclass(frozen=True)
class Answer:
    """An answer as it went out."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def begin(database: Database, claim: Claim) -> First | None:
    """Note that a request begins; None where it is the first of its key, else what is known of the first."""
    own = _of_key(claim)
    try:
        with database.writing() as connection:
            now = database.dialect.clock(connection)
            connection.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.begun_at < now - KEPT))
            row = connection.execute(select(IDEMPOTENCY).where(*own)).first()
            if row is None:
                first = {"partner": claim.partner, "key": claim.key, "begun_at": now}
                connection.execute(insert(IDEMPOTENCY).values(first | _at_it(claim)))
                return None
    except IntegrityError:  # another request with the key has begun in between
        return First(claim.request, None, claim.worker)
    if row.status is None:
        return First(row.request, None, row.worker)
    return First(row.request, Answer(row.status, from_json(row.headers), bytes(row.body or b"")), row.worker)


def take_over(database: Database, claim: Claim, lost: First) -> bool:
    """Note that a request is done in the place of a first one, which has died with its worker; false where another one
    is already.
    """
    owed = (IDEMPOTENCY.c.status.is_(None), IDEMPOTENCY.c.worker.is_not_distinct_from(lost.worker))
    with database.writing() as connection:
        now = database.dialect.clock(connection)
        taken = update(IDEMPOTENCY).where(*_of_key(claim), *owed).values(begun_at=now, **_at_it(claim))
        return bool(connection.execute(taken).rowcount)


def finish(database: Database, claim: Claim, answer: Answer) -> None:
    """Keep the first answer of a key."""
    values = {"status": answer.status, "headers": as_json(dict(answer.headers)), "body": answer.body}
    with database.writing() as connection:
        connection.execute(update(IDEMPOTENCY).where(*_owed(claim)).values(values))


def forget(database: Database, claim: Claim) -> None:
    """The request of a key came to nothing: the same again is answered anew."""
    with database.writing() as connection:
        connection.execute(delete(IDEMPOTENCY).where(*_owed(claim)))


def _of_key(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return IDEMPOTENCY.c.partner == claim.partner, IDEMPOTENCY.c.key == claim.key


def _owed(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    """The condition: the answer that this worker owes, unless another one has taken it over."""
    return *_of_key(claim), IDEMPOTENCY.c.status.is_(None), IDEMPOTENCY.c.worker == claim.worker


def _at_it(claim: Claim) -> dict[str, str]:
    return {"request": claim.request, "worker": claim.worker}
