"""Records → documents: the rows of one document become its header and the rows of its lower levels.

A header field that is repeated on rows must agree: blank inherits, a conflict is a failure of the later line, unless
the feed says which value counts (contract A4). The same holds for a line that several records fill, each with another
carton. From here on a row of a level exists once, under the line of its first record, so what is wrong with it is said
once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.columns import array, frame, mask
from crossdock.documents.document import Document, Level
from crossdock.failures import Failures
from crossdock.feeds import Feed
from crossdock.model import Batch, Gathered, Settled


@dataclass
class _Desk:
    """What is at hand while the records of a batch are taken apart. ``cells``: text by name, a value a record."""

    batch: Batch
    feed: Feed
    cells: dict[str, pa.Array]
    of_record: np.ndarray
    lines: np.ndarray
    torn: np.ndarray
    size: int

    @property
    def document(self) -> Document:
        return self.feed.document


def gather(
    batch: Batch, table: pd.DataFrame, feed: Feed, columns: Mapping[str, str], settled: Settled, *, objects: bool
) -> tuple[Gathered, Failures]:
    """The documents of a batch, each level's columns still text, and the failures of rows that disagree.

    ``columns``: the qualified names that the drop has anywhere → its headings; a level's field that is not among them
    is absent. ``settled``: the feed's constants and defaults, translated. ``objects``: a record is an object (JSON), in
    which a member that isn't there is no blank.
    """
    document = feed.document
    of_record, first = _documents(batch.group)
    torn = np.array([fault is not None for fault in batch.fault], dtype=bool)
    lines = table.index.to_numpy()
    desk = _Desk(batch, feed, {name: array(table[name]) for name in table}, of_record, lines, torn, len(first))
    _float(desk)
    moved = _summands(desk, columns)
    found = [_record_faults(batch, lines, feed)]
    header, conflicts = _once(desk, [*document.of(document.header)], of_record, first)
    found += conflicts
    positional = bool(document.numbering) and document.numbering not in columns
    kept: dict[str, np.ndarray] = {}
    levels, owner, row_of = {}, {}, {"header": of_record}
    there = _there(desk)
    for level in document.inner:
        rows, firsts, apart = _rows(desk, level, there, positional=positional)
        names = [name for name in document.of(level) if name in desk.cells]
        if apart:
            cells = {name: desk.cells[name].take(pa.array(firsts)) for name in names}
        else:
            cells, conflicts = _once(desk, names, rows, firsts)
            found += conflicts
        if positional and level.numbered:
            positions = _positions(of_record[firsts], len(first))
            cells[document.numbering] = pc.utf8_lpad(positions, level.field(level.key[-1]).pad or 1, "0")
            found.append(_scattered(batch, of_record, first, lines, feed))
        keys = {document.qualified(level, level.field(name)) for name in level.key}
        settles = [name for name in document.of(level) if name not in keys or not level.numbered]
        _settle(cells, settles, feed, settled, batch, len(firsts), kept)
        levels[level.title], row_of[level.title] = frame(cells, pd.Index(lines[firsts], name="line")), rows
        owner[level.title] = of_record[firsts]
    outer = [name for name in document.of(document.header) if name not in document.key]
    _settle(header, outer, feed, settled, batch, len(first), kept)
    _inherit(header, levels, owner, document)
    gathered = Gathered(
        levels={"header": frame(header, pd.Index(lines[first], name="line")), **levels},
        document={"header": np.arange(len(first)), **owner},
        parent={level.title: _parents(level, levels, row_of, lines) for level in document.inner},
        of_record=of_record,
        row_of=row_of,
        lines=lines,
        key=batch.key.iloc[first],
        positional=positional,
        absent=frozenset(document.fields) - set(columns) - set(feed.keys.constants) - moved,
        blank=kept,
        groups=batch.group[first],
        nested=batch.nested,
        lacking=_lacking(batch, document, columns, row_of, levels, len(first)) if objects else {},
    )
    return gathered, Failures.merge(*found)


def _lacking(
    batch: Batch,
    document: Document,
    columns: Mapping[str, str],
    row_of: dict[str, np.ndarray],
    levels: dict[str, pd.DataFrame],
    size: int,
) -> dict[str, np.ndarray]:
    """By field, the rows none of whose objects has such a member."""
    made = {}
    for name, (level, _) in document.fields.items():
        theirs = columns.get(name) or columns.get(document.stands_for.get(name, ""))
        if theirs is None or theirs not in batch.raw:
            continue
        row = row_of[level.title]
        there = batch.raw[theirs].notna().to_numpy(dtype=bool) & (row >= 0)
        lacks = np.ones(size if level is document.header else len(levels[level.title]), dtype=bool)
        lacks[row[there]] = False
        made[name] = lacks
    return made


def _documents(groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number of each record's document, in the order of their first records; those records' places."""
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    return number[inverse], first[order]


