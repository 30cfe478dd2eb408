"""What a proposal says beyond columns: rules for rows that may not be meant.

The rules for parents beside their children and for totals, which values prove, are keys of the TOML. Other rules are
comments, or questions on a terminal: which rows are meant, no file proves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isclose

import numpy as np
import pandas as pd

from crossdock.frames.signs import return_in
from crossdock.learn.columns import Column
from crossdock.learn.fitting import FEW
from crossdock.learn.grouping import Groups
from crossdock.learn.names import FieldNames
from crossdock.learn.proposal import Proposal
from crossdock.schema.document import NUMBERS
from crossdock.schema.names import CANCELLING, TOTALS

SKU, QUANTITY, PRICE = "skuId", "quantity", "unitPrice"
SHIP_TO = "shipTo."
"""What the fields of the address begin with to which an order goes."""
MOST_KINDS = 8
"""The most distinct values of a column that tells the kinds of rows apart."""
FEWEST_PARENTS = 2
"""With fewer rows of a kind nothing shows that they are parents."""
FEWEST_SUMMANDS = 2
"""With fewer rows above, a sum is only a repetition."""
SHOWN = 3
"""Numbers of documents that are shown."""
MEANT = frozenset(("paid", "partially_refunded", "processing", "unshipped"))
"""Words of a status that a warehouse ships."""
_OTHER = """
    authorized cancelled canceled closed complete completed expired failed fulfilled holded on-hold partially_paid
    pending pending_payment refunded shipped unpaid voided
"""
KNOWN = MEANT | frozenset(_OTHER.split())
_STATUS = re.compile(r"(.*[^a-z])?(status|state)$", re.IGNORECASE)
_ZERO = re.compile(r"0+([.,]0+)?")
_PLACE = re.compile(
    r"\b(bin|location|shelf|slot|place|lagerplatz|platz|fach|emplacement|ubicaci[oó]n|locatie)\b", re.IGNORECASE
)
_LITERAL = re.compile(r"\w[\w .-]*")
"""Values that a rule reads as themselves, not as a glob or a comparison."""


@dataclass(frozen=True)
class RowRule:
    """A rule for rows. ``key``: ``skip``, ``only``, ``cancel``; ``heading``, ``entry``: as in the TOML; ``why``."""

    key: str
    heading: str
    entry: str | list[str]
    why: str
    proved: bool = False


def row_rules(proposal: Proposal) -> list[RowRule]:
    """The rules for rows that may not be meant; those that somebody has said are right are proved, too."""
    rules = [*_parents_rule(proposal), *_without_item(proposal), *_credits(proposal)]
    rules += [
        RowRule("only", name, words, f"leaves out {', '.join(others)}") for name, words, others in _statuses(proposal)
    ]
    rules += [*_cancelling(proposal), *_returning(proposal)]
    return [replace(each, proved=each.proved or (each.key, each.heading) in proposal.meant) for each in rules]


def _parents_rule(proposal: Proposal) -> Iterator[RowRule]:
    above = parents(proposal)
    if above is not None:
        yield RowRule("skip", above.heading, list(above.kinds), above.why, proved=True)


def _without_item(proposal: Proposal) -> Iterator[RowRule]:
    """Rows that have a quantity but no item: totals, if the sums prove it."""
    items, quantities = proposal.by_field.get(SKU), proposal.by_field.get(QUANTITY)
    if items is None or quantities is None or not items.proved or not quantities.proved:
        return
    rows = totals(proposal)
    if rows and all(_called_total(proposal, row) for row in rows):
        return  # an import leaves them out by their word
    if rows:
        number = proposal.by_field.get(proposal.document.number)
        blank = number is not None and all(number.column.values[row] is None for row in rows)
        heading = number.column.heading if number is not None and blank else items.column.heading
        why = f"totals of the quantities above, in {_counted(len(rows), 'row')}; any row without it is left out"
        yield RowRule("skip", heading, "", why, proved=True)
        return
    pairs = zip(items.column.values, quantities.column.values, strict=True)
    count = sum(item is None and quantity is not None for item, quantity in pairs)
    if count:
        why = f"rows with a quantity and no item: {count:,}; are they goods?"
        yield RowRule("skip", items.column.heading, "", why)


def totals(proposal: Proposal) -> list[int]:
    """The places of the rows without an item, if each has the sum of all rows above, or of those since the last one."""
    items, quantities = proposal.by_field.get(SKU), proposal.by_field.get(QUANTITY)
    if items is None or quantities is None:
        return []
    rows, whole, part, summands = list[int](), 0.0, 0.0, 0
    amounts = quantities.column.amounts(proposal.marks)
    for place, (item, amount) in enumerate(zip(items.column.values, amounts, strict=True)):
        if item is None and amount is not None:
            if summands < FEWEST_SUMMANDS or not (isclose(amount, whole) or isclose(amount, part)):
                return []
            rows.append(place)
            part = 0.0
        elif amount is not None:
            whole, part, summands = whole + amount, part + amount, summands + 1
    return rows


def _counted(number: int, noun: str) -> str:
    """Some of a thing, in words: ``1 row``, ``2 rows``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _called_total(proposal: Proposal, row: int) -> bool:
    """Whether a cell of a row is a word for totals."""
    texts = (values[row] or "" for values in proposal.sample.columns.values())
    return any(text.strip(" :*").casefold() in TOTALS for text in texts)


