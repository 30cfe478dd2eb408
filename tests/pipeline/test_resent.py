"""Documents that come again: what is known without a check is what the check says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select

from crossdock.database.tables import SENT
from crossdock.frames.columns import values
from crossdock.jobs import lifecycle
from crossdock.model.decision import Decision, Outcomes
from crossdock.pipeline import batch, resent, run
from crossdock.pipeline.dry_run import rehearse
from crossdock.pipeline.import_drop import import_drop
from crossdock.pipeline.run import Terms
from tests.samples import thinned
from tests.warehouse import TODAY, Warehouse, csv, drop_of

HEADER = "customerOrderNumber,customerLineNumber,skuId,quantity,customerDates.cancelAfter"
ROWS = (
    "SO-0,1,AB,1,",
    "SO-1,1,AB,5,",
    "SO-1,2,AB,6,",
    "SO-2,1,AC,2,2026-11-25",
    "SO-3,1,AB,x,",
    "SO-4,1,AB,1,1999-01-01",
)
"""SO-0 stands first and is always checked; SO-3 has a failure, SO-4 a warning."""


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that were known. Each batch is decided both ways, and must be decided alike."""
    seen: list[str] = []
    real, among = batch.decide_batch, resent.Known.among

    def twice(*args: Any, **options: Any) -> Decision:
        checked = real(*args, **options)
        _alike(checked, batch._decided(*args, None, **options))
        return checked

    def noted(self: resent.Known, *args: Any) -> Decision:
        seen.extend(values(self.key["customerOrderNumber"])[self.again])
        return among(self, *args)

    monkeypatch.setattr(resent, "LEAST", 1)
    monkeypatch.setattr(lifecycle, "LEAST", 1)
    monkeypatch.setattr(run, "decide_batch", twice)
    monkeypatch.setattr(resent.Known, "among", noted)
    return seen


def _alike(one: Decision, other: Decision) -> None:
    for field in dataclasses.fields(Decision):
        mine, checked = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, pd.DataFrame):
            pd.testing.assert_frame_equal(mine, checked)
        elif isinstance(mine, Outcomes):
            assert mine.cells == checked.cells
        elif field.name not in ("resent", "moves", "leaned"):
            assert mine == checked, field.name


def orders(
    warehouse: Warehouse, *rows: str, keys: str = "", day: date = TODAY, header: str = HEADER, size: int = 10_000
) -> None:
    path = warehouse.file(csv(*rows, header=header), "orders.csv")
    report = import_drop(drop_of(path, warehouse.feed(keys)), warehouse.database, inputs=Terms(day, size))
    assert report.books.balanced


def _sku(warehouse: Warehouse) -> None:
    warehouse.load("sku", "AB,BU1,true")


def _changed(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,7", "SO-1,2,AB,6"), name="other.csv")


def _cancelled(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,,,,cancel", header="customerOrderNumber,customerLineNumber,skuId,quantity,action"))


ACTIONS = tuple(f"{row},upsert" for row in ROWS)
CASES: dict[str, tuple[list[str], dict[str, Any]]] = {
    "the same": (["SO-1", "SO-2"], {}),
    "in several batches": ([], {"first": {"size": 60}, "then": {"size": 10_000}}),
    "another quantity": (["SO-2"], {"rows": [each.replace("AB,6", "AB,9") for each in ROWS]}),
    "lines in another order": (["SO-2"], {"rows": [ROWS[0], ROWS[2], ROWS[1], *ROWS[3:]]}),
    "a list was loaded": ([], {"between": _sku}),
    "another file changed one": (["SO-2"], {"between": _changed}),
    "one was cancelled": (["SO-2"], {"between": _cancelled}),
    "a day before a date passes": (["SO-1", "SO-2"], {"then": {"day": date(2026, 11, 24)}}),
    "the day after": (["SO-1"], {"then": {"day": date(2026, 11, 26)}}),
    "the day before": ([], {"then": {"day": date(2026, 11, 21)}}),
    "a number like another": (["SO-2"], {"rows": [*ROWS, "so-1,1,AB,5,"]}),
    "a torn row": (["SO-1"], {"rows": [*ROWS[:4], "SO-2,2,AC,1,,,,", *ROWS[4:]]}),
    "a row without a number below": (["SO-1"], {"rows": [*ROWS[:4], ",3,AC,1,", *ROWS[4:]]}),
    "another feed": ([], {"then": {"keys": 'blanks = "keep"'}}),
    "actions": ([], {"rows": ACTIONS, "first": {"header": f"{HEADER},action"}, "then": {"header": f"{HEADER},action"}}),
    "separators in a cell": (["SO-1"], {"first_rows": (*ROWS[:3], "SO-2,1,A\x1eC,2,", *ROWS[4:])}),
}


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("case", thinned(*CASES, every=2))
def test_what_comes_again_is_known_where_nothing_else_can_be_the_answer(
    warehouse: Warehouse, known: list[str], case: str
) -> None:
    expected, options = CASES[case]
    between: Callable[[Warehouse], None] = options.get("between", lambda _: None)
    rows = options.get("rows", ROWS)
    first = options.get("first_rows", rows if "first" in options else ROWS)
    orders(warehouse, *first, **options.get("first", {}))
    between(warehouse)
    known.clear()
    orders(warehouse, *(first if "first_rows" in options else rows), **options.get("then", {}))
    assert known == expected


def test_a_changed_document_is_known_once_it_has_come_again(warehouse: Warehouse, known: list[str]) -> None:
    changed = [each.replace("AB,6", "AB,9") for each in ROWS]
    for rows in (ROWS, changed, changed):
        orders(warehouse, *rows)
    known.clear()
    orders(warehouse, *changed)
    assert known == ["SO-1", "SO-2"]


def test_only_what_the_last_jobs_sent_is_remembered(warehouse: Warehouse, known: list[str]) -> None:
    for _ in range(lifecycle.KEPT + 2):
        orders(warehouse, *ROWS)
    assert warehouse.rows("SELECT count(*) FROM job_sent") == [(lifecycle.KEPT,)]
    assert known == ["SO-1", "SO-2"] * (lifecycle.KEPT + 1)


def test_a_dry_run_knows_what_came_before_and_remembers_nothing(warehouse: Warehouse, known: list[str]) -> None:
    drop = drop_of(warehouse.file(csv(*ROWS, header=HEADER), "orders.csv"), warehouse.feed())
    url = warehouse.database.url.render_as_string(hide_password=False)
    with rehearse(drop, url, inputs=Terms(TODAY)) as (_, books), books.reading() as connection:
        assert connection.execute(select(SENT)).all() == []
    orders(warehouse, *ROWS)
    with rehearse(drop, url, inputs=Terms(TODAY)):
        assert known == ["SO-1", "SO-2"]
