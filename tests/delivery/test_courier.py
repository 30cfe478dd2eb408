"""Answers on their way to a real HTTP server that takes them, fails, hangs, redirects: at least once, in order, to nobody else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import trustme
from sqlalchemy import update

from crossdock.database.tables import OUTBOX
from crossdock.delivery import answer_files, by_post, http
from crossdock.delivery.courier import TRIES, Courier, deliver
from crossdock.delivery.http import NotSent, Wire
from crossdock.errors import Outage
from crossdock.intake import files
from crossdock.jobs import answer_queue as queued
from crossdock.jobs import leases
from crossdock.jobs.overview import overview
from crossdock.partners.partner_config import Post
from crossdock.pipeline import import_drop as importing
from crossdock.pipeline import run
from crossdock.reports.overview_text import remarks
from tests.partner import Partner, serving
from tests.patience import PATIENCE, until
from tests.samples import thinned
from tests.warehouse import HEADER, Warehouse, csv


@pytest.fixture
def partner() -> Iterator[Partner]:
    with serving() as server:
        yield server


WIRE = Wire(("127.0.0.1", "localhost"))


def posting(
    warehouse: Warehouse, partner: Partner, name: str = "acme", more: str = "", answer: str = '["post"]'
) -> None:
    warehouse.partner(name, keys=f"answer = {answer}", after=f'\n[post]\nurl = "{partner.url}"\n{more}\n')


def due(warehouse: Warehouse) -> None:
    """As if every pause were over."""
    with warehouse.database.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET next_at = queued_at")


def imported(warehouse: Warehouse, *names: str, partner: str = "acme") -> list[str]:
    for name in names:
        warehouse.drop(f"orders_{name}.csv", csv(f"{name},1,AB,x"), partner)
    return [each.job for each in warehouse.work()]


def for_two_units(warehouse: Warehouse, other: str, *, quantity: str) -> None:
    """A drop for BU1 and another business unit, imported."""
    toml = warehouse.home / "partners" / "acme.toml"
    toml.write_text(toml.read_text().replace('"BU2"]', f'"{other}"]'))
    rows = ("BU1,SO-1,1,AB,5", f"{other},SO-2,1,AB,{quantity}")
    warehouse.drop("orders_1.csv", csv(*rows, header=f"businessUnitId,{HEADER}"))
    warehouse.work()


def remarks_on(warehouse: Warehouse) -> str:
    """What is remarked; how long ago depends on the machine."""
    from crossdock.jobs.overview import overview

    sentences = remarks(overview(warehouse.database, datetime(2020, 1, 1, tzinfo=UTC), ZoneInfo("UTC")))
    return re.sub(r"\d+ min ago", "just now", "\n".join(line for _, lines in sentences for line in lines))


@pytest.mark.both
def test_the_acknowledgement_is_posted_exactly_as_it_is_filed(warehouse: Warehouse, partner: Partner) -> None:
    posting(warehouse, partner, answer='["file", "post"]')
    (job,) = imported(warehouse, "1")
    assert warehouse.jobs()[0].answered_at is not None, "the file is there already"
    (sent,) = deliver(warehouse.site, WIRE)
    assert (sent.delivered, sent.said) == (True, "204 No Content")
    ((headers, body),) = partner.got
    assert body == next((warehouse.home / "outbox" / "acme").glob("*.ack.json")).read_bytes()
    assert json.loads(body)["data"]["jobId"] == job
    assert (headers["Content-Type"], headers["Idempotency-Key"]) == ("application/json", f'"{job}.2"')
    assert deliver(warehouse.site, WIRE) == []


def test_each_business_unit_is_posted_its_own(warehouse: Warehouse, partner: Partner) -> None:
    posting(warehouse, partner)
    for_two_units(warehouse, "BU2", quantity="x")
    deliver(warehouse.site, WIRE)
    assert [json.loads(body)["data"]["status"] for _, body in partner.got] == ["COMPLETED", "FAILED"]
    assert len({headers["Idempotency-Key"] for headers, _ in partner.got}) == 2


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("status", thinned(503, 500, 429, 401, 404, 408, 409))
def test_a_partner_that_is_down_gets_everything_in_order_when_it_is_back(
    warehouse: Warehouse, partner: Partner, status: int
) -> None:
    posting(warehouse, partner)
    partner.answer = status
    jobs = imported(warehouse, "1", "2", "3")
    for attempt in range(1, 2 * TRIES + 1):
        sent = deliver(warehouse.site, WIRE)
        tried = jobs[:2] if attempt >= TRIES and status not in (429, 503) else jobs[:1]
        assert [(each.job, each.delivered) for each in sent] == [(job, False) for job in tried], "those behind it wait"
        assert deliver(warehouse.site, WIRE) == [], "not before its next attempt is due"
        due(warehouse)
    assert f"3 by post to acme, the first just now; {2 * TRIES} attempts: {status} " in remarks_on(warehouse)
    partner.answer = 200
    assert [sent.delivered for sent in deliver(warehouse.site, WIRE)] == [True] * 3
    assert partner.jobs == jobs
    assert "by post" not in remarks_on(warehouse)


@pytest.mark.both
def test_pauses_grow(warehouse: Warehouse, partner: Partner) -> None:
    posting(warehouse, partner)
    partner.answer = 500
    imported(warehouse, "1")

    def now() -> datetime:
        with warehouse.database.reading() as connection:
            clock: datetime = warehouse.database.dialect.clock(connection)
            return clock

    for seconds in (10, 30, 60, 120, 300, 300, 300):
        before = now()
        deliver(warehouse.site, WIRE)
        (row,) = queued.waiting(warehouse.database)
        assert before <= row.next_at - timedelta(seconds=seconds) <= now()
        due(warehouse)


@pytest.mark.parametrize(("wish", "seconds"), [("5", 10), ("1800", 1_800), ("86400", 3_600), ("soon", 10)])
def test_a_partner_that_asks_for_time_gets_it(warehouse: Warehouse, partner: Partner, wish: str, seconds: int) -> None:
    """Up to an hour; it was asked again after ten seconds."""
    posting(warehouse, partner)
    partner.answer, partner.retry_after = 429, wish
    imported(warehouse, "1")
    before = datetime.now(UTC)
    deliver(warehouse.site, WIRE)
    (row,) = queued.waiting(warehouse.database)
    assert before <= row.next_at - timedelta(seconds=seconds) <= datetime.now(UTC)
    assert deliver(warehouse.site, WIRE) == []


@pytest.mark.both(slow=True)
@pytest.mark.parametrize("status", thinned(422, 400, 410, 413))
def test_what_a_partner_has_read_and_refused_is_set_aside_and_named(
    warehouse: Warehouse, partner: Partner, status: int
) -> None:
    posting(warehouse, partner)
    partner.answer = status
    first, second = imported(warehouse, "1", "2")
    for _ in range(TRIES):
        deliver(warehouse.site, WIRE)
        due(warehouse)
    partner.answer = 200
    deliver(warehouse.site, WIRE)
    assert partner.jobs == [second]
    assert (
        f"1 by post to acme, the first just now and given up; {TRIES} attempts: given up after {TRIES} attempts: {status}"
        in remarks_on(warehouse)
    )
    assert queued.again(warehouse.database, "acme") == 1
    deliver(warehouse.site, WIRE)
    assert partner.jobs == [second, first]


@contextmanager
def dripping() -> Iterator[Partner]:
    """A partner whose answer never ends: a byte now and then, so that no single read takes long."""
    over = threading.Event()

    def drips(request: Any) -> None:
        while not over.wait(0.1):
            request.wfile.write(b"H")
            request.wfile.flush()

    with serving() as server:
        server.answer = drips
        try:
            yield server
        finally:
            over.set()


def test_one_that_hangs_or_is_away_holds_up_nobody_else(
    warehouse: Warehouse, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TOTAL_SECONDS", PATIENCE)
    posting(warehouse, partner, "acme")
    posting(warehouse, partner, "gone")
    toml = warehouse.home / "partners" / "gone.toml"
    toml.write_text(toml.read_text().replace(f":{partner.server.server_port}/", ":1/"))
    carrier = Courier(WIRE)
    with dripping() as slow:
        posting(warehouse, slow, "slow")
        for name in ("slow", "acme", "gone"):
            imported(warehouse, f"{name}1", partner=name)
        carrier.round(warehouse.site)
        until(lambda: partner.got)
        imported(warehouse, "acme2", partner="acme")

        def both() -> bool:
            carrier.round(warehouse.site)
            return len(partner.got) == 2

        until(both)
        until(lambda: "1 by post to gone, the first just now; 1 attempts: ConnectError" in remarks_on(warehouse))
        assert "1 by post to slow, the first just now" in remarks_on(warehouse).splitlines(), "it hangs all the while"
    carrier.close()


def test_an_answer_that_never_ends_is_given_up(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TOTAL_SECONDS", 1.0)
    with dripping() as slow:
        posting(warehouse, slow)
        imported(warehouse, "1")
        (sent,) = deliver(warehouse.site, WIRE)
    assert (sent.delivered, sent.said) == (False, "it took longer than 1 s")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed_elsewhere(warehouse: Warehouse, partner: Partner, status: int) -> None:
    with serving() as thief:
        posting(warehouse, partner, more='auth = "bearer"\nsecret = "env:ACME_TOKEN"')
        partner.answer, partner.location = status, thief.url
        imported(warehouse, "1")
        (sent,) = deliver(warehouse.site, Wire(("127.0.0.1",), None, lambda _: "s3cret"))
        assert not sent.delivered
        assert "redirects to" in sent.said
        assert "not followed" in sent.said
        assert thief.got == []


def test_a_redirect_on_the_same_host_keeps_method_and_body(warehouse: Warehouse, partner: Partner) -> None:
    posting(warehouse, partner)
    partner.location = "/elsewhere"
    partner.answer = lambda request: 308 if request.path == "/salesOrderAck" else 200
    imported(warehouse, "1")
    assert [each.delivered for each in deliver(warehouse.site, WIRE)] == [True]
    partner.answer = 308
    imported(warehouse, "2")
    (sent,) = deliver(warehouse.site, WIRE)
    assert sent.said == "it redirects more than 3 times"


@pytest.mark.parametrize(
    ("url", "hosts", "sentence"),
    [
        ("https://evil.example/x", ("acme.example",), "evil.example is not among the hosts that settings allow (post_hosts)"),
        ("https://acme.example:8443/x", ("acme.example:443",), "acme.example is not among the hosts that settings allow (post_hosts)"),
        ("http://acme.example/x", ("*.example",), "http://acme.example/x is not https"),
        ("http://127.0.0.1:1/x", (), "127.0.0.1 is not among the hosts that settings allow (post_hosts)"),
    ],
)  # fmt: skip
def test_only_to_hosts_that_settings_allow_and_in_secret(url: str, hosts: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(NotSent) as error:
        Wire(hosts).send(Post(url=url), b"{}", "key")
    assert str(error.value) == sentence


@pytest.mark.parametrize("auth", ["bearer", "basic", "hmac"])
def test_credentials_come_from_the_environment(
    warehouse: Warehouse, partner: Partner, monkeypatch: pytest.MonkeyPatch, auth: str
) -> None:
    posting(warehouse, partner, more=f'auth = "{auth}"\nuser = "crossdock"\nsecret = "env:ACME_TOKEN"')
    imported(warehouse, "1")
    (sent,) = deliver(warehouse.site, WIRE)
    assert sent.said == "the environment has no ACME_TOKEN, the secret of the partner's [post]"
    due(warehouse)
    begun = time.time()
    secret = "whsec_" + base64.b64encode(b"key").decode() if auth == "hmac" else "s3cret"
    monkeypatch.setenv("ACME_TOKEN", secret)
    assert [each.delivered for each in deliver(warehouse.site, WIRE)] == [True]
    ((headers, body),) = partner.got
    if auth == "bearer":
        assert headers["Authorization"] == "Bearer s3cret"
    elif auth == "basic":
        assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == b"crossdock:s3cret"
    else:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = base64.b64encode(hmac.new(b"key", signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{mac}"
        assert int(begun) <= int(headers["webhook-timestamp"]) <= time.time()
    with warehouse.database.reading() as connection:
        kept = "".join(
            str(row) for table in ("outbox", "jobs") for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        )
    assert "s3cret" not in kept


def test_tls_is_checked(partner: Partner, tmp_path: Path) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    partner.server.socket = context.wrap_socket(partner.server.socket, server_side=True)
    url = f"https://localhost:{partner.server.server_port}/salesOrderAck"
    for name, issuer in (("known", authority), ("strange", stranger)):
        issuer.cert_pem.write_to_path(str(tmp_path / f"{name}.pem"))
    assert Wire(("localhost",), str(tmp_path / "known.pem")).send(Post(url=url), b"{}", "k") == "204 No Content"
    for ca in (None, str(tmp_path / "strange.pem")):
        with pytest.raises(NotSent, match="certificate verify failed"):
            Wire(("localhost",), ca).send(Post(url=url), b"{}", "k")


@pytest.mark.both
def test_progress_is_posted_while_a_job_runs_and_never_after_its_end(
    warehouse: Warehouse, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crossdock.workers.work import jobs_waiting, run_job
    from crossdock.workers.worker import Worker

    monkeypatch.setattr(importing, "terms", lambda: run.Terms(date(2026, 11, 26), 100))
    posting(warehouse, partner, more="progress = 1")
    warehouse.drop("orders_1.csv", csv(*(f"SO-{number},1,AB,5" for number in range(60))))
    site = warehouse.site
    last = [0.0]

    def watch(at: Any) -> None:
        if at.processed == 60:
            by_post.queue_progress(site)  # waits in the outbox when the job ends
        elif time.monotonic() - last[0] > 1.1:
            last[0] = time.monotonic()
            by_post.queue_progress(site)
            deliver(site, WIRE)
            by_post.queue_progress(site)  # too soon for another

    with Worker(warehouse.database, "test") as worker:
        for taken in jobs_waiting(site, worker):
            run_job(site, worker, taken, watch)
    assert leases.running(warehouse.database) == []
    due(warehouse)
    deliver(site, WIRE)
    bodies = [json.loads(body)["data"] for _, body in partner.got]
    assert bodies[-1]["status"] == "COMPLETED"
    assert {each["status"] for each in bodies[:-1]} == {"IN_PROGRESS"}
    assert all(each["progress"]["total"] == 60 for each in bodies)
    assert [each["progress"]["processed"] for each in bodies] == sorted(
        each["progress"]["processed"] for each in bodies
    )


def test_progress_that_nobody_wants_any_more_does_not_wait(warehouse: Warehouse, partner: Partner) -> None:
    """The answer by POST was taken out of the TOML while a file was imported: its progress was tried for ever."""
    from crossdock.workers.work import jobs_waiting, run_job
    from crossdock.workers.worker import Worker

    posting(warehouse, partner, more="progress = 1")
    warehouse.drop("orders_1.csv", csv("SO-1,1,AB,5"))
    site, waiting = warehouse.site, list[str]()

    def gone(_: Any) -> None:
        by_post.queue_progress(site)
        warehouse.partner("acme")
        deliver(warehouse.site, WIRE)
        waiting.extend(each.channel for each in queued.waiting(warehouse.database))

    with Worker(warehouse.database, "test") as worker:
        for taken in jobs_waiting(site, worker):
            run_job(site, worker, taken, gone)
    assert waiting == ["post"]  # the answer of its end, which somebody must decide about
    assert partner.got == []


def test_the_answer_in_the_folder_is_complete_when_it_appears_and_tried_again(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = tmp_path / "share"
    warehouse.partner("acme", top=f'outbox = "{share}"')
    real = files.write_atomically

    def full(path: Path, write: Any) -> bool:
        if path.parent == share:
            raise OSError(28, "No space left on device", str(path))
        return real(path, write)

    with monkeypatch.context() as patch:
        patch.setattr(answer_files, "write_atomically", full)
        (job,) = imported(warehouse, "1")
    assert [row.filed_at is not None for row in warehouse.jobs()] == [True], "the import is done and filed"
    assert "1 by file to acme, the first just now; 1 attempts: [Errno 28] No space left on device" in remarks_on(
        warehouse
    )
    due(warehouse)
    deliver(warehouse.site, WIRE)
    assert sorted(each.name for each in share.iterdir()) == [
        f"orders_1.csv.{job}.ack.json",
        f"orders_1.csv.{job}.fix.xlsx",
    ]


def test_an_import_is_never_undone_by_a_shelf_that_is_full(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = files.write_atomically
    with monkeypatch.context() as patch:
        patch.setattr(
            answer_files,
            "write_atomically",
            lambda path, write: (
                (_ for _ in ()).throw(OSError(28, "No space left on device"))
                if "archive" in path.parts or "rejected" in path.parts
                else real(path, write)
            ),
        )
        warehouse.drop("orders_1.csv", csv("SO-1,1,AB,5"))
        assert [each.how for each in warehouse.work()] == ["put off"]
        warehouse.drop("orders_2.csv", csv("SO-2,1,AB,5"))
        assert [each.how for each in warehouse.work()] == ["put off"], "the next one is imported all the same"
    assert warehouse.order_numbers() == ["SO-1", "SO-2"]
    assert "No space left on device" in remarks_on(warehouse)
    warehouse.no_waiting()
    assert [each.how for each in warehouse.work()] == ["done", "done"]
    assert [row.filed_at is not None for row in warehouse.jobs()] == [True, True]


def test_outages_are_not_counted_as_refusals(warehouse: Warehouse, partner: Partner) -> None:
    posting(warehouse, partner)
    (job,) = imported(warehouse, "1")
    partner.answer = 503
    for _ in range(2 * TRIES):
        deliver(warehouse.site, WIRE)
        due(warehouse)
    partner.answer = 400
    for _ in range(TRIES - 1):
        deliver(warehouse.site, WIRE)
        due(warehouse)
    partner.answer = 204
    deliver(warehouse.site, WIRE)
    assert partner.jobs == [job]


def test_a_full_disk_is_said_in_one_sentence(
    warehouse: Warehouse, partner: Partner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """60 lines of a traceback came with it, onto the terminal of whoever imported a file."""
    posting(warehouse, partner)
    imported(warehouse, "1")

    def full(*_: Any) -> bool:
        raise Outage("the database does not answer: database or disk is full")

    monkeypatch.setattr(queued, "take", full)
    assert deliver(warehouse.site, WIRE) == []
    (record,) = [each for each in caplog.records if "could not be noted" in each.getMessage()]
    assert (record.getMessage().endswith("database or disk is full"), record.exc_info) == (True, None)


@pytest.mark.both(slow=True)
def test_one_that_cannot_be_sent_holds_up_nobody_and_is_named(
    warehouse: Warehouse, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret that no header holds, a body that can't be made, an answer that no database keeps."""
    for name in ("acme", "beta", "gamma"):
        posting(warehouse, partner, name, more='auth = "bearer"\nsecret = "env:TOKEN"' if name == "acme" else "")
        imported(warehouse, f"{name}1", partner=name)
    monkeypatch.setenv("TOKEN", "ключ")
    real = by_post.deliver

    def broken(site: Any, wire: Any, row: Any, deliverer: str) -> str:
        if row.partner == "beta":
            raise ZeroDivisionError("a fault of ours")
        return real(site, wire, row, deliverer) + "\x00"

    monkeypatch.setattr(by_post, "deliver", broken)
    sent = {each.partner: each.said for each in deliver(warehouse.site, WIRE)}
    assert sent["acme"] == "it can't be sent: UnicodeEncodeError"
    assert sent["beta"] == "ZeroDivisionError: a fault of ours"
    assert sent["gamma"].startswith("204 No Content")
    assert "1 by post to beta, the first just now; 1 attempts: ZeroDivisionError: a fault of ours" in remarks_on(
        warehouse
    )
    assert len(partner.got) == 1


