"""What is stored already: the queries of a check, each one once per batch.

Each query is written once (``Questions``), over two methods: rows by their keys, and any other query. A database
answers both; in a dry run, rows that it would have written are added to the first; without a database, nothing is
stored.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import (
    ColumnElement,
    Connection,
    Exists,
    Row,
    Select,
    Table,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
)

from crossdock.database import Database, records
from crossdock.database.standing import MEANT, ON_HOLD
from crossdock.database.tables import CHANGES, COUNTER, COUNTERS, FAILURES, JOBS, LEVELS, OUTCOMES, SENT, arrow
from crossdock.documents import DOCUMENTS, ITEM_WAYS, MEASURES
from crossdock.failures.catalogue import CANCELS_NOTHING
from crossdock.frames.columns import (
    GTIN_DIGITS,
    Cells,
    joined,
    key_texts,
    length,
    mask,
    moment_text,
    rows_at,
)
from crossdock.model.decision import Write
from crossdock.model.job import Age
from crossdock.model.resent import REMEMBERED, Resent
from crossdock.schema.codes import gtin_spellings
from crossdock.schema.document import Document, Level
from crossdock.schema.relations import CANCELLED
from crossdock.schema.roles import ItemWay, Role

SUGGESTIONS = 5_000
"""How many values of a list are searched for a suggestion."""
MOST_DECIMALS = 6
"""Decimals of a quantity in a unit without a number of decimals."""

TOGETHER = 5_000
"""Values of a query."""

NUL = "\x00"
"""The character that PostgreSQL's text can't contain."""

_UNITS = LEVELS["business_units"]
_SETTINGS = select(_UNITS.c.business_unit_id, _UNITS.c.settings).where(
    _UNITS.c.state != CANCELLED, _UNITS.c.business_unit_id.in_(bindparam("of_units", expanding=True))
)
_MEASURE = LEVELS[MEASURES.header.table].c
_MEASURES = select(_MEASURE.code, _MEASURE.decimals).where(_MEASURE.state != CANCELLED)
_LAST_CHANGE = select(COUNTERS.c.number).where(COUNTERS.c.name == COUNTER)
_SENT_BEFORE = select(SENT.c.change, SENT.c.documents).order_by(SENT.c.change.desc(), SENT.c.job_id).limit(1)

Columns = TypeVar("Columns", bound=tuple[Any, ...])


class Questions(ABC):
    """The queries of the protocol ``model.stored.Stored``, on top of ``rows`` and ``select``."""

    lasting = True

    @abstractmethod
    def rows(self, table: Table, keys: Cells, columns: list[str]) -> Cells:
        """The rows of a table that equal a row of ``keys``, columns of text.

        Returns the columns of ``keys``, moments among them as text, then ``columns``, with the types of the table.
        """

    @abstractmethod
    def select(self, query: Select[Columns], **values: Any) -> Sequence[Row[Columns]]:
        """The rows of a query; ``values``: of its parameters."""

    @contextmanager
    def of_batch(self) -> Iterator[Questions]:
        """The same queries for the check of one batch."""
        yield self

    def _select_in(
        self, query: Select[Columns], column: ColumnElement[str], values: Sequence[str]
    ) -> Iterator[Row[Columns]]:
        """The rows of a query whose column has one of the values; a statement takes only ``TOGETHER``."""
        for first in range(0, len(values), TOGETHER):
            yield from self.select(query.where(column.in_(values[first : first + TOGETHER])))

    def _equal(self, table: Table, keys: Cells, columns: list[str]) -> Cells:
        """As ``rows``; keys that no database can store are left out: no stored row equals them."""
        storable = _can_be_stored(keys)
        return self.rows(table, keys if storable.all() else rows_at(keys, np.flatnonzero(storable)), columns)

    def existing(self, level: Level, keys: Cells, columns: list[str]) -> Cells:
        """The stored rows of a level that equal a row of ``keys``, as ``rows`` returns them."""
        if not length(keys):
            return _no_rows(LEVELS[level.table], keys, columns)
        return self._equal(LEVELS[level.table], keys, columns)

    def similar(self, document: Document, folds: Cells, partner: str) -> Cells:
        """A partner's stored documents whose folded key is among ``folds`` (unit, key_fold): these, number, key,
        state.
        """
        table = LEVELS[document.header.table]
        of_unit = {"business_unit_id": folds["unit"]} if document.owned else {}
        keys = {**of_unit, "partner": pa.repeat(partner, length(folds)), "key_fold": folds["key_fold"]}
        parts = [document.header.field(name).column for name in document.key]
        stored = dict(self._equal(table, keys, [*(name for name in parts if name not in keys), "state"]))
        for name in parts:
            if pa.types.is_timestamp(stored[name].type):
                stored[name] = moment_text(stored[name])
        unit = stored["business_unit_id"] if of_unit else pa.repeat("", length(stored))
        number = stored[document.header.field(document.number).column]
        key = key_texts(stored, parts)
        return {"unit": unit, "key_fold": stored["key_fold"], "number": number, "key": key, "state": stored["state"]}

    def loaded(self, name: str, business_unit: str) -> bool:
        """Whether a list, or a type of document, has any value of that business unit."""
        if NUL in business_unit:
            return False
        return any(there for (there,) in self.select(_is_loaded(name), unit=business_unit))

    def known(self, name: str, business_unit: str, names: list[str]) -> dict[str, bool]:
        """Which of the names are in a list of that business unit, and whether they are active."""
        document = DOCUMENTS[name]
        number = document.header.field(document.number).column
        of_unit = {"business_unit_id": pa.repeat(business_unit, len(names))} if _owned(name) else {}
        active = [document.header.field(document.active[0]).column] if document.active else []
        keys = {**of_unit, number: pa.array(names, pa.string())}
        rows = self._equal(LEVELS[document.header.table], keys, ["state", *active])
        alive = mask(pc.not_equal(rows["state"], CANCELLED))
        if document.active:
            alive &= np.array([value in document.active[1] for value in rows[active[0]].to_pylist()], dtype=bool)
        return dict(zip(rows[number].to_pylist(), alive.tolist(), strict=True))

    def suggestions(self, name: str, business_unit: str) -> list[str]:
        """Some values of a reference list, of that business unit only."""
        document = DOCUMENTS[name]
        table = LEVELS[document.header.table]
        query = select(table.c[document.header.field(document.number).column]).limit(SUGGESTIONS)
        if _owned(name):
            query = query.where(table.c.business_unit_id == business_unit)
        return sorted(value for (value,) in self.select(query))

    def settings(self, business_units: Sequence[str]) -> list[dict[str, Any]]:
        """The general settings of each business unit, as it was sent; {} where it has none."""
        if not business_units:
            return []
        rows = self.select(_SETTINGS, of_units=[each for each in business_units if NUL not in each])
        of_unit = {row.business_unit_id: records.object_of(row.settings) for row in rows}
        return [of_unit.get(unit, {}) for unit in business_units]

    def units(self) -> dict[str, int]:
        """Units that a list brought: code → decimals."""
        rows = self.select(_MEASURES)
        return {code: MOST_DECIMALS if decimals is None else int(decimals) for code, decimals in rows}

    def item_ways(self, business_unit: str) -> list[tuple[Document, ItemWay]]:
        """The ways in which items can be found there, each with its list."""
        return [(listed, item_way) for listed, item_way in ITEM_WAYS if self.loaded(listed.name, business_unit)]

    def items(
        self, listed: Document, item_way: ItemWay, business_unit: str, partner: str, names: list[str]
    ) -> dict[str, list[tuple[str, str | None]]]:
        """Name → the items that it may mean by that ``item_way``, each with the unit that the name is of, or None.

        GTINs are named with all of their digits.
        """
        if not names:
            return {}
        level = listed.by_title[item_way.level]
        field, whose = level.field(item_way.field), level.role(Role.PARTNER)
        item = level.role(Role.ITEM) or listed.header.role(Role.ITEM)
        if item is None:
            raise TypeError(f"{listed.name} names no item")
        of_gtin = field.role is Role.GTIN
        spelled = sorted({each for name in names for each in gtin_spellings(name)}) if of_gtin else names
        by_partner = {whose.column: pa.repeat(partner, len(spelled))} if whose else {}
        of_unit = {"business_unit_id": pa.repeat(business_unit, len(spelled))}
        keys = {**of_unit, **by_partner, field.column: pa.array(spelled, pa.string())}
        measure = level.role(Role.MEASURE)
        wanted = [item.column, "state", *([measure.column] if measure else [])]
        rows = {name: column.to_pylist() for name, column in self._equal(LEVELS[level.table], keys, wanted).items()}
        measures = rows[measure.column] if measure else [None] * len(rows["state"])
        by_name: dict[str, list[tuple[str, str | None]]] = {}
        for name, *meant, state in zip(rows[field.column], rows[item.column], measures, rows["state"], strict=True):
            if state != CANCELLED:
                by_name.setdefault(name.zfill(GTIN_DIGITS) if of_gtin else name, []).append((meant[0], meant[1]))
        return by_name

    def highest(self, document: Document, business_unit: str) -> int:
        """The highest number of a stored document that is one of ours (``Document.numbers_below``); 0 if none."""
        if NUL in business_unit:
            return 0
        table = LEVELS[document.header.table]
        column = table.c[document.header.field(document.number).column]
        below = str(document.numbers_below)
        query = (
            select(column)
            .where(table.c.business_unit_id == business_unit, column < below)
            .where(func.length(column) == len(below), column.regexp_match("^[0-9]+$"))  # so texts sort as numbers do
            .order_by(column.desc())
            .limit(1)
        )
        return max((int(value) for (value,) in self.select(query)), default=0)

    def held(self, document: Document, partner: str, keys: list[str]) -> set[str]:
        """Those of the keys of which a copy waits that was not taken, and that is no cancel itself."""
        columns = OUTCOMES.c
        waits = (columns.ended.is_(None), columns.partner == partner, columns.document == document.name)
        of_copy = (FAILURES.c.job_id == columns.job_id) & (FAILURES.c.document_line == columns.line)
        a_cancel = select(FAILURES.c.code).where(of_copy, FAILURES.c.code.in_(CANCELS_NOTHING)).exists()
        query = select(columns.key).where(*waits, columns.taken.is_(False), not_(a_cancel))
        storable_keys = [key for key in keys if NUL not in key]
        return {key for (key,) in self._select_in(query, columns.key, storable_keys)}

    def ages(self, jobs: Collection[str]) -> dict[str, Age]:
        """Job → its age; those are left out of which, or of whose file, nobody knows the job."""
        query = select(JOBS.c.job_id, JOBS.c.sequence, JOBS.c.ranked, JOBS.c.fixes)
        rows: dict[str, Row[tuple[str, int, str, str | None]]] = {}
        unread = set(jobs)
        while unread:
            more = {row.job_id: row for row in self._select_in(query, JOBS.c.job_id, sorted(unread))}
            rows |= more
            unread = {row.fixes for row in more.values() if row.fixes is not None} - rows.keys()
        ages = {}
        for each in jobs:
            file = each
            while file in rows and rows[file].fixes is not None:
                file = rows[file].fixes
            if file in rows:
                ages[each] = Age(file, rows[file].sequence, rows[file].ranked, rows[each].sequence)
        return ages

    def newer_jobs(self, job: str, others: list[str]) -> set[str]:
        """Those of the jobs ``others`` that are newer than ``job``; none where nobody knows that: it isn't booked."""
        return _newer(self.ages({job, *others}), job, others) if others else set()

    def foreign_jobs(self, job: str, others: list[str]) -> dict[str, bool]:
        """Of jobs that wrote stored rows, those that are not of the file of ``job``, but for the one with the file
        itself → whether they are newer. Where nobody knows ``job``, every other is.
        """
        return _foreign(self.ages({job, *others}), job, others) if others else {}

    def newer_copies(self, document: Document, partner: str, job: str, fixes: str, keys: list[str]) -> dict[str, str]:
        """Those of the keys of which a copy is on hold that is newer than what ``job``, which fixes ``fixes``, brings →
        the job of that.
        """
        columns = OUTCOMES.c
        query = select(columns.key, columns.job_id).where(
            *ON_HOLD, columns.partner == partner, columns.document == document.name
        )
        waits = list(self._select_in(query, columns.key, [key for key in keys if NUL not in key]))
        newer = self.jobs_ahead(job, fixes, sorted({row.job_id for row in waits}))
        return {row.key: row.job_id for row in waits if row.job_id in newer}

    def jobs_ahead(self, job: str, file: str, others: list[str]) -> set[str]:
        """Those of the jobs ``others`` that are newer than ``job``, which is as old as ``file``.

        Where nobody knows that file, all are; where ``job`` is not booked, none that corrects it.
        """
        if not others:
            return set()
        ages = self.ages({job, file, *others})
        of_other_files = _foreign(ages, file, others)
        return {each for each, is_newer in of_other_files.items() if is_newer} | _newer(ages, job, others)

    def names(self, jobs: list[str]) -> dict[str, str]:
        """Of jobs the name of their file; of a fix-workbook, or held documents, that of the file which it fixes. The
        jobs in the order in which they came.
        """
        first = JOBS.alias("first")
        name = func.coalesce(first.c.name, JOBS.c.name).label("first_name")
        query = select(JOBS.c.job_id, name, JOBS.c.sequence).outerjoin(first, first.c.job_id == JOBS.c.fixes)
        rows = sorted(self._select_in(query, JOBS.c.job_id, jobs), key=lambda row: row.sequence)
        return {row.job_id: row.first_name for row in rows}

    def sent_before(self, context: str, batch: int, lists: list[str]) -> tuple[Resent | None, int]:
        """What the newest job of that ``context`` remembers of a batch of that number; the number of the last change.

        None where a document of the types ``lists`` has changed since, or one whose job is not known any more.
        """
        change = next(iter(self.select(_LAST_CHANGE)), (0,))[0]
        for then, documents in self.select(_SENT_BEFORE.where(SENT.c.context == context, SENT.c.batch == batch)):
            others = CHANGES.outerjoin(JOBS, JOBS.c.job_id == CHANGES.c.job_id)
            of_list = or_(JOBS.c.job_id.is_(None), JOBS.c.document.in_(lists))
            changed = select(CHANGES.c.number).select_from(others).where(CHANGES.c.number > then, of_list).limit(1)
            if not self.select(changed):
                return Resent(context, then, np.frombuffer(documents, REMEMBERED)), change
        return None, change

    def short(self, job: str, numbers: list[str]) -> set[tuple[str, str]]:
        """Business unit and number of the documents that the first job of a line did not take whole."""
        age = self.ages([job]).get(job)
        if age is None:
            return set()
        columns = OUTCOMES.c
        query = select(columns.business_unit, columns.number).where(columns.job_id == age.file, MEANT)
        rows = self._select_in(query, columns.number, numbers)
        return {(row.business_unit, row.number) for row in rows}


