"""The sets of an interchange, one after the other: the tree of each by its guide, and everything that is wrong with it.

One pass over the bytes; a set is in memory while it is looked at, and no longer. What looks like
sets before it is read by its shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import dropwhile, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from crossdock.failures.refusals import Refused
from crossdock.formats.edi.envelope import Opening, forget, interchanges
from crossdock.formats.edi.interchange import X12, Fault, Interchange, SetRecord
from crossdock.formats.edi.places import MOST
from crossdock.formats.edi.syntax import CHUNK, Syntax, Token, pieces, segments
from crossdock.formats.guides.check import Capitals, Checker
from crossdock.formats.guides.dictionary import dictionary
from crossdock.formats.guides.guide import NO_ANSWER, Guide
from crossdock.formats.guides.records import Mapper
from crossdock.formats.guides.tree import GOODS, Tree, tree_of
from crossdock.formats.guides.values import Values
from crossdock.formats.guides.walk import Loop, Placed, Structure, Walk
from crossdock.formats.shapes.frames import Reading
from crossdock.formats.shapes.shapes import Shapes
from crossdock.formats.shapes.sketch import SERVICE

FOREIGN = ("unknown_segment", "unexpected")
"""The fault of a segment of another set: a line of a set that has no other."""
LOST = (("misplaced_segment", "elsewhere"), ("too_many_of", "segment"))
"""Faults of a segment with an item that no record begins with."""
RELEASES = {"00307": "4010", "003": "3060", "004": "4010"}
"""The release of X12 by the first characters of GS08; later ones are read as 005010."""
DIRECTORIES, AGENCY = ("D", "S"), "UN"
"""Versions of messages (S009 0052) whose releases are directories of the United Nations, and who controls them."""


@dataclass(frozen=True)
class Walked:
    """A set as its guide reads it; ``text``: its bytes as Latin-1; ``shapes``: of its like."""

    root: Loop
    tree: Tree
    values: Values
    text: str
    shapes: Shapes


class ReadSet(NamedTuple):
    """A set: its envelope with all faults, and what it is by its shape, or by its guide; neither without a guide."""

    record: SetRecord
    reading: Reading | None = None
    walked: Walked | None = None


@lru_cache
def release_of(version: str, standard: str) -> str:
    """The release as which something is read: by GS08 ``4010``, ``5010``; by S009 ``96A``, ``01B``."""
    if standard == X12:
        return next((release for first, release in RELEASES.items() if version.startswith(first)), "5010")
    parts = version.split(":")
    release = parts[2] if len(parts) > 2 else ""
    return "96A" if release[:1] == "9" else "01B"


@lru_cache
def is_known(version: str, standard: str) -> bool:
    """Whether there are guides for what a message says of its version (contract edi.md §3): ``ORDERS:D:96A:UN``.

    Before the directories each message had a version of its own (``90:1``), with other segments.
    """
    if standard == X12:
        return True
    _, number, _, agency, *_ = [*version.split(":"), "", "", ""]
    return number in DIRECTORIES and agency in (AGENCY, "")


class Sets:
    """The sets of an interchange, one after the other.

    ``mappers``: by the type of a set; one without is not looked into.
    """

    def __init__(self, path: Path, opening: Opening, interchange: Interchange, mappers: Mapping[str, Mapper]) -> None:
        self._path, self._opening, self._interchange = path, opening, interchange
        self._mappers = mappers
        self._readers: dict[tuple[str, str], _SetReader] = {}

    def __iter__(self) -> Iterator[ReadSet]:
        """The sets in their order. Raises ``Refused`` if a set has more segments than one may have."""
        readers: dict[tuple[str, str], _SetReader | None] = {}
        for record, text, version in _texts(self._path, self._interchange, self._opening.syntax):
            if record.segments > MOST:
                raise Refused("document_too_large", records=f"{record.segments:,}", limit=f"{MOST:,}")
            kind = record.type, version
            if kind not in readers:
                readers[kind] = self._reader(*kind)
            reader = readers[kind]
            if reader is None:
                fault = Fault("unknown_set", segment="ST", position=1, value=record.type)
                yield ReadSet(record._replace(faults=(fault, *record.faults)))
            else:
                yield reader.read(record, text)

    def _reader(self, type_: str, version: str) -> _SetReader | None:
        """What reads the sets of a type and a version; None if nothing does."""
        standard = self._interchange.standard
        if type_ not in self._mappers or not is_known(version, standard):
            return None
        kind = type_, release_of(version, standard)
        if kind not in self._readers:
            values = Values(self._opening.syntax, dictionary(standard).of(kind[1]))
            self._readers[kind] = _SetReader(self._mappers[type_], values)
        return self._readers[kind]


class _SetReader:
    """Reads the sets of one type and release of an interchange."""

    def __init__(self, mapper: Mapper, values: Values) -> None:
        self._mapper, self._values, self._structure = mapper, values, Structure(mapper.guide)
        self._checker, self._capitals = Checker(values), Capitals(mapper, values)
        self._shapes = Shapes(mapper, self._structure, values)

    def read(self, record: SetRecord, text: str) -> ReadSet:
        """A set; ``text``: its bytes as Latin-1."""
        if NO_ANSWER in text and _is_unanswered(text, self._mapper.guide, self._values.syntax):
            record = record._replace(unanswered=True)
        reading = self._shapes.reading(text, record)
        return ReadSet(record, reading) if reading is not None else self._walked(record, text)

    def _walked(self, record: SetRecord, text: str) -> ReadSet:
        """A set as its guide reads it."""
        walk = Walk(self._structure)
        faults: list[Fault] = []
        for segment in _placed(text, record, self._values.syntax):
            if segment.id not in SERVICE:
                faults += self._capitals.faults(segment)
                walk.add(segment)
                faults += self._checker.faults(segment, "")
        walk.end(record.segments)
        tree = tree_of(walk.root, self._mapper.guide, self._values)
        # a unit of which no field comes may be several (SLN04)
        faults = [each for each in faults if each.code != "bad_measure" or self._mapper.columns_of(each)]
        own = sorted([*_of_walk(walk, tree), *faults, *tree.faults], key=_place)
        whole = record._replace(faults=(*record.faults, *own)) if own else record
        return ReadSet(whole, walked=Walked(walk.root, tree, self._values, text, self._shapes))


def _texts(path: Path, interchange: Interchange, syntax: Syntax) -> Iterator[tuple[SetRecord, str, str]]:
    """Each set with its bytes as Latin-1, of one whose lines are wrapped its segments, and its version."""
    with path.open("rb") as file:
        window = _Window(file)
        for group in interchange.groups:
            tokens = segments(path, group.start, syntax)
            version = group.version if interchange.standard == X12 else None
            for record in group.sets:
                if syntax.wrapped is None:
                    text = window.between(record.start, record.end)
                else:
                    own = islice(_from(record.start, tokens), record.segments)
                    text = "".join(syntax.sent(each) + syntax.terminator for _, each in own)
                yield record, text, record.version if version is None else version


def _from(start: int, tokens: Iterator[Token]) -> Iterator[Token]:
    """Those of some segments that begin at a byte or behind it."""
    return dropwhile(lambda token: token[0] < start, tokens)


class _Window:
    """A part of a file, as Latin-1, that moves on: a call to the system for each set costs more than the set."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._start, self._text = file, 0, ""

    def between(self, start: int, end: int) -> str:
        """The bytes from a place to another one."""
        if start < self._start or end > self._start + len(self._text):
            self._file.seek(start)
            self._start, self._text = start, self._file.read(max(CHUNK, end - start)).decode("latin-1")
        return self._text[start - self._start : end - self._start]


