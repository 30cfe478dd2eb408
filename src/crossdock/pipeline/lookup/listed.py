"""What a loaded list has on customers and items, with one query per batch."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crossdock.documents import CUSTOMERS, ITEMS
from crossdock.frames.columns import plain, unit_of
from crossdock.model.batch import Assembled
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.schema.document import Document, Field
from crossdock.schema.roles import Role


def listed_customers(assembled: Assembled, document: Document, fields: list[Field], stored: Stored) -> pd.DataFrame:
    """The list's values for the documents' customers, one row per document: ``known`` (bool), and those fields by SQL
    column, None if unknown.
    """
    header, name = assembled.header, document.playing(Role.CUSTOMER, document.header)
    values = header[name] if name in header else pd.Series("", index=header.index)
    return _listed_values(CUSTOMERS, unit_of(header), values, fields, stored)


def listed_items(assembled: Assembled, feed: Feed, stored: Stored) -> pd.DataFrame:
    """The list's flags for the lines' items, one row per line: ``known``, ``lot``, ``serial`` (bool)."""
    level = feed.document.lines
    name = feed.document.playing(Role.ITEM, level)
    lines = assembled.rows[level.title].cells if level else pd.DataFrame()
    fields = {"lot": ITEMS.header.role(Role.LOT), "serial": ITEMS.header.role(Role.SERIAL)}
    if level is None or name not in lines:
        return pd.DataFrame({each: np.zeros(len(lines), dtype=bool) for each in ("known", *fields)})
    units = unit_of(assembled.header)[assembled.rows[level.title].document]
    values = _listed_values(ITEMS, units, lines[name], [field for field in fields.values() if field], stored)
    flags = {each: values[field.column].eq(True).to_numpy(dtype=bool) for each, field in fields.items() if field}
    return pd.DataFrame({"known": values["known"].to_numpy(dtype=bool), **flags})


def _listed_values(
    listed: Document, units: np.ndarray, values: pd.Series, fields: list[Field], stored: Stored
) -> pd.DataFrame:
    """What a list has on values, one row per value: ``known``, and fields of its header by SQL column, else None."""
    number = listed.header.field(listed.number).column
    keys = pd.DataFrame({"business_unit_id": units, number: values.to_numpy(dtype=object, na_value="")})
    sought = keys[(keys[number] != "").to_numpy(dtype=bool)].drop_duplicates(ignore_index=True)
    if sought.empty or not fields:
        return pd.DataFrame(
            {"known": False, **{field.column: None for field in fields}}, index=keys.index, dtype=object
        )
    rows = plain(stored.existing(listed.header, sought, [field.column for field in fields]))
    merged = keys.merge(rows.assign(known=True), on=list(keys), how="left")
    return plain(merged.drop(columns=list(keys)).assign(known=merged["known"].eq(True)))