class Stored(Questions):
    """What a database has stored; read inside the transaction of ``connection``, if there is one."""

    def __init__(self, database: Database, connection: Connection | None = None) -> None:
        self._database = database
        self._connection = connection

    @contextmanager
    def of_batch(self) -> Iterator[Questions]:
        """Over one connection; whether a list is loaded is asked once."""
        with self._reading() as connection:
            yield _OfBatch(self._database, connection)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._connection is not None:
            yield self._connection
        else:
            with self._database.reading() as connection:
                yield connection

    def rows(self, table: Table, keys: Cells, columns: list[str]) -> Cells:
        """One query for all keys."""
        if not length(keys):
            return _no_rows(table, keys, columns)
        with self._reading() as connection:
            places, of_rows = self._database.dialect.lookup(connection, table, keys, columns)
        return rows_at(keys, places) | of_rows

    def select(self, query: Select[Columns], **values: Any) -> Sequence[Row[Columns]]:
        """The rows of a query."""
        with self._reading() as connection:
            return connection.execute(query, values).all()


class _OfBatch(Stored):
    """What the check of one batch asks; which lists a business unit has is asked once, for all lists together."""

    def __init__(self, database: Database, connection: Connection) -> None:
        super().__init__(database, connection)
        self._lists: dict[str, dict[str, bool]] = {}

    def units(self) -> dict[str, int]:
        """As of all queries; nothing is asked where what was asked before says that there are none."""
        if any(not lists[MEASURES.name] for lists in self._lists.values()):
            return {}
        return super().units()

    def loaded(self, name: str, business_unit: str) -> bool:
        """As of all queries; the answer is kept."""
        if not DOCUMENTS[name].is_list or NUL in business_unit:
            return super().loaded(name, business_unit)
        if business_unit not in self._lists:
            with self._reading() as connection:
                row = connection.execute(_of_lists(), {"unit": business_unit}).mappings().one()
            self._lists[business_unit] = dict(row)
        return self._lists[business_unit][name]


