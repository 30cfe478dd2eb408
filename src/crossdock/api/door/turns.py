"""Which body comes next: one at a time in a process, and a client goes to the process that has the fewest."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import mmap
from pathlib import Path
from threading import Lock

PATIENCE_SECONDS = 1.0
"""So long a body waits for its turn; then it goes in all the same: the other one may wait for a lock."""


class Loads:
    """How many bodies each process of a server has: a byte each in a file that all of them see. Nobody else in this
    process may open that file: to close it gives back every lock on it.
    """

    def __init__(self, path: Path) -> None:
        """Take a byte that no living process has; the system gives it back when this one ends. A process too many has
        none: it tells nothing, and keeps its connections.
        """
        self._file = path.open("r+b")
        self._bytes = mmap(self._file.fileno(), 0)
        self._own = next((place for place in range(len(self._bytes)) if self._is_free(place)), None)
        self.set(0)

    @staticmethod
    def make(path: Path, processes: int) -> None:
        """Make the file of a server of so many processes."""
        path.write_bytes(bytes(processes))

    def _is_free(self, place: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError:
            return False
        return True

    def set(self, bodies: int) -> None:
        """Tell the others how many bodies this process has."""
        if self._own is not None:
            self._bytes[self._own] = min(bodies, 255)

    @property
    def others_have_fewer(self) -> bool:
        """Whether another process has fewer bodies than this one."""
        return self._own is not None and self._bytes[self._own] > min(self._bytes[:])


class Turns:
    """A process imports and answers one body after the other: two take the interpreter from each other, and need half
    as much time again. Who has more cores starts more workers.
    """

    def __init__(self) -> None:
        self._turn, self._counting = Lock(), Lock()
        self._bodies = 0
        self._loads: Loads | None = None

    def share(self, loads: Loads | None) -> None:
        """Let the other processes of the server know how many bodies this one has."""
        self._loads = loads

    @contextmanager
    def next(self) -> Iterator[None]:
        """Wait for the turn of a body; it lasts as long as the context: until its answer is there."""
        self._count(1)
        in_turn = self._turn.acquire(timeout=PATIENCE_SECONDS)
        try:
            yield
        finally:
            if in_turn:
                self._turn.release()
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._counting:
            self._bodies += more
            if self._loads is not None:
                self._loads.set(self._bodies)


TURNS = Turns()
"""Those of this process."""
