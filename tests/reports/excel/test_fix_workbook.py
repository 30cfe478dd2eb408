"""The fix-workbook and its way back: untouched it fails as before, corrected it goes in, nothing in it runs."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from csv import writer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import update

from crossdock import bundled
from crossdock.database.tables import OUTCOMES
from crossdock.documents import DOCUMENTS
from crossdock.formats.fix_stamp import LINES, MARK, SHEET
from crossdock.jobs import leases
from crossdock.jobs.open_documents import dismiss, open_documents
from crossdock.partners import registry
from crossdock.reports.excel import fix_content, fix_workbook
from crossdock.workers.by_path import import_file
from crossdock.workers.work import jobs_waiting
from crossdock.workers.worker import Worker
from tests.samples import FOLDER
from tests.warehouse import HEADER, Result, Warehouse, csv
from tests.workbooks import book, header, raw, saved, sheet, text


def opened(workbook: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook))


def lines(workbook: bytes) -> Worksheet:
    sheet = opened(workbook)[LINES]
    assert isinstance(sheet, Worksheet)
    return sheet


def cells(workbook: bytes) -> list[dict[str, Any]]:
    """The rows of the sheet by heading, without marks."""
    rows = [[cell.value for cell in row] for row in lines(workbook).iter_rows()]
    return [{name: value for name, value in zip(rows[0], row, strict=True) if name != MARK} for row in rows[1:]]


def corrected(workbook: bytes, *changes: tuple[int, str, str | None]) -> bytes:
    """The workbook with cells changed, as somebody saves it: row of the sheet, heading, value."""
    book = opened(workbook)
    only = book[LINES]
    assert isinstance(only, Worksheet)
    columns = {cell.value: cell.column for cell in only[1]}
    for row, name, value in changes:
        only.cell(row, columns[name]).value = value
    return saved(book)


def failing(result: Result) -> list[str]:
    names = DOCUMENTS[result.row.document].report
    return sorted(each[names.document] for ack in result.acks for each in ack[names.documents])


def of_job(workbook: bytes, job: str) -> bytes:
    """The workbook as if it were that of another job."""
    book = opened(workbook)
    own = str(book[SHEET]["B1"].value)
    for part in (book[SHEET], book[LINES]):
        for cell in (cell for row in part.iter_rows() for cell in row if own in str(cell.value)):
            cell.value = str(cell.value).replace(own, job)
    return saved(book)


BAD = csv("SO-1,1,AB,5", "SO-2,1,AB,x", "SO-2,2,AC,7", "SO-3,1,,5", "007,1,AB,-1")


def test_it_holds_whole_documents_as_sent_and_says_what_is_wrong(warehouse: Warehouse) -> None:
    workbook = warehouse.fix(warehouse.run(BAD))
    assert [row["customerOrderNumber"] for row in cells(workbook)] == ["SO-2", "SO-2", "SO-3", "007"]
    assert cells(workbook)[0] == {
        "customerOrderNumber": "SO-2", "customerLineNumber": "1", "skuId": "AB", "quantity": "x",
        "Problem": "line 3: quantity 'x' is not a number (write it like 1234.56)",
    }  # fmt: skip
    assert cells(workbook)[1]["Problem"] is None
    bad = lines(workbook)["D2"]
    assert bad.style == "bad first"
    assert bad.comment is not None
    assert "'x' is not a number" in bad.comment.text
    assert lines(workbook)["C2"].comment is None
    assert {cell.number_format for row in lines(workbook).iter_rows() for cell in row} == {"@"}
    assert opened(workbook)[SHEET].sheet_state == "hidden"
    assert lines(workbook).column_dimensions["F"].hidden
    assert (lines(workbook).freeze_panes, lines(workbook).auto_filter.ref) == ("B2", "A1:F5")


def test_the_first_sheet_says_what_to_do_and_how_much_is_here(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page(workbook: bytes) -> str:
        return "\n".join(
            str(cell.value) for row in opened(workbook)["What to do"].iter_rows() for cell in row if cell.value
        )

    result = warehouse.run(BAD)
    front_page = page(warehouse.fix(result))
    assert "3 sales orders in orders.csv were not imported" in front_page
    assert "Here are all of their 4 lines: rows 2 to 5 of the sheet “Lines to fix”." in front_page
    assert "Imported\n1 of 4 sales orders" in front_page
    assert "row 2, SO-2\nquantity 'x' is not a number (write it like 1234.56) (in your file: line 3)" in front_page
    assert next(row["customerOrderNumber"] for row in cells(warehouse.fix(result))) == "SO-2"
    monkeypatch.setattr(fix_content, "MAX_LINES", 3)
    few = warehouse.fix(result)
    assert "Here are 3 of 4 lines, whole documents; failures.csv names everything." in page(few)
    assert [row["customerOrderNumber"] for row in cells(few)] == ["SO-2", "SO-2", "SO-3"]
    monkeypatch.setattr(fix_content, "MAX_LINES", 2)
    assert len(cells(warehouse.fix(result))) == 2


def test_notes_end_where_there_are_too_many_and_colours_go_on(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fix_workbook, "MAX_NOTES", 1)
    sheet = lines(warehouse.fix(warehouse.run(BAD)))
    assert [bool(sheet[at].comment) for at in ("D2", "C4", "D5")] == [True, False, False]
    assert sheet["C4"].style == "bad first"


HOSTILE = {
    "torn": csv("SO-1,1,AB", "SO-2,1,AB,5"),
    "torn without a number": csv("SO-0,1,AB,5", "SO-1,1,AB,5", ",9", "SO-2,1,AB,5", "SO-3,1,AB,5"),
    "an open quote": csv("SO-0,1,AB,5", 'SO-1,1,"AB,5', "SO-2,1,AB,5", "SO-3,1,AB,5"),
    "a broken quote": csv('SO-1,1,"A"B,5', "SO-2,1,AB,5"),
    "control characters": csv("SO-1,1,A\x07B,5", "SO-2,1,A\x00B,5", "SO-3,1,_x0041_ A\r,x"),
    "the same line twice": csv("SO-1,1,AB,5", "SO-1,1,AC,5"),
    "scattered without numbers": csv("SO-1,AB,5", "SO-2,AB,5", "SO-1,AC,5", header="customerOrderNumber,skuId,quantity"),
    "blank numbers": csv("SO-1,1,AB,5", ",1,AB,5", ",2,AC,5"),
    "formulas": csv("SO-1,1,=1+1,x", "SO-2,1,+cmd|' /C calc'!A0,x", "@SUM(A1),1,AB,-1"),
    "headers of formulas": csv("SO-1,1,AB,x,1", header=f"{HEADER},=HYPERLINK(1)"),
    "our own headings": csv("SO-1,1,AB,x,1", header=f"{HEADER},Problem"),
    "two of one number": json.dumps([
        {"customerOrderNumber": "SO-1", "orderLines": [{"customerLineNumber": "1", "skuId": "A", "quantity": 1}]},
        {"customerOrderNumber": "SO-1", "orderLines": [{"customerLineNumber": "2", "skuId": "B", "quantity": 1}]},
        {"customerOrderNumber": "SO-2", "action": "cancel"},
        {"orderLines": [{"customerLineNumber": "1", "skuId": "A", "quantity": 1}, {"skuId": "B", "quantity": 1}]},
        {"customerOrderNumber": "SO-4", "orderLines": [{"customerLineNumber": "1", "skuId": "A", "quantity": 1.5e3}, 7]},
        {"customerOrderNumber": "SO-5", "orderLines": []},
    ]),
    "a spoiled sheet": raw(sheet(
        header(*HEADER.split(","), "line.notes")
        + f'<row r="2">{text("SO-1")}{text("1")}<c s="1"><v>46022</v></c><c><v>5</v></c></row>'
        + f'<row r="3">{text("SO-2")}{text("1")}{text("AB")}<c><v>5</v></c><c t="e"><v>#N/A</v></c></row>'
        + f'<row r="4">{text("SO-3")}{text("1")}{text("AB")}<c><v>5</v></c><c><f>A1</f></c></row>'
        + f'<row r="5">{text("SO-4")}{text("1")}<c><v>1234567890123456</v></c><c><v>5</v></c></row>'
        + f'<row r="6">{text("SO-5")}{text("1")}{text("AB")}<c><v>5</v></c></row>'
    )),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("name", HOSTILE)
def test_what_the_cells_do_not_show_fails_again_too(warehouse: Warehouse, name: str) -> None:
    first = warehouse.run(HOSTILE[name])
    assert failing(first)
    again = warehouse.run(warehouse.fix(first), name="sent_back.xlsx")
    assert failing(again) == failing(first), again.text
    assert again.report.documents == type(again.report.documents)()
    saved_again = warehouse.run(corrected(warehouse.fix(again)), name="saved.xlsx")
    assert failing(saved_again) == failing(first), saved_again.text
    third = warehouse.run(warehouse.fix(saved_again), name="third.xlsx")
    assert failing(third) == failing(first), third.text
    assert sorted(each["code"] for each in third.failures if each["severity"] == "error") == sorted(
        each["code"] for each in first.failures if each["severity"] == "error"
    )


@pytest.mark.parametrize("name", ["formulas", "headers of formulas"])
def test_nothing_in_it_is_a_formula(warehouse: Warehouse, name: str) -> None:
    workbook = warehouse.fix(warehouse.run(HOSTILE[name]))
    for each in opened(workbook):
        assert {cell.data_type for row in each.iter_rows() for cell in row} <= {"s", "n"}
        assert not [cell.value for row in each.iter_rows() for cell in row if cell.data_type == "n" and cell.value]


@pytest.mark.both
def test_corrected_it_goes_in_and_the_first_report_says_so(warehouse: Warehouse) -> None:
    first = warehouse.run(BAD)
    workbook = warehouse.fix(first)
    back = corrected(workbook, (2, "quantity", "6"), (5, "quantity", "1"))
    second = warehouse.run(back, name="corrected.xlsx")
    assert failing(second) == ["SO-3"]
    assert warehouse.lines("SO-2") == {"1": ("AB", 6.0, "OPEN"), "2": ("AC", 7.0, "OPEN")}
    assert warehouse.lines("007") == {"1": ("AB", 1.0, "OPEN")}
    assert f"fixes {first.job}" in second.text
    assert f"2 of 3 documents are in now, by job {second.job}" in first.text
    third = warehouse.run(corrected(warehouse.fix(second), (2, "skuId", "AD")), name="corrected again.xlsx")
    assert third.report.verdict == "ACCEPTED"
    assert f"3 of 3 documents are in now, by job {', '.join(sorted([second.job, third.job]))}" in first.text
    assert f"in since job {third.job}" in first.text
    twice = warehouse.run(back, name="corrected.xlsx")
    assert (twice.report.documents.unchanged, twice.report.documents.inserted) == (2, 0)


def test_it_speaks_the_partners_own_language(warehouse: Warehouse) -> None:
    """Columns, decimals and dates are the feed's, whatever format its TOML names."""
    keys = """format = "delimited"\noptions = { delimiter = ";" }\ndecimal = ","\nthousands = "."\ndates = ["%d.%m.%Y"]
    values.quantityMeasure = { "KILO" = "KG" }
    columns = { "Auftrag" = "customerOrderNumber", "Pos" = "customerLineNumber", "Artikel" = "skuId", "Menge" = "quantity", "ME" = "quantityMeasure", "Datum" = "orderDropDate" }"""
    of = warehouse.feed(keys)
    rows = "Auftrag;Pos;Artikel;Menge;ME;Datum\n0815;1;007;1.234,5;KILO;31.12.2026\n0815;2;008;viel;KILO;31.12.2026\n"
    first = warehouse.run(rows, of)
    back = corrected(warehouse.fix(first), (3, "Menge", "2,5"))
    assert warehouse.run(back, of, name="zurück.xlsx").report.verdict == "ACCEPTED"
    assert warehouse.lines("0815") == {"1": ("007", 1234.5, "OPEN"), "2": ("008", 2.5, "OPEN")}
    typed = opened(back)
    typed[LINES]["D3"] = 3.5
    warehouse.run(saved(typed), of, name="mit Zahl.xlsx")
    assert warehouse.lines("0815")["2"] == ("008", 3.5, "OPEN")


