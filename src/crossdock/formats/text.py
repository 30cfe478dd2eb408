"""Bytes → UTF-8: which encoding a file is in, and its text in chunks.

The encoding is the feed's, or established from the whole file and not only its beginning: a BOM; the pattern of NULs of
UTF-16; UTF-8, also if single bytes are no text; else cp1252, unless the content speaks against it. A byte that is no
text is never replaced silently: the file is refused with its place, or, for a format that knows its cell (``look``), it
is read as a mark of its own.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from typing import Annotated

from pydantic import Field

from crossdock.failures.refusals import Refused
from crossdock.formats import guess
from crossdock.formats.format import Note, Written

Encoding = Annotated[
    str | None, Field(description="such as `cp1252`; else a BOM, the NULs of UTF-16, UTF-8; else cp1252, and said so")
]
"""The option of every format that is text."""

CHUNK = 8 << 20
"""How many bytes are read at a time."""
HEAD = 4096
"""How many bytes of a file show its format."""
MARKS = 0x10FE00
"""A byte that is no text is read as this character of the last private plane plus the byte's value."""
MARKED = f"[{chr(MARKS)}-{chr(MARKS + 0xFF)}]"
"""The marks, as a regular expression."""
OPEN_END = "openEnd"
"""What a reader says of a file whose last line has no line end (``end_of``)."""
_TAIL = 64
"""How many bytes at the end of a file show whether its last line ends."""
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
    """What reading a whole text file has shown.

    ``encoding``: in which it is read. ``marked``: it has bytes that are no text in it, which are read as marks.
    ``mixed``: nobody named the encoding, and the file has text that looks like another one. ``notes``: the warnings
    about that.
    """

    encoding: str
    marked: bool = False
    mixed: bool = False
    notes: tuple[Note, ...] = ()


def shown(text: str) -> str:
    r"""A text whose marks are shown as the bytes that are no text: ``Caf\xe9``."""
    return re.sub(MARKED, lambda mark: f"\\x{ord(mark[0]) - MARKS:02x}", text)


def bytes_in(text: str) -> str:
    """The first five bytes that are no text in a text with marks: ``0xE9, 0xFC``; '' if there are none."""
    return ", ".join(f"0x{ord(mark) - MARKS:02X}" for mark in re.findall(MARKED, text)[:5])


def head(path: Path) -> bytes:
    """The first 4,096 bytes of a file. Raises ``Refused`` if all of it is blank."""
    with path.open("rb") as file:
        beginning = file.read(HEAD)
    if not beginning.strip() and _rest_is_blank(path):
        raise Refused("empty_file")
    return beginning


def bare(head: bytes) -> bytes:
    """The beginning of a text in any encoding, without marks, NULs and blanks before its first character."""
    return head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")


def _rest_is_blank(path: Path) -> bool:
    with path.open("rb") as file:
        return not any(chunk.strip() for chunk in iter(lambda: file.read(CHUNK), b""))


def inspect(path: Path, named: str | None) -> Inspection:
    """The encoding of a text file: ``named``, else what all of it says; bytes that are no text in it are allowed
    (``marked``).

    Raises ``Refused`` if there is no such encoding, or if UTF-16 or UTF-32 is named and the file is neither.
    """
    first = head(path)
    for bom, encoding in _BOMS:
        if first.startswith(bom):
            return _in_encoding(path, encoding)
    if named is not None:
        _check_encoding(named)
        if codecs.lookup(named).name not in ("utf-16", "utf-32"):  # those two need a BOM; without it the NULs show it
            return _in_encoding(path, named)
    if by_nuls := _by_nuls(first):
        return _in_encoding(path, by_nuls)
    if named is not None:
        raise Refused("unreadable", what=f"not {named}")
    if decodes(path, "utf-8"):
        return Inspection("utf-8")
    evidence = guess.weigh(_chunks(path))
    if evidence.is_utf8:
        return Inspection("utf-8", marked=True)
    # two bytes of a letter may be one of UTF-8, so of a file of such letters no byte but ASCII is read
    unread = "ascii" if evidence.asian else "utf-8"
    taken = guess.LATIN if not evidence.reads_oddly and decodes(path, guess.LATIN) else unread
    return Inspection(taken, marked=taken != guess.LATIN, mixed=evidence.mixed, notes=(evidence.note(taken),))


def end_of(path: Path) -> Written:
    """What ``written`` says of a file's end: whether its last line has no line end, as many programs write it, and as a
    file is that was cut.
    """
    with path.open("rb") as file:
        file.seek(max(file.seek(0, SEEK_END) - _TAIL, 0))
        return {} if file.read().rstrip(b"\x00\x1a ").endswith((b"\n", b"\r")) else {OPEN_END: True}


def marks_encoding(head: bytes) -> bool:
    """Whether a file's first bytes say that it is text, by a BOM or by the NULs of UTF-16."""
    return head.startswith(tuple(bom for bom, _ in _BOMS)) or _by_nuls(head) is not None


def _by_nuls(first: bytes) -> str | None:
    """The kind of UTF-16 of whose letters every second byte is a NUL; None if there is no such pattern."""
    even, odd = first[0::2].count(0), first[1::2].count(0)
    if max(even, odd) > len(first) // 8 and min(even, odd) * 4 < max(even, odd):
        return "utf-16-be" if even > odd else "utf-16-le"
    return None


def _in_encoding(path: Path, encoding: str) -> Inspection:
    return Inspection(encoding, marked=not decodes(path, encoding))


def _check_encoding(named: str) -> None:
    try:
        "".encode(named)
    except (LookupError, UnicodeError):
        raise Refused("not_yet", what=f"reading the encoding {named}") from None


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(CHUNK), b"")


def decodes(path: Path, encoding: str) -> bool:
    """Whether all bytes of a file are text in an encoding."""
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

    Bytes that are no text in the encoding are read as marks if ``marked``; else ``Refused`` is raised, with line and
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


def encoded(path: Path, look: Inspection) -> Iterator[bytes]:
    """The text of a file as UTF-8 without a BOM, in chunks; ``look``: what ``inspect`` returned for it.

    Raises ``Refused`` if it can't be written in UTF-8.
    """
    if look.encoding in ("utf-8", "utf-8-sig") and not look.marked:
        with path.open("rb") as file:
            first = file.read(CHUNK)
            yield first.removeprefix(codecs.BOM_UTF8)
            yield from iter(lambda: file.read(CHUNK), b"")
        return
    for text in decoded(path, look.encoding, marked=look.marked):
        try:
            yield text.encode("utf-8")
        except UnicodeEncodeError:  # half of a character, which UTF-7 can write
            raise Refused("unreadable", what=f"not {look.encoding}") from None
