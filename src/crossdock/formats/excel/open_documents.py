"""What an .ods file contains that its reader doesn't report: errors, formulas never calculated, what is hidden, what is
struck out, comments, what a number's style writes around it.

Strategy: its XML is parsed only where a quick look finds a mark of these.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from crossdock.formats.excel.open_styles import OpenStyles, styles
from crossdock.formats.xlsx.inspection import MAX_ROWS, MAX_UNZIPPED, too_large
from crossdock.formats.xlsx.number_masks import PERCENT
from crossdock.formats.xlsx.sheet_scan import MAX_COLUMNS, Survey
from crossdock.formats.xlsx.struck import left_of
from crossdock.formats.xlsx.zip_xml import opened, parse, pieces

_CONTENT = "content.xml"
"""The member with the cells."""
MOST_ODD = 1_000_000
"""The most cells of errors, and rows that are hidden, one by one where they are repeated."""
_MARKS = re.compile(
    rb"""["']error["']|["']percentage["']|:currency\s*=|:annotation\b|visibility\s*=|formula\s*=|line-through-(?:style|type)\s*=\s*["'](?!none)|\x00"""
)
_LINES = ("text-line-through-style", "text-line-through-type")
"""What a style says of the line that strikes out (OpenDocument 1.3 part 3 §20.380)."""
_CELLS = ("table-cell", "covered-table-cell")


_NUMBERS = {"float", "currency"}
"""The types of cells whose style may write something around a number."""


def surveys(path: Path, signs: Collection[str] | None) -> dict[str, Survey]:
    """What is unusual in the sheets of an .ods file, by their names; a sheet may lack if nothing is.

    ``signs``: as for ``number_masks.is_told``. Raises ``Refused`` if it is damaged or too large.
    """
    with opened(path) as archive:
        if archive.unzipped > MAX_UNZIPPED:
            raise too_large(archive.unzipped, "bytes unzipped", MAX_UNZIPPED)
        if _CONTENT not in archive:
            return {}
        known = styles(archive, signs)
        if not any(map(_marks(known).search, pieces(archive, _CONTENT))):
            return {}
        scan = _Scan(known, signs)
        with archive.open(_CONTENT) as file:
            parse(file, scan.start, scan.end, scan.text)
    return scan.surveys


def _marks(known: OpenStyles) -> re.Pattern[bytes]:
    """What tells that cells must be looked at."""
    names = b"|".join(re.escape(each.encode()) for each in known.masks)
    return re.compile(_MARKS.pattern + rb"""|style-name\s*=\s*["'](?:""" + names + rb""")["']""") if names else _MARKS


@dataclass
class _Cell:
    """A cell, or several alike beside each other. ``has_value``: one is written in it; ``style``: '' for the row's, or
    the column's; ``is_number``: so that its style may write something around it, or ``currency`` if it has no style.

    ``parts``: what is shown, each text and whether it is struck out. ``comment``: what people have put on it.
    """

    count: int
    is_error: bool
    is_percentage: bool
    is_formula: bool
    has_value: bool
    style: str
    is_number: bool
    currency: str
    parts: list[tuple[str, bool]] = field(default_factory=list)
    comment: str = ""

    @property
    def text(self) -> str:
        """What is shown."""
        return "".join(text for text, _ in self.parts)


