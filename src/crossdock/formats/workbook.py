"""Workbooks: new and old ones of Excel, and sheets of OpenDocument. ``excel`` reads them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from crossdock.failures.refusals import Refused
from crossdock.formats import headers
from crossdock.formats.excel.containers import NAME, workbook_kind
from crossdock.formats.fix_stamp import Stamp
from crossdock.formats.footer import FooterOptions
from crossdock.formats.format import Clues, Format, Written
from crossdock.formats.xlsx.zip_xml import bounded

if TYPE_CHECKING:
    from crossdock.formats.excel.workbook import Reader


class WorkbookOptions(headers.HeadedOptions, FooterOptions):
    """The options of workbooks."""

    sheet: str | None = Field(
        None, description="the sheet's name, as a glob; else the one whose headings fit; two that fit are refused"
    )
    merged: Literal["fail", "fill"] = Field(
        "fail", description="rows in merged cells fail, or each gets the value that they show"
    )
    struck: Literal["fail", "leave_out", "read"] = Field(
        "fail", description="what is struck out fails, rows of it are left out, or are read like the others"
    )


class Workbook(Format[WorkbookOptions]):
    """Workbooks. A record's line is the number of its row."""

    name = NAME
    medium = "a workbook"
    template = ".xlsx"
    typed = True
    options = WorkbookOptions

    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether it is an ``.xlsx``, ``.xls`` or ``.ods`` file. Raises ``Refused`` if it is a damaged zip."""
        return workbook_kind(head, path) is not None

    def reader(self, path: Path, options: WorkbookOptions, clues: Clues) -> Reader:
        """A reader of one sheet. Raises ``Refused`` if none or several fit, or the file is damaged or too large."""
        from crossdock.formats.excel.workbook import Reader  # most files are none

        with bounded():
            return Reader(path, options, clues)

    def place(self, line: int, written: Written) -> str:
        """``Orders!12``: the sheet and the row."""
        return f"{written['sheet']}!{line}"

    def span(self, first: int, last: int, written: Written, joined: str) -> str:
        """``Orders!4–9``."""
        return f"{written['sheet']}!{first}{joined}{last}"


def stamped(path: Path) -> Stamp | None:
    """The stamp of a fix-workbook; None for every other file, also for one that can't be opened."""
    with path.open("rb") as file:
        head = file.read(4)
    try:
        kind = workbook_kind(head, path)
        if kind is None:
            return None
        from crossdock.formats.excel.sheet_choice import stamp_in  # most files are no workbook

        return stamp_in(path, kind)
    except Refused:
        return None
