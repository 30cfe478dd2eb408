"""What a file is that no format claims, by its content and not by its name: a refusal that names it.

Bytes that are no text would be read as one odd row, and by a feed that names its columns itself as records; so they are
refused, whether their kind is known or not.
"""

from __future__ import annotations

import re
from pathlib import Path

from crossdock.failures.refusals import Refused
from crossdock.formats import text
from crossdock.formats.edi.syntax import begins
from crossdock.formats.excel.containers import COMPOUND, FOREIGN_STREAMS, ZIP, old_version, older, stream
from crossdock.formats.xlsx.zip_xml import opened

_PACKED = "an archive of a kind that is not unpacked ({}): pack it as zip or gzip"
_PGP = "encrypted with PGP, or signed: send what is inside"
_HEADER_LINES = (
    rb"\s*(?i:(return-path|received|delivered-to|message-id|mime-version|from|to|subject|date|x-[\w-]+): [^\n]*\n"
    rb"([\w-]+: |[ \t])[^\n]*\n([^\r\n]+\r?\n)*?"
    rb"(content-type|content-transfer-encoding|content-disposition|mime-version|message-id): )"
)
_MAGIC = (
    (rb"\s*%PDF", "a PDF"),
    (rb"\s*\{\\rtf", "a text of a word processor (RTF)"),
    (rb"\s*%!PS", "a PostScript file"),
    (rb"\s*-----BEGIN PGP ", _PGP),
    (rb"\s*-----BEGIN (PKCS7|CMS)", "encrypted or signed (PKCS #7): send what is inside"),
    (_HEADER_LINES, "an e-mail: send the file that is attached to it"),
    (rb"\x1f\x8b", "a gzip file"),
    (rb"BZh\d1AY&SY", _PACKED.format("bzip2")),
    (rb"\xfd7zXZ\0", _PACKED.format("xz")),
    (rb"\x28\xb5\x2f\xfd", _PACKED.format("Zstandard")),
    (rb"Rar!\x1a", _PACKED.format("RAR")),
    (rb"7z\xbc\xaf", _PACKED.format("7z")),
    (rb".{257}ustar", _PACKED.format("tar")),
    (rb"SQLite format 3\0", "a SQLite database"),
    (rb".{4}Standard (Jet|ACE) DB", "an Access database"),
    (rb"[\x03\x30\x31\x43\x83\x8b\xf5].{3}(?=.*\0{8})[^\r\n]{28}\w+\0", "a dBase file: save it as CSV or .xlsx"),
    (rb"PAR1[\x15\x11\0]", "a Parquet file"),
    (
        rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*|BM.{4}\0{4}|RIFF.{4}WEBP|.{4}ftyp(heic|heix|mif1|avif)",
        "a picture",
    ),
)
"""How files of a kind begin, as regular expressions, and what they are."""
_MEMBERS = (
    ("xl/workbook.bin", "an .xlsb workbook, of which the library loses cells: save it as .xlsx"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("Index/Document.iwa", "an Apple Numbers or Pages document: export it as Excel"),
    ("Index.zip", "an Apple Numbers or Pages document: export it as Excel"),
    ("content.xml", "a document of LibreOffice that is no spreadsheet"),
)
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x19]")
"""What no text has, in any encoding of one byte or several: neither a blank, nor an end, nor a shift."""
_KINDS, _SHARE, _BEGINNING = 4, 50, 16
"""How many of them, and one in how many bytes, no text has; how many bytes of a text's beginning have no NUL."""
_NO_TEXT = "no text, and of no kind that is known: it may be damaged, or encrypted"
_WRITTEN_NOT = "nothing but NULs where its content should be: send it again"
_WEB_PAGE = re.compile(rb"<(!doctype\s+html|html|head|body|meta|title|table|h[1-6]|center|script)\b")
_TITLE = re.compile(rb"<(title|h1)[^<>]*>\s*([^<>]{1,80}?)\s*<", re.IGNORECASE)
_CODES = {"utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp037": "EBCDIC"}
"""Codes of texts that no interchange is read in, and how they are called."""
_OF_INTERCHANGE = 32
"""Bytes in which an interchange begins, in whatever code."""
_XML = re.compile(rb"<\?xml|<[a-z_][\w:.-]*(\s[^<>]*)?>\s*<")


def refuse_foreign(head: bytes) -> None:
    """Raise ``Refused`` if a file is of a kind that no format reads, or no text and no container; return if it may be
    read. ``head``: the file's first bytes.
    """
    if head.startswith((*ZIP, COMPOUND)) or old_version(head):
        return
    for pattern, what in _MAGIC:
        if re.match(pattern, head, re.DOTALL):
            raise Refused("unreadable", what=what)
    if not text.marks_encoding(head) and _is_binary(head):
        raise Refused("unreadable", what=_NO_TEXT if head.strip(b"\0") else _WRITTEN_NOT)


def _is_binary(head: bytes) -> bool:
    controls = _CONTROLS.findall(head)
    return b"\0" in head[:_BEGINNING] or (len({*controls}) >= _KINDS and len(controls) * _SHARE >= len(head))


def coded(head: bytes) -> str:
    """What a file is that holds an interchange in a code in which none is read; '' if it holds none."""
    texts = ((called, head[:_OF_INTERCHANGE].decode(name, errors="ignore")) for name, called in _CODES.items())
    called = next((called for called, text in texts if begins(text.lstrip("\ufeff \r\n"))), "")
    return f"text in {called}; send it in ASCII, or as its header says" if called else ""


def refuse_known(head: bytes, path: Path) -> None:
    """Raise ``Refused`` with the kind of the file, if no format has claimed it and it is a container, a page or XML;
    return if it may be text. ``head``: the file's first bytes.
    """
    if head.startswith(ZIP):
        with opened(path) as archive:
            raise Refused("unreadable", what=next((what for name, what in _MEMBERS if name in archive), "a zip file"))
    if head.startswith(COMPOUND):
        name = stream(path, [*FOREIGN_STREAMS])
        raise Refused("unreadable", what=FOREIGN_STREAMS[name] if name else "a compound file of no kind that is known")
    if version := old_version(head):
        raise Refused("unreadable", what=older(version))
    _refuse_markup(text.bare(head)[:2000])


def _refuse_markup(beginning: bytes) -> None:
    small = beginning.lower()
    if not small.startswith(b"<"):
        return
    if b"urn:schemas-microsoft-com:office:spreadsheet" in small:
        raise Refused("unreadable", what="an XML Spreadsheet 2003: open it in Excel and save it as .xlsx")
    if _WEB_PAGE.search(small):
        title = _TITLE.search(beginning)
        shown = f" ('{title[2].decode('utf-8', errors='replace')}')" if title else ""
        advice = "if it shows the table, open it in Excel and save it as .xlsx"
        raise Refused("unreadable", what=f"a web page{shown}, whatever its name says: {advice}")
    if _XML.match(small):
        raise Refused("unreadable", what="XML")
