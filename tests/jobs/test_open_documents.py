"""Questions about open documents: as many queries beside many as beside few, and numbers as people write them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from crossdock.database import Database
from crossdock.jobs import open_documents
from tests.warehouse import Warehouse, csv

pytestmark = pytest.mark.both


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine, "before_cursor_execute", note)


def counted(warehouse: Warehouse) -> dict[str, int]:
    """How many statements each question takes."""
    database = warehouse.database
    questions = {
        "open": lambda: list(open_documents.with_failures(database, open_documents.newest(database, 50))),
        "all": lambda: list(open_documents.open_documents(database)),
        "lacking": lambda: open_documents.missing_values(database, "sku"),
        "let in": lambda: list(open_documents.waiting_only_for(database, "sku", {"BU1": {"ZZ"}})),
        "count": lambda: [open_documents.count(database)],
    }
    numbers = {}
    for name, question in questions.items():
        with statements(database) as sent:
            assert question() or name in ("lacking", "let in")
        numbers[name] = len(sent)
    return numbers


def test_many_take_as_many_queries_as_few(warehouse: Warehouse) -> None:
    warehouse.run(csv("SO-1,1,AB,x"), name="orders_1.csv")
    few = counted(warehouse)
    warehouse.run(csv(*(f"SO-{number},1,AB,x" for number in range(2, 402))), name="orders_2.csv")
    assert counted(warehouse) == few


def test_the_newest_come_first_and_all_are_counted(warehouse: Warehouse) -> None:
    for number in range(1, 4):
        warehouse.run(csv(f"SO-{number},1,AB,x", f"SO-{number}0,1,AB,x"), name=f"orders_{number}.csv")
    newest = open_documents.newest(warehouse.database, 3)
    assert [each.number for each in newest] == ["SO-3", "SO-30", "SO-2"]
    assert open_documents.count(warehouse.database) == 6
    assert open_documents.count(warehouse.database, partner="nobody") == 0


@pytest.mark.parametrize("asked_for", ["77", "0000000077", "00077"])
def test_a_number_is_found_with_or_without_its_zeros(warehouse: Warehouse, asked_for: str) -> None:
    warehouse.run(csv("0077,1,AB,x", "770,1,AB,x"))
    assert [each.number for each in open_documents.open_documents(warehouse.database, document=asked_for)] == ["0077"]
    assert [each.number for each in open_documents.numbered(warehouse.database, asked_for)] == ["0077"]
