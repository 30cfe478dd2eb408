"""Clients that offer another protocol beside HTTP/1.1, as Java's HttpClient does with every request."""

from __future__ import annotations

import json
import socket

import pytest

from tests.api.conftest import Api
from tests.api.test_singles import ORDERS, order
from tests.patience import PATIENCE

OFFER = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"


def answers_of(api: Api, *requests: tuple[bytes, ...]) -> list[tuple[int, dict[str, object]]]:
    """The answers to some requests on one connection; each comes in pieces."""
    host, port = api.url.removeprefix("http://").split(":")
    answers = []
    with socket.create_connection((host, int(port)), PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reading = connection.makefile("rb")
        for pieces in requests:
            for piece in pieces:
                connection.sendall(piece)
                api.client.get("/healthz")  # what was sent has come
            status = int(reading.readline().split()[1])
            headers = dict(line.decode().lower().rstrip().split(": ", 1) for line in iter(reading.readline, b"\r\n"))
            answers.append((status, json.loads(reading.read(int(headers["content-length"])))))
    return answers


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("at_once", [False, True])
def test_an_offer_is_not_taken_and_its_request_is(api: Api, *, chunked: bool, at_once: bool) -> None:
    """The body was lost: 400, not JSON; many documents were an empty file."""

    def request(number: str) -> tuple[bytes, ...]:
        body = json.dumps(order(number)).encode()
        framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body
        length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
        head = f"POST {ORDERS} HTTP/1.1\r\nHost: x\r\nX-API-Key: {api.secret}\r\n{OFFER}"
        head += f"Content-Type: application/json\r\n{length}\r\n\r\n"
        return (head.encode() + framed,) if at_once else (head.encode(), framed)

    shown = (f"GET {ORDERS}/SO-2 HTTP/1.1\r\nHost: x\r\nX-API-Key: {api.secret}\r\n{OFFER}\r\n".encode(),)
    answers = answers_of(api, request("SO-1"), request("SO-2"), shown)
    assert [status for status, _ in answers] == [201, 201, 200], answers
    assert api.warehouse.order_numbers() == ["SO-1", "SO-2"]
