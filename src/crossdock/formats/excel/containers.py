"""Files that contain other files, zips and compound files: which kind of workbook they are, or what else.

The names of their contents show it; nothing is unpacked. Of compound files (MS-CFB), which contain old workbooks, the
list of contents is read here, and the bytes of one stream.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crossdock.failures.refusals import Refused
from crossdock.formats.xlsx.zip_xml import LOCKED, Package, main_member, opened

NAME = "workbook"
"""The format of all kinds of workbooks, as a feed's TOML names it."""
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
    "__properties_version1.0": "an e-mail of Outlook: send the file that is attached to it",
}
"""Streams of compound files that are no workbook, even if they contain one → what the file is."""
OLD = {0x0009: "2", 0x0209: "3", 0x0409: "4"}
"""The first record of a workbook that is older than Excel 5, and in no compound file → its version."""
MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA
"""Sector numbers from here on mean none: the end of a chain, an unused sector …"""
_SMALL = 4096
"""Streams with fewer bytes are in smaller sectors, inside the first entry's stream."""
_SMALL_SECTOR = 64


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


def older(version: str) -> str:
    """A workbook older than Excel 5, in words that continue "the file is"."""
    return f"a workbook of Excel {version}: open it in Excel and save it as .xlsx"


def old_version(head: bytes) -> str | None:
    """The version of Excel before 5 of a file that begins so and is no compound file; None for every other file."""
    kind, size = struct.unpack_from("<HH", head.ljust(4, b"\xff"))
    return OLD.get(kind) if 4 <= size <= 16 else None


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


class NotWhole(Exception):
    """The file ends before the end of its contents."""


@dataclass(frozen=True)
class _Stream:
    name: str
    first: int
    size: int


class Compound:
    """A compound file. Raises ``NotWhole`` if it is cut off, ``ValueError`` if it contradicts itself."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = path.stat().st_size
        header = self._bytes(0, 512)
        if not header.startswith(MAGIC):
            raise ValueError("no compound file")
        shift, small = struct.unpack_from("<HH", header, 30)
        if shift not in (9, 12) or small != 6:
            raise ValueError("no size of sectors")
        self._sector = 1 << shift
        directory, small_first, chained = (struct.unpack_from("<I", header, at)[0] for at in (48, 60, 68))
        blocks = list(struct.unpack_from("<109I", header, 76))
        for _ in range(self._size // self._sector + 1):
            if chained >= _END:
                break
            *more, chained = self._numbers(chained)
            blocks += more
        self._next = np.concatenate([np.array(self._numbers(each), np.uint32) for each in blocks if each < _END])
        self._entries = list(self._directory(directory))
        small_table = [number for each in self._chain(small_first) for number in self._numbers(each)]
        self._small_next = np.array(small_table, np.uint32)
        self._root = self._chain(self._entries[0].first) if self._entries else []

    @property
    def names(self) -> list[str]:
        """The names of its streams, in lower case."""
        return [each.name for each in self._entries]

    def places(self, name: str) -> Iterator[tuple[int, int]]:
        """The pieces of a stream in the file: offset and number of bytes of each."""
        stream = next(each for each in self._entries if each.name == name)
        left = stream.size
        for offset, size in self._pieces(stream):
            if left <= 0:
                return
            if offset + min(size, left) > self._size:
                raise NotWhole
            yield offset, min(size, left)
            left -= size
        if left > 0:
            raise ValueError("a stream is shorter than it says")

    def _pieces(self, stream: _Stream) -> Iterator[tuple[int, int]]:
        if stream.size >= _SMALL:
            yield from ((self._offset(each), self._sector) for each in self._chain(stream.first))
            return
        of_root = self._sector // _SMALL_SECTOR
        for each in _chain(self._small_next, stream.first):
            if each // of_root >= len(self._root):
                raise ValueError("a small sector is outside")
            yield self._offset(self._root[each // of_root]) + each % of_root * _SMALL_SECTOR, _SMALL_SECTOR

    def content(self, name: str) -> bytes:
        """The bytes of a stream."""
        with self._path.open("rb") as file:
            parts = []
            for offset, size in self.places(name):
                file.seek(offset)
                parts.append(file.read(size))
        return b"".join(parts)

    def _directory(self, first: int) -> Iterator[_Stream]:
        for sector in self._chain(first):
            content = self._bytes(self._offset(sector), self._sector)
            for at in range(0, self._sector, 128):
                length, kind = struct.unpack_from("<HB", content, at + 64)
                start, size = struct.unpack_from("<IQ", content, at + 116)
                if kind:
                    name = content[at : at + max(length - 2, 0)].decode("utf-16-le", errors="replace").casefold()
                    yield _Stream(name, start, size if self._sector > 512 else size & 0xFFFFFFFF)

    def _chain(self, first: int) -> list[int]:
        return list(_chain(self._next, first))

    def _numbers(self, sector: int) -> tuple[int, ...]:
        return struct.unpack(f"<{self._sector // 4}I", self._bytes(self._offset(sector), self._sector))

    def _offset(self, sector: int) -> int:
        return (sector + 1) * self._sector

    def _bytes(self, offset: int, size: int) -> bytes:
        with self._path.open("rb") as file:
            file.seek(offset)
            content = file.read(size)
        if len(content) < size:
            raise NotWhole
        return content


def _chain(following: np.ndarray, first: int) -> Iterator[int]:
    for _ in range(len(following) + 1):
        if first >= _END:
            return
        if first >= len(following):
            raise ValueError("a chain leads nowhere")
        yield first
        first = int(following[first])
    raise ValueError("a chain has no end")
