"""The advance ship notice: the goods that a vendor has sent, down to the carton.

Purpose: X12 856, EDIFACT DESADV; the warehouse API names the operations only (contracts/wms.md §5), fields are ours.
Key: businessUnitId + vendorNumber + asnNumber; lines by lineNumber; packages by carton, lot, serial and pallet. A file
that repeats a line with another carton, lot, serial or pallet adds a package to it: the line's quantity is their sum.
States: OPEN, PARTIALLY_RECEIVED, RECEIVED (moved by ``receipt``), CANCELLED.
"""

from __future__ import annotations

from datetime import timedelta

from crossdock.schema import goods_rules, rules
from crossdock.schema.document import Document, Level, Names
from crossdock.schema.fields import (
    ACTIONS,
    LINE_ACTIONS,
    action,
    address,
    building,
    business_unit,
    code,
    country,
    counts,
    day,
    identifier,
    lot,
    measure,
    notes,
    quantity,
    serial,
    size,
    sku,
    sscc,
    text,
    whole,
)
from crossdock.schema.relations import Against, Moved
from crossdock.schema.roles import Unique

CARTON_RESTS = timedelta(days=365)
"""A carton's number may be used again after a year (GS1 General Specifications §2.2.1)."""
RECEIVED = Moved(
    "quantity_received",
    "PARTIALLY_RECEIVED",
    "RECEIVED",
    "already_received",
    "changed_when_received",
    "less_than_received",
)
"""How receipts move an ASN, a purchase order, an RMA."""

HEADER = Level(
    title="header",
    table="asns",
    key=("businessUnitId", "vendorNumber", "asnNumber"),
    fields=(
        business_unit(),
        identifier("vendorNumber", 30, title="Vendor"),
        identifier("asnNumber", 30, title="ASN number", required=True),
        action(ACTIONS),
        *counts(),
        text("vendorName"),
        code("status"),
        identifier("purchaseOrderNumber", 30),
        building(),
        code("carrierId"),
        *(
            identifier(name, 30)
            for name in ("trackingNumber", "bolNumber", "proNumber", "trailerNumber", "containerNumber")
        ),
        day("shipmentDate"),
        day("expectedDeliveryDate"),
        whole("totalCartons"),
        size("totalQuantityShipped"),
        size("totalWeight", unit_in="weightUom"),
        code("weightUom"),
        *address("shipFrom"),
        notes(),
    ),
)

LINE = Level(
    title="line",
    table="asn_lines",
    key=("lineNumber",),
    array="lines",
    numbered=True,
    fields=(
        identifier("lineNumber", 20, title="Line number", required=True),
        action(LINE_ACTIONS),
        identifier("purchaseOrderNumber", 30),
        identifier("purchaseOrderLineNumber", 20),
        sku(),
        quantity(required=True, sums="quantity"),
        measure(),
        country(),
        notes(),
    ),
)

PACKAGE = Level(
    title="package",
    table="asn_packages",
    key=("cartonId", "lotNumber", "serialNumber", "palletId"),
    array="packages",
    under="line",
    fields=(
        sscc("cartonId", title="Carton (SSCC)"),
        sscc("palletId", title="Pallet (SSCC)"),
        lot(),
        serial(),
        day("expirationDate"),
        quantity(),
    ),
)

ASN = Document(
    name="asn",
    title="ASN",
    about="Goods that a vendor has sent and the warehouse will receive, down to the carton.",
    levels=(HEADER, LINE, PACKAGE),
    report=Names("failedAsns", "asnNumber", "lineNumber"),
    floating=("action", "purchaseOrderNumber"),
    stage=4,
    moved=RECEIVED,
    against=(
        Against(
            "purchase_order",
            number="purchaseOrderNumber",
            line="purchaseOrderLineNumber",
            counts="quantity",
            over="over_ordered",
            agrees=(("vendorNumber", "vendorNumber"),),
            item="other_item",
            shut=("CANCELLED", "CLOSED"),
            passes=True,
        ),
    ),
    unique=(Unique("package", "cartonId", "carton_again", within=CARTON_RESTS, by="shipmentDate"),),
    example={
        "businessUnitId": "BU1",
        "vendorNumber": "V-100",
        "asnNumber": "EXAMPLE-ASN-1",
        "header.purchaseOrderNumber": "EXAMPLE-PO-1",
        "buildingId": "NVRN1",
        "shipmentDate": "2026-11-25",
        "expectedDeliveryDate": "2026-12-02",
        "lineNumber": "1",
        "purchaseOrderLineNumber": "1",
        "skuId": "00712-BLUE",
        "line.quantity": "60",
        "quantityMeasure": "EA",
        "cartonId": "340123450000000017",
        "lotNumber": "L-2611",
    },
    rules=(
        rules.in_order("shipmentDate", "expectedDeliveryDate"),
        rules.needs("totalWeight", "weightUom"),
        rules.line_count,
        rules.total_quantity("totalQuantity", "line.quantity"),
        rules.total_quantity("totalQuantityShipped", "line.quantity", "quantityMeasure"),
        goods_rules.cartons_counted,
        rules.quantities("line.quantity", "quantityMeasure"),
        rules.quantities("package.quantity", "quantityMeasure", "package"),
        goods_rules.cartons_add_up,
        goods_rules.one_of_a_serial("package", "package.quantity"),
        goods_rules.lot_and_serial("package"),
        goods_rules.expired("package", "expectedDeliveryDate"),
        goods_rules.pallets_agree,
    ),
)
