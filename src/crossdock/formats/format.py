"""What a format is: one file in this folder that turns bytes of its kind into records of text, and lines into places.

A format knows nothing of partners and documents. It gets the options that it declares, set by the feed, and ``Clues``.
It returns a ``Reader``, whose records come in ``Block``s of plain text under the headings as sent. Other packages use
the traits of a format, never its name.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, BeforeValidator, ConfigDict

from crossdock.formats.fix_stamp import Stamp
from crossdock.frames.columns import trimmed
from crossdock.schema.document import Kind
from crossdock.schema.names import Qualifier

Arrays = Mapping[str, "Array"]
"""The arrays in which objects nest lines, by folded name."""
Spoiled = dict[int, dict[str, tuple[str, dict[str, Any]]]]
"""Faults of single cells: place in the block → header → code, details."""
Written = Mapping[str, Any]
"""What a job stores about how its file was written: ``format``, the format's name; ``first``, of a fix-workbook the
name of the first file's format; and whatever the format needs to name the place of a record."""


def listed(value: object) -> object:
    """A text alone as a list of it."""
    return [value] if isinstance(value, str) else value


Strings = Annotated[tuple[str, ...], BeforeValidator(listed)]
"""A key that is a list of texts, or one text."""


class Options(BaseModel):
    """The option keys of a format: each a field with a description, for the page and the check of the TOML.

    A format without options declares this model; others declare a model that inherits from it. A key of several formats
    is one ``Annotated`` type that they share.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


Own = TypeVar("Own", bound=Options)


@dataclass(frozen=True)
class Array:
    """An array in which objects nest lines.

    ``beside``: its number among the arrays beside it; ``title``: our name of it; ``inside``: the arrays in its objects.
    ``only``: the one member that its objects may have, which a value may stand for; '' if they may have several.
    ``path``: what stands before the names of the members of its objects; '' for the names that lead to it.
    ``moved``: folded names of such members, with what stands before them → the names under which they are read.
    """

    beside: int
    title: str
    inside: Arrays = field(default_factory=dict)
    only: str = ""
    path: str = ""
    moved: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Clues:
    """What a format may know of the feed.

    ``document``: the name of its document type. ``sets``: the types of sets that it names. ``paths``: columns of the
    feed that the file doesn't name, and whether they are of the header. ``codes``: by our name, the partner's codes for
    which the feed has a value. ``names``: folded header → our name.
    ``qualifiers``: what tells one of several objects that its columns name (``partners[role=ST].name``).
    ``inherited``: folded headers of columns of lines whose value in the header of nested records counts for each line.
    ``kinds``: the kind of a column, by its folded header, for every known header. ``arrays``: those in which objects
    nest lines. ``around``: those that may stand around the lines instead, such as cartons that hold theirs; the lines
    are ``inside``. ``decimal``: the decimal mark of numbers. ``stamp``: of a fix-workbook; ``first``: the format of its
    first file. ``signs``: how the feed's currency is written, in lower case, None where it says none; ``currencies``:
    folded headers of columns that say which one it is.
    """

    kinds: Mapping[str, Kind]
    arrays: Arrays = field(default_factory=dict)
    around: Arrays = field(default_factory=dict)
    decimal: str = "."
    stamp: Stamp | None = None
    first: Format[Any] | None = None
    document: str = ""
    sets: tuple[str, ...] = ()
    paths: Mapping[str, bool] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Collection[str]] = field(default_factory=dict)
    qualifiers: tuple[Qualifier, ...] = ()
    inherited: frozenset[str] = frozenset()
    signs: frozenset[str] | None = None
    currencies: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Note:
    """A warning about the file as a whole: a code of scope ``file``, its value, and for how many records.

    ``line``: where it begins; None for the first record.
    """

    code: str
    value: str | None = None
    times: int = 1
    detail: Mapping[str, Any] | None = None
    line: int | None = None


def cells_of(columns: Mapping[str, pa.Array], records: int) -> pa.Table:
    """The cells of so many records under their headings; without a heading one blank column, named ''.

    A table without a column would have no row.
    """
    return pa.table(dict(columns) or {"": pa.nulls(records, pa.string())})


@dataclass(frozen=True)
class Block:
    """Some records as a format reads them.

    ``cells``: string columns under the headers as sent. ``lines``: int64. ``objects``: int64, the object that a record
    is part of if the format nests records; negative if the object has no nested lines, so that its key decides of which
    document it is a row; 0 for a record that is surely a row. ``faults``: the code of what is wrong with the record
    itself, or null, with its ``details`` as JSON (strings). ``stretches``: first and last line of what an unclosed
    quote swallowed. ``blank``, ``ignored``: how many such rows are left out. ``spoiled``: faults of single cells, as
    JSON {header: [code, details]}, or null; None if there are none. ``origins``: in a fix-workbook, int64, the line of
    the document that the record was part of, else 0; ``held``: its rows that are held (place in the block, a code of
    ``HOLDS``, the line to blame). ``sets``: the sets of an interchange that its records are of, each as JSON.
    """

    cells: pa.Table
    lines: np.ndarray
    objects: np.ndarray
    faults: pa.Array
    details: pa.Array
    stretches: tuple[tuple[int, int], ...] = ()
    blank: int = 0
    ignored: int = 0
    spoiled: pa.Array | None = None
    origins: np.ndarray | None = None
    held: tuple[tuple[int, str, int], ...] = ()
    sets: tuple[str, ...] = ()
    _trimmed: dict[str, pa.Array] = field(default_factory=dict, init=False, repr=False, compare=False)

    def trimmed(self, heading: str) -> pa.Array:
        """The cells under a heading, trimmed (``columns.trimmed``); each column is trimmed once."""
        if heading not in self._trimmed:
            self._trimmed[heading] = trimmed(self.cells.column(heading).combine_chunks())
        return self._trimmed[heading]

    def taken(self, places: np.ndarray) -> Block:
        """The records at those places (int64), in that order; what is counted stays."""
        chosen = pa.array(places)
        now = {int(place): at for at, place in enumerate(places)} if self.held else {}
        return replace(
            self,
            cells=self.cells.take(chosen),
            lines=self.lines[places],
            objects=self.objects[places],
            faults=self.faults.take(chosen),
            details=self.details.take(chosen),
            spoiled=None if self.spoiled is None else self.spoiled.take(chosen),
            origins=None if self.origins is None else self.origins[places],
            held=tuple((now[place], code, line) for place, code, line in self.held if place in now),
        )

    def cut(self, place: int) -> tuple[Block, Block]:
        """The records before a place, with all that is counted; and those from it on, with which nothing is counted."""
        behind = replace(self._slice(place, len(self.lines)), blank=0, ignored=0, stretches=(), sets=())
        return self._slice(0, place), behind

    def _slice(self, start: int, end: int) -> Block:
        size = end - start
        return replace(
            self,
            cells=self.cells.slice(start, size),
            lines=self.lines[start:end],
            objects=self.objects[start:end],
            faults=self.faults.slice(start, size),
            details=self.details.slice(start, size),
            spoiled=None if self.spoiled is None else self.spoiled.slice(start, size),
            origins=None if self.origins is None else self.origins[start:end],
            held=tuple((place - start, code, line) for place, code, line in self.held if start <= place < end),
        )

    def followed_by(self, other: Block) -> Block:
        """The records of two blocks of one file; a column that one of them lacks is blank in it. Counts are added."""
        size = len(self.lines)
        spoiled = None
        if self.spoiled is not None or other.spoiled is not None:
            spoiled = _chained(*(_or_null(each.spoiled, len(each.lines)) for each in (self, other)))
        return Block(
            cells=pa.concat_tables([self.cells, other.cells], promote_options="default").combine_chunks(),
            lines=np.concatenate([self.lines, other.lines]),
            objects=np.concatenate([self.objects, other.objects]),
            faults=_chained(self.faults, other.faults),
            details=_chained(self.details, other.details),
            stretches=(*self.stretches, *other.stretches),
            blank=self.blank + other.blank,
            ignored=self.ignored + other.ignored,
            spoiled=spoiled,
            origins=None if self.origins is None or other.origins is None
            else np.concatenate([self.origins, other.origins]),
            held=(*self.held, *((size + place, code, line) for place, code, line in other.held)),
            sets=(*self.sets, *other.sets),
        )  # fmt: skip

    def with_spoiled(self, faults: Spoiled) -> Block:
        """The block with more spoiled cells; a cell that is spoiled already keeps its fault."""
        if not faults:
            return self
        texts = [None] * len(self.lines) if self.spoiled is None else self.spoiled.to_pylist()
        for place, each in faults.items():
            texts[place] = json.dumps({**each, **json.loads(texts[place] or "{}")}, ensure_ascii=False)
        return replace(self, spoiled=pa.array(texts, pa.string()))

    def spoiled_under(self, header: str) -> Iterator[tuple[int, tuple[str, dict[str, Any]]]]:
        """The spoiled cells under a header: place in the block; code and details."""
        for place, each in enumerate([] if self.spoiled is None else self.spoiled.to_pylist()):
            fault = json.loads(each).get(header) if each else None
            if fault:
                yield place, (fault[0], fault[1])

    def spoiled_codes(self, header: str | None) -> dict[int, str]:
        """The codes of the faults of the cells under a header, by place in the block."""
        return {} if header is None else {place: code for place, (code, _) in self.spoiled_under(header)}


def _or_null(values: pa.Array | None, size: int) -> pa.Array:
    return pa.nulls(size, pa.string()) if values is None else values


def _chained(first: pa.Array, second: pa.Array) -> pa.Array:
    """Two columns of strings as one; a column of nulls may have no type yet."""
    chunks = [
        chunk for each in (first, second) for chunk in (each.chunks if isinstance(each, pa.ChunkedArray) else [each])
    ]
    return pa.concat_arrays([each.cast(pa.string()) for each in chunks])


class Reader(Protocol):
    """How a format reads a drop: its records block by block. ``written`` is what the plan stores of it.

    ``plain_numbers``: numbers are written as the format writes them, and not in the feed's notation. ``notes``:
    warnings about the file as a whole.
    """

    plain_numbers: bool

    @property
    def notes(self) -> Sequence[Note]:
        """Complete after all blocks are read."""

    @property
    def written(self) -> Written:
        """Format, encoding and dialect, for people and for the job. Complete after all blocks are read."""

    def blocks(self) -> Iterator[Block]:
        """The records in file order. Raises ``Refused`` if the rest of the file can't be read safely."""


