"""Text → typed columns, and a failure for every cell that isn't what its field holds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from crossdock.pipeline.normalize.parse import column
from crossdock.schema.document import Field, Kind
from tests.sent import HEADER, Sent, brief, details, feed, plain, sent


def one(field: str, value: str, **keys: Any) -> Sent:
    """An order with one more cell, of the header or of its line."""
    return sent(f"SO-1,1,AB,5,'{value}'", header=f"{HEADER},{field}", of=feed(**keys))


def parsed(steps: Sent, field: str) -> Any:
    assembled, _ = steps.typed
    rows = next(rows.cells for rows in assembled.rows.values() if field in rows.cells)
    return plain(rows, field)[0][0]


@pytest.mark.parametrize(
    ("field", "value", "typed"),
    [
        ("unitPrice", "1.5", Decimal("1.5000")),
        ("orderAmount", "-2", Decimal("-2.0000")),
        ("lineCount", "12", 12),
        ("fulfillFlag", "yes", True),
        ("orderDropDate", "2026-11-20", date(2026, 11, 20)),
        ("orderDropDate", "2026-11-20T00:00", date(2026, 11, 20)),
        ("orderCreatedDate", "2026-11-20", datetime(2026, 11, 19, 23, tzinfo=UTC)),
        ("orderCreatedDate", "2026-11-20T12:00+02:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("orderCreatedDate", "2026-11-20T12:00-0130", datetime(2026, 11, 20, 13, 30, tzinfo=UTC)),
        ("orderCreatedDate", "2026-11-20T12:00:01,5Z", datetime(2026, 11, 20, 12, 0, 1, 500_000, tzinfo=UTC)),
        ("buyerOrderNumber", "a\tb", "a\tb"),
        ("header.notes", "two\nlines", "two\nlines"),
    ],
)
def test_text_becomes_what_its_field_holds(field: str, value: str, typed: Any) -> None:
    steps = one(field, value)
    assert (parsed(steps, field), len(steps.typed[1])) == (typed, 0)


@pytest.mark.parametrize(
    ("field", "value", "code", "detail"),
    [
        ("unitPrice", "1.23456", "too_many_decimals", {"places": 4}),
        ("unitPrice", "1234567890123456", "number_too_large", {"digits": 15}),
        ("lineCount", "1.5", "not_whole", {"digits": 18, "example": "12"}),
        ("lineCount", "1234567890123456789", "number_too_large", {"digits": 18, "example": "12"}),
        ("orderDropDate", "2026-02-30", "no_such_date", {"why": "February has 28 days in 2026"}),
        ("orderDropDate", "2026-11-20T08:00", "not_midnight", {}),
        ("orderCreatedDate", "2026-11-20T25:00", "no_such_date", {"why": "an hour is 0 to 23"}),
        ("carrierId", "U\tPS", "control_character", {"character": "U+0009"}),
        ("buyerOrderNumber", "a\x07b", "control_character", {"character": "U+0007"}),
    ],
)
def test_a_cell_that_is_something_else_is_null_and_a_failure(
    field: str, value: str, code: str, detail: dict[str, Any]
) -> None:
    steps = one(field, value)
    assert parsed(steps, field) is None
    assert (brief(steps.typed[1]), [each or {} for each in details(steps.typed[1])]) == ([(2, field, code)], [detail])


@pytest.mark.parametrize(
    ("value", "code", "one_", "other"),
    [
        ("2026-03-29T02:30", "skipped_time", "2026-03-29T02:00:00+01:00", "2026-03-29T03:00:00+02:00"),
        ("2026-10-25T02:30", "doubled_time", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),
    ],
)
def test_a_time_that_the_clocks_skip_or_double_is_a_failure_with_both_readings(
    value: str, code: str, one_: str, other: str
) -> None:
    steps = one("orderCreatedDate", value)
    assert brief(steps.typed[1]) == [(2, "orderCreatedDate", code)]
    (detail,) = details(steps.typed[1])
    assert detail == {"zone": "Europe/Berlin", "one": one_, "other": other}


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("America/Santiago", "2026-09-06", "04:00"),
        ("Africa/Cairo", "2026-04-24", "22:00"),
        ("Asia/Beirut", "2026-03-29", "22:00"),
        ("America/Havana", "2026-11-01", "04:00"),
        ("Atlantic/Azores", "2026-10-25 00:00", "00:00"),
        ("Europe/Berlin", "2026-10-25", "22:00"),
    ],
)
def test_a_day_begins_where_its_zone_begins_it(zone: str, day: str, begins: str) -> None:
    """Where summer begins or ends at midnight, a day without a time is still that day: its first moment."""
    (moment,), wrong = column(pa.array([day]), Field("at", Kind.TIMESTAMP), ZoneInfo(zone))
    assert not wrong
    assert f"{moment.as_py():%H:%M}" == begins
    assert f"{moment.as_py().astimezone(ZoneInfo(zone)):%Y-%m-%d}" == day[:10]


def test_neither_case_nor_blanks_matter_in_a_value_of_a_list_and_what_is_none_is_left() -> None:
    header = "shipmentId,customerOrderNumber,shipDate,lineNumber,customerLineNumber,quantityShipped,lineStatus"
    rows = [f"S1,SO-1,2026-11-20,{line},1,1,{status}" for line, status in enumerate((" short", "Lost", ""), 1)]
    assembled, failures = sent(*rows, header=header, of=feed("ship_confirmation")).typed
    assert plain(assembled.rows["line"].cells, "lineStatus") == [("SHORT",), ("Lost",), (None,)]
    assert not len(failures)


def test_each_row_of_a_wrong_value_fails() -> None:
    _, failures = sent("SO-1,1,AB,1.1234567", "SO-1,2,AB,1", "SO-2,1,AB,1.1234567").typed
    assert brief(failures) == [(2, "quantity", "too_many_decimals"), (4, "quantity", "too_many_decimals")]


def test_a_line_that_says_no_quantity_has_the_sum_of_its_cartons() -> None:
    header = "asnNumber,lineNumber,skuId,quantity,cartonId"
    rows = ["A1,1,AB,3,340123450000000017", "A1,1,AB,4.5,340123450000000024", "A1,2,AB,9,"]
    assembled, _ = sent(*rows, header=header, of=feed("asn")).typed
    assert plain(assembled.rows["line"].cells, "line.quantity") == [(Decimal("7.5"),), (Decimal(9),)]


def test_a_line_that_says_its_quantity_keeps_it() -> None:
    header = "asnNumber,lineNumber,skuId,line.quantity,cartonId,package.quantity"
    assembled, _ = sent("A1,1,AB,9,340123450000000017,3", header=header, of=feed("asn")).typed
    assert plain(assembled.rows["line"].cells, "line.quantity") == [(Decimal(9),)]
