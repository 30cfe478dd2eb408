"""``crossdock serve`` as its own process: it is killed after a 202, and nothing is lost."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from crossdock.registers import keys
from crossdock.workers.requests import FOLDER
from tests.api.test_singles import ORDERS, order
from tests.patience import PATIENCE
from tests.warehouse import Warehouse


@contextmanager
def server(warehouse: Warehouse, *words: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server process that answers; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = warehouse.database.url.render_as_string(hide_password=False)
    environment = {**os.environ, "CROSSDOCK_HOME": str(warehouse.home), "CROSSDOCK_DATABASE_URL": url}
    command = [sys.executable, "-m", "crossdock", "serve", "--port", str(port), *words]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            try:
                httpx.get(f"{address}/readyz").raise_for_status()
                break
            except httpx.HTTPError:
                assert time.monotonic() < end
                time.sleep(0.1)
        yield address, process
    finally:
        process.kill()
        process.wait()


def ended(client: httpx.Client, path: str) -> dict[str, object]:
    end = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < end:
        data: dict[str, object] = client.get(path).json()["data"]
        if data["status"] not in ("RECEIVED", "IN_PROGRESS"):
            return data
        time.sleep(0.1)
    raise AssertionError("the job does not end")


@pytest.mark.both(slow=True)
def test_what_was_booked_outlives_a_kill(warehouse: Warehouse) -> None:
    headers = {"Authorization": f"Bearer {keys.add(warehouse.database, 'acme')[1]}"}
    with server(warehouse) as (url, process), httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) as client:
        many = {"data": [order(f"SO-{number}")["data"] for number in range(3_000)]}
        taken = client.post(f"{ORDERS}/bulk", json=many)
        assert taken.status_code == 202
        process.send_signal(signal.SIGKILL)
        process.wait()
    lost = warehouse.home / FOLDER / "0123456789abcdef.new" / "_" / "body"  # of a request that was never answered
    lost.parent.mkdir(parents=True)
    lost.write_text("{")
    os.utime(lost, (0, 0))
    fresh = lost.parents[2] / "fedcba9876543210.new" / "_" / "body"  # of one that another process is taking
    fresh.parent.mkdir(parents=True)
    fresh.write_text("{")
    warehouse.forget_workers()
    with server(warehouse) as (url, process), httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) as client:
        assert (lost.exists(), fresh.exists()) == (False, True)
        data = ended(client, taken.headers["Location"])
        assert (data["status"], data["progress"]) == ("COMPLETED", {"processed": 3_000, "total": 3_000})
        assert len(warehouse.order_numbers()) == 3_000
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) in (0, -signal.SIGTERM, 128 + signal.SIGTERM)


@pytest.mark.slow
def test_several_processes_answer_and_share_their_figures(warehouse: Warehouse) -> None:
    secret = keys.add(warehouse.database, "acme")[1]
    operator = keys.add(warehouse.database, "", keys.OPERATOR)[1]
    with server(warehouse, "--workers", "2") as (url, _):
        for number in range(20):
            created = httpx.post(
                f"{url}{ORDERS}", json=order(f"SO-{number}"), headers={"X-API-Key": secret}, timeout=PATIENCE
            )
            assert created.status_code == 201
        figures = httpx.get(f"{url}/metrics", headers={"X-API-Key": operator}, timeout=PATIENCE).text
        counted = re.search(r'_count\{.*status="201"\} (\d+)', figures)
        assert counted is not None
        assert counted[1] == "20"