class Format(Protocol[Own]):
    """One format; ``formats.FORMATS`` names them all.

    ``name``: as a feed's TOML names it. ``medium``: what its files are, in words that continue "the file is": the feed
    may choose among formats of one medium, a file of another medium is refused. ``options``: its keys of a feed's
    ``options``. ``nested``: a record may be an object, or part of one, that shows by itself which lines belong
    together. ``plain_numbers``: numbers are written as the format writes them (``-1234.5``), and not in the feed's
    notation. ``has_lines``: a record's ``line`` is a number that people find in the file. ``needs``: its options
    without which it reads nothing, and which are of no other format. ``template``: the ending of a template of it, ''
    if people don't fill one in. ``enveloped``: its files say who sends them and what they hold; a feed takes them only
    if it says so. ``density``: how many bytes of CSV a byte of it is, where that
    is more than one. ``dates``: how it writes dates, if the feed doesn't say so. ``typed``: its cells may be dates, of
    which texts were made that look like any date.

    ``line`` is one whole number per record, unique in the file, above 0, below 2^62 and ascending in the order of the
    file; the format decides what it counts.
    """

    name: str
    options: type[Own]
    medium: str = "text"
    nested: bool = False
    plain_numbers: bool = False
    has_lines: bool = True
    template: str = ""
    needs: tuple[str, ...] = ()
    enveloped: bool = False
    density: int = 1
    dates: tuple[str, ...] = ()
    typed: bool = False

    def sets(self) -> tuple[str, ...]:  # what most formats do
        """The types of sets that its envelopes may hold."""
        return ()

    def possible(self, document: str) -> Mapping[str, bool]:  # what most formats do
        """The types of sets that may become a document, and whether a feed must name them."""
        return {}

    def answers(self, document: str, sets: Collection[str]) -> Collection[str]:  # what most formats do
        """The answers of its standard that a feed of that document and those sets may name."""
        return ()

    @abstractmethod
    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether a file has the marks of this format.

        ``head``: its first 4,096 bytes, never blank; ``path``: the file, if those don't show it. False if the format
        has no mark: then its files are read so only for a feed that names it. Raises ``Refused`` if the file is of this
        format and damaged.
        """

    @abstractmethod
    def reader(self, path: Path, options: Own, clues: Clues) -> Reader:
        """A reader of the file. Raises ``Refused`` if it can't be read: no header, no text of the encoding …"""

    @abstractmethod
    def place(self, line: int, written: Written) -> str:
        """The place of a record, in words: ``line 12``, ``Orders!12``, ``/data/3/orderLines/0``."""

    @abstractmethod
    def span(self, first: int, last: int, written: Written, joined: str) -> str:
        """The places of two records, in words, with ``joined`` between them: ``lines 4–9``, ``Orders!4 and 9``."""

    def of_document(self, line: int, written: Written) -> int:  # what most formats do
        """The line that stands for the whole document of a record; the record's own if none does."""
        return line

    def variant(self, line: int, written: Written) -> str:  # what most formats do
        """What the names of a record's columns depend on besides, such as the type of its set."""
        return ""

    def spot(self, line: int, column: str, detail: Mapping[str, Any], written: Written) -> dict[str, Any]:
        """Where a failure is, as members of a JSON object, in its standard's terms; none where ``place`` says all.

        ``column``: as ``column`` names it. ``detail``: of the failure.
        """
        return {}

    def column(self, heading: str, written: Written, variant: str) -> str:  # what most formats do
        """A heading of the reader, as the partner calls it in records of that ``variant``, '' if it isn't known."""
        return heading
