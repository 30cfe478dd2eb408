"""What a file is that no format claims, by its content and not by its name: a refusal that names it."""

from __future__ import annotations

from pathlib import Path

from crossdock.failures.refusals import Refused
from crossdock.formats import text
from crossdock.formats.edi.syntax import begins
from crossdock.formats.excel.containers import COMPOUND, FOREIGN_STREAMS, ZIP, stream
from crossdock.formats.excel.old_records import old_version, older
from crossdock.formats.xlsx.zip_xml import opened

_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip file"),
    (b"SQLite format 3", "a SQLite database"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_MEMBERS = (
    ("xl/workbook.bin", "an .xlsb workbook, of which the library loses cells: save it as .xlsx"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("Index/Document.iwa", "an Apple Numbers or Pages document: export it as Excel"),
    ("Index.zip", "an Apple Numbers or Pages document: export it as Excel"),
)


CODES = {"utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp037": "EBCDIC"}
"""Codes of texts that no interchange is read in, and how they are called."""
BEGINNING = 32
"""Bytes in which an interchange begins, in whatever code."""


def coded(head: bytes) -> str:
    """What a file is that holds an interchange in a code in which none is read; '' if it holds none."""
    texts = ((called, head[:BEGINNING].decode(name, errors="ignore")) for name, called in CODES.items())
    called = next((called for called, text in texts if begins(text.lstrip("\ufeff \r\n"))), "")
    return f"text in {called}; send it in ASCII, or as its header says" if called else ""


def refuse_known(head: bytes, path: Path) -> None:
    """Raise ``Refused`` with the kind of the file, if the kind is known and can't be read; return if it may be text.

    ``head``: the file's first bytes.
    """
    if head.startswith(ZIP):
        with opened(path) as archive:
            raise Refused("unreadable", what=next((what for name, what in _MEMBERS if name in archive), "a zip file"))
    if head.startswith(COMPOUND):
        name = stream(path, [*FOREIGN_STREAMS])
        raise Refused("unreadable", what=FOREIGN_STREAMS[name] if name else "a compound file of no kind that is known")
    if version := old_version(head):
        raise Refused("unreadable", what=older(version))
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise Refused("unreadable", what=what)
    _refuse_markup(text.bare(head)[:2000].lower())


def _refuse_markup(beginning: bytes) -> None:
    if not beginning.startswith(b"<"):
        return
    if b"urn:schemas-microsoft-com:office:spreadsheet" in beginning:
        raise Refused("unreadable", what="an XML Spreadsheet 2003: open it in Excel and save it as .xlsx")
    if any(beginning.startswith(mark) for mark in (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")):
        raise Refused("unreadable", what="a web page, whatever its name says: open it in Excel and save it as .xlsx")
    if beginning.startswith(b"<?xml"):
        raise Refused("unreadable", what="XML")