@cache
def _of_lists() -> Select[Any]:
    """One row: by the name of each list, whether it has any value of a business unit, ``unit``."""
    return select(*(_any_of(name).label(name) for name, each in DOCUMENTS.items() if each.is_list))


@cache
def _is_loaded(name: str) -> Select[tuple[bool]]:
    """One row: whether there is a document of that type and business unit, ``unit``."""
    return select(_any_of(name))


def _any_of(name: str) -> Exists:
    """Whether there is a document of that type and business unit, ``unit``."""
    table = LEVELS[DOCUMENTS[name].header.table]
    of_unit = [table.c.business_unit_id == bindparam("unit")] if _owned(name) else []
    return exists().where(*of_unit).select_from(table)


class _Pending:
    """Rows that are pending, by their table: a later one replaces that of the same key. A table that nobody asks for
    costs nothing.
    """

    def __init__(self) -> None:
        self._tables: dict[str, pa.Table] = {}
        self._newer: dict[str, list[tuple[pa.Table, ...]]] = {}

    def add(self, table: Table, *rows: pa.Table) -> None:
        """Add rows of a table, none of them twice."""
        self._newer.setdefault(table.name, []).append(rows)

    def of(self, table: Table) -> pa.Table | None:
        """The rows of a table with every column; None where there are none."""
        for several in self._newer.pop(table.name, []):
            new = [_whole(rows, table) for rows in several if rows.num_rows]
            before = self._tables.get(table.name)
            if new and before is not None:
                replaced = _among(_identity(before, table), _identity(pa.concat_tables(new), table))
                new.insert(0, before.filter(pa.array(~replaced)) if replaced.any() else before)
            if new:
                self._tables[table.name] = pa.concat_tables(new)
        return self._tables.get(table.name)


