"""A real server: uvicorn on a free port, in a thread, on the warehouse's site; asked by httpx."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn

from crossdock.api.door.state import Options
from crossdock.api.server import NO_OPTIONS, create_app
from crossdock.api.upgrades import Http1
from crossdock.registers import keys
from tests.patience import PATIENCE
from tests.warehouse import Warehouse

NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""It trusts nobody: a client of plain HTTP need not read whom to trust, which takes longer than most tests' requests."""


@contextmanager
def serving(warehouse: Warehouse, options: Options = NO_OPTIONS, root_path: str = "") -> Iterator[str]:
    """A running server; its address. ``root_path``: the prefix under which a proxy has it."""
    config = uvicorn.Config(
        create_app(warehouse.site, options),
        http=Http1,
        host="127.0.0.1",
        port=0,
        log_level="warning",
        access_log=False,
        root_path=root_path,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + PATIENCE
    while not server.started:
        assert thread.is_alive(), "the server does not start"
        assert time.monotonic() < end, "the server does not start in time"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


@dataclass
class Api:
    """The server of a warehouse, asked with the key of the partner acme."""

    warehouse: Warehouse
    url: str
    secret: str = ""
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.secret = self.key()
        self.client = self.of(self.secret)

    def key(self, partner: str = "acme", **more: Any) -> str:
        return keys.add(self.warehouse.database, partner, **more)[1]

    def of(self, secret: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {secret}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE, verify=NOBODY)

    def finished(self, job: str) -> dict[str, Any]:
        """What a job answers when it has ended."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            data: dict[str, Any] = self.client.get(f"/jobs/{job}").json()["data"]
            if data["status"] not in ("RECEIVED", "IN_PROGRESS"):
                return data
            time.sleep(0.05)
        raise AssertionError(f"job {job} does not end")


@pytest.fixture
def api(warehouse: Warehouse) -> Iterator[Api]:
    with serving(warehouse) as url:
        harness = Api(warehouse, url)
        yield harness
        harness.client.close()
