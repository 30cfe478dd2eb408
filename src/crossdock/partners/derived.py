"""Columns that no file has and a feed makes of those that it has: joined, split, multiplied, or of the file's name.

Each has a heading that says what it is made of, ``First Name + Last Name``, and is read like any other column. The
cells as sent are kept for the fix-workbook, and not these.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from crossdock.frames.columns import mask
from crossdock.frames.distinct import Wrong, by_distinct
from crossdock.frames.numerals import Spelling
from crossdock.schema.names import fold

_BETWEEN = "\x1f"


class Cut(BaseModel):
    """How one column becomes several: the keys of an entry of ``[feed.split]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    separator: str = Field("", description="what stands between the parts")
    pattern: str = Field("", description="a regular expression for the whole text; each group is a part")
    into: tuple[str, ...] = Field((), description="our names of the parts, in order; else the names of the groups")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.separator) == bool(self.pattern):
            raise ValueError("write either a separator or a pattern")
        try:
            groups = re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"the pattern is no regular expression: {error}") from None
        if self.separator and len(self.into) < 2:
            raise ValueError('name the fields that the parts are, such as into = ["shipTo.city", "shipTo.state"]')
        if self.pattern and self.into and groups.groups != len(self.into):
            raise ValueError(f"the pattern has {groups.groups} groups, and into names {len(self.into)} fields")
        if self.pattern and not self.into and (not groups.groups or len(groups.groupindex) != groups.groups):
            raise ValueError("name the fields of the groups: into = [...], or (?P<quantity>...)")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the parts, in order."""
        return self.into or tuple(re.compile(self.pattern).groupindex)

    def parts(self, text: str) -> list[str | None] | None:
        """The parts of a text, as many as ``fields``; None where it has others."""
        if self.separator:
            parts = [each.strip() for each in text.split(self.separator)]
            return list(parts) if len(parts) == len(self.fields) else None
        match = re.fullmatch(self.pattern, text)
        return list(match.groups()) if match else None


def _cut(value: Any) -> Any:
    return {"pattern": value} if isinstance(value, str) else value


Split = Annotated[Cut, BeforeValidator(_cut)]
"""An entry of ``[feed.split]``: a table, or only the pattern."""


@dataclass(frozen=True)
class Derived(ABC):
    """A column that is made of others. ``ours``: its field; ``sources``: the headings that it is made of."""

    ours: str
    sources: tuple[str, ...]

    @property
    @abstractmethod
    def heading(self) -> str:
        """The heading under which it is read, and named to people."""

    @property
    def beside(self) -> str:
        """The fields that are made together with it, for people; itself, if there is no other."""
        return self.ours

    @abstractmethod
    def cells(self, sources: Sequence[pa.Array], spelling: Spelling) -> tuple[pa.Array, np.ndarray]:
        """Its cells, and which of them can't be made (bool). ``sources``: trimmed strings, null where blank."""


class Joined(Derived):
    """The texts of several columns, a blank between them; blank ones are left out."""

    @property
    def heading(self) -> str:
        """``First Name + Last Name``."""
        return " + ".join(self.sources)

    def cells(self, sources: Sequence[pa.Array], spelling: Spelling) -> tuple[pa.Array, np.ndarray]:
        """Its cells; each can be made."""
        joined, *others = sources
        for each in others:  # null_handling="skip" of Arrow 22 leaves out whole rows
            joined = pc.coalesce(pc.binary_join_element_wise(joined, each, " "), joined, each)
        return joined, np.zeros(len(joined), dtype=bool)


