"""A text of many JSON objects → where each object, line and value of it stands, without a value of Python.

Strategy: what stands between the values is the skeleton of a text: brackets, names and marks, the same in all objects
that a program writes alike. Values are taken out by NumPy, and what is left is cut into fragments: an object up to its
array, each line in that, what is between the lines, the rest of the object. Arrow counts the different ones, and only
of these it must be shown what they are (``moulds``). Nothing here is believed: whether a fragment is JSON at all, the
decoder says of one of each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_QUOTE, _BACKSLASH, _COLON, _BLANK = b'"\\: '
_NUMBER = "^-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
"""A number (RFC 8259 section 6)."""
_HALF = re.compile(r"\\u[dD]")
"""What stands before half of a character, which must be written by its number."""
_FIRST_PRINTED = ord(" ")
"""The letters before it are controls, which stand between values only."""


class Fragment(IntEnum):
    """What a fragment is, by what it begins with; ``SPACE`` is before the first line of an array."""

    HEAD, SPACE, LINE, BEHIND_LINE, TAIL, BETWEEN = range(6)


def _table(letters: bytes, kind: type[np.generic] = np.uint8) -> np.ndarray:
    """The place of each byte among some letters, from 1; 0 for all others."""
    table = np.zeros(256, kind)
    table[list(letters)] = range(1, len(letters) + 1)
    return table


_BRACKETS = _table(b"{[}]")
_BRACKET, _OPENING = 2, 2
_BRACE_LETTER, _ALL_BRACKETS = ord("{"), 0xD9
"""A letter with the bits that all brackets have in common, and where those are."""
_BEGINS_NUMBER, _IN_NUMBER = _table(b"-0123456789") > 0, _table(b"+-.eE0123456789") > 0


@dataclass(frozen=True)
class Cut:
    """A text in fragments.

    ``sent``: it, as UTF-8. ``values``: the texts of its values, strings and numbers, in order; ``is_number``: which
    are numbers. ``at``: where each was in the skeleton. ``kinds``: of each fragment what it is; ``places``: where it
    begins in the skeleton, and where the last one ends. ``firsts``: its first value, and the number of all values.
    ``codes``: which of the ``skeletons`` it has. ``bad``: the fragments with a value that JSON doesn't allow, or that
    must be looked at by itself.
    """

    sent: bytes
    values: pa.Array
    is_number: np.ndarray
    at: np.ndarray
    kinds: np.ndarray
    places: np.ndarray
    firsts: np.ndarray
    codes: np.ndarray
    skeletons: list[bytes]
    bad: np.ndarray
    _before: np.ndarray

    def raw(self, fragment: int) -> str:
        """A fragment as it is written."""
        return self.sent[self.begins(fragment) : self.begins(fragment + 1)].decode()

    def begins(self, fragment: int) -> int:
        """The byte at which a fragment begins."""
        return int(self.places[fragment] + self._before[self.firsts[fragment]])

    def letters(self, fragments: np.ndarray) -> np.ndarray:
        """The characters before each of these fragments, int64."""
        begins = self.places[fragments] + self._before[self.firsts[fragments]]
        return begins - np.searchsorted(self._continuing, begins)

    @cached_property
    def _continuing(self) -> np.ndarray:
        """The bytes that begin no character."""
        return np.flatnonzero((np.frombuffer(self.sent, np.uint8) & 0xC0) == 0x80)

    def are_placed(self, fragments: np.ndarray, relative: np.ndarray) -> np.ndarray:
        """Which of some fragments have their values there, ``relative`` to their beginning, and no others."""
        firsts = self.firsts[fragments]
        fits = self.firsts[fragments + 1] - firsts == len(relative)
        firsts = np.where(fits, firsts, 0)
        for place, each in enumerate(relative if fits.any() else ()):
            fits &= self.at[firsts + place] - self.places[fragments] == each
        return fits


def cut(text: str) -> Cut | None:
    """A text that begins with an object of an array, up to the last object that is complete; None if none is, or if
    a value holds a control.

    Raises ``UnicodeEncodeError`` if it holds half of a character.
    """
    sent = text.encode()
    letters = np.frombuffer(sent + b"    ", np.uint8)
    quotes = _quotes(letters)
    pairs = len(quotes) // 2
    end = int(quotes[-1]) if len(quotes) % 2 else len(sent)
    begins, ends, is_number = _values(letters, quotes[0 : 2 * pairs : 2], quotes[1 : 2 * pairs : 2], end)
    bounds = np.empty(2 * len(begins) + 2, np.int32)
    bounds[0], bounds[1:-1:2], bounds[2:-1:2], bounds[-1] = 0, begins, ends, end
    pieces = pa.StringArray.from_buffers(len(bounds) - 1, pa.py_buffer(bounds), pa.py_buffer(sent))
    between = pieces.take(pa.array(np.arange(0, len(bounds) - 1, 2)))
    _, starts, skeleton = between.buffers()
    at = np.frombuffer(starts, np.int32)[: len(begins) + 2]
    left = _letters(between, int(at[-1]))
    kinds, places = _fragments(left)
    if not len(kinds):
        return None
    at = at[1:-1]
    firsts = np.searchsorted(at, places)
    values, bad = _texts(pieces.take(pa.array(np.arange(1, 2 * firsts[-1], 2))), is_number[: firsts[-1]])
    of_values = np.concatenate(([0], np.cumsum(ends - begins)))
    written = letters[: places[-1] + of_values[firsts[-1]]]
    if np.count_nonzero(written < _FIRST_PRINTED) != np.count_nonzero(left[: places[-1]] < _FIRST_PRINTED):
        return None
    bounds = pa.py_buffer(places.astype(np.int32))
    encoded = pa.Array.from_buffers(pa.binary(), len(kinds), [None, bounds, skeleton]).dictionary_encode()
    bad = np.searchsorted(firsts, bad, "right") - 1
    codes, skeletons = encoded.indices.to_numpy(), encoded.dictionary.to_pylist()
    return Cut(sent, values, is_number, at, kinds, places, firsts, codes, skeletons, bad, of_values)


def _quotes(letters: np.ndarray) -> np.ndarray:
    """The quotes that begin or end a string."""
    quotes = np.flatnonzero(letters == _QUOTE).astype(np.int32)
    before = quotes - 1
    slashed = np.flatnonzero(letters[before] == _BACKSLASH)
    if not len(slashed):
        return quotes
    is_escaped, before = np.ones(len(slashed), bool), before[slashed] - 1
    going = letters[before] == _BACKSLASH
    while going.any():
        is_escaped ^= going
        before = before - 1
        going &= letters[before] == _BACKSLASH
    return np.delete(quotes, slashed[is_escaped])


def _values(letters: np.ndarray, opens: np.ndarray, closes: np.ndarray, end: int) -> tuple[np.ndarray, ...]:
    """Where values begin and end, and which are numbers: strings that are no names, and numbers behind names."""
    is_name = letters[closes + 1] == _COLON
    begins = closes + 2
    begins += letters[begins] == _BLANK
    is_number = is_name & _BEGINS_NUMBER[letters[begins]] & (begins < end)
    ends = begins.copy()
    left = np.flatnonzero(is_number)
    while len(left):
        ends[left] += 1
        left = left[_IN_NUMBER[letters[ends[left]]] & (ends[left] < end)]
    is_value = is_number | ~is_name
    begins, ends = np.where(is_name, begins, opens + 1), np.where(is_name, ends, closes)
    return begins[is_value], ends[is_value], is_number[is_value]


def _fragments(skeleton: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The kinds of the fragments, and where each begins and the last one ends."""
    at = np.flatnonzero((skeleton & _ALL_BRACKETS) == _ALL_BRACKETS & _BRACE_LETTER)  # and few other letters
    bracket = _BRACKETS[skeleton[at]]
    at, bracket = at[bracket > 0], bracket[bracket > 0]
    opens = bracket <= _OPENING
    depth = np.cumsum(np.where(opens, 1, -1))
    if len(behind := np.flatnonzero(depth < 0)):
        at, bracket, opens, depth = (each[: behind[0]] for each in (at, bracket, opens, depth))
    outer = np.maximum.accumulate(np.where(opens & (depth == 2), np.arange(len(at)), -1))
    in_array = (outer >= 0) & (bracket[outer] == _BRACKET)
    kinds = np.full(len(at), -1, np.int8)
    for kind, where in (
        (Fragment.HEAD, opens & (depth == 1)),
        (Fragment.SPACE, opens & (depth == 2) & in_array),
        (Fragment.LINE, opens & (depth == 3) & in_array),
        (Fragment.BEHIND_LINE, ~opens & (depth == 2) & in_array),
        (Fragment.TAIL, ~opens & (depth == 1) & in_array),
        (Fragment.BETWEEN, ~opens & (depth == 0)),
    ):
        kinds[where] = kind
    chosen = np.flatnonzero(kinds >= 0)
    kinds = kinds[chosen]
    places = at[chosen] + np.isin(kinds, (Fragment.SPACE, Fragment.BEHIND_LINE, Fragment.BETWEEN))
    complete = np.flatnonzero(kinds == Fragment.BETWEEN)
    last = complete[-1] if len(complete) else 0
    return kinds[:last], places[: last + 1]