def test_business_units_of_any_letters_have_keys(warehouse: Warehouse, partner: Partner) -> None:
    posting(warehouse, partner)
    for_two_units(warehouse, "KÖLN", quantity="5")
    assert [each.delivered for each in deliver(warehouse.site, WIRE)] == [True]
    assert len({headers["Idempotency-Key"] for headers, _ in partner.got}) == 2


def test_a_refused_drop_is_posted_too(warehouse: Warehouse, partner: Partner) -> None:
    posting(warehouse, partner)
    toml = warehouse.home / "partners" / "acme.toml"
    toml.write_text(toml.read_text().replace('answer = ["post"]', 'answer = ["post"]\nmanifest = "{name}.manifest"'))
    warehouse.drop("orders_1.csv")
    warehouse.drop("orders_1.csv.manifest", b'{"sha256": "00"}')
    warehouse.work()
    deliver(warehouse.site, WIRE)
    ((_, body),) = partner.got
    assert "the manifest says 00" in json.loads(body)["data"]["failedOrders"][0]["message"]


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ('answer = ["post"]', 'answer = ["post"]\nholt = "line"', "the TOML of acme has a mistake"),
        ("[post]\nurl", "[other]\nurl", "the TOML of acme has a mistake"),
        ('answer = ["post"]', "", "the partner acme has no [post] any more"),
    ],
)
def test_an_answer_waits_while_nobody_knows_where_it_goes(
    warehouse: Warehouse, partner: Partner, before: str, after: str, why: str
) -> None:
    posting(warehouse, partner)
    (job,) = imported(warehouse, "1")
    toml = warehouse.home / "partners" / "acme.toml"
    right = toml.read_text()
    wrong = right.replace(before, after)
    toml.write_text(wrong.partition("[post]")[0] if not after else wrong)
    assert [(each.delivered, each.said) for each in deliver(warehouse.site, WIRE)] == [(False, why)]
    assert why in remarks_on(warehouse)
    toml.write_text(right)
    due(warehouse)
    assert [each.delivered for each in deliver(warehouse.site, WIRE)] == [True]
    assert partner.jobs == [job]


