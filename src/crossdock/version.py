"""Which of two documents of one key is the newer: the version that a feed's columns make (contract A5).

Dates and times sort as they are, numbers and the digits in texts by their value. ``drop`` is the sequence in the drop's
name, so that a file that comes late is still the older one.
"""

from __future__ import annotations

import re

import pyarrow as pa

from crossdock.columns import array
from crossdock.feeds import DROP, Feed
from crossdock.model import Gathered

DIGITS = 20


def natural(text: str) -> str:
    """Text whose numbers sort by their value.

    >>> natural("orders_9.csv") < natural("orders_10.csv")
    True
    """
    return re.sub(r"\d+", lambda found: found[0].lstrip("0").rjust(DIGITS, "0"), text)


def versions(gathered: Gathered, feed: Feed, sequence: str) -> list[str | None] | None:
    """The version of each document as text that sorts as versions do; None where the feed has none."""
    if not feed.keys.version:
        return None
    header = gathered.header
    parts: list[list[str | None]] = []
    for name in feed.keys.version:
        if name == DROP:
            parts.append([sequence] * gathered.size)
        elif name in header:
            parts.append([None if each is None else _sortable(each) for each in _texts(array(header[name]))])
        else:
            parts.append([None] * gathered.size)
    rows = zip(*parts, strict=True)
    return [None if None in row else "\x1f".join(each or "" for each in row) for row in rows]


def _texts(values: pa.Array) -> list[str | None]:
    found: list[str | None] = values.cast(pa.string()).to_pylist()
    return found


def _sortable(text: str) -> str:
    return text if text.startswith("-") else natural(text)
