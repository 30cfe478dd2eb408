"""What an .xlsx file holds that its reader doesn't tell, looked at before memory is spent on it.

Strategy: the XML of a sheet goes by once as bytes, which costs a quarter of reading it: how large is it, how far do its
cells reach, is anything odd in it? Only if so it goes by once more through a parser, cell by cell: errors, formulas
that were never calculated, hidden rows and columns, numbers whose format writes leading zeros. The reader gives the
first two as blank cells and does not know of the others.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from crossdock.failures import Refused

MAX_UNZIPPED = 2 << 30
"""Bytes that the members of a workbook may have unzipped."""
MAX_CELLS = 20_000_000
"""Cells between the first and the last that hold anything, blank ones counted."""
MAX_ROWS = 1 << 20
MAX_COLUMNS = 1 << 14
CHUNK = 8 << 20

_ODD = re.compile(
    rb"""\st\s*=\s*["']e["']|<(?:\w+:)?f[\s/>]|\shidden\s*=\s*["'][1t]|\s(?:r|t|s|hidden)\s*=\s*'|<!DOCTYPE"""
)
_MARKS = (b'"e"', b"='", b"<f", b":f", b"hidden", b"<!D")
"""Bytes without which nothing is odd: looking for them costs a tenth of the pattern."""
_ADDRESS = re.compile(rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"')
_COLUMN = re.compile(rb'<c r="([A-Z]{1,3})[1-9][0-9]{0,6}"')
_OTHER_CELLS = (b"<c>", b"<c/", b"<c\t", b"<c\n", b"<c\r", b":c ", b":c>")
_MASK = re.compile(r'\[[^\]]*\]|_.|\*.|"([^"]*)"|\\(.)|([0\-/ .()]+)|(.)')
"""The parts of a number format: colours and locales, spaces and fillers, text, zeros and marks, everything else."""
_MAIN = "xl/workbook.xml"

DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What a broken zip, broken XML or a broken number in it raises."""
Place = tuple[int, int]
"""Row and column, from 0."""


@dataclass
class Survey:
    """What is odd in a sheet: ``errors`` by place, formulas without a value, what is hidden, ids with zeros.

    ``padded``: what a number's format writes around its digits, zeros where they stand (``SO-00000``).
    """

    rows: int = 0
    columns: int = 0
    errors: dict[Place, str] = field(default_factory=dict)
    uncalculated: set[Place] = field(default_factory=set)
    padded: dict[Place, str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


class Book:
    """An .xlsx file as a zip of XML. Refused where it is damaged, or larger unzipped than may be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with _opened(path) as archive:
            unzipped = sum(each.file_size for each in archive.infolist())
            if unzipped > MAX_UNZIPPED:
                raise too_large(unzipped, "bytes unzipped", MAX_UNZIPPED)
            names = _elements(archive, _MAIN)
            self.date1904 = any(
                name == "workbookPr" and given.get("date1904") in ("1", "true") for name, given in names
            )
            relations = dict(_relations(archive))
            self._members = {
                given["name"]: relations.get(_relation(given), "") for name, given in names if name == "sheet"
            }
            self._zeros = _zero_formats(archive)

    @property
    def sheets(self) -> list[str]:
        """The names of its sheets."""
        return list(self._members)

    def survey(self, sheet: str) -> Survey:
        """What is odd in a sheet. Refused where its cells reach farther than may be read."""
        with _opened(self._path) as archive:
            member = self._members.get(sheet, "")
            if member not in archive.namelist():
                raise Refused("damaged_workbook", reason=f"the sheet {sheet!r} is missing in it")
            if self._quick(archive, member):
                return Survey()
            found = _Look(self._zeros)
            with archive.open(member) as file:
                _parse(file, found.start, found.end, found.text)
        _within(found.survey.rows, found.survey.columns)
        return found.survey

    def _quick(self, archive: zipfile.ZipFile, member: str) -> bool:
        """Whether a sheet is small enough and plain."""
        styles = b"|".join(str(style).encode() for style in self._zeros)
        padded = re.compile(rb'\ss="(?:' + styles + rb')"') if styles else None
        letters: set[bytes] = set()
        width, last = 0, 0
        for number, piece in enumerate(_pieces(archive, member)):
            if any(mark in piece for mark in _MARKS) and _ODD.search(piece):
                return False
            if any(mark in piece for mark in _OTHER_CELLS) or (padded and padded.search(piece)):
                return False
            found = _COLUMN.findall(piece)
            if len(found) != piece.count(b"<c "):
                return False
            letters.update(found)
            grown = max((_column(each.decode()) + 1 for each in letters), default=0)
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


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip archive, everything that can be wrong with it said as a refusal."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except DAMAGE as error:
        raise Refused("damaged_workbook", reason=str(error)) from None


def _pieces(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    """A member's bytes in pieces that end between two tags."""
    rest = b""
    with archive.open(member) as file:
        while chunk := file.read(CHUNK):
            rest += chunk
            cut = rest.rfind(b"<")
            if cut > 0:
                yield rest[:cut]
                rest = rest[cut:]
    yield rest


def _parse(
    file: IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Send a member through a parser; names arrive without their namespace. A document type is never needed."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def doctype(*_: object) -> None:
        raise Refused("damaged_workbook", reason="it declares a document type")

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = lambda name, given: start(name.rpartition(" ")[2], given)
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
    if text is not None:
        parser.buffer_text = True
        parser.CharacterDataHandler = text
    while chunk := file.read(CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _elements(archive: zipfile.ZipFile, member: str) -> list[tuple[str, dict[str, str]]]:
    """The elements of a small member, with what is given in them."""
    found: list[tuple[str, dict[str, str]]] = []
    if member not in archive.namelist():
        raise Refused("damaged_workbook", reason=f"{member} is missing in it")
    with archive.open(member) as file:
        _parse(file, lambda name, given: found.append((name, given)))
    return found


def _relation(given: dict[str, str]) -> str:
    return next((value for name, value in given.items() if name.rpartition(" ")[2] == "id"), "")


def _relations(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Relation → member of the archive."""
    for name, given in _elements(archive, "xl/_rels/workbook.xml.rels"):
        if name == "Relationship":
            target = given.get("Target", "")
            member = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            yield given.get("Id", ""), member


def _zero_formats(archive: zipfile.ZipFile) -> dict[int, str]:
    """Cell style → what it writes around the digits of a whole number, for formats such as ``00000``, ``"SO-"000``."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    formats: dict[str, str] = {}
    styles: dict[int, str] = {}
    inside, number = False, 0
    for name, given in _elements(archive, "xl/styles.xml"):
        if name == "numFmt" and (mask := _mask(given.get("formatCode", ""))):
            formats[given.get("numFmtId", "")] = mask
        elif name in ("cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
            inside, number = name == "cellXfs", 0
        elif name == "xf" and inside:
            if given.get("numFmtId") in formats:
                styles[number] = formats[given["numFmtId"]]
            number += 1
    return styles


def _mask(code: str) -> str | None:
    """What a number format of zeros and text writes; None for every other, and where it adds nothing.

    >>> _mask('[$-407]00000_)'), _mask('"SO-"000'), _mask("0.00"), _mask("0")
    ('00000', 'SO-000', None, None)
    """
    made = ""
    for quoted, escaped, plain, other in _MASK.findall(code.partition(";")[0]):
        if other or "." in plain:
            return None
        made += quoted + escaped + plain
    return made if "0" in made and made != "0" else None


class _Look:
    """The careful look: one cell after the other. A cell or row without an address follows the one before it."""

    def __init__(self, zeros: dict[int, str]) -> None:
        self.survey = Survey()
        self._zeros = {str(style): mask for style, mask in zeros.items()}
        self._row = self._at = -1
        self._kind: str | None = None
        self._style: str | None = None
        self._value: list[str] | None = None
        self._said = ""
        self._formula = self._given = False

    def start(self, name: str, given: dict[str, Any]) -> None:
        """An element begins."""
        if name == "c":
            self._move(given.get("r"))
            self._kind, self._style = given.get("t"), given.get("s")
            self._formula = self._given = False
        elif name == "v":
            self._value = []
        elif name == "is":
            self._given = True
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._row = int(given["r"]) - 1 if "r" in given else self._row + 1
            self._at = -1
            if given.get("hidden") in ("1", "true"):
                self.survey.hidden_rows.add(self._row)
        elif name == "col" and given.get("hidden") in ("1", "true"):
            last = min(int(given.get("max", "1")), MAX_COLUMNS)
            self.survey.hidden_columns.update(range(int(given.get("min", "1")) - 1, last))

    def _move(self, address: str | None) -> None:
        """To the cell of that address, whose row counts more than that of the element around it."""
        if address is None:
            self._at += 1
            return
        letters = address.rstrip("0123456789")
        self._at = _column(letters.upper())
        if len(letters) < len(address):
            self._row = int(address[len(letters) :]) - 1

    def text(self, text: str) -> None:
        """Some text of an element."""
        if self._value is not None:
            self._value.append(text)

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "v":
            self._said, self._value = "".join(self._value or []), None
            self._given = bool(self._said) or self._kind == "str"
        if name != "c" or not (self._given or self._formula):
            return
        place = (self._row, self._at)
        found = self.survey
        found.rows, found.columns = max(found.rows, self._row + 1), max(found.columns, self._at + 1)
        if not self._given:
            found.uncalculated.add(place)
        elif self._kind == "e":
            found.errors[place] = self._said
        elif self._style in self._zeros and self._kind in (None, "n"):
            found.padded[place] = self._zeros[self._style]


def _column(letters: str) -> int:
    """``A`` is 0, ``AB`` is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
