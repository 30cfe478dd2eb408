"""Values that a loaded list must know, and what the items of the lines are."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.pipeline.lookup.listed import listed_items
from crossdock.pipeline.validate.references import check_contacts, check_references
from tests.sent import HEADER, Sent, Shelf, brief, details, feed, sent

SKUS = Shelf(skus=["sku_id,is_active,is_lot_controlled", "AB-100,Y,true", "AB-200,N,"])


def referred(*rows: str, header: str = HEADER, stored: Shelf = SKUS, **keys: Any) -> Sent:
    return sent(*rows, header=header, stored=stored, of=feed(**keys))


@pytest.mark.parametrize(
    ("sku", "code", "detail"),
    [
        ("AB-100", None, {}),
        ("AB-101", "unknown_reference", {"meant": "AB-101", "suggestion": "AB-100"}),
        ("ZZZZZZ", "unknown_reference", {"meant": "ZZZZZZ"}),
        ("AB-200", "inactive_reference", {}),
        ("", None, {}),
    ],
)
def test_a_value_is_in_its_list_and_active(sku: str, code: str | None, detail: dict[str, str]) -> None:
    steps = referred(f"SO-1,1,{sku},5")
    failures, _ = check_references(steps.typed[0], steps.of, steps.stored)
    assert brief(failures) == ([] if code is None else [(2, "skuId", code)])
    assert details(failures) == ([] if code is None else [{"list": "SKU"} | detail])


def test_a_list_that_is_not_loaded_or_not_to_be_looked_at_is_not_asked() -> None:
    other_unit = feed(constants={"businessUnitId": "BU2"})
    cases = [
        referred("SO-1,1,AB-101,5", stored=Shelf()),
        referred("SO-1,1,AB-101,5", references={"sku": "off"}),
        sent("SO-1,1,AB-101,5", stored=SKUS, of=other_unit),
    ]
    assert [len(check_references(each.typed[0], each.of, each.stored)[0]) for each in cases] == [0, 0, 0]


def test_documents_know_whether_their_customer_is_known() -> None:
    stored = Shelf(customers=["customer_number", "C1"])
    steps = referred(
        "SO-1,1,AB,5,C1", "SO-2,1,AB,5,C2", "SO-3,1,AB,5,", header=f"{HEADER},customerNumber", stored=stored
    )
    failures, known = check_references(steps.typed[0], steps.of, steps.stored)
    assert known.tolist() == [True, False, False]
    assert brief(failures) == [(3, "customerNumber", "unknown_reference")]


def test_what_must_exist_is_asked_for_whatever_the_feed_says() -> None:
    of = feed("erp_sales_order", references={"customer": "off"})
    steps = sent("1,0000000008", header="soNo,custNo", of=of)
    failures, _ = check_references(steps.typed[0], of, Shelf())
    assert brief(failures) == [(2, "custNo", "unknown_reference")]
    assert failures.is_error.all()


@pytest.mark.parametrize(
    ("person", "names", "known"),
    [
        ("Ada", "Ada; Bob", True),
        ("bob", "Ada; Bob", True),
        ("Cleo", "Ada; Bob", False),
        ("Cleo", "", True),
        ("", "Ada", True),
    ],
)
def test_a_person_is_a_contact_of_the_customer_where_that_one_has_any(person: str, names: str, known: bool) -> None:
    of = feed("erp_sales_order")
    stored = Shelf(customers=["customer_number,contacts", f"0000000008,{names}", "0000000009,Zed"])
    steps = sent(f"1,8,{person}", header="soNo,custNo,ATTENTION", of=of)
    failures = check_contacts(steps.typed[0], of, stored)
    assert brief(failures) == ([] if known else [(2, "ATTENTION", "unknown_contact")])
    assert details(failures) == ([] if known else [{"known": "Ada, Bob"}])


def test_contacts_are_not_asked_for_where_nobody_is_named_or_no_customer_is_loaded() -> None:
    of = feed("erp_sales_order")
    unnamed, nobody = (
        sent("1,8", header="soNo,custNo", of=of),
        sent("1,8,Ada", header="soNo,custNo,ATTENTION", of=of),
    )
    assert not len(check_contacts(unnamed.typed[0], of, Shelf(customers=["customer_number,contacts", "8,Bob"])))
    assert not len(check_contacts(nobody.typed[0], of, Shelf()))


def test_lines_know_what_their_items_say_of_themselves() -> None:
    steps = referred("SO-1,1,AB-100,5", "SO-1,2,AB-200,5", "SO-1,3,ZZ,5")
    items = listed_items(steps.typed[0], steps.of, steps.stored)
    assert list(zip(*(items[name].tolist() for name in ("known", "lot", "serial")), strict=True)) == [
        (True, True, False),
        (True, False, False),
        (False, False, False),
    ]
    assert not any(flag.any() for flag in listed_items(steps.typed[0], steps.of, Shelf()).values())
    lists = sent("AB,Band", header="skuId,name", of=feed("sku"))
    assert not any(map(len, listed_items(lists.typed[0], lists.of, SKUS).values()))
