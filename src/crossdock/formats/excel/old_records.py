"""The records of old workbooks (.xls; MS-XLS, BIFF5 and BIFF8): a code page that their reader doesn't know, and what it
doesn't report: errors, hidden rows and columns, the formats of numbers, cells that are struck out.

Strategy: the records before the sheets name the formats of numbers and the fonts, and the cell styles that have one.
The records of a sheet go by once; those of its cells are looked at only where a style writes zeros or text
(``mask_of``), or strikes out. A text of which a part is struck out isn't told from others, only that there may be some.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from crossdock.failures.refusals import Refused
from crossdock.formats.excel.containers import OLD, Compound, NotWhole, older
from crossdock.formats.xlsx.number_masks import PERCENT, PERCENTAGES, is_told, mask_of
from crossdock.formats.xlsx.sheet_scan import Place, Survey
from crossdock.formats.xlsx.zip_xml import LOCKED

_RECORDS = 10_000
"""Among how many records of a workbook its code page is searched."""
WORKBOOKS = ("workbook", "book")
BEGINS, CODE_PAGE, PASSWORD, ENDS = 0x0809, 0x0042, 0x002F, 0x000A
UNICODE = 0x0600
"""From this version on texts don't depend on the code page."""
PAGES = {0x8000: 10000, 0x8001: 1252, 367: 1252, 20127: 1252, 28591: 1252, 437: 0, 850: 0, 852: 0}
"""Code pages that the library doesn't know → one that it knows, with the same characters; 0 if there is none."""
_FORMAT, _FONT, _STYLE, _SHEET = 0x041E, 0x0031, 0x00E0, 0x0085
_STRIKES = 0x08
"""The flag of a font that strikes out."""
_NO_FONT = 4
"""The number that no font has: those behind it are counted from 5."""
_FLOAT, _SHORT, _FORMULA, _SEVERAL = 0x0203, 0x027E, 0x0006, 0x00BD
"""Records of a number: a float, a shortened one, a formula's, and several shortened ones in one row."""
_SIZES = {_FLOAT: 14, _SHORT: 10, _FORMULA: 14}
"""How many bytes a record of one number has at least."""
_NO_NUMBER = b"\xff\xff"
"""How a formula's value ends that is a text, an error or a truth."""
_EACH = 6
"""Bytes of each of several numbers: its style, and the number."""
_DAYS, _ERROR, _ROW, _COLUMNS = 0x0022, 0x0205, 0x0208, 0x007D
"""Records of the first day that is counted, of a cell with an error or a truth, of a row, of several columns."""
_OF_ERROR = 2
"""How a formula's value begins that is an error."""
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_FOLDED_ROW, _FOLDED_COLUMN = 0x20, 0x01
"""The flag of a hidden row, and of hidden columns."""
_MOST_COLUMNS = 255
_NOTED = frozenset((BEGINS, ENDS, _FORMULA, _ERROR, _ROW, _COLUMNS))
_NUMBERS = frozenset((_FLOAT, _SHORT, _SEVERAL))
_TEXTS = frozenset((0x00FD, 0x0204, 0x00D6))
"""Records of a text: a shared one, one in the cell, one whose letters have fonts of their own."""
_CELLS = _NUMBERS | _TEXTS | {_FORMULA, _ERROR}
_HEAD = struct.Struct("<HH")


class Record(NamedTuple):
    """A record of a workbook: its ``kind``, where it begins, and its content."""

    kind: int
    at: int
    content: bytes


