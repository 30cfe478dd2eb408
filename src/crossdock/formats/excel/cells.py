"""A cell of a workbook → its text, and what the spreadsheet has made of an id."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from math import isfinite
from typing import Any

from crossdock.schema.document import Kind

PRECISION = 15
"""How many digits of a number a spreadsheet keeps; so it shows 0.1 + 0.2 as 0.3."""
DAYS_1904 = 1462
"""Days between the two calendars of Excel."""
LAST_SERIAL = 100_000
"""Numbers below it may be a spreadsheet's days (until the year 2173)."""
IDS = (Kind.ID, Kind.CODE)
TEXTS = (*IDS, Kind.TEXT)
ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"))
"""What a spreadsheet writes instead of a value that it can't compute (ECMA-376 part 1 §18.17.3)."""
TIMES = (Kind.DATE, Kind.TIMESTAMP)


def text(cell: Any, kind: Kind | None, decimal: str, *, date1904: bool) -> str:
    """A cell as text: numbers with the decimal mark ``decimal``, dates in ISO. ``kind``: of its column."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        days = date1904 and kind in TIMES and 0 <= cell < LAST_SERIAL
        return number(cell + DAYS_1904 if days else cell, decimal)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(timespec="microseconds" if cell.microsecond else "seconds")
    return str(cell)


def plain_texts(column: Sequence[Any], kind: Kind | None, decimal: str) -> list[str] | None:
    """A column of texts and numbers as texts, as ``text`` has each, if none may be ``spoiled``; else None."""
    types = set(map(type, column))
    if types <= {str}:
        return None if kind in IDS and ERRORS.intersection(column) else list(column)
    if kind in IDS or kind in TIMES or not types <= {str, float, int}:
        return None
    texts = [cell if type(cell) is str else number(cell, decimal) for cell in column]
    return texts if all(isfinite(cell) for cell in column if type(cell) is float) else None


def spoiled(cell: Any, kind: Kind | None) -> str | None:
    """What the spreadsheet has made of an id, as a code of the catalogue, or None."""
    if isinstance(cell, float) and not isfinite(cell):
        return "error_cell"
    if kind not in IDS:
        return None
    if isinstance(cell, bool):
        return "flag_in_id" if kind is Kind.ID else None
    if cell in ERRORS:
        return "error_cell"
    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
        return "date_in_id"
    return "rounded_id" if isinstance(cell, int | float) and abs(cell) >= 10**PRECISION else None


def number(value: float, decimal: str = ".") -> str:
    """A number cell as text: ``12.0`` is 12, 0.1 + 0.2 is 0.3, as the spreadsheet shows it; never an exponent.

    Only a number with more digits than a spreadsheet keeps has an exponent, as it would be shown.

    >>> number(1234.5, ",")
    '1234,5'
    """
    shown = f"{value:.{PRECISION}g}"
    if "e" in shown and abs(value) < 10**PRECISION:
        shown = f"{Decimal(shown):f}"
    return shown.upper().replace(".", decimal)


def percentage(value: float, decimal: str) -> str:
    """A number cell that is shown as a percentage, as text: 0.125 is ``12.5%``."""
    return f"{number(value * 100, decimal)}%"


def filled(cell: Any) -> bool:
    """Whether a cell has a value that is not blank."""
    return bool(cell.strip()) if isinstance(cell, str) else True


def plain(cell: Any) -> str:
    """A cell of the header as text."""
    return number(cell) if isinstance(cell, float) else str(cell)
