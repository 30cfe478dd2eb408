"""Stored documents as the contract writes them: listed, shown with what refers to them, and their history.

Names are the contract's, nested where it nests them (``shipTo.city``); lines are in the array of their level.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from sqlalchemy import Connection, RowMapping, Select, Table, and_, bindparam, func, literal, or_, select
from sqlalchemy.sql import ColumnElement

from crossdock.database import Database
from crossdock.database.records import from_json, job_of
from crossdock.database.tables import CHANGES, HISTORY, JOBS, LEVELS
from crossdock.documents import DOCUMENTS
from crossdock.errors import Misused
from crossdock.frames.columns import KEY_SEPARATOR, MOMENT
from crossdock.model.job import JobRecord
from crossdock.partners.feed import Feed
from crossdock.schema.codes import SPLIT, zero_spellings
from crossdock.schema.document import Document, Field, Kind, Level
from crossdock.schema.names import fold, is_text
from crossdock.times import exact

Values = Mapping[Any, Any]
"""A stored row, by column."""
ZoneOf = Callable[[str], ZoneInfo]
Conditions = Sequence[tuple[str, str]]
"""Fields and the values they must have; of a field that comes several times, one of them."""
_UNCODED = re.compile(r"(T.+) (\d\d:?\d\d)\Z")
"""A time whose offset had a plus sign that its address did not encode."""
_DIGITS = re.compile(r"(\d+)")
OWN = {"state": "state", "partner": "partner"}
"""The columns that every document has besides its fields, by the name in a query."""


def listed(
    database: Database, document: Document, where: Conditions, since: int | None = None
) -> Iterator[dict[str, Any]]:
    """The stored documents, without their lines, in the order of their last change; each with ``change``, its number.

    ``since``: only changes after that number. Raises ``Misused`` where there is no such field, or the value doesn't fit
    it.
    """
    table = LEVELS[document.header.table]
    query = select(table, CHANGES.c.number.label("@number")).where(*conditions(document, where, since))
    query = query.join(CHANGES, CHANGES.c.change == table.c.change, isouter=since is None)
    yield from _outwards(database, document, query.order_by(func.coalesce(CHANGES.c.number, 0), *table.primary_key))


def newest(
    database: Database, document: Document, where: Conditions, since: int | None, limit: int
) -> Iterator[dict[str, Any]]:
    """As ``listed``, but the last change first, and at most ``limit``: the index of the changes leads, nothing is
    sorted as a whole.
    """
    table = LEVELS[document.header.table]
    query = select(table, CHANGES.c.number.label("@number")).where(*conditions(document, where, since))
    changed = query.join(CHANGES, CHANGES.c.change == table.c.change)
    shown = 0
    ordered = changed.order_by(CHANGES.c.number.desc(), table.c.line.desc(), *table.primary_key)
    for row in _outwards(database, document, ordered.limit(limit)):
        shown += 1
        yield row
    if shown < limit and since is None:  # of a version that numbered no changes
        never = select(table, literal(0).label("@number")).where(
            *conditions(document, where, since), table.c.change == 0
        )
        yield from _outwards(database, document, never.order_by(*table.primary_key).limit(limit - shown))


def count(database: Database, document: Document, where: Conditions, since: int | None) -> int:
    """How many documents ``listed`` has."""
    table = LEVELS[document.header.table]
    query = select(func.count()).select_from(table).where(*conditions(document, where, since))
    if since is not None:
        query = query.join(CHANGES, CHANGES.c.change == table.c.change)
    with database.reading() as connection:
        return connection.execute(query).scalar() or 0


def conditions(document: Document, where: Conditions, since: int | None) -> list[ColumnElement[bool]]:
    """The conditions of a query: fields and their values, and only changes after a number. Raises ``Misused`` as
    ``listed`` does.
    """
    table = LEVELS[document.header.table]
    by_field: dict[str, list[ColumnElement[bool]]] = {}
    for name, value in where:
        by_field.setdefault(fold(name), []).append(_condition(document, table, name, value))
    of_fields = [or_(*values) for values in by_field.values()]
    return of_fields + ([CHANGES.c.number > since] if since is not None else [])


def _outwards(database: Database, document: Document, query: Select[Any]) -> Iterator[dict[str, Any]]:
    zone_of = zones(database)
    for each in database.streamed(query, 1_000):
        row = each._mapping
        yield outward(row, document.header, zone_of) | {"state": row["state"], "change": row["@number"] or 0}


def _condition(document: Document, table: Table, name: str, value: str) -> ColumnElement[bool]:
    fields = {fold(field.name): field for field in document.header.fields if field.stored}
    if name == "state":
        _must_be_known(name, value, document.states)
    if name in OWN:
        return table.c[OWN[name]] == value
    if fold(name) not in fields:
        names = ", ".join([*(field.name for field in fields.values()), *OWN])
        raise Misused(f"{document.name} has no field {name!r}; there are: {names}")
    field = fields[fold(name)]
    column = table.c[field.column]
    if field.kind is Kind.ENUM and value:
        _must_be_known(field.name, value, field.values)
    return column.is_(None) if value == "" else column == _value(field, value)


def _must_be_known(name: str, value: str, known: Sequence[str]) -> None:
    """No document has any other value: a list without entries would say that there are none at the moment."""
    if value not in known:
        raise Misused(f"{value[:80]!r} is no {name}; there are: {', '.join(known)}")


def _value(field: Field, text: str) -> Any:
    """A value as its column can hold it. Raises ``Misused`` where no document can have it."""
    try:
        match field.kind:
            case Kind.QUANTITY | Kind.MONEY:
                return pa.scalar(Decimal(text), field.arrow).as_py()
            case Kind.WHOLE:
                return pa.scalar(int(text), pa.int64()).as_py()
            case Kind.FLAG:
                return {"true": True, "false": False}[text.lower()]
            case Kind.DATE:
                return date.fromisoformat(text)
            case Kind.TIMESTAMP:
                moment = datetime.fromisoformat(_UNCODED.sub(r"\1+\2", text))
                return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
            case _:
                return text
    except (ValueError, KeyError, InvalidOperation, OverflowError):
        raise Misused(f"{text[:80]!r} can't be a {field.name} ({field.kind.value})") from None


def zones(database: Database) -> ZoneOf:
    """The zone of each job's feed, in which the times that came with it are shown."""

    @cache
    def zone(job: str) -> ZoneInfo:
        record = jobs(database, [job]).get(job)
        return ZoneInfo(record.feed.zone if record and record.feed and record.feed.zone else "UTC")

    return zone


