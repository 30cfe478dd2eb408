"""Which column is the number of a document, by repetition: its rows have equal values in other columns.

An order number repeats, the values of the header repeat with it, and a line number starts anew in each order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

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

    @cached_property
    def count(self) -> int:
        """How many groups there are."""
        return len(set(self.numbers.tolist()))

    @property
    def repeat(self) -> bool:
        """Whether some group has several rows."""
        return self.count < len(self.numbers)

    def varies(self, column: Column) -> bool:
        """Whether some group has two different values in a column; blanks don't count."""
        return self.varying(column) > 0

    def varying(self, column: Column) -> float:
        """The share of groups that have two different values in a column; blanks don't count."""
        pairs = zip(self.numbers.tolist(), column.values, strict=True)
        distinct = {pair for pair in pairs if pair[1] is not None}
        times = Counter(number for number, _ in distinct)
        return sum(each > 1 for each in times.values()) / max(self.count, 1)

    def numbers_lines(self, column: Column) -> bool:
        """Whether the values of a column start anew in each group and are all different inside of it."""
        if column.filled < 1 or not self.repeat:
            return False
        pairs = list(zip(self.numbers.tolist(), column.values, strict=True))
        return len(set(pairs)) == len(pairs) and (len(column.distinct) < len(pairs) or _ascends(column))

    def differ_inside(self, column: Column) -> bool:
        """Whether the filled values of a column are all different inside each group."""
        pairs = [
            (number, value)
            for number, value in zip(self.numbers.tolist(), column.values, strict=True)
            if value is not None
        ]
        return len(set(pairs)) == len(pairs)


def _ascends(column: Column) -> bool:
    numbers = column.numbers
    return numbers is not None and numbers.values == sorted(numbers.values)


def _codes(column: Column) -> np.ndarray:
    return pd.factorize(np.array(column.values, dtype=object))[0]


def groups_of(column: Column) -> Groups | None:
    """The rows by the values of a column; None if the column can't be a number of documents."""
    numbers = column.numbers
    if not column.distinct or column.longest > LONGEST_NUMBER or column.digits < 0.9:
        return None
    if column.words > 0.2 or column.decimals > 0.5 or column.emails > 0 or column.values[0] is None:
        return None
    if column.dates is not None and numbers is None:
        return None
    codes = _codes(column)
    above = bool((codes == _NOBODY).any())
    if above:
        filled = np.where(codes == _NOBODY, -1, np.arange(len(codes)))
        codes = codes[np.maximum.accumulate(filled)]
    return Groups(codes, above)


def groups_of_objects(objects: Sequence[int]) -> Groups:
    """The rows by the object that they are part of."""
    return Groups(np.array(objects, dtype=np.int64), above=False)


def evidence(groups: Groups, columns: Mapping[str, Column], own: str) -> float:
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
