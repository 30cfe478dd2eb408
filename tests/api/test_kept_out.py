"""What must not come in, and what must not get out: a table of hostile requests, each with its answer."""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

from crossdock.api import health
from crossdock.api.door import bodies
from crossdock.api.door.state import Options
from crossdock.database import Database
from crossdock.errors import Outage
from crossdock.registers import keys
from tests.api.conftest import NOBODY, Api, serving
from tests.api.test_singles import ORDERS, order
from tests.patience import PATIENCE
from tests.warehouse import Warehouse

JSON = {"Content-Type": "application/json"}
TEXT = json.dumps(order())
DEEP = '{"data":' + "[" * 100_000 + "]" * 100_000 + "}"
BODIES: dict[str, tuple[Any, dict[str, str], int]] = {
    "no JSON": ("<order/>", JSON, 400),
    "another type": (TEXT, {"Content-Type": "text/xml"}, 415),
    "no type": (TEXT, {}, 415),
    "another packing": (TEXT, {**JSON, "Content-Encoding": "br"}, 415),
    "not gzip": (TEXT, {**JSON, "Content-Encoding": "gzip"}, 400),
    "half a gzip": (gzip.compress(TEXT.encode())[:-9], {**JSON, "Content-Encoding": "gzip"}, 400),
    "two gzips": (gzip.compress(TEXT.encode()) * 2, {**JSON, "Content-Encoding": "gzip"}, 400),
    "a gzip bomb": (gzip.compress(b" " * (30 << 20)), {**JSON, "Content-Encoding": "gzip"}, 413),
    "too large": (b" " * (bodies.SINGLE_BYTES + 1), JSON, 413),
    "nested deeply": (DEEP, JSON, 400),
    "a member twice": ('{"data":{"customerOrderNumber":"a","customerOrderNumber":"b"}}', JSON, 400),
    "not a number": ('{"data":{"customerOrderNumber":"a","orderAmount":NaN}}', JSON, 400),
    "not UTF-8": (b'{"data":{"customerOrderNumber":"\xff"}}', JSON, 400),
    "UTF-16": (TEXT.encode("utf-16"), JSON, 400),
    "a text": ('"data"', JSON, 400),
    "nothing": ("", JSON, 400),
    "empty": ('{"data":{}}', JSON, 422),
    "an object as number": ('{"data":{"customerOrderNumber":{"$ne":""}}}', JSON, 422),
    "a list as number": ('{"data":{"customerOrderNumber":["a"]}}', JSON, 422),
    "a NUL": (json.dumps(order("a\x00b")), JSON, 422),
    "half a character": ('{"data":{"customerOrderNumber":"\\ud800"}}', JSON, 422),
    "a number too long": (json.dumps(order("9" * 5_000)), JSON, 422),
    "a huge number": ('{"data":{"customerOrderNumber":"a","orderAmount":' + "9" * 9_999 + "}}", JSON, 422),
    "very many members": (json.dumps({"data": {f"m{n}": 1 for n in range(50_000)}}), JSON, 422),
}
"""Bodies of a new order: content, headers, the status of the answer."""


@pytest.fixture
def api(warehouse: Warehouse) -> Iterator[Api]:
    with serving(warehouse) as url:
        yield Api(warehouse, url)


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_order(api: Api, name: str) -> None:
    content, headers, status = BODIES[name]
    answer = api.client.post(ORDERS, content=content, headers=headers)
    assert answer.status_code == status, answer.text[:500]
    problem = status not in (422, 409)
    assert answer.headers["Content-Type"] == f"application/{'problem+json' if problem else 'json'}"
    assert api.warehouse.order_numbers() == []
    assert not list((api.warehouse.home / "work" / ".requests").iterdir())
    assert api.client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("content", "words", "place"),
    [
        ('{"data":\n {"a": "ü"}}'.encode("latin-1"), "byte FC; JSON is sent as UTF-8", (2, 9)),
        ('\ufeff{"ü": "x"}'.encode() + b"\xe4", "byte E4", (1, 11)),
        (TEXT.encode("utf-16"), "the body is UTF-16 or UTF-32", (1, 1)),
        (TEXT.encode("utf-16-le"), "the body is UTF-16 or UTF-32", (1, 1)),
        (TEXT.encode("utf-32-be"), "the body is UTF-16 or UTF-32", (1, 1)),
        (gzip.compress(TEXT.encode()), "say Content-Encoding: gzip", (1, 1)),
    ],
)
def test_what_a_body_is_that_is_not_utf8(api: Api, content: bytes, words: str, place: tuple[int, int]) -> None:
    kind = {"Content-Type": "application/json; charset=ISO-8859-1"}
    wrong = api.client.post(ORDERS, content=content, headers=kind).json()
    assert (wrong["status"], words in wrong["detail"], (wrong["line"], wrong["column"])) == (400, True, place), wrong


