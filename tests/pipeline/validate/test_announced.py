"""Lines that are lowered below what is on its way of them."""

from __future__ import annotations

import numpy as np
import pytest

from crossdock.pipeline.validate.announced import check_announced
from tests.sent import Shelf, brief, details, feed, sent

HEADER = "purchaseOrderNumber,lineNumber,skuId,quantity,quantityMeasure,line.action"
ORDERS = ["purchase_order_number,state", "PO-1,OPEN"]
LINES = [
    "purchase_order_number,line_number,sku_id,quantity,quantity_measure,state",
    "PO-1,1,AB,10,EA,OPEN",
    "PO-1,2,AC,10,EA,OPEN",
]
NOTICES = ["asn_number,vendor_number", *(f"A-{each},V" for each in range(1, 6))]
ANNOUNCED = [
    "asn_number,vendor_number,line_number,purchase_order_number,purchase_order_line_number,sku_id,quantity,quantity_measure,state",
    "A-1,V,1,PO-1,1,AB,3,EA,OPEN",
    "A-2,V,1,PO-1,1,AB,2,EA,OPEN",
    "A-3,V,1,PO-1,1,AB,9,EA,CANCELLED",
    "A-4,V,1,PO-1,1,AB,1,EA,OPEN",
    "A-5,V,1,PO-1,1,AB,1,EA,OPEN",
    "A-5,V,2,PO-1,2,AC,1,XX,OPEN",
]


@pytest.mark.parametrize(
    ("row", "aside", "totals"),
    [
        ("PO-1,1,AB,6,EA,", False, ["7"]),
        ("PO-1,1,AB,7,EA,", False, []),
        ("PO-1,1,AB,12,EA,", False, []),
        ("PO-1,1,AB,6,EA,", True, []),
        ("PO-1,1,AB,6,EA,cancel", False, []),
        ("PO-1,2,AC,1,EA,", False, []),
        ("PO-2,1,AB,1,EA,", False, []),
    ],
)
def test_less_than_what_is_announced_is_said(row: str, aside: bool, totals: list[str]) -> None:
    """What can't be compared, is cancelled, or isn't written, says nothing; three notices are named, the others counted."""
    shelf = Shelf(purchase_orders=ORDERS, purchase_order_lines=LINES, asns=NOTICES, asn_lines=ANNOUNCED)
    steps = sent(row, header=HEADER, of=feed("purchase_order", sends="changes"), stored=shelf)
    failures = check_announced(*steps.stored_side, steps.of, steps.stored, np.array([aside]))
    assert brief(failures) == [(2, "quantity", "less_than_announced")] * len(totals)
    assert [(each["total"], each["by"]) for each in details(failures)] == [
        (each, "A-1, A-2, A-4 and 1 more") for each in totals
    ]


def test_without_notices_nothing_is_looked_for() -> None:
    shelf = Shelf(purchase_orders=ORDERS, purchase_order_lines=LINES)
    steps = sent("PO-1,1,AB,6,EA,", header=HEADER, of=feed("purchase_order", sends="changes"), stored=shelf)
    assert not len(check_announced(*steps.stored_side, steps.of, steps.stored, np.array([False])))
