"""What a database must be able to do: everything in which the databases differ that crossdock runs on.

A dialect is one file and its name in ``DIALECTS``. What SQLAlchemy writes alike for all of them is not here. Rows of
documents come as Arrow tables whose columns are named and typed as those of the table (``tables.arrow``).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

import pandas as pd
import pyarrow as pa
from sqlalchemy import URL, Connection, Engine, Table
from sqlalchemy.exc import DBAPIError

from crossdock.model.decision import Write

Value = str | int | float | bool | Decimal | date | datetime | None
"""What a driver gives for a cell; ``Dialect.typed`` makes a column of it."""
Row = Sequence[Value]
Cells = Sequence[Value]
"""The values of one column."""


class Staged(Protocol):
    """A batch's rows, as near to their tables as the database lets them come before the fence."""

    @abstractmethod
    def merge(self, connection: Connection) -> None:
        """Insert the new rows and update the others, in the transaction in which they were staged.

        Raises ``IntegrityError`` where a row to insert is there already.
        """


class Dialect(Protocol):
    """One kind of database.

    ``name``: SQLAlchemy's name of it. ``schemes``: how its URLs may begin, before ``+driver``. ``example``: a URL of
    one, for messages. ``upgrades_itself``: nobody else is at work in it when it is opened, so it is made and upgraded
    then; else somebody is asked to do that.
    """

    name: str
    schemes: tuple[str, ...]
    example: str
    upgrades_itself: bool

    @abstractmethod
    def engine(self, url: URL) -> Engine:
        """An engine whose waits all end: those for a lock, for an answer, for a connection.

        A transaction whose connection has the execution option ``reading`` takes no write lock. Raises ``Outage`` where
        the database can't be used safely from here.
        """

    @abstractmethod
    def prepare(self, url: URL) -> None:
        """Make what a new database needs outside of itself, such as its folder."""

    @abstractmethod
    def exists(self, url: URL) -> bool:
        """False where surely no database is there; nothing is created by asking."""

    @abstractmethod
    def passing(self, error: DBAPIError) -> bool:
        """Whether an error says that another transaction was in the way, so that the same may go well later."""

    @abstractmethod
    def lookup(self, connection: Connection, table: Table, keys: pd.DataFrame, columns: Sequence[str]) -> list[Cells]:
        """The rows of a table that equal a row of ``keys`` in its columns, column by column.

        ``keys``: at least one row, all text without control characters, named as the table's columns; moments as
        ``columns.moment_text`` writes them. Gives of each row the place of the row of ``keys`` that it equals, then
        ``columns``, in any order of rows; a row of ``keys`` that stands twice may give its rows twice.
        """

    @abstractmethod
    def typed(self, values: Cells, kind: pa.DataType) -> pa.Array:
        """A column of what ``lookup`` gave, as an Arrow type."""

    @abstractmethod
    def append(self, connection: Connection, table: Table, rows: pa.Table) -> None:
        """Insert rows. Raises ``IntegrityError`` where one is there already."""

    @abstractmethod
    def stage(self, connection: Connection, writes: tuple[Write, ...]) -> Staged:
        """Bring a batch's rows to the database before the fence is taken: all that may wait for this process."""

    @abstractmethod
    def lock(self, connection: Connection, table: Table, keys: pd.DataFrame) -> list[Row]:
        """Lock the stored documents of those keys until the transaction ends, in an order that all keep to.

        Gives the key and the revision of each that is there. ``keys`` as in ``lookup``.
        """

    @abstractmethod
    def gate(self, connection: Connection, moved: Sequence[str], moving: Sequence[str]) -> None:
        """See that documents and those that move them are not written at the same time: neither would see the other.

        ``moved``: types that this transaction writes and others move; ``moving``: types that it moves itself. Held
        until the transaction ends.
        """

    @abstractmethod
    def turn(self, connection: Connection, name: str) -> None:
        """Wait until no other transaction does the same: whoever comes next sees what this one has done.

        ``name``: what is done one after the other. Held until the transaction ends.
        """

    @abstractmethod
    def name_session(self, connection: Connection, job: str, token: str) -> None:
        """Say until the transaction ends whose it is, so that a successor can end it; other transactions of the same
        worker are left alone. ``token``: that of the worker's lease.
        """

    @abstractmethod
    def take_over(self, connection: Connection, job: str, token: str) -> None:
        """End the session that a job's earlier worker named so, which may sit on locks; nothing where none is."""

    @abstractmethod
    def clock(self, connection: Connection) -> datetime:
        """The time by which leases are told, in UTC: one clock for all that work on the database."""
