"""What a document says, as one short hash: equal hashes are equal documents, and nothing needs to be compared.

blake2b-128 of the typed, canonical document: the version of its declaration, which fields it brings, how the feed
means them, the header and its lines in the order of their numbers (without line numbers: as a bag). It is stored with
the document and stays true as long as nothing else writes to it.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.columns import array, comparable
from crossdock.documents.document import Document
from crossdock.feeds import Feed
from crossdock.model import Gathered

_NULL, _CELL, _ROW = "\x00", "\x1f", "\x1e"


def contents(gathered: Gathered, feed: Feed) -> list[str]:
    """The hash of each document, 32 hexadecimal digits."""
    document = feed.document
    header, line = gathered.levels["header"], gathered.levels["line"]
    number = document.numbering
    left_out = {number} if gathered.positional else set()
    left_out |= {name for name, (_, field) in document.fields.items() if not field.compared}
    heads = _rows(header, left_out, document)
    rows = _rows(line, left_out, document)
    owner = gathered.document["line"]
    within = rows if gathered.positional else array(line[number])
    order = pc.sort_indices(
        pa.table({"document": owner, "within": within}), sort_keys=[("document", "ascending"), ("within", "ascending")]
    )
    ends = np.cumsum(np.bincount(owner, minlength=gathered.size))
    body, body_ends = _buffer(rows.take(order))
    head, head_ends = _buffer(heads)
    meant = (document.version, feed.keys.sends, feed.clears, gathered.positional, sorted(header), sorted(line))
    prefix = repr(meant).encode()
    made = []
    start = 0
    for place, end in enumerate(ends.tolist()):
        digest = blake2b(prefix, digest_size=16)
        digest.update(head[head_ends[place] : head_ends[place + 1]])
        digest.update(body[body_ends[start] : body_ends[end]])
        made.append(digest.hexdigest())
        start = end
    return made


def _rows(frame: pd.DataFrame, left_out: set[str], document: Document) -> pa.Array:
    """Each row as one text."""
    names = sorted(set(frame) - left_out)
    if not names:
        return pa.array([_ROW] * len(frame), pa.string())
    cells = [comparable(array(frame[name]), document.fields[name][1]) for name in names]
    texts = [pc.fill_null(each.cast(pa.string()), _NULL) for each in cells]
    return pc.binary_join_element_wise(*texts, pa.scalar(_ROW), _CELL)


def _buffer(values: pa.Array) -> tuple[memoryview, list[int]]:
    """The bytes of a column of text and where each text begins and ends in them."""
    values = pa.concat_arrays([values])
    offsets = np.frombuffer(values.buffers()[1], dtype=np.int32)[values.offset : values.offset + len(values) + 1]
    data = values.buffers()[2]
    return memoryview(data if data is not None else b""), offsets.tolist() or [0]
