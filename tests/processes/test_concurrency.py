"""Several imports of the same orders at once: each document is whole, whoever comes last, and nothing is counted twice."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from crossdock.database import connect
from crossdock.jobs import queries
from tests.patience import PATIENCE
from tests.processes.test_kills import started
from tests.warehouse import HEADER, Warehouse, csv, feed

FILES, ORDERS = 3, 300


@pytest.mark.both(slow=True)
def test_imports_of_the_same_orders_at_once(database_url: str, tmp_path: Path) -> None:
    feed(tmp_path)
    database = connect(database_url)
    children: list[subprocess.Popen[str]] = []
    for number in range(FILES):
        rows = [f"SO-{order},{line},AB,{number + 1}" for order in range(ORDERS) for line in (1, 2, 3)]
        random.Random(number).shuffle(rows)
        path = tmp_path / f"orders_{number}.csv"
        path.write_text(csv(*rows, header=HEADER))
        children.append(started(path, tmp_path, database_url, path.stat().st_size // 5, stepwise=False))
    for child in children:
        child.communicate(timeout=PATIENCE)
    assert [child.returncode for child in children] == [0] * FILES
    warehouse = Warehouse(database, tmp_path)
    reports = [job.report for job in queries.recent(database, 10)]
    assert [report.books.loaded for report in reports] == [3 * ORDERS] * FILES
    assert sum(report.documents.inserted for report in reports) == ORDERS
    assert sum(report.documents.updated for report in reports) == (FILES - 1) * ORDERS
    assert warehouse.rows("SELECT DISTINCT revision FROM sales_orders") == [(FILES,)]
    mixed = "SELECT 1 FROM sales_order_lines GROUP BY customer_order_number HAVING count(*) <> 3 OR count(DISTINCT quantity) > 1"
    assert warehouse.rows(mixed) == []
    database.close()
