"""Workbooks as people and programs make them: what can be kept is kept, what can't be is named, nothing is blank."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment

from crossdock import formats
from crossdock.failures.refusals import Refused
from crossdock.formats.format import Clues
from crossdock.formats.xlsx import inspection
from crossdock.formats.xlsx.inspection import Book
from tests.warehouse import HEADER, Result, Warehouse, csv
from tests.workbooks import FORMATS, MAIN, STYLE, book, header, raw, saved, sheet, text, zipped

NAMES = HEADER.split(",")
GOOD = ["SO-1", "1", "AB", 5]


def run(warehouse: Warehouse, content: bytes, keys: str = "", name: str = "orders.xlsx") -> Result:
    return warehouse.run(content, warehouse.feed(keys), name=name)


def refused(warehouse: Warehouse, content: bytes, keys: str = "", name: str = "orders.xlsx") -> str:
    refusal = run(warehouse, content, keys, name).report.refused
    assert refusal is not None
    return refusal


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx"])
def test_the_same_order_is_the_same_in_every_format(warehouse: Warehouse, kind: str) -> None:
    """Stored alike, and failing alike but for the place."""
    names = [*NAMES, "quantityMeasure", "orderCreatedDate", "unitPrice", "customerDates.cancelAfter"]
    rows: list[list[Any]] = [
        ["00712", "1", "AB-1", 5, "KG", date(2026, 1, 5), 9.5, date(2027, 2, 1)],
        ["00712", "2", "AB-2", 2.25, "KG", date(2026, 1, 5), 1000.0, date(2027, 2, 1)],
        ["SO-2", "1", "AB-1", "twelve", "KG", date(2026, 1, 5), 1.5, date(2027, 2, 1)],
        ["SO-3", "1", "", -3, "KG", date(2026, 1, 5), 1.5, date(2027, 2, 1)],
    ]
    if kind == "xlsx":
        result = run(warehouse, book(names, *rows))
    elif kind == "csv":
        result = warehouse.run(csv(*(",".join(map(str, row)) for row in rows), header=",".join(names)))
    else:
        objects = [dict(zip(names, [str(x) if isinstance(x, date) else x for x in row], strict=True)) for row in rows]
        result = warehouse.run(json.dumps(objects), name="orders.json")
    stored = warehouse.rows(
        "SELECT customer_order_number, customer_line_number, sku_id, quantity, unit_price FROM sales_order_lines "
        "ORDER BY 1, 2"
    )
    assert stored == [("00712", "1", "AB-1", "5.000000", "9.5000"), ("00712", "2", "AB-2", "2.250000", "1000.0000")]
    assert warehouse.rows("SELECT order_created_date, customer_dates_cancel_after FROM sales_orders") == [
        ("2026-01-04T23:00:00.000000Z", "2027-02-01")
    ]
    assert {each["code"] for each in result.failures if each["severity"] == "error"} == {
        "not_a_number", "missing", "too_small",
    }  # fmt: skip
    assert set(result.failed) == {"SO-2", "SO-3"}
    assert [each["value"] for each in result.failures if each["code"] == "not_a_number"] == ["twelve"]


def test_a_place_is_a_sheet_and_a_row(warehouse: Warehouse) -> None:
    result = run(warehouse, book(NAMES, GOOD, ["SO-2", "1", "AB", "x"], ["SO-2", "2", "AB", "x"]))
    assert "Orders!3 and 4  quantity 'x' is not a number" in result.text
    assert [each["place"] for each in result.failures] == ["Orders!3", "Orders!4"]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [(12.0, "12"), (12.5, "12.5"), (123456789012345, "123456789012345"), ("007", "007"),
     (" AB ", "AB"), ("1234567890123456789", "1234567890123456789")],
)  # fmt: skip
def test_an_id_keeps_what_can_be_kept(warehouse: Warehouse, cell: Any, kept: str) -> None:
    run(warehouse, book(NAMES, ["SO-1", "1", cell, 5]))
    assert warehouse.rows("SELECT sku_id FROM sales_order_lines") == [(kept,)]


@pytest.mark.parametrize(
    ("cell", "code", "shown"),
    [
        (1234567890123456789, "rounded_id", "1.23456789012346E+18"),
        (date(2026, 1, 5), "date_in_id", "2026-01-05"),
        (datetime.fromisoformat("2026-01-05T08:30"), "date_in_id", "2026-01-05T08:30:00"),
        ("1.23E+11", "scientific_id", "1.23E+11"),
        (True, "flag_in_id", "true"),
    ],
)
def test_an_id_that_the_spreadsheet_has_spoiled_is_a_failure(
    warehouse: Warehouse, cell: Any, code: str, shown: str
) -> None:
    result = run(warehouse, book(NAMES, ["SO-1", "1", cell, 5]))
    assert [(each["code"], each["value"]) for each in result.failures] == [(code, shown)]
    assert warehouse.rows("SELECT * FROM sales_order_lines") == []


def test_zeros_that_only_the_format_writes_are_kept(warehouse: Warehouse) -> None:
    row = f'<row r="2">{text("SO-1")}{text("1")}<c s="{STYLE["zeros"]}"><v>123</v></c><c><v>5</v></c></row>'
    run(warehouse, raw(sheet(header(*NAMES) + row)))
    assert warehouse.rows("SELECT sku_id FROM sales_order_lines") == [("00123",)]


@pytest.mark.parametrize(
    ("cell", "stored"), [(0.1 + 0.2, "0.300000"), (1e-6, "0.000001"), (1.234, "1.234000"), ("1.234,5", "1234.500000")]
)
def test_a_number_cell_means_what_it_shows_whatever_the_feeds_notation(
    warehouse: Warehouse, cell: Any, stored: str
) -> None:
    row = ["SO-1", "1", "AB", cell, "KG"]
    run(warehouse, book([*NAMES, "quantityMeasure"], row), 'decimal = ","\nthousands = "."')
    assert warehouse.rows("SELECT quantity FROM sales_order_lines") == [(stored,)]


@pytest.mark.parametrize(
    ("cell", "old_mac", "stored"),
    [
        (f'<c s="{STYLE["day"]}"><v>46022</v></c>', False, "2025-12-31"),
        (f'<c s="{STYLE["day"]}"><v>44560</v></c>', True, "2025-12-31"),
        ('<c t="d"><v>2025-12-31</v></c>', False, "2025-12-31"),
        ("<c><v>46022</v></c>", False, "2025-12-31"),
        ("<c><v>44560</v></c>", True, "2025-12-31"),
        (text("31.12.2025"), False, "2025-12-31"),
        ("<c><v>20251231</v></c>", False, "2025-12-31"),
    ],
)
def test_dates_of_both_calendars_and_days_as_numbers(
    warehouse: Warehouse, cell: str, old_mac: bool, stored: str
) -> None:
    row = f'<row r="2">{text("SO-1")}{text("1")}{text("AB")}<c><v>5</v></c>{cell}</row>'
    content = raw(sheet(header(*NAMES, "orderDropDate") + row), date1904=old_mac)
    run(warehouse, content, 'dates = ["%d.%m.%Y", "%Y%m%d", "serial"]')
    assert warehouse.rows("SELECT order_drop_date FROM sales_orders") == [(stored,)]


def test_a_number_where_a_date_belongs_says_which_date_it_may_be(warehouse: Warehouse) -> None:
    result = run(warehouse, book([*NAMES, "orderDropDate"], [*GOOD, 46022]))
    assert [each["code"] for each in result.failures] == ["serial_date"]
    assert "as a spreadsheet's number of days it would be 2025-12-31" in result.failed["SO-1"]


def test_a_moment_keeps_its_time(warehouse: Warehouse) -> None:
    row = f"""<row r="2">{text("SO-1")}{text("1")}{text("AB")}<c><v>5</v></c>
              <c s="{STYLE["moment"]}"><v>46022.354166666664</v></c></row>"""
    run(warehouse, raw(sheet(header(*NAMES, "orderCreatedDate") + row)))
    assert warehouse.rows("SELECT order_created_date FROM sales_orders") == [("2025-12-31T07:30:00.000000Z",)]


def test_a_time_alone_is_no_date(warehouse: Warehouse) -> None:
    row = f"""<row r="2">{text("SO-1")}{text("1")}{text("AB")}<c><v>5</v></c>
              <c s="{STYLE["time"]}"><v>0.354166666666667</v></c></row>"""
    result = run(warehouse, raw(sheet(header(*NAMES, "orderDropDate") + row)))
    assert [(each["code"], each["value"]) for each in result.failures] == [("not_a_date", "08:30:00")]


@pytest.mark.parametrize(
    ("cell", "code", "value"),
    [('<c t="e"><v>#N/A</v></c>', "error_cell", "#N/A"), ('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', "error_cell", "#DIV/0!"),
     ("<c><f>A1*2</f></c>", "not_calculated", None), ("<c><f>A1*2</f><v/></c>", "not_calculated", None),
     ("<c t='e'><v>#REF!</v></c>", "error_cell", "#REF!"), ("<c r='E2' t= 'e'><v>#REF!</v></c>", "error_cell", "#REF!"),
     ('<c t = "e" r="E2"><v>#REF!</v></c>', "error_cell", "#REF!")],
)  # fmt: skip
def test_a_cell_that_looks_blank_and_is_not_is_a_failure(
    warehouse: Warehouse, cell: str, code: str, value: str | None
) -> None:
    """``notes`` is optional: read as blank, it would be lost without a word."""
    row = f'<row r="2">{text("SO-1")}{text("1")}{text("AB")}<c><v>5</v></c>{cell}</row>'
    result = run(warehouse, raw(sheet(header(*NAMES, "line.notes") + row)))
    assert [(each["code"], each["value"], each["column"]) for each in result.failures] == [(code, value, "line.notes")]


def test_a_formula_that_was_calculated_is_its_value(warehouse: Warehouse) -> None:
    row = f"""<row r="2">{text("SO-1")}<c t="str"><f>"1"</f><v>1</v></c>{text("AB")}<c><f>2+3</f><v>5</v></c>
              <c t="str"><f>""</f><v></v></c></row>"""
    assert run(warehouse, raw(sheet(header(*NAMES, "notes") + row))).report.verdict == "ACCEPTED"
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN")}


def test_a_row_of_errors_only_is_not_blank(warehouse: Warehouse) -> None:
    row = '<row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>'
    result = run(warehouse, raw(sheet(header(*NAMES) + row)))
    assert result.report.books.failed == 1


def merged() -> bytes:
    book = openpyxl.Workbook()
    only = book.active
    assert only is not None
    for row in ([*NAMES], ["SO-1", "1", "AB", 5], [None, "2", "AC", 6], ["SO-2", "1", "AD", 7]):
        only.append(row)
    only.merge_cells("A2:A3")
    return saved(book)


def test_merged_cells_fail_unless_the_feed_fills_them(warehouse: Warehouse) -> None:
    result = run(warehouse, merged())
    assert result.errors == [(2, "", "merged_cells"), (3, "", "merged_cells")]
    assert "A2:A3" in result.text
    assert set(result.failed) == {"SO-1"}
    assert run(warehouse, merged(), 'options = { merged = "fill" }').report.verdict == "ACCEPTED"
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN"), "2": ("AC", 6.0, "OPEN")}


@pytest.mark.parametrize(("area", "fails"), [("E2:E4", False), ("E2:F3", False), ("C2:C3", True), ("D2:E2", True)])
def test_merged_cells_fail_rows_in_which_a_column_is_read(warehouse: Warehouse, area: str, fails: bool) -> None:
    book = openpyxl.Workbook()
    only = book.active
    assert only is not None
    for row in ([*NAMES, "our own remark", "initials"], [*GOOD, "by van"], ["SO-1", "2", "AC", 6]):
        only.append(row)
    only.merge_cells(area)
    result = run(warehouse, saved(book))
    assert ("merged_cells" in {each["code"] for each in result.failures}) == fails
    assert (result.report.verdict == "ACCEPTED") != fails
    assert result.report.books.blank == 0


def test_what_is_hidden_is_read_and_said(warehouse: Warehouse) -> None:
    book = openpyxl.Workbook()
    only = book.active
    assert only is not None
    for row in (NAMES, GOOD, ["SO-2", "1", "AB", 5]):
        only.append(row)
    only.sheet_state = "hidden"
    book.create_sheet("Front")
    only.row_dimensions[3].hidden = True
    only.column_dimensions["C"].hidden = True
    result = run(warehouse, saved(book))
    assert result.report.documents.inserted == 2
    assert sorted(result.warnings) == ["hidden_column", "hidden_rows", "hidden_sheet"]
    assert "hidden or filtered rows were read like the others: 1, in 3–3" in result.text
    assert "the column 'skuId' is hidden" in result.text


def test_the_sheet_that_fits_is_read_and_the_others_are_named(warehouse: Warehouse) -> None:
    content = book(["made by", "Ada"], title="Cover", Data=[NAMES, GOOD], Legend=[["quantity", "pieces"]])
    result = run(warehouse, content)
    assert result.report.documents.inserted == 1
    assert [each["value"] for each in result.failures] == ["Cover", "Legend"]
    assert set(result.warnings) == {"other_sheet"}


def test_two_sheets_that_fit_are_not_guessed_between(warehouse: Warehouse) -> None:
    content = book(NAMES, GOOD, Old=[NAMES, ["SO-9", "1", "AB", 5]])
    assert refused(warehouse, content).startswith(
        "more than one sheet of the workbook may be meant: 'Orders', 'Old'; name one"
    )
    assert run(warehouse, content, 'options = { sheet = "old" }').failed == {}
    assert warehouse.rows("SELECT customer_order_number FROM sales_orders") == [("SO-9",)]
    assert (
        refused(warehouse, content, 'options.sheet = "Sheet9"')
        == "the workbook has no sheet 'Sheet9'; its sheets are: 'Orders', 'Old'; rename the one that is "
        "meant, or name it in the feed's options"
    )


def test_a_sheet_of_headings_only_does_not_compete(warehouse: Warehouse) -> None:
    assert run(warehouse, book(NAMES, GOOD, Template=[NAMES])).report.documents.inserted == 1


def test_the_header_may_stand_lower_and_farther_right(warehouse: Warehouse) -> None:
    content = book([], [None, None, "Orders of Monday"], [], [None, None, *NAMES, None], [None, None, *GOOD], [], [None, None, *NAMES],
                   [None, None, "Total", None, None, 5])  # fmt: skip
    result = run(warehouse, content)
    assert result.report.documents.inserted == 1
    books = result.report.books
    assert (books.read, books.loaded, books.ignored, books.blank) == (6, 1, 3, 2)
    assert result.warnings == ["total_rows"]


TOP = '<row r="1">' + "".join(text(name, f"{'ABCD'[place]}1") for place, name in enumerate(NAMES)) + "</row>"


def placed(row: int, order: str, quantity: int, other: int | None = None) -> str:
    """A row of which every cell has its address, as programs write it; ``other``: a second value of its last cell."""
    named = f'{text(order, f"A{row}")}<c r="B{row}"><v>1</v></c>{text("AB", f"C{row}")}'
    cells = f'{named}<c r="D{row}"><v>{quantity}</v></c>'
    twice = "" if other is None else f'<c r="D{row}"><v>{other}</v></c>'
    return f'<row r="{row}">{cells}{twice}</row>'


@pytest.mark.parametrize(
    "rows",
    [
        (placed(2, "SO-1", 5), placed(2, "SO-2", 7)),
        (placed(2, "SO-1", 5), placed(3, "SO-2", 7), placed(2, "SO-3", 9)),
        (placed(2, "SO-1", 5, other=7),),
        (placed(2, "SO-1", 5), placed(3, "SO-2", 5, other=7).replace("<row", '<row hidden="1"')),
    ],
)
def test_a_cell_that_is_there_twice_refuses_the_workbook(warehouse: Warehouse, rows: tuple[str, ...]) -> None:
    """The library drops one of the two."""
    result = run(warehouse, raw(sheet(TOP + "".join(rows))))
    assert "is there twice" in str(result.report.refused)


@given(st.lists(st.tuples(st.integers(1, 12), st.sampled_from(["A", "Z", "AA", "BC", "XFD"])), min_size=1, max_size=12))
def test_cells_in_any_order_are_refused_where_one_is_there_twice_and_nowhere_else(
    places: list[tuple[int, str]],
) -> None:
    data = "".join(f'<row r="{row}">{text("AB", f"{column}{row}")}</row>' for row, column in places)
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(raw(sheet(data)))
        file.flush()
        inspected = Book(Path(file.name))
        if len(set(places)) < len(places):
            with pytest.raises(Refused, match="is there twice"):
                inspected.survey(*inspected.sheets)
        else:
            inspected.survey(*inspected.sheets)


def test_rows_in_another_order_are_read(warehouse: Warehouse) -> None:
    result = run(warehouse, raw(sheet(placed(3, "SO-2", 7) + TOP + placed(2, "SO-1", 5))))
    assert (result.errors, warehouse.order_numbers()) == ([], ["SO-1", "SO-2"])


def test_gaps_and_a_million_formatted_rows_cost_nothing(warehouse: Warehouse) -> None:
    def row(number: int, order: str) -> str:
        cells = "".join(text(value, f"{'ABCD'[place]}{number}") for place, value in enumerate([order, "1", "AB", "5"]))
        return f'<row r="{number}">{cells}<c r="XFD{number}" s="1"/></row>'

    empty = "".join(f'<row r="{number}"><c r="A{number}" s="1"/></row>' for number in range(5001, 60_000))
    data = (
        header(*NAMES) + row(2, "SO-1") + row(5000, "SO-2") + empty + '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    )
    books = run(warehouse, raw(sheet(data))).report.books
    assert (books.read, books.loaded, books.blank) == (4_999, 2, 4_997)


def test_cells_without_addresses_follow_each_other(warehouse: Warehouse) -> None:
    data = "<row>" + "".join(map(text, NAMES)) + "</row><row>" + "".join(map(text, ["SO-1", "1", "AB", "5"])) + "</row>"
    assert run(warehouse, raw(sheet(data))).report.documents.inserted == 1


def test_other_spellings_of_the_same_xml(warehouse: Warehouse) -> None:
    plain = sheet(header(*NAMES) + '<row r="2">' + "".join(map(text, ["SO-1", "1", "AB", "5"])) + "</row>")
    prefixed = plain.replace("<", "<x:").replace("<x:/", "</x:").replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')
    strict = plain.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
    rich = plain.replace("<t>AB</t>", "<r><t>A</t></r><r><t>B</t></r>")
    for content in (prefixed, strict, rich, plain.replace('"', "'")):
        result = run(warehouse, raw(content))
        assert result.report.refused is None
        assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN")}


def test_control_characters_are_found_behind_their_escapes(warehouse: Warehouse) -> None:
    row = f'<row r="2">{text("SO-1")}{text("1")}{text("A_x0007_B")}<c><v>5</v></c></row>'
    assert run(warehouse, raw(sheet(header(*NAMES) + row))).errors == [(2, "skuId", "control_character")]


BESIDE = "".join(text(each, f"{at}3") for at, each in zip("FGHI", ["SO-2", "1", "AB", "5"], strict=True))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (f"{text('SO-2')}{text('1')}{text('AB')}<c><v>5</v></c>{text('a remark')}", "torn_row"),
        (f"{text('SO-2')}{text('1')}{text('A')}{text('B')}<c><v>5</v></c>", "torn_row"),
        (BESIDE, "beside_headings"),
        ('<c r="H3" t="e"><v>#REF!</v></c>', "beside_headings"),
        ('<c r="E3"><f>A1</f></c>', "beside_headings"),
    ],
)
def test_what_stands_right_of_the_last_heading_tears_its_row(warehouse: Warehouse, row: str, code: str) -> None:
    """As in CSV: a cell too many may have pushed all behind it under other headings, or be an order pasted beside."""
    good = "".join(map(text, ["SO-1", "1", "AB", "5"]))
    blank = "".join(text(" ", f"{letter}2") for letter in "EFG")
    result = run(warehouse, raw(sheet(f'{header(*NAMES)}<row r="2">{good}{blank}</row><row r="3">{row}</row>')))
    assert result.errors == [(3, "", code)]
    assert result.report.books.blank == 0
    assert warehouse.order_numbers() == ["SO-1"]


def test_formulas_never_calculated_at_the_very_end_are_rows(warehouse: Warehouse) -> None:
    """The library sees no cell in them, and so no row."""
    good = "".join(map(text, ["SO-1", "1", "AB", "5"]))
    rows = f'<row r="2">{good}</row><row r="4"><c r="A4"><f>A1</f></c><c r="C4"><f>B1</f></c></row>'
    result = run(warehouse, raw(sheet(header(*NAMES) + rows)))
    assert [(each["place"], each["code"]) for each in result.failures if each["code"] == "not_calculated"] == [
        ("Orders!4", "not_calculated"), ("Orders!4", "not_calculated"),
    ]  # fmt: skip


def test_blank_cells_right_of_the_last_heading_are_nothing(warehouse: Warehouse) -> None:
    result = run(warehouse, book(NAMES, [*GOOD, " ", "\u00a0"], [None, None, None, None, " "]))
    assert (result.report.verdict, result.report.books.blank) == ("ACCEPTED", 1)


def test_a_workbook_of_errors_or_pictures_is_refused(warehouse: Warehouse) -> None:
    """Nothing in it is a heading: it is no drop without records."""
    errors = '<row r="1"><c r="A1" t="e"><v>#REF!</v></c><c r="B1" t="e"><v>#N/A</v></c></row>'
    assert "no column of the file is known" in refused(warehouse, raw(sheet(errors)))
    assert (
        refused(warehouse, raw(sheet('<row r="1"/>', after='<drawing xmlns:r="x" r:id="d"/>'))) == "the file is empty"
    )


def test_a_column_twice_is_refused(warehouse: Warehouse) -> None:
    assert "are both" in refused(warehouse, book([*NAMES, "SKU Id"], [*GOOD, "X"]))


def test_two_columns_that_nobody_reads_may_have_one_name(warehouse: Warehouse) -> None:
    result = run(warehouse, book([*NAMES, "Colour", None, "colour", "Colour"], [*GOOD, "x", None, "y", "z"]))
    assert (result.errors, result.report.documents.inserted) == ([], 1)
    assert {each["message"] for each in result.failures if each["code"] == "heading_twice"} == {
        f"the columns 'Colour' (position 5) and {second} have one name; neither is read"
        for second in ("'colour' (position 7)", "'Colour' (position 8)")
    }
    assert "the first row reads Colour, colour" in refused(warehouse, book(["Colour", "colour"], ["x", "y"]))


def test_of_the_columns_of_one_name_each_comes_back_in_a_fix_workbook(warehouse: Warehouse) -> None:
    """What nobody reads is the partner's all the same."""
    names = [*NAMES, "Colour", "colour"]
    sent = run(warehouse, book(names, ["SO-1", "1", "AB", "many", "x", "y"]))
    again = warehouse.run(warehouse.fix(sent), name="fix.xlsx")
    assert [code for _, _, code in again.errors] == [code for _, _, code in sent.errors] == ["not_a_number"]
    assert again.report.refused is None


