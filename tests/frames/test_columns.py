"""What several steps do with Arrow-backed columns."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.documents import DOCUMENTS
from crossdock.frames import columns

TEXT = pa.array(["a", None, "c"])
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_columns_become_a_frame_of_pythons_own_values_and_texts_columns() -> None:
    cells = {"one": TEXT, "two": pa.array([1, 2, None]), "three": pa.array([NOON, None, NOON])}
    frame = columns.plain(cells)
    assert frame.to_dict("list") == {"one": ["a", None, "c"], "two": [1, 2, None], "three": [NOON, None, NOON]}
    assert columns.keys_of(frame[["one"]])["one"].to_pylist() == ["a", None, "c"]
    assert columns.has_value(cells, "two").tolist() == [True, True, False]
    assert columns.has_value(cells, "four").tolist() == [False] * 3
    assert columns.filled(cells, "one").tolist() == ["a", "", "c"]
    assert columns.filled(cells, "four").tolist() == [""] * 3


CELLS = st.none() | st.text(st.sampled_from("aZ~ \t\x1f\u00a0\u200bäe\u0301"), max_size=4)


@given(st.lists(CELLS, max_size=6), st.integers(0, 2))
def test_a_cell_is_trimmed_alike_whatever_stands_beside_it(cells: list[str | None], first: int) -> None:
    together = columns.trimmed(pa.array(cells, pa.string())[first:]).to_pylist()
    assert together == [columns.trimmed(pa.array([each, " ä"], pa.string()))[0].as_py() for each in cells[first:]]
    assert not {"", " a", "a ", "e\u0301"}.intersection(together)


@given(st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), max_size=20))
def test_a_moment_is_written_as_arrow_writes_it_and_for_keys_with_a_t(moments: list[datetime | None]) -> None:
    column = pa.array(moments, pa.timestamp("us", "UTC"))
    assert columns.as_texts(column).to_pylist() == column.cast(pa.string()).to_pylist()
    assert columns.moment_text(column).to_pylist() == [
        None if each is None else each.isoformat(timespec="microseconds").replace("+00:00", "Z") for each in moments
    ]


@given(st.lists(st.tuples(st.sampled_from(["", "1", "10", "2", "É"]), st.integers(0, 2)), max_size=5))
def test_rows_are_in_order_where_sorting_them_changes_nothing(rows: list[tuple[str, int]]) -> None:
    parts = [pa.array([row[0] for row in rows], pa.string()), pa.array([row[1] for row in rows], pa.int64())]
    assert columns.in_order(parts) == (rows == sorted(rows))


def test_of_equal_rows_the_first_is_taken() -> None:
    cells = {"one": pa.array(["a", "b", "a", "ab"]), "two": pa.array(["bc", "", "bc", "c"])}
    places = columns.distinct(cells)
    assert places.tolist() == [0, 1, 3]
    assert columns.rows_at(cells, places)["one"].to_pylist() == ["a", "b", "ab"]
    assert columns.distinct(columns.rows_at(cells, places[:0])).tolist() == []


def test_each_text_meets_every_equal_one_in_their_orders() -> None:
    pairs = columns.pairs(pa.array(["b", "x", "a", "b"]), pa.array(["a", "b", "a", "b", "c"]))
    assert [each.tolist() for each in pairs] == [[0, 0, 2, 2, 3, 3], [1, 3, 0, 2, 1, 3]]
    none = pa.array([], pa.string())
    assert [each.tolist() for each in columns.pairs(none, none)] == [[], []]


def test_two_nulls_are_alike_and_a_null_differs_from_a_value() -> None:
    assert columns.differs(TEXT, pa.array(["a", None, None])).tolist() == [False, False, True]
    assert columns.differs(TEXT, pa.array(["b", "x", "c"])).tolist() == [True, True, False]


def test_what_is_taken_from_a_negative_place_is_null() -> None:
    assert columns.taken(TEXT, np.array([2, -1, 0])).to_pylist() == ["c", None, "a"]


@pytest.mark.parametrize(("name", "shown"), [("upc", "00000096385074"), ("skuId", "96385074")])
def test_gtins_are_compared_by_their_14_digits_and_other_text_as_it_is(name: str, shown: str) -> None:
    field = DOCUMENTS["sku"].header.field(name)
    assert columns.comparable(pa.array(["96385074", None]), field).to_pylist() == [shown, None]


@pytest.mark.parametrize(
    ("values", "written"),
    [
        (TEXT, ['"a"', "null", '"c"']),
        (pa.array(['a"b', "é\n"]), ['"a\\"b"', '"é\\n"']),
        (pa.array([True, None]), ["true", "null"]),
        (pa.array([7, None]), ["7", "null"]),
        (pa.array([Decimal("1.50")]), ['"1.50"']),
        (pa.array([date(2026, 11, 28)]), ['"2026-11-28"']),
        (pa.array([], pa.string()), []),
    ],
)
def test_values_are_written_as_json(values: pa.Array, written: list[str]) -> None:
    assert columns.json_texts(values).to_pylist() == written


def test_keys_are_one_text_of_their_parts() -> None:
    key = {"businessUnitId": pa.array(["BU1", None]), "number": pa.array(["1", "2"])}
    assert columns.key_text(key).tolist() == ["BU1\x1f1", "\x1f2"]
    assert columns.unit_of(key).tolist() == ["BU1", ""]
    assert columns.unit_of({"number": key["number"]}).tolist() == ["", ""]


def test_a_text_is_found_where_it_stands_first() -> None:
    among = columns.joined([pa.array([1, 2, 1, 1]), pa.array(["a", "b", "a", None])])
    keys = columns.joined([pa.array([1, 2, 3]), pa.array(["a", "b", "b"])])
    assert columns.places(keys, among).tolist() == [0, 1, -1]
    assert columns.places(keys, among.slice(0, 0)).tolist() == [-1, -1, -1]
