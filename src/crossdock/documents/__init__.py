"""The document types of crossdock, by name. A new one is a file here and an entry in ``DOCUMENTS``.

Steps use ``ITEMS``, ``CUSTOMERS``, ``MEASURES`` and ``ITEM_WAYS`` by what these are, and not by the document's name.
"""

from crossdock.documents.asn import ASN
from crossdock.documents.erp_sales_order import ERP_SALES_ORDER
from crossdock.documents.inventory import INVENTORY
from crossdock.documents.inventory_movement import INVENTORY_MOVEMENT
from crossdock.documents.lists.broker_account import BROKER_ACCOUNT
from crossdock.documents.lists.building import BUILDING
from crossdock.documents.lists.business_unit import BUSINESS_UNIT
from crossdock.documents.lists.carrier_accessorial import CARRIER_ACCESSORIAL
from crossdock.documents.lists.carrier_rate import CARRIER_RATE
from crossdock.documents.lists.carrier_zone import CARRIER_ZONE
from crossdock.documents.lists.customer import CUSTOMER
from crossdock.documents.lists.item_reference import ITEM_REFERENCE
from crossdock.documents.lists.sku import SKU
from crossdock.documents.lists.unit import UNIT
from crossdock.documents.purchase_order import PURCHASE_ORDER
from crossdock.documents.receipt import RECEIPT
from crossdock.documents.rma import RMA
from crossdock.documents.sales_order import SALES_ORDER
from crossdock.documents.ship_confirmation import SHIP_CONFIRMATION
from crossdock.schema.document import Document

DOCUMENTS: dict[str, Document] = {
    document.name: document
    for document in (
        BUSINESS_UNIT,
        BUILDING,
        UNIT,
        SKU,
        ITEM_REFERENCE,
        CUSTOMER,
        BROKER_ACCOUNT,
        CARRIER_ZONE,
        CARRIER_RATE,
        CARRIER_ACCESSORIAL,
        PURCHASE_ORDER,
        SALES_ORDER,
        ERP_SALES_ORDER,
        ASN,
        RMA,
        RECEIPT,
        SHIP_CONFIRMATION,
        INVENTORY,
        INVENTORY_MOVEMENT,
    )
}
"""Document types by name."""
ITEMS = SKU
"""The list of items: what each is, its units, and what it needs."""
CUSTOMERS = CUSTOMER
"""The list of customers: the values that fill blanks of a new order, and the contacts."""
MEASURES = UNIT
"""The list of units, each with the decimals of a quantity in it."""
ITEM_WAYS = tuple((document, item_way) for document in (ITEM_REFERENCE, SKU) for item_way in document.finds)
"""The ways in which an item is found by another name, the nearest first (contract A7), each with its list."""

__all__ = ["CUSTOMERS", "DOCUMENTS", "ITEMS", "ITEM_WAYS", "MEASURES", "Document"]
