"""How long ago, how fast, how long still: as people say it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crossdock.jobs.overview import overview
from crossdock.reports.overview_text import ago, pace, remarks, rows
from tests.warehouse import HEADER, Warehouse, csv

BERLIN = ZoneInfo("Europe/Berlin")
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
    assert pace(replace(done, total=0), NOW, BERLIN) == "reading"
    assert pace(replace(done, total=2_000, processed=1_000, started_at=None), NOW, BERLIN).startswith(
        "1,000 of 2,000 documents"
    )


def test_what_is_told_has_the_times_of_the_zone(warehouse: Warehouse) -> None:
    done = warehouse.run(csv("SO-1,1,AB,5", header=HEADER)).row
    state = overview(warehouse.database, NOW - timedelta(days=1), BERLIN)
    off = replace(done, verdict=None, said="the database is away", not_before=NOW + timedelta(minutes=1))
    state = replace(state, now=NOW, put_off=(off,), stuck=(replace(off, outages=3),))
    told_of = dict(remarks(state))
    assert told_of["Tried again soon"][0].endswith("the database is away, at 13:01:00 +01:00")
    assert told_of["Ended the same way again and again; what depends on it waits"][0].endswith(
        "(3 ×), again at 13:01:00 +01:00"
    )
    came = replace(state.partners[0], last_at=NOW - timedelta(hours=1))
    assert rows(replace(state, partners=(came,)), read_later=True)[0][-1].endswith(", 12:00 +01:00")
    assert rows(replace(state, partners=(came,)))[0][-1].endswith(", 60 min ago")
