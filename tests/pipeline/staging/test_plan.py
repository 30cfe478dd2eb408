"""A drop, read once and cut into batches of whole documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crossdock.partners.feed import Feed
from crossdock.pipeline.staging.plan import Plan, make_plan
from tests.sent import feed, plain
from tests.warehouse import HEADER, csv, drop_of


@pytest.fixture
def planned(tmp_path: Path) -> Callable[..., AbstractContextManager[Plan]]:
    """The plan of a text, as a context that removes its spool."""

    @contextmanager
    def plan_of(
        text: str, of: Feed | None = None, *, size: int = 1 << 20, expected: int | None = None
    ) -> Iterator[Plan]:
        path = tmp_path / ("orders.json" if text.startswith("[") else "orders.csv")
        path.write_text(text)
        drop = replace(drop_of(path, of or feed()), expected=expected)
        with closing(make_plan(drop, size, tmp_path)) as plan:
            yield plan

    return plan_of


Planned = Callable[..., AbstractContextManager[Plan]]
ROWS = [f"SO-{number % 20},{number},AB,5" for number in range(100)]


def test_documents_are_whole_in_one_batch_in_file_order_however_small_batches_are(planned: Planned) -> None:
    with planned(csv(*ROWS), size=200) as plan:
        batches = list(plan.batches(0))
        assert (plan.total, plan.records, plan.size > 1, plan.ordered) == (20, 100, True, False)
    numbers = [{number for (number,) in plain(batch.raw, "customerOrderNumber")} for batch in batches]
    assert sum(map(len, numbers)) == len(set().union(*numbers)) == 20
    assert sorted(line for batch in batches for line in batch.lines) == list(range(2, 102))
    assert all((np.diff(batch.lines) > 0).all() for batch in batches)


def test_it_goes_on_after_the_batches_that_are_done(planned: Planned) -> None:
    with planned(csv(*ROWS), size=200) as plan:
        every = [batch.number for batch in plan.batches(0)]
        assert [batch.number for batch in plan.batches(2)] == every[2:]


def test_the_spool_is_removed(planned: Planned, tmp_path: Path) -> None:
    with planned(csv(*ROWS)) as plan:
        assert plan.folder.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]


def test_objects_of_one_key_come_in_later_batches_by_what_they_do(planned: Planned) -> None:
    line = {"customerLineNumber": "1", "skuId": "AB", "quantity": 1}
    orders = [
        {"customerOrderNumber": "SO-1", "action": action, "orderLines": [line]} for action in ("cancel", "create")
    ]
    with planned(json.dumps(orders)) as plan:
        assert plan.ordered
        actions = [[action for (action,) in plain(batch.raw, "action")] for batch in plan.batches(0)]
    assert actions == [["create"], ["cancel"]]


def test_a_batch_has_every_column_that_the_drop_has_anywhere(planned: Planned) -> None:
    orders = [
        {"customerOrderNumber": "SO-1"},
        {"customerOrderNumber": "SO-2", "action": "cancel", "shipTo": {"name": "Ada"}},
    ]
    with planned(json.dumps(orders)) as plan:
        for batch in plan.batches(0):
            assert set(batch.raw) == {"customerOrderNumber", "action", "shipTo.name"}


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (csv(), ["no_records"]),
        (csv("SO-1,1,AB,5,red", header=f"{HEADER},colour"), ["unknown_column"]),
        (csv("SO-1,1,AB,5", "Total,,,5"), ["total_rows"]),
        (csv("SO-1,AB,5", header="customerOrderNumber,skuId,quantity"), ["numbered_by_position"]),
        (csv("SO-1,cancel", header="customerOrderNumber,action"), []),
    ],
)
def test_what_is_to_be_said_of_the_file_is_noted(planned: Planned, text: str, notes: list[str]) -> None:
    with planned(text) as plan:
        assert [each.code for each in plan.notes] == notes


def test_a_column_that_the_feed_names_and_the_file_lacks_is_noted(planned: Planned) -> None:
    with planned(csv("SO-1,1,AB,5"), feed(columns={"Ship to": "shipTo.name"})) as plan:
        assert [(each.code, each.value, each.detail) for each in plan.notes] == [
            ("lacking_column", "Ship to", {"field": "shipTo.name"})
        ]


def test_rows_below_the_end_are_counted(planned: Planned) -> None:
    with planned(csv("SO-1,1,AB,5", ",,,printed", "SO-2,1,AB,5"), feed(blank_key="end")) as plan:
        assert (plan.records, plan.ignored) == (1, 2)


@pytest.mark.parametrize(
    ("expected", "keys", "code"),
    [(3, {}, "manifest_count"), (None, {"severity": {"total_rows": "error"}}, "not_as_agreed")],
)
def test_a_file_that_is_not_as_agreed_is_refused_and_leaves_no_spool(
    planned: Planned,
    refused: Callable[[str], AbstractContextManager[None]],
    tmp_path: Path,
    expected: int | None,
    keys: dict[str, dict[str, str]],
    code: str,
) -> None:
    with refused(code), planned(csv("SO-1,1,AB,5", "Total,,,5"), feed(**keys), expected=expected):
        raise AssertionError("it is not planned")
    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]


def test_a_plan_says_what_the_job_keeps_of_it(planned: Planned) -> None:
    with planned(csv("SO-1,1,AB,5")) as plan:
        record = plan.describe()
    assert (record.batches, record.headers, record.columns["skuId"]) == (1, tuple(HEADER.split(",")), "skuId")
