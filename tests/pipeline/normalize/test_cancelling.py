"""Lines of no quantity cancel themselves, where the feed says so."""

from __future__ import annotations

import pytest

from crossdock.pipeline.normalize.cancelling import cancelled
from tests.sent import HEADER, feed, sent


@pytest.mark.parametrize(
    ("zero", "header", "rows", "actions"),
    [
        ("cancel", HEADER, ["SO-1,1,AB,0", "SO-1,2,AB,5", "SO-1,3,AB,"], ["cancel", "upsert", "upsert"]),
        ("cancel", f"{HEADER},line.action", ["SO-1,1,AB,0,", "SO-1,2,AB,0,insert"], ["cancel", "insert"]),
        ("fail", HEADER, ["SO-1,1,AB,0"], ["upsert"]),
        ("cancel", "customerOrderNumber,customerLineNumber,skuId", ["SO-1,1,AB"], ["upsert"]),
    ],
)
def test_a_line_of_0_is_to_be_cancelled(zero: str, header: str, rows: list[str], actions: list[str]) -> None:
    of = feed(zero=zero)
    rows_sent = sent(*rows, header=header, of=of)
    typed, _ = rows_sent.typed
    of_lines = cancelled(typed, rows_sent.batch, of).rows["line"].values("line.action")
    assert [each or "upsert" for each in of_lines] == actions