@dataclass(frozen=True)
class Product(Derived):
    """The product of several columns, exact; blank where all are blank. What is no number makes it none.

    ``factors``: by column, folded, the numbers that its texts mean, such as signs; texts in lower case.
    """

    factors: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)

    @property
    def heading(self) -> str:
        """``Packs × Pieces per pack``."""
        return " × ".join(self.sources)

    def cells(self, sources: Sequence[pa.Array], spelling: Spelling) -> tuple[pa.Array, np.ndarray]:
        """Its cells in the feed's notation; each can be made, as a text that is no number where a factor is none."""
        pairs_of = zip(self.sources, sources, strict=True)
        numbers = [pc.fill_null(self._numbers(name, each, spelling), "") for name, each in pairs_of]
        shown = [pc.fill_null(each, "") for each in sources]
        pairs = pc.binary_join_element_wise(*numbers, *shown, _BETWEEN)

        def multiplied(distinct: pa.Array) -> tuple[pa.Array, Wrong]:
            products = [self._product(each.split(_BETWEEN), spelling) for each in distinct.to_pylist()]
            return pa.array(products, pa.string()), {}

        product, _ = by_distinct(pairs, multiplied)
        return product, np.zeros(len(product), dtype=bool)

    def _numbers(self, column: str, texts: pa.Array, spelling: Spelling) -> pa.Array:
        """The texts of a column as numbers, null where they are none."""
        meant = self.factors.get(fold(column), {})
        blank = pc.fill_null(texts, meant[""]) if "" in meant else texts
        numbers, _ = by_distinct(blank, spelling.read)
        if not meant:
            return numbers
        place = pc.index_in(pc.utf8_lower(blank), value_set=pa.array(list(meant), pa.string()))
        return pc.coalesce(pa.array(list(meant.values()), pa.string()).take(place), numbers)

    def _product(self, cells: list[str], spelling: Spelling) -> str | None:
        numbers, shown = cells[: len(self.sources)], cells[len(self.sources) :]
        if not any(shown):
            return None
        if not all(numbers):
            return " × ".join(shown)
        product = Decimal(1)
        for each in numbers:
            product *= Decimal(each)
        return f"{product:f}".replace(".", spelling.decimal)


@dataclass(frozen=True)
class Part(Derived):
    """One part of the text of a column. ``cut``: how it is cut; ``place``: which part, from 0."""

    cut: Cut
    place: int

    @property
    def heading(self) -> str:
        """``Order-Line (customerLineNumber)``."""
        return f"{self.sources[0]} ({self.ours})"

    @property
    def beside(self) -> str:
        """All the parts."""
        return ", ".join(self.cut.fields)

    def cells(self, sources: Sequence[pa.Array], spelling: Spelling) -> tuple[pa.Array, np.ndarray]:
        """Its cells; blank where a text has other parts than expected."""

        def cut(distinct: pa.Array) -> tuple[pa.Array, Wrong]:
            texts = [parts[self.place] if (parts := self.cut.parts(each)) else None for each in distinct.to_pylist()]
            return pa.array(texts, pa.string()), {}

        parts, _ = by_distinct(sources[0], cut)
        return parts, mask(by_distinct(sources[0], self._fails)[0])

    def _fails(self, distinct: pa.Array) -> tuple[pa.Array, Wrong]:
        return pa.array([self.cut.parts(each) is None for each in distinct.to_pylist()], pa.bool_()), {}


@dataclass(frozen=True)
class OfName:
    """A value of the file's name. ``pattern``: a regular expression; its first group is the value, else all of it."""

    ours: str
    pattern: str

    @property
    def heading(self) -> str:
        """``file name (buildingId)``."""
        return f"file name ({self.ours})"

    def value(self, name: str) -> str | None:
        """The value in a file's name; None where the pattern doesn't fit."""
        match = re.search(self.pattern, name)
        return None if match is None else match[1 if match.re.groups else 0]


def derived_of(
    join: Mapping[str, tuple[str, ...]],
    split: Mapping[str, Cut],
    multiply: Mapping[str, tuple[str, ...]],
    factors: Mapping[str, Mapping[str, str]],
) -> tuple[Derived, ...]:
    """The columns that a feed makes of others. The keys of ``join`` and ``multiply`` and the parts' names are ours."""
    meant = {
        fold(theirs): {text.strip().lower(): number for text, number in texts.items()}
        for theirs, texts in factors.items()
    }
    return (
        *(Joined(ours, sources) for ours, sources in join.items()),
        *(Part(ours, (theirs,), cut, place)
          for theirs, cut in split.items() for place, ours in enumerate(cut.fields)),
        *(Product(ours, sources, meant) for ours, sources in multiply.items()),
    )  # fmt: skip