def _record_faults(batch: Batch, lines: np.ndarray, feed: Feed) -> Failures:
    """What is wrong with the records themselves."""
    torn = pd.Series(batch.fault).dropna()
    return Failures.merge(
        *(
            feed.failures(lines[places], "", str(code), (json.loads(each or "{}") for each in batch.detail[places]))
            for code, places in torn.groupby(torn).indices.items()
            for places in [torn.index.to_numpy()[places]]
        )
    )


def _float(desk: _Desk) -> None:
    """A bare name that stands on header and line means the line's where its values differ in a document (A1).

    A nested object says itself which it means. Where some rows are blank, a value that only a line may have is the
    line's; one that only a document may have is the document's, and blank inherits.
    """
    document, cells, of_record, size = desk.document, desk.cells, desk.of_record, desk.size
    level = document.lines
    for name in document.floating:
        values = cells.pop(name, None)
        if values is None or level is None:
            continue
        encoded = pc.dictionary_encode(values).indices.fill_null(-1).to_numpy()
        given = encoded >= 0
        low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
        np.minimum.at(low, of_record[given], encoded[given])
        np.maximum.at(high, of_record[given], encoded[given])
        several = (high >= 0) & (low != high)
        choices = level.field(name).values
        if choices:
            some_blank = np.zeros(size, dtype=bool)
            some_blank[of_record[~given]] = True
            of_lines = np.zeros(size, dtype=bool)
            of_lines[of_record[mask(pc.is_in(values, value_set=pa.array(choices)))]] = True
            several |= some_blank & of_lines
        differs = several[of_record] & ~desk.batch.nested
        nothing = pa.nulls(len(values), pa.string())
        of_line = pc.if_else(pa.array(differs), values, nothing)
        of_header = pc.if_else(pa.array(differs), nothing, values)
        for title, taken in ((level.title, of_line), ("header", of_header)):
            own = cells.get(f"{title}.{name}")
            cells[f"{title}.{name}"] = taken if own is None else pc.coalesce(own, taken)


def _inherit(
    header: dict[str, pa.Array], levels: dict[str, pd.DataFrame], owner: dict[str, np.ndarray], document: Document
) -> None:
    """A line that doesn't say it has its header's purchase order or tracking number (contract A1)."""
    if document.lines is None:
        return
    title = document.lines.title
    for name in document.floating:
        above = header.get(f"header.{name}")
        if name == "action" or above is None:
            continue
        default = above.take(pa.array(owner[title]))
        rows, own = levels[title], f"{title}.{name}"
        values = pc.coalesce(array(rows[own]), default) if own in rows else default
        levels[title] = rows.assign(**{own: frame({own: values}, rows.index)[own]})


