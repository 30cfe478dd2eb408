"""The texts of many sets → a column for each of their values, without a look at each set.

Where the pattern of a mould has matched, the same separators stand in the same order, so that a value is what stands
between two of them: all texts are cut at once, and a column is which of the pieces its cells are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.formats.edi.syntax import Syntax
from crossdock.formats.shapes.columns import Column
from crossdock.formats.shapes.templates import PRIVATE, released


@dataclass(frozen=True)
class Cutter:
    """Where the values of a mould stand. ``size``: the segments of a set. ``before``, ``behind``: of each value, how
    many segments stand before its own, and how many separators before it in that.
    """

    syntax: Syntax
    size: int
    before: Sequence[int]
    behind: Sequence[int]

    def columns(self, pieces: pa.Array, ends: np.ndarray) -> list[Column]:
        """Of each value those of all sets; ``ends``: of these sets which of the ``pieces`` end a segment."""
        of_segments = ends.reshape(-1, self.size).T
        return [
            Column(pieces, of_segments[before - 1] + 1 + behind)
            for before, behind in zip(self.before, self.behind, strict=True)
        ]


def cutter(syntax: Syntax, size: int, match: re.Match[str]) -> Cutter:
    """The cutter of a mould; ``match``: of a set by its pattern."""
    text, starts = match.string, [match.start(group) for group in range(1, match.re.groups + 1)]
    segments = [text.rfind(syntax.terminator, 0, start) + 1 for start in starts]
    before = [text.count(syntax.terminator, 0, segment) for segment in segments]
    marks = _marks(syntax)
    behind = [
        sum(text.count(mark, segment, start) for mark in marks) for segment, start in zip(segments, starts, strict=True)
    ]
    return Cutter(syntax, size, before, behind)


def cut(syntax: Syntax, texts: Sequence[str]) -> tuple[pa.Array, np.ndarray]:
    """What stands before each separator in texts one behind the other, and which of these pieces end a segment."""
    text, marks = "".join(texts), _marks(syntax).encode()
    sent = text.encode()
    letters = np.frombuffer(sent, dtype=np.uint8)
    ends = np.flatnonzero(np.logical_or.reduce([letters == mark for mark in marks]))
    cuts = np.concatenate(([0], ends - np.arange(len(ends)))).astype(np.int32)
    pieces = pa.StringArray.from_buffers(len(ends), pa.py_buffer(cuts), pa.py_buffer(sent.translate(None, marks)))
    for private in [] if text.isascii() else set(PRIVATE.findall(text)):
        pieces = pc.replace_substring(pieces, private, released(private))
    return pieces, np.flatnonzero(letters[ends] == ord(syntax.terminator))


def _marks(syntax: Syntax) -> str:
    return syntax.element + syntax.component + syntax.terminator
