"""Columns that a feed makes of others: joined, split, multiplied, or of the file's name."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.frames.numerals import Spelling
from crossdock.model.status import Verdict
from crossdock.partners.derived import Product
from crossdock.partners.registry import Misconfigured
from tests.reports.excel.test_fix_workbook import cells, corrected, lines
from tests.warehouse import Warehouse, csv
from tests.workbooks import book

NAMES = "customerOrderNumber,customerLineNumber,skuId,quantity,First Name,Last Name,Street,No"
TIMES = "customerOrderNumber,customerLineNumber,skuId,quantity,Day,Time"
JOIN = '[feed.join]\n"shipTo.name" = ["First Name", "Last Name"]\n"ship_to_address1" = ["Street", "No"]\n'
SPLIT = '[feed.split]\nOrder-Line = { separator = "-", into = ["customerOrderNumber", "customerLineNumber"] }\n'
MULTIPLY = '[feed.multiply]\nquantity = ["Packs", "Per pack"]\n'


def quantities(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    query = "SELECT customer_order_number, customer_line_number, quantity FROM sales_order_lines ORDER BY 1, 2"
    return [(number, line, Decimal(str(quantity))) for number, line, quantity in warehouse.rows(query)]


def test_texts_are_joined_with_a_blank(warehouse: Warehouse) -> None:
    rows = ["S-1,1,A,1, Ann ,Ray,Hill,7", "S-2,1,A,1,,Lee,Main,"]
    result = warehouse.run(csv(*rows, header=NAMES), warehouse.feed(JOIN))
    assert warehouse.rows("SELECT ship_to_name, ship_to_address1 FROM sales_orders ORDER BY 1") == [
        ("Ann Ray", "Hill 7"), ("Lee", "Main"),
    ]  # fmt: skip
    assert not result.failures


def test_a_date_and_a_time_become_one_moment(warehouse: Warehouse) -> None:
    feed = warehouse.feed('dates = ["%d.%m.%Y %H:%M"]\n[feed.join]\norderCreatedDate = ["Day", "Time"]\n')
    warehouse.run(csv("S-1,1,A,1,05.01.2026,14:30", header=TIMES), feed)
    assert [
        str(each).replace("T", " ")[:16] for (each,) in warehouse.rows("SELECT order_created_date FROM sales_orders")
    ] == ["2026-01-05 13:30"]


def test_a_failure_names_the_columns_that_a_text_was_made_of(warehouse: Warehouse) -> None:
    feed = warehouse.feed('dates = ["%d.%m.%Y %H:%M"]\n[feed.join]\norderCreatedDate = ["Day", "Time"]\n')
    result = warehouse.run(csv("S-1,1,A,1,05.01.2026,noon", header=TIMES), feed)
    assert [each["message"] for each in result.failures] == [
        "Day + Time '05.01.2026 noon' is not a date (write it like 31.12.2026 00:00)"
    ]
    workbook = warehouse.fix(result)
    assert list(cells(workbook)[0]) == [*TIMES.split(","), "Problem"]
    assert lines(workbook)["E2"].style == "bad first"
    warehouse.run(corrected(workbook, (2, "Time", "12:00")), feed, name="fix.xlsx")
    assert warehouse.rows("SELECT COUNT(*) FROM sales_orders") == [(1,)]


def test_one_column_becomes_several(warehouse: Warehouse) -> None:
    rows = ["S-1-1,A,1", "S-1 / 2,A,1", "S-1-2,A,2"]
    keys = "[feed.split]\nOrder-Line = '(?P<customerOrderNumber>.+)-(?P<customerLineNumber>\\d+)'\n"
    result = warehouse.run(csv(*rows, header="Order-Line,skuId,quantity"), warehouse.feed(keys))
    assert quantities(warehouse) == []
    sentence = (
        "Order-Line 'S-1 / 2' can't be cut into customerOrderNumber, customerLineNumber (write it like the others)"
    )
    assert {each["message"] for each in result.failures if each["code"] == "not_split"} == {sentence}
    assert {code for _, _, code in result.errors} == {"not_split"}
    workbook = warehouse.fix(result)
    warehouse.run(corrected(workbook, (3, "Order-Line", "S-1-3")), warehouse.feed(keys), name="fix.xlsx")
    assert [line for _, line, _ in quantities(warehouse)] == ["1", "2", "3"]


def test_parts_between_separators_are_as_many_as_the_feed_says(warehouse: Warehouse) -> None:
    rows = ["S1-1,A,1", "S2-1,A,1", "S3-1-9,A,1"]
    result = warehouse.run(csv(*rows, header="Order-Line,skuId,quantity"), warehouse.feed(SPLIT))
    assert quantities(warehouse) == [("S1", "1", 1)]
    assert {code for _, _, code in result.errors} == {"not_split"}
    assert set(result.failed) == {"S2", ""}, "the row may be a line of the order beside it"


def test_packs_times_size_is_exact(warehouse: Warehouse) -> None:
    header = "customerOrderNumber;customerLineNumber;skuId;Packs;Per pack"
    rows = ["S-1;1;A;1.000;2,5", "S-2;1;A;3;", "S-3;1;A;x;2", "S-4;1;A;0,5;4,0"]
    feed = warehouse.feed(f'decimal = ","\nthousands = "."\n{MULTIPLY}')
    result = warehouse.run(csv(*rows, header=header), feed)
    assert quantities(warehouse) == [("S-1", "1", 2500), ("S-4", "1", 2)]
    assert [each["message"] for each in result.failures] == [
        "Packs × Per pack '3 × ' is not a number (write it like 1.234,56)",
        "Packs × Per pack 'x × 2' is not a number (write it like 1.234,56)",
    ]


def test_cells_of_a_workbook_are_multiplied_and_joined(warehouse: Warehouse) -> None:
    content = book(["customerOrderNumber", "customerLineNumber", "skuId", "Packs", "Per pack", "First Name", "Last Name"],
                   ["S-1", 1, "A", 3, 2, "Ann", 7])  # fmt: skip
    keys = f'{MULTIPLY}[feed.join]\n"shipTo.name" = ["First Name", "Last Name"]\n'
    warehouse.run(content, warehouse.feed(keys), name="orders.xlsx")
    assert quantities(warehouse) == [("S-1", "1", 6)]
    assert warehouse.rows("SELECT ship_to_name FROM sales_orders") == [("Ann 7",)]


def test_objects_are_joined_and_multiplied(warehouse: Warehouse) -> None:
    order = {"customerOrderNumber": "S-1", "buyer": {"first": "Ann", "last": "Ray"},
             "orderLines": [{"customerLineNumber": "1", "skuId": "A", "packs": 3, "size": 4},
                            {"customerLineNumber": "2", "skuId": "B", "packs": 1.5, "size": 4}]}  # fmt: skip
    keys = ('[feed.join]\n"shipTo.name" = ["buyer.first", "buyer.last"]\n'
            '[feed.multiply]\nquantity = ["orderLines.packs", "orderLines.size"]\n')  # fmt: skip
    warehouse.run(json.dumps([order]), warehouse.feed(keys), name="orders.json")
    assert quantities(warehouse) == [("S-1", "1", 12), ("S-1", "2", 6)]
    assert warehouse.rows("SELECT ship_to_name FROM sales_orders") == [("Ann Ray",)]


def test_the_files_name_has_a_value(warehouse: Warehouse) -> None:
    keys = "dates = [\"%d%m%Y\"]\n[feed.from_name]\ncustomer = '^orders_([A-Z]+)_'\norderCreatedDate = '\\d{8}'\n"
    feed = warehouse.feed(keys.replace("customer =", '"shipTo.name" ='))
    first = warehouse.run(csv("S-1,1,A,1", "S-2,1,A,x"), feed, name="orders_LYON_31012026.csv")
    query = "SELECT customer_order_number, ship_to_name, order_created_date FROM sales_orders ORDER BY 1"
    assert [(a, b, str(c)[:10]) for a, b, c in warehouse.rows(query)] == [("S-1", "LYON", "2026-01-30")]
    warehouse.run(corrected(warehouse.fix(first), (2, "quantity", "3")), feed, name="anything.xlsx")
    assert [(a, b) for a, b, _ in warehouse.rows(query)] == [("S-1", "LYON"), ("S-2", "LYON")]
    refused = warehouse.run(csv("S-3,1,A,1"), feed, name="orders_31012026.csv")
    assert refused.report.refused == (
        "the name orders_31012026.csv has no shipTo.name: it doesn't fit ^orders_([A-Z]+)_"
    )


def test_a_column_that_is_missing_is_named(warehouse: Warehouse) -> None:
    feed = warehouse.feed(JOIN.partition('"ship_to')[0])
    result = warehouse.run(csv("S-1,1,A,1,Ann", header=NAMES.removesuffix(",Last Name,Street,No")), feed)
    assert [each["message"] for each in result.failures] == [
        "the file has no column 'Last Name', which the feed reads as shipTo.name"
    ]


@pytest.mark.parametrize(
    ("keys", "mistake"),
    [
        ('[feed.join]\nshipToName2 = ["A"]\n', "sales_order has no field 'shipToName2', did you mean 'shipTo.name'?"),
        ('[feed.join]\n"shipTo.name" = ["A"]\n[feed.columns]\n"B" = "shipTo.name"\n', "shipTo.name is in [feed.columns], too"),
        ("[feed.split]\nA = '(x'\n", "the pattern is no regular expression"),
        ('[feed.split]\nA = { separator = "-" }\n', "name the fields that the parts are"),
        ('[feed.split]\nA = { separator = "-", into = ["quantity", "skuIdd"] }\n', "has no field 'skuIdd', did you mean 'skuId'?"),
        ("[feed.from_name]\nskuId = '(x'\n", "'(x' is no regular expression"),
        ('order = "monthly"\n', "'monthly' is neither a format of a date"),
    ],
)  # fmt: skip
def test_mistakes_in_the_toml_are_named(warehouse: Warehouse, keys: str, mistake: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        warehouse.feed(keys)
    assert mistake in str(raised.value)


@given(st.lists(st.tuples(st.decimals(0, 999, places=3), st.decimals(-99, 99, places=3)), min_size=1))
def test_products_are_what_decimals_say(factors: list[tuple[Decimal, Decimal]]) -> None:
    product = Product("quantity", ("Packs", "Per pack"))
    sources = [pa.array([f"{each:f}".replace(".", ",") for each in column]) for column in zip(*factors, strict=True)]
    cells, fails = product.cells(sources, Spelling(decimal=","))
    assert [Decimal(each.replace(",", ".")) for each in cells.to_pylist()] == [one * other for one, other in factors]
    assert not fails.any()


def test_a_total_is_one_though_the_files_name_gives_each_row_its_number(warehouse: Warehouse) -> None:
    feed = warehouse.feed("from_name = { customerOrderNumber = 'orders_(.+)\\.csv' }")
    rows = "Remark,skuId,quantity\nmug,AB,5\nTotal,,5\n"
    result = warehouse.run(rows, feed, name="orders_7.csv")
    assert (result.report.verdict, result.report.books.ignored) == (Verdict.ACCEPTED, 1)
