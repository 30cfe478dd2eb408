"""What is kept of documents that are not taken whole."""

from __future__ import annotations

import json

from crossdock.pipeline.reconcile.retained import retained_records
from tests.sent import HEADER, Sent, feed, plain, sent

NAMED = f"{HEADER},shipTo.locationId"
ROWS = ("SO-1,1,AB,5,S1", "SO-2,1,AB,x,S1", "SO-2,2,,5,S1")


def records(steps: Sent, headers: list[str]) -> list[tuple[object, ...]]:
    return plain(retained_records(steps.batch, steps.stored_side[0], steps.decided, headers))


def test_the_records_of_a_document_that_is_not_taken_are_kept_as_sent() -> None:
    steps = sent(*ROWS, header=NAMED)
    assert steps.decided.outcomes.whole.tolist() == [True, False]
    assert records(steps, ["quantity", "skuId"]) == [(3, 3, False, '["x", "AB"]'), (3, 4, False, '["5", null]')]


def test_those_of_a_document_that_lacks_a_line_are_kept_too() -> None:
    steps = sent(*ROWS[:2], "SO-2,2,AC,5,S1", header=NAMED, of=feed(hold="line"))
    assert steps.decided.outcomes.whole.tolist() == [True, False]
    assert [line for _, line, *_ in records(steps, ["skuId"])] == [3, 4]


def test_nothing_is_kept_of_what_is_taken() -> None:
    assert records(sent(ROWS[0], header=NAMED), ["skuId"]) == []


def test_a_file_whose_headings_are_all_blank_has_records_without_cells() -> None:
    assert records(sent(*ROWS, header=NAMED), []) == [(3, 3, False, "[]"), (3, 4, False, "[]")]


def test_a_cell_with_what_json_must_escape_is_kept_as_sent() -> None:
    steps = sent("SO-2,1,A\\B,x,Ü 'S\t1'", "SO-2,2,AC,5,", header=NAMED)
    texts = ['["A\\\\B", "Ü \'S\\t1\'"]', '["AC", null]']
    assert [cells for *_, cells in records(steps, ["skuId", "shipTo.locationId"])] == texts
    assert [json.loads(text) for text in texts] == [["A\\B", "Ü 'S\t1'"], ["AC", None]]