def test_line_and_column_of_what_is_no_json(api: Api) -> None:
    problem = api.client.post(ORDERS, content='{"data":\n {"a" 1}}', headers=JSON).json()
    assert (problem["line"], problem["column"]) == (2, 7)


NUMBERS = [
    "%2e%2e%2f%2e%2e",
    "a%00b",
    "%0d%0aX-Evil:%201",
    "'; DROP TABLE sales_orders; --",
    "%",
    "*",
    "x" * 3_000,
]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_is_a_trick(api: Api, number: str) -> None:
    answer = api.client.get(f"{ORDERS}/{number}")
    assert answer.status_code in (400, 404)
    assert "X-Evil" not in answer.headers
    assert api.client.post(ORDERS, json=order()).status_code == 201


NUL = "%00"
ADDRESSES = [
    ("GET", f"{ORDERS}?customerOrderNumber={NUL}"),
    ("GET", f"{ORDERS}/{NUL}"),
    ("PUT", f"{ORDERS}/a{NUL}b"),
    ("DELETE", f"{ORDERS}/{NUL}"),
    ("GET", f"/jobs/{NUL}"),
    ("GET", f"/salesOrderAck?jobId={NUL}"),
    ("GET", f"/ui/jobs?words={NUL}"),
]


@pytest.mark.both
def test_no_database_is_asked_for_a_character_that_no_text_may_hold(api: Api) -> None:
    for method, address in ADDRESSES:
        answer = api.client.request(method, address, json=order("a") if method == "PUT" else None)
        assert (answer.status_code, "U+0000" in answer.text) == (400, True), (method, address, answer.text)
        assert answer.json()["instance"] == address.partition("?")[0]
    for each in ("a\\u0000b", "\\ud83d"):
        for body in (f'{{"data": {{"jobId": "{each}"}}}}', f'{{"data": {{"failedOrders": [{{"{each}": 1}}]}}}}'):
            answer = api.client.post("/salesOrderAck", content=body, headers=JSON)
            assert answer.status_code == 422, answer.text
    assert api.client.get("/salesOrderAck").json() == {"data": []}


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/M%FC-1"),
        ("PUT", "/M%FC-1"),
        ("DELETE", "/%ED%A0%80"),
        ("GET", "?customerOrderNumber=M%FC-1"),
        ("GET", "?a=%C3"),
    ],
)
def test_an_address_that_is_not_utf8_is_read_as_no_other_text(api: Api, method: str, address: str) -> None:
    """It was another number, with U+FFFD in it; a list of what has an umlaut was empty."""
    answer = api.client.request(method, f"{ORDERS}{address}", json=order("") if method == "PUT" else None)
    assert (answer.status_code, "is not UTF-8: %" in answer.json()["detail"]) == (400, True), answer.text
    assert api.warehouse.jobs() == []


def test_a_number_has_at_least_one_character(api: Api) -> None:
    for method in ("GET", "PUT", "DELETE", "POST"):
        answer = api.client.request(method, f"{ORDERS}/", json=order() if method in ("PUT", "POST") else None)
        assert answer.status_code == 404, method
    assert api.warehouse.jobs() == []


def test_a_number_stays_text_wherever_it_comes_out(api: Api) -> None:
    number = "a\r\nX-Evil: 1\"'<script>"
    created = api.client.post(ORDERS, json=order(number))
    assert "X-Evil" not in created.headers
    if created.status_code == 201:
        shown = api.client.get(created.headers["Location"])
        assert shown.json()["data"]["customerOrderNumber"] in (number, created.json()["data"]["customerOrderNumber"])
    assert api.client.get(ORDERS).headers["Content-Type"] == "application/json"


