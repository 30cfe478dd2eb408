"""The stored documents that lines refer to, and their lines: which one is meant, and sums in several units.

Shared by the check (``against_documents``) and by what storing does to other documents (``fulfilment``).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crossdock.documents import ITEMS
from crossdock.frames.columns import frame_texts, keys_of, pairs, places, plain
from crossdock.model.decision import ComparedWith
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


def stored_documents(target: Document, wanted: pd.DataFrame, stored: Stored, also: Sequence[str] = ()) -> ComparedWith:
    """The stored documents of a type, and their lines. Raises ``TypeError`` where the type has no lines.

    ``wanted``: their keys, text, named as in SQL. ``also``: further SQL columns of their header. The frames have
    ``unit_id`` and ``number``; lines have what they name of documents to which they pass on what is shipped or received
    of them (``Against.passes``).
    """
    level = lines_of(target)
    number = target.header.field(target.number).column
    keys = [target.header.field(name).column for name in target.key]
    others = [name for name in keys if name not in wanted]
    extra = [each for each in also if each not in keys]
    extra += [target.header.field(target.closed[0]).column] if target.closed else []
    heads = plain(stored.existing(target.header, keys_of(wanted), [*others, "state", "revision", *extra]))
    ours = {"business_unit_id": "unit_id", number: "number"}
    renamed = {level.field(level.key[-1]).column: LINE, **goods(level), _column_of(level, Role.QUANTITY): QUANTITY}
    columns = [*renamed, "state", *([target.moved.column] if target.moved else []), *_passing(target, level)]
    whole = heads[keys].drop_duplicates() if others else wanted  # lines are found by the whole key
    moved = {target.moved.column: "moved"} if target.moved else {}
    lines = plain(stored.existing(level, keys_of(whole), columns)).rename(columns=ours | renamed | moved)
    return ComparedWith(target, wanted, heads.rename(columns=ours), lines)


def of_numbers(target: Document, documents: pd.DataFrame) -> pd.DataFrame:
    """The keys of documents (business_unit_id, number) of a type, named as in SQL, each once."""
    number = target.header.field(target.number).column
    keys = documents.set_axis(["business_unit_id", number], axis=1)
    return keys.dropna().astype(object).drop_duplicates(ignore_index=True)


def lines_of(target: Document) -> Level:
    """The level of a document's lines. Raises ``TypeError`` where it has none."""
    if target.lines is None:
        raise TypeError(f"{target.name} has no lines to be held against")
    return target.lines


