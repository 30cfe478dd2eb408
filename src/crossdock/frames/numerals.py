"""How a number is written → how we write it: a minus in front, a point, no grouping.

A ``Spelling`` is what a feed says of its numbers. The signs, marks and groups that it may name are tables here; both
the reading and the hint use them. A text that may mean two numbers is no number: ``5,-`` is a price without cents or a
debt, ``1,234`` without a grouping mark is one or a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures import glyphs
from crossdock.frames.columns import all_match, mask, or_else
from crossdock.frames.distinct import Wrong
from crossdock.schema import codes

GROUPS = {"thousands": (3, 3), "indian": (3, 2)}
"""Digits of the last group, and of those before it: 1,234,567 and 12,34,567."""
PERCENT = {"hundredths": -2, "number": 0}
"""How ``12 %`` is read: 12 with its point moved by that many places."""
SIGNS = {
    "AUD": ("$", "A$", "AU$"),
    "BGN": ("лв", "лв."),
    "BRL": ("R$",),
    "CAD": ("$", "C$", "CA$"),
    "CHF": ("Fr", "Fr.", "SFr", "SFr."),
    "CNY": ("¥", "￥", "CN¥", "RMB"),
    "CZK": ("Kč",),
    "DKK": ("kr", "kr."),
    "EUR": ("€", "Euro"),
    "GBP": ("£",),
    "HKD": ("$", "HK$"),
    "HUF": ("Ft",),
    "IDR": ("Rp",),
    "ILS": ("₪",),
    "INR": ("₹", "Rs", "Rs."),
    "JPY": ("¥", "￥"),
    "KRW": ("₩",),
    "MXN": ("$", "MX$"),
    "MYR": ("RM",),
    "NOK": ("kr", "kr."),
    "NZD": ("$", "NZ$"),
    "PHP": ("₱",),
    "PLN": ("zł",),
    "RON": ("lei",),
    "RUB": ("₽",),
    "SEK": ("kr", "kr."),
    "SGD": ("$", "S$"),
    "THB": ("฿",),
    "TRY": ("₺", "TL"),
    "TWD": ("$", "NT$"),
    "UAH": ("₴",),
    "USD": ("$", "US$"),
    "VND": ("₫",),
    "ZAR": ("R",),
}
"""How a currency is written besides its code of ISO 4217. Some share a sign: the feed says which one is meant."""
EXAMPLE = "1234", "56"
LARGE_EXAMPLE = "1234567", "89"
"""The digits of the example in a hint; the larger one if only that shows how digits are grouped."""
_DIGITS_WITH_A_POINT = r"([0-9]+\.?[0-9]*|\.[0-9]+)$"
_PLAIN, _BARE = f"^[+-]?{_DIGITS_WITH_A_POINT}", f"^-?{_DIGITS_WITH_A_POINT}"
_WHOLE, _USUAL = r"^-?[0-9]+$", r"^-?[0-9]+(\.[0-9]+)?$"
"""Numbers that a spelling reads as they are; those with a point, if that is its decimal mark."""
_LEAST = r"^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\.[0-9]*[1-9])$"
_EXPONENT = re.compile(r"-?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]{1,2}")
PUNCHED = "{ABCDEFGHI}JKLMNOPQR"
"""The last digit of a number with its sign, as mainframes write both in one character: +0 to +9, then -0 to -9."""
_DIGITS = re.compile(r"([+-]?)([0-9]*)([0-9])")
_TRAILING_SIGN = re.compile(r"([0-9]+) *([+-])")
_PUNCHED = re.compile(rf"()([0-9]*)([{PUNCHED}])")
_UNIT_BESIDE = re.compile(r"(.*[0-9]) *([^\W\d_]{1,15}\.?)")
_CREDIT = "CR"
"""What books write behind an amount on the other side."""
_NO_CENTS = re.compile(r"([0-9]+)[.,]-")
_OR_MORE = re.compile(r"([0-9][0-9.,]*) *\+")
"""What stock lists write where they don't say how much there is: ``100+``."""


