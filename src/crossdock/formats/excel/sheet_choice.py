"""Which sheet of a workbook is meant, and where its header stands.

An .xlsx file is surveyed before it is read; every kind is read in a child that is limited (``child``).
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from crossdock.failures.refusals import Refused
from crossdock.formats import headers, text
from crossdock.formats.containers import COMPOUND, ZIP, workbook_kind
from crossdock.formats.excel import rewrite
from crossdock.formats.excel.cells import filled, plain
from crossdock.formats.excel.child import Cells, Failed, Workbook
from crossdock.formats.excel.compound import LOCKED
from crossdock.formats.excel.inspection import Book, within
from crossdock.formats.excel.sheet_scan import Survey
from crossdock.formats.excel.zip_xml import bounded
from crossdock.formats.fix_stamp import SHEET, Stamp, stamp_of
from crossdock.formats.format import Note

Used = TypeVar("Used")


@dataclass
class Sheet:
    """A sheet that may be meant: its cells, what is odd in it, and where its header stands (row, from 0)."""

    name: str
    cells: Cells
    survey: Survey
    header: int = 0
    score: headers.Score = (-1, 0, 0)

    @property
    def first(self) -> int:
        """The first row that holds anything."""
        return (self.cells.start or (0, 0))[0]

    @property
    def left(self) -> int:
        """The first column that holds anything."""
        return (self.cells.start or (0, 0))[1]


class Opened:
    """A workbook whose sheet was chosen. ``notes``: what is to be said of it."""

    def __init__(self, path: Path, wanted: str | None, header_row: int | None, known: Container[str]) -> None:
        self.kind = workbook_kind(text.head(path), path)
        self._book = Book(path) if self.kind == "xlsx" else None
        self._header_row = header_row
        self._known = known
        self.date1904 = self._book is not None and self._book.date1904
        self._wanted = wanted
        self._workbook, self.sheet = _read(path, self.kind or "", self._book, self._choose)
        self.example = _example(self._workbook) if self.ours else None

    def close(self) -> None:
        """Nothing more is read of it."""
        self._workbook.close()

    def _choose(self, workbook: Workbook, anew: bool) -> Sheet:
        """The sheet that is meant. Refused where none or several are. ``anew``: it was written anew (``_read``)."""
        wanted = self._wanted
        self.notes: list[Note] = [] if self._book else [Note("little_known_format", f".{self.kind}")]
        sheets = {each.name: each for each in workbook.sheets if each.cells}
        if not workbook.sheets:
            raise Failed("no sheet at all")
        if not sheets:
            raise Refused("unreadable", what="a workbook that has no sheet of cells")
        names = [name for name in sheets if wanted is None or fnmatchcase(name.casefold(), wanted.casefold())]
        if not names:
            raise Refused("no_sheet", sheet=repr(wanted or ""), sheets=", ".join(map(repr, sheets)))
        found = [each for each in (self._look(workbook, name, anew) for name in names) if each is not None]
        if not found:
            raise Refused("empty_file")
        best = max(found, key=lambda each: each.score)
        fitting = [each for each in found if each.score[0] * 2 >= best.score[0] > 0 and _has_rows(each)] or [best]
        if len(fitting) > 1:
            raise Refused("several_sheets", sheets=", ".join(repr(each.name) for each in fitting))
        chosen = fitting[0]
        if not sheets[chosen.name].visible:
            self.notes.append(Note("hidden_sheet", chosen.name))
        self.ours = SHEET in sheets
        if not self.ours:  # of a template everybody knows that its other sheets are for people
            self.notes += [Note("other_sheet", each.name) for each in found if each is not chosen]
        return chosen

    def _look(self, workbook: Workbook, name: str, anew: bool) -> Sheet | None:
        """A sheet with its header row; None where it is empty."""
        survey = _survey(self._book, name, anew)
        sheet = Sheet(name, workbook.cells(name), survey)
        if sheet.cells.start is None or sheet.cells.end is None:
            return None
        within(sheet.cells.end[0] + 1 - sheet.first, sheet.cells.end[1] + 1 - sheet.left)
        for number, row in enumerate(islice(sheet.cells.rows(sheet.first), headers.HEADER_SEARCH)):
            if self._header_row not in (None, sheet.first + number + 1) or not any(map(filled, row)):
                continue
            score = headers.score([plain(cell) for cell in row], number, self._known)
            if score > sheet.score:
                sheet.score, sheet.header = score, sheet.first + number
        return sheet


def stamped(path: Path) -> Stamp | None:
    """The stamp of a fix-workbook; None for every other file. What can't be opened is refused when it is read."""
    with path.open("rb") as file:
        head = file.read(max(len(ZIP), len(COMPOUND)))
    try:
        kind = workbook_kind(head, path)
        if kind is None:
            return None
        book = Book(path) if kind == "xlsx" else None
        if book is not None and SHEET not in book.sheets:
            return None

        def rows(workbook: Workbook, anew: bool) -> list[list[Any]]:
            _survey(book, SHEET, anew)
            return _first_rows(workbook, 20)

        with bounded():
            workbook, found = _read(path, kind, book, rows)
            workbook.close()
    except Refused:
        return None
    return stamp_of(found) if found else None


def _survey(book: Book | None, name: str, anew: bool) -> Survey:
    """What is odd in a sheet. Failed where its values would be mistaken, unless it was written anew."""
    found = book.survey(name) if book else Survey()
    if not (found.usual or anew):
        raise Failed("its values are spelled in an unusual way")
    return found


def _first_rows(workbook: Workbook, count: int) -> list[list[Any]]:
    """The first rows of the sheet that crossdock writes for itself; none where there is no such sheet."""
    if SHEET not in {each.name for each in workbook.sheets}:
        return []
    cells = workbook.cells(SHEET)
    return list(islice(cells.rows(cells.start[0]), count)) if cells.start else []


def _example(workbook: Workbook) -> str | None:
    """The fingerprint of a template's example row."""
    return next((str(row[-1]) for row in _first_rows(workbook, 1)), None)


def _has_rows(sheet: Sheet) -> bool:
    return any(any(map(filled, row)) for row in sheet.cells.rows(sheet.header + 1))


def _read(path: Path, kind: str, book: Book | None, use: Callable[[Workbook, bool], Used]) -> tuple[Workbook, Used]:
    """A workbook and what is made of it, in its usual form where it can't be read, or would be taken wrongly, as it is.

    ``book``: of an .xlsx file. ``use`` is told whether it was written anew. What is wrong is said as a refusal.
    """
    weight = book.unzipped if book else rewrite.weight(path, kind)
    if rewrite.is_usual(path, book, kind):
        try:
            workbook = Workbook(path, weight)
            return workbook, use(workbook, False)
        except Failed as error:
            if error.password:
                raise Refused("unreadable", what=LOCKED) from None
    with rewrite.written_anew(path, book, kind) as usual:
        try:
            workbook = Workbook(usual, weight)
            return workbook, use(workbook, True)
        except Failed:
            raise Refused("strange_workbook") from None