def test_json_comes_back_as_it_was_nested(warehouse: Warehouse) -> None:
    of = warehouse.feed('decimal = ","')
    order = {"customerOrderNumber": "SO-1", "notes": "hello", "orderAmount": 12.5, "orderLines": [
        {"customerLineNumber": "1", "skuId": "A", "quantity": 1.25, "quantityMeasure": "KG"},
        {"customerLineNumber": "2", "skuId": "", "quantity": 1}]}  # fmt: skip
    numberless = {"orderLines": [{"customerLineNumber": "1", "skuId": "A", "quantity": 1},
                                 {"customerLineNumber": "2", "skuId": "B", "quantity": 1}]}  # fmt: skip
    first = warehouse.run(json.dumps({"data": [order, numberless]}), of, name="orders.json")
    workbook = warehouse.fix(first)
    assert [row["customerOrderNumber"] for row in cells(workbook)] == ["SO-1", "SO-1", None, None]
    back = corrected(workbook, (3, "orderLines.skuId", "B"), (4, "customerOrderNumber", "SO-2"))
    assert warehouse.run(back, of, name="back.xlsx").report.verdict == "ACCEPTED"
    assert warehouse.lines("SO-1") == {"1": ("A", 1.25, "OPEN"), "2": ("B", 1.0, "OPEN")}
    assert warehouse.lines("SO-2") == {"1": ("A", 1.0, "OPEN"), "2": ("B", 1.0, "OPEN")}


