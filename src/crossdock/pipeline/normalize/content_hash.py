"""The content of a document as one short hash: documents with equal hashes are equal, without a comparison.

blake2b-128 of the typed, canonical document: the version of its declaration, which fields it has, how the feed
means them, the header and the rows of each lower level, in any order. It is stored with the document and stays true as
long as nothing else writes to it.
"""

from __future__ import annotations

import itertools
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import as_texts, comparable, in_order, is_blank, or_else
from crossdock.frames.rows import LevelRows
from crossdock.model.batch import Assembled
from crossdock.partners.feed import Feed
from crossdock.schema.document import Document
from crossdock.schema.fields import CHANGES, EXTENTS, WHOLE

_NULL, _CELL, _ROW = "\x00", "\x1f", "\x1e"


def content_hashes(assembled: Assembled, feed: Feed) -> list[str]:
    """The hash of each document (typed cells), in the order of the documents: 32 hexadecimal digits."""
    document = feed.document
    left_out = {document.numbering} if assembled.positional else set()
    left_out |= {name for name, (_, field) in document.fields.items() if not field.compared}
    named = {title: sorted(rows.cells) for title, rows in assembled.rows.items()}
    extents = np.where(feed.whole(assembled.extents), WHOLE, CHANGES).tolist()
    meant = zip(extents, feed.clears(assembled.extents).tolist(), strict=True)
    prefixes = {
        each: repr((document.version, *each, assembled.positional, list(named.values()))).encode()
        for each in itertools.product(EXTENTS, (True, False))
    }
    begun = {each: blake2b(prefix, digest_size=16) for each, prefix in prefixes.items()}
    digests = [begun[each].copy() for each in meant]
    head, ends = _buffer(_rows(assembled.header, left_out, document))
    for place, digest in enumerate(digests):
        digest.update(head[ends[place] : ends[place + 1]])
    above = {"header": pa.repeat("", assembled.size)}
    for level in document.inner:
        rows = _rows(assembled.rows[level.title], left_out, document)
        if level.under != "header":
            rows = pc.binary_join_element_wise(
                above[level.under].take(pa.array(assembled.rows[level.title].parent)), rows, _CELL
            )
        above[level.title] = rows
        _add(digests, rows, assembled.rows[level.title].document)
    return [digest.hexdigest() for digest in digests]


def _add(digests: list[Any], rows: pa.Array, owner: np.ndarray) -> None:
    """Add the rows of a level to the hashes of their documents as bags: sorted by their text."""
    if not in_order([pa.array(owner), rows]):
        keys = [("document", "ascending"), ("row", "ascending")]
        rows = rows.take(pc.sort_indices(pa.table({"document": owner, "row": rows}), sort_keys=keys))
    body, ends = _buffer(rows)
    counts = np.bincount(owner, minlength=len(digests))
    start = 0
    for digest, count in zip(digests, counts.tolist(), strict=True):
        digest.update(body[ends[start] : ends[start + count]])
        start += count


def _rows(rows: LevelRows, left_out: set[str], document: Document) -> pa.Array:
    """Each row as one text."""
    names = sorted(set(rows.cells) - left_out)
    cells = [
        pa.scalar(_NULL)
        if is_blank(rows.cells[name])
        else or_else(as_texts(comparable(rows.cells[name], document.fields[name][1])), _NULL)
        for name in names
    ]
    return pc.binary_join_element_wise(*cells, pa.repeat(_ROW, len(rows)), _CELL)


def _buffer(values: pa.Array) -> tuple[memoryview, list[int]]:
    """The bytes of a column of text, and the offsets at which each text begins and ends."""
    values = pa.concat_arrays([values])
    offsets = np.frombuffer(values.buffers()[1], dtype=np.int32)[values.offset : values.offset + len(values) + 1]
    data = values.buffers()[2]
    return memoryview(data if data is not None else b""), offsets.tolist() or [0]
