"""The receipt: what the warehouse has received, for an ASN, a purchase order or an RMA.

Purpose: the warehouse's receipt confirmation (contracts/wms.md §7), X12 944; "Get receipt lines" of an ASN, PO or RMA
shows its lines.
Key: businessUnitId + receiptNumber; lines by lineNumber. Cancelling a receipt subtracts its quantities again.
States: OPEN, CANCELLED.
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
    counts,
    day,
    enum,
    identifier,
    lot,
    measure,
    moment,
    notes,
    serial,
    sku,
    stock,
)
from crossdock.schema.relations import CLOSED, Against

RECEIVABLE = ("asn", "purchase_order", "rma")

HEADER = Level(
    title="header",
    table="receipts",
    key=("businessUnitId", "receiptNumber"),
    fields=(
        business_unit(),
        identifier("receiptNumber", 30, title="Receipt number", required=True),
        action(ACTIONS),
        *counts(),
        day("receiptDate", required=True),
        enum("receiptType", ("N", "R"), title="N: ASN or PO, R: RMA", required=True),
        moment("receiptCloseTime"),
        building(required=True),
    ),
)

LINE = Level(
    title="line",
    table="receipt_lines",
    key=("lineNumber",),
    array="lines",
    numbered=True,
    fields=(
        identifier("lineNumber", 20, title="Line number", required=True),
        action(LINE_ACTIONS),
        enum("documentType", RECEIVABLE, title="What is received", required=True),
        identifier("documentNumber", 30, title="Its number", required=True),
        identifier("documentLineNumber", 20, title="Its line"),
        sku(),
        stock("quantityReceived", required=True),
        stock("quantityDamaged"),
        measure(),
        lot(),
        day("expirationDate"),
        serial(),
        notes(),
    ),
)

RECEIPT = Document(
    name="receipt",
    title="Receipt",
    about="Goods that have arrived in the warehouse: on an ASN, a purchase order or an RMA.",
    levels=(HEADER, LINE),
    report=Names("failedReceipts", "receiptNumber", "lineNumber"),
    floating=("action",),
    stage=7,
    against=tuple(
        Against(
            name,
            number="documentNumber",
            line="documentLineNumber",
            counts="quantityReceived",
            over="over_received",
            where=("documentType", name),
            item="other_item_noted",
            closed=(CLOSED,),
            moves=True,
            refers=True,
        )
        for name in RECEIVABLE
    ),
    example={
        "businessUnitId": "BU1",
        "receiptNumber": "EXAMPLE-R-1",
        "receiptDate": "2026-11-27",
        "receiptType": "N",
        "buildingId": "NVRN1",
        "lineNumber": "1",
        "documentType": "asn",
        "documentNumber": "EXAMPLE-ASN-1",
        "documentLineNumber": "1",
        "skuId": "00712-BLUE",
        "quantityReceived": "60",
        "quantityMeasure": "EA",
        "lotNumber": "L-2611",
    },
    rules=(
        rules.not_ahead("receiptDate", "receiptCloseTime"),
        rules.at_most("quantityDamaged", "quantityReceived"),
        rules.quantities("quantityReceived", "quantityMeasure"),
        rules.quantities("quantityDamaged", "quantityMeasure"),
        goods_rules.lot_and_serial("line"),
        goods_rules.expired("line", "receiptDate"),
        goods_rules.receipt_type,
        rules.line_count,
        rules.total_quantity("totalQuantity", "quantityReceived"),
    ),
)
