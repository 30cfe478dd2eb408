"""What a loaded list says of customers and items, asked once a batch."""

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
    """What the customers of the documents say of themselves, a row per document: those fields by column, or None."""
    header, name = assembled.header, document.playing(Role.CUSTOMER, document.header)
    values = header[name] if name in header else pd.Series("", index=header.index)
    return _told(CUSTOMERS, unit_of(header), values, fields, stored)


def listed_items(assembled: Assembled, feed: Feed, stored: Stored) -> pd.DataFrame:
    """What the items of the lines say of themselves, a row per line: ``known``, ``lot``, ``serial`` (bool)."""
    level = feed.document.lines
    name = feed.document.playing(Role.ITEM, level)
    lines = assembled.rows[level.title].cells if level else pd.DataFrame()
    fields = {"lot": ITEMS.header.role(Role.LOT), "serial": ITEMS.header.role(Role.SERIAL)}
    if level is None or name not in lines:
        return pd.DataFrame({each: np.zeros(len(lines), dtype=bool) for each in ("known", *fields)})
    units = unit_of(assembled.header)[assembled.rows[level.title].document]
    told = _told(ITEMS, units, lines[name], [field for field in fields.values() if field], stored)
    made = {each: told[field.column].eq(True).to_numpy(dtype=bool) for each, field in fields.items() if field}
    return pd.DataFrame({"known": told["known"].to_numpy(dtype=bool), **made})


def _told(listed: Document, units: np.ndarray, values: pd.Series, fields: list[Field], stored: Stored) -> pd.DataFrame:
    """What a list says of values, a row each: ``known``, and those fields of its header by column, None if unknown."""
    number = listed.header.field(listed.number).column
    asked = pd.DataFrame({"business_unit_id": units, number: values.to_numpy(dtype=object, na_value="")})
    sought = asked[(asked[number] != "").to_numpy(dtype=bool)].drop_duplicates(ignore_index=True)
    if sought.empty or not fields:
        return pd.DataFrame(
            {"known": False, **{field.column: None for field in fields}}, index=asked.index, dtype=object
        )
    found = plain(stored.existing(listed.header, sought, [field.column for field in fields]))
    merged = asked.merge(found.assign(known=True), on=list(asked), how="left")
    return plain(merged.drop(columns=list(asked)).assign(known=merged["known"].eq(True)))
