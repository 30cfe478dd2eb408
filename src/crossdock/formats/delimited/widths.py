"""The widths of the rows of a delimited file, counted over all of it, if one row is wider than the header.

Some systems write one more blank cell at the end of all rows; at the end of a single row it shows a delimiter in an
unquoted cell, and cells under the wrong heading.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from crossdock.formats.delimited.rfc4180 import Dialect
from crossdock.formats.delimited.splitter import Lines

FEWEST = 2
"""With fewer rows nothing is usual in a file."""


@dataclass
class Widths:
    """Numbers of rows by their number of cells (int64): of all rows; of those wider than the header, the ones with a
    value after its last column (``filled``), and the ones without (``spare``).
    """

    rows: np.ndarray = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    filled: np.ndarray = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    spare: np.ndarray = field(default_factory=lambda: np.zeros(1, dtype=np.int64))

    @property
    def usual(self) -> int:
        """The most frequent number of cells."""
        return int(self.rows.argmax())

    def most(self, counts: np.ndarray) -> int:
        """The largest number of cells that more than half of all rows reach, of the rows in ``counts``; else 0."""
        at_least = np.cumsum(counts[::-1])[::-1]
        enough = np.flatnonzero(at_least * 2 > max(self.rows.sum(), FEWEST))
        return int(enough[-1]) if len(enough) else 0


def counted(chunks: Iterable[bytes], dialect: Dialect, width: int, *, spaced: bool) -> Widths:
    """The widths of all rows that are a physical line by themselves, from after the header on.

    ``width``: the cells of the header. ``spaced``: a blank follows every delimiter; if not, a delimiter before a blank
    is prose, and its row is not counted in ``spare``.
    """
    widths, rest = Widths(), b""
    for chunk in chain(chunks, (None,)):
        rest += chunk or b""
        sheet = Lines(rest, dialect, eof=chunk is None)
        if sheet.count:
            _count(widths, sheet, dialect, width, spaced=spaced)
        rest = rest[sheet.end :]
    return widths


def _count(widths: Widths, sheet: Lines, dialect: Dialect, width: int, *, spaced: bool) -> None:
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
    widths.rows = _sum(widths.rows, np.bincount(sheet.cells[rows]))
    widths.filled = _sum(widths.filled, np.bincount(sheet.cells[filled]))
    widths.spare = _sum(widths.spare, np.bincount(sheet.cells[spare]))


def _sum(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    size = max(len(one), len(other))
    return np.pad(one, (0, size - len(one))) + np.pad(other, (0, size - len(other)))
