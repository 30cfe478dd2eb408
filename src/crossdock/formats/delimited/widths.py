"""How wide the rows of a delimited file are: counted over all of it, where one row is wider than its header.

A blank cell more at the end of most rows is how some systems write; at the end of a single row it tells of a delimiter
in a cell that nobody quoted, and of cells under the wrong heading.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from crossdock.formats.delimited.rfc4180 import Dialect
from crossdock.formats.delimited.splitter import Lines

FEWEST = 2
"""Rows without which nothing is usual in a file."""


@dataclass
class Widths:
    """Rows by their number of cells: all of them; of those wider than the header, the ones that hold something behind
    its last column, and the ones that have nothing there.
    """

    rows: np.ndarray = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    filled: np.ndarray = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    spare: np.ndarray = field(default_factory=lambda: np.zeros(1, dtype=np.int64))

    @property
    def usual(self) -> int:
        """How many cells the most rows have."""
        return int(self.rows.argmax())

    def most(self, counts: np.ndarray) -> int:
        """The largest number of cells that most rows of the file have at least, of the ones counted; else 0."""
        at_least = np.cumsum(counts[::-1])[::-1]
        enough = np.flatnonzero(at_least * 2 > max(self.rows.sum(), FEWEST))
        return int(enough[-1]) if len(enough) else 0


def counted(chunks: Iterable[bytes], dialect: Dialect, width: int, *, spaced: bool) -> Widths:
    """The widths of all rows that are a physical line by themselves, from behind the header on.

    ``spaced``: a blank stands behind every delimiter; where it doesn't, a delimiter with one is prose, and the row
    is none of those that have nothing behind the last column.
    """
    found, rest = Widths(), b""
    for chunk in chain(chunks, (None,)):
        rest += chunk or b""
        sheet = Lines(rest, dialect, eof=chunk is None)
        if sheet.count:
            _count(found, sheet, dialect, width, spaced=spaced)
        rest = rest[sheet.end :]
    return found


def _count(found: Widths, sheet: Lines, dialect: Dialect, width: int, *, spaced: bool) -> None:
    blankish = np.isin(sheet.data[: sheet.end], list(b' \t\r\n"' + dialect.delimiter.encode()))
    written = np.concatenate([[0], np.cumsum(~blankish)])
    ends = np.append(sheet.starts[1:], sheet.end)
    rows = sheet.clean & (written[ends] > written[sheet.starts])
    last = np.searchsorted(sheet.marks, sheet.starts) + width - 1
    behind = np.append(sheet.marks, sheet.end)[np.minimum(last, len(sheet.marks))]
    wide = rows & (sheet.cells > width)
    filled = wide & (written[ends] > written[np.minimum(behind, ends)])
    spare = wide & ~filled
    if not spaced:
        prose = sheet.marks[sheet.data[np.minimum(sheet.marks + 1, len(sheet.data) - 1)] == ord(" ")]
        spare &= np.bincount(np.searchsorted(ends, prose, side="right"), minlength=sheet.count)[: sheet.count] == 0
    found.rows = _sum(found.rows, np.bincount(sheet.cells[rows]))
    found.filled = _sum(found.filled, np.bincount(sheet.cells[filled]))
    found.spare = _sum(found.spare, np.bincount(sheet.cells[spare]))


def _sum(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    size = max(len(one), len(other))
    return np.pad(one, (0, size - len(one))) + np.pad(other, (0, size - len(other)))
