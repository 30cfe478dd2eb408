"""Which rows of a file are meant (``skip`` and ``only`` of a feed), before anything else is checked.

A value of the header may be on one row of a document only, so rows are compared document by document: rows one after
the other with the same number. Where one of them is left out, its values of the header go to the first row that stays.
A torn row is never left out: nobody knows what stands under which heading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures.refusals import Refused
from crossdock.formats.format import Block
from crossdock.frames.columns import mask, taken
from crossdock.partners.feed import Feed, trimmed
from crossdock.partners.row_rules import RowRule
from crossdock.schema.names import fold

LARGEST = 200_000
"""How many rows wait for the next block so that a document's rows stay together."""


@dataclass
class Skipped:
    """The rows that a rule leaves out: how many, and the line of the first."""

    rows: int = 0
    first: int = 0


class RowSelection:
    """Leaves out the rows of one drop that are not meant. ``skipped``: by rule."""

    def __init__(self, feed: Feed, *, plain: bool) -> None:
        self._feed = feed
        self._spelling = feed.notation(plain=plain)
        self._waiting: Block | None = None
        self.skipped: dict[str, Skipped] = {}

    def meant(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """The blocks without the rows that are not meant. Raises ``Refused`` where a rule's column is not there."""
        if not self._feed.row_rules:
            yield from blocks
            return
        for block in blocks:
            yield self._selected(self._cut(block))
        if self._waiting is not None:
            yield self._selected(self._waiting)

    def _cut(self, block: Block) -> Block:
        """The block behind what waited, up to its last document, which waits."""
        whole = block if self._waiting is None else joined(self._waiting, block)
        document = self._documents(whole)
        begins = int(np.searchsorted(document, document[-1])) if len(document) else 0
        if len(document) - begins > LARGEST:
            begins = len(document)
        self._waiting = part(whole, np.arange(begins, len(document)), ())
        return part(whole, np.arange(begins), whole.stretches)

    def _selected(self, block: Block) -> Block:
        if not len(block.lines):
            return block
        theirs = self._headings(block)
        document = self._documents(block)
        torn = mask(pc.is_valid(block.faults))
        stays = np.ones(len(block.lines), dtype=bool)
        for rule in self._feed.row_rules:
            values = self._values(block, rule, theirs, document)
            fits = rule.fits(values, self._spelling)
            leaves = (fits if rule.key == "skip" else ~fits) & stays & ~torn
            stays &= ~leaves
            if leaves.any():
                skipped = self.skipped.setdefault(rule.text, Skipped())
                skipped.first = skipped.first or int(block.lines[np.flatnonzero(leaves)[0]])
                skipped.rows += int(leaves.sum())
        if stays.all():
            return block
        kept = part(self._with_header_values(block, document, stays), np.flatnonzero(stays), block.stretches)
        return replace(kept, blank=block.blank, ignored=block.ignored + int((~stays).sum()))

    def _headings(self, block: Block) -> dict[str, str]:
        """Our names and their folded headings → the heading in the block."""
        by_fold = {fold(name): name for name in block.cells.column_names}
        return self._feed.columns(block.cells.column_names) | by_fold

    def _values(self, block: Block, rule: RowRule, theirs: dict[str, str], document: np.ndarray) -> pa.Array:
        """The cells under a rule's column; a document's value on each of its rows."""
        heading = theirs.get(fold(rule.column)) or theirs.get(self._ours(rule.column))
        if heading is None and not block.objects.any():
            raise Refused("no_rule_column", column=repr(rule.column), rule=rule.text)
        if heading is None:
            return pa.nulls(len(block.lines), pa.string())
        values = trimmed(block.cells.column(heading).combine_chunks())
        number, first = np.unique(document, return_index=True)
        of_first = values.take(pa.array(first[np.searchsorted(number, document)]))
        behind = np.ones(len(document), dtype=bool)
        behind[first] = False
        filled = np.zeros(int(number[-1]) + 1, dtype=bool)
        filled[document[behind & mask(pc.is_valid(values))]] = True
        once = self._is_of_header(heading, theirs) | (self._is_unread(heading, theirs) & ~filled[document])
        return pc.if_else(pa.array(once), pc.coalesce(values, of_first), values)

    def _ours(self, name: str) -> str:
        return self._feed.document.spellings.get(fold(name), name)

    def _level(self, heading: str, theirs: dict[str, str]) -> str | None:
        """The title of the level whose field a heading is; None if it is no field."""
        fields = self._feed.document.fields
        return next((fields[ours][0].title for ours in fields if theirs.get(ours) == heading), None)

    def _is_of_header(self, heading: str, theirs: dict[str, str]) -> bool:
        return self._level(heading, theirs) == self._feed.document.header.title

    def _is_unread(self, heading: str, theirs: dict[str, str]) -> bool:
        return self._level(heading, theirs) is None

    def _documents(self, block: Block) -> np.ndarray:
        """The number of the document of each row among those of the block: rows one after the other of one number,
        or of one object.
        """
        heading = self._feed.columns(block.cells.column_names).get(self._feed.document.number)
        if heading is None:
            numbers = pa.array(np.arange(len(block.lines)).astype(str))
        else:
            numbers = trimmed(block.cells.column(heading).combine_chunks())
        if self._feed.keys.blank_key == "above":
            numbers = pc.fill_null_forward(numbers)
        codes = pc.dictionary_encode(numbers, null_encoding="encode").indices.to_numpy(zero_copy_only=False)
        new = np.diff(codes, prepend=-1) != 0
        objects = block.objects
        inside = (objects > 0) & (np.diff(objects, prepend=0) == 0)
        new = np.where(objects > 0, ~inside, new | (np.diff(objects, prepend=0) != 0))
        return np.asarray(np.cumsum(new), dtype=np.int64)

    def _with_header_values(self, block: Block, document: np.ndarray, stays: np.ndarray) -> Block:
        """The block in which the first row of a document that stays has the header's values of those that don't."""
        theirs, cells, size = self._headings(block), block.cells, int(document.max(initial=0)) + 1
        first_kept = np.full(size, -1, dtype=np.int64)
        kept = np.flatnonzero(stays)[::-1]
        first_kept[document[kept]] = kept
        for place, heading in enumerate(cells.column_names):
            if not self._is_of_header(heading, theirs) and not self._is_beside(heading, block):
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


def part(block: Block, places: np.ndarray, stretches: tuple[tuple[int, int], ...]) -> Block:
    """Some records of a block, by place, with none of its blank and ignored rows."""
    chosen = pa.array(places)
    new = {int(old): at for at, old in enumerate(places)}
    return replace(
        block,
        cells=block.cells.take(chosen),
        lines=block.lines[places],
        objects=block.objects[places],
        faults=block.faults.take(chosen),
        details=block.details.take(chosen),
        stretches=stretches,
        spoiled=None if block.spoiled is None else block.spoiled.take(chosen),
        origins=None if block.origins is None else block.origins[places],
        held=tuple((new[place], code, line) for place, code, line in block.held if place in new),
    )


def joined(one: Block, other: Block) -> Block:
    """Two blocks as one; a column that one of them lacks is blank in it."""
    size = len(one.lines)
    nothing = (pa.nulls(size, pa.string()), pa.nulls(len(other.lines), pa.string()))
    spoiled = None
    if one.spoiled is not None or other.spoiled is not None:
        spoiled = pa.concat_arrays(
            [empty if each.spoiled is None else each.spoiled
             for each, empty in zip((one, other), nothing, strict=True)]
        )  # fmt: skip
    origins = None
    if one.origins is not None and other.origins is not None:
        origins = np.concatenate([one.origins, other.origins])
    return Block(
        cells=pa.concat_tables([one.cells, other.cells], promote_options="default").combine_chunks(),
        lines=np.concatenate([one.lines, other.lines]),
        objects=np.concatenate([one.objects, other.objects]),
        faults=pa.chunked_array([one.faults, other.faults]).combine_chunks(),
        details=pa.chunked_array([one.details, other.details]).combine_chunks(),
        stretches=(*one.stretches, *other.stretches),
        blank=one.blank + other.blank,
        ignored=one.ignored + other.ignored,
        spoiled=spoiled,
        origins=origins,
        held=(*one.held, *((size + place, code, line) for place, code, line in other.held)),
    )
