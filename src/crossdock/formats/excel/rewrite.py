"""A workbook rewritten in its usual form, if its reader can't read another.

Excel and LibreOffice open unusual spellings: XML in UTF-16, indented XML, members under other names, merged cells of
whole columns, sheets of macros beside those of cells, the code pages of a Mac. The XML is parsed once, and the parts
with cells are written to a file that every reader reads the same; styles of display are left out.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape

from crossdock.formats.excel.old_records import with_known_code_page
from crossdock.formats.xlsx.inspection import MAX_ROWS, MAX_UNZIPPED, Book, too_large
from crossdock.formats.xlsx.sheet_scan import MAX_COLUMNS
from crossdock.formats.xlsx.zip_xml import Package, opened, parse, pieces
from crossdock.scratch import scratch_folder

_CONTENT = "content.xml"
_MISTAKEN = re.compile(
    rb""">\s+<(?:table|text|office):|<office:annotation|-repeated="[0-9]{8}|^\xfe\xff|^\xff\xfe|\x00"""
    rb"""|<table:table-cell[^>]*"float"[^>]*><text:p[^>]*>0[0-9]+<"""
)
"""Parts of an OpenDocument file that its reader misreads: blanks between elements, comments on cells, more rows than a
sheet can have, another encoding, zeros that only the format of a number writes.
"""
_NUMBER = re.compile(r' office:value(?:-type)?="[^"]*"')
_PREFIXES = {f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0": name for name in ("office", "table", "text", "style")}
_BLANKS = {"text:s": "", "text:tab": "\t", "text:line-break": "\n"}
"""Elements that are blanks → what is written for them; the reader itself counts the blanks of ``text:s``."""
_REPEATED = {"table:number-rows-repeated": MAX_ROWS, "table:number-columns-repeated": MAX_COLUMNS}
_MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_RANGE = re.compile(r"^\$?([A-Za-z]*)\$?([0-9]*):\$?([A-Za-z]*)\$?([0-9]*)$")
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_QUOTES = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def is_usual(path: Path, book: Book | None, kind: str) -> bool:
    """Whether the reader reads a file correctly, if it can read it. ``book``: of an .xlsx file."""
    if book is not None:
        return book.plain
    if kind != "ods":
        return True
    with opened(path) as archive:
        return _CONTENT not in archive or not any(map(_MISTAKEN.search, pieces(archive, _CONTENT)))


def weight(path: Path, kind: str) -> int:
    """The bytes of a workbook that must be read: of an .ods unpacked, of others the size of the file."""
    if kind != "ods":
        return path.stat().st_size
    with opened(path) as archive:
        return archive.unzipped


@contextmanager
def written_anew(path: Path, book: Book | None, kind: str) -> Iterator[Path]:
    """The same workbook in its usual form, as a file that exists while the context is open.

    Raises ``Refused`` with the reason if something else prevents reading.
    """
    with scratch_folder() as folder:
        usual = folder / f"usual.{kind}"
        if kind == "xls":
            with_known_code_page(path, usual)
            yield usual
            return
        with opened(path) as archive, zipfile.ZipFile(usual, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
            if book is not None:
                _write_xlsx(archive, book, target)
            else:
                _write_ods(archive, target)
        yield usual


def _write_xlsx(archive: Package, book: Book, target: zipfile.ZipFile) -> None:
    sheets, links = "", ""
    for number, (name, member) in enumerate(book.sheets.items()):
        state = ' state="hidden"' if name in book.hidden else ""
        sheets += f'<sheet name="{escape(name, _QUOTES)}" sheetId="{number + 1}"{state} r:id="r{number}"/>'
        links += _link(f"r{number}", "worksheet", f"worksheets/sheet{number + 1}.xml")
        if member in archive:
            _copy(archive, member, target, f"xl/worksheets/sheet{number + 1}.xml", _Copy(("sheetData", "mergeCells")))
    for kind, member in (("styles", book.styles), ("sharedStrings", book.shared)):
        if member in archive:
            links += _link(kind, kind, f"{kind}.xml")
            within = ("numFmts", "cellXfs") if kind == "styles" else ("si",)
            _copy(archive, member, target, f"xl/{kind}.xml", _Copy(within))
    flag = ' date1904="1"' if book.date1904 else ""
    target.writestr(
        "xl/workbook.xml",
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr{flag}/><sheets>{sheets}</sheets></workbook>',
    )
    target.writestr("xl/_rels/workbook.xml.rels", _relationships(links))
    target.writestr("_rels/.rels", _relationships(_link("r", "officeDocument", "xl/workbook.xml")))
    target.writestr("[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types"/>')


def _relationships(links: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _link(name: str, kind: str, member: str) -> str:
    return f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{member}"/>'


def _write_ods(archive: Package, target: zipfile.ZipFile) -> None:
    target.writestr("mimetype", _MIMETYPE)
    target.writestr("META-INF/manifest.xml", "<manifest/>")
    _copy(archive, _CONTENT, target, _CONTENT, _CopyOds(("style:style", "table:table")))


def _copy(archive: Package, member: str, target: zipfile.ZipFile, name: str, copy: _Copy) -> None:
    with archive.open(member) as source, target.open(name, "w", force_zip64=True) as sink:
        copy.sink = sink
        parse(source, copy.start, copy.end, copy.text, whole_names=True)


class _Copy:
    """Writes the content of some elements (``within``) of an .xlsx file's member, without namespaces."""

    without: tuple[str, ...] = ("extLst", "rPh", "phoneticPr")

    def __init__(self, within: tuple[str, ...]) -> None:
        self.sink: IO[bytes]
        self._within = within
        self._path: list[str] = []
        self._kept = 0
        self._left_out = 0
        self._written = 0
        self._kind = ""

    def named(self, name: str) -> str:
        """The name of an element or attribute as it is written."""
        space, _, local = name.rpartition(" ")
        return f"xml:{local}" if space.endswith("XML/1998/namespace") else local

    def start(self, name: str, raw: dict[str, str]) -> None:
        """An element begins."""
        called = self.named(name)
        if called == "c":
            self._kind = raw.get("t", "n")
        elif called == "v" and self._kind == "inlineStr":  # beside the text that counts
            called = ""
        root = not self._path
        self._path.append(called)
        self._kept += called in self._within
        self._left_out += called in self.without or not called
        if not root and not self.writes:
            return
        attributes = {} if root else {self.named(each): value for each, value in raw.items()}
        self.adapt(attributes)
        markup = "".join(f' {each}="{escape(value, _QUOTES)}"' for each, value in attributes.items() if each)
        self.write(f"<{called}{markup}>")

    def adapt(self, attributes: dict[str, str]) -> None:
        """Change attributes to the form that the reader reads."""
        if "ref" in attributes:
            attributes["ref"] = _whole_range(attributes["ref"])

    def end(self, _: str) -> None:
        """An element ends."""
        called = self._path.pop()
        if not self._path or self.writes:
            self.write(f"</{called}>")
        self._kept -= called in self._within
        self._left_out -= called in self.without or not called

    def text(self, text: str) -> None:
        """Some text of an element."""
        if self.writes:
            value = self._path[-1] == "v" and self._kind != "str"
            self.write(escape("".join(text.split()) if value else text, {"\r": "&#13;"}))

    @property
    def writes(self) -> bool:
        """Whether the current content is written."""
        return self._kept > 0 and not self._left_out

    def write(self, text: str) -> None:
        """Write. Raises ``Refused`` after more than ``MAX_UNZIPPED`` bytes."""
        content = text.encode("utf-8", errors="replace")
        self._written += len(content)
        if self._written > MAX_UNZIPPED:
            raise too_large(self._written, "bytes unzipped", MAX_UNZIPPED)
        self.sink.write(content)


class _CopyOds(_Copy):
    """Writes the tables of an OpenDocument file; text is that of paragraphs, its blanks as they are shown.

    A number that is shown with leading zeros (12 as ``0012``) is written as this text: it is an id.
    """

    without = ("office:annotation", "table:shapes", "table:named-expressions", "office:forms")

    def __init__(self, within: tuple[str, ...]) -> None:
        super().__init__(within)
        self._blank, self._empty = "", True
        self._number: str | None = None
        self._held: list[str] = []
        self._shown = ""

    def named(self, name: str) -> str:
        """The name with the usual prefix; '' for other namespaces, which have no cells."""
        space, _, local = name.rpartition(" ")
        return f"{_PREFIXES[space]}:{local}" if space in _PREFIXES else ""

    def start(self, name: str, raw: dict[str, str]) -> None:
        """An element begins."""
        called = self.named(name)
        if called == "text:p":
            self._blank, self._empty = "", True
        if called in _BLANKS and self.writes:
            self.write(self._blank + _BLANKS[called])
            self._blank, self._empty = "", False
        if called == "table:table-cell":
            cell = {self.named(each): value for each, value in raw.items()}
            of_number = cell.get("office:value-type") == "float" and self.writes
            self._number, self._held, self._shown = cell.get("office:value") if of_number else None, [], ""
        super().start(name, raw)

    def end(self, name: str) -> None:
        """An element ends."""
        number, ends = self._number, self._path[-1] == "table:table-cell"
        super().end(name)
        if number is None or not ends:
            return
        tag, *rest = self._held
        self._number = None
        if _is_padded(self._shown, number):
            tag = _NUMBER.sub("", tag).replace("<table:table-cell", '<table:table-cell office:value-type="string"', 1)
        self.write("".join([tag, *rest]))

    def write(self, text: str) -> None:
        """Write; a number's cell as soon as it ends."""
        if self._number is None:
            super().write(text)
        else:
            self._held.append(text)

    def adapt(self, attributes: dict[str, str]) -> None:
        """Limit repeated rows and columns to those of a sheet, else the reader miscounts."""
        for name, most in _REPEATED.items():
            if len(attributes.get(name, "")) > len(str(most)) or int(attributes.get(name, "0")) > most:
                attributes[name] = str(most)

    def text(self, text: str) -> None:
        """Some text of an element."""
        if "text:p" not in self._path or not self.writes:
            return
        shown = re.sub(r"[ \t\r\n]+", " ", self._blank + text)
        if self._empty:
            shown = shown.removeprefix(" ")
        self._blank = " " if shown.endswith(" ") else ""  # at the end of a paragraph it isn't shown
        self._empty = self._empty and not shown.strip(" ")
        self._shown += shown
        super().text(shown.removesuffix(" "))


def _is_padded(shown: str, number: str) -> bool:
    """Whether a number is shown as its digits behind zeros."""
    digits = shown.strip()
    return bool(re.fullmatch(r"0[0-9]+", digits)) and (digits.lstrip("0") or "0") == number


def _whole_range(ref: str) -> str:
    """A range of whole columns or rows, ``A:C`` or ``2:3``, with its rows or columns; others unchanged."""
    match = _RANGE.match(ref)
    if match is None:
        return ref
    left, top, right, bottom = match.groups()
    return f"{left or 'A'}{top or 1}:{right or 'XFD'}{bottom or MAX_ROWS}".upper()
