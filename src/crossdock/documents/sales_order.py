"""The sales order: what is to be shipped to a customer.

Purpose: an order that a 3PL picks, as the warehouse API's ``SalesOrderRequest`` (contracts/wms.md §2) and X12 940.
Key: businessUnitId + customerOrderNumber; lines by customerLineNumber.
States: OPEN, PARTIALLY_SHIPPED, SHIPPED (moved by ``ship_confirmation``), CANCELLED.
"""

from __future__ import annotations

from crossdock.schema import rules
from crossdock.schema.document import Document, Field, Kind, Level, Names
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
    extent,
    flag,
    gtin,
    identifier,
    measure,
    moment,
    money,
    notes,
    quantity,
    sku,
    text,
)
from crossdock.schema.relations import Moved
from crossdock.schema.roles import Role

SHIPPED = Moved(
    "quantity_shipped", "PARTIALLY_SHIPPED", "SHIPPED", "already_shipped", "changed_when_shipped", "less_than_shipped"
)

HEADER = Level(
    title="header",
    table="sales_orders",
    key=("businessUnitId", "customerOrderNumber"),
    fields=(
        business_unit(),
        identifier("customerOrderNumber", 30, title="Order number", required=True),
        action(ACTIONS),
        extent(),
        *counts(),
        Field("jobId", Kind.ID, "The sender's own job", length=20, compared=False),
        moment("orderCreatedDate", title="Ordered at"),
        building("requestedBuildingId"),
        identifier("customerNumber", 20, refers="customer", role=Role.CUSTOMER),
        *address("shipTo"),
        *address("billTo"),
        code("carrierId"),
        code("shippingSpeed"),
        code("fillKillIndicator"),
        code("customerOrderType"),
        text("deliveryInstructions1"),
        text("deliveryInstructions2"),
        text("buyerOrderNumber"),
        text("giftMessage"),
        notes(),
        flag("fulfillFlag"),
        flag("isSignatureRequired"),
        flag("isInsuranceRequired"),
        money("orderAmount"),
        currency(),
        day("orderDropDate"),
        *(
            day(f"customerDates.{name}")
            for name in (
                "requestedDeliveryDate",
                "requestedShipDate",
                "deliveryStartDate",
                "deliveryEndDate",
                "doNotShipBefore",
                "doNotShipAfter",
                "cancelAfter",
                "cancelIfNotDeliveredBy",
            )
        ),
        text("salesChannelOrderInfo.salesChannelName"),
        text("salesChannelOrderInfo.orderNumber"),
        day("salesChannelOrderInfo.purchaseDate"),
        day("salesChannelOrderInfo.lastUpdateDate", free=True),
        text("salesChannelOrderInfo.shipServiceLevel"),
        day("salesChannelOrderInfo.earliestShipDate"),
        day("salesChannelOrderInfo.latestShipDate"),
        day("salesChannelOrderInfo.earliestDeliveryDate"),
        day("salesChannelOrderInfo.latestDeliveryDate"),
    ),
)

LINE = Level(
    title="line",
    table="sales_order_lines",
    key=("customerLineNumber",),
    array="orderLines",
    numbered=True,
    fields=(
        identifier("customerLineNumber", 20, title="Line number", required=True),
        action(ORDER_LINE_ACTIONS),
        sku(),
        gtin(),
        quantity(required=True),
        measure(),
        money("unitPrice"),
        money("amount"),
        text("customerSku", role=Role.THEIRS),
        text("giftMessage"),
        notes(),
        code("lineType"),
        money("giftCardInfo.amount"),
        text("giftCardInfo.code"),
        text("giftCardInfo.detail"),
        text("giftCardInfo.type"),
    ),
)

SALES_ORDER = Document(
    name="sales_order",
    title="Sales order",
    about="An order that the warehouse ships to a customer.",
    levels=(HEADER, LINE),
    report=Names("failedOrders", "customerOrderNumber", "customerLineNumber"),
    floating=("action",),
    stage=3,
    one_way=True,
    moved=SHIPPED,
    example={
        "businessUnitId": "BU1",
        "customerOrderNumber": "EXAMPLE-1",
        "orderCreatedDate": "2026-11-25",
        "shipTo.name": "Ada Lovelace",
        "shipTo.address1": "12 Market Street",
        "shipTo.city": "Leeds",
        "shipTo.country": "GB",
        "shipTo.postalCode": "LS1 4DY",
        "carrierId": "UPS",
        "currency": "GBP",
        "customerDates.requestedDeliveryDate": "2026-12-04",
        "customerLineNumber": "1",
        "skuId": "00712-BLUE",
        "quantity": "5",
        "quantityMeasure": "EA",
        "unitPrice": "2.50",
    },
    rules=(
        rules.ship_to_complete,
        rules.currency_given("orderAmount", "unitPrice", "amount"),
        rules.in_order("customerDates.deliveryStartDate", "customerDates.deliveryEndDate"),
        rules.in_order("customerDates.doNotShipBefore", "customerDates.doNotShipAfter"),
        rules.in_order("salesChannelOrderInfo.earliestShipDate", "salesChannelOrderInfo.latestShipDate"),
        rules.in_order("salesChannelOrderInfo.earliestDeliveryDate", "salesChannelOrderInfo.latestDeliveryDate"),
        rules.not_past("customerDates.cancelAfter", "customerDates.doNotShipAfter"),
        rules.quantities("quantity", "quantityMeasure"),
        rules.line_amounts,
        rules.line_count,
        rules.total_quantity("totalQuantity"),
    ),
)
