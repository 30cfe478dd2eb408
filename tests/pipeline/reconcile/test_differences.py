"""Documents as they will be ↔ as they are stored: the rows to write."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from crossdock.model.decision import Write
from crossdock.pipeline.reconcile.row_writes import Taking, row_writes
from tests.sent import HEADER, Sent, Shelf, feed, notice, sent

ORDERS = "customer_order_number,ship_to_name,state,revision,job"
LINES = "customer_order_number,customer_line_number,sku_id,quantity,quantity_measure,state,job"
NAMED = f"{HEADER},shipTo.name"
ACTIONS = f"{NAMED},header.action,line.action"
LINE_1, LINE_2 = "SO-1,1,AB,5,EA,OPEN,J0", "SO-1,2,AC,6,EA,OPEN,J0"


def shelf(*lines: str, order: str = "SO-1,Ada,OPEN,3,J0") -> Shelf:
    """One order and its lines."""
    return Shelf(sales_orders=[ORDERS, order], sales_order_lines=[LINES, *lines])


TWO = shelf(LINE_1, LINE_2)


def shown(mask: Any) -> str:
    return "".join("x" if each else "." for each in mask)


def of_lines(steps: Sent) -> tuple[str, str, str]:
    """New and changed of the sent lines, dropped of the stored ones."""
    changes = steps.differing.levels["line"]
    return shown(changes.new), shown(changes.changed), shown(changes.dropped)


def of_document(steps: Sent) -> tuple[str, str]:
    """Documents of which a cell of the header differs, and the state."""
    return shown(steps.differing.header), shown(steps.differing.state)


def test_what_is_not_stored_is_new_and_differs_in_nothing() -> None:
    steps = sent("SO-9,1,AB,5,Ada", header=NAMED, stored=TWO)
    assert (of_document(steps), of_lines(steps)) == ((".", "."), ("x", ".", ""))
    assert shown(steps.differing.any) == "x"


@pytest.mark.parametrize(
    ("rows", "document", "lines"),
    [
        (("SO-1,1,AB,5,Ada", "SO-1,2,AC,6,Ada"), (".", "."), ("..", "..", "..")),
        (("SO-1,1,AB,5,Bob", "SO-1,2,AC,6,Bob"), ("x", "."), ("..", "..", "..")),
        (("SO-1,1,AB,7,Ada", "SO-1,2,AC,6,Ada"), (".", "."), ("..", "x.", "..")),
        (("SO-1,1,AB,5,Ada", "SO-1,3,AC,6,Ada"), (".", "."), (".x", "..", ".x")),
        (("SO-1,1,AB,5,Ada",), (".", "."), (".", ".", ".x")),
        (("SO-1,,,,Bob",), ("x", "."), ("", "", "..")),
    ],
    ids=["the same", "another name", "another quantity", "another line", "a line less", "no line at all"],
)
def test_a_whole_document_says_what_is_stored_afterwards(
    rows: tuple[str, ...], document: tuple[str, str], lines: tuple[str, str, str]
) -> None:
    steps = sent(*rows, header=NAMED, stored=TWO)
    assert (of_document(steps), of_lines(steps)) == (document, lines)


@pytest.mark.parametrize(("action", "dropped"), [("", ".."), ("replace", ".x")])
def test_where_changes_are_sent_only_a_replaced_document_loses_what_it_does_not_mention(
    action: str, dropped: str
) -> None:
    steps = sent(f"SO-1,1,AB,5,Ada,{action},", header=ACTIONS, of=feed(sends="changes"), stored=TWO)
    assert of_lines(steps)[2] == dropped


def test_a_cancel_drops_every_open_line_and_changes_the_state_only() -> None:
    steps = sent("SO-1,1,XX,9,Zed,cancel,", header=ACTIONS, stored=shelf(LINE_1, "SO-1,2,AC,6,EA,CANCELLED,J0"))
    assert (of_document(steps), of_lines(steps)) == ((".", "x"), (".", ".", "x."))


def test_a_line_is_cancelled_by_its_own_action_and_comes_back_when_it_is_sent_again() -> None:
    cancelled = sent("SO-1,1,AB,5,Ada,,cancel", "SO-1,2,AC,6,Ada,,", header=ACTIONS, stored=TWO)
    assert of_lines(cancelled) == ("..", "x.", "..")
    again = sent("SO-1,1,AB,5,Ada,,", header=ACTIONS, stored=shelf("SO-1,1,AB,5,EA,CANCELLED,J0"))
    assert of_lines(again) == (".", "x", ".")


def test_a_line_that_cancels_what_is_not_stored_is_idle() -> None:
    steps = sent("SO-1,1,AB,5,Ada,,", "SO-1,9,AB,5,Ada,,cancel", header=ACTIONS, stored=TWO)
    assert shown(steps.differing.levels["line"].idle) == ".x"


@pytest.mark.parametrize(("reopen", "document", "lines"), [(False, (".", "."), "."), (True, (".", "x"), "x")])
def test_a_cancelled_document_comes_back_where_the_feed_lets_it(
    reopen: bool, document: tuple[str, str], lines: str
) -> None:
    stored = shelf("SO-1,1,AB,5,EA,CANCELLED,J0", order="SO-1,Ada,CANCELLED,3,J0")
    steps = sent("SO-1,1,AB,5,Ada", header=NAMED, of=feed(reopen=reopen), stored=stored)
    assert (of_document(steps), of_lines(steps)[1]) == (document, lines)


def test_what_the_file_has_no_column_for_is_left_as_it_is_stored() -> None:
    stored = notice("1,,L1")
    header = "vendorNumber,asnNumber,lineNumber,skuId,quantity"
    bare = sent("V1,A1,1,AB,1", header=header, of=feed("asn"), stored=stored)
    blank = sent("V1,A1,1,AB,1,", header=f"{header},lotNumber", of=feed("asn"), stored=stored)
    assert [shown(each.differing.levels["package"].dropped) for each in (bare, blank)] == [".", "x"]


def test_packages_fall_with_the_line_that_they_stand_under() -> None:
    stored = notice("1,,L1", "2,,L1", lines=("1", "2"))
    header = "vendorNumber,asnNumber,lineNumber,skuId,quantity"
    steps = sent("V1,A1,1,AB,1", header=header, of=feed("asn"), stored=stored)
    packages = steps.differing.levels["package"]
    assert (shown(packages.dropped), shown(packages.falling)) == (".x", ".x")
    mentioned = sent("V1,A1,1,AB,1,L2", "V1,A1,2,AB,1,L1", header=f"{header},lotNumber", of=feed("asn"), stored=stored)
    packages = mentioned.differing.levels["package"]
    assert (shown(packages.new), shown(packages.dropped), shown(packages.falling)) == ("x.", "x.", "..")


def written(steps: Sent, *, rows: str | None = None, documents: str | None = None) -> dict[str, Write]:
    """What is written of what differs, where all is taken, or only such documents and lines."""
    assembled, stored_side = steps.stored_side
    every = np.ones(assembled.size, dtype=bool)
    taking = Taking(
        every if documents is None else np.array([each == "x" for each in documents]),
        {title: np.ones(len(of), dtype=bool) for title, of in assembled.rows.items()}
        | ({} if rows is None else {"line": np.array([each == "x" for each in rows])}),
        list(steps.contents),
    )
    return {
        each.level.title: each for each in row_writes(assembled, stored_side, steps.differing, steps.of, taking, "J1")
    }


def values(rows: pa.Table, *names: str) -> list[tuple[Any, ...]]:
    if not rows.num_rows:
        return []
    return list(zip(*(rows.column(name).to_pylist() for name in names), strict=True))


def test_a_new_document_is_inserted_whole() -> None:
    steps = sent("SO-9,1,AB,5,Ada", header=NAMED)
    writes = written(steps)
    names = ("business_unit_id", "customer_order_number", "ship_to_name", "state", "partner", "revision", "job", "line")
    assert values(writes["header"].insert, *names) == [("BU1", "SO-9", "Ada", "OPEN", "acme", 1, "J1", 2)]
    assert values(writes["header"].insert, "content", "key_fold") == [(steps.contents[0], "so-9")]
    names = ("customer_order_number", "customer_line_number", "sku_id", "quantity", "state", "job", "line")
    assert values(writes["line"].insert, *names) == [("SO-9", "1", "AB", Decimal(5), "OPEN", "J1", 2)]
    assert not writes["header"].update.num_rows
    assert not writes["line"].update.num_rows


def test_an_unchanged_row_keeps_its_job_and_a_changed_one_is_written_whole() -> None:
    writes = written(sent("SO-1,1,AB,7,Ada", "SO-1,2,AC,6,Ada", header=NAMED, stored=TWO))
    assert values(writes["header"].update, "ship_to_name", "revision", "job") == [("Ada", 4, "J0")]
    assert values(writes["line"].update, "customer_line_number", "sku_id", "quantity", "job", "line") == [
        ("1", "AB", Decimal(7), "J1", 2)
    ]


def test_nothing_is_written_where_nothing_differs_or_nothing_is_taken() -> None:
    same = written(sent("SO-1,1,AB,5,Ada", "SO-1,2,AC,6,Ada", header=NAMED, stored=TWO))
    left = written(sent("SO-1,1,AB,7,Bob", "SO-9,1,AB,5,Bob", header=NAMED, stored=TWO), documents="..")
    for writes in (same, left):
        assert [(each.insert.num_rows, each.update.num_rows) for each in writes.values()] == [(0, 0), (0, 0)]


def test_a_line_that_is_not_taken_is_not_written() -> None:
    writes = written(sent("SO-1,1,AB,7,Ada", "SO-1,2,AC,7,Ada", header=NAMED, stored=TWO), rows=".x")
    assert values(writes["line"].update, "customer_line_number") == [("2",)]


def test_a_dropped_line_is_cancelled_as_it_is_stored_under_the_line_of_its_header() -> None:
    writes = written(sent("SO-9,1,AB,5,Ada", "SO-1,1,AB,7,Ada", header=NAMED, stored=TWO))
    assert values(writes["line"].update, "customer_line_number", "sku_id", "state", "job", "line") == [
        ("1", "AB", "OPEN", "J1", 3),
        ("2", "AC", "CANCELLED", "J1", 3),
    ]


def test_a_cancel_writes_the_state_and_leaves_what_is_stored() -> None:
    writes = written(sent("SO-1,1,XX,9,Zed,cancel,", header=ACTIONS, stored=TWO))
    assert values(writes["header"].update, "ship_to_name", "state", "job", "content") == [
        ("Ada", "CANCELLED", "J1", None)
    ]
    assert values(writes["line"].update, "sku_id", "quantity", "state") == [
        ("AB", Decimal(5), "CANCELLED"),
        ("AC", Decimal(6), "CANCELLED"),
    ]


def test_a_cancelled_line_keeps_what_is_stored_of_it() -> None:
    writes = written(sent("SO-1,1,XX,9,Ada,,cancel", "SO-1,2,AC,6,Ada,,", header=ACTIONS, stored=TWO))
    assert values(writes["line"].update, "sku_id", "quantity", "state") == [("AB", Decimal(5), "CANCELLED")]


def test_a_document_that_is_cancelled_before_it_came_is_its_key_and_that_it_is_cancelled() -> None:
    of = feed(version=["shipTo.name"])
    writes = written(sent("SO-9,1,AB,5,2,cancel,", header=ACTIONS, of=of))
    names = ("customer_order_number", "ship_to_name", "state", "version")
    assert values(writes["header"].insert, *names) == [("SO-9", None, "CANCELLED", "2".rjust(20, "0"))]
    assert not writes["line"].insert.num_rows


def test_a_newer_version_of_the_same_content_raises_the_version_only() -> None:
    of = feed(version=["drop"])
    first = sent("SO-1,1,AB,5,Ada", header=NAMED, of=of, sequence="2")
    stored = Shelf(
        sales_orders=[f"{ORDERS},version,content", f"SO-1,Ada,OPEN,3,J0,1,{first.contents[0]}"],
        sales_order_lines=[LINES, LINE_1],
    )
    steps = sent("SO-1,1,AB,5,Ada", header=NAMED, of=of, sequence="2", stored=stored)
    writes = written(steps)
    assert values(writes["header"].update, "version", "revision", "job") == [("~2", 4, "J0")]
    assert not writes["line"].update.num_rows
