"""Secrets of business units, sealed at rest: the key that opens them is in the environment, not in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import Fernet
from sqlalchemy import delete, insert, select

from crossdock.database import Database
from crossdock.database.tables import SEALED
from crossdock.errors import Misused

Sealer = Fernet
"""What seals a secret, and opens it."""
LAST = 4
"""How many characters of a secret are shown."""


@dataclass(frozen=True)
class SealedSecret:
    """What may be shown of a secret: its last characters, and when it was set."""

    name: str
    last_four: str
    set_at: datetime


def sealer(key: str) -> Fernet:
    """What seals with a key of 32 bytes in base64. Raises ``Misused`` where the text is none."""
    try:
        return Fernet(key)
    except ValueError:
        raise Misused("the sealing key is not 32 bytes in base64") from None


def put(database: Database, unit: str, values: dict[str, str], seal: Fernet) -> None:
    """Replace all secrets of a business unit, by name."""
    with database.writing() as connection:
        now = database.dialect.clock(connection)
        connection.execute(delete(SEALED).where(SEALED.c.business_unit == unit))
        for name, value in values.items():
            sealed = seal.encrypt(value.encode()).decode()
            shown = value[-LAST:] if len(value) > 2 * LAST else ""
            row = {"business_unit": unit, "name": name, "sealed": sealed, "last_four": shown, "set_at": now}
            connection.execute(insert(SEALED).values(row))


def shown(database: Database, unit: str) -> list[SealedSecret]:
    """The secrets of a business unit, as they may be shown."""
    with database.reading() as connection:
        rows = connection.execute(select(SEALED).where(SEALED.c.business_unit == unit).order_by(SEALED.c.name))
        return [SealedSecret(row.name, row.last_four, row.set_at) for row in rows]


def remove(database: Database, unit: str) -> bool:
    """Remove all secrets of a business unit; false where there is none."""
    with database.writing() as connection:
        return bool(connection.execute(delete(SEALED).where(SEALED.c.business_unit == unit)).rowcount)


def opened(database: Database, unit: str, seal: Fernet) -> dict[str, str]:
    """The secrets of a business unit themselves, for what talks to the marketplace."""
    with database.reading() as connection:
        rows = connection.execute(select(SEALED).where(SEALED.c.business_unit == unit)).all()
    return {row.name: seal.decrypt(row.sealed.encode()).decode() for row in rows}
