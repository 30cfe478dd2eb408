"""What is stored beside what is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crossdock.frames.columns import length
from crossdock.pipeline.lookup.stored_side import fetch_stored_side
from tests.sent import HEADER, Sent, Shelf, feed, notice, plain, sent

NAMED = f"{HEADER},shipTo.name"
ORDERS = "customer_order_number,ship_to_name"
LINES = "customer_order_number,customer_line_number,sku_id,quantity"
UNNUMBERED = "customerOrderNumber,skuId,quantity"


def shelf(*lines: str, orders: tuple[str, ...] = ("SO-1,Ada",), header: str = ORDERS, below: str = LINES) -> Shelf:
    """An order or two, and their lines."""
    return Shelf(sales_orders=[header, *orders], sales_order_lines=[below, *lines])


TWO = shelf("SO-1,1,AB,5", "SO-1,2,AC,6", orders=("SO-1,Ada", "SO-2,Bob"))


def test_stored_documents_are_found_by_their_whole_key() -> None:
    other_unit = feed(constants={"businessUnitId": "BU2"})
    rows = ("SO-2,1,AB,5", "SO-3,1,AB,5")
    assert sent(*rows, stored=TWO).stored_side[1].exists.tolist() == [True, False]
    assert sent(*rows, stored=TWO, of=other_unit).stored_side[1].exists.tolist() == [False, False]


def test_a_document_without_a_number_or_with_a_control_character_in_it_is_not_asked_for() -> None:
    _, stored_side = sent(",1,AB,5", "SO\x07,1,AB,5", "SO-1,1,AB,5", stored=TWO).stored_side
    assert stored_side.exists.tolist() == [False, False, True]


def test_lines_are_matched_by_number_within_their_document() -> None:
    _, stored_side = sent("SO-1,2,AB,5", "SO-1,3,AB,5", "SO-2,1,AB,5", stored=TWO).stored_side
    lines = stored_side.levels["line"]
    assert lines.stored_row.tolist() == [1, -1, -1]
    assert lines.stored.document.tolist() == [0, 0]


def again(steps: Sent, **row: str) -> Sent:
    """The same once more, its order stored with the content that it has."""
    row = {"customer_order_number": "SO-1", "content": steps.contents[0], **row}
    return Sent(steps.of, steps.batch, steps.columns, Shelf(sales_orders=[",".join(row), ",".join(row.values())]))


def test_of_a_document_that_is_stored_with_this_content_no_rows_are_fetched() -> None:
    _, stored_side = again(sent("SO-1,1,AB,5")).stored_side
    assert (stored_side.same.tolist(), length(stored_side.header)) == ([True], 0)


@pytest.mark.parametrize(
    ("keys", "row", "same"),
    [
        ({}, {"state": "CANCELLED"}, True),
        ({"reopen": True}, {"state": "CANCELLED"}, False),
        ({"version": ["drop"]}, {"version": ""}, False),
    ],
)
def test_a_document_of_the_same_content_is_looked_at_where_it_may_come_back_or_is_newer(
    keys: dict[str, Any], row: dict[str, str], same: bool
) -> None:
    steps = sent("SO-1,1,AB,5", of=feed(**keys), sequence="2")
    stored = again(steps, **row).stored
    assert Sent(steps.of, steps.batch, steps.columns, stored, sequence="2").stored_side[1].same.tolist() == [same]


@pytest.mark.parametrize(
    ("partner", "shared", "foreign"), [("acme", "false", False), ("beta", "false", True), ("beta", "true", True)]
)
def test_another_partners_document_is_foreign(partner: str, shared: str, foreign: bool) -> None:
    stored = shelf(orders=(f"SO-1,{partner},{shared}",), header="customer_order_number,partner,shared")
    assert sent("SO-1,1,AB,5", stored=stored).stored_side[1].foreign.tolist() == [foreign]


def test_what_the_stored_side_knows_stands_by_document() -> None:
    header = "customer_order_number,revision,version,content,state,job"
    stored = shelf(orders=("SO-2,7,v1,,CANCELLED,J7",), header=header)
    _, stored_side = sent("SO-1,1,AB,5", "SO-2,1,AB,5", stored=stored).stored_side
    assert stored_side.revision.tolist() == [-1, 7]
    assert stored_side.version.tolist() == [None, "v1"]
    assert stored_side.job.tolist() == [None, "J7"]
    assert stored_side.cancelled.tolist() == [False, True]
    assert stored_side.short.tolist() == [False, True], "without a content it was taken without some lines"


def test_lines_without_numbers_are_a_bag_and_keep_the_numbers_that_they_are_stored_under() -> None:
    stored = shelf("SO-1,1,AB,5", "SO-1,4,AC,6", "SO-1,x,AB,5", orders=("SO-1,",))
    rows = ("SO-1,AC,6", "SO-1,AD,1", "SO-1,AB,5", "SO-1,AB,5", "SO-1,AB,5")
    assembled, stored_side = sent(*rows, header=UNNUMBERED, stored=stored).stored_side
    assert stored_side.levels["line"].stored_row.tolist() == [1, -1, 0, 2, -1]
    assert [number for (number,) in plain(assembled.rows["line"].cells, "customerLineNumber")] == [
        "4",
        "5",
        "1",
        "x",
        "6",
    ]


def test_a_cancelled_line_gives_its_number_to_no_line_without_one() -> None:
    stored = shelf("SO-1,1,AB,5,CANCELLED", orders=("SO-1,",), below=f"{LINES},state")
    assembled, stored_side = sent("SO-1,AB,5", header=UNNUMBERED, stored=stored).stored_side
    assert stored_side.levels["line"].stored_row.tolist() == [-1]
    assert plain(assembled.rows["line"].cells, "customerLineNumber") == [("2",)]


def test_packages_are_matched_under_their_line() -> None:
    stored = notice("2,340123450000000017,L1", lines=("1", "2"))
    rows = [f"V1,A1,{line},AB,1,340123450000000017,L1" for line in (1, 2)]
    steps = sent(*rows, header="vendorNumber,asnNumber,lineNumber,skuId,quantity,cartonId,lotNumber", of=feed("asn"))
    assembled, _ = steps.typed
    _, stored_side = fetch_stored_side(assembled, steps.contents, stored, steps.of)
    assert stored_side.levels["line"].stored_row.tolist() == [0, 1]
    assert stored_side.levels["package"].stored_row.tolist() == [-1, 0]


def filled_line(header: str, row: str, *, action: str = "", nested: bool = False, **keys: Any) -> tuple[Any, ...]:
    """SKU and quantity of a line as they will be; stored are AB and 5."""
    steps = sent(
        f"{row},{action}", header=f"{header},header.action", of=feed(**keys), stored=shelf("SO-1,1,AB,5"), nested=nested,
        groups=[1],
    )  # fmt: skip
    return plain(steps.stored_side[0].rows["line"].cells, "skuId", "quantity")[0]


def test_a_field_that_the_file_has_no_column_for_is_what_is_stored() -> None:
    assert filled_line("customerOrderNumber,customerLineNumber,skuId", "SO-1,1,AC") == ("AC", Decimal(5))


@pytest.mark.parametrize(
    ("blanks", "action", "sku"), [("clear", "", None), ("keep", "", "AB"), ("keep", "replace", None)]
)
def test_a_blank_cell_keeps_what_is_stored_where_the_feed_says_so(blanks: str, action: str, sku: str | None) -> None:
    assert filled_line(HEADER, "SO-1,1,,7", action=action, blanks=blanks) == (sku, Decimal(7))


@pytest.mark.parametrize(("action", "sku"), [("update", "AB"), ("upsert", None)])
def test_what_an_object_does_not_name_is_kept_in_an_update(action: str, sku: str | None) -> None:
    assert filled_line(HEADER, "SO-1,1,,7", action=action, nested=True) == (sku, Decimal(7))
