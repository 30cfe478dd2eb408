"""What the styles of an .ods file write around the numbers of a cell: zeros in front, a unit, a currency, thousands.

Strategy: a number's style (OpenDocument 1.3 part 3 §16.29) is spelled as the code of a format that .xlsx files have, so
that ``number_masks`` knows one spelling. Only the styles are parsed, not the cells.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from crossdock.formats.xlsx.number_masks import FIRST_OWN, is_told, mask_of
from crossdock.formats.xlsx.zip_xml import Package, parse

_MEMBERS = ("styles.xml", "content.xml")
"""The members with styles: those of the file, and those that its cells have made; the latter count."""
_FORMATS = ("number-style", "currency-style")
"""Elements that say how a number is shown: percentages are known by their cells, days and times are no numbers."""
_LONGEST = 40
"""The most digits in front of the decimal mark that a style may always write."""
_POSITIVE = ("value()>=0", "value()>0")
"""The condition under which a style hands over to that of numbers which are not negative."""


class _Enough(Exception):
    """The styles are over."""


@dataclass
class _Format:
    """How numbers are shown: as the code of a format; ``positive``: the name of the style of those above 0."""

    code: str = ""
    positive: str = ""


@dataclass
class OpenStyles:
    """The styles of an .ods file. ``masks``: name of a cell's style → the mask of its numbers, if they have one."""

    masks: dict[str, str] = field(default_factory=dict)
    _of_cells: dict[str, tuple[str, str]] = field(default_factory=dict)
    _formats: dict[str, _Format] = field(default_factory=dict)

    def format_of(self, style: str) -> str:
        """The name of the number's style that a cell's style has, or inherits; '' if there is none."""
        for turn in count():
            parent, own = self._of_cells.get(style, ("", ""))
            if own or not parent or turn > len(self._of_cells):
                return own
            style = parent
        return ""

    def of_currency(self, style: str, currency: str, signs: Collection[str] | None) -> str | None:
        """The mask of a cell that only names its currency; None where its style shows one, or nobody need look."""
        return None if self.format_of(style) else _wanted(f"[${currency}]#,##0.00", signs)


def styles(archive: Package, signs: Collection[str] | None) -> OpenStyles:
    """The styles of an .ods file. ``signs``: as for ``number_masks.is_told``."""
    known = OpenStyles()
    for member in _MEMBERS:
        if member in archive:
            scan = _Scan(known)
            with archive.open(member) as file, suppress(_Enough):
                parse(file, scan.start, scan.end, scan.text)
    for style in known._of_cells:
        own = known._formats.get(known.format_of(style), _Format())
        mask = _wanted(known._formats.get(own.positive, own).code, signs)
        if mask is not None:
            known.masks[style] = mask
    return known


def _wanted(code: str, signs: Collection[str] | None) -> str | None:
    mask = mask_of(code)
    return None if mask is None or is_told(mask, FIRST_OWN, signs) else mask


class _Scan:
    """Collects the styles of a member, element by element."""

    def __init__(self, known: OpenStyles) -> None:
        self._known = known
        self._format: _Format | None = None
        self._text: str | None = None

    def start(self, name: str, raw: dict[str, str]) -> None:
        """An element begins."""
        attributes = {each.rpartition(" ")[2]: value for each, value in raw.items()}
        if name == "body":
            raise _Enough
        if name == "style" and attributes.get("family") == "table-cell":
            own = (attributes.get("parent-style-name", ""), attributes.get("data-style-name", ""))
            self._known._of_cells[attributes.get("name", "")] = own
        elif name in _FORMATS:
            self._format = self._known._formats[attributes.get("name", "")] = _Format()
        elif self._format is None:
            return
        elif name in ("text", "currency-symbol"):
            self._text = ""
        elif name == "number":
            self._format.code += _digits(attributes)
        elif name == "map" and "".join(attributes.get("condition", "").split()) in _POSITIVE:
            self._format.positive = attributes.get("apply-style-name", "")

    def text(self, text: str) -> None:
        """Some text of an element."""
        if self._text is not None:
            self._text += text

    def end(self, name: str) -> None:
        """An element ends."""
        if self._format is not None and self._text is not None and name in ("text", "currency-symbol"):
            self._format.code += "".join(f"\\{letter}" for letter in self._text)
            self._text = None
        elif name in _FORMATS:
            self._format = None


def _digits(attributes: dict[str, str]) -> str:
    """The digits of a number's style as a format's code: ``00000``, ``#,##0.00``, ``0,`` for thousands."""
    least, places = (_whole(attributes, each) for each in ("min-integer-digits", "decimal-places"))
    factor = attributes.get("display-factor", "1")
    thousands = round(math.log(float(factor), 1000)) if factor.isdecimal() and int(factor) else 0
    grouped = "#," if attributes.get("grouping") == "true" else ""
    return f"{grouped}{'0' * least or '#'}{'.' if places else ''}{'0' * places}{',' * min(thousands, _LONGEST)}"


def _whole(attributes: dict[str, str], name: str) -> int:
    written = attributes.get(name, "0")
    return min(int(written), _LONGEST) if written.isdecimal() and len(written) <= len(str(_LONGEST)) else 0