class TargetLines:
    """The lines of stored documents that a batch refers to: the open ones, or ``every`` line.

    ``heads`` and ``lines`` are those of ``documents``.
    """

    def __init__(self, documents: ComparedWith, *, every: bool = False) -> None:
        target = documents.document
        self.target, self.level, self.heads = target, lines_of(target), documents.heads
        self.keys = ["unit_id", "number", *(target.header.field(name).column for name in target.key
                     if name not in ("businessUnitId", target.number))]  # fmt: skip
        lines = documents.lines
        alive = (lines["state"] != CANCELLED).to_numpy(dtype=bool)
        self._cancelled = lines[~alive]
        self.lines = lines if every or alive.all() else lines[alive].reset_index(drop=True)

    def find(self, rows: pd.DataFrame, *, counts: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """The place in ``lines`` of the line that each row means, or -1 (int64); whether it may be several (bool).

        By its number, else by its item; of several that have the number, the one that has its item. ``counts``: the
        rows are stored, and meant one line when they came. Where it may be several by now, because a line of the same
        item was added, that is the first of which something was shipped or received: nothing that came may be lost.
        """
        lines, by_number = self.lines, rows[LINE].notna().to_numpy()
        alive = (lines["state"] != CANCELLED).to_numpy(dtype=bool)
        numbered = _meeting(rows, by_number, lines, lines[LINE].notna().to_numpy(), LINE)
        sought = ~by_number & rows[SKU].notna().to_numpy()
        of_item = _meeting(rows, sought, lines, alive & lines[SKU].notna().to_numpy(), SKU)
        row, at = (np.concatenate(both) for both in zip(numbered, of_item, strict=True))
        alone = np.bincount(row, minlength=len(rows))[row] == 1
        place, several = np.full(len(rows), -1, dtype=np.int64), np.zeros(len(rows), dtype=bool)
        place[row[alone]] = at[alone]
        if alone.all():
            return place, several
        row, at = row[~alone], at[~alone]
        alike = rows[SKU].to_numpy(dtype=object)[row] == lines[SKU].to_numpy(dtype=object)[at]
        fitting = pd.DataFrame({"row": row, "place": at, "alike": alike & rows[SKU].notna().to_numpy()[row]})
        fitting = fitting[fitting["alike"] == fitting.groupby("row")["alike"].transform("max")]
        counted = fitting.groupby("row")["place"].agg(["first", "size"])
        place[counted.index] = np.where(counted["size"] == 1, counted["first"], -1)
        several[counted.index] = counted["size"] > 1
        if counts and several.any():
            done = numbers_of(self.lines["moved"]) > ZERO if "moved" in self.lines else np.zeros(len(self.lines), bool)
            first = fitting.assign(done=done[fitting["place"].to_numpy(dtype=np.int64)])
            first = first.sort_values(["done", "place"], ascending=[False, True], kind="stable").groupby("row")["place"]
            settled = first.first()[several[counted.index]]
            place[settled.index] = settled
        return place, several

    def heads_of(self, rows: pd.DataFrame) -> np.ndarray:
        """The place in ``heads`` of each row's document, of several the first; -1 where it isn't stored; int64."""
        return places(_named_by(rows), self._numbers)

    def shut(self, heads: np.ndarray, states: tuple[str, ...]) -> np.ndarray:
        """Which of some documents (``heads_of``), with all others of their number, are in one of the states."""
        others = ~self.heads["state"].isin(states).to_numpy(dtype=bool)
        first = places(self._numbers, self._numbers)
        left = np.zeros(len(self.heads), dtype=bool)
        left[first[others]] = True
        return np.asarray(~left[heads])

    def headers(self, column: str, heads: np.ndarray) -> np.ndarray:
        """The values of some documents (``heads_of``) in a column of their header."""
        return self.heads[column].to_numpy(dtype=object)[heads]

    @cached_property
    def _numbers(self) -> pa.Array:
        return _named_by(self.heads)

    def cancelled(self, rows: pd.DataFrame, by: str) -> np.ndarray:
        """Which rows mean a stored line that is cancelled, by its ``LINE`` or its ``SKU`` (bool)."""
        on = ["unit_id", "number", by]
        return np.asarray(pd.MultiIndex.from_frame(rows[on]).isin(pd.MultiIndex.from_frame(self._cancelled[on])))

    def listed(self, rows: pd.DataFrame) -> list[str]:
        """For each row, the lines of the documents of its number, as a sentence lists them."""
        lines = self.lines[self.lines["number"].isin(rows["number"])]  # in any order, as a database has them
        shown = lines.sort_values([*self.keys, LINE]).groupby("number", sort=False).head(SHOWN)
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


def _named_by(rows: pd.DataFrame) -> pa.Array:
    return frame_texts(rows, ["unit_id", "number"])


def _meeting(
    rows: pd.DataFrame, some: np.ndarray, lines: pd.DataFrame, others: np.ndarray, by: str
) -> tuple[np.ndarray, np.ndarray]:
    """The places of some rows and of those lines that have their document and the same value in a column."""
    on = ["unit_id", "number", by]
    row, line = pairs(frame_texts(rows[some], on), frame_texts(lines[others], on))
    return np.flatnonzero(some)[row], np.flatnonzero(others)[line]


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

    def in_units(self, totals: np.ndarray) -> np.ndarray:
        """Sums of all of the target's lines in their own units, as they are stored."""
        if not self._factors:  # then they are sums of what is stored
            return totals
        return np.array([self.in_unit(place, total) for place, total in enumerate(totals)], dtype=object)

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
