"""Which carriers take a shipment, for what, and why the others don't.

A carrier's rates are narrowed step by step (``STEPS``); the step that leaves none is the reason. Of several rates of
one service level and currency one counts: the one for just this mode, then the higher weight break, then the later
``validFrom``, then the cheaper one. Quotes are cheapest first; amounts of different currencies can't be compared, so
they are ordered by currency first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from crossdock.quotes.charges import Quote, charged
from crossdock.quotes.measures import kilograms
from crossdock.quotes.rate_card import Rate, RateCard
from crossdock.quotes.request import Place, Shipment

MEASURED = "Dimensional weight is not computed: the quotes are by the weight that the request gives."
HAZARDOUS = "Dangerous goods are not rated: ask the carrier whether it takes them, and for what."
UNCLASSED = "Freight class is not computed: the rates have none."
NEVER = date.max.toordinal()


class NoRateCard(Exception):
    """There is nothing to quote with: ``lists`` names the empty lists."""

    def __init__(self, lists: tuple[str, ...]) -> None:
        several = len(lists) > 1
        super().__init__(f"the list{'s' if several else ''} {', '.join(lists)} {'are' if several else 'is'} empty")
        self.lists = lists


@dataclass(frozen=True)
class Quotation:
    """What a request is answered: ``not_quoted`` has pairs of carrier and reason; ``notes`` say what isn't computed."""

    quotes: tuple[Quote, ...]
    not_quoted: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


class _NotQuoted(Exception):
    """Why a carrier, or one of its rates, is not quoted."""


def quotation(shipment: Shipment, card: RateCard, today: date) -> Quotation:
    """Every quote for a shipment. ``today``: the day on which it is shipped, where the request doesn't say so.

    Raises ``NoRateCard`` where a list is empty that is needed.
    """
    if card.empty:
        raise NoRateCard(card.empty)
    day = shipment.day or today
    quotes: list[Quote] = []
    not_quoted: list[tuple[str, str]] = []
    for carrier in shipment.carriers or card.carriers:
        try:
            quotes += _of_carrier(carrier, shipment, card, day)
        except _NotQuoted as reason:
            not_quoted.append((carrier, str(reason)))
    return Quotation(tuple(sorted(quotes, key=_order)), tuple(sorted(not_quoted)), _notes(shipment))


def _order(quote: Quote) -> tuple[object, ...]:
    rate = quote.rate
    delivery = NEVER if quote.delivery is None else quote.delivery.toordinal()
    return rate.currency, quote.total, delivery, rate.carrier, rate.service, rate.id


def _notes(shipment: Shipment) -> tuple[str, ...]:
    odd = shipment.measured or shipment.hazardous
    notes = ((MEASURED, shipment.measured), (UNCLASSED, odd), (HAZARDOUS, shipment.hazardous))
    return tuple(sentence for sentence, applies in notes if applies)


def _of_carrier(carrier: str, shipment: Shipment, card: RateCard, day: date) -> list[Quote]:
    if carrier not in card.carriers:
        raise _NotQuoted("the list carrier_rate has no rate of this carrier")
    lane = (_zone(carrier, shipment.origin, card), _zone(carrier, shipment.destination, card))
    rates = [each for each in card.rates if each.carrier == carrier and (each.origin, each.destination) == lane]
    if not rates:
        raise _NotQuoted(f"no rate from zone {lane[0]} to zone {lane[1]}")
    for fits, reason in STEPS:
        rates = [each for each in rates if fits(each, shipment, day)]
        if not rates:
            raise _NotQuoted(reason(shipment, day))
    quotes, reasons = [], []
    for each in _counting(rates, shipment, day):
        try:
            quotes.append(charged(shipment, each, _accessorials(shipment, each, card), day))
        except _NotQuoted as reason_of_rate:
            reasons.append(str(reason_of_rate))
    if not quotes:
        raise _NotQuoted("; ".join(dict.fromkeys(reasons)))
    return quotes


def _zone(carrier: str, place: Place, card: RateCard) -> str:
    zones = card.zone_of(carrier, place.country, place.postal)
    where = f"{place.country} {place.postal}".strip()
    if not zones:
        raise _NotQuoted(f"no zone for {where}")
    if len(zones) > 1:
        raise _NotQuoted(f"several zones for {where}: {', '.join(sorted(zones))}")
    return zones.pop()


def _of_mode(rate: Rate, shipment: Shipment, day: date) -> bool:
    """The mode of the shipment, or its type where it names no mode; a rate without a mode fits every one."""
    return not rate.mode or rate.mode.casefold() == (shipment.mode or shipment.kind).casefold()


def _of_service(rate: Rate, shipment: Shipment, day: date) -> bool:
    return not shipment.service or rate.service.casefold() == shipment.service.casefold()


def _valid(rate: Rate, shipment: Shipment, day: date) -> bool:
    return (rate.valid_from or day) <= day <= (rate.valid_to or day)


def _for_weight(rate: Rate, shipment: Shipment, day: date) -> bool:
    weight = kilograms(shipment.weight, shipment.unit)
    most = weight if rate.maximum is None else kilograms(rate.maximum, rate.unit)
    return kilograms(rate.minimum, rate.unit) <= weight <= most


def _countable(rate: Rate, shipment: Shipment, day: date) -> bool:
    return rate.basis != "per_pallet" or shipment.pallets > 0


STEPS: tuple[tuple[Callable[[Rate, Shipment, date], bool], Callable[[Shipment, date], str]], ...] = (
    (_of_mode, lambda shipment, day: f"no rate there for {shipment.mode or shipment.kind}"),
    (_of_service, lambda shipment, day: f"no rate there of service level {shipment.service}"),
    (_valid, lambda shipment, day: f"no rate there is valid on {day.isoformat()}"),
    (_for_weight, lambda shipment, day: f"no rate there for {shipment.weight:f} {shipment.unit}"),
    (_countable, lambda shipment, day: "the rates there are per pallet, and no container is a pallet"),
)
"""What a rate must be for a shipment, each with the reason if no rate is."""


def _counting(rates: Iterable[Rate], shipment: Shipment, day: date) -> list[Rate]:
    """The one rate that counts of each service level and currency."""

    def group(rate: Rate) -> tuple[str, str]:
        return rate.service.casefold(), rate.currency

    def best(rate: Rate) -> tuple[object, ...]:
        since = (rate.valid_from or date.min).toordinal()
        total = charged(shipment, rate, (), day).total
        return not rate.mode, -kilograms(rate.minimum, rate.unit), -since, total, rate.id

    return [min(same, key=best) for _, same in groupby(sorted(rates, key=group), key=group)]


def _accessorials(shipment: Shipment, rate: Rate, card: RateCard) -> tuple[tuple[str, Decimal], ...]:
    charges = [(code, card.charge_for(rate.carrier, rate.currency, code)) for code in shipment.accessorials]
    unknown = [code for code, charge in charges if charge is None]
    if unknown:
        raise _NotQuoted(f"no charge in {rate.currency} for accessorial {', '.join(dict.fromkeys(unknown))}")
    return tuple((code, charge) for code, charge in charges if charge is not None)