def test_a_row_that_is_corrected_needs_no_more_than_that(warehouse: Warehouse) -> None:
    """A torn row passes once somebody has touched it; deleted rows stay out; new rows are lines like others."""
    first = warehouse.run(csv("SO-1,1,AB", "SO-2,1,AB,x", "SO-3,1,AB,x"))
    book = opened(corrected(warehouse.fix(first), (2, "quantity", "5"), (3, "quantity", "6")))
    book[LINES].delete_rows(4)
    book[LINES].append(["SO-2", "2", "NEW", "7"])
    second = warehouse.run(saved(book), name="back.xlsx")
    assert second.report.verdict == "ACCEPTED"
    assert warehouse.lines("SO-2") == {"1": ("AB", 6.0, "OPEN"), "2": ("NEW", 7.0, "OPEN")}
    assert "2 of 3 documents are in now" in first.text


def test_a_column_that_the_file_lacks_is_added(warehouse: Warehouse) -> None:
    of = warehouse.feed(
        whole="""id = "acme"\nzone = "UTC"\nbusiness_units = ["BU1"]\n[[feed]]\ndocument = "sales_order"
    files = "*"\nconstants = { businessUnitId = "BU1" }\ncolumns = { "City" = "shipTo.city" }"""
    )
    first = warehouse.run(
        csv("SO-1,1,AB,5,Ada,GB,1 Road", header=f"{HEADER},shipTo.name,shipTo.country,shipTo.address1"), of
    )
    assert failing(first) == ["SO-1"]
    workbook = warehouse.fix(first)
    assert cells(workbook)[0]["City"] is None
    assert lines(workbook)["H1"].style == "added heading"
    assert warehouse.run(corrected(workbook, (2, "City", "Leeds")), of, name="back.xlsx").report.verdict == "ACCEPTED"


def test_a_document_taken_without_some_lines_comes_whole(warehouse: Warehouse) -> None:
    of = warehouse.feed('hold = "line"')
    first = warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,x", "SO-2,1,AB,5"), of)
    assert [row["customerLineNumber"] for row in cells(warehouse.fix(first))] == ["1", "2"]
    assert (
        warehouse.run(corrected(warehouse.fix(first), (3, "quantity", "9")), of, name="back.xlsx").report.verdict
        == "ACCEPTED"
    )
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN"), "2": ("AC", 9.0, "OPEN")}


def test_a_cell_that_no_sheet_can_hold_keeps_its_document_out(warehouse: Warehouse) -> None:
    first = warehouse.run(csv(f"SO-1,1,{'A' * 40_000},5", "SO-2,1,AB,x"))
    workbook = warehouse.fix(first)
    assert [row["customerOrderNumber"] for row in cells(workbook)] == ["SO-2"]
    assert "1 can't stand in a sheet (a cell is too long for it)" in str(
        [cell.value for cell in opened(workbook)["What to do"]["B"]]
    )


def test_a_file_without_any_heading_makes_no_workbook(warehouse: Warehouse) -> None:
    sent = '{"data": [{"customerOrderNumber": "SÖ-1", "quantity": 12.?, "notes": 0:}]}'.encode().replace(b"?", b"\xa2")
    result = warehouse.run(sent, name="orders.json")
    assert (result.report.failing, result.row.plan.headers) == (1, ())
    assert not warehouse.has_fix(result)


def test_nothing_to_fix_makes_no_workbook(warehouse: Warehouse) -> None:
    for content_ in (csv("SO-1,1,AB,5"), "nonsense\n"):
        result = warehouse.run(content_)
        assert not fix_workbook.write_fix_workbook(
            result.row, warehouse.database, warehouse.home / "none.xlsx", "", ZoneInfo("UTC")
        )


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('decimal = ","', 'decimal = "."', 'read decimal = ","; the feed says "." now'),
        ('dates = ["%d/%m/%Y"]', 'dates = ["%m/%d/%Y"]', 'read dates = ["%d/%m/%Y"]; the feed says ["%m/%d/%Y"] now'),
        ('percent = "number"', 'percent = "hundredths"', 'read percent = "number"; the feed says "hundredths" now'),
    ],
)  # fmt: skip
def test_where_its_cells_would_be_read_otherwise_it_is_refused(
    warehouse: Warehouse, before: str, after: str, sentence: str
) -> None:
    """``1,234`` that was read as 1.234 is not read as 1234 on its way back."""
    first = warehouse.run(
        csv("SO-1;1;AB;1,5;x", header=f"{HEADER},unitPrice".replace(",", ";")), warehouse.feed(before)
    )
    back = corrected(warehouse.fix(first), (2, "unitPrice", "1"))
    again = warehouse.run(back, warehouse.feed(after), name="fix.xlsx")
    assert sentence in str(again.report.refused)
    assert warehouse.run(back, warehouse.feed(before), name="again.xlsx").report.refused is None


