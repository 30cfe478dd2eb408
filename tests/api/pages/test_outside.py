"""What is open: seen by its partner, sent again or given up by an operator; partners and documents."""

from __future__ import annotations

import io

import openpyxl
import pytest

from crossdock.documents import DOCUMENTS
from tests.api.conftest import serving
from tests.api.pages.conftest import Person, Site, words
from tests.warehouse import Warehouse, csv


def _do(person: Person, path: str, job: str, **fields: str) -> str:
    data = {"form_token": person.token(), "job": job.rpartition("/")[2], **fields}
    return words(person.ended(person.client.post(path, data=data)))


@pytest.mark.both(slow=True)
def test_an_operator_sends_again_and_gives_up(site: Site) -> None:
    ann, olga = site.person(), site.operator(name="Olga")
    job, _ = ann.imported("orders_7.csv", csv("SO-1,1,AB,5x", "SO-2,1,AB,6x"))
    assert "SO-1" in words(ann.client.get("/ui/open").text)
    again = _do(olga, "/ui/open/replay", job, number="SO-1")
    assert "Rejected" in again
    assert "quantity '5x' is not a number" in again
    assert "Say why: it is kept." in words(
        olga.client.post("/ui/open/dismiss", data={"form_token": olga.token(), "job": job.rpartition("/")[2]}).text
    )
    assert "It is given up" in _do(olga, "/ui/open/dismiss", job, number="SO-2", why="cancelled by phone")
    page = words(ann.client.get("/ui/open").text)
    assert "SO-1" in page
    assert "SO-2" not in page


def test_a_partner_neither_sends_again_nor_gives_up(site: Site) -> None:
    ann = site.person()
    job, page = ann.imported("orders_7.csv", csv("SO-1,1,AB,5x"))
    assert "Send again" not in page
    assert "Give up" not in ann.client.get("/ui/open").text
    for path in ("/ui/open/replay", "/ui/open/dismiss"):
        fields = {"form_token": ann.token(), "job": job.rpartition("/")[2], "number": "SO-1", "why": "x"}
        assert ann.client.post(path, data=fields).status_code == 403
    assert "SO-1" in ann.client.get("/ui/open").text


def test_parts_of_an_order_are_told_apart(warehouse: Warehouse) -> None:
    feed = warehouse.feed('split_by = ["shipTo.name"]\n')
    header = "customerOrderNumber,customerLineNumber,skuId,quantity,shipTo.name"
    warehouse.run(csv("77,1,AB,x,Ann", "77,2,AB,y,Bo", "78,1,AB,z,", header=header), feed)
    with serving(warehouse) as url:
        page = words(Site(warehouse, url).person().client.get("/ui/open").text)
    assert ("77 (Ann)" in page, "77 (Bo)" in page, "78 (" in page) == (True, True, False)


def test_one_part_of_an_order_is_given_up(warehouse: Warehouse) -> None:
    feed = warehouse.feed('split_by = ["shipTo.name"]\n')
    header = "customerOrderNumber,customerLineNumber,skuId,quantity,shipTo.name"
    job = warehouse.run(csv("77,1,AB,x,Ann", "77,2,AB,y,Bo", header=header), feed).job
    with serving(warehouse) as url:
        olga = Site(warehouse, url).operator(name="Olga")
        form = olga.client.get(f"/ui/open/dismiss?job={job}&number=77&line=3").text
        assert "Give up 77 (Bo)" in words(form)
        assert "It is given up" in _do(olga, "/ui/open/dismiss", job, number="77", line="3", why="by phone")
        page = words(olga.client.get("/ui/open").text)
    assert ("77 (Ann)" in page, "77 (Bo)" in page) == (True, False)


def test_lists_have_pages_and_filters(site: Site) -> None:
    ann = site.person()
    rows = [f"SO-{number:03},1,AB,x" for number in range(60)]
    ann.imported("orders_7.csv", csv(*rows))
    ann.imported("orders_8.csv", csv("SO-900,1,AB,1"))
    first, second = (words(ann.client.get("/ui/open", params={"page": page}).text) for page in (1, 2))
    assert "1–50 of 60" in first
    assert "51–60 of 60" in second
    assert ("SO-000" in first, "SO-000" in second, "SO-059" in first, "SO-059" in second) == (True, False, False, True)
    accepted = words(ann.client.get("/ui/jobs", params={"result": "ACCEPTED", "document": "sales_order"}).text)
    assert "orders_8.csv" in accepted
    assert "orders_7.csv" not in accepted
    assert "orders_7.csv" in words(ann.client.get("/ui/jobs", params={"words": "ERS_7"}).text)
    assert "No job is like that." in ann.client.get("/ui/jobs", params={"words": "_%"}).text
    assert ann.client.get("/ui/jobs", params={"page": "x" * 9}).status_code == 200


def test_every_document_has_its_page_and_its_template(site: Site) -> None:
    ann = site.person()
    for name, document in DOCUMENTS.items():
        page = words(ann.client.get(f"/ui/documents/{name}").text)
        assert document.about in page
    assert ann.client.get("/ui/documents/nothing").status_code == 404
    template = ann.client.get("/ui/documents/sku/template")
    headings = [
        cell.value for row in openpyxl.load_workbook(io.BytesIO(template.content)).worksheets[0] for cell in row
    ]
    assert "skuId" in headings
    own = ann.client.get("/ui/partners/acme/sales_order/template")
    assert own.headers["content-disposition"] == 'attachment; filename="acme_sales_order.xlsx"'
