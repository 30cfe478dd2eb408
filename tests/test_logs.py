"""Logs for people; those for machines are in ``cli/test_running``."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from crossdock.logs import LOG, as_text


@pytest.fixture
def untouched() -> Iterator[None]:
    """The logger is what it was before."""
    before = LOG.handlers, LOG.level, LOG.propagate
    yield
    LOG.handlers, LOG.level, LOG.propagate = before


def test_a_line_has_its_time_in_the_zone_with_the_offset(untouched: None, capsys: pytest.CaptureFixture[str]) -> None:
    as_text(ZoneInfo("Asia/Kolkata"))
    LOG.log(logging.INFO, "watching")
    line = capsys.readouterr().err
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+05:30 INFO watching\n", line), line
