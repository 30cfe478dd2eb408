"""The last part of an interchange queues its 997, however many parts end at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from crossdock.delivery import courier
from crossdock.delivery.http import Wire
from crossdock.workers.work import jobs_waiting, run_job
from crossdock.workers.worker import Worker
from tests.interchanges import order, partner_of
from tests.reports.edi.answered import outbox
from tests.reports.edi.test_nasty_cases import and_group, of_940
from tests.warehouse import Warehouse


@pytest.mark.both
def test_parts_that_end_side_by_side_are_answered_once(warehouse: Warehouse) -> None:
    """Two workers import the two groups of each file at once: each file has one 997 with both."""
    warehouse.partner(whole=partner_of("940").replace("zone =", "at_once = 2\nzone ="))
    for number in range(4):
        one, two = (of_940("US", order(f"SO-{number}{part}", "5 EA AB"), number=10 * number + part) for part in (1, 2))
        warehouse.drop(f"{number}.edi", and_group(one, two))

    def work(_: int) -> None:
        with Worker(warehouse.database, "test") as worker:
            for taken in jobs_waiting(warehouse.site, worker):
                run_job(warehouse.site, worker, taken)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    work(0)
    courier.deliver(warehouse.site, Wire())
    answers = outbox(warehouse)
    assert list(answers) == [f"US-THEM-{number}.997.edi" for number in range(1, 5)]
    assert all(text.count("AK9*A*1*1*1~") == 2 for text in answers.values())
    assert [
        f"GS*FA*US*THEM*20261128*1200*{number}*X" in answers[f"US-THEM-{number}.997.edi"] for number in range(1, 5)
    ] == [True] * 4
