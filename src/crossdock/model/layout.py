"""The layout of a file: its headings in their order, and how the cells of each column are written.

A job keeps the layout of its file, so that the next file of the feed can be compared with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

SHAPES = 4
"""How many shapes of a column are kept."""
SHOWN = 40
"""How many characters of an example are kept."""
_MARKS = re.compile(r"[^0-9A]")


def shape(value: str) -> str:
    """How a value is written: digits are 9, letters A, however many.

    >>> shape("05.01.2026"), shape("1,234.50"), shape("AB-12")
    ('9.9.9', '9,9.9', 'A-9')
    """
    return re.sub(r"[^\W\d_]+", "A", re.sub(r"\d+", "9", value))


@dataclass(frozen=True)
class Layout:
    """``job``: whose file it is of, '' for one that is just read. ``format``: the name of its format. ``headings``: in
    their order. ``examples``: by heading, values of different shapes. ``steady``: the members that each document has,
    where the documents of a file may have different ones. ``is_open``: its last line has no line end.
    """

    job: str
    format: str
    headings: tuple[str, ...]
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    steady: frozenset[str] = frozenset()
    is_open: bool = False

    def shapes(self, heading: str) -> dict[str, str]:
        """The shapes of a column, each with an example."""
        return shapes_of(self.examples.get(heading, ()))


def shapes_of(values: Sequence[str]) -> dict[str, str]:
    """The shapes of values, each with its first one."""
    return {shape(each): each for each in reversed(values)}


def examples_of(values: Iterable[str]) -> tuple[str, ...]:
    """Values of different shapes, at most ``SHAPES``."""
    by_shape: dict[str, str] = {}
    for value in values:
        by_shape.setdefault(shape(value[:SHOWN]), value[:SHOWN])
        if len(by_shape) == SHAPES:
            break
    return tuple(by_shape.values())


def marks(written: str) -> str:
    """What stands between the digits of a shape: ``9,9.9`` has ``,.``."""
    return "".join(dict.fromkeys(_MARKS.findall(written)))
