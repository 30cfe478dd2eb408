"""What a file is, told from its content whatever it is called: its format, or a refusal that names what it is."""

from __future__ import annotations

import zipfile
from pathlib import Path

from crossdock.failures import Refused
from crossdock.formats import text

_CONTAINER = b"\xd0\xcf\x11\xe0"
_CONTAINER_LOOK = 4 << 20
"""Bytes at either end of a compound file in which its directory is looked for."""
_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip file"),
    (b"SQLite format 3", "a SQLite database"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_XLSX = "xl/workbook.xml"
_FOREIGN = (
    ("xl/workbook.bin", "an .xlsb workbook, of which the library loses cells: save it as .xlsx"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("Index/Document.iwa", "an Apple Numbers or Pages document: export it as Excel"),
    ("Index.zip", "an Apple Numbers or Pages document: export it as Excel"),
)
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_STREAMS = (
    ("EncryptedPackage", "password-protected: save it without a password"),
    ("WordDocument", "a Word document"),
    ("PowerPoint Document", "a PowerPoint presentation"),
)


def kind(path: Path) -> str:
    """``xlsx``, ``xls``, ``ods``, ``json`` or ``delimited``. Refused where it is none of them, by name."""
    head = text.head(path)
    if head.startswith(b"PK"):
        return _zipped(path)
    if head.startswith(_CONTAINER):
        return _contained(path)
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise Refused("unreadable", what=what)
    bare = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if bare[:1] == b"<":
        _refuse_markup(bare[:2000].lower())
    return "json" if bare[:1] in (b"{", b"[") else "delimited"


def _zipped(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.replace("\\", "/") for name in archive.namelist()}
            mimetype = archive.read("mimetype")[:100].decode("latin-1") if "mimetype" in names else ""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise Refused("damaged_workbook", reason=str(error)) from None
    if _XLSX in names:
        return "xlsx"
    if mimetype.startswith(_ODS):
        return "ods"
    for member, what in _FOREIGN:
        if member in names:
            raise Refused("unreadable", what=what)
    raise Refused("unreadable", what="a zip file")


def _contained(path: Path) -> str:
    """A compound file: an old workbook, or what encrypts a new one."""
    with path.open("rb") as file:
        seen = file.read(_CONTAINER_LOOK)
        if path.stat().st_size > _CONTAINER_LOOK:
            file.seek(-_CONTAINER_LOOK, 2)
            seen += file.read()
    for stream, what in _STREAMS:
        if stream.encode("utf-16-le") in seen:
            raise Refused("unreadable", what=what)
    if any(stream.encode("utf-16-le") in seen for stream in ("Workbook", "Book")):
        return "xls"
    raise Refused("unreadable", what="a compound file of no kind that is known")


def _refuse_markup(beginning: bytes) -> None:
    if b"urn:schemas-microsoft-com:office:spreadsheet" in beginning:
        raise Refused("unreadable", what="an XML Spreadsheet 2003: open it in Excel and save it as .xlsx")
    if any(beginning.startswith(mark) for mark in (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")):
        raise Refused("unreadable", what="a web page, whatever its name says: open it in Excel and save it as .xlsx")
    if beginning.startswith(b"<?xml"):
        raise Refused("unreadable", what="XML")
