"""The return: what a customer sends back, announced before it comes.

Purpose: the warehouse API's RMA (contracts/wms.md §6) and X12 180; DOMS' names rmaNo, actionCd and carrierCd are
accepted.
Key: businessUnitId + rmaNumber; lines by lineNumber.
States: OPEN, PARTIALLY_RECEIVED, RECEIVED (moved by ``receipt``), CANCELLED.
"""

from __future__ import annotations

import dataclasses

from crossdock.documents.asn import RECEIVED
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
    day,
    identifier,
    lot,
    measure,
    notes,
    quantity,
    serial,
    sku,
    text,
)
from crossdock.schema.relations import Against

REASONS = "REFUSED, UNDELIVERABLE, DAMAGED, WRONG_SKU, WRONG_QUANTITY, CHANGED_MIND, RETURNED_TO_SENDER"
"""The known reasons of an open list."""

HEADER = Level(
    title="header",
    table="rmas",
    key=("businessUnitId", "rmaNumber"),
    fields=(
        business_unit(),
        identifier("rmaNumber", 30, title="RMA number", required=True, aliases=("rmaNo",)),
        dataclasses.replace(action(ACTIONS), aliases=("actionCd",)),
        *counts(),
        day("createDate"),
        day("expectedDate"),
        day("expDate"),
        identifier("customerId", 20),
        text("customerName"),
        code("rmaType"),
        code("carrierId", aliases=("carrierCd",)),
        identifier("trackingNumber", 30),
        identifier("customerOrderNumber", 30, title="The order that was shipped", refers="sales_order"),
        building(),
        notes(),
    ),
)

LINE = Level(
    title="line",
    table="rma_lines",
    key=("lineNumber",),
    array="lines",
    numbered=True,
    fields=(
        identifier("lineNumber", 20, title="Line number", required=True),
        action(LINE_ACTIONS),
        identifier("customerLineNumber", 20, title="The order's line"),
        sku(),
        quantity(required=True),
        measure(),
        code("returnReasonCode", title=f"Why: {REASONS} …"),
        code("disposition"),
        lot(),
        serial(),
        notes(),
    ),
)

RMA = Document(
    name="rma",
    title="RMA",
    about="Goods that a customer will send back, announced before they come.",
    levels=(HEADER, LINE),
    report=Names("failedRmas", "rmaNumber", "lineNumber"),
    floating=("action",),
    stage=6,
    moved=RECEIVED,
    against=(
        Against(
            "sales_order",
            number="customerOrderNumber",
            line="customerLineNumber",
            counts="quantity",
            over="more_than_shipped",
            shipped=True,
            item="other_item_noted",
        ),
    ),
    example={
        "businessUnitId": "BU1",
        "rmaNumber": "EXAMPLE-RMA-1",
        "createDate": "2026-11-25",
        "expectedDate": "2026-12-04",
        "customerName": "Ada Lovelace",
        "customerOrderNumber": "EXAMPLE-1",
        "lineNumber": "1",
        "customerLineNumber": "1",
        "skuId": "00712-BLUE",
        "quantity": "1",
        "quantityMeasure": "EA",
        "returnReasonCode": "DAMAGED",
    },
    rules=(
        rules.in_order("createDate", "expectedDate"),
        rules.quantities("quantity", "quantityMeasure"),
        goods_rules.one_of_a_serial("line", "quantity"),
        rules.line_count,
        rules.total_quantity("totalQuantity"),
    ),
)
