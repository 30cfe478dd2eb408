"""Columns of fixed width without a blank between them: cut where every line proves it, and nowhere else."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from crossdock import bundled
from crossdock.learn.headless.fixed import shape_of_lines
from crossdock.learn.headless.touching import cuts
from crossdock.learn.proposal import propose
from crossdock.learn.sample import read_sample

ORDERS = """\
000047112026010500010AB-815 000005EA
000047112026010500020AB-816 000017EA
000047112026010500030AB-817X000120EA
000047122026011300010AB-815 000003PC
000047132026011400010AB-816 000004EA
000047132026011400020AB-815 000001EA
"""


@pytest.mark.parametrize(
    "parts",
    [
        [("00004711", "05.01.2026"), ("00004711", "05.01.2026"), ("00004712", "13.01.2026")],
        [("00004711", "20260105", "00010"), ("00004711", "20260105", "00020"), ("00004712", "20260113", "00010")],
        [("SO-1    ", "20260105", "A"), ("SO-1    ", "20260105", "B"), ("SO-2-XYZ", "20260106", "C")],
        [("    5", "EA"), ("  120", "EA"), ("   17", "PC")],
        [("    2,000", "ST "), ("1.200,000", "KAR"), ("    3,500", "KG ")],
        [("   6,50", "EUR"), ("  2,50-", "EUR"), ("  24,00", "EUR")],
        [("000005", "EA", "0001250", "EUR"), ("000012", "EA", "0000100", "EUR"), ("000017", "PC", "0000300", "EUR")],
        [("0000000815", "Tea pot"), ("0000000816", "Cup    "), ("0000000817", "Teas   ")],
        [("Tea pot XL", "000012"), ("Cup       ", "000010"), ("Cup       ", "000011")],
        [("000010", "A1"), ("000020", "A1"), ("000010", "A2"), ("000020", "B2")],
    ],
)
def test_values_part_columns(parts: list[tuple[str, ...]]) -> None:
    cells = ["".join(each) for each in parts]
    places = [0, *cuts(cells), len(cells[0])]
    assert [cells[0][start:end] for start, end in pairwise(places)] == list(parts[0])


def test_a_file_whose_columns_all_touch_is_read(tmp_path: Path) -> None:
    (tmp_path / "o.txt").write_text(ORDERS, encoding="utf-8")
    proposal = propose(read_sample(tmp_path / "o.txt"), "o.txt", "sales_order")
    assert {each.field: each.column.values[0] for each in proposal.proved} == {
        "customerOrderNumber": "00004711",
        "customerLineNumber": "00010",
        "skuId": "AB-815",
        "quantity": "000005",
        "quantityMeasure": "EA",
    }
    assert [(each.field, each.column.values[0]) for each in proposal.unsure] == [("orderCreatedDate", "20260105")]


@pytest.mark.parametrize(
    "cells",
    [
        ["2026010501", "2026010502", "2026011301"],  # a number that begins with a day
        ["SO20260105", "SO20260106", "SO20260113"],
        ["0000100120260105", "0000100220260106", "0000100320260113"],  # 10.01.2026 is in it, too
        ["0000471120260105", "0000471120261305", "0000471220260106"],  # one is no day
        ["0000471105.01.2026", "0000471105.01.2026", "0000471231.02.2026"],
        ["0000471105.01.2026", "0000471205.01.2026"],  # two lines prove nothing
        ["05.01.2026 10:30", "05.01.2026 11:30", "06.01.2026 11:30"],
        ["X12EA", "X13EA", "X14EA"],
        ["12EA", "13EA", "14ZZ"],  # one is no unit
        ["DE000010000000000100234", "DE000020000000000100235", "FR000010000000000100236"],
        ["AB-0001", "AB-0002", "AB-0003"],
        ["00815A", "00816B", "00817C"],  # each number has its letter
        ["4006381333931", "5012345678900", "9638507400000"],
    ],
)
def test_what_may_be_one_value_stays_one(cells: list[str]) -> None:
    assert cuts(cells) == []


def test_decimal_commas_in_padded_lines_part_no_cells() -> None:
    sample = read_sample(bundled.folder("examples") / "sap_fixed_orders.txt")
    assert sample.format == "fixed"
    assert [values[1] for values in sample.columns.values()][7:11] == ["1.200,000", "ST", "3,20", "EUR"]
    assert "'column 7' may be several" in sample.shape.remarks[1]


def test_one_line_of_many_keeps_a_column_whole() -> None:
    cells = [f"{4711 + number:08}202601{number % 28 + 1:02}" for number in range(300)]
    assert cuts(cells) == [8]
    assert cuts([*cells, "0000999920261399"]) == []


def test_a_column_that_may_be_several_is_named() -> None:
    lines = ["4711ABX  7  one", "4712ABX  8  two", "4713ABY  9  six"]
    shape = shape_of_lines(lines, ())
    assert shape is not None
    assert "columns_at: 'column 1' may be several columns that touch, such as '4711ABX'" in shape.remarks
