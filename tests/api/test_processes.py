"""``crossdock serve`` as its own process: it is killed, stopped, started twice, and nothing is lost."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from crossdock.api.door.state import Options
from crossdock.api.door.turns import TURNS, Loads
from crossdock.jobs import leases
from crossdock.jobs.leases import BESIDE, Acquired
from crossdock.partners.asked import Asked
from crossdock.registers import idempotency, keys
from crossdock.registers.idempotency import Claim
from crossdock.site import Site
from crossdock.workers import killed, requests
from crossdock.workers.requests import FOLDER
from crossdock.workers.work import Ended
from crossdock.workers.worker import Worker
from tests.api.conftest import Api, serving
from tests.api.test_singles import ORDERS, order
from tests.patience import PATIENCE, until
from tests.warehouse import Warehouse


@contextmanager
def server(warehouse: Warehouse, *words: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server process that answers; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = started(warehouse, port, *words)
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


def started(warehouse: Warehouse, port: int, *words: str) -> subprocess.Popen[bytes]:
    """A server process that begins, with a session of its own, as one of a terminal has."""
    url = warehouse.database.url.render_as_string(hide_password=False)
    environment = {**os.environ, "CROSSDOCK_HOME": str(warehouse.home), "CROSSDOCK_DATABASE_URL": url}
    command = [sys.executable, "-m", "crossdock", "serve", "--port", str(port), *words]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, start_new_session=True)


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


@pytest.mark.both(slow=True)
def test_the_next_server_of_a_machine_knows_what_died_with_the_one_before(warehouse: Warehouse) -> None:
    """The same request again was told to wait for two minutes, and a booked body waited for one."""
    headers = {"X-API-Key": keys.add(warehouse.database, "acme")[1], "Idempotency-Key": "k-1"}
    digest = hashlib.sha256(b"")
    with server(warehouse) as (url, process):
        first = leases.workers(warehouse.database)
        (at_it,) = [each.worker for each in first if each.kind == BESIDE]
        for each in ("\n".join(["POST", ORDERS, "", "", ""]).encode(), json.dumps(order()).encode()):
            digest.update(each)
        idempotency.begin(warehouse.database, Claim("acme", "k-1", digest.hexdigest(), at_it))
        sent = {"content": json.dumps(order()), "headers": headers | {"Content-Type": "application/json"}}
        early = httpx.post(f"{url}{ORDERS}", timeout=PATIENCE, **sent)
        assert (early.status_code, early.headers["Retry-After"]) == (409, "1")
        process.kill()
        process.wait()
    with server(warehouse) as (url, _):
        assert httpx.post(f"{url}{ORDERS}", timeout=PATIENCE, **sent).status_code == 201
        assert not {each.worker for each in first} & {each.worker for each in leases.workers(warehouse.database)}
        assert len(list((warehouse.home / killed.FOLDER).iterdir())) == 2


@pytest.mark.both
def test_a_request_that_was_interrupted_takes_back_nothing_that_came_after_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server was killed, its sender sent it again and then others: a minute later its old values came back."""
    site, what = warehouse.site, {"businessUnitId": "BU1", "action": "replace"}
    with serving(warehouse) as url, Worker(warehouse.database, BESIDE) as dying:
        client = Api(warehouse, url).client
        for number in ("SO-1", "SO-2", "SO-3"):
            client.put(f"{ORDERS}/{number}", json=order(number))
        jobs = {}
        with monkeypatch.context() as killed:
            killed.setattr(requests, "run_job", lambda site, worker, taken: Ended(taken.lease.job, "", "lost"))
            for number in ("SO-1", "SO-2", "SO-3"):
                path = requests.new_path(site)
                path.write_text(json.dumps(order(number, quantity="6")))
                asked_for = Asked("acme/sales_order", what | {"customerOrderNumber": number})
                jobs[number] = requests.import_now(site, dying, requests.Body(path, asked_for, "PUT")).job
        client.put(f"{ORDERS}/SO-1", json=order("SO-1", quantity="6"))
        client.put(f"{ORDERS}/SO-1", json=order("SO-1", quantity="9"))
        client.put(f"{ORDERS}/SO-2", json=order("SO-2", quantity="6"))
        leases.leave(warehouse.database, dying.id)
        answers = {number: ended(client, f"/jobs/{job}") for number, job in jobs.items()}
        assert {each["status"] for each in answers.values()} == {"COMPLETED"}
        quantities = {
            number: client.get(f"{ORDERS}/{number}").json()["data"]["orderLines"][0]["quantity"] for number in jobs
        }
        assert quantities == {"SO-1": 9, "SO-2": 6, "SO-3": 6}
        (warning,) = client.get(f"/jobs/{jobs['SO-1']}").json()["warnings"]
        assert re.search("the document is older than that of job .*, so it is left out", warning)
        assert "warnings" not in client.get(f"/jobs/{jobs['SO-2']}").json()
        client.close()


