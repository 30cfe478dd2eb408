"""The last row of a file whose last line has no line end: whether the file was cut inside of it.

Many programs end no last line, and a value that lacks its end is a value. So the row fails only where the others tell:
each of them ends in a delimiter, or its last number has always as many decimals.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from crossdock.formats.delimited.splitter import Cutter
from crossdock.formats.format import Block
from crossdock.schema.document import NUMBERS, Kind
from crossdock.schema.names import fold

FEWEST = 5
"""How many other rows tell how a row ends."""
_BEFORE_DECIMALS = r"^.*[.,]|^[^.,]*$"


class Ending:
    """Looks at how the rows of a file end.

    ``kinds``: by folded heading; ``cutter``: counts the rows that end in a delimiter; ``columns``: their names.
    """

    def __init__(self, kinds: Mapping[str, Kind], cutter: Cutter, columns: Sequence[str]) -> None:
        self._cutter = cutter
        self._last = columns[-1]
        self._is_number = kinds.get(fold(columns[-1])) in NUMBERS
        self._rows = 0
        self._decimals: set[int] = set()

    def checked(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """The same blocks; the last record of the last one has a fault where the file ends in the middle of it."""
        before: Block | None = None
        for block in blocks:
            if len(block.lines) and before is not None:
                self._count(before)
                yield before
                before = block
            elif before is None:
                before = block
            else:
                before = before.followed_by(block)
        if before is None or not len(before.lines):
            yield from [] if before is None else [before]
            return
        others, last = before.cut(len(before.lines) - 1)
        self._count(others)
        why = self._why(last)
        if why and not last.faults[0].is_valid:
            detail = json.dumps({"why": why}, ensure_ascii=False)
            last = replace(last, faults=pa.array(["cut_row"]), details=pa.array([detail]))
        yield others.followed_by(last)

    def _count(self, block: Block) -> None:
        self._rows += len(block.lines)
        if self._is_number and len(self._decimals) < 2:
            self._decimals |= set(self._lengths(block))

    def _lengths(self, block: Block) -> list[int]:
        """How many decimals the last numbers of some rows have, each once."""
        numbers = pc.utf8_trim_whitespace(block.cells.column(self._last).combine_chunks())
        lengths = pc.utf8_length(pc.replace_substring_regex(numbers, _BEFORE_DECIMALS, ""))
        return list(pc.unique(lengths.filter(pc.greater(pc.utf8_length(numbers), 0))).to_pylist())

    def _why(self, last: Block) -> str:
        """What tells that the last row is not whole; '' where nothing does."""
        if self._rows < FEWEST:
            return ""
        if self._cutter.spare == self._rows:
            return "each other row ends in a delimiter"
        lengths = self._lengths(last) if self._is_number else []
        if len(self._decimals) == 1 and lengths and lengths[0] < min(self._decimals):
            return f"{self._last!r} has {lengths[0]} decimals, and {min(self._decimals)} in each other row"
        return ""
