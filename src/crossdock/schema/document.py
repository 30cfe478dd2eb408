"""What a document is: its levels, their fields, the rules between them, and what it does to other documents.

One declaration, five uses: the parser takes the kinds, pandera the checks, SQL the tables, ``describe`` and the pages
the titles. A level declares only its own fields and its own part of the key and inherits the keys above it, so a
third level, or a second beside the first, is one more entry. Nothing here reads a file or a database.
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

from crossdock.schema.names import fold, snake
from crossdock.schema.relations import Against, Moved
from crossdock.schema.roles import AutoNumber, ItemWay, Role, Unique

if TYPE_CHECKING:
    import pandas as pd

    from crossdock.failures.failures import Failures
    from crossdock.schema.rules import Context

NEVER_GIVEN = 1_000_000
"""How many numbers at the very end of a range don't count as the last one given."""


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
    OBJECT = "object"


TEXTS = (Kind.TEXT, Kind.ID, Kind.CODE, Kind.ENUM, Kind.OBJECT)
"""Kinds that are text at rest."""
NUMBERS = (Kind.QUANTITY, Kind.MONEY, Kind.WHOLE)
"""Kinds that partners write as numbers."""
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
    Kind.OBJECT: pa.string(),
}
"""The Arrow type of a parsed column, by kind."""


LONGEST = 255
"""Characters that a text of any field but free text may have at most."""
RESERVED = frozenset(("partner", "shared", "state", "version", "content", "revision", "change", "job", "line"))
"""SQL columns that every document has for itself."""


@dataclass(frozen=True)
class Field:
    """One field of one level, under the contract's own name.

    ``length`` is the most characters a text may have; with ``keep_longer`` a longer one is a warning and stored
    whole, up to ``LONGEST``. ``above`` and ``least`` bound a number (exclusive, inclusive). ``values`` are those of
    an enum, in the contract's spelling; ``synonyms`` are other spellings of them, and ``remarked`` ones are a
    warning. ``refers`` names the list whose value it must be, ``codes`` the shipped list or the check digit. ``pad``:
    ids of digits are filled with zeros to that width. ``stored`` is false for what only steers or checks,
    ``compared`` for what may differ in a document that is unchanged. ``sums``: the field of the level below that this
    one is the sum of. ``from_customer``: the field of the customer that a new document takes it from where it is
    blank; ``from_day``: it is the day's. ``must``: what it refers to must exist, whatever the feed says. ``role``:
    what it is to the steps. ``free``: no goods, no address and no date of them, so that it may change when they are
    shipped or received (contract A6).
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
    nonzero: bool = False
    pad: int | None = None
    synonyms: tuple[tuple[str, str], ...] = ()
    remarked: bool = False
    sums: str | None = None
    from_customer: str | None = None
    from_day: bool = False
    must: bool = False
    role: Role | None = None
    free: bool = False

    @property
    def column(self) -> str:
        """The name of its SQL column."""
        name = snake(self.name)
        return f"{name}_" if name in RESERVED else name

    @property
    def most(self) -> int | None:
        """How many characters it may have; more can't be stored."""
        return LONGEST if self.keep_longer else self.length

    @property
    def arrow(self) -> pa.DataType:
        """The type of its parsed column."""
        return ARROW[self.kind]


@dataclass(frozen=True)
class Level:
    """One level of a document: ``title`` as in ``header.notes``, ``array`` as the API nests it.

    ``under``: the title of the level above. ``numbered``: its rows are lines that bear a number, and a file may leave
    the numbers out; a document has at least one. ``fills``: a row of this level is there where one of these is given.
    """

    title: str
    table: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    array: str = ""
    under: str = "header"
    numbered: bool = False

    def field(self, name: str) -> Field:
        """The field of that name."""
        return next(field for field in self.fields if field.name == name)

    def playing(self, role: Role) -> tuple[Field, ...]:
        """The fields of that role."""
        return tuple(field for field in self.fields if field.role is role)

    def role(self, role: Role) -> Field | None:
        """The field of that role, if there is one."""
        return next(iter(self.playing(role)), None)


Rule = Callable[["dict[str, pd.DataFrame]", "Context"], "Failures"]
"""Frames by level title (typed columns under qualified names, indexed by line) → failures."""


@dataclass(frozen=True)
class Names:
    """What a report calls the documents, a document and a line: contract A9 and the document's own heading.

    ``line`` is '' where a document has no lines of its own.
    """

    documents: str
    document: str
    line: str = ""