def fails_at(number: str) -> Any:
    """A partner's server that fails at the answer to one order."""
    return lambda handler: 500 if number.encode() in handler.body else 204


@pytest.mark.both
def test_an_answer_at_which_the_partner_fails_each_time_holds_up_no_others(
    warehouse: Warehouse, partner: Partner
) -> None:
    posting(warehouse, partner)
    first, second, third = imported(warehouse, "SO-1", "SO-2", "SO-3")
    partner.answer = fails_at("SO-1")
    for _ in range(TRIES - 1):
        due(warehouse)
        assert [each.delivered for each in deliver(warehouse.site, WIRE)] == [False]
    due(warehouse)
    sent = deliver(warehouse.site, WIRE)
    assert [(each.job, each.delivered) for each in sent] == [
        (first, False),
        (first, False),
        (second, True),
        (third, True),
    ]
    assert partner.jobs == [second, third]
    assert "given up, because the answer behind it is taken: 500 Internal Server Error" in remarks_on(warehouse)
    partner.answer = 204
    assert queued.again(warehouse.database, "acme") == 1
    assert [each.delivered for each in deliver(warehouse.site, WIRE)] == [True]


def test_an_answer_is_not_given_up_where_its_partner_is_back_in_that_moment(
    warehouse: Warehouse, partner: Partner
) -> None:
    """The answer behind it is taken, and then it is, too."""
    posting(warehouse, partner)
    first, second, third = imported(warehouse, "SO-1", "SO-2", "SO-3")
    partner.answer = 500
    for _ in range(TRIES - 1):
        deliver(warehouse.site, WIRE)
        due(warehouse)
    answers = iter((500, 204, 204, 204))
    partner.answer = lambda _: next(answers)
    sent = deliver(warehouse.site, WIRE)
    assert [(each.job, each.delivered) for each in sent] == [
        (first, False),
        (second, True),
        (first, True),
        (third, True),
    ]
    assert "by post" not in remarks_on(warehouse)


