"""ETags and idempotency keys: what is meant for another state, or comes twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import update

from crossdock.database.tables import IDEMPOTENCY
from crossdock.jobs import leases
from crossdock.jobs.leases import BESIDE
from crossdock.workers.worker import Worker
from tests.api.conftest import Api
from tests.api.test_singles import ORDERS, order


@pytest.mark.both
def test_a_change_is_meant_for_one_revision(api: Api) -> None:
    tag = api.client.post(ORDERS, json=order()).headers["ETag"]
    assert api.client.get(f"{ORDERS}/SO-1", headers={"If-None-Match": f'"9", W/{tag}'}).status_code == 304
    first = api.client.put(f"{ORDERS}/SO-1", json=order(quantity="6"), headers={"If-Match": tag})
    assert first.status_code == 200
    for method, body in (("PUT", order(quantity="7")), ("DELETE", None)):
        late = api.client.request(method, f"{ORDERS}/SO-1", json=body, headers={"If-Match": tag})
        assert (late.status_code, late.headers["Content-Type"]) == (412, "application/problem+json")
    assert api.client.put(f"{ORDERS}/none", json=order("none"), headers={"If-Match": "*"}).status_code == 412
    assert api.warehouse.lines()["1"][1] == 6
    current = first.headers["ETag"]
    lines = [("If-Match", '"0"'), ("If-Match", current), ("Authorization", f"Bearer {api.secret}")]
    assert httpx.put(f"{api.url}{ORDERS}/SO-1", json=order(quantity="6"), headers=lines).status_code == 200
    assert api.client.delete(f"{ORDERS}/SO-1", headers={"If-Match": f'"0", {current}'}).status_code == 200


@pytest.mark.both
def test_an_old_body_that_is_put_again_takes_a_change_back_and_says_so(api: Api) -> None:
    """Not where the request names the revision that it is meant for: then its sender knows the change."""
    named = "SELECT detail FROM job_failures WHERE code = 'change_reverted'"
    path, body = (
        "/business_units/BU1/skus/AB",
        {"data": {"skuId": "AB", "name": "Loom band", "description1": "red", "isActive": "Y", "upc": "4006381300000"}},
    )
    for knows in (False, True):
        first = api.client.put(path, json=body)
        assert first.status_code in (200, 201), first.text
        changed = api.client.patch(path, json={"data": {"name": "Band"}})
        assert changed.status_code == 200, changed.text
        again = api.client.put(path, json=body, headers={"If-Match": changed.headers["ETag"]} if knows else {})
        assert again.status_code == 200
        assert api.warehouse.rows("SELECT name FROM skus") == [("Loom band",)]
        assert len(api.warehouse.rows(named)) == 1


@pytest.mark.both
def test_a_document_that_must_not_be_stored_is_created_once(api: Api) -> None:
    new = {"If-None-Match": "*"}
    first = api.client.put(f"{ORDERS}/SO-1", json=order(), headers=new)
    assert first.status_code == 201
    late = api.client.put(f"{ORDERS}/SO-1", json=order(quantity="7"), headers=new)
    assert (late.status_code, late.headers["Content-Type"]) == (412, "application/problem+json")
    assert "If-None-Match" in late.json()["detail"]
    known = {"If-None-Match": f'"9", W/{first.headers["ETag"]}'}
    assert api.client.put(f"{ORDERS}/SO-1", json=order(quantity="7"), headers=known).status_code == 412
    assert api.client.delete(f"{ORDERS}/SO-1", headers=new).status_code == 412
    assert api.warehouse.lines()["1"][1] == 5
    other = {"If-None-Match": '"9"'}
    assert api.client.put(f"{ORDERS}/SO-1", json=order(quantity="7"), headers=other).status_code == 200


@pytest.mark.both
def test_of_many_that_must_not_be_stored_one_is_created(api: Api) -> None:
    def create(quantity: int) -> int:
        with api.of(api.secret) as client:
            body, new = order(quantity=str(quantity)), {"If-None-Match": "*"}
            return client.put(f"{ORDERS}/SO-1", json=body, headers=new).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(create, range(10, 16))) == [201, 412, 412, 412, 412, 412]


@pytest.mark.both
def test_of_many_changes_at_once_one_is_made(api: Api) -> None:
    """Each is meant for the revision that all of them have read: the others are told that it has moved."""
    tag = api.client.post(ORDERS, json=order()).headers["ETag"]

    def change(quantity: int) -> int:
        with api.of(api.secret) as client:
            answer = client.put(f"{ORDERS}/SO-1", json=order(quantity=str(quantity)), headers={"If-Match": tag})
            return answer.status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(change, range(10, 16))) == [200, 412, 412, 412, 412, 412]


@pytest.mark.both
def test_of_equal_posts_at_once_one_creates(api: Api) -> None:
    def create(_: int) -> int:
        with api.of(api.secret) as client:
            return client.post(ORDERS, json=order()).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(create, range(6))) == [200, 200, 200, 200, 200, 201]
    assert len(api.warehouse.jobs()) == 6
    assert api.warehouse.order_numbers() == ["SO-1"]


@pytest.mark.both
def test_a_request_with_a_key_is_done_once(api: Api) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = api.client.post(ORDERS, json=order(), headers=key)
    again = api.client.post(ORDERS, json=order(), headers=key)
    assert (again.status_code, again.content, again.headers["Location"], again.headers["ETag"]) == (
        201, first.content, first.headers["Location"], first.headers["ETag"])  # fmt: skip
    assert again.headers["Idempotency-Replayed"] == "true"
    assert api.client.post(ORDERS, json=order("SO-2"), headers=key).status_code == 422
    assert api.client.delete(f"{ORDERS}/SO-1", headers=key).status_code == 422
    assert len(api.warehouse.jobs()) == 1
    wrong = {"Idempotency-Key": "k-2"}
    assert api.client.post(ORDERS, json=order("SO-3", businessUnitId="BU2"), headers=wrong).status_code == 400
    assert api.client.post(ORDERS, json=order("SO-3"), headers=wrong).status_code == 201  # the first came to nothing
    many = {"Idempotency-Key": "k-3"}
    jobs = {
        api.client.post(f"{ORDERS}/bulk", json={"data": [order("SO-4")["data"]]}, headers=many).json()["data"]["jobId"]
        for _ in range(2)
    }
    assert len(jobs) == 1
    long = {"Idempotency-Key": "k" * 256}
    assert api.client.post(ORDERS, json=order("SO-5"), headers=long).status_code == 400


@pytest.mark.both
def test_while_the_first_request_of_a_key_is_not_answered_the_next_is_told_to_wait(api: Api) -> None:
    """However long that takes. And where its server has died in the middle, a later one is done."""
    key = {"Idempotency-Key": "k-1"}
    assert api.client.post(ORDERS, json=order(), headers=key).status_code == 201
    _change_first(api, status=None)  # as it is while the first one is at work
    early = api.client.post(ORDERS, json=order(), headers=key)
    assert (early.status_code, early.headers["Retry-After"]) == (409, "1")
    assert len(api.warehouse.jobs()) == 1
    _change_first(api, begun_at=datetime.now(UTC) - timedelta(hours=1))
    assert api.client.post(ORDERS, json=order(), headers=key).status_code == 409
    with Worker(api.warehouse.database, BESIDE) as dying:
        _change_first(api, worker=dying.id)
        assert api.client.post(ORDERS, json=order(), headers=key).status_code == 409
        leases.killed(api.warehouse.database, dying.id)
        late = api.client.post(ORDERS, json=order(), headers=key)
    assert (late.status_code, "Idempotency-Replayed" in late.headers) == (200, False)
    again = api.client.post(ORDERS, json=order(), headers=key)
    assert (again.content, again.headers["Idempotency-Replayed"]) == (late.content, "true")


@pytest.mark.both
def test_of_several_that_come_when_a_first_request_is_lost_one_is_done(api: Api) -> None:
    """Also where what is lost is of a server before the one that knows whose it is."""
    key = {"Idempotency-Key": "k-1"}
    assert api.client.post(ORDERS, json=order(), headers=key).status_code == 201
    _change_first(api, status=None, worker=None)
    with ThreadPoolExecutor(6) as pool:
        sent = [pool.submit(api.client.post, ORDERS, json=order(), headers=key) for _ in range(6)]
        done = [each.result() for each in sent]
    assert {each.status_code for each in done} <= {200, 409}
    first = [each for each in done if each.status_code == 200 and "Idempotency-Replayed" not in each.headers]
    assert (len(first), len(api.warehouse.jobs())) == (1, 2)


def _change_first(api: Api, **values: object) -> None:
    with api.warehouse.database.writing() as connection:
        connection.execute(update(IDEMPOTENCY).values(**values))


@pytest.mark.both
def test_a_retry_is_no_second_request_though_the_first_has_changed_what_its_condition_names(api: Api) -> None:
    """A client that lost the answer sends the same again: its condition was kept, and the first answer is its own."""
    requests = [
        ("POST", ORDERS, order(), {"If-None-Match": "*"}),
        ("PUT", f"{ORDERS}/SO-1", order(quantity=7), {"If-Match": '"1"'}),
        ("DELETE", f"{ORDERS}/SO-1", None, {"If-Match": '"2"'}),
    ]
    for number, (method, path, body, condition) in enumerate(requests):
        headers = {"Idempotency-Key": f"k-{number}", **condition}
        first, again = (api.client.request(method, path, json=body, headers=headers) for _ in range(2))
        assert first.status_code in (200, 201), first.text
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["Idempotency-Replayed"] == "true"
    assert len(api.warehouse.jobs()) == 3


@pytest.mark.both
def test_a_creation_keeps_its_conditions(api: Api) -> None:
    """They are about the document that is stored under the number in the body."""
    tag = {"If-Match": '"1"'}
    assert api.client.post(ORDERS, json=order(), headers=tag).status_code == 412
    new = {"If-None-Match": "*"}
    assert api.client.post(ORDERS, json=order(), headers=new).status_code == 201
    late = api.client.post(ORDERS, json=order(), headers=new)
    assert (late.status_code, late.headers["Content-Type"]) == (412, "application/problem+json")
    assert api.client.post(ORDERS, json=order(), headers={"If-Match": '"9"'}).status_code == 412
    assert api.client.post(ORDERS, json=order(), headers=tag).status_code == 200


def test_a_creation_is_compared_with_the_notice_of_its_vendor(api: Api) -> None:
    path, line = "/business_units/BU1/asns", {"lineNumber": "1", "skuId": "AB", "quantity": 1}
    first, second = ({"data": {"asnNumber": "A1", "vendorNumber": each, "lines": [line]}} for each in ("V1", "V2"))
    assert api.client.post(path, json=first).status_code == 201
    assert api.client.post(path, json=second, headers={"If-None-Match": "*"}).status_code == 201
    assert api.client.post(path, json=second, headers={"If-None-Match": "*"}).status_code == 412


def test_what_has_no_etag_keeps_no_condition(api: Api) -> None:
    for header in ("If-Match", "If-None-Match"):
        answer = api.client.post(f"{ORDERS}/bulk", json={"data": [order()["data"]]}, headers={header: '"1"'})
        assert answer.status_code == 412
        assert header in answer.json()["detail"]
    assert api.client.delete("/business_units/BU1/amazon_sfp_keys", headers={"If-Match": "*"}).status_code == 412
    assert api.warehouse.jobs() == []
