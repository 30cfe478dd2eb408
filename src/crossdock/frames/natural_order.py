"""Texts in the order in which people count: numbers in them sort by their value."""

from __future__ import annotations

import re

DIGITS = 20


def natural(text: str) -> str:
    """Text in which every number is padded with zeros, so that texts sort by the values of their numbers.

    >>> natural("orders_9.csv") < natural("orders_10.csv")
    True
    """
    return re.sub(r"\d+", lambda match: match[0].lstrip("0").rjust(DIGITS, "0"), text)
