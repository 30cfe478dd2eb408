"""How a worker is stopped: soon, whatever it does in that moment, and its job continues."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crossdock.exits import INTERRUPTED
from tests.patience import PATIENCE

CHILD = """
import sqlite3, sys
from signal import SIGTERM
from crossdock.database import connect
from crossdock.errors import Stopped
from crossdock.workers.worker import Worker
FOREVER = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
with Worker(connect(sys.argv[1]), "by hand") as worker, worker.stopped_by(SIGTERM):
    print("at it", flush=True)
    try:
        while sys.argv[2] == "loop":
            pass
        sqlite3.connect(":memory:").execute(FOREVER).fetchall()
    except Stopped:
        sys.exit("stopped")
"""


@pytest.mark.parametrize(("busy", "code"), [("loop", 1), ("one call of a library", INTERRUPTED)])
def test_a_signal_ends_whatever_takes_long(tmp_path: Path, busy: str, code: int) -> None:
    command = [sys.executable, "-c", CHILD, f"sqlite:///{tmp_path / 'x.db'}", busy]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "at it\n"
        child.send_signal(signal.SIGTERM)
        _, error = child.communicate(timeout=PATIENCE)
        assert child.returncode == code
        assert ("stopped" in error) == (busy == "loop")
    finally:
        child.kill()
        child.wait()
