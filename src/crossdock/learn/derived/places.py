"""How parts of an address are written in one text, as patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.schema.codes import countries

_STATES = """
    AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR
    PA PR RI SC SD TN TX UT VT VA WA WV WI WY AB BC MB NB NL NS NT NU ON PE QC SK YT
"""
STATES = frozenset(_STATES.split())
"""States of the USA, and provinces of Canada (ISO 3166-2)."""


@dataclass(frozen=True)
class Place:
    """A way to write parts of an address. ``loose``: what it fits may be something else."""

    pattern: str
    parts: tuple[str, ...]
    words: str
    loose: bool = False


_ZIP = r"(\d{5}(?:-\d{4})?)"
_BRITISH = r"([A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})"
PLACES = (
    Place(r"(\d{4} ?[A-Z]{2}) +(\D+)", ("postalCode", "city"), "a Dutch postal code and a city"),
    Place(r"(\d{4,5}) +(\D+)", ("postalCode", "city"), "a postal code and a city"),
    Place(r"([A-Z]{2})-(\d{4,5}) +(\D+)", ("country", "postalCode", "city"), "a country, a postal code and a city"),
    Place(
        r"[A-Z]{1,3}-(\d{4,5}) +(\D+)",
        ("postalCode", "city"),
        "a postal code and a city (the letters in front are left out)",
    ),
    Place(rf"(\D+?), *([A-Z]{{2}}),? +{_ZIP}", ("city", "state", "postalCode"), "a city, a state and a postal code"),
    Place(
        r"(\D+?), *([A-Z]{2}),? +(\d{4,5})", ("city", "country", "postalCode"), "a city, a country and a postal code"
    ),
    Place(rf"([^\d,]+?),? +{_BRITISH}", ("city", "postalCode"), "a city and a British postal code"),
    Place(r"([^\d,]+?),? +(\d{4,5})", ("city", "postalCode"), "a city and a postal code", loose=True),
    Place(
        rf"(.+), *(\D+?), *([A-Z]{{2}}),? +{_ZIP}",
        ("address1", "city", "state", "postalCode"),
        "a street, a city, a state and a postal code",
    ),
    Place(
        r"(.+), *(\d{4,5}) +([^\d,]+), *([A-Z]{2})",
        ("address1", "postalCode", "city", "country"),
        "a street, a postal code, a city and a country",
    ),
    Place(r"(.+), *(\d{4,5}) +([^\d,]+)", ("address1", "postalCode", "city"), "a street, a postal code and a city"),
)
"""The ways that are tried, the first that fits counts."""


def one_state_or_country(place: Place, codes: Sequence[str], of_country: Sequence[str]) -> str | None:
    """Whether codes of two letters are what a place says: '' if so, a doubt in words, None if they are not.

    ``of_country``: the values of the column that is the country, if there is one.
    """
    states, known = set(codes) <= STATES, set(codes) <= countries().keys()
    if "state" in place.parts:
        if not states:
            return None
        return "" if of_country or not known else f"; {', '.join(codes[:3])} may be countries as well"
    return "" if known else None