def test_a_notation_that_was_added_reads_nothing_otherwise(warehouse: Warehouse) -> None:
    first = warehouse.run(BAD, warehouse.feed('dates = ["%d/%m/%Y"]'))
    back = corrected(warehouse.fix(first), (2, "quantity", "6"))
    wider = warehouse.feed('dates = ["%d/%m/%Y", "%d.%m.%Y"]\nthousands = ","\nparentheses = true\npercent = "number"')
    assert warehouse.run(back, wider, name="fix.xlsx").report.refused is None


def test_another_jobs_or_partners_stamp(warehouse: Warehouse, tmp_path: Path) -> None:
    """Known by its stamp in the inbox, whatever it is called; another partner's is refused; an unknown job links nothing."""
    for name in ("acme", "other"):
        keys = f'id = "{name}"\nzone = "UTC"\nbusiness_units = ["BU1"]\n[[feed]]\ndocument = "sales_order"\nfiles = "*.csv"\n'
        warehouse.partner(name, whole=keys + 'constants = { businessUnitId = "BU1", "shipTo.locationId" = "S1" }\n')
    inbox = warehouse.home / "inbox"
    (inbox / "acme" / "orders.csv").write_text(BAD)
    (ended,) = warehouse.work()
    first = ended.report
    assert first is not None
    (workbook,) = (warehouse.home / "outbox" / "acme").glob("*.fix.xlsx")
    assert workbook.name == f"orders.csv.{first.job}.fix.xlsx"
    back = corrected(workbook.read_bytes(), (2, "quantity", "6"), (4, "skuId", "AD"))
    (inbox / "other" / "x.xlsx").write_bytes(back)
    (ended,) = warehouse.work()
    foreign = ended.report
    assert foreign is not None
    assert foreign.refused == "the fix-workbook is of the feed acme/sales_order: it can't be read as a file of other"
    (inbox / "acme" / workbook.name).write_bytes(back)
    (ended,) = warehouse.work()
    second = ended.report
    assert second is not None
    assert (second.documents.inserted, second.failing) == (2, 1)
    shelf = warehouse.home / "archive"
    assert list(shelf.glob(f"*/{second.job}/orders.csv.{second.job}.fix.xlsx"))
    assert list(shelf.glob(f"*/{second.job}/orders.csv.{second.job}.failures.csv"))
    renamed = tmp_path / "Antwort.xlsx"
    renamed.write_bytes(of_job(back, "261122-0000000000"))
    unlinked = import_file(warehouse.site, renamed, None, lambda _: None)
    assert (unlinked.documents.unchanged, warehouse.row(unlinked.job).fixes) == (2, None)


def test_a_workbook_of_ours_saved_by_libreoffice_is_read(warehouse: Warehouse) -> None:
    """``saved_by_libreoffice.xlsx`` is the fix-workbook of this file, its quantity corrected in LibreOffice and saved."""
    of = registry.load(bundled.folder("partners"), "UTC").named("house/sales_order")
    result = warehouse.run(Path(__file__).parent / "saved_by_libreoffice.xlsx", of)
    assert failing(result) == ["SO-3", "SO-4"]
    assert warehouse.lines("SO-2") == {"1": ("007", 6.0, "OPEN"), "2": ("=1+1", 7.0, "OPEN")}
    assert "the row has 4 cells where the header has 9" in result.text


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
@pytest.mark.parametrize("name", HOSTILE)
def test_saved_by_libreoffice_now_it_fails_the_same_again(warehouse: Warehouse, name: str, kind: str) -> None:
    first = warehouse.run(HOSTILE[name])
    (warehouse.home / "fix.xlsx").write_bytes(warehouse.fix(first))
    out = warehouse.home / "out"
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{warehouse.home}/profile", "--convert-to", kind]
    subprocess.run([*command, "--outdir", str(out), str(warehouse.home / "fix.xlsx")], check=True, capture_output=True)
    again = warehouse.run(out / f"fix.{kind}")
    assert again.row.fixes == first.job
    assert failing(again) == failing(first), again.text


def test_numbers_as_text_are_meant(warehouse: Warehouse) -> None:
    """Where the schema wants it (CT_Worksheet): behind the page's setup, before the notes' drawing."""
    with zipfile.ZipFile(io.BytesIO(warehouse.fix(warehouse.run(BAD)))) as archive:
        xml = archive.read("xl/worksheets/sheet2.xml").decode()
    order = [
        xml.index(f"<{name}") for name in ("sheetData", "autoFilter", "pageSetup", "ignoredErrors", "legacyDrawing")
    ]
    assert order == sorted(order)


SPOILED = raw(sheet(
    header(*HEADER.split(","), "line.notes")
    + f'<row r="2">{text("SO-1")}{text("1")}<c s="1"><v>46022</v></c>{text("x")}</row>'
    + f'<row r="3">{text("SO-2")}{text("1")}<c t="e"><v>#N/A</v></c>{text("x")}</row>'
    + f'<row r="4">{text("SO-3")}{text("1")}{text("AB")}{text("x")}<c><f>A1</f></c></row>'
))  # fmt: skip


def test_correcting_one_cell_forgets_no_other(warehouse: Warehouse) -> None:
    first = warehouse.run(SPOILED)
    half = corrected(warehouse.fix(first), *((row, "quantity", "5") for row in (2, 3, 4)))
    second = warehouse.run(half, name="half.xlsx")
    assert [each["code"] for each in second.failures if each["severity"] == "error"] == [
        "date_in_id", "error_cell", "not_calculated",
    ]  # fmt: skip
    assert lines(warehouse.fix(second))["C2"].style == "bad first"
    whole = corrected(warehouse.fix(second), (2, "skuId", "AB"), (3, "skuId", "AC"), (4, "line.notes", "by hand"))
    assert warehouse.run(whole, name="whole.xlsx").report.documents.inserted == 3


def test_sorted_without_its_marks_it_fails_as_before(warehouse: Warehouse) -> None:
    first = warehouse.run(HOSTILE["an open quote"])
    book = opened(warehouse.fix(first))
    only = book[LINES]
    assert isinstance(only, Worksheet)
    rows = [[cell.value for cell in row] for row in only.iter_rows(min_row=2)]
    for at, row in enumerate(reversed(rows), 2):
        for column, value in enumerate(row[:-1], 1):
            only.cell(at, column).value = value
    assert failing(warehouse.run(saved(book), name="sorted.xlsx")) == failing(first)