def _credits(proposal: Proposal) -> Iterator[RowRule]:
    """Rows with a quantity below zero, where the document's is above: credit notes, returns, corrections."""
    quantities, groups = proposal.by_field.get(QUANTITY), proposal.groups
    if quantities is None or proposal.document.fields[QUANTITY][1].above is None:
        return
    amounts = quantities.column.amounts(proposal.marks)
    below = [amount is not None and amount < 0 for amount in amounts]
    if not any(below) or sum(below) * 2 > len(below):
        return
    why = f"{sum(below):,} of {len(below):,} rows have a quantity below 0"
    number = proposal.by_field.get(proposal.document.number)
    if groups is not None and number is not None:
        documents = groups.numbers.tolist()
        others = {document for document, one in zip(documents, below, strict=True) if not one}
        pairs = zip(documents, number.column.values, strict=True)
        names = dict.fromkeys(name for document, name in pairs if document not in others and name)
        if names:
            shown = ", ".join(list(names)[:SHOWN])
            more = " …" if len(names) > SHOWN else ""
            why += f", all lines of {_counted(len(names), 'document')} ({shown}{more})"
    yield RowRule("skip", quantities.column.heading, "< 0", f"{why}: these look like credit notes or returns")


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


def _cancelling(proposal: Proposal) -> Iterator[RowRule]:
    """Words of a status that may cancel an order, or a line of it, that was sent before."""
    for each in proposal.left_over if proposal.document.can_be_cancelled else ():
        words = [word for word in each.distinct if word.casefold() in CANCELLING]
        if words and len(words) < len(each.distinct) and _is_status(each):
            count = sum(each.values.count(word) for word in words)
            why = f"{count:,} of {len(each.values):,} rows: do they cancel what was sent before?"
            yield RowRule("cancel", each.heading, words, why)


def _returning(proposal: Proposal) -> Iterator[RowRule]:
    """Words for rows that come back, in a document whose goods go one way."""
    for each in proposal.left_over if proposal.document.one_way else ():
        words = [word for word in each.distinct if return_in(each.heading, [word])]
        if words and len(words) < len(each.distinct) <= MOST_KINDS and not _is_status(each):
            count = sum(each.values.count(word) for word in words)
            yield RowRule("skip", each.heading, words, f"{count:,} of {len(each.values):,} rows: do they come back?")


def _is_status(column: Column) -> bool:
    """Whether the values of a column are words for a status, and its heading says so."""
    words = {word.casefold() for word in column.distinct}
    return bool(words) and words <= KNOWN and _STATUS.match(column.heading) is not None


def _statuses(proposal: Proposal) -> list[tuple[str, list[str], list[str]]]:
    """Columns that nobody reads and whose values are words for a status: the column, what is meant, what is not."""
    suggested = []
    for each in proposal.left_over:
        words = each.distinct
        if _is_status(each):
            meant = [word for word in words if word.casefold() in MEANT]
            others = [word for word in words if word.casefold() not in MEANT]
            if meant and others:
                suggested.append((each.heading, meant, others))
    return suggested


def places_apart(proposal: Proposal) -> dict[str, str]:
    """Columns that have several values in a document, and name where a whole order goes to: heading → field.

    They may be what ``split_by`` means: an order for each place.
    """
    groups, names = proposal.groups, FieldNames(proposal.document)
    apart = [each for each in proposal.left_over if groups is not None and groups.varying(each) > FEW]
    return {
        column.heading: name
        for column in apart
        for name, evidence in names.of(column.heading).items()
        if evidence.exact and name.startswith(SHIP_TO) and proposal.document.fields[name][0] is proposal.document.header
    }


@dataclass(frozen=True)
class Sum:
    """Fields that are added up over the rows of one key, why in words, and whether that is proved."""

    fields: tuple[str, ...]
    why: str
    proved: bool


def added_up(proposal: Proposal) -> Sum | None:
    """What rows of one key add up to, in a snapshot such as a stock list; None if no key repeats with other numbers.

    It is proved where the columns of the key are, and a column of places, and no other, tells the rows of a key apart.
    """
    document, fields = proposal.document, proposal.document.fields
    if document.lines is not None or document.mode != "snapshot":
        return None
    keys = [each for each in proposal.matches if each.field in document.key]
    others = [each for each in proposal.proved if each.field not in document.key]
    if not keys:
        return None
    rows = pd.factorize(pd.MultiIndex.from_arrays([each.column.codes for each in keys]))[0]
    groups = Groups(rows, above=False)
    varying = [each for each in others if groups.varies(each.column)]
    if not varying or any(fields[each.field][1].kind not in NUMBERS for each in varying):
        return None
    apart = [each for each in proposal.left_over if groups.varies(each)]
    places = [each for each in apart if _PLACE.search(each.heading) and each.filled == 1 and groups.differ_inside(each)]
    repeated = int((np.bincount(rows) > 1).sum())
    why = f"{repeated:,} of {_counted(groups.count, 'key')} have several rows with other numbers"
    ending = f", each in another {places[0].heading!r}" if places else "; are they to be added?"
    proved = bool(places) and len(apart) == len(places) and all(each.proved for each in keys)
    return Sum(tuple(each.field for each in varying), why + ending, proved)
