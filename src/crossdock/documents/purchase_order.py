"""The purchase order: what the business unit has ordered from a vendor and the warehouse will receive.

Purpose: the warehouse API's ``InboundPurchaseOrderDetail`` (contracts/wms.md §4) and X12 850.
Key: businessUnitId + purchaseOrderNumber; lines by lineNumber.
States: OPEN, PARTIALLY_RECEIVED, RECEIVED (moved by ``receipt``), CLOSED (status C), CANCELLED.
"""

from __future__ import annotations

from crossdock.documents.asn import RECEIVED
from crossdock.schema import rules
from crossdock.schema.document import Document, Level, Names
from crossdock.schema.fields import (
    ACTIONS,
    ORDER_LINE_ACTIONS,
    action,
    address,
    building,
    business_unit,
    code,
    counts,
    currency,
    day,
    enum,
    extent,
    identifier,
    measure,
    money,
    notes,
    quantity,
    size,
    sku,
    text,
)
from crossdock.schema.roles import Role

HEADER = Level(
    title="header",
    table="purchase_orders",
    key=("businessUnitId", "purchaseOrderNumber"),
    fields=(
        business_unit(),
        identifier("purchaseOrderNumber", 30, title="Purchase order", required=True),
        action(ACTIONS),
        extent(),
        *counts(),
        code("PoType"),
        enum("status", ("O", "C"), title="Open or closed"),
        building(),
        identifier("vendorNumber", 30),
        text("vendorName"),
        identifier("supplierId", 30),
        text("merchantRefNo"),
        *(
            day(name)
            for name in (
                "orderDate",
                "uploadDate",
                "shipmentDate",
                "expectedDeliveryDate",
                "receivedDate",
                "closedDate",
            )
        ),
        size("totalQuantityShipped"),
        size("totalWeight", unit_in="weightUom"),
        code("weightUom"),
        identifier("containerNumber", 30),
        text("address type"),
        *address("shipFrom"),
        currency(),
        notes(),
    ),
)

LINE = Level(
    title="line",
    table="purchase_order_lines",
    key=("lineNumber",),
    array="lines",
    numbered=True,
    fields=(
        identifier("lineNumber", 20, title="Line number", required=True),
        identifier("purchaseOrderLineNumber", 20),
        action(ORDER_LINE_ACTIONS),
        sku(),
        quantity(required=True),
        measure(),
        money("unitCost"),
        identifier("vendorSku", 50, role=Role.THEIRS),
        notes(),
    ),
)

PURCHASE_ORDER = Document(
    name="purchase_order",
    title="Purchase order",
    about="Goods that a business unit has ordered from a vendor and the warehouse will receive.",
    levels=(HEADER, LINE),
    report=Names("failedPurchaseOrders", "purchaseOrderNumber", "lineNumber"),
    floating=("action",),
    stage=2,
    one_way=True,
    moved=RECEIVED,
    closed=("status", "C"),
    example={
        "businessUnitId": "BU1",
        "purchaseOrderNumber": "EXAMPLE-PO-1",
        "status": "O",
        "buildingId": "NVRN1",
        "vendorNumber": "V-100",
        "vendorName": "Lovelace Looms",
        "orderDate": "2026-11-25",
        "expectedDeliveryDate": "2026-12-02",
        "currency": "USD",
        "lineNumber": "1",
        "skuId": "00712-BLUE",
        "quantity": "100",
        "quantityMeasure": "EA",
        "unitCost": "1.25",
    },
    rules=(
        rules.currency_given("unitCost"),
        rules.in_order("orderDate", "expectedDeliveryDate"),
        rules.needs("totalWeight", "weightUom"),
        rules.quantities("quantity", "quantityMeasure"),
        rules.line_count,
        rules.total_quantity("totalQuantity"),
    ),
)