def _summands(desk: _Desk, columns: Mapping[str, str]) -> set[str]:
    """In a flat file the quantity of a row that names a carton is the carton's; the line's is their sum (ASN).

    Gives the fields that are thereby present.
    """
    document = desk.document
    moved = set()
    for level in document.inner:
        for child in document.children(level):
            for field in level.fields:
                if field.sums is None:
                    continue
                ours, theirs = document.qualified(level, field), document.qualified(child, child.field(field.sums))
                if theirs in columns or ours not in desk.cells:
                    continue
                has = _has(desk, child) & ~desk.batch.nested
                values, nothing = desk.cells[ours], pa.nulls(len(desk.lines), pa.string())
                desk.cells[theirs] = pc.if_else(pa.array(has), values, nothing)
                desk.cells[ours] = pc.if_else(pa.array(has), nothing, values)
                moved.add(theirs)
    return moved


def _has(desk: _Desk, level: Level) -> np.ndarray:
    """Records that have a value in a field of that level."""
    has = np.zeros(len(desk.lines), dtype=bool)
    for name in desk.document.of(level):
        if name in desk.cells:
            has |= pc.is_valid(desk.cells[name]).to_numpy(zero_copy_only=False)
    return has


def _once(
    desk: _Desk, names: list[str], row: np.ndarray, first: np.ndarray
) -> tuple[dict[str, pa.Array], list[Failures]]:
    """Each column once a row: the first value that isn't blank, and the records that say otherwise.

    ``row``: of each record, the place of its row, or -1; ``first``: the first record of each row.
    """
    made: dict[str, pa.Array] = {}
    found = []
    document, lines, size = desk.document, desk.lines, len(first)
    for name in names:
        if name not in desk.cells:
            continue
        values = desk.cells[name]
        if desk.torn.any() and name not in document.key:
            values = pc.if_else(pa.array(desk.torn), pa.scalar(None, pa.string()), values)
        given = np.flatnonzero(pc.is_valid(values).to_numpy(zero_copy_only=False) & (row >= 0))
        source = np.full(size, -1, dtype=np.int64)
        source[row[given][::-1]] = given[::-1]
        agree = desk.feed.keys.agree.get(name)
        if agree in ("earliest", "latest"):
            source = _extreme(values, given, row, source, latest=agree == "latest")
        taken = values.take(pa.array(source, mask=source < 0))
        made[name] = taken
        if len(given) == size and agree is None and np.array_equal(np.sort(source), given):
            continue
        if agree is None:
            of_row = taken.take(pa.array(row, mask=row < 0))
            differs = pc.fill_null(pc.not_equal(values, of_row), fill_value=False)
            places = np.flatnonzero(differs.to_numpy(zero_copy_only=False))
            if len(places):
                if name in document.key:
                    raise AssertionError("two keys fell into one document: their hashes are equal")
                details = [
                    {
                        "other": repr(taken[at].as_py()),
                        "line": int(lines[source[at]]),
                        "what": document.fields[name][0].title,
                    }
                    for at in row[places].tolist()
                ]
                code = "header_conflict" if name in document.of(document.header) else "line_conflict"
                found.append(desk.feed.failures(lines[places], name, code, details))
    return made, found


def _extreme(values: pa.Array, given: np.ndarray, row: np.ndarray, source: np.ndarray, *, latest: bool) -> np.ndarray:
    """The place of the earliest or latest value of each row; times without offset are taken as UTC."""
    moments = pd.to_datetime(values.take(pa.array(given)).to_pylist(), format="ISO8601", utc=True, errors="coerce")
    order = np.argsort(moments.to_numpy(), kind="stable")
    ranked = given[order[::-1] if latest else order]
    best = source.copy()
    best[row[ranked][::-1]] = ranked[::-1]
    return best


def _there(desk: _Desk) -> dict[str, np.ndarray]:
    """By level, the records that are a row of it, or a part of one.

    Numbered lines: all of a document that has any; none where no record has a field of a line or below. Other levels:
    where one of their fields is given, or where another record of the same line has such a row.
    """
    document, of_record = desk.document, desk.of_record
    has = {level.title: _has(desk, level) for level in document.inner}
    for level in reversed(document.inner):
        if level.under != "header":
            has[level.under] = has[level.under] | has[level.title]
    found = {}
    for level in document.inner:
        own = has[level.title]
        if level.numbered:
            any_line = np.zeros(desk.size, dtype=bool)
            any_line[of_record[own]] = True
            own = any_line[of_record]
        found[level.title] = own & ~desk.torn
    return found


