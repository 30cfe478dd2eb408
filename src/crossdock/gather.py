"""Records → documents: the rows of one document become its header and its lines.

A header field that is repeated on rows must agree: blank inherits, a conflict is a failure of the later line, unless
the feed says which value counts (contract A4). From here on a header exists once, under the line of its first record,
so what is wrong with it is said once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.columns import array, frame, mask
from crossdock.documents.document import Document
from crossdock.failures import EMPTY, failures, together
from crossdock.feeds import Feed
from crossdock.model import Batch, Gathered, Settled


def gather(
    batch: Batch, table: pd.DataFrame, feed: Feed, columns: frozenset[str], settled: Settled
) -> tuple[Gathered, pd.DataFrame]:
    """The documents of a batch, each level's columns still text, and the failures of rows that disagree.

    ``columns``: the qualified names that the drop has anywhere; a level field that is not among them is absent.
    ``settled``: the feed's constants and defaults, translated.
    """
    document = feed.document
    of_record, first = _documents(batch.group)
    torn = np.array([fault is not None for fault in batch.fault], dtype=bool)
    cells = {name: array(table[name]) for name in table}
    _float(cells, document, of_record, len(first), batch.nested)
    lines = table.index.to_numpy()
    found = [_record_faults(batch, lines)]
    header, conflicts = _headers(cells, document, feed, of_record, first, lines, torn)
    found += conflicts
    inner = document.of(document.line)
    rows = _line_rows(cells, inner, of_record, len(first)) & ~torn
    line_cells = {name: cells[name].filter(pa.array(rows)) for name in inner if name in cells}
    numbering = document.numbering
    document_of_line = of_record[rows]
    positional = numbering not in columns
    if positional:
        line_cells[numbering] = _positions(document_of_line, len(first))
        found.append(_scattered(batch, of_record, first, lines, document.number))
    kept: dict[str, np.ndarray] = {}
    _settle(line_cells, [name for name in inner if name != numbering], feed, settled, batch, int(rows.sum()), kept)
    outer = [name for name in document.of(document.header) if name not in document.key]
    _settle(header, outer, feed, settled, batch, len(first), kept)
    levels = {
        "header": frame(header, pd.Index(lines[first], name="line")),
        "line": frame(line_cells, pd.Index(lines[rows], name="line")),
    }
    gathered = Gathered(
        levels=levels,
        document={"header": np.arange(len(first)), "line": document_of_line},
        of_record=of_record,
        lines=lines,
        key=batch.key.iloc[first],
        positional=positional,
        absent=frozenset(document.fields) - columns - set(feed.keys.constants),
        blank=kept,
        groups=batch.group[first],
    )
    return gathered, together(*found)


def _documents(groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number of each record's document, in the order of their first records; those records' places."""
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    return number[inverse], first[order]


def _record_faults(batch: Batch, lines: np.ndarray) -> pd.DataFrame:
    places = np.flatnonzero([fault is not None for fault in batch.fault])
    if not len(places):
        return EMPTY
    found = [
        failures(
            [lines[place]], "", batch.fault[place], [json.loads(batch.detail[place])] if batch.detail[place] else None
        )
        for place in places.tolist()
    ]
    return together(*found)


def _float(
    cells: dict[str, pa.Array], document: Document, of_record: np.ndarray, size: int, nested: np.ndarray
) -> None:
    """A bare name that stands on header and line means the line's where its values differ in a document (A1).

    A nested object says itself which it means. Where some rows are blank, a value that a line may have is the line's;
    one that only a document may have is the document's, and blank inherits.
    """
    for name in document.floating:
        values = cells.pop(name, None)
        if values is None:
            continue
        encoded = pc.dictionary_encode(values).indices.fill_null(-1).to_numpy()
        given = encoded >= 0
        low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
        np.minimum.at(low, of_record[given], encoded[given])
        np.maximum.at(high, of_record[given], encoded[given])
        some_blank = np.zeros(size, dtype=bool)
        some_blank[of_record[~given]] = True
        for_line = mask(pc.is_in(values, value_set=pa.array(document.line.field(name).values)))
        of_lines = np.zeros(size, dtype=bool)
        of_lines[of_record[for_line]] = True
        several = (high >= 0) & (low != high)
        differs = (several | (some_blank & of_lines))[of_record] & ~nested
        nothing = pa.nulls(len(values), pa.string())
        of_line = pc.if_else(pa.array(differs), values, nothing)
        of_header = pc.if_else(pa.array(differs), nothing, values)
        for level, taken in (("line", of_line), ("header", of_header)):
            own = cells.get(f"{level}.{name}")
            cells[f"{level}.{name}"] = taken if own is None else pc.coalesce(own, taken)


