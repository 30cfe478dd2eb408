"""Which document each record of a file is part of, found while the file is read.

A record's key is its document's, canonical (trimmed, mapped, padded), so ``789`` and ``0000000789`` may be one order.
Its hash must never change: a killed job continues with the batches it began with. A torn record whose key can't be read
holds the documents beside it (contract A4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures.catalogue import ASIDE_CODES, NOTED_CODES, UNREAD_CODES
from crossdock.formats.format import Block, Spoiled
from crossdock.frames.columns import mask, moment_text, trimmed
from crossdock.model.drop import Drop
from crossdock.pipeline.normalize.parse import column
from crossdock.pipeline.normalize.translate import clean
from crossdock.pipeline.staging.cut_texts import CutTexts
from crossdock.pipeline.staging.hashing import Runs, hashed, joined, spread
from crossdock.pipeline.staging.totals import Sums
from crossdock.pipeline.staging.totals import totals as totals_in
from crossdock.schema.cell_checks import are_ditto
from crossdock.schema.document import Kind
from crossdock.schema.fields import CHECK
from crossdock.schema.names import BLANKS, INVISIBLE, ODD_BLANKS, fold

TITLE = "no_record"
"""The fault of a row among the records that only people read."""
ASIDE = pa.array(sorted(ASIDE_CODES))
SEEMS_ELSE = INVISIBLE + ODD_BLANKS
SEEMING, DITTO = "invisible_character", "ditto_mark"
"""The failures of a number that can be read, but isn't what it looks like, and of one that stands for another."""


RANKS = {CHECK: -1, "update": 1, "replace": 1, "cancel": 2}
"""The order of a night's documents of one key; every other action creates (0). What is only checked comes first: it is
judged as if it were alone, by what is stored before the others of its number are.
"""

NEIGHBOURS = 2
"""How many letters at the end of a number its neighbours differ in."""


@dataclass(frozen=True)
class GroupedBlock:
    """A block whose records have their document.

    ``table``: its records as they are spooled. ``partition_hash`` (uint64) and ``rank`` (int64): for each record, the
    stable hash that chooses its batch, the same for neighbours, and its document's place among those of one key.
    ``holds``: group → (why it is held, a code of ``failures.HOLDS``; the line that causes it). ``totals``, ``below``:
    lines that are left out, as totals of a spreadsheet and below a blank number that ends the file. ``unknown``: each
    heading that is not ours and has a value here → its first line, and how many lines.
    """

    table: pa.Table
    partition_hash: np.ndarray
    rank: np.ndarray
    holds: Mapping[int, tuple[str, int]]
    totals: list[int]
    below: list[int]
    unknown: Mapping[str, tuple[int, int]]

    @property
    def ignored(self) -> int:
        """How many records are left out."""
        return len(self.totals) + len(self.below)


