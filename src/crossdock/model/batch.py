"""A batch between the steps. All is frozen; columns have one value per record, or per row of a level.

``lines`` are one whole number per record, unique in the drop, in file order; the format that made it turns it back into
words (``formats.place``). ``formats.format`` says how a file is read, block by block. Names show the stage: ``raw``
(their names, text), ``table`` (our names, text), ``rows`` (typed).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossdock.frames.columns import Cells, mask
from crossdock.frames.rows import LevelRows, Records
from crossdock.schema.fields import CHECK, EXTENT, KEEP


@dataclass(frozen=True)
class Batch:
    """Some whole documents that are processed together.

    ``lines``: of each record, int64. ``raw``: text under the headers as sent. ``key``: the canonical parts of the
    document's key. ``group``: the number of the document that the record is part of (uint64). ``record``: the record's
    place among the records. ``nested``: the format says which document the record is part of. ``fault`` and ``detail``:
    what is wrong with the record, or None; ``spoiled``: with single cells of it (as in ``Block``). ``origin``: the
    document of an earlier job that it was part of, or 0. ``holds``: group → (why it is held, the line to blame). All
    but ``holds`` have one value per record, in file order.
    """

    number: int
    lines: np.ndarray
    raw: Cells
    key: Cells
    group: np.ndarray
    record: np.ndarray
    nested: np.ndarray
    fault: np.ndarray
    detail: np.ndarray
    spoiled: np.ndarray
    origin: np.ndarray
    holds: Mapping[int, tuple[str, int]]


@dataclass(frozen=True)
class Defaults:
    """A feed's constants and defaults by qualified name, in our notation."""

    constants: Mapping[str, str]
    defaults: Mapping[str, str]


@dataclass(frozen=True)
class Assembled:
    """The documents of a batch, split by level.

    ``rows``: by title, the rows of each level; row i of the header is document i, under the line of its first record.
    ``key``: the canonical parts of each document's key. ``positional``: the file has no line numbers. ``absent``:
    fields for which the drop has no column. ``blank``: by field, which cells were blank as sent; ``lacking``: by
    field, which JSON objects don't have the member: an update leaves the stored value. ``groups``: the group of each
    document (``Batch.group``). ``version``: of each document, as text that sorts as versions do; None if the feed has
    none. ``numberless``: which documents were sent without a number and got one. ``with_item``: by field of units,
    which rows say none and have that of the name by which their item was found.
    """

    records: Records
    rows: Mapping[str, LevelRows]
    key: Cells
    positional: bool
    absent: frozenset[str]
    blank: Mapping[str, np.ndarray]
    groups: np.ndarray
    lacking: Mapping[str, np.ndarray] = field(default_factory=dict)
    version: list[str | None] | None = None
    numberless: np.ndarray | None = None
    with_item: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The number of documents."""
        return self.records.documents

    @property
    def header(self) -> LevelRows:
        """The headers: one row per document."""
        return self.rows["header"]

    @property
    def header_lines(self) -> np.ndarray:
        """The line of each document's first record, int64."""
        return self.header.lines

    def blank_as_sent(self, name: str, size: int) -> np.ndarray:
        """Which of ``size`` rows of a field's level have no value as sent: no column, or a blank."""
        if name in self.absent:
            return np.ones(size, dtype=bool)
        return self.blank.get(name, np.zeros(size, dtype=bool))

    def with_cells(self, cells: Mapping[str, Cells]) -> Assembled:
        """The same documents with other cells at some levels: title → columns of the same rows."""
        changed = {title: replace(self.rows[title], cells=of_level) for title, of_level in cells.items()}
        return replace(self, rows={**self.rows, **changed})

    def acts(self, *actions: str) -> np.ndarray:
        """Which documents have one of those actions, bool; it is ``upsert`` if the drop has none."""
        name = self._action("header")
        if name is None:
            return np.full(self.size, "upsert" in actions)
        return mask(pc.is_in(self.header.cells[name], value_set=pa.array(actions)))

    def cancels_rows(self, title: str) -> np.ndarray:
        """Which rows of a level their own action cancels, bool; of the header: which documents."""
        return self._rows_that(title, "cancel")

    def keeps_rows(self, title: str) -> np.ndarray:
        """Which rows of a level stay as they are stored, bool: of them only the number counts."""
        return self._rows_that(title, KEEP)

    def _rows_that(self, title: str, action: str) -> np.ndarray:
        rows, name = self.rows[title], self._action(title)
        return mask(pc.equal(rows.cells[name], action)) if name else np.zeros(len(rows), dtype=bool)

    def by_unit(self, rows: LevelRows, some: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
        """The business units of some rows of a level (bool), in order, and which of these rows are of each (bool).

        It is '' where documents have none; a row of a document that lacks it is of no unit.
        """
        if "businessUnitId" not in self.header.cells:
            if some.any():
                yield "", some
            return
        encoded = pc.dictionary_encode(self.header.cells["businessUnitId"])
        of_row = encoded.indices.fill_null(-1).to_numpy()[rows.document]
        for code in pc.sort_indices(encoded.dictionary).to_pylist():
            of_unit = some & (of_row == code)
            if of_unit.any():
                yield encoded.dictionary[code].as_py(), of_unit

    @property
    def extents(self) -> np.ndarray:
        """What each document says it is: ``whole``, ``changes``, or None where it doesn't say (an object array)."""
        return self.header.values(EXTENT)

    def _action(self, title: str) -> str | None:
        """The column with the actions of a level's rows; None if the drop has none."""
        return next((each for each in (f"{title}.action", "action") if each in self.rows[title].cells), None)

    @cached_property
    def cancels(self) -> np.ndarray:
        """Which documents are to be cancelled, bool: they need their key only."""
        return self.cancels_rows("header")

    @cached_property
    def only_checked(self) -> np.ndarray:
        """Which documents are checked and not stored, bool."""
        return self._rows_that("header", CHECK)
