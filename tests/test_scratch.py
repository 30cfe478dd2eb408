"""Scratch folders end with their process, however it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from crossdock import scratch

WORKING = """
import sys, time
from crossdock.scratch import new_scratch_folder
(new_scratch_folder() / "spool").write_text("rows")
print("there", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder, of which this process has no part yet."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "_of_process", {})
    return tmp_path


def working(everybody: Path) -> subprocess.Popen[str]:
    """A process that has a scratch folder."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", WORKING], stdin=pipe, stdout=pipe, text=True, env={"TMPDIR": str(everybody)}
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"
    return process


def test_a_process_that_ends_leaves_nothing(everybody: Path) -> None:
    with working(everybody) as process:
        assert len(list(everybody.rglob("spool"))) == 1
    assert (process.returncode, list(everybody.iterdir())) == (0, [])


def test_what_a_killed_process_leaves_goes_with_the_next_one_and_nothing_else_does(everybody: Path) -> None:
    others = everybody / "crossdock-of-somebody"
    others.mkdir()
    with working(everybody) as killed:
        killed.send_signal(signal.SIGKILL)
    with working(everybody) as alive:
        assert killed.returncode == -signal.SIGKILL
        (kept,) = everybody.rglob("spool")
        path = scratch.new_scratch_folder()
        assert sorted(everybody.iterdir()) == sorted([others, kept.parents[1], path.parent])
    assert alive.returncode == 0


def test_a_folder_that_was_cleaned_away_is_made_anew(everybody: Path) -> None:
    with scratch.scratch_folder() as path:
        (path / "book").write_text("one")
    assert not path.exists()
    for each in (path.parent / scratch.LOCK, path.parent):
        each.unlink() if each.is_file() else each.rmdir()
    assert scratch.new_scratch_folder().is_dir()
    assert len(list(everybody.iterdir())) == 1
