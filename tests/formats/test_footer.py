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
from tests.warehouse import HEADER, Result, Warehouse, csv

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


def below(warehouse: Warehouse, end: str, *rows: str, header: str = HEADER, keys: str = "") -> Result:
    """An import of two orders, or of other rows, with an end below them that no feed describes."""
    content = "\n".join((header, *(rows or ("SO-1,1,00815,5", "SO-2,1,00816,7")), end, ""))
    return warehouse.run(content, warehouse.feed(keys))


CERTAIN = [
    *(
        "(2 rows affected)",
        "(2 row(s) affected)",
        "(2 rows)",
        "2 rows selected.",
        "  2 record(s) selected.",
        "Records: 2",
    ),
    *(
        "(2 Zeilen betroffen)",
        "2 rows in set (0.00 sec)",
        "Total rows: 2",
        "Total: 12",
        "Summe: 1.234",
        "*** Total ***",
    ),
    *("EOF", "-- END --", "*** End of report ***", "Ende der Liste", '"(2 rows affected)"', "(2 rows affected),,"),
    "\n(2 rows affected)\n\nCompletion time: 2026-11-29T21:44:05.1234567+00:00",
    "Total: 12\n(2 rows affected)",
]


@pytest.mark.parametrize("end", CERTAIN)
@pytest.mark.parametrize("last", [False, True])
def test_a_single_cell_that_can_be_no_record_is_the_footer(warehouse: Warehouse, end: str, last: bool) -> None:
    rows = ("00815,1,5,SO-1", "00816,1,7,SO-2") if last else ()
    header = "skuId,customerLineNumber,quantity,customerOrderNumber" if last else HEADER
    result = below(warehouse, end, *rows, header=header)
    assert (result.errors, warehouse.order_numbers()) == ([], ["SO-1", "SO-2"])
    assert set(result.warnings) == {"footer_rows"}
    assert result.report.books.ignored == sum(bool(line.strip()) for line in end.split("\n"))


@pytest.mark.parametrize(
    ("end", "glob"),
    [
        ("(3 rows affected)", "(* rows affected)*"),
        ("Report printed 2026-01-05 10:00", "Report printed *"),
        ("see you next week", "see you next week*"),
        ("SO-3", None),
        ("12", None),
    ],
)
def test_what_the_feed_would_say_of_a_last_row_is_told(warehouse: Warehouse, end: str, glob: str | None) -> None:
    result = below(warehouse, end)
    assert [(line, code) for line, _, code in result.errors] == [(4, "torn_row")]
    assert "SO-2" not in warehouse.order_numbers()
    advice = next((each["setting"] for each in result.failures if "setting" in each), None)
    assert advice == (glob and f'options.footer = ["{glob}"]')
    if glob:
        after = below(warehouse, end, keys=f'options = {{ footer = ["{glob}"] }}\n')
        assert (after.errors, after.report.verdict) == ([], "ACCEPTED")


def test_a_total_below_a_text_may_be_its_rest(warehouse: Warehouse) -> None:
    rows = ("1,SO-1,AB,5,", "1,SO-2,AB,5,two pallets of these:")
    result = below(
        warehouse, "Total: 12", *rows, header="customerLineNumber,customerOrderNumber,skuId,quantity,line.notes"
    )
    assert [(line, code) for line, _, code in result.errors] == [(4, "torn_row")]


def test_such_a_cell_above_a_record_is_a_torn_row(warehouse: Warehouse) -> None:
    result = below(warehouse, "EOF\nSO-3,1,AB,5")
    assert [(line, code) for line, _, code in result.errors] == [(4, "torn_row")]


def test_a_sheet_has_such_a_count_too(warehouse: Warehouse) -> None:
    result = run(warehouse, [NAMES, *ROWS, ["", "", "", ""], ["(2 rows affected)", "", "", ""]], "xlsx", "")
    assert (result.errors, warehouse.lines(), set(result.warnings)) == ([], STORED, {"footer_rows"})
    other = run(warehouse, [NAMES, *ROWS, ["(3 rows affected)", "", "", ""]], "xlsx", "")
    assert {line for line, _, _ in other.errors} == {4}


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


@pytest.mark.parametrize(
    ("line", "advised"),
    [
        ("SO-3    1    AB    5", False), ("SO3 and more", False), ("\x00\x00 \x00", False),
        ("Report 4711 of Ann", True), ("Created by Ann 2026", True), ("back door", True),
    ],
)  # fmt: skip
def test_no_footer_is_proposed_that_orders_would_fit(warehouse: Warehouse, line: str, advised: bool) -> None:
    """``footer = ["SO-*"]`` would leave out the last orders of each file."""
    result = warehouse.run(csv("SO-1,1,AB,5", "SO-2,1,AB,5", line))
    (torn,) = [each for each in result.failures if each["code"] == "torn_row"]
    assert ("footer" in (torn["setting"] or "")) is advised
