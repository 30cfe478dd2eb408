"""``make clean`` and ``make forget``: what was imported goes only when somebody says so."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / "Makefile"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile, an environment and a home."""
    for each in (".venv", "data/home"):
        (tmp_path / each).mkdir(parents=True)
    shutil.copy(MAKEFILE, tmp_path)
    return tmp_path


def make(checkout: Path, target: str, answer: str = "") -> str:
    """What ``make`` says."""
    command = ["make", "--silent", target]  # the one of the machine
    return subprocess.run(command, cwd=checkout, input=answer, capture_output=True, text=True, check=True).stdout


def test_clean_keeps_what_was_imported(checkout: Path) -> None:
    make(checkout, "clean")
    assert [(checkout / each).exists() for each in (".venv", "data/home")] == [False, True]


@pytest.mark.parametrize(("answer", "kept"), [("", True), ("\n", True), ("no\n", True), ("yes\n", False)])
def test_forget_asks(checkout: Path, answer: str, kept: bool) -> None:
    output = make(checkout, "forget", answer)
    assert "Type yes" in output
    assert output.endswith("is kept\n" if kept else "is removed\n")
    assert (checkout / "data/home").exists() is kept
