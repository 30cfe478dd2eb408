"""The styles of our workbooks, and the one function that writes a cell: as text that can't run as a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

MAX_CELL = 32_767
"""How many characters a cell may have."""
MAX_COLUMNS = 16_384
ROW_HEIGHT = 15.5
"""Points of a row of one line."""
WIDTHS = (9, 42)
"""The narrowest and the widest column."""
TEXT = "@"
"""The number format of text: what a person types into such a cell isn't converted."""
AUTHOR = "crossdock"
MEANT = b'<ignoredErrors><ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/></ignoredErrors>'
NOTE_WIDTH = 320

INK, PALE, LINE = "1F3A4D", "EAF0F4", "C9D4DC"
_THIN = Side(style="thin", color=LINE)


def _style(name: str, *, font: Font | None = None, fill: str | None = None, wrap: bool = False, rule: bool = False,
           middle: bool = False) -> NamedStyle:  # fmt: skip
    return NamedStyle(
        name,
        font=font or Font(name="Calibri", size=11),
        fill=PatternFill("solid", fgColor=fill) if fill else PatternFill(),
        alignment=Alignment(wrap_text=wrap, vertical="center" if middle else "top"),
        border=Border(top=_THIN) if rule else Border(),
        number_format=TEXT,
    )


def _font(**options: Any) -> Font:
    return Font(name="Calibri", **{"size": 11} | options)


def styles() -> list[NamedStyle]:
    """The styles by name: cells (plain, bad, problem, each also as the first of a document), headings, prose."""
    bad, problem = _font(color="9C0006", bold=True), _font(color="9C0006")
    cells = [
        _style(f"{name}{end}", font=font, fill=fill, wrap=wrap, rule=rule)
        for name, font, fill, wrap in (
            ("plain", None, None, False),
            ("bad", bad, "FFC7CE", False),
            ("problem", problem, "FDF1F2", True),
        )
        for end, rule in (("", False), (" first", True))
    ]
    return [
        *cells,
        _style("heading", font=_font(color="FFFFFF", bold=True), fill=INK, middle=True),
        _style("added heading", font=_font(color=INK, bold=True), fill="F6D98B", middle=True),
        _style("required heading", font=_font(color="FFFFFF", bold=True), fill="A4491A", middle=True),
        _style("band", font=_font(color=INK, bold=True), fill=PALE, middle=True),
        _style("mark", font=_font(color="A4491A", italic=True, size=9), fill=PALE),
        _style("example", font=_font(color="7F7F7F", italic=True)),
        _style("title", font=_font(color=INK, bold=True, size=16), wrap=True),
        _style("prose", wrap=True),
        _style("strong", font=_font(color=INK, bold=True), wrap=True),
        _style("small", font=_font(color="5F6B73", size=10), wrap=True),
    ]


def new_book() -> Workbook:
    """A workbook with our styles, written row by row."""
    book = Workbook(write_only=True)
    for each in styles():
        book.add_named_style(each)
    return book


def saved(book: Workbook, path: Path) -> None:
    """Save a workbook. Numbers as text are intended: no green triangle in the corner of each (CT_IgnoredErrors).

    openpyxl can't write that, so it is put into the sheets where the schema requires it: before the drawings.
    """
    with TemporaryFile() as plain:
        book.save(plain)
        with ZipFile(plain) as source, ZipFile(path, "w", ZIP_DEFLATED) as target:
            for member in source.infolist():
                content = source.read(member)
                if member.filename.startswith("xl/worksheets/sheet"):
                    end = max(content.rfind(b"<legacyDrawing"), 0) or content.rfind(b"</worksheet>")
                    content = content[:end] + MEANT + content[end:]
                target.writestr(member, content, ZIP_DEFLATED)


def printed(sheet: Any, *, landscape: bool) -> None:
    """Set a sheet to print one page wide; in landscape with its first row on each page."""
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if landscape:
        sheet.print_title_rows = "1:1"


def cell(sheet: Any, value: str | None, style: str, note: str | None = None) -> Any:
    """A cell of text, whatever it looks like: ``=1+1`` is written as these four characters. ``note``: its comment."""
    written = WriteOnlyCell(sheet, escaped(value) if value else None)
    if value:
        written.data_type = "s"
    written.style = style
    if note:
        written.comment = Comment(note, AUTHOR, width=NOTE_WIDTH, height=30 + 18 * (1 + len(note) // 42))
    return written


_ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""The characters that XML 1.0 can't contain."""
_UNDERSCORED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def escaped(value: str) -> str:
    """Text as a cell in XML can contain it: control characters as ``_x0007_`` (ECMA-376 part 1 §22.9.2.19)."""
    value = _UNDERSCORED.sub("_x005F_", value)
    return _ILLEGAL.sub(lambda match: f"_x{ord(match[0]):04X}_", value)


def height(text: str | None, width: float) -> float:
    """The height of a row, in points, for a text that is wrapped in a column of ``width`` characters."""
    return ROW_HEIGHT * max(1, -(-len(text or "") // int(width)))


def widths(sheet: Any, rows: Iterable[Iterable[str | None]], fixed: dict[int, float]) -> None:
    """Set the widths of columns, in characters, by those rows, within limits; ``fixed``: of single columns (from 0)."""
    longest: dict[int, int] = {}
    for row in rows:
        for place, value in enumerate(row):
            size = max(map(len, value.splitlines()), default=0) if value else 0
            longest[place] = max(longest.get(place, 0), size)
    for place, size in longest.items():
        width = fixed.get(place, min(max(size + 4, WIDTHS[0]), WIDTHS[1]))
        sheet.column_dimensions[get_column_letter(place + 1)].width = width
