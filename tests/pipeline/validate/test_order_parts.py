"""Parts of an order that are stored and that a file doesn't bring any more."""

from __future__ import annotations

import numpy as np
import pytest

from crossdock.pipeline.validate.order_parts import check_order_parts, check_whole_cancels
from tests.sent import HEADER, Shelf, brief, details, feed, sent

PLACED = f"{HEADER},shipTo.locationId,header.action"
STORED = "customer_order_number,key_fold,state"


def test_the_first_new_part_of_an_order_names_one_that_is_not_in_the_file() -> None:
    of = feed(split_by=["shipTo.locationId"])
    stored = Shelf(sales_orders=[STORED, "S-1/NORTH,s-1,OPEN", "S-2/NORTH,s-2,OPEN", "S-10/NORTH,s-10,OPEN"])
    rows = ["S-1/SOUTH,1,AB,5,SOUTH,", "S-1/WEST,2,AB,5,WEST,", "S-2/NORTH,1,AB,5,NORTH,", "S-2/EAST,1,AB,5,EAST,"]
    steps = sent(*rows, header=PLACED, of=of, stored=stored)
    failures = check_order_parts(*steps.stored_side, steps.of, steps.stored)
    assert brief(failures) == [(2, "", "other_parts")]
    assert details(failures) == [{"other": "S-1/NORTH"}]


@pytest.mark.parametrize(
    ("state", "action", "split"),
    [
        ("CANCELLED", "", ["shipTo.locationId"]),
        ("SHIPPED", "", ["shipTo.locationId"]),
        ("OPEN", "replace", ["shipTo.locationId"]),
        ("OPEN", "cancel", ["shipTo.locationId"]),
        ("OPEN", "", []),
    ],
)
def test_nothing_is_said_of_parts_that_are_done_or_of_documents_that_say_what_is_meant(
    state: str, action: str, split: list[str]
) -> None:
    stored = Shelf(sales_orders=[STORED, f"S-1/NORTH,s-1,{state}"])
    steps = sent(f"S-1/SOUTH,1,AB,5,SOUTH,{action}", header=PLACED, of=feed(split_by=split), stored=stored)
    assert brief(check_order_parts(*steps.stored_side, steps.of, steps.stored)) == []


def test_a_cancel_of_the_whole_order_names_its_parts() -> None:
    stored = Shelf(sales_orders=[STORED, "S-1/SOUTH,s-1,OPEN", "S-1/NORTH,s-1,OPEN", "S-1/EAST,s-1,CANCELLED"])
    steps = sent(
        "S-1,,,,,cancel", "S-2,,,,,cancel", header=PLACED, of=feed(split_by=["shipTo.locationId"]), stored=stored
    )
    failures = check_whole_cancels(steps.stored_side[0], np.array([True, True]), steps.of, steps.stored)
    assert brief(failures) == [(2, "", "cancels_no_part")]
    assert details(failures) == [{"other": "S-1/NORTH, S-1/SOUTH"}]