def _rows(
    desk: _Desk, level: Level, there: dict[str, np.ndarray], *, positional: bool
) -> tuple[np.ndarray, np.ndarray, bool]:
    """The place of each record's row of a level, or -1; the first record of each row; whether each is one record.

    Records of one key are one row where levels below it are filled by them; else two of a number are a failure.
    """
    document = desk.document
    places = np.flatnonzero(there[level.title])
    children = [there[child.title] for child in document.children(level)]
    rows = np.full(len(desk.lines), -1, dtype=np.int64)
    repeated = level.under == "header" and not level.numbered  # a flat file says an alias again on each unit's row
    filled = np.logical_or.reduce(children) if children else there[level.title]
    if (positional and level.numbered) or not (repeated or (children and filled.any())):
        rows[places] = np.arange(len(places))
        return rows, places, True
    names = [document.qualified(level, level.field(name)) for name in level.key]
    keys = pd.DataFrame({name: desk.cells[name].take(pa.array(places)).to_pylist() for name in names
                         if name in desk.cells}, index=places)  # fmt: skip
    keys["@document"] = desk.of_record[places]
    known = keys.notna().all(axis=1).to_numpy()
    number = keys.groupby(list(keys), dropna=False, sort=False).ngroup().to_numpy()
    some_filled = np.zeros(number.max(initial=-1) + 1, dtype=bool)
    some_filled[number[filled[places]]] = True
    apart = ~known | ~some_filled[number]
    number = np.where(apart, len(some_filled) + np.arange(len(places)), number)
    for child in document.children(level):
        there[child.title][places[~apart]] = True
    rows[places], first = _documents(number)
    return rows, places[first], False


def _parents(
    level: Level, levels: dict[str, pd.DataFrame], row_of: dict[str, np.ndarray], lines: np.ndarray
) -> np.ndarray:
    """The place of each row's row above it."""
    records = np.searchsorted(lines, levels[level.title].index.to_numpy())
    return row_of[level.under][records]


def _positions(document: np.ndarray, size: int) -> pa.Array:
    """1, 2, 3 … within each document, in file order."""
    order = np.argsort(document, kind="stable")
    counts = np.bincount(document, minlength=size)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    position = np.empty(len(document), dtype=np.int64)
    position[order] = np.arange(len(document)) - starts + 1
    return pa.array(position).cast(pa.string())


def _scattered(batch: Batch, of_record: np.ndarray, first: np.ndarray, lines: np.ndarray, feed: Feed) -> Failures:
    """Documents whose records don't stand together, in a file without line numbers."""
    size = len(first)
    low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    np.minimum.at(low, of_record, batch.record)
    np.maximum.at(high, of_record, batch.record)
    apart = high - low + 1 != np.bincount(of_record, minlength=size)
    return feed.failures(lines[first[apart]], feed.document.number, "scattered_lines")


def _settle(
    cells: dict[str, pa.Array],
    names: list[str],
    feed: Feed,
    settled: Settled,
    batch: Batch,
    size: int,
    blank: dict[str, np.ndarray],
) -> None:
    """Put the feed's constants and defaults, then the document's own, into blank cells; note which were blank."""
    for name in names:
        values = cells.get(name)
        constant = settled.constants.get(name)
        default = settled.defaults.get(name, feed.document.fields[name][1].default)
        if values is None:
            if constant is None and default is None:
                continue
            values = pa.nulls(size, pa.string())
        if not feed.clears:
            blank[name] = pc.is_null(values).to_numpy(zero_copy_only=False)
        if constant is not None and (name not in cells or batch.nested.any()):
            values = pc.fill_null(values, constant)
        cells[name] = values if default is None else pc.fill_null(values, default)
