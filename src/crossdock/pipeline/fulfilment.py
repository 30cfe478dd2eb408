"""What storing a document does to others: how much of an order is shipped, of a notice received, and its state (A6).

The sums are taken anew inside the writing transaction, over everything that is stored by then, so it doesn't matter
which of the two came first, and cancelling a confirmation takes its quantities back by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from crossdock.documents import DOCUMENTS
from crossdock.model.stored import Stored
from crossdock.pipeline.lookup.target_lines import LINE, QUANTITY, ZERO, Counting, TargetLines, number_of, standing
from crossdock.schema.document import Document
from crossdock.schema.relations import CANCELLED, OPEN, Against

CLOSED = "CLOSED"


@dataclass(frozen=True)
class Moves:
    """What changes of the documents of one type: of lines (key, sum) and headers (key, state before and after)."""

    document: Document
    lines: list[dict[str, Any]]
    headers: list[dict[str, Any]]


def _movers(target: Document) -> Iterator[tuple[Document, Against]]:
    """The document types whose lines ship or receive one."""
    for document in DOCUMENTS.values():
        for way in document.against:
            if way.moves and way.document == target.name:
                yield document, way


def settled_moves(target: Document, targets: pd.DataFrame, stored: Stored) -> Moves | None:
    """What is shipped or received of those documents (business_unit_id, number) by now, where that is a change."""
    moved, level = target.moved, target.lines
    units = sorted(set(targets["business_unit_id"]))
    moving = [each for each in _movers(target) if any(stored.loaded(each[0].name, unit) for unit in units)]
    if moved is None or level is None or not (moving or target.closed):
        return None
    number = target.header.field(target.number).column
    meant = TargetLines(target, targets.rename(columns={"number": number}), stored, every=True)
    if meant.heads.empty:
        return None
    sums: dict[int, Decimal] = {}
    ended: set[int] = set()
    asked = meant.heads[["unit_id", "number"]].drop_duplicates()
    for document, way in moving:
        rows = standing(way, document, asked, meant, stored)
        for place, total in Counting(meant, rows, stored).sums(rows).items():
            sums[place] = sums.get(place, ZERO) + total
        ended |= set(rows.loc[rows["final"].astype(bool), "place"])
    lines = meant.lines
    before = [number_of(value) for value in lines["moved"]]
    after = [sums.get(place, ZERO) for place in range(len(lines))]
    columns = {"unit_id": "business_unit_id", "number": number, LINE: level.field(level.key[-1]).column}
    changed = [place for place, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    keyed = lines[[*meant.keys, LINE]].rename(columns=columns).to_dict("records")
    rows_of_lines = [keyed[place] | {moved.column: after[place]} for place in changed]
    states = _states(meant, after, ended, target)
    touched = set(lines[meant.keys].take(changed).itertuples(index=False, name=None))
    headers = [
        {columns.get(name, name): value for name, value in zip(meant.keys, key, strict=True)}
        | {"before": state, "state": states[key]}
        for key, state in zip(
            meant.heads[meant.keys].itertuples(index=False, name=None), meant.heads["state"], strict=True
        )
        if key in touched or states[key] != state
    ]
    return Moves(target, rows_of_lines, headers)


def _states(meant: TargetLines, after: list[Decimal], ended: set[int], target: Document) -> dict[tuple[Any, ...], str]:
    """The state of each document, by its key."""
    moved = target.moved
    if moved is None:
        return {}
    lines = meant.lines
    closed_lines = (lines["state"] == CANCELLED).to_numpy(dtype=bool)  # they ask for nothing more
    done = closed_lines | np.array([one >= Decimal(other or 0) for one, other in
                                    zip(after, lines[QUANTITY], strict=True)], dtype=bool)  # fmt: skip
    some = np.array([one > 0 for one in after], dtype=bool)
    final = np.isin(np.arange(len(lines)), list(ended))
    told = lines[meant.keys].assign(done=done, some=some, final=final).groupby(meant.keys, sort=False)
    by_key = {
        key: (bool(every), bool(part), bool(last))
        for *key_parts, every, part, last in told.agg({"done": "all", "some": "any", "final": "any"})
        .reset_index()
        .itertuples(index=False, name=None)
        for key in [tuple(key_parts)]
    }
    closed = meant.heads[target.header.field(target.closed[0]).column] if target.closed else [None] * len(meant.heads)
    made = {}
    for key, state, how in zip(
        meant.heads[meant.keys].itertuples(index=False, name=None), meant.heads["state"], closed, strict=True
    ):
        whole, part, last = by_key.get(key, (False, False, False))
        if state == CANCELLED:
            made[key] = CANCELLED
        elif target.closed and how == target.closed[1]:
            made[key] = CLOSED
        elif last or (part and whole):
            made[key] = moved.done
        else:
            made[key] = moved.partly if part else OPEN
    return made
