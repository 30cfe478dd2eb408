"""Objects that are written alike, many at once: where there are, none of them becomes a value of Python.

Strategy: of a piece of the text ahead the fragments are cut (``cutting``), each gets its mould (``moulds``), and where
all of an object have one, the columns of all such objects beside each other are taken from the piece. An object of
which any fragment has none is left to the reader, who reads it by itself and comes back for the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from crossdock.formats.objects.cutting import Cut, Fragment, cut
from crossdock.formats.objects.layouts import Layout, Run
from crossdock.formats.objects.moulds import Mould, Moulds
from crossdock.formats.objects.splitting import ALONE, BESIDE, Lines
from crossdock.formats.objects.stream import Source

PIECE = 2 << 20
"""How many characters are cut at once."""
LEAST = 1 << 16
"""How many there must be: the moulds cost as much as to read a hundred objects."""
BESIDE_EACH_OTHER = 16
"""How many objects beside each other must be alike: to take the columns of fewer costs more than to read them."""
BY_THEMSELVES = 16
"""How many objects are read by themselves first: what was never met has no mould."""
MOST = 100
"""How many kinds of fragments are looked at in a piece: each costs as much as to read some objects."""
ENOUGH = 16
"""What part of a piece its objects must be: where they end sooner, the rest of it isn't cut once more for the next."""
_BLANKS = b" \t\r\n"


@dataclass(frozen=True)
class Alike:
    """Objects beside each other. ``size``: how many; ``objects``: of each of their records which it is part of, from 0;
    ``lines``: its place among their lines, with the number of their array, 0 if they have none. ``runs``: their cells.
    ``arrays``: those of their lines, in the order in which the last of each was met.
    """

    size: int
    objects: np.ndarray
    lines: np.ndarray
    runs: Sequence[Run]
    arrays: Sequence[Lines]


class Ahead:
    """The objects ahead in a text. ``by_line``: each must be a line of the text."""

    def __init__(self, moulds: Moulds, *, by_line: bool) -> None:
        self._moulds, self._by_line = moulds, by_line
        self._first = self._behind = 0
        self._wait = BY_THEMSELVES
        self._piece: _Piece | None = None

    def take(self, source: Source) -> Alike | None:
        """Take the objects that begin at the source's place, and are alike; None if the first of them is not."""
        if self._wait:
            self._wait -= 1
            return None
        place = source.place
        if not self._first <= place < self._behind:
            text = source.ahead(LEAST, PIECE)
            if not text:
                return None
            self._first, self._piece = place, self._of(text)
            end = int(self._piece.ends[-1]) if self._piece else 0
            self._behind = place + (end if end * ENOUGH >= len(text) else len(text))
        if self._piece is None:
            return None
        stretch = self._piece.stretches.get(place - self._first)
        if stretch is None:
            return None
        source.skip(int(self._piece.ends[stretch.stop - 1]) - (place - self._first))
        return self._piece.taken(stretch)

    def _of(self, text: str) -> _Piece | None:
        try:
            parts = cut(text)
        except UnicodeEncodeError:
            return None
        return _Piece(parts, self._moulds, by_line=self._by_line) if parts else None


