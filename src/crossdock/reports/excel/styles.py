"""How our workbooks look: the styles of their cells, the size of rows and columns, how sheets are printed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

MAX_CELL = 32_767
"""How many characters a cell may have."""
MAX_COLUMNS = 16_384
ROW_HEIGHT = 15.5
"""Points of a row of one line."""
HEADING_HEIGHT = 22.0
WIDTHS = (9, 42)
"""The narrowest and the widest column."""
TEXT = "@"
"""The number format of text: what a person types into such a cell isn't converted."""

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


def printed(sheet: Any, *, landscape: bool) -> None:
    """Set a sheet to print one page wide; in landscape with its first row on each page."""
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if landscape:
        sheet.print_title_rows = "1:1"


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
