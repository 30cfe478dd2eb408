"""Their names, codes, dates and decimals → ours: the only border.

Behind it every partner looks the same: columns under our qualified names, text trimmed and in NFC, numbers with a
point and no grouping, dates in ISO, yes and no as true and false. What can't be translated becomes null and a
failure, so nothing behind the border can mistake one partner's ``1.234`` for another's. Only distinct values are
translated.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures.catalogue import CODES, SYNTAX_CODES
from crossdock.failures.failures import Failures
from crossdock.frames import dates
from crossdock.frames.columns import Cells
from crossdock.frames.distinct import OfRows, Wrong, by_distinct
from crossdock.model.batch import Batch, Defaults
from crossdock.partners.feed import Feed
from crossdock.pipeline.normalize.products_beside import products_beside
from crossdock.schema.document import NUMBERS, TEXTS, Field, Kind

TIMES = (Kind.DATE, Kind.TIMESTAMP)
FLAGS = {
    **dict.fromkeys(("true", "y", "yes", "1"), "true"),
    **dict.fromkeys(("false", "n", "no", "0"), "false"),
}


def translate(batch: Batch, columns: Mapping[str, str], feed: Feed, *, plain_numbers: bool) -> tuple[Cells, Failures]:
    """The batch's ``table``: text columns under our names; and the failures of the border.

    ``columns``: ours → theirs. ``plain_numbers``: the format writes all numbers its own way, whatever the feed says.
    """
    cells_by_name: dict[str, pa.Array] = {}
    failures = [_spoiled(batch, columns, feed), products_beside(batch, columns, feed)]
    fields = feed.document.fields
    for ours, theirs in columns.items():
        if theirs not in batch.raw or (ours in batch.key and fields[ours][1].kind in TEXTS):
            continue
        cells = feed.canonical(ours, batch.raw[theirs])
        if ours in fields:
            cells, wrong = clean(cells, fields[ours][1], feed, columns, plain_numbers=plain_numbers)
            failures += [feed.failures(batch.lines[places], ours, code, details) for code, places, details in wrong]
        cells_by_name[ours] = cells
    for name in batch.key:
        cells_by_name.setdefault(name, batch.key[name])
    return cells_by_name, Failures.merge(*failures)


def _spoiled(batch: Batch, columns: Mapping[str, str], feed: Feed) -> Failures:
    """The failures of single cells that the format itself has recorded."""
    ours = {theirs: name for name, theirs in columns.items()}
    spoiled: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = {}
    for place in np.flatnonzero([each is not None for each in batch.spoiled]).tolist():
        for theirs, (code, details) in json.loads(batch.spoiled[place]).items():
            if code in SYNTAX_CODES or (theirs in ours and code in CODES):
                spoiled.setdefault((ours.get(theirs, ""), code), []).append((int(batch.lines[place]), details))
    return Failures.merge(
        *(feed.failures([line for line, _ in rows], field, code, [each for _, each in rows])
          for (field, code), rows in spoiled.items())
    )  # fmt: skip


def defaults_of(feed: Feed) -> Defaults:
    """The feed's constants and defaults in our notation; what can't be translated stays, and its cells fail."""

    def translated(values: Mapping[str, str]) -> dict[str, str]:
        ours = {}
        for name, value in values.items():
            field = feed.document.fields[name][1]
            cell, _ = clean(feed.canonical(name, pa.array([value])), field, feed, (), plain_numbers=False)
            ours[name] = cell[0].as_py() or value
        return ours

    return Defaults(translated(feed.keys.constants), translated(feed.keys.defaults))


def clean(
    values: pa.Array, field: Field, feed: Feed, columns: Container[str], *, plain_numbers: bool
) -> tuple[pa.Array, OfRows]:
    """The cells of a field in our notation, text, null where they can't be read; the failures: code, places, details.

    ``values``: as ``Feed.canonical`` returns them. ``columns``: our names of the columns that the file has.
    """
    if field.kind in NUMBERS:
        read = feed.spelling(field, columns, plain=plain_numbers).read
    elif field.kind in TIMES:
        read = partial(dates.read, patterns=feed.dates, zone=feed.zone, days=field.kind is Kind.DATE)
    elif field.kind is Kind.FLAG:
        read = _flags
    else:
        return values, []
    return by_distinct(values, read)


def _flags(values: pa.Array) -> tuple[pa.Array, Wrong]:
    place = pc.index_in(pc.utf8_lower(values), value_set=pa.array(list(FLAGS)))
    clean = pc.take(pa.array(list(FLAGS.values())), place)
    wrong: Wrong = {
        at: ("not_a_flag", {}) for at in np.flatnonzero(pc.is_null(place).to_numpy(zero_copy_only=False)).tolist()
    }
    return clean, wrong
