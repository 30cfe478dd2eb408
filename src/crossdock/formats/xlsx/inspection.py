"""What an .xlsx file contains that its reader doesn't report, inspected before memory is spent on it.

Strategy: the XML of a sheet is scanned once (``usual_scan``) while a limited child parses it, which costs half of that:
its size, its last row and column, and what its reader returns as blank cells (errors, formulas that were never
calculated) or doesn't report (hidden rows and columns, what is struck out, comments, numbers whose format writes
leading zeros).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np

from crossdock.failures.refusals import Refused
from crossdock.formats.xlsx.comments import comments_of
from crossdock.formats.xlsx.number_masks import zero_formats
from crossdock.formats.xlsx.sheet_scan import MAX_COLUMNS, SheetScan, Survey
from crossdock.formats.xlsx.struck import struck_of
from crossdock.formats.xlsx.usual_scan import UsualScan, mistaken
from crossdock.formats.xlsx.zip_xml import (
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
"""The most bytes of a workbook's members, unzipped."""
MAX_CELLS = 20_000_000
"""The most cells between the first and the last with a value, blank ones included."""
MAX_TEXT = 1 << 30
"""The most characters of all cells; a long text may be stored once and used by every cell."""
MAX_ROWS = 1 << 20

_STYLES, _SHARED = "xl/styles.xml", "xl/sharedStrings.xml"
_KINDS = {"worksheet", "chartsheet", "dialogsheet"}
"""Kinds of sheets that the reader recognises."""
_OTHER_ENCODING = re.compile(
    rb"""^\xfe\xff|^\xff\xfe|\x00|^[^>]*encoding\s*=\s*["'](?!utf-8|us-ascii)""", re.IGNORECASE
)
"""The beginning of XML that is not in UTF-8."""
_STRING_END = re.compile(rb"</(?:\w+:)?si>")
_REFERENCE = re.compile(rb"""t\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v>\s*([0-9]{1,9})\s*<""")
_SHORTEST_CELL = len('<c t="s"><v>0</v></c>')


class Book:
    """An .xlsx file as a zip of XML. Raises ``Refused`` if it is damaged, or has more than ``MAX_UNZIPPED`` bytes.

    ``sheets``: the member of each sheet of cells, by the sheet's name. ``plain``: everything in it has the usual name
    and spelling, so that every reader reads the same. ``signs``: as for ``number_masks.is_told``.
    """

    def __init__(self, path: Path, signs: Collection[str] | None = None) -> None:
        self.path = path
        with opened(path) as archive:
            self.unzipped = archive.unzipped
            if self.unzipped > MAX_UNZIPPED:
                raise too_large(self.unzipped, "bytes unzipped", MAX_UNZIPPED)
            self.main = main_member(archive)
            names = elements(archive, self.main)
            self.date1904 = any(
                name == "workbookPr" and attributes.get("date1904") in ("1", "true") for name, attributes in names
            )
            related = relations(archive, self.main)
            by_name = {each.name: each for each in related}
            entries = [attributes for name, attributes in names if name == "sheet"]
            if len({attributes.get("name", "") for attributes in entries}) < len(entries):
                raise Refused("damaged_workbook", reason="two of its sheets have one name")
            sheets = {attributes.get("name", ""): by_name.get(relation(attributes)) for attributes in entries}
            self.sheets = {name: each.member if each else "" for name, each in sheets.items()
                           if each is None or each.kind == "worksheet"}  # fmt: skip
            self.hidden = {each.get("name", "") for each in entries if each.get("state", "visible") != "visible"}
            self.styles = _member(related, "styles", _STYLES)
            self.shared = _member(related, "sharedStrings", _SHARED)
            self.plain = self._is_plain(archive, {each.kind for each in sheets.values() if each})
            self._zeros = zero_formats(archive, self.styles, signs)

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
        """What is unusual in a sheet. Raises ``Refused`` if it is missing, or has too many cells or too much text."""
        with opened(self.path) as archive:
            member = self.sheets.get(sheet, "")
            if member not in archive:
                raise Refused("damaged_workbook", reason=f"the sheet {sheet!r} is missing in it")
            self._weigh_texts(archive, member)
            comments = comments_of(archive, member)
            struck = struck_of(archive, self.styles, self.shared)
            usual = UsualScan(self._zeros, struck)
            if all(map(usual.take, pieces(archive, member, b"<c "))) and 0 < usual.survey.area <= MAX_CELLS:
                return replace(usual.survey, comments=comments)
            scan = SheetScan(self._zeros, struck)
            scan.survey.usual = not any(map(mistaken, pieces(archive, member)))
            with archive.open(member) as file:
                parse(file, scan.start, scan.end, scan.text)
            if scan.survey.twice:
                raise Refused("damaged_workbook", reason=f"the cell {scan.survey.twice} of {sheet!r} is there twice")
        within(scan.survey.rows, scan.survey.columns)
        return replace(scan.survey, comments=comments)

    def _weigh_texts(self, archive: Package, member: str) -> None:
        """Raise ``Refused`` if the shared texts of a sheet's cells have more than ``MAX_TEXT`` bytes in all."""
        if self.shared not in archive:
            return
        ends, behind = [0], 0
        for piece in pieces(archive, self.shared):
            ends += [behind + match.end() for match in _STRING_END.finditer(piece)]
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


def _member(related: list[Relation], kind: str, usual: str) -> str:
    """The member of a kind that the workbook names, or else the one with the kind's usual name."""
    return next((each.member for each in related if each.kind == kind), usual)


def too_large(size: int, what: str, limit: int) -> Refused:
    """The refusal of a workbook that is larger than may be read."""
    return Refused("workbook_too_large", found=f"{size:,}", what=what, limit=f"{limit:,}")


def within(rows: int, columns: int) -> None:
    """Raise ``Refused`` if a sheet is larger than may be read."""
    for size, most, what in ((rows, MAX_ROWS, "rows"), (columns, MAX_COLUMNS, "columns")):
        if size > most:
            raise too_large(size, what, most)
    if rows * columns > MAX_CELLS:
        raise too_large(rows * columns, "cells between its first and its last", MAX_CELLS)
