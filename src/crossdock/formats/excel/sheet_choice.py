"""Which sheet of a workbook is meant, and which row is its header.

Every kind is read in a limited child (``child``); an .xlsx file is surveyed meanwhile, before anything of it is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from crossdock.failures.refusals import Refused
from crossdock.formats import headers, text
from crossdock.formats.excel import open_documents, rewrite
from crossdock.formats.excel.cells import filled, plain
from crossdock.formats.excel.child import Cells, Failed, Workbook
from crossdock.formats.excel.containers import workbook_kind
from crossdock.formats.excel.old_records import OldBook
from crossdock.formats.fix_stamp import SHEET, Stamp, stamp_of
from crossdock.formats.format import Note
from crossdock.formats.xlsx.inspection import Book, within
from crossdock.formats.xlsx.sheet_scan import Survey
from crossdock.formats.xlsx.zip_xml import LOCKED, bounded

Used = TypeVar("Used")


@dataclass
class Sheet:
    """A sheet that may be meant: its cells, what is unusual in it, and its header.

    ``heading``: the header's cells; ``header``: its rows, from 0; none if the feed names the columns; then the first
    is that of column A. ``above``: how many rows the feed leaves out then. ``below``: the first row after the header.
    """

    name: str
    cells: Cells
    survey: Survey
    named: tuple[str, ...] = ()
    above: int = 0
    heading: list[Any] = field(default_factory=list)
    header: tuple[int, ...] = ()
    score: headers.Score = (-1, 0, 0)

    @property
    def first(self) -> int:
        """The first row with a value, from 0."""
        return (self.cells.start or (0, 0))[0]

    @property
    def left(self) -> int:
        """The column that is the first of a row, from 0: the first with a value, or the first that the feed names."""
        return 0 if self.named else (self.cells.start or (0, 0))[1]

    @property
    def below(self) -> int:
        """The row after the header, from 0."""
        return self.header[-1] + 1 if self.header else max(self.first, self.above)

    def rows(self, first: int) -> Iterator[list[Any]]:
        """The rows from number ``first`` on; all columns that the feed names are in them."""
        lacking = (self.cells.start or (0, 0))[1] - self.left
        for row in self.cells.rows(first):
            whole = [*[""] * lacking, *row] if lacking else row
            yield whole + [""] * (len(self.named) - len(whole)) if len(whole) < len(self.named) else whole


class Opened:
    """A workbook and its chosen sheet. ``notes``: warnings about it; ``ours``: crossdock has written it.

    ``wanted``: the names that the sheet may have, as globs; any if there are none. ``header``: what the feed says of
    the header; ``known_names``: folded headings. ``signs``: as for ``number_masks.is_told``.
    """

    def __init__(
        self,
        path: Path,
        wanted: tuple[str, ...],
        header: headers.HeadedOptions,
        known_names: Container[str],
        signs: Collection[str] | None = None,
    ) -> None:
        self.kind = workbook_kind(text.head(path), path)
        self._book = Book(path, signs) if self.kind == "xlsx" else None
        self._old = OldBook(path, signs) if self.kind == "xls" else None
        self._open = open_documents.surveys(path, signs) if self.kind == "ods" else {}
        self._header = header
        self._known_names = known_names
        self.date1904 = any(each is not None and each.date1904 for each in (self._book, self._old))
        self._wanted = wanted
        self._workbook, self.sheet = _read(path, self.kind or "", self._book, self._choose)
        self.example = _example(self._workbook) if self.ours else None

    def close(self) -> None:
        """Close the workbook."""
        self._workbook.close()

    def _choose(self, workbook: Workbook, rewritten: bool) -> Sheet:
        """The sheet that is meant. Raises ``Refused`` if none is, or several. ``rewritten``: as in ``_read``."""
        wanted = self._wanted
        sheets = {each.name: each for each in workbook.sheets if each.cells}
        if not workbook.sheets:
            raise Failed("no sheet at all")
        if not sheets:
            raise Refused("unreadable", what="a workbook that has no sheet of cells")
        globs = [each.casefold() for each in wanted]
        names = [name for name in sheets if not globs or any(fnmatchcase(name.casefold(), each) for each in globs)]
        if not names:
            raise Refused("no_sheet", sheet=repr(wanted[0]), sheets=", ".join(map(repr, sheets)))
        candidates = [each for each in (self._look(workbook, name, rewritten) for name in names) if each is not None]
        if not candidates:
            raise Refused("empty_file")
        best = max(candidates, key=lambda each: each.score)
        fitting = [each for each in candidates if each.score[0] * 2 >= best.score[0] > 0 and _has_rows(each)] or [best]
        if len(fitting) > 1:
            raise Refused("several_sheets", sheets=", ".join(repr(each.name) for each in fitting))
        chosen = fitting[0]
        lost = self._lost(chosen)
        self.notes: list[Note] = [Note("little_known_format", f".{self.kind}", detail={"lost": lost})] if lost else []
        if not sheets[chosen.name].visible:
            self.notes.append(Note("hidden_sheet", chosen.name))
        self.ours = SHEET in sheets
        if not self.ours:  # the other sheets of a template are for people only
            self.notes += [Note("other_sheet", each.name) for each in candidates if each is not chosen]
        return chosen

    def _lost(self, sheet: Sheet) -> str:
        """What can't be told of a sheet, in words that continue "in such a workbook"; only of an .xls file."""
        if self._old is None:
            return ""
        if not self._old.followed:
            return "errors, hidden rows and formulas that were never calculated can't be told from blank cells"
        lost = ["formulas that were never calculated can't be told from the value 0"] if sheet.survey.formulas else []
        lost += ["a part of a text that is struck out can't be told from the rest"] if self._old.strikes else []
        return ", and ".join(lost)

    def _look(self, workbook: Workbook, name: str, rewritten: bool) -> Sheet | None:
        """A sheet with its header row; None if it is empty. The child reads it while it is surveyed."""
        workbook.begin(name)
        if self._old is not None:
            survey = self._old.survey([each.name for each in workbook.sheets].index(name))
        else:
            survey = self._open.get(name) or _survey(self._book, name, rewritten)
        sheet = Sheet(name, workbook.cells(name), survey)
        if sheet.cells.start is None or sheet.cells.end is None:
            return None
        within(sheet.cells.end[0] + 1 - sheet.first, sheet.cells.end[1] + 1 - sheet.left)
        if self._header.headings:
            sheet.named, sheet.above = self._header.headings, self._header.skip_start
            sheet.heading, sheet.score = list(sheet.named), (1, 0, 0)
        elif self._header.header:
            _take_header(sheet, self._header.header, self._known_names)
        else:
            _find_header(sheet, self._known_names)
        return sheet


