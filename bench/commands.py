"""What a command of crossdock takes, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parents[1]


class Spent(NamedTuple):
    """What a process took: seconds, CPU seconds, its peak memory in MB."""

    wall: float
    busy: float
    peak: float


def by_command(words: Sequence[str], environment: Mapping[str, str], ends_with: Collection[int] = (0,)) -> Spent:
    """What a command takes, with that environment beside this process's. Raises ``RuntimeError`` where it ends with
    another exit code.
    """
    before = time.perf_counter()
    command = [sys.executable, "-m", "crossdock", *words]
    child = subprocess.Popen(command, cwd=HERE, env=os.environ | dict(environment), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in ends_with:
        raise RuntimeError(f"crossdock {' '.join(words)} ended with {child.returncode}")
    return Spent(time.perf_counter() - before, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
