"""A sheet of our workbooks: openpyxl lays it out, and its rows are written here. Rows that look alike have one
template, into which their number and their texts are put: most rows of a sheet look like others.

A cell is text, whatever it looks like: ``=1+1`` stands in the sheet as these four characters (an inline string,
ECMA-376 part 1 §18.3.1.53), so nothing runs as a formula and ids keep their zeros.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NamedTuple
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.comments.comment_sheet import CommentRecord
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from crossdock.reports.excel.styles import styles

AUTHOR = "crossdock"
NOTE_WIDTH = 320
MEANT = b'<ignoredErrors><ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/></ignoredErrors>'
"""Numbers as text are intended: no green triangle in the corner of each (CT_IgnoredErrors)."""
ROWS = re.compile(rb"<sheetData\s*/>|<sheetData></sheetData>")
"""Where openpyxl leaves room for the rows."""


class Cell(NamedTuple):
    """A cell of text, or a blank one: its style by name, and its comment (``note``), if it has one."""

    value: str | None
    style: str
    note: str | None = None


NO_CELL = Cell(None, "")
NONE: Mapping[int, str] = {}
NUMBER = "\0"
"""Where a template has the number of its row."""
KEPT = 1_000
"""How many templates of rows are kept."""
_Layout: Any = WriteOnlyWorksheet
"""openpyxl's sheet, of which its types know little."""


class Sheet(_Layout):  # type: ignore[misc]
    """A sheet to which rows of cells are appended."""

    def __init__(self, parent: Workbook, title: str) -> None:
        super().__init__(parent, title)
        self.rows_as_xml: list[str] = []
        self._styles: dict[str, int] = {}
        self._templates: dict[tuple[tuple[str, ...], tuple[bool, ...]], str] = {}
        self._notes: list[CommentRecord] = []

    def append(self, row: Iterable[Cell | None], height: float | None = None) -> None:
        """Add a row; None is a cell without a style. ``height``: in points, where it isn't the usual one."""
        cells = [NO_CELL if cell is None else cell for cell in row]
        notes = {place: cell.note for place, cell in enumerate(cells) if cell.note}
        self.add([cell.value for cell in cells], tuple(cell.style for cell in cells), notes, height)

    def add(
        self,
        texts: Sequence[str | None],
        styles: tuple[str, ...],
        notes: Mapping[int, str] = NONE,
        height: float | None = None,
    ) -> None:
        """Add a row of texts, each in its style. ``notes``: place (from 0) → comment, in the order of the places."""
        number = len(self.rows_as_xml) + 1
        looks = styles, tuple(map(bool, texts))
        if looks not in self._templates:
            if len(self._templates) >= KEPT:
                self._templates.clear()
            self._templates[looks] = self._template(*looks)
        cells = self._templates[looks].replace(NUMBER, str(number)) % tuple(map(_inline, filter(None, texts)))
        size = "" if height is None else f' ht="{height:.16g}" customHeight="1"'
        self.rows_as_xml.append(f'<row r="{number}"{size}>{cells}</row>')
        self._notes += [_comment(self, note, f"{letter(place + 1)}{number}") for place, note in notes.items()]

    def close(self) -> None:
        """End the sheet, with room for its rows."""
        self._get_writer()
        self._comments = self._notes  # the writer has emptied them
        self._rows = self._write_rows()
        next(self._rows)
        super().close()

    def _template(self, styles: tuple[str, ...], filled: tuple[bool, ...]) -> str:
        """The cells of a row, with ``NUMBER`` for that of the row and ``%s`` for each text."""
        cells = []
        for place, (name, is_filled) in enumerate(zip(styles, filled, strict=True), 1):
            if name:
                style = self._styles.get(name)
                if style is None:
                    style = self._styles[name] = _number_of(self, name)
                content = ' t="inlineStr">%s</c>' if is_filled else "/>"
                cells.append(f'<c r="{letter(place)}{NUMBER}" s="{style}"{content}')
        return "".join(cells)


@lru_cache(10_000)  # most columns repeat their values
def _inline(value: str) -> str:
    text = escape(escaped(value))
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f"<is><t{space}>{text}</t></is>"


letter = lru_cache(None)(get_column_letter)


def _number_of(sheet: Any, style: str) -> int:
    """The number by which the cells of a sheet name a style."""
    cell = WriteOnlyCell(sheet)
    cell.style = style
    return int(cell.style_id)


def _comment(sheet: Any, note: str, at: str) -> CommentRecord:
    cell = WriteOnlyCell(sheet)
    cell.comment = Comment(note, AUTHOR, width=NOTE_WIDTH, height=30 + 18 * (1 + len(note) // 42))
    record = CommentRecord.from_cell(cell)
    record.ref = at
    return record


class Book:
    """A workbook with our styles."""

    def __init__(self) -> None:
        self._book: Any = Workbook(write_only=True)
        for each in styles():
            self._book.add_named_style(each)

    def create_sheet(self, title: str) -> Any:
        """A new sheet behind the others (``Sheet``)."""
        sheet = Sheet(self._book, title)
        self._book._add_sheet(sheet)
        return sheet

    def save(self, path: Path) -> None:
        """Save the workbook; the rows are put into the sheets that openpyxl has laid out."""
        with TemporaryFile() as layout:
            self._book.save(layout)
            sheets = {each.path.removeprefix("/"): each for each in self._book.worksheets}  # they have their names now
            with ZipFile(layout) as source, ZipFile(path, "w", ZIP_DEFLATED) as target:
                for member in source.infolist():
                    content = source.read(member)
                    sheet = sheets.get(member.filename)
                    with target.open(member.filename, "w") as file:
                        for piece in [content] if sheet is None else _with_rows(content, sheet.rows_as_xml):
                            file.write(piece)


def _with_rows(layout: bytes, rows: list[str]) -> Iterator[bytes]:
    """A sheet with its rows; what is meant comes where the schema requires it: before the drawings."""
    room = ROWS.search(layout)
    if room is None:
        raise ValueError("openpyxl leaves no room for the rows of a sheet")
    yield layout[: room.start()] + b"<sheetData>"
    for first in range(0, len(rows), 1_000):
        yield "".join(rows[first : first + 1_000]).encode()
    rest = layout[room.end() :]
    end = max(rest.rfind(b"<legacyDrawing"), 0) or rest.rfind(b"</worksheet>")
    yield b"</sheetData>" + rest[:end] + MEANT + rest[end:]


_ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""The characters that XML 1.0 can't contain."""
_UNDERSCORED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def escaped(value: str) -> str:
    """Text as a cell in XML can contain it: control characters as ``_x0007_`` (ECMA-376 part 1 §22.9.2.19)."""
    value = _UNDERSCORED.sub("_x005F_", value)
    return _ILLEGAL.sub(lambda match: f"_x{ord(match[0]):04X}_", value)
