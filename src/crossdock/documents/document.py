"""What a document is: its levels, their fields, and the rules between them.

One declaration, five uses: the parser takes the kinds, pandera the checks, SQL the tables, ``describe`` and the pages
the titles. A level declares only its own fields and its own part of the key and inherits the keys above it, so a
third level is one more entry. Nothing here reads a file or a database.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from crossdock.documents.names import fold, snake

if TYPE_CHECKING:
    import pandas as pd

    from crossdock.documents.rules import Context


class Kind(Enum):
    """What a field holds (contract A2)."""

    TEXT = "text"
    ID = "id"
    CODE = "code"
    ENUM = "enum"
    QUANTITY = "quantity"
    MONEY = "money"
    WHOLE = "whole"
    FLAG = "flag"
    DATE = "date"
    TIMESTAMP = "timestamp"


ARROW: dict[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.ID: pa.string(),
    Kind.CODE: pa.string(),
    Kind.ENUM: pa.string(),
    Kind.QUANTITY: pa.decimal128(18, 6),
    Kind.MONEY: pa.decimal128(19, 4),
    Kind.WHOLE: pa.int64(),
    Kind.FLAG: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.TIMESTAMP: pa.timestamp("us", "UTC"),
}
"""The Arrow type of a parsed column, by kind."""


@dataclass(frozen=True)
class Field:
    """One field of one level, under the contract's own name.

    ``length`` is the most characters a text may have; with ``keep_longer`` a longer one is a warning and stored whole.
    ``above`` and ``least`` bound a number (exclusive, inclusive). ``values`` are those of an enum, in the contract's
    spelling. ``refers`` names the list whose value it must be. ``stored`` is false for what only steers or checks,
    ``compared`` for what may differ in a document that is unchanged.
    """

    name: str
    kind: Kind
    title: str = ""
    length: int | None = None
    keep_longer: bool = False
    required: bool = False
    above: Decimal | None = None
    least: Decimal | None = None
    values: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    default: str | None = None
    refers: str | None = None
    codes: str | None = None
    stored: bool = True
    compared: bool = True

    @property
    def column(self) -> str:
        """The name of its SQL column."""
        return snake(self.name)

    @property
    def arrow(self) -> pa.DataType:
        """The type of its parsed column."""
        return ARROW[self.kind]


@dataclass(frozen=True)
class Level:
    """One level of a document, outermost first: ``title`` as in ``header.notes``, ``array`` as the API nests it."""

    title: str
    table: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    array: str = ""

    def field(self, name: str) -> Field:
        """The field of that name."""
        return next(field for field in self.fields if field.name == name)


Rule = Callable[["dict[str, pd.DataFrame]", "Context"], "pd.DataFrame"]
"""Frames by level title (typed columns under qualified names, indexed by line) → failures."""


@dataclass(frozen=True)
class Names:
    """What a report calls the documents, a document and a line: contract A9 and the document's own heading."""

    documents: str
    document: str
    line: str


@dataclass(frozen=True)
class Document:
    """A document type.

    ``floating`` names stand on header and line; written bare they mean the line's where the values differ within a
    document (contract A1). ``example``: a record that can be imported, by qualified name. ``version`` goes into content
    hashes: raise it when a field's meaning changes.
    """

    name: str
    title: str
    levels: tuple[Level, ...]
    report: Names
    rules: tuple[Rule, ...] = ()
    floating: tuple[str, ...] = ()
    example: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)
    version: int = 1

    @property
    def header(self) -> Level:
        """The outermost level."""
        return self.levels[0]

    @property
    def line(self) -> Level:
        """The innermost level, a row of which is a record of the file."""
        return self.levels[-1]

    @property
    def key(self) -> tuple[str, ...]:
        """The fields that identify a document."""
        return self.header.key

    @property
    def number(self) -> str:
        """The field by which a person names a document: the last part of its key."""
        return self.header.key[-1]

    @property
    def line_number(self) -> str:
        """The field by which a person names a line."""
        return self.line.key[-1]

    @cached_property
    def numbering(self) -> str:
        """The qualified name of the line's number."""
        return self.qualified(self.line, self.line.field(self.line_number))

    @cached_property
    def shared(self) -> frozenset[str]:
        """Names that exist on more than one level."""
        names = [field.name for level in self.levels for field in level.fields]
        return frozenset(name for name in names if names.count(name) > 1)

    def qualified(self, level: Level, field: Field) -> str:
        """The name under which a field is known between the steps: with its level only where it must be."""
        return f"{level.title}.{field.name}" if field.name in self.shared else field.name

    @cached_property
    def fields(self) -> dict[str, tuple[Level, Field]]:
        """Every field by its qualified name, outermost level first."""
        return {self.qualified(level, field): (level, field) for level in self.levels for field in level.fields}

    def of(self, level: Level) -> dict[str, Field]:
        """The fields of one level by qualified name."""
        return {name: field for name, (owner, field) in self.fields.items() if owner is level}

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Folded header → qualified name, for every way to write each field (contract A1)."""
        known: dict[str, str] = {}
        for name, (level, field) in self.fields.items():
            for spelled in (field.name, *field.aliases):
                known[fold(f"{level.title}.{spelled}")] = name
                if level.array:
                    known[fold(f"{level.array}.{spelled}")] = name
                known.setdefault(fold(spelled), name)
        for name in self.floating:
            known[fold(name)] = name
        return known

    @cached_property
    def arrays(self) -> frozenset[str]:
        """The folded names under which JSON nests the levels below the header."""
        return frozenset(fold(level.array) for level in self.levels if level.array)
