"""Upload a file, read the answer, correct it, see it closed."""

from __future__ import annotations

import io
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import openpyxl
import psutil
import pytest

from crossdock.api.door import bodies
from crossdock.api.pages import uploaded
from crossdock.registers import keys
from tests.api.conftest import NOBODY, serving
from tests.api.pages.conftest import Person, Site, words
from tests.api.test_processes import server
from tests.interchanges import OPTIONAL, interchange, partner_of
from tests.patience import PATIENCE
from tests.warehouse import Warehouse, csv
from tests.workbooks import zipped

ORDERS = csv("SO-1,1,AB,5", "SO-2,1,AB,5x", "SO-3,1,AB,7")


@pytest.mark.both(slow=True)
def test_upload_read_correct_upload_closed(site: Site) -> None:
    ann = site.person()
    job, page = ann.imported("orders_7.csv", ORDERS)
    assert "Partly failed 2 inserted, 1 document on hold." in words(page)
    assert "quantity '5x' is not a number" in words(page)
    assert site.warehouse.order_numbers() == ["SO-1", "SO-3"]

    saved = ann.client.get(f"{job}/fix.xlsx")
    assert saved.headers["content-disposition"].endswith('.fix.xlsx"')
    book = openpyxl.load_workbook(io.BytesIO(saved.content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == "5x"]
    assert len(cells) == 1
    cells[0].value = "5"
    corrected = io.BytesIO()
    book.save(corrected)
    name = re.findall('filename="([^"]+)"', saved.headers["content-disposition"])[0]
    fix, page = ann.imported(name, corrected.getvalue())
    assert "Accepted 1 inserted." in words(page)
    assert site.warehouse.order_numbers() == ["SO-1", "SO-2", "SO-3"]

    page = ann.client.get(job).text
    assert f"Closed: 1 of 1 document is in since, by {fix.rpartition('/')[2]}" in words(page)
    assert "Nothing is open" in words(ann.client.get("/ui/open").text)


def test_a_check_writes_nothing_and_what_was_checked_can_be_imported(site: Site) -> None:
    ann = site.person()
    sent = ann.send("orders_7.csv", ORDERS, "check")
    page = ann.ended(sent)
    assert "Part of it would go in 2 inserted, 1 on hold. This was a check: nothing is written." in words(page)
    assert "quantity '5x' is not a number" in words(page)
    assert site.warehouse.work() == []  # nor does a worker take the file for one of its own
    assert site.warehouse.order_numbers() == []
    assert ann.client.get("/ui/jobs").text.count("orders_7.csv") == 0
    done = ann.client.post(f"{sent.url.path}/import", data={"form_token": ann.token()})
    assert "Partly failed" in words(ann.ended(done))
    assert site.warehouse.order_numbers() == ["SO-1", "SO-3"]


def test_the_feed_is_recognised_and_can_be_changed(site: Site) -> None:
    ann = site.person()
    recognise = ann.client.get("/ui/recognise", params={"name": "orders_7.csv"}).json()
    assert recognise == {"feed": "acme/sales_order", "why": ""}
    assert ann.client.get("/ui/recognise", params={"name": "x.csv"}).json()["feed"] == ""
    _, page = ann.imported("x.csv", ORDERS)
    assert "Rejected no feed claims" in words(page)
    _, page = ann.imported("x.csv", ORDERS, "acme/sales_order")
    assert "Partly failed" in words(page)
    foreign = ann.send("x.csv", ORDERS, feed="beta/sales_order")
    assert foreign.status_code == 422
    assert "There is no feed beta/sales_order for you." in words(foreign.text)


def test_nothing_chosen_and_nothing_in_it(site: Site) -> None:
    ann = site.person()
    assert "Choose a file first." in ann.send("", "x").text
    assert "orders.csv is empty." in ann.send("orders.csv", "").text


def test_what_is_neither_checked_nor_imported_is_refused(site: Site) -> None:
    answer = site.person().send("orders.csv", ORDERS, "destroy")
    assert answer.status_code == 422
    assert "A file can be checked or imported; there is no action" in words(answer.text)
    assert site.warehouse.jobs() == []


def test_a_form_that_ends_early_leaves_nothing(site: Site) -> None:
    ann = site.person()
    start = f'--cut\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{ann.token()}\r\n'
    start += '--cut\r\nContent-Disposition: form-data; name="file"; filename="orders.csv"\r\n\r\nhalf'
    headers = {"Content-Type": "multipart/form-data; boundary=cut"}
    assert "The form ended early" in words(ann.client.post("/ui/upload", content=start, headers=headers).text)
    assert not list((site.warehouse.home / "work" / ".checks").iterdir())
    assert site.warehouse.jobs() == []


def _part(name: str, value: str, filename: str | None = None) -> str:
    named = "" if filename is None else f'; filename="{filename}"'
    return f'--cut\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n{value}\r\n'


FILE = _part("file", ORDERS, "orders.csv")


@pytest.mark.parametrize(
    ("parts", "status", "sentence"),
    [
        (FILE + FILE, 400, "Send one file at a time."),
        (_part("file", ORDERS, "") + FILE, 400, "Send one file at a time."),  # it was read as one file with the next
        (_part("feed", "x" * 5_000) + FILE, 400, "A field of the form is too long."),
        ("".join(_part(f"field_{number}", "") for number in range(10)), 400, "The form has too many fields."),
        ("--cat\r\n", 400, "The form ended early, or is damaged: send it again."),
        (_part("file", "x" * 200_000, "orders.csv"), 413, "A file may have at most"),
    ],
)
def test_a_form_that_is_not_as_it_must_be_is_answered_and_leaves_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, parts: str, status: int, sentence: str
) -> None:
    monkeypatch.setattr(uploaded, "FILE_BYTES", 100_000)
    ann = site.person()
    body = (parts if parts.startswith("--cat") else _part("form_token", ann.token()) + parts) + "--cut--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=cut"}
    answer = ann.client.post("/ui/upload", content=iter([body.encode()]), headers=headers)
    assert (answer.status_code, sentence in words(answer.text)) == (status, True), words(answer.text)
    assert not list((site.warehouse.home / "work" / ".checks").iterdir())
    assert site.warehouse.jobs() == []


