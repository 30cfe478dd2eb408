"""Wrong keys of people and of the ERP's callers: who tries too many is not listened to for a while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

MOST = 20
"""Wrong keys of one address within ``SECONDS``; after them no key of it is looked at until they are over."""
SECONDS = 60.0
ADDRESSES = 10_000
"""Addresses that are remembered; the one that has not tried for the longest is forgotten first."""


@dataclass
class Tries:
    """The wrong keys that this process has seen of late, by the address that tried them."""

    clock: Callable[[], float] = time.monotonic
    _wrong: OrderedDict[str, list[float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, address: str) -> int:
        """The whole seconds for which an address has to wait; 0 if it may try."""
        with self._lock:
            late = self._of_late(address)
            return 0 if len(late) < MOST else max(1, round(late[0] + SECONDS - self.clock()))

    def note(self, address: str) -> None:
        """An address has tried a wrong key."""
        with self._lock:
            self._wrong[address] = [*self._of_late(address), self.clock()][-MOST:]
            self._wrong.move_to_end(address)
            while len(self._wrong) > ADDRESSES:
                self._wrong.popitem(last=False)

    def _of_late(self, address: str) -> list[float]:
        since = self.clock() - SECONDS
        return [each for each in self._wrong.get(address, []) if each > since]
