"""The carrier rate: what a carrier takes for a weight between two of its zones. Everybody reads it, a master writes it.

Purpose: the quotes of the warehouse API (contracts/http.md §4, wms.md §11). Key: rateId, which a quote names.
A blank mode fits every shipment; a blank minWeight is 0; blank maxWeight, validFrom and validTo are no limit.
Cancel takes it out of use.
"""

from __future__ import annotations

from crossdock.schema import rules
from crossdock.schema.document import Document, Field, Kind, Level, Names
from crossdock.schema.fields import (
    ACTIONS,
    ZERO,
    action,
    code,
    day,
    enum,
    identifier,
    money,
    size,
    whole,
)

WEIGHT_UNITS = ("LB", "KG")
BASES = ("flat", "per_cwt", "per_lb", "per_kg", "per_pallet")

HEADER = Level(
    title="header",
    table="carrier_rates",
    key=("rateId",),
    fields=(
        identifier("rateId", 40, title="Rate", required=True),
        action(ACTIONS),
        identifier("carrierCode", 30, title="Carrier", required=True),
        Field("serviceLevel", Kind.CODE, "Service level", length=40, required=True),
        code("mode"),
        identifier("originZone", 20, title="Zone of the origin", required=True),
        identifier("destinationZone", 20, title="Zone of the destination", required=True),
        enum("weightUom", WEIGHT_UNITS, title="Unit of minWeight and maxWeight", required=True),
        size("minWeight", title="From this weight", unit_in="weightUom"),
        size("maxWeight", title="Up to this weight, which is included", unit_in="weightUom"),
        Field("rate", Kind.QUANTITY, "Price of one unit of the basis", least=ZERO, required=True, is_price=True),
        enum("rateBasis", BASES, title="What the rate is for", required=True),
        money("minimumCharge", title="The least linehaul"),
        size("fuelSurcharge", title="Percent of the linehaul"),
        Field("currency", Kind.ID, "Currency", length=3, codes="currency", required=True),
        whole("transitDays", title="Working days on the way"),
        day("validFrom"),
        day("validTo"),
    ),
)

CARRIER_RATE = Document(
    name="carrier_rate",
    title="Carrier rate",
    about=(
        "What a carrier charges between two of its zones, for a range of weights. "
        "Everybody reads the list, only a master feed writes it."
    ),
    levels=(HEADER,),
    report=Names("failedCarrierRates", "rateId"),
    is_list=True,
    master=True,
    sought=(("carrierCode", "originZone", "destinationZone"),),
    example={
        "rateId": "FF-LTL-1",
        "carrierCode": "FASTFREIGHT",
        "serviceLevel": "Standard",
        "mode": "LTL",
        "originZone": "UK-N",
        "destinationZone": "UK-S",
        "weightUom": "KG",
        "minWeight": "0",
        "maxWeight": "500",
        "rate": "0.42",
        "rateBasis": "per_kg",
        "minimumCharge": "45.00",
        "fuelSurcharge": "12.5",
        "currency": "GBP",
        "transitDays": "2",
        "validFrom": "2026-01-01",
        "validTo": "2026-12-31",
    },
    rules=(
        rules.at_most("minWeight", "maxWeight", "header"),
        rules.in_order("validFrom", "validTo"),
        rules.percents("fuelSurcharge"),
    ),
)