def _headers(
    cells: dict[str, pa.Array],
    document: Document,
    feed: Feed,
    of_record: np.ndarray,
    first: np.ndarray,
    lines: np.ndarray,
    torn: np.ndarray,
) -> tuple[dict[str, pa.Array], list[pd.DataFrame]]:
    """Each header column once a document: the first value that isn't blank, and the rows that say otherwise."""
    made: dict[str, pa.Array] = {}
    found = []
    for name in document.of(document.header):
        if name not in cells:
            continue
        values = cells[name]
        if torn.any() and name not in document.key:
            values = pc.if_else(pa.array(torn), pa.scalar(None, pa.string()), values)
        given = np.flatnonzero(pc.is_valid(values).to_numpy(zero_copy_only=False))
        source = np.full(len(first), -1, dtype=np.int64)
        source[of_record[given][::-1]] = given[::-1]
        agree = feed.keys.agree.get(name)
        if agree in ("earliest", "latest"):
            source = _extreme(values, given, of_record, source, latest=agree == "latest")
        taken = values.take(pa.array(source, mask=source < 0))
        made[name] = taken
        if len(given) == len(first) and agree is None and np.array_equal(np.sort(source), given):
            continue
        if agree is None:
            differs = pc.fill_null(pc.not_equal(values, taken.take(pa.array(of_record))), fill_value=False)
            places = np.flatnonzero(differs.to_numpy(zero_copy_only=False))
            if len(places):
                if name in document.key:
                    raise AssertionError("two keys fell into one document: their hashes are equal")
                details = [
                    {"other": repr(taken[document_number].as_py()), "line": int(lines[source[document_number]])}
                    for document_number in of_record[places].tolist()
                ]
                found.append(failures(lines[places], name, "header_conflict", details))
    return made, found


def _extreme(
    values: pa.Array, given: np.ndarray, of_record: np.ndarray, source: np.ndarray, *, latest: bool
) -> np.ndarray:
    """The place of the earliest or latest value of each document; times without offset are taken as UTC."""
    moments = pd.to_datetime(values.take(pa.array(given)).to_pylist(), format="ISO8601", utc=True, errors="coerce")
    order = np.argsort(moments.to_numpy(), kind="stable")
    ranked = given[order[::-1] if latest else order]
    best = source.copy()
    best[of_record[ranked][::-1]] = ranked[::-1]
    return best


def _line_rows(cells: dict[str, pa.Array], inner: Mapping[str, object], of_record: np.ndarray, size: int) -> np.ndarray:
    """Which records are lines: all of a document that has any; none where no record has a field of a line."""
    has = np.zeros(len(of_record), dtype=bool)
    for name in inner:
        if name in cells:
            has |= pc.is_valid(cells[name]).to_numpy(zero_copy_only=False)
    any_line = np.zeros(size, dtype=bool)
    any_line[of_record[has]] = True
    return any_line[of_record]


def _positions(document: np.ndarray, size: int) -> pa.Array:
    """1, 2, 3 … within each document, in file order."""
    order = np.argsort(document, kind="stable")
    counts = np.bincount(document, minlength=size)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    position = np.empty(len(document), dtype=np.int64)
    position[order] = np.arange(len(document)) - starts + 1
    return pa.array(position).cast(pa.string())


def _scattered(batch: Batch, of_record: np.ndarray, first: np.ndarray, lines: np.ndarray, field: str) -> pd.DataFrame:
    """Documents whose records don't stand together, in a file without line numbers."""
    size = len(first)
    low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    np.minimum.at(low, of_record, batch.record)
    np.maximum.at(high, of_record, batch.record)
    apart = high - low + 1 != np.bincount(of_record, minlength=size)
    return failures(lines[first[apart]], field, "scattered_lines")


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
