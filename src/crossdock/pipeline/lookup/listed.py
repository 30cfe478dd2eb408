"""What a loaded list has on customers and items, with one query per batch."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crossdock.documents import CUSTOMERS, ITEMS
from crossdock.frames.columns import array, distinct, filled, plain, rows_at, unit_of
from crossdock.model.batch import Assembled
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.schema.document import Document, Field
from crossdock.schema.roles import Role


def listed_customers(assembled: Assembled, document: Document, fields: list[Field], stored: Stored) -> pd.DataFrame:
    """The list's values for the documents' customers, one row per document: ``known`` (bool), and those fields by SQL
    column, None if unknown.
    """
    cells, name = assembled.header.cells, document.playing(Role.CUSTOMER, document.header)
    return _listed_values(CUSTOMERS, unit_of(cells), filled(cells, name), fields, stored)


def listed_items(assembled: Assembled, feed: Feed, stored: Stored) -> dict[str, np.ndarray]:
    """The list's flags for the lines' items, by name, bool per line: ``known``, ``lot``, ``serial``."""
    level = feed.document.lines
    name = feed.document.playing(Role.ITEM, level)
    fields = {"lot": ITEMS.header.role(Role.LOT), "serial": ITEMS.header.role(Role.SERIAL)}
    lines = assembled.rows[level.title] if level else None
    if lines is None or name not in lines.cells:
        return {each: np.zeros(len(lines) if lines else 0, dtype=bool) for each in ("known", *fields)}
    units = unit_of(assembled.header.cells)[lines.document]
    listed = _listed_values(
        ITEMS, units, filled(lines.cells, name), [field for field in fields.values() if field], stored
    )
    flags = {each: listed[field.column].eq(True).to_numpy(dtype=bool) for each, field in fields.items() if field}
    return {"known": listed["known"].to_numpy(dtype=bool), **flags}


def _listed_values(
    listed: Document, units: np.ndarray, names: np.ndarray, fields: list[Field], stored: Stored
) -> pd.DataFrame:
    """What a list has on values, one row per value: ``known``, and fields of its header by SQL column, else None."""
    number = listed.header.field(listed.number).column
    keys = {"business_unit_id": array(units), number: array(names)}
    sought = rows_at(keys, np.flatnonzero(names != ""))
    sought = rows_at(sought, distinct(sought))
    if not len(sought[number]) or not fields:
        return pd.DataFrame(
            {"known": False, **{field.column: None for field in fields}}, index=range(len(names)), dtype=object
        )
    rows = plain(stored.existing(listed.header, sought, [field.column for field in fields]))
    merged = plain(keys).merge(rows.assign(known=True), on=list(keys), how="left")
    known = merged["known"].eq(True)
    of_list = merged.drop(columns=list(keys)).astype(object)
    return of_list.where(of_list.notna(), None).assign(known=known)