class _Scan:
    """Collects the surveys of all sheets, element by element."""

    def __init__(self, known: OpenStyles, signs: Collection[str] | None) -> None:
        self._known, self._signs = known, signs
        self.surveys: dict[str, Survey] = {}
        self._survey = Survey()
        self._tables = self._remarks = self._paragraphs = self._count = 0
        self._row = self._rows = self._column = 0
        self._hidden = False
        self._of_row = ""
        self._cells: list[_Cell] = []
        self._style = ""
        self._struck: set[str] = set()
        self._of_columns: list[str] = []
        self._spans: list[bool] = []

    def start(self, name: str, raw: dict[str, str]) -> None:
        """An element begins."""
        attributes = {each.rpartition(" ")[2]: value for each, value in raw.items()}
        kinds = {value for each, value in raw.items() if each.endswith("value-type")}
        if name == "table":
            self._tables += 1
            if self._tables == 1:
                self._survey = self.surveys.setdefault(attributes.get("name", ""), Survey())
                self._row = self._rows = self._column = 0
                self._of_columns = []
        elif name in ("style", "text-properties"):
            self._learn_style(name, attributes)
        elif self._tables != 1:  # a table in a cell has rows of its own
            return
        elif name == "table-column":
            count = _repeated(attributes, "number-columns-repeated", MAX_COLUMNS - self._column)
            if _is_hidden(attributes):
                self._survey.hide(self._column + 1, self._column + count)
            self._column += count
            self._of_columns += [attributes.get("default-cell-style-name", "")] * count
        elif name == "table-row":
            self._row += self._rows
            self._rows = _repeated(attributes, "number-rows-repeated", MAX_ROWS - self._row)
            self._hidden, self._cells = _is_hidden(attributes), []
            self._of_row = attributes.get("default-cell-style-name", "")
        elif name in _CELLS:
            count = _repeated(attributes, "number-columns-repeated", MAX_COLUMNS)
            style = attributes.get("style-name", "")
            of_kind = ("error" in kinds, "percentage" in kinds, "formula" in attributes, bool(kinds))
            is_number, currency = not kinds.isdisjoint(_NUMBERS), attributes.get("currency", "")
            self._cells.append(_Cell(count, *of_kind, style, is_number, currency))
        elif name == "span":
            self._spans.append(attributes.get("style-name", "") in self._struck)
        elif name == "annotation":
            self._remarks += 1
        elif name == "p":
            self._paragraphs += 1

    def _learn_style(self, name: str, attributes: dict[str, str]) -> None:
        if name == "style":
            self._style = attributes.get("name", "")
        elif any(attributes.get(each, "none") != "none" for each in _LINES):
            self._struck.add(self._style)

    def text(self, text: str) -> None:
        """Some text of an element."""
        if self._tables != 1 or not self._paragraphs or not self._cells:
            return
        if self._remarks:
            self._cells[-1].comment += text
            return
        if self._cells[-1].is_error or self._struck:
            self._cells[-1].parts.append((text, any(self._spans)))

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "table":
            self._tables -= 1
        elif self._tables != 1:
            return
        elif name == "annotation":
            self._remarks -= 1
        elif name == "p":
            self._paragraphs -= 1
        elif name == "span":
            self._spans.pop()
        elif name == "table-row":
            self._end_row()

    def _end_row(self) -> None:
        rows = range(self._row, self._row + self._rows)
        if self._hidden and any(each.has_value for each in self._cells):
            self._add(len(rows))
            self._survey.hidden_rows.update(rows)
        column = 0
        for each in self._cells:
            columns = range(column, min(column + each.count, MAX_COLUMNS))
            if each.comment.strip():
                self._survey.comments[rows[0], column] = " ".join(each.comment.split())
            column += each.count
            lacks_value = each.is_formula and not each.has_value
            if each.is_error or lacks_value:
                self._add(len(rows) * len(columns))
                places = [(row, at) for row in rows for at in columns]
                if each.is_error:
                    self._survey.errors.update(dict.fromkeys(places, each.text.strip()))
                else:
                    self._survey.uncalculated.update(places)
                continue
            if each.is_percentage:
                self._add(len(rows) * len(columns))
                self._survey.padded.update({(row, at): PERCENT for row in rows for at in columns})
            if each.is_number and (self._known.masks or each.currency):
                self._mask(each, rows, columns)
            if each.has_value and self._struck:
                self._strike(each, rows, columns)

    def _style_of(self, cell: _Cell, column: int) -> str:
        of_column = self._of_columns[column] if column < len(self._of_columns) else ""
        return cell.style or self._of_row or of_column

    def _mask(self, cell: _Cell, rows: range, columns: range) -> None:
        """Note what the styles of these cells write around their number."""
        for column in columns:
            style = self._style_of(cell, column)
            mask = self._known.masks.get(style)
            if mask is None and cell.currency:
                mask = self._known.of_currency(style, cell.currency, self._signs)
            if mask is not None:
                self._add(len(rows) - 1)  # each that is written is there, those that are repeated may be many
                self._survey.padded.update(dict.fromkeys(((row, column) for row in rows), mask))

    def _strike(self, cell: _Cell, rows: range, columns: range) -> None:
        """Note which of these cells are struck out, which are alike but for the style of their column."""
        left = left_of(cell.parts)
        for column in columns:
            style = self._style_of(cell, column)
            if style in self._struck or left is not None:
                self._add(len(rows))
                whole = style in self._struck or left is None
                self._survey.struck.update(dict.fromkeys(((row, column) for row in rows), "" if whole else left or ""))

    def _add(self, count: int) -> None:
        self._count += count
        if self._count > MOST_ODD:
            raise too_large(self._count, "errors and hidden rows", MOST_ODD)


def _is_hidden(attributes: dict[str, str]) -> bool:
    return attributes.get("visibility", "visible") != "visible"


def _repeated(attributes: dict[str, str], name: str, most: int) -> int:
    """How often an element is meant, at most as often as there is room."""
    written = attributes.get(name, "1")
    count = int(written) if written.isdecimal() and len(written) <= len(str(MAX_ROWS)) else MAX_ROWS
    return max(min(count, most), 0)
