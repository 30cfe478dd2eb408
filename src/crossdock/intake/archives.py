"""Archives: each member of a .zip, and the content of a .gz, is a drop of its own. Limits apply before it is written.

Sizes are counted while unpacking, the archive's own numbers are not trusted. Only the file part of a member's name is
used, never a folder. A member that is encrypted, an archive itself, or too large refuses the whole archive: half of it
would be a guess.
"""

from __future__ import annotations

import gzip
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from crossdock.failures.refusals import Refused
from crossdock.formats.xlsx.zip_xml import MAIN, UNREADABLE, Package, is_damage
from crossdock.intake.listing import HIDDEN

MEMBERS = 1_000
MEMBER_BYTES = 4 << 30
TOTAL_BYTES = 8 << 30
RATIO, RATIO_FLOOR = 500, 64 << 20
"""A member may be that many times its packed size; the ratio is not checked below the floor, in bytes (a real CSV of
zeros shrinks as much)."""
LEFT_OUT = ("__MACOSX",)
_CHUNK = 1 << 20
_WORKBOOKS = (MAIN, "xl/workbook.bin", "_rels/.rels", "[Content_Types].xml", "mimetype", "Index.zip")
"""Members that only files of office programs have, in any case and with either slash; an archive has none of them."""


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _is_gzip(path: Path) -> bool:
    return _head(path)[:2] == b"\x1f\x8b"


def is_archive(path: Path) -> bool:
    """Whether a file contains drops and isn't one itself. Workbooks are zip files, too, but no archives."""
    head = _head(path)
    if _is_gzip(path):
        return True
    if head not in (b"PK\x03\x04", b"PK\x05\x06"):
        return False
    try:
        with Package(path) as archive:
            office = any(name in archive for name in _WORKBOOKS)
            return not (office or any(name.startswith("Index/") for name in archive.namelist()))
    except UNREADABLE:
        return False  # its reader reports what is wrong with it


def members(path: Path, into: Path) -> Iterator[Path]:
    """Unpack an archive into a folder, with one numbered folder per member; yields each path when it is complete.

    Raises ``Refused`` where a limit is passed or a member can't be unpacked.
    """
    try:
        yield from _gzip(path, into) if _is_gzip(path) else _zip(path, into)
    except UNREADABLE as error:
        if not is_damage(error):
            raise
        raise Refused("bad_archive", reason=_reason(error)) from None


def _reason(error: Exception) -> str:
    if isinstance(error, NotImplementedError):
        return "it is packed in a way that crossdock does not know"
    return "it is encrypted" if isinstance(error, RuntimeError) else "it is damaged or cut off"


def summary(members: int) -> str:
    """The sentence on an unpacked archive."""
    return f"unpacked: {members:,} file{'s' if members != 1 else ''}"


def _gzip(path: Path, into: Path) -> Iterator[Path]:
    name = path.name[: -len(".gz")] if path.name.lower().endswith(".gz") else f"{path.name}.content"
    with gzip.open(path) as source:
        yield _written(source, _place(into, 0, name), path.stat().st_size, TOTAL_BYTES)


def _zip(path: Path, into: Path) -> Iterator[Path]:
    left = TOTAL_BYTES
    with zipfile.ZipFile(path) as archive:
        wanted = [each for each in archive.infolist() if not each.is_dir() and not _left_out(each.filename)]
        if len(wanted) > MEMBERS:
            raise Refused("bad_archive", reason=f"it has {len(wanted):,} members, more than {MEMBERS:,}")
        if not wanted:
            raise Refused("bad_archive", reason="there is no file in it")
        for number, each in enumerate(wanted):
            if each.flag_bits & 1:
                raise Refused("bad_archive", reason=f"{each.filename} is encrypted")
            with archive.open(each) as source:
                member = _written(source, _place(into, number, _name(each.filename)), each.compress_size, left)
            left -= member.stat().st_size
            yield member


def _left_out(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return not parts or parts[0] in LEFT_OUT or parts[-1].startswith(HIDDEN)


def _name(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name


def _place(into: Path, number: int, name: str) -> Path:
    folder = into / str(number)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def _written(source: Any, target: Path, packed: int, left: int) -> Path:
    """Unpack one member, counting its bytes. ``packed``: its packed size; ``left``: bytes that are still allowed."""
    size = 0
    with target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > min(MEMBER_BYTES, left) or (size > RATIO_FLOOR and size > RATIO * max(packed, 1)):
                raise Refused("bad_archive", reason=f"{target.name} grows beyond what is unpacked: {size:,} bytes")
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if is_archive(target):
        raise Refused("bad_archive", reason=f"{target.name} in it is an archive itself")
    return target
