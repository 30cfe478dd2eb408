"""Ids that spreadsheets, word processors and people have made something else of: stored as sent, and said."""

from __future__ import annotations

import pytest

from tests.warehouse import HEADER, Warehouse, csv, house


def noted(warehouse: Warehouse, item: str) -> list[str]:
    """The codes of what is said of an item's id; it is stored as sent."""
    result = warehouse.run(csv(f'SO-1,1,"{item}",5', header=HEADER))
    if not result.errors:
        assert warehouse.rows("SELECT sku_id FROM sales_order_lines") == [(item,)]
    return [each["code"] for each in result.failures if each["field"] == "skuId"]


@pytest.mark.parametrize(
    ("item", "codes"),
    [
        ("SN-1001, SN-1002", ["several_in_cell"]), ("X1;X2;X3", ["several_in_cell"]), ("4711|4712", ["several_in_cell"]),
        ("4711,4712,", ["several_in_cell"]), ("12,34", []), ("1,234", []), ("M4,5x20", []), ("Pipe 10,5", []),
        ("A|B", []), ("4711;", []), ("X1;4711", []),
        ("01.02.2026", ["like_a_date"]), ("1/2/2026", ["like_a_date"]), ("12/31/2026", ["like_a_date"]),
        ("2026-02-01", []), ("1.2.3456", []), ("10.20.30", []),
        ("“A-1”", ["look_alike"]), ("«A-1»", ["look_alike"]), ("‘A-1’", ["look_alike"]), ("A’1", []), ("A“1", []),
        ("#VALORE!", ["error_cell"]), ("#ARG!", ["error_cell"]), ("#ЗНАЧ!", ["error_cell"]), ("Err:502", ["error_cell"]),
        ("#BEST!", []), ("Err:X", []), ("#1001", []),
    ],
)  # fmt: skip
def test_what_an_id_is_no_more_is_said(warehouse: Warehouse, item: str, codes: list[str]) -> None:
    """Names of errors: support.microsoft.com, Excel's functions in other languages; Err:502: LibreOffice's help."""
    assert noted(warehouse, item) == codes


def test_other_numbers_of_an_item_in_one_cell_are_said(warehouse: Warehouse) -> None:
    rows = csv('AB,BU1,Mug,A mug,Y,4006381333931,"8712345678906,5012345678900"',
               header="skuId,businessUnitId,name,description1,isActive,upc,alias")  # fmt: skip
    result = warehouse.run(rows, house("sku"), name="skus.csv")
    (sentence,) = [each["message"] for each in result.failures if each["code"] == "several_in_cell"]
    assert sentence == (
        "alias '8712345678906,5012345678900' looks like several in one cell, and is stored as one (send a row for each)"
    )
