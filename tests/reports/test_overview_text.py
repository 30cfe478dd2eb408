"""How long ago, how fast, how long still: as people say it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crossdock.reports.overview_text import ago, pace
from tests.warehouse import HEADER, Warehouse, csv

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "just now"),
        (1, "1 min ago"),
        (119, "119 min ago"),
        (120, "2 h ago"),
        (48 * 60 - 1, "47 h ago"),
        (48 * 60, "2 d ago"),
    ],
)
def test_how_long_ago_is_said_in_minutes_hours_and_days(minutes: int, said: str) -> None:
    assert ago(NOW, NOW - timedelta(minutes=minutes)) == said


def test_a_job_says_how_it_gets_on(warehouse: Warehouse) -> None:
    done = warehouse.run(csv("SO-1,1,AB,5", header=HEADER)).row
    assert pace(replace(done, total=0), NOW) == "reading"
    assert pace(replace(done, total=2_000, processed=1_000, started_at=None), NOW).startswith(
        "1,000 of 2,000 documents"
    )
