"""The physical lines of a text file, one by one with their numbers, and how long they usually are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
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


def padded(path: Path, look: text.Inspection, kind: Callable[[str], Kind]) -> dict[Kind, int]:
    """How many characters most lines of a kind have, of each kind of which most lines are equally long."""
    lengths: dict[Kind, Counter[int]] = {}
    for _, line in lines(path, look):
        if line.strip(NOTHING):
            lengths.setdefault(kind(line), Counter())[len(line)] += 1
    usual: dict[Kind, int] = {}
    for each, counts in lengths.items():
        length, times = counts.most_common(1)[0]
        if times * 2 > counts.total() >= FEWEST:
            usual[each] = length
    return usual
