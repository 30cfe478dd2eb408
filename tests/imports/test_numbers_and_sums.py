"""Numbers that a partner's shops share, orders of several ship-tos, lines of 0, and rows that are added up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.partners import registry
from tests.reports.excel.test_fix_workbook import corrected
from tests.warehouse import HEADER, Warehouse, csv, partner

LOCATED = f"{HEADER},shipTo.locationId"
STOCK = """
id = "acme"
zone = "Europe/Berlin"
business_units = ["BU1"]

[[feed]]
document = "inventory"
files = "stock*"
constants = { businessUnitId = "BU1", asOf = "2026-11-22T06:00:00Z" }
add_up = ["onHand", "damaged"]
"""
PREFIX = 'prefix = { customerOrderNumber = "FR-" }\n'


def test_a_prefix_keeps_two_shops_apart_and_no_answer_has_it(warehouse: Warehouse) -> None:
    french, german = warehouse.feed(PREFIX), warehouse.feed(PREFIX.replace("FR", "DE"))
    first = warehouse.run(csv("1001,1,A,5", "1002,1,A,x"), french)
    warehouse.run(csv("1001,1,B,7"), german)
    assert warehouse.order_numbers() == ["DE-1001", "FR-1001"]
    assert list(first.failed) == ["1002"]
    assert [each["document"] for each in first.failures if each["severity"] == "error"] == ["1002"]
    warehouse.run(corrected(warehouse.fix(first), (2, "quantity", "3")), french, name="fix.xlsx")
    assert warehouse.order_numbers() == ["DE-1001", "FR-1001", "FR-1002"]


def test_a_fix_workbook_of_another_prefix_is_refused(warehouse: Warehouse) -> None:
    first = warehouse.run(csv("1002,1,A,x"), warehouse.feed(PREFIX))
    again = warehouse.run(warehouse.fix(first), warehouse.feed(), name="fix.xlsx")
    assert 'prefix = { "customerOrderNumber" = "FR-" }' in str(again.report.refused)


def test_an_order_of_two_ship_tos_is_two_documents_under_one_number(warehouse: Warehouse) -> None:
    rows = ["S-1,1,A,1,NORTH", "S-1,2,B,2,SOUTH", "S-1,3,C,3,NORTH", "S-2,1,D,x,NORTH"]
    feed = warehouse.feed('split_by = ["shipTo.locationId"]\n')
    result = warehouse.run(csv(*rows, header=LOCATED), feed)
    assert warehouse.rows(
        "SELECT customer_order_number, customer_line_number FROM sales_order_lines ORDER BY 1, 2"
    ) == [("S-1/NORTH", "1"), ("S-1/NORTH", "3"), ("S-1/SOUTH", "2")]
    assert list(result.failed) == ["S-2"]
    warehouse.run(corrected(warehouse.fix(result), (2, "quantity", "3")), feed, name="fix.xlsx")
    assert warehouse.order_numbers() == ["S-1/NORTH", "S-1/SOUTH", "S-2/NORTH"]


def test_a_part_of_an_order_that_the_file_does_not_bring_any_more_is_named(warehouse: Warehouse) -> None:
    feed = warehouse.feed('split_by = ["shipTo.locationId"]\nprefix = { customerOrderNumber = "FR-" }\n')

    def named(*rows: str) -> list[tuple[int, str]]:
        failures = warehouse.run(csv(*rows, header=LOCATED), feed).failures
        of_code = [each for each in failures if each["code"] == "other_parts"]
        return [(each["line"], each["message"].split(": ")[1].partition(";")[0]) for each in of_code]

    others = ["S-1,2,B,2,WEST", "S-10,1,D,1,NORTH", "S-2,1,A,1,NORTH"]
    assert named("S-1,1,A,1,NORTH", *others) == []
    assert named("S-1,1,A,1,SOUTH", *others) == [(2, "S-1/NORTH")]
    assert named("S-1,1,A,1,SOUTH", *others) == []  # what is as it was is not said every night
    assert named("S-1,1,A,1,SOUTH", "S-1,2,B,3,WEST") == [(3, "S-1/NORTH")]
    rows = ["S-1,1,A,1,NORTH,cancel", "S-1,1,A,1,SOUTH,", "S-1,2,B,4,WEST,"]
    cancelled = csv(*rows, header=f"{LOCATED},action")
    assert not warehouse.run(cancelled, feed).failures
    assert named("S-1,1,A,1,SOUTH", "S-1,2,B,5,WEST") == []


def test_a_cancel_of_an_order_that_is_stored_in_parts_must_say_which(warehouse: Warehouse) -> None:
    feed = warehouse.feed('split_by = ["shipTo.locationId"]\n')
    places = [f"P{number}" for number in range(7)]
    rows = [f"S-1,{number},A,1,{place}" for number, place in enumerate(places, 1)]
    warehouse.run(csv(*rows, "S-2,1,A,1,P1", header=LOCATED), feed)
    cancels = csv("S-1,,,,,cancel", "S-3,,,,,cancel", "S-2,,,,P1,cancel", header=f"{LOCATED},action")
    result = warehouse.run(cancels, feed)
    assert result.errors == [(2, "", "cancels_no_part"), (3, "", "unknown_to_cancel")]
    assert "S-1/P0, S-1/P1, S-1/P2, S-1/P3, S-1/P4, …" in result.failures[0]["message"]
    states = dict(warehouse.rows("SELECT customer_order_number, state FROM sales_orders"))
    assert states == {f"S-1/{place}": "OPEN" for place in places} | {"S-2/P1": "CANCELLED"}
    assert warehouse.run(cancels, feed).errors == result.errors  # a cancel that waits is none that could be cancelled


def test_a_part_of_an_order_is_compared_with_other_orders_only(warehouse: Warehouse) -> None:
    feed = warehouse.feed('split_by = ["shipTo.locationId"]\n')
    warehouse.run(csv("0012,1,A,1,NORTH", header=LOCATED), feed)
    assert warehouse.run(csv("0012,1,A,1,SOUTH", "0012,1,A,1,NORTH", header=LOCATED), feed).failures == []
    result = warehouse.run(csv("12,1,A,1,SOUTH", "A,1,A,1,NORTH", "a,1,A,1,SOUTH", header=LOCATED), feed)
    assert result.errors == [(2, "customerOrderNumber", "similar_key")]
    assert result.warnings == ["similar_spelling"]


def test_the_fix_of_one_part_says_nothing_of_the_others(warehouse: Warehouse) -> None:
    feed = warehouse.feed('split_by = ["shipTo.locationId"]\n')
    first = warehouse.run(csv("S-1,1,A,1,NORTH", "S-1,2,B,x,SOUTH", header=LOCATED), feed)
    fixed = warehouse.run(corrected(warehouse.fix(first), (2, "quantity", "3")), feed, name="fix.xlsx")
    assert not fixed.failures
    assert warehouse.order_numbers() == ["S-1/NORTH", "S-1/SOUTH"]


def test_a_quantity_of_0_cancels_a_line(warehouse: Warehouse) -> None:
    feed = warehouse.feed('zero = "cancel"\n')
    warehouse.run(csv("S-1,1,A,5", "S-1,2,B,5"), feed)
    result = warehouse.run(csv("S-1,1,A,0", "S-1,2,B,5"), feed)
    assert not result.errors
    assert warehouse.rows("SELECT customer_line_number, state FROM sales_order_lines ORDER BY 1") == [
        ("1", "CANCELLED"), ("2", "OPEN"),
    ]  # fmt: skip
    assert warehouse.run(csv("S-1,2,B,0"), warehouse.feed()).errors == [(2, "quantity", "too_small")]


def test_stock_of_several_bins_is_added_up_by_item(warehouse: Warehouse) -> None:
    rows = ["N1,A,10.5,KG,", "N1,B,1,KG,2", "N1,A,0.25,KG,1", "N2,A,7,KG,"]
    content = csv(*rows, header="buildingId,skuId,onHand,quantityMeasure,damaged")
    result = warehouse.run(content, warehouse.feed(whole=STOCK), name="stock.csv")
    assert not result.errors
    stored = warehouse.rows("SELECT building_id, sku_id, on_hand, damaged FROM inventory ORDER BY 1, 2")
    assert [(a, b, Decimal(str(c)), d and int(Decimal(str(d)))) for a, b, c, d in stored] == [
        ("N1", "A", Decimal("10.75"), 1), ("N1", "B", 1, 2), ("N2", "A", 7, None),
    ]  # fmt: skip
    assert result.report.books.read == 4


def test_a_bin_that_cannot_be_read_fails_the_item(warehouse: Warehouse) -> None:
    content = csv("N1,A,10,EA", "N1,A,x,EA", header="buildingId,skuId,onHand,quantityMeasure")
    result = warehouse.run(content, warehouse.feed(whole=STOCK), name="stock.csv")
    assert result.errors == [(3, "onHand", "not_a_number")]
    assert warehouse.rows("SELECT COUNT(*) FROM inventory") == [(0,)]


def test_a_bin_without_its_quantity_fails_the_item(warehouse: Warehouse) -> None:
    """Nobody knows how much is in it: the sum of the others is not the stock."""
    rows = ["N1,A,10,EA,1", "N1,A,,EA,2", "N1,A,5,EA,", "N2,A,,EA,", "N3,A,7,EA,"]
    content = csv(*rows, header="buildingId,skuId,onHand,quantityMeasure,damaged")
    result = warehouse.run(content, warehouse.feed(whole=STOCK), name="stock.csv")
    assert result.errors == [(3, "onHand", "missing"), (5, "onHand", "missing")]
    assert warehouse.rows("SELECT building_id FROM inventory") == [("N3",)]
    fixed = corrected(warehouse.fix(result), (3, "onHand", "4"), (5, "onHand", "2"))
    assert warehouse.run(fixed, warehouse.feed(whole=STOCK), name="fix.xlsx").report.verdict == "ACCEPTED"
    stored = warehouse.rows("SELECT building_id, on_hand FROM inventory ORDER BY 1")
    assert [(a, int(Decimal(str(b)))) for a, b in stored] == [("N1", 19), ("N2", 2), ("N3", 7)]


def test_a_bin_without_its_quantity_has_the_default(warehouse: Warehouse) -> None:
    content = csv("N1,A,10,EA", "N1,A,,EA", "N1,A,5,EA", header="buildingId,skuId,onHand,quantityMeasure")
    feed = warehouse.feed(whole=STOCK + 'defaults = { onHand = "2" }\n')
    result = warehouse.run(content, feed, name="stock.csv")
    assert not result.errors
    assert [int(Decimal(str(each))) for (each,) in warehouse.rows("SELECT on_hand FROM inventory")] == [17]


def test_bins_that_spell_one_moment_in_two_ways_are_added_up(warehouse: Warehouse) -> None:
    rows = ("N1,A,10,EA,2026-11-22T06:00:00Z", "N1,A,5,EA,2026-11-22T07:00:00+01:00", "N1,A,2,EA,2026-11-22 07:00")
    content = csv(*rows, header="buildingId,skuId,onHand,quantityMeasure,asOf")
    feed = warehouse.feed(whole=STOCK.replace(', asOf = "2026-11-22T06:00:00Z"', ""))
    result = warehouse.run(content, feed, name="stock.csv")
    assert not result.errors
    assert [int(Decimal(str(each))) for (each,) in warehouse.rows("SELECT on_hand FROM inventory")] == [17]


def test_bins_whose_moments_are_none_fail_each(warehouse: Warehouse) -> None:
    rows = ("N1,A,10,EA,2026-10-25T02:30:00", "N1,A,5,EA,2026-03-29T02:30:00", "N1,A,5,EA,noon")
    content = csv(*rows, header="buildingId,skuId,onHand,quantityMeasure,asOf")
    feed = warehouse.feed(whole=STOCK.replace(', asOf = "2026-11-22T06:00:00Z"', ""))
    result = warehouse.run(content, feed, name="stock.csv")
    assert {line for line, _, _ in result.errors} == {2, 3, 4}
    assert warehouse.rows("SELECT COUNT(*) FROM inventory") == [(0,)]


def test_a_row_of_a_line_without_its_quantity_fails_the_line(warehouse: Warehouse) -> None:
    feed = warehouse.feed('add_up = ["quantity"]\n')
    result = warehouse.run(csv("S-1,1,A,5", "S-1,1,A,", "S-2,1,A,1", "S-3,1,A,"), feed)
    assert result.errors == [(3, "quantity", "missing"), (5, "quantity", "missing")]
    assert warehouse.order_numbers() == ["S-2"]


def test_lines_of_one_number_are_added_up(warehouse: Warehouse) -> None:
    feed = warehouse.feed('add_up = ["quantity"]\n')
    result = warehouse.run(csv("S-1,1,A,5", "S-1,1,A,2", "S-1,2,B,1", "S-2,1,A,1", "S-2,1,B,1"), feed)
    stored = warehouse.rows(
        "SELECT customer_order_number, customer_line_number, quantity FROM sales_order_lines ORDER BY 1, 2"
    )
    assert [(a, b, int(Decimal(str(c)))) for a, b, c in stored] == [("S-1", "1", 7), ("S-1", "2", 1)]
    assert [(line, code) for line, _, code in result.errors] == [(6, "line_conflict")]


SHOPS = """
id = "acme"
zone = "Europe/Berlin"
business_units = ["BU1"]

