"""What a proposal says beyond columns: rules for rows that may not be meant.

The rule for parents beside their children, which values prove, is a key of the TOML. Other rules are comments: which
rows are meant, no file proves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crossdock.learn.columns import Column
from crossdock.learn.grouping import Groups
from crossdock.learn.proposal import Proposal

SKU, QUANTITY, PRICE = "skuId", "quantity", "unitPrice"
MOST_KINDS = 8
"""The most distinct values of a column that tells the kinds of rows apart."""
FEWEST_PARENTS = 2
"""With fewer rows of a kind nothing shows that they are parents."""
MEANT = frozenset(("paid", "partially_refunded", "processing", "unshipped"))
"""Words of a status that a warehouse ships."""
_OTHER = """
    authorized cancelled canceled closed complete completed expired failed fulfilled holded on-hold partially_paid
    pending pending_payment refunded shipped unpaid voided
"""
KNOWN = MEANT | frozenset(_OTHER.split())
_STATUS = re.compile(r"(.*[^a-z])?(status|state)$", re.IGNORECASE)
_ZERO = re.compile(r"0+([.,]0+)?")
_LITERAL = re.compile(r"\w[\w .-]*")
"""Values that a rule reads as themselves, not as a glob or a comparison."""


def without_item(proposal: Proposal) -> tuple[str, int]:
    """The column of items, and how many rows have a quantity but no item."""
    items, quantities = proposal.by_field.get(SKU), proposal.by_field.get(QUANTITY)
    if items is None or quantities is None or not items.proved or not quantities.proved:
        return "", 0
    pairs = zip(items.column.values, quantities.column.values, strict=True)
    return items.column.heading, sum(item is None and quantity is not None for item, quantity in pairs)


@dataclass(frozen=True)
class Parents:
    """Rows that are parents of others: the column that tells them, its ``kinds`` that are theirs, and why in words."""

    heading: str
    kinds: tuple[str, ...]
    why: str


def parents(proposal: Proposal) -> Parents | None:
    """The kind of rows that are parents beside their children; None if no column proves one.

    All rows of such a kind lack what all other rows have, and the item of each begins that of another row of its
    document.
    """
    items = proposal.by_field.get(SKU)
    if items is None or not items.proved or proposal.document.lines is None:
        return None
    needed = [each for each in map(proposal.by_field.get, (QUANTITY, PRICE)) if each is not None and each.proved]
    for column in proposal.left_over:
        if column.filled < 1 or not 1 < len(column.distinct) <= MOST_KINDS:
            continue
        for each in needed:
            proved = _parents_by(column, items.column, each.column, proposal.groups)
            if proved is not None:
                return proved
    return None


def _parents_by(column: Column, items: Column, needed: Column, groups: Groups | None) -> Parents | None:
    """The kinds of rows of a column that are parents, as a column that every line needs shows it."""
    lacks = [value is None or _ZERO.fullmatch(value) is not None for value in needed.values]
    without = {kind for kind, lack in zip(column.values, lacks, strict=True) if lack}
    having = {kind for kind, lack in zip(column.values, lacks, strict=True) if not lack}
    kinds = tuple(kind for kind in column.distinct if kind in without)
    if not kinds or not having or without & having or not all(map(_LITERAL.fullmatch, kinds)):
        return None
    documents = groups.numbers.tolist() if groups is not None else [0] * len(lacks)
    rows = list(zip(documents, items.values, column.values, strict=True))
    children = {(document, begin) for document, item, kind in rows if kind in having for begin in _begins_of(item)}
    if any((document, item) not in children for document, item, kind in rows if kind in without):
        return None
    if any(column.values.count(kind) < FEWEST_PARENTS for kind in kinds):
        return None
    return Parents(
        column.heading,
        kinds,
        f"parents: {needed.heading!r} is blank or 0 in all {sum(lacks):,} of these rows and in no other, "
        f"and each {items.heading!r} of them begins another one of its document",
    )


def _begins_of(item: str | None) -> list[str]:
    """What an item's number may have its parent's number from: its parts up to each mark.

    >>> _begins_of("TEE-RED-S"), _begins_of("TEE")
    (['TEE', 'TEE-RED'], [])
    """
    return [item[: mark.start()] for mark in re.finditer(r"[\W_]", item)] if item else []


def statuses(proposal: Proposal) -> list[tuple[str, list[str], list[str]]]:
    """Columns that nobody reads and whose values are words for a status: the column, what is meant, what is not."""
    suggested = []
    for each in proposal.left_over:
        words = each.distinct
        if _STATUS.match(each.heading) and words and {word.casefold() for word in words} <= KNOWN:
            meant = [word for word in words if word.casefold() in MEANT]
            others = [word for word in words if word.casefold() not in MEANT]
            if meant and others:
                suggested.append((each.heading, meant, others))
    return suggested
