"""Keys: who may ask over HTTP, for which partner and business units.

A key is shown once, when it is made; the database has its SHA-256. It is 256 random bits, so no slow hash is needed:
nothing but the key itself gives that digest.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from crossdock.database import Database
from crossdock.database.records import as_json, from_json
from crossdock.database.tables import API_KEYS, NOW
from crossdock.errors import Misused, Outage

API, ERP, OPERATOR = "api", "erp", "operator"
"""What a key opens: the warehouse API and the pages; the ERP API only; the pages, with every partner."""
ERP_LETTERS = string.ascii_letters + string.digits
ERP_LENGTH = 10
"""Letters and digits of an ERP key, as the ERP's own have (contracts/http.md §3)."""
USED_EVERY = timedelta(minutes=1)
"""How exact the last use is: not every request writes."""


@dataclass(frozen=True)
class Key:
    """A key, without its secret. ``units``: the business units that it is for, empty for all of its partner."""

    key_id: str
    partner: str
    kind: str
    units: tuple[str, ...]
    read_only: bool
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None

    def opens(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def digest(secret: str) -> str:
    """What is stored of a key: its SHA-256, in hex."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def add(
    database: Database,
    partner: str,
    kind: str = API,
    *,
    units: tuple[str, ...] = (),
    read_only: bool = False,
    name: str = "",
    expires_at: datetime | None = None,
) -> tuple[Key, str]:
    """Make a key for a partner ('' for an operator's). Returns it, and the secret, which is stored nowhere."""
    secret = (
        "".join(secrets.choice(ERP_LETTERS) for _ in range(ERP_LENGTH))
        if kind == ERP
        else f"cd_{secrets.token_urlsafe(32)}"
    )
    with database.writing() as connection:
        now = database.dialect.clock(connection)
        key = Key(secrets.token_hex(4), partner, kind, units, read_only, name, now, expires_at, None, None)
        columns = {**key.__dict__, "units": as_json(units), "digest": digest(secret)}
        connection.execute(insert(API_KEYS).values(columns))
    return key, secret


def find(database: Database, secret: str) -> Key | None:
    """The key of a secret, if it opens now; its last use is noted if that can be. None else, whatever the reason."""
    looked_up = digest(secret)
    with database.reading() as connection:
        row = connection.execute(_OF_DIGEST, {"of_digest": looked_up}).first()
    if row is None or not hmac.compare_digest(row.digest, looked_up):
        return None
    key = _key_of(row)
    if not key.opens(row.now):
        return None
    if key.used_at is None or row.now - key.used_at > USED_EVERY:
        with suppress(Outage), database.writing() as connection:
            connection.execute(update(API_KEYS).where(API_KEYS.c.key_id == key.key_id).values(used_at=row.now))
    return key


_OF_DIGEST = select(API_KEYS, NOW.label("now")).where(API_KEYS.c.digest == bindparam("of_digest"))
"""Built once, because every request asks for its key."""


def of_id(database: Database, key_id: str) -> Key | None:
    """The key of an id, if it opens now; else None."""
    with database.reading() as connection:
        now = database.dialect.clock(connection)
        row = connection.execute(select(API_KEYS).where(API_KEYS.c.key_id == key_id)).first()
    key = None if row is None else _key_of(row)
    return key if key is not None and key.opens(now) else None


def every(database: Database) -> list[Key]:
    """All keys, revoked ones too, the oldest first."""
    with database.reading() as connection:
        rows = connection.execute(select(API_KEYS).order_by(API_KEYS.c.created_at, API_KEYS.c.key_id))
        return [_key_of(row) for row in rows]


def revoke(database: Database, key_id: str) -> None:
    """End a key at once. Raises ``Misused`` where there is no such key."""
    with database.writing() as connection:
        now = database.dialect.clock(connection)
        ended = update(API_KEYS).where(API_KEYS.c.key_id == key_id, API_KEYS.c.revoked_at.is_(None))
        known = connection.execute(select(API_KEYS.c.key_id).where(API_KEYS.c.key_id == key_id)).first()
        if known is None:
            raise Misused(f"there is no key {key_id}; 'crossdock keys list' shows those there are")
        connection.execute(ended.values(revoked_at=now))


def _key_of(row: Row[Any]) -> Key:
    values = {name: getattr(row, name) for name in Key.__dataclass_fields__}
    return Key(**values | {"units": tuple(from_json(row.units))})
