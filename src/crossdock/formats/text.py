"""Bytes → UTF-8: which encoding a file is in, and its text in chunks.

The encoding is the feed's, or established from the whole file, never from its beginning: a BOM; the pattern of NULs
that UTF-16 has; UTF-8, also where single bytes are none; else cp1252, unless what stands in the file speaks against it.
A byte that is no text is never replaced silently: it refuses the file by its place, or, for a format that can say of
which cell it is part (``look``), comes as a mark of its own.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from crossdock.failures.refusals import Refused
from crossdock.formats import guess
from crossdock.formats.format import Note

Encoding = Annotated[
    str | None, Field(description="such as `cp1252`; else a BOM, the NULs of UTF-16, UTF-8; else cp1252, and said so")
]
"""The option of every format that is text."""

CHUNK = 8 << 20
"""Bytes read at a time."""
MARKS = 0x10FE00
"""A byte that is no text comes as this character of the last private plane, its own value added."""
MARKED = f"[{chr(MARKS)}-{chr(MARKS + 0xFF)}]"
"""The marks, as a regular expression."""
_MARK = "crossdock.mark"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Inspection:
    """What was found out about a text file by reading all of it.

    ``encoding``: in which it is read. ``marked``: it holds bytes that are none of it. ``mixed``: it is read in an
    encoding that nobody told, and holds what looks like another. ``notes``: what is to be said of that.
    """

    encoding: str
    marked: bool = False
    mixed: bool = False
    notes: tuple[Note, ...] = ()


def shown(text: str) -> str:
    r"""A text with its bytes that are none as people write them: ``Caf\xe9``."""
    return re.sub(MARKED, lambda mark: f"\\x{ord(mark[0]) - MARKS:02x}", text)


def bytes_in(text: str) -> str:
    """The first bytes in a text that are none: ``0xE9, 0xFC``."""
    return ", ".join(f"0x{ord(mark) - MARKS:02X}" for mark in re.findall(MARKED, text)[:5])


def head(path: Path) -> bytes:
    """The first bytes of a file; refused where it is empty."""
    with path.open("rb") as file:
        found = file.read(4096)
    if not found.strip() and _rest_is_blank(path):
        raise Refused("empty_file")
    return found


def bare(head: bytes) -> bytes:
    """The beginning of a text in any encoding, without marks, NULs and blanks before its first character."""
    return head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")


def _rest_is_blank(path: Path) -> bool:
    with path.open("rb") as file:
        return not any(chunk.strip() for chunk in iter(lambda: file.read(CHUNK), b""))


def establish(path: Path, named: str | None) -> str:
    """The encoding of a text file: the one named, else found by reading all of it. Refused where no text fits."""
    found = inspect(path, named)
    if found.marked:
        for _ in decoded(path, found.encoding):  # once more, to say where
            pass
    return found.encoding


def inspect(path: Path, named: str | None) -> Inspection:
    """The encoding of a text file, as ``establish`` finds it; where bytes are none of it, they are marked.

    Refused where there is no such encoding, or the file is UTF-16 without being told so and isn't.
    """
    first = head(path)
    for bom, encoding in _BOMS:
        if first.startswith(bom):
            return _told(path, encoding)
    if named is not None:
        _known(named)
        if codecs.lookup(named).name not in ("utf-16", "utf-32"):  # those two need a BOM; without, the NULs tell
            return _told(path, named)
    even, odd = first[0::2].count(0), first[1::2].count(0)
    if max(even, odd) > len(first) // 8 and min(even, odd) * 4 < max(even, odd):
        return _told(path, "utf-16-be" if even > odd else "utf-16-le")
    if named is not None:
        raise Refused("unreadable", what=f"not {named}")
    if _decodes(path, "utf-8"):
        return Inspection("utf-8")
    evidence = guess.weigh(_chunks(path))
    if evidence.is_utf8:
        return Inspection("utf-8", marked=True)
    taken = guess.LATIN if not evidence.reads_oddly and _decodes(path, guess.LATIN) else "utf-8"
    return Inspection(taken, marked=taken != guess.LATIN, mixed=evidence.mixed, notes=(evidence.note(taken),))


def _told(path: Path, encoding: str) -> Inspection:
    return Inspection(encoding, marked=not _decodes(path, encoding))


def _known(named: str) -> None:
    try:
        "".encode(named)
    except (LookupError, UnicodeError):
        raise Refused("not_yet", what=f"reading the encoding {named}") from None


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(CHUNK), b"")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def decoded(path: Path, encoding: str, *, marked: bool = False) -> Iterator[str]:
    """The text of a file in chunks.

    Bytes that are none of the encoding come as marks where those are wanted, else they refuse the file, by line and
    position.
    """
    decoder = codecs.getincrementaldecoder(encoding)(errors=_MARK if marked else "strict")
    line, position = 1, 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                before = error.object[: error.start].decode(encoding, errors="replace")
                line += before.count("\n")
                position = len(before) - before.rfind("\n") if "\n" in before else position + len(before) + 1
                byte = f"0x{error.object[error.start]:02X}"
                raise Refused("undecodable", byte=byte, line=line, position=position, encoding=encoding) from None
            if text:
                line += text.count("\n")
                position = len(text) - text.rfind("\n") - 1 if "\n" in text else position + len(text)
                yield text
            if not chunk:
                return


def _marked(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(MARKS + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_MARK, _marked)


def encoded(path: Path, found: Inspection) -> Iterator[bytes]:
    """The text of a file as UTF-8 without a BOM, in chunks, as the look at it found it."""
    if found.encoding in ("utf-8", "utf-8-sig") and not found.marked:
        with path.open("rb") as file:
            first = file.read(CHUNK)
            yield first.removeprefix(codecs.BOM_UTF8)
            yield from iter(lambda: file.read(CHUNK), b"")
        return
    for text in decoded(path, found.encoding, marked=found.marked):
        try:
            yield text.encode("utf-8")
        except UnicodeEncodeError:  # half of a character, which UTF-7 can write
            raise Refused("unreadable", what=f"not {found.encoding}") from None
