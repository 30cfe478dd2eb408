"""The partner's own item numbers → SKUs (contract A7).

A blank or unknown SKU is looked for in the business unit's item references of this partner, then among the GTINs, then
among the aliases: one hit is taken and noted, several are a failure that lists them, none leaves the line as it is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from crossdock.columns import GTIN_DIGITS, given, series
from crossdock.documents.document import Level
from crossdock.failures import Failures
from crossdock.feeds import Feed
from crossdock.model import Gathered, Stored

THEIRS = ("customerSku", "vendorSku")
"""Fields in which a partner names an item its own way."""
SHOWN = 5
"""Candidates that a failure lists."""
WAYS = {"item_reference": "the item references", "gtin": "the GTIN", "alias": "an alias"}


def resolve(gathered: Gathered, feed: Feed, stored: Stored) -> tuple[Gathered, Failures]:
    """The same documents with the SKUs that could be found, and what is to be said of them."""
    document = feed.document
    level = next((each for each in document.inner if document.spelled("skuId", each)), document.header)
    if document.name == "sku" or feed.keys.references.get("sku") == "off" or not document.spelled("skuId", level):
        return gathered, Failures.none()
    header = gathered.header
    if "businessUnitId" not in header:
        return gathered, Failures.none()
    units = header["businessUnitId"].to_numpy(dtype=object, na_value=None)[gathered.rows[level.title].document]
    found = []
    for unit in sorted({each for each in units if isinstance(each, str)}):
        ways = stored.item_ways(unit)
        if ways:
            gathered, told = _of_unit(gathered, feed, stored, level, unit, (units == unit), ways)
            found.append(told)
    return gathered, Failures.merge(*found)


def _of_unit(
    gathered: Gathered, feed: Feed, stored: Stored, level: Level, unit: str, here: np.ndarray, ways: list[str]
) -> tuple[Gathered, Failures]:
    rows = gathered.rows[level.title].cells
    name = feed.document.spelled("skuId", level)
    sent = rows[name].to_numpy(dtype=object, na_value=None) if name in rows else np.full(len(rows), None, dtype=object)
    asked = sorted({value for value in sent[here] if value is not None})
    known = stored.known("sku", unit, asked) if asked else {}
    open_ = here & np.array([value is None or value not in known for value in sent], dtype=bool)
    if not open_.any():
        return gathered, Failures.none()
    said = {way: _said(feed, level, rows, sent, way) for way in ways}
    made, told, several = sent.copy(), [], []
    hits = {
        way: stored.items(way, unit, feed.partner, sorted({v for place in np.flatnonzero(open_) for v in names[place]}))
        for way, names in said.items()
    }
    for place in np.flatnonzero(open_).tolist():
        for way in ways:
            candidates = sorted({sku for value in said[way][place] for sku in hits[way].get(value, ())})
            if len(candidates) == 1:
                made[place] = candidates[0]
                told.append((place, {"item": repr(candidates[0]), "by": WAYS[way]}))
            elif candidates:
                several.append((place, {"items": ", ".join(candidates[:SHOWN]), "by": WAYS[way]}))
            if candidates:
                break
    if told:
        column = series(pa.array(made.tolist(), pa.string()), rows.index)
        gathered = gathered.with_cells({level.title: rows.assign(**{name: column})})
        gathered = replace(gathered, absent=gathered.absent - {name})
    index = rows.index
    return gathered, Failures.merge(
        feed.failures([index[place] for place, _ in several], name, "several_items", [each for _, each in several]),
        feed.failures([index[place] for place, _ in told], name, "item_resolved", [each for _, each in told]),
    )


def _said(feed: Feed, level: Level, rows: pd.DataFrame, sent: np.ndarray, way: str) -> list[list[str]]:
    """By row, under which names the item may be known that way."""
    fields = {"item_reference": THEIRS, "gtin": ("upc",), "alias": THEIRS}[way]
    columns = [sent]
    for field in fields:
        name = feed.document.spelled(field, level)
        if name in rows and given(rows, name).any():
            columns.append(rows[name].to_numpy(dtype=object, na_value=None))
    values = [[value for value in row if value is not None] for row in zip(*columns, strict=True)]
    if way != "gtin":
        return values
    return [[v.zfill(GTIN_DIGITS) for v in row if v.isascii() and v.isdigit() and len(v) >= 8] for row in values]
