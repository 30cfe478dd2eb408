"""A purchase order that is lowered below what is on its way: said, and what is received can't be taken back."""

from __future__ import annotations

import pytest

from tests.interchanges import interchange, partner_of
from tests.warehouse import Warehouse

PARTNER = """id = "acme"
zone = "UTC"
business_units = ["BU1"]
[[feed]]
document = "purchase_order"
files = "po*"
constants = {{ businessUnitId = "BU1", currency = "USD" }}
{keys}
[[feed]]
document = "asn"
files = "asn*"
constants = {{ businessUnitId = "BU1" }}
[[feed]]
document = "receipt"
files = "rc*"
constants = {{ businessUnitId = "BU1", receiptType = "N", documentType = "asn" }}
"""
ORDER = "purchaseOrderNumber,buildingId,lineNumber,purchaseOrderLineNumber,skuId,quantity,quantityMeasure\n"
NOTICE = (
    "asnNumber,buildingId,lineNumber,line.purchaseOrderNumber,purchaseOrderLineNumber,skuId,quantity,quantityMeasure\n"
)
RECEIPT = "receiptNumber,receiptDate,buildingId,lineNumber,documentNumber,documentLineNumber,skuId,quantityReceived,quantityMeasure\n"
SAID = "SELECT code, severity, value FROM job_failures JOIN jobs USING (job_id) WHERE name = 'po2.csv'"


def order(first: str, second: str = "10,EA") -> str:
    return f"{ORDER}PO-1,W1,1,1,A,{first}\nPO-1,W1,2,2,B,{second}\n"


def nights(warehouse: Warehouse, *files: tuple[str, str], keys: str = "") -> list[str | None]:
    warehouse.partner(whole=PARTNER.format(keys=keys))
    verdicts = []
    for name, content in files:
        warehouse.drop(name, content)
        verdicts += [report.verdict for report in warehouse.reports()]
    return verdicts


TWO_NOTICES = (
    ("asn1.csv", f"{NOTICE}A-1,W1,1,PO-1,1,A,5,EA\n"),
    ("asn2.csv", f"{NOTICE}A-2,W1,1,PO-1,1,A,3,EA\nA-2,W1,2,PO-1,2,B,10,EA\n"),
)


@pytest.mark.both
@pytest.mark.parametrize(("left", "is_less"), [("8,EA", False), ("7,EA", True), ("12,EA", False)])
def test_an_order_below_what_its_notices_announce_is_said(warehouse: Warehouse, left: str, is_less: bool) -> None:
    files = (("po1.csv", order("10,EA")), *TWO_NOTICES, ("po2.csv", order(left)))
    assert nights(warehouse, *files) == ["ACCEPTED"] * 4
    assert warehouse.rows(SAID) == [("less_than_announced", "warning", left.partition(",")[0])] * is_less
    details = warehouse.rows("SELECT detail FROM job_failures WHERE code = 'less_than_announced'")
    assert all('"total": "8"' in detail and '"by": "A-1, A-2"' in detail for (detail,) in details)


@pytest.mark.both
def test_a_feed_may_refuse_that(warehouse: Warehouse) -> None:
    files = (("po1.csv", order("10,EA")), *TWO_NOTICES, ("po2.csv", order("7,EA")))
    verdicts = nights(warehouse, *files, keys='severity = { less_than_announced = "error" }')
    assert verdicts == ["ACCEPTED"] * 3 + ["REJECTED"]
    assert warehouse.rows("SELECT quantity FROM purchase_order_lines ORDER BY line_number")[0][0] in ("10.000000", 10)


def test_what_is_cancelled_announces_nothing(warehouse: Warehouse) -> None:
    gone = ("asn3.csv", "asnNumber,action\nA-1,cancel\nA-2,cancel\n")
    files = (("po1.csv", order("10,EA")), *TWO_NOTICES, gone, ("po2.csv", order("1,EA", "1,EA")))
    assert nights(warehouse, *files) == ["ACCEPTED"] * 5
    assert warehouse.rows(SAID) == []


def test_notices_in_another_unit_are_counted_where_the_item_has_it(warehouse: Warehouse) -> None:
    """A case of twelve; of one whose content nobody knows nothing is said."""
    with warehouse.database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO sku_units (business_unit_id, sku_id, unit, factor, state, job, line) VALUES ('BU1', 'A', 'CS', '12', 'OPEN', 'J', 1)"
        )
    cases = ("asn1.csv", f"{NOTICE}A-1,W1,1,PO-1,1,A,1,CS\nA-1,W1,2,PO-1,2,B,1,CS\n")
    assert (
        nights(warehouse, ("po1.csv", order("24,EA", "24,EA")), cases, ("po2.csv", order("11,EA", "11,EA")))
        == ["ACCEPTED"] * 3
    )
    assert warehouse.rows(SAID) == [("less_than_announced", "warning", "11")]


def test_what_is_received_cannot_be_taken_back(warehouse: Warehouse) -> None:
    received = ("rc1.csv", f"{RECEIPT}R-1,2026-11-20,W1,1,A-1,1,A,5,EA\n")
    files = (("po1.csv", order("10,EA")), TWO_NOTICES[0], received, ("po2.csv", order("4,EA")))
    assert nights(warehouse, *files) == ["ACCEPTED"] * 3 + ["REJECTED"]
    assert ("less_than_received", "error", "4") in warehouse.rows(SAID)


def test_a_change_of_an_interchange_says_it_too(warehouse: Warehouse) -> None:
    lines = ("BEG*00*NE*PO-1**20261101", "CUR*BY*USD", "N1*ST**92*W1", "PO1*1*10*EA*2.5**BP*A")
    notice = ("BSN*00*A-1*20261110*0900", "HL*1**S", "HL*2*1*O", "PRF*PO-1", "HL*3*2*I", "LIN*1*BP*A", "SN1**8*EA")
    change = ("BCH*04*NE*PO-1***20261125", "POC*1*QD*5*0*EA***BP*A")
    orders = partner_of("850", "860", document="purchase_order", keys="")
    feed = '[[feed]]\ndocument = "asn"\nfiles = "*"\nsets = ["856"]\nconstants = { businessUnitId = "BU1" }\n'
    warehouse.partner(whole=orders + feed)
    for number, (type_, group, body) in enumerate(
        (("850", "PO", lines), ("856", "SH", notice), ("860", "PC", change)), 1
    ):
        warehouse.drop(f"{number}.edi", interchange(body, number=number, type_=type_, group=group))
        assert [report.verdict for report in warehouse.reports()] == ["ACCEPTED"]
    assert warehouse.rows("SELECT value FROM job_failures WHERE code = 'less_than_announced'") == [("5",)]
