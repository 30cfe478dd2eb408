"""Compound files (MS-CFB), which contain old workbooks: their streams, whether they are whole, offsets of bytes.

Only the parts are read that show why a reader can't read one: the list of contents, and the first records of a
workbook.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crossdock.failures.refusals import Refused

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA
"""Sector numbers from here on mean none: the end of a chain, an unused sector …"""
_SMALL = 4096
"""Streams with fewer bytes are in smaller sectors, inside the first entry's stream."""
_SMALL_SECTOR = 64
_RECORDS = 10_000
"""How many records of a workbook are read."""
WORKBOOKS = ("workbook", "book")
OLD = {0x0009: "2", 0x0209: "3", 0x0409: "4"}
"""The first record of a workbook that is older than Excel 5 → its version."""
BEGINS, CODE_PAGE, PASSWORD, ENDS = 0x0809, 0x0042, 0x002F, 0x000A
LOCKED = "password-protected: save it without a password"
"""What a file is that its owner has locked."""
UNICODE = 0x0600
"""From this version on texts don't depend on the code page."""
PAGES = {0x8000: 10000, 0x8001: 1252, 367: 1252, 20127: 1252, 28591: 1252, 437: 0, 850: 0, 852: 0}
"""Code pages that the library doesn't know → one that it knows, with the same characters; 0 if there is none."""


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


@dataclass(frozen=True)
class _Record:
    kind: int
    at: int
    content: bytes


def _records(stream: bytes) -> Iterator[_Record]:
    at = 0
    for _ in range(_RECORDS):
        if at + 4 > len(stream):
            return
        kind, size = struct.unpack_from("<HH", stream, at)
        yield _Record(kind, at, stream[at + 4 : at + 4 + size])
        at += 4 + size


def older(version: str) -> str:
    """A workbook older than Excel 5, in words that continue "the file is"."""
    return f"a workbook of Excel {version}: open it in Excel and save it as .xlsx"


def old_version(head: bytes) -> str | None:
    """The version of Excel before 5 of a file that begins so and is no compound file; None for every other file."""
    kind, size = struct.unpack_from("<HH", head.ljust(4, b"\xff"))
    return OLD.get(kind) if 4 <= size <= 16 else None


def with_known_code_page(path: Path, target: Path) -> None:
    """Write a workbook that the library can't read to ``target``, with a code page that it knows.

    Raises ``Refused`` if something else is wrong: it is cut off, protected, of an old Excel, or for an unknown reason.
    """
    try:
        book = Compound(path)
        name = next((each for each in WORKBOOKS if each in book.names), None)
        if name is None:
            raise Refused("strange_workbook")
        content = book.content(name)
        places = list(book.places(name))
    except NotWhole:
        raise Refused("damaged_workbook", reason="it ends before what its list of contents names") from None
    except (ValueError, IndexError, struct.error):
        raise Refused("damaged_workbook", reason="its parts contradict each other") from None
    at, page = _page_to_write(content)
    shutil.copyfile(path, target)
    with target.open("r+b") as file:
        for offset, byte in zip(_offsets(places, at), page.to_bytes(2, "little"), strict=True):
            file.seek(offset)
            file.write(bytes([byte]))


def _page_to_write(content: bytes) -> tuple[int, int]:
    """The offset of a workbook's code page in its stream, and the code page to write there."""
    version, code_page = 0, None
    for each in _records(content):
        if each.kind in OLD:
            raise Refused("unreadable", what=older(OLD[each.kind]))
        if each.kind == PASSWORD and any(each.content):
            raise Refused("unreadable", what=LOCKED)
        if each.kind == BEGINS:
            version = int.from_bytes(each.content[:2], "little")
        if each.kind == CODE_PAGE:
            code_page = each.at + 4, int.from_bytes(each.content[:2], "little")
        if each.kind == ENDS:
            break
    if code_page is None:
        raise Refused("strange_workbook")
    at, page = code_page
    meant = 1200 if version >= UNICODE else PAGES.get(page, page)
    if meant == page:
        raise Refused("strange_workbook")
    if meant == 0:
        raise Refused("unreadable", what=f"a workbook in the code page {page}: save it as .xlsx in Excel")
    return at, meant


def _offsets(places: list[tuple[int, int]], at: int) -> tuple[int, int]:
    """The offsets in the file of the two bytes at ``at`` in a stream."""
    offsets = []
    for wanted in (at, at + 1):
        before = 0
        for offset, size in places:
            if before <= wanted < before + size:
                offsets.append(offset + wanted - before)
                break
            before += size
    return offsets[0], offsets[1]
