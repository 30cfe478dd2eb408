"""A page of the stored documents that one reader may see, in an order, with how many there are in all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from crossdock.database import Database
from crossdock.database.read_documents import Conditions, conditions, outward, zones
from crossdock.database.tables import CHANGES, LEVELS
from crossdock.errors import Misused
from crossdock.schema.document import Document
from crossdock.schema.names import fold

CHANGE = "change"
"""What a page may be sorted by besides fields: the number of the last change."""


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
    ``change``, or ('') by the key. ``since``: only what changed after that number.
    """

    limit: int
    offset: int = 0
    sort: str = ""
    descending: bool = False
    since: int | None = None


def page(
    database: Database, document: Document, sight: Sight, where: Conditions, cut: Cut
) -> tuple[list[dict[str, Any]], int]:
    """The documents of a page, without their lines, each with ``state`` and ``change``; and how many there are in all.

    Raises ``Misused`` where there is no such field, or a value doesn't fit it.
    """
    table = LEVELS[document.header.table]
    limited = (*sight.within(document), *conditions(document, where, cut.since))
    rows = _joined(select(table, CHANGES.c.number.label("@number")).select_from(table), document, cut).where(*limited)
    counted = select(func.count()).select_from(table)
    if cut.since is not None:
        counted = _joined(counted, document, cut)
    zone_of = zones(database)
    with database.reading() as connection:
        total = connection.execute(counted.where(*limited)).scalar() or 0
        every = connection.execute(_sorted(rows, document, cut).limit(cut.limit).offset(cut.offset)).mappings().all()
    shown = [
        outward(row, document.header, zone_of) | {"state": row["state"], "change": row["@number"] or 0} for row in every
    ]
    return shown, total


def _joined(query: Select[Any], document: Document, cut: Cut) -> Select[Any]:
    table = LEVELS[document.header.table]
    return query.join(CHANGES, CHANGES.c.change == table.c.change, isouter=cut.since is None)


def _sorted(query: Select[Any], document: Document, cut: Cut) -> Select[Any]:
    table = LEVELS[document.header.table]
    by = [_column(document, cut.sort)] if cut.sort else []
    if cut.since is not None and not by:
        by = [CHANGES.c.number]
    columns = [*by, *table.primary_key]
    return query.order_by(*(each.desc() if cut.descending else each.asc() for each in columns))


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
