"""What is below the last record of a file is none; what looks like it among the records is not left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.formats import footer as footers
from crossdock.formats.footer import Footer, FooterOptions
from crossdock.formats.lines.fixed import Rows
from crossdock.partners.registry import Misconfigured
from tests.formats.test_headings import run
from tests.warehouse import HEADER, Warehouse

NAMES = HEADER.split(",")
ROWS = [["SO-1", "1", "00815", "5"], ["SO-1", "2", "00816", "7"]]
STORED = {"1": ("00815", 5.0, "OPEN"), "2": ("00816", 7.0, "OPEN")}
END = ["*** End of report ***", "", "", ""]
BY = ["Printed by Ann", "", "2026-01-05", "x"]
FOOTER = 'footer = ["*** end of report*", "Printed by *"]'


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("below", [[END], [END, BY], [BY, ["", "", "", ""], END], [END] * 5])
def test_rows_below_the_last_record_are_left_out_and_said(
    warehouse: Warehouse, kind: str, below: list[list[str]]
) -> None:
    result = run(warehouse, [NAMES, *ROWS, *below], kind, FOOTER)
    assert (warehouse.lines(), result.errors) == (STORED, [])
    filled = [row for row in below if any(row)]
    assert result.report.books.ignored == len(filled)
    message = next(each["message"] for each in result.failures if each["code"] == "footer_rows")
    rows = "1 row at the end was" if len(filled) == 1 else f"{len(filled)} rows at the end were"
    assert message.startswith(f"{rows} left out as the footer, the first at ")
    assert message.endswith("4: '*** End of report ***'" if below[0] is END else "4: 'Printed by Ann 2026-01-05 x'")


def test_a_torn_row_may_be_the_footer(warehouse: Warehouse) -> None:
    content = f"{HEADER}\n{','.join(ROWS[0])}\n{','.join(ROWS[1])}\n*** End of report ***\n"
    result = warehouse.run(content, warehouse.feed(f"options = {{ {FOOTER} }}"))
    assert (warehouse.lines(), result.errors) == (STORED, [])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_such_a_row_above_a_record_is_one_itself(warehouse: Warehouse, kind: str) -> None:
    result = run(warehouse, [NAMES, ROWS[0], BY, ROWS[1], END], kind, FOOTER)
    assert 3 in [line for line, _, _ in result.errors]
    assert result.report.books.ignored == 1


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_so_many_rows_at_the_end_are_none(warehouse: Warehouse, kind: str) -> None:
    result = run(
        warehouse,
        [NAMES, *ROWS, ["whatever", "9", "00815", "1"], ["", "", "", ""], END, ["", "", "", ""]],
        kind,
        "skip_end = 2",
    )
    assert (warehouse.lines(), warehouse.order_numbers(), result.errors) == (STORED, ["SO-1"], [])
    assert result.report.books.ignored == 2
    both = run(warehouse, [NAMES, *ROWS, BY, END, ["x", "y", "z", "1"]], kind, f"{FOOTER}, skip_end = 1")
    assert (both.report.books.ignored, both.errors) == (3, [])


def test_a_file_of_nothing_but_its_footer_has_no_record(warehouse: Warehouse) -> None:
    result = run(warehouse, [NAMES, END], "csv", FOOTER)
    assert (result.report.books.ignored, set(result.warnings)) == (1, {"no_records", "footer_rows"})


def test_a_feed_may_refuse_a_file_with_a_footer(warehouse: Warehouse) -> None:
    refused = run(warehouse, [NAMES, *ROWS, END], "csv", FOOTER, 'severity = { footer_rows = "error" }').report.refused
    assert (
        refused
        == "1 row at the end is a footer, the first at line 4: '*** End of report ***', and the feed takes no such file"
    )


def test_a_mistake_of_the_toml_is_named(warehouse: Warehouse) -> None:
    with pytest.raises(Misconfigured, match=r"acme.toml:10: skip_end: input should be less than or equal to 1000"):
        warehouse.feed("options = { skip_end = 1001 }")


def without(options: FooterOptions, blocks: Sequence[Sequence[str]]) -> tuple[list[str], int, int]:
    """What is left of blocks of one column; how many rows are ignored, and how many wait at most."""
    rows_above, line = [], 1
    for rows in blocks:
        each = Rows()
        each.cells = [[row] for row in rows]
        each.lines = list(range(line, line + len(rows)))
        each.faults = [None] * len(rows)
        line += len(rows)
        rows_above.append(each.block(["a"]))
    footer, left, ignored, waiting = Footer(options), [], 0, 0
    for block in footer.without(iter(rows_above)):
        left += block.cells.column("a").to_pylist()
        ignored += block.ignored
        waits: Any = footer._waiting
        waiting = max(waiting, len(waits.lines) if waits is not None else 0)
    return left, ignored, waiting


@given(
    st.lists(st.lists(st.sampled_from(["row", "end 1", "END"]), max_size=4), max_size=6),
    st.booleans(),
    st.integers(0, 3),
)
def test_where_blocks_are_cut_decides_nothing(blocks: list[list[str]], globs: bool, skip: int) -> None:
    options = FooterOptions(footer=("end*",) if globs else (), skip_end=skip)
    rows = [row for each in blocks for row in each]
    expected = rows[: max(len(rows) - skip, 0)]
    while globs and expected and expected[-1] != "row":
        expected.pop()
    left, ignored, _ = without(options, blocks)
    assert (left, ignored) == (expected, len(rows) - len(expected))


def test_few_rows_wait_whatever_they_look_like(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footers, "LONGEST", 5)
    left, ignored, waiting = without(FooterOptions(footer=("*",)), [["a"] * 20] * 20)
    assert (len(left), ignored, waiting) == (395, 5, 5)
