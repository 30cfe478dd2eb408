"""Files that contain other files, zips and compound files: which kind of workbook they are, or what else.

The names of their contents show it; nothing is unpacked.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from crossdock.failures.refusals import Refused
from crossdock.formats.excel.compound import LOCKED, Compound, NotWhole
from crossdock.formats.excel.zip_xml import Package, main_member, opened

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
COMPOUND = b"\xd0\xcf\x11\xe0"
"""The first bytes of the files: Microsoft's compound files are old workbooks, or encrypted new ones."""
_LOOK = 4 << 20
"""Bytes at each end of a compound file in which its directory is searched."""
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_XLS = ("Workbook", "Book")
FOREIGN_STREAMS = {
    "EncryptedPackage": LOCKED,
    "WordDocument": "a Word document",
    "PowerPoint Document": "a PowerPoint presentation",
}
"""Streams of compound files that are no workbook, even if they contain one → what the file is."""


def workbook_kind(head: bytes, path: Path) -> str | None:
    """``xlsx``, ``xls`` or ``ods``; None for every other file. ``head``: its first bytes.

    Raises ``Refused`` if it is a damaged zip.
    """
    if head.startswith(ZIP):
        with opened(path) as archive:
            if main_member(archive) in archive:
                return "xlsx"
            return "ods" if _mimetype(archive).startswith(_ODS) else None
    if head.startswith(COMPOUND):
        return "xls" if stream(path, [*FOREIGN_STREAMS, *_XLS]) in _XLS else None
    return None


def _mimetype(archive: Package) -> str:
    """The MIME type that a zip states in ``mimetype``, or ''."""
    return archive.open("mimetype").read(100).decode("latin-1") if "mimetype" in archive else ""


def stream(path: Path, names: Sequence[str]) -> str | None:
    """The first of the names that is a stream of a compound file; None if none is.

    If its list of contents can't be read, the names are searched where such a list usually is. Raises ``Refused`` if
    the file is cut off and they are not there either.
    """
    whole = True
    try:
        streams = Compound(path).names
        return next((name for name in names if name.casefold() in streams), None)
    except NotWhole:
        whole = False
    except (ValueError, IndexError, struct.error):
        pass
    with path.open("rb") as file:
        directory = file.read(_LOOK)
        if path.stat().st_size > _LOOK:
            file.seek(-_LOOK, 2)
            directory += file.read()
    first = next((name for name in names if name.encode("utf-16-le") in directory), None)
    if first is None and not whole:
        raise Refused("damaged_workbook", reason="it ends before its list of contents")
    return first
