"""Values that should stand in one document only: a GTIN on two active SKUs, a carton on two notices (a warning).

Looked for among the documents of the batch and, with one question a batch, among those that are stored.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from crossdock.columns import GTIN_DIGITS, KEY_SEPARATOR, given, key_text, plain, unit_of
from crossdock.documents.codes import gtin_spellings
from crossdock.documents.document import Document, Level
from crossdock.documents.effects import CANCELLED
from crossdock.failures import Failures
from crossdock.feeds import Feed
from crossdock.model import Gathered, Stored

LONG_AGO = timedelta(days=365)
"""A carton's number may come again after a year (GS1 General Specifications §2.2.1, contract B)."""


def alike(gathered: Gathered, feed: Feed, stored: Stored, today: date) -> Failures:
    """Values that another document has, too."""
    document = feed.document
    return Failures.merge(
        *(
            _of_field(gathered, feed, document.by_title[title], name, code, stored, today)
            for title, name, code in document.unique
        )
    )


def _of_field(
    gathered: Gathered, feed: Feed, level: Level, name: str, code: str, stored: Stored, today: date
) -> Failures:
    document = feed.document
    rows, qualified = gathered.rows[level.title].cells, document.spelled(name, level)
    owner = gathered.rows[level.title].document
    asked = given(rows, qualified) & _live(gathered, document)[owner]
    if not asked.any():
        return Failures.none()
    field = level.field(name)
    values = rows[qualified].to_numpy(dtype=object, na_value=None)
    own = pd.DataFrame({"unit": unit_of(gathered.key)[owner], "value": values, "document": owner}, index=rows.index)
    own["number"] = gathered.key[document.number].fillna("").to_numpy(dtype=object)[owner]
    own["key"] = key_text(gathered.key)[owner]
    own = own[asked]
    if field.codes == "gtin":
        own["value"] = own["value"].str.zfill(GTIN_DIGITS)
    known = _stored(own, document, level, name, stored, today)
    every = pd.concat([known, own[["unit", "value", "number", "key"]]], ignore_index=True)
    first = every.drop_duplicates(["unit", "value"]).set_index(["unit", "value"])
    at = first.reindex(pd.MultiIndex.from_frame(own[["unit", "value"]]))
    wrong = (at["key"].to_numpy(dtype=object) != own["key"].to_numpy(dtype=object)) & at["key"].notna().to_numpy()
    others = at["number"].to_numpy(dtype=object)[wrong]
    return feed.failures(own.index[wrong], qualified, code, ({"other": repr(each)} for each in others))


def _live(gathered: Gathered, document: Document) -> np.ndarray:
    """Documents that are in use: neither cancelled nor inactive."""
    live = ~gathered.cancels
    header = gathered.header
    if document.active and document.active[0] in header:
        told = header[document.active[0]].to_numpy(dtype=object, na_value=None)
        live &= np.array([value in document.active[1] for value in told], dtype=bool)
    return np.asarray(live, dtype=bool)


def _stored(
    own: pd.DataFrame, document: Document, level: Level, name: str, stored: Stored, today: date
) -> pd.DataFrame:
    """The stored documents that have such a value: unit, value, number, key."""
    field = level.field(name)
    asked = own[["unit", "value"]].drop_duplicates()
    if field.codes == "gtin":
        asked = asked.assign(value=[sorted(gtin_spellings(each)) for each in asked["value"]]).explode("value")
    asked = asked.set_axis(["business_unit_id", field.column], axis=1).reset_index(drop=True)
    keys = [document.header.field(each).column for each in document.key]
    active = [document.header.field(document.active[0]).column] if document.active and level is document.header else []
    columns = [each for each in [*keys, "state", *active] if each not in asked]
    found = plain(stored.existing(level, asked, columns))
    found = found[found["state"] != CANCELLED]
    if active and document.active:
        told = document.active[1]
        found = found[np.array([value in told for value in found[active[0]]], dtype=bool)]
    if document.name == "asn" and len(found):
        found = _recent(found, document, keys, stored, today)
    value = found[field.column].str.zfill(GTIN_DIGITS) if field.codes == "gtin" else found[field.column]
    return pd.DataFrame(
        {
            "unit": found["business_unit_id"],
            "value": value,
            "number": found[document.header.field(document.number).column],
            "key": found[keys].agg(KEY_SEPARATOR.join, axis=1) if len(found) else "",
        },
        dtype=object,
    )


def _recent(found: pd.DataFrame, document: Document, keys: list[str], stored: Stored, today: date) -> pd.DataFrame:
    """Those that were shipped within a year, or that don't say when."""
    heads = plain(stored.existing(document.header, found[keys].drop_duplicates(ignore_index=True), ["shipment_date"]))
    merged = found.merge(heads, on=keys, how="left")
    recent = [each is None or each != each or each >= today - LONG_AGO for each in merged["shipment_date"]]
    return merged[np.array(recent, dtype=bool)]
