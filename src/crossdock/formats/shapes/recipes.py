"""How the values of a record become its cells: some are copied, some are joined, of some something is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import pyarrow.compute as pc

from crossdock.formats.guides import goods
from crossdock.formats.guides.guide import Path, Source
from crossdock.formats.guides.readings import Context, read
from crossdock.formats.guides.records import Record
from crossdock.formats.shapes.columns import Column
from crossdock.formats.shapes.templates import Template

REMEMBERED = 10_000
"""Values of which it is remembered what they mean."""


@dataclass(frozen=True)
class Made:
    """A column whose value is made of one; ``make``: what of its text."""

    column: str
    template: Template
    make: Callable[[str], goods.Reading]

    def of(self, groups: Sequence[str]) -> goods.Reading:
        """What is made of its value among these."""
        only = self.template.only
        return self.make(self.template.filled(groups) if only is None else groups[only])

    def all(self, columns: Sequence[Column], size: int) -> tuple[list[goods.Reading], np.ndarray]:
        """What is made of each of its values in so many records, once, and which of these each record has.

        ``columns``: of each group the values of all records.
        """
        distinct = pc.dictionary_encode(self.template.all(columns, size).texts)
        return list(map(self.make, distinct.dictionary.to_pylist())), distinct.indices.to_numpy()


@dataclass(frozen=True)
class Recipe:
    """How the values of a record's segments become its cells. ``copied``: a column and the group that it is."""

    copied: Sequence[tuple[str, int]]
    joined: Sequence[tuple[str, Template]]
    made: Sequence[Made]

    @cached_property
    def columns(self) -> Mapping[str, bool]:
        """The columns of its cells, and whether each is always filled."""
        texts = [*self._columns, *(column for column, _ in self.joined)]
        return dict.fromkeys(texts, True) | {each.column: False for each in self.made}

    @cached_property
    def _columns(self) -> list[str]:
        return [column for column, _ in self.copied]

    @cached_property
    def _places(self) -> list[int]:
        return [group for _, group in self.copied]

    @cached_property
    def last(self) -> int:
        """The last group that it needs."""
        templates = [*(each.template for each in self.made), *(text for _, text in self.joined)]
        needed = (part for text in templates for part in text.parts)
        return max([*self._places, *(part for part in needed if isinstance(part, int))], default=-1)

    def maker(self, column: str) -> Made | None:
        """What makes one of its cells; None if it has none."""
        texts = {name: Template(("", group, "")) for name, group in self.copied} | dict(self.joined)
        plain = [Made(name, text, goods.Reading) for name, text in texts.items()]
        return next((each for each in (*self.made, *plain) if each.column == column), None)

    def record(self, groups: Sequence[str], position: int, item: int) -> Record:
        """The record that such values are."""
        cells = dict(zip(self._columns, map(groups.__getitem__, self._places), strict=True))
        for column, text in self.joined:
            cells[column] = text.filled(groups)
        record = Record(position, item, cells)
        for each in self.made:
            record.take(each.column, each.of(groups))
        return record


@dataclass(frozen=True)
class _Given(Context):
    """A context in which some paths have a value that is given."""

    paths: Sequence[Path] = ()
    text: str = ""

    def first(self, paths: Sequence[Path]) -> str:
        """The value, or that of other paths."""
        return self.text if paths is self.paths else super().first(paths)


def making(source: Source, context: Context) -> Callable[[str], goods.Reading]:
    """What a source makes of a value."""
    whole = {each: getattr(context, each) for each in ("values", "loops", "root", "standard", "chain", "others")}
    context_of_one = _Given(**whole, paths=source.paths)

    @lru_cache(REMEMBERED)
    def make(text: str) -> goods.Reading:
        return read(source, replace(context_of_one, text=text))

    return make
