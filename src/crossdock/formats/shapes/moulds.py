"""The moulds that come often: sets that have one are read by one pattern, and nothing is done detail by detail.

Most interchanges have a few kinds of sets, many times each. Where every order is another one, as those of a hundred
lines are, no mould comes often, and the details of a set are matched one after the other (``Frame.match``).
"""

from __future__ import annotations

from collections import Counter, defaultdict

from crossdock.formats.edi.syntax import Syntax
from crossdock.formats.shapes.cutting import cutter
from crossdock.formats.shapes.frames import Detail, Frame, Mould, Reading

OFTEN = 16
"""How many sets of a mould there must have been: to make its pattern costs as much as to read a hundred sets."""
MOST, OF_ONE_SIZE, LONGEST = 256, 8, 16
"""How many moulds are kept; of those of one size, which are tried one after the other; the details of a mould."""
Size = tuple[int, int]
"""How many segments a set has, and how many separators of elements."""


class Moulds:
    """The moulds of one type of set that come often."""

    def __init__(self, syntax: Syntax) -> None:
        self._syntax = syntax
        self._of_size: dict[Size, list[Mould]] = defaultdict(list)
        self._seen: Counter[tuple[Frame | Detail, ...]] = Counter()
        self._left = MOST

    def reading(self, text: str, segments: int) -> Reading | None:
        """What a set is, if it has one of them."""
        kept = self._of_size[segments, text.count(self._syntax.element)]
        for number, mould in enumerate(kept):
            match = mould.pattern.fullmatch(text)
            if match is not None:
                if number:
                    kept.insert(0, kept.pop(number))
                return Reading(mould, match)
        return None

    def saw(self, mould: Mould, text: str) -> None:
        """A set was read that has this mould, which is none of them."""
        kept = self._of_size[mould.size, text.count(self._syntax.element)]
        if not self._left or len(kept) >= OF_ONE_SIZE or len(mould.details) > LONGEST:
            return
        kind: tuple[Frame | Detail, ...] = (mould.frame, *mould.details)
        self._seen[kind] += 1
        match = mould.pattern.fullmatch(text) if self._seen[kind] >= OFTEN else None
        if match is not None:
            del self._seen[kind]
            mould.cutter = cutter(self._syntax, mould.size, match)
            kept.insert(0, mould)
            self._left -= 1
        elif len(self._seen) > MOST * OFTEN:
            self._seen.clear()

    def forget(self, frame: Frame) -> None:
        """A frame has read a set otherwise than the guide."""
        for kept in self._of_size.values():
            kept[:] = [each for each in kept if each.frame is not frame]
