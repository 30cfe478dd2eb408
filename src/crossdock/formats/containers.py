"""Files that hold other files, zips and compound files: which kind of workbook are they, or what else?

Told from the names of what is in them, without unpacking anything.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

from crossdock.failures import Refused

ZIP = b"PK"
COMPOUND = b"\xd0\xcf\x11\xe0"
"""How the files begin: Microsoft's compound files are old workbooks, and what encrypts a new one."""
_LOOK = 4 << 20
"""Bytes at either end of a compound file in which its directory is looked for."""
_XLSX = "xl/workbook.xml"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_XLS = ("Workbook", "Book")
FOREIGN_STREAMS = {
    "EncryptedPackage": "password-protected: save it without a password",
    "WordDocument": "a Word document",
    "PowerPoint Document": "a PowerPoint presentation",
}
"""Streams of compound files that are no workbook, even where they hold one: what the file is."""


def workbook_kind(head: bytes, path: Path) -> str | None:
    """``xlsx``, ``xls`` or ``ods``; None for every other file. ``head``: its first bytes.

    Raises ``Refused`` where it is a zip that is damaged.
    """
    if head.startswith(ZIP):
        names, mimetype = members(path)
        return "xlsx" if _XLSX in names else "ods" if mimetype.startswith(_ODS) else None
    if head.startswith(COMPOUND):
        return "xls" if stream(path, [*FOREIGN_STREAMS, *_XLS]) in _XLS else None
    return None


def members(path: Path) -> tuple[set[str], str]:
    """The names in a zip, and the MIME type that it says of itself, or ''. Raises ``Refused`` where it is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.replace("\\", "/") for name in archive.namelist()}
            return names, archive.read("mimetype")[:100].decode("latin-1") if "mimetype" in names else ""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise Refused("damaged_workbook", reason=str(error)) from None


def stream(path: Path, names: Iterable[str]) -> str | None:
    """The first of the names that is a stream of a compound file; None where none is."""
    with path.open("rb") as file:
        directory = file.read(_LOOK)
        if path.stat().st_size > _LOOK:
            file.seek(-_LOOK, 2)
            directory += file.read()
    return next((name for name in names if name.encode("utf-16-le") in directory), None)
