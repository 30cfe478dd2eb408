"""A page of the stored documents that one reader may see, in an order, with how many there are in all.

The next page begins behind the last document of this one, wherever that is by then: whoever works off page by page what
a filter shows, or what has changed, changes it meanwhile, and by their number documents would be skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, RowMapping, Select, func, literal, or_, select, tuple_

from crossdock.database import Database
from crossdock.database.read_documents import Conditions, conditions, outward, zones
from crossdock.database.tables import CHANGES, LEVELS, Moment
from crossdock.errors import Misused
from crossdock.schema.document import Document
from crossdock.schema.names import fold

CHANGE = "change"
"""What a page may be sorted by besides fields: the number of the last change."""
Place = tuple[str, ...]
"""Where a document stands in the order of its key, or of its change and its key: their values."""


@dataclass(frozen=True)
class Sight:
    """What a reader sees: of those business units the documents of that partner, and what is shared (contract A3)."""

    partner: str
    units: tuple[str, ...]

    def within(self, document: Document) -> Iterator[ColumnElement[bool]]:
        """The conditions on the documents of a type. The lists that everybody reads are seen whole, but for units."""
        table = LEVELS[document.header.table]
        if "business_unit_id" in table.c:
            yield table.c.business_unit_id.in_(self.units)
        if not document.master:
            yield or_(table.c.partner == self.partner, table.c.shared.is_(True))


@dataclass(frozen=True)
class Cut:
    """Which page: at most ``limit`` documents behind the first ``offset``, sorted by a field of the header, by the last
    ``change``, or ('') by the key. ``since``: only what changed after that number. ``after``: the place (``Page.last``)
    behind which the page begins, instead of ``offset``.
    """

    limit: int
    offset: int = 0
    sort: str = ""
    descending: bool = False
    since: int | None = None
    after: Place = ()


@dataclass(frozen=True)
class Page:
    """The documents of a page, without their lines, each with ``state`` and ``change``. ``total``: how many there are
    in all. ``more``: some are behind them. ``last``: the place of the last one, () by the order of a field.
    """

    rows: list[dict[str, Any]]
    total: int
    more: bool
    last: Place


def page(database: Database, document: Document, sight: Sight, where: Conditions, cut: Cut) -> Page:
    """A page. Raises ``Misused`` where there is no such field, or place, or a value doesn't fit it."""
    table = LEVELS[document.header.table]
    limited = (*sight.within(document), *conditions(document, where, cut.since))
    rows = _joined(select(table, CHANGES.c.number.label("@number")).select_from(table), document, cut).where(*limited)
    counted = select(func.count()).select_from(table)
    if cut.since is not None:
        counted = _joined(counted, document, cut)
    zone_of = zones(database)
    with database.reading() as connection:
        total = connection.execute(counted.where(*limited)).scalar() or 0
        every = connection.execute(_sorted(rows, document, cut).limit(cut.limit + 1)).mappings().all()
    own = every[: cut.limit]
    shown = [
        outward(row, document.header, zone_of) | {"state": row["state"], "change": row["@number"] or 0} for row in own
    ]
    return Page(shown, total, len(every) > len(own), _place(own[-1], document, cut) if own else ())


def _joined(query: Select[Any], document: Document, cut: Cut) -> Select[Any]:
    table = LEVELS[document.header.table]
    return query.join(CHANGES, CHANGES.c.change == table.c.change, isouter=cut.since is None)


def _sorted(query: Select[Any], document: Document, cut: Cut) -> Select[Any]:
    by = [_column(document, cut.sort)] if cut.sort else []
    if not by and _by_change(cut):
        by = [CHANGES.c.number]
    columns = [*by, *LEVELS[document.header.table].primary_key]
    ordered = query.order_by(*(each.desc() if cut.descending else each.asc() for each in columns))
    if not cut.after:
        return ordered.offset(cut.offset)
    if len(cut.after) != len(columns) or (cut.sort and not _by_change(cut)):
        raise Misused("after is what paging.next has of the page before, in the same order")
    own = tuple_(*columns)
    last = tuple_(*(literal(_value(text, each), each.type) for text, each in zip(cut.after, columns, strict=True)))
    return ordered.where(own < last if cut.descending else own > last)


def _by_change(cut: Cut) -> bool:
    return fold(cut.sort) == CHANGE or (not cut.sort and cut.since is not None)


def _place(row: RowMapping, document: Document, cut: Cut) -> Place:
    if cut.sort and not _by_change(cut):
        return ()
    key = [row[each.name] for each in LEVELS[document.header.table].primary_key]
    texts = [each.isoformat() if isinstance(each, datetime) else str(each) for each in key]
    return (*([str(row["@number"] or 0)] if _by_change(cut) else []), *texts)


def _value(text: str, column: ColumnElement[Any]) -> Any:
    """A part of a place as its column has it. Raises ``Misused`` where it has no such value."""
    try:
        if isinstance(column.type, Moment):
            return datetime.fromisoformat(text)
        return int(text) if isinstance(column.type, Integer) else text
    except ValueError:
        raise Misused(f"after has no place {text[:80]!r}") from None


def _column(document: Document, name: str) -> ColumnElement[Any]:
    """The column of a field of the header. Raises ``Misused`` where there is none."""
    table = LEVELS[document.header.table]
    fields = {fold(field.name): field for field in document.header.fields if field.stored}
    if fold(name) == CHANGE:
        return func.coalesce(CHANGES.c.number, 0)
    if fold(name) not in fields:
        names = ", ".join([*(field.name for field in fields.values()), CHANGE])
        raise Misused(f"{document.name} has no field {name[:80]!r} to sort by; there are: {names}")
    return table.c[fields[fold(name)].column]
