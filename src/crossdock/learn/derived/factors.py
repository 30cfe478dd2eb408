"""Quantities that are a product: packs and the pieces in each.

Names say that two columns may be factors. Amounts prove it: the price times the product is the amount in all rows.
Without amounts names prove it where no column is the quantity. Nothing proves it where a unit says that packs are
counted: then the product would be a wrong number of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from crossdock.learn.columns import Column
from crossdock.learn.fitting import Fit
from crossdock.learn.names import named_so
from crossdock.learn.proposal import Derivation, Match, Proposal
from crossdock.schema.document import Field
from crossdock.schema.roles import Role

PACKS, SIZE = "packs", "packSize"
"""What the table of names calls the factors; no document has such a field."""
PIECES = frozenset(("EA", "PC"))
"""Units that are no packs."""
CENT = 0.011
"""How far an amount may be from its product: it is rounded."""
FEWEST_ROWS = 2


def of_columns(proposal: Proposal) -> Iterator[Derivation]:
    """The product that is the quantity of a line, if columns are named for factors."""
    document = proposal.document
    level = document.lines or document.header
    quantity = next((name for name, (of, field) in document.fields.items() if _is_quantity(field) and of is level), "")
    columns = _whole_columns(proposal)
    sizes = [each for each in columns if named_so(each.heading, SIZE)]
    counted = [each for each in columns if named_so(each.heading, PACKS)]
    match = proposal.by_field.get(quantity)
    if not quantity or len(sizes) != 1 or len(counted) > 1 or quantity in proposal.covered - _fields_of(match):
        return
    if match is not None and match.proved and match.column not in (*sizes, *counted):
        yield from _of_quantity(proposal, match, sizes[0], counted)
    elif counted:
        yield from _of_packs(proposal, quantity, counted[0], sizes[0])


def _is_quantity(field: Field) -> bool:
    return field.role is Role.QUANTITY


def _fields_of(match: Match | None) -> set[str]:
    return {match.field} if match is not None else set()


def _whole_columns(proposal: Proposal) -> list[Column]:
    """The columns whose values are whole numbers of 1 or more in all rows that have one."""
    columns = [*(each.column for each in proposal.matches), *proposal.left_over]
    numbers = [(each, [one for one in each.amounts(proposal.marks) if one is not None]) for each in columns]
    return [each for each, own in numbers if own and all(one >= 1 and one == int(one) for one in own)]


def _of_packs(proposal: Proposal, quantity: str, packs: Column, size: Column) -> Iterator[Derivation]:
    """Packs and size, where no column is the quantity."""
    amounts, packed = _amounts(proposal, [packs, size]), _unit_of_packs(proposal)
    why = f"{packs.heading!r} and {size.heading!r} are names of packs and of what is in each"
    proved = not packed and amounts is not False
    if amounts:
        why = f"{why}; times the price it is the amount in all rows"
    elif amounts is False:
        why += "; the amounts are no products of it"
    elif not _steady(proposal, size):
        why, proved = f"{why}; but an item has several sizes", False
    yield _product(quantity, packs, size, why + packed, proved=proved)


def _of_quantity(proposal: Proposal, match: Match, size: Column, counted: list[Column]) -> Iterator[Derivation]:
    """A quantity that may count packs, because a column beside it says what is in each."""
    if _amounts(proposal, [match.column]) or counted:
        return  # the quantity itself is what is paid for, or it stands beside its factors
    both = _amounts(proposal, [match.column, size])
    why = f"{size.heading!r} says what is in a pack: does {match.column.heading!r} count packs, or pieces?"
    if both:
        why = f"the price times {match.column.heading!r} and {size.heading!r} is the amount in all rows"
    elif {each.strip("0") for each in size.distinct} == {"1"}:
        return
    packed = _unit_of_packs(proposal)
    yield _product(match.field, match.column, size, why + packed, proved=bool(both) and not packed)


def _product(quantity: str, packs: Column, size: Column, why: str, *, proved: bool) -> Derivation:
    parts = tuple(Match(each, quantity, Fit(1.0, (why,), exact=True), proved) for each in (packs, size))
    sources = (packs.heading, size.heading)
    return Derivation("multiply", quantity, list(sources), sources, parts, why, proved, (quantity,))


def _unit_of_packs(proposal: Proposal) -> str:
    """What speaks against a number of pieces: a unit of packs in words; '' if there is none."""
    fields = proposal.document.fields.items()
    measure = next((name for name, (_, field) in fields if field.role is Role.MEASURE), "")
    unit = next((each for each in proposal.proved if each.field == measure), None)
    packs = [each for each in unit.column.distinct if each.upper() not in PIECES] if unit else []
    return f"; but {unit.column.heading!r} is {packs[0]!r}, and the product counts pieces" if unit and packs else ""


def _steady(proposal: Proposal, size: Column) -> bool:
    """Whether each item has one size."""
    items = next((e for e in proposal.proved if proposal.document.fields[e.field][1].role is Role.ITEM), None)
    if items is None:
        return True
    pairs = sorted({(one or "", other or "") for one, other in zip(items.column.values, size.values, strict=True)})
    return all(left[0] != right[0] for left, right in pairwise(pairs))


def _amounts(proposal: Proposal, factors: list[Column]) -> bool | None:
    """Whether the price times the factors is the amount in all rows; None if there are no amounts."""
    price, amount = (proposal.by_field.get(name) for name in ("unitPrice", "amount"))
    if price is None or amount is None:
        return None
    columns = [each.amounts(proposal.marks) for each in (*factors, price.column, amount.column)]
    rows = np.array([each for each in zip(*columns, strict=True) if None not in each], dtype=float)
    if len(rows) < FEWEST_ROWS:
        return None
    return bool((np.abs(rows[:, :-1].prod(axis=1) - rows[:, -1]) < CENT).all())
