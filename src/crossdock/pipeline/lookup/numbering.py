"""What we add to a new document: the next free number, and defaults from the day or the customer (contract B, ERP).

Only on insert: a stored document keeps its values. If two imports take the same number, the write of the later one
fails, and it is checked again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.documents import CUSTOMERS
from crossdock.failures.failures import Failures
from crossdock.frames.columns import array, distinct, keys_of, plain, rows_at, unit_of, values
from crossdock.model.batch import Assembled
from crossdock.model.stored import Stored
from crossdock.partners.feed import Feed
from crossdock.pipeline.lookup.keys import stored_keys
from crossdock.pipeline.lookup.listed import listed_customers
from crossdock.schema.document import Document, Field
from crossdock.schema.relations import CANCELLED
from crossdock.schema.roles import AutoNumber, Role


def assign_numbers(
    assembled: Assembled, feed: Feed, stored: Stored, today: date, *, objects: bool
) -> tuple[Assembled, Failures]:
    """The same documents with numbers and defaults, and the failures of those that came without a number.

    ``objects``: each document is one object (JSON); rows need a placeholder that says which are one document.
    """
    document = feed.document
    fields = [field for field in document.header.fields if field.from_customer or field.from_day]
    failures = Failures.none()
    if document.auto is not None:
        assembled, failures = _numbered(assembled, document.auto, feed, stored, objects=objects)
    if fields:
        assembled = _defaulted(assembled, document, fields, stored, today)
    return assembled, failures


def _numbered(
    assembled: Assembled, auto: AutoNumber, feed: Feed, stored: Stored, *, objects: bool
) -> tuple[Assembled, Failures]:
    document = feed.document
    header, number = assembled.header, document.number
    every = ~header.has(number)
    blank = every & (objects | header.has(auto.placeholder))
    nobody = feed.failures(header.lines[every & ~blank], number, "no_placeholder")
    if not blank.any():
        return assembled, nobody
    width = document.header.field(number).pad or 0
    units = unit_of(assembled.key)
    numbers = values(assembled.key[number]).copy()
    only_checked = assembled.only_checked
    for unit in sorted(set(units[blank])):
        of_unit = units == unit
        places = np.flatnonzero(blank & of_unit)
        places = places[np.argsort(only_checked[places], kind="stable")]  # what is not stored takes no number of others
        meant = numbers[of_unit & ~only_checked]
        sent_numbers = [each for each in meant if isinstance(each, str) and _counts(each, document)]
        highest = max([stored.highest(document, unit), *map(int, sent_numbers)])
        for step, place in enumerate(places.tolist(), 1):
            numbers[place] = str(highest + step).zfill(width)
    column = array(numbers)
    failures = Failures.merge(nobody, _perhaps_stored(assembled, auto, blank, feed, stored))
    assembled = assembled.with_cells({"header": {**header.cells, number: column}})
    return replace(assembled, key={**assembled.key, number: column}, numberless=blank), failures


def _counts(number: str, document: Document) -> bool:
    """Whether a number is one of ours: longer ones fail, and must not raise the next number."""
    below = document.numbers_below
    return number.isascii() and number.isdigit() and len(number) <= len(str(below)) and int(number) < below


def _perhaps_stored(assembled: Assembled, auto: AutoNumber, blank: np.ndarray, feed: Feed, stored: Stored) -> Failures:
    """Documents without a number that may be stored already: the same customer and the same number of the customer."""
    document, header = feed.document, assembled.header
    party = document.playing(Role.CUSTOMER, document.header)
    lacking = blank & ~header.has(auto.own)
    whole = blank & ~lacking & header.has(party)
    failures = [feed.failures(header.lines[lacking], auto.own, "needed_without_number")]
    if whole.any():
        columns = {document.fields[name][1].column: header.values(name) for name in (party, auto.own)}
        every = pd.DataFrame({"business_unit_id": unit_of(assembled.key), **columns}, index=header.lines)
        own = every[whole]
        number = document.header.field(document.number).column
        sought = keys_of(own.drop_duplicates())
        stored_ones = plain(stored.existing(document.header, sought, [number, "state"]))
        stored_ones = stored_ones[stored_ones["state"] != CANCELLED].drop_duplicates(list(own))
        merged = own.merge(stored_ones, on=list(own), how="left").set_axis(own.index)
        hit = merged[number].notna()
        there = [{"other": repr(each)} for each in merged[number][hit]]
        failures.append(feed.failures(own.index[hit], auto.own, "possible_duplicate", there))
        # of this file: one that has a number, else the first without one; last of all what is only checked
        order = every.assign(later=blank + 2 * assembled.only_checked, at=every.index)
        order = order.sort_values(["later", "at"], kind="stable")
        first = order.groupby(list(own), dropna=False)["at"].transform("first").reindex(own.index)
        again = (first != own.index.to_series()) & ~hit
        earlier = [{"other": "another of this file", "line": int(each)} for each in first[again]]
        failures.append(feed.failures(own.index[again], auto.own, "possible_duplicate_here", earlier))
    return Failures.merge(*failures)


def _defaulted(assembled: Assembled, document: Document, fields: list[Field], stored: Stored, today: date) -> Assembled:
    """Blank fields get the stored value; in a new document the day, or the customer's value."""
    header = assembled.header
    lacking = [field for field in fields if not header.has(document.qualified(document.header, field)).all()]
    if not lacking:
        return assembled
    keys = stored_keys(assembled.key, document)
    wanted = ["state", *(field.column for field in lacking)]
    stored_headers = plain(stored.existing(document.header, rows_at(keys, distinct(keys)), wanted))
    merged = plain(keys).merge(stored_headers, on=list(keys), how="left")
    new = merged["state"].isna().to_numpy()
    theirs = {field.name: CUSTOMERS.header.field(field.from_customer) for field in lacking if field.from_customer}
    of_customers = listed_customers(assembled, document, list(theirs.values()), stored)
    defaulted: dict[str, pa.Array] = {}
    for field in lacking:
        name = document.qualified(document.header, field)
        before = merged[field.column].to_numpy(dtype=object)
        default = (
            np.full(len(header), today, dtype=object) if field.from_day else of_customers[theirs[field.name].column]
        )
        settled = np.where(new, default, before)
        clean = pa.array(
            [None if value is None or value is pd.NA or value != value else value for value in settled.tolist()]
        )
        clean = clean.cast(field.arrow) if len(clean) else pa.nulls(0, field.arrow)
        own = header.cells[name] if name in header.cells else pa.nulls(len(header), field.arrow)
        defaulted[name] = pc.coalesce(own, clean)
    with_defaults = assembled.with_cells({"header": {**header.cells, **defaulted}})
    return replace(with_defaults, absent=assembled.absent - set(defaulted))
