"""Rows among records that only people read: the second row of headings, which explains them, and titles of sections.

Shops write such rows into their templates and exports. They are no records, and what is below a title may be something
else (``Retouren``), so they are never left out by themselves: each fails once, as what it is, and the feed may ``skip``
it. A row is one only if nothing in it could be an order's: the first of the file, whose cells are texts without a
figure where numbers and dates belong; or a text without a figure that stands alone where the document's number, an item
or a number belongs.
So is a row of an order whose item is a word for a total, and whose quantity is the sum of the rows above: as a line of
it, the goods would be ordered once more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.formats.format import Block
from crossdock.frames.columns import mask
from crossdock.partners.feed import Feed
from crossdock.pipeline.staging.totals import MAY_BE, says_total
from crossdock.schema.cell_checks import NO_ID, NO_VALUE
from crossdock.schema.document import NUMBERS, Kind
from crossdock.schema.roles import Role

FEWEST = 3
"""How many columns a file has in which a text alone is a title, and how many letters that text has."""
_WORDS = rf"^[^\d]*[^\W\d_]{{{FEWEST},}}[^\d]*$"
"""A text without a figure that has a word."""
MOST = 100
"""In how many rows of a block a title is sought: where the numbers of documents are words, none can be told."""
_FIGURES = (*NUMBERS, Kind.DATE, Kind.TIMESTAMP)
_NOTHING = frozenset(each.casefold() for each in (*NO_VALUE, *NO_ID))


class Titles:
    """Finds such rows of one drop as its blocks pass. Records that are objects, or parts of one, are none."""

    def __init__(self, feed: Feed) -> None:
        keys, document = feed.keys, feed.document
        steered = any(name.endswith("action") for name in (*keys.constants, *keys.defaults))
        self._feed, self._looks = feed, document.lines is not None and document.needs_lines and not steered
        self._is_first = True

    def watch(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """The same blocks, whose titles have a fault."""
        for block in blocks:
            yield self._marked(block) if self._looks and len(block.lines) else block
            self._is_first &= not len(block.lines)

    def _marked(self, block: Block) -> Block:
        columns = {ours: each for each in block.cells.column_names if (ours := self._feed.field_of(each))}
        heading = columns.get(self._feed.document.number)
        if heading is None:
            return block
        numbers = block.trimmed(heading)
        plain = pc.and_(pc.equal(pa.array(block.objects), 0), pc.is_null(block.faults))
        places = np.flatnonzero(mask(pc.and_(plain, pc.match_substring_regex(numbers, _WORDS))))
        sought = places.tolist() if len(places) <= MOST else []
        alone = [place for place in sought if self._stands_alone(block, numbers, place)]
        explains = [0] if self._is_first and 0 in places and self._explains(block, columns) else []
        marked = dict.fromkeys((*alone, *explains), (heading, numbers))
        marked |= self._beside(block, columns, mask(pc.and_(plain, pc.is_null(numbers))))
        marked |= self._sums(block, columns, plain, numbers)
        if not marked:
            return block
        faults, details = block.faults.to_pylist(), block.details.to_pylist()
        for place, (column, texts) in marked.items():
            faults[place] = "no_record"
            named = {"heading": column, "shown": texts[place].as_py()}
            details[place] = json.dumps(named, ensure_ascii=False)
        return replace(block, faults=pa.array(faults, pa.string()), details=pa.array(details, pa.string()))

    def _beside(
        self, block: Block, columns: Mapping[str, str], nameless: np.ndarray
    ) -> dict[int, tuple[str, pa.Array]]:
        """The rows without a number that have one text alone, where an item, a code or a number belongs: place →
        heading and cells of its column. Where the feed says what a blank number means, there are none.
        """
        fields, places = self._feed.document.fields, np.flatnonzero(nameless)
        if self._feed.keys.blank_key != "fail" or not 0 < len(places) <= MOST:
            return {}
        titles: dict[int, tuple[str, pa.Array]] = {}
        for ours, theirs in columns.items():
            if ours not in fields or fields[ours][1].kind not in (*_FIGURES, Kind.ID, Kind.CODE):
                continue
            cells = block.trimmed(theirs)
            texts = mask(pc.match_substring_regex(cells.take(pa.array(places)), _WORDS))
            titles |= {place: (theirs, cells) for place in places[texts].tolist()
                       if self._stands_alone(block, cells, place)}  # fmt: skip
        return titles

    def _sums(
        self, block: Block, columns: Mapping[str, str], plain: pa.Array, numbers: pa.Array
    ) -> dict[int, tuple[str, pa.Array]]:
        """The rows whose item is a word for a total of the rows above: place → heading and cells of the items."""
        document = self._feed.document
        item, quantity = (columns.get(document.playing(role, document.lines)) for role in (Role.ITEM, Role.QUANTITY))
        if item is None or quantity is None:
            return {}
        items = block.trimmed(item)
        totals = mask(says_total(items))
        places = np.flatnonzero(totals & mask(plain))
        if not len(places):
            return {}
        amounts = block.trimmed(quantity)
        return {place: (item, items) for place in places.tolist() if _is_sum(amounts, numbers, totals, place)}

    def _stands_alone(self, block: Block, cells: pa.Array, place: int) -> bool:
        """Whether a text is all that a row has, no other row has it in its column, and it is no word for a total."""
        text = cells[place].as_py()
        if block.cells.num_columns < FEWEST or re.search(MAY_BE, text, re.IGNORECASE):
            return False
        filled = sum(bool((column[place].as_py() or "").strip()) for column in block.cells.columns)
        return filled == 1 and pc.sum(pc.equal(cells, text)).as_py() == 1

    def _explains(self, block: Block, columns: Mapping[str, str]) -> bool:
        """Whether the first row has words wherever a number or a date belongs, in one such column at least."""
        fields = self._feed.document.fields
        headings = [theirs for ours, theirs in columns.items() if ours in fields and fields[ours][1].kind in _FIGURES]
        cells = [block.cells.column(each)[0].as_py() or "" for each in headings]
        texts = [each.strip() for each in cells if each.strip()]
        return bool(texts) and all(re.match(_WORDS, each) and each.casefold() not in _NOTHING for each in texts)


def _is_sum(amounts: pa.Array, numbers: pa.Array, totals: np.ndarray, place: int) -> bool:
    """Whether a row has the sum of the rows above it, as far up as they have its number, or none, and are no totals."""
    number, added, above = numbers[place].as_py(), Decimal(0), place - 1
    while above >= 0 and not totals[above] and numbers[above].as_py() in (number, None):
        added += _amount(amounts[above].as_py())
        above -= 1
    return above + 1 < place and added == _amount(amounts[place].as_py())


def _amount(text: str | None) -> Decimal:
    """A number without grouping, in either notation; 0 for anything else."""
    return (
        Decimal((text or "").replace(",", ".")) if re.fullmatch(r"-?\d{1,15}([.,]\d{1,6})?", text or "") else Decimal(0)
    )
