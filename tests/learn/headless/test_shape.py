"""Files whose columns no row of headings names: what ``crossdock learn`` proposes reads them, and stores what they say."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.learn.headless.fixed import shape_of_lines
from crossdock.learn.proposal import propose
from crossdock.learn.sample import read_sample
from crossdock.learn.toml_text import Who, feed_toml
from crossdock.partners import registry
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow

ROWS = """\
SO-1001;05.01.2026;10;AB-815;5;EA
SO-1001;05.01.2026;20;AB-816;17;EA
SO-1001;05.01.2026;30;AB-817;120;EA
SO-1002;13.01.2026;10;AB-815;3;EA
SO-1003;14.01.2026;10;AB-816;4;EA
SO-1003;14.01.2026;20;AB-815;1;EA
"""
LINES = [line.split(";") for line in ROWS.splitlines()]
WIDTHS = (-10, -11, 3, -7, 5, -3)
FIXED = "".join(" ".join(f"{cell:{'<' if width < 0 else '>'}{abs(width)}}" for cell, width in zip(row, WIDTHS, strict=True)) + "\n" for row in LINES)  # fmt: skip
HEADED = "Orders of today\n\nOrder      Date        Pos SKU       Qty UOM\n" + FIXED
RULED = HEADED.replace("UOM\n", "UOM\n---------- ----------- --- ------- ----- ---\n")
HEADERS = {row[0]: row[1] for row in LINES}


def typed(separator: str) -> str:
    """The same orders as lines of two types."""
    text = ""
    for number, day in HEADERS.items():
        text += f"H|{number}|{day}\n" if separator else f"H{number}   {day}\n"
        for row in (each for each in LINES if each[0] == number):
            text += f"D|{'|'.join(row[2:])}\n" if separator else f"D{row[2]} {row[3]} {row[4]:>5} {row[5]}\n"
    return text


TYPED = typed("|")
FRAMED = f"V|2026-01-05|acme|1\n{TYPED.replace('D|20|AB-816', 'C|ring twice' + chr(10) + 'D|20|AB-816')}T|3|6\n"
DEEP = "".join(f"remark {number};;;;;\n" for number in range(30)) + "Order;Date;Pos;SKU;Qty;UOM\n" + ROWS
STORED = [(row[0], row[2], row[3], float(row[4]), row[5]) for row in LINES]


def workbook(rows: str) -> bytes:
    book = openpyxl.Workbook()
    for row in rows.splitlines():
        book.active.append([int(cell) if cell.isdigit() else cell or None for cell in row.split(";")])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("bare.csv", ROWS.encode(), 'headings = ["customerOrderNumber", "column 2", "customerLineNumber"'),
        ("preamble.csv", f"Orders of today;;;;;\n\n{ROWS}".encode(), "skip_start = 2"),
        ("bare.xlsx", workbook(ROWS), 'headings = ["customerOrderNumber", "column 2"'),
        ("preamble.xlsx", workbook(f"Orders of today\n\n{ROWS}"), "skip_start = 2"),
        ("deep.csv", DEEP.encode(), "header_row = 31"),
        ("deep.xlsx", workbook(DEEP), "header_row = 31"),
        ("fixed.txt", FIXED.encode(), 'columns_at.customerOrderNumber = "1-'),
        ("headed.txt", HEADED.encode(), "header_row = 3"),
        ("ruled.txt", RULED.encode(), "header_row = 4"),
        ("typed.txt", TYPED.encode(), 'records.D = ["customerLineNumber", "skuId"'),
        ("framed.txt", FRAMED.encode(), 'counts.T = ["H", "D"]'),
        ("places.txt", typed("").encode(), 'records.H = { customerOrderNumber = "2-'),
    ],
)
def test_what_is_proposed_stores_what_the_file_says(
    name: str, content: bytes, says: str, warehouse: Warehouse, tmp_path: Path
) -> None:
    sample = tmp_path / name
    sample.write_bytes(content)
    proposal = propose(read_sample(sample), name, "sales_order")
    toml = tmp_path / "learned" / "acme.toml"
    toml.parent.mkdir()
    toml.write_text(feed_toml(proposal, name, Who("acme", "BU1", "UTC")), encoding="utf-8")
    assert says in toml.read_text(encoding="utf-8")
    result = warehouse.run(sample, registry.load(toml.parent, "UTC").claim(name))
    assert not result.errors
    stored = warehouse.rows(
        "SELECT customer_order_number, customer_line_number, sku_id, quantity, quantity_measure "
        "FROM sales_order_lines ORDER BY 1, 2"
    )
    assert [(*row[:3], float(row[3]), row[4]) for row in stored] == STORED


@pytest.mark.parametrize(
    "lines",
    [
        ["Weg 7  A1 5", "Weg 8  A2 6", "Weg 9  A3 7"],
        ["05.01.2026 10:30  A1  5", "06.01.2026 11:30  A2  6", "07.01.2026 12:30  A3  7"],
        ["A1  1 200  5", "A2  3 400  6", "A3  2 100  7"],
    ],
)
def test_a_blank_that_may_be_of_a_value_parts_no_columns(lines: list[str]) -> None:
    shape = shape_of_lines(lines, ())
    assert shape is not None
    assert len(shape.options["columns_at"]) == len(lines[0].split()) - 1


VALUES = st.text("ABxy019-", min_size=1, max_size=9)
TABLES = st.integers(3, 6).flatmap(
    lambda width: st.lists(st.lists(VALUES, min_size=width, max_size=width), min_size=3, max_size=8)
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TABLES, st.data())
def test_no_value_is_cut(rows: list[list[str]], data: st.DataObject) -> None:
    """A column that is proposed has whole cells, those of one column or of several beside each other."""
    width = len(rows[0])
    aligned = data.draw(st.lists(st.sampled_from("<>"), min_size=width, max_size=width))
    sizes = [max(len(row[place]) for row in rows) for place in range(width)]
    lines = [
        "  ".join(f"{cell:{side}{size}}" for cell, side, size in zip(row, aligned, sizes, strict=True)) for row in rows
    ]
    shape = shape_of_lines(lines, ())
    if shape is None:
        return
    places = [tuple(int(each) for each in span.split("-")) for span in shape.options["columns_at"].values()]
    for line, row in zip(lines, rows, strict=True):
        assert [word for start, end in places for word in line[start - 1 : end].split()] == row


@pytest.mark.parametrize("text", ["Order,Line,SKU,Qty\nA1,1,X,5\nA1,2,Y,6\n", "H,D\nA1,1\nB1,2\nA1,3\nB1,4\n"])
def test_a_file_with_headings_has_no_shape_of_its_own(text: str, tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(text, encoding="utf-8")
    sample = read_sample(tmp_path / "o.csv")
    assert list(sample.columns) == next(csv.reader([text.splitlines()[0]]))
    assert not sample.shape.options


def test_two_codes_without_names_prove_no_item(tmp_path: Path) -> None:
    rows = "".join(f"{line};Z-{number % 3}\n" for number, line in enumerate(ROWS.splitlines()))
    (tmp_path / "o.csv").write_text(rows, encoding="utf-8")
    proved = {each.field for each in propose(read_sample(tmp_path / "o.csv"), "o.csv", "sales_order").proved}
    assert "customerOrderNumber" in proved
    assert "skuId" not in proved
