"""The template: a workbook with columns to fill in, which imports as it is: by ``house/<document>`` with our names, or
by a partner's feed with the partner's headings, words and dates.

Columns are grouped by level; usual ones come before the others, which are folded away. What a column may contain is in
the note of its heading and on the second sheet; lists drop down; ids are text, so their zeros stay. An example row
shows how to fill it in, and is to be overwritten; beside other rows it is not imported.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from pydantic import BaseModel

from crossdock import formats
from crossdock.formats.fix_stamp import SHEET, fingerprint
from crossdock.partners.feed import Feed
from crossdock.reports.excel.sheet import Book, Cell
from crossdock.reports.excel.styles import HEADING_HEIGHT, TEXT, printed, widths
from crossdock.schema import codes
from crossdock.schema.descriptions import kind, rule, rules, rules_of
from crossdock.schema.document import Document, Field, Kind, Level
from crossdock.schema.meanings import meaning
from crossdock.schema.names import fold

ROWS = 5_000
"""How many rows below the headings have drop-down lists."""
FORMATS = {Kind.DATE: "yyyy-mm-dd", Kind.TIMESTAMP: "yyyy-mm-dd hh:mm", Kind.QUANTITY: "General", Kind.MONEY: "General",
           Kind.WHOLE: "General"}  # fmt: skip
"""The number formats of kinds; every other kind is text."""
HEADING_ROW = 3
MOST_LISTED = 250
"""Characters of a list in a rule of Excel's; a longer one stands on a sheet."""
RULES = "Fields and rules"
EXAMPLE_NOTE = "An example: overwrite it."

Column = tuple[str, Level, Field]
DIRECTIVES = {"%d": "dd", "%m": "mm", "%Y": "yyyy", "%y": "yy", "%H": "hh", "%M": "mm", "%S": "ss", "%b": "mmm",
              "%B": "mmmm"}  # fmt: skip
"""What Python's date formats are in a workbook's."""


@dataclass(frozen=True)
class _Words:
    """How who fills the template in writes: our names and notations, or those of a feed."""

    document: Document
    feed: Feed | None = None

    @property
    def columns(self) -> list[Column]:
        """The columns, without those that the feed says itself, and those whose name means another field there."""
        keys = self.feed.keys if self.feed else None
        others = {fold(theirs): ours for theirs, ours in keys.columns.items()} if keys else {}
        return [
            (name, level, field)
            for name, level, field in _columns(self)
            if keys is None or (name not in keys.constants and others.get(fold(self.heading(name)), name) == name)
        ]

    @property
    def options(self) -> BaseModel | None:
        """What the feed says of how a file is written."""
        return self.feed.keys.options if self.feed else None

    @property
    def heading_row(self) -> int:
        """The row with the headings."""
        return getattr(self.options, "header_row", None) or HEADING_ROW

    @cached_property
    def headings(self) -> dict[str, str]:
        """Ours → the partner's heading, of those that the feed names."""
        columns = self.feed.keys.columns if self.feed else {}
        return {ours: theirs for theirs, ours in reversed(columns.items())}

    def heading(self, name: str) -> str:
        """The heading of a field."""
        return self.headings.get(name, name)

    def required(self, name: str, field: Field) -> bool:
        """Whether a cell must be filled in."""
        return field.required and (self.feed is None or name not in self.feed.keys.defaults)

    def usual(self, name: str, field: Field) -> bool:
        """Whether a column is shown at once."""
        return self.required(name, field) or name in self.headings or name in self.document.example

    def values(self, name: str, field: Field) -> list[str]:
        """The words that a closed list takes: the partner's own first."""
        theirs = self.feed.keys.values.get(name, {}) if self.feed else {}
        ours = list(field.values) or (["true", "false"] if field.kind is Kind.FLAG else [])
        if not ours and theirs and field.codes in codes.LISTS:
            ours = list(codes.LISTS[field.codes]())
        return [*theirs, *(each for each in ours if each not in theirs.values())] if ours or theirs else []

    def date_format(self, field: Field) -> str | None:
        """How the feed writes dates, where that is one of Python's formats."""
        if self.feed is None or field.kind not in (Kind.DATE, Kind.TIMESTAMP):
            return None
        return next((each for each in self.feed.dates if each.startswith("%")), None)

    def number_format(self, field: Field) -> str:
        """The number format of a column."""
        written = self.date_format(field)
        for ours, excel in DIRECTIVES.items():
            written = written.replace(ours, excel) if written else None
        return written if written and "%" not in written else FORMATS.get(field.kind, TEXT)

    def example(self, name: str, field: Field) -> str | None:
        """The value of the example row."""
        value = self.document.example.get(name)
        if value is None or self.feed is None:
            return value
        keys = self.feed.keys
        if name == "businessUnitId":
            return self.feed.business_units[0]
        theirs = next((each for each, ours in keys.values.get(name, {}).items() if ours == value), None)
        if theirs is not None:
            return theirs
        written = self.date_format(field)
        if written is not None:
            return datetime.fromisoformat(value).strftime(written)
        return value.replace(".", keys.decimal) if field.kind in (Kind.QUANTITY, Kind.MONEY) else value


