"""What a document is: its levels, their fields, the rules between them, and what it does to other documents.

One declaration has five uses: the parser reads the kinds, pandera the checks, SQL the tables, ``describe`` and the
pages the titles. A level declares only its own fields and its own part of the key and inherits the keys above it, so a
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
from crossdock.schema.relations import CANCELLED, CLOSED, OPEN, Against, Moved
from crossdock.schema.roles import AutoNumber, ItemWay, Role, Unique

if TYPE_CHECKING:
    from crossdock.failures.failures import Failures
    from crossdock.frames.rows import LevelRows
    from crossdock.schema.rules import Context

NEVER_GIVEN = 1_000_000
"""How many numbers at the end of a range don't count as the last assigned number."""


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
"""Kinds that are stored as text."""
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
"""The most characters of a text of any field but free text."""
RESERVED = frozenset(("partner", "shared", "state", "version", "content", "revision", "change", "job", "line"))
"""SQL columns that crossdock adds to every document."""


@dataclass(frozen=True)
class Field:
    """One field of one level, under the contract's own name.

    ``length`` is the most characters of a text; with ``keep_longer`` a longer one is a warning and stored whole, up to
    ``LONGEST``. ``above`` and ``least`` are lower bounds of a number (exclusive, inclusive). ``values`` are those of
    an enum, in the contract's spelling; ``synonyms`` are other spellings of them, which are a warning if ``remarked``.
    ``refers`` names the list whose value it must be, ``codes`` the shipped list or the check digit. ``pad``: ids of
    digits are filled with zeros to that width. ``stored`` is false if the field only steers or checks, ``compared`` if
    it may differ in a document that is unchanged. ``sums``: the field of the level below of which this one is the sum.
    ``from_customer``: the field of the customer that fills a blank of a new document; ``from_day``: the day fills it.
    ``must``: what it refers to must exist, whatever the feed says. ``role``: what it is for the steps. ``free``: no
    goods, no address and no date of them, so that it may change when they are shipped or received (contract A6).
    ``zeros_count``: of a part of the key, that with other leading zeros it is certainly another. ``fixed``: of a line,
    that with another value it is another line, which can't take this one's number. ``unit_in``: of a weight or a
    length, the header's field that says its unit. ``is_price``: of a quantity, an amount with more decimals.
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
    zeros_count: bool = False
    fixed: bool = False
    unit_in: str | None = None
    is_price: bool = False

    @cached_property
    def column(self) -> str:
        """The name of its SQL column."""
        name = snake(self.name)
        return f"{name}_" if name in RESERVED else name

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The parts of its name: ``shipTo``, ``city``."""
        return tuple(self.name.split("."))

    @property
    def most(self) -> int | None:
        """The most characters that can be stored; None if there is no limit."""
        return LONGEST if self.keep_longer else self.length

    @property
    def arrow(self) -> pa.DataType:
        """The Arrow type of its parsed column."""
        return ARROW[self.kind]


