"""What storing a document does to others: how much of an order is shipped, of a notice received, and its state (A6).

The writing transaction computes the sums over everything that is stored by then, and what it is about to write. So it
doesn't matter which of the two documents came first, and a cancelled confirmation no longer counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from crossdock.database.tables import LEVELS, as_stored
from crossdock.frames.columns import Cells, frame_texts, keys_of, places, plain
from crossdock.model.decision import ComparedWith, Moves
from crossdock.model.stored import Stored
from crossdock.pipeline.lookup.confirmations import confirmed, confirming, passed_documents
from crossdock.pipeline.lookup.target_lines import (
    LINE,
    QUANTITY,
    ZERO,
    Counting,
    TargetLines,
    among,
    numbers_of,
    of_numbers,
    stored_documents,
)
from crossdock.schema.document import Document, Level
from crossdock.schema.relations import CANCELLED, CLOSED, OPEN


def settled_moves(
    target: Document, targets: Cells, stored: Stored, leaned: Sequence[ComparedWith] = ()
) -> Moves | None:
    """What is now shipped or received of the ``targets`` (text columns business_unit_id, number), where that changes;
    None where nothing can change (contract A6).

    ``leaned``: documents that are still as they were read; those among the targets are not read again.
    """
    moved, level = target.moved, target.lines
    units = sorted(set(targets["business_unit_id"].to_pylist()))
    if moved is None or level is None or not (target.closed or confirmed(target, units, stored)):
        return None
    meant = TargetLines(_as_stored(target, of_numbers(target, plain(targets)), stored, leaned), every=True)
    if meant.heads.empty:
        return None
    lines = meant.lines
    rows = confirming(target, meant.heads[["unit_id", "number"]].drop_duplicates(), meant, stored)
    counting = Counting(meant, rows, stored)
    sums = counting.sums(rows)
    after = counting.in_units(sums)
    done = (
        (lines["state"] == CANCELLED).to_numpy(dtype=bool)  # nothing more is expected of it
        | (sums >= counting.ordered(lines[QUANTITY]))
        | _of_lines(rows, "ended", lines)
    )
    of_head = places(frame_texts(lines, meant.keys), frame_texts(meant.heads, meant.keys))
    states = _states(meant, of_head, done, after > ZERO, _of_lines(rows, "final", lines))
    return _moves(meant, moved.column, of_head, after, states)


def _as_stored(target: Document, wanted: pd.DataFrame, stored: Stored, leaned: Sequence[ComparedWith]) -> ComparedWith:
    """The stored documents of a type with those keys."""
    read = (each for each in leaned if each.document is target and among(wanted, each.asked).all())
    known = next(read, None)
    return stored_documents(target, wanted, stored) if known is None else known.of(wanted)


def _moves(meant: TargetLines, column: str, of_head: np.ndarray, after: np.ndarray, states: np.ndarray) -> Moves:
    """The lines whose quantity, the SQL ``column``, becomes another one; the documents of these, or of another state.

    ``of_head``: the place of each line's document; ``after``: the quantity of each line; ``states``: of each document.
    """
    target, level, heads = meant.target, meant.level, meant.heads
    before = heads["state"].to_numpy(dtype=object)
    changed = numbers_of(meant.lines["moved"]) != after
    touched = states != before
    touched[of_head[changed]] = True
    number = target.header.field(target.number).column
    names = {"unit_id": "business_unit_id", "number": number, LINE: level.field(level.key[-1]).column}
    lines = meant.lines[[*meant.keys, LINE]][changed].rename(columns=names).assign(**{column: after[changed]})
    headers = heads[[*meant.keys, "revision"]][touched].rename(columns=names).assign(state=states[touched])
    return Moves(
        target,
        _table(level, lines),
        _table(target.header, headers.assign(revision=headers["revision"] + 1)).append_column(
            "before", pa.array(before[touched], pa.string())
        ),
        tuple((name, keys_of(documents)) for name, documents in passed_documents(meant)),
    )


def _table(level: Level, rows: pd.DataFrame) -> pa.Table:
    """Rows of Python's own values as they are stored."""
    return as_stored(LEVELS[level.table], {str(name): rows[name].tolist() for name in rows})


def _of_lines(rows: pd.DataFrame, flag: str, lines: pd.DataFrame) -> np.ndarray:
    """The target's lines that a confirmation sets a flag of, bool per line."""
    flagged = np.zeros(len(lines), dtype=bool)
    flagged[rows.loc[rows[flag].astype(bool), "place"].to_numpy(dtype=np.int64)] = True
    return flagged


def _states(
    meant: TargetLines, of_head: np.ndarray, done: np.ndarray, some: np.ndarray, final: np.ndarray
) -> np.ndarray:
    """The state of each document, an object array.

    ``of_head``: the place of each line's document. Bool per line: ``done`` (nothing more comes of it), ``some`` (a part
    of it is done), ``final`` (its document ends).
    """
    target, heads = meant.target, meant.heads
    if target.moved is None:
        return heads["state"].to_numpy(dtype=object)
    size = len(heads)
    left, part, last = (np.bincount(of_head[flags], minlength=size) for flags in (~done, some, final))
    ends = (last > 0) | ((part > 0) & (left == 0))
    cancelled = (heads["state"] == CANCELLED).to_numpy(dtype=bool)
    closed = np.zeros(size, dtype=bool)
    if target.closed:
        closed = (heads[target.header.field(target.closed[0]).column] == target.closed[1]).to_numpy(dtype=bool)
    cases = [(cancelled, CANCELLED), (closed, CLOSED), (ends, target.moved.done), (part > 0, target.moved.partly)]
    states = np.full(size, OPEN, dtype=object)
    for flags, state in reversed(cases):
        states[flags] = state
    return states
