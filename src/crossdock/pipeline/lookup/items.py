"""The partner's own item numbers → SKUs (contract A7).

A blank or unknown SKU is looked up in the business unit's item references of this partner, then in the GTINs, then in
the aliases. One hit is taken and noted, with the unit that comes with it (the case that a GTIN is of) where the row has
none; several are a failure that lists them, none leaves the line as it is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crossdock.documents import ITEMS
from crossdock.failures.failures import Failures
from crossdock.frames.columns import GTIN_DIGITS, array
from crossdock.frames.rows import LevelRows
from crossdock.model.batch import Assembled
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.schema.document import Document, Level
from crossdock.schema.roles import ItemWay, Role

SHOWN = 5
"""How many candidates a failure lists."""
SHORTEST_GTIN = 8
"""Digits of a GTIN-8."""


def resolve_items(assembled: Assembled, feed: Feed, stored: Stored) -> tuple[Assembled, Failures]:
    """The same documents with the SKUs and units that were found, and the failures ``item_resolved``, ``several_items``
    and ``unit_of_item``.
    """
    document = feed.document
    level = next((each for each in document.levels[::-1] if each.role(Role.ITEM)), document.header)
    item = document.playing(Role.ITEM, level)
    if not item or item in document.key or feed.keys.references.get(ITEMS.name) == "off":
        return assembled, Failures.none()
    if "businessUnitId" not in assembled.header.cells:
        return assembled, Failures.none()
    rows = assembled.rows[level.title]
    failures = []
    for unit, here in assembled.by_unit(rows, np.ones(len(rows), dtype=bool)):
        item_ways = stored.item_ways(unit)
        if item_ways:
            assembled, messages = _of_unit(assembled, feed, stored, level, unit, here, item_ways)
            failures.append(messages)
    return assembled, Failures.merge(*failures)


def _of_unit(
    assembled: Assembled,
    feed: Feed,
    stored: Stored,
    level: Level,
    unit: str,
    here: np.ndarray,
    item_ways: list[tuple[Document, ItemWay]],
) -> tuple[Assembled, Failures]:
    rows = assembled.rows[level.title]
    name = feed.document.playing(Role.ITEM, level)
    sent = rows.values(name)
    skus = sorted({value for value in sent[here] if value is not None})
    listed_skus = stored.known(ITEMS.name, unit, skus) if skus else {}
    open_ = here & np.array([value is None or value not in listed_skus for value in sent], dtype=bool)
    if not open_.any():
        return assembled, Failures.none()
    places = np.flatnonzero(open_).tolist()
    tried = []
    for listed, item_way in item_ways:
        names_of_row = _item_names(feed, level, rows, sent, item_way)
        names = sorted({name for place in places for name in names_of_row[place]})
        tried.append((item_way, names_of_row, stored.items(listed, item_way, unit, feed.partner, names)))
    resolved, unique, several = sent.copy(), [], []
    measures = np.full(len(rows), None, dtype=object)
    for place in places:
        for item_way, names_of_row, hits in tried:
            candidates = sorted({hit for name in names_of_row[place] for hit in hits.get(name, ())}, key=_shown)
            if len(candidates) == 1:
                resolved[place], measures[place] = candidates[0]
                unique.append((place, {"item": repr(candidates[0][0]), "by": item_way.called}))
            elif candidates:
                shown = ", ".join(_shown(each) for each in candidates[:SHOWN])
                several.append((place, {"items": shown, "by": item_way.called}))
            if candidates:
                break
    other_units = Failures.none()
    if unique:
        assembled = assembled.with_cells({level.title: {**rows.cells, name: array(resolved)}})
        assembled = replace(assembled, absent=assembled.absent - {name})
        assembled, other_units = _with_measures(assembled, feed, level, measures)
    lines = rows.lines
    return assembled, Failures.merge(
        other_units,
        feed.failures([lines[place] for place, _ in several], name, "several_items", [each for _, each in several]),
        feed.failures([lines[place] for place, _ in unique], name, "item_resolved", [each for _, each in unique]),
    )


def _shown(candidate: tuple[str, str | None]) -> str:
    """An item, and the unit of it that a name is of."""
    sku, measure = candidate
    return f"{sku} ({measure})" if measure else sku


def _with_measures(assembled: Assembled, feed: Feed, level: Level, measures: np.ndarray) -> tuple[Assembled, Failures]:
    """The units that came with the items, where a row says none; a row that says another one is a warning.

    ``measures``: for each row of the level, the unit of the name by which its item was found, or None.
    """
    name = feed.document.playing(Role.MEASURE, level)
    comes = np.array([each is not None for each in measures], dtype=bool)
    if not name or not comes.any():
        return assembled, Failures.none()
    rows = assembled.rows[level.title]
    own = rows.values(name)
    constant = name in feed.keys.constants or name in feed.keys.defaults
    unsaid = assembled.blank_as_sent(name, len(rows)) if not constant else np.zeros(len(rows), dtype=bool)
    other = comes & ~unsaid & (own != measures)
    measured = np.where(comes & unsaid, measures, own)
    assembled = assembled.with_cells({level.title: {**rows.cells, name: array(measured)}})
    others = assembled.with_item.get(name, np.zeros(len(rows), dtype=bool))
    assembled = replace(assembled, with_item={**assembled.with_item, name: others | (comes & unsaid)})
    details = ({"other": repr(each)} for each in measures[other])
    return assembled, feed.failures(rows.lines[other], name, "unit_of_item", details)


def _item_names(feed: Feed, level: Level, rows: LevelRows, sent: np.ndarray, item_way: ItemWay) -> list[list[str]]:
    """For each row, the names under which ``item_way`` may know the item."""
    columns = [sent]
    for field in level.playing(item_way.said):
        name = feed.document.qualified(level, field)
        if rows.has(name).any():
            columns.append(rows.values(name))
    values = [[value for value in row if value is not None] for row in zip(*columns, strict=True)]
    if item_way.said is not Role.GTIN:
        return values
    return [[name.zfill(GTIN_DIGITS) for name in row if _may_be_gtin(name)] for row in values]


def _may_be_gtin(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) >= SHORTEST_GTIN
