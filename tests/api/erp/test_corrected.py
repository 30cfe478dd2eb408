"""What a call could not store goes in later as what was asked for: by a list that comes, by a corrected workbook."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from crossdock.registers import keys
from crossdock.workers.recheck import recheck
from tests.api.conftest import NOBODY, Api
from tests.patience import PATIENCE
from tests.reports.excel.test_fix_workbook import corrected
from tests.warehouse import Result, Warehouse, house, partner

CUSTOMERS = '[[feed]]\ndocument = "customer"\nfiles = "customers*"\nconstants = { businessUnitId = "BU1" }\n'
ITEM = {"part_no": "LB", "revision": "A", "uOfMeas": "EACH", "ord_qty": "2", "soDet_Desc": "Loud", "status": "Standard"}


@pytest.fixture
def api_of(warehouse: Warehouse, request: pytest.FixtureRequest) -> Api:
    partner(warehouse.home, after=CUSTOMERS)
    (warehouse.home / "inbox" / "acme").mkdir(parents=True, exist_ok=True)
    warehouse.run("customerNumber,name,status\n0000000008,E,Active\n", house("customer"), name="customers.csv")
    api: Api = request.getfixturevalue("api")
    api.secret = api.key(kind=keys.ERP)
    return api


def call(api: Api, action: str, **values: str) -> dict[str, object]:
    answer = httpx.post(f"{api.url}/API/SO/{action}/{api.secret}", json=values, timeout=PATIENCE, verify=NOBODY)
    assert answer.status_code == 200, answer.text
    envelope: dict[str, object] = answer.json()
    return envelope


def test_an_order_of_a_customer_who_comes_later_goes_in_by_itself(api_of: Api) -> None:
    failed = call(api_of, "Add", SoNo="2", custNo="9", FOB="DESTINATION")
    assert failed["Message"] == "Sales Order add failed.Customer does not exists."
    api_of.warehouse.drop("customers_9.csv", "customerNumber,name,status\n0000000009,N,Active\n")
    assert [report.verdict for report in api_of.warehouse.reports()] == ["ACCEPTED", "ACCEPTED"]
    assert call(api_of, "Get", SoNo="2")["Code"] == 200


def test_a_corrected_item_leaves_the_others_as_they_are(api_of: Api) -> None:
    call(api_of, "Add", SoNo="1", custNo="8")
    call(api_of, "ItemAdd", SoNo="1", **ITEM)
    failed = call(api_of, "ItemAdd", SoNo="1", **{**ITEM, "ord_qty": "0"})
    assert failed["Message"] == "Sales Order Item add failed.ord_qty '0' must be more than 0"
    warehouse = api_of.warehouse
    job = max(warehouse.jobs(), key=lambda each: each.sequence).job_id
    workbook = corrected(warehouse.fix(Result(None, warehouse.database, job)), (2, "items.ord_qty", "7"))
    (warehouse.home / "inbox" / "acme" / "corrected.xlsx").write_bytes(workbook)
    assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    response = call(api_of, "Get", SoNo="1")["ResponseObject"]
    assert sorted(line["ORD_QTY"] for line in response["SODETAILList"]) == [2, 7]


def test_a_call_is_checked_again_as_what_was_asked_for(warehouse: Warehouse, request: pytest.FixtureRequest) -> None:
    own = '[[feed]]\ndocument = "erp_sales_order"\nfiles = "erp*"\nformat = "json"\n'
    partner(warehouse.home, after=CUSTOMERS + own)
    warehouse.run("customerNumber,name,status\n0000000008,E,Active\n", house("customer"), name="customers.csv")
    api: Api = request.getfixturevalue("api")
    api.secret = api.key(kind=keys.ERP)
    assert call(api, "Add", SoNo="1", custNo="8")["Code"] == 200
    partners = warehouse.site.partners
    feed = partners.named("acme/erp_sales_order")
    (checked,) = recheck(warehouse.database, warehouse.home, partners, feed, datetime(2026, 1, 1, tzinfo=UTC))
    assert (checked.unknown, checked.differences) == ("", ())
