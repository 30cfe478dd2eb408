"""Their names, codes, dates and decimals → ours; what can't be translated is null and a failure."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.failures.failures import Failures
from crossdock.partners.feed import Feed
from crossdock.pipeline.normalize.translate import defaults_of, translate
from tests.sent import HEADER, brief, details, feed, plain, sent


def one(field: str, value: str, of: Feed, *, plain_numbers: bool = False) -> tuple[Any, Failures]:
    """What becomes of one cell, and what is wrong with it."""
    steps = sent(f"SO-1,1,AB,'{value}'", header=f"customerOrderNumber,customerLineNumber,skuId,{field}", of=of)
    table, failures = translate(steps.batch, steps.columns, of, plain_numbers=plain_numbers)
    ((text,),) = plain(table, field)
    return text, failures


COMMA = {"decimal": ",", "thousands": "."}


@pytest.mark.parametrize(
    ("keys", "value", "expected"),
    [
        ({}, "5", "5"),
        ({}, "+5.50", "5.5"),
        ({}, "-0", "0"),
        ({}, "-.5", "-0.5"),
        ({}, "007.", "7"),
        ({}, "0000", "0"),
        ({"decimal": ","}, "1,50", "1.5"),
        (COMMA, "1.234,5", "1234.5"),
        (COMMA, "1.234.567", "1234567"),
        ({"thousands": ","}, "1,234", "1234"),
        ({"thousands": "'"}, "12''345.6", "12345.6"),
        ({"thousands": " "}, "1 234", "1234"),
    ],
)
def test_a_number_is_read_as_the_feed_writes_it(keys: dict[str, Any], value: str, expected: str) -> None:
    text, failures = one("quantity", value, feed(**keys))
    assert (text, len(failures)) == (expected, 0)


@pytest.mark.parametrize(
    ("keys", "value", "code"),
    [
        ({}, "five", "not_a_number"),
        ({}, "1,234", "ambiguous_number"),
        ({}, "1,23", "not_a_number"),
        ({}, "1e5", "not_a_number"),
        ({"decimal": ","}, "1.234", "ambiguous_number"),
        ({"decimal": ","}, "1.5", "not_a_number"),
        (COMMA, "12.34", "not_a_number"),
        (COMMA, "0.123", "not_a_number"),
        ({"thousands": ","}, "1,23", "not_a_number"),
        ({}, "٣", "not_a_number"),
    ],
)
def test_a_number_that_may_be_another_is_none(keys: dict[str, Any], value: str, code: str) -> None:
    text, failures = one("quantity", value, feed(**keys))
    assert (text, brief(failures)) == (None, [(2, "quantity", code)])


@pytest.mark.parametrize(
    ("value", "expected"),
    [("-12.50", "-12.5"), (".5", "0.5"), ("1e3", None), ("+5", None), ("5-", None), ("2,5", None), ("1,000", None)],
)
def test_a_format_that_writes_numbers_its_own_way_has_a_point_and_a_minus(value: str, expected: str | None) -> None:
    assert one("quantity", value, feed(**COMMA), plain_numbers=True)[0] == expected


@pytest.mark.parametrize(
    ("dates", "value", "expected"),
    [
        ([], "2026-11-20", "2026-11-20"),
        ([], "2026-11-20T00:00:00", "2026-11-20"),
        ([], "2026-11-20 08:30", "2026-11-20 08:30"),
        (["%d.%m.%Y"], "20.11.2026", "2026-11-20"),
        (["%d.%m.%Y"], "2026-11-20", "2026-11-20"),
        (["%d.%m.%Y %H:%M"], "20.11.2026 08:30", "2026-11-20T08:30:00.000000"),
        (["serial"], "46346", "2026-11-20"),
        (["serial", "%d.%m.%Y"], "20.11.2026", "2026-11-20"),
        (["serial"], "46346,5", "2026-11-20T12:00:00"),
    ],
)
def test_a_date_is_read_as_the_feed_writes_it(dates: list[str], value: str, expected: str) -> None:
    text, failures = one("orderCreatedDate", value, feed(dates=dates))
    assert (text, len(failures)) == (expected, 0)


def of_feed(why: str, example: str = "31.12.2026") -> dict[str, str]:
    return {"example": example, "why": why}


@pytest.mark.parametrize(
    ("dates", "value", "code", "detail"),
    [
        ([], "soon", "not_a_date", {"example": "2026-12-31"}),
        ([], "46346", "serial_date", {"example": "2026-12-31", "reading": "2026-11-20"}),
        ([], "03.04.2026", "ambiguous_date", {"one": "2026-04-03", "other": "2026-03-04"}),
        ([], "03/04/26", "ambiguous_date", {"one": "2026-04-03", "other": "2026-03-04"}),
        ([], "20.11.2026", "not_a_date", {"example": "2026-12-31"}),
        ([], "04.04.2026", "not_a_date", {"example": "2026-12-31"}),
        (["%d.%m.%Y"], "31.02.2026", "no_such_date", of_feed("February has 28 days in 2026")),
        (["%d.%m.%Y"], "31.11.2026", "no_such_date", of_feed("November has 30 days")),
        (["%d.%m.%Y"], "20.13.2026", "no_such_date", of_feed("there is no month 13")),
        (
            ["%d.%m.%Y"],
            "05.13.2026",
            "no_such_date",
            of_feed("there is no month 13; with day and month the other way round it is 2026-05-13"),
        ),
        (["%d.%m.%Y"], "00.11.2026", "no_such_date", of_feed("there is no day 0")),
        (["%d.%m.%Y %H:%M"], "05.11.2026 25:00", "no_such_date", of_feed("an hour is 0 to 23", "31.12.2026 00:00")),
        (["%Y%m%d"], "20261131", "no_such_date", of_feed("November has 30 days", "20261231")),
        (["%d.%m.%Y"], "05.11.26", "short_year", {"example": "31.12.2026"}),
        (["%d.%m.%Y"], "05.11.0026", "short_year", {"example": "31.12.2026"}),
        (["%d.%m.%Y"], "0026-11-05", "short_year", {"example": "31.12.2026"}),
        (["%d.%m.%Y"], "2026-W48", "no_day", {"example": "31.12.2026"}),
        ([], "KW 48/2026", "no_day", {"example": "2026-12-31"}),
        ([], "11/2026", "no_day", {"example": "2026-12-31"}),
        ([], "2026-11-30 10:00:00 PST", "zone_by_name", {"example": "2026-12-31T00:00-08:00"}),
        ([], "Mon Nov 30 2026 10:00 Europe/Berlin", "zone_by_name", {"example": "2026-12-31T00:00-08:00"}),
        (["%d.%m.%Y"], "20/11/2026", "not_a_date", {"example": "31.12.2026"}),
        (["serial"], "tomorrow", "not_a_date", {"example": "2026-12-31"}),
    ],
)
def test_a_date_that_may_be_another_is_none(dates: list[str], value: str, code: str, detail: dict[str, str]) -> None:
    text, failures = one("orderCreatedDate", value, feed(dates=dates))
    assert (text, brief(failures), details(failures)) == (None, [(2, "orderCreatedDate", code)], [detail])


@pytest.mark.parametrize(("value", "expected"), [("Y", "true"), ("no", "false"), ("1", "true"), ("FALSE", "false")])
def test_yes_and_no_are_true_and_false(value: str, expected: str) -> None:
    assert one("fulfillFlag", value, feed())[0] == expected


def test_what_is_neither_yes_nor_no_is_a_failure_unless_the_feed_maps_it() -> None:
    text, failures = one("fulfillFlag", "ja", feed())
    assert (text, brief(failures)) == (None, [(2, "fulfillFlag", "not_a_flag")])
    assert one("fulfillFlag", "ja", feed(values={"fulfillFlag": {"ja": "true"}}))[0] == "true"


def test_text_is_trimmed_mapped_and_padded_and_actions_are_words_of_ours() -> None:
    of = feed(values={"carrierId": {"brown": "UPS"}}, pad={"skuId": 5})
    steps = sent("SO-1,1,12, brown ,05", header="customerOrderNumber,customerLineNumber,skuId,carrierId,action", of=of)
    assert plain(steps.translated[0], "skuId", "carrierId", "action") == [("00012", "UPS", "replace")]


def test_every_row_with_a_wrong_value_has_its_failure() -> None:
    _, failures = sent("SO-1,1,AB,x", "SO-1,2,AB,5", "SO-2,1,AB,x", "SO-2,2,AB,y").translated
    assert brief(failures) == [(line, "quantity", "not_a_number") for line in (2, 4, 5)]


def test_a_cell_that_the_format_could_not_read_has_the_formats_failure() -> None:
    spoiled = {
        2: {"skuId": ("error_cell", {"shown": "#N/A"}), "colour": ("error_cell", {})},
        3: {"quantity": ("of another version", {})},
    }
    steps = sent("SO-1,1,,5,red", "SO-1,2,AB,5,red", header=f"{HEADER},colour", spoiled=spoiled)
    failures = steps.translated[1]
    assert brief(failures) == [(2, "skuId", "error_cell")]
    assert details(failures) == [{"shown": "#N/A"}]


def test_constants_and_defaults_are_written_as_the_feed_writes_and_what_is_wrong_with_them_stays() -> None:
    of = feed(
        constants={"businessUnitId": "BU1", "orderAmount": "1.234,5", "fulfillFlag": "Y"},
        defaults={"quantity": "many", "orderCreatedDate": "20.11.2026"},
        dates=["%d.%m.%Y"],
        **COMMA,
    )
    defaults = defaults_of(of)
    assert defaults.constants == {"businessUnitId": "BU1", "orderAmount": "1234.5", "fulfillFlag": "true"}
    assert defaults.defaults == {"quantity": "many", "orderCreatedDate": "2026-11-20"}
