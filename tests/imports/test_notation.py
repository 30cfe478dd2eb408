"""Numbers, dates and times as partners write them: exact, never guessed (contract A2)."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.formats.fix_stamp import LINES
from tests.warehouse import HEADER, Warehouse, csv
from tests.workbooks import saved

GERMAN = 'decimal = ","\nthousands = "."\ndates = ["%d.%m.%Y", "%d.%m.%Y %H:%M"]\noptions = { delimiter = ";" }\n'


def stored(warehouse: Warehouse, column: str, field: str, values: list[str], keys: str = "") -> list[Any]:
    """What each value becomes in its column, every one in an order of its own; else the code of what is wrong."""
    header = f"{HEADER},{field}".replace(",", ";")
    rows = [f'SO-{place};1;AB;5;"{value}"' for place, value in enumerate(values, 2)]
    result = warehouse.run(csv(*rows, header=header), warehouse.feed(keys or 'options = { delimiter = ";" }\n'))
    table = "sales_order_lines" if column in ("unit_price", "amount") else "sales_orders"
    by_number = dict(warehouse.rows(f"SELECT customer_order_number, {column} FROM {table}"))
    codes = {line: code for line, _, code in result.errors}
    assert not {f"SO-{line}" for line in codes} & set(by_number)
    return [by_number.get(f"SO-{line}", codes.get(line)) for line in range(2, len(values) + 2)]


PLAIN = {
    "1.50": "1.5000", "1.5": "1.5000", "007": "7.0000", "+3": "3.0000", ".5": "0.5000", "5.": "5.0000",
    "0": "0.0000", "0.00": "0.0000", "999999999999999.9999": "999999999999999.9999", "1.50000000": "1.5000",
}  # fmt: skip


def test_plain_numbers_are_kept_exactly(warehouse: Warehouse) -> None:
    assert stored(warehouse, "unit_price", "unitPrice", [*PLAIN]) == [*PLAIN.values()]


NUMBERLESS = {
    "1,5": "not_a_number", "1,234": "ambiguous_number", "1e3": "not_a_number", "1 000": "not_a_number",
    "(1.00)": "not_a_number", "1.-": "ambiguous_number", "$1": "other_currency", "12 %": "not_a_number", "1.23456": "too_many_decimals",
    "1234567890123456": "number_too_large", "-1": "negative", "NaN": "not_a_number", "٣": "not_a_number",
}  # fmt: skip


def test_other_numbers_are_failures(warehouse: Warehouse) -> None:
    assert stored(warehouse, "unit_price", "unitPrice", [*NUMBERLESS]) == [*NUMBERLESS.values()]


OWN = {"1.234,50": "1234.5000", "1234,5": "1234.5000", "1.234": "1234.0000"}
"""As GERMAN writes them."""
ANOTHERS = ["1,234.50", "1234.50", "12.34,5", "1.2345", "1,2,3"]


def test_a_feeds_notation_is_taken_and_another_is_a_failure(warehouse: Warehouse) -> None:
    expected = [*OWN.values(), *["not_a_number"] * len(ANOTHERS)]
    assert stored(warehouse, "unit_price", "unitPrice", [*OWN, *ANOTHERS], GERMAN) == expected


def test_what_is_no_number_is_shown_one(warehouse: Warehouse) -> None:
    header = f"{HEADER},unitPrice".replace(",", ";")
    result = warehouse.run(csv("SO-1;1;AB;5;1,2,3", header=header), warehouse.feed(GERMAN))
    assert "1.234,56" in result.text


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [("unitPrice", "1.234,50 €", ["1234.5000"]), ("unitPrice", "EUR\u202f5", ["5.0000"]), ("unitPrice", "5 CHF", []),
     ("quantity", "5 €", [])],
)  # fmt: skip
def test_an_amount_may_name_the_feeds_currency_and_no_other(
    warehouse: Warehouse, field: str, value: str, kept: list[str]
) -> None:
    row = {"quantity": "5", "unitPrice": "1", field: value}
    text = csv(f"SO-1;1;AB;{row['quantity']};{row['unitPrice']}", header=f"{HEADER},unitPrice".replace(",", ";"))
    warehouse.run(text, warehouse.feed(GERMAN))
    assert [each[0] for each in warehouse.rows("SELECT unit_price FROM sales_order_lines")] == kept


def test_where_a_column_tells_the_currency_an_amount_names_none(warehouse: Warehouse) -> None:
    """The feed's constant is not meant where the file says another."""
    text = csv("SO-1;1;AB;5;5 €;USD", header=f"{HEADER},unitPrice,currency".replace(",", ";"))
    result = warehouse.run(text, warehouse.feed(GERMAN))
    assert [each[2] for each in result.errors] == ["not_a_number"]


