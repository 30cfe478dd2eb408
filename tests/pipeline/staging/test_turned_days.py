"""Days and months that stand the other way round are said: a spreadsheet of another country has turned some of them.

The columns are written as Excel leaves them: opened in a country that has the month first, ``05.11.2026`` or
``05/11/2026`` becomes a date, the 11th of May, and ``30/11/2026`` stays text (Microsoft's "Change the date system,
format, or two-digit year interpretation" names the order of the system's region as what decides).
"""

from __future__ import annotations

from datetime import datetime

import pytest

from crossdock.model.status import Verdict
from tests.formats.test_headings import run
from tests.warehouse import HEADER, Result, Warehouse, csv

DATED = f"{HEADER},orderCreatedDate"
MADE = " 00:00:00"
US, EUROPE = 'dates = ["%m/%d/%Y"]', 'dates = ["%d.%m.%Y"]'


def dated(warehouse: Warehouse, days: list[str], keys: str = US) -> Result:
    rows = [f"SO-{place},1,AB,5,{day}" for place, day in enumerate(days)]
    return warehouse.run(csv(*rows, header=DATED), warehouse.feed(keys))


def sentences(result: Result) -> list[str]:
    return [each["message"] for each in result.failures if each["code"].startswith("days_")]


def test_dates_that_may_be_turned_are_said(warehouse: Warehouse) -> None:
    (sentence,) = sentences(dated(warehouse, ["11/30/2026", "30/11/2026", "12/11/2026"]))
    assert sentence == (
        "the column 'orderCreatedDate' has dates such as 30/11/2026, in which day and month stand the other way round; "
        "12/11/2026 was read as 2026-12-11, and may be meant so, too (write all dates in one way, such as 2026-12-31)"
    )


@pytest.mark.parametrize(
    ("days", "keys"),
    [
        (["11/30/2026", "12/11/2026"], US),
        (["30/11/2026", "11/30/2026"], US),  # whatever it is, the others can't be meant otherwise
        (["30/11/2026", "11/11/2026"], US),
        (["30.11.2026", "12.11.2026"], EUROPE),
        (["32/11/2026", "2026-11-12"], 'dates = ["%Y/%m/%d"]'),
        (["30.11.2026", f"2026-11-12{MADE}", f"2026-11-13{MADE}"], EUROPE),  # the 13th was not taken for a month
        (["30.11.2026", f"2026-11-12{MADE}", "05.11.2026"], EUROPE),  # it would have been made a date, too
        (["30.11.2026", f"2026-11-11{MADE}"], EUROPE),
        (["30.11.2026", "2026-11-12"], EUROPE),  # a person has written both
    ],
)
def test_where_nothing_can_be_turned_nothing_is_said(warehouse: Warehouse, days: list[str], keys: str) -> None:
    assert sentences(dated(warehouse, days, keys)) == []


def test_dates_that_a_spreadsheet_has_turned_are_said(warehouse: Warehouse) -> None:
    days: list[str | datetime] = ["30.11.2026", datetime(2026, 5, 11), "29.11.2026", datetime(2026, 1, 12)]  # noqa: DTZ001
    rows = [DATED.split(","), *[[f"SO-{place}", 1, "AB", 5, day] for place, day in enumerate(days)]]
    (sentence,) = sentences(run(warehouse, rows, "xlsx", "", EUROPE))
    assert "text, such as 30.11.2026" in sentence
    assert "such as 2026-05-11, may be read both ways" in sentence


def test_a_feed_may_refuse_such_a_file(warehouse: Warehouse) -> None:
    keys = US + '\nseverity = { days_in_doubt = "error" }'
    result = dated(warehouse, ["30/11/2026", "12/11/2026"], keys)
    assert result.report.verdict is Verdict.REJECTED
    assert "the other way round" in str(result.report.refused)
