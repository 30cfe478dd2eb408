"""Numbers without a decimal mark, and with their sign in the last digit (COBOL's ``S9(7)V99``)."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.frames.numerals import PUNCHED, Spelling
from tests.reports.excel.test_fix_workbook import corrected
from tests.warehouse import Warehouse

FEED = """format = "fixed"
implied_decimals = { unitPrice = 2 }
overpunch = ["quantity", "unitPrice"]
options = { columns_at = { customerOrderNumber = "1-5", customerLineNumber = "6-7", skuId = "8-10", quantity = "11-15", unitPrice = "16-22" } }
"""


def test_a_file_of_a_mainframe_is_stored(warehouse: Warehouse) -> None:
    content = "S-1  1 AB 0001B000123D\nS-1  2 AB 00012000001{\nS-2  1 AB 0001B0012.34\nS-3  1 AB 0001K000123D\n"
    result = warehouse.run(content, warehouse.feed(FEED), name="orders.txt")
    stored = warehouse.rows("SELECT quantity, unit_price FROM sales_order_lines ORDER BY customer_line_number")
    assert [tuple(map(Decimal, each)) for each in stored] == [(12, Decimal("12.34")), (12, Decimal("0.1"))]
    assert [(line, field) for line, field, _ in result.errors] == [(3, "unitPrice"), (4, "quantity")], "-12 is too few"
    warehouse.run(corrected(warehouse.fix(result), (2, "unitPrice", "1234")), warehouse.feed(FEED), name="fix.xlsx")
    assert warehouse.order_numbers() == ["S-1", "S-2"]


def test_a_rule_compares_what_such_a_number_is(warehouse: Warehouse) -> None:
    content = "S-1  1 AB 0001B000123D\nS-1  2 AB 0000}000001{\nS-1  3 AB 0001J000001{\n"
    result = warehouse.run(content, warehouse.feed(FEED + 'skip = { quantity = "<= 0" }\n'), name="orders.txt")
    assert (result.errors, result.report.books.ignored) == ([], 2)


@given(st.integers(-(10**9), 10**9), st.integers(0, 6), st.integers(1, 12))
def test_every_number_is_read_as_it_is_written(number: int, decimals: int, width: int) -> None:
    digits = f"{abs(number):0{width}d}"
    punched = digits[:-1] + PUNCHED[int(digits[-1]) + 10 * (number < 0)]
    read, wrong = Spelling(implied=decimals, overpunched=True).read(pa.array([punched]))
    assert not wrong
    assert Decimal(read[0].as_py()) == Decimal(number).scaleb(-decimals)


@pytest.mark.parametrize("text", ["12.3", "1,234", "12S", "A12", "1{2", "", "-", "12a", "-12C", "12C-", "1 2"])
def test_what_does_not_fit_is_no_number(text: str) -> None:
    read, wrong = Spelling(implied=2, overpunched=True).read(pa.array([text]))
    assert (read[0].as_py(), [code for code, _ in wrong.values()]) == (None, ["not_a_number"])
