"""Bytes → UTF-8: which encoding a file is in, and its text in chunks.

The encoding is the feed's, or established from the whole file, never from its beginning: a BOM; the pattern of NULs
that UTF-16 has; strict UTF-8; else cp1252. A byte that is not in the encoding refuses the file and is named: nothing
is replaced silently.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from crossdock.failures import Refused

Encoding = Annotated[str | None, Field(description="such as `cp1252`; else a BOM, the NULs of UTF-16, UTF-8, cp1252")]
"""The option of every format that is text."""

CHUNK = 8 << 20
"""Bytes read at a time."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FALLBACK = "cp1252"


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
    first = head(path)
    for bom, encoding in _BOMS:
        if first.startswith(bom):
            _decode_all(path, encoding)
            return encoding
    if named is not None:
        _known(named)
        if codecs.lookup(named).name not in ("utf-16", "utf-32"):  # those two need a BOM; without, the NULs tell
            _decode_all(path, named)
            return named
    even, odd = first[0::2].count(0), first[1::2].count(0)
    if max(even, odd) > len(first) // 8 and min(even, odd) * 4 < max(even, odd):
        wide = "utf-16-be" if even > odd else "utf-16-le"
        _decode_all(path, wide)
        return wide
    if named is not None:
        raise Refused("unreadable", what=f"not {named}")
    try:
        _decode_all(path, "utf-8")
    except Refused:
        _decode_all(path, _FALLBACK)
        return _FALLBACK
    return "utf-8"


def _known(named: str) -> None:
    try:
        "".encode(named)
    except (LookupError, UnicodeError):
        raise Refused("not_yet", what=f"reading the encoding {named}") from None


def _decode_all(path: Path, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeError:
        for _ in decoded(path, encoding):  # once more, slower, to say where
            pass


def decoded(path: Path, encoding: str) -> Iterator[str]:
    """The text of a file in chunks. Refused at the first byte that is not in the encoding, by line and position."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
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


def encoded(path: Path, encoding: str) -> Iterator[bytes]:
    """The text of a file as UTF-8 without a BOM, in chunks. The file was decoded once before (``establish``)."""
    if encoding in ("utf-8", "utf-8-sig"):
        with path.open("rb") as file:
            first = file.read(CHUNK)
            yield first.removeprefix(codecs.BOM_UTF8)
            yield from iter(lambda: file.read(CHUNK), b"")
        return
    for text in decoded(path, encoding):
        yield text.encode("utf-8")
