"""Products side by side in one row (``SKU1``, ``Qty1``, ``SKU2``, ``Qty2``): a row is one line, the others are lost.

Two headings are twins if they differ only in a number. A row fails if it has a value under unread twins of a required
quantity and of what that quantity is of: the item, or another required or identifying field of the same level.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow.compute as pc

from crossdock.failures.failures import Failures
from crossdock.frames.columns import mask, trimmed
from crossdock.model.batch import Batch
from crossdock.partners.feed import Feed
from crossdock.schema.document import Document, Kind
from crossdock.schema.names import fold
from crossdock.schema.roles import Role

WHAT = (Role.ITEM, Role.THEIRS, Role.GTIN)
"""Roles of fields that say what a quantity is of, besides required fields and those of the key."""
_NUMBER = re.compile(r"\d+")
_AROUND = re.compile(r"[()\[\]#/:]")
_NOTHING = r"^[-+]?[0.,]*$"
"""Of a quantity: blank, or 0 in any notation."""


def products_beside(batch: Batch, columns: Mapping[str, str], feed: Feed) -> Failures:
    """A failure of each row with a product under headings that nobody reads. ``columns``: ours → theirs."""
    read = {*columns.values()}
    unread = [name for name in batch.raw if name not in read and fold(name) not in feed.sources]
    failures = []
    for field, quantity, others in _twins(feed.document, columns, unread):
        headings = ", ".join(f"'{name}'" for name in batch.raw if name in (quantity, *others))
        places = np.flatnonzero(_has_product(batch, quantity, others))
        failures.append(feed.failures(batch.lines[places], field, "product_beside", {"headings": headings}))
    return Failures.merge(*failures)


def _twins(
    document: Document, columns: Mapping[str, str], unread: Iterable[str]
) -> Iterable[tuple[str, str, list[str]]]:
    """The products beside the one that is read: the quantity's field, its unread twin, the twins of what it is of."""
    by_shape: dict[str, dict[str, str]] = {}
    for name in unread:
        shape, number = _shape(name)
        by_shape.setdefault(shape, {})[number] = name
    for level in document.levels:
        own = {name: field for name, field in document.of(level).items() if name in columns}
        quantities = [name for name, field in own.items() if field.kind is Kind.QUANTITY and field.required]
        what = [
            name
            for name, field in own.items()
            if name not in quantities and (field.required or field.role in WHAT or field.name in level.key)
        ]
        for name in quantities:
            shape, own_number = _shape(columns[name])
            for number, quantity in by_shape.get(shape, {}).items():
                others = [by_shape.get(_shape(columns[each])[0], {}).get(number, "") for each in what]
                if number != own_number and any(others):
                    yield name, quantity, [each for each in others if each]


def _shape(heading: str) -> tuple[str, str]:
    """A heading without its number, and the number; one without a number is as if it had one at its end.

    >>> _shape("SKU (2)"), _shape("Item 1 Qty"), _shape("SKU"), _shape("Address 1 Line 2")
    (('sku#', '2'), ('item#qty', '1'), ('sku#', ''), ('address1line2', ''))
    """
    folded = _AROUND.sub("", fold(heading))
    numbers = _NUMBER.findall(folded)
    if not numbers:
        return f"{folded}#", ""
    return (_NUMBER.sub("#", folded), numbers[0].lstrip("0")) if len(numbers) == 1 else (folded, "")


def _has_product(batch: Batch, quantity: str, others: list[str]) -> np.ndarray:
    """In which rows the twins name goods: a quantity, or an item whose quantity is blank and not 0."""
    amounts = trimmed(batch.raw[quantity])
    items = np.logical_or.reduce([mask(pc.is_valid(trimmed(batch.raw[each]))) for each in others])
    none = mask(pc.fill_null(pc.match_substring_regex(amounts, _NOTHING), fill_value=False))
    return np.where(mask(pc.is_valid(amounts)), ~none, items)