def test_a_column_of_the_partners_own_making_changes_nothing(warehouse: Warehouse) -> None:
    book = opened(warehouse.fix(warehouse.run(HOSTILE["a spoiled sheet"])))
    only = book[LINES]
    assert isinstance(only, Worksheet)
    only.insert_cols(2)
    only.cell(1, 2).value = "Decision"
    only.cell(2, 2).value = "asking the boss"
    assert failing(warehouse.run(saved(book), name="noted.xlsx")) == ["SO-1", "SO-2", "SO-3", "SO-4"]


def test_without_its_marks_it_is_refused(warehouse: Warehouse) -> None:
    """The code "marks_lost"."""
    book = opened(warehouse.fix(warehouse.run(BAD)))
    only = book[LINES]
    assert isinstance(only, Worksheet)
    only.delete_cols(6)
    refused = warehouse.run(saved(book), name="unmarked.xlsx").report.refused
    assert refused is not None
    assert "the fix-workbook has lost its hidden column or its column of problems" in refused


@pytest.mark.parametrize(
    "mark", ['{"line":1,"document":"abc"}', '{"line":1,"document":1e400}', '{"line":1,"document":null}', "[" * 20_000,
             '{"line":1,"document":99999999999999999999999999}', '{"line":1,"document":1,"fault":["nonsense",7]}',
             '{"line":1,"document":1,"cells":{"skuId":[1,2]}}', "7", "null"],
)  # fmt: skip
def test_a_mark_that_somebody_wrote_is_no_mark(warehouse: Warehouse, mark: str) -> None:
    back = corrected(warehouse.fix(warehouse.run(BAD)), (2, MARK, mark), (2, "quantity", "5"))
    assert failing(warehouse.run(back, name="odd.xlsx")) == ["007", "SO-3"]


def test_whoever_empties_the_problem_says_that_a_torn_row_is_right(warehouse: Warehouse) -> None:
    first = warehouse.run(csv("SO-1,1,AB,5,EA"))
    assert first.errors == [(2, "", "torn_row")]
    assert failing(warehouse.run(warehouse.fix(first), name="same.xlsx")) == ["SO-1"]
    assert (
        warehouse.run(corrected(warehouse.fix(first), (2, "Problem", None)), name="right.xlsx").report.verdict
        == "ACCEPTED"
    )


def test_an_emptied_row_is_blank(warehouse: Warehouse) -> None:
    back = corrected(
        warehouse.fix(warehouse.run(BAD)), *((5, name, None) for name in HEADER.split(",")), (2, "quantity", "5")
    )
    assert failing(warehouse.run(back, name="emptied.xlsx")) == ["SO-3"]


def test_the_fix_of_a_fix_is_still_json(warehouse: Warehouse) -> None:
    """A number that JSON wrote with a point is not read with the feed's comma, however often it comes back."""
    of = warehouse.feed('decimal = ","\nthousands = "."')
    order = {"customerOrderNumber": "SO-1", "orderLines": [
        {"customerLineNumber": "1", "skuId": "A", "quantity": 1.25, "quantityMeasure": "KG"},
        {"customerLineNumber": "2", "skuId": "", "quantity": 1.125, "quantityMeasure": "KG"}]}  # fmt: skip
    first = warehouse.run(json.dumps([order]), of, name="orders.json")
    second = warehouse.run(warehouse.fix(first), of, name="again.xlsx")
    warehouse.run(corrected(warehouse.fix(second), (3, "orderLines.skuId", "B")), of, name="third.xlsx")
    assert warehouse.lines() == {"1": ("A", 1.25, "OPEN"), "2": ("B", 1.125, "OPEN")}


@pytest.mark.both
def test_what_a_later_file_has_on_hold_is_not_replaced_by_an_older_one(warehouse: Warehouse) -> None:
    """The later file's order was superseded by the older one, and its own fix-workbook was refused.

    The code newer_on_hold.
    """
    first = warehouse.run(csv("SO-1,1,AB,x", "SO-2,1,AB,x"))
    later = warehouse.run(csv("SO-1,1,AB,7", "SO-1,2,AC,y"), name="later.csv")
    old, new = warehouse.fix(first), corrected(warehouse.fix(later), (3, "quantity", "8"))
    late = warehouse.run(corrected(old, (2, "quantity", "5"), (3, "quantity", "5")), name="late.xlsx")
    assert late.errors == [(2, "", "newer_on_hold")]
    assert failing(warehouse.run(old, name="untouched.xlsx")) == ["SO-1", "SO-2"]
    assert warehouse.order_numbers() == ["SO-2"]
    waits = [each.job_id for each in open_documents(warehouse.database, document="SO-1")]
    assert waits == [later.job], "of each document the newest copy"
    assert f"superseded by {later.job}" in late.text
    assert warehouse.run(new, name="new.xlsx").report.verdict == "ACCEPTED"
    assert warehouse.lines() == {"1": ("AB", 7.0, "OPEN"), "2": ("AC", 8.0, "OPEN")}
    assert not list(open_documents(warehouse.database, document="SO-1"))


@pytest.mark.both
def test_who_corrects_the_later_file_may_write_over_what_an_older_one_had(warehouse: Warehouse) -> None:
    """A fix-workbook is as old as its file, also as the one that has stored an order."""
    first = warehouse.run(csv("SO-1,1,AB,x"))
    warehouse.run(corrected(warehouse.fix(first), (2, "quantity", "5")), name="fixed.xlsx")
    later = warehouse.run(csv("SO-1,1,AB,y"), name="later.csv")
    again = warehouse.run(corrected(warehouse.fix(first), (2, "quantity", "6")), name="again.xlsx")
    assert again.errors == [(2, "", "newer_on_hold")]
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN")}
    assert (
        warehouse.run(corrected(warehouse.fix(later), (2, "quantity", "7")), name="b.xlsx").report.verdict == "ACCEPTED"
    )
    assert warehouse.lines() == {"1": ("AB", 7.0, "OPEN")}


