"""Who may see what: signing in and out, forms from elsewhere, other partners' jobs."""

from __future__ import annotations

import html
import re

import httpx
import pytest
from sqlalchemy import update

from crossdock.api.door import tries
from crossdock.database.tables import WEB_SESSIONS
from crossdock.delivery import courier
from crossdock.delivery.http import Wire
from crossdock.registers import keys
from tests.api.conftest import NOBODY, serving
from tests.api.pages.conftest import Site, words
from tests.interchanges import OPTIONAL, interchange, order, partner_of
from tests.patience import PATIENCE
from tests.warehouse import Warehouse, csv

PAGES = ("/ui/upload", "/ui/jobs", "/ui/open", "/ui/partners", "/ui/documents/sales_order", "/ui/jobs/261128-X")


def test_who_is_not_signed_in_sees_only_where_to(site: Site) -> None:
    visitor = site.visitor()
    for path in PAGES:
        page = visitor.client.get(path)
        assert page.url.path == "/ui/sign-in"
        assert page.url.params["back"] == path
    assert visitor.client.get("/ui").url.path == "/ui/sign-in"
    assert visitor.client.post("/ui/upload").url.path == "/ui/sign-in"


def test_signing_in_goes_on_to_the_page_that_was_wanted_and_never_elsewhere(site: Site) -> None:
    secret = site.key()
    assert site.visitor().sign_in(secret, "/ui/open").url.path == "/ui/open"
    for elsewhere in ("https://evil.example/", "//evil.example/ui/", "/healthz", "/ui//evil.example", "/ui\\@evil"):
        assert site.visitor().sign_in(secret, elsewhere).url.path == "/ui/upload"


def test_signing_in_keeps_what_the_page_was_asked(site: Site) -> None:
    """A link to the jobs that failed led to all of them."""
    wanted = "/ui/jobs?verdict=REJECTED&name=a%20%26%20b%2F%2Fc&since=2026-11-01T00:00%2B01:00"
    page = site.visitor().client.get(wanted)
    assert page.url.path == "/ui/sign-in"
    match = re.search('name="back" value="([^"]+)"', page.text)
    assert match is not None
    back = html.unescape(match[1])
    assert back == wanted
    seen = site.visitor().sign_in(site.key(), back).url
    assert f"{seen.path}?{seen.query.decode()}" == wanted
    for elsewhere in (
        "//evil.example/?/ui/",
        "https://evil.example/?/ui/jobs",
        "/ui//evil.example?x=1",
        "/ui\\@evil?x",
    ):
        assert site.visitor().sign_in(site.key(), elsewhere).url.path == "/ui/upload"


@pytest.mark.both(slow=True)
def test_keys_that_open_nothing(site: Site) -> None:
    revoked, secret = keys.add(site.warehouse.database, "acme")
    keys.revoke(site.warehouse.database, revoked.key_id)
    for each in ("", "cd_nonsense", secret, site.key(kind=keys.ERP), site.key("nobody")):
        answer = site.visitor().sign_in(each)
        assert answer.status_code == 401
        assert "This key opens nothing" in answer.text
        assert "crossdock_session" not in answer.cookies


def test_who_tries_too_many_keys_has_to_wait_and_a_right_one_opens_all_the_same(site: Site) -> None:
    for _ in range(tries.MOST):
        assert site.visitor().sign_in("wrong").status_code == 401
    answer = site.visitor().sign_in("wrong")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= tries.SECONDS
    assert site.visitor().sign_in(site.key()).status_code == 200


