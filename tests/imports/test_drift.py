"""What is different from the last good file of a feed is named in the answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crossdock.pipeline.dry_run import rehearse
from tests.reports.excel.test_fix_workbook import corrected
from tests.warehouse import HEADER, Result, Warehouse, csv, drop_of

COLUMNS = '[feed.columns]\nQty = "quantity"\nDay = "orderCreatedDate"\n'
GERMAN = 'dates = ["%d.%m.%Y", "%d/%m/%Y"]\n' + COLUMNS
OLD = "customerOrderNumber,customerLineNumber,skuId,Qty,Day"
DRIFT = ("column_gone", "column_new", "columns_moved", "written_otherwise")


def drift(warehouse: Warehouse, first: str, second: str, keys: str = GERMAN) -> list[str]:
    """What the answer of the second file says of the first, without the job."""
    job = warehouse.run(first, warehouse.feed(keys)).job
    result = warehouse.run(second, warehouse.feed(keys), name="orders_2.csv")
    if result.report.refused:
        return [result.report.refused.replace(job, "JOB")]
    return [each["message"].replace(job, "JOB") for each in result.failures if each["code"] in DRIFT]


@pytest.mark.parametrize(
    ("header", "row", "messages"),
    [
        (OLD, "S-2,1,AB,5,06.01.2026", []),
        (OLD.replace("Qty", "Quantity"), "S-2,1,AB,5,06.01.2026",
         ["the column 'Qty' of the last file (job JOB) is gone; 'Quantity' is new and looks the same"]),
        (OLD.replace("Qty", "Menge"), "S-2,1,AB,5,06.01.2026",
         ["the column 'Qty' of the last file (job JOB) is gone; 'Menge' is new and looks the same"]),
        (OLD.replace(",Day", ""), "S-2,1,AB,5", ["the column 'Day' of the last file (job JOB) is gone"]),
        (f"{OLD},Gift", "S-2,1,AB,5,06.01.2026,yes", ["the column 'Gift' is new since the last file (job JOB)"]),
        ("customerOrderNumber,customerLineNumber,Qty,skuId,Day", "S-2,1,5,AB,06.01.2026",
         ["the columns stand in another order than in the last file (job JOB)"]),
        (OLD, "S-2,1,AB,5,06/01/2026",
         ["'Day' is written like '06/01/2026', and in the last file (job JOB) like '05.01.2026'"]),
        (OLD.replace("customerOrderNumber", "Order"), "S-2,1,AB,5,06.01.2026",
         [("the file has no column for customerOrderNumber; what is different from the last good file: the column 'customerOrderNumber' of the last file (job JOB) is "
          "gone; 'Order' is new and looks the same")]),
    ],
)  # fmt: skip
def test_what_is_different_is_named(warehouse: Warehouse, header: str, row: str, messages: list[str]) -> None:
    assert drift(warehouse, csv("S-1,1,AB,5,05.01.2026", header=OLD), csv(row, header=header)) == messages


def test_numbers_that_are_written_otherwise_are_named(warehouse: Warehouse) -> None:
    header = f"{HEADER},unitPrice"
    first, second = csv("S-1,1,AB,5,1.50", header=header), csv('S-2,1,AB,5,"1,50"', header=header)
    assert drift(warehouse, first, second, "") == [
        "'unitPrice' is written like '1,50', and in the last file (job JOB) like '1.50'"
    ]


def test_ids_of_which_a_program_has_made_numbers_are_named(warehouse: Warehouse) -> None:
    result = warehouse.run(csv("13349.0,1,12.0,5.0"), warehouse.feed(""), name="orders.csv")
    assert (result.report.books.loaded, result.warnings.count("id_as_number")) == (1, 2)
    assert "the ids of the column 'customerOrderNumber' all end in '.0', such as 13349.0" in " ".join(
        result.text.split()
    )
    assert "also 'skuId'" in result.text


def test_the_next_file_is_compared_with_the_last_good_one(warehouse: Warehouse) -> None:
    first = csv("S-1,1,AB,5,05.01.2026", header=OLD)
    assert drift(warehouse, first, csv("S-2,1,AB,x,05.01.2026", header=OLD)) == []
    renamed = csv("S-3,1,AB,5,05.01.2026", header=OLD.replace("Qty", "Menge"))
    feed = warehouse.feed(GERMAN)
    for _ in range(2):
        result = warehouse.run(renamed.replace("S-3", "S-4"), feed, name="orders_3.csv")
        assert "column_gone" in result.warnings, "nothing of it was stored, so it is not the last good one"
    fixed = warehouse.run(corrected(warehouse.fix(result), (2, "Menge", "5")), feed, name="fix.xlsx")
    assert not set(DRIFT) & set(fixed.warnings)


def test_a_dry_run_says_it_too(warehouse: Warehouse) -> None:
    warehouse.run(csv("S-1,1,AB,5,05.01.2026", header=OLD), warehouse.feed(GERMAN))
    path = warehouse.file(csv("S-2,1,AB,5", header=OLD.replace(",Day", "")), "orders_2.csv")
    url = warehouse.database.url.render_as_string(hide_password=False)
    with rehearse(drop_of(path, warehouse.feed(GERMAN)), url) as (report, books):
        assert "column_gone" in Result(report, books, report.job).warnings


JSON = """dates = ["%d.%m.%Y"]

