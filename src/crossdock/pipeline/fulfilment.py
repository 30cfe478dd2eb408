"""What storing a document does to others: how much of an order is shipped, of a notice received, and its state (A6).

The writing transaction computes the sums over everything that is stored by then. So it doesn't matter which of the two
documents came first, and a cancelled confirmation no longer counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crossdock.frames.columns import Cells, plain
from crossdock.model.stored import Stored
from crossdock.pipeline.lookup.confirmations import confirmed, confirming
from crossdock.pipeline.lookup.target_lines import LINE, QUANTITY, ZERO, Counting, TargetLines, number_of
from crossdock.schema.document import Document
from crossdock.schema.relations import CANCELLED, CLOSED, OPEN


@dataclass(frozen=True)
class Moves:
    """What changes in the documents of one type: lines (key, sum) and headers (key, state before and after)."""

    document: Document
    lines: list[dict[str, Any]]
    headers: list[dict[str, Any]]


def settled_moves(target: Document, targets: Cells, stored: Stored) -> Moves | None:
    """What is now shipped or received of the ``targets`` (text columns business_unit_id, number), where that changes;
    None where nothing can change (contract A6).
    """
    moved, level = target.moved, target.lines
    units = sorted(set(targets["business_unit_id"].to_pylist()))
    if moved is None or level is None or not (target.closed or confirmed(target, units, stored)):
        return None
    number = target.header.field(target.number).column
    meant = TargetLines(target, plain(targets).rename(columns={"number": number}), stored, every=True)
    if meant.heads.empty:
        return None
    wanted = meant.heads[["unit_id", "number"]].drop_duplicates()
    rows = confirming(target, wanted, meant, stored)
    counting = Counting(meant, rows, stored)
    sums = counting.sums(rows)
    lines = meant.lines
    before = [number_of(value) for value in lines["moved"]]
    after = [counting.in_unit(place, sums.get(place, ZERO)) for place in range(len(lines))]
    columns = {"unit_id": "business_unit_id", "number": number, LINE: level.field(level.key[-1]).column}
    changed = [place for place, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    keyed = lines[[*meant.keys, LINE]].rename(columns=columns).to_dict("records")
    rows_of_lines = [keyed[place] | {moved.column: after[place]} for place in changed]
    ordered = [counting.ordered(place, quantity) for place, quantity in enumerate(lines[QUANTITY])]
    whole = np.array([sums.get(place, ZERO) >= most for place, most in enumerate(ordered)], dtype=bool)
    some = np.array([total > 0 for total in after], dtype=bool)
    states = _states(meant, whole | _of_lines(rows, "ended", lines), some, _of_lines(rows, "final", lines), target)
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


def _of_lines(rows: pd.DataFrame, flag: str, lines: pd.DataFrame) -> np.ndarray:
    """The target's lines that a confirmation sets a flag of, bool per line."""
    return np.isin(np.arange(len(lines)), list(rows.loc[rows[flag].astype(bool), "place"]))


def _states(
    meant: TargetLines, whole: np.ndarray, some: np.ndarray, final: np.ndarray, target: Document
) -> dict[tuple[Any, ...], str]:
    """The state of each document, by its key.

    Bool per line: ``whole`` (nothing more comes of it), ``some`` (a part of it is done), ``final`` (its document ends).
    """
    moved = target.moved
    if moved is None:
        return {}
    lines = meant.lines
    closed_lines = (lines["state"] == CANCELLED).to_numpy(dtype=bool)  # nothing more is expected of them
    flags = lines[meant.keys].assign(done=closed_lines | whole, some=some, final=final)
    line_states = flags.groupby(meant.keys, sort=False)
    by_key = {
        key: (bool(every), bool(part), bool(last))
        for *key_parts, every, part, last in line_states.agg({"done": "all", "some": "any", "final": "any"})
        .reset_index()
        .itertuples(index=False, name=None)
        for key in [tuple(key_parts)]
    }
    closed = meant.heads[target.header.field(target.closed[0]).column] if target.closed else [None] * len(meant.heads)
    states = {}
    for key, state, how in zip(
        meant.heads[meant.keys].itertuples(index=False, name=None), meant.heads["state"], closed, strict=True
    ):
        every, part, last = by_key.get(key, (False, False, False))
        if state == CANCELLED:
            states[key] = CANCELLED
        elif target.closed and how == target.closed[1]:
            states[key] = CLOSED
        elif last or (part and every):
            states[key] = moved.done
        else:
            states[key] = moved.partly if part else OPEN
    return states
