"""What is written on a terminal, and what becomes of a command that nobody reads."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

import pytest
import typer

from crossdock.cli import held, terminal


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_command_goes_on_where_its_output_can_not_be_written(monkeypatch: pytest.MonkeyPatch, stream: str) -> None:
    done = []

    @terminal.read_or_not()
    def command() -> None:
        for number in range(3):
            say(getattr(sys, stream))
            done.append(number)
        raise typer.Exit(3)

    with Path("/dev/full").open("w") as full, monkeypatch.context() as patch:
        patch.setattr(sys, stream, full)
        with pytest.raises(typer.Exit) as ended:
            command()
    assert done == [0, 1, 2]
    assert ended.value.exit_code == 1


def say(stream: TextIO) -> None:
    stream.write("file\n")
    stream.flush()


def test_whoever_reads_only_the_beginning_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    done = []

    @terminal.read_or_not()
    def command() -> None:
        for number in range(3):
            say(sys.stdout)
            done.append(number)
        raise typer.Exit(3)

    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as broken, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", broken)
        with pytest.raises(typer.Exit) as ended:
            command()
    assert done == [0, 1, 2]
    assert ended.value.exit_code == 3


def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs as another user than the image has."""

    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert held._me() == f"user {os.getuid()}"
