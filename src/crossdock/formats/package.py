"""An .xlsx file as what it is: a zip of XML. Opened, cut and parsed so that damage ends in a refusal."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from xml.parsers import expat

from crossdock.failures import Refused

CHUNK = 8 << 20
DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What a broken zip, broken XML or a broken number in it raises."""


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip archive, everything that can be wrong with it said as a refusal."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except DAMAGE as error:
        raise Refused("damaged_workbook", reason=str(error)) from None


def pieces(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
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
) -> None:
    """Send a member through a parser; names arrive without their namespace. A document type is never needed."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def doctype(*_: object) -> None:
        raise Refused("damaged_workbook", reason="it declares a document type")

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = lambda name, given: start(name.rpartition(" ")[2], given)
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
    if text is not None:
        parser.buffer_text = True
        parser.CharacterDataHandler = text
    while chunk := file.read(CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def elements(archive: zipfile.ZipFile, member: str) -> list[tuple[str, dict[str, str]]]:
    """The elements of a small member, with what is given in them."""
    found: list[tuple[str, dict[str, str]]] = []
    if member not in archive.namelist():
        raise Refused("damaged_workbook", reason=f"{member} is missing in it")
    with archive.open(member) as file:
        parse(file, lambda name, given: found.append((name, given)))
    return found


def relation(given: dict[str, str]) -> str:
    """The relation that an element names."""
    return next((value for name, value in given.items() if name.rpartition(" ")[2] == "id"), "")


def relations(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Relation → member of the archive."""
    for name, given in elements(archive, "xl/_rels/workbook.xml.rels"):
        if name == "Relationship":
            target = given.get("Target", "")
            member = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            yield given.get("Id", ""), member
