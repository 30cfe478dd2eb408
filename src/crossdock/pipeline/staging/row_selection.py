"""Which rows of a file are meant (``skip`` and ``only`` of a feed), before anything else is checked; which cancel.

A value of the header may be on one row of a document only, so rows are compared document by document: rows one after
the other with the same number. Where one of them is left out, its values of the header go to the first row that stays.
A torn row is never left out: nobody knows what stands under which heading. A row that cancels (``cancel``) is meant,
whatever ``only`` says; it is marked here, and what is cancelled by it is decided where its document is whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures.refusals import Refused
from crossdock.formats.format import Block
from crossdock.frames.columns import mask, taken, trimmed
from crossdock.frames.numerals import Spelling
from crossdock.partners.feed import CANCELS, Feed
from crossdock.partners.row_rules import RowRule
from crossdock.schema.document import Level
from crossdock.schema.names import fold

LARGEST = 200_000
"""How many rows wait for the next block so that a document's rows stay together."""


@dataclass
class Skipped:
    """The rows that a rule leaves out: how many, and the line of the first."""

    rows: int = 0
    first: int = 0


@dataclass(frozen=True)
class _Headings:
    """The headings of a block. ``by_name``: folded, theirs and ours → as sent; ``levels``: of those that are fields."""

    by_name: Mapping[str, str]
    levels: Mapping[str, Level]

    @classmethod
    def of(cls, block: Block, feed: Feed) -> _Headings:
        theirs = feed.columns(block.cells.column_names)
        own = {name: theirs[ours] for name, ours in feed.document.spellings.items() if ours in theirs}
        fields = feed.document.fields
        return cls(
            own | {fold(name): name for name in block.cells.column_names},
            {heading: fields[ours][0] for ours, heading in theirs.items() if ours in fields},
        )


