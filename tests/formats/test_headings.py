"""Headings wherever they are, and none at all: in CSV and in workbooks alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.formats.headers import continued, joined
from crossdock.partners.registry import Misconfigured
from tests.warehouse import HEADER, Result, Warehouse
from tests.workbooks import book, saved

NAMES = HEADER.split(",")
ROWS = [["SO-1", "1", "00815", "5"], ["SO-1", "2", "00816", "7"]]
HEADINGS = f"headings = {NAMES}".replace("'", '"')
LINES = {"1": ("00815", 5.0, "OPEN"), "2": ("00816", 7.0, "OPEN")}


def text(rows: Sequence[Sequence[Any]], delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def run(warehouse: Warehouse, rows: Sequence[Sequence[Any]], kind: str, options: str, keys: str = "") -> Result:
    content = book(*rows) if kind == "xlsx" else text(rows)
    return warehouse.run(content, warehouse.feed(f"options = {{ {options} }}\n{keys}"), name=f"orders.{kind}")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("row", [1, 20, 21, 26, 400])
def test_the_header_is_the_row_that_the_feed_names_however_far_down(warehouse: Warehouse, kind: str, row: int) -> None:
    preamble = [["Delivery schedule", "", "", f"page {number}"] for number in range(1, row)]
    result = run(warehouse, [*preamble, NAMES, *ROWS], kind, f"header_row = {row}")
    assert warehouse.lines() == LINES
    assert result.report.books.ignored == row - 1


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_header_row_below_the_end_is_refused(warehouse: Warehouse, kind: str) -> None:
    for options in ("header_row = 26", f"{HEADINGS}, skip_start = 25"):
        refused = run(warehouse, [NAMES, *ROWS], kind, options).report.refused
        sentence = "row 26 is the header or the first record, says the feed, and is blank or below the file's end"
        assert refused == sentence


MOVED = [
    ([["customerOrderNumber", "customerLineNumber", "quantity", "skuId"]], 1),
    ([["Order list"], [], ["customerOrderNumber", "Remark", "customerLineNumber", "skuId", "quantity"]], 3),
    ([["Remark", "customer order number", "Customer Line Number", "SKU ID", "Quantity"]], 1),
]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(("above", "row"), MOVED)
def test_headings_that_are_left_out_say_where_the_columns_are(
    warehouse: Warehouse, kind: str, above: list[list[str]], row: int
) -> None:
    """A feed that names the columns by position, below a row of headings: its partner moves or inserts one."""
    swapped = [["SO-1", "1", "5", "7"]]
    result = run(warehouse, [*above, *swapped], kind, f"{HEADINGS}, skip_start = {len(above)}")
    assert str(result.report.refused).startswith(f"row {row}, which the feed leaves out, has '")
    assert "name '" in str(result.report.refused)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "above", [[NAMES], [["Quantity", "of", "each", "order"]], [["Auftrag", "Pos", "Artikel", "Menge"]], [["Order list"]],
              [["", "", "quantity", "see below"]]]
)  # fmt: skip
def test_other_rows_that_are_left_out_say_nothing(warehouse: Warehouse, kind: str, above: list[list[str]]) -> None:
    assert run(warehouse, [*above, *ROWS], kind, f"{HEADINGS}, skip_start = 1").errors == []
    assert warehouse.lines() == LINES


def test_a_header_behind_more_than_is_read_at_once_is_found(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossdock.formats.text.CHUNK", 1000)
    monkeypatch.setattr("crossdock.formats.delimited.reader.MAX_RECORD", 500)
    run(warehouse, [*[["x" * 100]] * 60, NAMES, *ROWS], "csv", "header_row = 61")
    assert warehouse.lines() == LINES


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_columns_without_headings_are_named_by_position(warehouse: Warehouse, kind: str) -> None:
    result = run(warehouse, ROWS, kind, HEADINGS)
    assert warehouse.lines() == LINES
    assert (result.report.books.read, result.report.books.ignored) == (2, 0)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_without_headings_is_the_one_that_makes_rows_as_wide(
    warehouse: Warehouse, delimiter: str
) -> None:
    rows = [[*row[:3], f"{row[3]},0"] for row in ROWS]
    warehouse.run(text(rows, delimiter), warehouse.feed(f'options = {{ {HEADINGS} }}\ndecimal = ","'))
    assert warehouse.lines() == LINES


def test_a_sep_line_above_no_headings_is_no_record(warehouse: Warehouse) -> None:
    result = warehouse.run(b"sep=;\n" + text(ROWS, ";"), warehouse.feed(f"options = {{ {HEADINGS} }}"))
    assert warehouse.lines() == LINES
    assert result.report.books.ignored == 1


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_row_with_more_cells_than_headings_is_torn(warehouse: Warehouse, kind: str) -> None:
    result = run(warehouse, [*ROWS, ["SO-2", "1", "00815", "5", "x"]], kind, HEADINGS)
    assert [(line, code) for line, _, code in result.errors] == [(3, "torn_row")]
    assert warehouse.order_numbers() == ["SO-1"]


def test_the_first_column_of_a_sheet_is_the_first_heading_even_where_it_is_blank(warehouse: Warehouse) -> None:
    """A library gives a sheet from its first used column on: every value would be under its neighbour's heading."""
    headings = f"headings = {['', 'header.notes', *NAMES]}".replace("'", '"')
    run(warehouse, [[None, None, *row] for row in ROWS], "xlsx", headings)
    assert warehouse.lines() == LINES


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_column_without_a_name_is_not_read_and_nobody_says_so(warehouse: Warehouse, kind: str) -> None:
    rows = [[row[0], "x", *row[1:], "y"] for row in ROWS]
    result = run(warehouse, rows, kind, f"headings = {[NAMES[0], '', *NAMES[1:], '']}".replace("'", '"'))
    assert (warehouse.lines(), "unknown_column" in result.warnings) == (LINES, False)