def test_the_cookie_is_hidden_and_strict_and_ends_with_signing_out(site: Site) -> None:
    ann = site.visitor()
    ann.client.follow_redirects = False
    cookie = next(each for each in ann.sign_in(site.key()).headers.get_list("set-cookie") if "session=" in each)
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert "Path=/ui" in cookie
    assert "Secure" not in cookie
    proxy = {"X-Forwarded-Proto": "https"}
    behind = httpx.get(f"{site.url}/ui/sign-in", headers=proxy, timeout=PATIENCE, verify=NOBODY)
    assert "; Secure" in behind.headers["set-cookie"]
    kept = dict(ann.client.cookies)
    assert ann.client.get("/ui/jobs").status_code == 200
    ann.client.post("/ui/sign-out", data={"form_token": ann.token()})
    again = httpx.get(f"{site.url}/ui/jobs", cookies=kept, timeout=PATIENCE, verify=NOBODY)
    assert again.status_code == 303


def test_a_revoked_key_ends_its_sessions(site: Site) -> None:
    ann = site.person()
    for key in keys.every(site.warehouse.database):
        keys.revoke(site.warehouse.database, key.key_id)
    assert ann.client.get("/ui/jobs").url.path == "/ui/sign-in"


@pytest.mark.both(slow=True)
def test_a_session_ends_with_its_time(site: Site) -> None:
    ann = site.person()
    with site.warehouse.database.writing() as connection:
        now = site.warehouse.database.dialect.clock(connection)
        connection.execute(update(WEB_SESSIONS).values(ends_at=now))
    assert ann.client.get("/ui/jobs").url.path == "/ui/sign-in"


def test_a_form_without_its_token_or_from_elsewhere_does_nothing(site: Site) -> None:
    ann, olga = site.person(), site.operator()
    job, _ = ann.imported("orders_7.csv", csv("SO-1,1,AB,5x"))
    number = job.rpartition("/")[2]
    fields = {"job": number, "number": "SO-1", "why": "x", "action": "import"}
    other = ann.token()
    for path in ("/ui/open/dismiss", "/ui/open/replay", "/ui/sign-out"):
        for token in ("", "wrong", other):
            assert olga.client.post(path, data={**fields, "form_token": token}).status_code == 403
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        own = {**fields, "form_token": olga.token()}
        assert olga.client.post(path, data=own, headers=elsewhere).status_code == 403
    for token in ("", "wrong", olga.token()):
        sent = ann.client.post("/ui/upload", data={**fields, "form_token": token}, files={"file": ("orders.csv", "x")})
        assert sent.status_code == 403
    late = {"file": ("orders.csv", b"x")}
    assert ann.client.post("/ui/upload", files=late).status_code == 403
    assert site.visitor().client.post("/ui/sign-in", data={"key": site.key(), "form_token": ""}).status_code == 403
    assert "SO-1" in ann.client.get("/ui/open").text
    assert len(site.warehouse.jobs()) == 1
    assert not list((site.warehouse.home / "work" / ".checks").iterdir())


def test_a_foreign_job_is_not_there(site: Site) -> None:
    ann, bob, olga = site.person(), site.person("beta"), site.operator()
    job, _ = ann.imported("orders_7.csv", csv("SO-1,1,AB,5x"))
    check = ann.send("orders_7.csv", csv("SO-1,1,AB,5x"), "check").url.path
    ann.ended(ann.client.get(check))
    nowhere = words(bob.client.get("/ui/jobs/261128-AAAAAAAAAA").text)
    for page in (job, check):
        for path in ("", "/progress"):
            answer = bob.client.get(page + path)
            assert answer.status_code == 404
            assert words(answer.text) == nowhere
            assert olga.client.get(page + path).status_code == 200
    for path in ("/fix.xlsx", "/failures.csv", "/acknowledgement.json", "/report.txt"):
        assert bob.client.get(job + path).status_code == 404
        assert ann.client.get(job + path).status_code == 200
    assert bob.client.post(f"{check}/import", data={"form_token": bob.token()}).status_code == 404
    for path in ("/ui/jobs", "/ui/jobs?partner=acme"):
        assert [len(words(each.client.get(path).text).split("orders_7.csv")) for each in (bob, ann)] == [1, 2]
    assert "SO-1" not in bob.client.get("/ui/open?partner=acme").text
    assert bob.client.get("/ui/partners/acme/sales_order/template").status_code == 404
    assert "acme" not in bob.client.get("/ui/partners").text


