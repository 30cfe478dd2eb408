"""What a database must be able to do: everything in which crossdock's databases differ.

A dialect is one file and its name in ``DIALECTS``. What SQLAlchemy writes alike for all of them is not here. Rows of
documents are Arrow tables whose columns are named and typed as those of the table (``tables.arrow``).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

import numpy as np
import pyarrow as pa
from sqlalchemy import URL, Connection, Engine, Table
from sqlalchemy.exc import DBAPIError

from crossdock.frames.columns import Cells
from crossdock.model.decision import Write

Value = str | int | float | bool | Decimal | date | datetime | None
"""What a driver returns for a cell."""
Row = Sequence[Value]


class Staged(Protocol):
    """A batch's rows, prepared as far as the database allows before the fence."""

    @abstractmethod
    def merge(self, connection: Connection) -> None:
        """Insert the new rows and update the others, in the transaction in which they were staged.

        Raises ``IntegrityError`` where a row to insert is there already.
        """


class Dialect(Protocol):
    """One kind of database.

    ``name``: SQLAlchemy's name of it. ``schemes``: how its URLs may begin, before ``+driver``. ``example``: a URL of
    one, for messages. ``upgrades_itself``: nobody else uses it when it is opened, so it is created and upgraded then;
    else a person must do that. Texts are compared by their bytes, as Python does.
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
        """Create what a new database needs outside of itself, such as its folder."""

    @abstractmethod
    def exists(self, url: URL) -> bool:
        """False where there is certainly no database; nothing is created."""

    @abstractmethod
    def passing(self, error: DBAPIError) -> bool:
        """Whether an error is not of the statement but of the database as it is now, so a later attempt may succeed:
        another transaction was in the way, it takes no writes, its file is damaged.
        """

    @abstractmethod
    def unhurried(self, connection: Connection) -> None:
        """Let the transaction wait for whoever reads its rows: a person at a pager, a slow line."""

    @abstractmethod
    def unkept(self, connection: Connection) -> None:
        """Let the commit of the transaction not wait for the disk. A power cut may undo it, with all that was committed
        after it; the next commit that waits keeps both.
        """

    @abstractmethod
    def keep(self, url: URL) -> None:
        """See that what is committed by now survives a power cut; not what is ``unkept``."""

    @abstractmethod
    def lookup(
        self, connection: Connection, table: Table, keys: Cells, columns: Sequence[str]
    ) -> tuple[np.ndarray, dict[str, pa.Array]]:
        """The rows of a table that equal a row of ``keys`` in its columns.

        ``keys``: at least one row, all text without control characters, named as the table's columns; moments as
        ``columns.moment_text`` writes them. Returns for each row the place of the row of ``keys`` that it equals
        (int64), and ``columns``, with the types of the table, in any order of rows; for a row of ``keys`` that is there
        twice, its rows may be there twice.
        """

    @abstractmethod
    def append(self, connection: Connection, table: Table, rows: pa.Table) -> None:
        """Insert rows. Raises ``IntegrityError`` where one exists already."""

    @abstractmethod
    def stage(self, connection: Connection, writes: tuple[Write, ...]) -> Staged:
        """Prepare a batch's rows before the fence, so that nothing has to wait for this process that need not."""

    @abstractmethod
    def lock(self, connection: Connection, table: Table, keys: Cells) -> list[Row]:
        """Lock the stored documents of those keys until the transaction ends, in one order for all transactions.

        Returns the key and the revision of each that exists. ``keys`` as in ``lookup``.
        """

    @abstractmethod
    def gate(self, connection: Connection, moved: Sequence[str], moving: Sequence[str]) -> None:
        """Wait until no other transaction writes documents while this one moves them, or the reverse: neither would see
        the other's rows.

        ``moved``: types that this transaction writes and others move; ``moving``: types that it moves itself. The lock
        is held until the transaction ends.
        """

    @abstractmethod
    def turn(self, connection: Connection, name: str) -> None:
        """Wait until no other transaction does the same: the next one sees what this one has done.

        ``name``: of what is done one after the other. The lock is held until the transaction ends.
        """

    @abstractmethod
    def name_session(self, connection: Connection, job: str, token: str) -> None:
        """Name the session after the job until the transaction ends, so a successor can end it; other transactions of
        the same worker are not affected. ``token``: that of the worker's lease.
        """

    @abstractmethod
    def take_over(self, connection: Connection, job: str, token: str) -> None:
        """End the session that a job's earlier worker named so, which may have locks; nothing where there is none."""

    @abstractmethod
    def clock(self, connection: Connection) -> datetime:
        """The time for leases, in UTC: one clock for all workers of the database."""
