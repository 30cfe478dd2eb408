"""Typed documents → what is wrong with them, and what is forgiven."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sent import HEADER, Sent, Shelf, brief, details, feed, sent

NEEDED = f"{HEADER},shipTo.locationId"
ORDERED = Shelf(sales_orders=["customer_order_number,ship_to_location_id", "SO-1,S1"])


def failures_of(*rows: str, header: str = NEEDED, **more: Any) -> list[tuple[int, str, str]]:
    return brief(sent(*rows, header=header, **more).failures)


def test_nothing_is_wrong_with_a_right_order() -> None:
    assert failures_of("SO-1,1,AB,5,S1") == []


@pytest.mark.parametrize(
    ("field", "value", "code", "detail"),
    [
        ("carrierId", "x" * 256, "too_long", {"length": 256, "limit": 255}),
        ("shipTo.state", "Saxony", "longer_than_usual", {"length": 6, "limit": 5}),
        ("shipTo.country", "uk", "unknown_code", {"suggestion": "GB"}),
        ("shipTo.country", "Untied Kingdom", "unknown_code", {"suggestion": "GB"}),
        ("shipTo.country", "CHE", "unknown_code", {"suggestion": "CH"}),
        ("shipTo.country", "ZZ", "unknown_code", {}),
        ("currency", "EURO", "not_a_currency", {"suggestion": "EUR"}),
        ("upc", "4006381333930", "wrong_check_digit", {}),
        ("quantityMeasure", "EAA", "unknown_code", {"suggestion": "EA"}),
        ("quantityMeasure", "szt.", "unknown_code", {"suggestion": "PC"}),  # not ST, which is a set
        ("quantityMeasure", "units", "unknown_code", {"suggestion": "EA"}),
        ("header.action", "drop", "not_allowed", {}),
        ("orderAmount", "-1", "negative", {}),
        ("orderDropDate", "2015-01-01", "far_date", {}),
        ("orderDropDate", "2045-01-01", "far_date", {}),
    ],
)
def test_a_cell_that_is_not_what_its_field_allows_is_a_failure(
    field: str, value: str, code: str, detail: dict[str, Any]
) -> None:
    steps = sent(f"SO-1,1,AB,5,S1,{value}", header=f"{NEEDED},{field}")
    failures = steps.failures
    at = brief(failures).index((2, field, code))
    assert detail.items() <= (details(failures)[at] or {}).items()


def test_a_country_is_one_of_iso_3166() -> None:
    header = "skuId,name,description1,isActive,upc,countryOfOrigin"
    failures = sent("AB,Band,A band,Y,4006381333931,UK", header=header, of=feed("sku")).failures
    assert brief(failures) == [(2, "countryOfOrigin", "not_a_country")]


@pytest.mark.parametrize(("sent_as", "meant"), [("gesperrt", "N"), ("Enabled", "Y")])
def test_what_partners_write_for_a_value_comes_before_what_looks_like_one(sent_as: str, meant: str) -> None:
    failures = sent(
        f"AB,Band,A band,{sent_as},", header="skuId,name,description1,isActive,upc", of=feed("sku")
    ).failures
    assert [each["suggestion"] for each in details(failures) if each and "suggestion" in each] == [meant]


def test_a_quantity_is_more_than_nothing() -> None:
    failures = sent("SO-1,1,AB,0,S1", header=NEEDED).failures
    assert (brief(failures), details(failures)) == ([(2, "quantity", "too_small")], [{"limit": "0"}])


@pytest.mark.parametrize(("sscc", "code"), [("fail", "error"), ("warn", "warning"), ("off", None)])
def test_a_wrong_check_digit_of_a_carton_is_as_bad_as_the_feed_says(sscc: str, code: str | None) -> None:
    header = "asnNumber,vendorNumber,lineNumber,skuId,quantity,cartonId"
    failures = sent("A1,V1,1,AB,5,340123450000000018", header=header, of=feed("asn", sscc=sscc)).failures
    assert failures.rows["severity"].tolist() == ([] if code is None else [code])
    assert details(failures) == ([] if code is None else [{"suggestion": "340123450000000017"}])


def test_a_carton_that_is_no_sscc_says_how_many_characters_it_has() -> None:
    header = "asnNumber,vendorNumber,lineNumber,skuId,quantity,cartonId"
    failures = sent("A1,V1,1,AB,5,34012345", header=header, of=feed("asn")).failures
    assert (brief(failures), details(failures)) == ([(2, "cartonId", "not_an_sscc")], [{"length": 8}])


def test_a_required_cell_is_missing_whether_it_is_blank_or_has_no_column() -> None:
    assert failures_of("SO-1,1,AB,,S1") == [(2, "quantity", "missing")]
    header = "customerOrderNumber,customerLineNumber,skuId,shipTo.locationId"
    assert failures_of("SO-1,1,AB,S1", "SO-1,2,AC,S1", header=header) == [
        (2, "quantity", "missing"),
        (3, "quantity", "missing"),
    ]


def test_what_the_feed_makes_optional_may_be_missing() -> None:
    of = feed(optional=["quantity"])
    assert failures_of("SO-1,1,AB,,S1", of=of) == []
    assert (
        failures_of("SO-1,1,AB,S1", header="customerOrderNumber,customerLineNumber,skuId,shipTo.locationId", of=of)
        == []
    )


def test_two_lines_of_one_number_name_the_first() -> None:
    failures = sent("SO-1,1,AB,5,S1", "SO-2,1,AB,5,S1", "SO-1,1,AC,6,S1", header=NEEDED).failures
    assert (brief(failures), details(failures)) == ([(4, "customerLineNumber", "line_twice")], [{"line": 2}])


@given(st.lists(st.tuples(st.sampled_from("12"), st.sampled_from(["1", "2", "9", "10", "A"])), min_size=1, max_size=6))
def test_a_number_that_stands_twice_in_an_order_fails_however_the_rows_stand(rows: list[tuple[str, str]]) -> None:
    failures = failures_of(*(f"SO-{order},{number},AB,5,S1" for order, number in rows))
    twice = [line for line, row in enumerate(rows, 2) if row in rows[: line - 2]]
    assert [line for line, _, code in failures if code == "line_twice"] == twice


def test_two_rows_of_one_carton_under_a_line_name_the_first() -> None:
    header = "asnNumber,vendorNumber,lineNumber,skuId,cartonId,package.quantity"
    rows = ["A1,V1,1,AB,340123450000000017,1"] * 2 + ["A1,V1,2,AB,340123450000000024,1"]
    failures = sent(*rows, header=header, of=feed("asn")).failures
    assert (3, "cartonId", "row_twice") in brief(failures)


def test_a_cancel_needs_its_key_only() -> None:
    header = f"{NEEDED},header.action,shipTo.country"
    assert failures_of("SO-1,1,,x,,cancel,Narnia", header=header, stored=ORDERED) == []
    assert failures_of("SO-2,1,,x,,cancel,Narnia", header=header, stored=ORDERED) == [(2, "", "unknown_to_cancel")]


def test_a_cancelled_line_needs_its_number_only() -> None:
    header = f"{NEEDED},line.action"
    assert failures_of("SO-1,1,,x,S1,cancel", "SO-1,2,AB,5,S1,", header=header) == []
    assert failures_of("SO-1,,,x,S1,cancel", "SO-1,2,AB,5,S1,", header=header) == [(2, "customerLineNumber", "missing")]


def test_an_update_of_what_does_not_exist_is_said_and_what_it_lacks_is_not() -> None:
    assert failures_of("SO-2,1,,,,update", header=f"{NEEDED},header.action", stored=ORDERED) == [
        (2, "", "does_not_exist")
    ]


def test_what_is_stored_with_this_content_was_complete_when_it_was() -> None:
    steps = sent("SO-1,1,AB,,S1", header=NEEDED)
    assert brief(steps.failures) == [(2, "quantity", "missing")]
    stored = Shelf(sales_orders=["customer_order_number,content", f"SO-1,{steps.contents[0]}"])
    assert brief(Sent(steps.of, steps.batch, steps.columns, stored).failures) == []


def test_rows_of_documents_that_fail_are_not_held_against_others() -> None:
    orders = Shelf(
        sales_orders=["customer_order_number", "SO-1"],
        sales_order_lines=[
            "customer_order_number,customer_line_number,sku_id,quantity,quantity_measure",
            "SO-1,1,AB,5,EA",
        ],
    )
    header = "shipmentId,customerOrderNumber,shipDate,lineNumber,customerLineNumber,skuId,quantityShipped"
    of = feed("ship_confirmation")
    assert failures_of("S1,SO-1,2026-11-20,1,1,AB,9", header=header, of=of, stored=orders) == [
        (2, "quantityShipped", "over_shipped")
    ]
    assert failures_of("S1,SO-1,soon,1,1,AB,9", header=header, of=of, stored=orders) == [(2, "shipDate", "not_a_date")]