def _texts(values: pa.Array, is_number: np.ndarray) -> tuple[pa.Array, np.ndarray]:
    """The texts that values are, and the places of those that are none, or hold half of a character."""
    numbers = np.flatnonzero(is_number)
    are_written = pc.match_substring_regex(values.take(pa.array(numbers)), _NUMBER)
    bad = numbers[~are_written.to_numpy(zero_copy_only=False)]
    starts = np.frombuffer(values.buffers()[1], np.int32)[: len(values) + 1]
    slashes = np.flatnonzero(_letters(values, int(starts[-1])) == _BACKSLASH)
    if not len(slashes):
        return values, bad
    places = np.unique(np.searchsorted(starts, slashes, "right") - 1)
    escaped = pa.array(np.bincount(places, minlength=len(values)) > 0)
    texts = _unescaped(values.filter(escaped).to_pylist())
    bad = np.union1d(bad, places[[each is None for each in texts]])
    return pc.replace_with_mask(values, escaped, pa.array(texts, pa.string())), bad


def _letters(texts: pa.Array, size: int) -> np.ndarray:
    """The bytes of all texts together; ``size``: how many they have."""
    of_all = texts.buffers()[2]
    return np.frombuffer(of_all, np.uint8, size) if size else np.zeros(0, np.uint8)


def _unescaped(written: Sequence[str]) -> list[str | None]:
    """The texts that strings are, None for one that is none or holds half of a character."""
    together = '","'.join(written)
    if not _HALF.search(together):
        with suppress(json.JSONDecodeError):
            texts: list[str | None] = json.loads(f'["{together}"]')
            return texts
    return [None] if len(written) == 1 else [one for each in written for one in _unescaped([each])]
