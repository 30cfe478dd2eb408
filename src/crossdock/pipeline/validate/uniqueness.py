"""Values that should be in one document only: a GTIN on two active SKUs, a carton on two notices (a warning).

They are compared with the documents of the batch and, with one query per batch, with the stored ones.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from crossdock.failures.failures import Failures
from crossdock.frames.columns import (
    GTIN_DIGITS,
    KEY_SEPARATOR,
    filled,
    frame_texts,
    key_text,
    keys_of,
    places,
    plain,
    unit_of,
)
from crossdock.model.batch import Assembled
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.schema.codes import gtin_spellings
from crossdock.schema.document import Document, Level
from crossdock.schema.relations import CANCELLED
from crossdock.schema.roles import Role, Unique


def check_uniqueness(assembled: Assembled, feed: Feed, stored: Stored, today: date) -> Failures:
    """The failures of values that another document has, too. ``today``: the end of ``Unique.within``."""
    return Failures.merge(*(_of_field(assembled, feed, each, stored, today) for each in feed.document.unique))


def _of_field(assembled: Assembled, feed: Feed, unique: Unique, stored: Stored, today: date) -> Failures:
    document = feed.document
    level = document.by_title[unique.level]
    rows, qualified = assembled.rows[level.title], document.spelled(unique.field, level)
    owner = rows.document
    chosen = rows.has(qualified) & _live(assembled, document)[owner]
    if not chosen.any():
        return Failures.none()
    field = level.field(unique.field)
    key = assembled.key
    of_documents = {"unit": unit_of(key), "number": filled(key, document.number), "key": key_text(key)}
    of_rows = {name: values[owner] for name, values in of_documents.items()}
    own = pd.DataFrame({"value": rows.values(qualified), **of_rows}, index=rows.lines, dtype=object)[chosen]
    if field.role is Role.GTIN:
        own["value"] = own["value"].str.zfill(GTIN_DIGITS)
    stored_values = _stored(own, document, level, unique, stored, today)
    stays = ~assembled.only_checked[owner][chosen]
    every = pd.concat([stored_values, own[stays][["unit", "value", "number", "key"]]], ignore_index=True)
    first = places(*(frame_texts(each, ["unit", "value"]) for each in (own, every)))
    known = np.flatnonzero(first >= 0)
    wrong = known[every["key"].to_numpy(dtype=object)[first[known]] != own["key"].to_numpy(dtype=object)[known]]
    others = every["number"].to_numpy(dtype=object)[first[wrong]]
    return feed.failures(own.index[wrong], qualified, unique.code, ({"other": repr(each)} for each in others))


def _live(assembled: Assembled, document: Document) -> np.ndarray:
    """Which documents are in use: neither cancelled nor inactive."""
    live = ~assembled.cancels
    header = assembled.header
    if document.active and document.active[0] in header.cells:
        values = header.values(document.active[0])
        live &= np.array([value in document.active[1] for value in values], dtype=bool)
    return np.asarray(live, dtype=bool)


def _stored(
    own: pd.DataFrame, document: Document, level: Level, unique: Unique, stored: Stored, today: date
) -> pd.DataFrame:
    """The stored documents that have such a value: unit, value, number, key."""
    field = level.field(unique.field)
    keys_to_find = own[["unit", "value"]].drop_duplicates()
    if field.role is Role.GTIN:
        keys_to_find = keys_to_find.assign(
            value=[sorted(gtin_spellings(each)) for each in keys_to_find["value"]]
        ).explode("value")
    keys_to_find = keys_to_find.set_axis(["business_unit_id", field.column], axis=1)
    keys = [document.header.field(each).column for each in document.key]
    active = [document.header.field(document.active[0]).column] if document.active and level is document.header else []
    columns = [each for each in [*keys, "state", *active] if each not in keys_to_find]
    rows = plain(stored.existing(level, keys_of(keys_to_find), columns))
    rows = rows[rows["state"] != CANCELLED]
    if active and document.active:
        active_values = document.active[1]
        rows = rows[np.array([value in active_values for value in rows[active[0]]], dtype=bool)]
    if unique.within is not None and len(rows):
        by = document.header.field(unique.by).column
        rows = _since(today - unique.within, by, rows, document, keys, stored)
    value = rows[field.column].str.zfill(GTIN_DIGITS) if field.role is Role.GTIN else rows[field.column]
    return pd.DataFrame(
        {
            "unit": rows["business_unit_id"],
            "value": value,
            "number": rows[document.header.field(document.number).column],
            "key": rows[keys].agg(KEY_SEPARATOR.join, axis=1) if len(rows) else "",
        },
        dtype=object,
    )


def _since(
    first: date, by: str, rows: pd.DataFrame, document: Document, keys: list[str], stored: Stored
) -> pd.DataFrame:
    """The rows whose date ``by`` is not before ``first``, or is missing."""
    heads = plain(stored.existing(document.header, keys_of(rows[keys].drop_duplicates()), [by]))
    merged = rows.merge(heads, on=keys, how="left")
    recent = [each is None or each != each or each >= first for each in merged[by]]
    return merged[np.array(recent, dtype=bool)]
