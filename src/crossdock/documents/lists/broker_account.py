"""The broker account: the account under which a carrier bills a business unit.

Purpose: the warehouse API's broker accounts (contracts/wms.md §10: three fields, names unknown; these are ours).
Key: businessUnitId + brokerAccountId. Cancel makes it inactive.
"""

from __future__ import annotations

from crossdock.schema.document import Document, Level, Names
from crossdock.schema.fields import ACTIONS, action, business_unit, code, identifier

HEADER = Level(
    title="header",
    table="broker_accounts",
    key=("businessUnitId", "brokerAccountId"),
    fields=(
        business_unit(),
        identifier("brokerAccountId", 30, title="Broker account", required=True),
        action(ACTIONS),
        code("carrierId"),
        identifier("accountNumber", 40),
    ),
)

BROKER_ACCOUNT = Document(
    name="broker_account",
    title="Broker account",
    about="An account under which a carrier bills a business unit.",
    levels=(HEADER,),
    report=Names("failedBrokerAccounts", "brokerAccountId"),
    is_list=True,
    example={
        "businessUnitId": "BU1",
        "brokerAccountId": "UPS-MAIN",
        "carrierId": "UPS",
        "accountNumber": "0A12F3",
    },
)
