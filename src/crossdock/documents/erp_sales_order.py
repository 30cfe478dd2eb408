"""The ERP's sales order: the header layout of ``SO/Add`` (contracts/erp.md §2) with its items (§3.1) in the same file.

Key: businessUnitId + soNo; items by line_no. Ids of digits are padded as the ERP pads them. A blank soNo gets the next
free number: in JSON, or in a sheet with a column ``placeholder`` that groups the rows of one order. The day or the
customer fills some blanks of a new order.
States: OPEN, CANCELLED.
"""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from crossdock.schema import rules
from crossdock.schema.document import Document, Field, Kind, Level, Names
from crossdock.schema.fields import (
    ACTIONS,
    LINE_ACTIONS,
    ZERO,
    action,
    business_unit,
    code,
    enum,
    flag,
    identifier,
    money,
    notes,
    text,
    whole,
)
from crossdock.schema.roles import AutoNumber, Role

FOBS = ("ORIGIN-CUST P/U", "ORIGIN-SHIP", "DESTINATION")
VIAS = ("COMPANY TRUCK", "CUST PICK UP", "UPS-GRND TRACK", "UPS-BLUE", "UPS-RED", "FEDX-P1", "FEDX-STD")
CHARGES = ("NO CHARGE", "PREPAY/BILL CUS", "SET RATE:UPS-BR", "SET RATE:UPS-BL", "SET RATE:UPS-RD", "SET RATE:FEDX-1")
STATUSES = ("Standard", "Priority-1", "Priority-2", "Cancel", "Closed", "Admin Hold")
"""erp.md §3.1 and its note: an example uses ``Admin Hold``, which the list lacks."""

HEADER = Level(
    title="header",
    table="erp_sales_orders",
    key=("businessUnitId", "soNo"),
    fields=(
        business_unit(),
        Field("soNo", Kind.ID, "Sales order number", length=10, pad=10),
        Field("placeholder", Kind.ID, "Groups rows of an order that has no number yet", length=40, stored=False),
        action(ACTIONS),
        Field(
            "custNo",
            Kind.ID,
            "Customer",
            length=10,
            pad=10,
            required=True,
            refers="customer",
            must=True,
            role=Role.CUSTOMER,
        ),
        identifier("blinkAdd", 10, title="Billing address key"),
        identifier("slinkAdd", 10, title="Shipping address key"),
        Field("orderDate", Kind.DATE, "Order date", from_day=True),
        flag("POAck"),
        identifier("PoNo", 40, title="The customer's purchase order"),
        notes("SONote"),
        enum("FOB", FOBS, synonyms=(("ORIGIN-CUSTOMER P/U", FOBS[0]),), remarked=True),
        enum("ShipVia", VIAS, from_customer="shipVia"),
        enum("shipCharge", CHARGES, synonyms=(("FEDX-1", CHARGES[-1]),), remarked=True),
        notes("SoFoot"),
        text("DELIV_TIME", 10, title="Delivery time"),
        text("Buyer"),
        text("ATTENTION", role=Role.CONTACT),
        money("SOAMTDSCT", title="Discount"),
        flag("SOAPPROVAL"),
        dataclasses.replace(text("SOAPPRVINIT", 10, title="Who approved it"), aliases=("SOAPPRVINT",)),
        Field("SOAPPRVDT", Kind.DATE, "Approved on; the ERP sets it"),
        text("ACKPO_DOC"),
        dataclasses.replace(code("TERMS"), from_customer="terms"),
        Field("BILLACCOUNT", Kind.ID, length=40, aliases=("BILLACOUNT",), from_customer="billAccount"),
    ),
)

LINE = Level(
    title="line",
    table="erp_sales_order_lines",
    key=("lineNo",),
    array="items",
    numbered=True,
    fields=(
        Field("lineNo", Kind.ID, "Line number", length=7, pad=7, required=True),
        action(LINE_ACTIONS),
        identifier("part_no", 40, title="Part", aliases=("part_num",)),
        identifier("revision", 10),
        identifier("uniq_key", 10, title="Instead of part and revision"),
        Field("uOfMeas", Kind.CODE, "Unit", length=20, required=True),
        Field("ord_qty", Kind.QUANTITY, "Quantity", required=True, above=ZERO),
        Field("eachQty", Kind.QUANTITY, "Quantity of a delivery", above=ZERO),
        Field("soDet_Desc", Kind.TEXT, "Description", length=255, required=True),
        whole("trans_days"),
        Field("fstduedt", Kind.DATE, "First due date"),
        text("deliv_time", 10),
        enum("deliFreq", ("DY", "WK", "MO")),
        notes("note"),
        enum("status", STATUSES, required=True),
        identifier("w_key", 10),
        Field("UNIQUELN", Kind.ID, "The line's own key", length=10, fixed=True),
        flag("IsMisc"),
        Field("price", Kind.MONEY, "Unit price", least=Decimal(0)),
    ),
)

ERP_SALES_ORDER = Document(
    name="erp_sales_order",
    title="ERP sales order",
    about="An order of a customer as the ERP keeps it, with its items.",
    levels=(HEADER, LINE),
    report=Names("failedOrders", "customerOrderNumber", "customerLineNumber"),
    floating=("action",),
    stage=3,
    one_way=True,
    auto=AutoNumber(placeholder="placeholder", own="PoNo"),
    envelope=True,
    needs_lines=False,
    dates=("%m-%d-%Y", "%m/%d/%Y"),
    sought=(("custNo", "PoNo"),),
    example={
        "businessUnitId": "BU1",
        "soNo": "0000000789",
        "custNo": "0000000008",
        "orderDate": "2026-11-25",
        "PoNo": "PO-4711",
        "FOB": "ORIGIN-CUST P/U",
        "ShipVia": "UPS-GRND TRACK",
        "lineNo": "0000001",
        "part_no": "LB-7",
        "revision": "A",
        "uOfMeas": "EACH",
        "ord_qty": "20",
        "soDet_Desc": "Loom band, blue",
        "status": "Standard",
    },
    rules=(
        rules.approved_by,
        rules.one_of("line", "part_no", "uniq_key"),
        rules.less_than("eachQty", "ord_qty"),
        rules.expected_with("part_no", "revision", "line"),
    ),
)
