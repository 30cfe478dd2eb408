"""Sets that look like one that was read before are read by its shape: one pattern for its frame, one for each detail.

Strategy: a set that is read by its guide, and has no fault, is read once more with a marker in place of each value that
may be another one. Where the markers come out is the recipe: which value goes to which column. A value that something
depends on (a qualifier, the basis of a price) stays as it is, and another one there is another shape. A shape counts
once it has read ``PROOFS`` sets as the guide did. What is new, odd or wrong is read by the guide.
"""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.formats.edi.interchange import SetRecord
from crossdock.formats.edi.syntax import BETWEEN, Syntax
from crossdock.formats.guides.guide import Guide, Node
from crossdock.formats.guides.records import Mapper, Record
from crossdock.formats.guides.values import Values
from crossdock.formats.guides.walk import Structure
from crossdock.formats.shapes.frames import Frame, Reading
from crossdock.formats.shapes.moulds import Moulds
from crossdock.formats.shapes.sketch import Segments, Sketch, cut, telling
from crossdock.formats.shapes.templates import PRIVATE, Unlike

FRAMES, DETAILS = 64, 16
"""How many frames of a type of set are kept, and details of a frame; those that were not met for long go."""
IN_NUMBERS = "-.,"
"""What a number may hold beside its digits."""
TRIES, EARNED = 64, 20
"""How many sets are learned of at once, and after how many that were read by their shape one more is."""


class Shapes:
    """The shapes of one type of set, as a feed reads it and one interchange writes it."""

    def __init__(self, mapper: Mapper, structure: Structure, values: Values) -> None:
        self._mapper, self._structure, self._values = mapper, structure, values
        self._frames: list[Frame] = []
        self._moulds = Moulds(values.syntax)
        self._most = _repeated(structure.guide)
        self._left = TRIES if self._most is not None and mapper.is_flat and _plain(values.syntax) else 0
        self._read = 0
        self._telling = telling(mapper, values)

    def reading(self, text: str, record: SetRecord) -> Reading | None:
        """What a set is, if its shape is known. ``text``: its bytes as Latin-1."""
        if not self._frames or record.faults:
            return None
        plain = _prepared(text, self._values.syntax)
        if plain is None:
            return None
        reading = self._moulds.reading(plain, record.segments)
        if reading is None:
            reading = self._matched(plain)
            if reading is None or reading.mould.size != record.segments or not reading.mould.is_proven:
                return None
            self._moulds.saw(reading.mould, plain)
        self._read += 1
        if self._read % EARNED == 0 and self._left < TRIES:
            self._left += 1
        return reading

    def learn(self, text: str, records: Sequence[Record]) -> None:
        """A set that has no fault was read by its guide, and has those records."""
        if self._left <= 0:
            return
        self._left -= 1
        plain = _prepared(text, self._values.syntax)
        if plain is None:
            return
        matched = self._matched(plain)
        if matched is None:
            self._draw(plain)
            matched = self._matched(plain)
        if matched is None:
            return
        frame = matched.mould.frame
        if self._mapper.finished(matched.head, matched.records) != records:
            self._frames.remove(frame)
            self._moulds.forget(frame)
            return
        frame.proofs += 1
        for detail in dict.fromkeys(matched.mould.details):
            detail.proofs += 1

    def _matched(self, plain: str) -> Reading | None:
        """What a set is by the frames, proven or not; ``plain``: as ``_prepared`` returns it."""
        for number, frame in enumerate(self._frames):
            matched = frame.match(plain)
            if matched is not None and self._fits(len(matched.mould.details)):
                if number:
                    self._frames.insert(0, self._frames.pop(number))
                return matched
        return None

    def _fits(self, details: int) -> bool:
        return self._most is not None and (self._most.most is None or details <= self._most.most)

    def _draw(self, plain: str) -> None:
        """Learn the shape of a set, if it has one."""
        if self._most is None:
            return
        sketch = Sketch(self._mapper, self._structure, self._values, self._telling)
        try:
            before, details, behind = cut(plain, self._values.syntax, self._structure.guide, self._most)
            frame = sketch.frame(before, details[0], behind)
            known = next((each for each in self._frames if each.head == frame.head and each.tail == frame.tail), None)
            if known is None:
                self._frames.insert(0, known := frame)
                del self._frames[FRAMES:]
            for own in details:
                if self._is_known(own, behind, known):
                    continue
                detail = sketch.detail(before, own, behind)
                detail.is_plain = self._mapper.is_plain(
                    {**known.recipe.columns, **dict.fromkeys((each.column for each in detail.says), False)},
                    detail.recipe.columns,
                )
                if all(detail.pattern != each.pattern for each in known.details):
                    known.details.insert(0, detail)
                    del known.details[DETAILS:]
        except Unlike:
            return

    def _is_known(self, own: Segments, behind: Segments, frame: Frame) -> bool:
        """Whether a frame has a detail that some segments are one of: to draw one costs as much as to read twenty."""
        syntax = self._values.syntax
        text = "".join(f"{syntax.element.join(parts)}{syntax.terminator}" for parts in own)
        matches = (each.pattern.match(f"{text}{behind[0][0]}{syntax.element}") for each in frame.details)
        return any(match is not None and match.end() == len(text) for match in matches)


def _plain(syntax: Syntax) -> bool:
    """Whether separators are such that patterns can be made of them."""
    marks = syntax.element + syntax.component + syntax.terminator
    blank = syntax.element in BETWEEN or syntax.component in BETWEEN
    return not blank and marks.isascii() and not any(each.isalnum() or each in IN_NUMBERS for each in marks)


def _prepared(text: str, syntax: Syntax) -> str | None:
    """The text of a set, in which a released character is a private one, itself if it has none; None if it holds
    private ones itself.
    """
    if not text.isascii():
        text = text.encode("latin-1").decode(syntax.encoding, errors="replace")
        if PRIVATE.search(text):
            return None
    if syntax.release and syntax.release in text:
        for sent, private in syntax.released:
            text = text.replace(sent, private[-1])
    return text


def _repeated(guide: Guide) -> Node | None:
    """The node of the set that a record's loop is, or is in; None if its records may stand in several, or in a tree."""
    holding = [node for node in guide.structure if node.holds(guide.records)]
    if len(holding) != 1 or guide.tree:
        return None
    every = [each.segment for node in guide.structure for each in node.all()]
    return holding[0] if every.count(holding[0].segment) == 1 else None
