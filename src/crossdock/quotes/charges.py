"""What one rate comes to for one shipment: linehaul, fuel, accessorials, total, the day of delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from crossdock.quotes.measures import HUNDREDWEIGHT, POUND, days_later, kilograms, rounded
from crossdock.quotes.rate_card import Rate
from crossdock.quotes.request import Shipment

BASES: dict[str, Callable[[Shipment], Fraction]] = {
    "flat": lambda shipment: Fraction(1),
    "per_cwt": lambda shipment: kilograms(shipment.weight, shipment.unit) / HUNDREDWEIGHT,
    "per_lb": lambda shipment: kilograms(shipment.weight, shipment.unit) / POUND,
    "per_kg": lambda shipment: kilograms(shipment.weight, shipment.unit),
    "per_pallet": lambda shipment: Fraction(shipment.pallets),
}
"""The basis of a rate → how many times the rate a shipment is, before the minimum charge."""


@dataclass(frozen=True)
class Quote:
    """What a carrier takes for a shipment; ``accessorials``: pairs of code and charge, in the order of the request."""

    rate: Rate
    linehaul: Decimal
    fuel: Decimal
    accessorials: tuple[tuple[str, Decimal], ...]
    total: Decimal
    delivery: date | None


def charged(shipment: Shipment, rate: Rate, accessorials: tuple[tuple[str, Decimal], ...], day: date) -> Quote:
    """The quote of a rate that fits. ``accessorials``: code and charge; ``day``: when it is shipped."""
    currency = rate.currency
    exact = Fraction(rate.rate) * BASES[rate.basis](shipment)
    linehaul = rounded(max(exact, Fraction(rate.least_charge)), currency)
    fuel = rounded(Fraction(linehaul) * Fraction(rate.fuel) / 100, currency)
    extras = tuple((code, rounded(Fraction(charge), currency)) for code, charge in accessorials)
    total = linehaul + fuel + sum((charge for _, charge in extras), Decimal(0))
    delivery = None if rate.transit_days is None else days_later(day, rate.transit_days)
    return Quote(rate, linehaul, fuel, extras, total, delivery)
