"""What is below the last record of a file: rows that the feed describes, or so many of them.

Only the end of a file is its footer: rows that may be the footer wait until a record comes, or the end. Few rows wait
at a time, so memory stays flat; what is left out is counted, and the first of it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import translate
from typing import Annotated

from pydantic import Field

from crossdock.formats.format import Block, Note, Options, Strings
from crossdock.schema.names import BLANKS

LONGEST = 1_000
"""The most rows of a footer; rows above them are records, whatever they look like."""
SHOWN = 60
"""How many characters of the first row of a footer are shown."""


class FooterOptions(Options):
    """The options of every format whose files may have a footer."""

    footer: Strings = Field(
        (),
        description="what rows below the last record are, as globs on their text; case doesn't matter, such as "
        '`["*** End of report*", "Printed by *"]`',
    )
    skip_end: Annotated[int, Field(ge=0, le=LONGEST)] = Field(
        0, description="how many rows at the end that are not blank are no records"
    )


class Footer:
    """The footer of one file."""

    def __init__(self, options: FooterOptions) -> None:
        patterns = "|".join(translate(each.strip(BLANKS)) for each in options.footer)
        self._pattern = re.compile(patterns, re.IGNORECASE | re.DOTALL) if patterns else None
        self._last = options.skip_end
        self._waiting: Block | None = None
        self.notes: list[Note] = []

    def without(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """The blocks of a file without its footer, whose rows are counted as ignored."""
        if self._pattern is None and not self._last:
            yield from blocks
            return
        for block in blocks:
            whole = block if self._waiting is None else self._waiting.followed_by(block)
            records, self._waiting = whole.cut(self._begin(whole))
            yield records
        if self._waiting is not None and len(self._waiting.lines):
            nothing, footer = self._waiting.cut(0)
            yield replace(nothing, ignored=self._end(footer))

    def _begin(self, block: Block) -> int:
        """The place in a block from which on it may be the footer."""
        at = max(len(block.lines) - self._last, 0)
        least = max(at - LONGEST, 0)
        while self._pattern is not None and at > least and self._pattern.fullmatch(_text(block, at - 1)):
            at -= 1
        return at

    def _end(self, block: Block) -> int:
        """Note the footer; returns how many rows it has."""
        count, line = len(block.lines), int(block.lines[0])
        shown = _text(block, 0)
        shown = shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"
        self.notes.append(Note("footer_rows", None, count, {"count": f"{count:,}", "line": line, "shown": shown}))
        return count


def _text(block: Block, place: int) -> str:
    """The text of a row: its cells that are not blank, with a blank between them."""
    cells = ((column[place].as_py() or "").strip(BLANKS) for column in block.cells.columns)
    return " ".join(" ".join(cell.split()) for cell in cells if cell)
