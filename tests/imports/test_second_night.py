"""What the second night shows: values that are right in form, and are others than the partner means.

The files are written as practice writes them when a partner's program changes: days and months in another order (a
server with other regional settings), cents for euros, grams for kilograms, a column of units that is gone.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.warehouse import HEADER, TODAY, Result, Warehouse, csv

DATED = f"{HEADER},customerDates.requestedShipDate,orderCreatedDate"
US = 'dates = ["%m/%d/%Y"]'
NOTES = 'document = "{}"\nfiles = "*"\nconstants = {{ businessUnitId = "BU1", currency = "USD"{} }}\n'
PARTNER = 'id = "acme"\nzone = "America/Chicago"\nbusiness_units = ["BU1"]\n[[feed]]\n'


def noted(result: Result, code: str) -> list[tuple[int, str]]:
    """The lines and messages of a code."""
    return [(each["line"], each["message"]) for each in result.failures if each["code"] == code]


@pytest.mark.both
def test_days_that_are_the_stored_ones_turned_round_are_said(warehouse: Warehouse) -> None:
    feed = warehouse.feed(US)
    first = csv("SO-1,1,AB,5,12/03/2026,11/05/2026", "SO-2,1,AB,5,12/14/2026,11/11/2026", header=DATED)
    turned = csv("SO-1,1,AB,5,03/12/2026,05/11/2026", "SO-2,1,AB,6,12/15/2026,11/11/2026", header=DATED)
    warehouse.run(first, feed)
    again = warehouse.run(turned, feed, name="again.csv")
    assert again.report.verdict == "ACCEPTED"
    turned_round = "is the day that is stored, {}, with day and month the other way round"
    remarked = noted(again, "day_turned")
    assert [line for line, _ in remarked] == [2, 2]
    assert f"requestedShipDate '03/12/2026' {turned_round.format(repr('2026-12-03'))}" in remarked[0][1]
    assert f"orderCreatedDate '05/11/2026' {turned_round.format(repr('2026-11-05'))}" in remarked[1][1]


@pytest.mark.both
def test_a_feed_may_refuse_them(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5,12/03/2026,", header=DATED), warehouse.feed(US))
    strict = warehouse.feed(f'{US}\nseverity = {{ day_turned = "error", mark_moved = "error" }}')
    again = warehouse.run(csv("SO-1,1,AB,5000,03/12/2026,", header=DATED), strict, name="again.csv")
    assert {code for _, _, code in again.errors} == {"day_turned", "mark_moved"}
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN")}


@pytest.mark.parametrize(
    ("was", "now", "times"),
    [
        ("5,1.50", "5,150", "100 times the 1.5"),
        ("5,1250", "5,12.50", "a 100th of the 1250"),
        ("5,1.50", "5000,1.50", "1,000 times the 5"),
        ("5,1.50", "500,1.50", ""),
        ("5,1.50", "5,15", ""),
        ("5,1.50", "5,1.51", ""),
        ("5,0", "5,100", ""),
    ],
)
def test_numbers_whose_decimal_mark_has_moved_are_said(warehouse: Warehouse, was: str, now: str, times: str) -> None:
    header = f"{HEADER},unitPrice"
    warehouse.run(csv(f"SO-1,1,AB,{was}", "SO-1,2,CD,3,9", header=header))
    again = warehouse.run(csv(f"SO-1,1,AB,{now}", "SO-1,2,CD,3,9", header=header), name="again.csv")
    assert [line for line, _ in noted(again, "mark_moved")] == [2] * bool(times)
    assert all(times in message for _, message in noted(again, "mark_moved"))


SKUS = "skuId,name,description1,isActive,upc,weight"


@pytest.mark.both
def test_a_weight_that_changes_without_its_unit_is_said_to_keep_the_stored_one(warehouse: Warehouse) -> None:
    feed = warehouse.feed(whole=PARTNER + NOTES.format("sku", ""))
    warehouse.run(f"{SKUS},weightUom\nA,a,a,Y,4006381333931,0.25,KG\nB,b,b,Y,5012345678900,1,KG\n", feed)
    again = warehouse.run(f"{SKUS}\nA,a,a,Y,4006381333931,250\nB,b,b,Y,5012345678900,1\n", feed, name="again.csv")
    assert noted(again, "unit_kept") == [
        (2, "weight is '250' now, in the unit that is stored, KG: no unit was sent (send the unit, too)")
    ]


STOCK = ', buildingId = "B1"'


@pytest.mark.parametrize(("days", "remarked"), [(400, True), (8, True), (7, False), (0, False), (-30, False)])
def test_a_stock_of_a_day_to_come_is_said(warehouse: Warehouse, days: int, remarked: bool) -> None:
    day = TODAY + timedelta(days=days)
    feed = warehouse.feed(whole=PARTNER + NOTES.format("inventory", STOCK).replace(', currency = "USD"', ""))
    result = warehouse.run(f"skuId,onHand,asOf\nA,5,{day}\n", feed)
    assert (result.report.verdict, len(noted(result, "still_to_come"))) == ("ACCEPTED", remarked)
