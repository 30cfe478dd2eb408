"""What several steps do with Arrow-backed columns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest

from crossdock.documents import DOCUMENTS
from crossdock.frames import columns

TEXT = pa.array(["a", None, "c"])


def test_a_column_becomes_an_array_and_an_array_a_column() -> None:
    table = columns.frame({"one": TEXT, "two": pa.array([1, 2, None])}, pd.Index([4, 5, 6]))
    assert columns.array(table["one"]).to_pylist() == ["a", None, "c"]
    assert table.index.tolist() == [4, 5, 6]
    assert columns.plain(table).to_dict("list") == {"one": ["a", None, "c"], "two": [1, 2, None]}
    assert columns.has_value(table, "two").tolist() == [True, True, False]
    assert columns.has_value(table, "three").tolist() == [False] * 3


def test_two_nulls_are_alike_and_a_null_differs_from_a_value() -> None:
    assert columns.differs(TEXT, pa.array(["a", None, None])).tolist() == [False, False, True]
    assert columns.differs(TEXT, pa.array(["b", "x", "c"])).tolist() == [True, True, False]


def test_what_is_taken_from_a_negative_place_is_null() -> None:
    assert columns.taken(TEXT, pd.array([2, -1, 0]).to_numpy(dtype="int64")).to_pylist() == ["c", None, "a"]


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
    key = columns.frame({"businessUnitId": pa.array(["BU1", None]), "number": pa.array(["1", "2"])}, pd.RangeIndex(2))
    assert columns.key_text(key).tolist() == ["BU1\x1f1", "\x1f2"]
    assert columns.unit_of(key).tolist() == ["BU1", ""]
    assert columns.unit_of(key[["number"]]).tolist() == ["", ""]


def test_a_text_is_found_where_it_stands_first() -> None:
    among = columns.joined([pa.array([1, 2, 1, 1]), pa.array(["a", "b", "a", None])])
    keys = columns.joined([pa.array([1, 2, 3]), pa.array(["a", "b", "b"])])
    assert columns.places(keys, among).tolist() == [0, 1, -1]
    assert columns.places(keys, among.slice(0, 0)).tolist() == [-1, -1, -1]