def in_json(*prices: str) -> str:
    """Orders whose prices are that JSON."""
    line = '{"customerLineNumber": "1", "skuId": "AB", "quantity": 5, "unitPrice": '
    orders = (f'{{"customerOrderNumber": "SO-{at}", "orderLines": [{line}{each}}}]}}' for at, each in enumerate(prices))
    return f"[{', '.join(orders)}]"


def prices(warehouse: Warehouse) -> list[Any]:
    return warehouse.rows("SELECT customer_order_number, unit_price FROM sales_order_lines ORDER BY 1")


def test_a_number_in_json_is_plain_and_a_text_is_the_feeds(warehouse: Warehouse) -> None:
    sent = in_json("1.234", '"1.234"', "1.5e3", '"1.234,5"', "1234", "-0.0", '"1234.5"', '"1.5E+2"', '"x"')
    result = warehouse.run(sent, warehouse.feed(GERMAN), name="orders.json")
    kept = ["1.2340", "1234.0000", "1500.0000", "1234.5000", "1234.0000", "0.0000"]
    assert prices(warehouse) == [(f"SO-{at}", price) for at, price in enumerate(kept)]
    assert [code for _, _, code in result.errors] == ["not_a_number"] * 3
    assert "write it like 1.234,56" in result.text


def test_where_nobody_says_otherwise_a_text_is_as_a_number_is(warehouse: Warehouse) -> None:
    warehouse.run(in_json('"1234.5"', '"1.5E+2"', "1.5E+2", '"0E-8"'), name="orders.json")
    assert [price for _, price in prices(warehouse)] == ["1234.5000", "150.0000", "150.0000", "0.0000"]


def test_numbers_and_texts_of_json_come_back_as_they_are_meant(warehouse: Warehouse) -> None:
    """In a fix-workbook, and from what is held: neither shows any more which was quoted."""
    of = warehouse.feed(GERMAN)
    sent = in_json("1.234", '"1.234"').replace('"quantity": 5', '"quantity": 1.5, "quantityMeasure": "EA"')
    first = warehouse.run(sent, of, name="orders.json")
    assert {code for _, _, code in first.errors} == {"broken_unit"}
    fixed = openpyxl.load_workbook(io.BytesIO(warehouse.fix(first)))
    lines = fixed[LINES]
    shown = {cell.value: cell.column for cell in lines[1]}
    of_prices = next(column for name, column in shown.items() if str(name).endswith("unitPrice"))
    of_quantities = next(column for name, column in shown.items() if str(name).endswith("quantity"))
    assert [lines.cell(row, of_prices).value for row in (2, 3)] == ["1,234", "1.234"]
    for row in (2, 3):
        lines.cell(row, of_quantities).value = 2
    again = warehouse.run(saved(fixed), of, name="fix.xlsx")
    assert again.errors == []
    assert [price for _, price in prices(warehouse)] == ["1.2340", "1234.0000"]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [("–5", "unitPrice '–5' (with U+2013 EN DASH) is not a number"), ("1\u202f234", "(with U+202F NARROW NO-BREAK SPACE)")],
)  # fmt: skip
def test_a_character_that_nobody_sees_is_named(warehouse: Warehouse, value: str, sentence: str) -> None:
    result = warehouse.run(csv(f"SO-1,1,AB,5,{value}", header=f"{HEADER},unitPrice"))
    assert sentence in " ".join(result.text.split())