def write_template(document: Document, path: Path, feed: Feed | None = None) -> None:
    """Write the template of a document type, a workbook, to ``path``; in the words of ``feed``, if that is named."""
    words = _Words(document, feed)
    columns = words.columns
    sheet = (getattr(words.options, "sheet", None) or "").replace("*", "").replace("?", "").strip()
    book = Book()
    _write_form(book.create_sheet(sheet or document.title), words, columns)
    _write_rules(book.create_sheet(RULES), words, columns)
    lists = book.create_sheet(SHEET)
    lists.sheet_state = "hidden"
    lists_of_codes = [list(codes.LISTS[name]()) for name in codes.LISTS]
    lists_of_codes.append(
        [fingerprint(words.example(name, field) for name, _, field in columns)]
    )  # recognises the example row
    for number in range(max(map(len, lists_of_codes))):
        lists.append([Cell(each[number] if number < len(each) else None, "plain") for each in lists_of_codes])
    book.save(path)


def ending_of(feed: Feed) -> str:
    """The ending of the template of a feed; '' where its format has none."""
    return formats.template(feed.keys.format)


def write_template_of(feed: Feed, path: Path) -> None:
    """Write the template of a feed, of its ending, to ``path``: a workbook, or a file of its headings."""
    if ending_of(feed) == formats.WORKBOOK:
        write_template(feed.document, path, feed)
    else:
        _write_headings(feed, path)


def _write_headings(feed: Feed, path: Path) -> None:
    """Write the headings of a feed of delimited files, as a file of it, to ``path``."""
    words = _Words(feed.document, feed)
    options = words.options
    delimiter = getattr(options, "delimiter", None) or ","
    encoding = getattr(options, "encoding", None) or "utf-8"
    with path.open("w", encoding=encoding, newline="") as file:
        file.write("\r\n" * ((getattr(options, "header_row", None) or 1) - 1))
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow([words.heading(name) for name, _, field in words.columns if words.usual(name, field)])


def _columns(words: _Words) -> Iterator[Column]:
    """Every field, level by level: first those that are required, or in the example, or that the feed names."""
    for level in words.document.levels:
        fields = words.document.of(level)
        usual = [name for name in fields if words.usual(name, fields[name])]
        for name in [*usual, *(name for name in fields if name not in usual)]:
            yield name, level, fields[name]