@dataclass(frozen=True)
class Spelling:
    """How the numbers of a column are written.

    ``thousands``: the mark that groups digits, '' for none; ``grouping``: how many, a key of ``GROUPS``.
    ``parentheses``: they mean a minus. ``percent``: how a percentage is read, a key of ``PERCENT``; with any other text
    it is a failure. ``currency``: the code of the currency that an amount may name, '' for none. ``bare``: a minus in
    front is the only sign, and nothing else stands around the digits, as in interchanges. ``implied``: how many of the
    digits are decimals, of numbers that have no decimal mark; ``overpunched``: the last digit may have the sign
    (COBOL's ``S9(7)V99``).
    """

    decimal: str = "."
    thousands: str = ""
    grouping: str = "thousands"
    parentheses: bool = False
    percent: str = ""
    currency: str = ""
    bare: bool = False
    implied: int = 0
    overpunched: bool = False

    def read(self, values: pa.Array) -> tuple[pa.Array, Wrong]:
        """Texts of numbers (strings without nulls) as we write them, and what is wrong, by place.

        The result has a minus in front, a point and no grouping; it is null where a text is no number.
        """
        if self.implied or self.overpunched:
            return self._of_digits(values)
        if all_match(values, _USUAL if self.decimal == "." else _WHOLE):
            return _least(values), {}
        texts, moved = self._bare(values)
        bare = texts
        if self.thousands:
            grouped = pc.match_substring_regex(texts, self._grouped)
            texts = pc.if_else(grouped, pc.replace_substring(texts, self.thousands, ""), texts)
        if self.decimal != ".":
            foreign = pc.match_substring(texts, ".")
            texts = pc.if_else(foreign, pa.scalar("?"), pc.replace_substring(texts, self.decimal, "."))
        good = mask(pc.match_substring_regex(texts, _BARE if self.bare else _PLAIN))
        wrong = {place: self._wrong(bare[place].as_py()) for place in np.flatnonzero(~good).tolist()}
        texts = pc.if_else(pa.array(good), texts, pa.scalar(None, pa.string()))
        if moved.any():
            places = PERCENT[self.percent]
            shifted = [shift(texts[place].as_py(), places) for place in np.flatnonzero(moved & good).tolist()]
            texts = pc.replace_with_mask(texts, pa.array(moved & good), pa.array(shifted, pa.string()))
        return _least(texts), wrong

    def _of_digits(self, values: pa.Array) -> tuple[pa.Array, Wrong]:
        """Numbers that are digits only, as ``read`` returns them."""
        numbers = [self._number(each) for each in values.to_pylist()]
        example = {"example": self.example}
        wrong: Wrong = {place: ("not_a_number", example) for place, each in enumerate(numbers) if each is None}
        return _least(pa.array(numbers, pa.string())), wrong

    def _number(self, text: str) -> str | None:
        bare = _TRAILING_SIGN.sub(r"\2\1", text)
        match = _DIGITS.fullmatch(bare) or (_PUNCHED.fullmatch(bare) if self.overpunched else None)
        if match is None:
            return None
        sign, digits, last = match.groups()
        if last in PUNCHED:
            tens, digit = divmod(PUNCHED.index(last), 10)
            sign, last = "-" if tens else "", str(digit)
        return shift(f"{sign}{digits}{last}", -self.implied)

    def written(self, whole: str, part: str = "") -> str:
        """A number in this spelling, from its digits before and after the point."""
        last, others = GROUPS[self.grouping]
        rest, groups = (whole[:-last], [whole[-last:]]) if self.thousands else ("", [whole])
        while rest:
            rest, groups = rest[:-others], [rest[-others:], *groups]
        return self.thousands.join(groups) + (self.decimal + part if part else "")

    @cached_property
    def example(self) -> str:
        """An example of a right number, for hints."""
        if self.implied or self.overpunched:
            whole, part = EXAMPLE
            return f"{whole}{part.ljust(self.implied, '0')[: self.implied]}"
        return self.written(*(EXAMPLE if len(set(GROUPS[self.grouping])) == 1 else LARGE_EXAMPLE))

    @cached_property
    def _grouped(self) -> str:
        last, others = GROUPS[self.grouping]
        mark, dot = re.escape(self.thousands), re.escape(self.decimal)
        return rf"^[+-]?[1-9][0-9]{{0,{others - 1}}}({mark}[0-9]{{{others}}})*{mark}[0-9]{{{last}}}({dot}[0-9]*)?$"

    @cached_property
    def _tokens(self) -> str:
        return _either(signs_of(self.currency))

    def _bare(self, values: pa.Array) -> tuple[pa.Array, np.ndarray]:
        """Digits and marks after at most one sign, without what may be around them; and which texts are percentages."""
        moved = np.zeros(len(values), dtype=bool)
        odd = ~mask(pc.match_substring_regex(values, r"^[-+]?[0-9.,]*$"))
        if not odd.any():
            return values, moved
        texts = values.filter(pa.array(odd)) if self.bare else glyphs.plain(values.filter(pa.array(odd)))
        if self.currency:
            before = pc.replace_substring_regex(texts, rf"(?i)^(\(?[-+]?) *(?:{self._tokens}) *", r"\1")
            behind = pc.replace_substring_regex(texts, rf"(?i)^(.*?) *(?:{self._tokens}) *([-+]?\)?)$", r"\1\2")
            texts = pc.if_else(pc.equal(before, texts), behind, before)
        if self.percent in PERCENT:
            number = pc.replace_substring_regex(texts, r"^(.*[0-9)]) *([-+]?) *% *([-+)]?)$", r"\1\2\3")
            moved[np.flatnonzero(odd)] = mask(pc.not_equal(number, texts))
            texts = number
        if self.parentheses:
            texts = pc.replace_substring_regex(texts, r"^\( *([^-+()]*?) *\)$", r"-\1")
        if self.bare:
            return pc.replace_with_mask(values, pa.array(odd), texts), moved
        texts = pc.replace_substring_regex(texts, r"^([-+]) +", r"\1")
        texts = pc.replace_substring_regex(texts, r"^([^-+].*[0-9]|[0-9]) *(-)$", r"\2\1")
        return pc.replace_with_mask(values, pa.array(odd), texts), moved

    def _wrong(self, bare: str) -> tuple[str, dict[str, Any]]:
        other = "," if self.decimal == "." else "."
        doubtful = re.fullmatch(rf"[+-]?\d{{1,3}}{re.escape(other)}\d{{3}}", bare)
        if doubtful and not self.thousands:
            example = {"example": self.example}
            return "ambiguous_number", {"one": bare.replace(other, ""), "other": bare.replace(other, ".")} | example
        foreign = self.currency and _foreign(bare, self.currency)
        if foreign and not self.read(pa.array([foreign]))[1]:
            return "other_currency", {"currency": self.currency, "example": self.example}
        beside = _UNIT_BESIDE.fullmatch(bare)
        if beside and _is_unit(beside[2]) and not self.read(pa.array([beside[1]]))[1]:
            return "unit_beside", {"example": self.example}
        no_cents = _NO_CENTS.fullmatch(bare)
        if no_cents:
            return "ambiguous_number", {"one": no_cents[1], "other": f"-{no_cents[1]}", "example": self.example}
        or_more = _OR_MORE.fullmatch(bare)
        if or_more and not self.bare:
            return "ambiguous_number", {"one": or_more[1], "other": f"{or_more[1]} or more", "example": self.example}
        return "not_a_number", {"example": self.example}


