"""The rate card of a request: those rows of the carriers' lists that may matter for it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, func, select

from crossdock.database import Database
from crossdock.database.tables import LEVELS
from crossdock.documents.lists.carrier_accessorial import CARRIER_ACCESSORIAL
from crossdock.documents.lists.carrier_rate import CARRIER_RATE
from crossdock.documents.lists.carrier_zone import CARRIER_ZONE, WHOLE_COUNTRY
from crossdock.quotes.rate_card import Accessorial, Rate, RateCard, Zone, plain_postal
from crossdock.quotes.request import Place, Shipment
from crossdock.schema.relations import CANCELLED

ZONES, RATES, ACCESSORIALS = (LEVELS[each.header.table] for each in (CARRIER_ZONE, CARRIER_RATE, CARRIER_ACCESSORIAL))


def rate_card(database: Database, shipment: Shipment) -> RateCard:
    """What carriers charge, as far as it matters for a shipment."""
    needed = {CARRIER_ZONE.name: ZONES, CARRIER_RATE.name: RATES}
    needed |= {CARRIER_ACCESSORIAL.name: ACCESSORIALS} if shipment.accessorials else {}
    with database.reading() as connection:
        zones = [each for place in (shipment.origin, shipment.destination) for each in _zones(connection, place)]
        carriers = connection.execute(select(RATES.c.carrier_code).where(_live(RATES)).distinct()).scalars().all()
        of_zones = sorted({each.carrier for each in zones} & set(shipment.carriers or carriers))
        rates = _rows(connection, RATES, RATES.c.carrier_code.in_(of_zones), _between(sorted({z.zone for z in zones})))
        charges = _rows(
            connection, ACCESSORIALS, ACCESSORIALS.c.carrier_code.in_(of_zones),
            ACCESSORIALS.c.code.in_(sorted(set(shipment.accessorials))),
        )  # fmt: skip
        empty = tuple(name for name, table in needed.items() if not _any(connection, table))
    return RateCard(
        rates=tuple(_rate(each) for each in rates),
        zones=tuple(dict.fromkeys(zones)),
        accessorials=tuple(
            Accessorial(each["carrier_code"], each["currency"], each["code"], each["charge"]) for each in charges
        ),
        carriers=tuple(sorted(carriers)),
        empty=empty,
    )


def _live(table: Table) -> ColumnElement[bool]:
    return table.c.state != CANCELLED


def _any(connection: Connection, table: Table) -> bool:
    return connection.execute(select(table.c.state).where(_live(table)).limit(1)).first() is not None


def _rows(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> Sequence[RowMapping]:
    query = select(table).where(_live(table), *conditions).order_by(*table.primary_key)
    return connection.execute(query).mappings().all()


def _zones(connection: Connection, place: Place) -> list[Zone]:
    """The zones of a country whose prefix a postal code begins with."""
    postal = plain_postal(place.postal)[: CARRIER_ZONE.header.field("postalPrefix").length]
    prefixes = [WHOLE_COUNTRY, *(postal[:length] for length in range(1, len(postal) + 1))]
    prefix = func.replace(func.replace(func.upper(ZONES.c.postal_prefix), " ", ""), "-", "")
    rows = _rows(connection, ZONES, ZONES.c.country_code == place.country, prefix.in_(prefixes))
    return [Zone(each["carrier_code"], each["country_code"], each["postal_prefix"], each["zone"]) for each in rows]


def _between(zones: list[str]) -> ColumnElement[bool]:
    return RATES.c.origin_zone.in_(zones) & RATES.c.destination_zone.in_(zones)


def _rate(row: RowMapping) -> Rate:
    def number(name: str) -> Any:
        return Decimal(0) if row[name] is None else row[name]

    return Rate(
        id=row["rate_id"],
        carrier=row["carrier_code"],
        service=row["service_level"],
        origin=row["origin_zone"],
        destination=row["destination_zone"],
        rate=row["rate"],
        basis=row["rate_basis"],
        currency=row["currency"],
        unit=row["weight_uom"],
        minimum=number("min_weight"),
        maximum=row["max_weight"],
        least_charge=number("minimum_charge"),
        fuel=number("fuel_surcharge"),
        mode=row["mode"],
        transit_days=row["transit_days"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
    )
