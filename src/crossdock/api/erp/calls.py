"""What can be called: controllers, their actions, the parameters of each, and what its answers are called.

Parameters are the fields of the document ``erp_sales_order`` under all of their spellings, and those of the vendor's
pages besides (contracts/erp.md §3.1, §8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crossdock.documents.erp_sales_order import ERP_SALES_ORDER, LINE
from crossdock.schema.document import Field

ORDER, ITEM = "Sales Order", "Sales Order Item"
NUMBER, LINE_NUMBER, LINE_KEY = "soNo", "lineNo", "UNIQUELN"
STEERING = ("businessUnitId", "placeholder", "action", "price")
"""Fields that no call has: the feed gives the business unit, the call is the action; a price has calls of its own."""
SPELLINGS = {"line_no": LINE_NUMBER, "u_of_meas": "uOfMeas", "transfer_days": "trans_days", "uniquelnno": LINE_KEY,
             "uniqlnno": LINE_KEY}  # fmt: skip
"""Other spellings of an item's parameters on the vendor's pages (erp.md §8 item 9)."""


@dataclass(frozen=True)
class Call:
    """An action of a controller: of what, in which words its answers speak of it, and its parameters (lower case →
    the document's name).
    """

    entity: str
    verb: str
    done: str
    parameters: Mapping[str, str]

    @property
    def succeeded(self) -> str:
        """The message of a call that was done."""
        return f"{self.entity} {self.done} successfully."

    def failed(self, reason: str) -> str:
        """The message of a call that was not: no blank after the point, as the ERP writes it."""
        return f"{self.entity} {self.verb} failed.{reason}"


def _names(fields: Iterable[Field]) -> dict[str, str]:
    own = [field for field in fields if field.name not in STEERING]
    return {spelled.lower(): field.name for field in own for spelled in (field.name, *field.aliases)}


HEADER_PARAMETERS = _names(ERP_SALES_ORDER.header.fields)
ITEM_PARAMETERS = {**_names(LINE.fields), **SPELLINGS, NUMBER.lower(): NUMBER}
CONTROLLERS: dict[str, dict[str, Call]] = {
    "so": {
        "add": Call(ORDER, "add", "added", HEADER_PARAMETERS),
        "edit": Call(ORDER, "edit", "edited", HEADER_PARAMETERS),
        "get": Call(ORDER, "details", "shown", HEADER_PARAMETERS),
        "itemadd": Call(ITEM, "add", "added", ITEM_PARAMETERS),
        "itemedit": Call(ITEM, "edit", "edited", ITEM_PARAMETERS),
        "itemget": Call(ITEM, "details", "shown", ITEM_PARAMETERS),
        "itemdelete": Call(ITEM, "delete", "deleted", ITEM_PARAMETERS),
    }
}
"""Controller and action, in lower case → the call."""
