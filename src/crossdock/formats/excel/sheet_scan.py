"""The careful look at a sheet's XML, cell by cell: what its reader gives as blank cells or doesn't know of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from crossdock.formats.excel.cells import DIGIT, DIGITS
from crossdock.formats.excel.zip_xml import Package, elements

MAX_COLUMNS = 1 << 14
_MASK = re.compile(r'\[[$A-Z][^\]]*\]|_.|\*.|"([^"]*)"|\\(.)|(0)|(#|General)|([\-() ])|(;)|(.)', re.DOTALL)
"""The parts of a number format: locales and colours, spaces and fillers; text, a digit, digits as there are, marks, the
end of what is for positive numbers, everything else.
"""
Place = tuple[int, int]
"""Row and column, from 0."""


@dataclass
class Survey:
    """What is odd in a sheet: ``errors`` by place, formulas without a value, what is hidden, ids with zeros.

    ``padded``: what a number's format writes around its digits (``cells.masked``). ``usual``: no value is spelled in a
    way that its reader mistakes.
    """

    rows: int = 0
    columns: int = 0
    errors: dict[Place, str] = field(default_factory=dict)
    uncalculated: set[Place] = field(default_factory=set)
    padded: dict[Place, str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    usual: bool = True


def zero_formats(archive: Package, member: str) -> dict[int, str]:
    """Cell style → what it writes around the digits of a whole number, for formats such as ``00000``, ``"SO-"000``."""
    if member not in archive:
        return {}
    formats: dict[str, str] = {}
    styles: dict[int, str] = {}
    inside, number = False, 0
    for name, given in elements(archive, member):
        if name == "numFmt" and (mask := _mask(given.get("formatCode", ""))):
            formats[given.get("numFmtId", "")] = mask
        elif name in ("cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
            inside, number = name == "cellXfs", 0
        elif name == "xf" and inside:
            if given.get("numFmtId") in formats:
                styles[number] = formats[given["numFmtId"]]
            number += 1
    return styles


def _mask(code: str) -> str | None:
    """What a number format of digits and text writes; None for every other, and where it adds nothing.

    ``DIGIT`` stands for a digit that is always written, ``DIGITS`` for as many as there are.
    """
    made = ""
    for quoted, escaped, digit, digits, mark, end, other in _MASK.findall(code):
        if end:
            break
        if other:
            return None
        made += quoted + escaped + mark + (DIGIT if digit else "") + (DIGITS if digits else "")
    return made if made.strip(DIGITS) not in ("", DIGIT) else None


class SheetScan:
    """The careful look: one cell after the other. A cell or row without an address follows the one before it."""

    def __init__(self, zeros: dict[int, str]) -> None:
        self.survey = Survey()
        self._zeros = {str(style): mask for style, mask in zeros.items()}
        self._row = self._at = -1
        self._kind: str | None = None
        self._style: str | None = None
        self._value: list[str] | None = None
        self._said = ""
        self._formula = self._given = False

    def start(self, name: str, given: dict[str, Any]) -> None:
        """An element begins."""
        if name == "c":
            self._move(given.get("r"))
            self._kind, self._style = given.get("t"), given.get("s")
            self._formula = self._given = False
        elif name == "v":
            self._value = []
        elif name == "is":
            self._given = True
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._row = int(given["r"]) - 1 if "r" in given else self._row + 1
            self._at = -1
            if given.get("hidden") in ("1", "true"):
                self.survey.hidden_rows.add(self._row)
        elif name == "col" and given.get("hidden") in ("1", "true"):
            last = min(int(given.get("max", "1")), MAX_COLUMNS)
            self.survey.hidden_columns.update(range(int(given.get("min", "1")) - 1, last))

    def _move(self, address: str | None) -> None:
        """To the cell of that address, whose row counts more than that of the element around it."""
        if address is None:
            self._at += 1
            return
        letters = address.rstrip("0123456789")
        self._at = column(letters.upper())
        if len(letters) < len(address):
            self._row = int(address[len(letters) :]) - 1

    def text(self, text: str) -> None:
        """Some text of an element."""
        if self._value is not None:
            self._value.append(text)

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "v":
            self._said, self._value = "".join(self._value or []), None
            self._given = bool(self._said) or self._kind == "str"
        if name != "c" or not (self._given or self._formula):
            return
        place = (self._row, self._at)
        found = self.survey
        found.rows, found.columns = max(found.rows, self._row + 1), max(found.columns, self._at + 1)
        if not self._given:
            found.uncalculated.add(place)
        elif self._kind == "e":
            found.errors[place] = self._said
        elif self._style in self._zeros and self._kind in (None, "n"):
            found.padded[place] = self._zeros[self._style]


def column(letters: str) -> int:
    """``A`` is 0, ``AB`` is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
