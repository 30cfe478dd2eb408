"""How often a key may ask: a bucket of tokens for each, in this process."""

from __future__ import annotations

import threading
import time
from math import ceil

MOST_BUCKETS = 10_000
"""Buckets that are kept: a full one says nothing."""


def share(per_minute: int, processes: int) -> int:
    """The share of each of several processes in a limit: each counts for itself, and together they hold it.

    >>> share(6_000, 4), share(10, 4), share(0, 4)
    (1500, 3, 0)
    """
    return ceil(per_minute / processes)


class Limits:
    """``per_minute``: requests of one asker in a minute, 0 for any number; a quarter of them may come at once."""

    def __init__(self, per_minute: int) -> None:
        self._rate, self._most = per_minute / 60, max(1.0, per_minute / 4)
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def wait(self, asker: str) -> float:
        """Take a token of an asker; 0, or the seconds until there is one."""
        if not self._rate:
            return 0.0
        now = time.monotonic()
        with self._lock:
            tokens, at = self._buckets.get(asker, (self._most, now))
            tokens = min(self._most, tokens + (now - at) * self._rate)
            allowed = tokens >= 1
            self._buckets[asker] = (tokens - 1 if allowed else tokens, now)
            if len(self._buckets) > MOST_BUCKETS:
                self._forget_full(now)
        return 0.0 if allowed else (1 - tokens) / self._rate

    def _forget_full(self, now: float) -> None:
        self._buckets = {
            asker: (tokens, at)
            for asker, (tokens, at) in self._buckets.items()
            if tokens + (now - at) * self._rate < self._most
        }