@pytest.mark.both
@pytest.mark.parametrize(
    ("earlier", "later"), [("4", "5"), ("x", "5"), ("4", "x"), ("x", "y")], ids=lambda each: f"quantity {each}"
)
def test_of_two_that_correct_one_file_the_later_one_stays(warehouse: Warehouse, earlier: str, later: str) -> None:
    """The earlier one was set aside, and is resumed: it wrote its quantity over the later one's, without a word, and
    ended what that one had on hold.
    """
    first = warehouse.run(csv("SO-1,1,AB,q"))
    one, other = (corrected(warehouse.fix(first), (2, "quantity", each)) for each in (earlier, later))
    warehouse.drop("one.xlsx", one)
    with Worker(warehouse.database, "test") as worker:
        aside = next(jobs_waiting(warehouse.site, worker)).lease
        leases.park(warehouse.database, aside, "stopped")
    newest = warehouse.run(other, name="other.xlsx")
    assert leases.resume(warehouse.database, aside.job)
    (resumed,) = warehouse.reports()
    assert resumed.job == aside.job
    stored = {"1": ("AB", 5.0, "OPEN")} if later == "5" else {}
    assert warehouse.lines() == stored
    waits = [each.job_id for each in open_documents(warehouse.database)]
    assert waits == ([] if stored else [newest.job])


@pytest.mark.both
def test_a_file_that_came_late_can_be_corrected(warehouse: Warehouse) -> None:
    """Its order would have been stored over that of the file with the higher number, but for its fault; corrected, it
    was refused (``not_of_this_fix``), because the names of the files say another order than their arrival.
    """
    warehouse.run(csv("SO-1,1,AB,5"), name="orders_8812.csv")
    late = warehouse.run(csv("SO-1,1,AB,x"), name="orders_1023.csv")
    back = warehouse.run(corrected(warehouse.fix(late), (2, "quantity", "6")), name="fix.xlsx")
    assert back.report.verdict == "ACCEPTED"
    assert warehouse.lines() == {"1": ("AB", 6.0, "OPEN")}


@pytest.mark.both
def test_the_workbook_of_a_job_that_nobody_knows_replaces_nothing(warehouse: Warehouse) -> None:
    """Of another database, or of a day that a restored one has lost: how old it is, nobody knows."""
    warehouse.run(csv("SO-1,1,AB,9", "SO-1,2,AC,9", "SO-3,1,AB,9"))
    held = warehouse.run(csv("SO-2,1,AB,y"), name="held.csv")
    lost = warehouse.run(csv("SO-1,1,AB,x", "SO-2,1,AB,x", "SO-4,1,AB,x"), name="lost.csv")
    right = corrected(warehouse.fix(lost), *((row, "quantity", "5") for row in (2, 3, 4)))
    dismiss(warehouse.database, lost.job, None, "as if it had never come", "a test")
    with warehouse.database.writing() as connection:
        connection.execute(update(OUTCOMES).where(OUTCOMES.c.job_id == held.job).values(ended=None))
    result = warehouse.run(of_job(right, "261122-0000000000"), name="back.xlsx")
    assert result.errors == [(2, "", "not_of_this_fix"), (3, "", "newer_on_hold")]
    assert warehouse.order_numbers() == ["SO-1", "SO-3", "SO-4"]
    assert warehouse.lines() == {"1": ("AB", 9.0, "OPEN"), "2": ("AC", 9.0, "OPEN")}


@pytest.mark.parametrize(
    "sent_as", ["a CSV", "its sheet alone", "the hidden sheet deleted", "its sheet alone, as JSON"]
)
def test_its_lines_without_its_stamp_are_refused(warehouse: Warehouse, sent_as: str) -> None:
    """The code stamp_lost. What its cells don't show, such as a torn row, was gone, and how old it is."""
    first = warehouse.run(csv("SO-1,1,AB,5,,EA", "SO-2,1,AB,7", "SO-3,1,AB,8"))
    assert first.errors == [(2, "", "torn_row")]
    whole = opened(warehouse.fix(first))
    rows = [[str(cell.value or "") for cell in row] for row in whole[LINES].iter_rows()]
    if sent_as == "a CSV":
        sink = io.StringIO()
        writer(sink).writerows(rows)
        result = warehouse.run(sink.getvalue(), name="orders_back.csv")
    elif sent_as == "its sheet alone, as JSON":
        result = warehouse.run(json.dumps([dict(zip(rows[0], rows[1], strict=True))]), name="orders_back.json")
    elif sent_as == "its sheet alone":
        result = warehouse.run(book(*rows), name="orders_back.xlsx")
    else:
        del whole[SHEET]
        result = warehouse.run(saved(whole), name="orders_back.xlsx")
    assert f"(job {first.job}) without its hidden sheet" in str(result.report.refused)
    assert warehouse.order_numbers() == ["SO-2", "SO-3"]


def test_rows_of_another_fix_workbook_fail(warehouse: Warehouse) -> None:
    """The code row_of_another_fix. Their marks meant records of this one's file, whose orders were called in."""
    first = warehouse.run(csv("SO-1,1,AB,x", "SO-2,1,AB,x"))
    other = warehouse.run(csv("SO-8,1,AB,x", "SO-9,1,AB,x"), name="other.csv")
    both = opened(warehouse.fix(first))
    for row in list(lines(warehouse.fix(other)).iter_rows(min_row=2, values_only=True)):
        both[LINES].append(list(row))
    both[LINES].delete_rows(3)
    for row in range(2, 5):
        both[LINES].cell(row, 4).value = "5"
    back = warehouse.run(saved(both), name="both.xlsx")
    assert back.errors == [(3, "", "row_of_another_fix"), (4, "", "row_of_another_fix")]
    assert other.job in back.failures[0]["message"]
    assert warehouse.order_numbers() == ["SO-1"]
    assert "1 of 2 documents are in now" in first.text
    assert warehouse.run(corrected(warehouse.fix(other), (2, "quantity", "5")), name="c.xlsx").report.documents.inserted


@pytest.mark.parametrize("copy", ["Lines to fix (2)", "Lines to fix_2"])
def test_a_copy_of_its_sheet_is_no_second_one(warehouse: Warehouse, copy: str) -> None:
    """As spreadsheets name it. Beside the first one nobody was told that it is not read; alone it is meant."""
    first = warehouse.run(BAD)
    twice = opened(corrected(warehouse.fix(first), (2, "quantity", "5")))
    twice.copy_worksheet(twice[LINES]).title = copy
    refused = warehouse.run(saved(twice), name="twice.xlsx").report.refused
    assert refused is not None
    assert f"'{LINES}', '{copy}'; name one in the feed's options, or leave only one" in refused
    del twice[LINES]
    assert warehouse.run(saved(twice), name="once.xlsx").report.documents.inserted == 1


