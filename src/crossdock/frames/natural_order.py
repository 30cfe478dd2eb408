"""The order in which people count: numbers in texts sort by their value."""

from __future__ import annotations

import re

DIGITS = 20


def natural(text: str) -> str:
    """Text in which every number is padded with zeros, so that texts sort by the values of their numbers.

    >>> natural("orders_9.csv") < natural("orders_10.csv")
    True
    """
    return re.sub(r"\d+", lambda match: _padded(match[0]), text)


def numbers(text: str) -> str:
    """Only the numbers of a text, so that texts sort by them and by nothing else; '' where there is none.

    >>> numbers("late_orders_9.csv") < numbers("orders_10.csv") < numbers("orders_10 (1).csv")
    True
    """
    return " ".join(_padded(each) for each in re.findall(r"\d+", text))


def _padded(number: str) -> str:
    return number.lstrip("0").rjust(DIGITS, "0")
