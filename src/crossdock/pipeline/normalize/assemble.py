"""Records → documents: the rows of one document become its header and the rows of its lower levels.

A header field that is repeated on rows must agree: a blank inherits, a conflict is a failure of the later line, unless
the feed says which value counts (contract A4). The same is true for a line that several records fill, each with another
carton. From here on a row of a level exists once, under the line of its first record, so it has each failure once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.failures.failures import Failures
from crossdock.frames.columns import Cells, has_value, is_blank, mask, rows_at
from crossdock.frames.rows import LevelRows, Records
from crossdock.model.batch import Assembled, Batch, Defaults
from crossdock.partners.feed import Feed
from crossdock.schema.document import Document, Level

OwnCells = dict[str, pa.Array]
"""Text by qualified name, while it is made."""
Masks = dict[str, np.ndarray]


FEWEST_TWICE = 4
"""How many records a document has at least whose records may stand in it twice."""


@dataclass(frozen=True)
class _Source:
    """The records that are split into levels. ``cells``: one value per record. ``torn``: records with a fault.
    ``key``: the canonical parts of each record's key.
    """

    feed: Feed
    cells: Cells
    records: Records
    torn: np.ndarray
    key: Cells

    @property
    def document(self) -> Document:
        return self.feed.document

    def has(self, level: Level) -> np.ndarray:
        """Which records have a value in a field of that level."""
        has = np.zeros(len(self.records.lines), dtype=bool)
        for name in self.document.of(level):
            if name in self.cells and not is_blank(self.cells[name]):
                has |= pc.is_valid(self.cells[name]).to_numpy(zero_copy_only=False)
        return has


@dataclass(frozen=True)
class _Placement:
    """The row of a level that each record is part of, or -1; the first record of each row; records that share one."""

    of_record: np.ndarray
    first: np.ndarray
    shared: np.ndarray

    @cached_property
    def together(self) -> bool:
        """Whether the records of each row stand one behind the other, and each record is part of one."""
        return bool((self.of_record >= 0).all() and (np.diff(self.of_record) >= 0).all())


def assemble(
    batch: Batch, table: Cells, feed: Feed, columns: Mapping[str, str], settled: Defaults, *, objects: bool
) -> tuple[Assembled, Failures]:
    """The documents of a batch, each level's columns still text, and the failures of rows that disagree (contract A4).

    ``table``: text under our qualified names. ``columns``: the qualified names that the drop has
    anywhere → its headings; a level's field that is not among them is absent. ``settled``: the feed's constants and
    defaults, translated. ``objects``: a record is an object (JSON), in which a missing member is not a blank.
    """
    document = feed.document
    number, first = numbered(batch.group)
    records = Records(batch.lines, number, batch.nested, len(first))
    cells = _ambiguous_placed(table, records, document)
    torn = np.array([fault is not None for fault in batch.fault], dtype=bool)
    source, moved = _quantities_to_cartons(_Source(feed, cells, records, torn, batch.key), columns)
    positional = bool(document.numbering) and document.numbering not in columns
    header = _Placement(records.document, first, np.zeros(len(number), dtype=bool))
    outer, disagreeing = _once(source, [*document.of(document.header)], header, settled)
    names = [name for name in document.of(document.header) if name not in document.key]
    outer, blank = _settled(outer, names, source, settled, len(first))
    rows = {"header": _level_rows(document.header, outer, header, records, records.document)}
    failures = [_record_faults(batch, records, feed) if torn.any() else Failures.none(), disagreeing]
    there = _records_of_levels(source)
    for level in document.inner:
        placement = _placed(source, level, there, positional=positional)
        there |= {child.title: there[child.title] | placement.shared for child in document.children(level)}
        inner, disagreeing = _once(source, [*document.of(level)], placement, settled)
        failures.append(disagreeing)
        if positional and level.numbered:
            inner[document.numbering] = _positions(records, placement, level)
            failures += [_scattered(batch, records, first, feed), _standing_twice(batch, source, level)]
        keys = {document.qualified(level, level.field(name)) for name in level.key}
        names = [name for name in document.of(level) if name not in keys or not level.numbered]
        inner, was_blank = _settled(inner, names, source, settled, len(placement.first))
        blank |= was_blank
        if level.numbered:
            inner = _inherited(inner, outer, records.document[placement.first], document)
        rows[level.title] = _level_rows(level, inner, placement, records, rows[level.under].of_record)
    assembled = Assembled(
        records=records,
        rows=rows,
        key=rows_at(batch.key, first),
        positional=positional,
        absent=frozenset(document.fields) - set(columns) - set(feed.keys.constants) - moved,
        blank=blank,
        groups=batch.group[first],
        lacking=_lacking(batch, document, columns, rows) if objects else {},
    )
    return assembled, Failures.merge(*failures)


def numbered(groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number of each record's group, in the order of their first records; those records' places."""
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    return number[inverse], first[order]


