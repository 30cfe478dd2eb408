"""The SKU: an item, its units and the names that others use for it.

Purpose: the warehouse API's ``sku`` (contracts/wms.md §8) and X12 832; dimensions, controls, units, aliases are ours.
Key: businessUnitId + skuId; units by unit, aliases by alias. A feed sends changes unless it says otherwise.
States: OPEN, CANCELLED (inactive).
"""

from __future__ import annotations

from crossdock.schema import rules
from crossdock.schema.document import Document, Field, Kind, Level, Names
from crossdock.schema.fields import (
    ACTIONS,
    ZERO,
    action,
    business_unit,
    code,
    country,
    currency,
    flag,
    gtin,
    identifier,
    money,
    size,
    text,
    yes_no,
)
from crossdock.schema.roles import ItemWay, Role, Unique

HEADER = Level(
    title="header",
    table="skus",
    key=("businessUnitId", "skuId"),
    fields=(
        business_unit(),
        identifier("skuId", 30, title="SKU", required=True, role=Role.ITEM),
        action(ACTIONS),
        identifier("skuRefId", 50),
        text("name", required=True),
        text("description1", 60, required=True),
        text("description2"),
        yes_no("isActive", required=True),
        gtin(required=True),
        size("length", unit_in="lengthUom"),
        size("width", unit_in="lengthUom"),
        size("height", unit_in="lengthUom"),
        code("lengthUom"),
        size("weight", unit_in="weightUom"),
        code("weightUom"),
        money("unitCost"),
        money("unitPrice"),
        currency(),
        country(),
        flag("isHazardous"),
        flag("isLotControlled", role=Role.LOT),
        flag("isSerialControlled", role=Role.SERIAL),
    ),
)

UNIT = Level(
    title="unit",
    table="sku_units",
    key=("unit",),
    array="units",
    fields=(
        Field("unit", Kind.CODE, "A unit of the item", length=20, codes="unit", required=True, role=Role.MEASURE),
        Field("factor", Kind.QUANTITY, "Base units in it", above=ZERO, required=True, role=Role.FACTOR),
        gtin("gtin"),
        size("length", unit_in="lengthUom"),
        size("width", unit_in="lengthUom"),
        size("height", unit_in="lengthUom"),
        size("weight", unit_in="weightUom"),
    ),
)

ALIAS = Level(
    title="alias",
    table="sku_aliases",
    key=("alias",),
    array="aliases",
    fields=(identifier("alias", 50, title="Another name of the item", required=True, role=Role.THEIRS),),
)

SKU = Document(
    name="sku",
    title="SKU",
    about="An item, its units, and the other numbers that it is known by.",
    levels=(HEADER, UNIT, ALIAS),
    report=Names("failedSkus", "skuId"),
    is_list=True,
    stage=1,
    active=("isActive", ("Y",)),
    unique=(Unique("header", "upc", "gtin_again"),),
    finds=(
        ItemWay("header", "upc", Role.GTIN, "the GTIN"),
        ItemWay("unit", "gtin", Role.GTIN, "the GTIN of a unit"),
        ItemWay("alias", "alias", Role.THEIRS, "an alias"),
    ),
    example={
        "businessUnitId": "BU1",
        "skuId": "00712-BLUE",
        "name": "Loom band, blue",
        "description1": "Loom band 7 mm, blue",
        "isActive": "Y",
        "upc": "4006381333931",
        "header.weight": "0.2",
        "weightUom": "KG",
        "countryOfOrigin": "GB",
        "unit": "CS",
        "factor": "12",
        "alias": "LB-7-BLUE",
    },
    rules=(
        rules.currency_given("unitCost", "unitPrice"),
        rules.needs("header.weight", "weightUom"),
        rules.needs("header.length", "lengthUom"),
        rules.needs("header.width", "lengthUom"),
        rules.needs("header.height", "lengthUom"),
    ),
)
