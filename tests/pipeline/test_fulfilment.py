"""How much of a document is shipped or received by now, and its state (``settle``, ``meant``)."""

from __future__ import annotations

import pytest

from crossdock.documents import DOCUMENTS
from crossdock.model.decision import Moves
from crossdock.pipeline.fulfilment import settled_moves
from tests.sent import Shelf, texts

ORDER_LINES = "customer_order_number,customer_line_number,sku_id,quantity,quantity_measure,state,quantity_shipped"
LINES = ("SO-1,1,AB,5,EA,OPEN,0", "SO-1,2,AC,6,EA,OPEN,0")
SHIPMENT_LINES = "shipment_id,line_number,customer_line_number,sku_id,quantity_shipped,quantity_measure,state"


def moves(*shipped: str, lines: tuple[str, ...] = LINES, state: str = "OPEN", final: str = "") -> Moves | None:
    """Of order SO-1, of which shipment S1 has shipped those lines."""
    stored = Shelf(
        sales_orders=["customer_order_number,state", f"SO-1,{state}"],
        sales_order_lines=[ORDER_LINES, *lines],
        shipments=["shipment_id,customer_order_number,is_final", f"S1,SO-1,{final}"],
        shipment_lines=[SHIPMENT_LINES, *shipped],
    )
    orders = texts({"business_unit_id": ["BU1"], "number": ["SO-1"]})
    return settled_moves(DOCUMENTS["sales_order"], orders, stored)


def states(updates: Moves | None) -> list[tuple[str, str]]:
    return [] if updates is None else [(each["before"], each["state"]) for each in updates.headers.to_pylist()]


ALL = ("S1,1,1,AB,5,EA,OPEN", "S1,2,2,AC,6,EA,OPEN")


@pytest.mark.parametrize(
    ("shipped", "moved"),
    [
        ((), []),
        (ALL[:1], [("OPEN", "PARTIALLY_SHIPPED")]),
        (ALL, [("OPEN", "SHIPPED")]),
        (("S1,1,1,AB,5,EA,CANCELLED",), []),
        (("S1,1,9,AB,5,EA,OPEN",), []),
    ],
    ids=["nothing", "a part", "all", "a cancelled shipment", "another line"],
)
def test_an_order_is_open_partly_or_wholly_shipped(shipped: tuple[str, ...], moved: list[tuple[str, str]]) -> None:
    assert states(moves(*shipped)) == moved


def test_the_sum_of_each_line_that_changes_is_told() -> None:
    updates = moves("S1,1,1,AB,2,EA,OPEN", "S1,2,1,AB,1,EA,OPEN")
    assert updates is not None
    assert [(each["customer_order_number"], each["customer_line_number"], each["quantity_shipped"]) for each in updates.lines.to_pylist()] == [
        ("SO-1", "1", 3)
    ]  # fmt: skip


def test_what_is_shipped_already_is_no_change() -> None:
    lines = ("SO-1,1,AB,5,EA,OPEN,5", "SO-1,2,AC,6,EA,OPEN,6")
    updates = moves(*ALL, lines=lines, state="SHIPPED")
    assert updates is not None
    assert (updates.lines.num_rows, updates.headers.num_rows) == (0, 0)


def test_taking_a_shipment_back_opens_the_order_again() -> None:
    lines = ("SO-1,1,AB,5,EA,OPEN,5", "SO-1,2,AC,6,EA,OPEN,0")
    updates = moves("S1,1,1,AB,5,EA,CANCELLED", lines=lines, state="PARTIALLY_SHIPPED")
    assert states(updates) == [("PARTIALLY_SHIPPED", "OPEN")]


def test_the_last_shipment_ends_the_order_whatever_is_lacking() -> None:
    assert states(moves(ALL[0], final="true")) == [("OPEN", "SHIPPED")]


def test_a_cancelled_line_asks_for_nothing_more_and_a_cancelled_order_stays_cancelled() -> None:
    lines = (LINES[0], "SO-1,2,AC,6,EA,CANCELLED,0")
    assert states(moves(ALL[0], lines=lines)) == [("OPEN", "SHIPPED")]
    assert [state for _, state in states(moves(ALL[0], state="CANCELLED"))] == ["CANCELLED"]


def test_an_order_that_is_not_there_and_a_kind_that_nothing_moves_do_not_change() -> None:
    orders = texts({"business_unit_id": ["BU1"], "number": ["SO-9"]})
    stored = Shelf(shipments=["shipment_id,customer_order_number", "S1,SO-9"])
    assert settled_moves(DOCUMENTS["sales_order"], orders, stored) is None
    assert settled_moves(DOCUMENTS["sales_order"], orders, Shelf()) is None
    assert settled_moves(DOCUMENTS["sku"], orders, stored) is None


@pytest.mark.parametrize(("closed", "moved"), [("CLOSED", [("OPEN", "CLOSED")]), ("", [])])
def test_a_purchase_order_that_its_sender_closes_is_closed(closed: str, moved: list[tuple[str, str]]) -> None:
    document = DOCUMENTS["purchase_order"]
    assert document.closed is not None
    column = document.header.field(document.closed[0]).column
    value = document.closed[1] if closed else ""
    stored = Shelf(
        purchase_orders=[f"purchase_order_number,{column}", f"PO-1,{value}"],
        purchase_order_lines=["purchase_order_number,line_number,sku_id,quantity", "PO-1,1,AB,5"],
    )
    orders = texts({"business_unit_id": ["BU1"], "number": ["PO-1"]})
    assert states(settled_moves(document, orders, stored)) == moved
