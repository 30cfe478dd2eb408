"""The parser of a sheet's XML, cell by cell: what its reader returns as blank cells, or doesn't report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crossdock.formats.xlsx.struck import RichText, Struck

MAX_COLUMNS = 1 << 14
Place = tuple[int, int]
"""Row and column, from 0."""


@dataclass
class Survey:
    """What is unusual in a sheet: ``errors`` by place, formulas without a value, what is hidden, ids with zeros.

    ``struck``: the cells of which something is struck out → what is left of their text, '' if nothing is. ``comments``:
    the comments that people have put on cells.
    ``rows``, ``columns``: up to the last cell. ``padded``: what a number's format writes around its digits
    (``number_masks.masked``). ``usual``: no value has a spelling that the reader misreads. ``twice``: the address of a
    cell with two values, of which the reader would drop one; '' if there is none. ``formulas``: an .xls file has some,
    and nothing tells which of them were never calculated.
    """

    rows: int = 0
    columns: int = 0
    errors: dict[Place, str] = field(default_factory=dict)
    uncalculated: set[Place] = field(default_factory=set)
    padded: dict[Place, str] = field(default_factory=dict)
    struck: dict[Place, str] = field(default_factory=dict)
    comments: dict[Place, str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    usual: bool = True
    twice: str = ""
    formulas: bool = False

    @property
    def area(self) -> int:
        """How many cells it has, blank ones included."""
        return self.rows * self.columns

    def hide(self, first: int, last: int) -> None:
        """Note that columns are hidden, from 1."""
        self.hidden_columns.update(range(first - 1, min(last, MAX_COLUMNS)))


class SheetScan:
    """Collects the ``Survey`` of a sheet, cell by cell. A cell or row without an address follows the one before it."""

    def __init__(self, zeros: dict[int, str], struck: Struck) -> None:
        self.survey = Survey()
        self._struck = struck
        self._struck_styles = {str(style) for style in struck.styles}
        self._rich: RichText | None = None
        self._zeros = {str(style): mask for style, mask in zeros.items()}
        self._row = self._at = -1
        self._kind: str | None = None
        self._style: str | None = None
        self._value: list[str] | None = None
        self._text = ""
        self._formula = self._has_value = False
        self._filled: dict[int, int] = {}  # row → a bit for each column with a value

    def start(self, name: str, attributes: dict[str, Any]) -> None:
        """An element begins."""
        if name == "c":
            self._move(attributes.get("r"))
            self._kind, self._style = attributes.get("t"), attributes.get("s")
            self._formula = self._has_value = False
            self._rich = None
        elif name == "v":
            self._value = []
        elif name == "is":
            self._has_value, self._rich = True, RichText()
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._at = -1
            if attributes.get("hidden") in ("1", "true"):
                self.survey.hidden_rows.add(self._row)
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            self.survey.hide(int(attributes.get("min", "1")), int(attributes.get("max", "1")))
        elif self._rich is not None:
            self._rich.start(name, attributes)

    def _move(self, address: str | None) -> None:
        """Move to the cell of that address; its row has priority over that of the row element."""
        if address is None:
            self._at += 1
            return
        name = address.rstrip("0123456789")
        self._at = column(name.upper())
        if len(name) < len(address):
            self._row = int(address[len(name) :]) - 1

    def text(self, text: str) -> None:
        """Some text of an element."""
        if self._value is not None:
            self._value.append(text)
        elif self._rich is not None:
            self._rich.text(text)

    def end(self, name: str) -> None:
        """An element ends."""
        if self._rich is not None:
            self._rich.end(name)
        if name == "v":
            self._text, self._value = "".join(self._value or []), None
            self._has_value = bool(self._text) or self._kind == "str"
        if name != "c" or not (self._has_value or self._formula):
            return
        place = (self._row, self._at)
        survey = self.survey
        filled, bit = self._filled.get(self._row, 0), 1 << max(self._at, 0)
        if filled & bit:
            survey.twice = f"{letters(self._at)}{self._row + 1}"
        self._filled[self._row] = filled | bit
        survey.rows, survey.columns = max(survey.rows, self._row + 1), max(survey.columns, self._at + 1)
        if not self._has_value:
            survey.uncalculated.add(place)
        elif self._kind == "e":
            survey.errors[place] = self._text
        elif self._style in self._zeros and self._kind in (None, "n"):
            survey.padded[place] = self._zeros[self._style]
        if self._has_value and (left := self._left()) is not None:
            survey.struck[place] = left

    def _left(self) -> str | None:
        """What is left of the cell's text; None where nothing of it is struck out."""
        if self._style in self._struck_styles:
            return ""
        if self._kind == "s":
            return self._struck.texts.get(int(self._text)) if self._text.isdecimal() else None
        return None if self._rich is None else self._rich.left


def column(name: str) -> int:
    """The number of a column, from 0: ``A`` is 0, ``AB`` is 27."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number - 1


def letters(column: int) -> str:
    """The letters of a column, from 0: 0 is ``A``, 27 is ``AB``."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
