"""When nights are, across the clock changes; which were missed."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from crossdock.flows.schedules import Night, dates, last_due, schedules
from crossdock.settings import Settings
from tests.warehouse import Warehouse


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def night(cron: str) -> Night:
    return Night("nightly", cron, "Europe/Berlin", ())


@pytest.mark.parametrize(
    ("cron", "day", "due"),
    [
        ("30 3 * * *", "2026-03-28", "2026-03-28T02:30"),
        ("30 3 * * *", "2026-03-29", "2026-03-29T01:30"),  # the night that lacks 02:00 to 03:00
        ("30 2 * * *", "2026-03-29", "2026-03-29T01:30"),  # a time that isn't there: an hour later by the wall
        ("30 3 * * *", "2026-10-25", "2026-10-25T02:30"),  # the night that has 02:00 to 03:00 twice
        ("30 2 * * *", "2026-10-25", "2026-10-25T00:30"),  # once, the first time
        ("30 3 * * *", "2026-10-26", "2026-10-26T02:30"),
    ],
)
def test_each_night_comes_once_also_when_the_clock_changes(cron: str, day: str, due: str) -> None:
    begin = at(f"{day}T00:00") - timedelta(hours=2)
    assert dates(night(cron), begin, begin + timedelta(hours=24)) == [at(due)]


def test_no_night_is_left_out_and_none_doubled_in_a_year() -> None:
    for cron in ("30 2 * * *", "30 3 * * *", "0 0 * * *"):
        moments = dates(night(cron), at("2026-01-01T12:00"), at("2026-12-31T12:00"))
        assert len(moments) == 364
        assert all(
            timedelta(hours=22) < later - earlier < timedelta(hours=26)
            for earlier, later in itertools.pairwise(moments)
        )


def test_when_a_night_was_due_last() -> None:
    assert last_due(night("30 3 * * *"), at("2026-10-25T02:30")) == at("2026-10-25T02:30")
    assert last_due(night("30 3 * * *"), at("2026-10-25T02:29")) == at("2026-10-24T01:30")
    assert last_due(night("0 0 1 1 *"), at("2026-10-25T02:30")) is None
    assert last_due(night("*/5 * * * *"), at("2026-10-22T02:34")) == at("2026-10-22T02:30")


def test_a_partner_with_a_time_of_its_own_is_in_no_other_night(warehouse: Warehouse) -> None:
    warehouse.partner("late", top='pick_up = "15 5 * * *"')
    warehouse.partner("calm", top='pick_up = "nightly"')
    nights = schedules(Settings(zone="Europe/Berlin"), warehouse.site.partners)
    assert [(each.name, each.cron, each.partners) for each in nights] == [
        ("nightly", "30 3 * * *", ("acme", "calm")),
        ("nightly-late", "15 5 * * *", ("late",)),
    ]


@pytest.mark.both
def test_a_missed_night_is_made_up_once_and_a_new_schedule_has_missed_none(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crossdock.flows.programs import watch
    from crossdock.registers import nightly_runs

    class Clock(datetime):
        now_is = at("2026-10-20T12:00")

        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return cls.now_is

    begun: list[dict[str, object]] = []

    class Run:
        id = "run"

    def run_deployment(name: str, **parameters: object) -> Run:
        begun.append({"name": name} | parameters)
        return Run()

    monkeypatch.setattr(watch, "datetime", Clock)
    monkeypatch.setattr(watch, "run_deployment", run_deployment)
    monkeypatch.setattr(watch, "_deployment", lambda _, name: name)  # there is no server
    settings = Settings(zone="Europe/Berlin")
    watch.make_up(settings, warehouse.site)
    assert begun == [], "the first time that a watcher looks"
    Clock.now_is = at("2026-10-23T01:35")  # five minutes late is Prefect's own business; two nights were missed before
    watch.make_up(settings, warehouse.site)
    assert begun == []
    Clock.now_is = at("2026-10-23T09:00")
    watch.make_up(settings, warehouse.site)
    watch.make_up(settings, warehouse.site)
    assert {str(each["idempotency_key"]) for each in begun} == {"nightly 2026-10-23T01:30:00+00:00 23T09"}, (
        "one run, whoever asks how often"
    )
    assert nightly_runs.begin(warehouse.database, "nightly", at("2026-10-23T01:30"), "run")
    assert not nightly_runs.begin(warehouse.database, "nightly", at("2026-10-23T01:30"), "a late one")
    begun.clear()
    watch.make_up(settings, warehouse.site)
    assert begun == []
    nightly_runs.begin(warehouse.database, "nightly", at("2036-01-01T02:30"), "when the clock was wrong")
    Clock.now_is = at("2026-10-26T09:00")
    watch.make_up(settings, warehouse.site)
    assert len(begun) == 1
