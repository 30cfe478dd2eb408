"""An import of an interchange that is killed between two sets continues: nothing lost, nothing twice, one answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.database import connect
from crossdock.delivery import courier
from crossdock.delivery.http import Wire
from crossdock.jobs import queries
from tests.interchanges import interchange, order, partner_of
from tests.patience import PATIENCE
from tests.processes.test_kills import go_on, killed, lines_until, reached, started
from tests.warehouse import Warehouse

SETS, BATCHES = 400, 8
WORKER = """
import sys
from functools import partial
from pathlib import Path
from tests.warehouse import TODAY, Warehouse
from crossdock.database import connect
from crossdock.pipeline.run import Terms
from crossdock.workers import work
from crossdock.workers.worker import Worker
work.imported = partial(work.imported, inputs=Terms(TODAY, int(sys.argv[4])))
def watch(at):
    print(at.processed, at.total, flush=True)
    sys.stdin.readline()
site = Warehouse(connect(sys.argv[3]), Path(sys.argv[2]).parent).site
with Worker(site.database, "test") as worker:
    for taken in work.jobs_waiting(site, worker):
        work.run_job(site, worker, taken, watch)
"""


@pytest.mark.both
@pytest.mark.slow
def test_an_interchange_that_is_killed_between_two_sets_goes_on(database_url: str, home: Path) -> None:
    warehouse = Warehouse(connect(database_url), home)
    warehouse.partner(whole=partner_of("940"))
    sets = [order(f"SO-{number}", *(f"{line} EA AB-{line}" for line in range(1, 4))) for number in range(1, SETS + 1)]
    path = warehouse.drop("night.edi", interchange(*sets))
    size = path.stat().st_size // BATCHES
    child = started(path, home, database_url, size, code=WORKER)
    lines_until(child, reached(SETS // 3))
    go_on(child)
    killed(child)
    (before,) = queries.recent(warehouse.database, 10)
    assert before.verdict is None
    assert 0 < before.processed < SETS
    warehouse.forget_workers()
    successor = started(path, home, database_url, size, stepwise=False, code=WORKER)
    successor.communicate(timeout=PATIENCE)
    assert successor.returncode == 0
    (after,) = queries.recent(warehouse.database, 10)
    assert (after.job_id, after.verdict, after.processed) == (before.job_id, "ACCEPTED", SETS)
    stored = "SELECT count(*), count(DISTINCT customer_order_number), count(DISTINCT line) FROM sales_order_lines"
    assert warehouse.rows(stored) == [(3 * SETS, SETS, 3 * SETS)]
    courier.deliver(warehouse.site, Wire())
    (answer,) = (home / "outbox" / "acme").glob("*.edi")
    text = answer.read_text(encoding="utf-8")
    assert (text.count("AK2*"), text.count("AK5*A"), text.count("AK9*A*400*400*400")) == (SETS, SETS, 1)
    warehouse.database.close()