@dataclass(frozen=True)
class Document:
    """A document type.

    ``floating`` names stand on header and line; written bare they mean the line's where the values differ within a
    document (contract A1). ``example``: a record that can be imported, by qualified name. ``version`` goes into content
    hashes: raise it when a field's meaning changes. ``named_by``: the field by which a person names it, where that is
    not the last part of its key. ``mode``: upsert, append (the same key never changes), snapshot. ``stage``: the class
    in which a night's drops are taken (contract A7). ``active``: of a list, the field that tells whether a value is
    still in use, and the values that mean so. ``master``: everybody reads it, only a master writes it (A3).
    ``against``: whose lines its lines are held against; ``moved``: how its own are shipped or received. ``closed``: a
    header's field and value that close it. ``auto``: how a blank number is given. ``needs_lines``: one without is a
    failure. ``dates``: how its dates are written where the feed doesn't say. ``unique``: values that stand in one
    document only; ``sought``: fields of the header by which documents are looked for; ``finds``: how its rows
    find an item by another name. ``envelope``: the ERP's answer is known for it.
    """

    name: str
    title: str
    levels: tuple[Level, ...]
    report: Names
    rules: tuple[Rule, ...] = ()
    floating: tuple[str, ...] = ()
    example: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)
    version: int = 1
    named_by: str = ""
    mode: str = "upsert"
    stage: int = 0
    active: tuple[str, tuple[object, ...]] | None = None
    is_list: bool = False
    master: bool = False
    against: tuple[Against, ...] = ()
    moved: Moved | None = None
    closed: tuple[str, str] | None = None
    auto: AutoNumber | None = None
    envelope: bool = False
    needs_lines: bool = True
    dates: tuple[str, ...] = ()
    unique: tuple[Unique, ...] = ()
    finds: tuple[ItemWay, ...] = ()
    sought: tuple[tuple[str, ...], ...] = ()

    @property
    def header(self) -> Level:
        """The outermost level."""
        return self.levels[0]

    @cached_property
    def inner(self) -> tuple[Level, ...]:
        """The levels below the header, each behind the one above it."""
        return self.levels[1:]

    @cached_property
    def lines(self) -> Level | None:
        """The level whose rows are numbered lines, if there is one."""
        return next((level for level in self.levels if level.numbered), None)

    @cached_property
    def by_title(self) -> dict[str, Level]:
        """The levels by title."""
        return {level.title: level for level in self.levels}

    def children(self, level: Level) -> tuple[Level, ...]:
        """The levels right under one."""
        return tuple(each for each in self.inner if each.under == level.title and each is not level)

    def chain(self, level: Level) -> tuple[Level, ...]:
        """The levels below the header that lead to one, itself included."""
        above = self.by_title[level.under]
        return () if level is self.header else (*self.chain(above), level)

    @property
    def key(self) -> tuple[str, ...]:
        """The fields that identify a document."""
        return self.header.key

    @property
    def number(self) -> str:
        """The field by which a person names a document."""
        return self.named_by or self.header.key[-1]

    @property
    def numbers_below(self) -> int:
        """Where the numbers end that count as given (``auto``): somebody's 9999999999 is no order number."""
        return 10 ** (self.header.field(self.number).pad or 0) - NEVER_GIVEN

    @cached_property
    def numbering(self) -> str:
        """The qualified name of the line's number; '' where there are no lines."""
        return self.qualified(self.lines, self.lines.field(self.lines.key[-1])) if self.lines else ""

    def of_line(self, field: str) -> bool:
        """Whether a field (qualified name) belongs to a line rather than to the document."""
        found = self.fields.get(field)
        return self.lines is not None and found is not None and found[0] is not self.header

    @property
    def called(self) -> str:
        """Its title inside a sentence: "purchase order", "ASN"."""
        return self.title if self.title.isupper() else f"{self.title[0].lower()}{self.title[1:]}"

    @property
    def owned(self) -> bool:
        """Whether it belongs to a business unit (contract A3)."""
        return "businessUnitId" in self.key and not self.master

    @cached_property
    def leans_on(self) -> frozenset[str]:
        """The other document types that its values refer to, or its lines are held against."""
        referred = {field.refers for _, field in self.fields.values() if field.refers}
        return frozenset(referred | {way.document for way in self.against})

    @cached_property
    def shared(self) -> frozenset[str]:
        """Names that exist on more than one level."""
        names = [field.name for level in self.levels for field in level.fields]
        folds = [fold(name) for name in names]
        return frozenset(name for name in names if folds.count(fold(name)) > 1)

    def qualified(self, level: Level, field: Field) -> str:
        """The name under which a field is known between the steps: with its level only where it must be."""
        return f"{level.title}.{field.name}" if field.name in self.shared else field.name

    def spelled(self, name: str, level: Level | None) -> str:
        """The qualified name of a field of a level by its own; '' where there is none."""
        found = next((field for field in level.fields if field.name == name), None) if level else None
        return self.qualified(level, found) if level and found else ""

    def playing(self, role: Role, level: Level | None) -> str:
        """The qualified name of a level's field of that role; '' where there is none."""
        found = level.role(role) if level else None
        return self.qualified(level, found) if level and found else ""

    @cached_property
    def stands_for(self) -> dict[str, str]:
        """Qualified names → the name that a file may write instead: floating ones bare, a carton's quantity as one."""
        found = {f"{level.title}.{name}": name for level in self.levels for name in self.floating}
        for level in self.levels:
            for field in level.fields:
                for child in self.children(level) if field.sums else ():
                    found[self.qualified(child, child.field(str(field.sums)))] = self.qualified(level, field)
        return found

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
