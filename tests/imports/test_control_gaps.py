"""Numbers of interchanges that have not come, or that step back, are notes on the status page (contract edi.md §4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from crossdock.database.tables import INTERCHANGES
from crossdock.registers import control_gaps
from tests.imports.test_confirmations import status
from tests.interchanges import interchange, order, partner_of
from tests.warehouse import Warehouse


def bring(warehouse: Warehouse, *numbers: int) -> None:
    for number in numbers:
        warehouse.drop(f"x{number}.edi", interchange(order(f"SO-{number}", "5 EA AB"), number=number))
        warehouse.work()


def notes(warehouse: Warehouse) -> list[str]:
    lines = status(warehouse).get("Numbers of interchanges", [])
    return [each.partition("acme: ")[2].removesuffix(" (ZZ:THEM to ZZ:US)") for each in lines]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((7, 8, 9), []),
        ((7, 9), ["number 8 has not come"]),
        ((7, 11, 9), ["2 of the numbers 8 to 10 have not come"]),
        ((7, 9, 8, 10), []),
        ((7, 7, 8), []),
        ((7, 600), []),
        ((600, 7, 8), ["number 7 came after 600"]),
    ],
)
def test_gaps_and_steps_back(warehouse: Warehouse, numbers: tuple[int, ...], expected: list[str]) -> None:
    warehouse.partner(whole=partner_of("940"))
    bring(warehouse, *numbers)
    assert notes(warehouse) == expected


@pytest.mark.both
def test_what_came_before_the_day_counts_and_the_same_bytes_again_do_not(warehouse: Warehouse) -> None:
    warehouse.partner(whole=partner_of("940"))
    bring(warehouse, 4, 5)
    with warehouse.database.writing() as connection:
        earlier = INTERCHANGES.c.booked_at
        rows = connection.execute(INTERCHANGES.select()).all()
        for row in rows:
            mine = update(INTERCHANGES).where(INTERCHANGES.c.job_id == row.job_id)
            connection.execute(mine.values({earlier.name: row.booked_at - timedelta(days=3)}))
    bring(warehouse, 7, 4)
    assert notes(warehouse) == ["number 6 has not come"]
    bring(warehouse, 6)
    assert notes(warehouse) == []
    assert [
        each.missing for each in control_gaps.since(warehouse.database, rows[0].booked_at + timedelta(days=9))
    ] == []
