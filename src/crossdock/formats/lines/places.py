"""Where the columns of a line are: from and to, in characters; and what is wrong with a line.

A value that is shifted by one character is another value, so a line is faulty where it has text outside of the columns,
a tab, or more characters than the padded lines of its file have; and where it ends inside a column, if the other lines
are padded or the value is right-aligned: then a part of the value is lost. A line that ends before a column begins has
a blank there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from crossdock.formats.lines.text_lines import Usual
from crossdock.schema.names import BLANKS, fold

END = 1 << 20
"""The end of a column that goes to the end of the line."""
_SPAN = re.compile(r"([1-9][0-9]{0,5})(?:-([1-9][0-9]{0,5})?)?")
NOT_READ = ""
"""The name of what no column is."""

Fault = tuple[str, dict[str, Any]]
"""What is wrong with a line: a code of the catalogue and its details."""
Columns = Mapping[str, tuple[str, ...]]


def _listed(value: object) -> object:
    """One place, or several, as a list of texts."""
    if not isinstance(value, dict):
        return value
    lists = {name: each if isinstance(each, list | tuple) else [each] for name, each in value.items()}
    return {name: [str(one) if type(one) is int else one for one in each] for name, each in lists.items()}


def _apart(columns: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The same columns, if each place is right and no two overlap."""
    for name, spans in columns.items():
        if name != NOT_READ and len(spans) != 1:
            raise ValueError(f"{name!r} is in one place, such as '1-10'")
    again = twice([name for name in columns if name != NOT_READ])
    if again is not None:
        raise ValueError(f"{again!r} stands twice")
    placed = sorted((*_span(each), name) for name, spans in columns.items() for each in spans)
    for (_, end, name), (start, _, other) in pairwise(placed):
        if start < end:
            raise ValueError(f"{name!r} and {other!r} overlap at {start + 1}")
    return columns


def twice(names: list[str]) -> str | None:
    """The first of the headings that is there twice; None if none is."""
    folded = [fold(name) or name for name in names]
    return next((name for name, each in zip(names, folded, strict=True) if folded.count(each) > 1), None)


def _span(written: str) -> tuple[int, int]:
    """``11-17`` as beginning and end, from 0; ``11-`` goes to the end of the line, ``11`` is one character."""
    match = _SPAN.fullmatch(written.replace(" ", "").replace("–", "-"))
    if match is None:
        raise ValueError(f"{written!r} is no place: write from-to, such as '1-10', counted from 1")
    start = int(match[1])
    end = int(match[2]) if match[2] else END if "-" in match[0] else start
    if end < start:
        raise ValueError(f"{written!r} ends before it begins")
    return start - 1, end


Places = Annotated[dict[str, tuple[str, ...]], BeforeValidator(_listed), AfterValidator(_apart)]
"""Columns by the characters in which they are: ``{ Order = "1-10" }``; ``""`` names what is not read."""


@dataclass(frozen=True)
class Layout:
    """The columns of a line in the order of their places.

    ``spans``: beginning and end of each, from 0; ``free``: beginning and end of what is between them; ``end``: where
    the last place ends, read or not.
    """

    names: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    free: tuple[tuple[int, int], ...]
    end: int

    @property
    def width(self) -> int:
        """The characters of a whole line; of a last column without an end, those before it."""
        return max((start if end == END else end for start, end in self.spans), default=0)

    def cells(self, line: str) -> list[str]:
        """The cells of a line, without what pads them."""
        return [line[start:end].strip(BLANKS) for start, end in self.spans]

    def fault(self, line: str, lengths: Usual) -> Fault | None:
        """What is wrong with a line, if anything is. ``lengths``: of the lines of the file that are of its type."""
        if lengths.is_by_bytes(line):
            return "counted_in_bytes", {"found": len(line), "expected": lengths.bytes}
        usual = lengths.characters if lengths.characters >= self.width else 0
        if "\t" in line:
            return "tab_in_line", {"position": line.index("\t") + 1}
        for start, end in self.free:
            between = line[start:end]
            if between.strip(BLANKS):
                position = start + len(between) - len(between.lstrip(BLANKS)) + 1
                return "outside_columns", {"position": position}
        if len(line) > usual >= self.end:
            return "line_too_long", {"found": len(line), "expected": usual}
        for name, (start, end) in zip(self.names, self.spans, strict=True):
            if start < len(line) < end < END:
                part = line[start:]
                if part.strip(BLANKS) and (usual or part[0] in BLANKS):
                    return "cut_line", {"found": len(line), "heading": name}
        return None


def layout(columns: Columns, start: int = 0) -> Layout:
    """The columns of a feed as a layout. ``start``: the first character that may be of a column, from 0."""
    placed = sorted((*_span(spans[0]), name) for name, spans in columns.items() if name != NOT_READ)
    covered = sorted(_span(each) for spans in columns.values() for each in spans)
    free, at = [], start
    for begin, end in covered:
        free += [(at, begin)] if begin > at else []
        at = max(at, end)
    free += [(at, END)] if at < END else []
    return Layout(
        names=tuple(name for _, _, name in placed),
        spans=tuple((begin, end) for begin, end, _ in placed),
        free=tuple(free),
        end=at,
    )
