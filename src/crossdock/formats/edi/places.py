"""A record's line: the ordinal of its set in the part, and the place of its segment in the set; and both in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.formats.edi.interchange import X12
from crossdock.formats.guides.guide import path_of, records_of

SHIFT = 20
"""Bits of a line for the place of a segment in its set."""
MOST = (1 << SHIFT) - 1
"""The most segments of a set."""
RUNS = 200
"""How many runs of numbers, and of types, are kept with a job; beyond them a set is named by its ordinal only."""
WORDS = {"x12": ("set", "ST"), "edifact": ("message", "UNH")}
"""What a set is called, and the segment that begins it."""


_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{1,2}")


def line_of(ordinal: int, position: int) -> int:
    """A record's line."""
    return ordinal << SHIFT | position


class Numbers:
    """The numbers and the types of the sets of a file, kept short: most files count up by one, and have one type."""

    def __init__(self) -> None:
        self.runs: list[list[Any]] = []
        self.types: list[list[Any]] = []
        self._next = ""
        self._type: str | None = None

    def add(self, ordinal: int, number: str, type_: str) -> None:
        """The number and the type of the next set."""
        if number != self._next and len(self.runs) <= RUNS:
            self.runs.append([ordinal, number])
        self._next = following(number, 1)
        if type_ != self._type and len(self.types) <= RUNS:
            self.types.append([ordinal, type_])
            self._type = type_


def following(number: str, more: int) -> str:
    """A control number counted up; '' if it is no number.

    >>> following("0009", 1)
    '0010'
    """
    return str(int(number) + more).zfill(len(number)) if number.isdecimal() and number.isascii() else ""


def _number_of(ordinal: int, runs: Sequence[Sequence[Any]]) -> str:
    """The number of a set, '' if it isn't known."""
    if len(runs) > RUNS:
        return ""
    first, number = next(((first, number) for first, number in reversed(runs) if first <= ordinal), (0, ""))
    return following(number, ordinal - first) if ordinal > first else number


def type_of(line: int, written: Mapping[str, Any]) -> str:
    """The type of a record's set, '' if it isn't known."""
    runs = written.get("types", ())
    if len(runs) > RUNS:
        return ""
    return next((str(type_) for first, type_ in reversed(runs) if first <= line >> SHIFT), "")


def element_named(heading: str, type_: str, written: Mapping[str, Any]) -> str:
    """What the standard calls a column in sets of a type; in all that the feed takes where the type isn't known."""
    elements = written.get("elements", {})
    if any(isinstance(each, str) for each in elements.values()):  # a job from before types were kept
        return str(elements.get(heading, heading))
    chosen = [elements[type_]] if type_ in elements else list(elements.values())
    return " / ".join(dict.fromkeys(each[heading] for each in chosen if heading in each)) or heading


def place(line: int, written: Mapping[str, Any]) -> str:
    """``set 3 (ST 0003), segment 12``; ``set 3 (ST 0003)`` for the set as a whole."""
    ordinal, position = line >> SHIFT, line & MOST
    word, segment = WORDS[written.get("format", X12)]
    number = _number_of(ordinal, written.get("numbers", ()))
    named = f"{word} {ordinal}" + (f" ({segment} {number})" if number else "")
    return f"{named}, segment {position}" if position else named


def spot(line: int, column: str, detail: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """Where a failure is: ``set`` and ``position`` count from 1, ``control`` is the set's number; ``element`` and
    ``component`` count within ``segment``, unless ``qualifier`` says which one is meant. None is what nobody knows.

    What the reader has found says its place; of a value only the place of its record's first segment is known.
    ``column``: as ``element_named`` names it. ``detail``: of the failure.
    """
    ordinal = line >> SHIFT
    named = str(detail.get("element", "")) if "position" in detail else column
    path = path_of(named)
    segment, _, behind = named.partition(" ")  # LIN UP: an item by the qualifier of its id
    known = path is not None or bool(_SEGMENT.fullmatch(segment))
    segment = (path.segment if path else segment) if known else ""
    is_first = segment in records_of(type_of(line, written))
    return {
        "set": ordinal or None,
        "control": _number_of(ordinal, written.get("numbers", ())) or None,
        "segment": segment or None,
        "position": detail.get("position") or (line & MOST if is_first else 0) or None,
        "element": (path.element if path else 0) or None,
        "component": (path.component if path else 0) or None,
        "qualifier": (",".join(path.qualifiers) if path else behind if known else "") or None,
    }


def span(first: int, last: int, written: Mapping[str, Any], joined: str) -> str:
    """``set 3 (ST 0003), segments 12–19``; two places where the sets differ."""
    if first >> SHIFT == last >> SHIFT and first & MOST and last & MOST:
        return f"{place(first >> SHIFT << SHIFT, written)}, segments {first & MOST}{joined}{last & MOST}"
    return f"{place(first, written)} {joined.strip()} {place(last, written)}"