def records(stream: bytes, at: int = 0) -> Iterator[Record]:
    """The records of a workbook's stream from the one that begins there, in every part of it."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield Record(kind, at, stream[at + 4 : at + 4 + size])
        at += 4 + size


def with_known_code_page(path: Path, target: Path) -> None:
    """Write a workbook that the library can't read to ``target``, with a code page that it knows.

    Raises ``Refused`` if something else is wrong: it is cut off, protected, of an old Excel, or for an unknown reason.
    """
    try:
        book = Compound(path)
        name = next((each for each in WORKBOOKS if each in book.names), None)
        if name is None:
            raise Refused("strange_workbook")
        content = book.content(name)
        places = list(book.places(name))
    except NotWhole:
        raise Refused("damaged_workbook", reason="it ends before what its list of contents names") from None
    except (ValueError, IndexError, struct.error):
        raise Refused("damaged_workbook", reason="its parts contradict each other") from None
    at, page = _page_to_write(content)
    shutil.copyfile(path, target)
    with target.open("r+b") as file:
        for offset, byte in zip(_offsets(places, at), page.to_bytes(2, "little"), strict=True):
            file.seek(offset)
            file.write(bytes([byte]))


def _page_to_write(content: bytes) -> tuple[int, int]:
    """The offset of a workbook's code page in its stream, and the code page to write there."""
    version, code_page = 0, None
    for each in islice(records(content), _RECORDS):
        if each.kind in OLD:
            raise Refused("unreadable", what=older(OLD[each.kind]))
        if each.kind == PASSWORD and any(each.content):
            raise Refused("unreadable", what=LOCKED)
        if each.kind == BEGINS:
            version = int.from_bytes(each.content[:2], "little")
        if each.kind == CODE_PAGE:
            code_page = each.at + 4, int.from_bytes(each.content[:2], "little")
        if each.kind == ENDS:
            break
    if code_page is None:
        raise Refused("strange_workbook")
    at, page = code_page
    meant = 1200 if version >= UNICODE else PAGES.get(page, page)
    if meant == page:
        raise Refused("strange_workbook")
    if meant == 0:
        raise Refused("unreadable", what=f"a workbook in the code page {page}: save it as .xlsx in Excel")
    return at, meant


def _offsets(places: list[tuple[int, int]], at: int) -> tuple[int, int]:
    """The offsets in the file of the two bytes at ``at`` in a stream."""
    offsets = []
    for wanted in (at, at + 1):
        before = 0
        for offset, size in places:
            if before <= wanted < before + size:
                offsets.append(offset + wanted - before)
                break
            before += size
    return offsets[0], offsets[1]


