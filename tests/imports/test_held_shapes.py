"""Held copies of files of every shape go in by themselves when what they lack comes, and so do their fix-workbooks."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest

from crossdock.workers.by_path import import_file
from tests.imports.test_held import ACME, TwoPartners, two_partners
from tests.workbooks import saved

__all__ = ["two_partners"]
COLUMNS = """
[feed.columns]
Order = "customerOrderNumber"
Line = "customerLineNumber"
Item = "skuId"
Qty = "quantity"
"""
NESTED = """
[feed.columns]
number = "customerOrderNumber"
"lines.line" = "orderLines"
"lines.line.pos" = "customerLineNumber"
"lines.line.sku" = "skuId"
"lines.line.qty" = "quantity"
"""
SHAPES = {
    "fixed": (
        'format = "fixed"\noptions = { columns_at = { Order = "1-6", Line = "7-8", Item = "9-14", Qty = "15-18" } }'
        + COLUMNS,
        "SO-1  1 AB       5\nSO-2  1 AB       3\nSO-2  2 ZZ       7\n",
        "Item",
    ),
    "records": (
        'format = "records"\noptions = { records = { H = ["Order"], D = ["Line", "Item", "Qty"] } }' + COLUMNS,
        "H|SO-1\nD|1|AB|5\nH|SO-2\nD|1|AB|3\nD|2|ZZ|7\n",
        "Item",
    ),
    "joined headings": (
        "options = { header_rows = [1, 2] }" + COLUMNS.replace("Item =", '"Item.Id" ='),
        "Order,Line,Item,Qty\n,,Id,\nSO-1,1,AB,5\nSO-2,1,AB,3\nSO-2,2,ZZ,7\n",
        "Item.Id",
    ),
    "no headings": (
        'options = { headings = ["Order", "Line", "Item", "Qty"] }' + COLUMNS,
        "SO-1,1,AB,5\nSO-2,1,AB,3\nSO-2,2,ZZ,7\n",
        "Item",
    ),
    "the second column of a name": (
        COLUMNS.replace("Item =", '"Item (2)" ='),
        "Order,Line,Item,Item,Qty\nSO-1,1,a,AB,5\nSO-2,1,a,AB,3\nSO-2,2,a,ZZ,7\n",
        "Item (2)",
    ),
    "lines below objects": (
        NESTED,
        json.dumps(
            [
                {"number": "SO-1", "lines": {"line": {"pos": 1, "sku": "AB", "qty": 5}}},
                {
                    "number": "SO-2",
                    "lines": {"line": [{"pos": 1, "sku": "AB", "qty": 3}, {"pos": 2, "sku": "ZZ", "qty": 7}]},
                },
            ]
        ),
        "lines.line.sku",
    ),
}
STORED = {"1": ("AB", 3.0, "OPEN"), "2": ("ZZ", 7.0, "OPEN")}


@pytest.mark.parametrize("shape", list(SHAPES))
def test_what_is_held_goes_in_when_the_list_brings_what_it_lacks(two_partners: TwoPartners, shape: str) -> None:
    keys, content, _ = SHAPES[shape]
    two_partners.partner("acme", whole=ACME + keys)
    two_partners.send("orders.txt", content)
    assert (two_partners.order_numbers(), [number for number, _ in two_partners.open()]) == (["SO-1"], ["SO-2"])
    two_partners.sku("ZZ")
    assert (two_partners.lines("SO-2"), two_partners.open()) == (STORED, [])


@pytest.mark.parametrize("shape", list(SHAPES))
def test_a_fix_workbook_is_read_by_its_headings(two_partners: TwoPartners, shape: str) -> None:
    keys, content, heading = SHAPES[shape]
    two_partners.partner("acme", whole=ACME + keys)
    report = two_partners.send("orders.txt", content)
    fixes = list((two_partners.home / "outbox" / "acme").glob(f"*{report.job}*.xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(fixes[0].read_bytes()))
    sheet = book["Lines to fix"]
    column = [cell.value for cell in sheet[1]].index(heading) + 1
    places = [row for row in range(2, sheet.max_row + 1) if sheet.cell(row, column).value == "ZZ"]
    sheet.cell(places[0], column).value = "AB"
    path = two_partners.home / "orders fixed.xlsx"
    path.write_bytes(saved(book))
    again = import_file(two_partners.site, path, None, lambda _: None)
    assert again.documents.inserted == 1, again
    assert two_partners.lines("SO-2") == {"1": STORED["1"], "2": ("AB", 7.0, "OPEN")}
