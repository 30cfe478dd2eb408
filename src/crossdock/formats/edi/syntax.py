"""Bytes → segments: both standards' tokenizer, streaming, with the byte at which each segment begins.

Strategy: bytes are read as Latin-1, in which a place in the text is a place in the file, and cut by the interchange's
own separators with ``str.split``. Only a text that is no ASCII is decoded then. A released character (EDIFACT's ``?'``)
becomes two private characters before the cut, so that lengths stay and no cut sees it; ``Syntax.text`` turns them back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from crossdock.formats.edi.interchange import EDIFACT, X12

FIRST, CHUNK = 64 << 10, 4 << 20
"""Bytes that are read first, and later at a time."""
BREAKS = "\r\n"
BETWEEN = " \t\r\n\x00\x1a"
"""What stands between a terminator and the next segment, and is nobody's."""
NARROWEST = 40
"""Lines shorter than that are not wrapped."""
FEWEST = 2
"""So many lines of one width, and a last one, are wrapped: one break alone may be a text's."""
_PRIVATE = 0xE000
_RELEASED = re.compile("[\ue000-\ue0ff]{2}")
NUMBERS = {
    X12: re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)"),
    EDIFACT: re.compile(r"-?([0-9]+[.,]?[0-9]*|[.,][0-9]+)"),
}
"""What a number looks like: X12 R has a point and at most a minus (X12.6, 3.5.1; exponents are later than our releases
and none of our elements needs one), EDIFACT's both marks (ISO 9735, 10.1). Neither parts thousands.
"""
_OF_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}")
"""What would be another number if its mark parted thousands."""

Token = tuple[int, str]
"""The byte at which a segment begins, and its text without terminator, as ``Syntax`` reads it."""


@dataclass(frozen=True)
class Wrapped:
    """Line breaks inside of segments that a program put after every so many characters; they are taken out."""

    width: int
    mark: str


@dataclass(frozen=True)
class Syntax:
    """The separators of an interchange, in the file's bytes read as Latin-1; '' where there is none.

    ``decimal``: the mark that UNA names, '' where nobody names one. ``encoding``: in which its text is read.
    ``wrapped``: its lines are cut at equal widths.
    """

    standard: str
    element: str
    component: str
    repetition: str
    terminator: str
    release: str = ""
    decimal: str = ""
    encoding: str = "utf-8"
    wrapped: Wrapped | None = None

    def elements(self, segment: str) -> list[str]:
        """A segment's parts as they stand: its id, then its elements."""
        return segment.split(self.element)

    def components(self, element: str) -> list[str]:
        """An element's components as text."""
        if not self.component or self.component not in element:
            return [self.text(element)]
        return [self.text(each) for each in element.split(self.component)]

    def repetitions(self, element: str) -> list[str]:
        """An element's repetitions, as they stand."""
        return element.split(self.repetition) if self.repetition else [element]

    def text(self, piece: str) -> str:
        """What a piece means: decoded, released characters alone, no blanks at its end."""
        if piece.isascii():
            return piece.rstrip()
        bare = _RELEASED.sub(lambda pair: chr(ord(pair[0][1]) - _PRIVATE), piece)
        return bare.encode("latin-1").decode(self.encoding, errors="replace").rstrip()

    def sent(self, piece: str) -> str:
        """A piece as it stands in the file, in Latin-1."""
        if not self.release or piece.isascii():
            return piece
        return _RELEASED.sub(lambda pair: self.release + chr(ord(pair[0][1]) - _PRIVATE), piece)

    def is_number(self, text: str) -> bool:
        """Whether a text is a number of the standard, and only one."""
        return NUMBERS[self.standard].fullmatch(text) is not None and not self._may_be_thousands(text)

    def number(self, text: str) -> str:
        """A number with a point as its decimal mark; what may be another number has a comma, so that it is none of
        ours. Every other text as it is.
        """
        if self.standard == X12 or not NUMBERS[EDIFACT].fullmatch(text):
            return text
        return text.replace(".", ",") if self._may_be_thousands(text) else text.replace(",", ".")

    def _may_be_thousands(self, text: str) -> bool:
        """Whether the mark of a number of EDIFACT is not the one that UNA names, and may part thousands."""
        return bool(self.decimal) and self.decimal not in text and _OF_THOUSANDS.fullmatch(text) is not None

    @cached_property
    def released(self) -> tuple[tuple[str, str], ...]:
        """What each released character becomes; the release character itself first."""
        if not self.release:
            return ()
        marks = (self.release, self.terminator, self.element, self.component, self.repetition)
        private = chr(_PRIVATE)
        return tuple((self.release + mark, private + chr(_PRIVATE + ord(mark))) for mark in marks if mark)

    def shown(self) -> dict[str, str]:
        """The separators by name, as they are sent back."""
        marks = {"element": self.element, "component": self.component, "repetition": self.repetition,
                 "terminator": self.terminator, "release": self.release, "decimal": self.decimal or "."}  # fmt: skip
        return {name: mark.encode("latin-1").decode(self.encoding, errors="replace") for name, mark in marks.items()}


def read(path: Path, start: int = 0, size: int = FIRST) -> str:
    """Some bytes of a file from a place on, as Latin-1."""
    with path.open("rb") as file:
        file.seek(start)
        return file.read(size).decode("latin-1")


def segments(path: Path, start: int, syntax: Syntax) -> Iterator[Token]:
    """The segments of a file from a byte on, to its end: the byte of each, and its text. Blank ones are left out.

    The text behind the last terminator is a segment, too, if it is more than blanks.
    """
    return pieces(_chunks(path, start), start, syntax)


