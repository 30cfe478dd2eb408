"""The template: a workbook with our columns to fill in, which imports as it is (the feed ``house/<document>``).

Columns are grouped by level; usual ones come before the others, which are folded away. What a column may contain is in
the note of its heading and on the second sheet; lists drop down; ids are text, so their zeros stay. An example row
shows how to fill it in, and is to be overwritten; beside other rows it is not imported.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from crossdock.formats.fix_stamp import SHEET, fingerprint
from crossdock.reports.excel.styles import TEXT, cell, new_book, printed, saved, widths
from crossdock.schema import codes
from crossdock.schema.descriptions import kind, rule, rules, rules_of
from crossdock.schema.document import Document, Field, Kind, Level

ROWS = 5_000
"""How many rows below the headings have drop-down lists."""
FORMATS = {Kind.DATE: "yyyy-mm-dd", Kind.TIMESTAMP: "yyyy-mm-dd hh:mm", Kind.QUANTITY: "General", Kind.MONEY: "General",
           Kind.WHOLE: "General"}  # fmt: skip
"""The number formats of kinds; every other kind is text."""
HEADING_ROW = 3
RULES = "Fields and rules"
EXAMPLE_NOTE = "An example: overwrite it."

Column = tuple[str, Level, Field]


def write_template(document: Document, path: Path) -> None:
    """Write the template of a document type, a workbook, to ``path``."""
    columns = list(_columns(document))
    book = new_book()
    _write_form(book.create_sheet(document.title), document, columns)
    _write_rules(book.create_sheet(RULES), document, columns)
    lists = book.create_sheet(SHEET)
    lists.sheet_state = "hidden"
    lists_of_codes = [list(codes.LISTS[name]()) for name in codes.LISTS]
    lists_of_codes.append(
        [fingerprint(document.example.get(name) for name, _, _ in columns)]
    )  # recognises the example row
    for number in range(max(map(len, lists_of_codes))):
        lists.append([cell(lists, each[number] if number < len(each) else None, "plain") for each in lists_of_codes])
    saved(book, path)


def _columns(document: Document) -> Iterator[Column]:
    """Every field, level by level: first those that are required or in the example."""
    for level in document.levels:
        fields = document.of(level)
        usual = [name for name in fields if _usual(document, name, fields[name])]
        for name in [*usual, *(name for name in fields if name not in usual)]:
            yield name, level, fields[name]


def _usual(document: Document, name: str, field: Field) -> bool:
    return field.required or name in document.example


def _write_form(sheet: Any, document: Document, columns: list[Column]) -> None:
    example = [document.example.get(name) for name, _, _ in columns]
    widths(sheet, [[name for name, _, _ in columns], example], {})
    for place, (name, _, field) in enumerate(columns, 1):
        column = sheet.column_dimensions[get_column_letter(place)]
        column.number_format = FORMATS.get(field.kind, TEXT)
        if not _usual(document, name, field):
            column.outlineLevel, column.hidden = 1, True
    for place, choices, closed in _choices(columns):
        column = get_column_letter(place + 1)
        rows = f"{column}{HEADING_ROW + 1}:{column}{HEADING_ROW + ROWS}"
        sheet.data_validations.append(_drop_down(choices, rows, closed=closed))
    sheet.freeze_panes = f"A{HEADING_ROW + 1}"
    sheet.row_dimensions[HEADING_ROW].height = 22
    _write_bands(sheet, document, columns)
    sheet.append([cell(sheet, "required" if field.required else None, "mark") for _, _, field in columns])
    sheet.append(
        [
            cell(sheet, name, "required heading" if field.required else "heading", _note(document, name, field))
            for name, _, field in columns
        ]
    )
    first = next(place for place, value in enumerate(example) if value)
    sheet.append(
        [cell(sheet, value, "example", EXAMPLE_NOTE if place == first else None) for place, value in enumerate(example)]
    )


def _write_bands(sheet: Any, document: Document, columns: list[Column]) -> None:
    """Write the first row: the levels, each above its columns."""
    cells, start = [], 0
    for title, group in groupby(columns, key=lambda column: column[1].title):
        usual = [_usual(document, name, field) for name, _, field in group]
        size, more = len(usual), usual.count(False)
        title_text = f"{title}: once, or the same on each of its rows" if start == 0 else f"{title}: a row each"
        title_text += f" (+ above shows {more} more columns)" if more else ""
        cells += [cell(sheet, title_text if place == 0 else None, "band") for place in range(size)]
        sheet.merged_cells.add(f"{get_column_letter(start + 1)}1:{get_column_letter(start + size)}1")
        start += size
    sheet.append(cells)


def _note(document: Document, name: str, field: Field) -> str:
    parts = [field.title, f"{kind(field)}, required" if field.required else kind(field), rule(field)]
    parts += rules_of(document, name)
    if name in document.example:
        parts.append(f"for example {document.example[name]}")
    return "\n".join(each for each in parts if each)


def _choices(columns: list[Column]) -> Iterator[tuple[int, str, bool]]:
    """The columns with a list: their place, the list as Excel writes it, and whether other values are forbidden."""
    for place, (_, _, field) in enumerate(columns):
        if field.values:
            yield place, f'"{",".join(field.values)}"', True
        elif field.kind is Kind.FLAG:
            yield place, '"true,false"', True
        elif field.codes in codes.LISTS:
            values = codes.LISTS[field.codes]()
            letter = get_column_letter(list(codes.LISTS).index(field.codes) + 1)
            yield place, f"{quote_sheetname(SHEET)}!${letter}$1:${letter}${len(values)}", field.codes == "currency"


def _drop_down(choices: str, rows: str, *, closed: bool) -> DataValidation:
    validation = DataValidation("list", formula1=choices, allow_blank=True, sqref=rows)
    validation.showErrorMessage = True
    validation.errorStyle = "stop" if closed else "warning"
    validation.errorTitle = "Not in the list"
    validation.error = "Choose one from the list." if closed else "This value is not in the list. Keep it all the same?"
    return validation


def _write_rules(sheet: Any, document: Document, columns: list[Column]) -> None:
    rows = [
        (name, kind(field), "required" if field.required else "", rule(field), document.example.get(name, ""))
        for name, _, field in columns
    ]
    widths(sheet, rows, {3: 70.0})
    printed(sheet, landscape=True)
    sheet.freeze_panes = "A2"
    sheet.append([cell(sheet, each, "heading") for each in ("Name", "May hold", "Must", "Rule", "Example")])
    for row in rows:
        sheet.append([cell(sheet, each, "plain") for each in row])
    sheet.append([])
    sheet.append([cell(sheet, "Rules across cells and rows", "strong")])
    for each in rules(document):
        sheet.append([cell(sheet, each, "plain")])
