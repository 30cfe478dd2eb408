"""The carrier zone: to which of its zones a carrier counts an address. Everybody reads it, a master writes it.

Purpose: the quotes of the warehouse API (contracts/http.md §4). Key: carrierCode + countryCode + postalPrefix; the
longest prefix that a postal code begins with decides, ``*`` is the whole country. Cancel takes it out of use.
"""

from __future__ import annotations

import re

import numpy as np

from crossdock.failures.failures import Failures
from crossdock.schema.document import Document, Field, Kind, Level, Names
from crossdock.schema.fields import ACTIONS, action, identifier
from crossdock.schema.rules import Context, Levels

WHOLE_COUNTRY = "*"
HYPHENED = {"BR": (5, 3), "JP": (3, 4), "PL": (2, 3), "PT": (4, 3), "US": (5, 4)}
"""Countries whose postal codes have a hyphen: how many digits are before and behind it (UPU, postal addressing)."""
_BETWEEN = re.compile(r"\s*(?:-|–|—|\.\.+|:|(?<=\s)(?:to|bis|thru)(?=\s))\s*", re.IGNORECASE)
_CODE = re.compile(r"([A-Z]*)([0-9]+)", re.IGNORECASE)
_LISTED = re.compile(r"[^,;/|]+(?:[,;/|]\s*[^,;/|]+)+")


def _is_range(country: str, prefix: str) -> bool:
    """Whether a text names several beginnings of postal codes, from one to another or one beside the other.

    >>> _is_range("US", "004-005"), _is_range("US", "00500 to 00599"), _is_range("DE", "01,02")
    (True, True, True)
    >>> _is_range("US", "12345-6789"), _is_range("PL", "00-95"), _is_range("GB", "SW-1"), _is_range("US", "*")
    (False, False, False, False)
    """
    if _LISTED.fullmatch(prefix):
        return True
    first, *others = _BETWEEN.split(prefix)
    if len(others) != 1 or not (first and others[0]):
        return False
    before, behind = HYPHENED.get(country, (0, 0))
    low, high = _CODE.fullmatch(first), _CODE.fullmatch(others[0])
    if (len(first) == before and len(others[0]) <= behind) or low is None or high is None:
        return False
    return high[1].upper() in ("", low[1].upper()) and int(low[2]) < int(high[2])


def _one_prefix(levels: Levels, context: Context) -> Failures:
    """postalPrefix is one beginning of postal codes, no range or list: none begins with ``004-005``"""
    header = levels["header"]
    pairs = zip(header.values("countryCode"), header.values("postalPrefix"), strict=True)
    wrong = np.array([_is_range(country or "", prefix or "") for country, prefix in pairs], dtype=bool)
    return context.failures(header.lines[wrong], "postalPrefix", "prefix_range")


HEADER = Level(
    title="header",
    table="carrier_zones",
    key=("carrierCode", "countryCode", "postalPrefix"),
    fields=(
        identifier("carrierCode", 30, title="Carrier", required=True),
        Field("countryCode", Kind.ID, "Country", length=2, codes="country", required=True),
        Field(
            "postalPrefix",
            Kind.ID,
            "How the postal code begins; * is the whole country",
            length=20,
            required=True,
            zeros_count=True,
        ),
        action(ACTIONS),
        identifier("zone", 20, title="Zone", required=True),
    ),
)

CARRIER_ZONE = Document(
    name="carrier_zone",
    title="Carrier zone",
    about="Which of a carrier's zones a postal code is in. Everybody reads the list, only a master feed writes it.",
    levels=(HEADER,),
    report=Names("failedCarrierZones", "postalPrefix"),
    is_list=True,
    master=True,
    rules=(_one_prefix,),
    example={"carrierCode": "FASTFREIGHT", "countryCode": "GB", "postalPrefix": "LS", "zone": "UK-N"},
)