def _level_rows(level: Level, cells: Cells, placement: _Placement, records: Records, above: np.ndarray) -> LevelRows:
    """The rows of a level. ``above``: of each record, the place of its row in the level above."""
    return LevelRows(
        level=level,
        cells=cells,
        lines=records.lines[placement.first],
        document=records.document[placement.first],
        parent=above[placement.first],
        of_record=placement.of_record,
        documents=records.documents,
    )


def _record_faults(batch: Batch, records: Records, feed: Feed) -> Failures:
    """The failures of the records themselves."""
    torn = pd.Series(batch.fault).dropna()
    parts = []
    for code, some in torn.groupby(torn).indices.items():
        places = torn.index.to_numpy()[some]
        details = (json.loads(detail or "{}") for detail in batch.detail[places])
        parts.append(feed.failures(records.lines[places], "", str(code), details))
    return Failures.merge(*parts)


def _ambiguous_placed(cells: Cells, records: Records, document: Document) -> OwnCells:
    """A bare name of header and line means the line's where its values differ in a document (contract A1).

    A nested object shows itself which it means. Where some rows are blank, a value that only a line may have is the
    line's; one that only a document may have is the document's, and a blank inherits.
    """
    level = document.lines
    placed = {name: values for name, values in cells.items() if name not in document.floating or level is None}
    for name in document.floating if level is not None else ():
        if level is None or name not in cells:
            continue
        values = cells[name]
        of_line = pa.array(_varies(values, level.field(name).values, records) & ~records.nested)
        nothing = pa.nulls(len(values), pa.string())
        for title, own in (
            (level.title, pc.if_else(of_line, values, nothing)),
            ("header", pc.if_else(of_line, nothing, values)),
        ):
            before = placed.get(f"{title}.{name}")
            placed[f"{title}.{name}"] = own if before is None else pc.coalesce(before, own)
    return placed


def _varies(values: pa.Array, of_lines_only: tuple[str, ...], records: Records) -> np.ndarray:
    """Records of documents in which a value differs, or is blank on some while others have a line's value."""
    encoded = pc.dictionary_encode(values).indices.fill_null(-1).to_numpy()
    filled = encoded >= 0
    low, high = np.full(records.documents, np.iinfo(np.int64).max), np.full(records.documents, -1)
    np.minimum.at(low, records.document[filled], encoded[filled])
    np.maximum.at(high, records.document[filled], encoded[filled])
    several = (high >= 0) & (low != high)
    if of_lines_only:
        of_line = mask(pc.is_in(values, value_set=pa.array(of_lines_only)))
        several |= records.any_per_document(~filled) & records.any_per_document(of_line)
    return np.asarray(several[records.document], dtype=bool)


def _quantities_to_cartons(source: _Source, columns: Mapping[str, str]) -> tuple[_Source, set[str]]:
    """In a flat file the quantity of a row that names a carton is the carton's; the line's is their sum (ASN).

    Returns the new source and the fields that are present because of it.
    """
    document, cells, moved = source.document, dict(source.cells), set()
    for level in document.inner:
        for child in document.children(level):
            # otherwise the file has no cartons
            named = not columns.keys().isdisjoint(document.of(child))
            for field in level.fields if named else ():
                if field.sums is None:
                    continue
                ours, theirs = document.qualified(level, field), document.qualified(child, child.field(field.sums))
                if theirs in columns or ours not in cells:
                    continue
                has = pa.array(replace(source, cells=cells).has(child) & ~source.records.nested)
                values, nothing = cells[ours], pa.nulls(len(source.torn), pa.string())
                cells[theirs] = pc.if_else(has, values, nothing)
                cells[ours] = pc.if_else(has, nothing, values)
                moved.add(theirs)
    return replace(source, cells=cells), moved