def test_what_is_no_form_or_says_that_it_is_too_large_is_not_read(site: Site) -> None:
    ann = site.person()
    answer = ann.client.post("/ui/upload", content=ORDERS, headers={"Content-Type": "text/csv"})
    assert (answer.status_code, "This is not a form with a file." in words(answer.text)) == (400, True)
    cookie = "; ".join(f"{name}={value}" for name, value in ann.client.cookies.items())
    host, port = site.url.removeprefix("http://").split(":")
    head = (f"POST /ui/upload HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n"
            f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {2 << 30}\r\n\r\n")  # fmt: skip
    with socket.create_connection((host, int(port)), PATIENCE) as connection:
        connection.sendall(head.encode())
        whole = b"".join(iter(lambda: connection.recv(4096), b""))
    assert whole.startswith(b"HTTP/1.1 413 ")
    assert b"A file may have at most 1 GiB." in whole


def test_what_has_come_in_another_file_is_not_asked_for_again(site: Site) -> None:
    """The page said that it is on hold, and to correct the fix-workbook, which would have brought the older values."""
    ann, advice = site.person(), "Correct the red cells of the fix-workbook"
    first, page = ann.imported("orders_1.csv", csv("SO-1,1,AB,5x", "SO-2,1,AB,5x"))
    assert advice in words(page)
    job, _ = ann.imported("orders_2.csv", csv("SO-1,1,AB,5"))
    page = words(ann.client.get(first).text)
    assert f"line 2 → superseded by {job.rpartition('/')[2]}" in page
    assert advice in page
    ann.imported("orders_3.csv", csv("SO-2,1,AB,5"))
    page = words(ann.client.get(first).text)
    assert "Closed: what was on hold has come again in another file since, or was given up." in page
    assert advice not in page


def test_a_form_that_does_not_come_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was for ever, and a server that is told to stop waited with it."""
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.2)
    ann = site.person()
    cookie = "; ".join(f"{name}={value}" for name, value in ann.client.cookies.items())
    host, port = site.url.removeprefix("http://").split(":")
    head = (f"POST /ui/upload HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n--b\r\n")  # fmt: skip
    with socket.create_connection((host, int(port)), PATIENCE) as connection:
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))  # the server ends the connection
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"<h1" in answer
    assert not list((site.warehouse.home / "work").rglob("*.csv"))


def test_the_failures_are_filtered(site: Site) -> None:
    ann = site.person()
    job, _ = ann.imported("orders_7.csv", csv("SO-1,1,AB,5x", "SO-2,1,AB,-3", "SO-3,1,,1"))
    every = ann.client.get(job).text
    assert every.count('class="error"') == 3
    group = next(each for each in re.findall(r'<option value="([^"]+)"', every) if each.endswith("|not_a_number"))
    of_group = ann.client.get(job, params={"group": group}).text
    assert of_group.count('class="error"') == 1
    assert "5x" in of_group
    of_words = ann.client.get(job, params={"words": "so-2"}).text
    assert of_words.count('class="error"') == 1
    assert "Nothing of this kind." in ann.client.get(job, params={"words": "%"}).text


def test_what_can_be_saved(site: Site) -> None:
    ann = site.person()
    job, _ = ann.imported("orders_7.csv", ORDERS)
    failures = ann.client.get(f"{job}/failures.csv")
    assert failures.text.splitlines()[1].startswith("3,SO-2,1,quantity,5x,not_a_number,")
    acknowledgement = ann.client.get(f"{job}/acknowledgement.json").json()["data"]
    assert [each["customerOrderNumber"] for each in acknowledgement["failedOrders"]] == ["SO-2"]
    assert "partly failed" in ann.client.get(f"{job}/report.txt").text
    accepted, _ = ann.imported("orders_8.csv", csv("SO-9,1,AB,5"))
    assert ann.client.get(f"{accepted}/fix.xlsx").status_code == 404


def test_a_script_in_a_name_stays_text(site: Site) -> None:
    ann = site.person()
    script = "<script>alert(1)</script>"
    job, page = ann.imported(f"orders_{script}.csv".replace("/", ""), csv(f"{script},1,{script},{script}"))
    for path in (job, "/ui/jobs", "/ui/open", "/ui/upload"):
        text = ann.client.get(path).text
        assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("../../../etc/orders.csv", "orders.csv"),
        ("..\\..\\orders.csv", "orders.csv"),
        ("C:\\Users\\ann\\orders.csv", "orders.csv"),
        ("orders\u202excod.csv", "ordersxcod.csv"),
        (f"orders{'x' * 500}.csv", f"orders{'x' * 170}.csv"),
        ("orders\r\nX-Odd: 1.csv", "ordersX-Odd: 1.csv"),
    ],
)
def test_tricks_with_a_path_are_a_plain_name(site: Site, sent: str, name: str) -> None:
    ann = site.person()
    token = ann.token()
    parts = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in (("form_token", token), ("action", "import"), ("feed", ""))
    )
    escaped = sent.replace("\\", "\\\\").replace("\r", "%0D").replace("\n", "%0A")
    parts += (
        f'--cut\r\nContent-Disposition: form-data; name="file"; filename="{escaped}"\r\n\r\n{ORDERS}\r\n--cut--\r\n'
    )
    headers = {"Content-Type": "multipart/form-data; boundary=cut"}
    page = ann.client.post("/ui/upload", content=parts.encode(), headers=headers)
    assert name in words(ann.ended(page))
    home = site.warehouse.home
    walked = os.walk(home.parent)  # it passes over folders that filing removes meanwhile
    written = [
        Path(folder).relative_to(home.parent) for folder, _, names in walked if any("orders" in n for n in names)
    ]
    assert {folder.parts[:2] for folder in written} <= {(home.name, each) for each in ("archive", "outbox", "work")}


def test_an_archive_is_answered_member_by_member(site: Site) -> None:
    ann = site.person()
    archive = zipped({"orders_1.csv": csv("SO-1,1,AB,5"), "orders_2.csv": csv("SO-2,1,AB,5x")})
    check = ann.send("night.zip", archive, "check")
    page = ann.ended(check)
    assert "orders_1.csv" in page
    assert "is not a number" not in page
    assert "is not a number" in ann.client.get(f"{check.url.path}?file=2").text
    assert ann.client.get(f"{check.url.path}?file=3").status_code == 404
    job, _ = ann.imported("night.zip", archive)
    page = words(ann.client.get(job).text)
    assert "What came of it 2" in page
    assert "orders_2.csv" in page


@pytest.mark.slow
def test_a_file_of_200_mb_is_never_held_in_memory(warehouse: Warehouse) -> None:
    """The server is a process of its own here, so that its memory is its own."""
    size = 200 << 20
    warehouse.partner("acme")
    with server(warehouse) as (url, process):
        ann = Person(httpx.Client(base_url=url, timeout=PATIENCE, follow_redirects=True, verify=NOBODY))
        ann.sign_in(keys.add(warehouse.database, "acme")[1])
        ann.ended(ann.send("orders_1.csv", ORDERS))  # what an import needs at all is there
        before = psutil.Process(process.pid).memory_info().rss
        boundary, token = "cut", ann.token()
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
            for field, value in (("form_token", token), ("action", "import"), ("feed", "acme/sku"))
        )
        head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="zeros.bin"\r\n\r\n'
        piece, most = b"\x00" * (1 << 20), 0

        def body() -> Iterator[bytes]:
            nonlocal most
            yield head.encode()
            for _ in range(size >> 20):
                most = max(most, psutil.Process(process.pid).memory_info().rss)
                yield piece
            yield f"\r\n--{boundary}--\r\n".encode()

        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        answer = ann.client.post("/ui/upload", content=body(), headers=headers, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        assert most - before < size / 8
        assert "210 MB" in ann.client.get(answer.headers["location"]).text


def test_a_check_has_the_answers_in_the_standard_that_an_import_would_send(warehouse: Warehouse) -> None:
    """Two interchanges in one file: each answer is saved with the number 0, also one that reads the file again."""
    warehouse.partner("acme", whole=partner_of("850", keys=f'{OPTIONAL}\nanswer = ["855"]'))
    warehouse.partner("beta")
    lines = ("BEG*00*NE*PO-{}**20261120", "PO1*1*5*EA*2**VN*AB", "CTT*1")
    files = [interchange(tuple(each.format(n) for each in lines), number=n, type_="850", group="PO") for n in (1, 2)]
    with serving(warehouse) as url:
        site = Site(warehouse, url)
        ann, bob = site.person(), site.person("beta")
        sent = ann.send("orders.edi", b"".join(files), "check")
        page = ann.ended(sent)
        assert "Answers in its standard 4 US-THEM-0.997.edi as an import would send it" in words(page)
        path = f"{sent.url.path}/standard"
        saved = [ann.client.get(f"{path}/{place}.edi") for place in range(4)]
        assert [each.headers["content-type"] for each in saved] == ["application/EDI-X12"] * 4
        texts = sorted(re.findall(rb"AK5\*A|BAK\*00\*AD\*PO-\d", b"".join(each.content for each in saved)))
        assert texts == [b"AK5*A", b"AK5*A", b"BAK*00*AD*PO-1", b"BAK*00*AD*PO-2"]
        assert ann.client.get(f"{path}/4.edi").status_code == 404
        assert bob.client.get(f"{path}/0.edi").status_code == 404
        assert warehouse.work() == []
