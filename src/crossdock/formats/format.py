"""What a format is: one file in this folder that says how bytes of its kind become records of text, and back to places.

A format knows nothing of partners and documents. What it may know is given to it: the options that it declares, set by
the feed, and ``Clues``. It gives a ``Reader``, whose records come in ``Block``s of plain text under the headings as
sent. What other rooms must know of a format they ask of its traits, never of its name.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from crossdock.formats.fix_stamp import Stamp
from crossdock.schema.document import Kind

Arrays = Mapping[str, tuple[int, "Arrays"]]
"""The arrays in which objects nest lines: folded name → which of the arrays beside each other it is, those inside."""
Spoiled = dict[int, dict[str, tuple[str, dict[str, Any]]]]
"""What is wrong with single cells: place in the block → header → code, details."""
Written = Mapping[str, Any]
"""What a job remembers of how its file was written: ``format``, the format's name; ``first``, of a fix-workbook the
name of the format that the very first file was in; and whatever the format needs to say where a record stands."""


class Options(BaseModel):
    """The option keys that a format understands: each a field with a description, for the page and the TOML's check.

    A format without options declares this one; others declare a model of their own that inherits from it. A key that
    several formats have is one ``Annotated`` type that they share.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


Own = TypeVar("Own", bound=Options)


@dataclass(frozen=True)
class Clues:
    """What a format may know of the feed.

    ``kinds``: what a column holds, by its folded header, for every header that is known. ``arrays``: those in which
    objects nest lines. ``decimal``: the mark with which numbers are written. ``stamp``: of a fix-workbook; ``first``:
    the format that its very first file was in.
    """

    kinds: Mapping[str, Kind]
    arrays: Arrays = field(default_factory=dict)
    decimal: str = "."
    stamp: Stamp | None = None
    first: Format[Any] | None = None


@dataclass(frozen=True)
class Note:
    """What is to be said of the file as a whole: a code of scope ``file``, of what, and for how many records.

    ``line``: where it begins; None for the first record.
    """

    code: str
    value: str | None = None
    times: int = 1
    detail: Mapping[str, Any] | None = None
    line: int | None = None


@dataclass(frozen=True)
class Block:
    """Some records as a format reads them.

    ``cells``: text columns under the headers as sent. ``lines``: int64. ``objects``: int64, the object that a record
    is part of where the format nests them; its negative where the object holds no nested lines, so that it may be a
    row of whatever its key says; 0 for a row that surely is. ``faults``: the code of what is wrong with the record
    itself, or null, with its ``details`` as JSON. ``stretches``: first and last line of what an unclosed quote
    swallowed. ``spoiled``: what is wrong with single cells, as JSON {header: [code, details]}, or null; None where
    nothing is. ``origins``: in a fix-workbook, the line of the document that the record was part of, else 0; ``held``:
    its rows that are held (place in the block, a code of ``HOLDS``, the line to blame).
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

    def with_spoiled(self, found: Spoiled) -> Block:
        """The block with more cells spoiled; what was said of a cell before stays."""
        if not found:
            return self
        told = [None] * len(self.lines) if self.spoiled is None else self.spoiled.to_pylist()
        for place, each in found.items():
            told[place] = json.dumps({**each, **json.loads(told[place] or "{}")}, ensure_ascii=False)
        return replace(self, spoiled=pa.array(told, pa.string()))

    def spoiled_codes(self, header: str | None) -> np.ndarray:
        """Of each record the code of what is wrong with its cell under that header, '' where nothing is."""
        found = np.full(len(self.lines), "", dtype=object)
        for place, each in enumerate([] if self.spoiled is None else self.spoiled.to_pylist()):
            found[place] = json.loads(each).get(header, ("",))[0] if each else ""
        return found


class Reader(Protocol):
    """How a format reads a drop: its records block by block. ``written`` is what the plan remembers of it.

    ``plain_numbers``: numbers are written as the format writes them, whatever the feed says of its own. ``notes``:
    what is to be said of the file as a whole.
    """

    plain_numbers: bool

    @property
    def notes(self) -> Sequence[Note]:
        """Complete once all blocks were read."""

    @property
    def written(self) -> Written:
        """Format, encoding and dialect, for people and for the job. Complete once all blocks were read."""

    def blocks(self) -> Iterator[Block]:
        """The records in file order. Raises ``Refused`` where the file can't be read on safely."""


class Format(Protocol[Own]):
    """One format; ``formats.FORMATS`` names them all.

    ``name``: as a feed's TOML names it. ``medium``: what its files are, in words that continue "the file is": among
    formats of one medium the feed may choose, a file of another medium is refused. ``options``: the keys of a feed's
    ``options`` that it understands. ``nested``: a record may be an object, or part of one, that says by itself which
    lines belong together. ``plain_numbers``: numbers are written as the format writes them (``-1234.5``), whatever the
    feed says of its own. ``has_lines``: a record's ``line`` is a number that people find in the file.

    ``line`` is one whole number a record, unique in the file, above 0 and rising in the order of the file (below 2^62);
    what it counts is the format's own matter.
    """

    name: str
    options: type[Own]
    medium: str = "text"
    nested: bool = False
    plain_numbers: bool = False
    has_lines: bool = True

    @abstractmethod
    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether a file bears the marks of this format.

        ``head``: its first 4,096 bytes, never blank; ``path``: the file, where those don't tell. False where the format
        has no mark by which it is known: then only a feed that names it has its files read so. Raises ``Refused``
        where the file is of this format's kind and damaged.
        """

    @abstractmethod
    def reader(self, path: Path, options: Own, clues: Clues) -> Reader:
        """A reader of the file. Raises ``Refused`` where it can't be read: no header, no text of the encoding …"""

    @abstractmethod
    def place(self, line: int, written: Written) -> str:
        """Where a record stands, in words: ``line 12``, ``Orders!12``, ``/data/3/orderLines/0``."""

    @abstractmethod
    def span(self, first: int, last: int, written: Written, joined: str) -> str:
        """Where two records stand, in words, ``joined`` between them: ``lines 4–9``, ``Orders!4 and 9``."""

    def of_document(self, line: int, written: Written) -> int:  # what most formats do
        """The line that stands for the whole document that a record is part of; the record's own where none does."""
        return line

    def column(self, heading: str, written: Written) -> str:  # what most formats do
        """A heading, as the reader gives it, as the partner calls it."""
        return heading