NOTHING = """
dates = ["%d.%m.%Y"]
options = { delimiter = ";" }
[feed.values.orderDropDate]
"01.01.1753" = ""
"n/a" = ""
[feed.values.unitPrice]
"Auf Anfrage" = ""
[feed.values.quantityMeasure]
"ST" = "EA"
"st" = "CS"
"Karton" = "CT"
"""
NO_DATES = ["01.01.1753", "n/a", "N/A", "N / A", "00.00.0000", "00000000", "0000-00-00", "0000-00-00 00:00:00"]


def test_a_date_that_means_none_is_blank(warehouse: Warehouse) -> None:
    assert stored(warehouse, "order_drop_date", "orderDropDate", NO_DATES, NOTHING) == [None] * len(NO_DATES)
    assert warehouse.rows("SELECT count(*) FROM sales_orders") == [(len(NO_DATES),)]


def test_a_number_that_means_none_is_blank(warehouse: Warehouse) -> None:
    assert stored(warehouse, "unit_price", "unitPrice", ["auf  anfrage"], NOTHING) == [None]
    assert warehouse.rows("SELECT count(*) FROM sales_orders") == [(1,)]


@pytest.mark.parametrize(("value", "kept"), [("ST", "EA"), ("st", "CS"), ("KARTON", "CT"), ("St", "St")])
def test_values_are_meant_exactly_first_and_never_by_guess(warehouse: Warehouse, value: str, kept: str) -> None:
    text = csv(f"SO-1;1;AB;5;{value}", header=f"{HEADER},quantityMeasure".replace(",", ";"))
    warehouse.run(text, warehouse.feed(NOTHING))
    assert warehouse.rows("SELECT quantity_measure FROM sales_order_lines")[0][0] == kept


TIMES = {
    "2026-12-31": "2026-12-30T23:00:00.000000Z", "2026-07-01": "2026-06-30T22:00:00.000000Z",
    "2026-12-31T10:00:00Z": "2026-12-31T10:00:00.000000Z", "2026-12-31 10:00": "2026-12-31T09:00:00.000000Z",
    "2026-12-31T10:00:00.25+05:30": "2026-12-31T04:30:00.250000Z", "31.12.2026": "2026-12-30T23:00:00.000000Z",
    "31.12.2026 10:00": "2026-12-31T09:00:00.000000Z",
}  # fmt: skip


OF_PROGRAMS = {
    "2026-11-30 10:00:00 UTC": "2026-11-30T10:00:00.000000Z",
    "2026-11-30 10:00:00+01": "2026-11-30T09:00:00.000000Z",
    "2026-11-30T10:00 GMT": "2026-11-30T10:00:00.000000Z",
}
"""Shopify's old exports, PostgreSQL's COPY of a timestamptz (their manuals)."""


def test_moments_are_read_as_databases_and_programs_write_them(warehouse: Warehouse) -> None:
    assert stored(warehouse, "order_created_date", "orderCreatedDate", [*OF_PROGRAMS]) == [*OF_PROGRAMS.values()]


def test_moments_with_digits_too_many_are_none(warehouse: Warehouse) -> None:
    torn = ["2026-11-30 10:001", "2026-11-30 10:00:001 UTC", "2026-11-30+01"]
    assert stored(warehouse, "order_created_date", "orderCreatedDate", torn) == ["not_a_date"] * len(torn)


def test_times_are_kept_in_utc(warehouse: Warehouse) -> None:
    assert stored(warehouse, "order_created_date", "orderCreatedDate", [*TIMES], GERMAN) == [*TIMES.values()]


TIMELESS = {
    "2026-02-31": "no_such_date", "2026-13-01": "no_such_date", "2026-12-31T24:30": "no_such_date",
    "03/04/2026": "ambiguous_date", "3.4.26": "ambiguous_date", "04/04/2026": "not_a_date",
    "31/12/2026": "not_a_date", "tomorrow": "not_a_date", "20261231": "not_a_date",
    "2026-03-29T02:30": "skipped_time", "2026-10-25T02:30": "doubled_time",
}  # fmt: skip