class StoredWithPending(Questions):
    """What would be stored after the earlier batches: for the dry run of a drop that orders its documents.

    Pending rows are found by their keys; other queries are about other documents than those of the import.
    """

    lasting = False

    def __init__(self, stored: Questions, pending: _Pending | None = None) -> None:
        self._stored = stored
        self._pending = _Pending() if pending is None else pending

    @contextmanager
    def of_batch(self) -> Iterator[Questions]:
        """The same pending rows over the queries of a batch."""
        with self._stored.of_batch() as stored:
            yield StoredWithPending(stored, self._pending)

    def foresee(self, writes: tuple[Write, ...]) -> None:
        """Treat what a batch would write as written."""
        for write in writes:
            self._pending.add(LEVELS[write.level.table], write.insert, write.update)

    def rows(self, table: Table, keys: Cells, columns: list[str]) -> Cells:
        """The stored rows; pending rows replace their earlier versions."""
        pending = self._pending.of(table) if length(keys) else None
        if pending is None:
            return self._stored.rows(table, keys, columns)
        identity = [column.name for column in table.primary_key]
        names = list(dict.fromkeys([*columns, *(name for name in identity if name not in keys)]))
        stored = self._stored.rows(table, keys, names)
        if length(stored):
            replaced = _among({name: _as_key(stored[name]) for name in identity}, _identity(pending, table))
            stored = rows_at(stored, np.flatnonzero(~replaced))
        added = _matching(pending.select([*keys, *columns]), keys)
        return {name: pa.concat_arrays([stored[name], added[name]]) for name in [*keys, *columns]}

    def select(self, query: Select[Columns], **values: Any) -> Sequence[Row[Columns]]:
        """The rows of a query of what is stored."""
        return self._stored.select(query, **values)

    def loaded(self, name: str, business_unit: str) -> bool:
        """As of what is stored, or pending."""
        pending = self._pending.of(LEVELS[DOCUMENTS[name].header.table])
        if pending is not None and _owned(name):
            pending = pending.filter(pc.equal(pending.column("business_unit_id"), business_unit))
        return bool(pending) or self._stored.loaded(name, business_unit)


