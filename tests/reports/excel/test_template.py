"""The template: it imports as it is, says what belongs where, and keeps ids as they are typed."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from crossdock import bundled
from crossdock.documents import DOCUMENTS, Document
from crossdock.partners import registry
from crossdock.reports.excel.template import HEADING_ROW, RULES, write_template
from tests.commands import crossdock
from tests.warehouse import Warehouse
from tests.workbooks import saved


@pytest.fixture(params=DOCUMENTS.values(), ids=list(DOCUMENTS))
def document(request: pytest.FixtureRequest) -> Document:
    declared: Document = request.param
    return declared


@pytest.fixture
def template_book(document: Document, tmp_path: Path) -> openpyxl.Workbook:
    path = tmp_path / "template.xlsx"
    write_template(document, path)
    return openpyxl.load_workbook(path)


def form(template_book: openpyxl.Workbook) -> Worksheet:
    sheet = template_book.worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def columns(template_book: openpyxl.Workbook) -> dict[str, int]:
    return {str(cell.value): cell.column for cell in form(template_book)[HEADING_ROW]}


def house(warehouse: Warehouse, document: Document, content: bytes) -> Any:
    known = registry.load(bundled.folder("partners"), "UTC")
    if document.name == "erp_sales_order":  # its customer must exist
        write_template(DOCUMENTS["customer"], warehouse.home / "customer.xlsx")
        warehouse.run(
            (warehouse.home / "customer.xlsx").read_bytes(), known.named("house/customer"), name="customer.xlsx"
        )
    return warehouse.run(content, known.named(f"house/{document.name}"), name=f"{document.name}.xlsx")


def test_it_imports_as_it_is(warehouse: Warehouse, document: Document, template_book: openpyxl.Workbook) -> None:
    result = house(warehouse, document, saved(template_book))
    assert (result.report.verdict, result.report.documents.inserted) == ("ACCEPTED", 1), result.text
    assert result.warnings == []


def test_every_field_has_a_column_grouped_by_level(document: Document, template_book: openpyxl.Workbook) -> None:
    places = columns(template_book)
    assert set(places) == set(document.fields)
    levels = [document.fields[name][0].title for name in places]
    assert levels == sorted(levels, key=[level.title for level in document.levels].index)
    required = {name for name, (_, field) in document.fields.items() if field.required}
    marked = {name for name, at in places.items() if form(template_book).cell(HEADING_ROW - 1, at).value == "required"}
    assert marked == required
    dimensions = [each for each in form(template_book).column_dimensions.values() if each.hidden]
    folded = {at for each in dimensions for at in range(each.min or 0, (each.max or 0) + 1)}
    for name, at in places.items():
        assert (at in folded) != (name in required or name in document.example), name


def test_notes_lists_and_formats(document: Document, template_book: openpyxl.Workbook) -> None:
    places, only = columns(template_book), form(template_book)
    for name, (_, field) in document.fields.items():
        note = only.cell(HEADING_ROW, places[name]).comment
        assert note is not None, name
        assert field.kind.value in note.text
        at = places[name]
        if field.kind.value in ("id", "code"):
            (format_,) = {each.number_format for each in only.column_dimensions.values() if each.min <= at <= each.max}
            assert format_ == "@"
        cell = only.cell(HEADING_ROW + 1, at).coordinate
        listed = [each for each in only.data_validations.dataValidation if cell in each.sqref]
        assert bool(listed) == bool(field.values or field.kind.value == "flag" or field.codes in ("unit", "currency"))
    assert template_book[RULES]["A1"].value == "Name"


def test_the_example_is_left_out_beside_other_rows(
    warehouse: Warehouse, document: Document, template_book: openpyxl.Workbook
) -> None:
    row = dict(document.example)
    row[document.number] = "00815"
    for name, at in columns(template_book).items():
        form(template_book).cell(HEADING_ROW + 2, at).value = row.get(name)
    result = house(warehouse, document, saved(template_book))
    assert (result.report.documents.inserted, result.warnings) == (1, ["example_left_out"])


def test_filled_in_it_imports(warehouse: Warehouse) -> None:
    """As a person does it: numbers and dates typed as such, an id with zeros as text, two lines of one order."""
    document = DOCUMENTS["sales_order"]
    path = warehouse.home / "template.xlsx"
    write_template(document, path)
    book = openpyxl.load_workbook(path)
    places, only = columns(book), form(book)
    typed: list[dict[str, Any]] = [
        {"businessUnitId": "BU1", "customerOrderNumber": "00815", "shipTo.locationId": "S1", "orderDropDate": datetime.date(2026, 12, 1),
         "customerLineNumber": "1", "skuId": "007", "quantity": 3, "unitPrice": 2.5, "currency": "EUR"},
        {"businessUnitId": "BU1", "customerOrderNumber": "00815", "customerLineNumber": "2", "skuId": "008", "quantity": 4.0},
    ]  # fmt: skip
    only.delete_rows(HEADING_ROW + 1)
    for at, row in enumerate(typed, HEADING_ROW + 1):
        for name, value in row.items():
            only.cell(at, places[name]).value = value
    result = house(warehouse, document, saved(book))
    assert result.report.verdict == "ACCEPTED", result.text
    assert warehouse.lines("00815") == {"1": ("007", 3.0, "OPEN"), "2": ("008", 4.0, "OPEN")}
    assert warehouse.rows("SELECT order_drop_date FROM sales_orders") == [("2026-12-01",)]
    typed[1]["quantity"] = "four"
    only.cell(HEADING_ROW + 2, places["quantity"]).value = "four"
    again = house(warehouse, document, saved(book))
    assert "Sales order!5, 00815  quantity 'four' is not a number" in again.text


OWN = """id = "mueller"
zone = "Europe/Berlin"
business_units = ["BU1"]
[[feed]]
document = "sales_order"
files = "Bestellung*"
dates = ["%d.%m.%Y"]
decimal = ","
constants = { businessUnitId = "BU1", currency = "EUR" }
OPTIONS
[feed.columns]
"Auftrags-Nr." = "customerOrderNumber"
"Pos." = "customerLineNumber"
"Artikel" = "skuId"
"Menge" = "quantity"
"Einheit" = "quantityMeasure"
"Ort" = "shipTo.city"
"Datum" = "orderCreatedDate"
[feed.values.quantityMeasure]
"Stück" = "EA"
"""


@pytest.mark.parametrize(
    "options", ["", 'options = { sheet = "Bestell*", header_row = 1 }', "options = { header_row = 5 }"]
)
def test_in_a_partners_own_words_it_imports_as_it_is(warehouse: Warehouse, tmp_path: Path, options: str) -> None:
    of = warehouse.feed(whole=OWN.replace("OPTIONS", options))
    path = tmp_path / "Bestellung.xlsx"
    write_template(of.document, path, of)
    only = openpyxl.load_workbook(path).worksheets[0]
    row = {"": HEADING_ROW, "options = { header_row = 5 }": 5}.get(options, 1)
    places = {str(cell.value): cell.column for cell in only[row]}
    assert {"Auftrags-Nr.", "Pos.", "Artikel", "Menge", "Einheit", "Ort"} <= set(places)
    assert not {"customerOrderNumber", "skuId", "quantity", "businessUnitId", "currency"} & set(places)
    assert only.cell(row + 1, places["Einheit"]).value == "Stück"
    assert only.column_dimensions[get_column_letter(places["Datum"])].number_format == "dd.mm.yyyy"
    assert str(only.cell(row + 1, places["Datum"]).value).count(".") == 2
    letter = get_column_letter(places["Einheit"])
    lists = {str(each.sqref).partition(":")[0]: str(each.formula1) for each in only.data_validations.dataValidation}
    assert lists[f"{letter}{row + 1}"].startswith('"Stück,')
    result = warehouse.run(path.read_bytes(), of, name=path.name)
    assert (result.report.verdict, result.report.documents.inserted) == ("ACCEPTED", 1), result.text
    assert warehouse.rows("SELECT quantity_measure FROM sales_order_lines") == [("EA",)]


def test_the_command_writes_it_by_feed(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.partner("mueller", whole=OWN.replace("OPTIONS", ""))
    csv_only = OWN.replace("OPTIONS", 'format = "delimited"\noptions = { delimiter = ";", encoding = "cp1252" }')
    warehouse.partner("acme", whole=csv_only.replace("mueller", "acme"))
    ended = crossdock("template", "--feed", "mueller/sales_order", "-o", str(tmp_path / "a.xlsx"))
    assert ended.stdout.endswith(f"crossdock import {tmp_path / 'a.xlsx'} --feed mueller/sales_order\n"), ended.stderr
    ended = crossdock("template", "sales_order", "--feed", "acme/sales_order", "-o", str(tmp_path / "a.csv"))
    assert ended.returncode == 0, ended.stderr
    head = (tmp_path / "a.csv").read_text(encoding="cp1252").strip().split(";")
    assert "Auftrags-Nr." in head
    cells = {"Auftrags-Nr.": "A-1", "Pos.": "1", "Artikel": "AB", "Menge": "5,0", "Einheit": "Stück", "Ort": "Köln",
             "shipTo.name": "Ann", "shipTo.address1": "Am Markt 1", "shipTo.country": "DE"}  # fmt: skip
    with (tmp_path / "a.csv").open("a", encoding="cp1252") as file:
        file.write(";".join(cells.get(name, "") for name in head) + "\n")
    done = crossdock("import", str(tmp_path / "a.csv"), "--feed", "acme/sales_order")
    assert done.returncode == 0, done.stdout
    for words, sentence in (
        (("asn", "--feed", "acme/sales_order"), "the feed acme/sales_order is not of asn"),
        ((), "name a document type, or a feed"),
        (("--feed", "acme/sales_order", "-o", str(tmp_path / "b.xlsx")), "write -o"),
    ):
        refused = crossdock("template", *words)
        assert (refused.returncode, sentence in refused.stderr) == (2, True), refused.stderr
