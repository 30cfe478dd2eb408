"""A file that is cut inside of its last number looks whole; what tells is how the other rows and the last file end."""

from __future__ import annotations

import pytest

from tests.warehouse import Warehouse, csv

FIXED = [f"SO-1,{number},AB,120.00" for number in range(1, 7)]
CLOSED = [f"SO-1,{number},AB,120," for number in range(1, 7)]
PLAIN = [f"SO-1,{number},AB,120" for number in range(1, 7)]


def cut(*rows: str) -> str:
    return csv(*rows).removesuffix("\n")


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ((*FIXED, "SO-2,1,AB,12"), "'quantity' has 0 decimals, and 2 in each other row"),
        ((*FIXED, "SO-2,1,AB,12.3"), "'quantity' has 1 decimals, and 2 in each other row"),
        ((*CLOSED, "SO-2,1,AB,12"), "each other row ends in a delimiter"),
    ],
)
def test_a_row_in_which_the_file_ends_is_not_taken(warehouse: Warehouse, rows: tuple[str, ...], why: str) -> None:
    """12 of 120.00 was stored."""
    result = warehouse.run(cut(*rows))
    assert warehouse.order_numbers() == ["SO-1"]
    assert result.errors == [(8, "", "cut_row")]
    assert f"the file ends in the middle of this row: {why}" in " ".join(result.text.split())


@pytest.mark.parametrize(
    "content",
    [
        cut(*FIXED, "SO-2,1,AB,12.00"), cut(*CLOSED, "SO-2,1,AB,12,"), cut(*PLAIN, "SO-2,1,AB,12"), cut("SO-2,1,AB,12"),
        csv(*FIXED, "SO-2,1,AB,12"), csv(*CLOSED, "SO-2,1,AB,12"), cut(*FIXED, "SO-2,1,AB,12.00", "(7 rows affected)"),
        cut(*FIXED[:3], "SO-1,4,AB,7.5", *FIXED[4:], "SO-2,1,AB,12"),
    ],
)  # fmt: skip
def test_a_file_whose_last_line_has_no_end_is_taken(warehouse: Warehouse, content: str) -> None:
    """Many programs write none."""
    warehouse.run(content)
    assert "SO-2" in warehouse.order_numbers()


def test_the_row_is_whole_once_the_file_is_sent_again(warehouse: Warehouse) -> None:
    warehouse.run(cut(*FIXED, "SO-2,1,AB,12"))
    warehouse.run(csv(*FIXED, "SO-2,1,AB,120.00"))
    assert warehouse.lines("SO-2") == {"1": ("AB", 120.0, "OPEN")}


LINES = "SO-1      1AB  5\nSO-2      1AC  5\n"
PLACES = """format = "fixed"
options.columns_at = { customerOrderNumber = "1-10", customerLineNumber = "11", skuId = "12-15", quantity = "16-" }"""
FORMATS = {"delimited": ("", csv("SO-1,1,AB,5", "SO-2,1,AC,5")), "fixed": (PLACES, LINES)}


@pytest.mark.parametrize("form", list(FORMATS))
def test_an_end_that_the_last_file_had_is_missed(warehouse: Warehouse, form: str) -> None:
    keys, content = FORMATS[form]
    of = warehouse.feed(keys)
    open_too = content.replace("AC", "AD").removesuffix("\n")
    runs = [warehouse.run(each, of) for each in (content, open_too, open_too.replace("AD", "AE"), content)]
    assert ["line_not_ended" in each.warnings for each in runs] == [False, True, False, False]