def outward(row: Values, level: Level, zone_of: ZoneOf) -> dict[str, Any]:
    """A row's fields under the contract's names, nested; blanks are left out. ``zone_of``: of a job its feed's zone."""
    nested: dict[str, Any] = {}
    for field in level.fields:
        value = row[field.column] if field.stored else None
        if value is None or value == "":
            continue
        *path, last = field.path
        inside = nested
        for part in path:
            inside = inside.setdefault(part, {})
        inside[last] = exact(value, zone_of(row["job"])) if isinstance(value, datetime) else _json_value(value, field)
    return nested


def member(outward: Mapping[str, Any], name: str) -> Any:
    """A field of a document as it is listed or shown, by its name with dots; None where it is blank."""
    value: Any = outward
    for part in name.split("."):
        value = None if value is None else value.get(part)
    return value


def _json_value(value: Any, field: Field) -> Any:
    """A stored value for JSON: numbers as int or float, days as ISO text, objects parsed."""
    if isinstance(value, Decimal):
        plain = value.normalize()
        return int(plain) if plain == plain.to_integral_value() else float(plain)
    if isinstance(value, date):
        return value.isoformat()
    if field.kind is Kind.OBJECT and isinstance(value, str):
        return from_json(value)
    return value


@dataclass(frozen=True)
class Shown:
    """A stored document: its header's values by SQL column, and its key as jobs and history store it."""

    document: Document
    values: Values
    key: str

    @property
    def number(self) -> str:
        """The document's number."""
        return str(self.values[self.document.header.field(self.document.number).column])

    @property
    def job(self) -> str:
        """The job that wrote its header."""
        return str(self.values["job"])

    @property
    def state(self) -> str:
        """The document's state."""
        return str(self.values["state"])

    @property
    def partner(self) -> str:
        """The id of the partner that owns it."""
        return str(self.values["partner"])


