"""Weights, money and days as quotes compute with them: exact fractions inside, rounded once at the border.

The rounding rule: half up, to the smallest unit of the currency (ISO 4217), each amount by itself. A total is the sum
of the rounded amounts that stand beside it, so a person who adds them up gets it.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

from crossdock.schema import codes

POUND = Fraction(45_359_237, 100_000_000)
"""Kilograms of an avoirdupois pound, exactly (international yard and pound agreement, 1959)."""
HUNDREDWEIGHT = 100 * POUND
"""Kilograms of the American hundredweight, in which freight is rated; never the British one of 112 pounds."""
KILOGRAMS = {"KG": Fraction(1), "LB": POUND}
"""Weight unit → kilograms."""
FRIDAY, WORKING_DAYS = 4, 5


def kilograms(weight: Decimal, unit: str) -> Fraction:
    """A weight in one of the units of ``KILOGRAMS``, exactly in kilograms."""
    return Fraction(weight) * KILOGRAMS[unit]


def rounded(amount: Fraction, currency: str) -> Decimal:
    """An amount of money by the rounding rule of this module."""
    decimals = codes.currencies().get(currency, 2)
    return Decimal(floor(amount * 10**decimals + Fraction(1, 2))).scaleb(-decimals)


def days_later(day: date, working_days: int) -> date | None:
    """The day that many working days (Monday to Friday; holidays are not known) after another; None past year 9999."""
    if working_days == 0:
        return day
    start = day - timedelta(days=max(0, day.weekday() - FRIDAY))
    weeks, rest = divmod(working_days, WORKING_DAYS)
    over_a_weekend = 2 if start.weekday() + rest > FRIDAY else 0
    try:
        return start + timedelta(days=7 * weeks + rest + over_a_weekend)
    except OverflowError:
        return None
