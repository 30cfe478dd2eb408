"""A large drop in shares on a Dask cluster, under a real Prefect server; a worker of the cluster is killed."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bench.orders import write
from crossdock import bundled
from crossdock.flows.programs.server import free_port, server
from crossdock.jobs import queries
from crossdock.model.job import JobRecord
from crossdock.workers import sharing
from tests.flows.running_server import UNMEASURED
from tests.patience import until
from tests.warehouse import Warehouse


@pytest.mark.slow
@pytest.mark.both
@pytest.mark.parametrize("workers", [2, 4])
def test_the_workers_of_a_cluster_write_the_shares(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    import distributed
    from prefect.context import refresh_global_settings_context

    path = warehouse.home / "inbox" / "house" / "sales_order_1.csv"
    path.parent.mkdir(parents=True)
    documents = write(path, 30_000)
    real, batch_bytes = sharing.terms, path.stat().st_size // 40
    monkeypatch.setattr(sharing, "terms", lambda: replace(real(), batch_bytes=batch_bytes))
    url = warehouse.database.url.render_as_string(hide_password=False)
    settings = {"HOME": warehouse.home, "PARTNERS": bundled.folder("partners"), "DATABASE_URL": url}
    settings |= {"SETTLE_SECONDS": 0, "SHARES": workers, "SHARE_ABOVE": "1MB"}
    for name, value in settings.items():
        monkeypatch.setenv(f"CROSSDOCK_{name}", str(value))
    killed: list[int] = []

    def at_work() -> JobRecord | None:
        jobs = queries.recent(warehouse.database, 1)
        return jobs[0] if jobs and jobs[0].processed else None

    with (
        server(tmp_path / "prefect", free_port(), **UNMEASURED),
        distributed.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
    ):
        refresh_global_settings_context()
        monkeypatch.setenv("CROSSDOCK_DASK", cluster.scheduler_address)
        from crossdock.flows.import_inbox import import_inbox

        def kill() -> None:
            if until(at_work).verdict is None:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        state = import_inbox(["house"], 0.0, return_state=True)
        killer.join()
    refresh_global_settings_context()
    assert (state.name, len(killed)) == ("Partly failed", 1)
    (job,) = queries.recent(warehouse.database, 5)
    books = job.report.books
    assert (job.processed, job.total, books.read) == (documents, documents, 30_000)
    assert warehouse.rows("SELECT count(*) FROM sales_order_lines") == [(books.loaded,)]
    assert warehouse.rows("SELECT count(*) FROM job_shares WHERE next_batch = batches") == [(workers,)]
    assert not list((warehouse.home / sharing.FOLDER).iterdir())
