"""How a moment is shown: as the clocks of a zone show it, always with the offset."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crossdock.times import clock, dated, exact

BERLIN, NEW_YORK, KOLKATA = map(ZoneInfo, ("Europe/Berlin", "America/New_York", "Asia/Kolkata"))
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "zone", "shown"),
    [
        ("2026-11-28T05:12:33.5Z", BERLIN, "2026-11-28 06:12 +01:00"),
        ("2026-07-28T05:12:33Z", BERLIN, "2026-07-28 07:12 +02:00"),
        ("2026-10-25T00:30:00Z", BERLIN, "2026-10-25 02:30 +02:00"),  # the hour that comes twice
        ("2026-10-25T01:30:00Z", BERLIN, "2026-10-25 02:30 +01:00"),
        ("2026-11-28T02:00:00Z", NEW_YORK, "2026-11-27 21:00 -05:00"),
        ("2026-11-28T02:00:00+02:00", KOLKATA, "2026-11-28 05:30 +05:30"),
        ("2026-11-28T02:00:00Z", ZoneInfo("UTC"), "2026-11-28 02:00 +00:00"),
    ],
)
def test_a_moment_is_shown_as_the_clocks_of_the_zone_with_its_offset(moment: str, zone: ZoneInfo, shown: str) -> None:
    assert dated(at(moment), zone) == shown


def test_the_date_is_left_out_where_it_is_today_on_those_clocks() -> None:
    assert clock(at("2026-11-28T05:12:33Z"), BERLIN, NOW) == "06:12 +01:00"
    assert clock(at("2026-11-28T05:12:33Z"), BERLIN, NOW, seconds=True) == "06:12:33 +01:00"
    assert clock(at("2026-11-27T23:30:00Z"), BERLIN, NOW) == "00:30 +01:00", "in Berlin it is today"
    assert clock(at("2026-11-28T02:00:00Z"), NEW_YORK, NOW) == "2026-11-27 21:00 -05:00"
    assert clock(at("2026-11-29T02:00:03Z"), BERLIN, NOW, seconds=True) == "2026-11-29 03:00:03 +01:00"


def test_a_documents_time_is_whole() -> None:
    assert exact(at("2026-11-28T05:12:33.500001Z"), BERLIN) == "2026-11-28T06:12:33.500001+01:00"
