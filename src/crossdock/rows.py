"""The rows of a batch as nouns: its records, the rows of each level, the stored rows beside them, what changes.

A rule is a sentence about documents, and what it looks at are rows: so each noun answers which documents have a row of
some kind, which rows are of some documents, and which records are part of some rows. All masks are bool arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Records:
    """The records of a batch, in file order.

    ``lines``: int64, the place of each in the file, ascending. ``document``: int64, the number of its document; numbers
    follow the first records. ``nested``: bool, its format says which document it is part of.
    """

    lines: np.ndarray
    document: np.ndarray
    nested: np.ndarray
    documents: int

    def places(self, lines: np.ndarray) -> np.ndarray:
        """The place among the records of each line."""
        return np.searchsorted(self.lines, lines)

    def documents_of(self, lines: np.ndarray) -> np.ndarray:
        """The number of the document of each line."""
        return self.document[self.places(lines)]

    def at(self, lines: np.ndarray) -> np.ndarray:
        """Which records stand at one of those lines."""
        chosen = np.zeros(len(self.lines), dtype=bool)
        chosen[self.places(lines)] = True
        return chosen

    def any_per_document(self, records: np.ndarray) -> np.ndarray:
        """Which documents have such a record."""
        return np.bincount(self.document[records], minlength=self.documents) > 0

    def any_at(self, lines: np.ndarray) -> np.ndarray:
        """Which documents have a record at one of those lines."""
        return np.bincount(self.documents_of(lines), minlength=self.documents) > 0
