"""Which of two documents of one key is the newer."""

from __future__ import annotations

import pytest

from crossdock.frames.natural_order import natural, numbers
from crossdock.pipeline.lookup.versions import AFTER_WORDS, versions
from tests.sent import HEADER, feed, sent

DATED = f"{HEADER},salesChannelOrderInfo.lastUpdateDate,shipTo.name"


def of(*names: str) -> list[str | None] | None:
    steps = sent("SO-1,1,AB,5,2026-11-20,v2", "SO-2,1,AB,5,,v10", header=DATED, of=feed(version=list(names)))
    return versions(steps.typed[0], steps.of, numbers("orders_9"))


def test_a_feed_without_versions_has_none() -> None:
    assert of() is None


def test_a_version_is_made_of_columns_and_none_where_one_of_them_is_blank() -> None:
    values = of("salesChannelOrderInfo.lastUpdateDate", "drop")
    assert values is not None
    assert [each is None for each in values] == [False, True]
    assert of("giftMessage") == [None, None]


def test_numbers_in_texts_and_in_the_names_of_drops_sort_by_value() -> None:
    two, ten = of("shipTo.name") or []
    assert two is not None
    assert ten is not None
    assert two < ten
    assert of("drop") == [AFTER_WORDS + numbers("orders_9")] * 2
    assert numbers("orders_9") < numbers("a_10") < numbers("a_10 (1)") < numbers("a_11")


def test_a_sequence_is_newer_than_the_whole_name_that_earlier_versions_of_crossdock_stored() -> None:
    assert all(natural("zürich_orders_11.csv") < each for each in of("drop") or [""])


@pytest.mark.parametrize(("older", "newer"), [("-2", "1"), ("2", "10"), ("9.5", "10.1")])
def test_amounts_sort_by_value(older: str, newer: str) -> None:
    rows = [f"SO-{number},1,AB,5,{value}" for number, value in enumerate((older, newer))]
    steps = sent(*rows, header=f"{HEADER},orderAmount", of=feed(version=["orderAmount"]))
    one, other = versions(steps.typed[0], steps.of, "") or []
    assert one is not None
    assert other is not None
    assert one < other
