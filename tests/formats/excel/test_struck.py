"""What people have struck out is not stored like what they let stand."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from tests.warehouse import HEADER, Result, Warehouse
from tests.workbooks import saved

NAMES = HEADER.split(",")
STRUCK = Font(strike=True)
ROWS = (["SO-1", "1", "AB", 5], ["SO-2", "1", "AC", 6], ["SO-2", "2", "AD", 7])


def orders(*struck: str, names: list[str] = NAMES, beside: str | None = None) -> bytes:
    """A workbook of two orders, in which these cells are struck out."""
    book = openpyxl.Workbook()
    only = book.active
    assert only is not None
    for row in (names, *ROWS):
        only.append(row if row is names or beside is None else [*row, beside])
    for address in struck:
        only[address].font = STRUCK
    return saved(book)


def row(number: int) -> tuple[str, ...]:
    return tuple(f"{letter}{number}" for letter in "ABCD")


def partly(*parts: tuple[str, bool]) -> bytes:
    """A workbook with an order whose quantity is a text of parts; each struck out or not."""
    book = openpyxl.Workbook()
    only = book.active
    assert only is not None
    blocks = [TextBlock(InlineFont(strike=True), each) if struck else each for each, struck in parts]
    for cells in (NAMES, ["SO-1", "1", "AB", CellRichText(*blocks)]):
        only.append(cells)
    return saved(book)


def run(warehouse: Warehouse, content: bytes, keys: str = "", name: str = "orders.xlsx") -> Result:
    return warehouse.run(content, warehouse.feed(keys), name=name)


def test_a_row_that_is_struck_out_fails_and_holds_its_order(warehouse: Warehouse) -> None:
    result = run(warehouse, orders(*row(4)))
    assert result.errors == [(4, "", "struck_row")]
    assert warehouse.order_numbers() == ["SO-1"]
    assert "Orders!4" in result.text or "Sheet!4" in result.text
    assert "the row is struck out" in result.text


@pytest.mark.parametrize("keys", ["", 'options = { struck = "leave_out" }', 'options = { struck = "read" }'])
def test_a_row_with_one_cell_that_stands_is_not_struck_out(warehouse: Warehouse, keys: str) -> None:
    """Only the cell that is struck out fails, and only where it is read."""
    result = run(warehouse, orders("D3", "E3", names=[*NAMES, "our own remark"], beside="by van"), keys)
    expected = [] if "read" in keys else [(3, "quantity", "struck_out")]
    assert result.errors == expected
    assert [each["value"] for each in result.failures if each["code"] == "struck_out"] == ["6"] * len(expected)
    own = run(warehouse, orders("E3", names=[*NAMES, "our own remark"], beside="by van"), keys)
    assert own.errors == []


def test_a_feed_leaves_rows_out_that_are_struck_out(warehouse: Warehouse) -> None:
    result = run(warehouse, orders(*row(4)), 'options = { struck = "leave_out" }')
    assert result.report.verdict == "ACCEPTED"
    assert (result.report.books.read, result.report.books.ignored) == (3, 1)
    assert warehouse.lines("SO-2") == {"1": ("AC", 6.0, "OPEN")}
    assert "rows that are struck out were left out: 1, in 4–4" in result.text


def test_a_feed_reads_rows_that_are_struck_out(warehouse: Warehouse) -> None:
    result = run(warehouse, orders(*row(2), *row(4)), 'options = { struck = "read" }')
    assert (result.errors, result.warnings) == ([], [])
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]


@pytest.mark.parametrize("keys", ["", 'options = { struck = "read" }'])
def test_a_text_of_which_a_part_is_struck_out_is_not_read_as_one(warehouse: Warehouse, keys: str) -> None:
    """Ten became twelve, not a thousand and twelve."""
    result = run(warehouse, partly(("10", True), (" 12", False)), keys)
    assert result.errors == [(2, "quantity", "partly_struck")]
    assert "a part of quantity is struck out, and '12' is left" in result.text
    assert warehouse.order_numbers() == []


def test_a_text_whose_parts_are_all_struck_out_is_struck_out(warehouse: Warehouse) -> None:
    assert run(warehouse, partly(("1", True), ("0", True))).errors == [(2, "quantity", "struck_out")]


def test_parts_of_other_fonts_are_one_text(warehouse: Warehouse) -> None:
    assert run(warehouse, partly(("1", False), (" ", True), ("0", False))).errors != [(2, "quantity", "partly_struck")]
    assert run(warehouse, partly(("1", False), ("0", False))).errors == []
    assert warehouse.lines() == {"1": ("AB", 10.0, "OPEN")}


def test_a_row_comes_back_in_a_fix_workbook_and_is_taken_once_somebody_says_so(warehouse: Warehouse) -> None:
    failed = run(warehouse, orders(*row(4)))
    book = openpyxl.load_workbook(io.BytesIO(warehouse.fix(failed)))
    assert run(warehouse, saved(book), name="again.xlsx").errors == [(3, "", "struck_row")], "nobody has touched it"
    (visible,) = [each for each in book if each.sheet_state == "visible" and each["A1"].value == NAMES[0]]
    (problem,) = [cell.column for cell in visible[1] if cell.value == "Problem"]
    for line in (2, 3):
        visible.cell(line, problem).value = None
    assert run(warehouse, saved(book), name="third.xlsx").errors == []
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]


@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_a_real_sheet_says_what_is_struck_out(warehouse: Warehouse, kind: str) -> None:
    """Written by LibreOffice 7.4: the second line struck out, in the third the quantity, in the last one the
    second half of it, which an .xls file doesn't tell.
    """
    content = (Path(__file__).parent / "samples" / f"struck.{kind}").read_bytes()
    part = [(5, "quantity", "partly_struck")] if kind == "ods" else []
    result = run(warehouse, content, name=f"orders.{kind}")
    assert result.errors == [(3, "", "struck_row"), (4, "quantity", "struck_out"), *part]
    assert ("a part of a text that is struck out can't be told" in result.text) == (kind == "xls")
