"""What an .xlsx file holds that its reader doesn't tell, looked at before memory is spent on it.

Strategy: the XML of a sheet goes by once as bytes, which costs a quarter of reading it: how large is it, how far do its
cells reach, is anything odd in it? Only if so it goes by once more through a parser, cell by cell: errors, formulas
that were never calculated, hidden rows and columns, numbers whose format writes leading zeros. The reader gives the
first two as blank cells and does not know of the others.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np

from crossdock.failures import Refused
from crossdock.formats.look import MAX_COLUMNS, Look, Survey, column, zero_formats
from crossdock.formats.package import elements, opened, parse, pieces, relation, relations

MAX_UNZIPPED = 2 << 30
"""Bytes that the members of a workbook may have unzipped."""
MAX_CELLS = 20_000_000
"""Cells between the first and the last that hold anything, blank ones counted."""
MAX_TEXT = 1 << 30
"""Characters of all cells; a long text may be written once and meant by every cell."""
MAX_ROWS = 1 << 20

_ODD = re.compile(rb"""<(?:\w+:)?f[\s/>]|\shidden\s*=|<!DOCTYPE""")
_MARKS = (b"<f", b":f", b"hidden", b"<!D")
"""Bytes without which nothing is odd: looking for them costs a tenth of the pattern."""
_ROW = rb"[1-9][0-9]{0,5}|10[0-4][0-9]{4}"  # to 1,049,999; what is larger is looked at carefully
_KIND = rb'(?: t="(?:s|n|b|d|str|inlineStr)")?'
_CELL = re.compile(rb'<c r="([A-Z]{1,3})(?:' + _ROW + rb')"(?: s="[0-9]+")?' + _KIND + rb'(?: s="[0-9]+")? ?/?>')
"""A cell as nearly every program writes it, and no error; calamine takes other spellings, too."""
_ADDRESS = re.compile(rb'<c r="([A-Z]{1,3})(' + _ROW + rb')"')
_OTHER_CELLS = (b"<c>", b"<c/", b"<c\t", b"<c\n", b"<c\r", b":c ", b":c>")
_MAIN = "xl/workbook.xml"
_SHARED = "xl/sharedStrings.xml"
_STRING_END = re.compile(rb"</(?:\w+:)?si>")
_REFERENCE = re.compile(rb"""t\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v>\s*([0-9]{1,9})\s*<""")
_SHORTEST_CELL = len('<c t="s"><v>0</v></c>')


class Book:
    """An .xlsx file as a zip of XML. Refused where it is damaged, or larger unzipped than may be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with opened(path) as archive:
            unzipped = sum(each.file_size for each in archive.infolist())
            if unzipped > MAX_UNZIPPED:
                raise too_large(unzipped, "bytes unzipped", MAX_UNZIPPED)
            names = elements(archive, _MAIN)
            self.date1904 = any(
                name == "workbookPr" and given.get("date1904") in ("1", "true") for name, given in names
            )
            members = dict(relations(archive))
            self._members = {
                given.get("name", ""): members.get(relation(given), "") for name, given in names if name == "sheet"
            }
            if len(self._members) < sum(name == "sheet" for name, _ in names):
                raise Refused("damaged_workbook", reason="two of its sheets have one name")
            self._zeros = zero_formats(archive)

    @property
    def sheets(self) -> list[str]:
        """The names of its sheets."""
        return list(self._members)

    def survey(self, sheet: str) -> Survey:
        """What is odd in a sheet. Refused where its cells reach farther than may be read."""
        with opened(self._path) as archive:
            member = self._members.get(sheet, "")
            if member not in archive.namelist():
                raise Refused("damaged_workbook", reason=f"the sheet {sheet!r} is missing in it")
            self._weigh_texts(archive, member)
            if self._quick(archive, member):
                return Survey()
            found = Look(self._zeros)
            with archive.open(member) as file:
                parse(file, found.start, found.end, found.text)
        _within(found.survey.rows, found.survey.columns)
        return found.survey

    def _weigh_texts(self, archive: zipfile.ZipFile, member: str) -> None:
        """Refused where the texts that the cells of a sheet share come to more than may be read."""
        if _SHARED not in archive.namelist():
            return
        ends, behind = [0], 0
        for piece in pieces(archive, _SHARED):
            ends += [behind + found.end() for found in _STRING_END.finditer(piece)]
            behind += len(piece)
        sizes = np.diff(np.array(ends, dtype=np.int64))
        if not len(sizes) or int(sizes.max()) * (archive.getinfo(member).file_size // _SHORTEST_CELL) <= MAX_TEXT:
            return
        total = 0
        for piece in pieces(archive, member):
            meant = np.array(_REFERENCE.findall(piece), dtype=np.int64)
            total += int(sizes[meant[meant < len(sizes)]].sum())
        if total > MAX_TEXT:
            raise too_large(total, "characters", MAX_TEXT)

    def _quick(self, archive: zipfile.ZipFile, member: str) -> bool:
        """Whether a sheet is small enough and plain."""
        styles = b"|".join(str(style).encode() for style in self._zeros)
        padded = re.compile(rb'\ss="(?:' + styles + rb')"') if styles else None
        letters: set[bytes] = set()
        width, last = 0, 0
        for number, piece in enumerate(pieces(archive, member)):
            if any(mark in piece for mark in _MARKS) and _ODD.search(piece):
                return False
            if any(mark in piece for mark in _OTHER_CELLS) or (padded and padded.search(piece)):
                return False
            found = _CELL.findall(piece)
            if len(found) != piece.count(b"<c "):
                return False
            letters.update(found)
            grown = max((column(each.decode()) + 1 for each in letters), default=0)
            if grown * MAX_ROWS > MAX_CELLS:  # else the rows need not be counted: there can't be too many
                if number and width * MAX_ROWS <= MAX_CELLS:
                    return False
                last = max(last, max((int(row) for _, row in _ADDRESS.findall(piece)), default=0))
            width = grown
        return width > 0 and last * width <= MAX_CELLS


def too_large(found: int, what: str, limit: int) -> Refused:
    """The refusal of a workbook that is larger than may be read."""
    return Refused("workbook_too_large", found=f"{found:,}", what=what, limit=f"{limit:,}")


def _within(rows: int, columns: int) -> None:
    if rows * columns > MAX_CELLS or rows > MAX_ROWS or columns > MAX_COLUMNS:
        raise too_large(rows * columns, "cells between its first and its last", MAX_CELLS)