[[feed]]
document = "sales_order"
files = "paris*"
constants = { businessUnitId = "BU1", "shipTo.locationId" = "S1" }

[[feed]]
document = "sales_order"
files = "lyon*"
constants = { businessUnitId = "BU1", "shipTo.locationId" = "S1" }
"""


def test_an_order_of_another_feed_of_the_partner_is_changed_with_a_warning(warehouse: Warehouse) -> None:
    partner(warehouse.home, whole=SHOPS)
    paris, lyon = registry.load(warehouse.home / "partners", "UTC").feeds()
    first = warehouse.run(csv("1001,1,A,5", "1002,1,A,5"), paris, name="paris_1.csv")
    result = warehouse.run(csv("1001,1,A,7", "1002,1,A,5", "1003,1,A,x"), lyon, name="lyon_1.csv")
    assert [each["message"] for each in result.failures if each["code"] == "of_another_feed"] == [
        (
            f"the document was stored from paris_1.csv, a file of another feed (job {first.job}); this one changes it "
            "(if it is another document, give it a number of its own)"
        )
    ]
    fixed = corrected(warehouse.fix(result), (2, "quantity", "3"))
    assert "of_another_feed" not in warehouse.run(fixed, lyon, name="anything.xlsx").warnings
    assert "of_another_feed" not in warehouse.run(csv("1003,1,A,8"), lyon, name="lyon_3.csv").warnings
    assert warehouse.run(csv("1003,1,A,9"), paris, name="paris_2.csv").warnings == ["of_another_feed"]


def test_a_feed_that_changed_a_line_is_the_last_to_have_stored_the_order(warehouse: Warehouse) -> None:
    partner(warehouse.home, whole=SHOPS)
    paris, lyon = registry.load(warehouse.home / "partners", "UTC").feeds()
    warehouse.run(csv("1001,1,A,5"), paris, name="paris_1.csv")
    assert warehouse.run(csv("1001,1,A,7"), lyon, name="lyon_1.csv").warnings == ["of_another_feed"]
    assert warehouse.run(csv("1001,1,A,8"), lyon, name="lyon_2.csv").warnings == []
    assert warehouse.run(csv("1001,1,A,9"), paris, name="paris_2.csv").warnings == ["of_another_feed"]


def test_a_file_without_the_date_that_orders_the_files_is_refused(warehouse: Warehouse) -> None:
    feed = warehouse.feed('order = "%d%m%Y"\n')
    assert warehouse.run(csv("1001,1,A,5"), feed, name="orders_31012026.csv").report.refused is None
    assert warehouse.run(csv("1001,1,A,7"), feed, name="orders_new.csv").report.refused == (
        "the name orders_new.csv has no date like %d%m%Y, so its place among the feed's files is unknown"
    )


def test_a_subtotal_of_a_stock_list_is_no_item_and_an_item_called_so_is_one(warehouse: Warehouse) -> None:
    partner(warehouse.home, "acme", whole=STOCK.replace('add_up = ["onHand", "damaged"]', ""))
    feed = registry.load(warehouse.home / "partners", "UTC").named("acme/inventory")
    rows = ("N1,A1,10", "N1,B2,5", ",Subtotal N1,15", "N1,C3,7", ",Total N2,7.00", "N1,Sum 41,9", ",Grand total all,31")
    result = warehouse.run("\n".join(["buildingId,skuId,onHand", *rows]), feed)
    assert result.report.verdict == "ACCEPTED", result.text
    stored = [sku for (sku,) in warehouse.rows("SELECT sku_id FROM inventory ORDER BY line")]
    assert stored == ["A1", "B2", "C3", "Sum 41"]


@pytest.mark.parametrize(
    "word",
    ["Razem", "Toplam", "Итого:", "Összesen", "Celkem", "Yhteensä", "Totalt", "I alt", "Σ", "合計", "总计", 'סה"כ', "Teilergebnis",
     "Overall Result", "Stock total"],
)  # fmt: skip
def test_a_total_of_a_stock_list_is_no_item_in_other_languages(warehouse: Warehouse, word: str) -> None:
    """What spreadsheets in other languages, pivot tables and SAP BW write below a list."""
    partner(warehouse.home, "acme", whole=STOCK)
    feed = registry.load(warehouse.home / "partners", "UTC").named("acme/inventory")
    quoted = word.replace('"', '""')
    result = warehouse.run(f'buildingId,skuId,onHand\nN1,A1,10\nN1,B2,5\n,"{quoted}",15\n', feed)
    assert (result.report.verdict, result.warnings.count("total_rows")) == ("ACCEPTED", 1), result.text
    assert [sku for (sku,) in warehouse.rows("SELECT sku_id FROM inventory ORDER BY line")] == ["A1", "B2"]


@pytest.mark.parametrize(
    ("rows", "stored"),
    [
        (("A1,N1,10,EA", "*A1,,10,EA", "B2,N1,5,EA", "B2,N2,2,EA", "** B2,,7,EA", "**,,17,EA"), ["A1", "B2", "B2"]),
        (("A1,N1,10,EA", "*A1,N1,9,EA"), ["A1", "*A1"]),
        (("A1,N1,10,EA", "*B2,N1,10,EA"), ["A1", "*B2"]),
        (("A1,N1,10,EA", "A1,N2,5,EA", "A1,Total,15,EA", "B2,N1,5,", "B2,TOTAL:,5,"), ["A1", "A1", "B2"]),
        (("A1,N1,10,EA", "A1,Total,15,EA"), ["A1", "A1"]),
    ],
)
def test_a_sum_of_an_item_is_no_stock_of_it(warehouse: Warehouse, rows: tuple[str, ...], stored: list[str]) -> None:
    """SAP puts stars before the item, others call the place a total; both were stored, so the stock counted twice."""
    keys = STOCK.replace('add_up = ["onHand", "damaged"]', "").replace("{ business", '{ buildingId = "N1", business')
    partner(warehouse.home, "acme", whole=keys)
    feed = registry.load(warehouse.home / "partners", "UTC").named("acme/inventory")
    result = warehouse.run("\n".join(["skuId,locationId,onHand,quantityMeasure", *rows]), feed)
    assert result.report.verdict == "ACCEPTED", result.text
    assert [sku for (sku,) in warehouse.rows("SELECT sku_id FROM inventory ORDER BY line")] == stored


def test_an_item_whose_name_ends_like_a_total_is_one_without_the_sum(warehouse: Warehouse) -> None:
    partner(warehouse.home, "acme", whole=STOCK)
    feed = registry.load(warehouse.home / "partners", "UTC").named("acme/inventory")
    warehouse.run("buildingId,skuId,onHand\nN1,A1,10\nN1,B2,5\nN1,Colgate Total,9\n", feed)
    assert [sku for (sku,) in warehouse.rows("SELECT sku_id FROM inventory ORDER BY line")] == [
        "A1",
        "B2",
        "Colgate Total",
    ]
