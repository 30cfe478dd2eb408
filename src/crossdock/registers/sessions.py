"""Sessions: who is signed in to the pages, by which key.

A browser has a random token as a cookie; the database has its SHA-256. A session ends with its time, when its person
signs out, and at once when its key is revoked.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select

from crossdock.database import Database
from crossdock.database.tables import WEB_SESSIONS
from crossdock.registers import keys
from crossdock.registers.keys import Key

LASTS = timedelta(hours=12)
"""How long a person stays signed in: a working day."""


@dataclass(frozen=True)
class Session:
    """A session that is open: its key, and what its forms must bear."""

    key: Key
    form_token: str


def begin(database: Database, key: Key) -> str:
    """Sign in with a key; returns the token for the browser. Sessions that have ended by time are removed."""
    token = secrets.token_urlsafe(32)
    with database.writing() as connection:
        now = database.dialect.clock(connection)
        connection.execute(delete(WEB_SESSIONS).where(WEB_SESSIONS.c.ends_at < now))
        row = {
            "digest": keys.digest(token),
            "key_id": key.key_id,
            "form_token": secrets.token_urlsafe(32),
            "ends_at": now + LASTS,
        }
        connection.execute(insert(WEB_SESSIONS).values(row))
    return token


def find(database: Database, token: str) -> Session | None:
    """The session of a browser's token, if it is open and its key opens; else None."""
    with database.reading() as connection:
        now = database.dialect.clock(connection)
        row = connection.execute(select(WEB_SESSIONS).where(WEB_SESSIONS.c.digest == keys.digest(token))).first()
    if row is None or row.ends_at <= now:
        return None
    key = keys.of_id(database, row.key_id)
    return Session(key, row.form_token) if key is not None else None


def end(database: Database, token: str) -> None:
    """Sign out."""
    with database.writing() as connection:
        connection.execute(delete(WEB_SESSIONS).where(WEB_SESSIONS.c.digest == keys.digest(token)))