def test_several_sheets_without_headings_are_refused(warehouse: Warehouse) -> None:
    content = book(*ROWS, Other=ROWS)
    refused = warehouse.run(content, warehouse.feed(f"options = {{ {HEADINGS} }}"), name="orders.xlsx").report.refused
    assert refused is not None
    assert "more than one sheet" in refused
    warehouse.run(content, warehouse.feed(f'options = {{ {HEADINGS}, sheet = "Other" }}'), name="orders.xlsx")
    assert warehouse.lines() == LINES


def test_a_header_that_comes_after_all_is_no_record(warehouse: Warehouse) -> None:
    result = run(warehouse, [NAMES, *ROWS], "csv", HEADINGS)
    assert (warehouse.lines(), result.report.books.ignored) == (LINES, 1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (f"header_row = 1, {HEADINGS}", "header_row and headings contradict each other"),
        ("header_row = 1, header_rows = [1, 2]", "header_row and header_rows contradict each other"),
        ("header_rows = [2, 1]", "header_rows: name the rows from the first to the last"),
        ('headings = ["a", "", "A"]', "headings: 'a' stands twice"),
        ('headings = ["", ""]', "headings: name at least one column"),
        ("header_row = 0", "header_row: input should be greater than or equal to 1"),
        ("skip_start = 2", "skip_start is for files without headings"),
        ('heading = ["a"]', "there is no key 'heading', did you mean 'headings'?"),
        ('short_rows = "fill"', "short_rows: input should be 'fail' or 'blank'"),
    ],
)
def test_a_mistake_of_the_toml_is_named(warehouse: Warehouse, options: str, sentence: str) -> None:
    with pytest.raises(Misconfigured, match=r"acme\.toml:10: ") as raised:
        warehouse.feed(f"options = {{ {options} }}")
    assert sentence in str(raised.value)


TWO = [["", "", "Item", "", "Ship to", ""], ["customerOrderNumber", "customerLineNumber", "Id", "Qty", "Name", "City"]]
MAPPED = 'columns = { "Item.Id" = "skuId", "item qty" = "quantity" }'


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_two_rows_are_the_headings_together(warehouse: Warehouse, kind: str) -> None:
    rows = [["Orders", "", "", "", "", ""], *TWO, *([*row, "Ada", "Reno"] for row in ROWS)]
    result = run(warehouse, rows, kind, "header_rows = [2, 3]", MAPPED)
    assert warehouse.lines() == LINES
    assert warehouse.rows("SELECT ship_to_name, ship_to_city FROM sales_orders") == [("Ada", "Reno")]
    assert result.report.books.ignored == 1


