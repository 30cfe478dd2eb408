"""What a request brought and was not taken: its fix-workbook, and its replay, are read as the request was."""

from __future__ import annotations

import pytest

from crossdock.jobs import open_documents
from crossdock.workers.by_path import replay
from tests.api.conftest import Api, serving
from tests.api.test_singles import ORDERS, order
from tests.reports.excel.test_fix_workbook import corrected
from tests.warehouse import Result, Warehouse

GERMAN = 'decimal = ","\nthousands = "."\nreferences = { sku = "fail" }'
"""How the partner writes its files: 1.250 is a thousand and a quarter there."""


@pytest.mark.both(slow=True)
def test_a_fix_workbook_of_a_request(warehouse: Warehouse) -> None:
    warehouse.partner(keys=GERMAN)
    with serving(warehouse) as url:
        client = Api(warehouse, url).client
        line = {"customerLineNumber": "1", "skuId": "AB", "quantity": "x", "unitPrice": 1.250}
        failed = client.post(ORDERS, json=order(currency="EUR", orderLines=[line]))
        assert failed.status_code == 422
    (job,) = warehouse.jobs()
    workbook = warehouse.fix(Result(warehouse.row(job.job_id).report, warehouse.database, job.job_id))
    warehouse.drop("corrected.xlsx", corrected(workbook, (2, "orderLines.quantity", "3")))
    (report,) = warehouse.reports()
    assert report.verdict == "ACCEPTED", report
    ((quantity, price),) = warehouse.rows("SELECT quantity, unit_price FROM sales_order_lines")
    assert (float(quantity), float(price)) == (3, 1.25)
    assert list(open_documents.open_documents(warehouse.database)) == []


@pytest.mark.both(slow=True)
def test_a_replay_of_a_request(warehouse: Warehouse) -> None:
    warehouse.partner(keys=GERMAN + "\napi = true")
    with serving(warehouse) as url:
        client = Api(warehouse, url).client
        created = client.put(f"{ORDERS}/SO-1", json={"data": order()["data"] | {"orderLines": []}})
        assert created.status_code == 422
        line = {"customerLineNumber": "1", "skuId": "AB", "quantity": 3, "unitPrice": 1.250}
        failed = client.put(f"{ORDERS}/SO-1", json=order(currency="EUR", orderLines=[line]))
        assert failed.status_code == 422, failed.text
        warehouse.load("sku", "AB,BU1,Y")
    held = list(open_documents.open_documents(warehouse.database))
    reports = list(replay(warehouse.site, [each for each in held if each.lines]))
    assert [each.verdict for each in reports] == ["ACCEPTED"]
    ((price,),) = warehouse.rows("SELECT unit_price FROM sales_order_lines")
    assert float(price) == 1.25


@pytest.mark.both
def test_what_the_answer_ends_is_not_on_hold(api: Api) -> None:
    """What is stored keeps it out, or nothing tells a later one to be the same: no replay would bring it in."""
    api.client.post(ORDERS, json=order())
    answers = {
        409: api.client.post(ORDERS, json=order(quantity="6")),
        404: api.client.delete(f"{ORDERS}/none"),
        422: api.client.post(ORDERS, json=order("")),
    }
    assert {status: answer.status_code for status, answer in answers.items()} == {each: each for each in answers}
    assert list(open_documents.open_documents(api.warehouse.database)) == []
    (ended,) = open_documents.numbered(api.warehouse.database, "none")
    assert (ended.ended, ended.ended_by) == ("dismissed", "acme")
    assert api.client.post(ORDERS, json=order("SO-2", quantity="x")).status_code == 422
    assert [each.number for each in open_documents.open_documents(api.warehouse.database)] == ["SO-2"]
    assert api.client.post(ORDERS, json=order("SO-2")).status_code == 201
    assert list(open_documents.open_documents(api.warehouse.database)) == []
