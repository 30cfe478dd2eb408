"""What it is all for: a server on PostgreSQL, three workers, four partners, two hundred files; one worker killed, one frozen.

Two minutes of drops, some half-written, some twice, some wrong, while the server of those that are posted to is down. Then the database
proves it: each document once, each line accounted for, each partner's order kept, each answer delivered.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import select, text

from crossdock.database import Database, connect
from crossdock.database.tables import JOBS, OUTBOX
from crossdock.flows.homes import pool
from crossdock.flows.programs.server import ended, free_port, server
from crossdock.jobs import leases
from crossdock.settings import Settings
from tests.flows.running_server import UNMEASURED, RunningServer, named
from tests.partner import Partner, serving
from tests.patience import until
from tests.postgres import Postgres
from tests.warehouse import Warehouse, csv

PARTNERS = ("acme", "beta", "gamma", "delta")
POSTED = ("beta", "gamma")
FILES, SECONDS, WORKERS = 200, 120.0, 3
LONG = 60
"""Megabytes of the file in which a worker is killed, and of the one in which another is frozen."""


@dataclass
class Night:
    """What runs, and what was dropped: by name, its records and the orders that are right in it."""

    running_server: RunningServer
    warehouse: Warehouse
    server: Partner
    workers: list[subprocess.Popen[bytes]]
    records: dict[str, int] = field(default_factory=dict)
    right: set[str] = field(default_factory=set)
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.warehouse.database

    def rows(self) -> list[Any]:
        with self.database.reading() as connection:
            return list(connection.execute(select(JOBS).order_by(JOBS.c.sequence)))


@pytest.fixture
def night(tmp_path: Path, postgres: Postgres, postgres_url: str) -> Iterator[Night]:
    home = tmp_path / "home"
    database = connect(postgres_url)
    prefect = postgres.create()
    warehouse = Warehouse(database, home)
    prefects = {
        "PREFECT_API_DATABASE_CONNECTION_URL": postgres.url(prefect).replace("postgresql://", "postgresql+asyncpg://"),
        "PREFECT_SERVER_API_AUTH_STRING": "admin:night",
        "PREFECT_API_AUTH_STRING": "admin:night",
    }
    with ExitStack() as stack:
        partner = stack.enter_context(serving())
        for name in PARTNERS:
            post = (
                f'\n[post]\nurl = "{partner.url}"\nauth = "hmac"\nsecret = "env:POST_SECRET"\n'
                if name in POSTED
                else ""
            )
            answer = 'answer = ["file", "post"]' if name in POSTED else ""
            done = '\ndone_file = "{name}.done"' if name == "delta" else ""
            warehouse.partner(name, keys=answer + done, after=post)
        url = stack.enter_context(server(home / "prefect", free_port(), **prefects, **UNMEASURED))
        environment = {
            **os.environ,
            "CROSSDOCK_HOME": str(home),
            "CROSSDOCK_DATABASE_URL": database.url.render_as_string(hide_password=False),
            "CROSSDOCK_SETTLE_SECONDS": "5",
            "CROSSDOCK_POST_HOSTS": '["127.0.0.1"]',
            "POST_SECRET": "whsec_a2V5",
            "PREFECT_WORKER_QUERY_SECONDS": "3",
        }
        running = RunningServer(url, warehouse, environment)
        running.set_up()
        command = ("worker", "start", "--pool", pool(Settings(home=home)), "--type", "process", "--limit", "1")
        workers = [stack.enter_context(ended(running.started("worker", "prefect", *command))) for _ in range(WORKERS)]
        stack.enter_context(ended(running.program("prefect", "watch")))
        yield Night(running, warehouse, partner, workers)
    database.close()
    postgres.drop(prefect)


def drops(night: Night) -> Iterator[tuple[str, str, str, str]]:
    """The files in their order: partner, name, content, how it is written."""
    chance = random.Random(5)
    for number in range(FILES):
        partner = PARTNERS[number % len(PARTNERS)]
        name = f"orders_{number:04}.csv"
        orders = [f"{partner}-{number}-{order}" for order in range(chance.randint(1, 40))]
        wrong = {each for each in orders if number % 5 == 0 and chance.random() < 0.2}
        rows = [f"{each},{line},AB,{'x' if each in wrong and line == 2 else 5}" for each in orders for line in (1, 2)]
        chance.shuffle(rows)
        how = ("at once", "in two halves", "renamed", "twice")[number // len(PARTNERS) % 4]
        if number % 37 == 36:
            yield partner, name, "no such thing as a header\nat all\n", "at once"
            night.records[name] = 0
            continue
        night.records[name] = len(rows)
        night.right |= set(orders) - wrong
        yield partner, name, csv(*rows), how


def write(night: Night, partner: str, name: str, content: str, how: str) -> None:
    """Write a file as senders do."""
    folder = night.warehouse.home / "inbox" / partner
    path = folder / name
    if how == "in two halves":
        half = len(content) // 2
        path.write_text(content[:half])
        with path.open("a") as file:
            time.sleep(2)
            file.write(content[half:])
    elif how == "renamed":
        (folder / f"{name}.part").write_text(content)
        (folder / f"{name}.part").rename(path)
    else:
        path.write_text(content)
    if partner == "delta":
        (folder / f"{name}.done").write_text("")
    if how == "twice":
        again = name.replace("orders_", "orders_again_")
        night.records[again] = night.records[name]
        (folder / again).write_text(content)
        if partner == "delta":
            (folder / f"{again}.done").write_text("")


def at_work_on(night: Night, name: str) -> tuple[psutil.Process, subprocess.Popen[bytes]]:
    """The flow's process that imports a file, once it has committed something; and its worker's."""

    def process_of_run() -> Any:
        row = named(night.database, name)
        if row is None or not row.processed or row.verdict is not None:
            return None
        return next((each for each in leases.workers(night.database) if each.drop == name), None)

    worker = until(process_of_run)
    process = psutil.Process(int(worker.name.partition(":")[2]))
    parent = next(each for each in night.workers if each.pid in {above.pid for above in process.parents()})
    return process, parent


def goes_on(night: Night, name: str, since: float) -> float:
    """Seconds until another worker has the job."""
    before = named(night.database, name).leased_at
    until(lambda: ((row := named(night.database, name)).leased_at != before and row.lease is not None) or row.verdict)
    return time.monotonic() - since


@pytest.mark.slow
def test_a_night_with_everything_that_goes_wrong(night: Night) -> None:
    warehouse, database = night.warehouse, night.database
    night.server.answer = lambda request: 503 if down.is_set() and request.headers["webhook-id"] else 204
    down = threading.Event()
    down.set()
    begun = time.monotonic()
    writers: list[threading.Thread] = []

    def dropping() -> None:
        for number, drop in enumerate(drops(night)):
            time.sleep(max(0.0, begun + number * SECONDS / FILES - time.monotonic()))
            writers.append(threading.Thread(target=write, args=(night, *drop)))
            writers[-1].start()

    dropper = threading.Thread(target=dropping)
    dropper.start()
    until(lambda: any(row.verdict for row in night.rows()))
    for partner in ("acme", "gamma"):
        name = f"orders_long_{partner}.csv"
        night.records[name] = documents = warehouse.wordy(name, LONG, partner)
        night.right |= {f"{name}-{number}" for number in range(documents)}

    process, worker = at_work_on(night, "orders_long_acme.csv")
    killed_run = next(each.run for each in leases.workers(database) if each.drop == "orders_long_acme.csv")
    processed = named(database, "orders_long_acme.csv").processed
    at = time.monotonic()
    for each in (worker.pid, process.pid):
        os.kill(each, signal.SIGKILL)
    night.figures["killed after"] = processed
    frozen, its_worker = at_work_on(night, "orders_long_gamma.csv")
    for each in (its_worker.pid, frozen.pid):
        os.kill(each, signal.SIGSTOP)
    frozen_at = time.monotonic()
    night.figures["killed: continues after s"] = goes_on(night, "orders_long_acme.csv", at)
    night.figures["frozen: continues after s"] = goes_on(night, "orders_long_gamma.csv", frozen_at)
    until(lambda: named(database, "orders_long_gamma.csv").verdict)
    for each in (its_worker.pid, frozen.pid):
        os.kill(each, signal.SIGCONT)
    dropper.join()
    for writer in writers:
        writer.join()
    down.clear()

    def all_done() -> bool:
        rows = night.rows()
        with database.reading() as connection:
            unsent = connection.execute(select(OUTBOX.c.number).where(OUTBOX.c.ended.is_(None))).all()
        return len(rows) == len(night.records) and all(row.filed_at for row in rows) and not unsent

    until(all_done)
    night.figures["all done after s"] = time.monotonic() - begun
    proven(night)
    crashed = night.running_server.call("GET", f"flow_runs/{killed_run}")
    assert crashed["state_type"] == "CRASHED"
    assert "orders_long_acme.csv" in crashed["state"]["message"]
    assert "continues in http" in crashed["state"]["message"]
    until(lambda: not frozen.is_running() or frozen.status() == psutil.STATUS_ZOMBIE)
    night.figures["runs by state"] = {
        state: len(list(runs))
        for state, runs in itertools.groupby(sorted(each["state_name"] for each in night.running_server.runs()))
    }
    sys.stdout.write("\n" + json.dumps(night.figures, indent=1) + "\n")  # pytest -s shows it


def proven(night: Night) -> None:
    rows = night.rows()
    assert {row.name for row in rows} == set(night.records)
    with night.database.reading() as connection:
        stored = connection.execute(
            text("SELECT customer_order_number, count(*) FROM sales_order_lines GROUP BY 1")
        ).all()
        orders = connection.execute(text("SELECT customer_order_number FROM sales_orders")).scalars().all()
        sent = connection.execute(
            select(OUTBOX.c.job_id, OUTBOX.c.channel, OUTBOX.c.ended, OUTBOX.c.partner).order_by(OUTBOX.c.ended_at)
        ).all()
    # each document once
    assert len(orders) == len(set(orders))
    assert set(orders) == night.right
    assert all(count == (1 if "long" in number else 2) for number, count in stored)
    assert sum(row.documents_inserted for row in rows) == len(orders)
    # each line accounted for
    for row in rows:
        assert row.read_ == row.records == night.records[row.name], row.name
    # each partner's order kept: one at a time, and none before an earlier one that was there
    for partner in PARTNERS:
        mine = sorted((row for row in rows if row.partner == partner), key=lambda row: row.started_at)
        for before, after in itertools.pairwise(mine):
            assert before.finished_at <= after.started_at, (before.name, after.name)
        for index, row in enumerate(mine):
            for later in mine[index + 1 :]:
                assert row.ranked <= later.ranked or later.received_at >= row.started_at, (row.name, later.name)
    # each answer delivered, each partner's in its order
    assert {each.ended for each in sent} == {"delivered"}
    jobs = {row.job_id: row for row in rows}
    for partner in PARTNERS:
        files = {path.name for path in (night.warehouse.home / "outbox" / partner).glob("*.ack.json")}
        assert files == {f"{row.name}.{row.job_id}.ack.json" for row in rows if row.partner == partner}
        posted = [job for job in night.server.jobs if jobs[job].partner == partner]
        expected = [row.job_id for row in sorted(rows, key=lambda row: row.finished_at) if row.partner == partner]
        assert list(dict.fromkeys(posted)) == (expected if partner in POSTED else [])
    assert not list(night.warehouse.home.glob("inbox/*/*.csv"))
    assert not list(night.warehouse.home.glob("work/*/*/*"))
    night.figures |= {
        "files": len(rows), "documents": len(orders), "records": sum(row.read_ for row in rows),
        "failed or held": sum(row.failed + row.held for row in rows), "refused": sum(row.refused is not None for row in rows),
        "answers": len(sent), "posts received": len(night.server.got),
        "waited before it began, median and worst s": _spans(rows, "received_at", "started_at"),
        "taken to verdict, median and worst s": _spans(rows, "started_at", "finished_at"),
        "verdict to filed, median and worst s": _spans(rows, "finished_at", "filed_at"),
    }  # fmt: skip


def _spans(rows: list[Any], since: str, until_: str) -> list[float]:
    spans = sorted((getattr(row, until_) - getattr(row, since)).total_seconds() for row in rows)
    return [round(spans[len(spans) // 2], 1), round(spans[-1], 1)]
