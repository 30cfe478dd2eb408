"""What of a file was read by nobody: segments and qualifiers that no column comes from (contract edi.md §8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set

from crossdock.formats.format import Note
from crossdock.formats.guides.records import QUALIFIED, Mapper
from crossdock.formats.guides.walk import Loop, Placed

SILENT = frozenset(
    ("LX", "HL", "CTT", "SE", "ST", "N1", "N2", "N3", "N4", "PER", "NAD", "CTA", "COM", "UNS", "CNT", "CPS", "LE", "LS")
)
"""Segments that hold others together, or of which only parties that nobody asks for are left."""
SHOWN = 12
"""How many of them a note names."""


class Unused:
    """Counts them, set by set."""

    def __init__(self, mappers: Mapping[str, Mapper]) -> None:
        self._used = {name: mapper.used for name, mapper in mappers.items()}
        self._counts: Counter[str] = Counter()

    def add(self, type_: str, root: Loop) -> None:
        """A set has been read."""
        self.count(unused(root, self._used[type_]))

    def count(self, counts: Counter[str]) -> None:
        """So many of each were not read."""
        if counts:
            self._counts.update(counts)

    def notes(self) -> list[Note]:
        """One note on all of them, or none."""
        if not self._counts:
            return []
        shown = ", ".join(f"{name} {times:,}" for name, times in self._counts.most_common(SHOWN))
        return [Note("segments_unused", shown, self._counts.total())]


def unused(loop: Loop, used: Set[str]) -> Counter[str]:
    """What of a loop, and of those in it, nobody reads; ``used``: what is read."""
    counts: Counter[str] = Counter()
    loops = [loop]
    while loops:
        loop = loops.pop()
        for name, segments in loop.segments.items():
            if name in used or name in SILENT:
                continue
            for segment in segments:
                key = _key(segment)
                if key not in used and segment is not loop.first:
                    counts[key] += 1
        loops += [each for inner in loop.loops.values() for each in inner]
    return counts


def _key(segment: Placed) -> str:
    if segment.id in QUALIFIED and len(segment.parts) > 1:
        return f"{segment.id}*{segment.parts[1].partition(':')[0]}"
    return segment.id
