"""What is in the cells of a text file and not part of them: armour against spreadsheets, bytes that are no text.

A CSV for a spreadsheet has ``="00123"`` or ``'+31``, so that the spreadsheet shows a text and runs no formula. This
armour is removed, with one warning per column. A byte that is no text in the file's encoding, and a text in another
encoding than the rest, spoil their cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.formats.format import Block, Note, Spoiled
from crossdock.formats.text import MARKED, Inspection, bytes_in, shown
from crossdock.frames.columns import mask
from crossdock.schema.document import Kind
from crossdock.schema.names import BLANKS, fold

QUOTED = re.compile(r"'.{2,}'", re.DOTALL)
"""A cell in apostrophes."""
IDS = (Kind.ID, Kind.CODE)
_FORMULA = re.compile(r'="((?:[^"]|"")*)"', re.DOTALL)
"""A text as the one value of a formula."""
_LINK = re.compile(r'=HYPERLINK\((?:"(?:[^"]|"")*"|[^",;()]+) *[,;] *"((?:[^"]|"")*)"\)', re.DOTALL | re.IGNORECASE)
"""A link with the text that a spreadsheet shows for it."""
_TEXT = re.compile(r"'(?:[=+\-@\t\r\n].*|[0-9][0-9 .,:/+\-]*)", re.DOTALL)
_ID = re.compile(r"'(?:[=+\-@\t\r\n].*|(?=\S*[0-9])[^\s']+)", re.DOTALL)
"""An apostrophe before what a spreadsheet would read as a formula or a number; in an id, before anything with a digit.
``'s-Hertogenbosch`` and ``'90s`` are texts, and so is a text that also ends in an apostrophe.
"""
_HIGH = "".join(bytes([byte]).decode("cp1252", errors="ignore") for byte in range(0x80, 0xC0))
MIXED = rf"[ÃÄÅ][{re.escape(_HIGH)}]|â€[{re.escape(_HIGH)}]"
"""UTF-8 that was read as cp1252."""


def bare(cell: str, kind: Kind | None) -> str:
    """A cell without its armour; unchanged if it has none.

    >>> bare('="00123"', None), bare("'+31 6", None), bare("'s-Hertogenbosch", None), bare("'00AB", Kind.ID)
    ('00123', '+31 6', "'s-Hertogenbosch", '00AB')
    >>> bare('=HYPERLINK("https://x/1";"SO-1")', None), bare("=HEIGHT", None)
    ('SO-1', '=HEIGHT')
    """
    text = cell.strip(BLANKS)
    formula = (_FORMULA.fullmatch(text) or _LINK.fullmatch(text)) if text.startswith("=") else None
    if formula:
        return formula[1].replace('""', '"')
    guarded = (_ID if kind in IDS else _TEXT).fullmatch(text)
    return text[1:] if guarded and not text.endswith("'") else cell


class Tidy:
    """Tidies the blocks of one file.

    ``quotes``: cells are quoted with quotation marks, so a cell in apostrophes is a fault. ``armoured``: column → the
    number of its armoured cells, the first of them, and its line.
    """

    def __init__(self, kinds: Mapping[str, Kind], look: Inspection, *, quotes: bool = True) -> None:
        self.armoured: dict[str, tuple[int, str, int]] = {}
        self._kinds = kinds
        self._look = look
        self._quote = quotes

    @property
    def notes(self) -> list[Note]:
        """The warnings about the file. Complete after all blocks are tidied."""
        return [
            Note("armoured_cells", name, times, {"example": example}, line)
            for name, (times, example, line) in self.armoured.items()
        ]

    def __call__(self, block: Block) -> Block:
        """A block, tidied."""
        spoiled: Spoiled = {}
        return self._without_armour(legible(block, self._look), spoiled).with_spoiled(spoiled)

    def _without_armour(self, block: Block, spoiled: Spoiled) -> Block:
        """The block without armour; cells in apostrophes are added to ``spoiled``, as another kind of quoting."""
        cells = block.cells
        for place, name in enumerate(cells.column_names):
            column = cells.column(place)
            begins = _may_be_armoured(column)
            places = np.flatnonzero(begins)
            if not len(places):
                continue
            kind = self._kinds.get(fold(name))
            old = column.take(pa.array(places)).to_pylist()
            new = [bare(each, kind) for each in old]
            for at, each in enumerate(old):
                if QUOTED.fullmatch(each.strip(BLANKS)) and self._quote:
                    spoiled.setdefault(int(places[at]), {})[name] = ("in_apostrophes", {})
            changed = [at for at, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]
            if not changed:
                continue
            times, example, line = self.armoured.get(name, (0, old[changed[0]], int(block.lines[places[changed[0]]])))
            self.armoured[name] = (times + len(changed), example, line)
            texts = pc.replace_with_mask(column.combine_chunks(), pa.array(begins), pa.array(new, pa.string()))
            cells = cells.set_column(place, name, texts)
        return block if cells is block.cells else replace(block, cells=cells)


def legible(block: Block, look: Inspection) -> Block:
    """The block with bytes that are no text as people write them; spoils their cells, and those in another encoding."""
    cells = block.cells
    spoiled: Spoiled = {}
    if not (look.marked or look.mixed):
        return block
    for place, name in enumerate(cells.column_names):
        column = cells.column(place).combine_chunks()
        if look.marked:
            cells = cells.set_column(place, name, _unmarked(column, name, look.encoding, spoiled))
        else:
            for at in np.flatnonzero(_matches(column, MIXED)).tolist():
                other = column[at].as_py().encode("cp1252", errors="replace").decode("utf-8", errors="replace")
                spoiled.setdefault(at, {})[name] = ("mixed_encoding", {"other": other})
    return replace(block, cells=cells).with_spoiled(spoiled)


def _unmarked(column: pa.Array, name: str, encoding: str, spoiled: Spoiled) -> pa.Array:
    """A column in which bytes that are no text are shown as such; their cells are added to ``spoiled``."""
    marked = _matches(column, MARKED)
    texts = []
    for at in np.flatnonzero(marked).tolist():
        text = column[at].as_py()
        spoiled.setdefault(at, {})[name] = ("undecodable_cell", {"bytes": bytes_in(text), "encoding": encoding})
        texts.append(shown(text))
    return pc.replace_with_mask(column, pa.array(marked), pa.array(texts, pa.string())) if texts else column


def _may_be_armoured(column: pa.ChunkedArray) -> np.ndarray:
    """Which cells begin like armour, bool; if its first byte isn't in the column, no cell is examined."""
    armoured = np.zeros(len(column), dtype=bool)
    bytes_of = [np.frombuffer(chunk.buffers()[2] or b"", dtype=np.uint8) for chunk in column.chunks]
    for first, begins in (("'", ("'",)), ("=", ('="', "=H", "=h"))):
        if any((each == ord(first)).any() for each in bytes_of):
            trimmed = pc.utf8_ltrim(column, characters=BLANKS)
            for begin in begins:
                armoured |= pc.starts_with(trimmed, begin).to_numpy()
    return armoured


def _matches(values: pa.Array, pattern: str) -> np.ndarray:
    return mask(pc.match_substring_regex(values, pattern))