def find_all(database: Database, document: Document, number: str, unit: str | None = None) -> list[Shown]:
    """The stored documents of that number, of every business unit or of one; where there is none, those that have
    other leading zeros. None where no database can hold the number.
    """
    if not is_text(number):
        return []
    column = _number(document)
    rows = _headers(database, document, _of_numbers(document.name), unit, numbers=zero_spellings(number))
    same = [row for row in rows if row[column] == number]
    return [Shown(document, dict(row), _key(document, row)) for row in same or rows]


def find_parts(database: Database, feed: Feed, number: str, unit: str | None = None) -> list[Shown]:
    """The stored documents into which a feed has split (``split_by``) an order, by the partner's number of it."""
    if not is_text(number):
        return []
    column = _number(feed.document)
    numbers = dict.fromkeys((*zero_spellings(number), *zero_spellings(feed.number_prefix + number)))
    begins = (column.startswith(each + SPLIT, autoescape=True) for each in numbers)
    rows = _headers(database, feed.document, _searched(feed.document, or_(*begins)), unit)
    every_part = [Shown(feed.document, dict(row), _key(feed.document, row)) for row in rows]
    fields = [feed.document.fields[name][1].column for name in feed.keys.split_by]
    return [
        each
        for each in every_part
        if each.partner == feed.partner and feed.means(each.number, number, [each.values[name] for name in fields])
    ]


def _number(document: Document) -> ColumnElement[Any]:
    """The column of a document's number."""
    return LEVELS[document.header.table].c[document.header.field(document.number).column]


@cache
def _of_numbers(document: str) -> Select[Any]:
    """The headers of ``units`` whose number is one of ``numbers``; built once, because every answer needs it."""
    wanted = _number(DOCUMENTS[document]).in_(bindparam("numbers", expanding=True))
    return _searched(DOCUMENTS[document], wanted)


def _searched(document: Document, wanted: ColumnElement[bool]) -> Select[Any]:
    """The headers of ``units`` that are wanted, by their key."""
    table = LEVELS[document.header.table]
    of_units = [table.c.business_unit_id.in_(bindparam("units", expanding=True))] if document.owned else []
    return select(table).where(wanted, *of_units).order_by(*table.primary_key)


def _headers(
    database: Database, document: Document, query: Select[Any], unit: str | None, **values: Any
) -> Sequence[RowMapping]:
    """The headers of a query, of every business unit or of one; ``values``: of its parameters."""
    with database.reading() as connection:
        if document.owned:
            values["units"] = _units(connection, LEVELS[document.header.table]) if unit is None else [unit]
        return connection.execute(query, values).mappings().all()


def every(database: Database, document: Document) -> Iterator[Shown]:
    """Every stored document of a type that is a list, by its key."""
    table = LEVELS[document.header.table]
    with database.reading() as connection:
        for row in connection.execute(select(table).order_by(*table.primary_key)).mappings():
            yield Shown(document, dict(row), _key(document, row))


def _units(connection: Connection, table: Table) -> list[str]:
    """The business units of a table's rows, found from one to the next: every index begins with the unit, so that this
    and a search within them read few rows.
    """
    column = table.c.business_unit_id
    units = select(func.min(column).label("unit")).cte("units", recursive=True)
    following = select(func.min(column)).where(column > units.c.unit).scalar_subquery()
    units = units.union_all(select(following).where(units.c.unit.is_not(None)))
    return list(connection.execute(select(units.c.unit).where(units.c.unit.is_not(None))).scalars())


