"""The rows of the list of failures: any cell is read back as it is, or as what no spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest

from crossdock.reports.failure_list import csv_row, guarded


@pytest.mark.parametrize(
    "cells",
    [
        ("2", "SO-1", "1"),
        ("2", "SO 1/7.b", None),
        ("2", "SO,1", "1"),
        ("2", 'SO"1', "1"),
        ("2", "-x", "+1"),
        ("=1+1", "@x", "a;=1+1"),
        ("2", " SO-1", "SO-1 "),
        ("2", "a\nb", "\tc"),
        ("", "", ""),
    ],
)
def test_a_row_is_read_back_as_its_guarded_cells(cells: tuple[str | None, ...]) -> None:
    (row,) = csv.reader(io.StringIO(csv_row(cells), newline=""))
    assert row == [guarded(each or "") for each in cells]
