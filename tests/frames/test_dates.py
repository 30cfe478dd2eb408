"""Days and moments as partners write them: read as what was written, and never as another day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.frames import dates
from crossdock.pipeline.normalize.parse import column
from crossdock.schema.document import Field, Kind

BERLIN = ZoneInfo("Europe/Berlin")


def read(text: str, *patterns: str, days: bool = False, zone: ZoneInfo = BERLIN) -> str | None:
    return dates.read(pa.array([text]), patterns, zone, days=days)[0][0].as_py()


def failing(text: str, *patterns: str) -> str:
    values, wrong = dates.read(pa.array([text]), patterns, BERLIN, days=True)
    assert (values[0].as_py() is None) or not wrong
    return wrong[0][0] if wrong else ""


@pytest.mark.parametrize(
    ("text", "patterns", "day"),
    [
        ("1767225600", ["epoch"], "2026-01-01"), ("1767225600000", ["epoch_ms"], "2026-01-01"),
        ("1767225600.0", ["epoch"], "2026-01-01"), ("1767222000", ["epoch"], "2026-01-01"),  # midnight in Berlin
        ("/Date(1767225600000)/", [], "2026-01-01"), ("/Date(1767222000000+0100)/", [], "2026-01-01"),
        ("\\/Date(1767225600000)\\/", [], "2026-01-01"), ("/Date(-86400000)/", [], "1969-12-31"),
        ("Mon 05.01.2026", ["%a %d.%m.%Y"], "2026-01-05"), ("monday, January 5, 2026", ["%A, %B %d, %Y"], "2026-01-05"),
        ("Mo., 05.01.2026", ["%a, %d.%m.%Y"], "2026-01-05"), ("Mo. 05.01.2026", ["%a. %d.%m.%Y"], "2026-01-05"),
        ("mardi 06/01/2026", ["%A %d/%m/%Y"], "2026-01-06"), ("Mar 10 2026 (mar)", ["%b %d %Y (%a)"], "2026-03-10"),
        ("46027", ["serial"], "2026-01-05"), ("05.01.2026", ["%d.%m.%Y"], "2026-01-05"),
    ],
)  # fmt: skip
def test_days(text: str, patterns: list[str], day: str) -> None:
    assert read(text, *patterns, days=True) == day


@pytest.mark.parametrize(
    ("text", "patterns", "moment"),
    [
        ("1767225600", ["epoch"], "2026-01-01T00:00:00+00:00"), ("1767225600.25", ["epoch"], "2026-01-01T00:00:00.25Z"),
        ("1767225600123", ["epoch_ms"], "2026-01-01T00:00:00.123Z"), ("/Date(-1500)/", [], "1969-12-31T23:59:58.5Z"),
        ("05/Jan/2026:10:00:00 +0100", ["%d/%b/%Y:%H:%M:%S %z"], "2026-01-05T09:00:00Z"),
        ("05.01.2026 10:00 Z", ["%d.%m.%Y %H:%M %z"], "2026-01-05T10:00:00Z"),
        ("05-01-2026 10:00 -05:30", ["%d-%m-%Y %H:%M %z"], "2026-01-05T15:30:00Z"),
        ("Mon Jan 05 10:00:00 +0200 2026", ["%a %b %d %H:%M:%S %z %Y"], "2026-01-05T08:00:00Z"),
        ("05.01.2026 10:00\u202fPM", ["%d.%m.%Y %I:%M %p"], "2026-01-05T22:00:00"),
        ("202601051000", ["%Y%m%d", "%Y%m%d%H%M"], "2026-01-05T10:00:00"), ("20260105 9:05", ["20%y%m%d %H:%M"], "2026-01-05T09:05:00"),
    ],
)  # fmt: skip
def test_moments(text: str, patterns: list[str], moment: str) -> None:
    assert datetime.fromisoformat(str(read(text, *patterns))) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "text",
    ["0", "00000000", "000000", "00000000000000", "00.00.0000", "0000-00-00", "00/00/0000", "00.00.00",
     "0000-00-00 00:00:00", "0000-00-00T00:00:00Z", "00.00.0000 00:00:00"],
)  # fmt: skip
def test_zeros_only_are_no_date(text: str) -> None:
    assert (read(text, "%d.%m.%Y"), failing(text, "%d.%m.%Y")) == (None, "")


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("0", ["epoch"]),  # none, or the first second of 1970
        ("1767225600000", ["epoch"]), ("1767225600", ["epoch_ms"]), ("20260105", ["epoch"]), ("20260105", ["epoch_ms"]),
        ("Tue 05.01.2026", ["%a %d.%m.%Y"]), ("Di 05.01.2026", ["%a %d.%m.%Y"]), ("05.01.2026", ["%a %d.%m.%Y"]), ("1767225600", []), ("/Date(-62135596800000)/", []), ("00:00:00", []),
        ("/Date(999999999999999)/", []), ("/Date(1767225600000", []), ("05.01.2026 10:00", ["%d.%m.%Y %H:%M %z"]),
        ("20261132", ["%Y%m%d", "%Y%m%d%H%M"]), ("1112026", ["%d%m%Y"]), ("20260105 905", ["%Y%m%d %H%M"]),
        ("01.01.1753", []), ("00.01.2026", ["%d.%m.%Y"]), ("05.01.2026 10:00 +2500", ["%d.%m.%Y %H:%M %z"]),
    ],
)  # fmt: skip
def test_what_may_be_another_day_is_a_failure(text: str, patterns: list[str]) -> None:
    assert failing(text, *patterns)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-30T10:15:00.1234567Z", "2026-11-30T10:15:00.123456Z"),
        ("2026-11-30T10:15:00.123456789+01:00", "2026-11-30T10:15:00.123456+01:00"),
        ("2026-11-30 10:15:00,1234567", "2026-11-30T10:15:00.123456"),
        ("2026-11-30T10:15:00.1234560000000Z", "2026-11-30T10:15:00.123456Z"),
        ("2026-11-30T10:15:00.9999999Z", "2026-11-30T10:15:00.999999Z"),
        ("2026-11-30Z", "2026-11-30T00:00Z"), ("2026-11-30+01:00", "2026-11-30T00:00+01:00"),
        ("2026-11-30-05:00", "2026-11-30T00:00-05:00"),
    ],
)  # fmt: skip
def test_moments_as_programs_write_them(text: str, moment: str) -> None:
    assert datetime.fromisoformat(str(read(text))) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "text",
    ["2026-11-30T10:15:00.12345678901Z", "2026-11-30-05", "2026-11-30+15:00", "2026-11-30T10:15.1234567Z", "2026-11-30X", "2026-11-31Z"],
)  # fmt: skip
def test_what_is_nearly_such_a_moment_is_none(text: str) -> None:
    values, wrong = dates.read(pa.array([text]), (), BERLIN, days=True)
    clean, no_such_day = column(values, Field("day", Kind.DATE), BERLIN)
    assert clean[0].as_py() is None
    assert wrong or no_such_day


@pytest.mark.parametrize("text", ["2026-11-30Z", "2026-11-30+01:00", "2026-11-30-11:00"])
def test_a_day_with_a_zone_is_the_day_as_written(text: str) -> None:
    values, wrong = dates.read(pa.array([text]), (), BERLIN, days=True)
    clean, no_such_day = column(values, Field("day", Kind.DATE), BERLIN)
    assert (clean[0].as_py(), wrong, no_such_day) == (date.fromisoformat("2026-11-30"), {}, [])


def test_the_hint_is_written_as_the_feed_writes() -> None:
    for patterns in ([], ["epoch"], ["epoch_ms"], ["%a %d.%m.%Y"], ["serial", "%d.%m.%Y %H:%M %z"], ["serial"]):
        _, wrong = dates.read(pa.array(["x"]), patterns, BERLIN, days=True)
        assert str(read(wrong[0][1]["example"], *patterns, days=True)).startswith("2026-12-31")


moments = st.datetimes(datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2100-01-01")).map(
    lambda each: each.replace(microsecond=0)
)
OFFSETS = st.integers(min_value=-12 * 4, max_value=14 * 4).map(
    lambda quarters: timezone(timedelta(minutes=15 * quarters))
)
WAYS = ("%d.%m.%Y %H:%M:%S %z", "%a, %d %b %Y %H:%M:%S %z", "%A %Y/%m/%d %I:%M:%S %p %z", "%a %b %d %H:%M:%S %z %Y")


@given(moments, OFFSETS, st.sampled_from(WAYS))
def test_a_moment_that_is_written_with_its_offset_is_read_back(
    moment: datetime, offset: timezone, pattern: str
) -> None:
    there = moment.replace(tzinfo=offset)
    assert datetime.fromisoformat(str(read(there.strftime(pattern), pattern))) == there


@given(moments)
def test_a_moment_that_is_counted_is_read_back(moment: datetime) -> None:
    there = moment.replace(tzinfo=UTC)
    seconds = int(there.timestamp())
    for text in (f"{seconds}", f"{seconds}000", f"/Date({seconds}000)/"):
        assert datetime.fromisoformat(str(read(text, "epoch", "epoch_ms"))) == there


@given(
    st.dates(date.fromisoformat("1990-01-01"), date.fromisoformat("2100-01-01")),
    st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata"]),
)
def test_a_day_that_is_counted_is_read_back(day: date, zone: str) -> None:
    """By the midnight of UTC, and by that of the feed's zone."""
    for of in (UTC, ZoneInfo(zone)):
        midnight = datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=of)
        assert read(f"/Date({int(midnight.timestamp())}000)/", days=True, zone=ZoneInfo(zone)) == str(day)