def _once(source: _Source, names: list[str], placement: _Placement, settled: Defaults) -> tuple[OwnCells, Failures]:
    """Each column once per row: the first value that isn't blank, or the sum; and the failures of records with another
    value, or with none where a sum needs it.
    """
    once: OwnCells = {}
    failures = []
    row, size = placement.of_record, len(placement.first)
    single = size == np.count_nonzero(row >= 0) and not source.torn.any()
    usual = placement.together and not source.torn.any()
    for name in names:
        if name not in source.cells:
            continue
        values = source.cells[name]
        if is_blank(values):
            once[name] = values.slice(0, size)
            continue
        if single or (usual and name not in source.feed.keys.add_up and _each_repeats(values, row)):
            once[name] = values.take(pa.array(placement.first))
            continue
        if source.torn.any() and name not in source.document.key:
            values = pc.if_else(pa.array(source.torn), pa.scalar(None, pa.string()), values)
        filled = np.flatnonzero(pc.is_valid(values).to_numpy(zero_copy_only=False) & (row >= 0))
        first = np.full(size, -1, dtype=np.int64)
        first[row[filled][::-1]] = filled[::-1]
        are_alone = len(filled) == np.count_nonzero(first >= 0)
        agree = source.feed.keys.agree.get(name)
        if agree in ("earliest", "latest"):
            first = _extreme(values, filled, row, first, latest=agree == "latest")
        if name in source.feed.keys.add_up:
            once[name], lacking = _sums(source, name, values, placement, settled)
            failures.append(lacking)
            continue
        once[name] = values.take(pa.array(first, mask=first < 0))
        if agree is None and not are_alone:
            failures.append(_conflicts(source, name, values, once[name], row, first))
    return once, Failures.merge(*failures)


def _each_repeats(values: pa.Array, row: np.ndarray) -> bool:
    """Whether each record has the value of the one before it, if that is part of the same row; no value is null."""
    if values.null_count:
        return False
    return not (mask(pc.not_equal(values[1:], values[:-1])) & (row[1:] == row[:-1])).any()


def _sums(
    source: _Source, name: str, values: pa.Array, placement: _Placement, settled: Defaults
) -> tuple[pa.Array, Failures]:
    """The sum of the records of each row, exact, as text, null where none has a value; and the failures of records
    that are blank beside others.

    A blank is the feed's default. Without one it adds nothing, and nobody knows how much a required field lacks.
    """
    row, field = placement.of_record, source.document.fields[name][1]
    default = settled.defaults.get(name, field.default)
    sums: list[Decimal | None] = [None] * len(placement.first)
    filled = pc.is_valid(values).to_numpy(zero_copy_only=False) & (row >= 0)
    texts = values.filter(pa.array(filled)).to_pylist()
    for of_row, text in zip(row[filled].tolist(), texts, strict=True):
        sums[of_row] = Decimal(text) + (sums[of_row] or 0)
    has_sum = np.array([each is not None for each in sums], dtype=bool)
    blank = np.flatnonzero(~filled & (row >= 0) & ~source.torn)
    blank = blank[has_sum[row[blank]]]
    if default is not None:
        for of_row in row[blank].tolist():
            sums[of_row] = Decimal(default) + (sums[of_row] or 0)
    summed = pa.array([None if each is None else f"{each:f}" for each in sums], pa.string())
    if default is not None or not field.required or name in source.feed.keys.optional:
        return summed, Failures.none()
    return summed, source.feed.failures(source.records.lines[blank], name, "missing")


def _conflicts(
    source: _Source, name: str, values: pa.Array, once: pa.Array, row: np.ndarray, first: np.ndarray
) -> Failures:
    """Records with another value than the first of their row. ``first``: the record from which each row has it."""
    document, lines = source.document, source.records.lines
    other = mask(pc.not_equal(values, once.take(pa.array(row, mask=row < 0))))
    if name in document.key and other.any():  # a moment may be spelled in several ways; what is no moment has no key
        parts = source.key[name]
        if mask(pc.not_equal(parts, parts.take(pa.array(first[row], mask=row < 0)))).any():
            raise AssertionError("two keys fell into one document: their hashes are equal")
        other &= mask(pc.is_null(parts))
    if not other.any():
        return Failures.none()
    what = document.fields[name][0].title
    rows = row[other]
    details = (
        {"other": repr(value), "line": line, "what": what}
        for value, line in zip(once.take(pa.array(rows)).to_pylist(), lines[first[rows]].tolist(), strict=True)
    )
    code = "header_conflict" if name in document.of(document.header) else "line_conflict"
    return source.feed.failures(lines[other], name, code, details)


