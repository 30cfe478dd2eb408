"""The carrier zone: to which of its zones a carrier counts an address. Everybody reads it, a master writes it.

Purpose: the quotes of the warehouse API (contracts/http.md §4). Key: carrierCode + countryCode + postalPrefix; the
longest prefix that a postal code begins with decides, ``*`` is the whole country. Cancel takes it out of use.
"""

from __future__ import annotations

from crossdock.schema.document import Document, Field, Kind, Level, Names
from crossdock.schema.fields import ACTIONS, action, identifier

WHOLE_COUNTRY = "*"

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
    example={"carrierCode": "FASTFREIGHT", "countryCode": "GB", "postalPrefix": "LS", "zone": "UK-N"},
)
