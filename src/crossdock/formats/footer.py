"""What is below the last record of a file: rows that the feed describes, so many of them, or what can be no record.

Only the end of a file is its footer: rows that may be the footer wait until a record comes, or the end. Few rows wait
at a time, so memory stays flat; what is left out is counted, and the first of it is shown. Without a word of the feed
only a single cell is a footer: it is under no heading (its row is torn) and says so, or it counts the rows above, and
counts them right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterator
from dataclasses import replace
from fnmatch import translate
from typing import Annotated

import pyarrow as pa
from pydantic import Field

from crossdock.formats.format import Block, Note, Options, Strings
from crossdock.schema.names import BLANKS, TOTALS

LONGEST = 1_000
"""The most rows of a footer; rows above them are records, whatever they look like."""
SHOWN = 60
"""How many characters of the first row of a footer are shown."""
TORN = "torn_row"
"""The fault of a row that has more or fewer cells than the header; its details say how many."""
_ROWS = (
    r"(?:rows?|row\(s\)|records?|record\(s\)|lines?|line\(s\)|zeilen?|zeile\(n\)|datensätze?|lignes?|enregistrements?"
    r"|filas?|registros?|righe|riga|rijen|rij)"
)
_DONE = (
    r"(?:affected|selected|returned|retrieved|fetched|exported|found|in set|betroffen|ausgewählt|zurückgegeben"
    r"|exportiert|affectées?|sélectionnées?|afectadas?|seleccionadas?|interessate)"
)
_COUNT = re.compile(
    rf"\W*(\d[\d.,']*)\s*{_ROWS}(?:\s+{_DONE}\b.*)?\W*"
    rf"|\W*(?:(?:total|number of|anzahl|nombre de)\s+)?{_ROWS}(?:\s+(?:count|total))?\s*[:=]?\s*(\d[\d.,']*)\W*",
    re.IGNORECASE | re.DOTALL,
)
"""What programs write below the rows that they have counted."""
_END = re.compile(
    r"\W*(?:eof|end|ende|fin"
    r"|(?:end of|ende de[rs]|fin du|fin de la|fin de|einde van) (?:the )?(?:report|file|list|data|export|liste|datei"
    r"|berichts?|fichier|rapport|lista|archivo|lijst|bestand))\W*"
    r"|completion time:.*",
    re.IGNORECASE | re.DOTALL,
)
_WORDS = "|".join(re.escape(each) for each in sorted(TOTALS, key=len, reverse=True))
_TOTAL = re.compile(rf"\W*(?:{_WORDS})\s*:?(?:\s*[-+]?\d[\d.,'’\s]*)?\W*", re.IGNORECASE)
_CHANGES = re.compile(r"\b(by|on|at|from|von|am|par|le|por|el|door|op) |: ?|(?=\d)", re.IGNORECASE)
"""Where the part of a footer begins that is another one in each file."""


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
    """The footer of one file. ``options``: None where the file has none, because crossdock has written it."""

    def __init__(self, options: FooterOptions | None) -> None:
        globs = options.footer if options else ()
        patterns = "|".join(translate(each.strip(BLANKS)) for each in globs)
        self._pattern = re.compile(patterns, re.IGNORECASE | re.DOTALL) if patterns else None
        self._last = options.skip_end if options else 0
        self._off = options is None
        self._waiting: Block | None = None
        self._above = 0
        self._ends_in_text = False
        self.notes: list[Note] = []

    def without(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """The blocks of a file without its footer, whose rows are counted as ignored."""
        if self._off:
            yield from blocks
            return
        for block in blocks:
            whole = block if self._waiting is None else self._waiting.followed_by(block)
            at = self._begin(whole, self._may_end)
            records, self._waiting = (whole, None) if at == len(whole.lines) else whole.cut(at)
            self._note(records)
            yield records
        if self._waiting is not None:
            records, footer = self._waiting.cut(self._begin(self._waiting, self._ends))
            yield replace(_advised(records), ignored=self._end(footer) if len(footer.lines) else 0)

    def _note(self, records: Block) -> None:
        """Remember how many records there are, and whether the last one ends in a text: a row below may be its rest."""
        self._above += len(records.lines)
        if len(records.lines):
            last = records.cells.column(records.cells.num_columns - 1)[-1].as_py() or ""
            self._ends_in_text = len(last.split()) > 1

    def _begin(self, block: Block, may_be: Callable[[Block, int], bool]) -> int:
        """The place in a block from which on it may be the footer. ``may_be``: whether the row at a place may."""
        at = max(len(block.lines) - self._last, 0)
        least = max(at - LONGEST, 0)
        while at > least and may_be(block, at - 1):
            at -= 1
        return at

    def _described(self, text: str) -> bool:
        """Whether the feed says that a row is one of a footer."""
        return self._pattern is not None and self._pattern.fullmatch(text) is not None

    def is_said_by(self, line: str) -> bool:
        """Whether a line whose cells are cut at places reads, as a whole, like one of a footer."""
        text = " ".join(line.split())
        return not self._off and (self._described(text) or reads_like_end(text))

    def _may_end(self, block: Block, place: int) -> bool:
        """Whether a row is one of a footer if no record is below, or is to be told how the feed makes it one."""
        if block.faults[place].as_py() == TORN and _cells_of_torn(block, place) == 1:
            return True
        if self._pattern is None and not _is_alone(block, place):
            return False
        text = _text(block, place)
        return self._described(text) or (_is_alone(block, place) and _COUNT.fullmatch(text) is not None)

    def _ends(self, block: Block, place: int) -> bool:
        """Whether a row below the last record is one of a footer: the feed says so, or it can be nothing else.

        What counts the rows must count them right. A total may be the rest of a text that a line break has cut.
        """
        text = _text(block, place)
        if self._described(text) or is_end(text, range(self._above, self._above + place + 1)):
            return True
        return _TOTAL.fullmatch(text) is not None and not self._ends_in_text

    def _end(self, block: Block) -> int:
        """Note the footer; returns how many rows it has."""
        count = len(block.lines)
        self.notes.append(note(count, int(block.lines[0]), _text(block, 0)))
        return count


def reads_like_end(text: str) -> bool:
    """Whether a text says that a file ends, or how many rows are above it."""
    line = " ".join(text.split())
    return (_END.fullmatch(line) or _COUNT.fullmatch(line)) is not None


def is_end(text: str, above: Container[int]) -> bool:
    """Whether a text says that a file ends, or counts the rows above it right. ``above``: how many these may be."""
    line = " ".join(text.split())
    counts = _COUNT.fullmatch(line)
    if counts:
        return int(re.sub(r"\D", "", counts[1] or counts[2])) in above
    return _END.fullmatch(line) is not None


def note(count: int, line: int, text: str) -> Note:
    """The warning about a footer of so many rows. ``line``, ``text``: of its first one."""
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return Note("footer_rows", None, count, {"count": f"{count:,}", "line": line, "shown": shown})


def _is_alone(block: Block, place: int) -> bool:
    """Whether only one cell of a row has a value, and others could."""
    filled = sum(bool((column[place].as_py() or "").strip(BLANKS)) for column in block.cells.columns)
    return filled == 1 < block.cells.num_columns


def _cells_of_torn(block: Block, place: int) -> int:
    return int(json.loads(block.details[place].as_py())["found"])


def _advised(block: Block) -> Block:
    """Torn rows at the end of a file, with what would make each the footer: not where it looks like a number, or the
    glob would end amid a word: ``SO-*`` would leave out orders.
    """
    details = block.details.to_pylist()
    for place, fault in enumerate(block.faults.to_pylist()):
        text = _text(block, place)
        glob = glob_of(text)
        amid = re.match(r"[^\W\d_]", glob) is not None and re.search(r"[ :]\*$", glob) is None and glob[:-1] != text
        if fault == TORN and not amid and text.isprintable() and (" " in text or not any(map(str.isdigit, text))):
            details[place] = json.dumps({**json.loads(details[place]), "footer": glob}, ensure_ascii=False)
    return replace(block, details=pa.array(details, pa.string()))


def _text(block: Block, place: int) -> str:
    """The text of a row: its cells that are not blank, with a blank between them."""
    cells = ((column[place].as_py() or "").strip(BLANKS) for column in block.cells.columns)
    return " ".join(" ".join(cell.split()) for cell in cells if cell)


def glob_of(text: str) -> str:
    """A glob for the text of a footer, whose changing end is any.

    >>> glob_of("*** End of report ***"), glob_of("Printed by Ann 2026-01-05"), glob_of("(2 rows affected)")
    ('*** End of report*', 'Printed by *', '(* rows affected)*')
    """
    changes = _CHANGES.search(text)
    begin = text[: changes.end()] if changes and changes.end() else text
    if not any(map(str.isalpha, begin)):
        begin = text = re.sub(r"\d[\d.,']*", "*", text)
    return re.sub(r"[][?]", "?", begin.rstrip("* ") if begin == text else begin) + "*"
