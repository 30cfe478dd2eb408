"""The warehouse API's documents: which path each has, and what can be done there. Endpoints are made of this table.

Each operation has the title of the row of the seed that it answers (contracts/http.md §2); those that
the seed does not have begin with a small letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.documents import DOCUMENTS, Document

LIST, CREATE, BULK, STATUS = "list", "create", "bulk", "status"
SHOW, REPLACE, UPDATE, CANCEL = "show", "replace", "update", "cancel"


DOTS = (".", "..")
"""Parts of a path that name the folder itself and the one above it."""


@dataclass(frozen=True)
class Resource:
    """A document type under a path of its business unit: ``/business_units/{bu}/{path}/{number}``.

    ``titles``: what can be done → its title. ``under``: '' where it is of no business unit.
    """

    document: Document
    path: str
    titles: Mapping[str, str]
    under: str = "/business_units/{bu}"

    @property
    def number(self) -> str:
        """The field that a path names a document by."""
        return self.document.number

    @property
    def prefix(self) -> str:
        """The path of all of them."""
        return f"{self.under}/{self.path}"

    @property
    def parts(self) -> tuple[str, ...]:
        """The other fields of the key: a query may name them where one number is of several documents."""
        return tuple(name for name in self.document.key if name not in ("businessUnitId", self.number))

    def location(self, unit: str, number: str) -> str:
        """The path of one document, both parts as a URL writes them; of a number that a path can't end in, because
        clients leave it out (RFC 3986 §5.2.4), the list of it alone.
        """
        path = self.prefix.format(bu=unit)
        return f"{path}?{self.number}={number}" if number in DOTS else f"{path}/{number}"


def _bulk(thing: str) -> dict[str, str]:
    return {BULK: f"bulk upload of {thing}", STATUS: f"status of a bulk upload of {thing}"}


def _inbound(short: str) -> dict[str, str]:
    """The seed's operations on an inbound document."""
    return {
        LIST: f"List Inbound {short}s",
        CREATE: f"Create Inbound {short}",
        SHOW: f"Get single Inbound {short}",
        REPLACE: f"Update single Inbound {short}",
        CANCEL: f"Cancel single Inbound {short}",
        **_bulk(f"inbound {short}s"),
    }


def _confirmations(what: str, create: str) -> dict[str, str]:
    """The operations on what a warehouse confirms: it is sent, taken back, read."""
    return {
        CREATE: create,
        LIST: f"list of {what}s",
        SHOW: f"one {what}",
        CANCEL: f"a {what} is taken back",
        **_bulk(f"{what}s"),
    }


RESOURCES = (
    Resource(
        DOCUMENTS["sales_order"],
        "sales_orders",
        {
            LIST: "Get SalesOrder List",
            CREATE: "Create a SalesOrder",
            BULK: "Bulk Upload SalesOrders",
            STATUS: "Get Job Status of an Async Bulk Sales Order Import",
            SHOW: "Get a single SalesOrder",
            REPLACE: "Update SalesOrder",
            CANCEL: "Cancel SalesOrder",
        },
    ),
    Resource(
        DOCUMENTS["customer"], "customers", {LIST: "Get B2B Customers For Business Unit", SHOW: "one B2B customer"}
    ),
    Resource(
        DOCUMENTS["ship_confirmation"],
        "ship_confirmations",
        _confirmations("ship confirmation", "Sales Order Ship Confirmation"),
    ),
    Resource(
        DOCUMENTS["broker_account"],
        "broker_accounts",
        {
            LIST: "List Broker Accounts",
            CREATE: "Create Broker Account",
            SHOW: "one broker account",
            CANCEL: "Delete Broker Account",
        },
    ),
    Resource(
        DOCUMENTS["sku"],
        "skus",
        {
            BULK: "Batch Upload SKUs",
            STATUS: "status of a batch upload of SKUs",
            CREATE: "Create SKU",
            LIST: "List SKUs",
            SHOW: "Get SKU",
            UPDATE: "Update SKU (PATCH)",
            REPLACE: "Update SKU (PUT)",
        },
    ),
    Resource(DOCUMENTS["asn"], "asns", _inbound("ASN")),
    Resource(DOCUMENTS["rma"], "rmas", _inbound("RMA")),
    Resource(DOCUMENTS["purchase_order"], "purchase_orders", _inbound("PO")),
    Resource(DOCUMENTS["receipt"], "receipts", _confirmations("receipt", "receipt confirmation")),
    Resource(DOCUMENTS["inventory"], "inventory", {LIST: "Inventory", **_bulk("stock")}),
    Resource(
        DOCUMENTS["inventory_movement"],
        "inventory_movements",
        {
            LIST: "List Inventory Transactions",
            CREATE: "Inventory Movement",
            SHOW: "one inventory movement",
            **_bulk("inventory movements"),
        },
    ),
)
"""The document types of the warehouse API."""
BY_PATH = {each.path: each for each in RESOURCES}
"""The same by their paths."""
BUSINESS_UNITS = Resource(
    DOCUMENTS["business_unit"],
    "business_units",
    {
        LIST: "List Business Units",
        CREATE: "Create Business Unit",
        SHOW: "Get Business Unit Detail",
        REPLACE: "Update Business Unit",
    },
    under="",
)
BUILDINGS = Resource(DOCUMENTS["building"], "buildings", {})
"""The lists that everybody reads and a master writes; a path of a business unit names only its own."""
