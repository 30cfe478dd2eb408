"""The item reference: a partner's name of an item (contract A7).

Key: businessUnitId + partner + theirs. A blank or unknown SKU in that partner's files is searched here first.
Cancel makes it inactive.
"""

from __future__ import annotations

from crossdock.schema.document import Document, Field, Kind, Level, Names
from crossdock.schema.fields import ACTIONS, action, business_unit, identifier, sku
from crossdock.schema.roles import ItemWay, Role

HEADER = Level(
    title="header",
    table="item_references",
    key=("businessUnitId", "partner", "theirs"),
    fields=(
        business_unit(),
        Field("partner", Kind.ID, "Who calls it so", length=40, required=True, role=Role.PARTNER),
        identifier("theirs", 50, title="Their number", required=True, role=Role.THEIRS),
        action(ACTIONS),
        sku(),
        Field("unit", Kind.CODE, "The unit that they mean", length=20, codes="unit", role=Role.MEASURE),
    ),
)

ITEM_REFERENCE = Document(
    name="item_reference",
    title="Item reference",
    about="A partner's own number for an item.",
    levels=(HEADER,),
    report=Names("failedItemReferences", "theirs"),
    is_list=True,
    stage=1,
    finds=(ItemWay("header", "theirs", Role.THEIRS, "the item references"),),
    example={"businessUnitId": "BU1", "partner": "acme", "theirs": "AC-4711", "skuId": "00712-BLUE"},
)