class Grouper:
    """Finds the document of each record while the file is read; keeps what it needs of earlier records."""

    def __init__(self, drop: Drop) -> None:
        self._feed = drop.feed
        self._stamped = drop.fixes is not None
        self._blank_fails = (  # a replay may lack the record above; a fix-workbook has it
            bool(drop.feed.document.inner)
            and not drop.feed.document.auto
            and (drop.stamp is not None or (drop.feed.keys.blank_key == "fail" and not drop.replays))
        )
        self._document = drop.feed.document
        self._record = 0
        self._above: list[str | None] = [None] * len(self._document.key)
        self._ended = False
        self._number = self._document.key.index(self._document.number)
        self._last: int | None = None
        self._torn: int | None = None
        self._cut_texts, self._sums = CutTexts(), Sums(drop.feed.document)
        self._object_key: tuple[int, list[str | None]] = (0, [])
        self._object_rank = (0, 0)
        self._stretches: list[tuple[int, int]] = []
        self.columns: dict[str, str] = {}
        self.headers: list[str] = []

    def group(self, block: Block) -> GroupedBlock:
        """Find the document of each record of a block. Raises ``Refused`` where the headings can't be read."""
        self._learn(block.cells.column_names)
        block, plain = self._without_invisible(block)
        block = self._with_ditto(block)
        codes = block.spoiled_codes(self.columns.get(self._document.number))
        torn = mask(pc.is_valid(block.faults))
        torn[[place for place, code in codes.items() if code not in NOTED_CODES]] = True
        above = self._above[self._number]
        key, below = self._key(block, self._without_unread(plain, codes), torn)
        of_text = self._cut_texts.rests(block, key[self._number], torn)
        of_key, of_neighbours = self._hashes(key)
        key = self._split(block, key)
        readable = pc.is_valid(key[self._number]).to_numpy(zero_copy_only=False)
        inherits = self._feed.keys.blank_key == "above"
        of_file = [each.heading for each in self._feed.of_name]
        totals = ~below & totals_in(
            block, self.columns, self._document, above, of_file, self._sums, blank_inherits=inherits
        )
        keep = ~below & ~totals
        apart = self._apart(block)
        alone = (block.objects > 0) | mask(pc.is_in(block.faults, value_set=ASIDE))  # part of no document beside it
        title = ~readable & mask(pc.equal(block.faults, TITLE))  # it may be part of the document above
        group = self._groups(block, key, readable, apart)
        table = self._spooled(block, key, group, np.where(readable, of_key, group))
        table = (table if keep.all() else table.filter(pa.array(keep))).combine_chunks()
        return GroupedBlock(
            table=table,
            partition_hash=np.where(readable, of_neighbours, group)[keep],
            rank=self._ranks(block, apart)[keep],
            holds=self._holds(
                block,
                group,
                torn & (~readable | of_text) & ~alone & ~totals & ~title,
                (~torn | title) & ~readable & ~apart & ~totals & ~below,
            ),
            totals=block.lines[totals].tolist(),
            below=block.lines[below].tolist(),
            unknown=self._unknown(table),
        )

    def _without_invisible(self, block: Block) -> tuple[Block, pa.Table]:
        """The block, in which ids with invisible characters are spoiled; its cells without these characters.

        An order number with a zero width or a no-break space inside differs in every comparison, but looks the same to
        a reader: the row fails, and it is part of the order that it looks like.
        """
        plain, fields = block.cells, self._document.fields
        wrong: Spoiled = {}
        for ours, theirs in self.columns.items():
            if ours not in fields or fields[ours][1].kind is not Kind.ID or theirs not in plain.column_names:
                continue
            column = plain.column(theirs).combine_chunks()
            if pc.all(pc.string_is_ascii(column)).as_py() is not False:
                continue
            hidden = mask(pc.match_substring_regex(trimmed(column), f"[{SEEMS_ELSE}]"))
            for place in np.flatnonzero(hidden).tolist():
                hidden_letter = next(letter for letter in column[place].as_py().strip(BLANKS) if letter in SEEMS_ELSE)
                wrong.setdefault(place, {})[theirs] = (SEEMING, {"character": f"U+{ord(hidden_letter):04X}"})
            if hidden.any():
                bare = pc.replace_substring_regex(column, f"[{INVISIBLE}]", "")
                bare = pc.replace_substring_regex(bare, f"[{ODD_BLANKS}]", " ")
                plain = plain.set_column(plain.column_names.index(theirs), theirs, bare)
        return block.with_spoiled(wrong), plain

    def _with_ditto(self, block: Block) -> Block:
        """The block, in which a number that only stands for the one above is spoiled: the row may be its."""
        theirs = self.columns.get(self._document.number)
        if theirs is None or theirs not in block.cells.column_names:
            return block
        marks = mask(are_ditto(block.cells.column(theirs).combine_chunks()))
        return block.with_spoiled({place: {theirs: (DITTO, {})} for place in np.flatnonzero(marks).tolist()})

    def _key(self, block: Block, plain: pa.Table, torn: np.ndarray) -> tuple[list[pa.Array], np.ndarray]:
        """The parts of each record's key, null where unknown; which records are below the end of the file."""
        key = self._typed(self._feed.key(plain, self.columns))
        if block.objects.any():
            constants = [self._feed.keys.constants.get(name) for name in self._document.key]
            key = [part if constant is None else pc.fill_null(part, constant)
                   for part, constant in zip(key, constants, strict=True)]  # fmt: skip
        readable = pc.is_valid(key[self._number]).to_numpy(zero_copy_only=False)
        below = np.zeros(len(block.lines), dtype=bool)
        filled = not self._document.auto or bool((block.objects > 0).any()) or self._feed.keys.blank_key == "end"
        if (not readable.all() and filled) or self._ended:
            key, below = self._fill_blanks(block, key, readable, torn)
        with_number = np.flatnonzero(pc.is_valid(key[self._number]).to_numpy(zero_copy_only=False))
        if len(with_number):
            self._above = [part[int(with_number[-1])].as_py() for part in key]
        return key, below

    def _hashes(self, key: list[pa.Array]) -> tuple[np.ndarray, np.ndarray]:
        """The hash of each record's key (uint64), whatever its case, blanks and zeros in front; that of the key without
        what its neighbours differ in.
        """
        runs = Runs(key)
        parts = map(runs.first_of, key)
        folded = [pc.utf8_ltrim(pc.utf8_lower(pc.replace_substring(part, " ", "")), "0") for part in parts]
        of_key = hashed(joined(folded))
        folded[self._number] = pc.utf8_slice_codeunits(folded[self._number], 0, -NEIGHBOURS)
        return runs.of_rows(of_key), runs.of_rows(hashed(joined(folded)))

    def _split(self, block: Block, key: list[pa.Array]) -> list[pa.Array]:
        """The key with the values that split a number into documents; an object is one document."""
        headings = [(name, self.columns[name]) for name in self._feed.keys.split_by if name in self.columns]
        values = [
            self._feed.canonical(name, block.cells.column(theirs).combine_chunks())
            for name, theirs in headings
            if theirs in block.cells.column_names
        ]
        if not values:
            return key
        number = self._feed.split_number(key[self._number], values)
        nested = pa.array(block.objects > 0)
        return [pc.if_else(nested, part, number) if place == self._number else part for place, part in enumerate(key)]

    def _spooled(self, block: Block, key: list[pa.Array], group: np.ndarray, of_key: np.ndarray) -> pa.Table:
        """The records of a block with their key and document. ``of_key``: the hash of each record's key, uint64."""
        lines = len(block.lines)
        own = {
            "@line": pa.array(block.lines),
            "@record": pa.array(np.arange(self._record, self._record + lines)),
            "@group": pa.array(group),
            "@hash": pa.array(of_key),
            "@nested": pa.array(block.objects > 0),
            "@fault": block.faults,
            "@detail": block.details,
            "@spoiled": pa.nulls(lines, pa.string()) if block.spoiled is None else block.spoiled,
            "@origin": pa.array(np.zeros(lines, np.int64) if block.origins is None else block.origins),
        }
        self._record += lines
        keys = {f"@key {name}": part for name, part in zip(self._document.key, key, strict=True)}
        return pa.table({**own, **keys, **{name: block.cells.column(name) for name in block.cells.column_names}})

    def _unknown(self, table: pa.Table) -> dict[str, tuple[int, int]]:
        our_headings = set(self.columns.values())
        unknown = {}
        for name in self.headers:
            if (
                name
                and name not in our_headings
                and fold(name) not in self._feed.sources
                and name in table.column_names
            ):
                places = np.flatnonzero(mask(pc.is_valid(trimmed(table.column(name).combine_chunks()))))
                if len(places):
                    unknown[name] = (table.column("@line")[int(places[0])].as_py(), len(places))
        return unknown

    def _without_unread(self, plain: pa.Table, codes: Mapping[int, str]) -> pa.Table:
        """The cells without numbers whose bytes are not text: the documents of those rows are unknown.

        ``codes``: of numbers that are spoiled, by place.
        """
        places = [place for place, code in codes.items() if code in UNREAD_CODES]
        if not places:
            return plain
        number = self.columns[self._document.number]
        unread = np.zeros(plain.num_rows, dtype=bool)
        unread[places] = True
        left = pc.if_else(pa.array(unread), pa.scalar(None, pa.string()), plain.column(number).combine_chunks())
        return plain.set_column(plain.column_names.index(number), number, left)

    def _learn(self, headers: list[str]) -> None:
        new = [header for header in headers if header not in self.headers]
        if new:
            self.headers = self.headers + new
            self.columns = self._feed.columns(self.headers) if any(self.headers) else {}

    def _fill_blanks(
        self, block: Block, key: list[pa.Array], readable: np.ndarray, torn: np.ndarray
    ) -> tuple[list[pa.Array], np.ndarray]:
        """The key with blanks filled by their meaning: of the object, of the record above, the end of the file, or
        nothing (fail).

        Returns the key, and which records are below the end.
        """
        size, meaning = len(readable), "fail" if self._stamped else self._feed.keys.blank_key
        below = np.zeros(size, dtype=bool)
        nested = block.objects > 0
        if nested.any():
            key = self._from_object(block, key)
        elif meaning == "above":
            source = np.where(readable, np.arange(size), -1)
            source = np.maximum.accumulate(source)
            filled = []
            for part, above in zip(key, self._above, strict=True):
                taken = part.take(pa.array(np.where(torn, np.arange(size), np.maximum(source, 0))))
                from_before = pa.array((source < 0) & ~torn)
                inherited = pc.if_else(from_before, pa.scalar(above, pa.string()), taken)
                filled.append(pc.coalesce(part, inherited))
            key = filled
        elif meaning == "end":
            first = np.flatnonzero(~readable & ~torn)
            if self._ended or len(first):
                below[0 if self._ended else first[0] :] = True
                self._ended = True
        return key, below

    def _from_object(self, block: Block, key: list[pa.Array]) -> list[pa.Array]:
        """The key of nested objects: only the first record of an object has the header's cells."""
        number, kept = self._object_key
        filled = []
        starts = np.flatnonzero(np.diff(block.objects, prepend=np.int64(number if kept else -1 << 62)))
        of = np.searchsorted(starts, np.arange(len(block.objects)), side="right") - 1
        for position, part in enumerate(key):
            heads = pa.concat_arrays(
                [part.take(pa.array(starts)), pa.array(kept[position : position + 1], pa.string())]
            )
            of_object = heads.take(pa.array(np.where(of < 0, len(starts), of)))
            filled.append(pc.if_else(pa.array(block.objects == 0), part, of_object))
        self._object_key = (int(block.objects[-1]), [part[-1].as_py() for part in filled])
        return filled

    def _inner(self, name: str) -> bool:
        """Whether a column is of a level below the header, or may be."""
        fields = self._document.fields
        return name in fields and fields[name][0] is not self._document.header

    def _apart(self, block: Block) -> np.ndarray:
        """Records that are a document of their own: their object nests lines, or has no field of a line; each record
        where the document has only one level.
        """
        if not self._document.inner:
            return np.full(len(block.lines), not self._feed.keys.add_up)
        if not block.objects.any():
            return np.zeros(len(block.lines), dtype=bool)
        if (block.objects > 0).all():
            return np.ones(len(block.lines), dtype=bool)
        has_line = np.zeros(len(block.lines), dtype=bool)
        for ours, theirs in self.columns.items():
            if self._inner(ours) and theirs in block.cells.column_names:
                has_line |= mask(pc.is_valid(block.trimmed(theirs)))
        return (block.objects > 0) | ~has_line

    def _typed(self, key: list[pa.Array]) -> list[pa.Array]:
        """A key's times in UTC: two spellings of a moment are one key. What is no time is blank, and fails later."""
        parts = []
        for name, part in zip(self._document.key, key, strict=True):
            field = self._document.header.field(name)
            if field.kind is not Kind.TIMESTAMP:
                parts.append(part)
                continue
            texts, _ = clean(part, field, self._feed, self.columns, plain_numbers=False)
            moments, _ = column(texts, field, self._feed.zone)
            parts.append(moment_text(moments))
        return parts

    def _placeholder(self, block: Block) -> pa.Array | None:
        """The column that groups rows that get a number from us: those of one placeholder are one document."""
        auto = self._document.auto
        theirs = self.columns.get(auto.placeholder) if auto else None
        if theirs is None or theirs not in block.cells.column_names:
            return None
        return block.trimmed(theirs)

    def _groups(self, block: Block, key: list[pa.Array], readable: np.ndarray, apart: np.ndarray) -> np.ndarray:
        """The document of each record (uint64): records of one object, else of one key, else each alone."""
        runs = Runs(key)
        by_key = runs.of_rows(hashed(joined(list(map(runs.first_of, key)))))
        alone = spread(block.lines) ^ np.uint64(0x9E37)
        by_object = by_key ^ np.where(block.objects == 0, alone, spread(np.abs(block.objects)))
        placeholder = self._placeholder(block)
        if placeholder is not None:
            has_placeholder = mask(pc.is_valid(placeholder))
            alone = np.where(has_placeholder, hashed(joined([*key, placeholder])) ^ np.uint64(0xA070), alone)
        return np.where(readable, np.where(apart, by_object, by_key), np.where(block.objects > 0, by_object, alone))

    def _ranks(self, block: Block, apart: np.ndarray) -> np.ndarray:
        """The order of documents of one key (int64); only objects can be several."""
        ranks = np.zeros(len(block.lines), dtype=np.int64)
        name = next((name for name in ("action", "header.action") if name in self.columns), None)
        if not apart.any() or name is None or self.columns[name] not in block.cells.column_names:
            return ranks
        sent = self._feed.canonical(name, block.cells.column(self.columns[name]).combine_chunks())
        number, rank = self._object_rank
        if not rank and RANKS.keys().isdisjoint(sent.unique().to_pylist()):
            self._object_rank = (int(block.objects[np.flatnonzero(apart)[-1]]), 0)
            return ranks
        actions = sent.to_pylist()
        for place in np.flatnonzero(apart).tolist():
            of = int(block.objects[place])
            if of != number:
                number, rank = of, RANKS.get(actions[place] or "", 0)
            ranks[place] = rank
        self._object_rank = (number, rank)
        return ranks

    def _holds(
        self, block: Block, group: np.ndarray, unreadable: np.ndarray, blank: np.ndarray
    ) -> dict[int, tuple[str, int]]:
        """Documents that are held because of their neighbours: beside a torn record whose key can't be read, above one
        with a blank key, or swallowed by an open quote. In a fix-workbook the rows say which torn ones hold them.
        """
        holds: dict[int, tuple[str, int]] = {}
        nobody = np.zeros(len(unreadable), dtype=bool)
        torn = unreadable if self._document.inner and not self._stamped else nobody
        holds |= self._beside(block, group, torn, blank if self._blank_fails else nobody)
        if not self._stamped:
            for number, hold in self._swallowed(block, group):
                holds.setdefault(number, hold)
        for place, why, line in block.held:
            holds.setdefault(int(group[place]), (why, line))
        return holds

    def _beside(
        self, block: Block, group: np.ndarray, torn: np.ndarray, blank: np.ndarray
    ) -> dict[int, tuple[str, int]]:
        """Documents beside a torn record (either side), and above a record with a blank key: it may be part of them."""
        holds: dict[int, tuple[str, int]] = {}
        if self._torn is None and not (torn | blank).any():
            self._last = int(group[-1]) if len(group) else self._last
            return holds
        groups, lines = group.tolist(), block.lines.tolist()
        places = np.arange(len(groups))
        before = np.maximum.accumulate(np.where(torn | blank, -1, places)).tolist()
        after = np.minimum.accumulate(np.where(torn | blank, len(groups), places)[::-1])[::-1].tolist()
        if self._torn is not None and groups and after[0] < len(groups):
            holds.setdefault(groups[after[0]], ("beside_torn_line", self._torn))
            self._torn = None
        for place in np.flatnonzero(torn | blank).tolist():
            last = groups[before[place]] if before[place] >= 0 else self._last
            if last is not None:
                holds.setdefault(last, ("above_blank_key" if blank[place] else "beside_torn_line", lines[place]))
            if blank[place]:
                continue
            if after[place] < len(groups):
                holds.setdefault(groups[after[place]], ("beside_torn_line", lines[place]))
                self._torn = None
            else:
                self._torn = lines[place]
        if groups and before[-1] >= 0:
            self._last = groups[before[-1]]
        return holds

    def _swallowed(self, block: Block, group: np.ndarray) -> Iterator[tuple[int, tuple[str, int]]]:
        self._stretches += block.stretches
        for first, last in self._stretches:
            for place in range(*np.searchsorted(block.lines, [first + 1, last + 1]).tolist()):
                yield int(group[place]), ("swallowed", first)
        if len(block.lines):
            self._stretches = [stretch for stretch in self._stretches if stretch[1] > block.lines[-1]]
