"""Texts that are made of values: where a marker of a value comes out, the value goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.formats.shapes.columns import Column

_MARKER = re.compile(r"\x01(\d{6})\.{18}\x02")
"""What stands for a value: longer than any that is cut, and in no text."""
PRIVATE = re.compile("[\ue000-\uf8ff]")
"""What stands for a released character while a set is read."""


class Unlike(Exception):
    """What a sample shows can't be said of all that look like it."""


@dataclass(frozen=True)
class Template:
    """A text of constant parts and of values: at odd places the number of a group."""

    parts: Sequence[str | int]

    def behind(self, before: int) -> Template:
        """The same, where so many groups stand before its own."""
        return Template(tuple(before + each if isinstance(each, int) else each for each in self.parts))

    def filled(self, groups: Sequence[str]) -> str:
        """The text with these values."""
        return "".join([groups[each] if isinstance(each, int) else each for each in self.parts])

    def all(self, columns: Sequence[Column], size: int) -> Column:
        """The text of each of so many records; ``columns``: of each group the values of all of them."""
        if self.only is not None:
            return columns[self.only]
        parts = [columns[each].texts if isinstance(each, int) else pa.repeat(each, size) for each in self.parts]
        return Column(pc.binary_join_element_wise(*parts, ""), np.arange(size))

    @cached_property
    def only(self) -> int | None:
        """The number of the group that is all of it, None if it is not one value."""
        is_one = len(self.parts) == 3 and not self.parts[0] and not self.parts[2]
        return self.parts[1] if is_one and isinstance(self.parts[1], int) else None


def released(private: str) -> str:
    """The character that such a one stands for."""
    return chr(ord(private) - 0xE000)


def clean(values: Sequence[str]) -> Sequence[str]:
    """Values with their released characters."""
    if "".join(values).isascii():
        return values
    return [PRIVATE.sub(lambda mark: released(mark[0]), each) for each in values]


def marker(number: int) -> str:
    """What stands for the value of a group."""
    return f"\x01{number:06}{'.' * 18}\x02"


def template(text: str, groups: range, behind: range = range(0)) -> Template:
    """A text with markers as a template; ``groups``, then ``behind``: the markers that there may be.

    Raises ``Unlike`` if a marker was cut, or is none of them.
    """
    parts: list[str | int] = list(_MARKER.split(text))
    numbers = [*groups, *behind]
    for place, each in enumerate(parts):
        if place % 2:
            if int(each) not in numbers:
                raise Unlike("a value comes from elsewhere")
            parts[place] = numbers.index(int(each))
        elif "\x01" in str(each) or "\x02" in str(each) or "...." in str(each):
            raise Unlike("a value is cut")
    return Template(tuple(parts))
