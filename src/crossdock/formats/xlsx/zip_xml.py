"""Workbooks that are zips of XML: opened, cut and parsed so that damage ends in a refusal.

Members are found as Excel finds them, with any slashes and case in their names.
"""

from __future__ import annotations

import codecs
import errno
import gzip
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

LOCKED = "password-protected: save it without a password"
"""What a file is that its owner has locked."""
CHUNK = 8 << 20
_HEAD = 200
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*encoding\s*=\s*["']([\w.:-]+)""")
MAIN = "xl/workbook.xml"
"""The member that names the sheets, if the archive doesn't name another."""
_BROKEN: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((expat.ExpatError,), "its XML is broken or ends early"),
    ((zipfile.BadZipFile, zipfile.LargeZipFile, struct.error), "the zip archive that it is is not whole"),
    ((zlib.error, lzma.LZMAError, EOFError), "a part of it is not whole"),
    ((ValueError, IndexError, KeyError, OSError), "its parts contradict each other"),
)
"""What a broken zip, broken XML or a broken number in it raises → the reason in the refusal."""
_BROKEN_KINDS = tuple(kind for kinds, _ in _BROKEN for kind in kinds)
UNREADABLE: tuple[type[Exception], ...] = (*_BROKEN_KINDS, OverflowError, NotImplementedError, RuntimeError)
"""What a zip raises that is damaged, encrypted or of an unknown kind; which ``OSError``, says ``is_damage``."""


def is_damage(error: Exception) -> bool:
    """Whether an error is the file's fault, and not an outage: an offset before the file's beginning is asked for where
    the directory of a zip is wrong.
    """
    return not isinstance(error, OSError) or isinstance(error, gzip.BadGzipFile) or error.errno == errno.EINVAL


@contextmanager
def bounded() -> Iterator[None]:
    """Turn errors of reading a file that is not broken, such as too little memory, into ``Refused``."""
    try:
        yield
    except MemoryError:
        raise Refused("workbook_too_costly", limit="memory") from None
    except (RecursionError, OverflowError, NotImplementedError):
        raise Refused("strange_workbook") from None


class Package(zipfile.ZipFile):
    """A zip archive whose members are found under any spelling of their name."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._members = {_name(each.filename).casefold(): each for each in reversed(self.infolist())}

    def getinfo(self, name: str) -> zipfile.ZipInfo:
        """A member by its name. Raises ``KeyError`` if there is none."""
        return self._members[_name(name).casefold()]

    def __contains__(self, name: str) -> bool:
        """Whether there is such a member."""
        return _name(name).casefold() in self._members

    @property
    def unzipped(self) -> int:
        """The bytes of its members, unzipped, as the archive states them."""
        return sum(each.file_size for each in self.infolist())


def _name(written: str) -> str:
    return posixpath.normpath(written.replace("\\", "/").lstrip("/"))


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """The open archive. Everything that can be wrong with it raises ``Refused``."""
    try:
        with bounded(), Package(path) as archive:
            yield archive
    except RuntimeError:  # zipfile asks for a password
        raise Refused("unreadable", what=LOCKED) from None
    except _BROKEN_KINDS as error:
        if not is_damage(error):
            raise
        raise Refused("damaged_workbook", reason=_sentence(error)) from None


def _sentence(error: Exception) -> str:
    return next(sentence for kinds, sentence in _BROKEN if isinstance(error, kinds))


def pieces(archive: Package, member: str, before: bytes = b"<") -> Iterator[bytes]:
    """A member's bytes in pieces that end before a tag: one that begins so, if there is any."""
    rest = b""
    with archive.open(member) as file:
        while chunk := file.read(CHUNK):
            rest += chunk
            cut = max(rest.rfind(before), 0) or rest.rfind(b"<")
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
    """Parse a member; names arrive without their namespace, or after it and a blank if ``whole_names``.

    Raises ``Refused`` if the XML declares a document type.
    """
    chunks, encoding = _in_parsed_encoding(file)
    parser = expat.ParserCreate(encoding, namespace_separator=" ")

    def doctype(*_: object) -> None:
        raise Refused("unreadable", what="a workbook whose XML declares a document type")

    parser.StartDoctypeDeclHandler = doctype
    if whole_names:
        parser.StartElementHandler, parser.EndElementHandler = start, end
    else:
        parser.StartElementHandler = lambda name, attributes: start(name.rpartition(" ")[2], attributes)
        if end is not None:
            parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
    if text is not None:
        parser.buffer_text = True
        parser.CharacterDataHandler = text
    for chunk in chunks:
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _in_parsed_encoding(file: IO[bytes]) -> tuple[Iterator[bytes], str | None]:
    """XML in an encoding that the parser knows; and the name of that encoding, if the XML itself names another."""
    first = file.read(_HEAD)
    rest = itertools.chain([first], iter(lambda: file.read(CHUNK), b""))
    declared = _DECLARED.match(first)
    if declared is None:
        return rest, None
    try:
        codec = codecs.lookup(declared[1].decode("ascii"))
    except LookupError:
        return rest, None
    if codec.name.startswith("utf-16"):  # its declaration could be read as ASCII, so it is not
        return rest, None
    decoder = codec.incrementaldecoder()
    return (decoder.decode(each).encode("utf-8") for each in rest), "utf-8"


def elements(archive: Package, member: str) -> list[tuple[str, dict[str, str]]]:
    """The elements of a small member: name and attributes. Raises ``Refused`` if there is no such member."""
    pairs: list[tuple[str, dict[str, str]]] = []
    if member not in archive:
        raise Refused("damaged_workbook", reason=f"{member} is missing in it")
    with archive.open(member) as file:
        parse(file, lambda name, attributes: pairs.append((name, attributes)))
    return pairs


def relation(attributes: dict[str, str]) -> str:
    """The name of the relation in an element's attributes (``r:id``), or ''."""
    return next((value for name, value in attributes.items() if name.rpartition(" ")[2] == "id"), "")


@dataclass(frozen=True)
class Relation:
    """A reference of a member to another: the other's ``member`` and ``kind``, the last part of the type's address."""

    name: str
    member: str
    kind: str


def main_member(archive: Package) -> str:
    """The member that names the sheets."""
    if "_rels/.rels" not in archive:
        return MAIN
    members = (
        each.member for each in relations(archive, "") if each.kind == "officeDocument" and each.member in archive
    )
    return next((member for member in members if _root(archive, member) == "workbook"), MAIN)


def _root(archive: Package, member: str) -> str:
    """The name of a member's outermost element; '' if it is no XML."""
    names: list[str] = []
    with archive.open(member) as file, suppress(expat.ExpatError):
        parse(io.BytesIO(file.read(4096)), lambda name, _: names.append(name))
    return names[0] if names else ""


def relations(archive: Package, of: str) -> list[Relation]:
    """The relations of a member; of the archive if ``of`` is ''."""
    folder, name = posixpath.split(of)
    links = []
    for element, attributes in elements(archive, posixpath.join(folder, "_rels", f"{name}.rels")):
        if element == "Relationship":
            target = attributes.get("Target", "").replace("\\", "/")
            member = target if target.startswith("/") else posixpath.join(folder, target)
            kind = attributes.get("Type", "").rpartition("/")[2]
            links.append(Relation(attributes.get("Id", ""), _name(member), kind))
    return links
