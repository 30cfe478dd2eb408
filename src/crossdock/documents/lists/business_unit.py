"""The business unit: a client of the warehouse. Everybody reads the list, a master feed writes it.

Purpose: the warehouse API's ``BusinessUnit`` (contracts/wms.md §10). Key: businessUnitId. Cancel makes it inactive.
"""

from __future__ import annotations

from crossdock.schema.document import Document, Field, Kind, Level, Names
from crossdock.schema.fields import ACTIONS, action, address, enum, flag, identifier, text

HEADER = Level(
    title="header",
    table="business_units",
    key=("businessUnitId",),
    fields=(
        identifier("businessUnitId", 20, title="Business unit", required=True),
        action(ACTIONS),
        text("name", required=True),
        enum("type", ("b2b", "b2c")),
        *address("billingAddress"),
        *address("primaryAddress"),
        text("primaryContact.name"),
        text("primaryContact.phone"),
        text("primaryContact.email"),
        identifier("taxId", 40),
        flag("isActive"),
        Field("settings", Kind.OBJECT, "The API's general settings"),
    ),
)

BUSINESS_UNIT = Document(
    name="business_unit",
    title="Business unit",
    about="A client of the warehouse. Everybody reads the list, only a master feed writes it.",
    levels=(HEADER,),
    report=Names("failedBusinessUnits", "businessUnitId"),
    is_list=True,
    master=True,
    active=("isActive", (True, None)),
    example={
        "businessUnitId": "BU1",
        "name": "Lovelace Looms",
        "type": "b2b",
        "primaryAddress.city": "Leeds",
        "primaryAddress.country": "GB",
        "isActive": "true",
    },
)