[feed.columns]
"number" = "customerOrderNumber"
"day" = "orderCreatedDate"
"to.name" = "shipTo.name"
"items" = "orderLines"
"items.pos" = "customerLineNumber"
"items.sku" = "skuId"
"items.qty" = "quantity"
"items.price" = "unitPrice"
"""


def order(number: int, *, left_out: str = "", **members: object) -> dict[str, object]:
    """An order of two lines; without a member of one of its names."""
    item = {"sku": "AB", "qty": "5", "price": "1.50"}
    items = [{"pos": str(at), **{name: each for name, each in item.items() if name != left_out}} for at in (1, 2)]
    whole: dict[str, object] = {"number": f"S-{number}", "day": "05.01.2026", "to": {"name": "Ann"}, "items": items}
    return {name: each for name, each in whole.items() if name != left_out} | members


def items(name: str, value: object) -> list[dict[str, object]]:
    """The lines of an order with another name, or value, for the quantity."""
    return [{"pos": str(at), "sku": "AB", "price": "1.50", name: value} for at in (1, 2)]


@pytest.mark.parametrize(
    ("first", "second", "messages"),
    [
        ([order(1), order(2)], [order(3)], []),
        ([order(1), order(2, left_out="to")], [order(3, left_out="to")], []),
        ([order(1), order(2)], [order(3, left_out="to"), order(4)], []),
        ([order(1), order(2)], [order(3, left_out="to")],
         ["the member 'to.name' of the last file (job JOB) is gone"]),
        ([order(1, extra="x")], [order(3)], []),
        ([order(1)], [order(3, extra="x"), order(4)], []),
        ([order(1)], [order(3, extra="x")], ["the member 'extra' is new since the last file (job JOB)"]),
        ([order(1)], [order(3, items=items("qtty", "5"))],
         ["the member 'items.qty' of the last file (job JOB) is gone; 'items.qtty' is new and looks the same"]),
        ([order(1)], [order(3, day="05/01/2026")],
         ["'day' is written like '05/01/2026', and in the last file (job JOB) like '05.01.2026'"]),
        ([order(1)], [order(3, items=[{"pos": "1", "sku": "AB", "qty": "5", "price": "1,50"}])],
         ["'items.price' is written like '1,50', and in the last file (job JOB) like '1.50'"]),
        ([order(1)], [dict(reversed(order(3).items()))], []),
        ([order(1)], [{"nr" if name == "number" else name: each for name, each in order(3).items()}],
         [("the objects have no member customerOrderNumber ('number' in the feed); what is different from the last good file: the member "
           "'number' of the last file (job JOB) is gone; 'nr' is new and looks the same")]),
    ],
)  # fmt: skip
def test_members_that_are_gone_new_or_written_otherwise_are_named(
    warehouse: Warehouse, first: list[object], second: list[object], messages: list[str]
) -> None:
    feed = warehouse.feed(JSON)
    job = warehouse.run(json.dumps(first), feed, name="orders_1.json").job
    result = warehouse.run(json.dumps(second), feed, name="orders_2.json")
    shown = [result.report.refused] if result.report.refused else [
        each["message"] for each in result.failures if each["code"] in DRIFT]  # fmt: skip
    assert [each.replace(job, "JOB") for each in shown] == messages


def test_a_partner_is_answered_what_is_different(warehouse: Warehouse) -> None:
    """The whole answer, as it is read."""
    feed = warehouse.feed(JSON)
    job = warehouse.run(json.dumps([order(1), order(2)]), feed, name="orders_1.json").job
    result = warehouse.run(json.dumps([order(3, items=items("qtty", "5"))]), feed, name="orders_2.json")
    golden = Path(__file__).with_name("drift_of_json.txt")
    shown = result.text.replace(job, "JOB 1").replace(result.job, "JOB 2")
    assert shown == golden.read_text(encoding="utf-8")