@pytest.mark.parametrize(
    ("status", "retry_after"), [(500, ""), (503, "30"), (429, "")], ids=["it fails at all", "asks for time", "is busy"]
)
def test_a_partner_whose_server_fails_at_every_answer_keeps_them_in_their_order(
    warehouse: Warehouse, partner: Partner, status: int, retry_after: str
) -> None:
    posting(warehouse, partner)
    jobs = imported(warehouse, "1", "2", "3")
    partner.answer, partner.retry_after = status, retry_after
    for _ in range(TRIES + 2):
        due(warehouse)
        deliver(warehouse.site, WIRE)
    assert partner.jobs == []
    partner.answer = 204
    due(warehouse)
    deliver(warehouse.site, WIRE)
    assert partner.jobs == jobs


def test_a_server_that_recovers_between_two_answers_gets_both(warehouse: Warehouse, partner: Partner) -> None:
    posting(warehouse, partner)
    first, second = imported(warehouse, "1", "2")
    answers = iter([500] * TRIES + [204, 204])
    partner.answer = lambda _: next(answers)
    for _ in range(TRIES):
        due(warehouse)
        deliver(warehouse.site, WIRE)
    assert partner.jobs == [second, first]
    assert queued.waiting(warehouse.database) == []


@pytest.mark.both
@pytest.mark.parametrize("column", ["next_at", "claimed_until"])
def test_a_clock_that_was_set_back_keeps_no_answer(warehouse: Warehouse, partner: Partner, column: str) -> None:
    posting(warehouse, partner)
    imported(warehouse, "1")
    with warehouse.database.writing() as connection:
        year = warehouse.database.dialect.clock(connection) + timedelta(days=365)
        connection.execute(update(OUTBOX).values({column: year}))
    assert [each.delivered for each in deliver(warehouse.site, WIRE)] == [True]


