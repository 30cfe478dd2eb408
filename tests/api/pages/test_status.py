"""The page for six in the morning; and a job that was set aside, which an operator lets continue."""

from __future__ import annotations

from crossdock.jobs import leases
from crossdock.workers.submit import submit
from crossdock.workers.worker import Worker
from tests.api.conftest import serving
from tests.api.pages.conftest import Site, words
from tests.warehouse import Warehouse, csv


def _set_aside(warehouse: Warehouse) -> str:
    """A job that somebody has cancelled."""
    job = submit(warehouse.site, warehouse.file(csv("SO-1,1,AB,5"), "orders_7.csv"), "orders_7.csv", partner="acme")
    with Worker(warehouse.database, "test") as worker:
        taken = leases.take_this(warehouse.database, worker.id, job)
        assert taken is not None
        leases.park(warehouse.database, taken.lease, "cancelled by Olga")
    return job


def test_an_operator_sees_what_needs_somebody_and_lets_it_continue(warehouse: Warehouse) -> None:
    warehouse.partner("acme")
    job = _set_aside(warehouse)
    with serving(warehouse) as url:
        site = Site(warehouse, url)
        ann, olga = site.person(), site.operator(name="Olga")
        status = olga.client.get("/ui/status").text
        assert "It needs you" in words(status)
        assert f"{job} orders_7.csv: cancelled by Olga" in words(status)
        assert f'href="/ui/jobs/{job}"' in status
        for person, can in ((ann, False), (olga, True)):
            page = person.client.get(f"/ui/jobs/{job}").text
            assert "Set aside cancelled by Olga" in words(page)
            assert ("Continue" in page, "crossdock dismiss" in page) == (can, can)
        path = f"/ui/jobs/{job}/resume"
        assert ann.client.post(path, data={"form_token": ann.token()}).status_code == 403
        assert "Accepted" in olga.ended(olga.client.post(path, data={"form_token": olga.token()}))
        assert "It works Everything goes on by itself, and nothing is on hold." in words(
            olga.client.get("/ui/status").text
        )


def test_what_is_on_hold_waits_for_a_correction(site: Site) -> None:
    job, _ = site.person().imported("orders_7.csv", csv("SO-1,1,AB,5x"))
    status = site.operator().client.get("/ui/status").text
    assert "It works Everything goes on by itself. What is on hold or rejected waits for a correction." in words(status)
    assert "acme, orders_7.csv: SO-1" in words(status)
    assert f'href="{job}"' in status


def test_a_partner_has_no_status_of_everybody_and_is_not_shown_our_folders(warehouse: Warehouse) -> None:
    warehouse.partner("acme")
    warehouse.drop("orders_7.csv", csv("SO-1,1,AB,5x"))
    warehouse.work()
    (job,) = warehouse.jobs()
    with serving(warehouse) as url:
        site = Site(warehouse, url)
        ann, olga = site.person(), site.operator()
        assert ann.client.get("/ui/status").status_code == 403
        assert "/ui/status" not in ann.client.get("/ui/jobs").text
        pages = [each.client.get(f"/ui/jobs/{job.job_id}").text for each in (ann, olga)]
        assert [str(warehouse.home) in page for page in pages] == [False, True]
