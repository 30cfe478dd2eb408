"""What a new document gets from us: the next free number, and defaults from the day or the customer."""

from __future__ import annotations

from datetime import date

import pytest

from crossdock.pipeline.lookup.numbering import assign_numbers
from tests.sent import Sent, Shelf, brief, details, feed, plain, sent
from tests.warehouse import TODAY

ORDERS = "so_no,cust_no,po_no,state,order_date,terms"
STORED = Shelf(
    erp_sales_orders=[ORDERS, "0000000041,0000000008,PO-1,OPEN,2026-01-01,NET 30"],
    customers=["customer_number,terms", "0000000008,NET 15"],
)
ERP = feed("erp_sales_order")


def erp(*rows: str, header: str = "soNo,placeholder,custNo,PoNo") -> Sent:
    return sent(*rows, header=header, of=ERP, groups=list(range(1, len(rows) + 1)))


def test_a_blank_number_is_the_next_free_one_of_the_file_and_of_what_is_stored() -> None:
    steps = erp(",a,8,PO-2", "50,,8,PO-3", ",b,8,PO-4", "9999999999,,8,PO-5")
    assembled, failures = assign_numbers(steps.typed[0], ERP, STORED, TODAY, objects=False)
    numbers = [("0000000051",), ("0000000050",), ("0000000052",), ("9999999999",)]
    assert plain(assembled.header.cells, "soNo") == numbers
    assert plain(assembled.key, "soNo") == numbers
    assert assembled.numberless is not None
    assert assembled.numberless.tolist() == [True, False, True, False]
    assert brief(failures) == []


def test_what_is_only_checked_takes_no_number_of_another_order() -> None:
    """Its number is the one that it would get behind the others; nor is one of those a possible duplicate of it."""
    header = "action,soNo,placeholder,custNo,PoNo"
    steps = erp("check,,a,8,PO-2", "check,90,,8,PO-3", ",,b,8,PO-2", ",,c,8,PO-3", header=header)
    assembled, failures = assign_numbers(steps.typed[0], ERP, STORED, TODAY, objects=False)
    assert plain(assembled.key, "soNo") == [("0000000044",), ("0000000090",), ("0000000042",), ("0000000043",)]
    assert brief(failures) == [(2, "PoNo", "possible_duplicate_here")]


def test_rows_need_a_placeholder_and_objects_do_not() -> None:
    steps = erp(",,8,PO-2")
    rows, failures = assign_numbers(steps.typed[0], ERP, STORED, TODAY, objects=False)
    assert (plain(rows.key, "soNo"), brief(failures)) == ([(None,)], [(2, "soNo", "no_placeholder")])
    numbered, failures = assign_numbers(steps.typed[0], ERP, STORED, TODAY, objects=True)
    assert (plain(numbered.key, "soNo"), brief(failures)) == ([("0000000042",)], [])


def test_an_order_without_a_number_has_the_customers_own() -> None:
    _, failures = assign_numbers(erp(",a,8,").typed[0], ERP, STORED, TODAY, objects=False)
    assert brief(failures) == [(2, "PoNo", "needed_without_number")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((",a,8,PO-1",), [(2, "possible_duplicate", {"other": "'0000000041'"})]),
        ((",a,9,PO-1",), []),
        ((",a,8,PO-2", ",b,8,PO-2"), [(3, "possible_duplicate_here", {"other": "another of this file", "line": 2})]),
        ((",a,8,PO-2", "7,,8,PO-2"), [(2, "possible_duplicate_here", {"other": "another of this file", "line": 3})]),
    ],
    ids=["stored", "another customer", "of this file", "of this file, with a number"],
)
def test_an_order_without_a_number_that_may_be_there_already_is_said(
    rows: tuple[str, ...], expected: list[tuple[int, str, dict[str, object]]]
) -> None:
    _, failures = assign_numbers(erp(*rows).typed[0], ERP, STORED, TODAY, objects=False)
    codes = [(line, code) for line, _, code in brief(failures)]
    assert list(zip(codes, details(failures), strict=True)) == [
        ((line, code), detail) for line, code, detail in expected
    ]


def test_a_new_order_has_the_day_and_its_customers_terms_and_a_stored_one_keeps_its_own() -> None:
    steps = erp("7,,8,PO-2", "41,,8,PO-1", "8,,9,PO-3")
    assembled, _ = assign_numbers(steps.typed[0], ERP, STORED, TODAY, objects=False)
    assert plain(assembled.header.cells, "orderDate", "TERMS") == [
        (TODAY, "NET 15"),
        (date(2026, 1, 1), "NET 30"),
        (TODAY, None),
    ]
    assert not {"orderDate", "TERMS"} & assembled.absent


def test_what_is_said_stays() -> None:
    header = "soNo,custNo,orderDate,TERMS,ShipVia,BILLACCOUNT"
    steps = sent("7,8,2026-11-01,NET 5,UPS-GRND TRACK,A1", header=header, of=ERP)
    assembled, _ = assign_numbers(steps.typed[0], ERP, STORED, TODAY, objects=False)
    assert plain(assembled.header.cells, "orderDate", "TERMS") == [(date(2026, 11, 1), "NET 5")]


def test_without_customers_there_is_only_the_day() -> None:
    steps = erp("7,,8,PO-2")
    assembled, _ = assign_numbers(steps.typed[0], ERP, Shelf(), TODAY, objects=False)
    assert plain(assembled.header.cells, "orderDate", "TERMS") == [(TODAY, None)]
    nobody = sent("7", header="soNo", of=ERP)
    assembled, _ = assign_numbers(nobody.typed[0], ERP, STORED, TODAY, objects=False)
    assert plain(assembled.header.cells, "orderDate", "TERMS") == [(TODAY, None)]


def test_other_documents_get_nothing() -> None:
    steps = sent("SO-1,1,AB,5")
    assembled, failures = assign_numbers(steps.typed[0], steps.of, STORED, TODAY, objects=False)
    assert (assembled, len(failures)) == (steps.typed[0], 0)
