"""Changes of stored documents that may not be meant."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.pipeline.reconcile.change_doubts import doubtful_changes
from tests.sent import HEADER, Shelf, brief, sent

LINES = "customer_order_number,customer_line_number,sku_id,quantity,quantity_measure,unit_price"
DAY, PRICE = "customerDates.requestedShipDate", "unitPrice"


def codes(row: str, line: str = "SO-1,1,AB,5,EA,1.5", day: str = "2026-12-03") -> list[str]:
    """``row``: quantity, price and day as they come; ``line``, ``day``: what is stored."""
    header = f"{HEADER},{PRICE},{DAY}"
    orders = ["customer_order_number,customer_dates_requested_ship_date,state", f"SO-1,{day},OPEN"]
    steps = sent(f"SO-1,1,AB,{row}", header=header, stored=Shelf(sales_orders=orders, sales_order_lines=[LINES, line]))
    doubts = doubtful_changes(*steps.stored_side, steps.differing, steps.of)
    return [code for each in doubts for _, _, code in brief(each)]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("5,1.5,2026-12-03", []),
        ("5,1.5,2026-03-12", ["day_turned"]),
        ("5,1.5,2027-03-12", []),
        ("5,1.5,2026-12-04", []),
        ("5,150,2026-12-03", ["mark_moved"]),
        ("5,15,2026-12-03", []),
        ("5000,1.5,2026-12-03", ["mark_moved"]),
        ("500,1.5,2026-12-03", []),
        ("5,,2026-12-03", []),
    ],
)
def test_what_only_the_stored_value_shows_is_said(row: str, expected: list[str]) -> None:
    assert codes(row) == expected


def test_a_day_of_one_number_is_no_other_one_turned_round() -> None:
    assert codes("5,1.5,2026-12-12", day="2026-12-12") == []


@given(st.decimals("0.01", "99.99", places=2), st.integers(-6, 6))
def test_a_mark_has_moved_only_by_whole_places(price: Decimal, places: int) -> None:
    """By two or more: a price that is ten times as high may be meant."""
    now = price.scaleb(places)
    if now != round(now, 4):
        return
    assert codes(f"5,{now:f},2026-12-03", line=f"SO-1,1,AB,5,EA,{price}") == ["mark_moved"] * (abs(places) >= 2)


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_a_day_is_turned_round_only_where_both_readings_are_days(was: date, now: date) -> None:
    turned = was != now and (was.month, was.day) == (now.day, now.month)
    assert codes(f"5,1.5,{now}", day=str(was)) == ["day_turned"] * turned
