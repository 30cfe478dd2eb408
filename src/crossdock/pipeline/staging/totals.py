"""Rows that are no records, though they stand among them: totals, subtotals, who printed the sheet.

A row is one only if nothing in it could be an order's: no id of a line, and either the number itself says so
(``Total``, or ``SO-1 Total`` below the rows of SO-1; of a list without lines, with the sum of the rows above,
``Total N1``, ``Stock total``, ``*N1`` below N1, or N1 in a place that is called ``Total``), or the number is blank, the
first text of the row says so in whatever column, no other id is there, and whatever else is there are numbers. So no
order that is called Total is lost. An item that is a word for a total is no id.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.formats.format import Block
from crossdock.frames.columns import mask
from crossdock.schema.document import Document, Kind
from crossdock.schema.names import BLANKS, TOTALS
from crossdock.schema.roles import Role

_WORDS = "|".join(re.escape(each) for each in sorted(TOTALS, key=len, reverse=True))
_TOTAL = re.compile(rf"(?:{_WORDS})\s*:?", re.IGNORECASE)
_LABEL = re.compile(rf"(?:{_WORDS})\b.*", re.IGNORECASE | re.DOTALL)
_PRINTED = re.compile(
    r"(?:printed|gedruckt|imprimé|impreso|afgedrukt)\b.*|(?:page|seite|página|pagina)\s*:?\s*-?\d+.*|"
    r"\W*end of report\W*",
    re.IGNORECASE | re.DOTALL,
)
_WITH_SUM = re.compile(rf"(?:{_WORDS})\s*:?\s*[-+]?\d[\d.,'’\s]*", re.IGNORECASE)
_OF_ABOVE = re.compile(rf"(.+?)\s+(?:{_WORDS})\s*:?", re.IGNORECASE | re.DOTALL)
_ABOVE_OF = re.compile(rf"(?:{_WORDS})\s*:?\s+(.+)", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(
    r"(?:[^\W\d_]{2,3}\s+)?[^\w\s]?\s*[-+(]?\d[\d.,'’\s:/-]*[)%]?\s*[^\w\s]?(?:\s*[^\W\d_]{2,3}\.?)?", re.DOTALL
)
"""A number, a date or an amount; with a currency or a unit beside it."""
_STARS, _UNIT = re.compile(r"\*{1,5}"), re.compile(r"[^\W\d_]{1,3}")
_STARRED = re.compile(r"\*{1,5}\s*(.+)", re.DOTALL)
"""How lists of SAP mark the rows of their sums, beside which units may stand."""
_PLAIN, _EXACT = r"^-?[0-9]{1,15}([.,][0-9]{1,6})?$", pa.decimal128(38, 6)
"""Numbers without grouping, in either notation, and what their sums are."""
MAY_BE = _WORDS + r"|^\s*\*+\s*$|printed|gedruckt|imprimé|impreso|afgedrukt|page|seite|página|pagina|end of report"
_OR_STARRED = MAY_BE + r"|^\s*\*"


class Sums:
    """What the rows of a list without lines add up to: only that tells ``Total N1`` from an item that is called so.

    Of all rows, and of those below the last total or the last row without a quantity. ``any``: whether the document has
    quantities that anybody may add up.
    """

    def __init__(self, document: Document) -> None:
        fields = document.of(document.header) if document.lines is None else {}
        self._wanted = [name for name, each in fields.items() if each.kind is Kind.QUANTITY and each.required]
        self._all = self._nearest = Decimal(0)
        self._amounts, self._added = pa.nulls(0, _EXACT), 0
        self.any = document.lines is not None or bool(self._wanted)

    def look_at(self, block: Block, columns: Mapping[str, str]) -> None:
        """Read the quantities of the next block."""
        heading = next((columns[each] for each in self._wanted if each in columns), "")
        if heading in block.cells.column_names:
            texts = block.trimmed(heading)
            plain = pc.if_else(pc.match_substring_regex(texts, _PLAIN), texts, pa.scalar(None, pa.string()))
            self._amounts = pc.cast(pc.replace_substring(plain, ",", "."), _EXACT)

    def has(self, place: int, are_totals: np.ndarray) -> bool:
        """Whether a row of the block has the sum of all rows above it, or of the nearest: of rows that come in their
        order. ``are_totals``: bool, those above it.
        """
        if place >= len(self._amounts):
            return False
        self._add(place, are_totals)
        return self._amounts[place].as_py() in (self._all, self._nearest)

    def go_on(self, are_totals: np.ndarray) -> None:
        """The block is behind. ``are_totals``: bool."""
        self._add(len(self._amounts), are_totals)
        self._amounts, self._added = self._amounts[:0], 0

    def _add(self, place: int, are_totals: np.ndarray) -> None:
        """Add the rows up to a place to those that are added."""
        rows = slice(self._added, place)
        for amount, is_total in zip(self._amounts[rows].to_pylist(), are_totals[rows].tolist(), strict=True):
            if is_total or amount is None:
                self._nearest = Decimal(0)
            else:
                self._all, self._nearest = self._all + amount, self._nearest + amount
        self._added = place


def totals(
    block: Block,
    columns: Mapping[str, str],
    document: Document,
    above: str | None,
    of_file: Container[str],
    sums: Sums,
    *,
    blank_inherits: bool,
) -> np.ndarray:
    """Which records of a block are totals or the like, bool.

    ``columns``: our names → headings. ``of_file``: those whose value is the whole file's, and says nothing of a row.
    ``above``: the number of the record before the first. ``blank_inherits``: a row without a number is of the one
    above, so it may give values of the header, and its texts are no labels. ``sums``: of the rows before the block.
    """
    sums.look_at(block, columns)
    result = np.zeros(len(block.lines), dtype=bool)
    number = columns.get(document.number)
    own = {theirs: ours for ours, theirs in columns.items()}
    own_cells = {name: block.cells.column(name) for name in block.cells.column_names if name not in of_file}
    for place in _candidates(block, columns, document, of_file):
        texts = {name: (column[place].as_py() or "").strip(BLANKS) for name, column in own_cells.items()}
        row = {name: text for name, text in texts.items() if text}
        if number in row:
            before = _number_above(block.cells.column(number), place, above)
            text = row.pop(number)
            is_whole = not sums.any and _STARS.fullmatch(text) is not None  # a star is every postal code of a country
            result[place] = (not is_whole and _says_so(text, row, before)) or (
                _may_sum(text, row, before) and sums.has(place, result)
            )
        elif row and not document.auto:
            label = next((name for name, text in row.items() if not _NUMBER.fullmatch(text)), next(iter(row)))
            text = row.pop(label)
            of_ours = document.fields.get(own.get(label, ""))
            named = of_ours is not None and of_ours[0] is document.header and _LABEL.fullmatch(text) is not None
            is_item = of_ours is not None and of_ours[1].role is Role.ITEM
            header_value = (blank_inherits and of_ours is not None and not is_item) or (
                named and not _TOTAL.fullmatch(text)
            )
            has_id = any(_kind(document, own.get(name)) is Kind.ID for name in row)
            result[place] = not header_value and not has_id and _is_label(text, row)
    sums.go_on(result)
    return result


def says_total(texts: pa.Array) -> pa.Array:
    """Which texts are a word for a total and nothing else: as an item it is none."""
    return pc.is_in(pc.utf8_rtrim(pc.utf8_lower(texts), " :"), value_set=pa.array(TOTALS))


def _candidates(block: Block, columns: Mapping[str, str], document: Document, of_file: Container[str]) -> list[int]:
    """The places of rows that no id of a line rules out, and in which a word may say that they are totals."""
    if columns.get(document.number) not in block.cells.column_names:
        return []
    places = np.flatnonzero(_without_ids(block, columns, document, of_file))
    if not len(places):
        return []
    may_be = np.zeros(len(places), dtype=bool)
    for column in block.cells.take(pa.array(places)).columns:
        may_be |= mask(pc.match_substring_regex(column.combine_chunks(), _OR_STARRED, ignore_case=True))
    return [int(place) for place in places[may_be]]


def _without_ids(block: Block, columns: Mapping[str, str], document: Document, of_file: Container[str]) -> np.ndarray:
    """The rows in which no id of a line is, bool; where no column has any, those whose number may be none."""
    rows = block.objects == 0
    of_line = [
        theirs
        for ours, theirs in columns.items()
        if _kind(document, ours) is Kind.ID and document.fields[ours][0] is not document.header
    ]
    item = columns.get(document.playing(Role.ITEM, document.lines))
    for theirs in of_line:
        if theirs in block.cells.column_names and rows.any():
            ids = block.trimmed(theirs)
            rows &= ~mask(pc.is_valid(ids)) | (mask(says_total(ids)) if theirs == item else False)
    if not of_line and columns[document.number] not in of_file:
        numbers = block.trimmed(columns[document.number])
        may_be = ~mask(pc.is_valid(numbers)) | mask(pc.match_substring_regex(numbers, _OR_STARRED, ignore_case=True))
        of_key = {columns[each] for each in document.key if each != document.number and each in columns}
        for heading in of_key.intersection(block.cells.column_names) if document.lines is None else ():
            may_be |= mask(says_total(block.trimmed(heading)))
        rows &= may_be
    return rows


def _says_so(number: str, others: Mapping[str, str], before: str | None) -> bool:
    """Whether a number is none: ``Total``; ``SO-1 Total`` below SO-1; who printed it, beside numbers only."""
    of_above = _OF_ABOVE.fullmatch(number) or _ABOVE_OF.fullmatch(number)
    odd = (of_above is not None and of_above[1] == before) or _PRINTED.fullmatch(number) is not None
    odd = odd or _WITH_SUM.fullmatch(number) is not None
    if _STARS.fullmatch(number):
        return _are_sums(others)
    return _TOTAL.fullmatch(number) is not None or (odd and _are_numbers(others))


def _may_sum(number: str, others: Mapping[str, str], before: str | None) -> bool:
    """Whether a row is a total if it has the sum of those above it."""
    starred = _STARRED.fullmatch(number)
    if starred:
        return starred[1] == before and _are_sums(others)
    if number == before:
        cells = {name: text for name, text in others.items() if not _TOTAL.fullmatch(text)}
        return len(cells) == len(others) - 1 and _are_sums(cells)
    return (_LABEL.fullmatch(number) or _OF_ABOVE.fullmatch(number)) is not None and _are_numbers(others)


def _is_label(text: str, others: Mapping[str, str]) -> bool:
    """Whether the first text of a row without a number calls it a total of numbers, or says who printed it."""
    if _PRINTED.fullmatch(text):
        return len(others) <= 1
    if _STARS.fullmatch(text):
        return _are_sums(others)
    return _LABEL.fullmatch(text) is not None and _are_numbers(others) and bool(others or _TOTAL.fullmatch(text))


def _are_numbers(cells: Mapping[str, str]) -> bool:
    return all(_NUMBER.fullmatch(text) for text in cells.values())


def _are_sums(cells: Mapping[str, str]) -> bool:
    """Whether cells are numbers, of which there is one, and units."""
    numbers = {name: text for name, text in cells.items() if not _UNIT.fullmatch(text)}
    return bool(numbers) and _are_numbers(numbers)


def _kind(document: Document, ours: str | None) -> Kind | None:
    entry = document.fields.get(ours or "")
    return entry[1].kind if entry else None


def _number_above(numbers: pa.ChunkedArray, place: int, above: str | None) -> str | None:
    """The nearest number above a row."""
    texts = ((numbers[before].as_py() or "").strip(BLANKS) for before in range(place - 1, -1, -1))
    return next((text for text in texts if text), above)
