"""Read a drop once, spool it, and cut it into batches of whole documents: the plan.

One pass over the file writes its records, as text, to Arrow streams partitioned by a stable hash of the document's
canonical key, neighbours together. A partition is a batch, so an order's lines may be anywhere in the file and memory
stays flat. The same pass counts the documents, so the total is known before the first row is loaded. The spool is a
cache: a second pass over the same file produces the same batches.

Two documents whose keys differ only in leading zeros or case are in one batch, and so are the parts of an order that
the feed splits: failures between them don't depend on where batches are cut. Several documents of one key (JSON) with
different actions go into later batches in the order create, change, cancel.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from crossdock import formats
from crossdock.failures.refusals import Refused
from crossdock.failures.sentences import of_file
from crossdock.formats.fix_stamp import marks_in
from crossdock.formats.format import Block, Note, Reader
from crossdock.formats.retained import Kept
from crossdock.formats.text import OPEN_END
from crossdock.model.batch import Batch
from crossdock.model.drop import Drop
from crossdock.model.job import PlanRecord
from crossdock.model.layout import Layout
from crossdock.partners.feed import CANCELS, Feed
from crossdock.partners.feed_config import DROP
from crossdock.pipeline.staging.derive import Deriver
from crossdock.pipeline.staging.drift import LayoutReader, drift, explain
from crossdock.pipeline.staging.grouping import GroupedBlock, Grouper
from crossdock.pipeline.staging.points import Points
from crossdock.pipeline.staging.row_selection import RowSelection
from crossdock.pipeline.staging.spool import OWN, Piece, Spool, groups_of, read_pieces
from crossdock.pipeline.staging.titles import Titles
from crossdock.pipeline.staging.turned_days import TurnedDays
from crossdock.schema.names import fold
from crossdock.scratch import new_scratch_folder

BATCH_BYTES = 12 << 20
"""Bytes of the file per batch."""
FEW_BYTES = 256 << 10
"""Up to so many bytes a file's records are kept in memory: making and removing files takes longer than they do."""
MAX_BATCHES = 300
"""Three times as many files are open where a drop creates, changes and cancels, and most systems allow 1,024."""
MAX_DOCUMENT = 200_000
"""How many records one document may have."""


