"""The customer: who buys from a business unit. "Get B2B customers" of the warehouse API, and the ERP's customer.

Purpose: contracts/erp.md (customer) and wms.md §1. Key: businessUnitId + customerNumber; feeds pad it, the ERP's to
ten. Its terms, carrier and account fill blanks of a new ERP order. Cancel makes it inactive.
"""

from __future__ import annotations

from crossdock.schema.document import Document, Level, Names
from crossdock.schema.fields import ACTIONS, action, address, business_unit, code, enum, flag, identifier, money, text
from crossdock.schema.roles import Role

HEADER = Level(
    title="header",
    table="customers",
    key=("businessUnitId", "customerNumber"),
    fields=(
        business_unit(),
        identifier("customerNumber", 20, title="Customer", required=True),
        action(ACTIONS),
        text("name", required=True),
        enum("status", ("Active", "Inactive", "Quote")),
        code("terms"),
        code("shipVia"),
        code("shipCharge"),
        code("fob"),
        identifier("billAccount", 40),
        identifier("billTo.linkKey", 10),
        *address("billTo"),
        identifier("shipTo.linkKey", 10),
        *address("shipTo"),
        text("contacts", 2000, title="Names, with semicolons between", role=Role.CONTACT),
        identifier("taxId", 40),
        money("creditLimit"),
        flag("creditHold"),
    ),
)

CUSTOMER = Document(
    name="customer",
    title="Customer",
    about="Somebody who buys from a business unit.",
    levels=(HEADER,),
    report=Names("failedCustomers", "customerNumber"),
    is_list=True,
    active=("status", ("Active", "Quote", None)),
    example={
        "businessUnitId": "BU1",
        "customerNumber": "0000000008",
        "name": "Analytical Engines Ltd",
        "status": "Active",
        "terms": "NET 15",
        "shipVia": "UPS-GRND TRACK",
        "billTo.city": "Leeds",
        "billTo.country": "GB",
    },
)
