"""What is remembered of documents that a feed sent, so that the same records are known when they come again.

A batch remembers the documents that were right in every cell and are stored as they were sent. Where the same records
come again and nothing on which the answer depends has changed since, the answer is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEAST = 1_000
"""Documents of a batch: below, checking costs less than remembering."""
REMEMBERED = np.dtype(
    [
        ("sent", "<u8", 2),
        ("content", "<u8", 2),
        ("lines", "<i4"),
        ("line_rows", "<i4"),
        ("rows", "<i4"),
        ("since", "<i4"),
        ("until", "<i4"),
    ]
)
"""One document: ``sent``, the hash of its records as sent; ``content``, the content hash under which it is stored;
``lines``: as its outcome counts them; ``line_rows``: rows of the level of lines; ``rows``: of all levels below the
header; ``since`` and ``until``: the first and the last day (since 1970) on which its dates bring no other answer."""


@dataclass(frozen=True)
class Resent:
    """What a batch remembers, or an earlier one did.

    ``context``: the hash of everything besides the records that decides what they mean. ``change``: the number of the
    last change of stored documents before the batch was checked; lists may have changed since. ``documents``: of the
    type ``REMEMBERED``, in any order.
    """

    context: str
    change: int
    documents: np.ndarray