class EmptyStore(Questions):
    """A database that does not exist yet: nothing is stored."""

    def rows(self, table: Table, keys: Cells, columns: list[str]) -> Cells:
        """No row."""
        return _no_rows(table, keys, columns)

    def select(self, query: Select[Columns], **values: Any) -> Sequence[Row[Columns]]:
        """No row."""
        return []


def _newer(ages: Mapping[str, Age], job: str, others: Iterable[str]) -> set[str]:
    """As ``newer_jobs``."""
    own = ages.get(job)
    return {each for each in others if own is not None and each in ages and ages[each].newer_than(own)}


def _foreign(ages: Mapping[str, Age], job: str, others: Iterable[str]) -> dict[str, bool]:
    """As ``foreign_jobs``."""
    own = ages.get(job)
    return {
        each: own is None or ages[each].newer_than(own)
        for each in others
        if each in ages and (own is None or ages[each].file != own.file or each == own.file)
    }


def _can_be_stored(keys: Cells) -> np.ndarray:
    """Which rows of text a stored row may equal: no value is missing, and a database can store the text."""
    storable = np.ones(length(keys), dtype=bool)
    for part in keys.values():
        storable &= mask(pc.invert(pc.match_substring(part, NUL)))
    return storable


def _no_rows(table: Table, keys: Iterable[str], columns: list[str]) -> Cells:
    return _empty(table, tuple(keys), tuple(columns))


