"""The stored documents that lines refer to, and their lines: which one is meant, and sums in several units.

Shared by the check (``against_documents``) and by what storing does to other documents (``fulfilment``).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from crossdock.documents import ITEMS
from crossdock.frames.columns import keys_of, plain
from crossdock.model.stored import Stored
from crossdock.schema.document import Document, Level
from crossdock.schema.relations import CANCELLED
from crossdock.schema.roles import Role

LINE, SKU, QUANTITY, UNIT = "line", "sku", "quantity", "unit"
BASE = "EA"
"""The unit of a quantity that has none (contract B), and the base of an item that doesn't list it."""
ZERO, ONE = Decimal(0), Decimal(1)
PLACES = Decimal("0.000001")
"""Quantities are stored with six places."""
SHOWN = 5
"""Lines that a sentence lists."""


class TargetLines:
    """The stored documents that a batch refers to, and their open lines.

    ``wanted``: their keys, text, named as in SQL. ``also``: further SQL columns of their header. ``every``: with
    cancelled lines. ``heads`` and ``lines`` are frames of Python's own values, with ``unit_id`` and ``number``; lines
    have what they name of documents to which they pass on what is shipped or received of them (``Against.passes``).
    """

    def __init__(
        self,
        target: Document,
        wanted: pd.DataFrame,
        stored: Stored,
        *,
        also: Sequence[str] = (),
        every: bool = False,
    ) -> None:
        level = target.lines
        if level is None:
            raise TypeError(f"{target.name} has no lines to be held against")
        self.target, self.level = target, level
        self.keys = ["unit_id", "number", *(target.header.field(name).column for name in target.key
                     if name not in ("businessUnitId", target.number))]  # fmt: skip
        number = target.header.field(target.number).column
        keys = [target.header.field(name).column for name in target.key]
        others = [name for name in keys if name not in wanted]
        extra = [each for each in also if each not in keys]
        extra += [target.header.field(target.closed[0]).column] if target.closed else []
        heads = plain(stored.existing(target.header, keys_of(wanted), [*others, "state", "revision", *extra]))
        ours = {"business_unit_id": "unit_id", number: "number"}
        self.heads = heads.rename(columns=ours)
        renamed = {level.field(level.key[-1]).column: LINE, **goods(level), _column_of(level, Role.QUANTITY): QUANTITY}
        columns = [*renamed, "state", *([target.moved.column] if target.moved else []), *_passing(target, level)]
        whole = heads[keys].drop_duplicates() if others else wanted  # lines are found by the whole key
        moved = {target.moved.column: "moved"} if target.moved else {}
        lines = plain(stored.existing(level, keys_of(whole), columns)).rename(columns=ours | renamed | moved)
        alive = (lines["state"] != CANCELLED).to_numpy(dtype=bool)
        self._cancelled = lines[~alive]
        self.lines = (lines if every else lines[alive]).reset_index(drop=True)

    def find(self, rows: pd.DataFrame, *, counts: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """The place in ``lines`` of the line that each row means, or -1 (int64); whether it may be several (bool).

        By its number, else by its item; of several that have the number, the one that has its item. ``counts``: the
        rows are stored, and meant one line when they came. Where it may be several by now, because a line of the same
        item was added, that is the first of which something was shipped or received: nothing that came may be lost.
        """
        on = ["unit_id", "number"]
        left = rows[[*on, LINE, SKU]].reset_index(drop=True).assign(row=np.arange(len(rows)))
        alive = (self.lines["state"] != CANCELLED).to_numpy(dtype=bool)
        right = self.lines[[*on, LINE, SKU]].assign(place=np.arange(len(self.lines)))
        numbered = left[LINE].notna().to_numpy()
        by_number = left[numbered].merge(right[right[LINE].notna()], on=[*on, LINE], suffixes=("", "_theirs"))
        by_item = left[~numbered & left[SKU].notna()].drop(columns=LINE).merge(right[alive], on=[*on, SKU])
        alike = (by_number[SKU] == by_number[f"{SKU}_theirs"]).to_numpy(dtype=bool)
        pairs = pd.concat(
            [by_number[["row", "place"]].assign(alike=alike), by_item[["row", "place"]].assign(alike=True)]
        )
        pairs = pairs[pairs["alike"] == pairs.groupby("row")["alike"].transform("max")]
        counted = pairs.groupby("row")["place"].agg(["first", "size"])
        place, several = np.full(len(rows), -1, dtype=np.int64), np.zeros(len(rows), dtype=bool)
        place[counted.index] = np.where(counted["size"] == 1, counted["first"], -1)
        several[counted.index] = counted["size"] > 1
        if counts and several.any():
            done = numbers_of(self.lines["moved"]) > ZERO if "moved" in self.lines else np.zeros(len(self.lines), bool)
            first = pairs.assign(done=done[pairs["place"].to_numpy(dtype=np.int64)])
            first = first.sort_values(["done", "place"], ascending=[False, True], kind="stable").groupby("row")["place"]
            settled = first.first()[several[counted.index]]
            place[settled.index] = settled
        return place, several

    def shut(self, rows: pd.DataFrame, states: tuple[str, ...]) -> np.ndarray:
        """Which rows' documents, all of that number, are in one of the states."""
        all_shut = self.heads["state"].isin(states).groupby([self.heads["unit_id"], self.heads["number"]]).all()
        return np.asarray(all_shut.reindex(_named_by(rows)).to_numpy(dtype=bool))

    def states(self, rows: pd.DataFrame) -> list[str]:
        """The state of each row's document, as a sentence has it."""
        return [str(each).lower() for each in self.headers("state", rows)]

    def headers(self, column: str, rows: pd.DataFrame) -> np.ndarray:
        """The header's value of each row's document, of several documents the first; NaN where there is none."""
        by_number = self.heads.drop_duplicates(["unit_id", "number"]).set_index(["unit_id", "number"])[column]
        return by_number.reindex(_named_by(rows)).to_numpy(dtype=object)

    def knows(self, rows: pd.DataFrame) -> np.ndarray:
        """Which rows' documents are stored."""
        return np.asarray(_named_by(rows).isin(_named_by(self.heads)), dtype=bool)

    def cancelled(self, rows: pd.DataFrame, by: str) -> np.ndarray:
        """Which rows mean a stored line that is cancelled, by its ``LINE`` or its ``SKU`` (bool)."""
        on = ["unit_id", "number", by]
        return np.asarray(pd.MultiIndex.from_frame(rows[on]).isin(pd.MultiIndex.from_frame(self._cancelled[on])))

    def listed(self, rows: pd.DataFrame) -> list[str]:
        """For each row, the lines of the documents of its number, as a sentence lists them."""
        lines = self.lines[self.lines["number"].isin(rows["number"])]
        shown = lines.groupby("number", sort=False).head(SHOWN)
        by_number: dict[str, list[str]] = {}
        for *row, line in shown[[*self.keys, LINE]].itertuples(index=False):
            name = " ".join(str(each) for each in (*row[2:], "line", line) if each)
            by_number.setdefault(row[1], []).append(name)
        return [", ".join(by_number.get(number, [])) for number in rows["number"]]


def _passing(target: Document, level: Level) -> list[str]:
    """The SQL columns in which lines name those of other documents to which they pass on what is done of them."""
    names = [name for each in target.against if each.passes for name in (each.number, each.line) if name]
    return [level.field(name).column for name in names]


def among(rows: pd.DataFrame, keys: pd.DataFrame) -> np.ndarray:
    """Which rows are among ``keys``, by the columns of these."""
    on = list(keys)
    return np.asarray(pd.MultiIndex.from_frame(rows[on]).isin(pd.MultiIndex.from_frame(keys)), dtype=bool)


def _named_by(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[["unit_id", "number"]])


def has(level: Level, name: str) -> bool:
    """Whether a level has a field of that name."""
    return any(field.name == name for field in level.fields)


def _column_of(level: Level, role: Role) -> str:
    """The SQL column of a level's field with that role. Raises ``TypeError`` where it has none."""
    field = level.role(role)
    if field is None:
        raise TypeError(f"{level.title} doesn't say {role.value}")
    return field.column


def goods(level: Level) -> dict[str, str]:
    """The SQL columns of a line's item and unit → our names."""
    return {_column_of(level, Role.ITEM): SKU, _column_of(level, Role.MEASURE): UNIT}


def numbers_of(values: pd.Series) -> np.ndarray:
    """Quantities as Python's decimals, dtype object; 0 where there is none."""
    blank = values.isna().to_numpy()
    numbers = values.to_numpy(dtype=object, copy=True)
    numbers[blank] = ZERO
    return numbers


class Counting:
    """Adds up lines of several units, exactly: in base units of the item where a unit is not the target line's.

    Sums have one element per line of ``meant``, and so has ``scale``: how much they count of one of its own units. A
    sum is divided only to be stored or shown (``in_unit``).
    """

    def __init__(self, meant: TargetLines, rows: pd.DataFrame, stored: Stored) -> None:
        self._unit = meant.lines[UNIT].to_numpy(dtype=object)
        self._sku = meant.lines[SKU].to_numpy(dtype=object)
        self._factors = self._factors_of(meant, rows, stored)
        self.scale = np.full(len(meant.lines), ONE, dtype=object)
        if self._factors:
            of_line = zip(self._sku, self._unit, strict=True)
            self.scale[:] = [self._factors.get(item_and_unit) or ONE for item_and_unit in of_line]

    def counted(self, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Each row's quantity as ``sums`` count, an object array; whether its units can be converted (bool), else it
        counts 0.
        """
        place, units = rows["place"].to_numpy(dtype=np.int64), rows[UNIT].to_numpy(dtype=object)
        quantities, known = numbers_of(rows[QUANTITY]), np.ones(len(rows), dtype=bool)
        counts = quantities * self.scale[place]
        for row in np.flatnonzero(rows[UNIT].notna().to_numpy() & (units != self._unit[place])).tolist():
            at = place[row]
            ours, theirs = (self._factors.get((self._sku[at], each)) for each in (units[row], self._unit[at]))
            known[row] = ours is not None and theirs is not None
            counts[row] = quantities[row] * ours if known[row] else ZERO
        return counts, known

    def ordered(self, quantities: pd.Series) -> np.ndarray:
        """How much quantities of the target's lines are, in their own units, as ``sums`` count."""
        return np.asarray(numbers_of(quantities) * self.scale)

    def in_unit(self, place: int, total: Decimal) -> Decimal:
        """A sum in the target's own unit, as it is stored."""
        return (total / self.scale[place]).quantize(PLACES)

    def sums(self, rows: pd.DataFrame) -> np.ndarray:
        """The sum of the rows per line of the target, an object array; what can't be converted isn't counted."""
        totals = np.full(len(self.scale), ZERO, dtype=object)
        np.add.at(totals, rows["place"].to_numpy(dtype=np.int64), self.counted(rows)[0])
        return totals

    def _factors_of(self, meant: TargetLines, rows: pd.DataFrame, stored: Stored) -> dict[tuple[Any, Any], Decimal]:
        """(SKU, unit) → how many base units it is, for items with a line whose unit isn't its target's."""
        theirs = self._unit[rows["place"].to_numpy(dtype=np.int64)]
        other = rows[(rows[UNIT].to_numpy(dtype=object) != theirs) & rows[UNIT].notna().to_numpy()]
        if other.empty:
            return {}
        items = meant.lines.iloc[other["place"].to_numpy(dtype=np.int64)][["unit_id", SKU]]
        level = next(each for each in ITEMS.levels if each.role(Role.FACTOR))
        item, unit, factor = (
            _column_of(each, role)
            for each, role in ((ITEMS.header, Role.ITEM), (level, Role.MEASURE), (level, Role.FACTOR))
        )
        items = items.drop_duplicates().set_axis(["business_unit_id", item], axis=1)
        units = plain(stored.existing(level, keys_of(items), [unit, factor, "state"]))
        units = units[units["state"] != CANCELLED]
        factors = {(sku, BASE): Decimal(1) for sku in units[item]}  # the default unit
        return factors | dict(zip(zip(units[item], units[unit], strict=True), units[factor], strict=True))
