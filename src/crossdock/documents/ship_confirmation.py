"""The ship confirmation: what the warehouse has shipped of a sales order, in one shipment or in parts.

Purpose: X12 945; the warehouse API names the operation only. Fields are ours.
Key: businessUnitId + shipmentId; lines by lineNumber. Cancelling a confirmation subtracts its quantities again.
States: OPEN, CANCELLED. It moves its order to PARTIALLY_SHIPPED or SHIPPED.
"""

from __future__ import annotations

from crossdock.schema import goods_rules, rules
from crossdock.schema.document import Document, Level, Names
from crossdock.schema.fields import (
    ACTIONS,
    LINE_ACTIONS,
    action,
    building,
    business_unit,
    code,
    counts,
    currency,
    enum,
    flag,
    identifier,
    lot,
    measure,
    moment,
    money,
    serial,
    size,
    sku,
    sscc,
    stock,
)
from crossdock.schema.relations import Against

HEADER = Level(
    title="header",
    table="shipments",
    key=("businessUnitId", "shipmentId"),
    fields=(
        business_unit(),
        identifier("shipmentId", 30, title="Shipment", required=True),
        action(ACTIONS),
        *counts(),
        identifier("customerOrderNumber", 30, title="The order", required=True, refers="sales_order"),
        moment("shipDate", title="Shipped at", required=True),
        flag("isFinal"),
        code("carrierId"),
        code("shippingSpeed"),
        identifier("trackingNumber", 30),
        identifier("bolNumber", 30),
        size("totalWeight", unit_in="weightUom"),
        code("weightUom"),
        money("freightAmount"),
        currency(),
        building(),
    ),
)

LINE = Level(
    title="line",
    table="shipment_lines",
    key=("lineNumber",),
    array="lines",
    numbered=True,
    fields=(
        identifier("lineNumber", 20, title="Line number", required=True),
        action(LINE_ACTIONS),
        identifier("customerLineNumber", 20, title="The order's line", required=True),
        sku(),
        stock("quantityOrdered"),
        stock("quantityShipped", required=True),
        measure(),
        enum("lineStatus", ("SHIPPED", "SHORT", "CANCELLED")),
        sscc("cartonId", title="Carton (SSCC)"),
        identifier("trackingNumber", 30),
        lot(),
        serial(),
    ),
)

SHIP_CONFIRMATION = Document(
    name="ship_confirmation",
    title="Ship confirmation",
    about="Goods of a sales order that have left the warehouse, all of them or a part.",
    levels=(HEADER, LINE),
    report=Names("failedShipments", "shipmentId", "lineNumber"),
    floating=("action", "trackingNumber"),
    stage=5,
    one_way=True,
    against=(
        Against(
            "sales_order",
            number="customerOrderNumber",
            line="customerLineNumber",
            counts="quantityShipped",
            over="over_shipped",
            item="other_item_noted",
            unlisted="no_such_line",
            moves=True,
            final="isFinal",
            ends=("lineStatus", "CANCELLED"),
        ),
    ),
    example={
        "businessUnitId": "BU1",
        "shipmentId": "EXAMPLE-S-1",
        "customerOrderNumber": "EXAMPLE-1",
        "shipDate": "2026-11-27 16:30",
        "isFinal": "true",
        "carrierId": "UPS",
        "lineNumber": "1",
        "customerLineNumber": "1",
        "skuId": "00712-BLUE",
        "quantityShipped": "5",
        "quantityMeasure": "EA",
        "lineStatus": "SHIPPED",
    },
    rules=(
        rules.not_ahead("shipDate"),
        rules.currency_given("freightAmount"),
        rules.needs("totalWeight", "weightUom"),
        rules.quantities("quantityShipped", "quantityMeasure"),
        goods_rules.shipped_or_said_why,
        rules.line_count,
        rules.total_quantity("totalQuantity", "quantityShipped"),
    ),
)