def _extreme(values: pa.Array, filled: np.ndarray, row: np.ndarray, source: np.ndarray, *, latest: bool) -> np.ndarray:
    """The place of the earliest or latest value of each row; times without offset are taken as UTC."""
    moments = pd.to_datetime(values.take(pa.array(filled)).to_pylist(), format="ISO8601", utc=True, errors="coerce")
    order = np.argsort(moments.to_numpy(), kind="stable")
    ranked = filled[order[::-1] if latest else order]
    best = source.copy()
    best[row[ranked][::-1]] = ranked[::-1]
    return best


def _records_of_levels(source: _Source) -> Masks:
    """For each level: a mask of the records that belong to a row of that level.

    A record belongs to a row of a level where a field of the level, or of one below it, has a value. A row of a file
    without any has values of the header only: shops write one above or below an order's lines. An object without any is
    still an element of its document's lines, if there are others.
    """
    document, records = source.document, source.records
    has = {level.title: source.has(level) for level in document.inner}
    for level in reversed(document.inner):
        if level.under != "header":
            has[level.under] = has[level.under] | has[level.title]
    there = {}
    for level in document.inner:
        own = has[level.title]
        if level.numbered:
            own = own | (records.nested & records.any_per_document(own)[records.document])
        there[level.title] = own & ~source.torn
    return there


def _placed(source: _Source, level: Level, there: Masks, *, positional: bool) -> _Placement:
    """Which records are one row of a level.

    Records of one key are one row where they fill levels below it; else two records of a number are a failure.
    """
    document, records = source.document, source.records
    places = np.flatnonzero(there[level.title])
    children = [there[child.title] for child in document.children(level)]
    of_record = np.full(len(records.lines), -1, dtype=np.int64)
    shared = np.zeros(len(records.lines), dtype=bool)
    adds_up = not document.of(level).keys().isdisjoint(source.feed.keys.add_up)
    repeated = adds_up or (level.under == "header" and not level.numbered)  # a flat file repeats an alias on each unit
    filled = np.logical_or.reduce(children) if children else there[level.title]
    if (positional and level.numbered) or not (repeated or (children and filled.any())):
        of_record[places] = np.arange(len(places))
        return _Placement(of_record, places, shared)
    names = [document.qualified(level, level.field(name)) for name in level.key]
    keys = pd.DataFrame({name: source.cells[name].take(pa.array(places)).to_pylist() for name in names
                         if name in source.cells}, index=places)  # fmt: skip
    keys["@document"] = records.document[places]
    complete = keys.notna().all(axis=1).to_numpy()
    number = keys.groupby(list(keys), dropna=False, sort=False).ngroup().to_numpy()
    some_filled = np.zeros(number.max(initial=-1) + 1, dtype=bool)
    some_filled[number[filled[places]]] = True
    apart = ~complete | ~some_filled[number]
    shared[places[~apart]] = True
    of_record[places], first = numbered(np.where(apart, len(some_filled) + np.arange(len(places)), number))
    return _Placement(of_record, places[first], shared)


def _positions(records: Records, placement: _Placement, level: Level) -> pa.Array:
    """1, 2, 3 … within each document, in file order."""
    document = records.document[placement.first]
    order = np.argsort(document, kind="stable")
    counts = np.bincount(document, minlength=records.documents)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    position = np.empty(len(document), dtype=np.int64)
    position[order] = np.arange(len(document)) - starts + 1
    return pc.utf8_lpad(pa.array(position).cast(pa.string()), level.field(level.key[-1]).pad or 1, "0")


