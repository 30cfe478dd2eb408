"""Texts that are written in two columns: first and last name, street and house number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from crossdock.learn.columns import Column
from crossdock.learn.proposal import Derivation, Match, Proposal

NAME, STREET = "shipTo.name", "shipTo.address1"
_NAME = re.compile(r"(.*?)(first|last|vor|nach)(.?)name$", re.IGNORECASE)
_HOUSE = re.compile(r"(.*?)(house|haus)[ _.-]?(number|no|nummer|nr)\.?$", re.IGNORECASE)
_SHIPPING = ("ship", "deliver", "liefer")


def of_columns(proposal: Proposal) -> Iterator[Derivation]:
    """The names and streets that two columns have together."""
    street = proposal.by_field.get(STREET)
    pair = _names(proposal.left_over, bare=street is not None and _begins(street, ""))
    if pair and NAME in proposal.document.fields and NAME not in proposal.by_field:
        yield Derivation("join", NAME, pair, tuple(pair), (), "first and last name", proved=True, fields=(NAME,))
    houses = [(each, _HOUSE.match(each.heading)) for each in proposal.left_over]
    numbers = [each.heading for each, at in houses if at and street and _begins(street, at[1])]
    if street and street.proved and len(numbers) == 1:
        both = [street.column.heading, numbers[0]]
        yield Derivation("join", STREET, both, tuple(both), (), "street and number", proved=True, fields=(STREET,))


def _begins(street: Match, begin: str) -> bool:
    """Whether a street is of the address whose columns begin so: its heading has one word more."""
    heading = street.column.heading.casefold()
    return heading.startswith(begin.casefold()) and re.search(r"[\s_.]", heading[len(begin) :]) is None


def _names(columns: Iterable[Column], *, bare: bool) -> list[str]:
    """The columns of the first and the last name. ``bare``: the columns of the address have no word in front."""
    pairs: dict[str, dict[str, str]] = {}
    for column in columns:
        match = _NAME.match(column.heading)
        if match and column.distinct:
            part = "first" if match[2].casefold() in ("first", "vor") else "last"
            pairs.setdefault(match[1].casefold(), {})[part] = column.heading
    whole = {begins: pair for begins, pair in pairs.items() if len(pair) == 2}
    shipping = [pair for begins, pair in whole.items() if begins.startswith(_SHIPPING)]
    if not shipping and bare and list(whole) == [""]:
        shipping = [whole[""]]  # there is no other person in the file
    return [shipping[0]["first"], shipping[0]["last"]] if shipping else []