def _take_header(sheet: Sheet, numbers: tuple[int, ...], known_names: Container[str]) -> None:
    """The header is in the rows that the feed names, from 1."""
    last = islice(sheet.cells.rows(sheet.first), max(numbers[-1] - sheet.first, 0))
    rows = {number: row for number, row in enumerate(last, sheet.first + 1) if number in numbers}
    if numbers[-1] not in rows and numbers[0] not in rows:
        return
    texts = [[plain(cell) for cell in rows.get(number, [])] for number in numbers]
    heading = headers.joined(_filled(texts, numbers, sheet)) if len(numbers) > 1 else rows[numbers[0]]
    if any(map(filled, heading)):
        sheet.heading, sheet.header = heading, tuple(number - 1 for number in numbers)
        sheet.score = headers.score(list(map(plain, heading)), sheet.header[-1], known_names)


def _filled(texts: list[list[str]], numbers: tuple[int, ...], sheet: Sheet) -> list[list[str]]:
    """Rows of headings with the values of merged cells in all of these; of a sheet without, as in other files."""
    merged = False
    for (top, first), (_, right) in sheet.cells.merged:
        if top + 1 in numbers[:-1] and right > first:
            row, left = texts[numbers.index(top + 1)], max(first - sheet.left, 0)
            row[left : right + 1 - sheet.left] = row[left : left + 1] * (right + 1 - first)
            merged = True
    return texts if merged else headers.continued(texts)


def _find_header(sheet: Sheet, known_names: Container[str]) -> None:
    """The header is the one of the first rows that fits best."""
    for number, row in enumerate(islice(sheet.cells.rows(sheet.first), headers.HEADER_SEARCH)):
        if any(map(filled, row)):
            score = headers.score([plain(cell) for cell in row], number, known_names)
            if score > sheet.score:
                sheet.score, sheet.heading, sheet.header = score, row, (sheet.first + number,)


def stamp_in(path: Path, kind: str) -> Stamp | None:
    """The stamp of a workbook of a kind, None if it has none. Raises ``Refused`` if it can't be opened."""
    book = Book(path) if kind == "xlsx" else None
    if book is not None and SHEET not in book.sheets:
        return None

    def rows(workbook: Workbook, rewritten: bool) -> list[list[Any]]:
        _survey(book, SHEET, rewritten)
        return _first_rows(workbook, 20)

    with bounded():
        workbook, first_rows = _read(path, kind, book, rows)
        workbook.close()
    return stamp_of(first_rows) if first_rows else None


def _survey(book: Book | None, name: str, rewritten: bool) -> Survey:
    """What is unusual in a sheet. Raises ``Failed`` if its values would be misread, unless it is rewritten."""
    survey = book.survey(name) if book else Survey()
    if not (survey.usual or rewritten):
        raise Failed("its values are spelled in an unusual way")
    return survey


def _first_rows(workbook: Workbook, count: int) -> list[list[Any]]:
    """The first rows of the sheet that crossdock writes for itself; none if there is no such sheet."""
    if SHEET not in {each.name for each in workbook.sheets}:
        return []
    cells = workbook.cells(SHEET)
    return list(islice(cells.rows(cells.start[0]), count)) if cells.start else []


def _example(workbook: Workbook) -> str | None:
    """The fingerprint of a template's example row."""
    return next((str(row[-1]) for row in _first_rows(workbook, 1)), None)


def _has_rows(sheet: Sheet) -> bool:
    return any(any(map(filled, row)) for row in sheet.cells.rows(sheet.below))


def _read(path: Path, kind: str, book: Book | None, use: Callable[[Workbook, bool], Used]) -> tuple[Workbook, Used]:
    """A workbook and the result of ``use``; it is rewritten in its usual form if it can't be read correctly as it is.

    ``book``: of an .xlsx file. ``use`` gets the workbook, and whether it is rewritten. Raises ``Refused``.
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
