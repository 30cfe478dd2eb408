"""What a heading names beside its numbers: the currency of its amounts, the unit of its quantities."""

from __future__ import annotations

import re

from crossdock.frames.numerals import SIGNS, signs_of
from crossdock.schema import codes

USUAL = (
    *("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "JPY", "CNY", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "INR"),
    *("BRL", "MXN", "SGD", "HKD", "ZAR"),
)
"""Currencies that a heading names by their code alone; others may be words (``ALL``, ``TOP``, ``TRY``)."""
_BRACKETS = re.compile(r"[(\[]\s*([^()\[\]]+?)\s*[)\]]")
_WORDS = re.compile(r"[^\W\d_]+")


def currency_of(heading: str) -> str:
    """The currency that a heading names, as it is written; '' for none.

    >>> currency_of("Price (USD)"), currency_of("unit_price_usd"), currency_of("Preis in €"), currency_of("Price TOP")
    ('USD', 'usd', '€', '')
    """
    inside = _BRACKETS.findall(heading)
    signs = {sign for each in SIGNS.values() for sign in each if not sign[0].isalpha()}
    words = [each for each in inside if each.upper() in codes.currencies()]
    words += [each for each in _WORDS.findall(heading) if each.upper() in USUAL]
    words += [each for each in heading if each in signs]
    return next(iter(words), "")


def unit_of(heading: str) -> str:
    """What a heading has in brackets, which may be a unit; '' for nothing.

    >>> unit_of("Qty (ctn)"), unit_of("Qty [ pcs ]"), unit_of("Qty")
    ('ctn', 'pcs', '')
    """
    return next(iter(_BRACKETS.findall(heading)), "")


def is_currency(named: str, code: str) -> bool:
    """Whether what names a currency may mean the one of a code.

    >>> is_currency("$", "CAD"), is_currency("usd", "CAD")
    (True, False)
    """
    return named.casefold() in map(str.casefold, signs_of(code))