def test_merged_cells_are_the_group_of_all_columns_below_them_and_of_no_other(warehouse: Warehouse) -> None:
    """A blank beside them is no part of the group."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["customerOrderNumber", "Ship to", "", "Line No", "Item"])
    sheet.append(["", "Name", "City", "", "Id", "Qty"])
    for row in ROWS:
        sheet.append([row[0], "Ada", "Reno", *row[1:]])
    for area in ("A1:A2", "B1:C1", "D1:D2"):
        sheet.merge_cells(area)
    keys = 'columns = { "Line No" = "customerLineNumber", "Item.Id" = "skuId", "Qty" = "quantity" }'
    result = warehouse.run(
        saved(book), warehouse.feed(f"options = {{ header_rows = [1, 2] }}\n{keys}"), name="orders.xlsx"
    )
    assert warehouse.lines() == LINES, result.text
    assert warehouse.rows("SELECT ship_to_name, ship_to_city FROM sales_orders") == [("Ada", "Reno")]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_headings_of_two_rows_on_every_page_are_no_records(warehouse: Warehouse, kind: str) -> None:
    rows = [*TWO, [*ROWS[0], "Ada", "Reno"], *TWO, [*ROWS[1], "Ada", "Reno"]]
    result = run(warehouse, rows, kind, "header_rows = [1, 2]", MAPPED)
    assert (warehouse.lines(), result.report.books.ignored) == (LINES, 2)


def test_a_fix_workbook_of_joined_headings_comes_back(warehouse: Warehouse) -> None:
    rows = [*TWO, [*ROWS[0][:3], "5x", "Ada", "Reno"]]
    result = run(warehouse, rows, "csv", "header_rows = [1, 2]", MAPPED)
    assert [(line, column) for line, column, _ in result.errors] == [(3, "Item.Qty")]
    corrected = openpyxl.load_workbook(io.BytesIO(warehouse.fix(result)))
    sheet = corrected["Lines to fix"]
    column = [cell.value for cell in sheet[1]].index("Item.Qty") + 1
    sheet.cell(2, column).value = 5
    again = warehouse.run(
        saved(corrected), warehouse.feed(f"options = {{ header_rows = [1, 2] }}\n{MAPPED}"), name="fix.xlsx"
    )
    assert again.report.documents.inserted == 1, again.text


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([["a", "", "b"], ["x", "y", "z"]], ["a.x", "a.y", "b.z"]),
        ([["a", "", ""], ["x", "", "y"], ["1", "2", "3"]], ["a.x.1", "a.x.2", "a.y.3"]),
        ([["a", "", "b", ""], ["x", "", "", "y"], ["1", "2", "3", "4"]], ["a.x.1", "a.x.2", "b.3", "b.y.4"]),
        ([["a", "b"], ["", ""]], ["a", "b"]),
        ([["a"], ["", "b"]], ["a", "a.b"]),
        ([["a", "a"], ["a", "b"]], ["a", "a.b"]),
        ([["", "a"], ["x", ""]], ["x", "a"]),
    ],
)
def test_how_rows_of_headings_are_joined(rows: list[list[str]], names: list[str]) -> None:
    assert joined(continued(rows)) == names


TWICE = ["customerOrderNumber", "customerLineNumber", "Item", "quantity", "Item"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_second_column_of_a_name_is_mapped_as_the_second(warehouse: Warehouse, kind: str) -> None:
    keys = 'columns = { "Item" = "customerSku", "Item (2)" = "skuId" }'
    rows = [TWICE, ["SO-1", "1", "theirs", "5", "00815"]]
    result = run(warehouse, rows, kind, "", keys)
    assert warehouse.rows("SELECT customer_sku, sku_id FROM sales_order_lines") == [("theirs", "00815")]
    assert "heading_twice" not in result.warnings
    run(warehouse, [TWICE, ["SO-1", "1", "theirs", "5", "00816"]], kind, "", 'columns = { "Item (2)" = "skuId" }')
    assert warehouse.rows("SELECT sku_id FROM sales_order_lines") == [("00816",)]


def test_a_third_one_that_nobody_names_is_refused_with_what_would_name_it(warehouse: Warehouse) -> None:
    keys = 'columns = { "Item" = "customerSku", "Item (2)" = "skuId" }'
    refused = run(warehouse, [[*TWICE, "item"], ["SO-1", "1", "a", "5", "b", "c"]], "csv", "", keys).report.refused
    assert refused is not None
    assert (
        "'item' (position 6) of the header are both item: in the feed's columns the second is named 'item (3)'"
        in refused
    )


def test_a_short_row_ends_in_blanks_where_the_feed_says_so(warehouse: Warehouse) -> None:
    content = f"{HEADER},header.notes,customerSku\nSO-1,1,00815,5\nSO-1,2,00816,7,,x\nSO-2,1\nSO-3,1,00815,5,a,b,c\n"
    torn = warehouse.run(content)
    assert [code for _, _, code in torn.errors] == ["torn_row"] * 3
    result = warehouse.run(content, warehouse.feed('options = { short_rows = "blank" }'))
    assert warehouse.lines() == LINES
    assert {(line, code) for line, _, code in result.errors} == {(4, "missing"), (5, "torn_row")}


cell = st.text(st.sampled_from("ab1 ;\"'x"), max_size=5)


@pytest.mark.slow
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=3 * settings().max_examples
)
@given(st.lists(st.lists(cell, min_size=4, max_size=4), max_size=6))
def test_named_headings_are_the_same_as_a_header_row(warehouse: Warehouse, table: list[list[str]]) -> None:
    """For any table: the same records and failures, one line further up."""
    rows = [["SO-0", "1", "AB", "5"], *(["SO-1", *row[1:]] for row in table)]
    one = warehouse.check(text([NAMES, *rows]), warehouse.feed('options = { delimiter = "," }'))
    other = warehouse.check(text(rows), warehouse.feed(f'options = {{ delimiter = ",", {HEADINGS} }}'))
    assert [one["counts"], one["lines"]] == [other["counts"], other["lines"]]
    assert [each["customerOrderNumber"] for each in one["failedOrders"]] == [
        each["customerOrderNumber"] for each in other["failedOrders"]
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_lines_that_are_drawn_are_no_records(warehouse: Warehouse, kind: str) -> None:
    drawn = ["-" * len(name) for name in NAMES]
    rows = [NAMES, drawn, ROWS[0], ["---:", "", ":---:", "==="], ROWS[1], drawn]
    result = run(warehouse, rows, kind, "")
    assert (warehouse.lines(), result.errors, result.warnings) == (LINES, [], [])
    assert (result.report.books.loaded, result.report.books.ignored) == (2, 3)
    run(warehouse, [NAMES, ["---", "3", "00815", "5"]], kind, "")
    assert "---" in warehouse.order_numbers(), "a number may be odd"


LISTS = {
    "sap": """