def test_what_is_anothers_is_not_there(warehouse: Warehouse) -> None:
    """Documents, jobs and lists of another partner: the same answer as for what never was."""
    warehouse.partner("other")
    with serving(warehouse) as url:
        api = Api(warehouse, url)
        theirs = api.of(api.key("other"))
        job = api.client.post(f"{ORDERS}/bulk", json={"data": [order()["data"]]}).json()["data"]["jobId"]
        api.finished(job)
        for path in (f"{ORDERS}/SO-1", f"/jobs/{job}", f"{ORDERS}/bulk/{job}", f"{ORDERS}/SO-1/shipments"):
            known, unknown = (
                theirs.get(path),
                theirs.get(path.replace("SO-1", "SO-7").replace(job, "261128-NOTHING000")),
            )
            assert known.status_code == unknown.status_code == 404
            assert known.json() | {"instance": ""} == unknown.json() | {"instance": ""}
        assert theirs.get(ORDERS).json()["data"] == []
        assert theirs.get("/business_units/BU9/sales_orders").status_code == 404
        assert theirs.post("/business_units/BU9/sales_orders", json=order()).status_code == 403
        narrow = api.of(api.key("acme", units=("BU2",)))
        assert (narrow.get(f"{ORDERS}/SO-1").status_code, narrow.post(ORDERS, json=order()).status_code) == (404, 403)
        reader = api.of(api.key("acme", read_only=True))
        assert (reader.get(f"{ORDERS}/SO-1").status_code, reader.delete(f"{ORDERS}/SO-1").status_code) == (200, 403)


