"""What a quote is asked for: the body of the warehouse API's ``TmsShipmentQuoteRequest`` (contracts/wms.md §11).

Names are read as they are spelled there (``accesorials``). Every required flag that the contract states is enforced,
and what the arithmetic needs besides: a country, a weight and its unit. All that is missing is said at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from crossdock.quotes.measures import KILOGRAMS
from crossdock.schema import codes
from crossdock.schema.names import is_text

PALLET = "pallet"
"""The container type, in lower case, that a rate per pallet counts."""
DIMENSIONS = ("height", "width", "length")
MOST, FINEST = Decimal(10) ** 12, -20
"""A weight or a number of containers is less than this, and has at most that many decimals."""
LONGEST, MANY = 255, 1_000
"""The most characters of a text, the most elements of an array: more is no shipment."""


class Unquotable(Exception):
    """A request that can't be quoted: ``failures`` are pairs of a JSON pointer and a sentence."""

    def __init__(self, failures: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{place or 'the request'} {sentence}" for place, sentence in failures))
        self.failures = failures


@dataclass(frozen=True)
class Place:
    """Where a shipment comes from or goes to."""

    country: str
    postal: str = ""


@dataclass(frozen=True)
class Shipment:
    """What is to be quoted. ``weight`` is that of all containers, in ``unit``; ``day`` is when it is shipped, None
    where the request doesn't say so. ``carriers``: only these; (): all. ``accessorials``: a code for each time.
    """

    origin: Place
    destination: Place
    kind: str
    weight: Decimal
    unit: str
    pallets: int = 0
    mode: str = ""
    service: str = ""
    carriers: tuple[str, ...] = ()
    accessorials: tuple[str, ...] = ()
    day: date | None = None
    measured: bool = False
    hazardous: bool = False


@dataclass(frozen=True)
class _Containers:
    weight: Decimal
    pallets: int
    measured: bool
    hazardous: bool


def shipment_in(body: str | bytes) -> Shipment:
    """The request in a JSON text, ``{"data": {…}}``. Raises ``Unquotable`` where it can't be quoted."""
    try:
        content = json.loads(body, parse_float=Decimal)
    except RecursionError:
        raise Unquotable((("", "is nested too deep"),)) from None
    except ValueError as error:
        raise Unquotable((("", f"is no JSON: {error}"),)) from None
    if not isinstance(content, dict) or "data" not in content:
        raise Unquotable((("/data", "is missing"),))
    return shipment_of(content["data"])


def shipment_of(data: object) -> Shipment:
    """The request in ``data``, the JSON value below that name. Raises ``Unquotable`` where it can't be quoted."""
    reading = _Reading()
    if not isinstance(data, Mapping):
        raise Unquotable((("/data", "must be an object"),))
    containers = reading.containers(data)
    shipment = Shipment(
        origin=reading.place(data, "origin"),
        destination=reading.place(data, "destination"),
        kind=reading.text(data, "shipmentType", required=True),
        weight=containers.weight,
        unit=reading.unit(data),
        pallets=containers.pallets,
        mode=reading.text(data, "shipmentMode"),
        service=reading.text(data, "serviceLevel"),
        carriers=reading.carriers(data),
        accessorials=reading.accessorials(data),
        day=reading.day(data, "requestedShipDate"),
        measured=containers.measured,
        hazardous=containers.hazardous,
    )
    if reading.failures:
        raise Unquotable(tuple(reading.failures))
    return shipment


class _Reading:
    """One reading of a request: each method returns a value, and notes what is wrong with it."""

    def __init__(self) -> None:
        self.failures: list[tuple[str, str]] = []

    def _wrong(self, place: str, sentence: str) -> None:
        self.failures.append((place, sentence))

    def text(self, members: Mapping[str, object], name: str, place: str = "/data", *, required: bool = False) -> str:
        value = members.get(name)
        if value is None or value == "":
            if required:
                self._wrong(f"{place}/{name}", "is missing")
        elif not isinstance(value, str):
            self._wrong(f"{place}/{name}", "must be text")
        elif len(value) > LONGEST or not is_text(value):
            self._wrong(f"{place}/{name}", f"must be text of at most {LONGEST} characters, none of them NUL")
        else:
            return value.strip()
        return ""

    def place(self, data: Mapping[str, object], name: str) -> Place:
        value = data.get(name)
        if not isinstance(value, Mapping):
            self._wrong(f"/data/{name}", "is missing" if value is None else "must be an object")
            return Place("")
        country = self.text(value, "countryCode", f"/data/{name}", required=True).upper()
        if country and country not in codes.countries():
            self._wrong(f"/data/{name}/countryCode", f"{country!r} is not an ISO 3166 country of two letters")
        return Place(country, self.text(value, "postalCode", f"/data/{name}"))

    def unit(self, data: Mapping[str, object]) -> str:
        unit = self.text(data, "weightUom", required=True).upper()
        if unit and unit not in KILOGRAMS:
            self._wrong("/data/weightUom", f"{unit!r} is none of {', '.join(KILOGRAMS)}")
        return unit

    def day(self, data: Mapping[str, object], name: str) -> date | None:
        """The day of a date or a date-time, as it is written: not moved to another zone."""
        text = self.text(data, name)
        if not text:
            return None
        try:
            return datetime.fromisoformat(text).date()
        except ValueError:
            self._wrong(f"/data/{name}", f"{text!r} is no date or date-time (ISO 8601)")
            return None

    def carriers(self, data: Mapping[str, object]) -> tuple[str, ...]:
        listed = self._list(data, "carrierCodes", "/data")
        named = [self.text({str(at): each}, str(at), "/data/carrierCodes") for at, each in enumerate(listed)]
        return tuple(dict.fromkeys(each for each in named if each))

    def accessorials(self, data: Mapping[str, object]) -> tuple[str, ...]:
        requested = self._objects(data, "accesorials", "/data")
        return tuple(self.text(each, "code", place, required=True) for place, each in requested)

    def containers(self, data: Mapping[str, object]) -> _Containers:
        containers = self._objects(data, "containers", "/data")
        if not containers and not self.failures:
            self._wrong("/data/containers", "is missing or empty")
        weight, pallets = Decimal(0), 0
        for place, each in containers:
            number = self._quantity(each, place)
            weight += self._weight(each, place) * number
            pallets += number if self.text(each, "type", place).lower() == PALLET else 0
        members = [each for _, each in containers]
        lines = [line for place, each in containers for _, line in self._objects(each, "lines", place)]
        inside = [sizes for line in lines if isinstance(sizes := line.get("dimensions"), Mapping)]
        measured = any(each.get(name) for each in [*members, *inside] for name in DIMENSIONS)
        return _Containers(weight, pallets, measured, any(each.get("hazmat") for each in lines))

    def _weight(self, container: Mapping[str, object], place: str) -> Decimal:
        if container.get("weight") is None:
            self._wrong(f"{place}/weight", "is missing")
            return Decimal(0)
        return self._number(container, "weight", place)

    def _quantity(self, container: Mapping[str, object], place: str) -> int:
        if container.get("quantity") in (None, ""):
            return 1
        number = self._number(container, "quantity", place)
        if number != number.to_integral_value():
            self._wrong(f"{place}/quantity", f"'{number:f}' is not a whole number")
        return int(number)

    def _number(self, members: Mapping[str, object], name: str, place: str) -> Decimal:
        """A number that is more than 0, written as number or as text."""
        number = _decimal(members[name])
        if number is None:
            self._wrong(f"{place}/{name}", "is not a number")
        elif not 0 < number < MOST or _exponent(number) < FINEST:
            limits = f"more than 0 and less than {MOST:f}, with at most {-FINEST} decimals"
            self._wrong(f"{place}/{name}", f"must be {limits}")
        else:
            return number
        return Decimal(0)

    def _objects(self, members: Mapping[str, object], name: str, place: str) -> list[tuple[str, Mapping[str, object]]]:
        """The objects of an array, each with its JSON pointer."""
        listed = [(f"{place}/{name}/{at}", each) for at, each in enumerate(self._list(members, name, place))]
        for pointer, each in listed:
            if not isinstance(each, Mapping):
                self._wrong(pointer, "must be an object")
        return [(pointer, each) for pointer, each in listed if isinstance(each, Mapping)]

    def _list(self, members: Mapping[str, object], name: str, place: str) -> list[object]:
        value = members.get(name)
        if value is not None and not isinstance(value, list):
            self._wrong(f"{place}/{name}", "must be an array")
        elif isinstance(value, list) and len(value) > MANY:
            self._wrong(f"{place}/{name}", f"has more than {MANY} elements")
        return value[:MANY] if isinstance(value, list) else []


def _decimal(value: object) -> Decimal | None:
    """A JSON number, or the text of one, as it is written; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        text = str(value)
        number = Decimal(text) if len(text) < LONGEST else Decimal("NaN")
    except (InvalidOperation, ValueError):  # the latter of an integer of thousands of digits
        return None
    return number if number.is_finite() else None


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