-----------------------------------------------------------------
|customerOrderNumber|customerLineNumber|skuId     |    quantity |
-----------------------------------------------------------------
|SO-1               |1                 |00815     |         5   |
|SO-1               |2                 |00816     |         7   |
-----------------------------------------------------------------
""",
    "markdown": """
| customerOrderNumber | customerLineNumber | skuId | quantity |
|---------------------|-------------------:|:-----:|----------|
| SO-1 | 1 | 00815 | 5 |
| SO-1 | 2 | 00816 | 7 |
""",
    "psql": """ customerOrderNumber | customerLineNumber | skuId | quantity
---------------------+--------------------+-------+----------
 SO-1                | 1                  | 00815 |        5
 SO-1                | 2                  | 00816 |        7
(2 rows)

""",
    "sqlcmd": """customerOrderNumber\tcustomerLineNumber\tskuId\tquantity
-------------------\t------------------\t-----\t--------
SO-1\t1\t00815\t5
SO-1\t2\t00816\t7

(2 rows affected)
""",
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_that_programs_draw_are_read(warehouse: Warehouse, name: str) -> None:
    result = warehouse.run(LISTS[name])
    assert (warehouse.lines(), result.errors) == (LINES, [])
    assert set(result.warnings) == ({"footer_rows"} if name in ("psql", "sqlcmd") else set())


def test_lines_that_are_drawn_among_columns_of_fixed_width(warehouse: Warehouse) -> None:
    content = "SO-1  1 00815  5\n----- - -----  -\nSO-1  2 00816  7\n================\n"
    columns = (
        'columns_at = { customerOrderNumber = "1-5", customerLineNumber = "7", skuId = "9-13", quantity = "15-16" }'
    )
    result = warehouse.run(content, warehouse.feed(f'format = "fixed"\noptions = {{ {columns} }}\n'))
    assert (warehouse.lines(), result.errors, result.report.books.ignored) == (LINES, [], 2)