def test_a_job_has_the_answers_in_the_standard_of_its_interchange(warehouse: Warehouse) -> None:
    """They are listed with how far each is, and saved as they are sent; another partner's are not there."""
    warehouse.partner("acme", whole=partner_of("940", keys=f'{OPTIONAL}\nanswer = ["824"]'))
    warehouse.partner("beta")
    with serving(warehouse) as url:
        site = Site(warehouse, url)
        ann, bob, olga = site.person(), site.person("beta"), site.operator()
        job, page = ann.imported("orders.edi", interchange(order("SO-1", "0 EA AB")))
        assert re.search(
            r"Answers in its standard 2 US-THEM-1\.997\.edi (waits|delivered) US-THEM-2\.824\.edi (waits|delivered) ",
            words(page),
        )
        courier.deliver(warehouse.site, Wire())
        assert "US-THEM-1.997.edi delivered: in " in words(olga.client.get(job).text)
        paths = re.findall(rf'href="({job}/standard/\d+\.edi)"', page)
        saved = [ann.client.get(path) for path in paths]
        assert [each.headers["content-type"] for each in saved] == ["application/EDI-X12"] * 2
        assert b"AK5*A~" in saved[0].content
        assert b"OTI*TR*PO*SO-1*" in saved[1].content
        assert [bob.client.get(path).status_code for path in paths] == [404, 404]
        assert ann.client.get(f"{job}/standard/99.edi").status_code == 404


def test_a_fix_workbook_of_another_partner_is_refused(site: Site) -> None:
    ann, bob = site.person(), site.person("beta")
    job, _ = ann.imported("orders_7.csv", csv("SO-1,1,AB,5x"))
    foreign = ann.client.get(f"{job}/fix.xlsx").content
    _, page = bob.imported("orders_7.csv.fix.xlsx", foreign)
    assert "Rejected" in words(page)
    assert site.warehouse.order_numbers() == []


def test_a_key_that_only_reads_checks_and_imports_nothing(site: Site) -> None:
    ann = site.person(read_only=True)
    assert 'value="import"' not in ann.client.get("/ui/upload").text
    assert ann.send("orders_7.csv", csv("SO-1,1,AB,5")).status_code == 403
    check = ann.send("orders_7.csv", csv("SO-1,1,AB,5"), "check")
    assert "All of it would go in" in words(ann.ended(check))
    assert ann.client.post(f"{check.url.path}/import", data={"form_token": ann.token()}).status_code == 403
    assert site.warehouse.order_numbers() == []


def test_no_page_takes_scripts_or_styles_of_others(site: Site) -> None:
    ann = site.person()
    for path in PAGES:
        page = ann.client.get(path)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "style=" not in page.text
        assert " on" not in {each[:3] for each in page.text.split("<")}


def test_an_answer_whose_file_is_gone_is_gone_on_the_page(warehouse: Warehouse) -> None:
    """An 855 repeats the lines as they were sent, from the archived file; without it nothing of it is sent, not half."""
    warehouse.partner("acme", whole=partner_of("850", keys=f'{OPTIONAL}\nanswer = ["855"]'))
    with serving(warehouse) as url:
        ann = Site(warehouse, url).person()
        content = interchange(
            ("BEG*00*SA*PO-1**20261120", "N1*ST*Ada*92*S1", "PO1*1*5*EA*1.5**VN*AB"), type_="850", group="PO"
        )
        job, page = ann.imported("orders.edi", content)
        paths = re.findall(rf'href="({job}/standard/\d+\.edi)"', page)
        assert [ann.client.get(path).status_code for path in paths] == [200, 200]
        (path,) = warehouse.home.glob("archive/*/*/orders.edi")
        path.unlink()
        gone = [ann.client.get(path) for path in paths]
        assert [each.status_code for each in gone] == [200, 410]
        assert "can't be made again" in gone[1].text or "can&#39;t be made again" in gone[1].text