@cache
def _empty(table: Table, keys: tuple[str, ...], columns: tuple[str, ...]) -> Cells:
    kinds = {name: pa.string() for name in keys} | {name: arrow(table.c[name]) for name in columns}
    return MappingProxyType({name: pa.array([], kind) for name, kind in kinds.items()})


def _whole(rows: pa.Table, table: Table) -> pa.Table:
    """Rows with every column of their table, blank where they lack it."""
    blank = {each.name: arrow(each) for each in table.c if each.name not in rows.column_names}
    own = {each.name: rows.column(each.name).cast(arrow(each)) for each in table.c if each.name not in blank}
    cells = own | {name: pa.nulls(rows.num_rows, kind) for name, kind in blank.items()}
    return pa.table({each.name: cells[each.name] for each in table.c})


def _matching(rows: pa.Table, wanted: Cells) -> Cells:
    """The rows that equal a row of ``wanted`` in its columns; moments among these as the text that queries use.

    Single columns exclude most of the others.
    """
    possible = np.ones(rows.num_rows, dtype=bool)
    for name, column in wanted.items():
        if pa.types.is_string(rows.schema.field(name).type):
            possible &= pc.is_in(rows.column(name), value_set=column).to_numpy()
    some = rows.take(pa.array(np.flatnonzero(possible)))
    cells = {name: some.column(name).combine_chunks() for name in some.column_names}
    cells |= {name: _as_key(cells[name]) for name in wanted}
    return rows_at(cells, np.flatnonzero(_among({name: cells[name] for name in wanted}, wanted)))


def _identity(rows: pa.Table, table: Table) -> Cells:
    """The primary key of rows of a table, as queries have it."""
    return {each.name: _as_key(rows.column(each.name).combine_chunks()) for each in table.primary_key}


def _as_key(values: pa.Array) -> pa.Array:
    return moment_text(values) if pa.types.is_timestamp(values.type) else values


def _among(rows: Cells, keys: Cells) -> np.ndarray:
    """Which rows are among ``keys``, by the columns of these; bool."""
    return mask(pc.is_in(joined(rows[name] for name in keys), value_set=joined(keys.values())))


def _owned(name: str) -> bool:
    return "business_unit_id" in LEVELS[DOCUMENTS[name].header.table].primary_key.columns and DOCUMENTS[name].owned