def test_cells_that_somebody_has_merged_in_it_fail(warehouse: Warehouse) -> None:
    """Each row shows the value, and only the first has it: the others were stored as blank."""
    first = warehouse.run(csv("SO-1,1,AB,x,blue", "SO-1,2,AB,3,", header=f"{HEADER},line.notes"))
    merged = opened(corrected(warehouse.fix(first), (2, "quantity", "5")))
    only = merged[LINES]
    assert isinstance(only, Worksheet)
    only.merge_cells("E2:E3")
    assert warehouse.run(saved(merged), name="merged.xlsx").errors == [
        (2, "", "merged_cells"), (3, "", "merged_cells"),
    ]  # fmt: skip


@pytest.mark.both
def test_an_order_that_came_in_otherwise_is_not_overwritten(warehouse: Warehouse) -> None:
    """By the same file (a number corrected into another order's), or by a later one; sent twice it may change its own.

    The code not_of_this_fix.
    """
    first = warehouse.run(csv("000451,1,AB,5", "000451,2,AC,5", "451,1,AD,5", "SO-9,1,AB,x"))
    assert failing(first) == ["451", "SO-9"]
    workbook = warehouse.fix(first)
    same = warehouse.run(corrected(workbook, (2, "customerOrderNumber", "000451")), name="same.xlsx")
    assert failing(same) == ["000451", "SO-9"]
    assert "not_of_this_fix" in [each["code"] for each in same.failures]
    assert [each.number for each in open_documents(warehouse.database)] == ["000451", "SO-9"]
    later = warehouse.run(csv("SO-9,1,AB,7", "SO-9,2,AC,7"), name="later.csv")
    late = warehouse.run(corrected(workbook, (2, "customerOrderNumber", "452"), (3, "quantity", "1")), name="late.xlsx")
    assert failing(late) == ["SO-9"]
    assert f"superseded by {later.job}" in late.text
    assert not list(open_documents(warehouse.database)), "nobody waits for the old SO-9"
    assert warehouse.lines("SO-9") == {"1": ("AB", 7.0, "OPEN"), "2": ("AC", 7.0, "OPEN")}
    assert warehouse.lines("000451") == {"1": ("AB", 5.0, "OPEN"), "2": ("AC", 5.0, "OPEN")}
    own = warehouse.run(corrected(workbook, (2, "customerOrderNumber", "452"), (2, "quantity", "8")), name="own.xlsx")
    assert failing(own) == ["SO-9"]
    assert warehouse.lines("452") == {"1": ("AD", 8.0, "OPEN")}


@pytest.mark.both
def test_a_fix_of_a_fix_is_as_old_as_the_file(warehouse: Warehouse) -> None:
    first = warehouse.run(csv("SO-1,1,AB,x"))
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AC,7"), name="later.csv")
    second = warehouse.run(corrected(warehouse.fix(first), (2, "quantity", "6")), name="second.xlsx")
    assert failing(second) == ["SO-1"]
    assert failing(warehouse.run(warehouse.fix(second), name="third.xlsx")) == ["SO-1"]
    assert warehouse.lines() == {"1": ("AB", 5.0, "OPEN"), "2": ("AC", 7.0, "OPEN")}


def test_a_number_of_another_stored_order_is_not_its_own(warehouse: Warehouse) -> None:
    """Stored long before, or under another business unit of the same file."""
    header_ = f"{HEADER},businessUnitId"
    warehouse.run(csv("SO-9,1,A,1", "SO-9,2,B,2"))
    first = warehouse.run(csv("SO-1,1,A,1,BU1", "SO-1,2,B,2,BU1", "SO-1,1,C,x,BU2", "SO-2,1,D,x,BU1", header=header_))
    assert failing(first) == ["SO-1", "SO-2"]
    workbook = warehouse.fix(first)
    moved = corrected(workbook, (2, "businessUnitId", "BU1"), (2, "quantity", "9"), (3, "customerOrderNumber", "SO-9"),
                   (3, "quantity", "3"))  # fmt: skip
    assert failing(warehouse.run(moved, name="moved.xlsx")) == ["SO-1", "SO-9"]
    assert warehouse.lines("SO-9") == {"1": ("A", 1.0, "OPEN"), "2": ("B", 2.0, "OPEN")}
    right = corrected(workbook, (2, "quantity", "9"), (3, "quantity", "3"))
    assert warehouse.run(right, name="right.xlsx").report.documents.inserted == 2


