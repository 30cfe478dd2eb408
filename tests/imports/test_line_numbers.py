"""Line numbers that differ only in how they are written are several lines, and a warning says so."""

from __future__ import annotations

import pytest

from tests.imports.test_nights import send
from tests.warehouse import HEADER, Result, Warehouse, csv


def alike(result: Result) -> list[tuple[int, str, str]]:
    """(line, value, sentence) of each such warning."""
    of_lines = [each for each in result.failures if each["code"] == "similar_line"]
    return [(each["line"], each["value"], each["message"]) for each in of_lines]


@pytest.mark.both
def test_lines_of_one_file(warehouse: Warehouse) -> None:
    rows = ("SO-1,1,AB,5", "SO-1,01,AB,5", "SO-1,1.0,AB,5", "SO-2,01,AB,5", "SO-2,1a,AB,5", "SO-2,1 A,AB,5")
    result = warehouse.run(csv(*rows))
    assert result.report.verdict == "ACCEPTED"
    assert set(warehouse.lines()) >= {"1", "01", "1.0"}
    assert [(line, value) for line, value, _ in alike(result)] == [(3, "01"), (4, "1.0"), (7, "1 A")]
    sentence = alike(result)[0][2]
    assert (
        "'01' differs only in how it is written from '1', which stands earlier in this file: they are two" in sentence
    )


@pytest.mark.parametrize("numbers", [("10", "100"), ("1.1", "1.10"), ("0", "00"), ("A-1", "A-01"), ("001", "002")])
def test_other_numbers(warehouse: Warehouse, numbers: tuple[str, str]) -> None:
    result = warehouse.run(csv(*(f"SO-1,{number},AB,5" for number in numbers)))
    assert len(alike(result)) == (numbers == ("0", "00"))


@pytest.mark.both
def test_a_stored_line_that_stays_beside_it(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,5", "SO-1,2,AB,5"))
    changes = warehouse.feed('sends = "changes"\n')
    result = warehouse.run(csv("SO-1,01,AB,6"), changes)
    assert [(line, value) for line, value, _ in alike(result)] == [(2, "01")]
    assert "from '1', which is stored" in alike(result)[0][2]
    assert not alike(warehouse.run(csv("SO-1,01,AB,7"), changes)), "it is the stored line 01"
    whole = warehouse.run(csv("SO-1,001,AB,6"))
    assert (alike(whole), whole.warnings.count("line_cancelled")) == ([], 3)


def test_an_asn_and_a_feed_that_pads(warehouse: Warehouse) -> None:
    header = "asnNumber,vendorNumber,lineNumber,skuId,quantity"
    assert [line for line, *_ in alike(send(warehouse, "asn", header, "A-1,V,1,AB,5", "A-1,V,01,AB,5"))] == [3]
    padded = warehouse.feed("pad = { customerLineNumber = 2 }\n")
    twice = warehouse.run(csv("SO-1,1,AB,5", "SO-1,01,AB,5"), padded)
    assert [code for _, _, code in twice.errors] == ["line_twice"]
    refusing = warehouse.feed('severity = { similar_line = "error" }\n')
    refused = warehouse.run(csv("SO-1,1,AB,5", "SO-1,01,AB,5", header=HEADER), refusing)
    assert [(line, code) for line, _, code in refused.errors] == [(3, "similar_line")]
