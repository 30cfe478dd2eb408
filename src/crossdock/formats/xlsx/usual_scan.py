"""What is unusual in a sheet whose XML is spelled as nearly every program writes it.

Strategy: such XML is searched as bytes, a piece at a time: Arrow looks for all that may be unusual at once, numpy reads
the places of the cells, and of what else stands in their tags each spelling is looked at once; only what is unusual is
taken out by patterns. XML in any other spelling is parsed (``sheet_scan``), which takes twenty times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from string import ascii_uppercase, digits

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.formats.xlsx.sheet_scan import Place, Survey, column
from crossdock.formats.xlsx.struck import Struck

_MISTAKEN = r"""<v>\s|:v>\s|[^>]\s</(?:\w+:)?v>|<!\[CDATA|<!--|<(?:\w+:)?v>[^<]*&#|</(?:\w+:)?is>\s*<(?:\w+:)?v"""
"""Spellings of values that the reader reads as other values, or as blank cells."""
_OTHER = rf"{_MISTAKEN}|<!DOCTYPE|<c[>/\t\n\r]|:c[ >]|:f[\s/>]"
"""What must be parsed."""
_LAST_ROW = 1_049_999
"""Larger numbers of rows are parsed."""
_BEHIND_ADDRESS = re.compile(rb'(?: s="[0-9]+")?(?: t="(?:s|n|b|d|e|str|inlineStr)")?(?: s="[0-9]+")? ?/?>')
"""What stands in the tag of a cell behind its address, as nearly every program writes it; calamine reads other
spellings, too.
"""
_PLACE = rb'<c r="([A-Z]+)([0-9]+)"'
_ROW_NUMBER = re.compile(rb'<row [^>]*?\br="([0-9]+)"')
_FORMULA = r"<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)"
_CALCULATED = rf"{_FORMULA}<v>[^<]"
_NOT_CALCULATED = rf"{_FORMULA}(<v></v>|<v/>)?</c>"
_OF_FORMULA = re.compile(_PLACE + rb"([^>]*)>" + _NOT_CALCULATED.encode())
_ERROR = re.compile(_PLACE + rb'[^>]* t="e"[^>]*>(?:' + _FORMULA.encode() + rb")?<v>([^<&]+)</v>")
_HIDDEN = re.compile(rb'<(row|col)\b([^>]*\shidden="[^">]*"[^>]*)>')
_ATTRIBUTE = re.compile(rb'(\w+)="([^">]*)"')
_SHARED_TEXT = re.compile(_PLACE + rb'[^>]* t="s"[^>]*><v>([0-9]{1,9})</v>')


class UsualScan:
    """Collects the ``Survey`` of a sheet in the usual spelling. ``zeros``: as ``zero_formats`` returns them."""

    def __init__(self, zeros: dict[int, str], struck: Struck) -> None:
        self.survey = Survey()
        self._masks = {str(style).encode(): mask for style, mask in zeros.items()}
        self._zeros = re.compile(_PLACE + rb'(?: t="n")?' + _styles(zeros) + rb'(?: t="n")? ?>(?!</c>)')
        self._struck = struck
        self._of_struck_style = re.compile(_PLACE + rb"[^>]*?" + _styles(struck.styles) + rb"[^>]*(?<!/)>(?!</c>)")
        self._last_row = self._last_place = 0

    def take(self, piece: bytes) -> bool:
        """Add a piece of XML that ends before a cell; false where the sheet must be parsed."""
        tags = _Tags(piece)
        places = None if _has(_OTHER, piece) else tags.places()
        if places is None:
            return False
        rows = tags.rows()
        if not (_rises(self._last_row, rows) and _rises(self._last_place, places)):  # one may be there twice
            return False
        if len(rows):
            self._last_row = int(rows[-1])
        if len(places):
            self._last_place = int(places[-1])
            self.survey.rows = self._last_place // _A_ROW
            self.survey.columns = max(self.survey.columns, int((places % _A_ROW).max()))
        is_taken = self._takes_hidden(piece) and self._takes_formulas(piece, tags)
        return is_taken and self._takes_values(piece, tags) and self._takes_struck(piece)

    def _takes_hidden(self, piece: bytes) -> bool:
        if not _has("hidden", piece):  # a search for bytes takes seven times as long
            return True
        tags = _HIDDEN.findall(piece)
        for kind, written in tags:
            of = dict(_ATTRIBUTE.findall(written))
            if of[b"hidden"] not in (b"1", b"true"):
                continue
            if kind == b"row" and b"r" not in of:
                return False
            if kind == b"row":
                self.survey.hidden_rows.add(int(of[b"r"]) - 1)
            else:
                self.survey.hide(int(of.get(b"min", 1)), int(of.get(b"max", 1)))
        return len(tags) == _count(r"\shidden\s*=", piece)

    def _takes_formulas(self, piece: bytes, tags: _Tags) -> bool:
        if not tags.begin("f"):
            return True
        without = _OF_FORMULA.findall(piece) if _has(_NOT_CALCULATED, piece) else []
        blank = (each for *each, kind, value in without if not (value and b't="str"' in kind))  # such a text is ""
        self.survey.uncalculated.update(_place(*each) for each in blank)
        return _count(_CALCULATED, piece) + len(without) == _count(r"<f[\s/>]", piece)

    def _takes_values(self, piece: bytes, tags: _Tags) -> bool:
        of_errors = tags.count(b' t="e"')
        errors = _ERROR.findall(piece) if of_errors else []
        self.survey.errors |= {_place(letters, row): text.decode() for letters, row, text in errors}
        for letters, row, style in self._zeros.findall(piece) if self._masks else ():
            place = _place(letters, row)
            if place not in self.survey.uncalculated:
                self.survey.padded[place] = self._masks[style]
        return len(errors) == of_errors

    def _takes_struck(self, piece: bytes) -> bool:
        struck = self.survey.struck
        for letters, row, text in _SHARED_TEXT.findall(piece) if self._struck.texts else ():
            if int(text) in self._struck.texts:
                struck[_place(letters, row)] = self._struck.texts[int(text)]
        of_style = self._of_struck_style.findall(piece) if self._struck.styles else ()
        whole = {_place(letters, row) for letters, row, _ in of_style} - self.survey.uncalculated
        struck |= dict.fromkeys(whole, "")
        return not _has("strike", piece)  # a text in the cell itself


def _styles(numbers: Iterable[int]) -> bytes:
    """A pattern of the styles of a cell that have these numbers."""
    return rb' s="(' + "|".join(map(str, numbers)).encode() + rb')"'


def mistaken(piece: bytes) -> bool:
    """Whether a piece of XML has a value that the reader reads as another, or as a blank cell."""
    return _has(_MISTAKEN, piece)


def _has(pattern: str, piece: bytes) -> bool:
    """Whether a pattern is in a piece of XML."""
    return bool(pc.match_substring_regex(_alone(piece), pattern=pattern)[0].as_py())


def _count(pattern: str, piece: bytes) -> int:
    """How often a pattern is in a piece of XML."""
    return int(pc.count_substring_regex(_alone(piece), pattern=pattern)[0].as_py())


def _alone(piece: bytes) -> pa.Array:
    """A column with a piece of XML in its only row, which is not copied."""
    ends = pa.py_buffer(np.array([0, len(piece)], np.int32))
    return pa.Array.from_buffers(pa.binary(), 1, [None, ends, pa.py_buffer(piece)])


def _place(letters: bytes, row: bytes) -> Place:
    return int(row) - 1, column(letters.decode())


_A_ROW = 1 << 15
"""By how much the place of a cell is more than that of the cell above: more than there are columns."""
_CELL, _ROW, _ADDRESS = b"<c ", b"<row ", b'r="'


def _values(letters: str, first: int) -> np.ndarray:
    """The value of each byte as one of these letters, int8: from ``first`` on; -1 for every other byte."""
    values = np.full(256, -1, np.int8)
    values[list(letters.encode())] = range(first, first + len(letters))
    return values


_LETTER_VALUES, _DIGIT_VALUES = _values(ascii_uppercase, 1), _values(digits, 0)
_LETTERS, _DIGITS = 3, 7
"""The most letters of a column, and digits of a row."""
_PADDING = bytes(len(_ROW) + len(_ADDRESS) + _LETTERS + _DIGITS + 1)


class _Tags:
    """The tags of a piece of XML."""

    def __init__(self, piece: bytes) -> None:
        self._piece = piece
        self._written = np.frombuffer(piece + _PADDING, np.uint8)
        self._at = np.flatnonzero(self._written == ord("<"))
        self._first = self._written[self._at + 1]
        self._spellings: list[bytes] = []
        self._counts: list[int] = []

    def begin(self, letter: str) -> bool:
        """Whether a name of a tag begins with a letter."""
        return bool((self._first == ord(letter)).any())

    def places(self) -> np.ndarray | None:
        """The place of each cell, int64: row × ``_A_ROW`` + column, from 1; None where one is spelled otherwise than
        nearly every program does.
        """
        of_cells = self._of(_CELL)
        at = self._at[of_cells] + len(_CELL)
        if not self._are(_ADDRESS, at).all():
            return None
        at += len(_ADDRESS)
        columns, of_rows = _numbers(self._written, at, _LETTER_VALUES, _LETTERS)
        rows, ends = _numbers(self._written, of_rows, _DIGIT_VALUES, _DIGITS)
        are_usual = (of_rows > at) & (ends > of_rows) & (self._written[of_rows] != ord("0")) & (rows <= _LAST_ROW)
        if not (are_usual & (self._written[ends] == ord('"'))).all():
            return None
        following = np.append(self._at, len(self._piece))[of_cells + 1]
        spellings = _between(self._piece, ends + 1, following).value_counts()
        self._spellings, self._counts = spellings.field("values").to_pylist(), spellings.field("counts").to_pylist()
        return rows * _A_ROW + columns if all(map(_BEHIND_ADDRESS.match, self._spellings)) else None

    def count(self, part: bytes) -> int:
        """How many cells have something in their tag behind the address. Complete after ``places``."""
        of_tags = zip(self._spellings, self._counts, strict=True)
        return sum(count for each, count in of_tags if part in each.partition(b">")[0])

    def rows(self) -> np.ndarray:
        """The numbers of the rows that have one, int64."""
        at = self._at[self._of(_ROW)] + len(_ROW)
        if self._are(_ADDRESS, at).all():
            numbers, ends = _numbers(self._written, at + len(_ADDRESS), _DIGIT_VALUES, _DIGITS)
            if (self._written[ends] == ord('"')).all() and (ends > at + len(_ADDRESS)).all():
                return numbers
        return np.array(_ROW_NUMBER.findall(self._piece), dtype=np.int64)

    def _of(self, begin: bytes) -> np.ndarray:
        """Which of the tags begin so."""
        tags = np.flatnonzero(self._first == begin[1])
        return tags[self._are(begin[2:], self._at[tags] + 2)]

    def _are(self, letters: bytes, at: np.ndarray) -> np.ndarray:
        """At which places these letters stand."""
        are = np.ones(len(at), bool)
        for place, letter in enumerate(letters):
            are &= self._written[at + place] == letter
        return are


def _between(piece: bytes, starts: np.ndarray, ends: np.ndarray) -> pa.Array:
    """The parts of a piece from each start to its end."""
    bounds = np.zeros(2 * len(starts) + 1, np.int32)
    bounds[1::2], bounds[2::2] = starts, ends
    parts = pa.Array.from_buffers(pa.binary(), 2 * len(starts), [None, pa.py_buffer(bounds), pa.py_buffer(piece)])
    return parts.take(pa.array(np.arange(1, 2 * len(starts), 2)))


def _numbers(written: np.ndarray, at: np.ndarray, values: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """The number that is written at each place in letters of such values, at most so many; and where it ends."""
    numbers, base = np.zeros(len(at), np.int64), np.count_nonzero(values >= 0)
    for _ in range(most):
        value = values[written[at]]
        are = value >= 0
        if not are.any():
            break
        numbers = numbers * base + value if are.all() else np.where(are, numbers * base + value, numbers)
        at = at + are
    return numbers, at


def _rises(last: int, numbers: np.ndarray) -> bool:
    """Whether each number is more than the one before it, the first more than ``last``."""
    return bool((np.diff(numbers, prepend=last) > 0).all())
