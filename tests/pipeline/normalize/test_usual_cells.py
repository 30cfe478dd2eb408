"""What most files write is read by one question a column; it is what the long way makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.documents import DOCUMENTS
from crossdock.frames import dates, numerals
from crossdock.frames.numerals import Spelling
from crossdock.pipeline.normalize import parse

UTC = ZoneInfo("UTC")
FIELDS = {name: DOCUMENTS["sales_order"].fields[name][1] for name in ("unitPrice", "quantity", "lineCount")}
SPELLINGS = [
    *(Spelling(), Spelling(decimal=","), Spelling(decimal=",", thousands="."), Spelling(thousands=",")),
    *(Spelling(decimal=",", thousands=" "), Spelling(bare=True), Spelling(currency="EUR")),
    *(Spelling(percent="percent"), Spelling(parentheses=True), Spelling(implied=2)),
]
NUMBERS = st.lists(st.text("0123456789.,-+ 00", min_size=1, max_size=8), min_size=1, max_size=3)
YEARS = ("0001", "0999", "1000", "1582", "1677", "1899", "1970", "2026", "2028", "2100", "2262", "2999", "9999")
DAYS = st.tuples(st.sampled_from(YEARS), st.integers(0, 13), st.sampled_from([0, 1, 28, 29, 30, 31, 32])).map(
    lambda parts: "{}-{:02}-{:02}".format(*parts)
)
CLOCKS = st.sampled_from(
    ["T10:11:12Z", "T00:00:00Z", "T23:59:59Z", "T24:00:00Z", "T23:59:60Z", "T10:60:00Z", "T09:00:00"]
)


def both(read: Callable[..., Any], *arguments: Any, **named: Any) -> tuple[Any, Any]:
    """What is read in the short way, if it takes it, and in the long one."""
    short = read(*arguments, **named)
    with pytest.MonkeyPatch.context() as patch:
        for module in (parse, dates, numerals):
            patch.setattr(module, "all_match", lambda *_: False)
        return short, read(*arguments, **named)


@given(st.sampled_from(SPELLINGS), NUMBERS)
def test_numbers(spelling: Spelling, texts: list[str]) -> None:
    (short, wrong), (long, of_long) = both(spelling.read, pa.array(texts))
    assert (short.to_pylist(), wrong) == (long.to_pylist(), of_long)


@given(st.sampled_from(sorted(FIELDS)), NUMBERS)
def test_typed_numbers(name: str, texts: list[str]) -> None:
    (short, wrong), (long, of_long) = both(parse.column, pa.array(texts), FIELDS[name], UTC)
    assert short.equals(long)
    assert str(wrong) == str(of_long)


@given(st.lists(DAYS, min_size=1, max_size=3), CLOCKS)
def test_days_and_moments(days: list[str], clock: str) -> None:
    for kind, texts in (("_date", days), ("_timestamp", [f"{day}{clock}" for day in days])):
        (short, wrong), (long, of_long) = both(getattr(parse, kind), pa.array(texts), None, UTC)
        assert (short.to_pylist(), wrong) == (long.to_pylist(), of_long)
        (short, wrong), (long, of_long) = both(dates.read, pa.array(texts), ["DD.MM.YYYY"], UTC, days=kind == "_date")
        assert (short.to_pylist(), wrong) == (long.to_pylist(), of_long)


def test_the_short_way_is_taken() -> None:
    """Else the others compare nothing."""
    for module, read in ((numerals, lambda: Spelling().read(pa.array(["12.50"]))),
                         (parse, lambda: parse._date(pa.array(["2026-11-30"]), None, UTC)),  # type: ignore[arg-type]
                         (dates, lambda: dates.read(pa.array(["2026-11-30"]), [], UTC, days=True))):  # fmt: skip
        patterns: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "all_match", lambda _, pattern, seen=patterns: seen.append(pattern) or True)
            read()
        assert patterns
