"""A large drop in shares on a Dask cluster, under a real Prefect server; one of its workers is killed, or its scheduler."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bench.orders import write
from crossdock import bundled
from crossdock.flows.programs.server import free_port, server
from crossdock.jobs import leases, queries
from crossdock.model.job import JobRecord
from crossdock.workers import sharing
from tests.flows.running_server import UNMEASURED
from tests.patience import until
from tests.warehouse import Warehouse


@contextmanager
def _dask(kind: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A part of a cluster as a process of its own."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *words, "--no-dashboard"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@contextmanager
def _cluster(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler, which is yielded, and two workers."""
    address, alone = f"tcp://127.0.0.1:{port}", ("--nthreads", "1", "--no-nanny")
    with (
        _dask("scheduler", "--host", "127.0.0.1", "--port", str(port)) as scheduler,
        _dask("worker", address, *alone),
        _dask("worker", address, *alone),
    ):
        yield scheduler


@pytest.mark.slow
@pytest.mark.both
def test_a_scheduler_that_is_killed_is_an_outage_and_the_next_one_goes_on(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was called a fault of ours, which sets a job aside after a few times."""
    from prefect.context import refresh_global_settings_context

    documents = _large(warehouse, monkeypatch, shares=2)
    ports = [free_port(), free_port()]
    with server(tmp_path / "prefect", free_port(), **UNMEASURED):
        refresh_global_settings_context()
        from crossdock.flows.import_inbox import import_inbox

        monkeypatch.setenv("CROSSDOCK_DASK", f"tcp://127.0.0.1:{ports[0]}")
        with _cluster(ports[0]) as scheduler:
            killer = threading.Thread(target=lambda: (until(lambda: _at_work(warehouse)), scheduler.kill()))
            killer.start()
            state = import_inbox(["house"], 0.0, return_state=True)
            killer.join()
        (job,) = queries.recent(warehouse.database, 5)
        assert (state.name, job.verdict, job.outages, job.parked) == ("Put off", None, 1, None)
        assert f"the Dask cluster at tcp://127.0.0.1:{ports[0]} is gone" in str(job.said)
        assert 0 < job.processed < documents
        assert leases.resume(warehouse.database, job.job_id)
        monkeypatch.setenv("CROSSDOCK_DASK", f"tcp://127.0.0.1:{ports[1]}")
        with _cluster(ports[1]):
            state = import_inbox(["house"], 0.0, return_state=True)
    refresh_global_settings_context()
    assert state.name == "Partly failed"
    _complete(warehouse, documents, shares=2)


@pytest.mark.slow
@pytest.mark.both
@pytest.mark.parametrize("workers", [2, 4])
def test_the_workers_of_a_cluster_write_the_shares(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    import distributed
    from prefect.context import refresh_global_settings_context

    documents = _large(warehouse, monkeypatch, shares=workers)
    killed: list[int] = []

    with (
        server(tmp_path / "prefect", free_port(), **UNMEASURED),
        distributed.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
    ):
        refresh_global_settings_context()
        monkeypatch.setenv("CROSSDOCK_DASK", cluster.scheduler_address)
        from crossdock.flows.import_inbox import import_inbox

        def kill() -> None:
            if until(lambda: _at_work(warehouse)).verdict is None:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        state = import_inbox(["house"], 0.0, return_state=True)
        killer.join()
    refresh_global_settings_context()
    assert (state.name, len(killed)) == ("Partly failed", 1)
    _complete(warehouse, documents, shares=workers)


def _large(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, shares: int) -> int:
    """A file in the inbox that is divided into so many shares; how many documents it has."""
    path = warehouse.home / "inbox" / "house" / "sales_order_1.csv"
    path.parent.mkdir(parents=True)
    documents = write(path, 30_000)
    real, batch_bytes = sharing.terms, path.stat().st_size // 40
    monkeypatch.setattr(sharing, "terms", lambda: replace(real(), batch_bytes=batch_bytes))
    url = warehouse.database.url.render_as_string(hide_password=False)
    settings = {"HOME": warehouse.home, "PARTNERS": bundled.folder("partners"), "DATABASE_URL": url}
    settings |= {"SETTLE_SECONDS": 0, "SHARES": shares, "SHARE_ABOVE": "1MB"}
    for name, value in settings.items():
        monkeypatch.setenv(f"CROSSDOCK_{name}", str(value))
    return documents


def _at_work(warehouse: Warehouse) -> JobRecord | None:
    jobs = queries.recent(warehouse.database, 1)
    return jobs[0] if jobs and jobs[0].processed else None


def _complete(warehouse: Warehouse, documents: int, shares: int) -> None:
    """Everything was written once, and nothing is left of the work."""
    (job,) = queries.recent(warehouse.database, 5)
    books = job.report.books
    assert (job.processed, job.total, books.read) == (documents, documents, 30_000)
    assert warehouse.rows("SELECT count(*) FROM sales_order_lines") == [(books.loaded,)]
    assert warehouse.rows("SELECT count(*) FROM job_shares WHERE next_batch = batches") == [(shares,)]
    assert not list((warehouse.home / sharing.FOLDER).iterdir())
