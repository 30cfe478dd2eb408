"""What is different between two layouts."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.failures.refusals import Refused
from crossdock.model.layout import Layout
from crossdock.pipeline.staging.drift import LayoutReader, drift, explain
from tests.pipeline.staging.test_grouping import block
from tests.sent import HEADER, feed

FIRST = Layout(
    "J1", "delimited", ("Order", "Qty", "Day"), {"Order": ("A-1",), "Qty": ("5", "1.50"), "Day": ("05.01.2026",)}
)
READS = feed(dates=["%d.%m.%Y"], columns={"Order": "customerOrderNumber", "Qty": "quantity", "Day": "orderCreatedDate"})


def codes(now: Layout) -> list[tuple[str, Any]]:
    return [(each.code, each.value) for each in drift(FIRST, now, READS)]


def test_the_beginning_of_a_file_shows_its_layout() -> None:
    reader = LayoutReader("delimited", (), compared=True)
    blocks = [block("SO-1,1,AB,5", "SO-2,2,AB,1.5", "SO-3,3,,7"), block("SO-4,1,x-y,5", first=5)]
    assert list(reader.watch(blocks)) == blocks
    assert reader.layout.headings == tuple(HEADER.split(","))
    assert reader.layout.examples == {
        "customerOrderNumber": ("SO-1",), "customerLineNumber": ("1",), "skuId": ("AB",), "quantity": ("5", "1.5"),
    }  # fmt: skip


def test_a_file_that_is_not_compared_has_no_examples() -> None:
    reader = LayoutReader("json", (), compared=False)
    list(reader.watch([block("SO-1,1,AB,5")]))
    assert reader.layout == Layout("", "json", tuple(HEADER.split(",")))


def test_ids_of_which_a_program_has_made_numbers_are_named() -> None:
    def noted(*customers: str) -> list[tuple[Any, ...]]:
        reader = LayoutReader("delimited", (), compared=True)
        list(reader.watch([block(*(f"{each},1,AB,5.0" for each in customers))]))
        return [(each.code, each.value, each.detail) for each in reader.notes(feed(), {})]

    assert noted("13349.0", "", "12.0") == [("id_as_number", "customerOrderNumber", {"example": "13349.0"})]
    assert noted("13349.0", "12.5") == noted("13349.0", "A-12.0") == noted("13349", "12") == noted("") == []


def test_the_same_layout_has_no_drift() -> None:
    assert codes(Layout("", "delimited", FIRST.headings, FIRST.examples)) == []
    assert codes(Layout("", "delimited", ("order", "QTY", "day"), {"QTY": ("7",), "day": ("31.12.2026",)})) == []


def test_a_file_of_another_format_is_not_compared() -> None:
    assert codes(Layout("", "workbook", ("Order",), {})) == []


def test_each_new_column_is_at_most_one_that_was_renamed() -> None:
    now = Layout("", "delimited", ("Order", "Quantity", "Qnt"), {})
    assert codes(now) == [("column_gone", "Qty"), ("column_gone", "Day"), ("column_new", "Qnt")]


def test_dates_of_another_shape_are_named_and_numbers_of_other_marks() -> None:
    now = Layout("", "delimited", FIRST.headings, {"Qty": ("1,5", "7"), "Day": ("2026-01-05",)})
    assert codes(now) == [("written_otherwise", "Qty"), ("written_otherwise", "Day")]
    assert codes(Layout("", "delimited", FIRST.headings, {"Qty": ("7",), "Day": ("1.1.26",)})) == []


def test_wrong_values_and_signs_show_no_format() -> None:
    before = Layout("J1", "delimited", FIRST.headings, {"Qty": ("-3.5", "1,5", "x.y"), "Day": ("never", "31.31.2026")})
    now = Layout("", "delimited", FIRST.headings, {"Qty": ("1.200,5",), "Day": ("2026-01-05",)})
    assert drift(before, now, READS) == []
    signed = Layout("J1", "delimited", ("unitPrice",), {"unitPrice": ("-3", "7")})
    assert drift(signed, Layout("", "delimited", ("unitPrice",), {"unitPrice": ("2.50",)}), READS) == []


def test_only_a_refusal_for_a_lacking_column_is_explained() -> None:
    refused = Refused("no_key_column", column="customerOrderNumber")
    now = Layout("", "delimited", ("Number", "Qty", "Day"), {})
    with pytest.raises(Refused, match=r"'Order' of the last file \(job J1\) is gone"):
        explain(refused, FIRST, now, READS)
    for refusal, last in ((refused, None), (Refused("empty_file"), FIRST)):
        with pytest.raises(Refused) as raised:
            explain(refusal, last, now, READS)
        assert raised.value is refusal
