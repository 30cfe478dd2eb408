"""The order of files by their names."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.partners.file_order import FileOrder

PARIS, CHICAGO = ZoneInfo("Europe/Paris"), ZoneInfo("America/Chicago")
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("order", "dates", "zone", "names"),
    [
        (None, (), PARIS, ["orders_31012026_1800.csv", "orders_01022026_0800.csv"]),
        (None, (), PARIS, ["a_9.2.2026.csv", "a_10.2.2026.csv", "a_1.3.2026.csv"]),
        (None, (), CHICAGO, ["a_01312026.csv", "a_02012026.csv", "a_12012026.csv"]),
        (None, ("%d.%m.%Y",), CHICAGO, ["a_31012026.csv", "a_02022026.csv"]),
        (None, ("%m/%d/%Y",), PARIS, ["a_02012026.csv", "a_01022027.csv", "a_03012027.csv"]),
        (None, (), ZoneInfo("UTC"), ["a_31122025.csv", "a_20260101.csv"]),
        (None, (), PARIS, ["a_9.csv", "a_10.csv", "a_99999999.csv"]),
        (
            None,
            (),
            PARIS,
            ["a_05012026.csv", "a_2026-01-06.csv", "A_07-01-2026.CSV", "a_20260108.csv", "a_2026.1.9.csv"],
        ),
        (None, (), PARIS, ["orders_9.csv", "ORDERS_10.CSV", "Orders_11.csv"]),
        ("name", (), PARIS, ["orders_9.csv", "ORDERS_10.CSV", "Orders_11.csv"]),
        (None, (), PARIS, ["av_10.csv", "av_10 (1).csv", "av_10 (2).csv", "av_b_11.csv", "av_12.csv", "AV-13.csv"]),
        (None, (), PARIS, ["late_20261101.csv", "orders_20261101_0800.csv", "a_2026-11-01_0900.csv", "b_02112026.csv"]),
        (None, (), PARIS, ["PROD.ORDERS.D261101.T1800", "PROD.ORDERS.D261102.T0900", "orders.261103"]),
        ("ORD_%d%m%Y", (), PARIS, ["ORD_31012026.csv", "ord_01022026.csv"]),
        ("name", (), PARIS, ["orders_01022026.csv", "orders_31012026.csv"]),
        ("%d%b%y_%H%M", (), PARIS, ["30DEC25_2300_b.csv", "30DEC25_2301_a.csv", "02JAN26_0001.csv"]),
        ("%d%m%Y", (), PARIS, ["9912026_31012026.csv", "01022026.csv"]),
    ],
)
def test_files_sort_by_the_date_in_their_names(order, dates, zone, names):
    sequence = FileOrder(order, dates, zone).sequence
    assert sorted(names, key=sequence) == names


def test_the_same_file_in_other_letters_has_the_same_place():
    for order in (None, "name", "%d%m%Y"):
        sequence = FileOrder(order, (), PARIS).sequence
        assert sequence("orders_31012026.csv") == sequence("ORDERS_31012026.CSV")


def test_a_name_without_the_date_that_the_feed_wants_has_no_place():
    assert FileOrder("%d%m%Y", (), PARIS).sequence("orders_32132026.csv") is None
    assert FileOrder("arrival", (), PARIS).sequence("orders_9.csv") == ""


def test_words_of_a_name_do_not_count() -> None:
    for order in (None, "name"):
        sequence = FileOrder(order, (), PARIS).sequence
        assert sequence("av_b_11.csv") == sequence("av_11.txt")
        assert sequence("av_x.csv") == ""


@given(st.lists(DAYS, min_size=2), st.sampled_from(["{d:02}{m:02}{y}", "{d}-{m}-{y}", "{d:02}_{m:02}_{y}"]))
def test_days_in_names_sort_as_days(days, shape):
    sequence = FileOrder(None, (), PARIS).sequence
    by_name = sorted(days, key=lambda day: sequence(f"orders-{shape.format(d=day.day, m=day.month, y=day.year)}.csv"))
    assert by_name == sorted(days)


@given(st.lists(DAYS, min_size=2))
def test_in_the_united_states_the_month_comes_first(days):
    sequence = FileOrder(None, (), CHICAGO).sequence
    assert sorted(days, key=lambda day: sequence(f"{day:%m%d%Y}.csv")) == sorted(days)
