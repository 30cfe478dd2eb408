"""What an .xlsx file holds that its reader doesn't tell, looked at before memory is spent on it.

Strategy: the XML of a sheet goes by once as bytes, which costs a quarter of reading it: how large is it, how far do its
cells reach, is anything odd in it? Only if so it goes by once more through a parser, cell by cell: errors, formulas
that were never calculated, hidden rows and columns, numbers whose format writes leading zeros. The reader gives the
first two as blank cells and does not know of the others.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from crossdock.failures.refusals import Refused
from crossdock.formats.excel.sheet_scan import MAX_COLUMNS, SheetScan, Survey, column, zero_formats
from crossdock.formats.excel.zip_xml import (
    MAIN,
    Package,
    Relation,
    elements,
    main_member,
    opened,
    parse,
    pieces,
    relation,
    relations,
)

MAX_UNZIPPED = 2 << 30
"""Bytes that the members of a workbook may have unzipped."""
MAX_CELLS = 20_000_000
"""Cells between the first and the last that hold anything, blank ones counted."""
MAX_TEXT = 1 << 30
"""Characters of all cells; a long text may be written once and meant by every cell."""
MAX_ROWS = 1 << 20

_MISTAKEN = re.compile(
    rb"""<v>\s|:v>\s|[^>]\s</(?:\w+:)?v>|<!\[CDATA|<!--|<(?:\w+:)?v>[^<]*&#|</(?:\w+:)?is>\s*<(?:\w+:)?v"""
)
"""Spellings of values of which the reader makes other values, or blank cells."""
_ODD = re.compile(rb"""<(?:\w+:)?f[\s/>]|\shidden\s*=|<!DOCTYPE""")
_MARKS = (b"<f", b":f", b"hidden", b"<!", b"&#", b"s><v", *(b"v>" + blank for blank in (b" ", b"\t", b"\r", b"\n")),
          *(blank + b"</v>" for blank in (b" ", b"\t", b"\r", b"\n")))  # fmt: skip
"""Bytes without which nothing is odd: looking for them costs a tenth of the pattern."""
_ROW = rb"[1-9][0-9]{0,5}|10[0-4][0-9]{4}"  # to 1,049,999; what is larger is looked at carefully
_KIND = rb'(?: t="(?:s|n|b|d|str|inlineStr)")?'
_CELL = re.compile(rb'<c r="([A-Z]{1,3})(?:' + _ROW + rb')"(?: s="[0-9]+")?' + _KIND + rb'(?: s="[0-9]+")? ?/?>')
"""A cell as nearly every program writes it, and no error; calamine takes other spellings, too."""
_ADDRESS = re.compile(rb'<c r="([A-Z]{1,3})(' + _ROW + rb')"')
_OTHER_CELLS = (b"<c>", b"<c/", b"<c\t", b"<c\n", b"<c\r", b":c ", b":c>")
_STYLES, _SHARED = "xl/styles.xml", "xl/sharedStrings.xml"
_KINDS = {"worksheet", "chartsheet", "dialogsheet"}
"""Kinds of sheets of which the reader knows that they are such."""
_OTHER_ENCODING = re.compile(
    rb"""^\xfe\xff|^\xff\xfe|\x00|^[^>]*encoding\s*=\s*["'](?!utf-8|us-ascii)""", re.IGNORECASE
)
"""The beginning of XML that is not in UTF-8."""
_STRING_END = re.compile(rb"</(?:\w+:)?si>")
_REFERENCE = re.compile(rb"""t\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v>\s*([0-9]{1,9})\s*<""")
_SHORTEST_CELL = len('<c t="s"><v>0</v></c>')


