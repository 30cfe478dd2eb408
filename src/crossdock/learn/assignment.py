"""Which column is which field: one to one, with the greatest sum of scores.

Strategy: the Hungarian algorithm with potentials, row by row: O(n³), for a hundred columns some milliseconds.
"""

from __future__ import annotations

import numpy as np


def assign(scores: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of row and column, none of them twice, whose sum of scores is the greatest; pairs without a score are left.

    ``scores``: floats, at least 0; 0 means that the pair is not possible.

    >>> assign(np.array([[0.9, 0.8], [0.8, 0.0]]))
    [(0, 1), (1, 0)]
    """
    rows, columns = scores.shape
    if not rows or not columns:
        return []
    if rows > columns:
        return sorted((row, column) for column, row in assign(scores.T))
    costs = scores.max() - scores
    of_row, of_column = np.zeros(rows + 1), np.zeros(columns + 1)
    row_of = np.zeros(columns + 1, dtype=int)  # places from 1; 0 is free
    for row in range(1, rows + 1):
        _augment(costs, row, of_row, of_column, row_of)
    pairs = ((int(row_of[column]) - 1, column - 1) for column in range(1, columns + 1) if row_of[column])
    return sorted((row, column) for row, column in pairs if scores[row, column] > 0)


def _augment(costs: np.ndarray, row: int, of_row: np.ndarray, of_column: np.ndarray, row_of: np.ndarray) -> None:
    """Give a row its column, moving others to theirs along the cheapest path."""
    columns = costs.shape[1]
    least = np.full(columns + 1, np.inf)
    before = np.zeros(columns + 1, dtype=int)
    used = np.zeros(columns + 1, dtype=bool)
    row_of[0], at = row, 0
    while True:
        used[at] = True
        here = row_of[at]
        reduced = costs[here - 1] - of_row[here] - of_column[1:]
        better = ~used[1:] & (reduced < least[1:])
        least[1:][better] = reduced[better]
        before[1:][better] = at
        free = np.where(used[1:], np.inf, least[1:])
        following = int(free.argmin()) + 1
        delta = free[following - 1]
        of_row[row_of[used]] += delta
        of_column[used] -= delta
        least[~used] -= delta
        at = following
        if row_of[at] == 0:
            break
    while at:
        row_of[at] = row_of[before[at]]
        at = int(before[at])
