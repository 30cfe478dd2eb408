"""Files that hold other files, zips and compound files: which kind of workbook are they, or what else?

Told from the names of what is in them, without unpacking anything.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from crossdock.failures.refusals import Refused
from crossdock.formats.excel.compound import LOCKED, Compound, NotWhole
from crossdock.formats.excel.zip_xml import Package, main_member, opened

ZIP = b"PK"
COMPOUND = b"\xd0\xcf\x11\xe0"
"""How the files begin: Microsoft's compound files are old workbooks, and what encrypts a new one."""
_LOOK = 4 << 20
"""Bytes at either end of a compound file in which its directory is looked for."""
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_XLS = ("Workbook", "Book")
FOREIGN_STREAMS = {
    "EncryptedPackage": LOCKED,
    "WordDocument": "a Word document",
    "PowerPoint Document": "a PowerPoint presentation",
}
"""Streams of compound files that are no workbook, even where they hold one: what the file is."""


def workbook_kind(head: bytes, path: Path) -> str | None:
    """``xlsx``, ``xls`` or ``ods``; None for every other file. ``head``: its first bytes.

    Raises ``Refused`` where it is a zip that is damaged.
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
    """The MIME type that a zip says of itself, or ''."""
    return archive.open("mimetype").read(100).decode("latin-1") if "mimetype" in archive else ""


def stream(path: Path, names: Sequence[str]) -> str | None:
    """The first of the names that is a stream of a compound file; None where none is.

    Where its list of contents can't be read, the names are looked for where such a list usually stands. Raises
    ``Refused`` where they are not there, because the file is cut off.
    """
    whole = True
    try:
        known = Compound(path).names
        return next((name for name in names if name.casefold() in known), None)
    except NotWhole:
        whole = False
    except (ValueError, IndexError, struct.error):
        pass
    with path.open("rb") as file:
        directory = file.read(_LOOK)
        if path.stat().st_size > _LOOK:
            file.seek(-_LOOK, 2)
            directory += file.read()
    found = next((name for name in names if name.encode("utf-16-le") in directory), None)
    if found is None and not whole:
        raise Refused("damaged_workbook", reason="it ends before its list of contents")
    return found
