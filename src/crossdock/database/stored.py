"""What is stored already: the questions that a check asks, one query a batch each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, Table, exists, func, select

from crossdock.columns import GTIN_DIGITS, array, key_text, moment_text, series
from crossdock.database import Database
from crossdock.database.tables import JOBS, LEVELS, OUTCOMES, arrow
from crossdock.documents import DOCUMENTS
from crossdock.documents.codes import gtin_spellings
from crossdock.documents.document import Document, Level
from crossdock.documents.effects import CANCELLED
from crossdock.model import Stored as StoredProtocol
from crossdock.model import Write

SUGGESTIONS = 5_000
"""Values of a list that are looked through for a suggestion."""
MOST_DECIMALS = 6
"""Decimals of a quantity in a unit that doesn't say."""
ITEM_LISTS = {"item_reference": "item_reference", "gtin": "sku", "alias": "sku"}
"""Where items are looked for, in this order."""


class Stored:
    """Answers from a database (the Protocol ``model.Stored``); inside a transaction where one is given."""

    def __init__(self, database: Database, connection: Connection | None = None) -> None:
        self._database = database
        self._connection = connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._connection is not None:
            yield self._connection
        else:
            with self._database.reading() as connection:
                yield connection

    def existing(self, level: Level, keys: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        """The stored rows of a level with those values, as Arrow-backed columns named as in SQL."""
        return self._ask(LEVELS[level.table], keys, columns)

    def similar(self, document: Document, folds: pd.DataFrame, partner: str) -> pd.DataFrame:
        """A partner's stored documents whose folded key is among ``folds`` (unit, key_fold): these, number, key."""
        table = LEVELS[document.header.table]
        of_unit = {"business_unit_id": folds["unit"]} if document.owned else {}
        keys = pd.DataFrame({**of_unit, "partner": partner, "key_fold": folds["key_fold"]})
        parts = [document.header.field(name).column for name in document.key]
        found = self._ask(table, keys, [name for name in parts if name not in keys])
        for name in parts:
            if pa.types.is_timestamp(found[name].dtype.pyarrow_dtype):
                found[name] = series(moment_text(array(found[name])), found.index)
        unit = found["business_unit_id"].astype(object) if of_unit else ""
        number = found[document.header.field(document.number).column].astype(object)
        fold = found["key_fold"].astype(object)
        return pd.DataFrame({"unit": unit, "key_fold": fold, "number": number, "key": key_text(found[parts])})

    def loaded(self, name: str, business_unit: str) -> bool:
        """Whether a list, or a type of document, has any value of that business unit."""
        table = LEVELS[DOCUMENTS[name].header.table]
        of_unit = [table.c.business_unit_id == business_unit] if _owned(name) else []
        with self._reading() as connection:
            return bool(connection.execute(select(exists().where(*of_unit).select_from(table))).scalar())

    def known(self, name: str, business_unit: str, values: list[str]) -> dict[str, bool]:
        """Which of the values are in a list of that business unit, and whether they are active."""
        document = DOCUMENTS[name]
        number = document.header.field(document.number).column
        asked = pd.DataFrame({number: values})
        if _owned(name):
            asked.insert(0, "business_unit_id", business_unit)
        field = document.header.field(document.active[0]).column if document.active else None
        found = self._ask(LEVELS[document.header.table], asked, ["state", *([field] if field else [])]).astype(object)
        alive = found["state"] != CANCELLED
        if field and document.active:
            told = found[field].where(found[field].notna(), None)
            alive &= told.map(lambda value: value in document.active[1])
        return dict(zip(found[number], alive, strict=True))

    def suggestions(self, name: str, business_unit: str) -> list[str]:
        """Some values of a reference list, of that business unit only."""
        document = DOCUMENTS[name]
        table = LEVELS[document.header.table]
        asked = select(table.c[document.header.field(document.number).column]).limit(SUGGESTIONS)
        if _owned(name):
            asked = asked.where(table.c.business_unit_id == business_unit)
        with self._reading() as connection:
            return sorted(connection.execute(asked).scalars())

    def units(self) -> dict[str, int]:
        """Units that a list brought: code → decimals."""
        table = LEVELS[DOCUMENTS["unit"].header.table]
        with self._reading() as connection:
            rows = connection.execute(select(table.c.code, table.c.decimals).where(table.c.state != CANCELLED))
            return {row.code: MOST_DECIMALS if row.decimals is None else int(row.decimals) for row in rows}

    def item_ways(self, business_unit: str) -> list[str]:
        """In which ways items can be found there."""
        return [way for way, name in ITEM_LISTS.items() if self.loaded(name, business_unit)]

    def items(self, way: str, business_unit: str, partner: str, names: list[str]) -> dict[str, list[str]]:
        """Which SKUs those names may mean, that way."""
        if not names:
            return {}
        sku = DOCUMENTS["sku"]
        if way == "item_reference":
            level, field = DOCUMENTS["item_reference"].header, "theirs"
            keys = pd.DataFrame({"business_unit_id": business_unit, "partner_": partner, field: names})
        elif way == "alias":
            level, field = sku.by_title["alias"], "alias"
            keys = pd.DataFrame({"business_unit_id": business_unit, field: names})
        else:
            level, field = sku.header, "upc"
            spelled = sorted({each for name in names for each in gtin_spellings(name)})
            keys = pd.DataFrame({"business_unit_id": business_unit, field: spelled})
        found = self._ask(LEVELS[level.table], keys, ["sku_id", "state"]).astype(object)
        made: dict[str, list[str]] = {}
        for name, item in zip(found[field][found["state"] != CANCELLED], found["sku_id"][found["state"] != CANCELLED],
                              strict=True):  # fmt: skip
            made.setdefault(name.zfill(GTIN_DIGITS) if way == "gtin" else name, []).append(item)
        return made

    def highest(self, document: Document, business_unit: str) -> int:
        """The highest number of a stored document that counts as one given (``Document.numbers_below``)."""
        table = LEVELS[document.header.table]
        column = table.c[document.header.field(document.number).column]
        below = str(document.numbers_below)
        asked = (
            select(column)
            .where(table.c.business_unit_id == business_unit, column < below)
            .where(func.length(column) == len(below), column.regexp_match("^[0-9]+$"))  # so texts sort as numbers do
            .order_by(column.desc())
            .limit(1)
        )
        with self._reading() as connection:
            return int(connection.execute(asked).scalar() or 0)

    def foreign_jobs(self, job: str, others: list[str]) -> dict[str, bool]:
        """Of jobs that wrote what is stored, those that are no fix-workbooks of the first job of ``job``'s line.

        A fix-workbook may have one of its own: what counts is the age of the file they all come from. By job: whether
        it came later than that file.
        """
        asked = select(JOBS.c.job_id, JOBS.c.sequence, JOBS.c.mends)
        with self._reading() as connection:
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
        with self._reading() as connection:
            first = self._first(connection, job)
            asked = select(found.business_unit, found.number)
            rows = connection.execute(asked.where(found.job_id == first, found.number.in_(numbers)))
            return {(row.business_unit, row.number) for row in rows}

    def _ask(self, table: Table, keys: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        if keys.empty:
            rows: list[Sequence[Any]] = []
        else:
            with self._reading() as connection:
                rows = self._database.way.lookup(connection, table, keys, columns)
        names = [*keys, *columns]
        by_column = list(zip(*rows, strict=True)) or [()] * len(names)
        index = pd.RangeIndex(len(rows))
        made: dict[str, pa.Array] = {}
        for name, values in zip(names, by_column, strict=True):
            made[name] = self._database.way.typed(values, arrow(table.c[name]))
            if name in keys and pa.types.is_timestamp(made[name].type):
                made[name] = moment_text(made[name])
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
        self.units = stored.units
        self.item_ways = stored.item_ways
        self.items = stored.items
        self.highest = stored.highest
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


def _owned(name: str) -> bool:
    return "business_unit_id" in LEVELS[DOCUMENTS[name].header.table].primary_key.columns and DOCUMENTS[name].owned


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

    def similar(self, document: Document, folds: pd.DataFrame, partner: str) -> pd.DataFrame:
        """No document."""
        return pd.DataFrame(columns=["unit", "key_fold", "number", "key"])

    def loaded(self, name: str, business_unit: str) -> bool:
        """No list."""
        return False

    def known(self, name: str, business_unit: str, values: list[str]) -> dict[str, bool]:
        """No value."""
        return {}

    def suggestions(self, name: str, business_unit: str) -> list[str]:
        """No value."""
        return []

    def units(self) -> dict[str, int]:
        """No unit."""
        return {}

    def item_ways(self, business_unit: str) -> list[str]:
        """No way."""
        return []

    def items(self, way: str, business_unit: str, partner: str, names: list[str]) -> dict[str, list[str]]:
        """No item."""
        return {}

    def highest(self, document: Document, business_unit: str) -> int:
        """No number."""
        return 0

    def foreign_jobs(self, job: str, others: list[str]) -> dict[str, bool]:
        """No job."""
        return {}

    def short(self, job: str, numbers: list[str]) -> set[tuple[str, str]]:
        """No document."""
        return set()
