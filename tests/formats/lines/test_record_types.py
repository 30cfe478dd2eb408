"""Lines of several types: what a header says goes with its lines, and no line goes with another's header."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.formats.lines.nesting import Nest, Nested, Typed
from crossdock.model.status import Verdict
from crossdock.partners.registry import Misconfigured
from tests.warehouse import HEADER, Result, Warehouse, csv
from tests.workbooks import saved

COLUMNS = """columns = { Order = "customerOrderNumber", Name = "shipTo.name", Line = "customerLineNumber", \
Item = "skuId", Qty = "quantity", Note = "line.notes" }
"""
DELIMITED = f"""format = "records"
options = {{ records = {{ H = ["Order", "Name"], D = ["Line", "Item", "Qty"] }}, ignore = ["T"] }}
{COLUMNS}"""
PLACED = f"""format = "records"
options = {{ records = {{ H = {{ Order = "2-7", Name = "8-17" }}, D = {{ Line = "2-4", Item = "5-12", Qty = "13-17" }} }}, ignore = ["T"] }}
{COLUMNS}"""
ROWS = ["H|SO-1|Ada", "D|1|00815|5", "D|2|00816|7", "H|SO-2|Bob", "D|1|00815|3"]
STORED = {"1": ("00815", 5.0, "OPEN"), "2": ("00816", 7.0, "OPEN")}


def text(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def run(warehouse: Warehouse, *rows: str, keys: str = DELIMITED) -> Result:
    return warehouse.run(text(*rows), warehouse.feed(keys), name="orders.txt")


def faults(result: Result) -> list[tuple[str, str]]:
    return [(each["place"], each["code"]) for each in result.failures if each["severity"] == "error"]


@pytest.mark.parametrize("delimiter", ["|", ";", "\t", ","])
def test_a_line_goes_with_the_header_above_it(warehouse: Warehouse, delimiter: str) -> None:
    rows = [row.replace("|", delimiter) for row in [*ROWS, "", "T|5"]]
    result = run(warehouse, *rows)
    assert warehouse.lines() == STORED
    assert warehouse.lines("SO-2") == {"1": ("00815", 3.0, "OPEN")}
    assert warehouse.rows("SELECT ship_to_name FROM sales_orders ORDER BY customer_order_number") == [
        ("Ada",),
        ("Bob",),
    ]
    assert (result.report.books.read, result.report.books.ignored, result.report.books.blank) == (5, 1, 1)


def placed(*rows: str) -> list[str]:
    widths = {"H": (1, 6, 10), "D": (1, 3, 8, 5), "T": (1, 5), "X": (1, 5)}
    return [
        "".join(f"{cell:{width}}" for cell, width in zip(row.split("|"), widths[row[0]], strict=True)) for row in rows
    ]


def test_columns_may_be_places(warehouse: Warehouse) -> None:
    result = run(warehouse, *placed(*ROWS, "T|5"), keys=PLACED)
    assert warehouse.lines() == STORED, result.text
    assert warehouse.rows("SELECT ship_to_name FROM sales_orders ORDER BY customer_order_number") == [
        ("Ada",),
        ("Bob",),
    ]


@pytest.mark.parametrize("keys", [DELIMITED, PLACED])
def test_a_failure_names_its_own_line(warehouse: Warehouse, keys: str) -> None:
    """A header's cell the header's, although the record is a line below it."""
    keys = keys.replace('Name = "shipTo.name"', 'Name = "orderDropDate"')
    rows = ["H|SO-1|nonsense", "D|1|00815|5", "D|2|00816|x", "H|SO-2|", "D|1|00815|3"]
    result = run(warehouse, *(placed(*rows) if keys.startswith(PLACED[:60]) else rows), keys=keys)
    assert faults(result) == [("line 1", "not_a_date"), ("line 3", "not_a_number")]
    assert "line 1, SO-1" in result.text
    assert warehouse.order_numbers() == ["SO-2"]


def test_a_header_alone_is_a_document_without_lines(warehouse: Warehouse) -> None:
    result = run(warehouse, "H|SO-1|Ada", *ROWS[3:])
    assert faults(result) == [("line 1", "no_lines")]
    assert warehouse.order_numbers() == ["SO-2"]


@pytest.mark.parametrize("hold", ["document", "line"])
@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("X|SO-9|Eve", "unknown_record_type"),
        ("h|SO-9|Eve", "unknown_record_type"),
        ("|SO-9|Eve", "unknown_record_type"),
        ("H", "torn_row"),
        ("H|SO-1|Ada|more", "torn_row"),
        ("D|3|00815", "torn_row"),
        ("D|3|00815|5|6", "torn_row"),
        ('D|3|"00815|5', "unclosed_quote"),
    ],
)
def test_lines_below_a_faulty_one_go_with_no_other_header(warehouse: Warehouse, row: str, code: str, hold: str) -> None:
    """A type that nobody knows may be a header: whatever ``hold`` says, nothing below goes to the order above."""
    keys = f'hold = "{hold}"\n{DELIMITED}'
    result = run(warehouse, *ROWS[:3], row, "D|9|00999|9", *ROWS[3:], keys=keys)
    assert ("line 4", code) in faults(result)
    assert "00999" not in str(warehouse.rows("SELECT sku_id FROM sales_order_lines WHERE customer_order_number <> ''"))
    assert "SO-1" not in warehouse.order_numbers() or code == "torn_row"
    assert result.report.books.read == sum(each.startswith(("D", "X", "h", "|")) for each in [*ROWS, row, "D"]) + (
        row[0] == "H"
    )


def test_lines_above_every_header_fail_alone(warehouse: Warehouse) -> None:
    result = run(warehouse, "D|1|00815|5", "X|1", *ROWS)
    assert faults(result) == [("line 1", "no_line_above"), ("line 2", "unknown_record_type")]
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]


def test_a_line_that_names_another_order_than_its_header_fails(warehouse: Warehouse) -> None:
    """The header between them is lost."""
    keys = DELIMITED.replace('D = ["Line"', 'D = ["Order", "Line"')
    result = run(warehouse, "H|SO-1|Ada", "D|SO-1|1|00815|5", "D|SO-2|2|00816|7", keys=keys)
    assert faults(result) == [("line 3", "not_of_line_above")]
    assert "Order is 'SO-2', and 'SO-1' in the line above" in result.text
    assert warehouse.order_numbers() == []
    run(warehouse, "H|SO-1|Ada", "D|SO-1|1|00815|5", "D||2|00816|7", keys=keys)
    assert warehouse.lines() == STORED


def test_other_types_add_to_the_line_above_them(warehouse: Warehouse) -> None:
    keys = DELIMITED.replace('["Order", "Name"],', '["Order"], A = ["Name"], N = ["Note"],')
    run(warehouse, "H|SO-1", "A|Ada", "D|1|00815|5", "N|fragile", "D|2|00816|7", "H|SO-2", "D|1|00815|3", keys=keys)
    assert warehouse.lines() == STORED
    assert warehouse.rows("SELECT ship_to_name FROM sales_orders ORDER BY 1") == [(None,), ("Ada",)]
    assert warehouse.rows("SELECT notes FROM sales_order_lines ORDER BY customer_order_number, customer_line_number") == [
        ("fragile",), (None,), (None,),
    ]  # fmt: skip
    again = run(warehouse, "H|SO-3", "A|Ada", "A|Eve", "D|1|00815|5", keys=keys)
    assert faults(again) == [("line 3", "not_of_line_above")]


def test_three_types_nest(warehouse: Warehouse) -> None:
    warehouse.partner(
        whole="""id = "acme"
