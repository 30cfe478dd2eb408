"""Writes of a batch → the database, in the caller's transaction.

What to write was decided against what a check saw stored. The documents it is about to change are locked and must
still be at the revision it saw, and what is new must not be there: else another import came between, nothing is
written, and the batch is checked again.
"""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from crossdock.database import Database
from crossdock.database.tables import LEVELS
from crossdock.feeds import Feed
from crossdock.model import Checked


class Raced(Exception):
    """Another import changed one of these documents after they were checked."""


def merge(database: Database, connection: Connection, staged: object, checked: Checked, feed: Feed) -> None:
    """Write the staged rows. Raises ``Raced`` where what is stored is no longer what was checked against."""
    seen = checked.seen.to_pandas()
    if len(seen):
        keys = seen.drop(columns="revision")
        rows = database.way.lock(connection, LEVELS[feed.document.header.table], keys)
        locked = pd.DataFrame([tuple(row) for row in rows], columns=list(seen.columns))
        if len(locked.merge(seen, on=list(seen.columns))) != len(seen):
            raise Raced
    try:
        database.way.merge(connection, staged)
    except IntegrityError as error:
        raise Raced from error