class Book:
    """An .xlsx file as a zip of XML. Refused where it is damaged, or larger unzipped than may be read.

    ``sheets``: the member of each sheet of cells, by the sheet's name. ``plain``: everything in it has the name and the
    spelling that every program gives it, so that no reader can take it for something else.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with opened(path) as archive:
            self.unzipped = archive.unzipped
            if self.unzipped > MAX_UNZIPPED:
                raise too_large(self.unzipped, "bytes unzipped", MAX_UNZIPPED)
            self.main = main_member(archive)
            names = elements(archive, self.main)
            self.date1904 = any(
                name == "workbookPr" and given.get("date1904") in ("1", "true") for name, given in names
            )
            related = relations(archive, self.main)
            by_name = {each.name: each for each in related}
            entries = [given for name, given in names if name == "sheet"]
            if len({given.get("name", "") for given in entries}) < len(entries):
                raise Refused("damaged_workbook", reason="two of its sheets have one name")
            sheets = {given.get("name", ""): by_name.get(relation(given)) for given in entries}
            self.sheets = {name: each.member if each else "" for name, each in sheets.items()
                           if each is None or each.kind == "worksheet"}  # fmt: skip
            self.hidden = {given.get("name", "") for given in entries if given.get("state", "visible") != "visible"}
            self.styles = _member(related, "styles", _STYLES)
            self.shared = _member(related, "sharedStrings", _SHARED)
            self.plain = self._is_plain(archive, {each.kind for each in sheets.values() if each})
            self._zeros = zero_formats(archive, self.styles)

    def _is_plain(self, archive: Package, kinds: set[str]) -> bool:
        """Whether names are the usual ones, and the XML is UTF-8."""
        usual = (self.main, self.styles, self.shared) == (MAIN, _STYLES, _SHARED) and kinds <= _KINDS
        if not usual or not all(member.startswith("xl/worksheets/") for member in self.sheets.values()):
            return False
        written = [each.filename for each in archive.infolist()]
        members = [self.main, self.styles, self.shared, *self.sheets.values()]
        return not any(
            member in archive and (member not in written or _OTHER_ENCODING.search(archive.open(member).read(200)))
            for member in members
        )

    def survey(self, sheet: str) -> Survey:
        """What is odd in a sheet. Refused where its cells reach farther than may be read."""
        with opened(self.path) as archive:
            member = self.sheets.get(sheet, "")
            if member not in archive:
                raise Refused("damaged_workbook", reason=f"the sheet {sheet!r} is missing in it")
            self._weigh_texts(archive, member)
            if self._quick(archive, member):
                return Survey()
            found = SheetScan(self._zeros)
            found.survey.usual = not any(map(_MISTAKEN.search, pieces(archive, member)))
            with archive.open(member) as file:
                parse(file, found.start, found.end, found.text)
        within(found.survey.rows, found.survey.columns)
        return found.survey

    def _weigh_texts(self, archive: Package, member: str) -> None:
        """Refused where the texts that the cells of a sheet share come to more than may be read."""
        if self.shared not in archive:
            return
        ends, behind = [0], 0
        for piece in pieces(archive, self.shared):
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

    def _quick(self, archive: Package, member: str) -> bool:
        """Whether a sheet is small enough and plain."""
        styles = b"|".join(str(style).encode() for style in self._zeros)
        padded = re.compile(rb'\ss="(?:' + styles + rb')"') if styles else None
        letters: set[bytes] = set()
        width, last = 0, 0
        for number, piece in enumerate(pieces(archive, member)):
            if any(mark in piece for mark in _MARKS) and (_ODD.search(piece) or _MISTAKEN.search(piece)):
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


def _member(related: list[Relation], kind: str, usual: str) -> str:
    """The member of a kind that the workbook names, or the one that has the kind's usual name."""
    return next((each.member for each in related if each.kind == kind), usual)


def too_large(found: int, what: str, limit: int) -> Refused:
    """The refusal of a workbook that is larger than may be read."""
    return Refused("workbook_too_large", found=f"{found:,}", what=what, limit=f"{limit:,}")


def within(rows: int, columns: int) -> None:
    """Refuse a sheet that is larger than may be read."""
    for found, most, what in ((rows, MAX_ROWS, "rows"), (columns, MAX_COLUMNS, "columns")):
        if found > most:
            raise too_large(found, what, most)
    if rows * columns > MAX_CELLS:
        raise too_large(rows * columns, "cells between its first and its last", MAX_CELLS)
