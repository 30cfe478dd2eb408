"""Workbooks that are zips of XML: opened, cut and parsed so that damage ends in a refusal.

Members are found as Excel finds them, whatever slashes and case their names are written with.
"""

from __future__ import annotations

import codecs
import errno
import io
import itertools
import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.parsers import expat

from crossdock.failures.refusals import Refused
from crossdock.formats.excel.compound import LOCKED

CHUNK = 8 << 20
_HEAD = 200
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*encoding\s*=\s*["']([\w.:-]+)""")
MAIN = "xl/workbook.xml"
"""The member that names the sheets, where the archive doesn't say that it is another."""
_BROKEN: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((expat.ExpatError,), "its XML is broken or ends early"),
    ((zipfile.BadZipFile, zipfile.LargeZipFile, struct.error), "the zip archive that it is is not whole"),
    ((zlib.error, lzma.LZMAError, EOFError), "a part of it is not whole"),
    ((ValueError, IndexError, KeyError, OSError), "its parts contradict each other"),
)
"""What a broken zip, broken XML or a broken number in it raises, and what is said of it."""


UNREADABLE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, struct.error, zlib.error, lzma.LZMAError, EOFError),
    *(ValueError, IndexError, KeyError, OverflowError, NotImplementedError, RuntimeError),
)
"""What zipfile raises for a zip that is damaged, encrypted, or of a kind that it doesn't know; beside OSError."""


@contextmanager
def bounded() -> Iterator[None]:
    """What a file can do to whoever reads it, without being broken, said as a refusal."""
    try:
        yield
    except MemoryError:
        raise Refused("workbook_too_costly", limit="memory") from None
    except (RecursionError, OverflowError, NotImplementedError):
        raise Refused("strange_workbook") from None


class Package(zipfile.ZipFile):
    """A zip archive whose members have one name each, however it is written."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._members = {_name(each.filename).casefold(): each for each in reversed(self.infolist())}

    def getinfo(self, name: str) -> zipfile.ZipInfo:
        """A member by its name; ``KeyError`` where there is none."""
        return self._members[_name(name).casefold()]

    def __contains__(self, name: str) -> bool:
        """Whether there is such a member."""
        return _name(name).casefold() in self._members

    @property
    def unzipped(self) -> int:
        """Bytes that its members have unzipped, as it says."""
        return sum(each.file_size for each in self.infolist())


def _name(written: str) -> str:
    return posixpath.normpath(written.replace("\\", "/").lstrip("/"))


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """The archive, everything that can be wrong with it said as a refusal."""
    try:
        with bounded(), Package(path) as archive:
            yield archive
    except RuntimeError:  # zipfile asks for a password
        raise Refused("unreadable", what=LOCKED) from None
    except tuple(kind for kinds, _ in _BROKEN for kind in kinds) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # a place before the file's beginning
            raise
        raise Refused("damaged_workbook", reason=_said(error)) from None


def _said(error: Exception) -> str:
    return next(said for kinds, said in _BROKEN if isinstance(error, kinds))


def pieces(archive: Package, member: str) -> Iterator[bytes]:
    """A member's bytes in pieces that end between two tags."""
    rest = b""
    with archive.open(member) as file:
        while chunk := file.read(CHUNK):
            rest += chunk
            cut = rest.rfind(b"<")
            if cut > 0:
                yield rest[:cut]
                rest = rest[cut:]
    yield rest


def parse(
    file: IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
    *,
    whole_names: bool = False,
) -> None:
    """Send a member through a parser; names arrive without their namespace, or behind it. Types are not needed."""
    chunks, encoding = _in_a_known_encoding(file)
    parser = expat.ParserCreate(encoding, namespace_separator=" ")

    def doctype(*_: object) -> None:
        raise Refused("unreadable", what="a workbook whose XML declares a document type")

    parser.StartDoctypeDeclHandler = doctype
    if whole_names:
        parser.StartElementHandler, parser.EndElementHandler = start, end
    else:
        parser.StartElementHandler = lambda name, given: start(name.rpartition(" ")[2], given)
        if end is not None:
            parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
    if text is not None:
        parser.buffer_text = True
        parser.CharacterDataHandler = text
    for chunk in chunks:
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _in_a_known_encoding(file: IO[bytes]) -> tuple[Iterator[bytes], str | None]:
    """XML in an encoding that the parser knows, and which it is where the XML itself names another."""
    first = file.read(_HEAD)
    rest = itertools.chain([first], iter(lambda: file.read(CHUNK), b""))
    declared = _DECLARED.match(first)
    if declared is None:
        return rest, None
    try:
        codec = codecs.lookup(declared[1].decode("ascii"))
    except LookupError:
        return rest, None
    if codec.name.startswith("utf-16"):  # whose declaration could be read as ASCII
        return rest, None
    decoder = codec.incrementaldecoder()
    return (decoder.decode(each).encode("utf-8") for each in rest), "utf-8"


def elements(archive: Package, member: str) -> list[tuple[str, dict[str, str]]]:
    """The elements of a small member, with what is given in them."""
    found: list[tuple[str, dict[str, str]]] = []
    if member not in archive:
        raise Refused("damaged_workbook", reason=f"{member} is missing in it")
    with archive.open(member) as file:
        parse(file, lambda name, given: found.append((name, given)))
    return found


def relation(given: dict[str, str]) -> str:
    """The relation that an element names."""
    return next((value for name, value in given.items() if name.rpartition(" ")[2] == "id"), "")


@dataclass(frozen=True)
class Relation:
    """What a member says of another: the other's ``member`` and ``kind``, the last part of the type's address."""

    name: str
    member: str
    kind: str


def main_member(archive: Package) -> str:
    """The member that names the sheets."""
    if "_rels/.rels" not in archive:
        return MAIN
    found = (each.member for each in relations(archive, "") if each.kind == "officeDocument" and each.member in archive)
    return next((member for member in found if _root(archive, member) == "workbook"), MAIN)


def _root(archive: Package, member: str) -> str:
    """The name of a member's outermost element; '' where it is no XML."""
    found: list[str] = []
    with archive.open(member) as file, suppress(expat.ExpatError):
        parse(io.BytesIO(file.read(4096)), lambda name, _: found.append(name))
    return found[0] if found else ""


def relations(archive: Package, of: str) -> list[Relation]:
    """The relations of a member; of the archive where ``of`` is ''."""
    folder, name = posixpath.split(of)
    found = []
    for element, given in elements(archive, posixpath.join(folder, "_rels", f"{name}.rels")):
        if element == "Relationship":
            target = given.get("Target", "").replace("\\", "/")
            member = target if target.startswith("/") else posixpath.join(folder, target)
            kind = given.get("Type", "").rpartition("/")[2]
            found.append(Relation(given.get("Id", ""), _name(member), kind))
    return found