def _key(document: Document, row: RowMapping) -> str:
    return KEY_SEPARATOR.join(_text(row[document.header.field(name).column]) for name in document.key)


def _text(value: Any) -> str:
    return value.strftime(MOMENT) if isinstance(value, datetime) else str(value)


def whole(database: Database, shown: Shown) -> dict[str, Any]:
    """A stored document, as JSON values, with its lines and what refers to it; each row with its ``origin``: job, line
    of the file.
    """
    shown_whole = alone(database, shown)
    answered = jobs(database, [shown.job]).get(shown.job)
    if answered is not None and answered.answered_at is not None:
        shown_whole["acknowledgedAt"] = answered.answered_at.isoformat().replace("+00:00", "Z")
    refers = dict(referring(database, shown))
    return shown_whole | ({"referredToBy": refers} if refers else {})


def alone(database: Database, shown: Shown) -> dict[str, Any]:
    """As ``whole``, but only what changes with the document's revision: without what refers to it."""
    document, zone_of = shown.document, zones(database)
    shown_whole = outward(shown.values, document.header, zone_of) | {"state": shown.state}
    shown_whole |= _origin(shown.values)
    rows: dict[tuple[Any, ...], dict[str, Any]] = {(): shown_whole}
    for level in document.inner:
        moved = document.moved if level.numbered else None
        for row in _rows(database, shown, level):
            cells = outward(row, level, zone_of) | {"state": row["state"]}
            if moved is not None:
                cells[_camel(moved.column)] = _json_value(row[moved.column] or Decimal(0), document.header.fields[0])
            chain = [row[each.field(name).column] for each in document.chain(level) for name in each.key]
            own = len(level.key)
            rows[tuple(chain)] = cells | _origin(row)
            rows[tuple(chain[:-own])].setdefault(level.array, []).append(rows[tuple(chain)])
    return shown_whole


def _camel(column: str) -> str:
    first, *others = column.split("_")
    return first + "".join(each.title() for each in others)


def _origin(row: Values) -> dict[str, Any]:
    return {"origin": {"job": row["job"], "line": row["line"]}}


def _rows(database: Database, shown: Shown, level: Level) -> Sequence[RowMapping]:
    columns = tuple(shown.document.header.field(name).column for name in shown.document.key)
    table = LEVELS[level.table]
    with database.reading() as connection:
        rows = connection.execute(_of_document(table, columns), {name: shown.values[name] for name in columns})
        rows_shown = rows.mappings().all()
    own = [column.name for column in table.primary_key if column.name not in columns]
    return sorted(rows_shown, key=lambda row: [_counted(str(row[name])) for name in own])


@cache
def _of_document(table: Table, columns: tuple[str, ...]) -> Select[Any]:
    """The rows of a level of one document, by the columns of its key; built once, because every answer needs it."""
    key = (table.c[name] == bindparam(name, type_=table.c[name].type) for name in columns)
    return select(table).where(*key).order_by(*table.primary_key)


def _counted(key: str) -> list[tuple[bool, int, str]]:
    """What sorts a line's number as people count: 2 before 10.

    >>> sorted(["10", "2", "A-10", "A-9"], key=_counted)
    ['2', '10', 'A-9', 'A-10']
    """
    return [(False, int(part), "") if part.isdecimal() else (True, 0, part) for part in _DIGITS.split(key) if part]