def test_other_times_are_failures(warehouse: Warehouse) -> None:
    assert stored(warehouse, "order_created_date", "orderCreatedDate", [*TIMELESS]) == [*TIMELESS.values()]


def test_clock_changes_show_both_readings(warehouse: Warehouse) -> None:
    rows = ("SO-1,1,AB,5,2026-03-29T02:30", "SO-2,1,AB,5,2026-10-25T02:30")
    text = " ".join(warehouse.run(csv(*rows, header=f"{HEADER},orderCreatedDate")).text.split())
    assert "from 2026-03-29T02:00:00+01:00 to 2026-03-29T03:00:00+02:00" in text
    assert "2026-10-25T02:30:00+02:00 and 2026-10-25T02:30:00+01:00" in text


def test_a_date_is_taken_from_a_date_time_only_at_midnight(warehouse: Warehouse) -> None:
    values = ["2026-12-31", "2026-12-31T00:00:00", "2026-12-31T08:00"]
    assert stored(warehouse, "order_drop_date", "orderDropDate", values) == ["2026-12-31", "2026-12-31", "not_midnight"]


def test_flags(warehouse: Warehouse) -> None:
    assert stored(warehouse, "fulfill_flag", "fulfillFlag", ["true", "Y", "yes", "1", "TRUE"]) == [1] * 5


def test_a_feed_adds_its_own_flags(warehouse: Warehouse) -> None:
    keys = 'options = { delimiter = ";" }\n[feed.values.fulfillFlag]\n"ja" = "true"\n'
    assert stored(warehouse, "fulfill_flag", "fulfillFlag", ["ja", "vielleicht"], keys) == [1, "not_a_flag"]


@pytest.mark.both
@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.decimals(min_value="0.000001", max_value="999999999999.999999", places=6),
            st.decimals(min_value=0, max_value="999999999999999.9999", places=4),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_money_and_quantities_are_exact_end_to_end(warehouse: Warehouse, pairs: list[tuple[object, object]]) -> None:
    from sqlalchemy import select

    from crossdock.database.tables import LEVELS

    rows = [f"SO-1,{place},AB,{quantity:f},KG,{price:f}" for place, (quantity, price) in enumerate(pairs)]
    warehouse.run(csv(*rows, header=f"{HEADER},quantityMeasure,unitPrice"))
    table = LEVELS["sales_order_lines"]
    with warehouse.database.reading() as connection:
        amounts = connection.execute(
            select(table.c.customer_line_number, table.c.quantity, table.c.unit_price).where(table.c.state == "OPEN")
        ).all()
    assert {int(number): (quantity, price) for number, quantity, price in amounts} == dict(enumerate(pairs))


@pytest.mark.parametrize(
    ("rate", "stored", "codes"), [("$9.50", 9.5, []), ("0.4215", 0.4215, []), ("9.50 €", None, ["other_currency"])]
)
def test_a_carriers_rate_may_have_the_sign_of_its_currency(
    warehouse: Warehouse, rate: str, stored: float | None, codes: list[str]
) -> None:
    """Rate cards come out of Excel with a dollar sign before each price."""
    feed = warehouse.feed(
        whole="""id = "acme"
zone = "UTC"
business_units = ["BU1"]
master = true
[[feed]]
document = "carrier_rate"
files = "*"
constants = { carrierCode = "UPS", serviceLevel = "Ground", weightUom = "LB", rateBasis = "flat", currency = "USD" }
"""
    )
    result = warehouse.run(f"rateId,originZone,destinationZone,maxWeight,rate\nR1,1,2,5,{rate}\n", feed)
    assert [code for _, _, code in result.errors] == codes
    assert [float(each) for (each,) in warehouse.rows("SELECT rate FROM carrier_rates")] == [stored] * (not codes)