class OldBook:
    """An .xls file as records. ``followed``: they can be followed; if not, its reader may still read it.

    ``date1904``: its days are counted from 1904. ``strikes``: it has a font that strikes out, perhaps a part of a text.
    ``signs``: as for ``number_masks.is_told``.
    """

    def __init__(self, path: Path, signs: Collection[str] | None = None) -> None:
        self._signs = signs
        self._stream, self._masks, self._sheets = b"", dict[int, str](), list[int]()
        self._struck: set[int] = set()
        self.date1904 = self.strikes = False
        try:
            book = Compound(path)
            self._stream = book.content(next(each for each in WORKBOOKS if each in book.names))
            self._learn_styles()
        except (NotWhole, ValueError, IndexError, StopIteration, struct.error):
            self._masks.clear()
            self._struck.clear()
            self._sheets.clear()
        self.followed = bool(self._sheets)

    def _learn_styles(self) -> None:
        """Cell style → its mask, the styles that strike out, and where each sheet begins."""
        formats = dict.fromkeys(PERCENTAGES, PERCENT)
        styles: list[tuple[int, int]] = []
        fonts: list[bool] = []
        version = 0
        for each in records(self._stream):
            if each.kind == BEGINS:
                version = int.from_bytes(each.content[:2], "little")
            elif each.kind == _FORMAT and (mask := mask_of(_code(each.content, version))):
                number = int.from_bytes(each.content[:2], "little")
                formats |= {} if is_told(mask, number, self._signs) else {number: mask}
            elif each.kind == _FONT:
                if len(fonts) == _NO_FONT:
                    fonts.append(False)
                fonts.append(bool(each.content[2] & _STRIKES))
            elif each.kind == _STYLE:
                styles.append(struct.unpack_from("<HH", each.content))
            elif each.kind == _SHEET:
                self._sheets.append(int.from_bytes(each.content[:4], "little"))
            elif each.kind == _DAYS:
                self.date1904 = each.content[:1] == b"\1"
            elif each.kind == ENDS:
                break
        self._masks = {number: formats[code] for number, (_, code) in enumerate(styles) if code in formats}
        self._struck = {number for number, (font, _) in enumerate(styles) if fonts[font : font + 1] == [True]}
        self.strikes = any(fonts)

    def survey(self, sheet: int) -> Survey:
        """What is unusual in a sheet, as of an .xlsx file. ``sheet``: its place among the sheets."""
        survey = Survey()
        if sheet >= len(self._sheets):
            return survey
        wanted = _NOTED | (_NUMBERS if self._masks else frozenset()) | (_CELLS if self._struck else frozenset())
        stream, at, last, depth = self._stream, self._sheets[sheet], len(self._stream) - 4, 0
        while at <= last:  # there may be a million of them: few are looked at
            kind, size = _HEAD.unpack_from(stream, at)
            if kind in wanted:
                depth += (kind == BEGINS) - (kind == ENDS)
                if not depth:
                    break
                if depth == 1:  # a chart within a sheet has records of its own
                    self._note(survey, kind, stream[at + 4 : at + 4 + size])
            at += 4 + size
        return survey

    def _note(self, survey: Survey, kind: int, content: bytes) -> None:
        """Note what a record says."""
        for row, column, style in _numbers(kind, content) if self._masks else ():
            if style in self._masks:
                survey.padded[row, column] = self._masks[style]
        for row, column, style in _styles(kind, content) if self._struck and kind in _CELLS else ():
            if style in self._struck:
                survey.struck[row, column] = ""
        if kind == _FORMULA and len(content) >= _SIZES[_FORMULA]:
            survey.formulas = True
            if content[6] == _OF_ERROR and content[12:14] == _NO_NUMBER:
                survey.errors[_place(content)] = _ERRORS.get(content[8], "#ERROR")
        elif kind == _ERROR and len(content) >= 8 and content[7]:
            survey.errors[_place(content)] = _ERRORS.get(content[6], "#ERROR")
        elif kind == _ROW and len(content) >= 14 and content[12] & _FOLDED_ROW:
            survey.hidden_rows.add(int.from_bytes(content[:2], "little"))
        elif kind == _COLUMNS and len(content) >= 10 and content[8] & _FOLDED_COLUMN:
            first, final = struct.unpack_from("<HH", content)
            survey.hide(first + 1, min(final, _MOST_COLUMNS) + 1)


def _place(content: bytes) -> Place:
    """Row and column of a cell's record."""
    row, column = struct.unpack_from("<HH", content)
    return row, column


def _code(content: bytes, version: int) -> str:
    """The text of a number format; '' where it depends on a code page."""
    if version < UNICODE:
        code = content[3 : 3 + content[2]]
        return code.decode("ascii") if code.isascii() else ""
    length, wide = struct.unpack_from("<HB", content, 2)
    return content[5 : 5 + 2 * length].decode("utf-16-le") if wide & 1 else content[5 : 5 + length].decode("latin-1")


def _styles(kind: int, content: bytes) -> list[tuple[int, int, int]]:
    """The cells in a record: row, column, style."""
    if kind == _SEVERAL:
        return _numbers(kind, content)
    return [struct.unpack_from("<HHH", content)] if len(content) >= _EACH else []


def _numbers(kind: int, content: bytes) -> list[tuple[int, int, int]]:
    """The numbers in a record: row, column, style."""
    if len(content) >= _SIZES.get(kind, len(content) + 1):
        text = kind == _FORMULA and content[12:14] == _NO_NUMBER
        return [] if text else [struct.unpack_from("<HHH", content)]
    if kind == _SEVERAL and len(content) >= 6 + _EACH:
        row, first = struct.unpack_from("<HH", content)
        styles = range(4, len(content) - 2 - _EACH + 1, _EACH)
        return [
            (row, first + number, int.from_bytes(content[at : at + 2], "little")) for number, at in enumerate(styles)
        ]
    return []
