"""The physical lines of a text file, one by one with their numbers, and how long they usually are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from crossdock.formats import text
from crossdock.schema.names import NOTHING

MAX_LINE = 1 << 20
"""The most characters of one line."""
FEWEST = 2
"""With fewer lines no length is usual in a file."""
_BREAK = re.compile(r"\r\n|\r|\n")

Kind = TypeVar("Kind")


def lines(path: Path, look: text.Inspection) -> Iterator[tuple[int, str]]:
    """Each physical line with its number, without its end; of a line that is too long a part that is still too long."""
    number, rest = 0, ""
    for chunk in text.decoded(path, look.encoding, marked=look.marked):
        pieces = _BREAK.split(rest + chunk)
        if chunk.endswith("\r"):  # the line feed that belongs to it may be the next character
            pieces[-2:] = [f"{pieces[-2]}\r"]
        rest = pieces.pop()
        for line in pieces:
            number += 1
            yield number, line.removeprefix("\ufeff" * (number == 1))
        if len(rest) > MAX_LINE:
            rest = rest[: MAX_LINE + 1] + "\r" * rest.endswith("\r")
    if rest:
        number += 1
        yield number, rest.removesuffix("\r").removeprefix("\ufeff" * (number == 1))


@dataclass(frozen=True)
class Usual:
    """How long the lines of a kind usually are: in ``characters``, 0 if most are not equally long; in ``bytes``, if
    these are equal where the characters are not, 0 if they are not.
    """

    characters: int = 0
    bytes: int = 0

    def is_by_bytes(self, line: str) -> bool:
        """Whether a line is as long as others only if its bytes are counted: so its columns begin elsewhere."""
        return not line.isascii() and len(line.encode()) == self.bytes


@dataclass
class _Lengths:
    """The lengths of lines, in characters and in bytes of UTF-8."""

    characters: Counter[int] = field(default_factory=Counter)
    bytes: Counter[int] = field(default_factory=Counter)

    @property
    def usual(self) -> Usual:
        characters, as_bytes = _most(self.characters), _most(self.bytes)
        all_alike = len(self.bytes) == 1 < len(self.characters)
        return Usual(characters, as_bytes if as_bytes == characters or all_alike else 0)


def padded(path: Path, look: text.Inspection, kind: Callable[[str], Kind]) -> dict[Kind, Usual]:
    """How long the lines of each kind usually are. Only a character of UTF-8 may be several bytes in the file."""
    is_utf8 = look.encoding in ("utf-8", "utf-8-sig")
    lengths: dict[Kind, _Lengths] = {}
    for _, line in lines(path, look):
        if line.strip(NOTHING):
            of_kind = lengths.setdefault(kind(line), _Lengths())
            of_kind.characters[len(line)] += 1
            of_kind.bytes[len(line) if line.isascii() else len(line.encode())] += is_utf8
    return {each: counts.usual for each, counts in lengths.items()}


def _most(counts: Counter[int]) -> int:
    """The length of most lines; 0 if no length is that of most."""
    length, times = counts.most_common(1)[0]
    return length if times * 2 > counts.total() >= FEWEST else 0
