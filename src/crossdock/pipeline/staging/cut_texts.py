"""Torn rows that are rather the rest of a text, which a line break without quotes has cut from the row above.

Such a row has a number that can be read, but it is none: the text above is stored with half of it if nothing tells.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.formats.footer import TORN
from crossdock.formats.format import Block
from crossdock.frames.columns import mask, trimmed

_WIDTHS = r'"found": (?P<found>\d+), "expected": (?P<expected>\d+)'
_LOOKS = (r"\d", r"\p{L}", r"\S\s+\S")
"""What numbers have or have not: a digit, a letter, a blank inside."""


class CutTexts:
    """Finds the rests of cut texts while a file is read; keeps the last row of a block for the next one."""

    def __init__(self) -> None:
        self._above: tuple[pa.Table, pa.Array, np.ndarray] | None = None

    def rests(self, block: Block, number: pa.Array, torn: np.ndarray) -> np.ndarray:
        """Which rows of a block are the rest of a text, bool.

        A torn row of one cell is: what stands there is hardly a number. One of more cells is, if it has fewer than the
        header, the row above is whole and its last cell has a value, and no whole row here has a number that looks like
        its own. ``number``: of each row, null where there is none; ``torn``: which rows are not whole.
        """
        rows = [*([self._above] if self._above else []), (block.cells, number, ~torn)]
        if len(torn):
            self._above = (block.cells.slice(len(torn) - 1), number[-1:], ~torn[-1:])
        cells, expected = _widths(block)
        of_one_cell = cells == 1
        last = int(expected.max(initial=0)) - 1  # columns that the feed makes of others are behind it
        if not 0 <= last < block.cells.num_columns or block.objects.any():  # columns that nobody reads are not there
            return of_one_cell
        ended = np.concatenate(
            [mask(pc.is_valid(trimmed(table.column(last).combine_chunks()))) for table, _, _ in rows]
        )
        looks = np.concatenate([_looks(each) for _, each, _ in rows])
        whole = np.concatenate([each for *_, each in rows])
        below_text = np.concatenate([[False], whole & ended])[-len(torn) - 1 : -1]
        is_other = ~np.isin(looks[-len(torn) :], looks[whole])
        return np.asarray(of_one_cell | (torn & (cells < expected) & below_text & is_other), dtype=bool)


def _widths(block: Block) -> tuple[np.ndarray, np.ndarray]:
    """How many cells each torn row has, and the header, int64; 0 where a row isn't torn."""
    torn = mask(pc.equal(block.faults, TORN))
    if not torn.any():
        return np.zeros(len(torn), dtype=np.int64), np.zeros(len(torn), dtype=np.int64)
    widths = pc.extract_regex(pc.if_else(pa.array(torn), block.details, ""), _WIDTHS)
    own, expected = (pc.fill_null(pc.struct_field(widths, each).cast(pa.int64()), 0) for each in (0, 1))
    return own.to_numpy(), expected.to_numpy()


def _looks(number: pa.Array) -> np.ndarray:
    """What each number looks like (``_LOOKS``), int64, a bit for each; 0 where there is none."""
    looks = np.zeros(len(number), dtype=np.int64)
    for bit, pattern in enumerate(_LOOKS):
        looks |= mask(pc.match_substring_regex(number, pattern)).astype(np.int64) << bit
    return looks