class RowSelection:
    """Leaves out the rows of one drop that are not meant. ``skipped``: by rule."""

    def __init__(self, feed: Feed, *, plain: bool) -> None:
        self._feed = feed
        self._plain = plain
        self.skipped: dict[str, Skipped] = {}

    def meant(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """The blocks without the rows that are not meant. Raises ``Refused`` where a rule's column is not there.

        The last document of a block waits for the next one: its rows stay together.
        """
        if not self._feed.row_rules:
            yield from blocks
            return
        waiting: Block | None = None
        for block in blocks:
            whole = block if waiting is None else waiting.followed_by(block)
            document = self._documents(whole)
            begins = int(np.searchsorted(document, document[-1])) if len(document) else 0
            if len(document) - begins > LARGEST:
                begins = len(document)
            records, waiting = whole.cut(begins)
            yield self._selected(records, document[:begins])
        if waiting is not None:
            yield self._selected(waiting, self._documents(waiting))

    def _selected(self, block: Block, document: np.ndarray) -> Block:
        """The records of a block that are meant. ``document``: as ``_documents`` returns it."""
        if not len(block.lines):
            return block
        headings = _Headings.of(block, self._feed)
        torn = mask(pc.is_valid(block.faults))
        stays, cancels = np.ones(len(block.lines), dtype=bool), np.zeros(len(block.lines), dtype=bool)
        fitting = [
            (rule, rule.fits(self._values(block, rule, headings, document), self._spelling(rule)))
            for rule in self._feed.row_rules
        ]
        for rule, fits in fitting:
            cancels |= fits & ~torn & (rule.key == "cancel")
        for rule, fits in fitting:
            if rule.key == "cancel":
                continue
            leaves = (fits if rule.key == "skip" else ~fits & ~cancels) & stays & ~torn
            stays &= ~leaves
            if leaves.any():
                skipped = self.skipped.setdefault(rule.text, Skipped())
                skipped.first = skipped.first or int(block.lines[np.flatnonzero(leaves)[0]])
                skipped.rows += int(leaves.sum())
        if self._feed.keys.cancel:
            marks = pc.if_else(pa.array(cancels), "cancel", pa.scalar(None, pa.string()))
            block = replace(block, cells=block.cells.append_column(CANCELS, marks))
        if stays.all():
            return block
        kept = self._with_header_values(block, headings, document, stays).taken(np.flatnonzero(stays))
        return replace(kept, ignored=block.ignored + int((~stays).sum()))

    def _spelling(self, rule: RowRule) -> Spelling:
        """How the numbers of a rule's column are written."""
        return self._feed.notation(plain=self._plain, name=self._feed.field_of(rule.column))

    def _values(self, block: Block, rule: RowRule, headings: _Headings, document: np.ndarray) -> pa.Array:
        """The cells under a rule's column; a document's value on each of its rows."""
        heading = headings.by_name.get(fold(rule.column))
        if heading is None and not block.objects.any():
            raise Refused("no_rule_column", column=repr(rule.column), rule=rule.text)
        if heading is None:
            return pa.nulls(len(block.lines), pa.string())
        values = block.trimmed(heading)
        number, first = np.unique(document, return_index=True)
        of_first = values.take(pa.array(first[np.searchsorted(number, document)]))
        behind = np.ones(len(document), dtype=bool)
        behind[first] = False
        filled = np.zeros(int(number[-1]) + 1, dtype=bool)
        filled[document[behind & mask(pc.is_valid(values))]] = True
        level = headings.levels.get(heading)
        once = (level is self._feed.document.header) | ((level is None) & ~filled[document])
        return pc.if_else(pa.array(once), pc.coalesce(values, of_first), values)

    def _documents(self, block: Block) -> np.ndarray:
        """The number of the document of each row among those of the block: rows one after the other of one number,
        or of one object.
        """
        heading = self._feed.columns(block.cells.column_names).get(self._feed.document.number)
        numbers = pa.array(np.arange(len(block.lines)).astype(str)) if heading is None else block.trimmed(heading)
        if self._feed.keys.blank_key == "above":
            numbers = pc.fill_null_forward(numbers)
        codes = pc.dictionary_encode(numbers, null_encoding="encode").indices.to_numpy(zero_copy_only=False)
        new = np.diff(codes, prepend=-1) != 0
        objects = block.objects
        inside = (objects > 0) & (np.diff(objects, prepend=0) == 0)
        new = np.where(objects > 0, ~inside, new | (np.diff(objects, prepend=0) != 0))
        return np.asarray(np.cumsum(new), dtype=np.int64)

    def _with_header_values(self, block: Block, headings: _Headings, document: np.ndarray, stays: np.ndarray) -> Block:
        """The block in which the first row of a document that stays has the header's values of those that don't."""
        cells, size = block.cells, int(document.max(initial=0)) + 1
        first_kept = np.full(size, -1, dtype=np.int64)
        kept = np.flatnonzero(stays)[::-1]
        first_kept[document[kept]] = kept
        for place, heading in enumerate(cells.column_names):
            if headings.levels.get(heading) is not self._feed.document.header and not self._is_beside(heading, block):
                continue
            values = cells.column(place).combine_chunks()
            filled = mask(pc.is_valid(trimmed(values)))
            source = np.full(size, -1, dtype=np.int64)
            leaving = np.flatnonzero(~stays & filled)[::-1]
            source[document[leaving]] = leaving
            wanting = np.flatnonzero((source >= 0) & (first_kept >= 0))
            wanting = wanting[~filled[first_kept[wanting]]]
            if len(wanting):
                places = np.arange(len(values))
                places[first_kept[wanting]] = source[wanting]
                cells = cells.set_column(place, heading, taken(values, places))
        return replace(block, cells=cells)

    def _is_beside(self, heading: str, block: Block) -> bool:
        """Whether a member of an object stands beside its arrays of lines."""
        return bool((block.objects > 0).any()) and fold(heading.partition(".")[0]) not in self._feed.arrays