def test_an_empty_workbook_and_one_of_other_things(warehouse: Warehouse) -> None:
    assert refused(warehouse, book()) == "the file is empty"
    assert "the first row reads a, b" in refused(warehouse, book(["a", "b"], [1, 2]))
    result = run(warehouse, book(NAMES))
    assert (result.report.verdict, result.warnings) == ("ACCEPTED", ["no_records"])


LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 400


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (LOCKED, "it is password-protected: save it without a password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "it is a Word document"),
        (zipped({"[Content_Types].xml": "x", "word/document.xml": "x"}), "it is a Word document"),
        (zipped({"Index/Document.iwa": "x"}), "export it as Excel"),
        (zipped({"xl/workbook.bin": "x"}), "it is an .xlsb workbook, of which the library loses cells"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "it is a web page"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "XML Spreadsheet 2003"),
        (b'<?xml version="1.0"?><orders/>', "it is XML"),
        (b"%PDF-1.7", "it is a PDF"),
        (book(NAMES, GOOD)[:-200], "can't be opened"),
        (raw(sheet(header(*NAMES))[:-60]), "can't be opened"),
        (raw(sheet(header(*NAMES) + '<row r="2"><c t="s"><v>77</v></c></row>')), "can't read this one: open it in Excel"),
        (raw('<!DOCTYPE x [<!ENTITY a "b">]>' + sheet(header(*NAMES))), "a workbook whose XML declares a document type"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_refused_by_name(warehouse: Warehouse, content: bytes, sentence: str) -> None:
    assert sentence in refused(warehouse, content)


def test_a_zip_file_that_is_no_workbook_is_named(tmp_path: Path) -> None:
    """Doors take it apart: no reader is ever given one."""
    path = tmp_path / "orders.xlsx"
    path.write_bytes(zipped({"a.csv": "x"}))
    with pytest.raises(Refused, match="it is a zip file"):
        formats.reader(path, None, formats.options()(), Clues({}))


def test_the_name_does_not_matter(warehouse: Warehouse) -> None:
    assert warehouse.run(csv("SO-1,1,AB,5"), name="orders.xlsx").report.documents.inserted == 1
    assert warehouse.run(book(NAMES, ["SO-2", "1", "AB", 5]), name="orders.csv").report.documents.inserted == 1
    assert refused(warehouse, book(NAMES, GOOD), 'format = "delimited"') == (
        "the file is a workbook, and the feed reads delimited only"
    )
    assert "the feed reads workbook only" in refused(warehouse, csv("SO-1,1,AB,5").encode(), 'format = "workbook"')


def test_limits_hold_before_memory_is_spent(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    far = '<row r="20000"><c r="XFD20000"><v>1</v></c></row>'
    assert "327,680,000 cells between its first and its last" in refused(warehouse, raw(sheet(header(*NAMES) + far)))
    monkeypatch.setattr(inspection, "MAX_UNZIPPED", 2_000)
    assert "bytes unzipped, more than the 2,000 that are read: send it in parts" in refused(
        warehouse, book(NAMES, GOOD)
    )


def test_rows_beyond_one_block_keep_their_places(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    from crossdock.formats.excel import workbook

    monkeypatch.setattr(workbook, "RECORDS", 2)
    rows = [["SO-1", str(number), "AB", number] for number in range(1, 8)]
    rows[5][2] = date(2026, 1, 5)  # type: ignore[call-overload]
    result = run(warehouse, book(NAMES, *rows))
    assert result.errors == [(7, "skuId", "date_in_id")]


@pytest.mark.parametrize(("kind", "unseen"), [("xls", "formulas that were"), ("ods", "")])
def test_other_kinds_of_workbook(warehouse: Warehouse, kind: str, unseen: str) -> None:
    """Written by LibreOffice 7.4; of an .xls file with formulas it is said what can't be seen."""
    result = run(warehouse, (Path(__file__).parent / "samples" / f"orders.{kind}").read_bytes(), name=f"orders.{kind}")
    assert warehouse.lines() == {"1": ("007", 5.0, "OPEN"), "2": ("4006381333931", 2.25, "OPEN")}
    assert warehouse.rows("SELECT order_drop_date FROM sales_orders") == [("2026-12-31",)]
    assert {each["place"]: each["code"] for each in result.failures if each["severity"] == "error"} == {
        "Orders!4": "error_cell", "Orders!5": "date_in_id",
    }  # fmt: skip
    assert result.warnings == (["little_known_format"] if unseen else [])
    assert not unseen or f"in a '.{kind}' workbook {unseen}" in result.text


@pytest.mark.parametrize(
    "cell",
    ['<c r="xfd1048576"><v>1</v></c>', '<c r="XFD01048576"><v>1</v></c>', '<c t="n" r="XFD1048576"><v>1</v></c>'],
)
@pytest.mark.parametrize("row", ["<row>", '<row r="9">'])
def test_an_address_in_any_spelling_spends_no_memory(warehouse: Warehouse, cell: str, row: str) -> None:
    """calamine takes them all, and all cells between the first and the last."""
    far = f"{header(*NAMES)}{row}{cell}</row>"
    assert "cells between its first and its last" in refused(warehouse, raw(sheet(far)))


def test_merged_cells_over_one_another_are_limited(warehouse: Warehouse) -> None:
    areas = "".join(f'<mergeCell ref="A2:{"ABCD"[n % 3 + 1]}{20_000 - n}"/>' for n in range(200))
    rows = "".join(f'<row r="{n}">{text("SO-1", f"A{n}")}</row>' for n in range(2, 20_001))
    content = raw(sheet(header(*NAMES) + rows, after=f"<mergeCells>{areas}</mergeCells>"))
    assert "rows or more in merged cells" in refused(warehouse, content)


@pytest.mark.parametrize(
    ("code", "shown"),
    [("00000", "00123"), ("[$-407]00000", "00123"), ("00000_)", "00123"), ("&quot;SO-&quot;00000", "SO-00123"),
     ("000-00", "001-23"), ("0", "123"), ("0.00", "123"), ("#,##0", "123"), ("General", "123"), ("#", "123"),
     ("&quot;ORD-2026-&quot;00", "ORD-2026-123"), ("&quot;0&quot;0000", "00123"), ("00/00", "123"), ("\\S00000", "S00123"),
     ("[&lt;=99]000-0000;(000) 000-0000", "123"), ("&quot;x;y&quot;00000", "x;y00123"), ("&quot;SO-&quot;#", "SO-123"),
     ("&quot;SO-&quot;General", "SO-123"), ("00000;-00000", "00123"), ("[Red]00000", "00123")],
)  # fmt: skip
def test_an_id_is_what_its_format_shows(warehouse: Warehouse, code: str, shown: str) -> None:
    row = f'<row r="2">{text("SO-1")}{text("1")}<c s="{STYLE["zeros"]}"><v>123</v></c><c><v>5</v></c></row>'
    run(warehouse, raw(sheet(header(*NAMES) + row), formats=FORMATS | {"zeros": code}))
    assert warehouse.rows("SELECT sku_id FROM sales_order_lines") == [(shown,)]


def test_a_number_that_an_error_hides_is_not_the_end_of_the_file(warehouse: Warehouse) -> None:
    rows = f'<row r="2">{text("SO-1")}{text("1")}{text("AB")}<c><v>5</v></c></row>'
    rows += f'<row r="3"><c><f>"SO-"&amp;2</f></c>{text("1")}{text("AB")}<c><v>5</v></c></row>'
    rows += f'<row r="4">{text("SO-3")}{text("1")}{text("AB")}<c><v>5</v></c></row>'
    result = run(warehouse, raw(sheet(header(*NAMES) + rows)), 'blank_key = "end"')
    assert result.report.books.ignored == 0
    assert [each["code"] for each in result.failures if each["severity"] == "error"] == ["not_calculated"]
    assert set(result.failed) == {"", "SO-1", "SO-3"}


def test_numbers_that_are_none_are_errors(warehouse: Warehouse) -> None:
    row = f'<row r="2">{text("SO-1")}{text("1")}<c><v>NaN</v></c><c><v>5</v></c></row>'
    assert run(warehouse, raw(sheet(header(*NAMES) + row))).errors == [(2, "skuId", "error_cell")]


def test_two_sheets_of_one_name_are_damage(warehouse: Warehouse) -> None:
    plain = sheet(header(*NAMES))
    assert "two of its sheets have one name" in refused(warehouse, raw(plain, plain, names=("Orders", "Orders")))


def test_a_text_that_every_cell_shares_is_weighed(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(
        f'<row r="{n}">{text(f"SO-{n}")}{text("1")}<c t="s"><v>1</v></c><c><v>5</v></c><c t="s"><v>0</v></c></row>'
        for n in range(2, 202)
    )
    content = raw(sheet(header(*NAMES, "line.notes") + rows), shared=["x" * 2_000, "AB"])
    assert run(warehouse, content).report.documents.inserted == 200
    monkeypatch.setattr(inspection, "MAX_TEXT", 300_000)
    assert "characters, more than the 300,000" in refused(warehouse, content)
    monkeypatch.setattr(inspection, "MAX_TEXT", 500_000)
    assert run(warehouse, content).report.documents.unchanged == 200


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
@pytest.mark.parametrize(
    ("keys", "errors", "stored"),
    [
        ("", [(2, "quantity", "not_a_number"), (3, "quantity", "not_a_number")], ["7.000000"]),
        ('percent = "number"', [], ["12.500000", "50.000000", "7.000000"]),
        ('percent = "hundredths"', [], ["0.125000", "0.500000", "7.000000"]),
    ],
)
def test_a_percentage_is_what_it_shows(
    warehouse: Warehouse, kind: str, keys: str, errors: list[tuple[int, str, str]], stored: list[str]
) -> None:
    """The sheet shows 12.5 % and 50 %, and holds 0.125 and 0.5; as in a text file, the feed says which one is meant."""
    content = (Path(__file__).parent / "samples" / f"percent.{kind}").read_bytes()
    result = run(warehouse, content, f'defaults = {{ quantityMeasure = "KG" }}\n{keys}', f"orders.{kind}")
    assert result.errors == errors
    assert [each["value"] for each in result.failures if each["severity"] == "error"] == ["12.5%", "50%"][: len(errors)]
    assert [each for (each,) in warehouse.rows("SELECT quantity FROM sales_order_lines ORDER BY 1")] == sorted(stored)


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_a_number_has_the_unit_and_the_currency_that_its_cell_shows(warehouse: Warehouse, kind: str) -> None:
    """Formats as Excel offers and people write them (support.microsoft.com, "Review guidelines for customizing a number
    format"); the sheet is crossdock's own, its .xls and .ods LibreOffice's copies.
    """
    content = (Path(__file__).parent / "samples" / f"shown.{kind}").read_bytes()
    result = run(warehouse, content, name=f"orders.{kind}")
    assert [(each["line"], each["code"], each["value"]) for each in result.failures if each["severity"] == "error"] == [
        (3, "unit_beside", "5000 ctn"), (4, "unit_beside", "5000 pcs"),
        (6, "other_currency", "$9.5"), (8, "other_currency", "9.5 £"),
    ]  # fmt: skip
    assert set(warehouse.rows("SELECT quantity, unit_price FROM sales_order_lines")) == {("5000.000000", "9.5000")}
    assert warehouse.order_numbers() == ["SO-2", "SO-5", "SO-7"]
    (scaled,) = [each["message"] for each in result.failures if each["code"] == "shown_in_thousands"]
    assert scaled.startswith(
        "cells of the column 'quantity' are shown in thousands, such as 5000 as '5'; what they hold"
    )


@pytest.mark.parametrize(
    "code", ["0", "0.00", "#,##0.00", "0 ", "(0)", "+0", "_-* #,##0_-", "0.0E+00", "# ?/?", "General"]
)
def test_a_format_that_adds_no_word_changes_no_number(warehouse: Warehouse, code: str) -> None:
    row = f'<row r="2">{text("SO-1")}{text("1")}{text("AB")}<c s="{STYLE["zeros"]}"><v>1234</v></c></row>'
    result = run(warehouse, raw(sheet(header(*NAMES) + row), formats=FORMATS | {"zeros": code}))
    assert result.warnings == []
    assert warehouse.rows("SELECT quantity FROM sales_order_lines") == [("1234.000000",)]


def test_a_column_that_says_the_currency_has_the_last_word(warehouse: Warehouse) -> None:
    content = book([*NAMES, "unitPrice", "currency"], [*GOOD, 9.5, "USD"])
    opened = openpyxl.load_workbook(io.BytesIO(content))
    opened.worksheets[0]["E2"].number_format = '"$"#,##0.00'
    assert run(warehouse, saved(opened)).errors == []
    assert warehouse.rows("SELECT unit_price FROM sales_order_lines") == [("9.5000",)]


def commented(*comments: tuple[str, str]) -> bytes:
    book = openpyxl.Workbook()
    only = book.active
    assert only is not None
    for row in (NAMES, GOOD, ["SO-2", "1", "AB", 5]):
        only.append(row)
    for address, words in comments:
        only[address].comment = Comment(words, "Ann")
    return saved(book)


def test_comments_on_cells_are_said(warehouse: Warehouse) -> None:
    result = run(
        warehouse, commented(("D1", "whole pieces"), ("D3", "Ann:\nplease cancel this one"), ("F9", "ask Bob"))
    )
    assert result.warnings == ["cell_comments"]
    assert "comments on cells are not read: 2, the first at D3: 'Ann: please cancel this one'" in result.text
    assert run(warehouse, commented(("D1", "whole pieces"))).warnings == []


def test_of_a_thread_of_comments_the_words_are_said(warehouse: Warehouse, tmp_path: Path) -> None:
    """Excel writes it beside an old comment that says where to read it."""
    thread = f'<ThreadedComments xmlns="{MAIN}"><threadedComment ref="D3"><text>cancel</text></threadedComment></ThreadedComments>'
    relation = '<Relationship Id="t" Type="http://schemas.microsoft.com/office/2017/10/relationships/threadedComment" Target="../threadedComments/threadedComment1.xml"/></Relationships>'
    members = {}
    with zipfile.ZipFile(io.BytesIO(commented(("D3", "[Threaded comment] Your version of Excel")))) as archive:
        for name in archive.namelist():
            members[name] = archive.read(name).decode()
    (links,) = [name for name in members if name.startswith("xl/worksheets/_rels/")]
    members[links] = members[links].replace("</Relationships>", relation)
    members["xl/threadedComments/threadedComment1.xml"] = thread
    result = run(warehouse, zipped(members))
    assert "the first at D3: 'cancel'" in result.text


def test_a_comment_in_an_ods_is_said(warehouse: Warehouse) -> None:
    """Written by LibreOffice 7.4."""
    content = (Path(__file__).parent / "samples" / "commented.ods").read_bytes()
    result = run(warehouse, content, name="orders.ods")
    assert result.report.documents.inserted == 2
    assert "comments on cells are not read: 1, the first at D3: 'please cancel this one'" in result.text
