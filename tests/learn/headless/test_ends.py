"""Headings in two rows, rows that end early, rows below the last record: what is proposed reads them, and only where
they are there."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from crossdock.learn.proposal import propose
from crossdock.learn.sample import read_sample
from crossdock.learn.toml_text import Who, feed_toml
from crossdock.partners import registry
from tests.warehouse import Warehouse

SHORT = """\
Order,Line,Item,Qty,Remark
SO-1,1,00815,5
SO-1,2,00816,7,ring twice
SO-2,1,00817,1
"""
TWO_ROWS = """\
Order,,Item,
No,Line,Id,Qty
SO-1,1,00815,5
SO-1,2,00816,7
SO-2,1,00817,1
"""
FOOTER = """\
Order,Line,Item,Qty
SO-1,1,00815,5
SO-1,2,00816,7
SO-2,1,00817,1
*** End of report ***,,,
Printed by Ann,,2026-01-05
"""
STORED = [("SO-1", "1", "00815", 5.0), ("SO-1", "2", "00816", 7.0), ("SO-2", "1", "00817", 1.0)]


def sample_in(folder: Path, name: str, text: str) -> Path:
    """A file of rows: text, or a workbook where its name says so."""
    path = folder / name
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for line in text.splitlines():
            book.active.append([cell or None for cell in line.split(",")])
        book.save(path)
    else:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text", "says", "why"),
    [
        ("short.csv", SHORT, 'short_rows = "blank"', "2 of 3 rows have fewer cells than the header, each only at its end"),
        ("two.csv", TWO_ROWS, "header_rows = [1, 2]", "together have 4 known headings, no row alone has more than 2"),
        ("two.xlsx", TWO_ROWS, "header_rows = [1, 2]", "together have 4 known headings"),
        ("footer.csv", FOOTER, 'footer = ["*** End of report*", "Printed by *"]', "the last 2 of 5 rows"),
        ("footer.xlsx", FOOTER, 'footer = ["*** End of report*", "Printed by *"]', "the last 2 of 5 rows"),
    ],
)  # fmt: skip
def test_what_is_proposed_stores_what_the_file_says(
    name: str, text: str, says: str, why: str, warehouse: Warehouse, tmp_path: Path
) -> None:
    sample = sample_in(tmp_path, name, text)
    proposal = propose(read_sample(sample), name, "sales_order")
    toml = tmp_path / "learned" / "acme.toml"
    toml.parent.mkdir()
    toml.write_text(feed_toml(proposal, name, Who("acme", "BU1", "UTC")), encoding="utf-8")
    options = next(line for line in toml.read_text(encoding="utf-8").splitlines() if line.startswith("options = "))
    assert says in options
    assert why in options
    assert not warehouse.run(sample, registry.load(toml.parent, "UTC").claim(name)).errors
    stored = warehouse.rows(
        "SELECT customer_order_number, customer_line_number, sku_id, quantity FROM sales_order_lines ORDER BY 1, 2"
    )
    assert [(*row[:3], float(row[3])) for row in stored] == STORED


@pytest.mark.parametrize(
    ("text", "option"),
    [
        (SHORT.replace("SO-2,1,00817,1", "SO-2,1,00817,1,"), "short_rows"),  # one row may only be cut off
        (SHORT.replace("SO-2,1,00817,1", "SO-2,1,1,"), "short_rows"),  # its item or its quantity is missing
        (SHORT.replace("Remark", "Price,Remark").replace("7,ring", "7,2,ring"), "short_rows"),  # 5 may be the price
        (f"{SHORT}SO-3,1,00815,2,\n", "short_rows"),  # who leaves out what is blank ends no row so
        ("Customer,ACME,,\n" + TWO_ROWS.partition("\n")[2], "header_rows"),  # a preamble
        (FOOTER.replace("*** End of report ***,,,", "SO-3,1,00815,1").replace("Printed by Ann,,2026-01-05", "Total,,,14"), "footer"),
        (FOOTER.replace("*** End of report ***,,,\nPrinted by Ann,,2026-01-05", "SO-3,2,Printed bag,7"), "footer"),
        (f"{FOOTER}SO-3,1,00815,1\n", "footer"),  # it is above a record
    ],
)  # fmt: skip
def test_what_no_row_proves_is_not_proposed(text: str, option: str, tmp_path: Path) -> None:
    assert option not in read_sample(sample_in(tmp_path, "o.csv", text)).shape.options


def test_rows_that_all_end_early_are_a_question(tmp_path: Path) -> None:
    """No row shows where the last column begins, so a cell may be missing in the middle."""
    text = SHORT.replace(",ring twice", "")
    shape = read_sample(sample_in(tmp_path, "o.csv", text)).shape
    (question,) = shape.remarks
    assert question.startswith("3 of 3 rows have fewer cells than the header")
    assert question.endswith('add short_rows = "blank" to options')
    assert "short_rows" not in shape.options