def referring(
    database: Database, shown: Shown, types: Iterable[Document] = tuple(DOCUMENTS.values())
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The lines of other documents, of those ``types``, that are compared with this one, by the documents' name: an
    order's shipments, an ASN's receipt lines.
    """
    document, zone_of = shown.document, zones(database)
    number = shown.values[document.header.field(document.number).column]
    for other in types:
        level = other.lines
        rows: list[dict[str, Any]] = []
        for relation in other.against:
            if relation.document != document.name or level is None:
                continue
            lines, header = LEVELS[level.table], LEVELS[other.header.table]
            keys = [other.header.field(name).column for name in other.key]
            stands_on = other.level_of(relation.number)
            column = (lines if stands_on is level else header).c[stands_on.field(relation.number).column]
            query = select(lines).join(header, and_(*(lines.c[name] == header.c[name] for name in keys)))
            query = query.where(column == number, lines.c.business_unit_id == shown.values["business_unit_id"])
            if relation.where is not None:
                query = query.where(lines.c[level.field(relation.where[0]).column] == relation.where[1])
            with database.reading() as connection:
                for row in connection.execute(query.order_by(*lines.primary_key)).mappings():
                    of = {other.number: row[other.header.field(other.number).column]}
                    rows.append(of | outward(row, level, zone_of) | {"state": row["state"]} | _origin(row))
        if rows:
            yield other.name, rows


def history_of(database: Database, shown: Shown) -> list[dict[str, Any]]:
    """Each import that changed a document, oldest first: job, line, what, level, row (its key), fields (name → value
    before and after), and of changes the number (``change``) and ISO time (``at``).
    """
    document = shown.document
    query = (
        select(HISTORY, CHANGES.c.number.label("number"), CHANGES.c.at)
        .join(CHANGES, CHANGES.c.change == HISTORY.c.change, isouter=True)
        .where(HISTORY.c.document == document.name, HISTORY.c.key == shown.key)
        .order_by(HISTORY.c.change.desc())
    )
    now, zone = _now(database, shown), zones(database)(shown.job)
    moments = {field.name for level in document.levels for field in level.fields if field.kind is Kind.TIMESTAMP}
    with database.reading() as connection:
        rows = connection.execute(query).all()
    entries = []
    first = {"job": shown.job, "line": shown.values["line"]}
    for row in rows:
        before: dict[str, Any] = from_json(row.before)
        if "@job" in before:
            first = {"job": before.pop("@job"), "line": before.pop("@line")}
        current = now.setdefault((row.level, row.row_key), {})
        fields = {
            name: [_in_zone(each, zone) if name in moments else each for each in (was, current.get(name))]
            for name, was in before.items()
        }
        current.update(before)
        entries.append(_entry(row.job_id, row.line, row.what, row.level, from_json(row.row_key), fields)
                    | {"change": row.number, "at": row.at.isoformat() if row.at else None})  # fmt: skip
    entries.append(_entry(first["job"], first["line"], "stored", "header", [], {}))
    return entries[::-1]


def _in_zone(text: str | None, zone: ZoneInfo) -> str | None:
    """A moment as history writes it, shown in a zone."""
    return exact(datetime.fromisoformat(text), zone) if text else text


def _entry(
    job: str, line: int, what: str, level: str, row_key: list[str], fields: dict[str, list[Any]]
) -> dict[str, Any]:
    return {"job": job, "line": line, "what": what, "level": level, "row": row_key, "fields": fields}


def _now(database: Database, shown: Shown) -> dict[tuple[str, str], dict[str, Any]]:
    """The stored values, by level and row, as history writes them."""
    document = shown.document
    values = {("header", "[]"): _values(shown.values, document.header)}
    for level in document.inner:
        names = [each.field(name).column for each in document.chain(level) for name in each.key]
        for row in _rows(database, shown, level):
            key = json.dumps([str(row[name]) for name in names], ensure_ascii=False)
            values[level.title, key] = _values(row, level)
    return values


def _values(row: Values, level: Level) -> dict[str, Any]:
    values = {field.name: row[field.column] for field in level.fields if field.stored}
    plain = {
        name: value if value is None or isinstance(value, bool | int) else str(value) for name, value in values.items()
    }
    return plain | {"state": row["state"]}


def jobs(database: Database, ids: Sequence[str]) -> dict[str, JobRecord]:
    """The jobs of those ids that are stored, by id."""
    with database.reading() as connection:
        rows = connection.execute(select(JOBS).where(JOBS.c.job_id.in_(ids)))
        return {row.job_id: job_of(row) for row in rows}
