"""Which column is the number of a document, by repetition: its rows have equal values in other columns.

An order number repeats, the values of the header repeat with it, and a line number starts anew in each order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from crossdock.learn.columns import Column

LONGEST_NUMBER = 40
"""The most characters of a document's number."""
_NOBODY = -1


@dataclass(frozen=True)
class Groups:
    """The rows of a file by the value of one column. ``numbers``: int64, the group of each row.

    ``above``: blank cells mean the row above's value.
    """

    numbers: np.ndarray
    above: bool
    _varying: dict[str, float] = field(default_factory=dict, compare=False)

    @cached_property
    def count(self) -> int:
        """How many groups there are."""
        return len(np.unique(self.numbers))

    @property
    def repeat(self) -> bool:
        """Whether some group has several rows."""
        return self.count < len(self.numbers)

    def varies(self, column: Column) -> bool:
        """Whether some group has two different values in a column; blanks don't count."""
        return self.varying(column) > 0

    def varying(self, column: Column) -> float:
        """The share of groups that have two different values in a column; blanks don't count."""
        if column.heading not in self._varying:
            pairs = np.unique(self._pairs(column))
            _, times = np.unique(pairs // (len(column.distinct) + 1), return_counts=True)
            self._varying[column.heading] = float((times > 1).sum()) / max(self.count, 1)
        return self._varying[column.heading]

    def _pairs(self, column: Column) -> np.ndarray:
        """int64, per filled record of a column: its group and its value as one number."""
        filled = column.codes >= 0
        return self.numbers[filled] * (len(column.distinct) + 1) + column.codes[filled]

    def differ_inside(self, column: Column) -> bool:
        """Whether the filled values of a column are all different inside each group."""
        pairs = self._pairs(column)
        return len(np.unique(pairs)) == len(pairs)

    def numbers_lines(self, column: Column) -> bool:
        """Whether the values of a column start anew in each group and are all different inside of it."""
        if column.filled < 1 or not self.repeat or not self.differ_inside(column):
            return False
        return len(column.distinct) < len(column.values) or _ascends(column)


class Repetition:
    """The rows of a sample by each of its columns, taken once and only where they are asked for."""

    def __init__(self, columns: dict[str, Column]) -> None:
        self.columns = columns
        self._groups: dict[str, Groups | None] = {}
        self._evidence: dict[str, float] = {}

    def groups(self, column: Column) -> Groups | None:
        """The rows by the values of a column; None if the column can't be a number of documents."""
        if column.heading not in self._groups:
            self._groups[column.heading] = _groups_of(column)
        return self._groups[column.heading]

    def evidence(self, column: Column) -> float:
        """How much the repetition of a column shows that it is the number of a document, from 0 to 1."""
        groups = self.groups(column)
        if column.heading not in self._evidence:
            self._evidence[column.heading] = _evidence(groups, self.columns, column.heading) if groups else 0.0
        return self._evidence[column.heading]


def _ascends(column: Column) -> bool:
    numbers = column.numbers
    return numbers is not None and numbers.values == sorted(numbers.values)


def _groups_of(column: Column) -> Groups | None:
    """The rows by the values of a column; None if the column can't be a number of documents."""
    numbers = column.numbers
    if not column.distinct or column.longest > LONGEST_NUMBER or column.digits < 0.9:
        return None
    if column.words > 0.2 or column.decimals > 0.5 or column.emails > 0 or column.values[0] is None:
        return None
    if column.dates is not None and numbers is None:
        return None
    codes = column.codes
    above = bool((codes == _NOBODY).any())
    if above:
        filled = np.where(codes == _NOBODY, -1, np.arange(len(codes)))
        codes = codes[np.maximum.accumulate(filled)]
    return Groups(codes, above)


def groups_of_objects(objects: Sequence[int]) -> Groups:
    """The rows by the object that they are part of."""
    return Groups(np.array(objects, dtype=np.int64), above=False)


def _evidence(groups: Groups, columns: Mapping[str, Column], own: str) -> float:
    """How much the repetition of a column shows that it is the number of a document, from 0 to 1.

    Other columns that vary in the file are equal inside of its groups, and some vary there. ``own``: its heading.
    """
    if not groups.repeat:
        return 0.0
    others = [each for name, each in columns.items() if name != own and len(each.distinct) > 1]
    varying = sum(groups.varies(each) for each in others)
    equal = len(others) - varying
    if not equal or not varying:
        return 0.0
    contiguous = int((np.diff(groups.numbers) != 0).sum()) + 1 == groups.count
    return min(1.0, 0.3 + 0.7 * equal / len(others)) * (1.0 if contiguous else 0.6) * (0.8 if groups.above else 1.0)