@pytest.mark.slow
def test_a_request_that_does_not_come_stops_no_server_from_stopping(warehouse: Warehouse) -> None:
    """It waited for it until somebody killed it, and its worker had not given its job back. Its sender was told of a
    fault of ours.
    """
    with server(warehouse) as (url, process):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), PATIENCE) as stalled:
            own = f"X-API-Key: {keys.add(warehouse.database, 'acme')[1]}\r\nContent-Type: application/json"
            head = f"POST {ORDERS}/bulk HTTP/1.1\r\nHost: x\r\n{own}\r\nContent-Length: 100\r\n\r\n"
            stalled.sendall(f"{head}{{".encode())
            assert httpx.get(f"{url}/healthz").status_code == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
            status, *headers = stalled.recv(1 << 16).decode().splitlines()
            assert (status, "retry-after: 5" in headers) == ("HTTP/1.1 503 Service Unavailable", True)
    assert leases.workers(warehouse.database) == []


@pytest.mark.both
def test_a_file_that_is_read_for_long_stops_no_server_from_stopping(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body of 1 GiB is read for minutes before its first batch: who had stopped the server killed it meanwhile, and its
    job waited for the lease to end.
    """
    begun, over = threading.Event(), threading.Event()

    def reads(_: Site, __: Worker, taken: Acquired) -> None:
        begun.set()
        over.wait(PATIENCE)

    with monkeypatch.context() as large:
        large.setattr(requests, "run_job", reads)
        try:
            with serving(warehouse) as url:
                taken = Api(warehouse, url).client.post(f"{ORDERS}/bulk", json={"data": [order()["data"]]})
                assert begun.wait(PATIENCE)
            assert leases.workers(warehouse.database) == []
        finally:
            over.set()
    with serving(warehouse) as url:
        assert Api(warehouse, url).finished(taken.json()["data"]["jobId"])["status"] == "COMPLETED"


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--workers", "2")], ids=["alone", "several"])
def test_a_server_ends_with_its_terminal(warehouse: Warehouse, words: tuple[str, ...]) -> None:
    """Alone it died at once and gave nothing back; with several processes it started them anew and kept its port."""
    with server(warehouse, *words) as (_, process):
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        os.killpg(process.pid, signal.SIGHUP)
        process.wait(PATIENCE)
        until(lambda: not [each for each in family if each.is_running()])
    assert leases.workers(warehouse.database) == []


@pytest.mark.slow
def test_under_nohup_a_server_goes_on_without_its_terminal(warehouse: Warehouse) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with server(warehouse, "--workers", "2") as (url, process):
            os.killpg(process.pid, signal.SIGHUP)
            httpx.get(f"{url}/healthz", timeout=PATIENCE).raise_for_status()
            os.killpg(process.pid, signal.SIGHUP)
            httpx.get(f"{url}/healthz", timeout=PATIENCE).raise_for_status()
            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.slow
def test_processes_whose_server_is_killed_end_and_leave_its_port(warehouse: Warehouse) -> None:
    """They went on answering; nobody could stop them by name, and the next server could not start."""
    with server(warehouse, "--workers", "2") as (url, process):
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        until(lambda: not [each for each in family if each.is_running()])
        port = int(url.rpartition(":")[2])
    assert leases.workers(warehouse.database) == []
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--workers", "2")], ids=["alone", "several"])
def test_a_port_that_is_taken_is_an_outage_and_no_verdict(warehouse: Warehouse, words: tuple[str, ...]) -> None:
    """It ended with 3, which is said of a file that is partly failed."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        second = started(warehouse, port, *words)
        _, errors = second.communicate(timeout=PATIENCE)
    assert second.returncode == 1
    assert "address already in use" in errors.decode().lower()
    assert f"crossdock: the server does not start on 127.0.0.1, port {port}" in errors.decode()


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


@pytest.mark.parametrize("several", [True, False])
def test_where_other_processes_have_fewer_bodies_connections_end_so_that_these_get_them(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, several: bool
) -> None:
    Loads.make(tmp_path / "bodies", 2)
    own = Loads(tmp_path / "bodies")
    monkeypatch.setattr(Loads, "_is_free", lambda _, place: place == 1)  # a process has no lock against itself
    other = Loads(tmp_path / "bodies")
    with serving(warehouse, Options(loads=own if several else None)) as url:
        client = Api(warehouse, url).client

        def connection() -> str | None:
            return client.get("/healthz").headers.get("Connection")

        with TURNS.next():
            assert connection() == ("close" if several else None)
            other.set(1)
            assert connection() is None
            other.set(300)
            assert connection() is None
        assert "Connection" not in client.post(ORDERS, json=order()).headers


def test_each_process_has_a_load_of_its_own_as_long_as_it_lives(tmp_path: Path) -> None:
    path = tmp_path / "bodies"
    Loads.make(path, 2)
    first = Loads(path)
    tells = f"""
from pathlib import Path
from crossdock.api.door.turns import Loads
Loads(Path({str(path)!r})).set(int(input()))
print(flush=True)
input()
"""
    for bodies, fewer in ((b"2", True), (b"5", False), (b"1", True)):
        first.set(3)
        with subprocess.Popen([sys.executable, "-c", tells], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as another:
            assert another.stdin is not None
            assert another.stdout is not None
            another.stdin.write(bodies + b"\n")
            another.stdin.flush()
            another.stdout.readline()
            assert first.others_have_fewer == fewer
            first.set(int(bodies))
            assert not first.others_have_fewer
            another.kill()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Loads, "_is_free", lambda *_: False)
        one_too_many = Loads(path)
        one_too_many.set(9)
    assert not one_too_many.others_have_fewer