def test_an_answer_goes_out_also_where_the_archive_is_out_of_reach(warehouse: Warehouse) -> None:
    """The disk of the archive is read-only or full: the partner waited for its answer until that was repaired."""
    (warehouse.home / "archive").write_text("no folder")
    warehouse.drop("orders_1.csv")
    (ended,) = warehouse.work()
    assert ended.how == "put off"
    assert [each.delivered for each in deliver(warehouse.site, WIRE)] == [True]
    (answer,) = (warehouse.home / "outbox" / "acme").iterdir()
    (warehouse.home / "archive").unlink()
    content = answer.read_bytes()
    warehouse.no_waiting()
    assert [each.how for each in warehouse.work()] == ["done"]
    (filed,) = warehouse.home.glob(f"archive/*/*/{answer.name}")
    assert filed.read_bytes() == content


@pytest.mark.parametrize(
    ("attempts", "ended", "needs"), [(4, None, False), (5, None, True), (1, queued.GIVEN_UP, True)]
)
def test_an_answer_that_does_not_go_out_needs_somebody(
    warehouse: Warehouse, partner: Partner, attempts: int, ended: str | None, needs: bool
) -> None:
    posting(warehouse, partner)
    imported(warehouse, "1")
    with warehouse.database.writing() as connection:
        connection.execute(update(OUTBOX).values(attempts=attempts, ended=ended))
    assert overview(warehouse.database, datetime.now(UTC), ZoneInfo("UTC")).needs_somebody == needs
