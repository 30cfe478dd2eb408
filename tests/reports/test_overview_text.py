"""How long ago, how fast, how long still: as people say it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crossdock.model.job import FAILS, SETTLES, WAITS, ArrivalRecord
from crossdock.reports.overview_text import ago, at, pace, waits
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


@pytest.mark.parametrize(
    ("kind", "said", "seconds", "sentence"),
    [
        (WAITS, "waits for a.csv.done", None, "a.csv waits for a.csv.done since 12:30+01:00"),
        (SETTLES, "", 11.2, "a.csv settles for 12 s more"),
        (SETTLES, "", -1, "a.csv waits to be taken since 12:30+01:00"),
        ("", "", None, "a.csv waits to be taken since 12:30+01:00"),
        (FAILS, "can't be read: no", None, "a.csv can't be read: no"),
        (FAILS, "can't be taken: no", 40, "a.csv can't be taken: no; it is tried again in 40 s"),
        (FAILS, "can't be taken: no", -40, "a.csv can't be taken: no"),
    ],
)
def test_what_waits_is_said_with_its_reason(kind: str, said: str, seconds: float | None, sentence: str) -> None:
    until = None if seconds is None else NOW + timedelta(seconds=seconds)
    file = ArrivalRecord(Path("a.csv"), "acme", 1, NOW - timedelta(minutes=30), kind, said, until)
    assert waits(file, NOW, "Europe/Berlin") == sentence


def test_a_time_is_said_with_its_offset_and_of_another_day_with_its_date() -> None:
    assert at(NOW, NOW - timedelta(hours=23), "Europe/Berlin") == "14:00+01:00"
    assert at(NOW, NOW - timedelta(hours=24), "Europe/Berlin") == "2026-11-27 13:00+01:00"


def test_a_job_says_how_it_gets_on(warehouse: Warehouse) -> None:
    done = warehouse.run(csv("SO-1,1,AB,5", header=HEADER)).row
    assert pace(replace(done, total=0), NOW) == "reading"
    soon = replace(done, total=2_000, processed=1_000, rate=50.0, estimated_end=NOW + timedelta(seconds=20))
    assert pace(soon, NOW, "Europe/Berlin") == "1,000 of 2,000 documents, 50 a second, done about 13:00:20+01:00"
    assert pace(replace(done, total=2_000, processed=1_000, started_at=None), NOW).startswith(
        "1,000 of 2,000 documents"
    )