def pieces(chunks: Iterable[str], start: int, syntax: Syntax) -> Iterator[Token]:
    """The segments of a text that comes in chunks, as Latin-1; ``start``: the byte at which it begins."""
    for at, text in _stretches(chunks, start, syntax):
        yield from _placed(text.split(syntax.terminator)[:-1], at, len(syntax.terminator), syntax.wrapped)


Skimmed = tuple[int, str | Sequence[re.Match[str]], int]
"""A token and 0; or several that nobody looks at: where the first begins, their text with terminators, their number; or
matches of what is looked at together, with tokens between them at which nobody looks: the byte at which the text begins
in which they are, and 0.
"""


def gap_of(terminator: str) -> str:
    """A pattern of what stands between a terminator and the next segment."""
    return f"[{re.escape(BETWEEN.replace(terminator, ''))}]*+"


def skimmed(path: Path, start: int, syntax: Syntax, marks: Iterable[str], together: str) -> Iterator[Skimmed]:
    """The segments of a file as ``segments`` has them; those that don't begin with one of some marks several at once.

    ``marks`` are in capitals, and mean small letters, too. ``together``: a pattern of segments with such marks that are
    one token, without the terminator of the last.
    """
    end = syntax.terminator
    if syntax.wrapped is not None or len(end) != 1:
        yield from ((at, text, 0) for at, text in segments(path, start, syntax))
        return
    bare, gap, names = re.escape(end), gap_of(end), [*marks]
    letters = "".join(dict.fromkeys(each[0] for each in names))  # most segments begin otherwise, and need no other look
    several = f"(?-i:{together})(?={bare})"
    pattern = f"{bare}{gap}(?=[{letters}{bare}])(?:{several}|({'|'.join(map(re.escape, names))})|(?={bare}))"
    marked = re.compile(pattern, re.IGNORECASE | re.ASCII)
    for at, stretch in _stretches(_chunks(path, start), start, syntax):
        text, done, blank = end + stretch, 0, 0
        run: list[re.Match[str]] = []
        for match in marked.finditer(text):
            if match.lastindex is None:
                blank += 1
                continue
            place, behind = match.span()
            first = match.start(match.re.groups)
            if run and first < 0 and not blank:
                run.append(match)
                done = behind
                continue
            if run:
                yield at - 1, run, 0
                run = []
            count = text.count(end, done, place) - blank
            if count:
                yield at + done, text[done + 1 : place + 1], count
            blank = 0
            if first < 0:
                run, done = [match], behind
            else:
                done = text.find(end, first)
                yield at + first - 1, text[first:done], 0
        if run:
            yield at - 1, run, 0
        count = text.count(end, done, len(text) - 1) - blank
        if count:
            yield at + done, text[done + 1 :], count


def _stretches(chunks: Iterable[str], start: int, syntax: Syntax) -> Iterator[Token]:
    """A text that comes in chunks, cut behind terminators; the byte at which each stretch begins.

    The text behind the last terminator has one then, unless it is blank.
    """
    at, rest = start, ""
    for chunk in chunks:
        text = rest + chunk
        ready = _without_released(text, syntax)
        cut = ready.rfind(syntax.terminator) + 1
        if cut:
            cut += len(syntax.terminator) - 1
            yield at, ready[:cut]
        rest, at = text[cut:], at + cut
    if rest.strip(BETWEEN):
        yield at, _without_released(rest, syntax).rstrip(BETWEEN) + syntax.terminator


def _without_released(text: str, syntax: Syntax) -> str:
    for sent, private in syntax.released:
        if syntax.release in text:
            text = text.replace(sent, private)
    return text


def _placed(cut: list[str], at: int, terminator: int, wrapped: Wrapped | None) -> Iterator[Token]:
    for piece in cut:
        if piece and piece[0] not in BETWEEN:
            bare, place = piece, at
        else:
            bare = piece.lstrip(BETWEEN)
            place = at + len(piece) - len(bare)
        if bare:
            yield place, bare if wrapped is None else bare.replace("\r", "").replace("\n", "")
        at += len(piece) + terminator


def _chunks(path: Path, start: int) -> Iterator[str]:
    with path.open("rb") as file:
        file.seek(start)
        size = FIRST
        while chunk := file.read(size):
            yield chunk.decode("latin-1")
            size = min(size * 4, CHUNK)


def wrapping(head: str, terminator: str) -> Wrapped | None:
    """How the lines of a text are wrapped, if they are: each but the last of one width, and a break in a segment."""
    if terminator in BREAKS:
        return None
    mark = "\r\n" if "\r\n" in head else "\n" if "\n" in head else ""
    if not mark:
        return None
    *lines, last = head.rstrip(BREAKS).split(mark)
    if len(lines) < FEWEST or (mark == "\r\n" and head.count("\n") != head.count(mark)):
        return None
    width = len(lines[0])
    inside = any(not line.rstrip().endswith(terminator) for line in lines)
    if width < NARROWEST or not inside or len(last) > width or any(len(line) != width for line in lines):
        return None
    return Wrapped(width, mark)


def begins(text: str) -> str:
    """The standard of the interchange with which a text begins, '' if it begins with none.

    >>> begins("ISA*00*"), begins("ISAAC,5"), begins("UNB+UNOA:1")
    ('x12', '', 'edifact')
    """
    if len(text) > 3 and not text[3].isalnum():
        if text.startswith("ISA") and text[3] not in " \t\r\n":
            return X12
        if text.startswith(("UNA", "UNB")):
            return EDIFACT
    return ""
