"""What a feed says of the types of lines: their columns, which nest, which are ignored, what a trailer counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import chain
from typing import Annotated, Any, Self

from pydantic import Field, PlainValidator, TypeAdapter, model_validator

from crossdock.formats import text
from crossdock.formats.delimited import marks
from crossdock.formats.delimited.rfc4180 import Dialect
from crossdock.formats.lines.places import NOT_READ, Places, twice
from crossdock.schema.names import fold, qualifier

_PLACES: TypeAdapter[dict[str, tuple[str, ...]]] = TypeAdapter(Places)
_NAMES: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])

Shape = tuple[str, ...] | dict[str, tuple[str, ...]]


def _shape(value: object) -> Shape:
    """The columns of a type: a list of headings by position, or a table of places."""
    if isinstance(value, dict):
        return _PLACES.validate_python(value)
    names = _NAMES.validate_python(value)
    again = twice([name for name in names if name != NOT_READ])
    if again is not None:
        raise ValueError(f"{again!r} stands twice")
    return names


Shapes = dict[str, Annotated[Shape, PlainValidator(_shape)]]


class RecordsOptions(marks.MarkOptions):
    """The options of files whose lines are of several types."""

    records: Shapes = Field(
        {},
        description="by type, the columns of its lines: a list of headings for what is behind the type "
        '(`H = ["Order", "Date"]`), or a table of places as in `columns_at`; `""` is not read. '
        '`"A[Role=ST]"`: the lines of type `A` whose column `Role` is `ST`',
    )
    levels: tuple[str, ...] = Field(
        (),
        description='the types that nest, the outermost first, such as `["H", "D", "P"]`; else the first and the '
        "last of `records`; other types add to the line above them",
    )
    ignore: tuple[str, ...] = Field((), description="types that are left out")
    counts: Shapes = Field(
        {},
        description='by type of a trailer, what it counts: `T = ["D"]`, `T = { D = "2-7" }`; `"H+D+T"` is a sum. '
        "The trailer must be there and be right",
    )
    encoding: text.Encoding = None

    @model_validator(mode="after")
    def _fit(self) -> Self:
        shapes = [*self.records.values(), *self.counts.values()]
        if len({isinstance(each, dict) for each in shapes}) > 1:
            raise ValueError("records: all types are lists of headings, or all are tables of places")
        for name, types in (("levels", self.levels), ("ignore", self.ignore), ("counts", tuple(self.counts))):
            wrong = next((each for each in types if (each in self.records) != (name == "levels")), None)
            if self.records and wrong is not None:
                fault = "is none of records" if name == "levels" else "is one of records, too"
                raise ValueError(f"{name}: the type {wrong!r} {fault}")
        for name, columns in self.records.items():
            tells = qualifier(name)
            if tells and (tells.text != name or tells.key not in columns):
                raise ValueError(f"records: {name!r} needs the column {tells.key!r}")
        if len(set(self.levels)) < len(self.levels):
            raise ValueError("levels: a type stands twice")
        known = {*self.records, *self.ignore, *self.counts}
        sums = (each for columns in self.counted.values() for types in columns.values() for each in types)
        strange = next((each for each in sums if each not in known), None)
        if strange is not None:
            raise ValueError(f"counts: {strange!r} is no type of lines")
        return self

    @property
    def nesting(self) -> tuple[str, ...]:
        """The types that nest, the outermost first."""
        types = [each for each in self.records if not qualifier(each)] or list(self.records)
        return self.levels or tuple(dict.fromkeys((types[0], types[-1])))

    @property
    def names_by_type(self) -> Mapping[str, list[str]]:
        """The columns that are read, by type; what tells lines of one type apart is none."""
        keys = {name: each.key if (each := qualifier(name)) else NOT_READ for name in self.records}
        return {
            name: [each for each in columns if each not in (NOT_READ, keys[name])]
            for name, columns in self.records.items()
        }

    @property
    def shared(self) -> frozenset[str]:
        """The folded columns that several types have; those of a type that may be there twice are in it, too."""
        folded = [[fold(name) for name in names] for names in self.names_by_type.values()]
        adding = [
            fold(name) for type_, names in self.names_by_type.items() if type_ not in self.nesting for name in names
        ]
        times = Counter(chain(*folded, adding))
        return frozenset(name for name, count in times.items() if count > 1)

    @property
    def counted(self) -> Mapping[str, dict[str, tuple[str, ...]]]:
        """By type of a trailer and column of it, the types that the column counts."""
        return {
            name: {each: tuple(each.split("+")) for each in columns if each != NOT_READ}
            for name, columns in self.counts.items()
        }


def marks_of(dialect: Dialect | None) -> dict[str, Any]:
    """The delimiter, for people; nothing if there is none."""
    return {} if dialect is None else {"delimiter": dialect.delimiter}
