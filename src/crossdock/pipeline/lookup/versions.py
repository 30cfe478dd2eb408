"""Which of two documents of one key is newer: the version, built from columns of the feed (contract A5).

Dates and times sort as they are, numbers and the digits in texts by their value. ``drop`` is the sequence in the drop's
name: its numbers, without its words. So a file that arrives late is still the older one.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa

from crossdock.frames.columns import has_value, key_text
from crossdock.frames.natural_order import natural
from crossdock.model.batch import Assembled
from crossdock.partners.feed import Feed
from crossdock.partners.feed_config import DROP
from crossdock.pipeline.lookup.stored_side import StoredSide
from crossdock.schema.document import Document

AFTER_WORDS = "~"
"""Before a sequence, so that it is newer than the whole name of a file, which earlier versions of crossdock stored."""


_PADDED = re.compile(r"[0-9]{20,}")


def versions(assembled: Assembled, feed: Feed, sequence: str) -> list[str | None] | None:
    """The version of each document as text that sorts as versions do; None where the feed has none."""
    if not feed.keys.version:
        return None
    cells = assembled.header.cells
    parts: list[list[str | None]] = []
    for name in feed.keys.version:
        if name == DROP:
            parts.append([AFTER_WORDS + sequence] * assembled.size)
        elif name in cells:
            parts.append([None if each is None else _sortable(each) for each in _texts(cells[name])])
        else:
            parts.append([None] * assembled.size)
    rows = zip(*parts, strict=True)
    return [None if None in row else "\x1f".join(each or "" for each in row) for row in rows]


def outdated(assembled: Assembled, stored_side: StoredSide, document: Document) -> np.ndarray:
    """Which documents are older than the stored one, or than another of the same key in this batch (contract A5): by
    their version, or, where one has none, because a job that came later has stored them.

    Bool per document.
    """
    if assembled.version is None:
        return stored_side.overtaken
    own = np.array([each or "" for each in assembled.version], dtype=object)
    then = np.array([each or "" for each in stored_side.version], dtype=object)
    newest = pd.Series(own).groupby(key_text(assembled.key), sort=False).transform("max").to_numpy(dtype=object)
    has_both = (own != "") & has_value(assembled.key, document.number)
    older = has_both & ((stored_side.exists & (own < then)) | (own < newest))
    return np.asarray(older | (stored_side.overtaken & ~(has_both & (then != ""))), dtype=bool)


def readable(version: str) -> str:
    """A version as people know it: without the zeros by which it sorts.

    >>> readable("~00000000000020991130"), readable("00000000000000000007\x1fb")
    ('20991130', '7 b')
    >>> readable("00000000000000002026-00000000000000000001-00000000000000000005")
    '2026-01-05'
    """
    plain = version.removeprefix(AFTER_WORDS).replace("\x1f" + AFTER_WORDS, " ").replace("\x1f", " ")
    least = 2 if "-" in plain else 1  # of a day
    return _PADDED.sub(lambda match: match[0].lstrip("0").rjust(least, "0"), plain)


def _texts(values: pa.Array) -> list[str | None]:
    as_text: list[str | None] = values.cast(pa.string()).to_pylist()
    return as_text


def _sortable(text: str) -> str:
    return text if text.startswith("-") else natural(text)
