"""The inventory: the quantity of an item at a moment.

Purpose: X12 846; the warehouse API's inventory inquiry shows parameters only (contracts/wms.md §9).
Key: businessUnitId + buildingId + skuId + lotNumber + quantityMeasure + asOf + palletId + locationId: several lots,
pallets and bins of one item are several rows. A snapshot: it says nothing about an item that is not in it, not even
zero; every moment is stored.
"""

from __future__ import annotations

from crossdock.schema import rules
from crossdock.schema.document import Document, Level, Names
from crossdock.schema.fields import (
    NONE,
    action,
    building,
    business_unit,
    identifier,
    lot,
    measure,
    moment,
    sku,
    sscc,
    stock,
)

HEADER = Level(
    title="header",
    table="inventory",
    key=("businessUnitId", "buildingId", "skuId", "lotNumber", "quantityMeasure", "asOf", "palletId", "locationId"),
    fields=(
        business_unit(),
        building(required=True),
        sku(),
        lot(),
        measure(),
        moment("asOf", title="As of", required=True),
        sscc("palletId", title="Pallet (SSCC)"),
        identifier("locationId", 30, title="Bin", aliases=("bin", "binId", "binLocation", "storageBin")),
        action(NONE),
        stock("onHand", required=True),
        stock("allocated"),
        stock("available", signed=True),
        stock("damaged"),
        stock("onHold"),
    ),
)

INVENTORY = Document(
    name="inventory",
    title="Inventory",
    about="How many units of an item a building has, at one moment.",
    levels=(HEADER,),
    report=Names("failedInventory", "skuId"),
    named_by="skuId",
    mode="snapshot",
    stage=8,
    example={
        "businessUnitId": "BU1",
        "buildingId": "NVRN1",
        "skuId": "00712-BLUE",
        "quantityMeasure": "EA",
        "asOf": "2026-11-25 06:00",
        "onHand": "120",
        "available": "115",
    },
    rules=(
        rules.not_ahead("asOf"),
        *(
            rules.quantities(name, "quantityMeasure", "header")
            for name in ("onHand", "allocated", "available", "damaged", "onHold")
        ),
    ),
)
