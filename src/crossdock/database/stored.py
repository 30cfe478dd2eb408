"""What is stored already: the questions that a check asks, one query a batch each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, Table, exists, select

from crossdock.columns import series
from crossdock.database import Database
from crossdock.database.tables import JOBS, LEVELS, LISTS, OUTCOMES, arrow
from crossdock.documents.document import Level
from crossdock.model import Stored as StoredProtocol
from crossdock.model import Write

SUGGESTIONS = 5_000
"""Values of a list that are looked through for a suggestion."""


class Stored:
    """Answers from a database (the Protocol ``model.Stored``)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def existing(self, level: Level, keys: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        """The stored rows of a level with those document keys, as Arrow-backed columns named as in SQL."""
        return self._ask(LEVELS[level.table], keys, columns)

    def similar(self, level: Level, folds: pd.DataFrame, partner: str) -> pd.DataFrame:
        """A partner's stored documents whose folded key is among ``folds``: business_unit_id, key_fold, number."""
        table = LEVELS[level.table]
        number = [column.name for column in table.primary_key][-1]
        keys = pd.DataFrame(
            {"business_unit_id": folds["business_unit_id"], "partner": partner, "key_fold": folds["key_fold"]}
        )
        found = self._ask(table, keys, [number]).rename(columns={number: "number"})
        return found.astype(object)[["business_unit_id", "key_fold", "number"]]

    def loaded(self, name: str, business_unit: str) -> bool:
        """Whether a reference list has any value of that business unit."""
        table = LISTS[name]
        of_unit = [table.c.business_unit_id == business_unit] if len(table.primary_key) > 1 else []
        with self._database.reading() as connection:
            return bool(connection.execute(select(exists().where(*of_unit).select_from(table))).scalar())

    def known(self, name: str, business_unit: str, values: list[str]) -> dict[str, bool]:
        """Which of the values are in a reference list of that business unit, and whether they are active."""
        table = LISTS[name]
        key = [column.name for column in table.primary_key]
        asked = pd.DataFrame({key[-1]: values})
        if len(key) > 1:
            asked.insert(0, key[0], business_unit)
        found = self._ask(table, asked, ["is_active"])
        return dict(zip(found[key[-1]], found["is_active"], strict=True))

    def suggestions(self, name: str, business_unit: str) -> list[str]:
        """Some values of a reference list, of that business unit only."""
        table = LISTS[name]
        key = list(table.primary_key)
        asked = select(key[-1]).limit(SUGGESTIONS)
        if len(key) > 1:
            asked = asked.where(key[0] == business_unit)
        with self._database.reading() as connection:
            return sorted(connection.execute(asked).scalars())

    def foreign_jobs(self, job: str, others: list[str]) -> dict[str, bool]:
        """Of jobs that wrote what is stored, those that are no fix-workbooks of the first job of ``job``'s line.

        A fix-workbook may have one of its own: what counts is the age of the file they all come from. By job: whether
        it came later than that file.
        """
        asked = select(JOBS.c.job_id, JOBS.c.sequence, JOBS.c.mends)
        with self._database.reading() as connection:
            first = connection.execute(asked.where(JOBS.c.job_id == self._first(connection, job))).first()
            found = connection.execute(asked.where(JOBS.c.job_id.in_(others))).all()
            if first is None:
                return {}
            return {
                row.job_id: row.sequence > first.sequence
                for row in found
                if row.job_id == first.job_id or self._first(connection, row.job_id) != first.job_id
            }

    def _first(self, connection: Connection, job: str) -> str:
        """The job whose file a fix-workbook comes from in the end."""
        while (mended := connection.execute(select(JOBS.c.mends).where(JOBS.c.job_id == job)).scalar()) is not None:
            job = mended
        return job

    def short(self, job: str, numbers: list[str]) -> set[tuple[str, str]]:
        """Business unit and number of the documents that the first job of a line did not take whole."""
        found = OUTCOMES.c
        with self._database.reading() as connection:
            first = self._first(connection, job)
            asked = select(found.business_unit, found.number)
            rows = connection.execute(asked.where(found.job_id == first, found.number.in_(numbers)))
            return {(row.business_unit, row.number) for row in rows}

    def _ask(self, table: Table, keys: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        if keys.empty:
            rows: list[Sequence[Any]] = []
        else:
            with self._database.reading() as connection:
                rows = self._database.way.lookup(connection, table, keys, columns)
        names = [*keys, *columns]
        by_column = list(zip(*rows, strict=True)) or [()] * len(names)
        index = pd.RangeIndex(len(rows))
        made: dict[str, pa.Array] = {}
        for name, values in zip(names, by_column, strict=True):
            made[name] = self._database.way.typed(values, arrow(table.c[name]))
        return pd.DataFrame({name: series(values, index) for name, values in made.items()}, index=index)


class Foreseen:
    """What would be stored once the batches before are written: for the dry run of a drop that orders its documents."""

    def __init__(self, stored: StoredProtocol) -> None:
        self._stored = stored
        self._rows: dict[str, list[pa.Table]] = {}
        self.similar = stored.similar
        self.loaded = stored.loaded
        self.known = stored.known
        self.suggestions = stored.suggestions
        self.foreign_jobs = stored.foreign_jobs
        self.short = stored.short

    def foresee(self, writes: tuple[Write, ...]) -> None:
        """Take what a batch would write for written."""
        for write in writes:
            table = LEVELS[write.level.table]
            for rows in (write.insert, write.update):
                if rows.num_rows:
                    cells = {each.name: _cell(rows, each.name, arrow(each)) for each in table.c}
                    self._rows.setdefault(table.name, []).append(pa.table(cells))

    def existing(self, level: Level, keys: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        """The rows of a level with those document keys, the later ones in the place of the earlier."""
        found = self._stored.existing(level, keys, columns)
        table = LEVELS[level.table]
        if table.name not in self._rows or keys.empty:
            return found
        rows = pa.concat_tables(self._rows[table.name]).combine_chunks()
        foreseen = pd.DataFrame(
            {name: series(rows.column(name).chunk(0), pd.RangeIndex(rows.num_rows)) for name in rows.column_names}
        )
        on = list(keys)
        asked = (
            foreseen[on].astype(object).merge(keys.drop_duplicates(), on=on, how="left", indicator="_of")["_of"]
            == "both"
        )
        later = foreseen[asked.to_numpy()][[*on, *columns]]
        both = pd.concat([found, later], ignore_index=True) if len(found) else later
        identity = [column.name for column in table.primary_key]
        return both[~both.duplicated(identity, keep="last")].reset_index(drop=True)


def _cell(rows: pa.Table, name: str, kind: pa.DataType) -> pa.Array:
    if name not in rows.column_names:
        return pa.nulls(rows.num_rows, kind)
    return rows.column(name).cast(kind).combine_chunks()


@dataclass(frozen=True)
class Nothing:
    """A database that does not exist yet: nothing is stored."""

    def existing(self, level: Level, keys: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        """No row."""
        return pd.DataFrame(columns=[*keys, *columns])

    def similar(self, level: Level, folds: pd.DataFrame, partner: str) -> pd.DataFrame:
        """No document."""
        return pd.DataFrame(columns=["business_unit_id", "key_fold", "number"])

    def loaded(self, name: str, business_unit: str) -> bool:
        """No list."""
        return False

    def known(self, name: str, business_unit: str, values: list[str]) -> dict[str, bool]:
        """No value."""
        return {}

    def suggestions(self, name: str, business_unit: str) -> list[str]:
        """No value."""
        return []

    def foreign_jobs(self, job: str, others: list[str]) -> dict[str, bool]:
        """No job."""
        return {}

    def short(self, job: str, numbers: list[str]) -> set[tuple[str, str]]:
        """No document."""
        return set()
