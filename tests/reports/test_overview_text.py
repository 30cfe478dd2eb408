"""How long ago, how fast, how long still: as people say it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crossdock.jobs.overview import Stalled, overview
from crossdock.model.job import FAILS, SETTLES, WAITS, ArrivalRecord
from crossdock.reports.overview_text import MOST_FILES, SOON, ago, all_that_wait, pace, remarks, rows, waits
from tests.warehouse import HEADER, Warehouse, csv

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "just now"),
        (1, "1 min ago"),
        (119, "119 min ago"),
        (120, "2 h ago"),
        (48 * 60 - 1, "47 h ago"),
        (48 * 60, "2 d ago"),
    ],
)
def test_how_long_ago_is_said_in_minutes_hours_and_days(minutes: int, text: str) -> None:
    assert ago(NOW, NOW - timedelta(minutes=minutes)) == text


@pytest.mark.parametrize(
    ("kind", "note", "seconds", "sentence"),
    [
        (WAITS, "waits for a.csv.done", None, "a.csv waits for a.csv.done since 12:30 +01:00"),
        (SETTLES, "", 11.2, "a.csv settles for 12 s more"),
        (SETTLES, "", -1, "a.csv waits to be taken since 12:30 +01:00"),
        ("", "", None, "a.csv waits to be taken since 12:30 +01:00"),
        (FAILS, "can't be read: no", None, "a.csv can't be read: no"),
        (FAILS, "can't be taken: no", 40, "a.csv can't be taken: no; it is tried again in 40 s"),
        (FAILS, "can't be taken: no", -40, "a.csv can't be taken: no"),
    ],
)
def test_what_waits_is_said_with_its_reason(kind: str, note: str, seconds: float | None, sentence: str) -> None:
    until = None if seconds is None else NOW + timedelta(seconds=seconds)
    file = ArrivalRecord(Path("a.csv"), "acme", 1, NOW - timedelta(minutes=30), kind, note, until)
    assert waits(file, NOW, BERLIN) == sentence


def test_of_very_many_files_those_that_wait_longest_are_named() -> None:
    files = [ArrivalRecord(Path(f"{number}.csv"), "acme", 1, NOW, WAITS, "waits", None) for number in range(50_000)]
    *named, last = all_that_wait(files, NOW, BERLIN)
    assert len(named) == MOST_FILES
    assert named[0].startswith("0.csv waits")
    assert last == "and 49,900 more"
    assert len(all_that_wait(files[:MOST_FILES], NOW, BERLIN)) == MOST_FILES


def test_a_job_says_how_it_gets_on(warehouse: Warehouse) -> None:
    done = warehouse.run(csv("SO-1,1,AB,5", header=HEADER)).row
    assert pace(replace(done, total=0), NOW, BERLIN) == "reading"
    soon = replace(done, total=2_000, processed=1_000, rate=50.0, estimated_end=NOW + timedelta(seconds=20))
    assert pace(soon, NOW, BERLIN) == "1,000 of 2,000 documents, 50 a second, done about 13:00:20 +01:00"
    assert pace(replace(done, total=2_000, processed=1_000, started_at=None), NOW, BERLIN).startswith(
        "1,000 of 2,000 documents"
    )


def test_what_is_told_has_the_times_of_the_zone(warehouse: Warehouse) -> None:
    done = warehouse.run(csv("SO-1,1,AB,5", header=HEADER)).row
    state = overview(warehouse.database, NOW - timedelta(days=1), BERLIN)
    off = replace(done, verdict=None, said="the database is away", not_before=NOW + timedelta(minutes=1))
    state = replace(state, now=NOW, put_off=(off,), stuck=(replace(off, outages=3),))
    state = replace(state, stalled=(Stalled(done, "nothing committed", NOW - timedelta(hours=1)),))
    told_of = dict(remarks(state))
    assert told_of["Stalled"][0].endswith("nothing committed since 12:00 +01:00")
    assert told_of[SOON][0].endswith("the database is away, at 13:01:00 +01:00")
    assert told_of["Ended the same way again and again; what depends on it waits"][0].endswith(
        "(3 ×), again at 13:01:00 +01:00"
    )
    came = replace(state.partners[0], last_at=NOW - timedelta(hours=1))
    assert rows(replace(state, partners=(came,)), read_later=True)[0][-1].endswith(", 12:00 +01:00")
    assert rows(replace(state, partners=(came,)))[0][-1].endswith(", 60 min ago")
