"""What carriers charge: the rows of the lists ``carrier_zone``, ``carrier_rate`` and ``carrier_accessorial``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crossdock.documents.lists.carrier_zone import WHOLE_COUNTRY


@dataclass(frozen=True)
class Zone:
    """How a carrier counts the postal codes of a country that begin with a prefix."""

    carrier: str
    country: str
    prefix: str
    zone: str


@dataclass(frozen=True)
class Rate:
    """What a carrier takes for a weight between two of its zones.

    ``mode``, ``maximum``, ``transit_days``, ``valid_from``, ``valid_to`` are None where the list is blank; ``maximum``
    and ``valid_to`` are included. ``fuel`` is in percent of the linehaul.
    """

    id: str
    carrier: str
    service: str
    origin: str
    destination: str
    rate: Decimal
    basis: str
    currency: str
    unit: str = "LB"
    minimum: Decimal = Decimal(0)
    maximum: Decimal | None = None
    least_charge: Decimal = Decimal(0)
    fuel: Decimal = Decimal(0)
    mode: str | None = None
    transit_days: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Accessorial:
    """What a carrier takes, in one currency, for a service besides the way."""

    carrier: str
    currency: str
    code: str
    charge: Decimal


@dataclass(frozen=True)
class RateCard:
    """What may matter for one request.

    ``carriers``: every carrier with a rate, also of other lanes. ``empty``: the names of the lists, of those that the
    request needs, in which there is nothing at all.
    """

    rates: tuple[Rate, ...] = ()
    zones: tuple[Zone, ...] = ()
    accessorials: tuple[Accessorial, ...] = ()
    carriers: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()

    def zone_of(self, carrier: str, country: str, postal: str) -> set[str]:
        """The zones to which a carrier counts a postal code: those of its longest prefix that fits.

        No zone: the carrier doesn't go there; several: its list contradicts itself.
        """
        fitting = [
            (plain_postal(each.prefix), each.zone)
            for each in self.zones
            if (each.carrier, each.country) == (carrier, country) and _begins(postal, each.prefix)
        ]
        longest = max((len(prefix) for prefix, _ in fitting), default=0)
        return {zone for prefix, zone in fitting if len(prefix) == longest}

    def charge_for(self, carrier: str, currency: str, code: str) -> Decimal | None:
        """What a carrier takes for an accessorial in a currency; None where its list has no charge."""
        same = (
            each.charge
            for each in self.accessorials
            if (each.carrier, each.currency, each.code) == (carrier, currency, code)
        )
        return next(same, None)


def plain_postal(text: str) -> str:
    """A postal code or a prefix as they are compared: without blanks and hyphens, in upper case; ``*`` is ''."""
    return "" if text == WHOLE_COUNTRY else text.replace(" ", "").replace("-", "").upper()


def _begins(postal: str, prefix: str) -> bool:
    return plain_postal(postal).startswith(plain_postal(prefix))
