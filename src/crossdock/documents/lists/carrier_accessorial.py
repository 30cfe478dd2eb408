"""The carrier accessorial: what a carrier takes for a service besides the way. Everybody reads it, a master writes it.

Purpose: the quotes of the warehouse API (contracts/http.md §4). Key: carrierCode + currency + code. A charge is for one
time; it counts where its currency is that of the rate. Cancel takes it out of use.
"""

from __future__ import annotations

from crossdock.schema.document import Document, Field, Kind, Level, Names
from crossdock.schema.fields import ACTIONS, ZERO, action, identifier

HEADER = Level(
    title="header",
    table="carrier_accessorials",
    key=("carrierCode", "currency", "code"),
    fields=(
        identifier("carrierCode", 30, title="Carrier", required=True),
        Field("currency", Kind.ID, "Currency", length=3, codes="currency", required=True),
        identifier("code", 40, title="Accessorial", required=True),
        action(ACTIONS),
        Field("charge", Kind.MONEY, "Charge", least=ZERO, required=True),
    ),
)

CARRIER_ACCESSORIAL = Document(
    name="carrier_accessorial",
    title="Carrier accessorial",
    about="What a carrier charges for an extra service. Everybody reads the list, only a master feed writes it.",
    levels=(HEADER,),
    report=Names("failedCarrierAccessorials", "code"),
    is_list=True,
    master=True,
    example={"carrierCode": "FASTFREIGHT", "currency": "GBP", "code": "LIFTGATE", "charge": "35.00"},
)
