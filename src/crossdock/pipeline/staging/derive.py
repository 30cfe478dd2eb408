"""The columns that a feed makes of others, or takes from the file's name, beside those of the file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from crossdock.failures.refusals import Refused
from crossdock.formats.format import Block, Spoiled
from crossdock.frames.columns import trimmed
from crossdock.model.drop import Drop
from crossdock.partners.derived import Derived
from crossdock.schema.names import fold


class Deriver:
    """Adds to each block of a drop the columns that its feed makes of others.

    ``sources``: the heading of each column that was added → the headings in the file that it is made of.
    """

    def __init__(self, drop: Drop, *, plain: bool) -> None:
        self._feed = drop.feed
        self._spelling = drop.feed.notation(plain=plain)
        self._of_name = {each.heading: each.value(drop.first_name) for each in drop.feed.of_name}
        for each in drop.feed.of_name:
            if self._of_name[each.heading] is None:
                raise Refused("name_lacks", name=drop.first_name, field=each.ours, pattern=each.pattern)
        self.sources: dict[str, tuple[str, ...]] = dict.fromkeys(self._of_name, ())

    def add(self, block: Block) -> Block:
        """The block with these columns. A column of which the file has no source is not added."""
        cells, spoiled = block.cells, _Spoiling(block)
        by_fold = {fold(name): name for name in cells.column_names}
        for each in self._feed.derived:
            theirs = tuple(by_fold[fold(name)] for name in each.sources if fold(name) in by_fold)
            if theirs:
                self.sources.setdefault(each.heading, theirs)
                cells = cells.append_column(each.heading, self._cells(each, cells, by_fold, spoiled))
                spoiled.spread(theirs, each.heading)
        for heading, value in self._of_name.items():
            cells = cells.append_column(heading, pa.repeat(pa.scalar(value, pa.string()), cells.num_rows))
        return block if cells is block.cells else replace(block, cells=cells).with_spoiled(spoiled.faults)

    def _cells(self, derived: Derived, cells: pa.Table, by_fold: dict[str, str], spoiled: _Spoiling) -> pa.Array:
        """The cells of a column; a source that the file lacks is blank."""
        nothing = pa.nulls(cells.num_rows, pa.string())
        sources = [
            trimmed(cells.column(by_fold[fold(name)]).combine_chunks()) if fold(name) in by_fold else nothing
            for name in derived.sources
        ]
        values, fails = derived.cells(sources, self._spelling)
        for place in np.flatnonzero(fails).tolist():
            sent = {"source": derived.sources[0], "sent": repr(sources[0][place].as_py())}
            spoiled.add(place, derived.heading, "not_split", sent | {"fields": derived.beside})
        return values


class _Spoiling:
    """The faults of cells that are made of others."""

    def __init__(self, block: Block) -> None:
        self.faults: Spoiled = {}
        self._block = block

    def add(self, place: int, heading: str, code: str, details: dict[str, Any]) -> None:
        """Note a fault of a cell."""
        self.faults.setdefault(place, {})[heading] = (code, details)

    def spread(self, theirs: tuple[str, ...], heading: str) -> None:
        """Note for a column the faults of the cells that it is made of."""
        for source in theirs:
            for place, fault in self._block.spoiled_under(source):
                self.add(place, heading, *fault)
