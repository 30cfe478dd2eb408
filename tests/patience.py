"""Waiting for what must happen. No test asks how fast the machine is: this only ends a run in which nothing happens."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

PATIENCE = 900.0
"""Seconds; a machine on which something takes that long runs no tests."""


def until(condition: Callable[[], Any]) -> Any:
    """Wait until something is there, and return it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.2)
    raise AssertionError(f"not within {PATIENCE:.0f} s")