def _scattered(batch: Batch, records: Records, first: np.ndarray, feed: Feed) -> Failures:
    """Documents whose records are not together, in a file without line numbers."""
    low, high = np.full(records.documents, np.iinfo(np.int64).max), np.full(records.documents, -1)
    np.minimum.at(low, records.document, batch.record)
    np.maximum.at(high, records.document, batch.record)
    apart = high - low + 1 != np.bincount(records.document, minlength=records.documents)
    return feed.failures(records.lines[first[apart]], feed.document.number, "scattered_lines")


def _standing_twice(batch: Batch, source: _Source, level: Level) -> Failures:
    """Documents whose second half of records is the first one once more, in a file without line numbers.

    Rows that are all the same may be several pieces of one item, and a column that nobody reads may tell rows apart.
    """
    records = source.records
    order = np.argsort(records.document, kind="stable")
    size = np.bincount(records.document, minlength=records.documents)
    place = np.arange(len(order)) - np.repeat(np.cumsum(size) - size, size)
    half = np.where((size >= FEWEST_TWICE) & (size % 2 == 0), size // 2, 0)[records.document[order]]
    at = np.flatnonzero(place < half)
    if not len(at):
        return Failures.none()
    one, other, first = order[at], order[at + half[at]], order[at - place[at]]
    own = [source.cells[name] for name in source.document.of(level) if name in source.cells]
    differ, varies = np.zeros(len(at), dtype=bool), np.zeros(len(at), dtype=bool)
    for values in own:
        codes = pc.dictionary_encode(values).indices.fill_null(-1).to_numpy()
        differ |= codes[one] != codes[other]
        varies |= codes[one] != codes[first]
    of = records.document[one]
    several = np.bincount(of, weights=varies, minlength=records.documents) > 0
    if not (several & (np.bincount(of, weights=differ, minlength=records.documents) == 0)).any():
        return Failures.none()  # nearly always, and to take every cell once more is what costs
    for values in batch.raw.values():  # only the first record may have the header's cells
        again = values.take(pa.array(other))
        is_header = (one == first) & ~mask(pc.greater(pc.utf8_length(again), 0))
        differ |= mask(pc.not_equal(values.take(pa.array(one)), again)) & ~is_header
    twice = several & (np.bincount(of, weights=differ, minlength=records.documents) == 0)
    begins = np.flatnonzero((place[at] == 0) & twice[of])
    details = ({"line": line} for line in records.lines[first[begins]].tolist())
    return source.feed.failures(records.lines[other[begins]], source.document.number, "rows_again", details)


def _settled(
    cells: Cells, names: Iterable[str], source: _Source, settled: Defaults, size: int
) -> tuple[OwnCells, Masks]:
    """The cells with the feed's constants and defaults, then the document type's, where they are blank; and which were
    blank.
    """
    filled, blank = dict(cells), {}
    nested = bool(source.records.nested.any())
    for name in names:
        values = cells.get(name)
        constant = settled.constants.get(name)
        default = settled.defaults.get(name, source.document.fields[name][1].default)
        if values is None:
            if constant is None and default is None:
                continue
            values = pa.nulls(size, pa.string())
        blank[name] = pc.is_null(values).to_numpy(zero_copy_only=False)
        if constant is not None and (name not in cells or nested):
            values = pc.fill_null(values, constant)
        filled[name] = values if default is None else pc.fill_null(values, default)
    return filled, blank


def _inherited(cells: Cells, header: Cells, owner: np.ndarray, document: Document) -> OwnCells:
    """A line without a purchase order or tracking number has its header's (contract A1)."""
    inherited = dict(cells)
    for name in document.floating:
        above = header.get(f"header.{name}")
        if name == "action" or above is None or document.lines is None:
            continue
        own, default = f"{document.lines.title}.{name}", above.take(pa.array(owner))
        inherited[own] = pc.coalesce(cells[own], default) if own in cells else default
    return inherited


def _lacking(batch: Batch, document: Document, columns: Mapping[str, str], rows: Mapping[str, LevelRows]) -> Masks:
    """For each field, the rows none of whose objects has such a member."""
    lacking = {}
    for name, (level, _) in document.fields.items():
        theirs = columns.get(name) or columns.get(document.stands_for.get(name, ""))
        if theirs is not None and theirs in batch.raw:
            lacking[name] = ~rows[level.title].of_records(has_value(batch.raw, theirs))
    return lacking