def test_keys_end_and_are_in_no_log(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("crossdock").propagate = True
    api.client.post(ORDERS, json=order("SECRET-IN-BODY"), headers={"X-Request-ID": "mine-1"})
    api.client.get(f"{ORDERS}?customerOrderNumber=SECRET-IN-QUERY&key={api.secret}")
    assert "mine-1" in caplog.text
    assert not [each for each in ("SECRET-IN", api.secret) if each in caplog.text.replace("HTTP Request:", "")
                and any(each in record.getMessage() for record in caplog.records if record.name == "crossdock")]  # fmt: skip
    (row,) = [each for each in keys.every(api.warehouse.database) if each.used_at]
    keys.revoke(api.warehouse.database, row.key_id)
    assert api.client.get(ORDERS).status_code == 401
    assert api.secret not in str(api.warehouse.rows("SELECT * FROM api_keys"))


@pytest.mark.parametrize("request_id", ["a b", "x" * 100, "a\tb", "ä"])
def test_a_request_id_of_a_client_is_an_id(api: Api, request_id: str) -> None:
    answer = api.client.get("/healthz", headers={"X-Request-ID": request_id.encode()})
    assert answer.headers["X-Request-ID"] not in (request_id, "")
    assert api.client.get("/healthz", headers={"X-Request-ID": "id-1"}).headers["X-Request-ID"] == "id-1"


def test_a_fault_of_ours_has_the_id_under_which_it_is_logged_and_is_counted(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: object) -> list[str]:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(health, "_not_ready", fails)
    logging.getLogger("crossdock").propagate = True
    answer = api.client.get("/readyz", headers={"X-Request-ID": "id-7"})
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (500, "id-7")
    assert "this request's id" in answer.json()["detail"]
    logged = [each.getMessage() for each in caplog.records if each.name == "crossdock" and each.exc_info]
    assert logged == ["GET /readyz id-7"]
    operator = api.of(keys.add(api.warehouse.database, "", keys.OPERATOR)[1])
    assert 'path="/readyz",status="500"' in operator.get("/metrics").text


def test_what_is_shown_answers_head_without_its_body(api: Api) -> None:
    api.client.post(ORDERS, json=order()).raise_for_status()
    for path, status in ((f"{ORDERS}/SO-1", 200), (ORDERS, 200), ("/healthz", 200), (f"{ORDERS}/none", 404)):
        head, get = api.client.head(path), api.client.get(path)
        assert (head.status_code, head.content) == (status, b""), path
        assert (get.status_code, len(get.content)) == (status, int(head.headers["Content-Length"])), path
        assert head.headers.get("ETag") == get.headers.get("ETag"), path
    with httpx.Client(base_url=api.url, timeout=PATIENCE, verify=NOBODY) as nobody:
        assert nobody.head(f"{ORDERS}/SO-1").status_code == 401


def test_wrong_methods_and_paths(api: Api) -> None:
    for method, path, status in (("PATCH", f"{ORDERS}/SO-1", 405), ("DELETE", ORDERS, 405), ("TRACE", ORDERS, 405),
                                 ("GET", "/nothing", 404), ("GET", f"{ORDERS}/", 404), ("POST", "/jobs/x", 405)):  # fmt: skip
        answer = api.client.request(method, path)
        assert answer.status_code == status, (method, path)
        assert answer.headers["Content-Type"] == "application/problem+json"
    allowed = {
        f"{ORDERS}/SO-1": {"GET", "HEAD", "PUT", "DELETE"},
        ORDERS: {"GET", "HEAD", "POST"},
        "/jobs/x": {"GET", "HEAD"},
    }
    for path, methods in allowed.items():
        assert set(api.client.request("OPTIONS", path).headers["Allow"].split(", ")) == methods


def test_a_key_that_asks_too_often_waits(warehouse: Warehouse) -> None:
    with serving(warehouse, Options(per_minute=20)) as url:
        api = Api(warehouse, url)
        answers = [api.client.get(ORDERS) for _ in range(7)]
        assert [each.status_code for each in answers] == [200] * 5 + [429] * 2
        assert int(answers[-1].headers["Retry-After"]) in (1, 2, 3)
        with api.of(api.key("acme")) as another:
            assert another.get(ORDERS).status_code == 200


def test_what_is_only_shown_needs_no_database_that_can_be_written_to(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long import has SQLite's lock, or the database is a copy that only reads: a GET waited, and was 503."""

    def locked(_: Database) -> None:
        raise Outage("the database does not answer: database is locked")

    monkeypatch.setattr(Database, "writing", locked)
    assert api.client.get(ORDERS).status_code == 200
    assert api.client.post(ORDERS, json=order()).status_code == 503


def test_a_blank_behind_a_key_is_no_part_of_it(api: Api) -> None:
    """RFC 9110 §5.5; the server takes off the blanks before a value only."""
    host, port = api.url.removeprefix("http://").split(":")
    for header in ("X-API-Key: {} ", "Token:  {}\t", "Authorization: Bearer {} "):
        head = f"GET {ORDERS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header.format(api.secret)}\r\n\r\n"
        with socket.create_connection((host, int(port)), PATIENCE) as connection:
            connection.sendall(head.encode())
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 "), header


def test_a_body_that_does_not_come_is_not_waited_for(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.2)
    host, port = api.url.removeprefix("http://").split(":")
    head = (f"POST {ORDERS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.secret}\r\n"
            "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n")  # fmt: skip
    for beginning in (b"", b'{"data": {'):
        with socket.create_connection((host, int(port)), PATIENCE) as connection:
            connection.sendall(head.encode() + beginning)
            answer = b"".join(iter(lambda: connection.recv(4096), b""))  # the server ends the connection
        assert answer.startswith(b"HTTP/1.1 408 ")
    assert not list((api.warehouse.home / "work" / ".requests").glob("*"))
    assert api.warehouse.jobs() == []


def test_a_body_that_stops_halfway_leaves_nothing(api: Api) -> None:
    host, port = api.url.removeprefix("http://").split(":")
    head = (f"POST {ORDERS}/bulk HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.secret}\r\n"
            "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n")  # fmt: skip
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + b'{"data": [')
    for _ in range(100):
        httpx.get(f"{api.url}/healthz", timeout=PATIENCE, verify=NOBODY)
    assert not list((api.warehouse.home / "work" / ".requests").glob("*"))
    assert api.warehouse.jobs() == []


def test_who_sends_too_much_and_reads_nothing_meanwhile_gets_the_answer(api: Api) -> None:
    """The connection was reset under the client, as .NET, PHP and Java send: it could not know why."""
    host, port = api.url.removeprefix("http://").split(":")
    own = f"Host: x\r\nAuthorization: Bearer {api.secret}\r\nContent-Type: application/json"
    for path, size in ((ORDERS, bodies.SINGLE_BYTES * 2), ("/API/SO/Edit/none", 8 << 20)):
        with socket.create_connection((host, int(port)), PATIENCE) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
            connection.sendall(f"POST {path} HTTP/1.1\r\n{own}\r\nContent-Length: {size}\r\n\r\n".encode())
            for _ in range(size >> 20):
                connection.sendall(b" " * (1 << 20))
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert answer.endswith(b"}")


@pytest.mark.parametrize(
    ("path", "sent"),
    [(ORDERS, bodies.SINGLE_BYTES * 2), pytest.param(f"{ORDERS}/bulk", 2 << 30, marks=pytest.mark.slow)],
    ids=["one document", "bulk of 2 GB"],
)
def test_a_body_without_end_is_cut_off(api: Api, path: str, sent: int) -> None:
    """In chunks, so that no header says how long it is: it is not held in memory, and nothing of it stays."""
    host, port = api.url.removeprefix("http://").split(":")
    head = (f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.secret}\r\n"
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")  # fmt: skip
    piece = b" " * (1 << 20)
    before = psutil.Process().memory_info().rss
    with socket.create_connection((host, int(port)), PATIENCE) as connection:
        connection.sendall(head.encode())
        with contextlib.suppress(ConnectionError):  # the server has answered, and reads no more
            for _ in range(sent // len(piece)):
                connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert psutil.Process().memory_info().rss - before < 100 << 20
    assert not list((api.warehouse.home / "work" / ".requests").glob("*"))
    assert api.warehouse.jobs() == []
