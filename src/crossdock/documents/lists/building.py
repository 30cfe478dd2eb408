"""The building: where goods are stored. Everybody reads the list, a master feed writes it.

Purpose: the code with which the warehouse API names a building (contracts/wms.md §10). Key: buildingId. Cancel makes it
inactive.
"""

from __future__ import annotations

from crossdock.schema.document import Document, Level, Names
from crossdock.schema.fields import ACTIONS, action, address, flag, identifier, text

HEADER = Level(
    title="header",
    table="buildings",
    key=("buildingId",),
    fields=(
        identifier("buildingId", 5, title="Building", required=True, keep_longer=True),
        action(ACTIONS),
        text("name", required=True),
        text("businessUnitIds", title="The business units it serves, with commas between"),
        *address("address"),
        flag("isActive"),
    ),
)

BUILDING = Document(
    name="building",
    title="Building",
    about="A place where goods are stored. Everybody reads the list, only a master feed writes it.",
    levels=(HEADER,),
    report=Names("failedBuildings", "buildingId"),
    is_list=True,
    master=True,
    active=("isActive", (True, None)),
    example={
        "buildingId": "NVRN1",
        "name": "Northern Avenue 1",
        "businessUnitIds": "BU1,BU2",
        "address.city": "Leeds",
        "address.country": "GB",
        "isActive": "true",
    },
)
