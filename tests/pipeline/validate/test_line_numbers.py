"""Line numbers that are written in several ways, in a batch and beside what is stored of its documents."""

from __future__ import annotations

import pytest

from crossdock.pipeline.validate.line_numbers import check_line_numbers
from tests.sent import Shelf, brief, details, feed, sent


@pytest.mark.parametrize(
    ("numbers", "lines"),
    [("1 01", [3]), ("01 1 1.00", [3, 4]), ("1a 1A", [3]), ("10 100", []), ("1.1 1.10", []), ("001 002", [])],
)
def test_numbers_of_one_document(numbers: str, lines: list[int]) -> None:
    steps = sent(*(f"SO-1,{number},AB,5" for number in numbers.split()))
    failures = check_line_numbers(*steps.stored_side, steps.of)
    assert [line for line, _, code in brief(failures) if code == "similar_line"] == lines
    assert all(each["known"] == "which stands earlier in this file" for each in details(failures))


def test_numbers_of_two_documents() -> None:
    steps = sent("SO-1,1,AB,5", "SO-2,01,AB,5")
    assert brief(check_line_numbers(*steps.stored_side, steps.of)) == []


def test_a_document_that_numbers_its_lines_by_place() -> None:
    steps = sent("SO-1,AB,5", "SO-1,AC,5", header="customerOrderNumber,skuId,quantity", of=feed(), stored=Shelf())
    assert brief(check_line_numbers(*steps.stored_side, steps.of)) == []