def test_what_an_update_of_a_stored_order_failed_on_can_be_corrected(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5"))
    first = warehouse.run(csv("SO-1,1,AB,x"), name="change.csv")
    assert (
        warehouse.run(corrected(warehouse.fix(first), (2, "quantity", "6")), name="b.xlsx").report.documents.updated
        == 1
    )


@pytest.mark.parametrize("change", ["deleted", "renamed"])
def test_a_heading_that_is_lost_is_named(warehouse: Warehouse, change: str) -> None:
    """The code "headings_lost": without the column nobody could tell what was touched."""
    book = opened(warehouse.fix(warehouse.run(csv("SO-1,1,AB,5,EA", "SO-2,1,AB,x"))))
    only = book[LINES]
    assert isinstance(only, Worksheet)
    if change == "deleted":
        only.delete_cols(3)
    else:
        only["C1"] = "Remarks"
    refused = warehouse.run(saved(book), name="lost.xlsx").report.refused
    assert refused == "the fix-workbook lacks its column 'skuId': headings must stay as they are"


def test_made_a_number_a_torn_row_is_not_touched(warehouse: Warehouse) -> None:
    book = opened(warehouse.fix(warehouse.run(csv("SO-1,1,AB,5.00,EA"))))
    book[LINES]["D2"] = 5
    book[LINES]["B2"] = 1
    assert failing(warehouse.run(saved(book), name="numbers.xlsx")) == ["SO-1"]


def test_a_blank_number_of_blanks_is_filled_in_too(warehouse: Warehouse) -> None:
    of = warehouse.feed('blank_key = "above"')
    first = warehouse.run(csv("SO-3,1,A,x", '"  ",2,B,3'), of)
    assert [row["customerOrderNumber"] for row in cells(warehouse.fix(first))] == ["SO-3", "SO-3"]
    assert (
        warehouse.run(corrected(warehouse.fix(first), (2, "quantity", "1")), of, name="b.xlsx").report.verdict
        == "ACCEPTED"
    )
    assert set(warehouse.lines("SO-3")) == {"1", "2"}


def test_whoever_fills_in_the_numbers_below_a_document_sends_it_whole(warehouse: Warehouse) -> None:
    first = warehouse.run(csv("SO-1,1,A,1", ",2,B,3", ",3,C,4", "SO-2,1,A,1"))
    half = corrected(warehouse.fix(first), (3, "customerOrderNumber", "SO-1"))
    again = warehouse.run(half, name="half.xlsx")
    assert failing(again) == ["", "SO-1"], "one number is still missing"
    warehouse.run(corrected(warehouse.fix(again), (4, "customerOrderNumber", "SO-1")), name="whole.xlsx")
    assert set(warehouse.lines("SO-1")) == {"1", "2", "3"}


def test_whoever_empties_the_problem_says_that_a_spoiled_cell_is_right(warehouse: Warehouse) -> None:
    first = warehouse.run(HOSTILE["a spoiled sheet"])
    back = corrected(warehouse.fix(first), (4, "Problem", None))
    assert failing(warehouse.run(back, name="right.xlsx")) == ["SO-1", "SO-2", "SO-4"]


def test_all_or_nothing_makes_no_part_of_a_workbook(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fix_content, "MAX_LINES", 3)
    result = warehouse.run(BAD, warehouse.feed('hold = "file"'))
    assert not fix_workbook.write_fix_workbook(
        result.row, warehouse.database, warehouse.home / "none.xlsx", "", ZoneInfo("UTC")
    )


def test_of_a_fix_workbook_much_may_fail_again(warehouse: Warehouse) -> None:
    of = warehouse.feed('refuse_above = "50 %"')
    first = warehouse.run(csv(*(f"SO-{n},1,AB,5" for n in range(20)), "SO-A,1,AB,x", "SO-B,1,AB,x", "SO-C,1,AB,x"), of)
    second = warehouse.run(corrected(warehouse.fix(first), (2, "quantity", "5")), of, name="back.xlsx")
    assert (second.report.documents.inserted, failing(second)) == (1, ["SO-B", "SO-C"])


@pytest.mark.parametrize("heading", ["Pro-blem", "crossdock mark", "CROSSDOCK-MARK"])
def test_a_partners_heading_like_ours_is_no_trouble(warehouse: Warehouse, heading: str) -> None:
    first = warehouse.run(csv("SO-1,1,AB,x,1", header=f"{HEADER},{heading}"))
    assert (
        warehouse.run(corrected(warehouse.fix(first), (2, "quantity", "5")), name="b.xlsx").report.verdict == "ACCEPTED"
    )


def test_what_xml_cannot_hold_is_escaped(warehouse: Warehouse) -> None:
    first = warehouse.run(csv("SO-1,1,A\uffffB\ufffe,x"))
    assert cells(warehouse.fix(first))[0]["skuId"] == "A_xFFFF_B_xFFFE_"
    assert failing(warehouse.run(warehouse.fix(first), name="back.xlsx")) == ["SO-1"]


def test_totals_of_what_became_of_it(warehouse: Warehouse) -> None:
    """Deleted rows stay open; a document that was split is in when all of it is; lines taken before count, too."""
    first = warehouse.run(csv("SO-1,1,AB,x", "SO-1,2,AC,5", "SO-2,1,AB,x", "SO-3,1,AB,x"))
    book = opened(corrected(warehouse.fix(first), (3, "customerOrderNumber", "SO-8")))
    book[LINES].delete_rows(4, 2)
    second = warehouse.run(saved(book), name="split.xlsx")
    assert failing(second) == ["SO-1"]
    assert "0 of 3 documents are in now" in first.text
    short = warehouse.run(csv("SO-5,1,AB,5", "SO-5,2,AC,x"), warehouse.feed('hold = "line"'))
    back = warehouse.run(
        corrected(warehouse.fix(short), (3, "quantity", "1")), warehouse.feed('hold = "line"'), name="b.xlsx"
    )
    assert f"1 of 1 documents are in now, by job {back.job}" in short.text
    again = warehouse.run(
        corrected(warehouse.fix(short), (3, "quantity", "1")), warehouse.feed('hold = "line"'), name="c.xlsx"
    )
    assert again.report.documents.unchanged == 1
    assert f"1 of 1 documents are in now, by job {back.job}" in short.text


def test_books_of_other_people_are_no_fix_workbooks(warehouse: Warehouse) -> None:
    other = book(HEADER.split(","), ["SO-1", "1", "AB", 5], **{SHEET: [["job", "1"]]})
    assert warehouse.run(other, name="orders.xlsx").report.documents.inserted == 1


assert FOLDER


@pytest.mark.both(slow=True)
def test_zeros_that_a_spreadsheet_takes_from_ids_come_back(warehouse: Warehouse) -> None:
    """``Convert to number``; who types another number as text means it."""
    result = warehouse.run(csv("007,1,00815,x", "007,2,00816,5", "008,1,0012,x"))
    workbook = opened(warehouse.fix(result))
    sheet = workbook[LINES]
    for row in (2, 3):
        sheet.cell(row, 1).value, sheet.cell(row, 3).value = 7, int(str(sheet.cell(row, 3).value))
    sheet.cell(2, 4).value, sheet.cell(4, 4).value, sheet.cell(4, 3).value = 5, 5, "12"
    again = warehouse.run(saved(workbook), name="fixed.xlsx")
    assert again.report.verdict == "ACCEPTED", again.text
    assert warehouse.lines("007") == {"1": ("00815", 5.0, "OPEN"), "2": ("00816", 5.0, "OPEN")}
    assert warehouse.lines("008") == {"1": ("12", 5.0, "OPEN")}
    assert "skuId was '00815' before a spreadsheet made it the number 815" in " ".join(again.text.split())
