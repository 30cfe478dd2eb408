"""The inventory movement: one change of an item's quantity.

Purpose: X12 947 and similar messages; the warehouse API names the operation only (contracts/wms.md §9).
Key: businessUnitId + transactionId. Append-only: the same transaction again is unchanged, with other content a failure.
"""

from __future__ import annotations

from crossdock.schema import goods_rules, rules
from crossdock.schema.document import Document, Field, Kind, Level, Names
from crossdock.schema.fields import (
    NONE,
    action,
    building,
    business_unit,
    code,
    enum,
    identifier,
    lot,
    measure,
    moment,
    notes,
    serial,
    sku,
)

TYPES = ("RECEIPT", "SHIP", "ADJUST", "TRANSFER", "CYCLE_COUNT", "HOLD", "RELEASE")

HEADER = Level(
    title="header",
    table="inventory_movements",
    key=("businessUnitId", "transactionId"),
    fields=(
        business_unit(),
        identifier("transactionId", 40, title="Transaction", required=True),
        action(NONE),
        moment("occurredAt", title="Happened at", required=True),
        enum("movementType", TYPES, required=True),
        sku(),
        building(required=True),
        Field("quantity", Kind.QUANTITY, "More or less", required=True, nonzero=True),
        measure(),
        identifier("fromLocation", 30),
        identifier("toLocation", 30),
        lot(),
        serial(),
        code("reasonCode"),
        identifier("documentNumber", 30),
        notes(),
    ),
)

INVENTORY_MOVEMENT = Document(
    name="inventory_movement",
    title="Inventory movement",
    about="One change of an item's quantity: goods were counted, moved, found, lost or blocked.",
    levels=(HEADER,),
    report=Names("failedMovements", "transactionId"),
    mode="append",
    stage=8,
    example={
        "businessUnitId": "BU1",
        "transactionId": "EXAMPLE-T-1",
        "occurredAt": "2026-11-25 14:05",
        "movementType": "ADJUST",
        "skuId": "00712-BLUE",
        "buildingId": "NVRN1",
        "quantity": "-2",
        "quantityMeasure": "EA",
        "reasonCode": "DAMAGED",
    },
    rules=(
        rules.not_ahead("occurredAt"),
        rules.quantities("quantity", "quantityMeasure", "header"),
        goods_rules.leaves_with_minus,
    ),
)