@dataclass(frozen=True, eq=False)  # declared once, and a key of caches: a hash of all fields takes a millisecond
class Level:
    """One level of a document: ``title`` as in ``header.notes``, ``array`` as the API nests it.

    ``under``: the title of the level above. ``numbered``: its rows are lines that have a number, which a file may leave
    out; a document has at least one line.
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
        """The field of that role; None if there is none."""
        return next(iter(self.playing(role)), None)


Rule = Callable[["Mapping[str, LevelRows]", "Context"], "Failures"]
"""The rows of each level by its title (typed columns under qualified names) → failures."""


@dataclass(frozen=True)
class Names:
    """The names of the documents, a document and a line in a report: contract A9 and the document's own heading.

    ``line`` is '' if the document has no lines of its own.
    """

    documents: str
    document: str
    line: str = ""


@dataclass(frozen=True, eq=False)
class Document:
    """A document type.

    ``about``: a sentence that says what it is. ``floating`` names are on header and line; written bare they mean
    the line's field if the values differ within a document (contract A1). ``example``: a record that can be
    imported, by qualified name. ``version`` is part of content hashes: raise it when a field's meaning changes.
    ``named_by``: the field by which a person names it, if that is not the last part of its key. ``mode``: upsert,
    append (the same key never changes), snapshot. ``stage``: the class in which a night's drops are taken (contract
    A7). ``active``: of a list, the field that shows whether a value is still in use, and the values that mean yes.
    ``master``: everybody reads it, only a master writes it (A3). ``against``: the documents with whose lines its
    lines are compared; ``moved``: how its own lines are shipped or received. ``closed``: the field of the header
    and the value that close it. ``auto``: how a blank number is assigned. ``needs_lines``: a document without lines
    is a failure. ``dates``: how its dates are written if the feed doesn't say so. ``unique``: values that only one
    document has; ``sought``: fields of the header by which documents are searched; ``finds``: how its rows find an
    item by another name. ``envelope``: the ERP's answer is defined for it. ``one_way``: its goods go one way only, and
    what comes back is another document.
    """

    name: str
    title: str
    about: str
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
    one_way: bool = False
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
        """The levels below the header, each after the level above it."""
        return self.levels[1:]

    @cached_property
    def lines(self) -> Level | None:
        """The level whose rows are numbered lines; None if there is none."""
        return next((level for level in self.levels if level.numbered), None)

    @cached_property
    def by_title(self) -> dict[str, Level]:
        """The levels by title."""
        return {level.title: level for level in self.levels}

    def children(self, level: Level) -> tuple[Level, ...]:
        """The levels directly under a level."""
        return tuple(each for each in self.inner if each.under == level.title and each is not level)

    def chain(self, level: Level) -> tuple[Level, ...]:
        """The levels from below the header down to ``level``, which is included."""
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
        """The end of the numbers that count as assigned (``auto``): 9999999999 in a file is no order number."""
        return 10 ** (self.header.field(self.number).pad or 0) - NEVER_GIVEN

    @cached_property
    def numbering(self) -> str:
        """The qualified name of the line's number; '' if there are no lines."""
        return self.qualified(self.lines, self.lines.field(self.lines.key[-1])) if self.lines else ""

    def of_line(self, field: str) -> bool:
        """Whether a field (qualified name) belongs to a line and not to the document as a whole."""
        entry = self.fields.get(field)
        return self.lines is not None and entry is not None and entry[0] is not self.header

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
        """The names of the document types that its values refer to, or with whose lines its lines are compared."""
        referred = {field.refers for _, field in self.fields.values() if field.refers}
        return frozenset(referred | {relation.document for relation in self.against})

    @cached_property
    def shared(self) -> frozenset[str]:
        """Names that exist on more than one level."""
        names = [field.name for level in self.levels for field in level.fields]
        folds = [fold(name) for name in names]
        return frozenset(name for name in names if folds.count(fold(name)) > 1)

    def qualified(self, level: Level, field: Field) -> str:
        """The name of a field between the steps: with the title of its level only if more than one level has it."""
        return f"{level.title}.{field.name}" if field.name in self.shared else field.name

    def level_of(self, name: str) -> Level:
        """The level on which a field stands that headers or lines may have: the lines', if they have it."""
        on_lines = self.lines is not None and any(field.name == name for field in self.lines.fields)
        return self.lines if self.lines is not None and on_lines else self.header

    def spelled(self, name: str, level: Level | None) -> str:
        """The qualified name of a level's field, by its own name; '' if there is none."""
        named = next((field for field in level.fields if field.name == name), None) if level else None
        return self.qualified(level, named) if level and named else ""

    @property
    def states(self) -> tuple[str, ...]:
        """The states that a document may have."""
        moved = (self.moved.partly, self.moved.done) if self.moved else ()
        return (OPEN, *moved, *([CLOSED] if self.closed else []), CANCELLED)

    @property
    def can_be_cancelled(self) -> bool:
        """Whether a document, and a line of it, may be cancelled."""
        levels = [self.header, *([self.lines] if self.lines else [])]
        return all(any(each.name == "action" and "cancel" in each.values for each in level.fields) for level in levels)

    @cached_property
    def zero_cancels(self) -> tuple[str, str] | None:
        """The qualified names of a line's quantity and its action, where a quantity of 0 may cancel the line."""
        line = self.lines
        quantity = line.role(Role.QUANTITY) if line else None
        actions = [each for each in line.fields if each.name == "action" and "cancel" in each.values] if line else []
        if line is None or quantity is None or not actions:
            return None
        return self.qualified(line, quantity), self.qualified(line, actions[0])

    def playing(self, role: Role, level: Level | None) -> str:
        """The qualified name of a level's field of that role; '' if there is none."""
        field = level.role(role) if level else None
        return self.qualified(level, field) if level and field else ""

    @cached_property
    def found_by_item(self) -> frozenset[str]:
        """The fields that name a line of another document, which is found by its item where they are blank."""
        level = self.lines
        if level is None or level.role(Role.ITEM) is None:
            return frozenset()
        return frozenset(self.spelled(each.line, level) for each in self.against if each.line)

    @cached_property
    def stands_for(self) -> dict[str, str]:
        """Qualified name → the name a file may write instead: floating ones bare, a carton's quantity as a line's."""
        names = {f"{level.title}.{name}": name for level in self.levels for name in self.floating}
        return names | {part: whole for whole, part in self.summed.items()}

    @cached_property
    def summed(self) -> dict[str, str]:
        """Qualified name of a sum → that of what it is the sum of, one level below: a line's quantity, its cartons'."""
        return {
            self.qualified(level, field): self.qualified(child, child.field(field.sums))
            for level in self.levels
            for field in level.fields
            for child in (self.children(level) if field.sums else ())
            if field.sums
        }

    @cached_property
    def fields(self) -> dict[str, tuple[Level, Field]]:
        """Every field by its qualified name, outermost level first."""
        return {self.qualified(level, field): (level, field) for level in self.levels for field in level.fields}

    def of(self, level: Level) -> dict[str, Field]:
        """The fields of one level by qualified name."""
        return self._of[level.title]

    @cached_property
    def _of(self) -> dict[str, dict[str, Field]]:
        """By the title of a level its fields by qualified name."""
        return {
            level.title: {name: field for name, (owner, field) in self.fields.items() if owner is level}
            for level in self.levels
        }

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Folded header → qualified name, for every spelling of each field (contract A1)."""
        names: dict[str, str] = {}
        for name, (level, field) in self.fields.items():
            for spelled in (field.name, *field.aliases):
                names[fold(f"{level.title}.{spelled}")] = name
                if level.array:
                    names[fold(f"{level.array}.{spelled}")] = name
                names.setdefault(fold(spelled), name)
        for name in self.floating:
            names[fold(name)] = name
        for name, (level, field) in self.fields.items():  # a line that names its one carton itself
            if level is not self.header and level.under != self.header.title:
                names.setdefault(fold(f"{self.by_title[level.under].array}.{field.name}"), name)
        return names

    @cached_property
    def arrays(self) -> frozenset[str]:
        """The folded names of the arrays in which JSON nests the levels below the header."""
        return frozenset(fold(level.array) for level in self.levels if level.array)