def _write_form(sheet: Any, words: _Words, columns: list[Column]) -> None:
    example = [words.example(name, field) for name, _, field in columns]
    widths(sheet, [[words.heading(name) for name, _, _ in columns], example], {})
    for place, (name, _, field) in enumerate(columns, 1):
        column = sheet.column_dimensions[get_column_letter(place)]
        column.number_format = words.number_format(field)
        if not words.usual(name, field):
            column.outlineLevel, column.hidden = 1, True
    for place, choices, closed in _choices(words, columns):
        column = get_column_letter(place + 1)
        rows = f"{column}{words.heading_row + 1}:{column}{words.heading_row + ROWS}"
        sheet.data_validations.append(_drop_down(choices, rows, closed=closed))
    sheet.freeze_panes = f"A{words.heading_row + 1}"
    above = words.heading_row - 1
    for _ in range(above - 2 if above >= 2 else above):
        sheet.append([])
    must = [words.required(name, field) for name, _, field in columns]
    if above >= 2:
        _write_bands(sheet, words, columns, above - 1)
        sheet.append([Cell("required" if each else None, "mark") for each in must])
    sheet.append(
        [
            Cell(
                words.heading(name),
                "required heading" if required else "heading",
                _note(words, name, field),
            )
            for (name, _, field), required in zip(columns, must, strict=True)
        ],
        HEADING_HEIGHT,
    )
    first = next(place for place, value in enumerate(example) if value)
    sheet.append(
        [Cell(value, "example", EXAMPLE_NOTE if place == first else None) for place, value in enumerate(example)]
    )


def _write_bands(sheet: Any, words: _Words, columns: list[Column], row: int) -> None:
    """Write the row with the levels, each above its columns."""
    cells, start = [], 0
    for title, group in groupby(columns, key=lambda column: column[1].title):
        usual = [words.usual(name, field) for name, _, field in group]
        size, more = len(usual), usual.count(False)
        title_text = f"{title}: once, or the same on each of its rows" if start == 0 else f"{title}: a row each"
        title_text += f" (+ above shows {more} more columns)" if more else ""
        cells += [Cell(title_text if place == 0 else None, "band") for place in range(size)]
        sheet.merged_cells.add(f"{get_column_letter(start + 1)}{row}:{get_column_letter(start + size)}{row}")
        start += size
    sheet.append(cells)


def _note(words: _Words, name: str, field: Field) -> str:
    own = name if words.heading(name) != name else ""
    must = f"{kind(field)}, required" if words.required(name, field) else kind(field)
    parts = [own, meaning(words.document.name, field.name).sentence, must, rule(field), *rules_of(words.document, name)]
    example = words.example(name, field)
    if example is not None:
        parts.append(f"for example {example}")
    return "\n".join(each for each in parts if each)


def _choices(words: _Words, columns: list[Column]) -> Iterator[tuple[int, str, bool]]:
    """The columns with a list: their place, the list as Excel writes it, and whether other values are forbidden."""
    for place, (name, _, field) in enumerate(columns):
        values = words.values(name, field)
        written = ",".join(values)
        if values and len(written) <= MOST_LISTED and not any("," in each or '"' in each for each in values):
            yield place, f'"{written}"', bool(field.values) or field.kind is Kind.FLAG
        elif field.codes in codes.LISTS:
            listed = codes.LISTS[field.codes]()
            letter = get_column_letter(list(codes.LISTS).index(field.codes) + 1)
            closed = field.codes == "currency" and not values
            yield place, f"{quote_sheetname(SHEET)}!${letter}$1:${letter}${len(listed)}", closed


def _drop_down(choices: str, rows: str, *, closed: bool) -> DataValidation:
    validation = DataValidation("list", formula1=choices, allow_blank=True, sqref=rows)
    validation.showErrorMessage = True
    validation.errorStyle = "stop" if closed else "warning"
    validation.errorTitle = "Not in the list"
    validation.error = "Choose one from the list." if closed else "This value is not in the list. Keep it all the same?"
    return validation


def _write_rules(sheet: Any, words: _Words, columns: list[Column]) -> None:
    rows = [
        (
            words.heading(name),
            meaning(words.document.name, field.name).sentence,
            kind(field),
            "required" if words.required(name, field) else "",
            rule(field),
            words.example(name, field) or "",
        )
        for name, _, field in columns
    ]
    widths(sheet, rows, {1: 60.0, 4: 60.0})
    printed(sheet, landscape=True)
    sheet.freeze_panes = "A2"
    sheet.append([Cell(each, "heading") for each in ("Name", "What it means", "May hold", "Must", "Rule", "Example")])
    for row in rows:
        sheet.append([Cell(each, "plain") for each in row])
    sheet.append([])
    sheet.append([Cell("Rules across cells and rows", "strong")])
    for each in rules(words.document):
        sheet.append([Cell(each, "plain")])