def _placed(text: str, record: SetRecord, syntax: Syntax) -> Iterator[Placed]:
    bare = syntax if syntax.wrapped is None else replace(syntax, wrapped=None)
    tokens = pieces([text], 0, bare)
    for position in range(1, record.segments + 1):
        parts = syntax.elements(next(tokens, (0, ""))[1])
        parts[0] = parts[0].strip().upper()
        yield Placed(position, parts)


def _is_unanswered(text: str, guide: Guide, syntax: Syntax) -> bool:
    """Whether the sender of a set wants no answer to it."""
    if guide.asks is None:
        return False
    start = text.find(guide.asks.segment + syntax.element)
    first = text[start : text.find(syntax.terminator, start) + 1] if start >= 0 else ""
    if NO_ANSWER not in first:
        return False
    parts = syntax.elements(next(pieces([first], 0, syntax))[1])
    return len(parts) > guide.asks.element and syntax.text(parts[guide.asks.element]) == NO_ANSWER


@dataclass(frozen=True)
class SentSet:
    """A set as it was sent; ``text``: its bytes as Latin-1."""

    record: SetRecord
    release: str
    syntax: Syntax
    text: str

    @cached_property
    def segments(self) -> Sequence[Placed]:
        """Its segments without those of its envelope, ids in capitals."""
        return [each for each in _placed(self.text, self.record, self.syntax) if each.id not in SERVICE]


def sent_sets(path: Path) -> Iterator[SentSet]:
    """The sets of a file as they were sent, in their order."""
    try:
        for opening, interchange in interchanges(path):
            for record, text, version in _texts(path, interchange, opening.syntax):
                yield SentSet(record, release_of(version, interchange.standard), opening.syntax, text)
    finally:
        forget()


def _of_walk(walk: Walk, tree: Tree) -> Iterator[Fault]:
    """The faults of a walk; what separates lines from sums must be there where they can't be told apart without, and
    an item that is in no record of its own is lost, and so are lines of another set where there are no others.
    """
    for each in walk.faults:
        missing = each.code == "separator_missing" and tree.is_unclear
        lost = each.segment in GOODS and (each.code, each.why) in (LOST if tree.chains else (*LOST, FOREIGN))
        yield replace(each, code="segment_missing" if missing else "stray_line") if missing or lost else each


def _place(fault: Fault) -> tuple[int, int, int]:
    return fault.position, fault.element, fault.component
