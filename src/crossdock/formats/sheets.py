"""Which sheet of a workbook is meant, and opening it without danger.

An .xlsx file is surveyed before it is read. Of the other kinds nothing is known beforehand, so they are read once in a
process whose memory is limited: two cells far apart could take all there is.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from crossdock.failures import Refused
from crossdock.formats import headers, text
from crossdock.formats.cells import filled, plain
from crossdock.formats.containers import COMPOUND, ZIP, workbook_kind
from crossdock.formats.format import Note
from crossdock.formats.look import Survey
from crossdock.formats.survey import Book
from crossdock.stamp import SHEET, Stamp, stamp_of

PROBE_BYTES = 4 << 30
"""Memory that reading a workbook may take whose cells can't be surveyed."""
PROBE_SECONDS = 300


@dataclass
class Sheet:
    """A sheet that may be meant: its cells, what is odd in it, and where its header stands (row, from 0)."""

    name: str
    cells: CalamineSheet
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
        self.notes: list[Note] = []
        if self._book is None:
            _probe(path)
            self.notes.append(Note("little_known_format", f".{self.kind}"))
        with _opened(path) as workbook:
            self.sheet = self._choose(workbook, wanted)
            self.example = _example(workbook) if self.ours else None

    def _choose(self, workbook: CalamineWorkbook, wanted: str | None) -> Sheet:
        """The sheet that is meant. Refused where none or several are."""
        sheets = {each.name: each for each in workbook.sheets_metadata if each.typ is SheetTypeEnum.WorkSheet}
        names = [name for name in sheets if wanted is None or fnmatchcase(name.casefold(), wanted.casefold())]
        if not names:
            raise Refused("no_sheet", sheet=repr(wanted or ""), sheets=", ".join(map(repr, sheets)) or "none")
        found = [each for each in (self._look(workbook, name) for name in names) if each is not None]
        if not found:
            raise Refused("empty_file")
        best = max(found, key=lambda each: each.score)
        fitting = [each for each in found if each.score[0] * 2 >= best.score[0] > 0 and _has_rows(each)] or [best]
        if len(fitting) > 1:
            raise Refused("several_sheets", sheets=", ".join(repr(each.name) for each in fitting))
        chosen = fitting[0]
        if sheets[chosen.name].visible is not SheetVisibleEnum.Visible:
            self.notes.append(Note("hidden_sheet", chosen.name))
        self.ours = SHEET in sheets
        if not self.ours:  # of a template everybody knows that its other sheets are for people
            self.notes += [Note("other_sheet", each.name) for each in found if each is not chosen]
        return chosen

    def _look(self, workbook: CalamineWorkbook, name: str) -> Sheet | None:
        """A sheet with its header row; None where it is empty."""
        survey = self._book.survey(name) if self._book else Survey()
        sheet = Sheet(name, _cells(workbook, name), survey)
        if sheet.cells.start is None:
            return None
        for number, row in enumerate(islice(sheet.cells.iter_rows(), sheet.first, sheet.first + headers.HEADER_SEARCH)):
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
        if kind == "xlsx":
            book = Book(path)
            if SHEET not in book.sheets:
                return None
            book.survey(SHEET)
        else:
            _probe(path)
        with _opened(path) as workbook:
            if SHEET not in workbook.sheet_names:
                return None
            return stamp_of(_cells(workbook, SHEET).to_python(nrows=20))
    except Refused:
        return None


def _example(workbook: CalamineWorkbook) -> str | None:
    """The fingerprint of a template's example row."""
    for row in _cells(workbook, SHEET).to_python(nrows=1):
        return str(row[-1]) if row else None
    return None


def _has_rows(sheet: Sheet) -> bool:
    return any(any(map(filled, row)) for row in islice(sheet.cells.iter_rows(), sheet.header + 1, None))


@contextmanager
def _opened(path: Path) -> Iterator[CalamineWorkbook]:
    """A workbook; what is wrong with it said as a refusal."""
    try:
        workbook = CalamineWorkbook.from_path(path)
    except CalamineError as error:
        if "password" in str(error).lower():
            raise Refused("unreadable", what="password-protected: save it without a password") from None
        raise Refused("damaged_workbook", reason=str(error)) from None
    with workbook:
        yield workbook


def _cells(workbook: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        return workbook.get_sheet_by_name(name)
    except CalamineError as error:
        raise Refused("damaged_workbook", reason=str(error)) from None


_PROBE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
from python_calamine import CalamineWorkbook
book = CalamineWorkbook.from_path(sys.argv[1])
for name in book.sheet_names:
    book.get_sheet_by_name(name)
"""


def _probe(path: Path) -> None:
    """Read a workbook in a process with a limit: two cells far apart could take all the memory there is."""
    command = [sys.executable, "-c", _PROBE, str(path), str(PROBE_BYTES)]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=PROBE_SECONDS)  # noqa: S603  # our own
    except subprocess.TimeoutExpired:
        raise Refused("workbook_too_large", found="more", what="seconds to read", limit=str(PROBE_SECONDS)) from None
    if done.returncode < 0 or b"MemoryError" in done.stderr:
        raise Refused("workbook_too_large", found="more", what="bytes of memory", limit=f"{PROBE_BYTES:,}")
