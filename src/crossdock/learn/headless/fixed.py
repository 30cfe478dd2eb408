"""Lines of fixed width: columns are parted by characters that are blank in every line, or by what their values are.

A blank that is one character wide may be inside of values that happen to be alike (``Weg 7`` above ``Weg 8``, a day and
a time, a number whose thousands are grouped). Where that is possible the parts stay one column: nothing that is
proposed cuts a value.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crossdock.formats.lines.fixed import Fixed
from crossdock.learn.headless import touching
from crossdock.learn.headless.shape import Shape, is_figure, unnamed
from crossdock.schema.names import fold

MOST_ABOVE = 60
"""How many lines may be above the first record."""
FEWEST_LINES, FEWEST_COLUMNS = 3, 3
"""With fewer of them blanks show nothing."""
NARROW_CODE = 3
"""The most letters of a code, in capitals; longer ones may be a word."""
_RULE = re.compile(r"[-=_]{2,}(?: +[-=_]{2,})+")
_TIME = re.compile(r"\d{1,2}:\d{2}.*")
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")


@dataclass(frozen=True)
class Region:
    """A column: its beginning and end, from 0."""

    start: int
    end: int

    def of(self, line: str) -> str:
        """Its characters of a line, blanks and all."""
        return line[self.start : self.end]


def shape_of_lines(lines: Sequence[str], known: Container[str]) -> Shape | None:
    """The columns of lines of fixed width; None if they are none. ``known``: folded headings."""
    lines = [line.rstrip() for line in lines]
    if any("\t" in line for line in lines):
        return None
    return _ruled(lines) or _best(lines, known)


def cut(lines: Sequence[str], start: int) -> list[str]:
    """The places of the columns of lines behind their first characters, such as ``2-11``; none if there are none.

    ``start``: how many characters are before the columns.
    """
    lines = [" " * start + line[start:].rstrip() for line in lines]
    return [f"{each.start + 1}-{each.end}" for each in _widened(_parted(_regions(lines), lines), lines)]


def _ruled(lines: Sequence[str]) -> Shape | None:
    """The columns of a report whose headings have a rule below each."""
    for number, line in enumerate(lines[1:MOST_ABOVE], 1):
        if _RULE.fullmatch(line.strip()):
            regions = [Region(*match.span()) for match in re.finditer(r"[-=_]+", line)]
            below = [each for each in lines[number + 1 :] if each]
            if len(regions) >= FEWEST_COLUMNS and below:
                return _shape(regions, lines[number - 1], number + 1, below)
    return None


def _best(lines: Sequence[str], known: Container[str]) -> Shape | None:
    """The columns below the line whose cells are headings; else those of all lines, or of all but the first ones."""
    tried: list[tuple[int, int, list[Region]]] = []
    for number, line in enumerate(lines[:MOST_ABOVE]):
        body = [each for each in lines[number:] if each]
        regions = _parted(_regions(body), body[1:])
        if line and len(body) >= FEWEST_LINES and len(regions) >= FEWEST_COLUMNS:
            cells = [each.of(line).strip() for each in regions]
            headed = sum(fold(cell) in known for cell in cells) if not any(map(is_figure, cells)) else 0
            tried.append((headed, number, regions))
    headed = max((each[0] for each in tried), default=0)
    if not tried:
        return None
    _, number, _ = next(each for each in tried if each[0] == headed)
    body = [each for each in lines[number + bool(headed) :] if each]
    regions = _parted(_regions([each for each in lines[number:] if each]), body)
    if not headed and not any(is_figure(each.of(line).strip()) for line in body[:1] for each in regions):
        return None
    return _shape(regions, lines[number] if headed else "", number + bool(headed), body)


def _regions(lines: Sequence[str]) -> list[Region]:
    """What is between the characters that are blank in all lines, except where that would cut a value."""
    width = max(map(len, lines), default=0)
    filled = [any(line[at : at + 1].strip() for line in lines) for at in range(width)]
    regions: list[Region] = []
    for at, each in enumerate(filled):
        if each and at and filled[at - 1]:
            regions[-1] = Region(regions[-1].start, at + 1)
        elif each:
            regions.append(Region(at, at + 1))
    apart = regions[:1]
    for region in regions[1:]:
        before = apart[-1]
        if region.start - before.end == 1 and _may_be_one(before, region, lines):
            apart[-1] = Region(before.start, region.end)
        else:
            apart.append(region)
    return apart


def _parted(regions: Sequence[Region], lines: Sequence[str]) -> list[Region]:
    """The regions, cut where values prove that two columns touch."""
    parted = []
    for region in regions:
        places = [region.start + cut for cut in touching.cuts([region.of(line) for line in lines])]
        parted += [Region(*each) for each in pairwise((region.start, *places, region.end))]
    return parted


def _may_be_one(left: Region, right: Region, lines: Sequence[str]) -> bool:
    """Whether two parts with one blank between them may be one value in some line.

    A part that is blank in all lines but the one of the headings is one with its neighbour.
    """
    pairs = [(left.of(line), right.of(line)) for line in lines]
    if sum(bool(one.strip()) for one, _ in pairs) <= 1 or sum(bool(other.strip()) for _, other in pairs) <= 1:
        return True
    values = pairs if any(map(is_figure, lines[0].split())) else pairs[1:]  # headings are words, whatever is below
    touching = [(one.split()[-1], other.split()[0]) for one, other in values if _touch(one, other)]
    return any(_is_one(*pair) for pair in touching)


def _touch(left: str, right: str) -> bool:
    return bool(left.strip() and right.strip()) and not left[-1].isspace() and not right[0].isspace()


def _is_one(left: str, right: str) -> bool:
    """Whether two words may be one value: words of a text, a day and a time, groups of a number.

    >>> _is_one("Weg", "7"), _is_one("05.01.2026", "10:30"), _is_one("1", "200"), _is_one("SO-1", "EA")
    (True, True, True, False)
    """
    if any(_is_word(each) for each in (left, right)) or _TIME.fullmatch(right):
        return True
    if _DAY.fullmatch(left) or _DAY.fullmatch(right):
        return False
    return len(left) <= 3 and left.isdigit() and re.fullmatch(r"\d{3}([.,]\d+)?", right) is not None


def _is_word(part: str) -> bool:
    """Whether a part may be of a text: small letters, or more letters than a code has."""
    return any(letter.islower() for letter in part) or (part.isalpha() and len(part) > NARROW_CODE)


def _shape(regions: Sequence[Region], heading: str, above: int, body: Sequence[str]) -> Shape:
    """The shape of columns. ``heading``: the line of their headings, ''; ``above``: how many lines are no records."""
    names, blank = list[str](), set[str]()
    spans = _widened(regions, body)
    for place, region in enumerate(spans, 1):
        cell = " ".join(region.of(heading).split())
        name = cell if cell and fold(cell) not in map(fold, names) else unnamed(place)
        names.append(name)
        blank |= {name} if name != cell else set()
    places = {name: f"{each.start + 1}-{each.end}" for name, each in zip(names, spans, strict=True)}
    options = {"columns_at": places} | ({"header_row": above} if above else {})
    touch = [
        f"columns_at: {name!r} may be several columns that touch, such as {spans[at].of(body[0]).strip()!r}"
        for at, name in enumerate(names)
        if touching.may_be_several([spans[at].of(line) for line in body])
    ]
    return Shape(options, Fixed.name, frozenset(blank), (_REMARK, *touch))


_REMARK = "columns_at: compare with the partner's description; the lines of one file do not show every column's width"


def _widened(regions: Sequence[Region], body: Sequence[str]) -> list[Region]:
    """The columns with the blanks that are certainly theirs: behind what begins, before what ends at one place."""
    lengths = {len(line) for line in body}
    spans = list(regions)
    for place, (left, right) in enumerate(pairwise(regions)):
        if _begins(left, body) and _begins(right, body):
            spans[place] = Region(spans[place].start, right.start)
        elif _ends(left, body) and _ends(right, body):
            spans[place + 1] = Region(left.end, spans[place + 1].end)
    if spans and max(lengths, default=0) > spans[-1].end:
        spans[-1] = Region(spans[-1].start, max(lengths))
    return spans


def _begins(region: Region, body: Sequence[str]) -> bool:
    """Whether all values of a column begin at one place: it is left-aligned."""
    cells = [region.of(line) for line in body]
    return all(not cell[0].isspace() for cell in cells if cell.strip())


def _ends(region: Region, body: Sequence[str]) -> bool:
    """Whether all values of a column end at one place: it is right-aligned."""
    cells = [region.of(line).ljust(region.end - region.start) for line in body]
    return all(not cell[-1].isspace() for cell in cells if cell.strip())