def signs_of(currency: str) -> tuple[str, ...]:
    """How a currency is written: its code, then its signs."""
    return (currency, *SIGNS.get(currency, ()))


def _either(tokens: Iterable[str]) -> str:
    """A pattern of one of some tokens, the longest that fits."""
    return "|".join(map(re.escape, sorted(set(tokens), key=len, reverse=True)))


@cache
def _any_currency() -> re.Pattern[str]:
    token = _either(token for code in {*codes.currencies(), *SIGNS} for token in signs_of(code))
    before = rf"(?P<sign>[-+(]?) *(?P<first>{token}) *(?P<number>.*[0-9].*)"
    return re.compile(rf"(?i){before}|(?P<amount>.*[0-9].*?) *(?P<last>{token}) *(?P<end>[-+)]?)")


def _foreign(text: str, currency: str) -> str:
    """An amount without the other currency that it names; '' if it names none, or this one."""
    match = _any_currency().fullmatch(text)
    if match is None or (match["first"] or match["last"]).casefold() in map(str.casefold, signs_of(currency)):
        return ""
    return "".join(match[each] or "" for each in ("sign", "number", "amount", "end"))


def _is_unit(word: str) -> bool:
    """Whether a word behind a number may be its unit: any of two letters that is no currency, a letter that is one."""
    if len(word) > 1:
        return word.upper() != _CREDIT and _any_currency().fullmatch(f"1{word}") is None
    return word.upper() in codes.units() or word.upper() in codes.units_by("rec20")


def _least(texts: pa.Array) -> pa.Array:
    """Numbers with a point, without what changes nothing: a plus, zeros at the ends, a point with nothing after it."""
    more = pc.invert(or_else(pc.match_substring_regex(texts, _LEAST), True))
    return pc.replace_with_mask(texts, more, _cut(texts.filter(more))) if pc.any(more).as_py() else texts


def _cut(texts: pa.Array) -> pa.Array:
    texts = pc.replace_substring_regex(texts, r"^\+", "")
    texts = pc.replace_substring_regex(texts, r"^(-?)0*([0-9]*)\.?$", r"\1\2")
    texts = pc.replace_substring_regex(texts, r"^(-?)0*([0-9]*)(\.[0-9]*?)0*$", r"\1\2\3")
    texts = pc.replace_substring_regex(texts, r"\.$", "")
    texts = pc.replace_substring_regex(texts, r"^(-?)(\.|$)", r"\10\2")  # in RE2 a group is one digit: \1, then a 0
    return pc.replace_substring_regex(texts, "^-0$", "0")


def exact(text: str) -> Decimal | None:
    """The value of a number that has a point and at most a minus; None if the text is none.

    >>> exact("-2.50"), exact("1E3"), exact("1_000")
    (Decimal('-2.50'), None, None)
    """
    return Decimal(text) if re.match(_BARE, text) else None


def expanded(value: str) -> str:
    """A number with an exponent, as JSON may write it, without one; every other text as it is.

    >>> expanded("1.5E+2"), expanded("1.5")
    ('150', '1.5')
    """
    if not _EXPONENT.fullmatch(value):
        return value
    mantissa, exponent = re.split("[eE]", value)
    return shift(mantissa, int(exponent))


def shift(number: str, places: int) -> str:
    """A number of ours with its point moved, to the right where ``places`` is above 0; exact, however long it is.

    >>> shift("-12.5", -2), shift("1.5", 3)
    ('-0.125', '1500')
    """
    sign, digits = (number[0], number[1:]) if number[0] in "+-" else ("", number)
    whole, _, part = digits.partition(".")
    figures, point = whole + part, len(whole) + places
    if point <= 0:
        return f"{sign}0.{'0' * -point}{figures}"
    figures = figures.ljust(point, "0")
    return f"{sign}{figures[:point]}.{figures[point:]}" if figures[point:] else sign + figures
