"""Lines of fixed width: each value from its place, and no value from another's."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crossdock.formats import options as options_of_all
from crossdock.formats import reader, text
from crossdock.formats.format import Clues
from crossdock.formats.headers import is_rule
from crossdock.formats.lines.places import layout
from crossdock.formats.lines.text_lines import lines as lines_of
from crossdock.formats.text import inspect
from crossdock.partners.registry import Misconfigured
from crossdock.schema.document import Kind
from tests.warehouse import HEADER, Result, Warehouse
from tests.workbooks import saved

NAMES = HEADER.split(",")
WIDTHS = (8, 3, 8, 7)
AT = 'columns_at = { Order = "1-8", Line = "9-11", Item = "12-19", Qty = "20-26" }'
KEYS = f"""format = "fixed"
options = {{ {AT} }}
columns = {{ Order = "customerOrderNumber", Line = "customerLineNumber", Item = "skuId", Qty = "quantity" }}
"""
ROWS = [("SO-1", "1", "00815", "5"), ("SO-1", "2", "00816", "7"), ("SO-2", "1", "00815", "12")]
STORED = {"1": ("00815", 5.0, "OPEN"), "2": ("00816", 7.0, "OPEN")}


def line(order: str, number: str, item: str, quantity: str) -> str:
    """A line with its quantity at the right."""
    return f"{order:8}{number:3}{item:8}{quantity:>7}"


def fixed(*rows: tuple[str, str, str, str], end: str = "\n") -> str:
    return "".join(line(*row) + end for row in rows)


def run(warehouse: Warehouse, content: str | bytes, keys: str = KEYS) -> Result:
    return warehouse.run(content, warehouse.feed(keys), name="orders.txt")


def faults(result: Result) -> list[tuple[int, str]]:
    return [(line, code) for line, _, code in result.errors]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_columns_are_read_from_their_places(warehouse: Warehouse, end: str) -> None:
    result = run(warehouse, fixed(*ROWS, end=end))
    assert (warehouse.lines(), warehouse.order_numbers()) == (STORED, ["SO-1", "SO-2"])
    assert result.report.books.read == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_characters_are_counted_and_not_bytes(warehouse: Warehouse, encoding: str) -> None:
    run(warehouse, fixed(("Käse-1", "1", "ÖÜ-815", "5")).encode(encoding))
    assert warehouse.lines("Käse-1") == {"1": ("ÖÜ-815", 5.0, "OPEN")}


def test_a_failure_names_the_line_and_the_column(warehouse: Warehouse) -> None:
    result = run(warehouse, fixed(*ROWS, ("SO-3", "1", "00815", "5x")) + "\n\x1a")
    assert result.errors == [(4, "Qty", "not_a_number")]
    assert "line 4, SO-3  Qty '5x' is not a number" in result.text
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("SO-3\t1\t00815\t5", "tab_in_line"),
        ("SO-3    1  00815         5 x", "outside_columns"),  # beyond the last column
        ("SO-3    1  00815          5", "outside_columns"),  # shifted by one: 5 would be missing
        ("SO-3    1  00815        51 ", "line_too_long"),  # shifted by one: 51 would be 51 all the same, who knows
        ("SO-3    1  00815      51", "cut_line"),  # a digit is lost, or a blank before
        ("SO-3    1  00815   ", "missing"),  # ends before the quantity
        ("SO-3    1  00815", "cut_line"),  # the item is cut
        ("x" * ((1 << 20) + 5), "record_too_long"),
    ],
)
def test_what_is_not_in_its_place_is_never_stored(warehouse: Warehouse, row: str, fault: str) -> None:
    result = run(warehouse, fixed(*ROWS) + row + "\n")
    assert faults(result) == [(4, fault)]
    assert "SO-3" not in warehouse.order_numbers()


def test_text_between_columns_is_a_fault_unless_it_is_named(warehouse: Warehouse) -> None:
    row = "SO-1    1  00815   filler5\n"
    keys = KEYS.replace('"20-26"', '"26"')
    assert faults(run(warehouse, row, keys)) == [(1, "outside_columns")]
    run(warehouse, row, keys.replace("columns_at = {", 'columns_at = { "" = ["20-22", "23-25"],'))
    assert warehouse.lines() == {"1": ("00815", 5.0, "OPEN")}


def test_lines_without_blanks_at_their_end_are_whole(warehouse: Warehouse) -> None:
    """An editor takes them away; a value at the left of the last column is whole then."""
    keys = KEYS.replace('Qty = "20-26"', 'Qty = "20-26", Name = "27-46"').replace(
        "columns = {", 'columns = { Name = "shipTo.name",'
    )
    names = ["Ada", "", "Grace Hopper", "Alan M. Turing and Son"]
    rows = [f"{line(f'SO-{number}', '1', '00815', '5')}{name:20}".rstrip() for number, name in enumerate(names)]
    result = run(warehouse, "\n".join(rows), keys)
    assert warehouse.rows("SELECT ship_to_name FROM sales_orders ORDER BY customer_order_number") == [
        ("Ada",), (None,), ("Grace Hopper",),
    ]  # fmt: skip
    assert faults(result) == [(4, "outside_columns")]


def test_a_right_aligned_value_that_is_cut_is_never_another(warehouse: Warehouse) -> None:
    rows = [line(f"SO-{number}", "1", "00815", "120") for number in range(4)]
    short = [row[: 24 + number % 2] for number, row in enumerate(rows)]  # none is as long as most others
    assert faults(run(warehouse, "\n".join(short))) == [
        (1, "cut_line"),
        (2, "cut_line"),
        (3, "cut_line"),
        (4, "cut_line"),
    ]
    assert warehouse.order_numbers() == []


def test_the_last_column_may_go_to_the_end_of_the_line(warehouse: Warehouse) -> None:
    keys = KEYS.replace('Qty = "20-26"', 'Qty = "20-26", Note = "27-"').replace(
        "columns = {", 'columns = { Note = "line.notes",'
    )
    run(warehouse, line(*ROWS[0]) + " leave at the door, ring twice\n", keys)
    assert warehouse.rows("SELECT notes FROM sales_order_lines") == [("leave at the door, ring twice",)]


@pytest.mark.parametrize("last", ['Note = "27-"', 'Note = "27-60"', '"" = "27-60"'])
def test_a_line_is_longer_than_others_where_they_have_nothing_at_its_end(warehouse: Warehouse, last: str) -> None:
    keys = KEYS.replace('Qty = "20-26"', f'Qty = "20-26", {last}').replace(
        "columns = {", 'columns = { Note = "line.notes",'
    )
    result = run(warehouse, fixed(*ROWS) + line("SO-3", "1", "00815", "5") + "leave at the door\n", keys)
    assert (faults(result), warehouse.order_numbers()) == ([], ["SO-1", "SO-2", "SO-3"])


def test_headings_above_and_on_every_page_are_no_records(warehouse: Warehouse) -> None:
    heading = line("Order", "Line", "Item", "Qty").replace("Line", "Lin")
    content = f"ORDERS OF TODAY\n{heading}\n{fixed(ROWS[0])}{heading}\n{fixed(*ROWS[1:])}"
    keys = KEYS.replace("Line =", "Lin =").replace("options = {", "options = { header_row = 2,")
    result = run(warehouse, content, keys)
    assert (warehouse.lines(), result.report.books.ignored) == (STORED, 3)


def test_a_fix_workbook_has_the_columns_as_headings_and_comes_back(warehouse: Warehouse) -> None:
    result = run(warehouse, fixed(("SO-1", "1", "00815", "5x"), ROWS[1]))
    book = openpyxl.load_workbook(io.BytesIO(warehouse.fix(result)))
    sheet = book["Lines to fix"]
    headings = [cell.value for cell in sheet[1]]
    assert headings[:4] == ["Order", "Line", "Item", "Qty"]
    sheet.cell(2, headings.index("Qty") + 1).value = "5"
    again = warehouse.run(saved(book), warehouse.feed(KEYS), name="fix.xlsx")
    assert again.report.documents.inserted == 1, again.text
    assert warehouse.lines() == STORED


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ('format = "fixed"', "format = 'fixed' needs columns_at in the options"),
        (f"options = {{ {AT} }}", "columns_at needs format = 'fixed'"),
        (
            'format = "fixed"\noptions = { columns_at = { a = "1-8", b = "8-9" } }',
            "columns_at: 'a' and 'b' overlap at 8",
        ),
        ('format = "fixed"\noptions = { columns_at = { a = "0-8" } }', "columns_at: '0-8' is no place: write from-to"),
        ('format = "fixed"\noptions = { columns_at = { a = "9-8" } }', "columns_at: '9-8' ends before it begins"),
        ('format = "fixed"\noptions = { columns_at = { a = ["1-2", "3"] } }', "columns_at: 'a' is in one place"),
        ('format = "fixed"\noptions = { columns_at = { a = "1", A = "2" } }', "columns_at: 'a' stands twice"),
        (
            'format = "fixed"\noptions = { columns = { a = "1" } }',
            "there is no key 'columns', did you mean 'columns_at'?",
        ),
    ],
)
def test_a_mistake_of_the_toml_is_named(warehouse: Warehouse, keys: str, sentence: str) -> None:
    with pytest.raises(Misconfigured, match=r"acme.toml:1[01]: ") as raised:
        warehouse.feed(keys)
    assert sentence in str(raised.value)


KNOWN = Clues(dict.fromkeys("abc", Kind.TEXT))
cell = st.text(st.sampled_from('aÄ€1 .-;"'), max_size=5).map(str.strip)
row = st.lists(cell, min_size=3, max_size=3).filter(lambda cells: any(cells) and not is_rule(cells))
"""A row of a table; one of dashes is a line that is drawn, and no record."""


def read(path: Path, content: bytes, name: str, **options: object) -> list[list[str]]:
    path.write_bytes(content)
    blocks = list(reader(path, name, options_of_all()(**options), KNOWN).blocks())
    assert all(block.faults.null_count == len(block.lines) for block in blocks)
    return [list(row.values()) for block in blocks for row in block.cells.to_pylist()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(row, min_size=1, max_size=12),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(1, 40),
    st.sampled_from(["left", "right"]),
)
@example([["a", "", ""], ["b", "", "1"]], "\r\n", 1, "left")
def test_any_table_is_the_same_as_in_a_csv(
    tmp_path: Path, table: list[list[str]], end: str, chunk: int, side: str
) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows(table)
    pad = str.ljust if side == "left" else str.rjust
    written = "".join("".join(pad(each, 5) for each in row) + end for row in table)
    at = {"a": ["1-5"], "b": ["6-10"], "c": ["11-15"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "CHUNK", chunk)
        one = read(tmp_path / "a.txt", written.encode(), "fixed", columns_at=at)
    other = read(tmp_path / "a.csv", out.getvalue().encode(), "delimited", headings=["a", "b", "c"], delimiter=",")
    assert one == other == table


@given(st.text(st.sampled_from("ab\r\n\x0c\u2028"), max_size=12), st.integers(1, 5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_lines_end_where_a_csv_s_do(tmp_path: Path, content: str, chunk: int) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(f"x{content}".encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "CHUNK", chunk)
        lines = [line for _, line in lines_of(path, inspect(path, "utf-8"))]
    expected = f"x{content}".replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert lines == (expected[:-1] if expected[-1] == "" else expected)


def test_a_layout_knows_what_is_between_its_columns() -> None:
    places = layout({"b": ("6-",), "a": ("2-3",), "": ("4",)})
    assert (places.names, places.spans, places.free) == (("a", "b"), ((1, 3), (5, 1 << 20)), ((0, 1), (4, 5)))


@pytest.mark.parametrize(
    "end", ["(3 rows affected)", "  3 record(s) selected.", "EOF", "*** End of report ***", "\nEOF"]
)
def test_a_line_that_can_be_no_record_is_the_footer(warehouse: Warehouse, end: str) -> None:
    result = run(warehouse, f"{fixed(*ROWS)}{end}\n")
    assert (faults(result), warehouse.order_numbers()) == ([], ["SO-1", "SO-2"])
    assert (result.warnings, result.report.books.ignored) == (["footer_rows"], 1)


@pytest.mark.parametrize(("rows", "end"), [(ROWS, "(4 rows affected)"), (ROWS[:2], f"EOF\n{line(*ROWS[2])}")])
def test_such_a_line_that_is_wrong_or_not_the_last_is_faulty(
    warehouse: Warehouse, rows: list[tuple[str, str, str, str]], end: str
) -> None:
    result = run(warehouse, f"{fixed(*rows)}{end}\n")
    assert faults(result) == [(len(rows) + 1, "torn_row")]
    assert "SO-2" not in warehouse.order_numbers()


def test_a_footer_that_the_feed_describes_is_read_as_a_line(warehouse: Warehouse) -> None:
    """Its places mean nothing: cut into columns, it would read 'Printed  by  Ann at'."""
    keys = KEYS.replace("options = { ", 'options = { footer = ["Printed by Ann*"], ')
    result = run(warehouse, f"{fixed(*ROWS)}Printed by Ann at nine in the morning of a Monday\n", keys)
    assert (faults(result), result.warnings, result.report.books.ignored) == ([], ["footer_rows"], 1)


NAMED = """format = "fixed"
options = { columns_at = { Order = "1-6", Line = "7-8", Name = "9-16", Item = "17-21", Qty = "22-25" } }
columns = { Order = "customerOrderNumber", Line = "customerLineNumber", Name = "shipTo.name", Item = "skuId", Qty = "quantity" }
"""


def named(number: int, name: str, *, counted: str = "utf-32-le") -> str:
    """A line whose name is filled up to eight characters, or bytes of an encoding."""
    units = len(name.encode(counted)) // (4 if counted == "utf-32-le" else 1)
    return f"SO-{number}  1 {name}{' ' * (8 - units)}ABC  12  \n"


@pytest.mark.parametrize("others", [["Miller"], ["Miller", "Bo", "Cy"], ["Zoë"]])
def test_a_line_whose_columns_are_counted_in_bytes_is_faulty(warehouse: Warehouse, others: list[str]) -> None:
    """Read by its characters, ABC and 12 would be 'BC  1' and 2."""
    lines = [named(at, name, counted="utf-8") for at, name in enumerate(["Mül", *others])]
    odd = {place for place, name in enumerate(["Mül", *others], 1) if not name.isascii()}
    if others == ["Zoë"]:  # as many characters as bytes say nothing where all lines have the same
        lines.append(named(9, "Bo", counted="utf-8"))
    result = run(warehouse, "".join(lines), NAMED)
    assert set(faults(result)) == {(line, "counted_in_bytes") for line in odd}
    assert {quantity for (quantity,) in warehouse.rows("SELECT quantity FROM sales_order_lines")} == {"12.000000"}


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("names", [["Mül", "Bo"], ["Mül"], ["Mül", "Zoë"], ["Bo", "Cy", "Mül"]])
def test_lines_that_count_characters_are_right_in_every_encoding(
    warehouse: Warehouse, encoding: str, names: list[str]
) -> None:
    content = "".join(named(at, name) for at, name in enumerate(names)).encode(encoding)
    result = run(warehouse, content, NAMED)
    assert (faults(result), len(warehouse.order_numbers())) == ([], len(names))


@given(st.lists(st.text("aü€😀", max_size=2), min_size=2, max_size=8), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_line_is_read_otherwise_than_its_neighbours(tmp_path: Path, names: list[str], by_bytes: bool) -> None:
    """Of lines that are filled up to one length, counted either way, each has its quantity or is faulty."""
    counted = "utf-8" if by_bytes else "utf-32-le"
    path = tmp_path / "orders.txt"
    path.write_text("".join(named(at, name, counted=counted) for at, name in enumerate([*names, "a"])), "utf-8")
    chosen = options_of_all()(columns_at={"Order": "1-6", "": "7-21", "Qty": "22-25"})
    clues = Clues({"order": Kind.ID, "qty": Kind.QUANTITY})
    for block in reader(path, "fixed", chosen, clues).blocks():
        quantities, faulty = block.cells.column("Qty").to_pylist(), block.faults.is_valid().to_pylist()
        assert all(quantity == "12" or fault for quantity, fault in zip(quantities, faulty, strict=True))
        assert by_bytes or not any(faulty)
