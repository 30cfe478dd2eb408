"""What a document says, as one short hash."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sent import HEADER, feed, sent

NAMED = f"{HEADER},shipTo.name,jobId"
ROWS = ("SO-1,1,AB,5,Ada,1", "SO-1,2,AC,6,Ada,1")


def content(*rows: str, header: str = NAMED, document: str = "sales_order", **keys: Any) -> str:
    (hashed,) = sent(*rows, header=header, of=feed(document, **keys)).contents
    return hashed


SAID = content(*ROWS)


@pytest.mark.parametrize(
    "rows",
    [
        tuple(reversed(ROWS)),
        ("SO-1,1,AB,5.0,Ada,1", "SO-1,2,AC,6,,1"),
        tuple(row.replace("Ada,1", "Ada,2") for row in ROWS),
    ],
    ids=["other order", "other spelling", "what is not compared"],
)
def test_documents_that_say_the_same_have_one_content(rows: tuple[str, ...]) -> None:
    assert content(*rows) == SAID


@given(st.permutations([f"SO-{order},{line},AB,{line},Ada,1" for order in (1, 2) for line in (1, 2, 10)]))
def test_wherever_the_rows_of_orders_stand_each_has_its_content(rows: list[str]) -> None:
    both = sent(*rows, header=NAMED, of=feed("sales_order"))
    numbers = both.assembled[0].header.cells["customerOrderNumber"].to_pylist()
    assert dict(zip(numbers, both.contents, strict=True)) == {
        number: content(*sorted(row for row in rows if row.startswith(f"{number},"))) for number in numbers
    }


@pytest.mark.parametrize(
    "rows",
    [
        ("SO-1,1,AB,5,Bob,1", "SO-1,2,AC,6,,1"),
        ("SO-1,1,AB,5,Ada,1", "SO-1,2,AC,7,Ada,1"),
        ("SO-1,1,AB,5,Ada,1", "SO-1,3,AC,6,Ada,1"),
        ("SO-1,1,AC,5,Ada,1", "SO-1,2,AB,6,Ada,1"),
        ROWS[:1],
    ],
)
def test_documents_that_say_something_else_have_another(rows: tuple[str, ...]) -> None:
    assert content(*rows) != SAID


@pytest.mark.parametrize("keys", [{"sends": "changes"}, {"blanks": "keep"}])
def test_the_same_text_of_a_feed_that_means_it_otherwise_has_another_content(keys: dict[str, str]) -> None:
    assert content(*ROWS, **keys) != SAID


def test_a_file_with_fewer_columns_says_something_else_than_one_with_blank_cells() -> None:
    assert content("SO-1,1,AB,5", header=HEADER) != content("SO-1,1,AB,5,", header=f"{HEADER},shipTo.name")


def test_of_lines_without_numbers_their_order_does_not_count() -> None:
    header = "customerOrderNumber,skuId,quantity"
    assert content("SO-1,AB,5", "SO-1,AC,6", header=header) == content("SO-1,AC,6", "SO-1,AB,5", header=header)


def test_a_carton_counts_under_its_line() -> None:
    def of(one: str, other: str) -> str:
        rows = [f"A1,1,AB,5,{one},5", f"A1,2,AB,5,{other},5"]
        header = "asnNumber,lineNumber,skuId,line.quantity,lotNumber,package.quantity"
        return content(*rows, header=header, document="asn")

    assert of("L1", "L2") != of("L2", "L1")


def test_a_gtin_says_the_same_with_and_without_leading_zeros() -> None:
    header = f"{HEADER},upc"
    assert content("SO-1,1,AB,5,4006381333931", header=header) == content("SO-1,1,AB,5,04006381333931", header=header)
