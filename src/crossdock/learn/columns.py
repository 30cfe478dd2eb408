"""What the values of a column are, whatever it is called: facts, each over all its values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from crossdock.learn.notations import Dates, Numbers, dates_of, numbers_of
from crossdock.schema.codes import GTIN_LENGTHS, check_digit, countries, currencies, units

EXAMPLES = 3
"""Values that are shown of a column."""
MOSTLY = 0.9
"""The share of values that must have a property which a bad value or two don't disprove."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"[+(]?[\d][\d\s()./+x-]{5,}", re.IGNORECASE)
_DECIMAL = re.compile(r"[-+]?\d+[.,]\d{1,2}")
_NUMERIC = re.compile(r"[-+(]?[\d][\d.,'\s]*[-)%]?")
_SSCC = re.compile(r"\s|^\(00\)")
_YES_NO = frozenset(("true", "false", "y", "n", "yes", "no", "1", "0"))


@dataclass(frozen=True)
class Column:
    """A column of the sample: its heading, and its texts, None where blank, one per record."""

    heading: str
    values: Sequence[str | None]

    @cached_property
    def distinct(self) -> list[str]:
        """The distinct texts, in the order of the file."""
        return list(dict.fromkeys(each for each in self.values if each is not None))

    @cached_property
    def codes(self) -> np.ndarray:
        """int64, one per record: which of the distinct texts it has; -1 where blank."""
        return pd.factorize(np.array(self.values, dtype=object))[0]

    @property
    def examples(self) -> list[str]:
        """Some distinct texts."""
        return self.distinct[:EXAMPLES]

    @cached_property
    def filled(self) -> float:
        """The share of records that have a value."""
        return sum(each is not None for each in self.values) / max(len(self.values), 1)

    @cached_property
    def dates(self) -> Dates | None:
        """The formats of dates that fit all values; None if they are no dates."""
        return dates_of(self.distinct)

    @cached_property
    def numbers(self) -> Numbers | None:
        """The marks of numbers that fit all values; None if they are no numbers."""
        return numbers_of(self.distinct)

    def amounts(self, marks: tuple[str, str]) -> list[float | None]:
        """The numbers, one per record, by the marks of the file; None where there is none, or the column has others."""
        texts = self.numbers.readings.get(marks) if self.numbers else None
        by_text = {one: float(other) for one, other in zip(self.distinct, texts or (), strict=bool(texts))}
        return [by_text.get(each or "") for each in self.values]

    @cached_property
    def mostly_numbers(self) -> tuple[Numbers | None, str]:
        """The marks that fit those values that are numbers, if most are, and the first value that is none."""
        bad = [each for each in self.distinct if not _NUMERIC.fullmatch(each)]
        if not bad or len(bad) > len(self.distinct) / 2:
            return None, ""
        return numbers_of([each for each in self.distinct if each not in set(bad)]), bad[0]

    @cached_property
    def mostly_dates(self) -> tuple[Dates | None, str]:
        """The formats that fit all dates but one in ten, and the first value that is none."""
        shapes = Counter(re.sub(r"\d", "0", each) for each in self.distinct)
        usual = [each for each in self.distinct if shapes[re.sub(r"\d", "0", each)] * 2 >= len(self.distinct)]
        if not usual or len(usual) == len(self.distinct):
            return None, ""
        bad = next(each for each in self.distinct if each not in set(usual))
        return dates_of(usual), bad

    @cached_property
    def longest(self) -> int:
        """The most characters of a value."""
        return max(map(len, self.distinct), default=0)

    def _share(self, fits: Sequence[bool]) -> float:
        return sum(fits) / max(len(fits), 1)

    @cached_property
    def gtins(self) -> float:
        """The share of values that are GTINs with a right check digit."""
        return self._share([each.isdigit() and len(each) in GTIN_LENGTHS and _checks(each) for each in self.distinct])

    @cached_property
    def ssccs(self) -> float:
        """The share of values that are SSCCs with a right check digit."""
        bare = [_SSCC.sub("", each) for each in self.distinct]
        bare = [each[2:] if len(each) == 20 and each.startswith("00") else each for each in bare]
        return self._share([each.isdigit() and len(each) == 18 and _checks(each) for each in bare])

    @cached_property
    def countries(self) -> float:
        """The share of values that are countries: a code of ISO 3166, or a name."""
        known = {name for names in countries().values() for name in names}
        return self._share([each.casefold() in known for each in self.distinct])

    @cached_property
    def currencies(self) -> float:
        """The share of values that are codes of ISO 4217."""
        known = currencies()
        return self._share([each.upper() in known for each in self.distinct])

    @cached_property
    def units(self) -> float:
        """The share of values that are known units."""
        known = units()
        return self._share([each.upper() in known for each in self.distinct])

    @cached_property
    def emails(self) -> float:
        """The share of values that are mail addresses."""
        return self._share([_EMAIL.fullmatch(each) is not None for each in self.distinct])

    @cached_property
    def phones(self) -> float:
        """The share of values that look like phone numbers."""
        return self._share([_PHONE.fullmatch(each) is not None for each in self.distinct])

    @cached_property
    def yes_no(self) -> bool:
        """Whether all values mean yes or no."""
        return bool(self.distinct) and all(each.casefold() in _YES_NO for each in self.distinct)

    @cached_property
    def digits(self) -> float:
        """The share of values that have a digit."""
        return self._share([any(letter.isdigit() for letter in each) for each in self.distinct])

    @cached_property
    def letters(self) -> float:
        """The share of values that have a letter."""
        return self._share([any(letter.isalpha() for letter in each) for each in self.distinct])

    @cached_property
    def decimals(self) -> float:
        """The share of values that are written as amounts."""
        return self._share([_DECIMAL.fullmatch(each) is not None for each in self.distinct])

    @cached_property
    def words(self) -> float:
        """The share of values that have a blank inside."""
        return self._share([" " in each for each in self.distinct])


def _checks(digits: str) -> bool:
    return check_digit(digits[:-1]) == digits[-1]
