"""A drop in shares: several processes store and answer what one does; one that is killed is replaced."""

from __future__ import annotations

import os
import random
import re
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import delete, select, update

from bench.orders import rows, save, write
from crossdock.database.tables import COUNTERS, METADATA, SHARES, Moment
from crossdock.model.report import Progress
from crossdock.pipeline.import_drop import import_drop
from crossdock.pipeline.run import Terms
from crossdock.pipeline.shares import Processes, ShareWork, Sharing, write_share
from crossdock.reports import acknowledgement, detailed, failure_list
from crossdock.reports import text as full
from tests.warehouse import TODAY, Result, Warehouse, drop_of

OF_A_RUN = {"change", "token", "lease", "worker", "rate", "sequence", "next_batch", "batches", "leased_from"}
"""Columns in which two imports of one file differ, beside the times."""
MOMENT = re.compile(r"2\d{3}-\d\d-\d\d[T ][\d:.]+")


def imported(warehouse: Warehouse, path: Path, sharing: Sharing | None, batches: int = 12, watch: Any = None) -> Result:
    terms = Terms(TODAY, path.stat().st_size // batches)
    drop = drop_of(path, warehouse.feed())
    report = import_drop(drop, warehouse.database, inputs=terms, sharing=sharing, watch=watch or (lambda _: None))
    return Result(report, warehouse.database, report.job)


def processes(warehouse: Warehouse) -> Processes:
    return Processes(warehouse.database.url.render_as_string(hide_password=False))


def one_by_one(warehouse: Warehouse) -> Any:
    """A crew that writes the shares in this process, the last one first."""

    def crew(shares: list[ShareWork], look: Any) -> None:
        for each in reversed(shares):
            write_share(warehouse.database, each)
            look()

    return crew


def everything(result: Result) -> tuple[dict[str, list[str]], list[str]]:
    """What the database holds but for times and ids, and the reports."""
    tables = {}
    with result.database.reading() as connection:
        for table in METADATA.sorted_tables:
            if table is SHARES:
                continue
            kept = [each for each in table.c if each.name not in OF_A_RUN and not isinstance(each.type, Moment)]
            rows = [repr(tuple(row)).replace(result.job, "JOB") for row in connection.execute(select(*kept))]
            tables[table.name] = sorted(rows)
    row, database = result.row, result.database
    answers = [
        each
        for answer in acknowledgement.answers(row, database)
        for each in acknowledgement.body(row, answer, database)
    ]
    written = [
        answers,
        detailed.detailed(row, database),
        failure_list.failure_list(row, database),
        full.text(row, database),
    ]
    assert result.report.verdict is not None
    return tables, [MOMENT.sub("NOW", "".join(each)).replace(result.job, "JOB") for each in written]


def emptied(warehouse: Warehouse) -> None:
    with warehouse.database.writing() as connection:
        for table in reversed(METADATA.sorted_tables):
            if table is COUNTERS:
                connection.execute(update(table).values(number=0))
            else:
                connection.execute(delete(table))


@pytest.mark.both
@pytest.mark.slow
def test_shares_store_and_answer_what_one_worker_does(warehouse: Warehouse) -> None:
    path = warehouse.home / "orders.csv"
    save(path, rows(900, wrong=0.1))
    tables, reports = everything(imported(warehouse, path, None))
    emptied(warehouse)
    result = imported(warehouse, path, Sharing(4, one_by_one(warehouse)))
    assert warehouse.rows("SELECT share, next_batch, batches FROM job_shares ORDER BY share") == [
        (0, 3, 3), (1, 7, 7), (2, 11, 11), (3, 15, 15),
    ]  # fmt: skip
    assert everything(result) == (tables, reports)


@pytest.mark.both
@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 4])
def test_a_share_whose_process_is_killed_goes_on_in_another(warehouse: Warehouse, number: int) -> None:
    path = warehouse.home / "orders.csv"
    write(path, 12_000, wrong=0.05)
    expected = everything(imported(warehouse, path, None, 40))
    emptied(warehouse)
    victims: list[int] = []

    def watch(at: Progress) -> None:
        if not victims and at.processed:
            children = [each for each in psutil.Process().children() if "spawn_main" in " ".join(each.cmdline())]
            victims.append(random.Random(number).choice(children).pid)
            os.kill(victims[0], signal.SIGKILL)

    result = imported(warehouse, path, Sharing(number, processes(warehouse)), 40, watch)
    assert victims
    assert everything(result) == expected