zone = "UTC"
business_units = ["BU1"]
[[feed]]
document = "asn"
files = "*.txt"
constants = { businessUnitId = "BU1" }
format = "records"
options = { records = { H = ["asnNumber"], D = ["lineNumber", "skuId", "line.quantity"], P = ["package.lotNumber", "package.quantity"] }, levels = ["H", "D", "P"] }
"""
    )
    of = next(warehouse.site.partners.feeds())
    rows = ["H|A-1", "D|1|00815|5", "P|L1|2", "P|L2|3", "D|2|00816|7", "H|A-2", "D|1|00815|1", "P|L9|1"]
    result = warehouse.run(text(*rows), of, name="a.txt")
    assert result.report.verdict is Verdict.ACCEPTED, result.text
    packages = "SELECT asn_number, line_number, lot_number, CAST(quantity AS real) FROM asn_packages ORDER BY 1, 2, 3"
    assert warehouse.rows(packages) == [("A-1", "1", "L1", 2.0), ("A-1", "1", "L2", 3.0), ("A-2", "1", "L9", 1.0)]
    lines = "SELECT asn_number, line_number, CAST(quantity AS real) FROM asn_lines ORDER BY 1, 2"
    assert warehouse.rows(lines) == [("A-1", "1", 5.0), ("A-1", "2", 7.0), ("A-2", "1", 1.0)]
    lost = warehouse.run(text("H|A-3", "P|L1|2", "D|1|00815|5"), of, name="b.txt")
    assert faults(lost) == [("line 2", "no_line_above")]


COUNTED = DELIMITED.replace('ignore = ["T"]', 'counts = { T = ["D", "H+D+T"] }')


@pytest.mark.parametrize(
    ("trailer", "sentence"),
    [
        (["T|3|6"], None),
        (["T|3|6", ""], None),
        (["T|4|6"], "the trailer at line 6 promises D = '4', and the file has 3"),
        (["T|3|5"], "the trailer at line 6 promises H+D+T = '5', and the file has 6"),
        (["T|x|6"], "promises D = 'x', and the file has 3"),
        (["T|3"], "promises H+D+T = '', and the file has 6"),
        ([], "the file has no trailer 'T' at its end: it is not whole"),
        (["T|3|6", "H|SO-3|Ada"], "the file has no trailer 'T' at its end: it is not whole"),
        (["T|3|6", *ROWS[3:], "T|1|3"], None),
    ],
)
def test_a_trailer_is_there_and_right(warehouse: Warehouse, trailer: list[str], sentence: str | None) -> None:
    result = run(warehouse, *ROWS, *trailer, keys=COUNTED)
    assert sentence in (result.report.refused or "") if sentence else result.report.refused is None
    if sentence is None:
        assert warehouse.lines() == STORED
    else:
        assert warehouse.order_numbers() == []


def test_a_fix_workbook_comes_back(warehouse: Warehouse) -> None:
    result = run(warehouse, ROWS[0], "D|1|00815|5x", *ROWS[2:])
    assert warehouse.order_numbers() == ["SO-2"]
    book = openpyxl.load_workbook(io.BytesIO(warehouse.fix(result)))
    sheet = book["Lines to fix"]
    headings = [cell.value for cell in sheet[1]]
    assert headings[:5] == ["Order", "Name", "Line", "Item", "Qty"]
    sheet.cell(2, headings.index("Qty") + 1).value = "5"
    again = warehouse.run(saved(book), warehouse.feed(DELIMITED), name="fix.xlsx")
    assert again.report.documents.inserted == 1, again.text
    assert warehouse.lines() == STORED


def test_a_cut_line_of_padded_ones_of_its_type_is_faulty(warehouse: Warehouse) -> None:
    rows = placed(*ROWS)
    result = run(warehouse, *rows, "D2  00815   12", keys=PLACED)
    assert faults(result) == [("line 6", "cut_line")]
    result = run(warehouse, *rows, "D1  00815   12345X", keys=PLACED)
    assert faults(result) == [("line 6", "outside_columns")]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("", "format = 'records' needs records in the options"),
        ('records = { H = ["a"], D = { b = "2-3" } }', "all types are lists of headings, or all are tables of places"),
        ('records = { H = ["a"], D = ["b"] }, levels = ["H", "X"]', "levels: the type 'X' is none of records"),
        ('records = { H = ["a"], D = ["b"] }, levels = ["H", "H"]', "levels: a type stands twice"),
        ('records = { H = ["a"], D = ["b"] }, ignore = ["D"]', "ignore: the type 'D' is one of records, too"),
        ('records = { H = ["a"], D = ["b"] }, counts = { T = ["X"] }', "counts: 'X' is no type of lines"),
        ('records = { H = ["a", "A"], D = ["b"] }', "'a' stands twice"),
        ('records = { H = { a = "1-2" }, D = { b = "x" } }', "'x' is no place"),
        ('record = { H = ["a"] }', "there is no key 'record', did you mean 'records'?"),
    ],
)
def test_a_mistake_of_the_toml_is_named(warehouse: Warehouse, options: str, sentence: str) -> None:
    with pytest.raises(Misconfigured, match=r"acme.toml:1[01]: ") as raised:
        warehouse.feed(f'format = "records"\noptions = {{ {options} }}')
    assert sentence in str(raised.value)


name = st.text(st.sampled_from("AB1"), min_size=1, max_size=3)
orders = st.dictionaries(
    name, st.dictionaries(st.integers(1, 9), st.integers(1, 99), min_size=1, max_size=3), min_size=1
)


@pytest.mark.slow
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=3 * settings().max_examples
)
@given(orders)
def test_any_orders_are_the_same_as_in_a_csv(warehouse: Warehouse, table: dict[str, dict[int, int]]) -> None:
    """As lines of two types, with delimiters or at places, and as rows that repeat the number."""
    rows = [f"{number},{line},AB,{quantity}" for number, lines in table.items() for line, quantity in lines.items()]
    typed = [
        row
        for number, lines in table.items()
        for row in [f"H|{number}|", *(f"D|{line}|AB|{quantity}" for line, quantity in lines.items())]
    ]
    one = warehouse.check(csv(*rows, header=HEADER), warehouse.feed())
    assert not one["failedOrders"]
    for keys, content in ((DELIMITED, typed), (PLACED, placed(*typed))):
        other = warehouse.check(text(*content), warehouse.feed(keys), name="orders.txt")
        assert (other["counts"], other["lines"], other["failedOrders"]) == (one["counts"], one["lines"], [])


TYPES = st.sampled_from(["H", "D", "P", "N", "?"])


@given(st.lists(st.tuples(TYPES, st.sampled_from(["", "1", "2"])), max_size=14))
def test_every_line_is_in_one_record_at_least_and_records_ascend(lines: list[tuple[str, str]]) -> None:
    nest = Nest(["H", "D", "P"], {"key", "n"})
    records: list[Nested] = []
    for number, (kind, value) in enumerate(lines, 1):
        cells = {kind: f"{number}", "key": value} if kind != "?" else {}
        fault = ("unknown_record_type", {}) if kind == "?" else None
        records += nest.add(Typed(number, kind, cells, fault))
    records += nest.end()
    numbers = [each.number for each in records]
    assert numbers == sorted(set(numbers))
    assert all(0 <= each.document <= each.number for each in records)
    assert [each.document for each in records if each.document] == sorted(
        each.document for each in records if each.document
    )
    values = {cell for each in records for name, cell in each.cells.items() if name != "key"}
    lost = {f"{number}" for number, (kind, _) in enumerate(lines, 1) if kind in "HDP"} - values
    assert not lost


@pytest.mark.parametrize(
    "end", ["EOF", "(5 rows affected)", "*** End of file ***", "EOF\n(5 rows)", "\nEnd of report\n"]
)
@pytest.mark.parametrize("keys", [DELIMITED, PLACED])
def test_a_last_line_that_can_be_no_record_is_the_footer(warehouse: Warehouse, end: str, keys: str) -> None:
    rows = ROWS if keys == DELIMITED else placed(*ROWS)
    result = run(warehouse, *rows, end, keys=keys)
    assert (faults(result), warehouse.order_numbers()) == ([], ["SO-1", "SO-2"])
    assert result.warnings.count("footer_rows") == 1
    assert result.report.books.ignored == len([each for each in end.split("\n") if each])


@pytest.mark.parametrize(("at", "end"), [(5, "(4 rows affected)"), (3, "EOF"), (5, "EOF\n(9 rows)")])
def test_one_that_counts_wrong_or_is_not_the_last_holds_the_order_above(
    warehouse: Warehouse, at: int, end: str
) -> None:
    result = run(warehouse, *ROWS[:at], end, *ROWS[at:])
    assert {code for _, code in faults(result)} == {"unknown_record_type"}
    assert len(warehouse.order_numbers()) == 1


def test_a_footer_is_no_line_behind_a_trailer(warehouse: Warehouse) -> None:
    keys = DELIMITED.replace('ignore = ["T"]', 'counts = { T = ["D"] }')
    assert run(warehouse, *ROWS, "T|3", "EOF", keys=keys).report.refused is None
    assert run(warehouse, *ROWS, "EOF", keys=keys).report.refused is not None


def test_lines_that_read_like_an_end_wait_in_small_numbers(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossdock.formats.footer.LONGEST", 2)
    assert len(faults(run(warehouse, *ROWS, *["EOF"] * 5))) == 3