class _Piece:
    """A piece of the text, whose objects have their moulds.

    ``ends``: where each object ends, int64. ``stretches``: by where they begin, objects beside each other that are
    alike.
    """

    def __init__(self, parts: Cut, moulds: Moulds, *, by_line: bool) -> None:
        self._cut, self._moulds, self._by_line = parts, moulds, by_line
        kinds = parts.kinds
        self._heads = np.flatnonzero(kinds == Fragment.HEAD)
        self._of_fragment = np.cumsum(kinds == Fragment.HEAD) - 1
        lines = np.flatnonzero(kinds == Fragment.LINE)
        self._lines, self._of_line = lines, self._of_fragment[lines]
        self._sizes = np.bincount(self._of_line, minlength=len(self._heads))
        self._tails = np.full(len(self._heads), -1)
        tails = np.flatnonzero(kinds == Fragment.TAIL)
        self._tails[self._of_fragment[tails]] = tails
        arrays = np.bincount(self._of_fragment[tails], minlength=len(self._heads))
        self._odd = (arrays > 1) | ((arrays == 1) & (self._sizes == 0)) | (self._sizes >= ALONE)
        self._odd[self._of_fragment[parts.bad]] = True
        joined = self._joined()
        self._mould = np.full(len(self._heads), -1)
        self._line_mould = np.full(len(lines), -1)
        self._known: list[Mould] = []
        self._find_moulds()
        self._find_line_moulds()
        ends = np.append(np.flatnonzero(kinds == Fragment.BETWEEN), len(kinds))
        self.ends = parts.letters(ends)
        begins = parts.letters(self._heads).tolist()
        self.stretches = {begins[each.start]: each for each in self._alike(joined)}

    def _joined(self) -> np.ndarray:
        """Whether an object may be followed by the next. Objects with something else between their lines are odd."""
        kinds, codes = self._cut.kinds, self._cut.codes
        texts = [each.strip(_BLANKS) if len(each) < 1000 else each for each in self._cut.skeletons]
        is_blank, is_comma = (np.array([each == mark for each in texts])[codes] for mark in (b"", b","))
        following = np.append(kinds[1:], Fragment.BETWEEN)
        wrong = (kinds == Fragment.SPACE) & ~is_blank
        wrong |= (kinds == Fragment.BEHIND_LINE) & np.where(following == Fragment.LINE, ~is_comma, ~is_blank)
        between = np.flatnonzero(kinds == Fragment.BETWEEN)
        joined = is_comma[between]
        if self._by_line:
            is_broken = np.array([b"\n" in each for each in self._cut.skeletons])[codes]
            wrong |= (kinds != Fragment.BETWEEN) & is_broken
            joined = is_blank[between] & is_broken[between]
        self._odd[self._of_fragment[wrong]] = True
        return joined

    def _find_moulds(self) -> None:
        """Give each object its mould; those that have none are odd."""
        codes = self._cut.codes.astype(np.int64)
        has_tail = self._tails >= 0
        kinds = codes[self._heads] * (len(self._cut.skeletons) + 1)
        kinds += np.where(has_tail, codes[self._tails] + 1, 0)
        for rows in _groups(kinds, ~self._odd):
            fragments = [each for each in (int(self._heads[rows[0]]), int(self._tails[rows[0]])) if each >= 0]
            mould = self._moulds.of_object(self._cut, fragments)
            if mould is None or (self._by_line and not mould.is_line):
                continue
            fits = self._cut.are_placed(self._heads[rows], mould.at[0])
            fits &= self._cut.are_placed(self._tails[rows], mould.at[1]) if mould.lines else True
            self._mould[rows[fits]] = len(self._known)
            self._known.append(mould)
        self._odd |= self._mould < 0

    def _find_line_moulds(self) -> None:
        """Give each line its mould; the objects of lines that have none are odd."""
        kinds = self._cut.codes[self._lines] * len(self._known) + self._mould[self._of_line]
        for rows in _groups(kinds, ~self._odd[self._of_line]):
            lines = self._known[self._mould[self._of_line[rows[0]]]].lines
            mould = self._moulds.of_line(self._cut, int(self._lines[rows[0]]), lines) if lines else None
            if mould is not None:
                fits = self._cut.are_placed(self._lines[rows], mould.at[0])
                self._line_mould[rows[fits]] = len(self._known)
                self._known.append(mould)
        self._odd[self._of_line[self._line_mould < 0]] = True

    def _alike(self, joined: np.ndarray) -> Iterator[range]:
        """The objects beside each other that are alike."""
        goes_on = np.append(joined, False)
        if self._by_line:
            self._odd |= ~goes_on  # the line has more than it; of the last one that is not seen
        first = 0
        for last in np.flatnonzero(self._odd | ~goes_on).tolist():
            behind = last if self._odd[last] else last + 1
            if behind - first >= BESIDE_EACH_OTHER:
                yield range(first, behind)
            first = last + 1

    def taken(self, stretch: range) -> Alike:
        """Objects that are alike, as columns."""
        chosen = slice(stretch.start, stretch.stop)
        moulds, has_lines = self._mould[chosen], self._sizes[chosen] > 0
        sizes = np.maximum(self._sizes[chosen], 1)
        starts = np.cumsum(sizes) - sizes
        objects = np.repeat(np.arange(len(stretch)), sizes)
        places = np.arange(len(objects)) - starts[objects]
        own = slice(*np.searchsorted(self._of_line, (stretch.start, stretch.stop)))
        rows_of_lines, line_moulds = np.flatnonzero(has_lines[objects]), self._line_mould[own]
        numbers = np.zeros(len(objects), np.int64)
        runs: list[tuple[tuple[int, int], Run]] = []
        arrays: list[tuple[int, Lines]] = []
        for number in np.unique(moulds).tolist():
            mould, of = self._known[number], np.flatnonzero(moulds == number)
            heads, tails = (self._cut.firsts[each[chosen][of]] for each in (self._heads, self._tails))
            runs.append(((int(starts[of[0]]), 0), self._run(mould, mould.layout, starts[of], [heads, tails])))
            if mould.lines is None:
                continue
            arrays.append((int(of[-1]), mould.lines))
            is_one = (moulds == number)[objects]
            numbers[is_one] = (mould.lines.array.beside << BESIDE) | (places[is_one] + 1)
            rest = np.flatnonzero(is_one & (places > 0))
            if mould.layout.of_lines is not None and len(rest):
                inside = objects[rest] + stretch.start
                firsts = [self._cut.firsts[each[inside]] for each in (self._heads, self._tails)]
                runs.append(((int(rest[0]), 0), self._run(mould, mould.layout.of_lines, rest, firsts)))
        for number in np.unique(line_moulds).tolist():
            of = np.flatnonzero(line_moulds == number)
            rows, mould = rows_of_lines[of], self._known[number]
            firsts = [self._cut.firsts[self._lines[own][of]]]
            runs.append(((int(rows[0]), 1), self._run(mould, mould.layout, rows, firsts)))
        in_order = [run for _, run in sorted(runs, key=lambda each: each[0])]
        by_last = [lines for _, lines in sorted(arrays, key=lambda each: each[0])]
        return Alike(len(stretch), objects, numbers, in_order, by_last)

    def _run(self, mould: Mould, layout: Layout, rows: np.ndarray, firsts: Sequence[np.ndarray]) -> Run:
        """The cells of objects of a mould; ``firsts``: the first value of each of their fragments."""
        texts: dict[int, pa.Array] = {}
        values = {place: number for number, place in enumerate(mould.order)}
        behind = len(mould.at[0])
        for column in layout.columns:
            if column.place is not None:
                number = values[column.place]
                places = firsts[0] + number if number < behind else firsts[1] + (number - behind)
                texts[column.place] = self._cut.values.take(pa.array(places))
        return Run(layout, rows, texts, mould.numbers)


def _groups(kinds: np.ndarray, which: np.ndarray) -> list[np.ndarray]:
    """The rows of each kind, of those rows only and of so many kinds at most, the most frequent first."""
    rows = np.flatnonzero(which)
    ordered = rows[np.argsort(kinds[rows], kind="stable")]
    bounds = np.flatnonzero(np.diff(kinds[ordered])) + 1
    return sorted(np.split(ordered, bounds), key=len, reverse=True)[:MOST] if len(ordered) else []
