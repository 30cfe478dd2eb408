"""What a feed says of the rows of a file: the rules of ``skip``, ``only`` and ``cancel``, each about one column.

A rule has texts (globs, case doesn't matter), ``""`` for a blank, or a comparison with a number, ``"<= 0"``. They are
compared with what was sent, before values are mapped.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import mask
from crossdock.frames.distinct import Wrong, by_distinct
from crossdock.frames.numerals import Spelling

COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
"""How a rule compares a number."""
_COMPARISON = re.compile(rf"\s*({'|'.join(COMPARISONS)})\s*(-?[0-9]+(?:\.[0-9]+)?)\s*")


@dataclass(frozen=True)
class RowRule:
    """A rule about one column of a file. ``key``: ``skip``, ``only`` or ``cancel``; ``column``: theirs or ours."""

    key: str
    column: str
    wanted: tuple[str, ...]

    @property
    def text(self) -> str:
        """The rule as people read it: ``skip quantity <= 0``, ``only Financial Status = paid``."""
        shown = " or ".join(each if _COMPARISON.fullmatch(each) else f"= {each or 'blank'}" for each in self.wanted)
        return f"{self.key} {self.column} {shown}"

    def fits(self, values: pa.Array, spelling: Spelling) -> np.ndarray:
        """Which cells fit the rule, bool. ``values``: trimmed strings, null where blank.

        What is no number fits no comparison.
        """
        fits = pc.is_null(values) if "" in self.wanted else pa.array(np.zeros(len(values), dtype=bool))
        result: np.ndarray = mask(fits)
        if self._texts:
            result = result | mask(pc.match_substring_regex(pc.utf8_lower(values), self._texts))
        for sign, limit in self._comparisons:
            result = result | _compared(values, spelling, COMPARISONS[sign], limit)
        return result

    @cached_property
    def _comparisons(self) -> list[tuple[str, Decimal]]:
        parts = [match for each in self.wanted if (match := _COMPARISON.fullmatch(each))]
        return [(match[1], Decimal(match[2])) for match in parts]

    @cached_property
    def _texts(self) -> str:
        """The texts as one regular expression of RE2, for texts in lower case."""
        globs = [each for each in self.wanted if each and not _COMPARISON.fullmatch(each)]
        return "|".join(f"^{_glob(each.strip().lower())}$" for each in globs)


def _glob(pattern: str) -> str:
    return "".join(".*" if each == "*" else "." if each == "?" else re.escape(each) for each in pattern)


def _compared(
    values: pa.Array, spelling: Spelling, compare: Callable[[Decimal, Decimal], bool], limit: Decimal
) -> np.ndarray:
    numbers, _ = by_distinct(values, spelling.read)

    def fitting(distinct: pa.Array) -> tuple[pa.Array, Wrong]:
        return pa.array([compare(Decimal(each), limit) for each in distinct.to_pylist()], pa.bool_()), {}

    fits, _ = by_distinct(numbers, fitting)
    return mask(fits)


Wanted = Mapping[str, tuple[str, ...]]
"""By column, what a key says of it."""


def rules_of(**by_key: Wanted) -> Sequence[RowRule]:
    """The rules of a feed by key, in the order of its TOML."""
    return [RowRule(key, column, wanted) for key, rules in by_key.items() for column, wanted in rules.items()]