@dataclass(frozen=True)
class Plan:
    """A drop, read and spooled. Reports need ``written`` and ``columns`` (ours → theirs) of it.

    ``plain_numbers``: its numbers are written as its format writes them. ``notes``: on the file as a whole. ``fixes``:
    the job whose fix-workbook or whose held documents it is. ``sequence``: of the drop's name (versions). ``first``:
    the line of its first record; failures about the file are booked under it. ``ordered``: a later batch may change
    what an earlier one stores (create, change, cancel of one key). ``total``: documents; ``records``: those in batches;
    ``blank``, ``ignored``: those in none. ``partitions``: the spool of each batch. ``holds``: group → (why it is held,
    a code of ``HOLDS``; the line that causes it). ``sets``: of an interchange, each as JSON.
    ``waited``: as of the drop.
    """

    folder: Path | None
    written: Mapping[str, Any]
    columns: dict[str, str]
    headers: list[str]
    sources: Mapping[str, tuple[str, ...]]
    examples: Mapping[str, tuple[str, ...]]
    key: list[str]
    plain_numbers: bool
    notes: tuple[Note, ...]
    fixes: str | None
    sequence: str
    first: int
    total: int
    ordered: bool
    records: int
    blank: int
    ignored: int
    partitions: list[list[Piece]]
    holds: Mapping[int, tuple[str, int]]
    sets: Sequence[str] = ()
    steady: tuple[str, ...] = ()
    waited: bool = False

    @property
    def size(self) -> int:
        """The number of batches."""
        return len(self.partitions)

    def batches(self, after: int, end: int | None = None) -> Iterator[Batch]:
        """The batches from number ``after`` on, the first is 0, to the last or the one before ``end``.

        Each is read from the spool when it is due.
        """
        for number in range(after, self.size if end is None else end):
            yield self._batch(number)

    def _batch(self, number: int) -> Batch:
        table = read_pieces(self.partitions[number])
        own = {name: table.column(name) for name in OWN}
        lines = own["@line"].to_numpy()
        blank = pa.nulls(len(lines), pa.string())
        cells = {
            name: blank if pa.types.is_null(table.column(name).type) else table.column(name).combine_chunks()
            for name in table.column_names[len(OWN) :]
        }
        key = {name: cells.pop(f"@key {name}") for name in self.key}
        for name in self.headers:  # JSON names its columns object by object: this batch may have fewer
            if name not in cells:
                cells[name] = blank
        groups = own["@group"].to_numpy()
        return Batch(
            number=number,
            lines=lines,
            raw=cells,
            key=key,
            group=groups,
            record=own["@record"].to_numpy(),
            nested=own["@nested"].to_numpy(zero_copy_only=False),
            fault=own["@fault"].to_numpy(zero_copy_only=False),
            detail=own["@detail"].to_numpy(zero_copy_only=False),
            spoiled=own["@spoiled"].to_numpy(zero_copy_only=False),
            origin=own["@origin"].to_numpy(),
            holds={group: self.holds[group] for group in self.holds.keys() & np.unique(groups).tolist()}
            if self.holds
            else {},
        )

    def describe(self) -> PlanRecord:
        """The part of the plan that the job stores."""
        return PlanRecord(
            written=dict(self.written),
            columns=self.columns,
            headers=tuple(self.headers),
            sources=dict(self.sources),
            examples=dict(self.examples),
            steady=self.steady,
            batches=self.size,
            blank=self.blank,
            ignored=self.ignored,
            plain=self.plain_numbers,
        )

    def close(self) -> None:
        """Remove the spool."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def make_plan(
    drop: Drop, batch_bytes: int = BATCH_BYTES, scratch: Path | None = None, last: Layout | None = None
) -> Plan:
    """Read a drop and spool it in a new folder under ``scratch`` (None: the system's), in batches of about
    ``batch_bytes`` bytes of CSV; ``Plan.close`` removes the folder.

    ``last``: the layout of the last good file of the feed, if what is different from it is to be noted.
    Raises ``Refused`` where the drop can't be read, changes while it is read, or is not as agreed.
    """
    sequence = drop.sequence
    if sequence is None:
        raise Refused("no_order", name=drop.name, order=drop.feed.keys.order)
    if not sequence and drop.feed.keys.version[:1] == (DROP,):  # behind a column it only tells equal ones apart
        raise Refused("no_number", name=drop.name)
    before = drop.path.stat()
    keys = drop.feed.keys
    clues = drop.feed.clues(drop.stamp)
    reader = Kept(drop.path) if drop.replays else formats.reader(drop.path, keys.format, keys.options, clues)
    folder = _folder(drop, scratch)
    try:
        size = drop.size * formats.density(reader.written)
        spool = Spool(folder, min(MAX_BATCHES, max(1, -(-size // batch_bytes))))
        reading = _Reading(drop, reader)
        try:
            reading.into(spool)
        except Refused as refused:
            explain(refused, last, reading.layout, drop.feed)
        _unchanged(before, drop.path.stat())
        _as_promised(drop, reading.rows)
        notes = reading.notes(last)
        _as_agreed(notes, drop.feed, reader.written)
        tally = reading.tally
        partitions = spool.close()
        return Plan(
            folder=folder,
            written=dict(reader.written),
            columns=reading.columns,
            headers=reading.headers,
            sources=reading.sources,
            examples=reading.layout.examples,
            steady=tuple(sorted(reading.layout.steady)),
            key=list(drop.feed.document.key),
            plain_numbers=reader.plain_numbers,
            notes=notes,
            fixes=drop.fixes,
            sequence=sequence,
            first=tally.first,
            total=sum(map(_count, partitions)),
            ordered=tally.ordered,
            records=tally.records,
            blank=tally.blank,
            ignored=tally.ignored,
            partitions=partitions,
            holds=tally.holds,
            sets=tally.sets,
            waited=drop.waited,
        )
    except BaseException:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _without_marks(block: Block) -> Block:
    """The block. Raises ``Refused`` where it has lines of a fix-workbook: what their cells don't show would be lost."""
    for mark in marks_in(block.cells):
        raise Refused("stamp_lost", whose=f" (job {mark.job})" if mark.job else "")
    return block


def _folder(drop: Drop, scratch: Path | None) -> Path | None:
    """A new folder for the spool of a drop; None where it is kept in memory."""
    if scratch is not None:
        return Path(tempfile.mkdtemp(dir=scratch))
    return None if drop.size <= FEW_BYTES else new_scratch_folder()


class _Reading:
    """One pass over a drop: its blocks get the feed's own columns, lose the rows that are not meant, and are grouped.

    ``tally``: what is counted meanwhile.
    """

    def __init__(self, drop: Drop, reader: Reader) -> None:
        plain = reader.plain_numbers
        self._drop, self._feed, self._reader = drop, drop.feed, reader
        written = reader.written
        self._days = TurnedDays(drop.feed, cells=formats.typed(written))
        has_layout = formats.names_members(written) or not formats.nested(written)
        self._seen = LayoutReader(written["format"], drop.feed.kinds, compared=drop.is_compared and has_layout)
        self._points = Points(drop.feed, plain=plain)
        self._deriver, self._selection = Deriver(drop, plain=plain), RowSelection(drop.feed, plain=plain)
        self._titles, self._grouper = Titles(drop.feed), Grouper(drop)
        self.tally = _Tally()

    def into(self, spool: Spool) -> None:
        """Read all blocks and spool their records. Raises ``Refused`` where they can't be read."""
        blocks = self._reader.blocks()
        if self._drop.size > BATCH_BYTES:
            blocks = _ahead(blocks)
        if self._drop.fixes is None:
            blocks = map(_without_marks, blocks)
        watched = self._seen.watch(self._days.watch(self._points.watch(blocks)))
        for block in self._titles.watch(self._selection.meant(map(self._deriver.add, watched))):
            grouped = self._grouper.group(block)
            self.tally.add(block, grouped)
            spool.write(grouped)

    @property
    def layout(self) -> Layout:
        """The layout of the file."""
        return replace(self._seen.layout, is_open=OPEN_END in self._reader.written)

    @property
    def columns(self) -> dict[str, str]:
        """Our names → the headings."""
        return self._grouper.columns

    @property
    def sources(self) -> Mapping[str, tuple[str, ...]]:
        """The headings that the feed made → the headings in the file that they are made of."""
        marks = {CANCELS: tuple(self._feed.keys.cancel)} if self._feed.keys.cancel else {}
        return {**self._deriver.sources, **marks}

    @property
    def headers(self) -> list[str]:
        """The headings in the file."""
        return [name for name in self._grouper.headers if name and name not in self.sources]

    @property
    def rows(self) -> int:
        """How many records the file has, those that are not meant among them."""
        return self.tally.records + sum(each.rows for each in self._selection.skipped.values())

    def notes(self, last: Layout | None) -> tuple[Note, ...]:
        """The notes on the file as a whole. ``last``: the layout of the last good file, if it is compared with it."""
        drifted = drift(last, self.layout, self._feed) if last and self.tally.records else []
        skipped = [
            Note("skipped_rows", rule, each.rows, {"count": f"{each.rows:,}", "line": each.first})
            for rule, each in self._selection.skipped.items()
        ]
        of_rows = self.tally.notes(self._feed, self.columns, self._grouper.headers)
        tests = [Note("only_a_test")] if self._drop.rehearsed else []
        of_cells = [*self._seen.notes(self._feed, self.columns), *self._points.notes, *self._days.notes]
        return (*tests, *self._reader.notes, *drifted, *of_cells, *skipped, *of_rows)


def _ahead(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks; while one is grouped, a thread reads the next."""
    left = iter(blocks)
    with ThreadPoolExecutor(1, "crossdock-read") as ahead:
        coming = ahead.submit(next, left, None)
        while (block := coming.result()) is not None:
            coming = ahead.submit(next, left, None)
            yield block


@dataclass
class _Tally:
    """What is counted while a file is read, and the notes on it as a whole."""

    records: int = 0
    blank: int = 0
    ignored: int = 0
    first: int = 0
    ordered: bool = False
    holds: dict[int, tuple[str, int]] = field(default_factory=dict)
    totals: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)
    unknown: dict[str, tuple[int, int]] = field(default_factory=dict)
    sets: list[str] = field(default_factory=list)

    def add(self, block: Block, grouped: GroupedBlock) -> None:
        """Count a block."""
        size = grouped.table.num_rows
        self.first = self.first or (grouped.table.column("@line")[0].as_py() if size else 0)
        self.records += size
        self.sets += block.sets
        self.blank += block.blank
        self.ignored += block.ignored + grouped.ignored
        self.ordered |= bool(grouped.rank.any())
        for group, hold in grouped.holds.items():
            self.holds.setdefault(group, hold)
        self.totals += grouped.totals
        self.below += grouped.below
        for name, (line, times) in grouped.unknown.items():
            first, before = self.unknown.get(name, (line, 0))
            self.unknown[name] = (first, before + times)

    def notes(self, feed: Feed, columns: Mapping[str, str], headers: Iterable[str]) -> list[Note]:
        """The notes on columns and on rows that were left out. ``columns``: ours → theirs; ``headers``: all."""
        notes = [
            Note(code, None, len(lines), {"count": f"{len(lines):,}", "line": lines[0]})
            for code, lines in (("total_rows", self.totals), ("below_the_end", self.below))
            if lines
        ]
        if not self.records:
            return [Note("no_records"), *notes]
        notes += [Note("unknown_column", name, times, None, line) for name, (line, times) in self.unknown.items()]
        notes += [
            Note("lacking_column", theirs, self.records, {"field": ours})
            for theirs, ours in feed.keys.columns.items()
            if ours in feed.document.fields and ours not in columns
        ]
        there = set(map(fold, headers))
        notes += [
            Note("lacking_column", source, self.records, {"field": each.ours})
            for each in feed.derived
            for source in each.sources
            if fold(source) not in there
        ]
        of_lines = any(map(feed.document.of_line, [*columns, *feed.keys.constants]))
        if of_lines and feed.document.numbering not in columns:
            notes.append(Note("numbered_by_position", None, self.records))
        return notes


def _as_agreed(notes: Iterable[Note], feed: Feed, written: Mapping[str, Any]) -> None:
    """Raise ``Refused`` where the feed treats a note on the file as a whole as an error."""
    for each in notes:
        if feed.severity(each.code) == "error":
            detail = dict(each.detail or {})
            if "line" in detail:
                detail["place"] = formats.place(detail["line"], written)
            raise Refused("not_as_agreed", what=of_file(each.code, each.value, detail))


def _as_promised(drop: Drop, records: int) -> None:
    if drop.expected not in (None, records):
        raise Refused("manifest_count", promised=f"{drop.expected:,}", found=f"{records:,}")


def _unchanged(before: os.stat_result, after: os.stat_result) -> None:
    if (before.st_size, before.st_mtime_ns, before.st_ino) != (after.st_size, after.st_mtime_ns, after.st_ino):
        raise Refused("changed_while_reading")


def _count(pieces: list[Piece]) -> int:
    """How many documents a partition has. Raises ``Refused`` where one is too large for memory."""
    groups = np.concatenate([np.zeros(0, np.uint64), *(groups_of(each) for each in pieces)])
    _, sizes = np.unique(groups, return_counts=True)
    if len(sizes) and sizes.max() > MAX_DOCUMENT:
        raise Refused("document_too_large", records=f"{sizes.max():,}", limit=f"{MAX_DOCUMENT:,}")
    return len(sizes)
