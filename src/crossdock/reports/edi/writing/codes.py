"""What each of our codes is called in the standard acknowledgements (contract edi.md §11), from ``answer_codes.csv``.

A row is about a code, or about one case of it (``why``). Columns: ``level`` (who forbids it: ``interchange``,
``group``, ``syntax``, ``business``), ``segment`` (AK304), ``element`` (AK403), ``set`` (AK502), ``group`` (AK905), each
with ``_5010`` where that release has another, ``interchange`` (TA105), ``contrl`` (0085) and ``contrl_at`` (the lowest
level that may say it), ``application`` (TED01), ``order`` (ACK01), ``error`` (9321 of ERC).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

from crossdock import bundled

OTHERS = "*"
"""The row of codes that have none of their own: warnings that a feed makes errors."""
SYNTAX, BUSINESS = "syntax", "business"
NEWER = "_5010"
OF_GUIDES = {"segment": {"3": "I8"}, "element": {"1": "I9", OTHERS: "I12"}}
"""What a 997 says of a business fault → what a 999 says: a segment below its least use, an element that is missing
here, a value that doesn't fit."""


@cache
def answer_codes() -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Code and case → the row's columns."""
    path = bundled.folder("guides") / "answer_codes.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["code"], row["why"]): row for row in csv.DictReader(file)}


def coded(code: str, why: str = "") -> Mapping[str, str]:
    """The columns of a code in one of its cases; if the case has no row, of its first; else of ``OTHERS``."""
    return answer_codes().get((code, why)) or _first_rows().get(code) or _first_rows()[OTHERS]


@cache
def _first_rows() -> Mapping[str, Mapping[str, str]]:
    """Code → its row without a case, else its first."""
    rows = answer_codes()
    first = {code: row for (code, _), row in reversed(list(rows.items()))}
    return first | {code: row for (code, why), row in rows.items() if not why}


def is_syntax(code: str, why: str = "") -> bool:
    """Whether the standard itself forbids it."""
    return coded(code, why)["level"] == SYNTAX


def of_ours(row: Mapping[str, str], column: str) -> str:
    """``segment`` or ``element`` in a 999, which has words for what a guide forbids and the standard doesn't: ours is
    that guide (005010X231, 620 and 621).
    """
    code = row[column]
    return OF_GUIDES[column].get(code, OF_GUIDES[column].get(OTHERS, code)) if row["level"] == BUSINESS else code


def of_release(row: Mapping[str, str], column: str, *, newer: bool) -> str:
    """A column that has another value from release 005010 on."""
    return (row[column + NEWER] if newer else "") or row[column]