@pytest.mark.parametrize(
    "patterns",
    [
        ("%m/%d/%Y", "%d/%m/%Y"),
        ("%d/%m/%y %H:%M", "%d.%m.%Y", "%m/%d/%y %H:%M"),
        ("%y%m%d", "%d%m%y"),
        ("%d%m%Y", "%Y%m%d"),
        ("%Y%m%d%H", "epoch"),
        ("%Y-%d-%m",),
    ],
)
def test_formats_that_read_a_text_as_two_days_contradict_each_other(patterns: tuple[str, ...]) -> None:
    assert dates.contradiction(patterns) is not None


@pytest.mark.parametrize(
    "patterns",
    [
        (),
        ("%d.%m.%Y", "%m/%d/%Y", "%Y%m%d", "serial"),
        ("%d.%m.%Y", "%d.%m.%y", "%d.%m.%Y %H:%M", "%d.%m.%Y %z"),
        ("%Y%m%d", "%d%m%Y"),  # the first one reads no such text of this century
        ("%Y-%m-%d", "%Y-%m-%d %H:%M"),
        ("%Y%m%d", "%Y%m%d%H%M", "epoch"),
        ("%a %d/%m/%Y", "%d %b %Y", "%b %d, %Y"),
    ],
)
def test_formats_of_other_texts_do_not(patterns: tuple[str, ...]) -> None:
    assert dates.contradiction(patterns) is None
